"""Presence: which advisors can take a call.

It is what advisors say of themselves, kept true by a heartbeat that stops with their last page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import (
    Boolean,
    ColumnElement,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    union_all,
    update,
)
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from leads.database.bulk_rows import execute_and_count
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.i18n.messages import Message, MessageKey
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    CLAIMED_CALLBACK,
    LIVE_ATTEMPT,
    LIVE_LEG,
    AttemptState,
    OutboxKind,
    OutboxState,
    Party,
    Presence,
)
from leads.models.helpline_scope import OVER_ALL_HELPLINES
from leads.models.outbox import Outbox
from leads.people.competence import Competence, competence_of
from leads.people.permissions import (
    Operator,
    Permission,
    actor_of,
    has_permission_clause,
    helplines_of,
    require_permission,
    served_helplines,
)

PULSE_LASTS = timedelta(seconds=90)
PULSE_AFTER = timedelta(
    seconds=20
)  # so that a hidden tab, throttled to one run a minute, is in time
RETURNS_WITHIN = timedelta(hours=1)  # after that somebody begins anew, and knows it
RINGS_WITHIN = timedelta(seconds=40)  # a call that was never found rings by then, or not at all
HANGS_UP_WITHIN = timedelta(seconds=60)  # after that the news of it was lost
DOUBTFUL_ORDER = (OutboxState.SENDING, OutboxState.UNKNOWN)
MOST_MISSES = 2
REST_AFTER_MISSES = timedelta(minutes=15)  # of an advisor on duty with only a phone


@dataclass(frozen=True)
class IdleAdvisor:
    """An advisor who can be offered a callback, and the phone that would ring.

    `helplines`: the ids of those that they serve; None for all.
    """

    advisor_id: int
    phone: str
    competence: Competence = field(default_factory=Competence)
    helplines: frozenset[int] | None = None

    @classmethod
    def of_advisor(cls, advisor: Advisor) -> Self:
        """Return somebody as they are offered a callback."""
        helplines = served_helplines(advisor)
        return cls(advisor.id, advisor.phone, competence_of(advisor), helplines)

    def serves(self, brand_id: int) -> bool:
        """Whether they serve a helpline."""
        return self.helplines is None or brand_id in self.helplines


def lock_longest_idle_advisors(
    session: Session, most: int, *, by_hand: bool = False, now: datetime
) -> list[IdleAdvisor]:
    """Lock and return the available advisors who are longest idle, longest first.

    Of several who share a phone it is one: the others wait until that call is over. `by_hand`: they
    ring from phones of their own, so that we need not know the numbers.
    """
    parameters = _availability_instants(now) | {"by_hand": by_hand, "most": most}
    by_phone: dict[object, IdleAdvisor] = {}
    for row in session.execute(LONGEST_IDLE_LOCKED, parameters):
        idle = _idle_advisor_of_row(row)
        by_phone.setdefault(idle.phone or idle.advisor_id, idle)
    return list(by_phone.values())


def lock_idle_advisors(
    session: Session, advisor_ids: Sequence[int], *, now: datetime
) -> list[IdleAdvisor]:
    """Lock and return those of some advisors who can be offered a call now."""
    if not advisor_ids:
        return []
    parameters = _availability_instants(now) | {"by_hand": False, "most": len(advisor_ids)}
    these = LONGEST_IDLE_LOCKED.where(col(Advisor.id).in_(advisor_ids))
    return [_idle_advisor_of_row(row) for row in session.execute(these, parameters)]


def _idle_advisor_of_row(row: Any) -> IdleAdvisor:
    advisor_id, phone, role, helplines, *known = row
    return IdleAdvisor(
        advisor_id, phone, Competence.from_columns(*known), helplines_of(role, helplines)
    )


def helplines_served_by(advisors: Sequence[IdleAdvisor]) -> frozenset[int] | None:
    """Return the ids of the helplines that any of some advisors serves; None for all."""
    served = [one.helplines for one in advisors]
    if None in served:
        return None
    return frozenset().union(*(one for one in served if one is not None))


def list_competences_on_duty(
    session: Session, *, by_hand: bool = False, now: datetime
) -> list[tuple[frozenset[int] | None, Competence]]:
    """Return what everybody serves, speaks and knows who takes calls now, free or in one.

    `by_hand` is as in `lock_longest_idle_advisors`: whoever cannot be rung is not waited for.
    """
    rows = session.execute(COMPETENCES_ON_DUTY, {"now": now, "by_hand": by_hand})
    return [
        (helplines_of(role, helplines), Competence.from_columns(*known))
        for role, helplines, *known in rows
    ]


def list_available_advisors(session: Session, *, now: datetime) -> list[Advisor]:
    """Return the advisors who could be offered a callback now, longest idle first."""
    return list(session.exec(AVAILABLE_ADVISORS, params=_availability_instants(now)))


def phone_in_call_clause(number: Any) -> ColumnElement[bool]:
    """Return the condition that a live attempt uses a number, on whichever side."""
    attempt, leg = aliased(CallAttempt), aliased(CallLeg)
    # Looked up by number: what is compared with a list of all phones in calls makes PostgreSQL read
    # every lead.
    live = select(attempt.id).where(col(attempt.state).in_(LIVE_ATTEMPT))
    sides = (col(attempt.phone), col(attempt.advisor_phone))
    asked_in = select(leg.id).where(
        leg.phone == number, col(leg.phone) != literal_column("''"), col(leg.left_at).is_(None)
    )
    return or_(*(live.where(side == number).exists() for side in sides), asked_in.exists())


def is_phone_in_call(session: Session, *numbers: str) -> bool:
    """Whether a live attempt uses one of these numbers, on whichever side."""
    used = [phone_in_call_clause(number) for number in numbers if number]
    return bool(used) and bool(session.execute(select(or_(*used))).scalar_one())


def is_in_call_of_another(session: Session, advisor_id: int) -> bool:
    """Whether an advisor was asked into a colleague's call, or joined it, and has not left it."""
    beside = (
        select(CallLeg.id)
        .join(CallAttempt, col(CallAttempt.id) == col(CallLeg.attempt_id))
        .where(col(CallAttempt.state).in_(LIVE_ATTEMPT), CallLeg.advisor_id == advisor_id)
        .where(CallLeg.party != Party.ADVISOR, col(CallLeg.left_at).is_(None))
    )
    return session.exec(beside.limit(1)).first() is not None


