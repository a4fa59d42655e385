"""Breakdowns: a report's parts by where people came from, when they asked, who rang them first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlmodel import Session, col, select

from leads.i18n.translatable import NamedTimeOfDay, Phrase
from leads.models.calls import CallAttempt, Callback
from leads.models.helplines import Brand, Source
from leads.reporting import calendar_days, call_statistics, filters, trends
from leads.reporting.cohort import Cohort
from leads.reporting.columnar_query import Numbers
from leads.reporting.figure_definition import Figure, define_figure
from leads.reporting.service_report import CallStatistics, ServiceReport, source_display_names
from leads.reporting.trends import DAYS_OF_WEEK, HOURS, CohortFigures

EPOCH_WEEKDAY = 3  # 1970 began on a Thursday
NO_CAMPAIGN = Phrase("none")
NOT_YET, UNKNOWN = Phrase("No one yet"), Phrase("Advisor not recorded")
WEEKDAYS = (
    Phrase("Monday"),
    Phrase("Tuesday"),
    Phrase("Wednesday"),
    Phrase("Thursday"),
    Phrase("Friday"),
    Phrase("Saturday"),
    Phrase("Sunday"),
)
HOURS_OF_DAY = tuple(NamedTimeOfDay(f"{hour:02}:00") for hour in range(HOURS))
PLACES: Mapping[str, int] = {name: place for place, name in enumerate((*WEEKDAYS, *HOURS_OF_DAY))}
"""The order of the parts that are not in that of their names."""


@dataclass(frozen=True, eq=False)
class BreakdownPart:
    """One part of a period's people, and the tries to reach them if these were read."""

    name: str
    people: Cohort
    figures: CohortFigures
    tries: call_statistics.CallColumns | None


Breakdown = Figure[[Session, ServiceReport], Sequence[str]]


@define_figure(
    Phrase("Source"),
    Phrase("By source, with its helpline if there are several."),
)
def label_by_source(session: Session, report: ServiceReport) -> Sequence[str]:
    names = source_display_names(session)
    return [names[number] for number in report.people.source_id.tolist()]


@define_figure(
    Phrase("Helpline"),
    Phrase("By helpline."),
)
def label_by_helpline(session: Session, report: ServiceReport) -> Sequence[str]:
    chosen = select(Source.id, Brand.name).join(Brand, col(Brand.id) == col(Source.brand_id))
    names = dict(session.exec(chosen).all())
    return [names[number] for number in report.people.source_id.tolist()]


@define_figure(
    Phrase("Campaign"),
    Phrase('By campaign; "none" for people without one.'),
)
def label_by_campaign(session: Session, report: ServiceReport) -> Sequence[str]:
    start, end = _report_period_bounds(report)
    brought = filters.campaigns_by_callback(session, start=start, end=end)
    return [brought.get(number) or NO_CAMPAIGN for number in report.people.callback_id.tolist()]


@define_figure(
    Phrase("Advisor"),
    Phrase(
        "By the advisor who called the person first. People not called yet belong to no "
        "advisor and have a row of their own: an advisor's wait times cover only people "
        "who were called. For coaching, listed by name."
    ),
)
def label_by_advisor(session: Session, report: ServiceReport) -> Sequence[str]:
    start, end = _report_period_bounds(report)
    chosen: Any = select(Callback.id, CallAttempt.advisor_id).join(
        CallAttempt, filters.is_first_ring()
    )
    first_rings = session.exec(
        filters.apply_period_and_filter(chosen, start=start, end=end, only=report.question.only)
    )
    names, rang = call_statistics.advisor_display_names(session), dict(first_rings.all())
    rows = zip(report.people.callback_id.tolist(), report.people.rung.tolist(), strict=True)
    return [names.get(rang.get(number, 0), UNKNOWN) if rung else NOT_YET for number, rung in rows]


@define_figure(
    Phrase("Weekday"),
    Phrase("By the day of the week of the request, in the viewer's time zone."),
)
def label_by_weekday(_: Session, report: ServiceReport) -> Sequence[str]:
    return [
        WEEKDAYS[number]
        for number in (
            _local_received_times(report).astype("datetime64[D]").astype(int) + EPOCH_WEEKDAY
        )
        % DAYS_OF_WEEK
    ]


@define_figure(
    Phrase("Hour"),
    Phrase("By the hour of the day of the request, in the viewer's time zone."),
)
def label_by_hour(_: Session, report: ServiceReport) -> Sequence[str]:
    return [
        HOURS_OF_DAY[number]
        for number in _local_received_times(report).astype("datetime64[h]").astype(int) % HOURS
    ]


BREAKDOWNS: tuple[Breakdown, ...] = (
    label_by_source,
    label_by_helpline,
    label_by_campaign,
    label_by_advisor,
    label_by_weekday,
    label_by_hour,
)


def name_hour_of_week(weekday: int, hour: int) -> Phrase:
    """Return what one hour of one day of the week is called. Monday is 0."""
    return Phrase("{day}, {time}", day=WEEKDAYS[weekday], time=HOURS_OF_DAY[hour])


def people_in_hour_of_week(report: ServiceReport, weekday: int, hour: int) -> Cohort:
    """Return the people who asked in one hour of one day of the week, in the viewer's zone.

    Monday is 0.
    """
    there = _local_received_times(report)
    days, hours = (there.astype(f"datetime64[{unit}]").astype(int) for unit in "Dh")
    return report.people[
        ((days + EPOCH_WEEKDAY) % DAYS_OF_WEEK == weekday) & (hours % HOURS == hour)
    ]


def break_down_report(
    session: Session, report: ServiceReport, by: Breakdown, calls: CallStatistics | None = None
) -> list[BreakdownPart]:
    """Return a report's parts, each counted like the whole.

    Days of the week and hours of the day are in their order, all other parts by name.
    """
    names = by(session, report)
    known = sorted(
        set(names), key=lambda name: (name in (NOT_YET, UNKNOWN), PLACES.get(name, 0), name)
    )
    places: Mapping[str, int] = {name: place for place, name in enumerate(known)}
    codes = np.array([places[name] for name in names], dtype=np.int64)
    figures_of_parts = trends.figures_by_code(
        report.people, codes, target=report.question.target, now=report.now
    )
    tries = _tries_by_part_code(report.people, codes, calls)
    return [
        BreakdownPart(known[code], report.people[codes == code], part, tries(code))
        for code, part in figures_of_parts.items()
    ]


def _tries_by_part_code(
    people: Cohort, codes: Numbers, calls: CallStatistics | None
) -> Callable[[int], call_statistics.CallColumns | None]:
    """Return, for each part, which tries were made to reach its people."""
    if calls is None or not len(people):
        return lambda _: None
    order, tries = np.argsort(people.callback_id), calls.reaching.made
    place = np.searchsorted(people.callback_id[order], tries.callback_id).clip(max=len(people) - 1)
    theirs = np.where(
        people.callback_id[order][place] == tries.callback_id, codes[order][place], -1
    )
    return lambda code: tries[theirs == code]


def _report_period_bounds(report: ServiceReport) -> tuple[Any, Any]:
    return calendar_days.period_bounds(
        report.question.first, report.question.last, report.question.zone
    )


def _local_received_times(report: ServiceReport) -> Any:
    return calendar_days.to_local_time(report.people.received_at, report.question.zone)
