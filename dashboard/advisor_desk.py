"""The advisor's desk: be available, take the next callback, call, and write up what came of it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st
from sqlmodel import Session

from dashboard import in_browser, live, widgets
from leads import by_hand, closing, db, phone, presence, queue
from leads import desk as desk_view
from leads.desk import Card, Desk, LiveCall
from leads.errors import NotNow
from leads.glance import Topic
from leads.models import Advisor, AttemptState, CallAttempt, Callback, Disposition, Lead, Presence, Result
from leads.roles import actor_of

OUTCOMES = {
    Disposition.HELPED: "Helped",
    Disposition.REFERRED: "Referred",
    Disposition.DECLINED: "Did not want help now",
    Disposition.WRONG_PERSON: "Someone else answered",
}
BY_HAND = {
    Result.CONVERSATION: "We talked",
    Result.LEAD_NO_ANSWER: "No answer",
    Result.LEAD_BUSY: "Busy",
    Result.LEAD_VOICEMAIL: "A machine answered",
    Result.LEAD_UNREACHABLE: "The number does not work",
}
RINGING = {
    AttemptState.REQUESTED: "Ringing you …",
    AttemptState.RINGING_ADVISOR: "Ringing you … pick up and press 1",
    AttemptState.RINGING_LEAD: "Ringing them …",
    AttemptState.BRIDGED: "Connected",
}

me = widgets.me()


def read() -> Desk:
    """Read everything that the desk shows."""
    with db.reader() as session:
        return desk_view.read(session, me.advisor_id, now=widgets.now())


def stay_awake(desk: Desk) -> None:
    """Say that the desk is open, if that was not said lately."""
    if desk.pulse_is_due:
        with db.transaction() as session:
            presence.pulse(session, me.advisor_id, now=widgets.now())


def draw_presence(desk: Desk) -> None:
    """Whether the advisor takes calls now."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if desk.presence == Presence.AVAILABLE:
            st.badge("Available: you are rung when somebody is due", icon=":material/check_circle:", color="green")
            if st.button("Take a break", icon=":material/pause:", key="away"):
                widgets.act(lambda s, a: presence.go_away(s, a, reason="Break", now=widgets.now()))
                st.rerun()
            return
        if desk.away_reason:
            st.badge(f"Away: {desk.away_reason}", icon=":material/pause_circle:", color="orange")
        else:
            st.badge("You are not taking calls", icon=":material/do_not_disturb_on:", color="gray")
        if st.button("I am available", icon=":material/play_arrow:", key="available", type="primary"):
            widgets.act(lambda s, a: presence.come_available(s, a, now=widgets.now()))
            st.rerun()


def draw_queue(desk: Desk) -> None:
    """How many wait, and the way to the next one."""
    if desk.due:
        st.subheader(f"{desk.due} waiting now", anchor=False)
        before = f"{desk.first_why} They wrote "
        in_browser.clock("waiting", desk.first_due_at, strong="Next: ", before=before, after=" ago.")
    else:
        st.subheader("Nobody is waiting", anchor=False)
        st.write("Stay available and keep this page open: you are rung as soon as somebody asks for a call.")
    if desk.later:
        st.caption(f"{desk.later} more later, at a time they asked for or after a wait.")
    if st.button("Take the next one", icon=":material/call:", type="primary", disabled=not desk.due, key="next"):
        widgets.act(lambda s, a: take_next(s, a, seen=desk.first_id))
        st.rerun()


def take_next(session: Session, advisor: Advisor, *, seen: int | None) -> None:
    """Claim the top of the queue, or say who was faster."""
    if queue.claim_next(session, advisor, seen=seen, now=widgets.now()) is None:
        msg = "They may not be rung at this hour any more. Nobody else is due."
        raise NotNow(msg)


