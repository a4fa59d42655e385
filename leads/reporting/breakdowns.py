"""A report by its parts: where people came from, when they asked, who rang them first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlmodel import Session, col, select

from leads.i18n.translatable import Phrase
from leads.models.calls import CallAttempt, Callback
from leads.models.helplines import Brand, Source
from leads.reporting import calendar_days, call_statistics, filters, trends
from leads.reporting.cohort import Cohort
from leads.reporting.columnar_query import Numbers
from leads.reporting.service_report import Calls, Overview, source_names
from leads.reporting.trends import DAYS_OF_WEEK, HOURS, Figures

MONDAY = 3  # 1970 began on a Thursday
NO_CAMPAIGN = Phrase("none")
NOT_YET, UNKNOWN = Phrase("Nobody yet"), Phrase("Not recorded who")
WEEKDAYS = (
    Phrase("Monday"),
    Phrase("Tuesday"),
    Phrase("Wednesday"),
    Phrase("Thursday"),
    Phrase("Friday"),
    Phrase("Saturday"),
    Phrase("Sunday"),
)


@dataclass(frozen=True, eq=False)
class Part:
    """Some of a period's people, and the tries to reach them if they were read."""

    name: str
    people: Cohort
    figures: Figures
    tries: call_statistics.Calls | None

    @property
    def rate(self) -> float | None:
        """Share of the tries that rang a person's own phone in which they were talked to."""
        return int(self.tries.talked.sum()) / len(self.tries) if self.tries is not None and len(self.tries) else None


Split = Callable[[Session, Overview], Sequence[str]]


def by_source(session: Session, overview: Overview) -> Sequence[str]:
    """By source, named with its helpline where there are several."""
    names = source_names(session)
    return [names[number] for number in overview.people.source_id.tolist()]


def by_helpline(session: Session, overview: Overview) -> Sequence[str]:
    """By helpline."""
    chosen = select(Source.id, Brand.name).join(Brand, col(Brand.id) == col(Source.brand_id))
    names = dict(session.exec(chosen).all())
    return [names[number] for number in overview.people.source_id.tolist()]


def by_campaign(session: Session, overview: Overview) -> Sequence[str]:
    """By campaign; "none" for who came without one."""
    start, end = _period(overview)
    brought = filters.campaigns(session, start=start, end=end)
    return [brought.get(number) or NO_CAMPAIGN for number in overview.people.callback_id.tolist()]


def by_advisor(session: Session, overview: Overview) -> Sequence[str]:
    """By the advisor who was the first to ring the person's phone.

    Who was not rung yet is nobody's, and stands in a line of their own: an advisor's waits are only of people who were
    rung. For coaching, in order of names.
    """
    start, end = _period(overview)
    chosen: Any = select(Callback.id, CallAttempt.advisor_id).join(CallAttempt, filters.rang_first())
    found = session.exec(filters.narrow(chosen, start=start, end=end, only=overview.question.only))
    names, rang = call_statistics.advisors(session), dict(found.all())
    rows = zip(overview.people.callback_id.tolist(), overview.people.rung.tolist(), strict=True)
    return [names.get(rang.get(number, 0), UNKNOWN) if rung else NOT_YET for number, rung in rows]


def by_weekday(_: Session, overview: Overview) -> Sequence[str]:
    """By the day of the week on which they asked, where the viewer is."""
    return [
        WEEKDAYS[number] for number in (_local(overview).astype("datetime64[D]").astype(int) + MONDAY) % DAYS_OF_WEEK
    ]


def by_hour(_: Session, overview: Overview) -> Sequence[str]:
    """By the hour of the day in which they asked, where the viewer is."""
    return [f"{number:02d}:00" for number in _local(overview).astype("datetime64[h]").astype(int) % HOURS]


def in_hour_of_week(overview: Overview, weekday: int, hour: int) -> Cohort:
    """Return who asked in an hour of a day of the week, where the viewer is; Monday is 0."""
    there = _local(overview)
    days, hours = (there.astype(f"datetime64[{unit}]").astype(int) for unit in "Dh")
    return overview.people[((days + MONDAY) % DAYS_OF_WEEK == weekday) & (hours % HOURS == hour)]


def split(session: Session, overview: Overview, by: Split, calls: Calls | None = None) -> list[Part]:
    """Return a period's parts, each counted like the whole: days of the week in their order, all else by name."""
    names = by(session, overview)
    known = sorted(set(names), key=lambda name: (name in (NOT_YET, UNKNOWN), _order(name), name))
    places: Mapping[str, int] = {name: place for place, name in enumerate(known)}
    codes = np.array([places[name] for name in names], dtype=np.int64)
    found = trends.by_code(overview.people, codes, target=overview.question.target, now=overview.now)
    tries = _tries(overview.people, codes, calls)
    return [Part(known[code], overview.people[codes == code], part, tries(code)) for code, part in found.items()]


def _tries(people: Cohort, codes: Numbers, calls: Calls | None) -> Callable[[int], call_statistics.Calls | None]:
    """Say which tries were made for the people of a part."""
    if calls is None or not len(people):
        return lambda _: None
    order, made = np.argsort(people.callback_id), calls.reaching.made
    place = np.searchsorted(people.callback_id[order], made.callback_id).clip(max=len(people) - 1)
    theirs = np.where(people.callback_id[order][place] == made.callback_id, codes[order][place], -1)
    return lambda code: made[theirs == code]


def _order(name: str) -> int:
    return WEEKDAYS.index(name) if name in WEEKDAYS else 0


def _period(overview: Overview) -> tuple[Any, Any]:
    return calendar_days.period(overview.question.first, overview.question.last, overview.question.zone)


def _local(overview: Overview) -> Any:
    return calendar_days.local(overview.people.received_at, overview.question.zone)
