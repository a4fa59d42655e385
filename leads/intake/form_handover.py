"""A form that is shown once more, handed on by the answer to its post: Back asks to send nothing.

The page that shows it is reached by an address, as every other one. What was sent waits for it in
a cookie that nobody but us can read, for a moment and for one page.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from leads.database.field_encryption import Vault
from leads.intake import visitor_pages
from leads.intake.http_requests import SourceWithBrand
from leads.intake.page_handover import OneTimeCookie, is_reached_securely

AGAIN = "again"  # in the address of the page that shows a form once more
COOKIES_ARE_KEPT = "ready"
FILLING_SECONDS = 3600  # a form takes minutes; whoever takes longer is answered without a cookie
LARGEST_COOKIE = 3800  # characters: browsers keep no cookie of more than 4096, its name included
PARTS = b"\0"  # between the parts of what is sealed; no media type has it


@dataclass(frozen=True)
class SentForm:
    """A form as it was sent, to be shown once more.

    `notice`: what is wrong with it as a whole. `switches`: it is wanted in another language.
    """

    body: bytes = b""
    content_type: str = ""
    notice: str = ""
    switches: bool = False


@dataclass(frozen=True)
class FormHandover:
    """The way from the answer to a post to the page that shows the form once more."""

    door: SourceWithBrand
    vault: Vault
    is_secure: bool

    def invite(self, request: Request, answer: Response) -> None:
        """Learn, with a page of the form, whether a browser keeps cookies; takes back any other."""
        if self.vault.keys and not visitor_pages.is_in_iframe(request):
            self._cookie().lasting(FILLING_SECONDS).hand_over(answer, COOKIES_ARE_KEPT)

    def send_on(self, request: Request, sent: SentForm) -> Response | None:
        """Return the answer that leads to the form; None where no cookie could bring it there.

        In a frame of another site a browser keeps none, and of a very long form neither.
        """
        if not self._cookie().read_value(request) or visitor_pages.is_in_iframe(request):
            return None
        sealed = self._seal(sent)
        if len(sealed) > LARGEST_COOKIE:
            return None
        language = visitor_pages.visitor_language(request, self.door)
        where = f"{visitor_pages.form_address(self.door)}?lang={language}&{AGAIN}"
        answer = RedirectResponse(where, 303, visitor_pages.PRIVATE_HEADERS)
        self._cookie().hand_over(answer, sealed)
        return answer

    def take(self, request: Request) -> SentForm | None:
        """Return the form that was handed on to this page, if one was."""
        if AGAIN not in request.query_params:
            return None
        return self._unseal(self._cookie().read_value(request))

    def end(self, request: Request, answer: Response) -> None:
        """Leave nothing in a browser: the form was sent."""
        self._cookie().clear_once_read(request, answer)

    def _cookie(self) -> OneTimeCookie:
        return OneTimeCookie("sent_form", visitor_pages.form_address(self.door), self.is_secure)

    def _seal(self, sent: SentForm) -> str:
        switches = b"1" if sent.switches else b""
        parts = (sent.content_type.encode(), sent.notice.encode(), switches, sent.body)
        content = zlib.compress(PARTS.join(parts), 9)
        sealed = self.vault.seal_content(content, record=self._record)
        return base64.urlsafe_b64encode(sealed).decode()

    def _unseal(self, sealed: str) -> SentForm | None:
        try:
            kept = base64.urlsafe_b64decode(sealed)
        except (binascii.Error, ValueError):
            return None
        content = self.vault.unseal_content(kept, record=self._record)
        if content is None:
            return None
        content_type, notice, switches, body = zlib.decompress(content).split(PARTS, 3)
        return SentForm(body, content_type.decode(), notice.decode(), bool(switches))

    @property
    def _record(self) -> str:
        return f"form of {self.door.source.slug}"


def form_handover(
    request: Request, door: SourceWithBrand, *, vault: Vault, public_url: str
) -> FormHandover:
    """Return the handover of a source's hosted form."""
    return FormHandover(door, vault, is_reached_securely(request, public_url=public_url))
