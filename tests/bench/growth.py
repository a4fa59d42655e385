"""Which of the questions that pages, clock and webhooks ask take longer the more is past.

`make bench` asks them at two sizes on both databases. What waits, and what a day holds, is as much
at both: whatever takes longer grows with what is kept. On SQLite the steps of its machine are
counted, which are the same however busy the computer is; PostgreSQL is timed.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, event
from sqlmodel import Session

from leads import person_search
from leads.alerting import escalation
from leads.audit import audit_list
from leads.audit.audit_list import AuditFilter
from leads.callbacks import callback_offers, due_order, queue, unplaced_calls
from leads.calls import inbound, inbound_news, placement, progress
from leads.calls.legs import LegReport
from leads.database.engine import current_engine
from leads.database.transactions import transaction, write_deferred_inserts
from leads.intake import processing, raw_inbox, rejected_signatures
from leads.intake.raw_inbox import Arrival
from leads.lead_records import lead_file, person_tasks
from leads.messaging import inbound_texts
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole, LegStatus, Party
from leads.models.requests import Submission
from leads.outbox import call_orders
from leads.people import presence, sessions, shift_duty
from leads.people.permissions import OPERATOR
from leads.read_models import (
    advisor_desk,
    doubts,
    page_changes,
    queue_depth,
    said_calls,
    system_status,
    wallboard,
    work_list,
)
from leads.read_models.work_filter import WorkFilter, WorkPart, WorkState
from leads.reporting import service_report
from leads.reporting.service_report import ReportQuestion
from tests.bench import grown_tables
from tests.bench.form_to_call import database
from tests.support.running_desk import add_advisor

NOW = datetime(2026, 6, 2, 15, tzinfo=UTC)
TODAY, RING, TARGET = date(2026, 6, 2), timedelta(seconds=25), timedelta(minutes=5)
SIZES, A_DAY = (10_000, 1_000_000), 100  # people
READINGS = 5
STEPS_AT_ONCE = 10  # of SQLite's machine, between two calls of what counts them
FIRST_ATTEMPT = "00000001" + "0" * 24
NUMBER, STRANGER = "+12120000007", "+13155550199"
FORM = b'{"name": "Robin Poe", "phone": "315-555-%04d", "any_hour": true}'
FORMS = 5
_numbers = itertools.count(1)
GROWS = 1.5  # times as much
LEAST = {"sqlite": 500, "postgresql": 3.0}  # steps, milliseconds: what is less is noise

Question = Callable[[Session, Advisor], object]

PAGES: Mapping[str, Question] = {
    "desk": lambda s, a: advisor_desk.read_desk(s, a.id, now=NOW),
    "desk: my calls": lambda s, a: said_calls.read_recent_calls(s, a, now=NOW),
    "work list": lambda s, a: work_list.read_work_list(s, a, part=WorkPart.CALL, now=NOW),
    "work list: not reached": lambda s, a: work_list.read_work_list(
        s, a, part=WorkPart.NOT_REACHED, now=NOW
    ),
    "work list: filter": lambda s, a: work_list.read_work_list(
        s, a, only=WorkFilter(state=WorkState.AGAIN), now=NOW
    ),
    "work list: row": lambda s, a: work_list.find_work_rows(s, a, ["callback-7"], now=NOW),
    "work list: choices": lambda s, a: work_list.list_filter_choices(s, a, now=NOW),
    "wallboard": lambda s, _a: wallboard.read_wallboard(
        s, target=TARGET, zone="America/New_York", now=NOW
    ),
    "what changed": lambda s, _a: page_changes.read_page_snapshot(s, now=NOW),
    "alerts": lambda s, a: escalation.list_alerts_for_supervisor(s, a, now=NOW),
    "in doubt": lambda s, _a: doubts.list_doubts(s, ring_time=RING, now=NOW),
    "record": lambda s, a: lead_file.read_lead_file(s, 7, a, now=NOW),
    "record: by digits": lambda s, a: lead_file.search_lead_files(s, NUMBER[-4:], a),
    "record: by number": lambda s, a: lead_file.search_lead_files(s, NUMBER, a),
    "record: by name": lambda s, _a: person_search.find_people(s, "Jordan", most=20),
    "tasks": lambda s, a: person_tasks.list_overdue_tasks(s, a, now=NOW),
    "report: a day": lambda s, _a: service_report.read_service_report(
        s, ReportQuestion(TODAY, TODAY, "UTC", TARGET), OPERATOR, now=NOW
    ),
    "report: a day's calls": lambda s, _a: service_report.read_call_statistics(
        s, ReportQuestion(TODAY, TODAY, "UTC", TARGET), now=NOW
    ),
    "audit log": lambda s, a: audit_list.read_audit_log(s, a, AuditFilter(), now=NOW),
    "metrics": lambda s, _a: queue_depth.read_queue_depth(s, now=NOW),
    "status --open": lambda s, _a: system_status.count_records_by_state(s, only_open=True),
    "status": lambda s, _a: system_status.count_records_by_state(s),
}
CLOCK: Mapping[str, Question] = {
    "offers": lambda s, _a: callback_offers.offer_due_callbacks(s, 25, now=NOW),
    "next due": lambda s, _a: due_order.next_callback_due_at(s, now=NOW),
    "next order": lambda s, _a: call_orders.next_order_due_at(s, now=NOW),
    "orders": lambda s, _a: call_orders.take_due_orders(s, 32, now=NOW),
    "silent attempts": lambda s, _a: placement.find_silent_attempts(s, ring_time=RING, now=NOW),
    "silent callers": lambda s, _a: inbound_news.find_silent_calls(s, now=NOW),
    "orders in doubt": lambda s, _a: call_orders.collect_doubtful_orders(s, now=NOW),
    "leases": lambda s, _a: queue.expire_leases(s, now=NOW),
    "presence": lambda s, _a: (
        presence.expire_stale_presence(s, now=NOW),
        presence.end_rests(s, now=NOW),
    ),
    "mended faults": lambda s, _a: unplaced_calls.lift_mended_faults(s, now=NOW),
    "shifts": lambda s, _a: shift_duty.apply_shift_duties(s, now=NOW),
    "check alerts": lambda s, _a: escalation.evaluate_alerts(s, ways=(), now=NOW),
    "expired records": lambda s, _a: (
        rejected_signatures.delete_expired_rejections(s, now=NOW),
        sessions.delete_expired_sign_ins(s, now=NOW),
    ),
}
WEBHOOKS: Mapping[str, Question] = {
    "form": lambda s, _a: _take_form(s),
    "leg": lambda s, _a: progress.apply_leg_report(s, LEG_REPORT, now=NOW),
    "call of somebody known": lambda s, _a: inbound.receive_call(s, "CA1-", NUMBER, "", now=NOW),
    "call of a stranger": lambda s, _a: inbound.receive_call(s, "CA2-", STRANGER, "", now=NOW),
    "text": lambda s, _a: inbound_texts.receive_text_message(
        s, NUMBER, "who is this", message_id="1", now=NOW
    ),
    "stop": lambda s, _a: inbound_texts.receive_text_message(
        s, NUMBER, "STOP", message_id="2", now=NOW
    ),
}
QUESTIONS = {**PAGES, **CLOCK, **WEBHOOKS}
TOGETHER = "forms together"
COUNTS_ALL = {"status"}
"""What counts whatever there is, because somebody wants to know."""
LEG_REPORT = LegReport(FIRST_ATTEMPT, Party.LEAD, "CA0", LegStatus.COMPLETED, "status", 9)


def main() -> None:
    """Print a line for each question: what it takes at each size, and whether it grows."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("sizes", nargs="*", type=int, help="people (10,000 and 1,000,000)")
    given.add_argument("--database", choices=("sqlite", "postgresql"))
    options = given.parse_args()
    sizes = options.sizes or list(SIZES)
    for name in (options.database,) if options.database else ("sqlite", "postgresql"):
        unit = "steps" if name == "sqlite" else ""
        print(f"{name:<26}" + "".join(f"{size:>15,} ms {unit:>8}" for size in sizes), flush=True)
        measured = []
        for size in sizes:
            with database(name):
                measured.append(measure(size, a_day=A_DAY, readings=READINGS))
        growing = list_growing(measured)
        for question in measured[0]:
            print(
                f"{question:<26}"
                + "".join(_as_text(*taken[question], is_timed=not unit) for taken in measured)
                + (" grows" if question in growing else ""),
                flush=True,
            )


