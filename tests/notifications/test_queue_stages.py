"""How often the database is asked for one request, and for nothing.

Whoever waits for a call waits for every statement about them, and about all who asked before. One
more is worth it where a promise needs it: say which, beside the figure.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from leads.config.settings import TwilioCredentials
from leads.database import key_views
from leads.database.engine import has_one_writer
from leads.database.transactions import transaction
from leads.database.wakeups import Wakeup, subscribe_to_wakeups
from leads.intake.raw_inbox import store_arrivals
from notifications.call_relay import CallRelay
from notifications.queue_stages import queue_stages
from notifications.twilio.phone import TwilioPhone
from notifications.wake_loop import Stage
from tests.conftest import NOW
from tests.support.people import a_source, on_duty
from tests.support.round_trips import count_round_trips
from tests.support.sent_forms import arrival, form
from tests.support.twilio_double import SID, TOKEN, TwilioDouble

ON_POSTGRESQL = {
    "stored": 1,  # committed before anything is read of it
    "admitted": 10,
    # One of them looks for who is on the line: they go first. The order is taken with the offer,
    # and committed before the network is asked: a call is placed at most once.
    "offered and taken": 11,
    "settled": 9,
    "looked ahead": 2,
}
"""Each transaction has a begin and an end, but for what is one statement."""

ON_SQLITE = {
    "stored": 2,
    "admitted": 13,  # each kind of row of the trail has its own statement, and the search words
    "offered and taken": 11,
    "settled": 8,
    "looked ahead": 4,
}
"""Each transaction first asks how far a change of keys is."""


class OneProcess:
    """All stages of the queue's work in one process, each done when it is asked for."""

    def __init__(self, relay: CallRelay) -> None:
        self.stages = {stage.wakeup: stage for stage in queue_stages(relay, now=lambda: NOW)}
        self.sent = threading.Event()
        self.stop = subscribe_to_wakeups(self._note, answers=(Wakeup.ADMIT, Wakeup.RELAY))

    def does(self, wakeup: Wakeup) -> int:
        """Do a stage's work; returns how often the database was asked."""
        return count_round_trips(self.stages[wakeup].work)

    def looks_ahead(self) -> int:
        return sum(map(self._look_ahead_of, self.stages.values()))

    def _look_ahead_of(self, stage: Stage) -> int:
        look: Callable[[object], object] = stage.next_due_at or (lambda _: None)
        return count_round_trips(lambda: look(NOW))

    def _note(self, wakeup: Wakeup) -> None:
        if wakeup == Wakeup.RELAY:
            self.sent.set()


@pytest.fixture
# the database is where it lives
def process(
    database: str, twilio: TwilioDouble, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OneProcess]:
    # A busy machine takes longer than that, and whoever counts would count the asking.
    monkeypatch.setattr(key_views, "LEASE_SECONDS", 3600)
    account = TwilioCredentials(SID, (TOKEN,), twilio.url)
    phone = TwilioPhone(account, public_url="http://127.0.0.1:1", ring_seconds=20, timeout=5)
    relay = CallRelay(phone, ring_seconds=20, now=lambda: NOW)
    process = OneProcess(relay)
    yield process
    process.stop()
    relay.close()


def test_one_request_costs_no_more_than_it_must(process: OneProcess) -> None:
    with transaction() as session:
        source = a_source(session).id
        on_duty(session)
    store = lambda: store_arrivals([arrival(source, form(any_hour=True))])  # noqa: E731
    spent = {
        "stored": count_round_trips(store),
        "admitted": process.does(Wakeup.ADMIT),
    }
    process.sent.clear()
    spent["offered and taken"] = process.does(Wakeup.OFFER)
    assert process.sent.wait(timeout=10)
    spent |= {"settled": process.does(Wakeup.RELAY), "looked ahead": process.looks_ahead()}
    assert spent == (ON_SQLITE if has_one_writer() else ON_POSTGRESQL)


def test_nothing_costs_hardly_anything(process: OneProcess) -> None:
    with transaction() as session:
        on_duty(session)
    spent = {wakeup: process.does(wakeup) for wakeup in process.stages}
    # Of a transaction; there each asks first how far a change of keys is.
    ends, asks = (0, 1) if has_one_writer() else (2, 0)
    # Who is free, who is on the line, who is due, and what is ordered: whoever calls in goes first.
    assert spent == {
        Wakeup.ADMIT: 1 + asks,
        Wakeup.OFFER: 4 + asks + ends,
        Wakeup.RELAY: 1 + asks + ends,
    }
