"""The Streamlit socket: what a browser and Streamlit may tell each other, and when."""

from __future__ import annotations

from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ALLOWED_MESSAGES = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request"})
"""The messages that a browser may send to Streamlit.

Among the others is one that empties everybody's caches.
"""
ALLOWED_OPERATIONS = frozenset({"deferred_file"})
"""The operations that a browser may ask for: a file that is written on the click.

Among the others is one that installs programs.
"""


class StreamlitSocketFilter:
    """Filters the messages of one browser's websocket.

    It knows which page the browser was sent to last, and whether Streamlit is drawing that page.
    Two things are kept from Streamlit that it takes badly. Between a click that leads to another
    page and that page's arrival, a fragment of the old page may still ask to be drawn again: it
    would be drawn, and the browser takes that for a way back and empties the page, or never leaves
    at all. And a fragment that asks in the moment in which a run ends makes Streamlit forget what
    it has not sent of that run yet: half a page stays away. So a fragment waits for the end.
    """

    def __init__(self) -> None:
        self._page = self._awaited = ""
        self._is_drawing = False
        self._waiting: list[tuple[str, Message]] = []  # parts, each with its page

    def filter_browser_message(self, message: Message) -> list[Message]:
        """Return the messages that Streamlit gets now, in order, when the browser sends one."""
        parsed = _parse_browser_message(message)
        if parsed is None:
            return [message]
        kind = parsed.WhichOneof("type")
        if kind == "backend_operation_request":
            return [message] * (
                parsed.backend_operation_request.WhichOneof("payload") in ALLOWED_OPERATIONS
            )
        if kind != "rerun_script":
            return [message] * (kind in ALLOWED_MESSAGES)
        page = parsed.rerun_script.page_script_hash
        if parsed.rerun_script.fragment_id:
            self._waiting.append((page, message))
            return [] if self._is_drawing else self._release_waiting_fragments()
        ahead = (
            self._release_waiting_fragments()
        )  # the whole page will be drawn, and nobody's click is lost
        self._note_page_change(page)
        self._is_drawing = True
        return [*ahead, message]

    def release_after_server_message(self, message: Message) -> list[Message]:
        """Return the messages that Streamlit gets now, when it has sent one to the browser."""
        said = ForwardMsg.FromString(message.get("bytes") or b"")
        kind = said.WhichOneof("type")
        if kind == "new_session":
            self._is_drawing = True
        elif (
            kind == "script_finished"
            and said.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        ):
            self._is_drawing = False
            return self._release_waiting_fragments()
        return []

    def _note_page_change(self, page: str) -> None:
        if page:
            self._awaited = "" if page == self._page else page
            self._page = page

    def _release_waiting_fragments(self) -> list[Message]:
        """Return the messages of fragments that waited, but for those of a page that was left."""
        waiting, self._waiting = self._waiting, []
        return [message for page, message in waiting if self._accept_if_current_page(page)]

    def _accept_if_current_page(self, page: str) -> bool:
        if self._awaited and page != self._awaited:
            return False
        self._awaited = ""
        return True


def _parse_browser_message(message: Message) -> BackMsg | None:
    """Return a browser's message.

    None for one that Streamlit understands, or closes the websocket over, by itself.
    """
    if message["type"] != "websocket.receive" or not message.get("bytes"):
        return None
    parsed = BackMsg()
    try:
        parsed.ParseFromString(message["bytes"])
    except ValueError:  # protobuf's DecodeError
        return None
    return parsed
