"""The background work.

What rings is answered at once, whatever else is wrong, and nothing waits for the tick.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from leads.config.settings import Settings
from leads.database.transactions import reader, transaction
from leads.database.wakeups import Wakeup, notify_listeners, process_identity, wake_after_commit
from leads.intake import raw_inbox
from leads.models.calls import CallAttempt
from leads.models.enums import AlertKind, AttemptState, OutboxState
from leads.models.outbox import Outbox
from leads.models.requests import Lead
from leads.models.watching import Alert
from leads.people import presence
from notifications import wake_loop
from notifications.call_relay import CallRelay
from notifications.manual_phone import LogPhone
from notifications.queue_stages import queue_stages
from notifications.wake_loop import WakeLoop
from notifications.worker import Worker
from tests.support.people import HOUR, MINUTE, a_callback, a_source, an_advisor
from tests.support.running_desk import eventually
from tests.support.set_clock import SetClock

pytestmark = pytest.mark.usefixtures("database")


def _now() -> datetime:
    return datetime.now(UTC)


class _Late(CallRelay):
    """One whose work takes 50 ms, by a clock that only it moves, and fails when told to."""

    def __init__(self, at: datetime) -> None:
        super().__init__(LogPhone(), ring_seconds=20, now=lambda: self.at)
        self.at, self.fails = at, False

    def settle_and_dispatch(self) -> None:
        super().settle_and_dispatch()
        self.at += timedelta(milliseconds=50)
        if self.fails:
            raise ConnectionError


class _Hanging(CallRelay):
    """One that hangs for as long as the test wants it to."""

    def __init__(self, at: datetime) -> None:
        super().__init__(LogPhone(), ring_seconds=20, now=lambda: self.at)
        self.at, self.hangs, self.ended = at, threading.Event(), threading.Event()

    def settle_and_dispatch(self) -> None:
        self.hangs.set()
        self.ended.wait()


@contextlib.contextmanager
def _running(monkeypatch: pytest.MonkeyPatch, tick: timedelta) -> Iterator[Worker]:
    monkeypatch.setattr(wake_loop, "TICK", tick)
    with transaction() as session:
        presence.put_on_duty(session, an_advisor(session), until=_now() + HOUR, now=_now())
    worker = Worker(Settings(), CallRelay(LogPhone(), ring_seconds=20, now=_now), now=_now)
    worker.start()
    eventually(worker.is_queue_worked_on)
    yield worker
    worker.stop()


@pytest.fixture
# its work is there
def worker(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """One whose loop does not tick while a test lasts."""
    with _running(monkeypatch, HOUR) as worker:
        yield worker


@pytest.mark.usefixtures("worker")
def test_a_form_becomes_a_ringing_phone_without_a_tick(caplog: pytest.LogCaptureFixture) -> None:
    _somebody_asks("+13155550142")
    eventually(lambda: _states() == [AttemptState.RINGING_ADVISOR])
    eventually(_has_sent)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.usefixtures("worker")
def test_who_becomes_due_before_the_tick_is_rung_then() -> None:
    with transaction() as session:
        a_callback(session, any_hour=True, due_at=_now() + timedelta(milliseconds=400))
        wake_after_commit(session, Wakeup.OFFER)
    eventually(lambda: _states() == [AttemptState.RINGING_ADVISOR])


@pytest.mark.usefixtures("worker")
def test_what_becomes_due_while_forms_never_cease_is_done_then() -> None:
    with _ceaseless(Wakeup.ADMIT):
        with transaction() as session:
            a_callback(session, any_hour=True, due_at=_now() + timedelta(milliseconds=200))
            wake_after_commit(session, Wakeup.OFFER)
        eventually(lambda: _states() == [AttemptState.RINGING_ADVISOR])


@pytest.mark.parametrize("fails", [False, True])
def test_what_becomes_due_while_something_else_is_done_is_not_left_to_the_tick(
    monkeypatch: pytest.MonkeyPatch, *, fails: bool
) -> None:
    monkeypatch.setattr(wake_loop, "TICK", HOUR)
    relay = _Late(_now())
    relay.fails = fails
    with transaction() as session:
        presence.put_on_duty(session, an_advisor(session), until=relay.at + HOUR, now=relay.at)
        a_callback(session, any_hour=True, due_at=relay.at + timedelta(milliseconds=20))
    loop = WakeLoop(queue_stages(relay, now=lambda: relay.at), now=lambda: relay.at)
    loop.start()
    try:
        eventually(lambda: len(_states()) == 1)
    finally:
        loop.stop()
        relay.close()


def test_what_nobody_rang_for_is_done_at_the_tick_though_forms_never_cease(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with _running(monkeypatch, timedelta(seconds=1)), _ceaseless(Wakeup.ADMIT):
        with transaction() as session:
            a_callback(session, any_hour=True)
        eventually(lambda: _states() == [AttemptState.RINGING_ADVISOR])


def test_it_ends_before_the_tick_though_forms_never_cease(monkeypatch: pytest.MonkeyPatch) -> None:
    with _ceaseless(Wakeup.ADMIT):
        with _running(monkeypatch, HOUR):
            began = _now()
        assert _now() - began < HOUR / 60


@pytest.mark.usefixtures("worker")
def test_what_fails_holds_up_nothing_else_and_goes_on_with_the_next_wakeup(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with _without("outbox"):
        for number in ("+13155550142", "+13155550143"):
            _somebody_asks(number)
            eventually(lambda: _admitted(number))  # noqa: B023 - at once
        eventually(lambda: "A background job failed" in caplog.text)
    notify_listeners(Wakeup.OFFER)
    eventually(lambda: _states() == [AttemptState.RINGING_ADVISOR])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # it takes as long as a clock job
def test_a_loop_that_hangs_is_a_silent_scheduler_though_the_clock_goes_on() -> None:
    relay = _Hanging(_now())
    worker = Worker(Settings(), relay, now=lambda: relay.at)
    worker.start()
    try:
        eventually(worker.is_queue_worked_on)
        eventually(relay.hangs.is_set)
        relay.at += 10 * MINUTE
        eventually(lambda: _alerts() == [AlertKind.SCHEDULER])
        assert not worker.is_queue_worked_on()
    finally:
        relay.ended.set()
        worker.stop()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # it only says who it is
@pytest.mark.parametrize("relay", [None, "rings"])
def test_a_clock_that_is_set_back_an_hour_stops_no_work(
    relay: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake_loop, "TICK", timedelta(milliseconds=200))
    clock = SetClock(_now() + HOUR)
    phone = CallRelay(LogPhone(), ring_seconds=20, now=clock) if relay else None
    worker = Worker(Settings(), phone, now=clock)
    worker.start()
    try:
        clock.at = _now()
        with transaction() as session:
            a_callback(session, due_at=clock.at - 10 * MINUTE)
        eventually(_find_alert, "no alert for an hour")
        assert relay is None or eventually(worker.is_queue_worked_on)
    finally:
        worker.stop()


def _find_alert() -> Alert | None:
    with reader() as session:
        return session.exec(select(Alert)).first()


def test_a_fork_is_another_process_to_whom_it_rings() -> None:
    read, write = os.pipe()
    if not (child := os.fork()):
        os.write(write, process_identity().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 100).decode() != process_identity()
    os.close(read)
    os.close(write)


def _somebody_asks(number: str) -> None:
    with transaction() as session:
        source_id = a_source(session, now=_now()).id
    body = json.dumps({"phone": number, "any_hour": True}).encode()
    raw_inbox.store_arrivals([raw_inbox.Arrival(source_id, _now(), "application/json", body)])


def _states() -> list[AttemptState]:
    with reader() as session:
        return [attempt.state for attempt in session.exec(select(CallAttempt))]


def _alerts() -> list[AlertKind]:
    with reader() as session:
        return list(session.exec(select(Alert.kind)))


def _has_sent() -> bool:
    with reader() as session:
        return [order.state for order in session.exec(select(Outbox))] == [OutboxState.SENT]


def _admitted(number: str) -> bool:
    with reader() as session:
        return session.exec(select(Lead).where(Lead.phone == number)).first() is not None


@contextlib.contextmanager
def _ceaseless(wakeup: Wakeup) -> Iterator[None]:
    """Ring it faster than what it is for can be done."""
    ended = threading.Event()

    def keep_ringing() -> None:
        while not ended.wait(0.001):
            notify_listeners(wakeup)

    ringer = threading.Thread(target=keep_ringing)
    ringer.start()
    try:
        yield
    finally:
        ended.set()
        ringer.join()


@contextlib.contextmanager
def _without(table: str) -> Iterator[None]:
    _rename(table, "lost")
    try:
        yield
    finally:
        _rename("lost", table)


def _rename(table: str, name: str) -> None:
    with transaction() as session:
        session.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))
