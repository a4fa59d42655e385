"""How long a supervisor waits for figures.

Up to a million people and three million calls, on both databases.

`make bench` runs it. Every figure is the median of several readings, the fastest beside it: compare
within one run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.people.permissions import OPERATOR
from leads.reporting import calendar_days, cohort, metrics, service_report, trends
from leads.reporting.service_report import ReportQuestion
from tests.bench import many_leads
from tests.bench.form_to_call import database

A_DAY = 11_112  # people; a table that holds more days is larger, and its days are not
DAYS = (60, 90)
TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 2, tzinfo=UTC)
TARGET = timedelta(minutes=5)
READINGS = 7
COLUMNS = (
    "people",
    "unpacked 30 d",
    "packing",
    "today",
    "30 d by hour",
    "page today",
    "page 30 days",
    "calls today",
)


def main() -> None:
    """Print one line for each database and size."""
    print(
        f"{'milliseconds, median (fastest)':<32}" + "".join(f"{column:>16}" for column in COLUMNS),
        flush=True,
    )
    for name in ("sqlite", "postgresql"):
        for days_kept in DAYS:
            leads = A_DAY * days_kept
            with database(name):
                readings = measure(leads=leads, days_kept=days_kept)
            print(
                f"{name:<32}{leads:>16,}" + "".join(f"{reading:>16}" for reading in readings),
                flush=True,
            )


def measure(*, leads: int, days_kept: int) -> list[str]:
    """Fill an empty database and return a text for each column after the first."""
    with transaction() as session:
        many_leads.fill(session, leads=leads, days=days_kept, now=NOW)
    _settle()
    readings = [_taken(by_hour), f"{_pack():.0f}"]
    return readings + [
        _taken(reading) for reading in (today, by_hour, page_today, page_month, calls_today)
    ]


def today(session: Session) -> None:
    """Everybody of a day, and the two headline figures."""
    people = _people(session, length=1)
    metrics.time_to_first_attempt(people, now=NOW)
    metrics.service_level(people, target=TARGET, now=NOW)


def by_hour(session: Session) -> None:
    """Everybody of thirty days, and both figures for each of their 720 hours."""
    people = _people(session, length=30)
    trends.figures_by_hour(people, zone="America/New_York", target=TARGET, now=NOW)


def page_today(session: Session) -> None:
    """All that the service report shows of a day, the day before included."""
    service_report.read_service_report(
        session, ReportQuestion(TODAY, TODAY, "UTC", TARGET), OPERATOR, now=NOW
    )


def page_month(session: Session) -> None:
    """The same of thirty days, and the thirty before."""
    service_report.read_service_report(
        session, ReportQuestion(TODAY - timedelta(days=29), TODAY, "UTC", TARGET), OPERATOR, now=NOW
    )


def calls_today(session: Session) -> None:
    """What the calls of a day took, and advisors' part in them."""
    service_report.read_call_statistics(
        session, ReportQuestion(TODAY, TODAY, "UTC", TARGET), now=NOW
    )


def _people(session: Session, *, length: int) -> cohort.Cohort:
    start, end = calendar_days.period_bounds(TODAY - timedelta(days=length - 1), TODAY, "UTC")
    return cohort.read_cohort(session, start=start, end=end, now=NOW)


def _taken(reading: Callable[[Session], None]) -> str:
    took = []
    for _ in range(READINGS + 1):
        with reader() as session:
            began = time.perf_counter()
            reading(session)
            took.append((time.perf_counter() - began) * 1000)
    return f"{statistics.median(took[1:]):.0f} ({min(took):.0f})"


def _pack() -> float:
    """Pack the days that are over, as the scheduler does.

    Returns the milliseconds of one, which is a transaction.
    """
    with reader() as session:
        over = cohort.days_to_snapshot(session, now=NOW - timedelta(days=1))  # today is not over
    began = time.perf_counter()
    for day in over:
        with transaction() as session:
            cohort.snapshot_cohort_day(session, day)
    return (time.perf_counter() - began) * 1000 / len(over)


def _settle() -> None:
    """Let the database learn what it has, as its own housekeeping would overnight."""
    with current_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_sqlite = current_engine().dialect.name == "sqlite"
        connection.exec_driver_sql("ANALYZE" if is_sqlite else "VACUUM ANALYZE")
    current_engine().dispose()  # SQLite then brings its log into the file


if __name__ == "__main__":
    main()
