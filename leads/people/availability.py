"""Availability: which advisors could take a call now, and whose phone is in one."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import (
    Boolean,
    ColumnElement,
    String,
    and_,
    bindparam,
    cast,
    literal_column,
    or_,
    union_all,
)
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    CLAIMED_CALLBACK,
    LIVE_ATTEMPT,
    LIVE_LEG,
    AdvisorRole,
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
    Permission,
    has_permission_clause,
    helplines_of,
    served_helplines,
)

RINGS_WITHIN = timedelta(seconds=40)  # a call that was never found rings by then, or not at all
HANGS_UP_WITHIN = timedelta(seconds=60)  # after that the news of it was lost
ASKED_WITHIN = timedelta(seconds=45)  # by then a call that asks what came of another is over
DOUBTFUL_ORDER = (OutboxState.SENDING, OutboxState.UNKNOWN)


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
    advisor_id, phone, *reach = row
    helplines, competence = _reach_of_columns(*reach)
    return IdleAdvisor(advisor_id, phone, competence, helplines)


@functools.lru_cache(maxsize=1024)
def _reach_of_columns(
    role: AdvisorRole, helplines: str | None, spoken: str, skills: str, gender: str
) -> tuple[frozenset[int] | None, Competence]:
    """Return whom advisors reach whose columns say this: of which helplines, and how they suit."""
    served = helplines_of(role, None if helplines is None else json.loads(helplines))
    return served, Competence.from_columns(json.loads(spoken), json.loads(skills), gender)


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
    rows = session.execute(REACHES_ON_DUTY, {"now": now, "by_hand": by_hand})
    return [_reach_of_columns(*row) for row in rows]


def list_available_advisors(session: Session, *, now: datetime) -> list[Advisor]:
    """Return the advisors who could be offered a callback now, longest idle first."""
    return list(session.exec(AVAILABLE_ADVISORS, params=_availability_instants(now)))


def is_anybody_on_duty(session: Session, *, by_hand: bool = False, now: datetime) -> bool:
    """Whether anybody takes calls now, at work or free, whose phone can be rung.

    `by_hand`: advisors ring from phones of their own.
    """
    parameters = {"now": now, "by_hand": by_hand}
    return session.exec(ADVISORS_ON_DUTY, params=parameters).first() is not None


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


def _availability_instants(now: datetime) -> dict[str, datetime]:
    return {
        "now": now,
        "may_hang_up_since": now - HANGS_UP_WITHIN,
        "may_ring_since": now - RINGS_WITHIN,
        "may_be_asked_since": now - ASKED_WITHIN,
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
    # Who has pressed a key hears what was recorded. That call is no leg: no news tells of its end.
    asked = (
        select(CallAttempt.advisor_id)
        .join(Outbox, col(Outbox.attempt_id) == col(CallAttempt.id))
        .where(Outbox.kind == OutboxKind.ASK_OUTCOME, Outbox.state == OutboxState.SENT)
        .where(col(Outbox.due_at) > bindparam("may_be_asked_since"))
    )
    occupied = (live, on_the_line, may_ring_yet, in_doubt, asked)
    has_work = col(Advisor.id).in_(
        union_all(held, beside, live, not_hung_up, may_ring_yet, in_doubt, asked)
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
_REACH = (
    col(Advisor.role),
    cast(Advisor.helplines, String),
    cast(Advisor.languages, String),
    cast(Advisor.skills, String),
    col(Advisor.gender),
)  # lists as text: few differ, and each is read once
REACHES_ON_DUTY = (
    select_columns(*_REACH)
    .where(_is_available(), _can_be_rung, has_permission_clause(Permission.TAKE_CALLBACKS))
    .distinct()
)
LONGEST_IDLE_LOCKED = (
    AVAILABLE_ADVISORS.with_only_columns(col(Advisor.id), col(Advisor.phone), *_REACH)
    .where(_can_be_rung)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
