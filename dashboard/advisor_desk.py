"""The advisor's desk: be available, take the next callback, call, and record what came of it."""

from __future__ import annotations

import contextlib
from pathlib import Path

import streamlit as st

from dashboard import in_browser, page_actions, page_reading, page_text, viewer, widgets
from dashboard.desk import (
    call_bar,
    correction,
    danger_help,
    danger_panel,
    keyboard_buttons,
    lead_card,
    machine_notice,
    manual_call,
    next_callback,
    taking_calls,
    unrecorded_call,
    wrap_up,
)
from dashboard.http import live_updates
from dashboard.language import _
from dashboard.record import disclosure_section, tasks_section
from leads.callbacks import queue
from leads.database.transactions import transaction
from leads.errors import LostRace
from leads.lead_records import person_tasks
from leads.lifecycle.audit_log import set_origin
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.read_models import advisor_desk as desk_view
from leads.read_models import departures
from leads.read_models import lead_card as lead_card_view
from leads.read_models.advisor_desk import Desk, LiveCall
from leads.read_models.danger_desk import DangerDesk
from leads.read_models.lead_card import LeadCard
from leads.read_models.page_changes import Topic

STYLE = Path(__file__).parent / "desk" / "desk.css"
COLUMN_WIDTHS = (5, 8, 7)  # of the person, the questions, the notes with the outcome
LAST_SECONDS_OF_CLAIM = 30
IN_HAND_KEY = "in hand"
MOST_TASKS = 3  # on the desk
me = viewer.require_signed_in_advisor()


def load_advisor_desk() -> Desk:
    """Return everything that the desk shows."""
    return page_reading.read_or_stop_page(
        lambda s, a: desk_view.read_desk(s, a.id, now=viewer.read_utc_clock())
    )


def draw_claimed_callback(card: LeadCard, danger: DangerDesk | None) -> None:
    """Draw a claimed callback's lease, with the buttons to call and to give back."""
    in_browser.draw_running_clock(
        "lease",
        card.lease_until,
        _("Yours for {time}; then they go back to the queue."),
        written="watch",
        down=True,
        look="small",
        warning=_("Almost out of time. "),
        last=LAST_SECONDS_OF_CLAIM,
        button=_("Keep"),
        on_press=lambda: keep_claimed_callback(card),
    )
    with st.container(horizontal=True):
        keyboard_buttons.draw_action_button(
            _("Call them"),
            lambda s, a: queue.start_call(
                s, s.get_one(Callback, card.callback_id), a, now=viewer.read_utc_clock()
            ),
            icon=":material/call:",
            type="primary",
            key="call",
            disabled="call" not in card.events,
            one_key=keyboard_buttons.CALL,
        )
        keyboard_buttons.draw_action_button(
            _("Return to queue"),
            lambda s, a: queue.release_callback(
                s, s.get_one(Callback, card.callback_id), a, now=viewer.read_utc_clock()
            ),
            icon=":material/undo:",
            key="release",
            disabled="release" not in card.events,
        )
        danger_panel.draw_danger_and_more_keys(danger)


def keep_claimed_callback(card: LeadCard) -> None:
    """Let the advisor keep the callback in hand for longer."""
    page_actions.run_as_signed_in(
        lambda s, a: queue.keep_callback(
            s, s.get_one(Callback, card.callback_id), a, now=viewer.read_utc_clock()
        )
    )


def say_who_left_or_came(desk: Desk) -> None:
    """Say where the person went whom this screen showed in hand, if the advisor did not do that.

    Likewise why somebody is in their hands now. A screen that has just been opened or loaded again
    showed nobody: it says so of whom they lost last.
    """
    in_hand = desk.card.callback_id if desk.card else None
    zone = viewer.viewer_zone()
    if IN_HAND_KEY not in st.session_state:
        st.session_state[IN_HAND_KEY] = page_reading.read_or_stop_page(
            lambda s, a: departures.find_lost_callback(s, a.id, now=viewer.read_utc_clock())
        )
    before = st.session_state[IN_HAND_KEY]
    st.session_state[IN_HAND_KEY] = in_hand
    if before == in_hand:
        return
    if in_hand:
        page_actions.clear_success_message()  # of the call before
    arrival, departure = page_reading.read_or_stop_page(
        lambda s, a: (
            in_hand and departures.read_arrival(s, in_hand, a.id),
            before and departures.read_departure(s, before, a.id, zone=zone),
        )
    )
    sentences = (*(departure or ()), *([arrival] if arrival else ()))
    if sentences:
        words = " ".join(page_text.escape_markdown(_(sentence)) for sentence in sentences)
        page_actions.set_action_message(words, kind="warning")


