"""Expired people: of whom a class of content has been kept for as long as the plan says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from leads.config.retention_plan import RetentionClass
from leads.models.disclosures import Disclosure
from leads.models.enums import LeadState, SubmissionState
from leads.models.inbound import InboundCall
from leads.models.legal_holds import LegalHold
from leads.models.privacy_cases import PrivacyCase, PrivacyStep
from leads.models.requests import Lead, Submission, TextMessage
from leads.models.retention import RetentionMark
from leads.models.voicemails import Voicemail

_FILE = aliased(Lead)
DECIDED = (SubmissionState.ADMITTED, SubmissionState.DUPLICATE, SubmissionState.DISCARDED)


def select_expired_people(kept: RetentionClass, before: datetime) -> Any:
    """Return the query for the leads of whom a class is to be deleted, without merged ones.

    Their request was over before an instant, they said nothing and nobody was told of them since,
    no file of theirs is under a legal hold, and it was not deleted since then. A recording's time
    counts from its own call.
    """
    over_at = func.coalesce(Lead.closed_at, Lead.created_at)
    done = select(RetentionMark.id).where(
        RetentionMark.lead_id == Lead.id, RetentionMark.kept == kept, RetentionMark.at >= over_at
    )
    expired = select(Lead).where(
        col(Lead.merged_into_id).is_(None),
        col(Lead.erased_at).is_(None),
        col(Lead.id).not_in(_held_lead_ids()),
    )
    if kept is RetentionClass.RECORDINGS:
        return expired.where(col(Lead.id).in_(_leads_with_old_recordings(before)))
    quiet = [~_happened_since(kind, at, before) for kind, at in _WHAT_BEGINS_ANEW]
    return expired.where(
        col(Lead.state) != LeadState.OPEN, over_at < before, ~done.exists(), *quiet
    )


def lock_expired_people(
    session: Session, kept: RetentionClass, before: datetime, *, after: int, most: int
) -> Sequence[Lead]:
    """Return the next of these leads after an id, locked; what others have locked is left out."""
    people = select_expired_people(kept, before).where(col(Lead.id) > after)
    people = people.order_by(col(Lead.id)).limit(most).with_for_update(skip_locked=True)
    leads: Sequence[Lead] = session.exec(people).all()
    return leads


def select_unfiled_rows(kept: RetentionClass, before: datetime) -> list[Any]:
    """Return the queries for rows that came from somebody of whom there is no file.

    They still have something of this class in them.
    """
    forms = select(Submission).where(
        col(Submission.lead_id).is_(None),
        col(Submission.state).in_(DECIDED),
        Submission.received_at < before,
    )
    texts = select(TextMessage).where(
        col(TextMessage.lead_id).is_(None), TextMessage.received_at < before
    )
    calls = select(InboundCall).where(
        col(InboundCall.lead_id).is_(None), InboundCall.rang_at < before
    )
    over = (col(PrivacyCase.lead_id).is_(None), col(PrivacyCase.closed_at) < before)
    steps = select(PrivacyStep).join(PrivacyCase, col(PrivacyCase.id) == col(PrivacyStep.case_id))
    unfiled: dict[RetentionClass, list[Any]] = {
        RetentionClass.BODIES: [forms.where(Submission.body != b"")],
        RetentionClass.WORDS: [
            texts.where(TextMessage.body != ""),
            select(PrivacyCase).where(PrivacyCase.words != "", *over),
            steps.where(PrivacyStep.words != "", *over),
        ],
        RetentionClass.CALLS: [calls.where(InboundCall.phone != "")],
        RetentionClass.PEOPLE: [texts.where(TextMessage.phone != "")],
        RetentionClass.RECORDINGS: [
            select(Voicemail).where(
                col(Voicemail.sealed).is_not(None),
                col(Voicemail.settled_at).is_not(None),
                Voicemail.received_at < before,
                col(Voicemail.inbound_call_id).in_(
                    select(InboundCall.id).where(col(InboundCall.lead_id).is_(None))
                ),
            )
        ],
    }
    return unfiled.get(kept, [])


def _held_lead_ids() -> Any:
    return (
        select(func.coalesce(_FILE.merged_into_id, _FILE.id))
        .join(LegalHold, col(LegalHold.lead_id) == col(_FILE.id))
        .where(col(LegalHold.lifted_at).is_(None))
    )


def _leads_with_old_recordings(before: datetime) -> Any:
    return (
        select(func.coalesce(_FILE.merged_into_id, _FILE.id))
        .join(InboundCall, col(InboundCall.lead_id) == col(_FILE.id))
        .join(Voicemail, col(Voicemail.inbound_call_id) == col(InboundCall.id))
        .where(
            col(Voicemail.sealed).is_not(None),
            col(Voicemail.settled_at).is_not(None),
            Voicemail.received_at < before,
        )
    )


def _happened_since(kind: Any, at: Any, since: datetime) -> Any:
    """Return the condition that somebody sent, called or was spoken of since an instant."""
    theirs = (
        select(kind.id)
        .join(_FILE, col(kind.lead_id) == col(_FILE.id))
        .where(func.coalesce(_FILE.merged_into_id, _FILE.id) == Lead.id, at >= since)
    )
    return theirs.correlate(Lead).exists()


_WHAT_BEGINS_ANEW = (
    (Submission, col(Submission.received_at)),
    (TextMessage, col(TextMessage.received_at)),
    (InboundCall, col(InboundCall.rang_at)),
    (Disclosure, col(Disclosure.at)),
)
"""When somebody last spoke to us, or we of them: the person may ask for years whom we told."""
