"""The service report: one question, one reading, and every figure beside the period before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.helplines import Brand, Source
from leads.people.permissions import Operator, Permission, require_permission
from leads.reporting import (
    calendar_days,
    call_statistics,
    callable_time,
    close_reasons,
    cohort,
    filters,
    metrics,
    own_disposition_counts,
    survival_analysis,
    trends,
    waiting_now,
)
from leads.reporting.call_statistics import AdvisorCalls, ContactAttempts
from leads.reporting.close_reasons import OptOuts
from leads.reporting.cohort import Cohort
from leads.reporting.figure_definition import Figure
from leads.reporting.filters import EVERYBODY, ReportFilter
from leads.reporting.metrics import ServiceLevel
from leads.reporting.own_disposition_counts import OwnDispositionCount
from leads.reporting.survival_analysis import Percentiles
from leads.reporting.trends import CohortFigures

MOST_CALLABLE = 5_000  # people whose calling hours are worked out while somebody waits for a page
MOST_POINTS = 400  # of a curve: a screen has no more


@dataclass(frozen=True)
class ReportQuestion:
    """What a supervisor asks: the days from first to last in a zone, a target, and a filter."""

    first: date
    last: date
    zone: str
    target: timedelta
    only: ReportFilter = EVERYBODY

    @property
    def length(self) -> timedelta:
        """How long the period is, in whole days."""
        return self.last - self.first + timedelta(days=1)

    @property
    def previous_period(self) -> ReportQuestion:
        """The same question about the period before, which is as long."""
        return replace(self, first=self.first - self.length, last=self.last - self.length)


@dataclass(frozen=True)
class NaiveFigures:
    """The figures of a report that leaves out whoever was not rung.

    `half` is the median wait, `in_time` the share rung within the target.
    """

    half: timedelta | None
    in_time: float | None
    left_out: Cohort


@dataclass(frozen=True)
class CallableTimeFigures:
    """The figures of callable time: without the hours in which a person's phone must not ring.

    `attempt` is the wait for the first try, `level` the service level.
    """

    attempt: Percentiles
    level: ServiceLevel


@dataclass(frozen=True)
class PeriodFigures:
    """The people of a question's period and their figures, as they stood at an instant.

    `callable_time` is None where there are too many people to work it out.
    """

    question: ReportQuestion
    now: datetime
    people: Cohort
    figures: CohortFigures
    level: ServiceLevel
    callable_time: CallableTimeFigures | None

    @property
    def waits(self) -> dict[Figure[..., Percentiles], Percentiles]:
        """How long people waited, by what for."""
        waits: dict[Figure[..., Percentiles], Percentiles] = {
            metrics.time_to_first_attempt: self.figures.attempt
        }
        if self.callable_time:
            waits[metrics.time_to_first_attempt_callable] = self.callable_time.attempt
        return waits | {metrics.time_to_first_contact: self.figures.contact}


@dataclass(frozen=True)
class ServiceReport:
    """The answer to a question as it stands now, beside that of the period before, `earlier`.

    The period before is shown as it stood as long ago.
    """

    standing: PeriodFigures
    earlier: PeriodFigures
    naive: NaiveFigures
    contact_probability: float | None
    days: dict[date, CohortFigures]
    hours: dict[tuple[int, int], CohortFigures]
    curve: list[tuple[timedelta, float]]
    oldest: Cohort
    limbo: list[int]

    @property
    def as_previous_period(self) -> ServiceReport:
        """The report of the period before, to be broken down in the same way."""
        return replace(self, standing=self.earlier)

    @property
    def question(self) -> ReportQuestion:
        """What was asked."""
        return self.standing.question

    @property
    def now(self) -> datetime:
        """The instant of which the report tells; what happened later is not in it."""
        return self.standing.now

    @property
    def people(self) -> Cohort:
        """Everybody who asked in the period."""
        return self.standing.people

    @property
    def whole(self) -> CohortFigures:
        """The figures of all people together."""
        return self.standing.figures

    @property
    def before(self) -> CohortFigures:
        """The figures of all people of the period before."""
        return self.earlier.figures


@dataclass(frozen=True)
class CallStatistics:
    """The statistics of a period's calls, and of every "stop" in it."""

    reaching: ContactAttempts
    everybody: AdvisorCalls
    each: list[AdvisorCalls]
    opt_outs: OptOuts
    own_dispositions: list[OwnDispositionCount]