def record_name_shown(desk: Desk) -> Desk:
    """Put on record that the advisor on a call is shown the name, and return the desk with it."""
    card = desk.card
    if card is None or not card.is_name_due:
        return desk
    with contextlib.suppress(LostRace), transaction() as session:  # somebody else has them now
        set_origin(session, viewer.screen_origin())
        lead_card_view.show_name_on_call(
            session,
            session.get_one(Callback, card.callback_id),
            session.get_one(Advisor, me.advisor_id),
            now=viewer.read_utc_clock(),
        )
    return load_advisor_desk()


@st.fragment(run_every=in_browser.FALLBACK)
def draw_desk() -> None:
    """Draw the desk as it is now, and again at every change that concerns this advisor."""
    seen = live_updates.change_version()
    desk = load_advisor_desk()
    desk = record_name_shown(desk)
    say_who_left_or_came(desk)
    draw_bar(desk, seen)
    taking_calls.draw_phone_duty(desk)
    widgets.draw_action_message()
    if desk.card is None and desk.bar:  # a colleague's call
        return
    if desk.card is None:
        unrecorded_call.draw_unrecorded_calls(desk.unrecorded)
        next_callback.draw_queue(desk)
        in_browser.draw_notes_field(me.advisor_id, None)
        widgets.link_to_new_request()
        draw_own_tasks()
        correction.draw_said_calls(desk.said_calls, title=_("Your last calls"))
        return
    draw_call_notices(desk.card, desk.call)
    disclosure_section.draw_unstated_disclosures(desk.told, place="desk")
    danger_panel.draw_first_words(desk.danger, is_over=has_call_ended(desk.card))
    draw_person_in_hand(desk, desk.card)


