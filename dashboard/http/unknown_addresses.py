"""Unknown addresses: Streamlit takes each for a page of its own, which nobody here is shown."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.http import error_pages


class UnknownAddresses:
    """Answers 404 where the application would send a page that says of no policy.

    All of ours say what may run in them; the only one that does not is Streamlit's bare one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back unless that is the bare page."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_bare = False

        async def send_unless_bare(message: Message) -> None:
            nonlocal is_bare
            if message["type"] == "http.response.start" and _is_bare_page(message):
                is_bare = True
                headers = Headers(scope=scope)
                refusal = error_pages.render_refusal(headers, error_pages.NOTHING_HERE, 404)
                await refusal(scope, receive, send)
            elif not is_bare:
                await send(message)

        await self._app(scope, receive, send_unless_bare)


def _is_bare_page(message: Message) -> bool:
    told = Headers(raw=message["headers"])
    is_page = told.get("content-type", "").startswith("text/html")
    is_file = told.get("content-disposition", "").startswith("attachment")  # a page to print
    return is_page and not is_file and "content-security-policy" not in told