def lock_advisor(session: Session, advisor_id: int) -> Advisor:
    """Lock an advisor's row, so that two verbs for the same person happen one after the other."""
    return session.exec(select(Advisor).where(Advisor.id == advisor_id).with_for_update()).one()


def set_advisor_available(session: Session, advisor: Advisor, *, now: datetime) -> None:
    """Set an advisor available, whose desk is open and wants calls."""
    require_permission(advisor, Permission.TAKE_CALLBACKS)
    if advisor.presence != Presence.AVAILABLE:
        advisor.idle_since = now
    advisor.presence, advisor.away_reason, advisor.missed_in_a_row = Presence.AVAILABLE, "", 0
    advisor.away_until = None
    advisor.present_until = now + PULSE_LASTS
    _save_advisor_and_wake(session, advisor)


def set_advisor_away(session: Session, advisor: Advisor, *, reason: Message, now: datetime) -> None:
    """Set an advisor away with the reason they give: no offers for now; work in hand stays."""
    require_permission(advisor, Permission.TAKE_CALLBACKS)
    mark_advisor_away(session, advisor, reason=reason, now=now)


def mark_advisor_away(
    session: Session,
    advisor: Advisor,
    *,
    reason: Message,
    until: datetime | None = None,
    now: datetime,
) -> None:
    """Record that an advisor is away because a rule says so, whatever their role is by now.

    `until`: when the rule ends it by itself; None leaves that to the advisor.
    """
    if advisor.presence != Presence.AWAY:
        advisor.away_at = now
    advisor.presence, advisor.away_reason, advisor.away_until = Presence.AWAY, reason, until
    advisor.present_until = max(advisor.present_until or now, now + PULSE_LASTS)
    _save_advisor_and_wake(session, advisor)


def record_presence_heartbeat(session: Session, advisor_id: int, *, now: datetime) -> None:
    """Record that a page of an advisor is still open."""
    still_here = update(Advisor).where(
        col(Advisor.id) == advisor_id, col(Advisor.presence) != Presence.OFFLINE
    )
    session.execute(still_here.values(present_until=now + PULSE_LASTS))


