"""Call statistics: what it took to reach people, and how advisors' time went.

They are for coaching. Nothing here counts admissions or referrals by advisor: paying by them is
forbidden (18 USC 220), and what is ranked is soon paid for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import String, and_, case, type_coerce
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.dispositions import HELPED_OR_REFERRED, Disposition
from leads.models.enums import CallbackState, CallDoubt, Result
from leads.reporting import columnar_query
from leads.reporting.calendar_days import to_local_time
from leads.reporting.columnar_query import Instants, Lengths, Mask, Numbers
from leads.reporting.figure_definition import define_figure
from leads.reporting.filters import ReportFilter, apply_period_and_filter, apply_report_filter

RESULTS = (*Result,)
DISPOSITIONS = (*Disposition,)
DOUBTS = (*CallDoubt,)
MISSED = (Result.ADVISOR_NO_ANSWER, Result.ADVISOR_DECLINED)
LONGEST_WRAP_UP = np.timedelta64(60, "m")
EVERYBODY = Phrase("Everyone")


@dataclass(frozen=True, eq=False)
class CallColumns:
    """Offers to advisors, and the tries that they became, as one array for each column.

    A call that completed no callback has no disposition, most have no doubt.
    """

    callback_id: Numbers
    advisor_id: Numbers
    result: Numbers
    disposition: Numbers
    requested_at: Instants
    rung_at: Instants
    ended_at: Instants
    written_up_at: Instants
    doubt: Numbers

    def __len__(self) -> int:
        """Return how many calls there are."""
        return len(self.callback_id)

    def __getitem__(self, which: Any) -> CallColumns:
        """Return some of the calls, by a mask, by their places or by a slice."""
        return CallColumns(
            **{field.name: getattr(self, field.name)[which] for field in fields(self)}
        )

    @property
    def talked(self) -> Mask:
        """In which calls a person and an advisor talked."""
        return np.asarray(self.result == RESULTS.index(Result.CONVERSATION))

    @property
    def missed(self) -> Mask:
        """Which offers the advisor did not answer or passed on."""
        return np.isin(self.result, [RESULTS.index(word) for word in MISSED])

    @property
    def rang(self) -> Mask:
        """Which offers became a try: the person's own phone was dialed."""
        return ~np.isnat(self.rung_at)

    def in_doubt(self, why: CallDoubt) -> Mask:
        """Which calls were in doubt for this reason, whatever the advisor said of them since."""
        return np.asarray(self.doubt == DOUBTS.index(why))

    def ended_with_disposition(self, word: str) -> Mask:
        """Which conversations ended a callback with a disposition; helped and referred are one."""
        words = HELPED_OR_REFERRED if word in HELPED_OR_REFERRED else (word,)
        return np.isin(self.disposition, [DISPOSITIONS.index(Disposition(one)) for one in words])

    @property
    def advisor_time(self) -> Lengths:
        """How long each call was its advisor's.

        It is the time from the offer to the hang-up, or to the end of the wrap-up. What was
        written up longer afterwards was asked about later.
        """
        written_up_at = np.where(
            self.written_up_at - self.ended_at > LONGEST_WRAP_UP, self.ended_at, self.written_up_at
        )
        until = np.where(np.isnat(written_up_at), self.ended_at, written_up_at)
        return np.asarray(until - self.requested_at)


@dataclass(frozen=True, eq=False)
class ContactAttempts:
    """The tries that rang people's own phones, and each person's first try with a conversation.

    `tries_to_contact`: of each first conversation, which try it was, counted from 1.
    """

    made: CallColumns
    first_talks: CallColumns
    tries_to_contact: tuple[int, ...]

    @property
    def tries(self) -> int:
        """How often the people's own phones were dialed."""
        return len(self.made)

    @property
    def answered(self) -> int:
        """In how many of the tries the person was talked to."""
        return int(self.made.talked.sum())

    @define_figure(
        Phrase("Attempts until reached"),
        Phrase("How many calls it took to reach a person: the median over the people reached."),
    )
    def median_tries_to_contact(self) -> float | None:
        return median(self.tries_to_contact) if self.tries_to_contact else None

    @define_figure(
        Phrase("Unclear calls"),
        Phrase(
            "Attempts in which it was not clear at first whether a person was reached. "
            "Each counts as a conversation only if the advisor said so, and is listed "
            "either way."
        ),
    )
    def in_doubt(self) -> dict[CallDoubt, CallColumns]:
        by_reason = {why: self.made[self.made.in_doubt(why)] for why in CallDoubt}
        return {why: calls for why, calls in by_reason.items() if len(calls)}


