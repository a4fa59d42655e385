"""A call is placed at most once, whatever Twilio answers, and no attempt is ever forgotten."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import trustme
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from leads.alerting import conditions
from leads.callbacks import callback_offers, completion, queue
from leads.callbacks.wrap_up_time import WRAP_UP_BY_KEYPAD
from leads.calls import inbound, keypad_wrap_up, offers, outcomes, progress
from leads.calls.inbound import CallerStep
from leads.calls.legs import KnownLeg, LegReport, SilentAttempt
from leads.config.settings import TwilioCredentials
from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration, FailureKind, TelephonyError
from leads.i18n.messages import Message, MessageKey, own_words
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    AlertKind,
    AttemptState,
    CallbackState,
    LegStatus,
    OutboxKind,
    OutboxState,
    Party,
    Presence,
    Result,
)
from leads.models.inbound import InboundCall
from leads.models.outbox import Outbox
from leads.outbox import call_orders
from leads.outbox.call_orders import CallOrder
from leads.outbox.retry_schedule import CALL_LOOKUPS, CALL_RETRIES
from leads.people import availability
from leads.read_models import page_changes
from notifications.call_relay import ORDERS_AT_ONCE, CallRelay
from notifications.manual_phone import LogPhone
from notifications.telephony import FetchedLeg
from notifications.twilio.client import build_twilio_client, translate_twilio_errors
from notifications.twilio.phone import TwilioPhone
from tests.conftest import NOW
from tests.support import people
from tests.support.people import MINUTE, a_callback, a_supervisor, on_duty
from tests.support.twilio_double import CALLER_ID, SID, TOKEN, Call, TwilioDouble

SECOND = timedelta(seconds=1)
CALLER = "CA-caller"
JOINS = select(Outbox).where(Outbox.kind == OutboxKind.JOIN_CALLER)


class Line:
    """An attempt that has been requested, and a relay whose clock the test sets."""

    def __init__(self, twilio: TwilioDouble) -> None:
        self.twilio, self.at = twilio, NOW
        self.meets()
        with transaction() as session:
            a_callback(session)
            on_duty(session)
            attempt = callback_offers.offer_next_callback(session, now=NOW)
            assert attempt
            self.attempt_id = attempt.id

    def meets(self, *faults: str) -> None:
        """Let the next orders meet these faults."""
        self.twilio.faults = list(faults)
        account = TwilioCredentials(SID, (TOKEN,), self.twilio.url)
        terms = {"public_url": "http://127.0.0.1:1", "timeout": self.twilio.client_timeout()}
        self.phone: Any = TwilioPhone(account, ring_seconds=20, **terms)

    def drains(self, at: datetime = NOW) -> None:
        """Carry out what is due, and wait until it is done."""
        self.at = at
        relay = self.relay()
        relay.settle_and_dispatch()
        relay.close()

    def reconciles(self, at: datetime, *, has_missed_news: bool = False) -> None:
        self.at = at
        relay = self.relay(has_missed_news=has_missed_news)
        relay.reconcile_with_network()
        relay.settle_and_dispatch()
        relay.close()

    def relay(self, *, has_missed_news: bool = False) -> CallRelay:
        terms: Any = {"ring_seconds": 20, "has_missed_news": has_missed_news}
        return CallRelay(self.phone, now=lambda: self.at, **terms)

    @property
    def attempt(self) -> CallAttempt:
        with reader() as session:
            return session.get_one(CallAttempt, self.attempt_id)

    @property
    def callback(self) -> Callback:
        with reader() as session:
            return session.exec(select(Callback)).one()

    @property
    def order(self) -> Outbox:
        with reader() as session:
            return session.exec(select(Outbox).where(Outbox.kind == OutboxKind.PLACE_CALL)).one()


@pytest.fixture
# the database is where it lives
def line(database: str, twilio: TwilioDouble) -> Iterator[Line]:
    return Line(twilio)


def test_an_order_is_carried_out_once(line: Line) -> None:
    line.drains()
    line.drains()
    assert [call.to for call in line.twilio.calls] == [line.twilio.calls[0].to]
    assert (
        line.twilio.calls[0]
        .asked("Url")
        .endswith(f"/{line.attempt_id}/offer#rc=1&rp=ct,rt,5xx&ct=2000&rt=6000")
    )
    assert (line.attempt.state, line.order.state) == (
        AttemptState.RINGING_ADVISOR,
        OutboxState.SENT,
    )


@pytest.mark.parametrize("fault", ["429", "503"])
def test_what_was_surely_not_done_is_tried_again(line: Line, fault: str) -> None:
    line.meets(fault, fault)
    line.drains()
    assert line.attempt.state == "requested"
    assert line.order.state == "pending"
    assert line.order.tries == 1
    assert NOW < line.order.due_at < NOW + 2 * SECOND
    line.drains(NOW + 2 * SECOND)
    line.drains(NOW + 5 * SECOND)
    assert (len(line.twilio.calls), line.attempt.state) == (1, AttemptState.RINGING_ADVISOR)


def test_a_server_that_is_not_there_is_tried_again_and_then_the_callback_goes_back(
    line: Line,
) -> None:
    line.phone = TwilioPhone(
        TwilioCredentials(SID, (TOKEN,), "http://127.0.0.1:9"),
        public_url="http://x",
        ring_seconds=20,
    )
    at = NOW
    for _ in CALL_RETRIES.waits:
        line.drains(at)
        assert line.order.state == OutboxState.PENDING
        at = line.order.due_at
    line.drains(at)
    assert (line.order.state, line.order.problem) == (
        OutboxState.FAILED,
        "Twilio could not be reached.",
    )
    assert (line.attempt.state, line.callback.state) == (AttemptState.FAILED, CallbackState.WAITING)
    assert line.callback.due_at == NOW
    with reader() as session:
        assert session.exec(select(Advisor.presence)).one() != Presence.AWAY


class _OtherNetwork(LogPhone):
    """A phone network that is not Twilio and refuses every call, in words of its own."""

    def __init__(self, refusal: TelephonyError) -> None:
        self.refusal = refusal

    def place_call(self, order: CallOrder) -> str:
        raise self.refusal


@pytest.mark.parametrize(
    ("failure", "alerts"),
    [
        (FailureKind.NETWORK, [AlertKind.NETWORK]),
        (FailureKind.CONFIGURATION, [AlertKind.NETWORK]),
        (FailureKind.OURS, []),
    ],
)
@pytest.mark.parametrize("permanent", [True, False])
def test_a_network_of_any_name_that_refuses_is_told_of(
    line: Line, failure: FailureKind, alerts: list[AlertKind], *, permanent: bool
) -> None:
    line.phone = _OtherNetwork(
        TelephonyError(own_words("Vonage said no (37)."), permanent=permanent, failure=failure)
    )
    line.drains()
    assert (line.order.problem, line.order.failure) == ("Vonage said no (37).", failure)
    with reader() as session:
        found = conditions.current_conditions(session, now=NOW)
        shown = page_changes.read_page_snapshot(session, now=NOW).refused
        said = call_orders.last_phone_network_problem(session, NOW)
    assert [condition.kind for condition in found] == alerts
    assert [problem for _, problem in shown] == [line.order.problem] * len(alerts)
    assert said == "".join([line.order.problem] * len(alerts))


@pytest.mark.parametrize("fault", ["500", "cut", "hang"])
def test_a_call_of_unknown_fate_is_never_repeated_and_given_up_after_a_search(
    line: Line, fault: str
) -> None:
    line.meets(fault)
    line.drains()
    assert (line.attempt.state, line.order.state) == (AttemptState.REQUESTED, OutboxState.UNKNOWN)
    for seconds in (1, 3, 7):
        line.reconciles(NOW + seconds * SECOND)
        assert line.attempt.state == AttemptState.REQUESTED, "absent once is not absent"
    line.reconciles(NOW + 16 * SECOND)
    assert (line.attempt.state, line.attempt.result) == (AttemptState.LOST, Result.UNKNOWN)
    assert line.callback.state == CallbackState.WAITING
    assert line.callback.is_held is False
    assert line.callback.misses == 0
    assert line.twilio.calls == []


@pytest.mark.parametrize("fault", ["500-created", "cut-created", "hang-created"])
def test_a_call_that_was_placed_after_all_is_found(line: Line, fault: str) -> None:
    line.meets(fault)
    line.drains()
    assert line.order.state == OutboxState.UNKNOWN
    line.reconciles(NOW + SECOND)
    assert (line.attempt.state, line.order.state) == (
        AttemptState.RINGING_ADVISOR,
        OutboxState.SENT,
    )
    line.drains(NOW + 30 * SECOND)
    assert len(line.twilio.calls) == 1


def test_the_first_webhook_heals_a_lost_answer(line: Line) -> None:
    line.twilio.faults = ["500-created"]
    line.drains()
    with transaction() as session:
        assert offers.advisor_answered(session, line.attempt_id, line.twilio.calls[0].sid, now=NOW)
    assert (line.attempt.state, line.order.state) == (
        AttemptState.RINGING_ADVISOR,
        OutboxState.SENT,
    )
    line.reconciles(NOW + 20 * SECOND)
    assert (line.attempt.state, len(line.twilio.calls)) == (AttemptState.RINGING_ADVISOR, 1)


def test_whose_phone_may_ring_already_is_rung_about_nothing_else(line: Line) -> None:
    line.twilio.faults = ["500-created"]
    line.drains()
    assert line.order.state == OutboxState.UNKNOWN
    with transaction() as session:
        attempt = session.get_one(CallAttempt, line.attempt_id)
        gone = Result.CALLER_HUNG_UP
        outcomes.end_attempt_as_missed_offer(session, attempt, "missed", gone, now=NOW)
    with reader() as session:
        assert availability.list_available_advisors(session, now=NOW) == []
    line.reconciles(NOW + SECOND)
    assert line.order.state == OutboxState.SENT
    assert line.twilio.calls[0].status == "canceled", "found, and hung up"
    with reader() as session:
        assert len(availability.list_available_advisors(session, now=NOW + SECOND)) == 1


def test_an_older_call_to_the_same_advisor_is_not_taken_for_this_one(line: Line) -> None:
    older = Call("CA" + "e" * 32, "+13155550000", order={"From": ["+13155550199"]})
    line.twilio.calls.append(older)
    line.twilio.faults = ["500-created"]
    line.drains()
    older.to = line.twilio.calls[1].to
    with transaction() as session:
        other = CallAttempt(
            callback_id=1,
            advisor_id=1,
            phone="",
            state="ended",
            requested_by="",
            requested_at=NOW,
            heard_at=NOW,
        )
        session.add(other)
        session.flush()
        session.add(CallLeg(attempt_id=other.id, party="advisor", provider_call_id=older.sid))
    line.reconciles(NOW + SECOND)
    with reader() as session:
        assert call_orders.find_ordered_call_id(session, line.order) == line.twilio.calls[1].sid


@pytest.mark.parametrize("fault", ["401", "refuse-21210", "refuse-21215", "refuse-21219"])
def test_what_is_wrong_with_the_account_is_nobodys_fault(line: Line, fault: str) -> None:
    line.meets(fault)
    line.drains()
    assert (line.attempt.state, line.order.state) == (AttemptState.REQUESTED, OutboxState.PENDING)
    line.drains(NOW + 2 * SECOND)
    assert (line.attempt.state, len(line.twilio.calls)) == (AttemptState.RINGING_ADVISOR, 1)


@pytest.mark.parametrize("code", ["21215", "21216", "21219", "21210", "20003"])
def test_a_refusal_on_our_side_blames_no_advisor_and_is_alerted(line: Line, code: str) -> None:
    line.twilio.faults = [f"refuse-{code}"] * (len(CALL_RETRIES.waits) + 1)
    at = NOW
    for _ in CALL_RETRIES.waits:
        line.drains(at)
        assert line.order.state == OutboxState.PENDING
        at = line.order.due_at
    line.drains(at)
    assert (line.order.state, line.order.failure) == (
        OutboxState.FAILED,
        FailureKind.CONFIGURATION,
    )
    callback = line.callback
    assert callback.state == CallbackState.WAITING
    assert callback.misses == 0
    assert callback.first_rung_at is None
    with reader() as session:
        advisor = session.exec(select(Advisor)).one()
        alerts = [one.kind for one in conditions.current_conditions(session, now=at)]
    assert advisor.presence != Presence.AWAY
    assert advisor.missed_in_a_row == 0
    assert AlertKind.NETWORK in alerts


def test_a_refused_number_sets_the_advisor_away_with_the_reason(line: Line) -> None:
    line.twilio.faults = ["refuse-21211"]
    line.drains()
    assert (line.attempt.state, line.callback.state) == (AttemptState.FAILED, CallbackState.WAITING)
    with reader() as session:
        advisor = session.exec(select(Advisor)).one()
    assert advisor.presence == Presence.AWAY
    assert advisor.away_reason.startswith("Twilio rejected it (error 21211).")


def test_an_order_whose_relay_died_is_looked_for_and_not_repeated(line: Line) -> None:
    with transaction() as session:
        assert call_orders.take_due_orders(session, now=NOW)
    line.drains(NOW + SECOND)
    assert line.twilio.calls == []
    line.reconciles(NOW + 31 * SECOND)
    assert line.order.state == OutboxState.UNKNOWN
    for seconds in (33, 37, 46):
        line.reconciles(NOW + seconds * SECOND)
    assert (line.attempt.state, line.twilio.calls) == (AttemptState.LOST, [])


class PhoneOfCaller:
    """A network of which nobody knows whether it brings callers, and that knows of none.

    Meanwhile the caller asks what comes next, and is brought by the answer.
    """

    def __init__(self, call_id: str) -> None:
        self.call_id = call_id

    def join_caller(self, _order: CallOrder) -> None:
        raise TelephonyError(Message(MessageKey.TWILIO_BROKE_OFF), unknown=True)

    def find_calls(self, _order: CallOrder) -> list[str]:
        with transaction() as session:
            hears = inbound.keep_waiting(session, self.call_id, now=NOW)
        assert hears
        assert hears.step == CallerStep.JOIN
        return []

    def __getattr__(self, name: str) -> Any:
        return lambda *_order: f"CA-{name}"


class PhoneAfterDeath:
    """A network that sees a caller with an advisor, or does not, and hangs up on whom it is told.

    `left_after`: seconds after which the advisor hung up; None for one who is there.
    """

    def __init__(self, *, sees_caller: bool, left_after: int | None) -> None:
        self.sees_caller, self.left_after = sees_caller, left_after
        self.hung_up: list[str] = []

    def find_calls(self, order: CallOrder) -> list[str]:
        assert order.caller
        return [order.caller.provider_call_id] if self.sees_caller else []

    def fetch_legs(self, silent: SilentAttempt) -> list[FetchedLeg]:
        return [self._fetch_leg(leg) for leg in silent.legs]

    def _fetch_leg(self, leg: KnownLeg) -> FetchedLeg:
        if leg.party != Party.ADVISOR or self.left_after is None:
            return FetchedLeg(leg, LegStatus.IN_PROGRESS, 0, None)
        ended_at = NOW + self.left_after * SECOND
        return FetchedLeg(leg, LegStatus.COMPLETED, self.left_after, ended_at)

    def hang_up(self, call_id: str) -> None:
        self.hung_up.append(call_id)

    def __getattr__(self, name: str) -> Any:
        return lambda *_order: f"CA-{name}"


def a_caller_is_to_be_brought() -> str:
    """An advisor has taken the call of somebody on the line; returns the id of that call."""
    with transaction() as session:
        on_duty(session)
        people.a_source(session)
        hears = inbound.receive_call(session, CALLER, people.NUMBER, CALLER_ID, now=NOW)
        assert hears
        [attempt] = callback_offers.offer_due_callbacks(session, 5, now=NOW)
        assert offers.advisor_accepted(session, attempt.id, people.advisor_call(attempt), now=NOW)
    return hears.call_id


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("sees_caller", "left_after", "order", "call", "attempt"),
    [
        (True, None, "sent", "talking", ("bridged", None)),
        (True, 20, "sent", "talking", ("ended", "conversation")),
        (True, 4, "sent", "waiting", ("missed", "advisor_declined")),
        (False, None, "sending", "waiting", ("ringing_lead", None)),
        (False, 4, "sending", "waiting", ("missed", "advisor_declined")),
    ],
)
def test_whoever_starts_looks_at_once_for_a_caller_whom_a_dead_process_was_bringing(
    *,
    sees_caller: bool,
    left_after: int | None,
    order: str,
    call: str,
    attempt: tuple[str, str | None],
) -> None:
    a_caller_is_to_be_brought()
    with transaction() as session:  # the process that took it dies
        call_orders.take_due_orders(session, 5, now=NOW)
    phone: Any = PhoneAfterDeath(sees_caller=sees_caller, left_after=left_after)
    at = NOW + 28 * SECOND
    terms: Any = {"ring_seconds": 20, "now": lambda: at}
    relay = CallRelay(phone, has_missed_news=True, **terms)
    relay.reconcile_with_network()
    relay.settle_and_dispatch()
    relay.close()
    with reader() as session:
        assert session.exec(JOINS).one().state == order
        assert session.exec(select(InboundCall.state)).one() == call
        one = session.exec(select(CallAttempt)).one()
        back = session.exec(select(Outbox).where(Outbox.kind == OutboxKind.RETURN_CALLER)).all()
    assert (one.state, one.result) == attempt
    if one.answered_at:
        assert one.answered_at == NOW  # when they were brought
    if one.answered_at and left_after:
        assert one.ended_at == NOW + left_after * SECOND
    assert len(back) == (attempt[0] == "missed")
    assert phone.hung_up == ([CALLER] if attempt[0] == "ended" else [])


@pytest.mark.usefixtures("database")
def test_nobody_who_waits_is_hung_up_on_whatever_was_ordered() -> None:
    a_caller_is_to_be_brought()
    with transaction() as session:
        leg = session.exec(select(CallLeg).where(CallLeg.party == Party.LEAD)).one()
        hang_up = OutboxKind.HANG_UP_LEG
        for call_id in (CALLER, "CA-other"):
            call_orders.enqueue_leg_order(session, hang_up, leg, call_id=call_id, now=NOW)
    phone: Any = PhoneAfterDeath(sees_caller=False, left_after=None)
    relay = CallRelay(phone, ring_seconds=20, now=lambda: NOW)
    relay.settle_and_dispatch()
    relay.close()
    assert phone.hung_up == ["CA-other"]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("looks", [0, len(CALL_LOOKUPS.waits)])
def test_a_caller_who_is_brought_while_they_are_looked_for_keeps_their_advisor(looks: int) -> None:
    phone: Any = PhoneOfCaller(a_caller_is_to_be_brought())
    relay = CallRelay(phone, ring_seconds=20, now=lambda: NOW)
    relay.settle_and_dispatch()
    relay.close()
    with transaction() as session:
        order = session.exec(JOINS).one()
        assert order.state == OutboxState.UNKNOWN
        order.due_at, order.looks = NOW, looks
    CallRelay(phone, ring_seconds=20, now=lambda: NOW).reconcile_with_network()
    with reader() as session:
        assert session.exec(JOINS).one().state == OutboxState.SENT
        assert session.exec(select(CallAttempt)).one().state == AttemptState.RINGING_LEAD


def test_a_call_that_nobody_wants_any_more_is_hung_up(line: Line) -> None:
    line.drains()
    with transaction() as session:
        supervisor = a_supervisor(session)
        completion.cancel_callback(
            session, session.exec(select(Callback)).one(), supervisor, reason="solved", now=NOW
        )
    line.drains(NOW + SECOND)
    assert line.twilio.calls[0].status == "canceled"


def test_a_cancelled_callback_is_not_rung_at_all(line: Line) -> None:
    with transaction() as session:
        supervisor = a_supervisor(session)
        completion.cancel_callback(
            session, session.exec(select(Callback)).one(), supervisor, reason="solved", now=NOW
        )
    line.drains()
    assert (line.twilio.calls, line.order.state) == ([], OutboxState.FAILED)


def test_the_gate_is_asked_again_before_the_request(line: Line) -> None:
    night = NOW.replace(hour=3) + timedelta(days=1)
    line.drains(night)
    assert line.twilio.calls == []
    assert line.attempt.state == "failed"
    assert line.callback.state == "waiting"
    assert line.callback.due_at == NOW.replace(hour=13) + timedelta(
        days=1
    )  # eight in the morning in New York


@pytest.mark.parametrize(
    ("advisor", "lead", "outcome"),
    [
        ("no-answer", None, ("missed", "advisor_no_answer", "waiting")),
        ("completed", "completed", ("ended", "unknown", "wrap_up")),
        ("completed", "busy", ("missed", "lead_busy", "waiting")),
        ("completed", "canceled", ("missed", "advisor_declined", "waiting")),
        ("failed", None, ("failed", "carrier_error", "waiting")),
        ("in-progress", "in-progress", ("bridged", None, "calling")),
    ],
)
def test_callbacks_that_never_came_are_fetched(
    line: Line, advisor: str, lead: str | None, outcome: tuple[str, str | None, str]
) -> None:
    line.drains()
    call = line.twilio.calls[0]
    call.status = advisor
    if lead:
        with transaction() as session:
            assert offers.advisor_accepted(session, line.attempt_id, call.sid, now=NOW)
        line.drains()
        line.twilio.lead_of(call).status = lead
    line.reconciles(NOW + 14 * SECOND)
    assert line.callback.state == CallbackState.CALLING, "no news for a while is no news"
    line.reconciles(NOW + 40 * SECOND)
    state, result, callback_state = outcome
    assert line.attempt.state == state
    assert line.attempt.result == result
    assert line.callback.state == callback_state


def test_an_advisor_who_hung_up_before_the_lead_was_dialed_rang_nobody(line: Line) -> None:
    line.drains()
    call = line.twilio.calls[0]
    with transaction() as session:
        assert offers.advisor_accepted(session, line.attempt_id, call.sid, now=NOW)
    call.status = "completed"
    line.reconciles(NOW + 40 * SECOND)
    assert (line.attempt.result, line.callback.state) == (
        Result.ADVISOR_DECLINED,
        CallbackState.WAITING,
    )
    assert (line.attempt.rung_at, line.callback.first_rung_at) == (None, None)


def test_an_advisor_is_not_rung_again_before_they_have_hung_up(line: Line) -> None:
    line.drains()
    call = line.twilio.calls[0]
    with transaction() as session:
        assert offers.advisor_answered(session, line.attempt_id, call.sid, now=NOW)
        offers.advisor_declined_offer(session, line.attempt_id, call.sid, now=NOW + SECOND)
    with transaction() as session:
        assert callback_offers.offer_next_callback(session, now=NOW + 2 * SECOND) is None
    call.status = "completed"
    line.reconciles(NOW + 30 * SECOND)  # the news that they hung up was lost: it is fetched
    with transaction() as session:
        assert callback_offers.offer_next_callback(session, now=NOW + 31 * SECOND)


def test_nobody_is_dialed_for_an_advisor_who_left_while_the_dialing_was_put_off(line: Line) -> None:
    line.drains()
    [call] = line.twilio.calls
    with transaction() as session:
        assert offers.advisor_answered(session, line.attempt_id, call.sid, now=NOW)
        assert offers.advisor_accepted(session, line.attempt_id, call.sid, now=NOW)
    line.meets("503")
    relay = line.relay()
    relay.settle_and_dispatch()
    with transaction() as session:
        told = (line.attempt_id, Party.ADVISOR, call.sid, LegStatus.COMPLETED, "leg", 3)
        progress.apply_leg_report(session, LegReport(*told), now=NOW)
    assert line.attempt.state == AttemptState.RINGING_LEAD  # their phone may ring
    relay.close()
    assert (line.attempt.state, line.callback.state) == (AttemptState.MISSED, CallbackState.WAITING)
    line.drains(NOW + MINUTE)
    assert line.twilio.calls == [call]


def test_a_process_that_starts_asks_at_once_about_those_who_talk(line: Line) -> None:
    line.drains()
    [call] = line.twilio.calls
    with transaction() as session:
        assert offers.advisor_answered(session, line.attempt_id, call.sid, now=NOW)
        assert offers.advisor_accepted(session, line.attempt_id, call.sid, now=NOW)
    line.drains()
    lead = line.twilio.calls[1]
    with transaction() as session:
        told = (line.attempt_id, Party.LEAD, lead.sid, LegStatus.IN_PROGRESS, "leg", 2)
        progress.apply_leg_report(session, LegReport(*told), now=NOW)
    call.status, lead.status = "completed", "in-progress"  # while nobody was there to be told
    line.reconciles(NOW + SECOND)
    assert line.attempt.state == AttemptState.BRIDGED
    line.reconciles(NOW + SECOND, has_missed_news=True)
    assert line.attempt.state == AttemptState.ENDED


def test_a_call_that_twilio_does_not_know_is_lost(line: Line) -> None:
    line.drains()
    line.twilio.calls.clear()
    line.reconciles(NOW + 40 * SECOND)
    assert (line.attempt.state, line.callback.state) == (AttemptState.LOST, CallbackState.WAITING)


def test_a_transaction_that_fails_stops_the_relay_for_that_moment_only(line: Line) -> None:
    relay = line.relay()
    with current_engine().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE outbox RENAME TO gone")
    for _ in range(3):
        with pytest.raises(DBAPIError):
            relay.settle_and_dispatch()
    with current_engine().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO outbox")
    relay.settle_and_dispatch()
    relay.close()
    assert (len(line.twilio.calls), line.order.state) == (1, OutboxState.SENT)


def test_not_being_able_to_look_is_no_sign_that_there_is_nothing(line: Line) -> None:
    line.twilio.faults = ["500-created"]
    line.drains()
    working, line.phone = (
        line.phone,
        TwilioPhone(
            TwilioCredentials(SID, (TOKEN,), "http://127.0.0.1:9"),
            public_url="http://x",
            ring_seconds=20,
        ),
    )
    for seconds in range(1, 100, 9):
        line.reconciles(NOW + seconds * SECOND)
    assert line.order.state == OutboxState.UNKNOWN
    line.phone = working
    line.reconciles(NOW + 120 * SECOND)
    assert (line.attempt.state, line.order.state) == (
        AttemptState.RINGING_ADVISOR,
        OutboxState.SENT,
    )


def test_without_an_account_the_advisor_rings_by_hand(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    line.phone = LogPhone()
    line.drains()
    assert line.attempt.state == AttemptState.RINGING_ADVISOR
    assert "should ring a callback by hand" in caplog.text
    assert "+1" not in caplog.text
    line.reconciles(NOW + 60 * SECOND)
    assert line.callback.state == CallbackState.CALLING
    line.reconciles(NOW + 200 * SECOND)
    assert (line.attempt.result, line.callback.state) == (
        Result.ADVISOR_NO_ANSWER,
        CallbackState.WAITING,
    )


def test_what_is_sent_at_once_keeps_its_connections(
    twilio: TwilioDouble, caplog: pytest.LogCaptureFixture
) -> None:
    client = build_twilio_client(TwilioCredentials(SID, (TOKEN,), twilio.url))
    with ThreadPoolExecutor(ORDERS_AT_ONCE) as senders:
        assert (
            list(senders.map(lambda _: client.calls.list(to="+13155550101", limit=1), range(64)))
            == [[]] * 64
        )
    assert "pool is full" not in caplog.text


@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:1", "127.0.0.1:1", "http://user:word@127.0.0.1:1"]
)
def test_a_proxy_that_the_machine_names_is_used_unless_it_is_told_not_to(
    twilio: TwilioDouble, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    with (
        pytest.raises(TelephonyError, match="could not be reached") as refusal,
        translate_twilio_errors(),
    ):
        build_twilio_client(TwilioCredentials(SID, (TOKEN,), twilio.url)).calls.list(limit=1)
    assert not refusal.value.unknown  # nothing was sent, so that it may be sent again
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert (
        build_twilio_client(TwilioCredentials(SID, (TOKEN,), twilio.url)).calls.list(limit=1) == []
    )


def test_a_proxy_is_asked_for_the_whole_address_by_whoever_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy, ThreadPoolExecutor(1) as pool:
        heard = pool.submit(_hears_and_answers_429, proxy)
        monkeypatch.setenv("http_proxy", f"http://user:word@127.0.0.1:{proxy.getsockname()[1]}")
        with (
            pytest.raises(TelephonyError, match="Twilio rejected it") as refusal,
            translate_twilio_errors(),
        ):
            build_twilio_client(
                TwilioCredentials(SID, (TOKEN,), "http://twilio.example")
            ).calls.create(to="+1", from_="+1", url="x")
        said = heard.result(timeout=10)
    assert not refusal.value.unknown  # whatever the words of a 429 are
    assert said.startswith(
        f"POST http://twilio.example/2010-04-01/Accounts/{SID}/Calls.json HTTP".encode()
    )
    assert b"Proxy-Authorization: Basic dXNlcjp3b3Jk" in said


@pytest.mark.parametrize(
    ("name", "value"), [("http_proxy", "socks9://127.0.0.1:1"), ("REQUESTS_CA_BUNDLE", "/nowhere")]
)
def test_variables_that_make_no_sense_stop_it_at_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadConfiguration, match=r"HTTPS_PROXY and REQUESTS_CA_BUNDLE"):
        build_twilio_client(
            TwilioCredentials(SID, (TOKEN,), "http://127.0.0.1:1" if name == "http_proxy" else "")
        )


@pytest.mark.parametrize(
    ("is_known", "comes_of_it"), [(True, "Twilio rejected it"), (False, "was lost")]
)
def test_nothing_is_said_to_whoever_cannot_prove_to_be_twilio(
    monkeypatch: pytest.MonkeyPatch, *, is_known: bool, comes_of_it: str
) -> None:
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with authority.cert_pem.tempfile() as known, socket.create_server(("127.0.0.1", 0)) as door:
        if is_known:
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", known)
        client = build_twilio_client(
            TwilioCredentials(SID, (TOKEN,), f"https://127.0.0.1:{door.getsockname()[1]}")
        )
        with ThreadPoolExecutor(1) as pool:
            heard = pool.submit(_hears_and_answers_429, door, context)
            with pytest.raises(TelephonyError, match=comes_of_it), translate_twilio_errors():
                client.calls.create(to="+1", from_="+1", url="x")
    assert bool(heard.result()) == is_known


def _hears_and_answers_429(door: socket.socket, context: ssl.SSLContext | None = None) -> bytes:
    said, line = b"", door.accept()[0]
    with (
        contextlib.suppress(ssl.SSLError),
        context.wrap_socket(line, server_side=True) if context else line as spoken,
    ):
        while not said.endswith(b"Url=x"):
            said += spoken.recv(65536)
        spoken.sendall(b'HTTP/1.1 429 No\r\nContent-Length: 20\r\n\r\n{"message": "\xffslow"}')
    return said


def test_an_advisor_is_rung_about_the_outcome_once_and_only_while_it_is_open(line: Line) -> None:
    line.drains()
    with transaction() as session:
        attempt = session.get_one(CallAttempt, line.attempt_id)
        for status in (LegStatus.IN_PROGRESS, LegStatus.COMPLETED):
            offers.advisor_accepted(session, attempt.id, line.twilio.calls[0].sid, now=NOW)
            progress.apply_leg_report(session, people.of_lead(attempt, status), now=NOW)
    over = NOW + WRAP_UP_BY_KEYPAD + SECOND
    with transaction() as session:
        queue.expire_leases(session, now=over)
    line.drains(over)
    assert [call.asked("Url").partition("#")[0][-4:] for call in line.twilio.calls[1:]] == ["/ask"]
    line.drains(over + SECOND)
    assert len(line.twilio.calls) == 2


def test_an_outcome_that_is_said_meanwhile_is_not_asked_about(line: Line) -> None:
    line.drains()
    with transaction() as session:
        attempt = session.get_one(CallAttempt, line.attempt_id)
        offers.advisor_accepted(session, attempt.id, line.twilio.calls[0].sid, now=NOW)
        progress.apply_leg_report(session, people.of_lead(attempt, LegStatus.COMPLETED), now=NOW)
    over = NOW + WRAP_UP_BY_KEYPAD + SECOND
    with transaction() as session:
        queue.expire_leases(session, now=over)
        assert keypad_wrap_up.apply_keypad_digit(session, line.attempt_id, "1", now=over)
    line.drains(over)
    assert len(line.twilio.calls) == 1


@pytest.mark.parametrize("given_up", [False, True])
def test_an_order_whose_process_stood_still_is_not_sent_late(line: Line, *, given_up: bool) -> None:
    def frozen_clock() -> datetime:
        is_sending = threading.current_thread().name.startswith("relay")
        return line.at + (MINUTE if is_sending else timedelta())

    relay = CallRelay(line.phone, ring_seconds=20, now=frozen_clock)
    relay.settle_and_dispatch()
    if given_up:  # by another process, which looked for the call meanwhile
        for seconds in (31, 32, 34, 38, 46):
            line.reconciles(NOW + seconds * SECOND)
    relay.close()
    assert line.twilio.calls == []
    with reader() as session:
        row = session.exec(select(Outbox)).first()
        attempt = session.get_one(CallAttempt, line.attempt_id)
    assert row.state == (OutboxState.FAILED if given_up else OutboxState.PENDING)
    assert attempt.state == (AttemptState.LOST if given_up else AttemptState.REQUESTED)
