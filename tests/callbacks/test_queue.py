"""Who rings whom next, how work on a callback ends, and what happens when all want the same one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlmodel import Session, select

from leads.callbacks import callback_offers, completion, due_order, holds, opt_out, queue
from leads.callbacks.claims import LEASE
from leads.calls import offers, placement, progress
from leads.contact_rules import suppression
from leads.database.transactions import reader, transaction, write_deferred_inserts
from leads.errors import LostRace, NotAllowed, NotNow, Suppressed
from leads.free_text.danger import DangerKind
from leads.i18n.messages import Message, MessageKey, own_words
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, GateDecision
from leads.models.dispositions import Disposition
from leads.models.enums import LIVE_ATTEMPT, OPEN_CALLBACK, HoldReason, LegStatus
from leads.models.outbox import Outbox
from leads.models.watching import Transition
from leads.people import presence
from tests.conftest import NOW
from tests.support import people
from tests.support.people import (
    DAY,
    HOUR,
    MINUTE,
    a_callback,
    a_claim,
    a_lead,
    an_advisor,
    held_for,
    lead_of,
    moves,
    on_duty,
    orders,
)

SECOND = timedelta(seconds=1)
HAWAII = "+18085550142"  # where it is seven in the morning at NOW


def test_an_offer_is_a_claim_a_call_an_attempt_and_an_order_in_one_act(session: Session) -> None:
    callback, advisor = a_callback(session), on_duty(session)
    attempt = callback_offers.offer_next_callback(session, now=NOW)
    assert callback.state == "calling"
    assert callback.advisor_id == advisor.id
    assert callback.lease_until is None
    assert [(m.event, m.actor) for m in moves(session, callback)] == [
        ("claim", "scheduler"),
        ("call", "scheduler"),
    ]
    assert attempt.state == "requested"
    assert attempt.callback_id == callback.id
    assert attempt.advisor_id == advisor.id
    assert (attempt.phone, attempt.rung_at) == (lead_of(session, callback).phone, None)
    (order,) = orders(session)
    assert order.attempt_id == attempt.id
    assert order.state == "pending"
    assert order.due_at == NOW


def test_the_most_urgent_goes_first_and_among_equals_whoever_is_due_longest(
    session: Session,
) -> None:
    order = [
        {"danger": DangerKind.WITHDRAWAL, "due_at": NOW},
        {"asked_again": 1, "priority": 1, "due_at": NOW},
        {"asked_again": 1, "due_at": NOW - MINUTE},
        {"priority": 1, "due_at": NOW},
        {"due_at": NOW - DAY},
        {"due_at": NOW - HOUR},
    ]
    made = [a_callback(session, **changes) for changes in reversed(order)]
    for _ in order:
        on_duty(session)
    offered = [callback_offers.offer_next_callback(session, now=NOW).callback_id for _ in order]
    assert offered == [callback.id for callback in reversed(made)]


def test_what_is_not_due_or_held_or_over_is_never_offered(session: Session) -> None:
    for changes in ({"due_at": NOW + SECOND}, {"hold": "Look first."}, {"state": "completed"}):
        a_callback(session, **changes)
    advisor = on_duty(session)
    assert (
        callback_offers.offer_next_callback(session, now=NOW)
        is queue.claim_next_callback(session, advisor, now=NOW)
        is None
    )


def test_whoever_has_waited_longest_for_work_gets_it(session: Session) -> None:
    late, early, middle = (on_duty(session, idle_since=NOW - wait * MINUTE) for wait in (1, 9, 5))
    for _ in range(3):
        a_callback(session)
    assert [callback_offers.offer_next_callback(session, now=NOW).advisor_id for _ in range(3)] == [
        early.id,
        middle.id,
        late.id,
    ]


UNAVAILABLE: dict[str, Callable[[Session], object]] = {
    "offline": an_advisor,
    "away": lambda session: presence.set_advisor_away(
        session, on_duty(session), reason=own_words("Lunch"), now=NOW
    ),
    "gone": lambda session: presence.set_advisor_available(
        session, an_advisor(session), now=NOW - presence.PULSE_LASTS
    ),
    "off duty": lambda session: presence.put_on_duty(
        session, an_advisor(session), until=NOW, now=NOW - HOUR
    ),
    "without a phone": lambda session: setattr(on_duty(session), "phone", ""),
    "reading": a_claim,
    "calling": people.a_call,
    "wrapping up": people.a_conversation,
    "still on the line": people.a_call_passed_on,
    "perhaps being rung": lambda session: placement.lose_attempt(
        session, people.a_call(session).id, now=NOW
    ),
}


@pytest.mark.parametrize("advisor_who_is", UNAVAILABLE)
def test_an_advisor_who_cannot_take_a_call_is_not_offered_one(
    session: Session, advisor_who_is: str
) -> None:
    UNAVAILABLE[advisor_who_is](session)
    callback = a_callback(session)
    assert callback_offers.offer_next_callback(session, now=NOW) is None
    assert callback.state == "waiting"


def test_whom_the_gate_refuses_is_put_off_or_held_and_the_next_one_is_offered(
    session: Session,
) -> None:
    asleep = a_callback(session, a_lead(session, HAWAII), due_at=NOW - 3 * HOUR)
    unsafe = a_callback(session, a_lead(session, safe_to_call=False), due_at=NOW - 2 * HOUR)
    fine, advisor = a_callback(session), an_advisor(session)
    presence.set_advisor_available(session, advisor, now=NOW)
    assert callback_offers.offer_next_callback(session, now=NOW).callback_id == fine.id
    assert asleep.state == "waiting"
    assert asleep.due_at == NOW + HOUR
    assert held_for(asleep) == []
    assert unsafe.state == "waiting"
    assert held_for(unsafe) == ["not_safe_to_call"]
    write_deferred_inserts(session)
    asked = session.exec(
        select(GateDecision.moment, GateDecision.allowed).order_by(GateDecision.id)
    ).all()
    assert asked == [("offer", False), ("offer", False), ("offer", True)]
    assert (
        due_order.next_callback_due_at(session, now=NOW),
        queue.current_callback_of(session, advisor),
    ) == (
        NOW + HOUR,
        fine,
    )


def test_take_next_goes_by_the_same_gate_and_gives_one_at_a_time(session: Session) -> None:
    asleep, fine = (
        a_callback(session, a_lead(session, HAWAII), due_at=NOW - HOUR),
        a_callback(session),
    )
    other, advisor = a_callback(session), an_advisor(session)
    assert queue.claim_next_callback(session, advisor, now=NOW) is fine
    assert fine.state == "claimed"
    assert fine.advisor_id == advisor.id
    assert fine.lease_until == NOW + LEASE
    assert (moves(session, fine)[0].actor, asleep.due_at) == (f"advisor:{advisor.id}", NOW + HOUR)
    for verb, which in (
        (queue.claim_next_callback, {}),
        (queue.claim_callback, {"callback": other}),
    ):
        with pytest.raises(NotNow, match="Finish your current callback first"):
            verb(session, advisor=advisor, now=NOW, **which)
    assert other.state == "waiting"


def test_a_callback_given_back_is_at_the_head_of_the_queue(session: Session) -> None:
    callback, advisor = a_claim(session, due_at=NOW - HOUR)
    a_callback(session)
    queue.release_callback(session, callback, advisor, now=NOW + MINUTE)
    assert callback.state == "waiting"
    assert callback.due_at == NOW - HOUR
    assert advisor.idle_since == NOW + MINUTE
    assert queue.claim_next_callback(session, an_advisor(session), now=NOW + MINUTE) is callback


def test_nobody_acts_on_somebody_else_s_callback(session: Session) -> None:
    callback, _ = a_claim(session)
    mine = {"callback": callback, "advisor": an_advisor(session), "now": NOW}
    for verb, words in (
        (queue.release_callback, {}),
        (queue.start_call, {}),
        (completion.dispose_callback, {"disposition": Disposition.HELPED, "notes": ""}),
        (completion.reschedule_callback, {"due_at": NOW + DAY, "notes": ""}),
    ):
        with pytest.raises(LostRace, match="no longer assigned to you"):
            verb(session, **mine, **words)
    assert callback.state == "claimed"


def test_a_click_rings_the_advisor_by_the_same_path(session: Session) -> None:
    callback, advisor = a_claim(session)
    attempt = queue.start_call(session, callback, advisor, now=NOW)
    ordered = [order.attempt_id for order in orders(session)]
    assert callback.state == "calling"
    assert attempt.requested_by == f"advisor:{advisor.id}"
    assert ordered == [attempt.id]


def test_a_click_that_the_gate_refuses_rings_nobody(session: Session) -> None:
    asleep, suppressed = a_lead(session, HAWAII), a_lead(session)
    suppression.suppress_number(
        session, suppressed.phone, reason=own_words("letter"), actor="advisor:1", now=NOW
    )
    for lead, error in ((asleep, NotNow), (suppressed, Suppressed)):
        callback, advisor = a_callback(session, lead), an_advisor(session)
        queue.claim_callback(session, callback, advisor, now=NOW)
        with pytest.raises(error):
            queue.start_call(session, callback, advisor, now=NOW)
        assert (callback.state, orders(session)) == ("claimed", [])


def test_what_is_held_since_the_claim_is_a_supervisor_s_to_call(session: Session) -> None:
    callback, advisor = a_claim(session)
    people.hold_back(session, callback, "harm_decide")
    with pytest.raises(NotNow, match="violence"):
        queue.start_call(session, callback, advisor, now=NOW)
    assert (callback.state, people.held_for(callback)) == ("claimed", ["harm_decide"])
    queue.release_callback(session, callback, advisor, now=NOW)
    boss = people.a_supervisor(session)
    queue.claim_callback(session, callback, boss, now=NOW)
    holds.place_hold(session, callback, HoldReason.UNCLEAR_TEXT, by="x", now=NOW + SECOND)
    with pytest.raises(NotNow, match="Their text may mean"):  # which nobody has read
        queue.start_call(session, callback, boss, now=NOW + SECOND)
    queue.release_callback(session, callback, boss, now=NOW + SECOND)
    queue.claim_callback(session, callback, boss, now=NOW + SECOND)
    queue.start_call(session, callback, boss, now=NOW + SECOND)
    assert (callback.state, people.held_for(callback)) == ("calling", [])


def test_a_claim_that_is_not_used_goes_back_when_its_lease_ends(session: Session) -> None:
    (callback, advisor), over = a_claim(session), NOW + LEASE + SECOND
    assert [queue.expire_leases(session, now=now) for now in (NOW + LEASE, over, over)] == [0, 1, 0]
    assert callback.state == "waiting"
    assert callback.advisor_id is None
    assert callback.due_at == NOW
    assert (moves(session, callback)[-1].actor, advisor.idle_since) == ("clock", over)


def test_a_wrap_up_that_lasts_too_long_closes_nobody_and_asks(session: Session) -> None:
    attempt, over = people.a_live_call(session, "bridged"), NOW + people.WRAP_UP + SECOND
    advisor = people.advisor_of(session, attempt)
    presence.set_advisor_available(session, advisor, now=NOW)
    progress.apply_leg_report(session, people.of_lead(attempt, LegStatus.COMPLETED), now=NOW)
    presence.record_presence_heartbeat(session, advisor.id, now=over)
    assert [
        queue.expire_leases(session, now=now) for now in (NOW + people.WRAP_UP, over, over)
    ] == [
        0,
        1,
        0,
    ]
    callback = people.callback_of(session, attempt)
    assert callback.state == "waiting"
    assert callback.advisor_id is None
    assert callback.lease_until is None
    assert (callback.disposition, callback.finished_at) == (None, None)
    assert people.held_for(callback) == ["unrecorded_call"]
    assert lead_of(session, callback).state == "open"
    assert (moves(session, callback)[-2].event, moves(session, callback)[-2].actor) == (
        "time_out",
        "clock",
    )
    assert (
        callback_offers.offer_next_callback(session, now=over) is None
    )  # nobody rings them unasked


def test_a_disposition_keeps_the_promise_and_closes_the_lead(session: Session) -> None:
    callback = people.an_open_callback(session, "wrap_up")
    advisor, later = people.advisor_of(session, callback), NOW + MINUTE
    completion.dispose_callback(
        session, callback, advisor, Disposition.REFERRED, notes="to the clinic", now=later
    )
    assert callback.state == "completed"
    assert callback.disposition == "referred"
    assert callback.notes == "to the clinic"
    assert (callback.finished_at, callback.lease_until) == (later, None)
    assert (lead_of(session, callback).close_reason, advisor.idle_since) == ("referred", later)


def test_whoever_asks_to_be_rung_again_is_rung_then_and_the_tries_start_anew(
    session: Session,
) -> None:
    callback = people.callback_of(
        session, people.a_conversation(session, a_callback(session, misses=4))
    )
    advisor = people.advisor_of(session, callback)
    with pytest.raises(NotNow, match="in the future"):
        completion.reschedule_callback(session, callback, advisor, due_at=NOW, notes="", now=NOW)
    completion.reschedule_callback(
        session, callback, advisor, due_at=NOW + DAY, notes="after work", now=NOW
    )
    assert callback.state == "waiting"
    assert callback.due_at == NOW + DAY
    assert callback.misses == 0
    assert callback.disposition == "call_again"
    assert callback.notes == "after work"
    assert callback.advisor_id is None
    assert lead_of(session, callback).state == "open"


def test_only_supervisors_cancel_and_never_without_a_reason(session: Session) -> None:
    callback, advisor = a_claim(session)
    supervisor = people.a_supervisor(session)
    with pytest.raises(NotAllowed):
        completion.cancel_callback(session, callback, advisor, reason="wrong number", now=NOW)
    with pytest.raises(NotNow, match="Give a reason"):
        completion.cancel_callback(session, callback, supervisor, reason="  ", now=NOW)
    completion.cancel_callback(session, callback, supervisor, reason=" sent twice ", now=NOW)
    assert callback.state == "cancelled"
    assert callback.close_reason == "cancelled"
    assert callback.close_note == "sent twice"
    write_deferred_inserts(session)
    trail = session.exec(select(Transition.changes)).all()
    assert "sent twice" not in str(trail)  # what a person typed has a column of its own
    assert callback.finished_at == NOW
    assert (lead_of(session, callback).state, lead_of(session, callback).close_reason) == (
        "closed",
        "cancelled",
    )


@pytest.mark.parametrize("state", LIVE_ATTEMPT)
def test_cancelling_hangs_up_a_call_that_is_under_way(session: Session, state: str) -> None:
    attempt = people.a_live_call(session, state)
    callback = people.callback_of(session, attempt)
    completion.cancel_callback(
        session, callback, people.a_supervisor(session), reason="withdrawn", now=NOW + MINUTE
    )
    assert (callback.state, attempt.ended_at) == ("cancelled", NOW + MINUTE)
    ends = {"bridged": ("ended", "conversation")}
    assert (attempt.state, attempt.result) == ends.get(state, ("failed", "unknown"))
    assert [order.attempt_id for order in orders(session, "hang_up")] == [attempt.id]
    assert [order.state for order in orders(session)] == [
        "failed" if state == "requested" else "sent"
    ]


def test_a_held_callback_goes_on_when_a_supervisor_has_looked(session: Session) -> None:
    lost, asleep, unsafe = (
        a_callback(
            session,
            a_lead(session, phone, safe_to_call=safe),
            hold="Look first.",
            due_at=NOW - HOUR,
        )
        for phone, safe in (("", None), (HAWAII, None), ("", False))
    )
    supervisor = people.a_supervisor(session)
    with pytest.raises(NotAllowed):
        people.release_as_read(session, lost, on_duty(session), now=NOW)
    with pytest.raises(NotNow, match="not safe"):
        people.release_as_read(session, unsafe, supervisor, now=NOW)
    people.release_as_read(session, lost, supervisor, now=NOW)
    people.release_as_read(session, asleep, supervisor, now=NOW)
    assert [held_for(one) for one in (lost, asleep, unsafe)] == [[], [], ["Look first."]]
    assert (lost.due_at, asleep.due_at) == (NOW, NOW + HOUR)
    assert callback_offers.offer_next_callback(session, now=NOW).callback_id == lost.id


@pytest.mark.parametrize("state", OPEN_CALLBACK)
def test_stop_means_stop_whatever_is_under_way(session: Session, state: str) -> None:
    callback = people.an_open_callback(session, state)
    lead = lead_of(session, callback)
    for _ in range(2):
        opt_out.stop_contact(
            session, lead.phone, reason=Message(MessageKey.STOP_BY_TEXT), actor="network", now=NOW
        )
    assert suppression.is_number_suppressed(session, lead.phone)
    assert (callback.state, callback.close_reason) == ("cancelled", "opt_out")
    assert callback.close_note == Message(MessageKey.STOP_BY_TEXT)
    assert lead.state == "suppressed"
    assert lead.close_reason == "opt_out"
    assert callback.withdrawn is True
    assert len(orders(session, "hang_up")) == (state == "calling")


def test_a_suppression_outlives_everything_but_a_supervisor(session: Session) -> None:
    closed, stranger = a_lead(session, state="closed"), "+13155559999"
    for number in (closed.phone, stranger):
        opt_out.stop_contact(
            session, number, reason=own_words("letter"), actor="advisor:1", now=NOW
        )
        assert suppression.is_number_suppressed(session, number)
    assert closed.state == "suppressed"
    with pytest.raises(NotAllowed):
        opt_out.lift_stop(session, closed.phone, an_advisor(session), now=NOW)
    opt_out.lift_stop(session, closed.phone, people.a_supervisor(session), now=NOW)
    assert (closed.state, suppression.is_number_suppressed(session, closed.phone)) == (
        "closed",
        False,
    )


def test_two_offers_missed_in_a_row_set_an_advisor_away(session: Session) -> None:
    callback, advisor = a_callback(session), on_duty(session)
    for minute, takes_it in enumerate((False, True, False, False)):
        assert advisor.presence != "away"
        attempt, now = (
            callback_offers.offer_next_callback(session, now=NOW + minute * MINUTE),
            NOW + minute * MINUTE,
        )
        if takes_it:
            offers.advisor_accepted(session, attempt.id, people.advisor_call(attempt), now=now)
            placement.lose_attempt(session, attempt.id, now=now)
            people.release_as_read(session, callback, people.a_supervisor(session), now=now)
        else:
            offers.advisor_declined_offer(
                session, attempt.id, people.advisor_call(attempt), now=now
            )
    assert (advisor.presence, advisor.away_reason) == ("away", "Missed two calls in a row")
    assert callback.state == "waiting"
    assert callback.misses == 0
    assert callback_offers.offer_next_callback(session, now=NOW + HOUR) is None


@pytest.mark.usefixtures("database")
def test_when_everybody_wants_the_same_callback_one_gets_it() -> None:
    for won in (1, 2, 3):
        with transaction() as session:
            takers = [(an_advisor(session).id, on_duty(session))[0] for _ in range(8)]
            callback_id, started = a_callback(session).id, Barrier(2 * len(takers))
        with ThreadPoolExecutor(2 * len(takers)) as pool:
            ends = [pool.submit(_offer, started) for _ in takers] + [
                pool.submit(_take, started, who) for who in takers
            ]
        assert {type(end.exception()) for end in ends} <= {type(None), LostRace}
        with reader() as session:
            assert session.get_one(Callback, callback_id).state == "calling"
            assert [len(session.exec(select(kind)).all()) for kind in (CallAttempt, Outbox)] == [
                won,
                won,
            ]


def _offer(started: Barrier) -> None:
    started.wait()
    with transaction() as session:
        callback_offers.offer_next_callback(session, now=NOW)


def _take(started: Barrier, advisor_id: int) -> None:
    started.wait()
    with transaction() as session:
        advisor = session.get_one(Advisor, advisor_id)
        callback = queue.claim_next_callback(session, advisor, now=NOW)
        if callback:
            queue.start_call(session, callback, advisor, now=NOW)
