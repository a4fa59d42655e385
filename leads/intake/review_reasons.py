"""Review reasons: why a person has to see a submission before anybody is rung."""

from __future__ import annotations

from sqlmodel import Session

from leads.forms.request import FormRequest
from leads.i18n.messages import Message, MessageKey
from leads.intake import admission
from leads.models.helplines import Source
from leads.models.requests import Submission


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
    return Message(MessageKey.SOURCE_PAUSED) if source.paused_at else ""


def find_reading_reason(request: FormRequest) -> str:
    """Return why a person has to see what was read of a form, whoever sent it, or nothing. Pure."""
    if request.phone is not None:
        return ""
    if request.reason:
        return request.reason
    if request.suggested_phone:
        return Message(MessageKey.ONE_LOOKS_LIKE_A_NUMBER)
    return _undialable_number_reason(request)


def _undialable_number_reason(request: FormRequest) -> str:
    if request.phone_as_given:
        return Message(MessageKey.CANNOT_BE_DIALED)
    if request.no_dial:
        return Message(MessageKey.ONLY_ANOTHERS_NUMBER)
    return Message(MessageKey.NO_NUMBER)


def find_late_change_reason(
    session: Session, submission: Submission, request: FormRequest, earlier: Submission | None
) -> str:
    """Return why a submission with an earlier one's id has to be reviewed, or nothing.

    It has other words and the earlier one's callback is over: an entry was edited, or somebody asks
    again.
    """
    said_before = earlier.content_sha256 if earlier else None
    if said_before in (None, submission.content_sha256) or admission.find_open_callback_locked(
        session, request.phone
    ):
        return ""
    return Message(MessageKey.SAME_ID_OTHER_WORDS)
