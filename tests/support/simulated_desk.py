"""The product in the tests' own process, on the clock of Twilio's simulator.

Its webhooks are served over HTTP and its relay asks the simulator, as in a process of its own. Only
the clock is another one: what takes the product minutes takes a test a second, and while the
product works no simulated time passes, so that a busy machine changes nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from leads.config.settings import load_settings
from leads.database.transactions import reader, transaction
from leads.models.calls import CallAttempt, CallLeg
from leads.models.enums import CALL_ORDER_KINDS, LIVE_ATTEMPT, OutboxState
from leads.models.outbox import Outbox
from leads.people import presence
from notifications.call_relay import CallRelay
from notifications.clock_jobs import expire_leases_and_presence
from notifications.queue_stages import offer_callbacks
from notifications.telephony import Phone
from notifications.twilio.phone import TwilioPhone
from notifications.twilio.webhooks import twilio_webhook_routes
from tests.conftest import NOW
from tests.support import people
from tests.support.running_desk import add_advisor
from tests.support.serving import serving
from tests.support.twilio_double import CALLER_ID, SID, TOKEN
from tests.support.twilio_simulator import Number, Settings, Simulator, running_simulator

RING_SECONDS = 20
TICK = timedelta(seconds=2)
LEASES_EVERY = timedelta(seconds=10)
UNSETTLED = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.UNKNOWN)
LEAD, ADVISOR, SECOND_ADVISOR = people.NUMBER, "+13155570901", "+13155570902"
NAME = "Jordan Reyes"
SECRETS = ("Jordan", "Reyes", "Harbor", LEAD)


class Killed(BaseException):
    """The process has died at this point: nothing that comes after it happens."""


@dataclass
class MortalPhone:
    """A phone whose process dies at an order, before or after the network is asked.

    `deaths`: the names of methods of the phone, each with whether the network was asked.
    """

    phone: TwilioPhone
    deaths: list[tuple[str, bool]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.phone, name)

        def carry_out(*given: Any) -> Any:
            for death in self.deaths:
                if death[0] == name:
                    self.deaths.remove(death)
                    if death[1]:
                        method(*given)
                    raise Killed
            return method(*given)

        return carry_out


class SimulatedDesk:
    """A helpline with two advisors on duty by phone, and one person who waits for a call."""

    def __init__(self, twilio: Simulator, url: str) -> None:
        self.twilio, self.url = twilio, url
        environment = {
            "PUBLIC_URL": url,
            "TWILIO_ACCOUNT_SID": SID,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_URL": twilio.url,
            "RING_SECONDS": str(RING_SECONDS),
        }
        settings = load_settings(environment)
        assert settings.twilio
        self.phone = MortalPhone(
            TwilioPhone(settings.twilio, public_url=url, ring_seconds=RING_SECONDS, timeout=0.25)
        )
        self.app: ASGIApp = Starlette(routes=twilio_webhook_routes(settings, now=self.now))
        self.unanswered: list[str] = []  # steps whose next request is carried out, not answered
        self.is_quick = True  # works on what a webhook ordered before it answers
        self._turn, self._leases_at = threading.Lock(), NOW

    def now(self) -> datetime:
        return self.twilio.wire.clock.now()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a webhook, and do what it has ordered, before simulated time goes on."""
        step = scope["path"].rsplit("/", 1)[-1]
        is_lost = step in self.unanswered
        if is_lost:
            self.unanswered.remove(step)

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                if self.is_quick:
                    await run_in_threadpool(self.work)
                if is_lost:
                    message = {**message, "status": 502}
            await send(message)

        await self.app(scope, receive, answer)

    def work(self) -> None:
        """Do what the product does in the background, until nothing more is due."""
        with self._turn:
            while self._work_once():
                pass

    def _work_once(self) -> bool:
        if self.now() >= self._leases_at:
            self._leases_at = self.now() + LEASES_EVERY
            expire_leases_and_presence(now=self.now)
        offer_callbacks(by_hand=False, now=self.now)
        relay = CallRelay(self._as_phone(), ring_seconds=RING_SECONDS, now=self.now)
        relay.settle_and_dispatch()
        relay.close()
        relay = CallRelay(self._as_phone(), ring_seconds=RING_SECONDS, now=self.now)
        relay.reconcile_with_network()
        relay.close()
        with reader() as session:
            return session.exec(_due_orders(self.now())).first() is not None

    def _as_phone(self) -> Phone:
        phone: Any = self.phone
        return phone

    def rest(self, most: timedelta = timedelta(minutes=15)) -> None:
        """Let time pass until nothing is under way, here or at Twilio."""
        until = self.now() + most
        self.pass_time()
        while not self._is_at_rest():
            assert self.now() < until, self.describe_unrest()
            self.pass_time()

    def pass_until(self, happened: Callable[[], object], what: str) -> None:
        """Let time pass until something has happened."""
        until = self.now() + timedelta(minutes=5)
        while not happened():
            assert self.now() < until, f"{what} never happened"
            self.pass_time()

    def pass_time(self) -> None:
        """Let a little simulated time pass, and then work."""
        begun = self.now()
        while self.now() < begun + TICK:
            time.sleep(0.002)
        with self.twilio.time_stopped() if self.is_quick else nullcontext():
            self.work()

    def _is_at_rest(self) -> bool:
        if self.twilio.is_busy():
            return False
        with reader() as session:
            return not any(session.exec(query.limit(1)).first() for query in _unrest())

    def describe_unrest(self) -> str:
        with reader() as session:
            rows = [row for query in _unrest() for row in session.exec(query)]
        return f"no rest: {rows}; {self.twilio.wire.journal[-6:]}"


def _unrest() -> Iterator[Any]:
    """Yield queries of what is still to come."""
    yield select(CallAttempt).where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
    yield select(Outbox).where(
        col(Outbox.state).in_(UNSETTLED), col(Outbox.kind).in_(CALL_ORDER_KINDS)
    )
    yield select(CallLeg).where(
        col(CallLeg.provider_call_id).is_not(None),
        col(CallLeg.status).in_(("", *presence.ON_THE_LINE)),
    )


def _due_orders(now: datetime) -> Any:
    return select(Outbox.id).where(
        Outbox.state == OutboxState.PENDING,
        col(Outbox.kind).in_(CALL_ORDER_KINDS),
        col(Outbox.due_at) <= now,
    )


def open_helpline(session: Session, *, advisors: int = 2) -> None:
    """Add advisors who are on duty by phone, and somebody who waits for a call."""
    lead = people.a_lead(session, LEAD, name=NAME)
    people.a_callback(session, lead, any_hour=True)
    for number in range(901, 901 + advisors):
        advisor = add_advisor(session, number - 100, now=NOW)
        presence.put_on_duty(session, advisor, until=NOW + people.DAY, now=NOW)
        advisor.idle_since = NOW - timedelta(minutes=1000 - number)
        session.add(advisor)


@contextmanager
def simulated_desk(*, advisors: int = 2, **settings: Any) -> Iterator[SimulatedDesk]:
    """Serve the product and a simulator that know each other, on a database that is open."""
    terms = {"speed": 300.0, "calls_per_second": 100, "hang": 0.6, "reaction": 0.0, **settings}
    with running_simulator(Settings(begins_at=NOW, **terms), {CALLER_ID: Number()}) as twilio:
        held: list[SimulatedDesk] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await held[0](scope, receive, send)

        with serving(app) as url, twilio.time_passing():
            held.append(SimulatedDesk(twilio, url))
            with transaction() as session:
                open_helpline(session, advisors=advisors)
            yield held[0]
