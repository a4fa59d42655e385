"""Commands about what is stored of people, and for how long."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from sqlmodel import Session

from leads.commands.frame import add_command, print_result, utc_now
from leads.config.settings import Settings
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration
from leads.models.enums import ErasureReason
from leads.models.requests import Lead
from leads.people.permissions import OPERATOR
from leads.privacy import erasure

ERASE_HELP = """What tells who they are, how they are reached and what they said is taken from every
table, also of the files that were merged with theirs. Figures stay as they are, and what they
forbade holds for their number. There is no way back but a backup. More: docs/forgetting.md
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
