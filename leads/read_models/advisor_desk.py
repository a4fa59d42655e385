"""The advisor's desk as read: the queue's head, the lead in hand, the live call."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col

from leads.callbacks import (
    completion,
    due_order,
    missed_calls,
    own_dispositions,
    queue,
    unrecorded_calls,
    voicemail,
)
from leads.callbacks.own_dispositions import OwnDisposition
from leads.callbacks.voicemail import VoicemailAdvice
from leads.callbacks.wish_matching import AdvisorWishes, WishMatcher
from leads.i18n.translatable import Phrase, list_phrases
from leads.lead_records.disclosure_account import UnstatedDisclosure, list_unstated_of_lead
from leads.lead_records.visible_people import masked_person
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import AttemptState, CallbackState, Presence
from leads.models.labels import CALLER_TITLES, LIVE_CALL_TITLES
from leads.models.requests import Lead
from leads.people import presence
from leads.people.competence import competence_of
from leads.read_models import lead_card
from leads.read_models.callback_board import open_callbacks_query, urgency_reasons
from leads.read_models.calls_in_progress import (
    CallBar,
    TakenByAdvisors,
    is_rung_by_hand,
    read_call_bar,
    read_taken_by_colleagues,
)
from leads.read_models.danger_desk import DangerDesk, read_danger_desk
from leads.read_models.lead_card import LeadCard
from leads.read_models.said_calls import SaidCall, read_own_said_calls

FIRST = Phrase("They are the first in line.")
DUE_AT_ONCE = 20  # due callbacks that are read together: the first is nearly always among them


@dataclass(frozen=True)
class LiveCall:
    """The attempt that is under way.

    `number` is the lead's, shown only where the advisor must ring from their own phone.
    """

    attempt_id: str
    state: AttemptState
    since: datetime
    by_hand: bool
    number: str
    is_machine: bool  # one may have answered
    voicemail: VoicemailAdvice | None  # once the gate was asked
    is_calling_in: bool = False  # they are on the line: nobody is dialed
    is_called_beside: bool = False  # their number calls us meanwhile, and waits

    @property
    def title(self) -> Phrase:
        """Where the call stands."""
        return (CALLER_TITLES if self.is_calling_in else LIVE_CALL_TITLES)[self.state]

    @property
    def is_ringing_advisor(self) -> bool:
        """Whether the advisor's phone is about to ring or rings."""
        return self.state in (AttemptState.REQUESTED, AttemptState.RINGING_ADVISOR)


@dataclass(frozen=True)
class NextCallback:
    """The callback at the head of the queue, and what put it there."""

    callback_id: int
    received_at: datetime
    promised_at: datetime
    why: tuple[Phrase, ...]


@dataclass(frozen=True)
class UnrecordedCall:
    """A call of this advisor's of which nobody said what came of it."""

    callback_id: int
    who: str
    at: datetime
    own: tuple[OwnDisposition, ...]


@dataclass(frozen=True)
class Desk:
    """What one advisor sees.

    `duty_until`: until when their own phone is rung, with a desk open or not. `away_until`: when a
    rest after missed offers is over. `was_left`: that they take no calls because their desk was
    closed for a while. `unrecorded`: their calls to say something of, latest first.
    `said_calls`: those of which they may still correct what they said.
    """

    presence: Presence
    was_left: bool
    since: datetime | None  # they do what they do now
    away_reason: str
    away_until: datetime | None
    duty_until: datetime | None
    phone: str
    due: int
    later: int
    first: NextCallback | None
    taken: TakenByAdvisors  # while nobody is in hand
    card: LeadCard | None
    call: LiveCall | None
    bar: CallBar | None  # the call that they have, or are in as a colleague or supervisor
    danger: DangerDesk | None  # of the lead in hand
    told: tuple[UnstatedDisclosure, ...]  # of the lead in hand
    unrecorded: tuple[UnrecordedCall, ...]
    said_calls: tuple[SaidCall, ...]

    @property
    def is_on_duty_by_phone(self) -> bool:
        """Whether the advisor is on duty by phone and their desk is not available."""
        return self.duty_until is not None and self.presence == Presence.OFFLINE


