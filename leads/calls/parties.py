"""Parties: who is asked into a call beside advisor and lead, who hears whom, and whose call it is.

Every verb is written into the attempt's trail with who asked for it. None rings or holds by itself:
it orders, and the relay carries out.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from leads.callbacks import queue
from leads.calls import hand_overs, legs, party_legs
from leads.calls.attempt_steps import lock_attempt
from leads.contact_rules import outside_numbers
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import LostRace, NotNow
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    LIVE_ATTEMPT,
    OUTSIDERS,
    AttemptState,
    Audience,
    LegStatus,
    OutboxKind,
    Party,
)
from leads.outbox import call_orders
from leads.people import availability, presence
from leads.people.permissions import (
    Permission,
    actor_of,
    require_colleague_serves,
    require_permission,
    role_may,
)

WITHOUT_WHOM_NO_CALL = (Party.ADVISOR, Party.LEAD)


class CallVerb(StrEnum):
    """What somebody may do in a call, as their screen offers it."""

    END = "end"
    CANCEL = "cancel"
    HOLD = "hold"
    MUTE = "mute"
    ADD = "add"
    SEND_AWAY = "send_away"
    HAND_OVER = "hand_over"
    ASK_FOR_HELP = "ask_for_help"
    LEAVE = "leave"
    CHANGE_AUDIENCE = "change_audience"


IN_CONVERSATION = frozenset(
    {
        CallVerb.END,
        CallVerb.HOLD,
        CallVerb.MUTE,
        CallVerb.ADD,
        CallVerb.SEND_AWAY,
        CallVerb.ASK_FOR_HELP,
    }
)


def allowed_call_verbs(
    session: Session, attempt: CallAttempt, advisor_id: int
) -> frozenset[CallVerb]:
    """Return what one of us may do now in a call that is theirs, or that they are in."""
    if attempt.advisor_id == advisor_id:
        if attempt.state != AttemptState.BRIDGED:
            is_ringing = attempt.state == AttemptState.RINGING_LEAD
            return frozenset({CallVerb.CANCEL, CallVerb.ASK_FOR_HELP} if is_ringing else ())
        takers = hand_overs.list_takers(session, attempt)
        return IN_CONVERSATION | ({CallVerb.HAND_OVER} if takers else set())
    mine = [
        leg for leg in call_orders.list_legs(session, attempt.id) if leg.advisor_id == advisor_id
    ]
    if not any(legs.is_in_call(leg) for leg in mine):
        return frozenset()
    is_supervisor = any(leg.party == Party.SUPERVISOR for leg in mine if legs.is_in_call(leg))
    return frozenset({CallVerb.LEAVE} | ({CallVerb.CHANGE_AUDIENCE} if is_supervisor else set()))


def ask_in_colleague(
    session: Session, attempt: CallAttempt, advisor: Advisor, colleague: Advisor, *, now: datetime
) -> CallLeg:
    """Ring a colleague, who joins the call by pressing a key.

    Raises NotNow where the call is not the advisor's, or the colleague is busy or has no phone.
    """
    _require_call_of(session, attempt, advisor)
    callback = session.get_one(Callback, attempt.callback_id)
    require_colleague_serves(colleague, callback.brand_id)
    if not colleague.phone:
        raise NotNow(Phrase("{name} has no phone number on file.", name=colleague.name))
    presence.lock_advisor(session, colleague.id)
    if colleague.id not in {
        one.id for one in availability.list_available_advisors(session, now=now)
    }:
        raise NotNow(Phrase("{name} is not available now.", name=colleague.name))
    leg = CallLeg(
        attempt_id=attempt.id,
        party=Party.COLLEAGUE,
        advisor_id=colleague.id,
        phone=colleague.phone,
    )
    return _ask_in(session, attempt, advisor, leg, now=now)


def ask_in_outsider(
    session: Session,
    attempt: CallAttempt,
    advisor: Advisor,
    party: Party,
    number: str,
    *,
    now: datetime,
) -> CallLeg:
    """Ring an interpreter or somebody else, while the lead hears the sound of being on hold.

    The advisor hears the ringing, then who, or what machine, answers, and brings everybody together
    by ending the hold; the lead is brought back where nobody comes or stays. Raises NotNow for a
    number of emergency services: who dials those from here sends help to the wrong place.
    """
    _require_call_of(session, attempt, advisor)
    if party not in OUTSIDERS:
        msg = f"{party} is asked in otherwise"
        raise ValueError(msg)
    phone = outside_numbers.read_outside_number(session, number)
    leg = CallLeg(attempt_id=attempt.id, party=party, phone=phone)
    _ask_in(session, attempt, advisor, leg, now=now)
    hold_lead_meanwhile(session, attempt, advisor, now=now)
    return leg


def join_as_supervisor(
    session: Session,
    attempt: CallAttempt,
    supervisor: Advisor,
    audience: Audience,
    *,
    now: datetime,
) -> CallLeg:
    """Ring a supervisor, who then listens, speaks to the advisor alone, or joins.

    `audience` says which. Whoever wanted help has it once they are there. Raises NotNow where
    nobody talks, or the supervisor has no phone.
    """
    require_permission(supervisor, Permission.JOIN_CALL, attempt)
    _read_again(session, attempt, is_locked=True)
    if attempt.state != AttemptState.BRIDGED:
        raise NotNow(Phrase("They are not on a call right now."))
    if not supervisor.phone:
        raise NotNow(Phrase("Add your phone number under Colleagues first."))
    presence.lock_advisor(session, supervisor.id)
    leg = CallLeg(
        attempt_id=attempt.id,
        party=Party.SUPERVISOR,
        advisor_id=supervisor.id,
        phone=supervisor.phone,
        audience=audience,
    )
    return _ask_in(session, attempt, supervisor, leg, now=now, audience=audience)


def change_audience(
    session: Session, leg: CallLeg, supervisor: Advisor, audience: Audience, *, now: datetime
) -> None:
    """Let a supervisor who is in a call be heard by others than before, or by nobody.

    Idempotent.
    """
    require_permission(supervisor, Permission.JOIN_CALL, leg)
    attempt = _require_attempt(session, leg.attempt_id)
    is_theirs = leg.party == Party.SUPERVISOR and leg.advisor_id == supervisor.id
    if not is_theirs or leg.left_at is not None:
        raise NotNow(Phrase("You are not on this call."))
    if leg.audience != audience:
        leg.audience = audience
        _order_change(session, attempt, leg, supervisor, now=now, audience=audience)


def hold_lead(
    session: Session, attempt: CallAttempt, advisor: Advisor, *, is_on_hold: bool, now: datetime
) -> None:
    """Put the lead on hold, with a quiet sound, until they are brought back by this. Idempotent."""
    leg = _set_hold(session, attempt, advisor, is_on_hold=is_on_hold, now=now)
    if leg is not None:
        leg.is_hold_ordered = is_on_hold
        session.add(leg)


def hold_lead_meanwhile(
    session: Session, attempt: CallAttempt, advisor: Advisor, *, now: datetime
) -> None:
    """Put the lead on hold while the advisor is busy, unless the advisor has done so. Idempotent.

    They are brought back by themselves once nobody else is there, or comes.
    """
    _set_hold(session, attempt, advisor, is_on_hold=True, now=now)


def _set_hold(
    session: Session, attempt: CallAttempt, advisor: Advisor, *, is_on_hold: bool, now: datetime
) -> CallLeg | None:
    _require_call_of(session, attempt, advisor)
    leg = legs.find_call_leg(session, attempt, Party.LEAD)
    if leg is not None and leg.is_on_hold != is_on_hold:
        leg.is_on_hold, leg.is_hold_heard = is_on_hold, False
        _order_change(session, attempt, leg, advisor, now=now, hold=is_on_hold)
        if not is_on_hold:  # else once the lead hears the sound, or they would hear nobody
            party_legs.let_all_hear(session, attempt, now=now)
    return leg


def mute_advisor(
    session: Session, attempt: CallAttempt, advisor: Advisor, *, is_muted: bool, now: datetime
) -> None:
    """Let nobody hear the advisor, or everybody again. Idempotent."""
    _require_call_of(session, attempt, advisor)
    leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
    if leg is not None and leg.is_muted != is_muted:
        leg.is_muted = is_muted
        _order_change(session, attempt, leg, advisor, now=now, muted=is_muted)


def send_away(session: Session, leg: CallLeg, by: Advisor, *, now: datetime) -> None:
    """End the leg of somebody who was asked in; the call goes on. Idempotent.

    Raises NotNow for the advisor's and the lead's own legs: without them there is no call.
    """
    require_permission(by, Permission.TAKE_CALLBACKS)
    attempt = _require_attempt(session, leg.attempt_id)
    if not role_may(by.role, Permission.JOIN_CALL):
        _require_call_of(session, attempt, by)
    _read_again(session, leg)
    if leg.party in WITHOUT_WHOM_NO_CALL:
        raise NotNow(Phrase("You cannot remove this person. End the call instead."))
    if leg.left_at is not None:
        return
    _record_party_event(session, attempt, "send_away", by, now=now, party=leg.party, leg_id=leg.id)
    if not leg.provider_call_id and call_orders.withdraw_order_of_leg(session, leg, now=now):
        legs.note_leg_status(session, leg, LegStatus.CANCELED, now=now)
        party_legs.settle_advisors_exit(session, attempt, leg, now=now)
        party_legs.bring_lead_back(session, attempt, now=now)
    else:
        call_orders.enqueue_leg_order(session, OutboxKind.HANG_UP_LEG, leg, now=now)


def end_call(session: Session, attempt: CallAttempt, advisor: Advisor, *, now: datetime) -> None:
    """Hang up the lead's leg, and with it the call; the network tells what came of it."""
    _require_call_of(session, attempt, advisor, or_ringing=True)
    _record_party_event(session, attempt, "end_call", advisor, now=now)
    leg = legs.find_call_leg(session, attempt, Party.LEAD)
    is_there = leg is not None and not call_orders.is_waiting_caller(attempt, leg)
    if leg is not None and leg.provider_call_id and is_there:
        call_orders.enqueue_leg_order(session, OutboxKind.HANG_UP_LEG, leg, now=now)
    else:
        call_orders.enqueue_call_orders(session, OutboxKind.HANG_UP, attempt, now=now)


