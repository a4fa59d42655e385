"""The report to keep: every row as CSV, and the page on paper."""

from __future__ import annotations

import functools

import streamlit as st

from dashboard import downloads, page_reading, widgets
from dashboard.language import _, viewer_language
from dashboard.report.shown_report import ShownReport
from leads.audit.audit_list import REPORT_RECORD
from leads.lifecycle.trail_subject import TrailSubject
from leads.people.permissions import Permission
from leads.reporting import cohort_csv, printable_report


def draw_report_downloads(shown: ShownReport) -> None:
    """Draw the report to keep: every row as CSV, and the page on paper.

    Both are made when they are asked for. They leave the building, so that whoever asks has to have
    confirmed lately that it is them.
    """
    if not page_reading.has_viewer_proof():
        widgets.draw_small_text(_("To download the report, confirm that it is you."))
        widgets.link_to_confirmation()
    else:
        draw_report_files(shown)


def draw_report_files(shown: ShownReport) -> None:
    """Draw the buttons that make the files of a report."""
    report, context = shown.report, shown.context
    question = report.question
    name = f"service-report-{question.first}-{question.last}"
    text = functools.partial(
        cohort_csv.render_cohort_csv,
        report.people,
        context.sources,
        zone=question.zone,
        language=viewer_language(),
    )
    printed = functools.partial(
        printable_report.render_printable_report,
        report,
        reasons=shown.reasons,
        language=viewer_language(),
        advisor=context.advisors.get(question.only.advisor_id or 0, ""),
    )
    subject = TrailSubject(REPORT_RECORD, f"{question.first}/{question.last}")
    with st.container(horizontal=True):
        downloads.draw_download_button(
            _("CSV, one row per person"),
            lambda _session, _advisor: text(),
            f"{name}.csv",
            subject,
            Permission.SEE_REPORT,
            icon=":material/table:",
        )
        downloads.draw_download_button(
            _("Printable page"),
            lambda _session, _advisor: printed(),
            f"{name}.html",
            subject,
            Permission.SEE_REPORT,
            icon=":material/print:",
        )