def is_presence_heartbeat_due(advisor: Advisor, *, now: datetime) -> bool:
    """Whether an advisor's last heartbeat is old enough to record another one."""
    if advisor.presence == Presence.OFFLINE or advisor.present_until is None:
        return False
    return advisor.present_until < now + PULSE_LASTS - PULSE_AFTER


def expire_stale_presence(session: Session, *, now: datetime) -> int:
    """Set the advisors offline whose desks have stopped their heartbeat; returns how many.

    An advisor on duty with a phone is left as they are.
    """
    count = execute_and_count(
        session,
        update(Advisor)
        .where(col(Advisor.presence) != Presence.OFFLINE, col(Advisor.present_until) < now)
        .where(or_(col(Advisor.on_duty_until).is_(None), col(Advisor.on_duty_until) < now))
        .values(presence=Presence.OFFLINE),
    )
    if count:
        wake_after_commit(session, Wakeup.DESK)
    return count


def end_rests(session: Session, *, now: datetime) -> int:
    """Let the phones ring again of advisors whose rest after missed offers is over; how many.

    Missed offers are counted anew.
    """
    back: dict[str, Any] = {"presence": Presence.OFFLINE, "away_reason": "", "away_until": None}
    over = update(Advisor).where(
        col(Advisor.presence) == Presence.AWAY, col(Advisor.away_until) <= now
    )
    count = execute_and_count(session, over.values(missed_in_a_row=0, idle_since=now, **back))
    if count:
        wake_after_commit(session, Wakeup.OFFER)
        wake_after_commit(session, Wakeup.DESK)
    return count


def is_anybody_on_duty(session: Session, *, by_hand: bool = False, now: datetime) -> bool:
    """Whether anybody takes calls now, at work or free, whose phone can be rung.

    `by_hand`: advisors ring from phones of their own.
    """
    parameters = {"now": now, "by_hand": by_hand}
    return session.exec(ADVISORS_ON_DUTY, params=parameters).first() is not None


def nobody_left_since(session: Session, *, now: datetime) -> datetime | None:
    """Return since when nobody takes calls because the last of them has missed two in a row.

    None where somebody does, at work or free, and where nobody is resting.
    """
    resting = select(func.max(Advisor.away_at)).where(
        Advisor.presence == Presence.AWAY, col(Advisor.away_until) > now
    )
    since: datetime | None = session.exec(resting).one()
    if since is None or is_anybody_on_duty(session, by_hand=True, now=now):
        return None
    return since


def put_on_duty(
    session: Session,
    advisor: Advisor,
    *,
    until: datetime,
    now: datetime,
    operator: Operator | None = None,
) -> None:
    """Offer callbacks to an advisor's phone until an instant, with or without an open desk.

    The audit trail names the advisor, or the `operator` who said so.
    """
    require_permission(advisor, Permission.TAKE_CALLBACKS)
    advisor.shift_duty_until = None  # what a person says is no shift's to end
    _begin_duty(session, advisor, until=until, actor=actor_of(operator or advisor), now=now)


def put_on_shift_duty(
    session: Session, advisor: Advisor, *, until: datetime, by: str, now: datetime
) -> None:
    """Offer callbacks to an advisor's phone until their shift ends; `by` is in the audit trail.

    Whoever is away at an open desk stays away.
    """
    require_permission(advisor, Permission.TAKE_CALLBACKS)
    advisor.shift_duty_until = until
    is_on_break = advisor.presence == Presence.AWAY and has_open_desk(advisor, now=now)
    _begin_duty(session, advisor, until=until, actor=by, is_back=not is_on_break, now=now)


def end_shift_duty(session: Session, advisor: Advisor, *, by: str, now: datetime) -> None:
    """End the duty by phone that a shift began; `by` is in the audit trail."""
    advisor.on_duty_until = advisor.shift_duty_until = None
    record_event(session, advisor, "take_off_duty", actor=by, now=now)
    _save_advisor_and_wake(session, advisor)


