"""File import: bring in a CSV file from another system.

There is a bar while it lasts, and the rejected rows to take home.
"""

from __future__ import annotations

import streamlit as st

from dashboard import downloads, page_reading, plain_table, viewer, widgets
from dashboard.language import _, viewer_language
from leads.audit.audit_list import IMPORT_RECORD
from leads.errors import LeadsError
from leads.intake.csv_import import csv_row, run
from leads.intake.csv_import.run import ImportResult
from leads.lifecycle.trail_subject import TrailSubject
from leads.people.permissions import Permission

MOST_SHOWN = 50  # rejected rows; the file has them all


def draw_file_import(brands: list[str]) -> None:
    """Draw the import of closed and open requests from another system."""
    columns = ", ".join(f"`{_(title)}`" for title in csv_row.COLUMN_TITLES.values())
    widgets.draw_small_text(_("Columns: {names}.", names=columns))
    st.caption(
        _(
            "Write times with their UTC offset, such as 2026-03-03T17:00:00-05:00. "
            "Rows that are not closed become open callbacks. Importing the same file "
            "twice adds nothing."
        )
    )
    file = st.file_uploader(_("CSV file"), type="csv", label_visibility="collapsed")
    several = len(brands) > 1
    brand = st.selectbox(_("Helpline for rows without a known source"), brands) if several else ""
    if file and st.button(_("Import"), type="primary", icon=":material/upload:"):
        import_csv_with_progress(file.getvalue(), brand or "")


def import_csv_with_progress(content: bytes, brand: str) -> None:
    """Import a file, with a bar while it lasts, and draw what came of it."""
    bar = st.progress(0.0, _("Importing"))
    try:
        came = run.import_csv_rows(
            content,
            actor=page_reading.load_signed_in_person(),
            brand_name=brand,
            language=viewer_language(),
            now=viewer.read_utc_clock(),
            progress=lambda done, total: bar.progress(
                done / total, _("{done} of {total} rows", done=done, total=total)
            ),
        )
    except LeadsError as refusal:
        bar.empty()
        st.error(_(refusal.args[0]))
        return
    bar.empty()
    draw_import_result(came)


def draw_import_result(came: ImportResult) -> None:
    """Draw what came of an import, and what was rejected."""
    counts = {"added": came.added, "repeated": came.repeated, "rejected": len(came.rejected)}
    st.success(_("{added} added, {repeated} already on file, {rejected} rejected.", **counts))
    if came.held:
        st.info(
            _(
                "Rows held for review because something in them is a reason not to call: {count}.",
                count=came.held,
            )
        )
    if came.stopped:
        st.info(
            _(
                "Numbers added to the do-not-contact list: {count}.",
                count=came.stopped,
            )
        )
    if came.rejected:
        rows = [{_("Row"): row.line, _("Why"): _(row.reason)} for row in came.rejected[:MOST_SHOWN]]
        plain_table.draw_plain_table(_("Rejected rows"), rows)
        label = _("Download the rejected rows")
        downloads.draw_download_button(
            label,
            lambda _session, _advisor: came.rejected_csv,
            "rejected.csv",
            TrailSubject(IMPORT_RECORD, f"{viewer.read_utc_clock():%Y-%m-%d/%H:%M}"),
            Permission.IMPORT_FILE,
        )
