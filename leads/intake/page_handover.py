"""What one page hands to the next one in a cookie: seen once, and in no address or history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from leads.intake.http_requests import only_looks

HANDOVER_SECONDS = 120  # from one page to the next takes one: whoever has the phone next finds none


@dataclass(frozen=True)
class OneTimeCookie:
    """A value for one page of ours and for no script, gone when that page was shown."""

    name: str
    path: str
    is_secure: bool
    same_site: Literal["strict", "lax"] = "strict"
    seconds: int = HANDOVER_SECONDS

    def lasting(self, seconds: int) -> OneTimeCookie:
        """Return the same cookie for a page that somebody leaves after so many seconds at most."""
        return replace(self, seconds=seconds)

    def hand_over(self, answer: Response, value: str) -> None:
        """Give a browser the value, for the page to which an answer sends it."""
        self._write(answer, value, self.seconds)

    def read_value(self, request: Request) -> str:
        """Return the value that a browser brings; nothing to one that only looks ahead."""
        return "" if only_looks(request) else request.cookies.get(self.name, "")

    def clear_once_read(self, request: Request, answer: Response) -> None:
        """Take the value back from a browser that was shown it."""
        if self.read_value(request):
            self._write(answer, "", 0)

    def _write(self, answer: Response, value: str, seconds: int) -> None:
        answer.set_cookie(
            self.name,
            value,
            max_age=seconds,
            path=self.path,
            secure=self.is_secure,
            httponly=True,
            samesite=self.same_site,
        )


def is_reached_securely(request: Request, *, public_url: str) -> bool:
    """Whether a visitor came over HTTPS, also where a proxy of ours ends it."""
    return request.url.scheme == "https" or public_url.startswith("https://")
