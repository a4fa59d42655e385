"""Taking calls: whether an advisor does so now, on what phone, and how that begins and ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from sqlmodel import Session

from dashboard import widgets
from dashboard.desk import keyboard_buttons
from dashboard.language import _
from leads import phone_numbers
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.enums import Presence
from leads.people import presence
from leads.read_models.advisor_desk import Desk

BREAK = Message(MessageKey.BREAK)
AWAY_REASONS = (
    Message(MessageKey.MEAL),
    Message(MessageKey.MEETING),
    Message(MessageKey.TRAINING),
    Message(MessageKey.DONE_FOR_TODAY),
)


def draw_presence_bar(desk: Desk) -> None:
    """Draw whether the advisor takes calls now, and the buttons that change it, in a row."""
    if desk.presence == Presence.AVAILABLE:
        words, icon, color = name_activity(desk)
        look: Any = {"icon": f":material/{icon}:", "color": color}
        st.badge(_(words), **look)
        draw_away_buttons()
    elif desk.is_on_duty_by_phone:
        until = _("On duty by phone until {time}", time=widgets.instant_text(desk.duty_until))
        st.badge(until, icon=":material/phone_in_talk:", color="green")
        draw_available_button(_("Work from this desk"))
    elif desk.away_reason:
        reason = _("Away: {reason}", reason=_(desk.away_reason))
        st.badge(reason, icon=":material/pause_circle:", color="orange")
        draw_available_button(_("I am available"))
    else:
        st.badge(_("You are not taking calls"), icon=":material/do_not_disturb_on:", color="gray")
        draw_available_button(_("I am available"))


def name_activity(desk: Desk) -> tuple[Phrase, str, str]:
    """Return what an available advisor does now, with its sign and its color."""
    if desk.call and desk.call.is_ringing_advisor and not desk.call.by_hand:
        return Phrase("Ringing: your phone rings now"), "ring_volume", "blue"
    if desk.bar or desk.call:
        return Phrase("On a call: no other call comes to you"), "phone_in_talk", "blue"
    if desk.card and "dispose" in desk.card.events:
        return Phrase("Wrap-up: no other call comes to you"), "edit_note", "blue"
    if desk.card:
        return Phrase("Reading: no other call comes to you"), "menu_book", "blue"
    return Phrase("Available: your phone rings when somebody is due"), "check_circle", "green"


def next_call_expectation(desk: Desk) -> Phrase:
    """Return what this advisor can expect to happen when somebody asks for a call."""
    if desk.presence == Presence.AVAILABLE:
        return Phrase(
            "Stay available and keep this page open: your phone rings as soon as somebody asks "
            "for a call."
        )
    if desk.is_on_duty_by_phone:
        return Phrase("Your phone rings as soon as somebody asks for a call.")
    if desk.presence == Presence.AWAY:
        return Phrase(
            "You are away, and no call comes to you. Calls go to others until you are available "
            "again."
        )
    return Phrase(
        "Press “I am available”, and your phone rings as soon as somebody asks for a call."
    )


def draw_away_buttons() -> None:
    """Draw the buttons by which the advisor goes away for now."""
    keyboard_buttons.draw_action_button(
        _("Take a break"),
        away_action(BREAK),
        key="away",
        icon=":material/pause:",
        one_key=keyboard_buttons.AWAY,
    )
    st.menu_button(
        _("Away for …"),
        AWAY_REASONS,
        format_func=_,
        key="away_for",
        icon=":material/schedule:",
        on_click=go_away_as_chosen,
    )


def draw_available_button(label: str) -> None:
    """Draw the button by which the advisor is available at this desk."""
    look: Any = {
        "key": "available",
        "icon": ":material/play_arrow:",
        "type": "primary",
        "one_key": keyboard_buttons.AWAY,
    }
    keyboard_buttons.draw_action_button(
        label,
        lambda s, a: presence.set_advisor_available(s, a, now=widgets.read_utc_clock()),
        **look,
    )


@widgets.in_stable_container
def draw_phone_duty(desk: Desk) -> None:
    """Draw what duty by phone means while this page is open, and the button that ends it."""
    if not desk.duty_until or desk.card:
        return
    values = {
        "number": phone_numbers.format_phone(desk.phone) or _("your own phone"),
        "time": widgets.instant_text(desk.duty_until),
    }
    if desk.is_on_duty_by_phone:
        said = _(
            "Your phone, {number}, rings whether this page is open or not.", number=values["number"]
        )
    elif desk.presence == Presence.AVAILABLE:
        said = _(
            "Close this page and you are still on duty by phone, {number}, until {time}.", **values
        )
    elif desk.away_until:
        said = _(
            "You missed two calls in a row, so your phone, {number}, rests until {back}. Press “I "
            "am available” to be rung sooner. Duty by phone ends {time}.",
            back=widgets.instant_text(desk.away_until),
            **values,
        )
    else:
        said = _(
            "Your phone, {number}, does not ring while you are away. Duty by phone ends {time}.",
            **values,
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        widgets.draw_small_text(said)
        look: Any = {"key": "off-duty", "icon": ":material/phone_disabled:", "type": "tertiary"}
        keyboard_buttons.draw_action_button(
            _("End duty by phone"),
            lambda s, a: presence.take_off_duty(s, a, now=widgets.read_utc_clock()),
            **look,
        )


def away_action(reason: Message) -> Callable[[Session, Advisor], None]:
    """Return the action that sets the advisor away for a reason."""
    return lambda s, a: presence.set_advisor_away(s, a, reason=reason, now=widgets.read_utc_clock())


def go_away_as_chosen() -> None:
    """Set the advisor away for the reason just chosen."""
    widgets.run_as_signed_in(away_action(st.session_state["away_for"]))
