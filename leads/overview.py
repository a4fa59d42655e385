"""The service report: one question, one reading, and every figure with the people it counts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlmodel import Session, col, select

from leads import callable_time, cohort, metrics, survival, trends, work
from leads.cohort import Cohort, Only, Row
from leads.columns import Mask
from leads.metrics import ServiceLevel
from leads.models import Brand, Source
from leads.trends import Figures
from leads.work import Handled, OptOuts, Reaching

EVERYBODY = Only()
MOST_CALLABLE = 5_000  # people whose calling hours are worked out while somebody waits for a page
MOST_POINTS = 400  # of a curve: a screen has no more


@dataclass(frozen=True)
class Question:
    """What a supervisor asks: the days from first to last in a zone, a target, and of whom."""

    first: date
    last: date
    zone: str
    target: timedelta
    only: Only = EVERYBODY

    @property
    def before(self) -> Question:
        """The same of the period before, as long."""
        length = self.last - self.first + timedelta(days=1)
        return Question(self.first - length, self.last - length, self.zone, self.target, self.only)


@dataclass(frozen=True)
class Naive:
    """What a report says that leaves out whoever was not rung: half within, and the share in time."""

    half: timedelta | None
    in_time: float | None
    left_out: Cohort


@dataclass(frozen=True)
class Overview:
    """The answer, as it stood at `now`; `before` is the period before as it stood as long ago."""

    question: Question
    now: datetime
    people: Cohort
    whole: Figures
    before: Figures
    level: ServiceLevel
    naive: Naive
    contact_probability: float | None
    days: dict[date, Figures]
    hours: dict[tuple[int, int], Figures]
    curve: list[tuple[timedelta, float]]
    funnel: dict[str, Cohort]
    abandoned: dict[str, Cohort]
    callable_time: tuple[timedelta | None, float | None] | None
    oldest_open_at: datetime | None
    limbo: int

    @property
    def counted(self) -> dict[str, Cohort]:
        """Every counted figure with the people in it: the figure is how many they are."""
        people, outcome = self.people, metrics.outcomes(self.people)
        named = {
            "Rung in time": self.level.hits,
            "Rung late, or not when the target had passed": self.level.misses,
            "Still within the target": self.level.pending,
            "Withdrawn within the target (not counted)": self.level.excluded,
            "Asked for help": asked(people),
            "Rung": self.funnel["rung"],
            "Talked to": people[people.reached],
            "Helped or referred": self.funnel["helped"],
            "Still open": still_open(people),
            "Not rung so far": not_rung(people),
            "Given up by us": metrics.abandoned(people),
        }
        named |= {f"First ring {name}": found for name, found in metrics.bands(people).items()}
        named |= {f"Came of it: {word.replace('_', ' ')}": people[_came_to(people, word)] for word in outcome}
        return named | {f"Ended by us: {reason}": found for reason, found in self.abandoned.items()}


@dataclass(frozen=True)
class Calls:
    """What the calls of a period took."""

    reaching: Reaching
    everybody: Handled
    each: list[Handled]
    opt_outs: OptOuts


def read(session: Session, question: Question, *, now: datetime) -> Overview:
    """Answer a question with one reading of its period and one of the period before."""
    people = _people(session, question, now=now)
    earlier = question.before
    before = _people(session, earlier, now=now - (question.first - earlier.first))
    asked: dict[str, Any] = {"target": question.target, "now": now}
    return Overview(
        question,
        now,
        people,
        whole=trends.figures(people, **asked),
        before=trends.figures(before, target=question.target, now=now - (question.first - earlier.first)),
        level=metrics.service_level(people, target=question.target, now=now),
        naive=_naive(people, question.target),
        contact_probability=metrics.contact_probability(people, now=now),
        days=trends.by_day(people, first=question.first, last=question.last, zone=question.zone, **asked),
        hours=trends.by_hour_of_week(people, zone=question.zone, **asked),
        curve=_thinned(survival.curve(metrics.waits(people, "first_rung_at", now=now))),
        funnel=metrics.funnel(people),
        abandoned=_abandoned(session, people),
        callable_time=_callable(session, people, question.target, now),
        oldest_open_at=metrics.oldest_open(session),
        limbo=metrics.limbo(session),
    )


def calls(session: Session, question: Question, *, now: datetime) -> Calls:
    """Return what the period's calls took; a second reading, of the larger table."""
    start, end = cohort.period(question.first, question.last, question.zone)
    days = {"start": start, "end": end, "now": now}
    everybody, each = work.handled(session, **days, zone=question.zone, only=question.only)
    return Calls(work.reaching(session, **days, only=question.only), everybody, each, work.opt_outs(session, **days))


def by_source(session: Session, overview: Overview) -> list[tuple[str, Figures]]:
    """Return the figures of each source, named with its helpline, in order of the names."""
    names = source_names(session)
    return _by(overview, [names[number] for number in overview.people.source_id.tolist()])


