"""Presence: which advisors can take a call.

It is what advisors say of themselves, kept true by a heartbeat that stops with their last page.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    func,
    or_,
    update,
)
from sqlmodel import Session, col, select

from leads.database.bulk_rows import execute_and_count
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.i18n.messages import Message, MessageKey
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.enums import (
    Presence,
)
from leads.people import availability
from leads.people.permissions import (
    Operator,
    Permission,
    actor_of,
    require_permission,
)

PULSE_LASTS = timedelta(seconds=90)
PULSE_AFTER = timedelta(
    seconds=20
)  # so that a hidden tab, throttled to one run a minute, is in time
RETURNS_WITHIN = timedelta(hours=1)  # after that somebody begins anew, and knows it
MOST_MISSES = 2
REST_AFTER_MISSES = timedelta(minutes=15)  # of an advisor on duty with only a phone


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


def nobody_left_since(session: Session, *, now: datetime) -> datetime | None:
    """Return since when nobody takes calls because the last of them has missed two in a row.

    None where somebody does, at work or free, and where nobody is resting.
    """
    resting = select(func.max(Advisor.away_at)).where(
        Advisor.presence == Presence.AWAY, col(Advisor.away_until) > now
    )
    since: datetime | None = session.exec(resting).one()
    if since is None or availability.is_anybody_on_duty(session, by_hand=True, now=now):
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