def draw_card(card: Card) -> None:
    """Everything to know about the person, at one glance."""
    st.subheader(widgets.plain(card.name) or "No name given", anchor=False)
    facts = [widgets.WHOM.get(card.for_whom, widgets.plain(card.for_whom)), card.number]
    facts.append(f"{widgets.clock(widgets.now(), card.zone)} where they are")
    st.write(" · ".join(fact for fact in facts if fact))
    with st.container(horizontal=True):
        safe, unsafe = ":material/check:", ":material/block:"
        st.badge(
            "Voicemail is safe" if card.safe_to_voicemail else "No voicemail",
            icon=safe if card.safe_to_voicemail else unsafe,
            color="green" if card.safe_to_voicemail else "red",
        )
        st.badge(
            "Texts are safe" if card.safe_to_text else "No texts",
            icon=safe if card.safe_to_text else unsafe,
            color="green" if card.safe_to_text else "red",
        )
        if card.any_hour:
            st.badge("Call at any hour", icon=":material/schedule:", color="blue")
    if card.other_names:
        others = widgets.plain(", ".join(card.other_names))
        st.warning(f"Others wrote from this number too: {others}. Ask who you are talking to.")
    for at, message in card.messages:
        with st.chat_message("user", avatar=":material/edit_note:"):
            st.text(message)
            st.caption(widgets.clock(at))
    if card.contact:
        st.write(" · ".join(widgets.plain(fact) for fact in card.contact))
    if card.best_time:
        st.write(f"Best time, in their words: {widgets.plain(card.best_time)}")
    waited = f"Asked {widgets.ago(card.received_at)} ago, at {card.brand}: {card.operator}."
    tries = "; ".join(f"{widgets.clock(t.at)} {widgets.RESULTS[t.result]}" for t in card.tries)
    st.caption(f"{waited} {f'Rung before: {tries}.' if tries else 'Not rung before.'}")
    if card.also:
        with st.expander("Also in their form"):
            st.dataframe([{"Field": label, "Answer": answer} for label, answer in card.also], hide_index=True)
    if card.wording:
        with st.expander("What they agreed to"):
            st.text(card.wording)


def draw_claimed(card: Card) -> None:
    """Read, then call or give back."""
    after = "; then it goes back to the queue by itself."
    in_browser.clock(
        "lease", card.lease_until, before="Yours for ", after=after, written="watch", down=True, look="small"
    )
    with st.container(horizontal=True):
        if st.button("Call", icon=":material/call:", type="primary", key="call", disabled="call" not in card.events):
            widgets.act(lambda s, a: queue.start_call(s, s.get_one(Callback, card.callback_id), a, now=widgets.now()))
            st.rerun()
        if st.button("Give back", icon=":material/undo:", key="release", disabled="release" not in card.events):
            widgets.act(lambda s, a: queue.release(s, s.get_one(Callback, card.callback_id), a, now=widgets.now()))
            st.rerun()


def draw_call(call: LiveCall) -> None:
    """Where the call stands, and for how long."""
    in_browser.clock("call", call.since, strong=f"{RINGING[call.state]} ", written="watch", look="call")


def draw_by_hand(call: LiveCall) -> None:
    """No phone network is connected: the advisor rings from their own phone."""
    if not call.number:
        st.info(
            "**Your turn.** Ring them from your own phone; press the button when you are about to.",
            icon=":material/call:",
        )
        with st.container(horizontal=True):
            if st.button("Show the number", icon=":material/visibility:", type="primary", key="show"):
                widgets.act(lambda s, _: by_hand.dial(s, s.get_one(CallAttempt, call.attempt_id), now=widgets.now()))
                st.rerun()
            if st.button("Pass", icon=":material/skip_next:", key="pass"):
                record_by_hand(call, Result.ADVISOR_DECLINED)
        return
    st.info(f"Ring **{phone.spoken(call.number)}** now, then say what came of it.", icon=":material/phone_in_talk:")
    with st.container(horizontal=True):
        for result, label in BY_HAND.items():
            if st.button(
                label, key=f"by-hand-{result}", type="primary" if result == Result.CONVERSATION else "secondary"
            ):
                record_by_hand(call, result)


def record_by_hand(call: LiveCall, result: Result) -> None:
    """Record what came of ringing by hand."""
    widgets.act(lambda s, _: by_hand.record(s, s.get_one(CallAttempt, call.attempt_id), result, now=widgets.now()))
    st.rerun()


