"""Taking calls: whether an advisor does so now, on what phone, and how that begins and ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st
from sqlmodel import Session

from dashboard import in_browser, page_actions, page_text, viewer, widgets
from dashboard.desk import keyboard_buttons
from dashboard.language import _, translate_count
from leads import phone_numbers
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.enums import Presence
from leads.people import presence
from leads.read_models.advisor_desk import Desk
from leads.read_models.calls_in_progress import TakenByAdvisors

Look = Literal["call", "good", "away"]
BREAK = Message(MessageKey.BREAK)
AWAY_REASONS = (
    Message(MessageKey.MEAL),
    Message(MessageKey.MEETING),
    Message(MessageKey.TRAINING),
    Message(MessageKey.DONE_FOR_TODAY),
)


def draw_state(desk: Desk) -> None:
    """Draw what the advisor does now, for how long, and what comes after it."""
    words, look = name_activity(desk)
    if desk.since is None:
        st.badge(_(words), color="blue" if desk.card else "gray")
    else:
        in_browser.draw_running_clock(
            "state", desk.since, strong=f"{_(words)} ", written="watch", look=look
        )
    if desk.card or desk.bar:
        with st.container(key="next-state", width="content"):
            st.badge(_(name_next_state(desk)), icon=":material/arrow_forward:", color="gray")


def draw_presence_buttons(desk: Desk) -> None:
    """Draw the buttons by which the advisor takes calls, or does so no more."""
    if desk.presence == Presence.AVAILABLE:
        draw_away_buttons()
    elif desk.is_on_duty_by_phone:
        draw_available_button(_("Work from this desk"))
    else:
        draw_available_button(_("I am available"))


def name_activity(desk: Desk) -> tuple[Phrase, Look]:
    """Return what the advisor does now, and how it is drawn."""
    if desk.call and not (desk.call.by_hand and desk.call.is_ringing_advisor):
        is_on_hold = desk.bar is not None and desk.bar.is_mine and desk.bar.is_lead_on_hold
        return Phrase("The caller is on hold") if is_on_hold else desk.call.title, "call"
    if desk.bar:
        return Phrase("On {name}'s call", name=desk.bar.call.advisor), "call"
    if desk.card and "dispose" in desk.card.events:
        return Phrase("Wrap-up"), "call"
    if desk.card:
        return Phrase("Ready to call") if desk.call else Phrase("Reading"), "call"
    return name_presence(desk)


def name_presence(desk: Desk) -> tuple[Phrase, Look]:
    """Return whether an advisor without anybody in hand takes calls, and how that is drawn."""
    if desk.presence == Presence.AVAILABLE:
        return Phrase("Available: your phone rings when someone is due"), "good"
    if desk.is_on_duty_by_phone:
        until = page_text.instant_text(desk.duty_until)
        return Phrase("On duty by phone until {time}", time=until), "good"
    if desk.away_reason:
        return Phrase("Away: {reason}", reason=desk.away_reason), "away"
    return Phrase("You are not taking calls"), "away"


def name_next_state(desk: Desk) -> Phrase:
    """Return what comes after the call, or after the wrap-up."""
    if desk.presence == Presence.AVAILABLE:
        return Phrase("Next: available")
    if desk.away_reason:
        return Phrase("Next: {reason}", reason=desk.away_reason)
    return Phrase("Next: not taking calls")


def next_call_expectation(desk: Desk) -> Phrase:
    """Return what this advisor can expect to happen when somebody asks for a call."""
    if desk.presence == Presence.AVAILABLE:
        return Phrase(
            "Stay available and keep this page open: your phone rings as soon as someone asks "
            "for a call."
        )
    if desk.is_on_duty_by_phone:
        return Phrase("Your phone rings as soon as someone asks for a call.")
    if desk.presence == Presence.AWAY:
        return Phrase(
            "You are away and get no calls. Calls go to others until you are available again."
        )
    if desk.was_left:
        return Phrase(
            "No page of Ringback was open for over a minute, so calls go to others. Click “I am "
            "available” to get calls again."
        )
    return Phrase("Click “I am available”. Your phone rings as soon as someone asks for a call.")


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
        lambda s, a: presence.set_advisor_available(s, a, now=viewer.read_utc_clock()),
        **look,
    )


@widgets.in_stable_container
def draw_phone_duty(desk: Desk) -> None:
    """Draw what duty by phone means while this page is open, and the button that ends it."""
    if not desk.duty_until or desk.card:
        return
    values = {
        "number": phone_numbers.format_phone(desk.phone) or _("your own phone"),
        "time": page_text.instant_text(desk.duty_until),
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
            "You missed two calls in a row, so your phone, {number}, gets no calls until "
            "{back}. Click “I am available” to get calls sooner. Duty by phone ends {time}.",
            back=page_text.instant_text(desk.away_until),
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
            lambda s, a: presence.take_off_duty(s, a, now=viewer.read_utc_clock()),
            **look,
        )


def away_action(reason: Message) -> Callable[[Session, Advisor], None]:
    """Return the action that sets the advisor away for a reason."""
    return lambda s, a: presence.set_advisor_away(s, a, reason=reason, now=viewer.read_utc_clock())


def go_away_as_chosen() -> None:
    """Set the advisor away for the reason just chosen."""
    page_actions.run_as_signed_in(away_action(st.session_state["away_for"]))


def name_taken(taken: TakenByAdvisors) -> str:
    """Return in words whom advisors have taken and not reached yet, or nothing."""
    calling = translate_count(
        len(taken.calling),
        "{count} being called by {names}",
        "{count} being called by {names}",
        names=page_text.join_words(taken.calling),
    )
    reading = translate_count(
        len(taken.reading),
        "{count} about to be called by {names}",
        "{count} about to be called by {names}",
        names=page_text.join_words(taken.reading),
    )
    return " · ".join(
        said for names, said in ((taken.calling, calling), (taken.reading, reading)) if names
    )
