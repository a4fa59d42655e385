"""Danger on the desk: the key, what to say first, what kind it is, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from html import escape

import streamlit as st
from sqlmodel import Session

from dashboard import in_browser, page_actions, page_text, viewer, widgets
from dashboard.desk import danger_help, danger_steps, keyboard_buttons
from dashboard.language import _
from leads.free_text.danger import DangerKind
from leads.i18n.translatable import Phrase
from leads.incidents import course
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.incident_words import (
    CHOOSABLE_OUTCOMES,
    INCIDENT_KIND_LABELS,
    OUTCOME_LABELS,
    OUTCOMES_WITHOUT_FOLLOW_UP,
    IncidentOutcome,
)
from leads.models.incidents import Incident
from leads.read_models.danger_desk import DangerDesk, IncidentOnDesk

FOLLOW_UP_WAITS: dict[timedelta, Phrase] = {
    timedelta(hours=1): Phrase("In an hour"),
    timedelta(hours=4): Phrase("In four hours"),
    course.USUAL_FOLLOW_UP: Phrase("Tomorrow at this time"),
    timedelta(days=3): Phrase("In three days"),
    timedelta(days=7): Phrase("In a week"),
}

CHOOSABLE_KINDS = tuple(one for one in DangerKind if one != DangerKind.UNSPECIFIED)
KIND_CHOICES = {
    **INCIDENT_KIND_LABELS,
    DangerKind.UNSPECIFIED: Phrase("Choose the type of danger"),
}


def draw_danger_key(danger: DangerDesk | None) -> None:
    """Draw the key that opens an incident, unless one is in hand."""
    if danger is None or danger.incident is not None:
        return
    keyboard_buttons.draw_action_button(
        _("Danger"),
        lambda s, a: course.open_incident_as_advisor(
            s, s.get_one(Callback, danger.callback_id), a, now=viewer.read_utc_clock()
        ),
        icon=":material/emergency_home:",
        key="danger",
        one_key=keyboard_buttons.DANGER,
    )


def draw_danger_and_more_keys(danger: DangerDesk | None) -> None:
    """Draw the key for danger and, on a phone, the one that opens what is needed less."""
    draw_danger_key(danger)
    draw_more_key()


def draw_more_key() -> None:
    """Draw the key that opens, on a phone, what is needed less of a call's bar."""
    more = escape(_("More"))
    with st.container(key="desk-more", width="content"):
        st.html(f"<details><summary>{more}</summary></details>")


@widgets.in_stable_container
def draw_first_words(danger: DangerDesk | None, *, is_over: bool) -> None:
    """Draw what is said first in an incident, in the person's own language before the other.

    `is_over`: nobody is on the line any more to hear it.
    """
    if danger is None or danger.incident is None or is_over:
        return
    own, *others = (
        f"**{page_text.escape_markdown(said)}**" for said in danger.incident.first_words.values()
    )
    first = _("Say first: {words}", words=own)
    with st.container(key="first-words"):
        st.error("  \n".join([first, *others]), icon=":material/emergency_home:")


@widgets.in_stable_container
def draw_incident(
    danger: DangerDesk | None, draw_intake: Callable[[], None], *, is_over: bool
) -> None:
    """Draw of what kind the danger is, and what is to be done now; the rest opens beside it.

    On the call that is what to ask; when it `is_over`, what came of the incident.
    """
    if danger is None or danger.incident is None:
        return
    incident = danger.incident
    with st.container(border=True, key="incident", gap="small"):
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
            draw_kind_choice(incident)
            if not is_over:
                with danger_steps.open_aside(_("Close it …"), "done_all", "closing"):
                    draw_closing_form(incident)
        if is_over:
            draw_closing_form(incident)
        else:
            danger_steps.draw_checklist(incident, incident.next_step)
        danger_steps.draw_heard_form(incident)
        danger_steps.draw_latest_step(incident)
        with st.container(horizontal=True, gap="xsmall", key="incident-asides"):
            with danger_steps.open_aside(_("Script"), "forum", "all-questions"):
                danger_steps.draw_checklist(incident, *incident.checklist)
            with danger_steps.open_aside(_("Log"), "history", "taken-steps"):
                since = _("Incident open for {time}", time="{time}")
                in_browser.draw_running_clock(
                    "incident-since", incident.opened_at, since, look="small"
                )
                danger_steps.draw_taken_steps(incident.steps)
            if is_over:
                danger_help.draw_county_numbers(danger, incident)
            draw_intake()


def draw_kind_choice(incident: IncidentOnDesk) -> None:
    """Draw of what kind the danger is; choosing another changes what is to be said."""
    key = f"kind-{incident.incident_id}-{incident.kind}"
    kinds = [one for one in DangerKind if one in (incident.kind, *CHOOSABLE_KINDS)]

    def name_chosen_kind() -> None:
        chosen = st.session_state[key]
        # A browser that does not know yet that the person is gone asks for one more run, with what
        # it shows. Streamlit takes that for a new choice.
        if chosen == incident.kind or chosen not in kinds:
            return
        page_actions.run_as_signed_in(
            danger_steps.on_incident(
                incident, lambda s, i, a, now: course.name_kind(s, i, chosen, a, now=now)
            )
        )

    st.selectbox(
        _("Type of danger"),
        kinds,
        index=kinds.index(incident.kind),
        format_func=lambda kind: _(KIND_CHOICES[kind]),
        key=key,
        on_change=name_chosen_kind,
        label_visibility="collapsed",
    )


@widgets.in_stable_container
def draw_closing_form(incident: IncidentOnDesk) -> None:
    """Draw what came of the incident, and when somebody looks after them again."""
    key = incident.incident_id
    outcome = st.pills(
        _("Outcome of the incident"),
        CHOOSABLE_OUTCOMES,
        format_func=lambda one: _(OUTCOME_LABELS[one]),
        key=f"incident-outcome-{key}",
        wrap=True,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wait = st.selectbox(
            _("Follow up"),
            list(FOLLOW_UP_WAITS),
            index=list(FOLLOW_UP_WAITS).index(course.USUAL_FOLLOW_UP),
            format_func=lambda one: _(FOLLOW_UP_WAITS[one]),
            key=f"follow-up-{key}",
            width=240,
            disabled=outcome in OUTCOMES_WITHOUT_FOLLOW_UP,
        )
        keyboard_buttons.draw_action_button(
            _("Close the incident"),
            danger_steps.on_incident(incident, closing_action(outcome, wait)),
            _("The incident is closed."),
            icon=":material/done:",
            disabled=outcome is None,
            key="close-incident",
        )


def closing_action(
    outcome: IncidentOutcome | None, wait: timedelta
) -> Callable[[Session, Incident, Advisor, datetime], object]:
    """Return the act that closes an incident with an outcome, if one was chosen."""

    def close_with_outcome(
        session: Session, incident: Incident, advisor: Advisor, now: datetime
    ) -> None:
        if outcome:
            due = now + wait
            course.close_incident(session, incident, outcome, advisor, follow_up_due=due, now=now)

    return close_with_outcome
