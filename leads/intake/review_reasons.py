"""Review reasons: why a person has to see a submission before anybody is rung."""

from __future__ import annotations

from sqlmodel import Session

from leads.contact_rules import number_policy
from leads.forms.request import FormRequest
from leads.i18n.messages import Message, MessageKey
from leads.intake import admission_facts
from leads.intake.address_answers import holds_answers
from leads.intake.body_readings import URLENCODED_FORM, read_form_body
from leads.models.enums import OPEN_CALLBACK
from leads.models.helplines import Source
from leads.models.requests import Submission
from leads.person_names import is_same_person


def find_review_reason(
    source: Source, submission: Submission, request: FormRequest, earlier: Submission | None
) -> str:
    """Return why a person has to review a submission, or nothing."""
    reason = find_reading_reason(request)
    if reason:
        return reason
    if submission.suspicion:
        return submission.suspicion
    if earlier and earlier.reading.get("phone") != request.phone:
        return Message(MessageKey.SAME_ID_OTHER_NUMBER)
    if _is_refused_in_unread_address(source, submission):
        return Message(MessageKey.ADDRESS_SAYS_OTHERWISE)
    return Message(MessageKey.SOURCE_PAUSED) if source.paused_at else ""


def _is_refused_in_unread_address(source: Source, submission: Submission) -> bool:
    """Whether an address for which no proof vouches speaks against the call that the body asks for.

    What stands there permits nothing, and anybody may say that something is not safe.
    """
    if submission.is_query_read or not holds_answers(submission.query):
        return False
    settings = (source.kind, source.region, source.mapping)
    said = read_form_body(submission.query.encode(), URLENCODED_FORM, settings).request
    return said is not None and said.is_refused


def find_reading_reason(request: FormRequest) -> str:
    """Return why a person has to see what was read of a form, whoever sent it, or nothing. Pure."""
    if request.phone is not None:
        return ""
    return request.reason or _undialable_number_reason(request)


def _undialable_number_reason(request: FormRequest) -> str:
    suggested = request.suggested_phone
    if request.phone_as_given:  # so that the field of their number is known
        never_called = suggested and number_policy.find_never_called_reason(suggested)
        return never_called or Message(MessageKey.CANNOT_BE_DIALED)
    if suggested:
        return Message(MessageKey.ONE_LOOKS_LIKE_A_NUMBER)
    return Message(MessageKey.ONLY_ANOTHERS_NUMBER if request.no_dial else MessageKey.NO_NUMBER)


def find_late_change_reason(
    session: Session, submission: Submission, request: FormRequest, earlier: Submission | None
) -> str:
    """Return why a submission with an earlier one's id has to be reviewed, or nothing.

    The earlier one's callback is over, or it was another person's: an entry was edited or sent
    again, or somebody asks again. While it is open, the same person's words join it.
    """
    said_before = earlier.content_sha256 if earlier else None
    if earlier is None or said_before is None:
        return ""
    if not is_same_person(earlier.reading.get("name", ""), request.name):
        return Message(MessageKey.SAME_ID_OTHER_PERSON)
    if not _is_callback_over(session, earlier, request.phone):
        return ""
    is_same_content = said_before == submission.content_sha256
    return Message(
        MessageKey.SAME_ID_AFTER_CALL if is_same_content else MessageKey.SAME_ID_OTHER_WORDS
    )


def _is_callback_over(session: Session, earlier: Submission, number: str | None) -> bool:
    """Whether the callback that a submission led to is over; it is locked, so that it stays so."""
    if earlier.callback_id is None:
        return False
    callback = admission_facts.lock_callback_among_open_ones(session, earlier.callback_id, number)
    return callback.state not in OPEN_CALLBACK
