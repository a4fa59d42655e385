"""Danger on the desk: what to say first, what to ask, whom to bring in, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from html import escape
from typing import Any

import streamlit as st
from sqlmodel import Session
from streamlit.delta_generator import DeltaGenerator

from dashboard import in_browser, page_actions, page_text, viewer, widgets
from dashboard.desk import keyboard_buttons
from dashboard.language import _
from leads.calls import danger_calls, parties
from leads.free_text.danger import DangerKind
from leads.i18n.translatable import Phrase
from leads.incidents import course
from leads.incidents.protocol import ChecklistStep, load_protocol
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.incident_words import (
    CHOOSABLE_OUTCOMES,
    INCIDENT_KIND_LABELS,
    OUTCOME_LABELS,
    OUTCOMES_WITHOUT_FOLLOW_UP,
    STEP_LABELS,
    IncidentOutcome,
    IncidentStepKind,
)
from leads.models.incidents import Incident
from leads.read_models.danger_desk import CountyNumber, DangerDesk, IncidentOnDesk, TakenStep

Verb = Callable[[Session, Advisor], object]
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
                with open_aside(_("Close it …"), "done_all", "closing"):
                    draw_closing_form(incident)
        if is_over:
            draw_closing_form(incident)
        else:
            draw_checklist(incident, incident.next_step)
        draw_heard_form(incident)
        draw_latest_step(incident)
        with st.container(horizontal=True, gap="xsmall", key="incident-asides"):
            with open_aside(_("Script"), "forum", "all-questions"):
                draw_checklist(incident, *incident.checklist)
            with open_aside(_("Log"), "history", "taken-steps"):
                since = _("Incident open for {time}", time="{time}")
                in_browser.draw_running_clock(
                    "incident-since", incident.opened_at, since, look="small"
                )
                draw_taken_steps(incident.steps)
            if is_over:
                draw_county_numbers(danger, incident)
            draw_intake()


def open_aside(label: str, icon: str, key: str) -> DeltaGenerator:
    """Return a part of an incident that opens over the desk, by a click or by Enter."""
    return st.popover(label, icon=f":material/{icon}:", key=key, type="tertiary")


@widgets.in_stable_container
def draw_help(danger: DangerDesk | None, *, is_over: bool) -> None:
    """Draw, below the notes, whom to bring into the call."""
    if danger is None or danger.incident is None or is_over:
        return
    with st.container(border=True, gap="small", key="danger-help"):
        draw_crisis_line(danger, danger.incident)
        draw_emergency_services(danger, danger.incident)


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
            on_incident(incident, lambda s, i, a, now: course.name_kind(s, i, chosen, a, now=now))
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
def draw_crisis_line(danger: DangerDesk, incident: IncidentOnDesk) -> None:
    """Draw 988: by the person's own dialing first, or brought in."""
    st.markdown(f"**988** · {_(name_crisis_line_state(danger))}")
    with st.container(horizontal=True, gap="small"):
        draw_step_button(incident, IncidentStepKind.TOLD_988)
        with open_aside(_("Script"), "forum", "say-988"):
            draw_said_words(incident, load_protocol().steps[IncidentStepKind.TOLD_988])
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
    with open_aside(_("County emergency numbers"), "local_police", "county-numbers"):
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
            draw_step_button(incident, IncidentStepKind.RANG_COUNTY, county_text(chosen))


def county_text(one: CountyNumber) -> str:
    """Return how a county's number is named in the list."""
    return f"{one.county}, {one.state} · {one.name}"


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
            on_incident(incident, closing_action(outcome, wait)),
            _("The incident is closed."),
            icon=":material/done:",
            disabled=outcome is None,
            key="close-incident",
        )


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


def on_incident(
    incident: IncidentOnDesk, act: Callable[[Session, Incident, Advisor, datetime], object]
) -> Verb:
    """Return the verb that does an act on the incident in hand."""
    return lambda s, a: act(
        s, s.get_one(Incident, incident.incident_id), a, viewer.read_utc_clock()
    )


def act_on_incident(
    incident: IncidentOnDesk, act: Callable[[Session, Incident, Advisor, datetime], object]
) -> None:
    """Do an act on the incident in hand and draw the desk again."""
    page_actions.act_and_redraw(on_incident(incident, act))


def on_call(danger: DangerDesk, act: Callable[..., object]) -> Verb:
    """Return the verb that does an act on the call that is under way."""
    return lambda s, a: act(
        s, s.get_one(CallAttempt, danger.attempt_id), a, now=viewer.read_utc_clock()
    )


def _end_hold(session: Session, attempt: CallAttempt, advisor: Advisor, **at: Any) -> None:
    parties.hold_lead(session, attempt, advisor, is_on_hold=False, **at)