def draw_wrap_up(card: Card) -> None:
    """What came of the conversation. One form for every ending, so that no ending loses the notes."""
    st.success("The call is over. What came of it?", icon=":material/call_end:")
    there = widgets.now().astimezone(ZoneInfo(card.zone))
    with st.form(f"wrap-up-{card.callback_id}", border=True):
        outcome = st.radio("Outcome", list(OUTCOMES), format_func=OUTCOMES.__getitem__, horizontal=True, index=None)
        notes = st.text_area("Notes", value=card.notes, height=120)
        finished = st.form_submit_button("Finish", type="primary", icon=":material/done:")
        with st.expander("Call again, a machine answered, or they asked us to stop"):
            left, right = st.columns(2)
            day = left.date_input("Call again on", value=there.date() + timedelta(days=1), min_value=there.date())
            at = right.time_input(f"at ({card.zone.rpartition('/')[2].replace('_', ' ')} time)", value=time(10))
            again = st.form_submit_button("Call again then", icon=":material/event:")
            machine = st.form_submit_button("A machine answered", icon=":material/voicemail:")
            stopped = st.form_submit_button("They asked us to stop", icon=":material/block:")
    before = "Left alone, it is closed without a record in "
    in_browser.clock("lease", card.lease_until, before=before, after=".", written="watch", down=True, look="small")
    if finished:
        finish(card, outcome, notes)
    elif again:
        call_again(card, datetime.combine(day, at, ZoneInfo(card.zone)), notes)
    elif machine:
        machine_answered(card, notes)
    elif stopped:
        widgets.act(lambda s, a: stop(s, a, card, notes), "This number is not contacted any more, by anybody here.")
    if finished or again or machine or stopped:
        st.rerun()


def finish(card: Card, outcome: Disposition | None, notes: str) -> None:
    """Record the disposition."""
    if outcome is None:
        st.session_state["said"] = ("warning", "Choose an outcome first.")
        return
    widgets.act(
        lambda s, a: closing.dispose(
            s, s.get_one(Callback, card.callback_id), a, outcome, notes=notes, now=widgets.now()
        ),
        "Recorded. Thank you.",
    )


def call_again(card: Card, due_at: datetime, notes: str) -> None:
    """They want to be rung at a time of their choice."""
    widgets.act(
        lambda s, a: closing.reschedule(
            s, s.get_one(Callback, card.callback_id), a, due_at=due_at, notes=notes, now=widgets.now()
        ),
        f"They will be rung {widgets.clock(due_at)}.",
    )


def machine_answered(card: Card, notes: str) -> None:
    """Nobody was reached: the cadence goes on."""
    widgets.act(
        lambda s, a: by_hand.reached_voicemail(
            s, s.get_one(Callback, card.callback_id), a, notes=notes, now=widgets.now()
        ),
        "Counted as not reached. They will be rung again.",
    )


def stop(session: Session, advisor: Advisor, card: Card, notes: str) -> None:
    """Suppress the number from this moment on."""
    callback = session.get_one(Callback, card.callback_id)
    callback.notes = notes
    lead = session.get_one(Lead, callback.lead_id)
    closing.stop_contact(
        session, lead.phone, reason="said so to the advisor", actor=actor_of(advisor), now=widgets.now()
    )


@st.fragment(run_every=in_browser.FALLBACK)
def draw_desk() -> None:
    """Draw the desk as it is now; a change that concerns this advisor brings it here again."""
    seen = live.version()
    desk = read()
    stay_awake(desk)
    draw_presence(desk)
    in_browser.stay_live(Topic.DESK, seen, offer=desk.call.attempt_id if desk.call and desk.call.rings_me else "")
    widgets.said()
    if desk.card is None:
        draw_queue(desk)
        return
    person, work = st.columns([3, 2], gap="large")
    with person:
        draw_card(desk.card)
    with work:
        draw_work(desk.card, desk.call)


def draw_work(card: Card, call: LiveCall | None) -> None:
    """Draw what is to be done for the person."""
    if "dispose" in card.events:
        draw_wrap_up(card)
    elif call and call.by_hand:
        draw_by_hand(call)
    elif call:
        draw_call(call)
    else:
        draw_claimed(card)


st.title("My desk", anchor=False)
draw_desk()
st.caption(widgets.CRISIS)
