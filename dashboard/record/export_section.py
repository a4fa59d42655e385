"""The export of all that is stored about a person, to read and as data."""

from __future__ import annotations

import functools
import json

import streamlit as st

from dashboard import downloads, page_actions, viewer, widgets
from dashboard.language import _, viewer_language
from dashboard.record import disclosure_section
from leads.lead_records.lead_file import LeadFile
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.requests import Lead
from leads.people.permissions import Permission
from leads.privacy import data_export
from leads.privacy.data_export import PersonExport


@widgets.in_stable_container
def draw_data_export(file: LeadFile) -> None:
    """Draw the export of all that is stored about the lead, to read and as data.

    The file is made when it is asked for, and that is recorded.
    """
    with (
        st.expander(_("Export their data"), icon=":material/download:"),
        st.form(f"export-{file.lead_id}", border=False),
    ):
        facts = disclosure_section.ask_recipient_of_export(
            file.lead_id, file.facts["name"] or _("The person themselves")
        )
        is_asked = st.form_submit_button(_("Make the export"), icon=":material/download:")
    if not is_asked:
        return
    export = page_actions.run_for_result(
        lambda s, a: data_export.export_lead_data(
            s, s.get_one(Lead, file.lead_id), a, to=facts, now=viewer.read_utc_clock()
        )
    )
    if export is None:
        st.rerun()
    draw_export_downloads(file.lead_id, export)


def draw_export_downloads(lead_id: int, export: PersonExport) -> None:
    """Draw the buttons that give an export that was made, to read and as data."""
    widgets.draw_small_text(
        _(
            "Each file carries the notice of 42 CFR 2.32. Who may be given it, and with what "
            "consent, is for your counsel to decide."
        )
    )
    readable = functools.partial(
        data_export.render_readable_export,
        export,
        language=viewer_language(),
        zone=viewer.viewer_zone(),
    )
    subject = TrailSubject.of_kind(Lead, lead_id)
    name = f"lead-{lead_id}"
    with st.container(horizontal=True):
        downloads.draw_download_button(
            _("Download to read or print"),
            lambda _session, _advisor: readable(),
            f"{name}.html",
            subject,
            Permission.READ_LEAD_FILE,
        )
        downloads.draw_download_button(
            _("Download as data (JSON)"),
            lambda _session, _advisor: json.dumps(export.data, indent=1),
            f"{name}.json",
            subject,
            Permission.READ_LEAD_FILE,
        )