def measure(leads: int, *, a_day: int, readings: int) -> dict[str, tuple[float, int]]:
    """Fill an empty database, and return what each question takes there.

    Its fastest reading in milliseconds and, on SQLite, the steps of the database's machine.
    """
    with transaction() as session:
        grown_tables.fill_every_table(session, leads=leads, a_day=a_day, now=NOW)
        supervisor = add_advisor(session, 9001, now=NOW, role=AdvisorRole.ADMIN).id
    if current_engine().dialect.name == "postgresql":  # of SQLite nobody asks that in real life
        settled = current_engine().connect().execution_options(isolation_level="AUTOCOMMIT")
        with settled as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    current_engine().dispose()
    taken = {
        name: min(_ask(question, supervisor) for _ in range(readings))
        for name, question in QUESTIONS.items()
    }
    return taken | {TOGETHER: min(_taken_by(_take_forms) for _ in range(readings))}


def list_growing(measured: Iterable[Mapping[str, tuple[float, int]]]) -> set[str]:
    """Return the questions that take more at one size than at the one before."""
    growing = set()
    for before, after in itertools.pairwise(measured):
        for question in before:
            (was_ms, was_steps), (is_ms, is_steps) = before[question], after[question]
            was, now = (was_steps, is_steps) if is_steps else (was_ms, is_ms)
            least = LEAST["sqlite" if is_steps else "postgresql"]
            if now > GROWS * was and now - was > least:
                growing.add(question)
    return growing


