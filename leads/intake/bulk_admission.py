"""Bulk admission: admit together all requests from leads of whom nothing is known yet.

They are most of those who ask for help.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, and_, bindparam, cast, null
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select, union_all

from leads.callbacks import holds
from leads.contact_rules import crisis_words, gate
from leads.database.bulk_rows import insert_returning
from leads.database.transactions import defer_insert
from leads.forms.request import FormRequest
from leads.intake import admission
from leads.lifecycle.transitions import Move, advance_all
from leads.models.calls import Callback
from leads.models.helplines import Source
from leads.models.requests import Consent, Lead, Submission, Suppression
from leads.models.words import SubmissionState

BLANK_LEAD = Lead(phone="")  # of whom we know nothing
DROPPED_STATES = (SubmissionState.DISCARDED, SubmissionState.REFUSED)


@dataclass(frozen=True)
class AdmissionCandidate:
    """A submission that asks to ring a number that can be dialed, with its source and request."""

    submission: Submission
    source: Source
    request: FormRequest


def select_first_time_requests(
    session: Session, asked: Sequence[AdmissionCandidate]
) -> list[AdmissionCandidate]:
    """Return the candidates of whom nothing is stored yet.

    There is no lead and no suppression with the number, and no other submission that this one may
    repeat.
    """
    if not asked:
        return []
    numbers = Counter(one.request.phone for one in asked)
    about = {"numbers": list(numbers), "ids": [one.submission.id for one in asked]}
    found = session.execute(KNOWN_OR_REPEATED, about).all()
    known, repeating = (
        {number for number, _ in found},
        {submission_id for _, submission_id in found},
    )
    return [
        one
        for one in asked
        if one.request.phone not in known
        and one.submission.id not in repeating
        and numbers[one.request.phone] == 1
    ]


def admit_first_time_requests(
    session: Session, asked: Sequence[AdmissionCandidate], *, actor: str, now: datetime
) -> None:
    """Admit requests from numbers that were never seen, as `admission.admit_request` admits one.

    It takes hardly more statements for all of them than for one.

    Raises IntegrityError when another transaction created one of these leads meanwhile.
    """
    if not asked:
        return
    described = [_first_time_lead_row(one.request, now=now) for one in asked]
    leads = insert_returning(session, Lead, described, key="phone")
    both = list(zip(asked, leads, strict=True))
    for one, lead in both:
        defer_insert(session, Consent, admission.consent_row(one.submission, lead, one.request))
    decisions = [_decide_for_first_time_lead(session, one, lead, now=now) for one, lead in both]
    promises = [
        admission.new_callback_row(one.submission, one.source, lead, decision)
        | {"in_danger": crisis_words.has_crisis_words(one.request.message)}
        for (one, lead), decision in zip(both, decisions, strict=True)
    ]
    callbacks = insert_returning(session, Callback, promises, key="lead_id")
    admitted = []
    for one, lead, decision, callback in zip(asked, leads, decisions, callbacks, strict=True):
        gate.record_decision(
            session, decision, gate.GateMoment.SCHEDULING, lead=lead, callback=callback, now=now
        )
        holds.replace_gate_holds(session, callback, decision, by=actor, now=now)
        known = {"lead_id": lead.id, "callback_id": callback.id, "reason": ""}
        admitted.append(Move(one.submission, {"admit": known}))
    advance_all(session, admitted, actor=actor, now=now)


def _first_time_lead_row(request: FormRequest, *, now: datetime) -> dict[str, Any]:
    return {
        "phone": request.phone,
        "created_at": now,
        **admission.lead_facts_after_request(BLANK_LEAD, request),
    }


def _decide_for_first_time_lead(
    session: Session, one: AdmissionCandidate, lead: Lead, *, now: datetime
) -> gate.Decision:
    """Return the gate's decision on a first-time lead, without a query for contact history.

    Such a lead has none.
    """
    on_file = gate.ContactHistory(
        suppressed=False, granted=one.request.consent, third_last_ring=None
    )
    return gate.may_contact(
        session, lead.phone, gate.ContactChannel.CALL, lead=lead, now=now, on_file=on_file
    )


# Made once: building a statement costs more than running it.
_NULL_NUMBER, _NULL_ID = cast(null(), String), cast(null(), Integer)
_KNOWN_NUMBERS = (
    select(Lead.phone, _NULL_ID).where(col(Lead.phone).in_(bindparam("numbers"))),
    select(Suppression.phone, _NULL_ID).where(
        col(Suppression.phone).in_(bindparam("numbers")), col(Suppression.lifted_at).is_(None)
    ),
)
_OTHER_SUBMISSION = aliased(Submission)


def _submissions_sharing_column(name: str) -> Any:
    """Return the query for submissions with the same value in a column as another that counts."""
    same = [
        getattr(_OTHER_SUBMISSION, column) == getattr(Submission, column)
        for column in ("source_id", name)
    ]
    among_these = and_(
        col(Submission.id).in_(bindparam("ids")), getattr(Submission, name).is_not(None)
    )
    another = (
        col(_OTHER_SUBMISSION.id) != col(Submission.id),
        col(_OTHER_SUBMISSION.state).not_in(DROPPED_STATES),
    )
    return (
        select(_NULL_NUMBER, Submission.id)
        .join(_OTHER_SUBMISSION, and_(*same))
        .where(among_these, *another)
    )


# One after the other: with "or" SQLite would go through all of a source.
KNOWN_OR_REPEATED = union_all(
    *_KNOWN_NUMBERS,
    *map(_submissions_sharing_column, ("vendor_id", "delivery_id", "content_sha256")),
)
