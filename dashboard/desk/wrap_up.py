"""The wrap-up: the advisor says what came of a conversation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st
from sqlmodel import Session

from dashboard import in_browser, page_actions, page_text, viewer, widgets
from dashboard.desk import keyboard_buttons, taking_calls
from dashboard.desk.keyboard_buttons import Verb
from dashboard.desk.outcome_choices import choice_label, outcome_choices, read_choice
from dashboard.language import _
from leads.callbacks import completion, opt_out, queue, undo_window
from leads.callbacks.rescheduling import RescheduleOutcome
from leads.calls import manual_dialing
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.dispositions import DISPOSITION_TITLES, Disposition
from leads.models.labels import CALL_DOUBT_SENTENCES
from leads.people import presence
from leads.read_models.lead_card import LeadCard

OUTCOMES = {
    Disposition.HELPED: DISPOSITION_TITLES[Disposition.HELPED],
    Disposition.REFERRED: DISPOSITION_TITLES[Disposition.REFERRED],
    Disposition.DECLINED: Phrase("Did not want help now"),
}
"""What the buttons say. One word more than the report: it lets an advisor record that somebody
declined today who may ask again tomorrow; the report says it of a day that is over."""
CHOOSABLE = {
    **{str(one): label for one, label in OUTCOMES.items()},
    str(Disposition.CALL_AGAIN): Phrase("Call again later"),
}
GoOn = Callable[[Verb], bool]
DAYS_AHEAD = 60
STOP_CONFIRMATION_KEY = "stopping"


def draw_wrap_up(card: LeadCard) -> None:
    """Draw the wrap-up: a disposition is chosen and finished, or given with one tap."""
    if card.said:
        draw_proposed_disposition(card, card.said)
        return
    is_stopping = st.session_state.get(STOP_CONFIRMATION_KEY) == card.callback_id
    if not is_stopping:
        draw_doubt(card)
    choices = outcome_choices(CHOOSABLE, card.own)
    outcome = st.pills(
        _("Outcome"),
        list(choices),
        format_func=lambda one: choice_label(choices, one),
        key=f"outcome-{card.callback_id}",
        wrap=True,
    )
    draw_finish_buttons(card, outcome, ask_time_of_next_call(card, outcome))
    if is_stopping:
        draw_stop_confirmation(card)
    else:
        draw_other_ends(card)


@widgets.in_stable_container
def draw_other_ends(card: LeadCard) -> None:
    """Draw what ends a call otherwise than by a conversation with the person."""
    with st.container(horizontal=True, gap="small"):
        keyboard_buttons.draw_action_button(
            _("Someone else answered"),
            lambda s, a: undo_window.propose_disposition(
                s,
                callback_of_card(s, card),
                a,
                Disposition.WRONG_PERSON,
                now=viewer.read_utc_clock(),
            ),
            icon=":material/person_off:",
            type="tertiary",
        )
        keyboard_buttons.draw_action_button(
            _("A machine answered"),
            lambda s, a: manual_dialing.record_voicemail_reached(
                s, callback_of_card(s, card), a, now=viewer.read_utc_clock()
            ),
            _("Counted as not reached. They will be called again."),
            icon=":material/voicemail:",
            type="tertiary",
        )
        st.button(
            _("Opted out"),
            type="tertiary",
            on_click=ask_stop_confirmation,
            args=(card.callback_id,),
            icon=":material/block:",
        )


@widgets.in_stable_container
def draw_doubt(card: LeadCard) -> None:
    """Draw why the call may have been no conversation; what the advisor records decides it."""
    if card.doubt:
        why = _(CALL_DOUBT_SENTENCES[card.doubt])
        asked = _("It counts as a conversation only if you record an outcome below.")
        st.warning(f"{why} {asked}", icon=":material/voicemail:")


@widgets.in_stable_container
def ask_time_of_next_call(card: LeadCard, outcome: str | None) -> tuple[str, str] | None:
    """Ask when they are called again, if that is what came of it; returns the choices' keys."""
    if outcome is None or read_choice(outcome, card.own)[0] != Disposition.CALL_AGAIN:
        return None
    return ask_day_and_time(f"{card.callback_id}", card.zone)


