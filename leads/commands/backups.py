"""Commands that take a backup, and put one back."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from leads.backups.contents import BackupContents, Progress
from leads.backups.restoring import check_backup, count_missing_secret_keys, restore_backup
from leads.backups.taking import note_backup, take_backup
from leads.commands.frame import add_command, print_progress, print_result, utc_now
from leads.config.settings import Settings
from leads.database.migrate import newest_revision

BACKUP_HELP = """The desk may run meanwhile. The file is sealed with SECRET_KEY, which is not
in it: without that key nobody opens it again. Keep a copy of the key away from
this machine. PostgreSQL needs pg_dump. More: docs/backups.md
"""
RESTORE_HELP = """Stop the desk first. The file is read to its end before anything is changed, and
is put into the database that DATABASE_URL names, whole or not at all.
PostgreSQL needs pg_restore and psql. More: docs/backups.md
"""


def add_backup_commands(commands: Any) -> None:
    """Add the two commands."""
    taken = add_command(
        commands,
        "backup",
        _run_backup,
        "seal everything into one file, while the desk runs",
        BACKUP_HELP,
        needs_database=False,
    )
    taken.add_argument("file", metavar="FILE", help="a new file, or a folder: its name is the time")

    put_back = add_command(
        commands,
        "restore",
        _run_restore,
        "put a backup into an empty database",
        RESTORE_HELP,
        needs_database=False,
    )
    put_back.add_argument("file", metavar="FILE")
    choice = put_back.add_mutually_exclusive_group()
    choice.add_argument("--overwrite", action="store_true", help="replace what is there")
    choice.add_argument("--check", action="store_true", help="only read the file to its end")


def _run_backup(given: Namespace, settings: Settings) -> None:
    with _progress_bars() as progress:
        path, contents = take_backup(Path(given.file), settings, now=utc_now(), progress=progress)
    note_backup(settings, now=utc_now())
    shown = {"file": str(path), "bytes": path.stat().st_size, **_describe_contents(contents)}
    print_result(given, shown)


def _run_restore(given: Namespace, settings: Settings) -> None:
    path = Path(given.file)
    with _progress_bars() as progress:
        if given.check:
            contents = check_backup(path, settings, progress=progress)
        else:
            contents = restore_backup(path, settings, overwrite=given.overwrite, progress=progress)
    missing = count_missing_secret_keys(contents, settings)
    if missing:
        print_progress(
            f"SECRET_KEY lacks {missing} of the keys that the desk had: what they sealed, such as "
            "voicemails, cannot be read until they stand there too."
        )
    if contents.revision != newest_revision() and not given.check:
        print_progress("Next: `python -m leads migrate`, for the backup is of an older version.")
    shown = {"outcome": "whole" if given.check else "restored", **_describe_contents(contents)}
    print_result(given, shown)


def _describe_contents(contents: BackupContents) -> dict[str, Any]:
    return {
        "made_at": contents.made_at,
        "kind": contents.kind,
        "revision": contents.revision,
        "tables": len(contents.rows),
        "rows": sum(contents.rows.values()),
        "leads": contents.rows.get("lead", 0),
    }


@contextmanager
def _progress_bars() -> Iterator[Progress]:
    """Show a bar for each step where somebody watches."""
    bars: dict[str, tqdm[Any]] = {}
    with ExitStack() as stack:

        def progress(step: str, done: int, total: int) -> None:
            if step not in bars:
                bar = tqdm(total=total or None, desc=step, unit="B", unit_scale=True, disable=None)
                bars[step] = stack.enter_context(bar)
            bars[step].update(done - bars[step].n)

        yield progress
