"""Steps of an incident on the desk: what is said and done by its checklist, and what was noted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import streamlit as st
from sqlmodel import Session
from streamlit.delta_generator import DeltaGenerator

from dashboard import page_actions, page_text, viewer, widgets
from dashboard.desk import keyboard_buttons
from dashboard.language import _
from leads.incidents import course
from leads.incidents.protocol import ChecklistStep
from leads.models.advisors import Advisor
from leads.models.incident_words import STEP_LABELS, IncidentStepKind
from leads.models.incidents import Incident
from leads.read_models.danger_desk import IncidentOnDesk, TakenStep


def draw_checklist(incident: IncidentOnDesk, *spoken: ChecklistStep | None) -> None:
    """Draw each step, when it was taken, and with the steps that are `spoken` what is said."""
    place = len(spoken)  # of the same button on the desk and beside it
    with st.container(gap=None):
        for one in incident.checklist:
            draw_step_button(incident, one.step, place=place)
            if one in spoken:
                draw_said_words(incident, one)


def draw_said_words(incident: IncidentOnDesk, step: ChecklistStep) -> None:
    """Draw what is said with a step, in the person's language where that is known."""
    said = " · ".join(step.says[language] for language in incident.spoken)
    widgets.draw_small_text(f"_{page_text.escape_markdown(said)}_")


def draw_step_button(
    incident: IncidentOnDesk, step: IncidentStepKind, note: str = "", *, place: int = 0
) -> None:
    """Draw the button that records a step; it says when the step was taken last.

    `place`: tells the buttons of one step apart.
    """
    taken = incident.taken.get(step)
    label = _(STEP_LABELS[step])
    keyboard_buttons.draw_action_button(
        f"{label} · {page_text.instant_text(taken)}" if taken else label,
        on_incident(incident, step_action(step, note)),
        icon=":material/check_circle:" if taken else ":material/radio_button_unchecked:",
        type="tertiary",
        wrap=True,
        key=f"step-{step}-{incident.incident_id}-{place}",
    )


@widgets.in_stable_container
def draw_heard_form(incident: IncidentOnDesk) -> None:
    """Draw the field for what was heard: the place first of all."""
    key = f"heard-{incident.incident_id}"
    with (
        st.form(key, border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom", key=f"words-{key}"),
    ):
        heard = st.text_input(
            _("What you heard"),
            placeholder=_("Location, who is there, what they took"),
            label_visibility="collapsed",
        )
        if st.form_submit_button(_("Save note")) and heard.strip():
            act_on_incident(incident, step_action(IncidentStepKind.NOTED, heard))


@widgets.in_stable_container
def draw_latest_step(incident: IncidentOnDesk) -> None:
    """Draw what was done last, in one line: the others open beside it."""
    with st.container(key="latest-step"):
        draw_taken_steps(incident.steps[-1:])


def draw_taken_steps(steps: Iterable[TakenStep]) -> None:
    """Draw what was done so far, oldest first."""
    with st.container(gap=None):
        for taken in steps:
            note = f": {page_text.escape_markdown(taken.note)}" if taken.note else ""
            by = f" · {page_text.escape_markdown(taken.by)}" if taken.by else ""
            at = page_text.instant_text(taken.at)
            widgets.draw_small_text(f"{at} · {_(STEP_LABELS[taken.step])}{note}{by}")


def step_action(
    step: IncidentStepKind, note: str = ""
) -> Callable[[Session, Incident, Advisor, datetime], object]:
    """Return the act that records a step."""
    return lambda s, i, a, now: course.take_step(s, i, step, a, note=note, now=now)


def on_incident(
    incident: IncidentOnDesk, act: Callable[[Session, Incident, Advisor, datetime], object]
) -> page_actions.Act:
    """Return the verb that does an act on the incident in hand."""
    return lambda s, a: act(
        s, s.get_one(Incident, incident.incident_id), a, viewer.read_utc_clock()
    )


def act_on_incident(
    incident: IncidentOnDesk, act: Callable[[Session, Incident, Advisor, datetime], object]
) -> None:
    """Do an act on the incident in hand and draw the desk again."""
    page_actions.act_and_redraw(on_incident(incident, act))


def open_aside(label: str, icon: str, key: str) -> DeltaGenerator:
    """Return a part of an incident that opens over the desk, by a click or by Enter."""
    return st.popover(label, icon=f":material/{icon}:", key=key, type="tertiary")
