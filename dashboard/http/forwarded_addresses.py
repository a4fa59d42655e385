"""Forwarded addresses: what a proxy says of its visitors counts only if the operator named it.

Of one that nobody named the web server believes nothing: all its visitors are one address, and
share each limit. Nobody would notice but those who are turned away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

WARN_EVERY = timedelta(hours=1)

log = logging.getLogger(__name__)


class ForwardingWatch:
    """Says in the log, once an hour at most, that a proxy forwards and is not believed."""

    def __init__(self, app: ASGIApp, *, now: Callable[[], datetime]) -> None:
        self._app, self._now = app, now
        self._warned_at: datetime | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and look whose word it carries."""
        if scope["type"] == "http" and scope.get("client"):
            forwarded = Headers(scope=scope).getlist("x-forwarded-for")
            if forwarded and not _is_believed(scope["client"][0], ", ".join(forwarded)):
                self._warn_of(scope["client"][0])
        await self._app(scope, receive, send)

    def _warn_of(self, sender: str) -> None:
        now = self._now()
        if self._warned_at is not None and now < self._warned_at + WARN_EVERY:
            return
        self._warned_at = now
        log.warning(
            "X-Forwarded-For came from %s, which FORWARDED_ALLOW_IPS does not name: everybody who "
            "comes through it counts as one visitor. If it is your proxy, name it there.",
            sender if _is_of_own_network(sender) else "an address on the Internet",
        )


def _is_believed(sender: str, forwarded: str) -> bool:
    """Whether the web server took the sender of a request from what was forwarded."""
    return any(
        one == sender or one.startswith((f"{sender}:", f"[{sender}]"))
        for one in (part.strip() for part in forwarded.split(","))
    )


def _is_of_own_network(address: str) -> bool:
    """Whether an address is a machine of the operator's: a visitor's is in no log."""
    try:
        return ip_address(address).is_private
    except ValueError:
        return False