def cancel_call(session: Session, attempt: CallAttempt, advisor: Advisor, *, now: datetime) -> None:
    """End a call before the lead has answered; they are offered to the next free advisor.

    Raises NotNow where they have answered meanwhile: nobody is hung up on by that.
    """
    _require_call_of(session, attempt, advisor, or_ringing=True)
    if attempt.state == AttemptState.BRIDGED:
        raise NotNow(Phrase("The call was not canceled: they just answered."))
    end_call(session, attempt, advisor, now=now)


def hand_over(
    session: Session, attempt: CallAttempt, advisor: Advisor, leg: CallLeg, *, now: datetime
) -> None:
    """Make the call that of one of us who talks with the lead, while all hear each other.

    Whoever had it stays in the call until they leave; the other writes up what came of it. Raises
    NotNow where they have not joined, or have work of their own.
    """
    _require_call_of(session, attempt, advisor)
    _read_again(session, leg)
    mine = legs.find_call_leg(session, attempt, Party.ADVISOR)
    is_there = leg.attempt_id == attempt.id and hand_overs.may_take_call(leg)
    if mine is None or leg.advisor_id is None or not is_there:
        raise NotNow(Phrase("Your colleague has not joined the call yet."))
    session.get_one(Callback, attempt.callback_id, with_for_update=True)
    taker = presence.lock_advisor(session, leg.advisor_id)
    if queue.current_callback_of(session, taker):
        raise NotNow(Phrase("{name} is with someone else.", name=taker.name))
    hand_overs.give_call(session, attempt, mine, leg, by=actor_of(advisor), now=now)


