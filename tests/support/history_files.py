"""Histories as other tools write them: rows by what happened after how many minutes, as CSV."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from leads.intake.csv_import.csv_row import COLUMNS

THEN = datetime(
    2025, 3, 4, 17, 0, tzinfo=UTC
)  # long past on every machine: files are read by the real clock
_numbers = itertools.count(1)


def a_row(asked_at: datetime = THEN, **changes: Any) -> dict[str, str]:
    """Somebody new who asked at that time; `rung`, `talked` and `closed` are minutes after it."""
    number = next(_numbers)
    row = dict.fromkeys(COLUMNS, "") | {
        "received_at": asked_at.isoformat(),
        "name": f"Person {number}",
        "phone": f"+1315557{number:04d}",
    }
    for name, column in (
        ("rung", "first_rung_at"),
        ("talked", "first_conversation_at"),
        ("closed", "closed_at"),
    ):
        minutes = changes.pop(name, None)
        row[column] = "" if minutes is None else (asked_at + timedelta(minutes=minutes)).isoformat()
    return row | changes


def a_csv(
    rows: Iterable[dict[str, str]], *, delimiter: str = ",", columns: tuple[str, ...] = COLUMNS
) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, delimiter=delimiter, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def the_check_value() -> list[dict[str, str]]:
    """The twenty people of the design's check value, as they stood at THEN."""
    long_ago = THEN - timedelta(hours=5)
    ends: list[dict[str, Any]] = [
        {"talked": 41, "closed": 60, "close_reason": "helped"},
        {"closed": 90, "close_reason": "no answer"},
        {"talked": 50, "closed": 55, "close_reason": "please do not call again"},
    ]
    rows = [
        a_row(long_ago, rung=minutes, **end)
        for minutes, end in zip(
            (1, 1, 2, 2, 3, 3, 4, 4, 6, 9, 14, 40), itertools.cycle(ends), strict=False
        )
    ]
    rows += [a_row(THEN - timedelta(minutes=age)) for age in (3, 8, 20, 65, 130, 240)]
    rows += [
        a_row(long_ago, closed=minutes, close_reason="Opted out (STOP)") for minutes in (5, 12)
    ]
    return rows
