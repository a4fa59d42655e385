"""The advisor's desk: be available, take the next callback, call, and write up what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from sqlmodel import Session

from dashboard import in_browser, widgets
from dashboard.desk import keyboard_buttons, lead_card, taking_calls, wrap_up
from dashboard.http import live_updates
from dashboard.language import _, counted
from leads import phone_numbers
from leads.callbacks import queue
from leads.calls import manual_dialing
from leads.database.transactions import reader, transaction
from leads.errors import NotNow
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.words import AttemptState, Result
from leads.people import presence
from leads.read_models import advisor_desk as desk_view
from leads.read_models.advisor_desk import Desk, LeadCard, LiveCall, NextCallback
from leads.read_models.page_changes import Topic

BY_HAND = {
    Result.CONVERSATION: Phrase("We talked"),
    Result.LEAD_NO_ANSWER: Phrase("No answer"),
    Result.LEAD_BUSY: Phrase("Busy"),
    Result.LEAD_VOICEMAIL: Phrase("A machine answered"),
    Result.LEAD_UNREACHABLE: Phrase("The number does not work"),
}
RINGING = {
    AttemptState.REQUESTED: Phrase("Ringing you …"),
    AttemptState.RINGING_ADVISOR: Phrase("Ringing you … pick up and press 1"),
    AttemptState.RINGING_LEAD: Phrase("Ringing them …"),
    AttemptState.BRIDGED: Phrase("Connected"),
}
me = widgets.me()


def read() -> Desk:
    """Read everything that the desk shows."""
    with reader() as session:
        return desk_view.read_desk(session, me.advisor_id, now=widgets.now())


def stay_awake(desk: Desk) -> None:
    """Say that the desk is open, if that was not said lately."""
    if desk.pulse_is_due:
        with transaction() as session:
            presence.record_presence_heartbeat(session, me.advisor_id, now=widgets.now())


def draw_queue(desk: Desk) -> None:
    """How many wait, and the way to the next one."""
    if desk.first:
        st.header(counted(desk.due, "{count} waiting now", "{count} waiting now"), anchor=False)
        draw_next(desk.first)
    else:
        st.header(_("Nobody is waiting"), anchor=False)
        st.write(_(taking_calls.what_to_expect(desk)))
    draw_later(desk.later)
    seen = desk.first.callback_id if desk.first else None
    look: Any = {"key": "next", "icon": ":material/call:", "type": "primary", "disabled": not desk.due}
    keyboard_buttons.act_button(
        _("Take the next one"), lambda s, a: take_next(s, a, seen=seen), one_key=keyboard_buttons.NEXT, **look
    )
    in_browser.write_notes(me.advisor_id, None)


def draw_next(first: NextCallback) -> None:
    """Why this one goes first, and how long they have waited."""
    why = " ".join(_(reason) for reason in first.why)
    promised = widgets.clock(first.promised_at)
    sentence = _("{why} Promised for {promised}. They wrote {time} ago.", why=why, promised=promised, time="{time}")
    in_browser.clock("waiting", first.received_at, sentence, strong=_("Next: "))


@widgets.in_place
def draw_later(count: int) -> None:
    """How many are not due yet."""
    if count:
        later = counted(
            count,
            "{count} more later, at a time they asked for or after a wait.",
            "{count} more later, at a time they asked for or after a wait.",
        )
        widgets.small(later)


def take_next(session: Session, advisor: Advisor, *, seen: int | None) -> None:
    """Claim the top of the queue, or say who was faster."""
    if queue.claim_next_callback(session, advisor, seen=seen, now=widgets.now()) is None:
        msg = Phrase("They may not be rung at this hour any more. Nobody else is due.")
        raise NotNow(msg)


def draw_claimed(card: LeadCard) -> None:
    """Read, then call or give back."""
    sentence = _("Yours for {time}; then it goes back to the queue by itself.")
    in_browser.clock("lease", card.lease_until, sentence, written="watch", down=True, look="small")
    with st.container(horizontal=True):
        keyboard_buttons.act_button(
            _("Call"),
            lambda s, a: queue.start_call(s, s.get_one(Callback, card.callback_id), a, now=widgets.now()),
            icon=":material/call:",
            type="primary",
            key="call",
            disabled="call" not in card.events,
            one_key=keyboard_buttons.CALL,
        )
        keyboard_buttons.act_button(
            _("Give back"),
            lambda s, a: queue.release_callback(s, s.get_one(Callback, card.callback_id), a, now=widgets.now()),
            icon=":material/undo:",
            key="release",
            disabled="release" not in card.events,
        )


def draw_call(call: LiveCall) -> None:
    """Where the call stands, and for how long."""
    in_browser.clock("call", call.since, strong=f"{_(RINGING[call.state])} ", written="watch", look="call")


def draw_by_hand(call: LiveCall) -> None:
    """No phone network is connected: the advisor rings from their own phone."""
    if call.number:
        number = phone_numbers.format_phone(call.number)
        st.info(_("Ring **{number}** now, then say what came of it.", number=number), icon=":material/phone_in_talk:")
        with st.container(horizontal=True):
            for result, label in BY_HAND.items():
                kind = "primary" if result == Result.CONVERSATION else "secondary"
                keyboard_buttons.act_button(_(label), recorded(call, result), key=f"by-hand-{result}", type=kind)
        return
    turn = _("**Your turn.** Ring them from your own phone; press the button when you are about to.")
    st.info(turn, icon=":material/call:")
    with st.container(horizontal=True):
        keyboard_buttons.act_button(
            _("Show the number"),
            lambda s, _a: manual_dialing.start_manual_dial(
                s, s.get_one(CallAttempt, call.attempt_id), now=widgets.now()
            ),
            icon=":material/visibility:",
            type="primary",
            key="show",
            one_key=keyboard_buttons.CALL,
        )
        keyboard_buttons.act_button(
            _("Pass"), recorded(call, Result.ADVISOR_DECLINED), icon=":material/skip_next:", key="pass"
        )


def recorded(call: LiveCall, result: Result) -> Callable[[Session, Advisor], None]:
    """Record what came of ringing by hand."""
    return lambda s, _a: manual_dialing.record_manual_result(
        s, s.get_one(CallAttempt, call.attempt_id), result, now=widgets.now()
    )


@st.fragment(run_every=in_browser.FALLBACK)
def draw_desk() -> None:
    """Draw the desk as it is now; a change that concerns this advisor brings it here again."""
    seen = live_updates.version()
    desk = read()
    stay_awake(desk)
    taking_calls.draw(desk)
    in_browser.stay_live(Topic.DESK, seen, offer=desk.call.attempt_id if desk.call and desk.call.rings_me else "")
    widgets.said()
    if desk.card is None:
        draw_queue(desk)
        return
    draw_work(desk.card, desk.call)
    person, writing = st.columns(2, gap="large")
    with person:
        lead_card.draw(desk.card)
    with writing:
        draw_writing(desk.card)


def draw_work(card: LeadCard, call: LiveCall | None) -> None:
    """Where the work on this person stands, and what can be done now."""
    with st.container():
        if card.said:
            st.success(_("The call is over."), icon=":material/call_end:")
        elif is_over(card):
            st.success(_("The call is over. What came of it?"), icon=":material/call_end:")
            sentence = _("Left alone, it is closed without a record in {time}.")
            in_browser.clock("wrap-up", card.lease_until, sentence, written="watch", down=True, look="small")
        elif call and call.by_hand:
            draw_by_hand(call)
        elif call:
            draw_call(call)
        else:
            draw_claimed(card)


def draw_writing(card: LeadCard) -> None:
    """What the advisor writes. The notes keep their place in every state, so that nobody is stopped in mid-word."""
    key = keyboard_buttons.wanted(keyboard_buttons.NOTES)
    in_browser.write_notes(me.advisor_id, card.callback_id, card.notes, written_at=card.written_at, key=key)
    if is_over(card):
        wrap_up.draw(card)


def is_over(card: LeadCard) -> bool:
    """Whether nothing is left but to say what came of it."""
    return "dispose" in card.events


st.title(_("My desk"), anchor=False)
draw_desk()
widgets.small(_(widgets.CRISIS))
keyboard_buttons.choose_keys()