def leave_call(session: Session, leg: CallLeg, advisor: Advisor, *, now: datetime) -> None:
    """Let somebody of us leave a call that goes on without them. Idempotent.

    Raises NotNow for whoever has the call: they give it to somebody, end it, or hang up.
    """
    require_permission(advisor, Permission.TAKE_CALLBACKS)
    attempt = _require_attempt(session, leg.attempt_id)
    _read_again(session, leg)
    if leg.advisor_id != advisor.id or leg.party == Party.ADVISOR:
        raise NotNow(Phrase("Transfer the call first, or end it."))
    if leg.left_at is not None:
        return
    _record_party_event(
        session, attempt, "leave_call", advisor, now=now, party=leg.party, leg_id=leg.id
    )
    call_orders.enqueue_leg_order(session, OutboxKind.LEAVE_CALL, leg, now=now)


def ask_for_help(
    session: Session, attempt: CallAttempt, advisor: Advisor, *, now: datetime
) -> None:
    """Record that the advisor needs a supervisor in this call now. Idempotent."""
    _require_call_of(session, attempt, advisor, or_ringing=True)
    if attempt.help_wanted_at is None:
        attempt.help_wanted_at = now
        session.add(attempt)
        _record_party_event(session, attempt, "ask_for_help", advisor, now=now)


