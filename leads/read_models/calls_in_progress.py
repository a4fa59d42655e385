"""Calls in progress as read: who is in each, how they are, and what a viewer can do in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select

from leads.calls import legs, parties
from leads.calls.parties import CallVerb
from leads.helplines import call_presets
from leads.i18n.translatable import Phrase
from leads.lead_records.visible_people import masked_person
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    INSIDERS,
    LIVE_ATTEMPT,
    AttemptState,
    Audience,
    CallbackState,
    LegStatus,
    Party,
)
from leads.models.helplines import CallPreset
from leads.models.requests import Lead
from leads.outbox import call_orders
from leads.people import availability
from leads.people.permissions import Permission, does_serve, require_permission
from leads.person_names import masked_name
from leads.phone_numbers import format_phone


class Standing(StrEnum):
    """How somebody who was asked into a call stands in it."""

    RINGING = "ringing"
    IN_CALL = "in_call"
    ON_HOLD = "on_hold"
    MUTED = "muted"
    NOT_REACHED = "not_reached"


STANDING_LABELS: Mapping[Standing, Phrase] = {
    Standing.RINGING: Phrase("ringing"),
    Standing.IN_CALL: Phrase("in the call"),
    Standing.ON_HOLD: Phrase("on hold"),
    Standing.MUTED: Phrase("muted"),
    Standing.NOT_REACHED: Phrase("did not answer"),
}


@dataclass(frozen=True)
class CallMember:
    """One person in a call, or on the way into it. `is_there`: they can be heard, or listen."""

    leg_id: int
    party: Party
    advisor_id: int | None
    name: str
    standing: Standing
    audience: Audience

    @property
    def is_there(self) -> bool:
        """Whether they have joined."""
        return self.standing not in (Standing.RINGING, Standing.NOT_REACHED)


@dataclass(frozen=True)
class CallInProgress:
    """A call that is under way. `since`: when it came to its state."""

    attempt_id: str
    advisor_id: int
    advisor: str
    who: str
    state: AttemptState
    since: datetime
    help_wanted_at: datetime | None
    members: tuple[CallMember, ...]

    def member_of(self, advisor_id: int) -> CallMember | None:
        """Return how one of us stands in this call who does not have it, if they are in it."""
        theirs = (one for one in self.members if one.advisor_id == advisor_id)
        return next((one for one in theirs if one.party != Party.ADVISOR and one.is_there), None)

    def members_of(self, party: Party) -> list[CallMember]:
        """Return who is in the call, or on the way, in a role."""
        return [member for member in self.members if member.party == party]


@dataclass(frozen=True)
class CallBar:
    """The call that an advisor is in, and what they can do in it now."""

    call: CallInProgress
    is_mine: bool
    verbs: frozenset[CallVerb]
    is_lead_on_hold: bool
    is_muted: bool
    colleagues: Mapping[int, str]  # who can be asked in, by id
    presets: tuple[CallPreset, ...]
    me: CallMember | None  # where the call is a colleague's

    def is_viewer(self, member: CallMember) -> bool:
        """Whether a member is whoever looks at the bar."""
        return member == self.me or (self.is_mine and member.party == Party.ADVISOR)

    @property
    def takers(self) -> list[CallMember]:
        """Those of us who talk with the lead and could be given the call."""
        return [
            one
            for one in self.call.members
            if one.party in INSIDERS and one.audience == Audience.EVERYONE and one.is_there
        ]


def read_call_bar(session: Session, advisor_id: int, *, now: datetime) -> CallBar | None:
    """Return the call that an advisor has or is in; None without one, or for one by hand."""
    in_it = select(CallLeg.attempt_id).where(
        CallLeg.advisor_id == advisor_id,
        CallLeg.party != Party.ADVISOR,
        col(CallLeg.left_at).is_(None),
    )
    theirs = or_(col(CallAttempt.advisor_id) == advisor_id, col(CallAttempt.id).in_(in_it))
    attempt = session.exec(LIVE.where(theirs)).first()
    if attempt is None or is_rung_by_hand(session, attempt):
        return None
    [call] = _describe_calls(session, [attempt])
    verbs = parties.allowed_call_verbs(session, attempt, advisor_id)
    can_add = CallVerb.ADD in verbs
    brand_id = session.get_one(Callback, attempt.callback_id).brand_id
    free = availability.list_available_advisors(session, now=now) if can_add else []
    return CallBar(
        call=call,
        is_mine=attempt.advisor_id == advisor_id,
        verbs=verbs,
        is_lead_on_hold=_has_standing(call, Party.LEAD, Standing.ON_HOLD),
        is_muted=_has_standing(call, Party.ADVISOR, Standing.MUTED),
        colleagues={
            one.id: one.name
            for one in free
            if one.phone and one.id != advisor_id and does_serve(one, brand_id)
        },
        presets=tuple(call_presets.list_presets(session, brand_id)) if can_add else (),
        me=call.member_of(advisor_id),
    )


@dataclass(frozen=True)
class TakenByAdvisors:
    """People whom advisors have taken and not reached yet, by the advisors' names.

    `calling`: their phone or the colleague's rings. `reading`: they are called in a moment.
    """

    calling: tuple[str, ...] = ()
    reading: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self.calling or self.reading)


def read_taken_by_colleagues(session: Session, advisor_id: int) -> TakenByAdvisors:
    """Return whom everybody but this advisor has taken and not reached yet."""
    return _read_taken(session, col(Callback.advisor_id) != advisor_id)


def read_taken_by_advisors(session: Session) -> TakenByAdvisors:
    """Return whom anybody has taken and not reached yet."""
    return _read_taken(session)


def _read_taken(session: Session, *by: ColumnElement[bool]) -> TakenByAdvisors:
    is_live = (col(CallAttempt.callback_id) == col(Callback.id)) & col(CallAttempt.state).in_(
        LIVE_ATTEMPT
    )
    taken = (
        select(col(Callback.state), col(Advisor.name))
        .join(Advisor, col(Advisor.id) == col(Callback.advisor_id))
        .join(CallAttempt, is_live, isouter=True)
        .where(col(Callback.state).in_(NOT_REACHED_YET), *by)
        .where(func.coalesce(CallAttempt.state, "") != AttemptState.BRIDGED)
        .order_by(Advisor.name)
    )
    by_state: dict[CallbackState, list[str]] = {state: [] for state in NOT_REACHED_YET}
    for state, name in session.exec(taken):
        by_state[state].append(name)
    calling, reading = (tuple(by_state[state]) for state in NOT_REACHED_YET)
    return TakenByAdvisors(calling, reading)


def list_calls_in_progress(session: Session, supervisor: Advisor) -> list[CallInProgress]:
    """Return all calls that are under way, those whose advisor wants help first."""
    require_permission(supervisor, Permission.JOIN_CALL)
    shown = LIVE.where(
        col(CallAttempt.state).in_((AttemptState.RINGING_LEAD, AttemptState.BRIDGED))
    )
    live = [one for one in session.exec(shown) if not is_rung_by_hand(session, one)]
    calls = _describe_calls(session, live)
    return sorted(calls, key=lambda call: (call.help_wanted_at is None, call.since))


def _describe_calls(session: Session, attempts: Sequence[CallAttempt]) -> Iterator[CallInProgress]:
    for attempt in attempts:
        callback = session.get_one(Callback, attempt.callback_id)
        lead = session.get_one(Lead, callback.lead_id)
        yield CallInProgress(
            attempt_id=attempt.id,
            advisor_id=attempt.advisor_id,
            advisor=session.get_one(Advisor, attempt.advisor_id).name,
            who=masked_person(lead.name, lead.phone),
            state=attempt.state,
            since=attempt.answered_at or attempt.rung_at or attempt.requested_at,
            help_wanted_at=attempt.help_wanted_at,
            members=tuple(_list_members(session, attempt, callback, lead)),
        )


def _list_members(
    session: Session, attempt: CallAttempt, callback: Callback, lead: Lead
) -> Iterator[CallMember]:
    newest = {(leg.party, leg.phone): leg for leg in call_orders.list_legs(session, attempt.id)}
    named = {one.phone: one.name for one in call_presets.list_presets(session, callback.brand_id)}
    first = (Party.ADVISOR, Party.LEAD)
    for leg in sorted(newest.values(), key=lambda leg: (leg.party not in first, leg.party, leg.id)):
        standing = _standing_of_leg(leg, attempt)
        if standing is None:
            continue
        name = named.get(leg.phone) or format_phone(leg.phone)
        if leg.party == Party.LEAD:
            name = masked_name(lead.name) or Phrase("No name")
        elif leg.advisor_id is not None:
            name = session.get_one(Advisor, leg.advisor_id).name
        yield CallMember(leg.id, leg.party, leg.advisor_id, name, standing, leg.audience)


def _standing_of_leg(leg: CallLeg, attempt: CallAttempt) -> Standing | None:
    """Return how somebody stands in a call; None once they have been in it and left."""
    if leg.left_at is not None or legs.is_over(leg):
        sent_away = (LegStatus.CANCELED, LegStatus.COMPLETED, LegStatus.NOT_TOLD)
        return None if leg.joined_at or leg.status in sent_away else Standing.NOT_REACHED
    is_there = leg.joined_at is not None or (
        leg.party == Party.ADVISOR and attempt.state == AttemptState.BRIDGED
    )
    if not is_there:
        return Standing.RINGING
    if leg.is_on_hold:
        return Standing.ON_HOLD
    return Standing.MUTED if leg.is_muted else Standing.IN_CALL


def _has_standing(call: CallInProgress, party: Party, standing: Standing) -> bool:
    return any(member.standing == standing for member in call.members_of(party))


def is_rung_by_hand(session: Session, attempt: CallAttempt) -> bool:
    """Whether the advisor of an attempt rings from a phone of their own."""
    leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
    return leg is not None and leg.is_by_hand


NOT_REACHED_YET = (CallbackState.CALLING, CallbackState.CLAIMED)
LIVE = select(CallAttempt).where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