def draw_finish_buttons(card: LeadCard, outcome: str | None, keys: tuple[str, str] | None) -> None:
    """Draw the ways to finish: as it is, with the next person at once, or with a break.

    `keys`: of the day and the time at which they are called again.
    """
    ways: tuple[tuple[str, str, str, str, GoOn], ...] = (
        ("finish", _("Finish"), "done", "", finish_alone),
        ("finish-next", _("Finish and next"), "call", keyboard_buttons.NEXT, finish_and_take_next),
        (
            "finish-break",
            _("Finish and break"),
            "pause",
            keyboard_buttons.FINISH_WITH_BREAK,
            finish_with_break,
        ),
    )
    with st.container(horizontal=True, gap="small"):
        for name, label, icon, one_key, go_on in ways:
            look: Any = {"icon": f":material/{icon}:", "key": name, "disabled": outcome is None}
            st.button(
                label,
                type="primary" if name == "finish" else "secondary",
                shortcut=keyboard_buttons.shortcut_if_wanted(one_key) or None,
                on_click=finish_as_chosen,
                args=(card, outcome, keys, go_on),
                **look,
            )


def finish_as_chosen(
    card: LeadCard, outcome: str, keys: tuple[str, str] | None, go_on: GoOn
) -> None:
    """Record the outcome that was chosen, or agree on the next call, and go on."""
    disposition, own_id = read_choice(outcome, card.own)
    if keys is None:
        go_on(disposition_action(card, disposition, own_id))
        return
    due_at = read_day_and_time(*keys, card.zone)
    agreed: list[RescheduleOutcome] = []
    if go_on(lambda s, a: agreed.append(reschedule_card_callback(s, a, card, due_at, own_id))):
        show_agreed_time(agreed[-1], card.zone)


def finish_alone(finish: Verb) -> bool:
    """Record what came of the call; False where it is refused."""
    return page_actions.run_as_signed_in(finish, _("Recorded. Thank you."))


def finish_and_take_next(finish: Verb) -> bool:
    """Record what came of the call and claim the next one, together or not at all.

    What came of the call is recorded by itself where the next one is refused; False where that is
    refused, too.
    """

    def finish_and_claim(session: Session, advisor: Advisor) -> bool:
        finish(session, advisor)
        now = viewer.read_utc_clock()
        return queue.claim_next_callback(session, advisor, now=now) is not None

    is_claimed = page_actions.run_for_result(finish_and_claim, _("Recorded. Thank you."))
    if is_claimed is None:
        alone = _("Recorded. The next callback could not be assigned now.")
        return page_actions.run_as_signed_in(finish, alone)
    if not is_claimed:
        page_actions.set_action_message(_("Recorded. No one else is waiting now."))
    return True


def finish_and_take_break(finish: Verb, session: Session, advisor: Advisor) -> None:
    """Record what came of the call, and let nobody ring the advisor before they are back."""
    finish(session, advisor)
    now = viewer.read_utc_clock()
    presence.set_advisor_away(session, advisor, reason=taking_calls.BREAK, now=now)


def finish_with_break(finish: Verb) -> bool:
    """Record what came of the call and begin a break; False where it is refused."""
    done = _("Recorded. You are on a break.")
    return page_actions.run_as_signed_in(lambda s, a: finish_and_take_break(finish, s, a), done)


def draw_proposed_disposition(card: LeadCard, said: Disposition) -> None:
    """Draw the disposition that was given with one tap, before it counts.

    It says what the disposition means, and offers the way back and the way on without waiting.
    """
    st.info(
        _("Someone else answered: this request is closed. No one calls them until they ask again.")
    )
    sentence = _("It is final in {time}. You get no calls until then.")
    in_browser.draw_running_clock(
        "undo-until", card.lease_until, sentence, written="watch", down=True, look="small"
    )
    with st.container(horizontal=True):
        undo: Any = {"icon": ":material/undo:", "key": "undo"}
        keyboard_buttons.draw_action_button(
            _("Undo"),
            lambda s, a: undo_window.undo_disposition(
                s, callback_of_card(s, card), a, now=viewer.read_utc_clock()
            ),
            **undo,
        )
        sure: Any = {"icon": ":material/done:", "key": "sure", "type": "primary"}
        keyboard_buttons.draw_action_button(
            _("Yes, go on"), disposition_action(card, said), _("Recorded. Thank you."), **sure
        )


