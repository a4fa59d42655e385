"""Said calls as read: what came of an advisor's last calls, or of a person's, to be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.callbacks import own_dispositions, said_calls
from leads.callbacks.own_dispositions import OwnDisposition
from leads.contact_rules.lead_wishes import lead_location
from leads.i18n.translatable import Phrase
from leads.lead_records.visible_people import masked_person
from leads.lifecycle.state_tables import CallbackEvent
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.dispositions import DISPOSITION_TITLES, Disposition
from leads.models.enums import CallbackState, Result
from leads.models.fields import word_or_unknown
from leads.models.labels import RESULT_TITLES
from leads.models.requests import Lead
from leads.models.watching import Transition
from leads.people.permissions import Permission, require_permission

OF_LATE, MOST_RECENT = timedelta(days=7), 20
SAID_EVENTS = (CallbackEvent.DISPOSE, CallbackEvent.RESCHEDULE, CallbackEvent.CORRECT_OUTCOME)


@dataclass(frozen=True)
class SaidCall:
    """A call of which somebody said what came of it, which may be corrected until an instant.

    `own`: the words of its helpline that can be chosen instead.
    """

    callback_id: int
    at: datetime
    who: str
    what: Phrase
    zone: str
    until: datetime | None  # None for a supervisor
    own: tuple[OwnDisposition, ...]


@dataclass(frozen=True)
class RecentCall:
    """One of an advisor's own calls of late, name and number masked.

    `said`: what was said came of it, and when, oldest first: more than once where it was corrected.
    `waits`: their callback waits, and nobody has to decide about it first.
    """

    callback_id: int
    lead_id: int
    at: datetime
    who: str
    what: Phrase
    said: tuple[tuple[datetime, Phrase], ...]
    waits: bool


def read_recent_calls(
    session: Session, advisor: Advisor, *, now: datetime
) -> tuple[RecentCall, ...]:
    """Return the conversations that an advisor had within a week, latest first."""
    require_permission(advisor, Permission.SEE_OWN_PEOPLE)
    recent = (
        select(CallAttempt, Callback, Lead)
        .join(Callback, col(Callback.id) == col(CallAttempt.callback_id))
        .join(Lead, col(Lead.id) == col(Callback.lead_id))
        .where(
            CallAttempt.advisor_id == advisor.id,
            col(CallAttempt.answered_at) > now - OF_LATE,
            col(CallAttempt.ended_at).is_not(None),
        )
        .order_by(col(CallAttempt.answered_at).desc())
        .limit(MOST_RECENT)
    )
    rows = session.exec(recent).all()
    said = _read_said_outcomes(session, [callback.id for _, callback, _ in rows])
    return tuple(
        RecentCall(
            callback_id=callback.id,
            lead_id=lead.id,
            at=attempt.answered_at or attempt.requested_at,
            who=masked_person(lead.name, lead.phone),
            what=RESULT_TITLES[attempt.result or Result.UNKNOWN],
            said=tuple(said.get(callback.id, ())),
            waits=callback.state == CallbackState.WAITING and not callback.is_held,
        )
        for attempt, callback, lead in rows
    )


def _read_said_outcomes(
    session: Session, callback_ids: Sequence[int]
) -> dict[int, list[tuple[datetime, Phrase]]]:
    """Return what was said came of callbacks, each version of it, from the audit trail."""
    moves = select(Transition).where(
        Transition.record == Callback.__tablename__,
        col(Transition.record_id).in_(list(map(str, callback_ids))),
        col(Transition.event).in_(SAID_EVENTS),
    )
    said: dict[int, list[tuple[datetime, Phrase]]] = {}
    for move in session.exec(moves.order_by(col(Transition.id))):
        if word := move.changes.get("disposition"):
            title = DISPOSITION_TITLES[word_or_unknown(word, Disposition.UNRECORDED)]
            said.setdefault(int(move.record_id), []).append((move.at, title))
    return said


def read_own_said_calls(
    session: Session, advisor_id: int, *, now: datetime
) -> tuple[SaidCall, ...]:
    """Return the calls that this advisor may still correct, latest first."""
    return _to_said_calls(session, said_calls.list_own_said_calls(session, advisor_id, now=now))


def read_said_calls_of_lead(
    session: Session, lead_id: int, supervisor: Advisor
) -> tuple[SaidCall, ...]:
    """Return the calls with a person that a supervisor may correct, latest first."""
    require_permission(supervisor, Permission.CORRECT_OUTCOME)
    return _to_said_calls(
        session, said_calls.list_said_calls_of_leads(session, [lead_id]), has_limit=False
    )


def _to_said_calls(
    session: Session, calls: list[tuple[Callback, CallAttempt]], *, has_limit: bool = True
) -> tuple[SaidCall, ...]:
    if not calls:
        return ()
    own = own_dispositions.list_own_dispositions(session, {one.brand_id for one, _ in calls})
    chosen = {one.own_disposition_id for one, _ in calls if one.own_disposition_id}
    labels = own_dispositions.read_own_labels(session, chosen)
    return tuple(
        SaidCall(
            callback.id,
            attempt.answered_at or attempt.requested_at,
            masked_person(lead.name, lead.phone),
            _what_was_said(callback, attempt, labels.get(callback.own_disposition_id or 0)),
            lead_location(lead).zone,
            callback.said_at + said_calls.CORRECTION_WINDOW
            if has_limit and callback.said_at
            else None,
            own.get(callback.brand_id, ()),
        )
        for callback, attempt in calls
        for lead in [session.get_one(Lead, callback.lead_id)]
    )


def _what_was_said(callback: Callback, attempt: CallAttempt, own: Phrase | None) -> Phrase:
    if attempt.result == Result.LEAD_VOICEMAIL:
        return RESULT_TITLES[attempt.result]
    said = DISPOSITION_TITLES[callback.disposition or Disposition.UNRECORDED]
    return Phrase("{outcome}: {own}", outcome=said, own=own) if own else said
