"""Commands about what the database holds."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from leads.audit.audit_list import REPORT_RECORD
from leads.commands import demo_data
from leads.commands.frame import add_command, print_progress, print_result, utc_now
from leads.config import key_file, log_format, parsing
from leads.config.settings import PhoneKind, Settings
from leads.database import key_change
from leads.database.engine import open_database
from leads.database.migrate import run_migrations
from leads.database.opening import open_data_keys
from leads.database.sealing_job import seal_stored_rows
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration
from leads.helplines import brands_and_sources
from leads.intake import reprocessing
from leads.intake.csv_import import from_file
from leads.lifecycle.audit_log import record_access
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.enums import AuditKind
from leads.models.labels import ALERT_TITLES
from leads.people.permissions import OPERATOR
from leads.person_search import hash_stored_people_anew, index_stored_people
from leads.read_models import doubts, system_status
from leads.read_models.doubts import Doubt
from leads.read_models.system_status import AlertCount
from leads.reporting import cohort, day_snapshots, service_report, terminal_report, waiting_now
from leads.reporting.filters import ReportFilter
from leads.reporting.service_report import ReportQuestion

REKEY_HELP = """Desks run on: it makes new keys known to them, waits until all know them, and moves
what is sealed to the new ones, in small transactions. It says how far it is, and may be stopped:
run it again, and it goes on where it was. Before, set a new SECRET_KEY in front of the old one and
start each process with it, or keep the key file apart. More: docs/data_at_rest.md
"""


def add_record_commands(commands: Any) -> None:
    """Add the commands about the desk itself."""
    add_command(
        commands,
        "migrate",
        _migrate_database,
        "bring the database up to date",
        needs_database=False,
    )
    add_command(
        commands,
        "rekey",
        _run_rekey,
        "seal everything with new keys, after the old ones may have been read",
        REKEY_HELP,
    )
    add_command(
        commands,
        "demo",
        _run_demo,
        "fill the database with believable leads; start the desk with PHONE=rehearsal",
    )
    status = add_command(
        commands,
        "status",
        _run_status,
        "count records by state, open leads not in any queue (always 0), and current alerts",
    )
    status.add_argument(
        "--open",
        action="store_true",
        help="count only what is still to be done: as fast however much is past",
    )
    add_command(
        commands,
        "rollup",
        _run_rollup,
        "rebuild the packed figures of past days; the desk does this too",
    )

    _add_submission_commands(commands)
    _add_report_command(commands)


def _migrate_database(given: Namespace, settings: Settings) -> None:
    """Bring the database up to date.

    Each migration is reported on standard error, where it is not part of the answer.
    """
    open_database(settings.database_url)
    run_migrations(print_progress)
    _seal_all(key_file.with_content_keys(settings).content_keys)
    print_result(given, {"database": "up to date"})


def _run_rekey(given: Namespace, settings: Settings) -> None:
    """Seal everything with new keys, or go on with what was begun; desks run meanwhile."""
    keys = key_file.with_content_keys(settings).content_keys
    key_change.change_keys(keys, print_progress, time.sleep)
    hash_stored_people_anew(print_progress, time.sleep)
    key_change.finish_key_change(print_progress, time.sleep)
    print_result(given, {"database": "sealed with new keys"})


def _seal_all(keys: Sequence[str]) -> None:
    open_data_keys(keys)
    seal_stored_rows(print_progress)
    index_stored_people(print_progress)


def _add_submission_commands(commands: Any) -> None:
    past = add_command(
        commands,
        "import",
        _run_import,
        "import requests and their history from a CSV file",
        from_file.HELP,
    )
    past.add_argument("file", metavar="FILE.csv")
    past.add_argument("--brand", default="", help="the helpline for rows without a known source")

    again = add_command(
        commands,
        "readmit",
        _run_readmit,
        "process submissions to review again, after a fix",
    )
    again.add_argument("--source", default="", help="only from one source")


def _add_report_command(commands: Any) -> None:
    figures = add_command(
        commands,
        "report",
        _run_report,
        "report how long people really waited",
        terminal_report.render_definitions(),
    )
    figures.add_argument(
        "--from",
        dest="first",
        metavar="DATE",
        required=True,
        help="first day received, as 2026-03-01",
    )
    figures.add_argument(
        "--to",
        dest="last",
        metavar="DATE",
        required=True,
        help="last day received, inclusive",
    )
    figures.add_argument(
        "--target", type=float, default=300, metavar="SECONDS", help="for the service level (300)"
    )
    figures.add_argument("--brand", default="", help="one helpline only")
    figures.add_argument(
        "--zone", default="UTC", help="time zone of the days, such as America/New_York (UTC)"
    )
    figures.add_argument(
        "--now", default="", metavar="INSTANT", help="report as of this time, to repeat a report"
    )


def _run_demo(given: Namespace, settings: Settings) -> None:
    if settings.phone is not PhoneKind.REHEARSAL:
        msg = (
            "The demo calls made-up people: set PHONE=rehearsal, and DATABASE_URL to a "
            "separate database."
        )
        raise BadConfiguration(msg)
    print_result(given, demo_data.fill_demo_database(now=utc_now()))


def _run_status(given: Namespace, settings: Settings) -> None:
    with reader() as session:
        shown: dict[str, Any] = {
            **system_status.count_records_by_state(session, only_open=given.open),
            "limbo": len(waiting_now.list_limbo_leads(session)),
        }
        now = utc_now()
        alerts = system_status.count_alerts(session, now=now)
        ring_time = timedelta(seconds=settings.ring_seconds)
        in_doubt = doubts.list_doubts(session, ring_time=ring_time, now=now)
    shown["alerts"] = (
        [
            {"kind": alert.kind, "since": alert.since.isoformat(), "count": alert.count}
            for alert in alerts
        ]
        if given.json
        else "; ".join(map(_alert_words, alerts))
    )
    shown["in_doubt"] = (
        [_doubt_as_json(doubt) for doubt in in_doubt]
        if given.json
        else "; ".join(map(_doubt_words, in_doubt))
    )
    print_result(given, shown)


def _alert_words(alert: AlertCount) -> str:
    return f"{ALERT_TITLES[alert.kind]}: {alert.count}, since {alert.since:%Y-%m-%d %H:%M} UTC"


def _doubt_as_json(doubt: Doubt) -> dict[str, Any]:
    return {
        "about": doubt.subject,
        "id": doubt.subject_id,
        "kind": doubt.kind,
        "attempt_id": doubt.attempt_id,
        "since": doubt.since.isoformat(),
        "next": doubt.next_step,
        "next_at": doubt.next_at and doubt.next_at.isoformat(),
    }


def _doubt_words(doubt: Doubt) -> str:
    return f"{doubt.title}, since {doubt.since:%Y-%m-%d %H:%M:%S} UTC: {doubt.next_words}"


def _run_rollup(given: Namespace, _settings: Settings) -> None:
    with transaction() as session:
        day_snapshots.delete_day_snapshots(session)
        days = cohort.days_to_snapshot(session, now=utc_now())
    done = 0
    for day in tqdm(days, unit=" days", desc="Packing", disable=None):
        with transaction() as session:
            done += cohort.snapshot_cohort_day(session, day)
    print_result(given, {"days": done, "left_for_later": len(days) - done})


def _run_import(given: Namespace, _settings: Settings) -> int:
    outcome = from_file.import_csv_file(Path(given.file), brand_name=given.brand, now=utc_now())
    print_result(given, from_file.import_figures(outcome), from_file.import_summary_text(outcome))
    return int(outcome.is_total_failure)


def _run_readmit(given: Namespace, _settings: Settings) -> None:
    log_format.silence_multipart_logger()
    with logging_redirect_tqdm(), tqdm(unit=" submissions", desc="Processing again") as bar:
        result = reprocessing.reprocess_reviews(
            actor=OPERATOR,
            source_name=given.source,
            now=utc_now,
            progress=from_file.progress_reporter(bar),
        )
    print_result(given, {"looked_at": result.looked_at, **asdict(result)}, result.sentence)


def _run_report(given: Namespace, _settings: Settings) -> None:
    question = ReportQuestion(
        parsing.parse_date("--from", given.first),
        parsing.parse_date("--to", given.last),
        parsing.parse_time_zone(given.zone),
        parsing.parse_service_level_target(given.target),
        ReportFilter(brand=given.brand),
    )
    if question.last < question.first:
        msg = "The period ends before it begins: --to is before --from."
        raise BadConfiguration(msg)
    now = parsing.parse_instant("--now", given.now) if given.now else utc_now()
    with reader() as session:
        if given.brand and given.brand not in brands_and_sources.list_brand_names(session):
            msg = f"There is no helpline {given.brand}."
            raise BadConfiguration(msg)
        period = service_report.read_period_figures(session, question, now=now, most_callable=None)
    with transaction() as session:
        days = TrailSubject(REPORT_RECORD, f"{question.first}/{question.last}")
        record_access(session, AuditKind.PRINT, days, actor=OPERATOR.name, now=utc_now())
    shown = [terminal_report.render_period_figures(period), terminal_report.render_definitions()]
    print_result(given, terminal_report.period_figures_as_dict(period), "\n\n".join(shown))