def draw_bar(desk: Desk, seen: str) -> None:
    """Draw the bar that stays in sight: the state with its time, and what can be done now."""
    with st.container(border=True, key="desk-bar", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.title(_("My desk"), anchor=False, width="content")
            taking_calls.draw_state(desk)
            taking_calls.draw_presence_buttons(desk)
            in_browser.rerun_on_change(
                Topic.DESK,
                seen,
                offer=desk.call.attempt_id if desk.call and desk.call.is_ringing_advisor else "",
                asks_alarm=desk.card is None and desk.bar is None,
            )
            is_calling_in = desk.call is not None and desk.call.is_calling_in
            call_bar.draw_end_button(desk.bar, is_calling_in=is_calling_in)
            if desk.card and has_call_ended(desk.card):
                danger_panel.draw_danger_and_more_keys(desk.danger)
        if desk.card:
            draw_work_status(desk.card, desk)
        elif desk.bar:
            call_bar.draw_call_controls(desk.bar, danger_panel.draw_more_key)
            call_bar.draw_call_members(desk.bar)


def draw_person_in_hand(desk: Desk, card: LeadCard) -> None:
    """Draw the person, what is asked with safety first, and the notes with the outcome."""
    has_incident = desk.danger is not None and desk.danger.incident is not None
    ended = has_call_ended(card)
    person, asking, writing = st.columns(COLUMN_WIDTHS, gap="medium")
    with person, st.container(key="desk-person", gap="small"):
        lead_card.draw_lead_card(card)
        if not has_incident:
            draw_last_calls_beside(desk)
    with asking, st.container(key="desk-asking", gap="small"):
        lead_card.draw_safety(card, has_incident=has_incident, is_over=ended)
        danger_panel.draw_incident(desk.danger, lambda: draw_folded_intake(card), is_over=ended)
        if not has_incident:
            draw = draw_folded_intake if card.dangers or card.cautions else draw_intake
            draw(card)
    with writing, st.container(key="desk-writing", gap="small"):
        draw_notes_and_wrap_up(card, has_incident=has_incident)
        danger_help.draw_help(desk.danger, is_over=ended)


@widgets.in_stable_container
def draw_intake(card: LeadCard) -> None:
    """Draw what the helpline asks."""
    if card.intake:
        in_browser.draw_intake_questions(me.advisor_id, card.callback_id, card.intake)


def draw_folded_intake(card: LeadCard) -> None:
    """Draw what the helpline asks in one line that opens: beside danger it can wait."""
    if card.intake:
        with st.popover(_("Intake"), icon=":material/quiz:", type="tertiary", key="intake"):
            draw_intake(card)


@widgets.in_stable_container
def draw_own_tasks() -> None:
    """Draw the most urgent of the advisor's tasks, small: people on the phone go first."""
    tasks = page_reading.read_or_stop_page(
        lambda s, a: person_tasks.list_open_tasks(s, advisor_id=a.id, now=viewer.read_utc_clock())
    )
    if not tasks:
        return
    st.subheader(_("My tasks"), anchor=False)
    tasks_section.draw_tasks(tasks[:MOST_TASKS], names_person=True)
    if len(tasks) > MOST_TASKS:
        st.page_link("my_calls.py", label=_("All my tasks"), icon=":material/checklist:")


@widgets.in_stable_container
def draw_last_calls_beside(desk: Desk) -> None:
    """Draw a way to the advisor's last calls, which they may still correct, beside a new one."""
    if desk.said_calls:
        with st.popover(_("Your last calls"), icon=":material/history:", key="last-calls"):
            correction.draw_said_calls(desk.said_calls, title=_("Your last calls"))


@widgets.in_stable_container
def draw_work_status(card: LeadCard, desk: Desk) -> None:
    """Draw what can be done now about the lead in hand."""
    call, bar, danger = desk.call, desk.bar, desk.danger
    if has_call_ended(card):
        draw_ended_call(card)
    elif call and call.by_hand:
        manual_call.draw_manual_call(card, call, danger)
    elif call:
        if bar:
            call_bar.draw_call_controls(bar, lambda: draw_own_controls(card, call, danger))
            call_bar.draw_call_members(bar)
        else:
            draw_own_controls(card, call, danger)
    else:
        draw_claimed_callback(card, danger)


@widgets.in_stable_container
def draw_call_notices(card: LeadCard, call: LiveCall | None) -> None:
    """Draw what an advisor is told beside a call, below the bar: that stays as low as it can."""
    if call and not has_call_ended(card):
        machine_notice.draw_call_beside(call)
        machine_notice.draw_machine_notice(call)


def draw_ended_call(card: LeadCard) -> None:
    """Draw that the call is over, and how long its outcome may be left out."""
    if card.said:
        st.markdown(_("**The call has ended.**"))
        return
    in_browser.draw_running_clock(
        "wrap-up",
        card.lease_until,
        _("The call has ended. Outcome due in {time}; then a supervisor asks."),
        written="watch",
        down=True,
        look="small",
        warning=_("Less than a minute left. "),
    )


def draw_own_controls(card: LeadCard, call: LiveCall, danger: DangerDesk | None) -> None:
    """Draw what only the advisor who has the person in hand can say in the call bar."""
    danger_panel.draw_danger_and_more_keys(danger)
    machine_notice.draw_machine_button(card, call)


def draw_notes_and_wrap_up(card: LeadCard, *, has_incident: bool) -> None:
    """Draw the field for notes and, after the call, the wrap-up.

    The field keeps its place in every state, so that nobody is stopped in mid-word.
    """
    key = keyboard_buttons.shortcut_if_wanted(keyboard_buttons.NOTES)
    in_browser.draw_notes_field(
        me.advisor_id,
        card.callback_id,
        card.notes,
        written_at=card.written_at,
        key=key,
        lines=3 if has_incident else 4 if is_awaiting_disposition(card) else 9,
    )
    if is_awaiting_disposition(card):
        wrap_up.draw_wrap_up(card)


def has_call_ended(card: LeadCard) -> bool:
    """Whether the call with the lead has ended."""
    return card.said is not None or is_awaiting_disposition(card)


def is_awaiting_disposition(card: LeadCard) -> bool:
    """Whether nothing is left but to record the disposition."""
    return "dispose" in card.events


st.html(STYLE)
draw_desk()
with st.container(key="crisis-lines"):
    widgets.draw_small_text(_(widgets.CRISIS_LINES))
with st.sidebar:
    keyboard_buttons.draw_shortcut_toggle()