class _Undone(Exception):
    """Ends a transaction of which nothing is to stay."""


def _ask(question: Question, supervisor: int) -> tuple[float, int]:
    """Ask once, and let nothing stay of it."""
    taken: list[tuple[float, int]] = []

    def ask() -> None:
        question(session, person)
        write_deferred_inserts(session)

    with contextlib.suppress(_Undone), transaction() as session:
        person = session.get_one(Advisor, supervisor)
        taken.append(_taken_by(ask))
        raise _Undone
    return taken[0]


def _taken_by(work: Callable[[], object]) -> tuple[float, int]:
    with _steps_counted() as steps:
        began = time.perf_counter()
        work()
        took = (time.perf_counter() - began) * 1000
    return took, sum(steps)


@contextlib.contextmanager
def _steps_counted() -> Iterator[list[int]]:
    """Count the steps of SQLite's machine, on whatever connection; none of another database."""
    steps: list[int] = []
    engine, used = current_engine(), set[Any]()
    if engine.dialect.name != "sqlite":
        yield steps
        return

    def watch(connection: Connection, *_: object) -> None:
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: steps.append(STEPS_AT_ONCE), STEPS_AT_ONCE)
        used.add(driver)

    event.listen(engine, "before_cursor_execute", watch)
    yield steps
    event.remove(engine, "before_cursor_execute", watch)
    for driver in used:
        driver.set_progress_handler(None, 0)


def _take_form(session: Session) -> None:
    """Store a form and make a promise of it, as intake does with one that it takes alone."""
    form = Submission(
        source_id=1,
        received_at=NOW,
        body=FORM % 0,
        body_sha256="grown",
        content_type="application/json",
        delivery_id="grown",
    )
    session.add(form)
    session.flush()
    processing.process_submission(session, form, now=NOW)


def _take_forms() -> None:
    """Take forms in as the door and the queue do, many in a transaction."""
    bodies = [FORM % next(_numbers) for _ in range(FORMS)]
    raw_inbox.store_arrivals([Arrival(1, NOW, "application/json", body) for body in bodies])
    processing.process_received_submissions(now=lambda: NOW)


def _as_text(took: float, steps: int, *, is_timed: bool) -> str:
    return f"{took:>18.1f} " + (" " * 8 if is_timed else f"{steps:>8,}")


if __name__ == "__main__":
    main()
