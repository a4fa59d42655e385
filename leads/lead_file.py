"""Everything about one person in one place: what they asked, agreed to and said, and what we did about it, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, SQLModel, col, select

from leads import gate, phone
from leads.db import journal
from leads.errors import BadSubmission
from leads.lifecycle import allowed_events
from leads.models import (
    Advisor,
    CallAttempt,
    Callback,
    Consent,
    GateDecision,
    Lead,
    LeadState,
    Source,
    Submission,
    Suppression,
    Transition,
)
from leads.phone import masked
from leads.roles import actor_of, must_supervise

CORRECTED = ("name", "email", "for_whom", "best_time", "city", "region", "zip", "language")
"""What a person may put right. The number is who they are: another number is another lead."""

MOST_FOUND = 20


@dataclass(frozen=True)
class Found:
    """One person, as a search shows them."""

    lead_id: int
    name: str
    number: str  # masked
    state: LeadState
    since: datetime


@dataclass(frozen=True)
class Entry:
    """Something that happened, in words; `by` is who did it where a person did."""

    at: datetime
    what: str
    said: str = ""
    by: str = ""


@dataclass(frozen=True)
class LeadFile:
    """One person. `entries` are newest first; the number is masked until somebody asks for it."""

    lead_id: int
    state: LeadState
    events: frozenset[str]
    number: str
    zone: str
    facts: dict[str, str]
    no_dial: tuple[str, ...]
    entries: tuple[Entry, ...]


def find(session: Session, text: str) -> list[Found]:
    """Return the people with this number, or with this in their name or e-mail address, newest first."""
    text = text.strip()
    if not text:
        return []
    number = phone.normalise(text, "US")
    named = or_(col(Lead.name).icontains(text, autoescape=True), col(Lead.email).icontains(text, autoescape=True))
    matching = select(Lead).where(Lead.phone == number if number else named)
    found = session.exec(matching.order_by(col(Lead.id).desc()).limit(MOST_FOUND))
    return [Found(lead.id, lead.name, masked(lead.phone), lead.state, lead.created_at) for lead in found]


def read(session: Session, lead_id: int) -> LeadFile | None:
    """Return a person's file; None if there is no such person."""
    lead = session.get(Lead, lead_id)
    if lead is None:
        return None
    names = dict(session.exec(select(Advisor.id, Advisor.name)).all())
    entries = [*_asked(session, lead), *_moved(session, lead, names), *_suppressed(session, lead, names)]
    entries.sort(key=lambda entry: entry.at)  # of one instant the later one stays the later one
    return LeadFile(
        lead_id=lead.id,
        state=lead.state,
        events=allowed_events(lead),
        number=masked(lead.phone),
        zone=gate.place_of(lead).zone,
        facts={name: str(getattr(lead, name)) for name in CORRECTED},
        no_dial=tuple(sorted(_no_dial(session, lead))),
        entries=tuple(entries[::-1]),
    )


def reveal(session: Session, lead: Lead, advisor: Advisor, *, now: datetime) -> str:
    """Return the person's number, and write down who wanted to see it."""
    _trace(session, lead, "reveal", advisor, now=now)
    return lead.phone


def correct(session: Session, lead: Lead, corrected: dict[str, str], supervisor: Advisor, *, now: datetime) -> None:
    """Put facts about a person right; what they were before stays in the file. Raises BadSubmission for others."""
    must_supervise(supervisor, "correct a lead")
    if unknown := set(corrected) - set(CORRECTED):
        msg = f"These cannot be corrected: {', '.join(sorted(unknown))}."
        raise BadSubmission(msg)
    changed = {name: value.strip() for name, value in corrected.items() if value.strip() != getattr(lead, name)}
    if not changed:
        return
    before = {name: getattr(lead, name) for name in changed}
    for name, value in changed.items():
        setattr(lead, name, value)
    session.add(lead)
    _trace(session, lead, "correct", supervisor, now=now, before=before, after=changed)


def export(session: Session, lead: Lead, supervisor: Advisor, *, now: datetime) -> dict[str, Any]:
    """Return all that is stored about a person, for them; that it was asked for is written down."""
    must_supervise(supervisor, "export a person's data")
    callbacks = session.exec(select(Callback.id).where(Callback.lead_id == lead.id)).all()
    _trace(session, lead, "export", supervisor, now=now)
    return {
        "lead": lead.model_dump(mode="json"),
        "submissions": [
            {**_plain(row), "body": row.body.decode("utf-8", "replace")}
            for row in session.exec(select(Submission).where(Submission.lead_id == lead.id))
        ],
        "consents": _all(session, Consent, Consent.lead_id == lead.id),
        "callbacks": _all(session, Callback, Callback.lead_id == lead.id),
        "calls": _all(session, CallAttempt, col(CallAttempt.callback_id).in_(callbacks)),
        "decisions": _all(session, GateDecision, GateDecision.lead_id == lead.id),
        "suppressions": _all(session, Suppression, Suppression.phone == lead.phone),
        "history": _all(session, Transition, _is_about(session, lead)),
    }


