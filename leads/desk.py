"""What one advisor sees: the queue's head, the person in hand, the call under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from leads import closing, gate, presence, queue, wording
from leads.board import waiting_order
from leads.lifecycle import allowed_events
from leads.models import (
    LIVE_ATTEMPT,
    Advisor,
    AttemptState,
    Brand,
    CallAttempt,
    Callback,
    CallbackState,
    CallLeg,
    Consent,
    Lead,
    Party,
    Presence,
    Submission,
)
from leads.outbox import BY_HAND
from leads.phone import masked


@dataclass(frozen=True)
class Try:
    """One earlier attempt, for the lead's card."""

    at: datetime
    result: str


@dataclass(frozen=True)
class Card:
    """All an advisor should know before and while they talk to somebody."""

    callback_id: int
    state: CallbackState
    events: frozenset[str]
    lease_until: datetime | None
    brand: str
    operator: str
    name: str
    other_names: tuple[str, ...]
    contact: tuple[str, ...]  # e-mail, place and language, as far as they were given
    number: str
    zone: str
    for_whom: str
    best_time: str
    any_hour: bool
    safe_to_voicemail: bool
    safe_to_text: bool
    messages: tuple[tuple[datetime, str], ...]
    also: tuple[tuple[str, str], ...]  # fields of their forms that we have no place for
    wording: str
    received_at: datetime
    misses: int
    tries: tuple[Try, ...]
    notes: str


@dataclass(frozen=True)
class LiveCall:
    """The call that is under way. `number` is the lead's, shown only where the advisor must ring by hand."""

    attempt_id: str
    state: AttemptState
    since: datetime
    by_hand: bool
    number: str

    @property
    def rings_me(self) -> bool:
        """Whether it is the advisor's turn to pick up."""
        return self.state in (AttemptState.REQUESTED, AttemptState.RINGING_ADVISOR)


@dataclass(frozen=True)
class Desk:
    """What one advisor sees."""

    presence: Presence
    away_reason: str
    pulse_is_due: bool
    due: int
    later: int
    first_id: int | None
    first_due_at: datetime | None
    first_why: str
    card: Card | None
    call: LiveCall | None


def read(session: Session, advisor_id: int, *, now: datetime) -> Desk:
    """Return an advisor's desk."""
    advisor = session.get_one(Advisor, advisor_id)
    held = queue.held_by(session, advisor)
    waiting = session.exec(waiting_order().where(Callback.state == CallbackState.WAITING, Callback.hold == "")).all()
    due = [callback for callback, _ in waiting if callback.due_at <= now]
    first = due[0] if due else None
    return Desk(
        presence=advisor.presence,
        away_reason=advisor.away_reason,
        pulse_is_due=presence.pulse_is_due(advisor, now=now),
        due=len(due),
        later=len(waiting) - len(due),
        first_id=first.id if first else None,
        first_due_at=first.received_at if first else None,
        first_why=_why_first(first) if first else "",
        card=_card(session, held) if held else None,
        call=_live_call(session, held) if held else None,
    )


def _why_first(callback: Callback) -> str:
    if callback.urgency:
        return "They asked again."
    return f"Try number {callback.misses + 1}." if callback.misses else "They are the first in line."


def _card(session: Session, callback: Callback) -> Card:
    lead = session.get_one(Lead, callback.lead_id)
    brand = session.get_one(Brand, callback.brand_id)
    submissions = session.exec(
        select(Submission).where(_is_of(lead)).order_by(col(Submission.id).desc()).limit(10)
    ).all()
    consent = session.exec(
        select(Consent).where(Consent.lead_id == lead.id).order_by(col(Consent.id).desc()).limit(1)
    ).first()
    language = wording.LANGUAGES.get(lead.language, lead.language)
    return Card(
        callback_id=callback.id,
        state=callback.state,
        events=allowed_events(callback),
        lease_until=callback.lease_until,
        brand=brand.name,
        operator=brand.operator,
        name=lead.name,
        other_names=_other_names(submissions, lead.name),
        contact=tuple(fact for fact in (lead.email, lead.city, lead.region, lead.zip, language) if fact),
        number=masked(lead.phone),
        zone=gate.place_of(lead).zone,
        for_whom=lead.for_whom,
        best_time=lead.best_time,
        any_hour=lead.any_hour,
        safe_to_voicemail=lead.safe_to_voicemail is True,
        safe_to_text=lead.safe_to_text is True,
        messages=tuple((s.received_at, s.reading["message"]) for s in submissions if s.reading.get("message")),
        also=_also(submissions),
        wording=consent.wording if consent else "",
        received_at=callback.received_at,
        misses=callback.misses,
        tries=_tries(session, callback),
        notes=callback.notes,
    )


def _is_of(lead: Lead) -> ColumnElement[bool]:
    """Whether a submission is this person's, from whichever of their numbers."""
    others = select(Lead.id).where(Lead.merged_into_id == lead.id)
    return or_(col(Submission.lead_id) == lead.id, col(Submission.lead_id).in_(others))


def _other_names(submissions: Sequence[Submission], name: str) -> tuple[str, ...]:
    """Return what else people at this number called themselves: several may share a phone."""
    given = {str(submission.reading.get("name") or "") for submission in submissions}
    return tuple(sorted(given - {"", name}))


def _also(submissions: Sequence[Submission]) -> tuple[tuple[str, str], ...]:
    told = {
        (label, ", ".join(str(value) for value in values))
        for submission in submissions
        for label, values in submission.reading.get("unknown", {}).items()
    }
    return tuple(sorted(told))


def _tries(session: Session, callback: Callback) -> tuple[Try, ...]:
    found = select(CallAttempt).where(CallAttempt.callback_id == callback.id, col(CallAttempt.rung_at).is_not(None))
    found = found.where(col(CallAttempt.state).not_in(LIVE_ATTEMPT)).order_by(col(CallAttempt.requested_at))
    earlier = [Try(a.rung_at, str(a.result)) for a in session.exec(found) if a.rung_at]
    return tuple(earlier[:-1] if callback.state == CallbackState.WRAP_UP else earlier)


def _live_call(session: Session, callback: Callback) -> LiveCall | None:
    attempt = closing.live_attempt(session, callback)
    if attempt is None:
        return None
    leg = session.exec(select(CallLeg).where(CallLeg.attempt_id == attempt.id, CallLeg.party == Party.ADVISOR)).first()
    by_hand = leg is not None and leg.provider_call_id.startswith(BY_HAND)
    is_shown = by_hand and attempt.state == AttemptState.RINGING_LEAD
    since = attempt.answered_at or attempt.rung_at or attempt.requested_at
    return LiveCall(attempt.id, attempt.state, since, by_hand, attempt.phone if is_shown else "")
