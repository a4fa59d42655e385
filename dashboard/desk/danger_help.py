"""Help in danger: whom to bring into the call, 988 or the emergency services of a county."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from sqlmodel import Session

from dashboard import page_actions, viewer, widgets
from dashboard.desk import danger_steps, keyboard_buttons
from dashboard.language import _
from leads.calls import danger_calls, parties
from leads.i18n.translatable import Phrase
from leads.incidents.protocol import load_protocol
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt
from leads.models.incident_words import IncidentStepKind
from leads.read_models.danger_desk import CountyNumber, DangerDesk, IncidentOnDesk


@widgets.in_stable_container
def draw_help(danger: DangerDesk | None, *, is_over: bool) -> None:
    """Draw, below the notes, whom to bring into the call."""
    if danger is None or danger.incident is None or is_over:
        return
    with st.container(border=True, gap="small", key="danger-help"):
        draw_crisis_line(danger, danger.incident)
        draw_emergency_services(danger, danger.incident)


@widgets.in_stable_container
def draw_crisis_line(danger: DangerDesk, incident: IncidentOnDesk) -> None:
    """Draw 988: by the person's own dialing first, or brought in."""
    st.markdown(f"**988** · {_(name_crisis_line_state(danger))}")
    with st.container(horizontal=True, gap="small"):
        danger_steps.draw_step_button(incident, IncidentStepKind.TOLD_988)
        with danger_steps.open_aside(_("Script"), "forum", "say-988"):
            danger_steps.draw_said_words(incident, load_protocol().steps[IncidentStepKind.TOLD_988])
            widgets.draw_small_text(
                _(
                    "If we add 988 to the call, at {number}, it is routed by our number and not by "
                    "theirs: say out loud where they are.",
                    number=danger.crisis_line,
                )
            )
        if not danger.is_crisis_line_asked_in:
            keyboard_buttons.draw_action_button(
                _("Add 988"),
                on_call(danger, danger_calls.bring_in_crisis_line),
                icon=":material/add_call:",
                key="bring-in-988",
                disabled=danger.attempt_id is None,
                help=_("They hear a quiet sound until you end the hold: tell them first."),
            )
    if danger.is_lead_on_hold and danger.attempt_id:
        keyboard_buttons.draw_action_button(
            _("End the hold: everyone can talk"),
            on_call(danger, _end_hold),
            icon=":material/group:",
            type="primary",
            key="end-hold-in-danger",
        )


def name_crisis_line_state(danger: DangerDesk) -> Phrase:
    """Return how 988 stands in the call, and what is to be done about it."""
    if danger.has_crisis_line_answered:
        return Phrase("on the line. Say where the person is, then connect everyone.")
    if danger.is_crisis_line_asked_in:
        return Phrase("being called. The caller hears a quiet sound meanwhile.")
    return Phrase("best dialed by the person")


@widgets.in_stable_container
def draw_emergency_services(danger: DangerDesk, incident: IncidentOnDesk) -> None:
    """Draw why 911 is not brought in, and what there is instead."""
    st.markdown(
        _(
            "**911** · never from here: it would send help to us. They call, or someone with "
            "them does."
        )
    )
    draw_county_numbers(danger, incident)


def draw_county_numbers(danger: DangerDesk, incident: IncidentOnDesk) -> None:
    """Draw a way to the emergency services of the county where the person is."""
    with danger_steps.open_aside(_("County emergency numbers"), "local_police", "county-numbers"):
        if not danger.county_numbers:
            none = _(
                "No county numbers are set up for where they may be: a supervisor does that under "
                "Helpline set-up."
            )
            widgets.draw_small_text(none)
            return
        chosen = st.selectbox(
            _("Emergency services of their county"),
            danger.county_numbers,
            index=None,
            format_func=county_text,
            placeholder=_("Choose the county"),
            key=f"county-{incident.incident_id}",
        )
        if chosen:
            st.metric(_("Call from another phone"), chosen.number)
            danger_steps.draw_step_button(
                incident, IncidentStepKind.RANG_COUNTY, county_text(chosen)
            )


def county_text(one: CountyNumber) -> str:
    """Return how a county's number is named in the list."""
    return f"{one.county}, {one.state} · {one.name}"


def on_call(danger: DangerDesk, act: Callable[..., object]) -> page_actions.Act:
    """Return the verb that does an act on the call that is under way."""
    return lambda s, a: act(
        s, s.get_one(CallAttempt, danger.attempt_id), a, now=viewer.read_utc_clock()
    )


def _end_hold(session: Session, attempt: CallAttempt, advisor: Advisor, **at: Any) -> None:
    parties.hold_lead(session, attempt, advisor, is_on_hold=False, **at)