def by_helpline(session: Session, overview: Overview) -> list[tuple[str, Figures]]:
    """Return the figures of each helpline, in order of the names."""
    chosen = select(Source.id, Brand.name).join(Brand, col(Brand.id) == col(Source.brand_id))
    names = dict(session.exec(chosen).all())
    return _by(overview, [names[number] for number in overview.people.source_id.tolist()])


def by_campaign(session: Session, overview: Overview) -> list[tuple[str, Figures]]:
    """Return the figures of each campaign, in order of the names; "none" for who came without one."""
    start, end = cohort.period(overview.question.first, overview.question.last, overview.question.zone)
    brought = cohort.campaigns(session, start=start, end=end)
    return _by(overview, [brought.get(number) or "none" for number in overview.people.callback_id.tolist()])


def source_names(session: Session) -> dict[int, str]:
    """Return what each source is called, with its helpline where there are several."""
    chosen = select(Source.id, Source.name, Brand.name).join(Brand, col(Brand.id) == col(Source.brand_id))
    found = session.exec(chosen.where(Source.kind != cohort.TEST).order_by(Brand.name, Source.name)).all()
    one = len({brand for _, _, brand in found}) <= 1
    return {number: name if one else f"{brand}: {name}" for number, name, brand in found}


def brand_names(session: Session) -> list[str]:
    """Return what the helplines are called."""
    return list(session.exec(select(Brand.name).order_by(Brand.name)))


def sheet(people: Iterable[Row], names: dict[int, str], *, zone: str) -> str:
    """Return people's rows as CSV: times with their offset, waits in seconds, and nobody's name or number."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(("callback", "asked_at", "first_ring_after_s", "talked_after_s", "state", "outcome", "source"))
    there = ZoneInfo(zone)
    for row in people:
        asked_at = row.received_at.astimezone(there).isoformat(timespec="seconds")
        waits = (_seconds(row.first_rung_at, row.received_at), _seconds(row.first_conversation_at, row.received_at))
        rows.writerow((row.callback_id, asked_at, *waits, row.state, row.outcome, _inert(names.get(row.source_id, ""))))
    return written.getvalue()


def asked(people: Cohort) -> Cohort:
    """Everybody whose request was received in the period, rung or not. A repeated form is no new request."""
    return people


def still_open(people: Cohort) -> Cohort:
    """Whose promise is still to be kept."""
    return people[people.is_open]


def not_rung(people: Cohort) -> Cohort:
    """Whose own phone was not dialled so far, whether we still mean to or not."""
    return people[~people.rung]


def _people(session: Session, question: Question, *, now: datetime) -> Cohort:
    start, end = cohort.period(question.first, question.last, question.zone)
    return cohort.read(session, start=start, end=end, now=now, only=question.only)


def _naive(people: Cohort, target: timedelta) -> Naive:
    half, in_time = metrics.naive_first_attempt(people), metrics.naive_service_level(people, target=target)
    return Naive(half, in_time, people[~people.rung])


def _abandoned(session: Session, people: Cohort) -> dict[str, Cohort]:
    ended = metrics.abandoned(people)
    place = {number: at for at, number in enumerate(ended.callback_id.tolist())}
    found = work.reasons(session, list(place))
    return {reason: ended[sorted(place[number] for number in numbers)] for reason, numbers in found.items()}


def _callable(
    session: Session, people: Cohort, target: timedelta, now: datetime
) -> tuple[timedelta | None, float | None] | None:
    if not 0 < len(people) <= MOST_CALLABLE:
        return None
    people = callable_time.added(session, people, now=now)
    half = metrics.time_to_first_attempt_callable(people, now=now).p50
    return half, metrics.service_level_callable(people, target=target).share


def _came_to(people: Cohort, word: str) -> Mask:
    there: Mask = people.outcome == cohort.OUTCOMES.index(word)
    return there & ~people.is_open


def _by(overview: Overview, names: list[str]) -> list[tuple[str, Figures]]:
    """Parts of the same name are one."""
    known, codes = sorted(set(names)), {name: code for code, name in enumerate(sorted(set(names)))}
    numbers = np.array([codes[name] for name in names], dtype=np.int64)
    found = trends.by_code(overview.people, numbers, target=overview.question.target, now=overview.now)
    return [(known[code], part) for code, part in found.items()]


def _thinned(points: list[tuple[timedelta, float]]) -> list[tuple[timedelta, float]]:
    step = max(1, -(-len(points) // MOST_POINTS))
    return [*points[::step], *points[-1:]] if step > 1 else points


def _seconds(at: datetime | None, since: datetime) -> str:
    return f"{(at - since).total_seconds():.0f}" if at else ""


def _inert(text: str) -> str:
    """A spreadsheet takes a name that begins like a formula for one."""
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text
