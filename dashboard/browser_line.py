"""What a browser may tell Streamlit over its websocket, and which of it still counts."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

MESSAGES = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request"})
"""What a browser may tell Streamlit. Among the rest is one that empties the caches of everybody."""
OPERATIONS = frozenset({"deferred_file"})
"""What it may ask for besides: a file that is written on the click. Among the rest is one that installs programs."""


class Line:
    """One browser's websocket: knows which page it was sent to last.

    Between a click that leads to another page and that page's arrival, a part of the old one may still ask to be drawn
    again. Streamlit would draw it: the browser takes that for a way back and empties the page, or never goes at all.
    """

    def __init__(self) -> None:
        self._page = self._awaited = ""

    def passes(self, message: MutableMapping[str, Any]) -> bool:
        """Whether Streamlit shall hear this."""
        if message["type"] != "websocket.receive" or not message.get("bytes"):
            return True
        told = BackMsg()
        try:
            told.ParseFromString(message["bytes"])
        except ValueError:  # protobuf's DecodeError: Streamlit closes the socket over it
            return True
        kind = told.WhichOneof("type")
        if kind == "backend_operation_request":
            return told.backend_operation_request.WhichOneof("payload") in OPERATIONS
        return kind in MESSAGES and not (kind == "rerun_script" and self._is_from_a_page_left(told.rerun_script))

    def _is_from_a_page_left(self, rerun: ClientState) -> bool:
        page = rerun.page_script_hash
        if rerun.fragment_id:
            if self._awaited and page != self._awaited:
                return True
            self._awaited = ""
        elif page:
            self._awaited = "" if page == self._page else page
            self._page = page
        return False
