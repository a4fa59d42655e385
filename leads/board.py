"""What a supervisor sees: every promise still to be kept, who is there to keep it, and what waits for a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from leads import metrics, presence
from leads.lifecycle import allowed_events
from leads.models import (
    HELD_CALLBACK,
    LIVE_ATTEMPT,
    OPEN_CALLBACK,
    UNDECIDED,
    Advisor,
    Brand,
    CallAttempt,
    Callback,
    CallbackState,
    Lead,
    Outbox,
    OutboxState,
    Presence,
    Source,
    Submission,
    SubmissionState,
)
from leads.phone import masked
from leads.sources import fields_of, without_secrets

RECENT = timedelta(hours=1)
MOST_SHOWN = 20  # submissions under review at a time, oldest first
LONGEST_SHOWN = 4000  # characters of a body


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
    fields: tuple[tuple[str, str], ...]  # of the form itself, by what its tool calls them
    body: str
    state: SubmissionState


def read(session: Session, *, now: datetime) -> Board:
    """Return the board: what is overdue first, then by when it is due."""
    names = {advisor.id: advisor.name for advisor in session.exec(select(Advisor))}
    brands = {brand.id: brand.name for brand in session.exec(select(Brand))}
    rows = [
        _waiting(callback, lead, names.get(callback.advisor_id or 0, ""), brands[callback.brand_id], now)
        for callback, lead in session.exec(waiting_order())
    ]
    review = select(Submission.id).where(col(Submission.state).in_(UNDECIDED))
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
    found = found.where(col(Submission.state).in_(UNDECIDED)).order_by(col(Submission.id)).limit(MOST_SHOWN)
    return [
        Unclear(
            submission_id=submission.id,
            received_at=submission.received_at,
            source=source.name,
            reason=submission.reason,
            reading=submission.reading,
            fields=tuple((label, value) for _, label, value in fields_of(source, submission)),
            body=without_secrets(source, submission.body[:LONGEST_SHOWN].decode("utf-8", "replace")),
            state=submission.state,
        )
        for submission, source in session.exec(found)
    ]


def waiting_order() -> Any:
    """Return the query for open callbacks with their leads: held ones first, then as they are offered."""
    found = select(Callback, Lead).join(Lead, col(Lead.id) == col(Callback.lead_id))
    return found.where(col(Callback.state).in_(OPEN_CALLBACK)).order_by(
        (col(Callback.hold) == ""), col(Callback.urgency).desc(), col(Callback.due_at), col(Callback.id)
    )


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
    return ("the next try" if callback.misses else "the time they asked for"), callback.due_at


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


def is_theirs() -> ColumnElement[bool]:
    """Whether an order's problem came from the phone network, not from our own second thoughts."""
    return col(Outbox.problem).contains("Twilio") | col(Outbox.problem).contains("caller ID")


def _last_problem(session: Session, now: datetime) -> str:
    """Return what the phone network refused last, if it did lately."""
    lately = select(Outbox.problem).where(Outbox.tries > 0, Outbox.due_at > now - RECENT, is_theirs())
    lately = lately.where(col(Outbox.state).in_((OutboxState.PENDING, OutboxState.UNKNOWN, OutboxState.FAILED)))
    return session.exec(lately.order_by(col(Outbox.id).desc()).limit(1)).first() or ""
