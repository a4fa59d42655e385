"""Admit together all of whom nothing is known yet, as of most who ask for help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, and_, cast, null
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select, union_all

from leads.contact_rules import crisis_words, gate
from leads.database.bulk_rows import in_list, insert_returning
from leads.database.transactions import defer_insert
from leads.forms.request import FormRequest
from leads.intake import admission
from leads.lifecycle.transitions import Move, advance_all
from leads.models.calls import Callback
from leads.models.helplines import Source
from leads.models.requests import Consent, Lead, Submission, Suppression
from leads.models.words import SubmissionState

NOBODY = Lead(phone="")  # of whom we know nothing
CAME_TO_NOTHING = (SubmissionState.DISCARDED, SubmissionState.REFUSED)


@dataclass(frozen=True)
class Asked:
    """A submission, where it came from, and what it asks for: a call to a number that can be dialled."""

    submission: Submission
    source: Source
    request: FormRequest


def among(session: Session, asked: Sequence[Asked]) -> list[Asked]:
    """Return those of whom there is nothing yet: no file, no stop, and no other submission that theirs may repeat."""
    if not asked:
        return []
    numbers = Counter(one.request.phone for one in asked)
    about = {"numbers": list(numbers), "ids": [one.submission.id for one in asked]}
    found = session.execute(SPEAKS_AGAINST, about).all()
    known, repeating = {number for number, _ in found}, {submission_id for _, submission_id in found}
    return [
        one
        for one in asked
        if one.request.phone not in known and one.submission.id not in repeating and numbers[one.request.phone] == 1
    ]


def admit(session: Session, asked: Sequence[Asked], *, actor: str, now: datetime) -> None:
    """Do for all of them what `admission.admit_request` does for one, with hardly more statements than for one.

    Raises IntegrityError when somebody else got to know one of them meanwhile.
    """
    if not asked:
        return
    described = [_lead(one.request, now=now) for one in asked]
    leads = insert_returning(session, Lead, described, key="phone")
    both = list(zip(asked, leads, strict=True))
    for one, lead in both:
        defer_insert(session, Consent, admission.consent_in(one.submission, lead, one.request))
    decisions = [_decide(session, one, lead, now=now) for one, lead in both]
    promises = [_promise(one, lead, decision) for (one, lead), decision in zip(both, decisions, strict=True)]
    callbacks = insert_returning(session, Callback, promises, key="lead_id")
    admitted = []
    for one, lead, decision, callback in zip(asked, leads, decisions, callbacks, strict=True):
        gate.record_decision(session, decision, gate.GateMoment.SCHEDULING, lead=lead, callback=callback, now=now)
        known = {"lead_id": lead.id, "callback_id": callback.id, "reason": ""}
        admitted.append(Move(one.submission, {"admit": known}))
    advance_all(session, admitted, actor=actor, now=now)


def _lead(request: FormRequest, *, now: datetime) -> dict[str, Any]:
    return {"phone": request.phone, "created_at": now, **admission.described(NOBODY, request)}


def _decide(session: Session, one: Asked, lead: Lead, *, now: datetime) -> gate.Decision:
    """Ask the gate, which need not look for what a stranger cannot have."""
    on_file = gate.ContactHistory(suppressed=False, granted=one.request.consent, third_last_ring=None)
    return gate.may_contact(session, lead.phone, gate.ContactChannel.CALL, lead=lead, now=now, on_file=on_file)


def _promise(one: Asked, lead: Lead, decision: gate.Decision) -> dict[str, Any]:
    promise = admission.promise(one.submission, one.source, lead, decision)
    return promise | {"urgency": crisis_words.urgency_with_crisis_words(0, one.request.message)}


# Made once: building a statement costs more than running it.
_no_number, _no_id = cast(null(), String), cast(null(), Integer)
_known = (
    select(Lead.phone, _no_id).where(in_list(Lead.phone, "numbers")),
    select(Suppression.phone, _no_id).where(
        in_list(Suppression.phone, "numbers"), col(Suppression.lifted_at).is_(None)
    ),
)
_other = aliased(Submission)


def _repeating(name: str) -> Any:
    """Return a query for those that have something in common with another one that counts."""
    same = [getattr(_other, column) == getattr(Submission, column) for column in ("source_id", name)]
    among_these = and_(in_list(Submission.id, "ids"), getattr(Submission, name).is_not(None))
    another = (col(_other.id) != col(Submission.id), col(_other.state).not_in(CAME_TO_NOTHING))
    return select(_no_number, Submission.id).join(_other, and_(*same)).where(among_these, *another)


# One after the other: with "or" SQLite would go through all of a source.
SPEAKS_AGAINST = union_all(*_known, *map(_repeating, ("vendor_id", "delivery_id", "content_sha256")))