def _asked(session: Session, lead: Lead) -> Iterator[Entry]:
    sent = select(Submission, Source.name).join(Source, col(Source.id) == col(Submission.source_id))
    for submission, source in session.exec(sent.where(Submission.lead_id == lead.id)):
        name = submission.reading.get("name") or "No name"
        yield Entry(submission.received_at, f"{name} wrote through {source}", submission.reading.get("message") or "")
    for consent in session.exec(select(Consent).where(Consent.lead_id == lead.id)):
        if consent.granted is not None:
            what = "Agreed to be called" if consent.granted else "Did not agree to be called"
            yield Entry(consent.given_at, what, consent.wording)


def _moved(session: Session, lead: Lead, names: dict[int, str]) -> Iterator[Entry]:
    """Tell the moves of the person's records, calls and notes among them."""
    for move in session.exec(select(Transition).where(_is_about(session, lead)).order_by(col(Transition.id))):
        what = WORDS.get((move.record, move.event))
        if what:
            yield Entry(move.at, what, _told(move), _by(move.actor, names))
    for callback in session.exec(select(Callback).where(Callback.lead_id == lead.id, Callback.notes != "")):
        yield Entry(callback.finished_at or callback.ended_at or callback.received_at, "Notes", callback.notes)


def _suppressed(session: Session, lead: Lead, names: dict[int, str]) -> Iterator[Entry]:
    for row in session.exec(select(Suppression).where(Suppression.phone == lead.phone)):
        yield Entry(row.since, "Asked not to be contacted", row.reason, _by(row.actor, names))
        if row.lifted_at:
            yield Entry(row.lifted_at, "May be contacted again", "", _by(row.lifted_by, names))


def _told(move: Transition) -> str:
    """Say what went with a move, where it says something to a person."""
    if move.event == "correct":
        before, after = move.changes["before"], move.changes["after"]
        return "; ".join(f"{name}: {before[name] or 'nothing'} → {after[name] or 'nothing'}" for name in after)
    told = [str(move.changes[name]).replace("_", " ") for name in ("result", "disposition") if move.changes.get(name)]
    return ", ".join([*told, *(str(move.changes[name]) for name in ("close_reason",) if move.changes.get(name))])


def _no_dial(session: Session, lead: Lead) -> set[str]:
    readings = session.exec(select(Submission.reading).where(Submission.lead_id == lead.id))
    return {masked(number) for reading in readings for number in reading.get("no_dial", [])}


def _is_about(session: Session, lead: Lead) -> Any:
    callbacks = session.exec(select(Callback.id).where(Callback.lead_id == lead.id)).all()
    attempts = session.exec(select(CallAttempt.id).where(col(CallAttempt.callback_id).in_(callbacks))).all()
    records = {"lead": [str(lead.id)], "callback": [str(one) for one in callbacks], "call_attempt": list(attempts)}
    return or_(
        *(and_(col(Transition.record) == kind, col(Transition.record_id).in_(ids)) for kind, ids in records.items())
    )


def _by(actor: str, names: dict[int, str]) -> str:
    kind, _, number = actor.partition(":")
    return names.get(int(number), "somebody who left") if kind == "advisor" and number.isdecimal() else ""


def _all(session: Session, kind: type[SQLModel], condition: Any) -> list[dict[str, Any]]:
    return [_plain(row) for row in session.exec(select(kind).where(condition))]


def _plain(row: SQLModel) -> dict[str, Any]:
    return row.model_dump(mode="json", exclude={"body"})


def _trace(session: Session, lead: Lead, event: str, advisor: Advisor, *, now: datetime, **changes: Any) -> None:
    row = {"record": "lead", "record_id": str(lead.id), "event": event, "before": str(lead.state)}
    journal(
        session,
        Transition,
        row | {"after": str(lead.state), "actor": actor_of(advisor), "at": now, "changes": changes},
    )


WORDS = {
    ("lead", "close"): "Request closed",
    ("lead", "reopen"): "Asked again",
    ("lead", "correct"): "Corrected",
    ("lead", "reveal"): "Number shown",
    ("lead", "export"): "Data exported",
    ("callback", "claim"): "Taken",
    ("callback", "release"): "Given back",
    ("callback", "miss"): "Not reached: will be tried again",
    ("callback", "exhaust"): "Not reached: the tries are used up",
    ("callback", "reschedule"): "Will be called again",
    ("callback", "dispose"): "Finished",
    ("callback", "time_out"): "Closed without a record",
    ("callback", "cancel"): "Promise withdrawn",
    ("call_attempt", "accepted"): "Their phone was dialled",
    ("call_attempt", "answered"): "They answered",
    ("call_attempt", "hung_up"): "The call ended",
    ("call_attempt", "missed"): "The call did not come about",
    ("call_attempt", "failed"): "The call failed",
    ("call_attempt", "lose"): "The call was lost",
}
"""The moves that say something to a person; the others are in the export."""
