"""A process of its own that takes one form after another until its input is closed.

`python -m tests.support.steady_forms DATABASE_URL SOURCE_ID` prints a line for each form that has
become a callback.
"""

from __future__ import annotations

import itertools
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from leads.intake import processing, raw_inbox
from leads.intake.raw_inbox import Arrival
from tests.support.old_databases import open_as_of_old
from tests.support.source_files import ROOT

BEGIN = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)


@contextmanager
def taking_forms(database: str, source_id: int) -> Iterator[subprocess.Popen[str]]:
    """Have forms taken meanwhile; the first one has been when this begins."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.steady_forms", database, str(source_id)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "taken\n"
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.stdout.read()


def take_form(source_id: int, number: int) -> None:
    """Take one form, of somebody whose number is made of a number from 1000."""
    at = BEGIN + timedelta(seconds=number)
    body = {
        "name": f"Writer {number}",
        "phone": f"+1{212 + number // 10_000}555{number % 10_000:04d}",
        "consent": True,
    }
    arrival = Arrival(source_id, at, "application/json", json.dumps(body).encode())
    raw_inbox.store_arrivals([arrival])
    processing.process_received_submissions(now=lambda: at)


def _take_forms(database: str, source_id: int) -> None:
    open_as_of_old(database)
    for number in itertools.count(1000):
        take_form(source_id, number)
        print("taken", flush=True)
        if select.select([sys.stdin], [], [], 0)[0]:
            return


if __name__ == "__main__":
    _take_forms(sys.argv[1], int(sys.argv[2]))
