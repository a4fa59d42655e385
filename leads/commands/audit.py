"""Commands that check the audit log, and end what is too old in it."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from datetime import UTC, date, datetime, time
from typing import Any

from leads.audit import chain, verification
from leads.audit.chain import ChainEnd
from leads.audit.verification import Fault
from leads.commands.frame import add_command, add_command_group, print_result, utc_now
from leads.config.settings import Settings
from leads.database.transactions import reader, transaction
from leads.people.permissions import OPERATOR

BROKEN = 1  # the exit status
VERIFY_HELP = """Exit status 0: every entry is as it was written. 1: not so, and the first one that
is not is named. Note the end that is printed, away from this machine, and give it
with --expect the next time: without it nobody can tell that the latest entries
were cut off. More: docs/audit.md
"""
TRIM_HELP = """The only way in which entries go: the oldest, all of them. It is on record itself.
Law may want them kept for years. More: docs/audit.md
"""
SENTENCES = {
    Fault.CHANGED: "BROKEN: entry {entry_id}, link {position}, is not as it was written.",
    Fault.DELETED: "BROKEN: entry {entry_id}, link {position}, was deleted.",
    Fault.LINK_GONE: "BROKEN: link {position} was deleted.",
    Fault.ADDED: "BROKEN: entry {entry_id} is old and was never linked.",
    Fault.CUT_OFF: "BROKEN: the end that you expect, link {position}, is no part of this log.",
    Fault.NOT_TRIMMED: "BROKEN: what is said to be trimmed through link {position} was deleted.",
    Fault.NO_KEY: "BROKEN: the key of the chain was deleted.",
}


def add_audit_commands(commands: Any) -> None:
    """Add the commands."""
    group = add_command_group(commands, "audit", "the log of who looked at whom")
    words = "check that no entry was changed, added or deleted"
    verify = add_command(group, "verify", _run_verify, words, VERIFY_HELP)
    verify.add_argument(
        "--expect", type=_parse_end, metavar="LINK:DIGEST", help="an end that you noted earlier"
    )
    words = "delete the entries from before a day"
    trim = add_command(group, "trim", _run_trim, words, TRIM_HELP)
    trim.add_argument("--before", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")


def _run_verify(given: Namespace, _settings: Settings) -> int:
    with reader() as session:
        found = verification.verify_audit_log(session, given.expect)
    shown: dict[str, Any] = {
        "outcome": found.fault or "whole",
        "entries": found.entries,
        "not yet linked": found.unsealed,
        "end": f"{found.end.position}:{found.end.digest}",
    }
    if found.fault is None:
        print_result(given, shown)
        return 0
    shown |= {"link": found.position, "entry": found.entry_id}
    sentence = SENTENCES[found.fault].format(position=found.position, entry_id=found.entry_id)
    print_result(given, shown, f"{sentence}\nIn order before it: {found.entries}")
    return BROKEN


def _run_trim(given: Namespace, _settings: Settings) -> None:
    before = datetime.combine(given.before, time(), UTC)
    with transaction() as session:
        count = chain.trim_old_entries(session, before=before, actor=OPERATOR.name, now=utc_now())
    print_result(given, {"deleted": count})


def _parse_end(text: str) -> ChainEnd:
    position, _, digest = text.partition(":")
    if not (position.isdecimal() and digest):
        msg = "as verify prints it: a number, a colon and a digest"
        raise ArgumentTypeError(msg)
    return ChainEnd(int(position), digest)