@dataclass(frozen=True, eq=False)
class AdvisorCalls:
    """One advisor's calls in a period, or everybody's, where `advisor_id` is None.

    `between` is the time from each day's first offer to the end of its last.
    """

    advisor_id: int | None
    name: str
    calls: CallColumns
    between: timedelta

    @property
    def offers(self) -> int:
        """How many callbacks were offered."""
        return len(self.calls)

    @property
    def missed(self) -> int:
        """How many offers were not answered or passed on."""
        return int(self.calls.missed.sum())

    @property
    def conversations(self) -> int:
        """How many conversations there were."""
        return int(self.calls.talked.sum())

    @property
    def rung(self) -> int:
        """How many offers became a try: the person's own phone was dialed."""
        return int(self.calls.rang.sum())

    @define_figure(
        Phrase("Average handle time"),
        Phrase(
            "Average time of a conversation, from the offer to the hang-up, plus the "
            "wrap-up that closed the callback."
        ),
    )
    def handle_time(self) -> timedelta | None:
        talks = self.calls[self.calls.talked]
        return _total_length(talks.advisor_time) / len(talks) if len(talks) else None

    @define_figure(
        Phrase("Busy"),
        Phrase(
            "Share of the time from each day's first call offered to the end of the last "
            "one that was spent on calls. Time on duty before the first one is not "
            "recorded and does not count."
        ),
    )
    def occupancy(self) -> float | None:
        return _total_length(self.calls.advisor_time) / self.between if self.between else None

    @define_figure(
        Phrase("Calls missed or passed"),
        Phrase("Share of the calls offered that the advisor did not answer or passed."),
    )
    def missed_share(self) -> float | None:
        return self.missed / self.offers if self.offers else None

    @define_figure(
        Phrase("Outcomes"),
        Phrase(
            "Outcomes of the conversations that closed a callback. Helped and referred are "
            "one figure."
        ),
    )
    def dispositions(self) -> Counter[str]:
        words = [
            DISPOSITIONS[code]
            for code in self.calls.disposition.tolist()
            if code != columnar_query.NULL_NUMBER
        ]
        return Counter(
            str(Disposition.HELPED if word in HELPED_OR_REFERRED else word) for word in words
        )


@define_figure(
    Phrase("Answer rate"),
    Phrase("Share of the attempts to a person's own phone in which they were reached."),
)
def connect_rate(calls: CallColumns) -> float | None:
    tries = int(calls.rang.sum())
    return int(calls.talked.sum()) / tries if tries else None


def read_contact_attempts(
    session: Session, *, start: datetime, end: datetime, now: datetime, only: ReportFilter
) -> ContactAttempts:
    """Every time the own phone of somebody who asked in the period was dialed.

    Ringing an advisor is not a try.
    """
    people, theirs = _split_off_advisor(only)
    chosen = apply_period_and_filter(
        _call_columns_query(now), start=start, end=end, only=people
    ).where(col(CallAttempt.rung_at) <= now, *theirs)
    tries = CallColumns(**columnar_query.fetch_columns(session, chosen))
    tries = tries[np.lexsort((tries.rung_at, tries.callback_id))]
    _, first = np.unique(tries.callback_id, return_index=True)
    starts = np.repeat(first, np.diff([*first, len(tries)]))
    talks = np.flatnonzero(tries.talked)
    _, earliest = np.unique(tries.callback_id[talks], return_index=True)
    talks = talks[earliest]
    return ContactAttempts(
        tries, tries[talks], tuple((talks - starts[talks] + 1).tolist()) if len(talks) else ()
    )


