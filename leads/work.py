"""Figures of the calls themselves: what it took to reach people, and how advisors' time went. For coaching.

Every docstring here is the definition shown on screen. Nothing here counts admissions or referrals by advisor: paying
by them is forbidden (18 USC 220), and what is ranked is soon paid for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import String, and_, case, func, or_, type_coerce
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from leads import columns
from leads.cohort import Only, concerning, local, narrow
from leads.columns import Columns, Lengths, Mask
from leads.models import Advisor, CallAttempt, Callback, CallbackState, Result, Suppression

RESULTS = (*Result,)
TRIES_USED_UP = "no answer: the tries were used up"
MISSED = (Result.ADVISOR_NO_ANSWER, Result.ADVISOR_DECLINED)


@dataclass(frozen=True)
class Reaching:
    """What it took to reach people: tries that rang their phone, and how many tries came before they were talked to."""

    tries: int
    answered: int
    tries_to_contact: tuple[int, ...]

    @property
    def rate(self) -> float | None:
        """Share of the tries that rang a person's own phone in which they were talked to."""
        return self.answered / self.tries if self.tries else None

    @property
    def usual(self) -> float | None:
        """How many times a phone was rung until its owner was talked to, in the middle of those who were."""
        return median(self.tries_to_contact) if self.tries_to_contact else None


@dataclass(frozen=True)
class Handled:
    """One advisor's calls in a period, or everybody's."""

    name: str
    offers: int
    missed: int
    conversations: int
    handling: timedelta
    spent: timedelta
    between: timedelta

    @property
    def handle_time(self) -> timedelta | None:
        """Average time of a conversation: from the offer to the hang-up, with the wrap-up that ended the callback."""
        return self.handling / self.conversations if self.conversations else None

    @property
    def occupancy(self) -> float | None:
        """Share of the time between the first offer and the end of the last one, on each day, that offers took.

        Time on duty before the first offer is not recorded and does not count.
        """
        return self.spent / self.between if self.between else None

    @property
    def missed_share(self) -> float | None:
        """Share of the offers that the advisor did not answer or passed on."""
        return self.missed / self.offers if self.offers else None


@dataclass(frozen=True)
class OptOuts:
    """How fast "stop" is: who said so, and the longest that a phone could still ring or a call went on after it."""

    count: int
    longest: timedelta
    rung_after: int


def reaching(session: Session, *, start: datetime, end: datetime, now: datetime, only: Only) -> Reaching:
    """Every time the own phone of somebody who asked in the period was dialled. Ringing an advisor is not a try."""
    chosen = select(CallAttempt.callback_id, col(CallAttempt.rung_at), _result().label("result"))
    chosen = narrow(chosen.join(Callback, _theirs()), start=start, end=end, only=only)
    found = columns.read(session, chosen.where(col(CallAttempt.rung_at) <= now))
    talked = found["result"] == RESULTS.index(Result.CONVERSATION)
    order = np.lexsort((found["rung_at"], found["callback_id"]))
    people, first = np.unique(found["callback_id"][order], return_index=True)
    tries = [int(np.argmax(part)) + 1 for part in np.split(talked[order], first[1:]) if part.any()]
    return Reaching(len(talked), int(talked.sum()), tuple(tries) if len(people) else ())


def handled(
    session: Session, *, start: datetime, end: datetime, zone: str, now: datetime, only: Only
) -> tuple[Handled, list[Handled]]:
    """Offers made to advisors in the period: everybody's together, and each advisor's in order of their names."""
    chosen: Any = select_columns(
        col(CallAttempt.advisor_id),
        _result().label("result"),
        col(CallAttempt.requested_at),
        col(CallAttempt.ended_at),
        case((_ends_it(), col(Callback.finished_at)), else_=None).label("written_up_at"),
    ).join(Callback, _theirs())
    chosen = chosen.where(CallAttempt.requested_at >= start, CallAttempt.requested_at < end)
    chosen = chosen.where(CallAttempt.requested_at <= now, col(CallAttempt.ended_at) <= now)
    found = columns.read(session, concerning(chosen, only))
    names = session.exec(select(Advisor.name, Advisor.id).order_by(Advisor.name, col(Advisor.id))).all()
    days = local(found["requested_at"], zone).astype("datetime64[D]").astype(np.int64)
    each = [_handled(name, found, found["advisor_id"] == number, days) for name, number in names]
    each = [one for one in each if one.offers]
    return _together(each), each