def read_desk(session: Session, advisor_id: int, *, now: datetime) -> Desk:
    """Return an advisor's desk."""
    advisor = session.get_one(Advisor, advisor_id)
    held = queue.current_callback_of(session, advisor)
    due, later = due_order.count_waiting(session, now=now)
    call = _live_call(session, held, advisor, now=now) if held else None
    first = None if held else _first_for_advisor(session, advisor, now=now)
    return Desk(
        presence=advisor.presence,
        was_left=presence.has_left_desk(advisor, now=now),
        since=_activity_since(advisor, held, call),
        away_reason=advisor.away_reason,
        away_until=advisor.away_until,
        duty_until=presence.phone_duty_until(advisor, now=now),
        phone=advisor.phone,
        due=due,
        later=later,
        first=_next_callback(session, *first) if first else None,
        taken=TakenByAdvisors() if held else read_taken_by_colleagues(session, advisor_id),
        card=lead_card.build_lead_card(session, held, advisor, now=now) if held else None,
        call=call,
        bar=read_call_bar(session, advisor.id, now=now),
        danger=read_danger_desk(session, held) if held else None,
        told=tuple(list_unstated_of_lead(session, held.lead_id)) if held else (),
        unrecorded=tuple(_unrecorded_calls(session, advisor)),
        said_calls=read_own_said_calls(session, advisor_id, now=now),
    )


def _activity_since(
    advisor: Advisor, held: Callback | None, call: LiveCall | None
) -> datetime | None:
    """Return since when an advisor does what they do; None where a clock of its own says more."""
    if call:
        return call.since
    if held:
        return held.ended_at if held.state == CallbackState.WRAP_UP else None
    if advisor.presence == Presence.AVAILABLE:
        return advisor.idle_since
    return advisor.away_at if advisor.presence == Presence.AWAY else None


def _first_for_advisor(
    session: Session, advisor: Advisor, *, now: datetime
) -> tuple[Callback, Lead] | None:
    """Return the first due callback that does not wait for a colleague who suits better."""
    matcher, itself = WishMatcher(session, now), [competence_of(advisor)]
    for callback, lead in _due_in_order(session, now=now):
        wishes = AdvisorWishes.of_lead(lead)
        if not matcher.is_waited_for_another(callback, wishes, itself):
            return callback, lead
    return None


def _due_in_order(session: Session, *, now: datetime) -> Iterator[tuple[Callback, Lead]]:
    """Yield the due callbacks with their leads in the order of the offers, read as they are asked.

    A desk is read again at every change of the queue, which may be long.
    """
    due = open_callbacks_query().where(*due_order.IN_QUEUE, col(Callback.due_at) <= now)
    for offset in itertools.count(0, DUE_AT_ONCE):
        rows = session.exec(due.offset(offset).limit(DUE_AT_ONCE)).all()
        yield from rows
        if len(rows) < DUE_AT_ONCE:
            return


def _next_callback(session: Session, callback: Callback, lead: Lead) -> NextCallback:
    wished = AdvisorWishes.of_lead(lead).named_parts().values()
    why = queue_priority_reasons(callback)
    if missed_calls.was_called_in_vain(session, callback):
        why = (*why, missed_calls.CALLED_IN_VAIN)
    if wished:
        wish = Phrase("They prefer: {wishes}.", wishes=list_phrases(*wished))
        why = (*why, wish)
    return NextCallback(callback.id, callback.received_at, callback.promised_at, why)


def queue_priority_reasons(callback: Callback) -> tuple[Phrase, ...]:
    """Return in words what put a callback before the others."""
    reasons = list(urgency_reasons(callback))
    if callback.is_time_agreed:
        reasons.append(Phrase("They asked to be called at this time."))
    if callback.misses:
        reasons.append(Phrase("Attempt number {number}.", number=callback.misses + 1))
    return tuple(reasons) or (FIRST,)


def _unrecorded_calls(session: Session, advisor: Advisor) -> Iterator[UnrecordedCall]:
    for callback, attempt in unrecorded_calls.list_unrecorded_calls(session, advisor):
        lead = session.get_one(Lead, callback.lead_id)
        who = masked_person(lead.name, lead.phone)
        own = own_dispositions.list_own_of_callback(session, callback.id)
        yield UnrecordedCall(callback.id, who, attempt.answered_at or attempt.requested_at, own)


def _live_call(
    session: Session, callback: Callback, advisor: Advisor, *, now: datetime
) -> LiveCall | None:
    attempt = completion.find_live_attempt(session, callback)
    if attempt is None:
        return None
    by_hand = is_rung_by_hand(session, attempt)
    is_shown = by_hand and attempt.state == AttemptState.RINGING_LEAD
    since = attempt.answered_at or attempt.rung_at or attempt.requested_at
    return LiveCall(
        attempt.id,
        attempt.state,
        since,
        by_hand,
        attempt.phone if is_shown else "",
        is_machine=attempt.doubt is not None,
        voicemail=voicemail.read_voicemail_advice(
            session, attempt, callback, advisor.name, now=now
        ),
        is_calling_in=attempt.inbound_call_id is not None,
        is_called_beside=missed_calls.find_call_beside(session, callback, attempt) is not None,
    )