def read_service_report(
    session: Session, question: ReportQuestion, viewer: Advisor | Operator, *, now: datetime
) -> ServiceReport:
    """Return the answer to a question: one reading of its period, and one of the period before.

    Supervisors only.
    """
    require_permission(viewer, Permission.SEE_REPORT)
    standing = read_period_figures(session, question, now=now)
    people = standing.people
    asked: dict[str, Any] = {"target": question.target, "now": now}
    return ServiceReport(
        standing,
        earlier=read_period_figures(session, question.previous_period, now=now - question.length),
        naive=_naive_figures(people, question.target),
        contact_probability=metrics.contact_probability(people, now=now),
        days=trends.figures_by_day(
            people, first=question.first, last=question.last, zone=question.zone, **asked
        ),
        hours=trends.figures_by_hour_of_week(people, zone=question.zone, **asked),
        curve=survival_analysis.kaplan_meier_curve(
            metrics.waits_until(people, "first_rung_at", now=now), most=MOST_POINTS
        ),
        oldest=waiting_now.find_longest_waiting(session, question.only, now=now),
        limbo=waiting_now.list_limbo_leads(session),
    )


def read_period_figures(
    session: Session,
    question: ReportQuestion,
    *,
    now: datetime,
    most_callable: int | None = MOST_CALLABLE,
) -> PeriodFigures:
    """Return a period's figures, with callable time for `most_callable` people, or for any number.

    Callable time is worked out person by person.
    """
    start, end = calendar_days.period_bounds(question.first, question.last, question.zone)
    people = cohort.read_cohort(session, start=start, end=end, now=now, only=question.only)
    asked: dict[str, Any] = {"target": question.target, "now": now}
    in_callable_time = None
    if most_callable is None or len(people) <= most_callable:
        in_callable_time = _callable_time_figures(session, people, question.target, now)
    return PeriodFigures(
        question,
        now,
        people,
        trends.figures_of_cohort(people, **asked),
        metrics.service_level(people, **asked),
        in_callable_time,
    )


def read_call_statistics(
    session: Session, question: ReportQuestion, *, now: datetime
) -> CallStatistics:
    """Return the statistics of the period's calls, by a second reading, of the larger table."""
    start, end = calendar_days.period_bounds(question.first, question.last, question.zone)
    when = {"start": start, "end": end, "now": now}
    everybody, each = call_statistics.read_advisor_calls(
        session, **when, zone=question.zone, only=question.only
    )
    stops = close_reasons.read_opt_outs(session, **when, only=question.only)
    return CallStatistics(
        call_statistics.read_contact_attempts(session, **when, only=question.only),
        everybody,
        each,
        stops,
        own_disposition_counts.count_own_dispositions(session, **when, only=question.only),
    )


def source_display_names(session: Session) -> dict[int, str]:
    """Return the sources' names by id, with the helpline's where there are several helplines."""
    chosen = select(Source, Brand.name).join(Brand, col(Brand.id) == col(Source.brand_id))
    sources = session.exec(
        chosen.where(Source.kind != filters.TEST).order_by(Brand.name, Source.name)
    ).all()
    has_one_brand = len({brand for _, brand in sources}) <= 1
    return {
        source.id: source.shown_name
        if has_one_brand
        else Phrase("{helpline}: {source}", helpline=brand, source=source.shown_name)
        for source, brand in sources
    }


def _naive_figures(people: Cohort, target: timedelta) -> NaiveFigures:
    half, in_time = (
        metrics.naive_first_attempt(people),
        metrics.naive_service_level(people, target=target),
    )
    return NaiveFigures(half, in_time, people[~people.rung])


def _callable_time_figures(
    session: Session, people: Cohort, target: timedelta, now: datetime
) -> CallableTimeFigures:
    people = callable_time.add_callable_wait(session, people, now=now)
    attempt = metrics.time_to_first_attempt_callable(people, now=now)
    return CallableTimeFigures(attempt, metrics.service_level_callable(people, target=target))
