"""The CSV of a report: a line for each callback, in its reader's language, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from leads.i18n.translatable import Phrase, translate
from leads.reporting import drill_down
from leads.reporting.cohort import CohortRow
from leads.spreadsheet_cells import escape_formula

HEADER = (
    Phrase("No."),
    Phrase("Requested"),
    Phrase("Seconds to first call"),
    Phrase("Seconds until reached"),
    Phrase("Status"),
    Phrase("Outcome"),
    Phrase("Source"),
)
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes an accent for two other letters


def render_cohort_csv(
    people: Iterable[CohortRow], names: Mapping[int, str], *, zone: str, language: str
) -> str:
    """Return callbacks as CSV: times with their offset (ISO 8601), waits in seconds.

    Nobody's name or number is in it. `names` are those of the sources, by id.
    """
    say = partial(translate, language)
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(map(say, HEADER))
    there = ZoneInfo(zone)
    for row in people:
        rows.writerow(
            (
                row.callback_id,
                row.received_at.astimezone(there).isoformat(timespec="seconds"),
                _seconds_between(row.first_rung_at, row.received_at),
                _seconds_between(row.first_conversation_at, row.received_at),
                say(drill_down.CALLBACK_STATE_TITLES[row.state]),
                say(drill_down.OUTCOMES[row.outcome]) if row.outcome else "",
                escape_formula(say(names.get(row.source_id, ""))),
            )
        )
    return BYTE_ORDER_MARK + written.getvalue()


def _seconds_between(at: datetime | None, since: datetime) -> str:
    return f"{(at - since).total_seconds():.0f}" if at else ""
