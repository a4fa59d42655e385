"""Form explanation: what intake would make of a form post, and why.

It is read and judged by the same functions as what comes in by a source's door; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from leads.callbacks.holds import HOLD_SENTENCES
from leads.contact_rules.number_policy import NumberPolicy, find_policy_objection
from leads.forms.form_field import SUBMISSION, UPDATED
from leads.forms.request import FormRequest
from leads.free_text.danger import DangerKind, all_dangers
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import Phrase
from leads.intake.body_readings import SourceSettings, read_form_body
from leads.intake.processing import find_discard_reason
from leads.intake.review_reasons import find_reading_reason
from leads.models.enums import HoldReason


class FormOutcome(StrEnum):
    """What becomes of a form post, as far as it alone decides."""

    ADMIT = "admit"
    NEEDS_REVIEW = "needs_review"
    DISCARD = "discard"


@dataclass(frozen=True)
class FormExplanation:
    """What becomes of a form post, what was read of it, and why, in sentences.

    `is_held`: it is admitted, and still nobody is called before a person has decided.
    """

    outcome: FormOutcome
    why: tuple[str, ...]
    reading: dict[str, Any] = field(default_factory=dict)
    is_held: bool = False


UNDERSTOOD = Phrase("The number can be dialed, and its field is recognized as their own phone.")
CALLS_REFUSED = Phrase("They did not agree to be called: held until someone decides.")
UNSAFE = Phrase("They say a call is not safe: held until someone decides.")


def explain_form(
    body: bytes,
    content_type: str,
    settings: SourceSettings,
    *,
    query: str = "",
    policy: NumberPolicy | None = None,
    suspicion: str = "",
) -> FormExplanation:
    """Return what intake would make of a form post to a source with these settings.

    `query` is what stands behind the question mark of the address, where it counts. `policy`: the
    numbers that the source's helpline calls, by default the usual ones of the source's country.
    `suspicion`: why a person looks at it, whatever it says.
    """
    type_of_body = content_type or guess_content_type(body)
    reading = read_form_body(body, type_of_body, settings, query=query)
    if reading.request is None:
        why = (reading.problem,)
        return FormExplanation(FormOutcome.NEEDS_REVIEW, why, reading.problem_as_reading)
    if suspicion:
        why = (suspicion,)
        return FormExplanation(FormOutcome.NEEDS_REVIEW, why, reading.request.as_reading())
    usual = NumberPolicy.of_helpline((), (), source_region=settings[1])
    return explain_request(reading.request, policy or usual)


def explain_request(request: FormRequest, policy: NumberPolicy) -> FormExplanation:
    """Return what intake would make of a request, for all that was read of it."""
    reading = request.as_reading()
    if request.event == UPDATED:
        changed = Message(MessageKey.CHANGED_NEVER_CAME)
        return FormExplanation(FormOutcome.NEEDS_REVIEW, (changed,), reading)
    if request.event != SUBMISSION:
        return FormExplanation(FormOutcome.DISCARD, (find_discard_reason(request),), reading)
    reason = find_reading_reason(request)
    if reason:
        why = (reason, *_suggestion_sentences(request))
        return FormExplanation(FormOutcome.NEEDS_REVIEW, why, reading)
    has_place = bool(request.region or request.zip)
    objection = find_policy_objection(request.phone or "", policy, has_place=has_place)
    if objection:
        return FormExplanation(FormOutcome.NEEDS_REVIEW, (objection.reason,), reading)
    holds = tuple(_hold_sentences(request))
    why = (*holds, UNDERSTOOD)
    return FormExplanation(FormOutcome.ADMIT, why, reading, is_held=bool(holds))


def guess_content_type(body: bytes) -> str:
    """Return the content type that a body seems to have, for whoever has nothing but the body."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    is_json = start in (b"{", b"[", b'"')
    return "application/json" if is_json else "application/x-www-form-urlencoded"


def _suggestion_sentences(request: FormRequest) -> Iterator[str]:
    labels = dict.fromkeys(one["label"] for one in request.suggestions if one["label"])
    yield from (Phrase("There is a number under “{label}”.", label=label) for label in labels)


def _hold_sentences(request: FormRequest) -> Iterator[str]:
    if request.consent is False:
        yield CALLS_REFUSED
    if request.safe_to_call is False:
        yield UNSAFE
    if request.limits:
        limited = HOLD_SENTENCES[HoldReason.CONTACT_LIMITED]
        yield Phrase(limited.template, answer="; ".join(request.limits))
    if DangerKind.HARM in all_dangers(request.own_words):
        yield HOLD_SENTENCES[HoldReason.HARM_DECIDE]