def _begin_duty(
    session: Session,
    advisor: Advisor,
    *,
    until: datetime,
    actor: str,
    is_back: bool = True,
    now: datetime,
) -> None:
    advisor.on_duty_until, advisor.idle_since, advisor.missed_in_a_row = until, now, 0
    if is_back and advisor.presence == Presence.AWAY:
        advisor.presence, advisor.away_reason = Presence.OFFLINE, ""
        advisor.away_until = None
    record_event(session, advisor, "put_on_duty", actor=actor, now=now, on_duty_until=until)
    _save_advisor_and_wake(session, advisor)


def take_off_duty(
    session: Session, advisor: Advisor, *, now: datetime, operator: Operator | None = None
) -> None:
    """End an advisor's duty by phone: without an open desk they get no offers.

    `operator` is as in `put_on_duty`, and ends it for whoever may not take callbacks any more.
    """
    require_permission(operator or advisor, Permission.TAKE_CALLBACKS)
    advisor.on_duty_until = advisor.shift_duty_until = None
    advisor.off_duty_at = now
    record_event(session, advisor, "take_off_duty", actor=actor_of(operator or advisor), now=now)
    _save_advisor_and_wake(session, advisor)


def set_advisor_offline(session: Session, advisor: Advisor) -> None:
    """Set a colleague offline who works here no more: neither desk nor phone gets an offer."""
    advisor.presence, advisor.away_reason, advisor.on_duty_until = Presence.OFFLINE, "", None
    advisor.shift_duty_until = None
    _save_advisor_and_wake(session, advisor)


def is_on_duty_by_phone_only(advisor: Advisor, *, now: datetime) -> bool:
    """Whether an advisor is on duty with a phone and has no open desk that is available."""
    has_desk = advisor.presence == Presence.AVAILABLE and has_open_desk(advisor, now=now)
    return not has_desk and phone_duty_until(advisor, now=now) is not None


def has_open_desk(advisor: Advisor, *, now: datetime) -> bool:
    """Whether an advisor's desk is open, whether they take calls there or are away."""
    if advisor.presence == Presence.OFFLINE or advisor.present_until is None:
        return False
    return advisor.present_until > now


def has_left_desk(advisor: Advisor, *, now: datetime) -> bool:
    """Whether an advisor's desk stopped its heartbeat a while ago, so that they get no offers."""
    if advisor.presence != Presence.OFFLINE or advisor.present_until is None:
        return False
    return advisor.present_until <= now <= advisor.present_until + RETURNS_WITHIN


def phone_duty_until(advisor: Advisor, *, now: datetime) -> datetime | None:
    """Return until when an advisor is on duty with a phone; None if they are not now."""
    return advisor.on_duty_until if advisor.on_duty_until and advisor.on_duty_until > now else None


def record_accepted_offer(session: Session, advisor: Advisor) -> None:
    """Record that an advisor pressed 1, so that earlier missed offers no longer count."""
    advisor.missed_in_a_row = 0
    session.add(advisor)


def record_missed_offer(session: Session, advisor: Advisor, *, now: datetime) -> None:
    """Record that an advisor missed an offer: they go to the back of the line.

    After two in a row they are set away: an advisor with nothing but a phone for a while, because
    no desk says so to them.
    """
    advisor.missed_in_a_row += 1
    advisor.idle_since = now
    session.add(advisor)
    if advisor.missed_in_a_row >= MOST_MISSES:
        rests = is_on_duty_by_phone_only(advisor, now=now)
        until = now + REST_AFTER_MISSES if rests else None
        reason = Message(MessageKey.MISSED_OFFERS)
        mark_advisor_away(session, advisor, reason=reason, until=until, now=now)


def mark_advisor_idle(
    session: Session, advisor: Advisor, *, lost: int | None = None, now: datetime
) -> None:
    """Record that an advisor finished a piece of work and is idle from now on.

    `lost`: the id of the callback that was it, where somebody or something else took it from them.
    """
    advisor.idle_since = now
    advisor.lost_callback_id = lost or advisor.lost_callback_id
    _save_advisor_and_wake(session, advisor)


def _save_advisor_and_wake(session: Session, advisor: Advisor) -> None:
    session.add(advisor)
    wake_after_commit(session, Wakeup.OFFER)


