"""What a page shows, read in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from leads import gate, metrics, presence, queue
from leads.lifecycle import allowed_events
from leads.models import (
    HELD_CALLBACK,
    LIVE_ATTEMPT,
    OPEN_CALLBACK,
    Advisor,
    AttemptState,
    Brand,
    CallAttempt,
    Callback,
    CallbackState,
    CallLeg,
    Consent,
    Lead,
    Outbox,
    OutboxState,
    Party,
    Presence,
    Source,
    Submission,
    SubmissionState,
)
from leads.phone import masked

BY_HAND = "by-hand-"  # how the log phone's call ids begin
RECENT = timedelta(hours=1)


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
    number: str
    zone: str
    for_whom: str
    best_time: str
    any_hour: bool
    safe_to_voicemail: bool
    safe_to_text: bool
    messages: tuple[tuple[datetime, str], ...]
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


@dataclass(frozen=True)
class Desk:
    """What one advisor sees."""

    presence: Presence
    away_reason: str
    on_duty_until: datetime | None
    due: int
    later: int
    first_due_at: datetime | None
    first_why: str
    card: Card | None
    call: LiveCall | None


@dataclass(frozen=True)
class Waiting:
    """One open callback on the board."""

    callback_id: int
    state: CallbackState
    events: frozenset[str]
    who: str
    brand: str
    why: str
    until: datetime | None
    advisor: str
    misses: int
    received_at: datetime
    rung: bool
    hold: str


@dataclass(frozen=True)
class Colleague:
    """What one advisor is doing, and since when."""

    name: str
    doing: str
    since: datetime | None


@dataclass(frozen=True)
class Board:
    """Every promise that is still to be kept, and who is there to keep it."""

    waiting: tuple[Waiting, ...]
    colleagues: tuple[Colleague, ...]
    limbo: int
    to_review: int
    problem: str


@dataclass(frozen=True)
class Unclear:
    """A submission that a person has to look at."""

    submission_id: int
    received_at: datetime
    source: str
    reason: str
    reading: dict[str, Any]
    body: str


def desk(session: Session, advisor_id: int, *, now: datetime) -> Desk:
    """Return an advisor's desk."""
    advisor = session.get_one(Advisor, advisor_id)
    held = queue.held_by(session, advisor)
    waiting = session.exec(_open().where(Callback.state == CallbackState.WAITING, Callback.hold == "")).all()
    due = [callback for callback, _ in waiting if callback.due_at <= now]
    first = due[0] if due else None
    return Desk(
        presence=advisor.presence,
        away_reason=advisor.away_reason,
        on_duty_until=advisor.on_duty_until if advisor.on_duty_until and advisor.on_duty_until > now else None,
        due=len(due),
        later=len(waiting) - len(due),
        first_due_at=first.received_at if first else None,
        first_why=_why_first(first) if first else "",
        card=_card(session, held) if held else None,
        call=_live_call(session, held) if held else None,
    )


def board(session: Session, *, now: datetime) -> Board:
    """Return the board: what is overdue first, then by when it is due."""
    names = {advisor.id: advisor.name for advisor in session.exec(select(Advisor))}
    brands = {brand.id: brand.name for brand in session.exec(select(Brand))}
    rows = [
        _waiting(callback, lead, names.get(callback.advisor_id or 0, ""), brands[callback.brand_id], now)
        for callback, lead in session.exec(_open())
    ]
    review = select(Submission.id).where(
        col(Submission.state).in_((SubmissionState.NEEDS_REVIEW, SubmissionState.RECEIVED))
    )
    return Board(
        waiting=tuple(rows),
        colleagues=tuple(_colleagues(session, now)),
        limbo=metrics.limbo(session),
        to_review=len(session.exec(review).all()),
        problem=_last_problem(session, now),
    )


def to_review(session: Session) -> list[Unclear]:
    """Return the submissions that wait for a person, oldest first."""
    found = select(Submission, Source).join(Source, col(Source.id) == col(Submission.source_id))
    found = found.where(Submission.state == SubmissionState.NEEDS_REVIEW).order_by(col(Submission.id))
    return [
        Unclear(
            submission_id=submission.id,
            received_at=submission.received_at,
            source=source.name,
            reason=submission.reason,
            reading=submission.reading,
            body=submission.body.decode("utf-8", "replace"),
        )
        for submission, source in session.exec(found)
    ]


def _open() -> Any:
    found = select(Callback, Lead).join(Lead, col(Lead.id) == col(Callback.lead_id))
    return found.where(col(Callback.state).in_(OPEN_CALLBACK)).order_by(
        (col(Callback.hold) == ""), col(Callback.urgency).desc(), col(Callback.due_at), col(Callback.id)
    )


def _why_first(callback: Callback) -> str:
    if callback.urgency:
        return "They asked again."
    return f"Try number {callback.misses + 1}." if callback.misses else "They have waited longest."