def opt_outs(session: Session, *, start: datetime, end: datetime, now: datetime) -> OptOuts:
    """From "stop" until the last call to that number was over: 0 unless a call was under way.

    The number is suppressed in the same transaction in which it is heard. Rung after it: always 0 while it is in force.
    """
    stopped = select(func.count()).select_from(Suppression)
    stopped = stopped.where(Suppression.since >= start, Suppression.since < end, Suppression.since <= now)
    later = select(Suppression.since, CallAttempt.rung_at, CallAttempt.ended_at).where(
        CallAttempt.phone == Suppression.phone,
        Suppression.since >= start,
        Suppression.since < end,
        col(CallAttempt.rung_at) <= now,
        col(CallAttempt.ended_at) > col(Suppression.since),
        or_(col(Suppression.lifted_at).is_(None), col(CallAttempt.rung_at) < col(Suppression.lifted_at)),
    )
    found = session.exec(later).all()
    longest = max((ended_at - since for since, _, ended_at in found if ended_at), default=timedelta())
    return OptOuts(session.exec(stopped).one(), longest, sum(bool(rung and rung > since) for since, rung, _ in found))


def reasons(session: Session, callback_ids: Sequence[int]) -> dict[str, list[int]]:
    """Say why we ended callbacks: which reason a supervisor gave, or that the tries were used up."""
    found: dict[str, list[int]] = {}
    for first in range(0, len(callback_ids), 500):
        chosen = select(Callback.id, Callback.state, Callback.close_reason)
        chosen = chosen.where(col(Callback.id).in_(callback_ids[first : first + 500]))
        for number, state, reason in session.exec(chosen):
            why = (
                "no answer: the tries were used up" if state == CallbackState.EXHAUSTED else reason or "no reason given"
            )
            found.setdefault(why, []).append(number)
    return dict(sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])))


def _handled(name: str, found: Columns, theirs: Mask, days: Any) -> Handled:
    began, ended, written = (found[column][theirs] for column in ("requested_at", "ended_at", "written_up_at"))
    result, until = found["result"][theirs], np.where(np.isnat(written), ended, written)
    talked, spent = result == RESULTS.index(Result.CONVERSATION), until - began
    between = [until[on].max() - began[on].min() for on in (days[theirs] == day for day in np.unique(days[theirs]))]
    missed = int(np.isin(result, [RESULTS.index(word) for word in MISSED]).sum())
    sums = (_sum(spent[talked]), _sum(spent), _sum(np.array(between, dtype="timedelta64[us]")))
    return Handled(name, len(result), missed, int(talked.sum()), *sums)


def _together(each: Sequence[Handled]) -> Handled:
    numbers = (sum(getattr(one, name) for one in each) for name in ("offers", "missed", "conversations"))
    lengths = (sum((getattr(one, name) for one in each), timedelta()) for name in ("handling", "spent", "between"))
    return Handled("Everybody", *numbers, *lengths)


def _sum(lengths: Lengths) -> timedelta:
    total: timedelta = lengths.sum().item() if len(lengths) else timedelta()
    return total


def _result() -> Any:
    words = {str(word): code for code, word in enumerate(RESULTS)}
    return case(words, value=type_coerce(col(CallAttempt.result), String), else_=columns.NOBODY)


def _ends_it() -> Any:
    """Whether this call's conversation was the one after which the callback was completed."""
    return and_(col(Callback.state) == CallbackState.COMPLETED, col(Callback.ended_at) == col(CallAttempt.ended_at))


def _theirs() -> Any:
    return col(Callback.id) == col(CallAttempt.callback_id)