@define_figure(
    Phrase("Calls and advisors"),
    Phrase(
        "Calls offered to advisors in the period, for everyone together and for each "
        "advisor by name."
    ),
)
def read_advisor_calls(
    session: Session,
    *,
    start: datetime,
    end: datetime,
    zone: str,
    now: datetime,
    only: ReportFilter,
) -> tuple[AdvisorCalls, list[AdvisorCalls]]:
    people, theirs = _split_off_advisor(only)
    chosen = _call_columns_query(now).where(
        CallAttempt.requested_at >= start, CallAttempt.requested_at < end, *theirs
    )
    chosen = chosen.where(CallAttempt.requested_at <= now, col(CallAttempt.ended_at) <= now)
    offers_made = CallColumns(
        **columnar_query.fetch_columns(session, apply_report_filter(chosen, people))
    )
    offers_made = offers_made[np.argsort(offers_made.requested_at, kind="stable")]
    days = to_local_time(offers_made.requested_at, zone).astype("datetime64[D]").astype(np.int64)
    each = [
        _advisor_calls_of(number, name, offers_made, days)
        for number, name in advisor_display_names(session).items()
    ]
    each = [one for one in each if one.offers]
    return AdvisorCalls(
        None, EVERYBODY, offers_made, sum((one.between for one in each), timedelta())
    ), each


def advisor_display_names(session: Session) -> dict[int, str]:
    """Return the advisors' names by id, in order of their names.

    Advisors who share a name are told apart by e-mail address.
    """
    chosen = select(Advisor.id, Advisor.name, Advisor.email).order_by(Advisor.name, col(Advisor.id))
    advisors = session.exec(chosen).all()
    times = Counter(name for _, name, _ in advisors)
    return {
        number: name if times[name] == 1 else f"{name} ({email})"
        for number, name, email in advisors
    }


def _call_columns_query(now: datetime) -> Any:
    """Return the query for the columns of CallColumns, as they stood at `now`."""
    ends_it = _is_completing_call(now)
    return select_columns(
        col(CallAttempt.callback_id),
        col(CallAttempt.advisor_id),
        _code_of_word(CallAttempt.result, RESULTS).label("result"),
        case(
            (ends_it, _code_of_word(Callback.disposition, DISPOSITIONS)),
            else_=columnar_query.NULL_NUMBER,
        ).label("disposition"),
        col(CallAttempt.requested_at),
        col(CallAttempt.rung_at),
        col(CallAttempt.ended_at),
        case((ends_it, col(Callback.finished_at)), else_=None).label("written_up_at"),
        _code_of_word(CallAttempt.doubt, DOUBTS).label("doubt"),
    ).join(Callback, col(Callback.id) == col(CallAttempt.callback_id))


def _split_off_advisor(only: ReportFilter) -> tuple[ReportFilter, Sequence[Any]]:
    """Return a filter without its advisor, and the condition that a call was made by that advisor.

    An advisor's calls are those they made, whoever was the first to ring the person.
    """
    theirs = () if only.advisor_id is None else (col(CallAttempt.advisor_id) == only.advisor_id,)
    return replace(only, advisor_id=None), theirs


def _advisor_calls_of(
    number: int, name: str, everybodys: CallColumns, days: Numbers
) -> AdvisorCalls:
    which = everybodys.advisor_id == number
    theirs, days = everybodys[which], days[which]
    until = theirs.requested_at + theirs.advisor_time
    between = [
        until[on].max() - theirs.requested_at[on].min()
        for on in (days == day for day in np.unique(days))
    ]
    return AdvisorCalls(
        number, name, theirs, _total_length(np.array(between, dtype="timedelta64[us]"))
    )


def _total_length(lengths: Lengths) -> timedelta:
    total: timedelta = lengths.sum().item() if len(lengths) else timedelta()
    return total


def _code_of_word(word: Any, words: Sequence[str]) -> Any:
    """Return a word's place among words, because columns are numbers."""
    places = {str(one): place for place, one in enumerate(words)}
    return case(places, value=type_coerce(col(word), String), else_=columnar_query.NULL_NUMBER)


def _is_completing_call(now: datetime) -> Any:
    """Return the condition that a call's conversation completed its callback."""
    is_over = and_(col(Callback.state) == CallbackState.COMPLETED, col(Callback.finished_at) <= now)
    return and_(is_over, col(Callback.ended_at) == col(CallAttempt.ended_at))
