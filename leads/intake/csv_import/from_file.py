"""CSV import of a file on the operator's disk, with a bar and a file of rejected rows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from tqdm import tqdm

from leads.errors import BadFile
from leads.intake.csv_import import run
from leads.intake.csv_import.run import ImportResult
from leads.people.permissions import OPERATOR

WRITER_PAUSE = 0.03  # seconds: SQLite lets a desk that waits find its turn only if there is a gap
MOST_SHOWN = 20  # rejected rows; the file has them all
HELP = """\
The first row names the columns, in these words or those of other systems:
  received_at,name,phone,email,source,message,
  first_rung_at,first_conversation_at,closed_at,close_reason
Times are ISO 8601 with their offset, such as 2026-03-03T17:00:00-05:00. A row with closed_at is
history; any other becomes an open callback, held where a column rules out calls. Rows that cannot
be imported go to FILE.rejected.csv with the reasons. Importing a file again adds nothing."""


@dataclass(frozen=True)
class FileImportResult:
    """What came of importing a file, and where its rejected rows are.

    `problem` says why those could not be written.
    """

    imported: ImportResult
    rejected_file: str | None = None
    problem: str = ""

    @property
    def is_total_failure(self) -> bool:
        """Whether no row of the file could be taken."""
        return (
            bool(self.imported.rejected) and not self.imported.added and not self.imported.repeated
        )


def import_csv_file(path: Path, *, brand_name: str, now: datetime) -> FileImportResult:
    """Import a file, with a progress bar on stderr. Raises BadFile if it cannot be read at all."""
    content = _read_file_content(path)
    with tqdm(unit=" rows", desc=path.name) as bar:
        imported = run.import_csv_rows(
            content, actor=OPERATOR, brand_name=brand_name, now=now, progress=progress_reporter(bar)
        )
    return _write_rejected_file(path, imported) if imported.rejected else FileImportResult(imported)


def progress_reporter(bar: tqdm[NoReturn]) -> Callable[[int, int], None]:
    """Return a function that moves a bar to so many of so many.

    It lets other writers have the database for a moment, too.
    """

    def report_progress(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)
        time.sleep(WRITER_PAUSE)

    return report_progress


def import_figures(outcome: FileImportResult) -> dict[str, Any]:
    """Return the figures of an import, for a program."""
    result = outcome.imported
    return {
        "added": result.added,
        "repeated": result.repeated,
        "rejected": [asdict(row) for row in result.rejected],
        "rejected_file": outcome.rejected_file,
        "unknown_sources": result.elsewhere,
        "held": result.held,
        "stopped": result.stopped,
    }


def import_summary_text(outcome: FileImportResult) -> str:
    """Return the figures of an import in words, for a person."""
    result = outcome.imported
    lines = [
        f"{result.added} added, {result.repeated} already on file, {len(result.rejected)} rejected."
    ]
    if result.elsewhere:
        lines.append(
            f"{result.elsewhere} name a source that is not set up here: they are filed under "
            f'"import" with its name.'
        )
    if result.held:
        lines.append(
            f"{result.held} held for review: something in the row is a reason not to call."
        )
    if result.stopped:
        lines.append(
            f"{result.stopped} wanted no calls: their numbers are on the do-not-contact list."
        )
    lines += [f"row {row.line}: {row.reason}" for row in result.rejected[:MOST_SHOWN]]
    if outcome.rejected_file:
        lines.append(
            f"The rejected rows are in {outcome.rejected_file}: correct them there and import that "
            f"file."
        )
    return "\n".join([*lines, outcome.problem] if outcome.problem else lines)


def _read_file_content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        msg = f"{path} cannot be read: {problem.strerror}."
        raise BadFile(msg) from None


def _write_rejected_file(path: Path, imported: ImportResult) -> FileImportResult:
    beside = path.with_name(f"{path.name.removesuffix('.csv')}.rejected.csv")
    try:
        beside.write_text(imported.rejected_csv, "utf-8", newline="")
    except OSError as problem:
        return FileImportResult(
            imported, problem=f"{beside} cannot be written: {problem.strerror}."
        )
    return FileImportResult(imported, str(beside))
