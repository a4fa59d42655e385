"""Commands about what is stored of people, and for how long."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from sqlmodel import Session

from leads.commands.frame import add_command, print_progress, print_result, utc_now
from leads.config.settings import Settings
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration
from leads.models.enums import ErasureReason
from leads.models.requests import Lead
from leads.people.permissions import OPERATOR
from leads.privacy import erasure, retention
from leads.privacy.retention import DeletedBatch, ExpiredContent

ERASE_HELP = """What tells who they are, how they are reached and what they said is taken from every
table, also of the files that were merged with theirs. Figures stay as they are, and what they
forbade holds for their number. There is no way back but a backup. More: docs/forgetting.md
"""
RETENTION_HELP = """For how long what is kept says retention.toml, beside .env or the file that
RETENTION_FILE names; what it does not name is kept as shipped, and without one nothing is deleted.
It may be stopped at any time and run again. More: docs/forgetting.md
"""
REASONS = {
    "asked": ErasureReason.ASKED,
    "mistake": ErasureReason.MISTAKE,
    "ordered": ErasureReason.ORDERED,
}


def add_privacy_commands(commands: Any) -> None:
    """Add the commands about what is stored of people."""
    erased = add_command(commands, "erase", _run_erase, "erase one person's data", ERASE_HELP)
    erased.add_argument(
        "record",
        type=int,
        metavar="RECORD",
        help="the number of their record, as in its address: /lead?lead=RECORD",
    )
    choice = erased.add_mutually_exclusive_group(required=True)
    choice.add_argument("--preview", action="store_true", help="only say what would be erased")
    choice.add_argument("--reason", choices=list(REASONS), help="why it is erased")

    kept = add_command(
        commands,
        "retention",
        _run_retention,
        "delete what is no longer kept; the desk does this too",
        RETENTION_HELP,
    )
    kept.add_argument("--preview", action="store_true", help="only count what would be deleted")


def _run_erase(given: Namespace, _settings: Settings) -> None:
    if given.preview:
        _print_preview(given)
        return
    with transaction() as session:
        lead = _require_lead(session, given.record)
        reason = REASONS[given.reason]
        outcome = erasure.erase_person(session, lead, OPERATOR, reason=reason, now=utc_now())
        shown = {"erased": dict(outcome.rows), "stops_kept": outcome.stops}
    print_result(given, shown)


def _run_retention(given: Namespace, settings: Settings) -> None:
    if given.preview:
        with reader() as session:
            found = retention.preview_retention(
                session, settings.retention, OPERATOR, now=utc_now()
            )
        print_result(given, {str(one.kept): _expired_as_dict(one) for one in found})
        return
    done = retention.delete_expired_content(settings.retention, now=utc_now, report=_report_batch)
    counts: dict[str, Any] = {
        str(kept): {
            "people": sum(batch.people for batch in done if batch.kept is kept),
            "rows": sum(batch.rows for batch in done if batch.kept is kept),
        }
        for kept in settings.retention.keep
    }
    print_result(given, counts)


def _expired_as_dict(found: ExpiredContent) -> dict[str, Any]:
    before = found.before.isoformat(timespec="seconds") if found.before else None
    return {"before": before, "people": found.people, "rows": found.rows}


def _report_batch(batch: DeletedBatch) -> None:
    print_progress(f"Deleted {batch.kept}: people {batch.people}, rows {batch.rows}")


def _print_preview(given: Namespace) -> None:
    with reader() as session:
        lead = _require_lead(session, given.record)
        preview = erasure.preview_erasure(session, lead, OPERATOR)
    shown = {
        "files": preview.files,
        "rows": dict(preview.rows),
        "promises_to_cancel": preview.promises,
        "numbers_that_others_share": preview.shared,
        "in_the_way": list(preview.obstacles),
    }
    print_result(given, shown)


def _require_lead(session: Session, record: int) -> Lead:
    lead = session.get(Lead, record)
    if lead is None:
        msg = f"There is no record {record}."
        raise BadConfiguration(msg)
    return lead
