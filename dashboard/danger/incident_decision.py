"""One incident: how it began and went on, and what is left to do about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import streamlit as st
from sqlmodel import Session

from dashboard import page_actions, page_text, viewer, widgets
from dashboard.desk.danger_panel import FOLLOW_UP_WAITS
from dashboard.language import _
from leads.i18n.translatable import Phrase
from leads.incidents import course
from leads.models.advisors import Advisor
from leads.models.incident_words import CHOOSABLE_OUTCOMES, OUTCOME_LABELS
from leads.models.incidents import Incident
from leads.read_models.incidents import IncidentRow


def draw_incident_facts(row: IncidentRow) -> None:
    """Draw how an incident began, went on and ended."""
    opened = (
        _("Opened by {name}.", name=page_text.escape_markdown(row.opened_by))
        if row.opened_by
        else _("Opened because of danger signs in what they wrote.")
    )
    contact = (
        _("No one has reached them yet.")
        if row.first_contact is None
        else _("First contact after {time}.", time=page_text.duration_text(row.first_contact))
    )
    closed = (
        _(
            "Closed by {name} at {time}.",
            name=page_text.escape_markdown(row.closed_by),
            time=page_text.instant_text(row.closed_at),
        )
        if row.closed_at
        else ""
    )
    helpline = _("Helpline: {name}", name=page_text.escape_markdown(row.brand))
    st.write(" ".join(filter(None, (f"{helpline}.", opened, contact, closed))))
    if row.followed_up_at:
        done = _(
            "{name} followed up at {time}.",
            name=page_text.escape_markdown(row.followed_up_by),
            time=page_text.instant_text(row.followed_up_at),
        )
        st.write(f"{done} {page_text.escape_markdown(row.follow_up_note)}")
    elif row.follow_up_due:
        st.write(_("Follow up by {time}.", time=page_text.instant_text(row.follow_up_due)))


def draw_incident_decision(row: IncidentRow) -> None:
    """Draw what is left to do about an incident: to say what came of it, or to follow up."""
    if row.closed_at is None:
        draw_outcome_form(row)
    elif row.waits_for_follow_up:
        draw_follow_up_form(row)


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
                page_actions.set_action_message(Phrase("Choose an outcome."), kind="warning")
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
    page_actions.act_and_redraw(
        lambda s, a: act(s, s.get_one(Incident, row.incident_id), a, viewer.read_utc_clock()), done
    )
