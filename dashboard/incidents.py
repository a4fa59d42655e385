"""Incidents: who was in danger, what was done, what came of it, and who looks after them again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import streamlit as st
from sqlmodel import Session

from dashboard import in_browser, widgets
from dashboard.desk.danger_panel import FOLLOW_UP_WAITS, draw_taken_steps
from dashboard.http import live_updates
from dashboard.language import _
from leads.i18n.translatable import Phrase
from leads.incidents import course
from leads.incidents.protocol import load_protocol
from leads.models.advisors import Advisor
from leads.models.incident_words import (
    CHOOSABLE_OUTCOMES,
    INCIDENT_KIND_LABELS,
    OUTCOME_LABELS,
)
from leads.models.incidents import Incident
from leads.read_models import incidents as incidents_view
from leads.read_models.incidents import IncidentFigures, IncidentList, IncidentRow
from leads.read_models.page_changes import Topic

TILE_WIDTH = 170  # pixels: two beside each other on a phone

me = widgets.require_signed_in_advisor()


def load_incidents() -> IncidentList:
    """Return the incidents that the page shows."""
    return widgets.read_or_stop_page(
        lambda s, a: incidents_view.read_incidents(s, a, now=widgets.read_utc_clock())
    )


def draw_figures(figures: IncidentFigures) -> None:
    """Draw the last 30 days in figures."""
    contact = _(
        "The median: half of the people in danger were reached sooner. People not reached "
        "yet count as the longest."
    )
    with st.container(horizontal=True):
        for label, figure, explained in (
            (_("Open now"), figures.open_now, None),
            (_("Last 30 days"), figures.opened, None),
            (
                _("Time to first contact"),
                widgets.duration_text(figures.median_first_contact)
                if figures.opened
                else _("none yet"),
                contact,
            ),
            (_("Overdue follow-ups"), figures.follow_ups_late, None),
        ):
            st.metric(label, figure, border=True, width=TILE_WIDTH, help=explained)
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
        if row.closed_at is None:
            draw_outcome_form(row)
        elif row.waits_for_follow_up:
            draw_follow_up_form(row)


def incident_title(row: IncidentRow) -> str:
    """Return what an incident is called in the list."""
    who, kind = widgets.escape_markdown(_(row.who)), _(INCIDENT_KIND_LABELS[row.kind])
    state = _(OUTCOME_LABELS[row.outcome]) if row.outcome else _("still open")
    return f"{widgets.instant_text(row.opened_at)} · {who} · {kind} · {state}"


def draw_incident_facts(row: IncidentRow) -> None:
    """Draw how an incident began, went on and ended."""
    opened = (
        _("Opened by {name}.", name=widgets.escape_markdown(row.opened_by))
        if row.opened_by
        else _("Opened because of danger signs in what they wrote.")
    )
    contact = (
        _("No one has reached them yet.")
        if row.first_contact is None
        else _("First contact after {time}.", time=widgets.duration_text(row.first_contact))
    )
    closed = (
        _(
            "Closed by {name} at {time}.",
            name=widgets.escape_markdown(row.closed_by),
            time=widgets.instant_text(row.closed_at),
        )
        if row.closed_at
        else ""
    )
    helpline = _("Helpline: {name}", name=widgets.escape_markdown(row.brand))
    st.write(" ".join(filter(None, (f"{helpline}.", opened, contact, closed))))
    if row.followed_up_at:
        done = _(
            "{name} followed up at {time}.",
            name=widgets.escape_markdown(row.followed_up_by),
            time=widgets.instant_text(row.followed_up_at),
        )
        st.write(f"{done} {widgets.escape_markdown(row.follow_up_note)}")
    elif row.follow_up_due:
        st.write(_("Follow up by {time}.", time=widgets.instant_text(row.follow_up_due)))


@widgets.in_stable_container
def draw_outcome_form(row: IncidentRow) -> None:
    """Draw the form by which a supervisor closes an incident that nobody has in hand."""
    if row.is_in_hand:
        widgets.draw_small_text(_("An advisor is on the line with them now."))
    with st.form(f"close-{row.incident_id}", border=False):
        left, right = st.columns(2)
        outcome = left.selectbox(
            _("Outcome of the incident"),
            CHOOSABLE_OUTCOMES,
            index=None,
            format_func=lambda one: _(OUTCOME_LABELS[one]),
            placeholder=_("Choose one"),
        )
        wait = right.selectbox(
            _("Follow up"),
            list(FOLLOW_UP_WAITS),
            index=list(FOLLOW_UP_WAITS).index(course.USUAL_FOLLOW_UP),
            format_func=lambda one: _(FOLLOW_UP_WAITS[one]),
        )
        if st.form_submit_button(_("Close the incident")):
            if outcome is None:
                widgets.set_action_message(Phrase("Choose an outcome."), kind="warning")
                st.rerun()
            act_on_row(
                row,
                lambda s, i, a, now: course.close_incident(
                    s, i, outcome, a, follow_up_due=now + (wait or timedelta()), now=now
                ),
                Phrase("The incident is closed."),
            )


@widgets.in_stable_container
def draw_follow_up_form(row: IncidentRow) -> None:
    """Draw the form by which somebody says that they looked after the person again."""
    with st.form(f"follow-up-{row.incident_id}", border=False):
        note = st.text_input(_("How are they doing?"))
        if st.form_submit_button(_("Record the follow-up"), type="primary"):
            act_on_row(
                row,
                lambda s, i, a, now: course.record_follow_up(s, i, a, note=note, now=now),
                Phrase("Recorded. Thank you."),
            )


def act_on_row(
    row: IncidentRow, act: Callable[[Session, Incident, Advisor, datetime], None], done: str
) -> None:
    """Do one act on an incident and draw the page again."""
    widgets.run_as_signed_in(
        lambda s, a: act(s, s.get_one(Incident, row.incident_id), a, widgets.read_utc_clock()), done
    )
    st.rerun()


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