def _ask_in(
    session: Session,
    attempt: CallAttempt,
    by: Advisor,
    leg: CallLeg,
    *,
    now: datetime,
    **values: object,
) -> CallLeg:
    if availability.is_phone_in_call(session, leg.phone):
        raise NotNow(Phrase("That phone is already on a call."))
    leg.requested_by, leg.requested_at = actor_of(by), now
    session.add(leg)
    try:
        session.flush()
    except IntegrityError:
        raise LostRace(Phrase("Someone else got there first.")) from None
    _record_party_event(
        session, attempt, "ask_in", by, now=now, party=leg.party, leg_id=leg.id, **values
    )
    party_legs.settle_advisors_exit(session, attempt, leg, now=now)  # before they can be there
    call_orders.enqueue_leg_order(session, OutboxKind.DIAL_LEG, leg, now=now)
    return leg


def _order_change(
    session: Session,
    attempt: CallAttempt,
    leg: CallLeg,
    by: Advisor,
    *,
    now: datetime,
    **values: object,
) -> None:
    session.add(leg)
    _record_party_event(session, attempt, "change_leg", by, now=now, party=leg.party, **values)
    call_orders.enqueue_leg_order(session, OutboxKind.CHANGE_LEG, leg, now=now)


def _record_party_event(
    session: Session,
    attempt: CallAttempt,
    event: str,
    by: Advisor,
    *,
    now: datetime,
    **values: object,
) -> None:
    record_event(session, attempt, event, actor=actor_of(by), now=now, **values)
    wake_after_commit(session, Wakeup.DESK)


def _read_again(session: Session, row: CallAttempt | CallLeg, *, is_locked: bool = False) -> None:
    """Read a row as it is by now, with what this transaction has changed of it."""
    session.flush()
    session.refresh(row, with_for_update=is_locked or None)


def _require_attempt(session: Session, attempt_id: str) -> CallAttempt:
    attempt = lock_attempt(session, attempt_id)
    if attempt is None or attempt.state not in LIVE_ATTEMPT:
        raise NotNow(Phrase("This call has ended."))
    return attempt


def _require_call_of(
    session: Session, attempt: CallAttempt, advisor: Advisor, *, or_ringing: bool = False
) -> None:
    """Lock the attempt, and raise NotNow unless the advisor is in this call with the lead."""
    require_permission(advisor, Permission.TAKE_CALLBACKS)
    _read_again(session, attempt, is_locked=True)
    is_on = attempt.state == AttemptState.BRIDGED
    is_on = is_on or (or_ringing and attempt.state == AttemptState.RINGING_LEAD)
    if attempt.advisor_id != advisor.id or not is_on:
        raise NotNow(Phrase("You are not on a call with this person now."))
