"""How the work after a conversation ends.

At a time that was asked for, or with a word that can be taken back.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from leads.callbacks import callback_offers, completion, due_order, queue, undo_window
from leads.callbacks.undo_window import UNDO_WINDOW
from leads.calls import manual_dialing
from leads.database.transactions import write_deferred_inserts
from leads.errors import LostRace, NotNow
from leads.models.advisors import Advisor
from leads.models.calls import Callback, GateDecision
from leads.models.dispositions import Disposition
from leads.models.enums import CallbackState, Result
from leads.read_models import advisor_desk
from tests.conftest import NOW
from tests.support import people
from tests.support.people import (
    HOUR,
    MINUTE,
    a_callback,
    a_lead,
    an_attempt,
    held_for,
    lead_of,
    moves,
)

SECOND = timedelta(seconds=1)
THREE_AM, EIGHT_AM = 15 * HOUR, 20 * HOUR  # in New York, from NOW on
NIGHT = "It is outside their calling hours."
UNSAFE = "They said it is not safe to call this number."


@pytest.mark.parametrize(
    ("wishes", "due_in", "why", "hold"),
    [
        ({}, EIGHT_AM, NIGHT, ""),
        ({"any_hour": True}, THREE_AM, "", ""),
        ({"any_hour": True, "safe_to_call": False}, THREE_AM, UNSAFE, UNSAFE),
    ],
)
def test_whoever_asks_to_be_rung_at_night_is_rung_when_they_may_be(
    session: Session, wishes: dict[str, bool], due_in: timedelta, why: str, hold: str
) -> None:
    callback, advisor = a_wrap_up(session)
    for name, value in wishes.items():
        of = callback if name == "any_hour" else lead_of(session, callback)
        setattr(of, name, value)
    again = completion.reschedule_callback(
        session, callback, advisor, due_at=NOW + THREE_AM, now=NOW
    )
    assert again.due_at == NOW + due_in
    assert again.why == why
    assert again.is_held == bool(hold)
    assert callback.state == "waiting"
    assert callback.due_at == NOW + due_in
    assert held_for(callback) == (["not_safe_to_call"] if hold else [])
    assert due_order.next_callback_due_at(session, now=NOW) == (None if hold else NOW + due_in)
    assert scheduled(session, callback)[0] == (
        [] if not why else ["not_safe_to_call" if hold else "quiet_hours"]
    )


def test_a_time_that_another_rule_names_is_asked_about_too(session: Session) -> None:
    callback, advisor = a_wrap_up(session)
    past = a_callback(session, a_lead(session), state="completed")
    for before in (14.5 * HOUR, HOUR):  # half past nine last night, and again this morning
        phone = lead_of(session, callback).phone
        an_attempt(session, past, advisor, phone=phone, state="ended", rung_at=NOW - before)
    again = completion.reschedule_callback(
        session, callback, advisor, due_at=NOW + 8 * HOUR, now=NOW
    )
    assert (again.due_at, again.why) == (
        NOW + EIGHT_AM,
        "This number was called or texted 3 times in the last 24 hours.",
    )
    assert scheduled(session, callback) == [["attempt_cap"], []]


def test_what_was_said_in_one_tap_counts_when_nobody_takes_it_back(session: Session) -> None:
    callback, advisor = a_wrap_up(session)
    undo_window.propose_disposition(session, callback, advisor, Disposition.WRONG_PERSON, now=NOW)
    assert (
        advisor_desk.read_desk(session, advisor.id, now=NOW).card.said == Disposition.WRONG_PERSON
    )
    assert (callback.state, lead_of(session, callback).state) == ("wrap_up", "open")
    a_callback(session)
    assert (
        callback_offers.offer_next_callback(session, now=NOW) is None
    )  # nothing rings into the decision

    over = NOW + UNDO_WINDOW + SECOND
    assert [queue.expire_leases(session, now=now) for now in (NOW + UNDO_WINDOW, over)] == [0, 1]
    assert callback.state == "completed"
    assert callback.disposition == "wrong_person"
    assert callback.finished_at == over
    assert (moves(session, callback)[-1].event, moves(session, callback)[-1].actor) == (
        "dispose",
        f"advisor:{advisor.id}",
    )
    assert (lead_of(session, callback).close_reason, advisor.idle_since) == ("wrong_person", over)
    with pytest.raises(NotNow, match="Too late"):
        undo_window.undo_disposition(session, callback, advisor, now=over)


def test_a_mistaken_tap_costs_nobody_their_callback(session: Session) -> None:
    callback, advisor = a_wrap_up(session)
    undo_window.propose_disposition(session, callback, advisor, Disposition.WRONG_PERSON, now=NOW)
    with pytest.raises(LostRace):
        undo_window.undo_disposition(session, callback, people.an_advisor(session), now=NOW)
    undo_window.undo_disposition(session, callback, advisor, now=NOW + SECOND)
    assert queue.expire_leases(session, now=NOW + MINUTE) == 0
    assert advisor_desk.read_desk(session, advisor.id, now=NOW).card.said is None
    completion.reschedule_callback(session, callback, advisor, due_at=NOW + HOUR, now=NOW + MINUTE)
    assert (callback.state, lead_of(session, callback).state) == ("waiting", "open")

    # What was said of one conversation says nothing of the next.
    people.a_conversation(session, callback, now=NOW + HOUR)
    assert (callback.state, callback.disposition) == (CallbackState.WRAP_UP, None)
    for at in (NOW + 2 * HOUR, NOW + 3 * HOUR):  # asked by phone once more in between
        queue.expire_leases(session, now=at)
    assert (callback.state, people.held_for(callback)) == ("waiting", ["unrecorded_call"])


def test_to_call_again_wants_a_time_and_is_no_word_that_the_clock_could_finish(
    session: Session,
) -> None:
    callback, advisor = a_wrap_up(session)
    with pytest.raises(NotNow, match="Choose when"):
        undo_window.propose_disposition(session, callback, advisor, Disposition.CALL_AGAIN, now=NOW)
    assert callback.disposition is None


def test_whoever_rings_by_hand_has_the_time_of_a_desk_to_write_it_up(session: Session) -> None:
    attempt = people.a_call(session)  # offered to somebody on duty by phone
    advisor = people.advisor_of(session, attempt)
    manual_dialing.start_manual_dial(session, attempt, advisor, now=NOW)
    manual_dialing.record_manual_result(session, attempt, Result.CONVERSATION, advisor, now=NOW)
    assert people.callback_of(session, attempt).lease_until == NOW + people.WRAP_UP


def a_wrap_up(session: Session) -> tuple[Callback, Advisor]:
    callback = people.callback_of(session, people.a_conversation(session))
    return callback, people.advisor_of(session, callback)


def scheduled(session: Session, callback: Callback) -> list[list[str]]:
    """Return what spoke against each time that the gate was asked about, in order."""
    write_deferred_inserts(session)
    asked = select(GateDecision).where(
        GateDecision.callback_id == callback.id, GateDecision.moment == "scheduling"
    )
    return [row.reasons for row in session.exec(asked.order_by(col(GateDecision.id)))]