def _availability_instants(now: datetime) -> dict[str, datetime]:
    return {
        "now": now,
        "may_hang_up_since": now - HANGS_UP_WITHIN,
        "may_ring_since": now - RINGS_WITHIN,
    }


def _is_available() -> ColumnElement[bool]:
    at_desk = and_(
        col(Advisor.presence) == Presence.AVAILABLE, col(Advisor.present_until) > bindparam("now")
    )
    by_phone = and_(
        col(Advisor.presence) != Presence.AWAY, col(Advisor.on_duty_until) > bindparam("now")
    )
    return or_(at_desk, by_phone)


def _is_busy() -> ColumnElement[bool]:
    """Return the condition that an advisor has work in hand, or has not hung up yet.

    A second call would ring into the first, also where the phone is another's as well.
    """
    held = select(Callback.advisor_id).where(
        col(Callback.state).in_(CLAIMED_CALLBACK), col(Callback.advisor_id).is_not(None)
    )
    is_live = col(CallAttempt.state).in_(LIVE_ATTEMPT)
    live = select(CallAttempt.advisor_id).where(is_live)
    not_hung_up = (
        select(CallLeg.advisor_id)
        .join(CallAttempt, col(CallAttempt.id) == col(CallLeg.attempt_id))
        .where(col(CallAttempt.ended_at) > bindparam("may_hang_up_since"))
        .where(col(CallLeg.advisor_id).is_not(None), col(CallLeg.status).in_(LIVE_LEG))
    )
    on_the_line = not_hung_up.where(CallLeg.party == Party.ADVISOR)
    # As in the index of phones asked into calls: few, however many calls there are.
    asked_in = (col(CallLeg.phone) != literal_column("''"), col(CallLeg.left_at).is_(None))
    beside = select(CallLeg.advisor_id).where(*asked_in, col(CallLeg.advisor_id).is_not(None))
    may_ring_yet = select(CallAttempt.advisor_id).where(
        CallAttempt.state == AttemptState.LOST,
        col(CallAttempt.requested_at) > bindparam("may_ring_since"),
    )
    # Over before the network has said that it rings them: nobody can hang up what has no id yet.
    in_doubt = (
        select(CallAttempt.advisor_id)
        .join(Outbox, col(Outbox.attempt_id) == col(CallAttempt.id))
        .where(Outbox.kind == OutboxKind.PLACE_CALL, col(Outbox.state).in_(DOUBTFUL_ORDER))
    )
    occupied = (live, on_the_line, may_ring_yet, in_doubt)
    has_work = col(Advisor.id).in_(
        union_all(held, beside, live, not_hung_up, may_ring_yet, in_doubt)
    )
    phone = col(CallAttempt.advisor_phone)
    is_known = phone.is_not(None)
    phones = [one.with_only_columns(phone).where(is_known) for one in occupied]
    phones.append(select(CallAttempt.phone).where(is_live))
    phones.append(select(CallLeg.phone).where(*asked_in))
    return or_(has_work, col(Advisor.phone).in_(union_all(*phones)))


_can_be_rung = or_(col(Advisor.phone) != "", bindparam("by_hand", type_=Boolean))
AVAILABLE_ADVISORS = (
    select(Advisor)
    .where(_is_available(), ~_is_busy(), has_permission_clause(Permission.TAKE_CALLBACKS))
    .order_by(col(Advisor.idle_since), col(Advisor.id))
    .execution_options(**OVER_ALL_HELPLINES)
)  # made once: building it costs more than running it
ADVISORS_ON_DUTY = (
    select(Advisor.id)
    .where(_is_available(), _can_be_rung, has_permission_clause(Permission.TAKE_CALLBACKS))
    .limit(1)
)
_COMPETENCE = (
    col(Advisor.role),
    col(Advisor.helplines),
    col(Advisor.languages),
    col(Advisor.skills),
    col(Advisor.gender),
)
COMPETENCES_ON_DUTY = select_columns(*_COMPETENCE).where(
    _is_available(), _can_be_rung, has_permission_clause(Permission.TAKE_CALLBACKS)
)
LONGEST_IDLE_LOCKED = (
    AVAILABLE_ADVISORS.with_only_columns(col(Advisor.id), col(Advisor.phone), *_COMPETENCE)
    .where(_can_be_rung)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