def _card(session: Session, callback: Callback) -> Card:
    lead = session.get_one(Lead, callback.lead_id)
    brand = session.get_one(Brand, callback.brand_id)
    submissions = session.exec(
        select(Submission).where(Submission.lead_id == lead.id).order_by(col(Submission.id).desc()).limit(10)
    ).all()
    consent = session.exec(
        select(Consent).where(Consent.lead_id == lead.id).order_by(col(Consent.id).desc()).limit(1)
    ).first()
    return Card(
        callback_id=callback.id,
        state=callback.state,
        events=allowed_events(callback),
        lease_until=callback.lease_until,
        brand=brand.name,
        operator=brand.operator,
        name=lead.name,
        other_names=_other_names(submissions, lead.name),
        number=masked(lead.phone),
        zone=gate.place_of(lead).zone,
        for_whom=lead.for_whom,
        best_time=lead.best_time,
        any_hour=lead.any_hour,
        safe_to_voicemail=lead.safe_to_voicemail is True,
        safe_to_text=lead.safe_to_text is True,
        messages=tuple((s.received_at, s.reading["message"]) for s in submissions if s.reading.get("message")),
        wording=consent.wording if consent else "",
        received_at=callback.received_at,
        misses=callback.misses,
        tries=_tries(session, callback),
        notes=callback.notes,
    )


def _other_names(submissions: Sequence[Submission], name: str) -> tuple[str, ...]:
    """Return what else people at this number called themselves: several may share a phone."""
    given = {str(submission.reading.get("name") or "") for submission in submissions}
    return tuple(sorted(given - {"", name}))


def _tries(session: Session, callback: Callback) -> tuple[Try, ...]:
    found = select(CallAttempt).where(CallAttempt.callback_id == callback.id, col(CallAttempt.rung_at).is_not(None))
    found = found.where(col(CallAttempt.state).not_in(LIVE_ATTEMPT)).order_by(col(CallAttempt.requested_at))
    earlier = [Try(a.rung_at, str(a.result)) for a in session.exec(found) if a.rung_at]
    return tuple(earlier[:-1] if callback.state == CallbackState.WRAP_UP else earlier)


def _live_call(session: Session, callback: Callback) -> LiveCall | None:
    attempt = queue.live_attempt(session, callback)
    if attempt is None:
        return None
    leg = session.exec(select(CallLeg).where(CallLeg.attempt_id == attempt.id, CallLeg.party == Party.ADVISOR)).first()
    by_hand = leg is not None and leg.provider_call_id.startswith(BY_HAND)
    is_shown = by_hand and attempt.state == AttemptState.RINGING_LEAD
    since = attempt.answered_at or attempt.rung_at or attempt.requested_at
    return LiveCall(attempt.id, attempt.state, since, by_hand, attempt.phone if is_shown else "")


def _waiting(callback: Callback, lead: Lead, advisor: str, brand: str, now: datetime) -> Waiting:
    first_name = lead.name.split()[0] if lead.name.strip() else "No name"
    why, until = _why(callback, advisor, now)
    return Waiting(
        callback_id=callback.id,
        state=callback.state,
        events=allowed_events(callback),
        who=f"{first_name} · {masked(lead.phone)}",
        brand=brand,
        why=why,
        until=until,
        advisor=advisor,
        misses=callback.misses,
        received_at=callback.received_at,
        rung=callback.first_rung_at is not None,
        hold=callback.hold,
    )


def _why(callback: Callback, advisor: str, now: datetime) -> tuple[str, datetime | None]:
    """Say what an open callback waits for, and until when."""
    if callback.state == CallbackState.CLAIMED:
        return f"{advisor} is reading it", callback.lease_until
    if callback.state == CallbackState.CALLING:
        return f"{advisor} is on the phone", None
    if callback.state == CallbackState.WRAP_UP:
        return f"{advisor} is writing it up", callback.lease_until
    if callback.hold:
        return "a decision", None
    if callback.due_at <= now:
        return "a free advisor", None
    return ("the next try" if callback.misses else "its time"), callback.due_at


def _colleagues(session: Session, now: datetime) -> list[Colleague]:
    free = {advisor.id for advisor in presence.available(session, now=now)}
    held = select(Callback).where(col(Callback.state).in_(HELD_CALLBACK))
    work = {callback.advisor_id: callback for callback in session.exec(held)}
    live = select(CallAttempt).where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
    rung_since = {attempt.advisor_id: attempt.requested_at for attempt in session.exec(live)}
    doing = {CallbackState.CLAIMED: "reading", CallbackState.CALLING: "calling", CallbackState.WRAP_UP: "wrapping up"}
    found = []
    for advisor in session.exec(select(Advisor).order_by(col(Advisor.name))):
        if callback := work.get(advisor.id):
            since = callback.ended_at if callback.state == CallbackState.WRAP_UP else rung_since.get(advisor.id)
            found.append(Colleague(advisor.name, doing[callback.state], since))
        elif advisor.id in free:
            found.append(Colleague(advisor.name, "available", advisor.idle_since))
        elif advisor.presence == Presence.AWAY:
            found.append(
                Colleague(advisor.name, f"away: {advisor.away_reason}" if advisor.away_reason else "away", None)
            )
    return found


def _last_problem(session: Session, now: datetime) -> str:
    """Return what the phone network refused last, if it did lately."""
    lately = select(Outbox.problem).where(Outbox.state == OutboxState.FAILED, col(Outbox.settled_at) > now - RECENT)
    lately = lately.where(col(Outbox.problem).startswith("Twilio") | col(Outbox.problem).contains("caller ID"))
    return session.exec(lately.order_by(col(Outbox.id).desc()).limit(1)).first() or ""
