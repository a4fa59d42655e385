"""Page files: what a page lets somebody download goes to their session, once, and is kept nowhere.

Streamlit answers whoever knows a file's address. The guard sees in each page's socket which
addresses it was told, and lets nobody else have them. No page has to say so.
"""

from __future__ import annotations

import re
from collections import OrderedDict

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Scope, Send

FILES_PATH = "/media/"
IN_MESSAGE = re.compile(rb"(.)/media/", re.DOTALL)
"""An address within a message, with the byte before it, which says how long it is."""
MOST_OFFERED = 10_000  # of all sessions: the oldest are forgotten


def is_asked_by_script(scope: Scope) -> bool:
    """Whether a page's script asks if a file is there, before anybody presses the button."""
    return Headers(scope=scope).get("sec-fetch-mode") == "cors"


class PageFiles:
    """Which files the pages of which sessions were told of, and have not been fetched yet."""

    def __init__(self) -> None:
        self._offered: OrderedDict[tuple[int, str], None] = OrderedDict()

    def note_message(self, sign_in_id: int, message: Message) -> None:
        """Note the addresses of files that a session's page is told."""
        content = message.get("bytes") or b""
        if FILES_PATH.encode() not in content:
            return
        for found in IN_MESSAGE.finditer(content):
            begins = found.start() + 1
            address = content[begins : begins + found[1][0]].decode(errors="replace")
            self._offered[sign_in_id, address] = None
            self._offered.move_to_end((sign_in_id, address))
        while len(self._offered) > MOST_OFFERED:
            self._offered.popitem(last=False)

    def is_offered(self, sign_in_id: int, path: str) -> bool:
        """Whether a session's page was told of a file that it has not downloaded since."""
        return (sign_in_id, path) in self._offered

    def sending_once(self, sign_in_id: int, path: str, send: Send) -> Send:
        """Return how a file is sent: no browser stores it, and a download is over with it.

        Of two requests at once the second finds nothing. A picture of a page is no download.
        """
        is_refused = False

        async def send_once(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start":
                disposition = Headers(raw=message["headers"]).get("content-disposition", "")
                is_download = disposition.startswith("attachment")
                if is_download and self._offered.pop((sign_in_id, path), self) is self:
                    is_refused = True
                    message = {**message, "status": 404, "headers": []}
                headers = MutableHeaders(raw=[*message["headers"]])
                headers["cache-control"] = "no-store"
                message = {**message, "headers": headers.raw}
            elif is_refused:
                message = {**message, "body": b""}
            await send(message)

        return send_once