def callback_of_card(session: Session, card: LeadCard) -> Callback:
    """Return the callback whose card is drawn."""
    return session.get_one(Callback, card.callback_id)


def disposition_action(
    card: LeadCard, outcome: Disposition, own_id: int | None = None
) -> Callable[[Session, Advisor], None]:
    """Return the action that records a disposition."""
    return lambda s, a: completion.dispose_callback(
        s, callback_of_card(s, card), a, outcome, own_id=own_id, now=viewer.read_utc_clock()
    )


def ask_stop_confirmation(callback_id: int | None) -> None:
    """Ask once more before all contact is stopped, which cannot be taken back at the desk.

    None takes the question away.
    """
    st.session_state[STOP_CONFIRMATION_KEY] = callback_id


@widgets.in_stable_container
def draw_stop_confirmation(card: LeadCard) -> None:
    """Draw what it means to stop all contact, with the button that does so and the way back."""
    st.warning(_("No one here will contact this number again. Only a supervisor can undo that."))
    with st.container(horizontal=True):
        done = _("No one here contacts this number from now on.")
        keyboard_buttons.draw_action_button(
            _("Stop all contact"),
            lambda s, a: suppress_card_number(s, a, card),
            done,
            type="primary",
            key="stop",
        )
        st.button(_("No, go back"), on_click=ask_stop_confirmation, args=(None,))


def suppress_card_number(session: Session, advisor: Advisor, card: LeadCard) -> None:
    """Suppress the numbers of the card's lead and of the call with them from this moment on."""
    callback, now = callback_of_card(session, card), viewer.read_utc_clock()
    reason = Message(MessageKey.SAID_TO_ADVISOR)
    opt_out.stop_contact_of_callback(session, callback, advisor, reason=reason, now=now)


def ask_day_and_time(name: str, zone: str) -> tuple[str, str]:
    """Ask for a day and a time in a zone, tomorrow at ten at first; returns their keys."""
    tomorrow = viewer.read_utc_clock().astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    days = [tomorrow + timedelta(days=ahead) for ahead in range(-1, DAYS_AHEAD)]
    keys = f"day-{name}", f"time-{name}"
    left, right = st.columns(2, vertical_alignment="bottom")
    left.selectbox(_("Call again on"), days, index=1, format_func=page_text.day_text, key=keys[0])
    with right:
        place = page_text.zone_city(zone)
        widgets.ask_time_of_day(_("at ({place} time)", place=place), time(10), key=keys[1])
    return keys


def read_day_and_time(day_key: str, time_key: str, zone: str) -> datetime:
    """Return the instant that was chosen."""
    chosen = st.session_state[day_key], st.session_state[time_key]
    return datetime.combine(*chosen, tzinfo=ZoneInfo(zone))


def reschedule_card_callback(
    session: Session, advisor: Advisor, card: LeadCard, due_at: datetime, own_id: int | None
) -> RescheduleOutcome:
    """Reschedule the card's callback to the time that was chosen."""
    return completion.reschedule_callback(
        session,
        callback_of_card(session, card),
        advisor,
        due_at=due_at,
        own_id=own_id,
        now=viewer.read_utc_clock(),
    )


def show_agreed_time(again: RescheduleOutcome, zone: str) -> None:
    """Say when the lead will really be rung, in the lead's zone, and why not at the chosen time."""
    values = {
        "time": page_text.instant_text(again.due_at, zone),
        "place": page_text.zone_city(zone),
        "why": _(again.why),
    }
    if again.is_held:
        page_actions.set_action_message(
            _("They are not called until a supervisor decides: {why}", why=values["why"]),
            kind="warning",
        )
    elif again.why:
        page_actions.set_action_message(
            _(
                "Not at the time you chose. Next call: {time} ({place} time). {why}",
                **values,
            ),
            kind="warning",
        )
    else:
        page_actions.set_action_message(
            _(
                "Next call: {time} ({place} time).",
                time=values["time"],
                place=values["place"],
            )
        )
