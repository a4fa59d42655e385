"""Form answers: what a visitor sent with the hosted form, and what of it has to be corrected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from leads.errors import BadSubmission
from leads.forms import form_reading
from leads.forms.request import FormRequest
from leads.intake.sender_changes import SAFETY_WISHES


@dataclass(frozen=True)
class FormAnswers:
    """The fields that were sent, to show them again, and the request that they make.

    `request` is None where nothing can be read. `asked`: the questions about safety on the page
    that was sent. Older pages, and forms that others built, have none that may stay open.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    request: FormRequest | None = None
    asked: frozenset[str] = frozenset()

    @property
    def problems(self) -> dict[str, str]:
        """The fields to correct, in the page's order, and what is wrong with each."""
        return dict(self._list_problems())

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The questions about safety without an answer; where no call is safe, nothing is."""
        if self.request is None or self.request.safe_to_call is False:
            return ()
        said = self.request
        return tuple(
            name for name in SAFETY_WISHES if name in self.asked and getattr(said, name) is None
        )

    def _list_problems(self) -> Iterator[tuple[str, str]]:
        if self.request is None or self.request.phone is None:
            yield "phone", "phone" if self.given.get("phone") else "phone_missing"
        for name in self.unanswered:
            yield name, "answer"
        if self.request is None or not self.request.consent:
            yield "consent", "consent"


def read_form_answers(body: bytes, content_type: str, *, region: str) -> FormAnswers:
    """Return what a body of the hosted form says."""
    try:
        return FormAnswers(
            form_reading.submitted_field_texts(body, content_type),
            form_reading.read_form_request(body, content_type, region=region),
            _asked_questions(body),
        )
    except BadSubmission:
        return FormAnswers()


def _asked_questions(body: bytes) -> frozenset[str]:
    """Return the questions of a page that sends each once empty, so that silence shows."""
    sent = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return frozenset(name for name, value in sent if name in SAFETY_WISHES and not value)
