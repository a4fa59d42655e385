"""Incidents: who was in danger, what was done, what came of it, and who looks after them again."""

from __future__ import annotations

import streamlit as st

from dashboard import in_browser, page_reading, page_text, viewer, widgets
from dashboard.danger.incident_decision import draw_incident_decision, draw_incident_facts
from dashboard.desk.danger_steps import draw_taken_steps
from dashboard.http import live_updates
from dashboard.language import _
from leads.incidents.protocol import load_protocol
from leads.models.incident_words import (
    CHOOSABLE_OUTCOMES,
    INCIDENT_KIND_LABELS,
    OUTCOME_LABELS,
)
from leads.read_models import incidents as incidents_view
from leads.read_models.incidents import IncidentFigures, IncidentList, IncidentRow
from leads.read_models.page_changes import Topic

me = viewer.require_signed_in_advisor()


def load_incidents() -> IncidentList:
    """Return the incidents that the page shows."""
    return page_reading.read_or_stop_page(
        lambda s, a: incidents_view.read_incidents(s, a, now=viewer.read_utc_clock())
    )


def draw_figures(figures: IncidentFigures) -> None:
    """Draw the last 30 days in figures."""
    contact = _(
        "The median: half of the people in danger were reached sooner. People not reached "
        "yet count as the longest."
    )
    median = figures.median_first_contact
    reached = _("Not yet") if median is None else page_text.duration_text(median)
    tiles = (
        (_("Open now"), figures.open_now, None),
        (_("Last 30 days"), figures.opened, None),
        (_("Time to first contact"), reached if figures.opened else _("none yet"), contact),
        (_("Overdue follow-ups"), figures.follow_ups_late, None),
    )
    with st.container(horizontal=True):
        for label, figure, explained in tiles:
            st.metric(label, figure, border=True, help=explained)
    if figures.outcomes:
        counted = (
            f"{_(OUTCOME_LABELS[one])}: {figures.outcomes[one]}"
            for one in CHOOSABLE_OUTCOMES
            if one in figures.outcomes
        )
        widgets.draw_small_text(" · ".join(counted))


def draw_incident_row(row: IncidentRow) -> None:
    """Draw one incident; whatever is left to do stands open."""
    with st.expander(
        incident_title(row),
        expanded=row.closed_at is None or row.is_follow_up_late,
        key=f"incident-{row.incident_id}",
        icon=":material/emergency_home:" if row.closed_at is None else ":material/done:",
    ):
        draw_incident_facts(row)
        draw_taken_steps(row.steps)
        st.page_link(
            "lead_file.py",
            label=_("Open their file"),
            icon=":material/person:",
            query_params={"lead": str(row.lead_id)},
        )
        draw_incident_decision(row)


def incident_title(row: IncidentRow) -> str:
    """Return what an incident is called in the list."""
    who, kind = page_text.escape_markdown(_(row.who)), _(INCIDENT_KIND_LABELS[row.kind])
    state = _(OUTCOME_LABELS[row.outcome]) if row.outcome else _("still open")
    return f"{page_text.instant_text(row.opened_at)} · {who} · {kind} · {state}"


@st.fragment(run_every=in_browser.FALLBACK)
def draw_live_incidents() -> None:
    """Draw the incidents as they are now, and again at every change."""
    in_browser.rerun_on_change(Topic.BOARD, live_updates.change_version())
    widgets.draw_action_message()
    listed = load_incidents()
    draw_figures(listed.figures)
    if not listed.rows:
        st.info(
            _(
                "No incidents in the last 30 days. Danger signs in a message open one, and so "
                "does key D on the desk."
            ),
            icon=":material/inbox:",
        )
    for row in listed.rows:
        draw_incident_row(row)


st.title(_("Incidents"), anchor=False)
draw_live_incidents()
protocol = load_protocol()
with st.popover(_("Protocol {version}: sources", version=protocol.version), type="tertiary"):
    for source in protocol.sources:
        st.write(source)
