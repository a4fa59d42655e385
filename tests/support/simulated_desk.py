"""The product in the tests' own process, on the clock of Twilio's simulator.

Its webhooks are served over HTTP and its relay asks the simulator, as in a process of its own. Only
the clock is another one: what takes the product minutes takes a test a second, and while the
product works no simulated time passes, so that a busy machine changes nothing.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from leads.config.settings import load_settings
from leads.database.field_encryption import Vault
from leads.database.transactions import reader, transaction
from leads.database.wakeups import Wakeup, subscribe_to_wakeups
from leads.helplines import missed_arrivals
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, CallLeg
from leads.models.enums import (
    CALL_ORDER_KINDS,
    LIVE_ATTEMPT,
    LIVE_INBOUND,
    LIVE_LEG,
    RECORDING_ORDER_KINDS,
    AdvisorRole,
    AttemptState,
    InboundState,
    LeadState,
    LegStatus,
    NoticeMethod,
    OutboxKind,
    OutboxState,
    Presence,
)
from leads.models.inbound import InboundCall
from leads.models.outbox import Outbox
from leads.models.requests import OutgoingText
from leads.outbox import call_orders
from leads.people import presence
from notifications.call_relay import CallRelay
from notifications.clock_jobs import arrival_jobs, check_alerts, expire_leases_and_presence
from notifications.letter import Letter
from notifications.notice_delivery import NoticeCourier
from notifications.queue_stages import offer_callbacks
from notifications.recording_courier import RecordingCourier
from notifications.text_relay import TextRelay
from notifications.twilio.inbound_webhooks import RINGING_PATH, SORRY_PATH, STATUS_PATH
from notifications.twilio.number_pointing import TEXTS_PATH
from notifications.twilio.phone import TwilioPhone
from notifications.twilio.recordings import TwilioRecordings
from notifications.twilio.texts import TwilioTexts
from notifications.twilio.twiml import STATUS_OVERRIDES, TWIML_OVERRIDES
from notifications.twilio.webhooks import twilio_webhook_routes
from tests.conftest import NOW
from tests.support import people
from tests.support.running_desk import add_advisor
from tests.support.serving import serving
from tests.support.twilio_double import CALLER_ID, SID, TOKEN
from tests.support.twilio_simulator import Number, Settings, Simulator, running_simulator

RING_SECONDS = 20
PATIENCE = 1.0  # real seconds: a busy machine takes longer than a quarter to answer a request
TICK = timedelta(seconds=2)
STEP = TICK / 4  # after which something that happened meanwhile is noticed
TICKS_IN_TALK = 3  # that may pass between two times at which the product works
LEASES_EVERY = timedelta(seconds=10)
ALERTS_AFTER, ALERTS_EVERY = timedelta(seconds=30), timedelta(seconds=60)
UNSETTLED = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.UNKNOWN)
AWAITED_KINDS = (*CALL_ORDER_KINDS, OutboxKind.SEND_TEXT, *RECORDING_ORDER_KINDS)
STAGES = frozenset({Wakeup.OFFER, Wakeup.RELAY, Wakeup.TEXT})
DUE_ORDERS = select(Outbox.id).where(
    Outbox.state == OutboxState.PENDING,
    col(Outbox.kind).in_(CALL_ORDER_KINDS),
    col(Outbox.due_at) <= bindparam("now"),
)
UNREPORTED = select(OutgoingText).where(col(OutgoingText.ask_at).is_not(None))
_UNSETTLED_ORDERS = select(Outbox.id).where(col(Outbox.state).in_(UNSETTLED))
_IN_TALK = select(CallAttempt.id).where(CallAttempt.state == AttemptState.BRIDGED)
_NOT_IN_TALK = select(CallAttempt.id).where(
    col(CallAttempt.state).in_(LIVE_ATTEMPT),
    or_(CallAttempt.state != AttemptState.BRIDGED, col(CallAttempt.ask_at).is_not(None)),
)
_RINGING = select(CallLeg.id).where(
    col(CallLeg.status).in_(("", *LIVE_LEG)),
    or_(CallLeg.status != LegStatus.IN_PROGRESS, col(CallLeg.left_at).is_not(None)),
)
_WAITING = select(InboundCall.id).where(
    col(InboundCall.state).in_(LIVE_INBOUND), InboundCall.state != InboundState.TALKING
)
PLAY = select(
    or_(
        _UNSETTLED_ORDERS.where(Outbox.kind == OutboxKind.SEND_TEXT).exists(),
        UNREPORTED.exists(),
    ),
    _UNSETTLED_ORDERS.where(col(Outbox.kind).in_(RECORDING_ORDER_KINDS)).exists(),
    _UNSETTLED_ORDERS.where(col(Outbox.kind).in_(CALL_ORDER_KINDS)).exists(),
    or_(
        _UNSETTLED_ORDERS.where(col(Outbox.kind).in_(AWAITED_KINDS)).exists(),
        _NOT_IN_TALK.exists(),
        _RINGING.exists(),
        _WAITING.exists(),
    ),
    _IN_TALK.exists(),
)
"""Made once: what `Play` says."""
LEAD, ADVISOR, SECOND_ADVISOR = people.NUMBER, "+13155570901", "+13155570902"
SUPERVISOR = "+13155570903"
NAME = "Jordan Reyes"
SECRETS = ("Jordan", "Reyes", "Harbor", LEAD)
T = TypeVar("T")


class Play(NamedTuple):
    """What there is to do at the moment.

    `is_under_way`: something is ordered, rings, waits or is in doubt; `is_talk`: people talk.
    """

    has_texts: bool
    has_recordings: bool
    has_call_orders: bool
    is_under_way: bool
    is_talk: bool


class Killed(BaseException):
    """The process has died at this point: nothing that comes after it happens."""


@dataclass(frozen=True)
class Death:
    """Where the process dies: at a method of the network, before or after it was asked.

    `number`: only where the order is about this number. `outage`: how long nobody starts it again.
    """

    method: str
    is_asked: bool
    number: str = ""
    outage: timedelta = timedelta()

    def is_at(self, method: str, given: tuple[Any, ...]) -> bool:
        number = getattr(given[0], "number", "") if given else ""
        return method == self.method and self.number in ("", number)


class MortalNetwork:
    """A network whose caller dies at an order."""

    def __init__(
        self, network: Any, deaths: list[Death], on_death: Callable[[Death], None]
    ) -> None:
        self._network, self._deaths, self._on_death = network, deaths, on_death

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._network, name)

        def carry_out(*given: Any) -> Any:
            for death in self._deaths:
                if death.is_at(name, given):
                    self._deaths.remove(death)
                    if death.is_asked:
                        method(*given)
                    self._on_death(death)
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
            "SECRET_KEY": "k" * 32,
        }
        settings = load_settings(environment)
        assert settings.twilio
        terms: dict[str, Any] = {"public_url": url, "timeout": PATIENCE}
        phone = TwilioPhone(settings.twilio, ring_seconds=RING_SECONDS, **terms)
        self.deaths: list[Death] = []
        self._back_at = NOW  # from an outage
        self._has_missed_news = False
        self._look_at: datetime | None = NOW  # for what came in while nobody was here
        self._phone: Any = MortalNetwork(phone, self.deaths, self._die)
        self._texts: Any = MortalNetwork(
            TwilioTexts(settings.twilio, **terms), self.deaths, self._die
        )
        self._recordings: Any = MortalNetwork(
            TwilioRecordings(settings.twilio), self.deaths, self._die
        )
        self._vault = Vault(settings.content_keys)
        self.app: ASGIApp = Starlette(routes=twilio_webhook_routes(settings, now=self.now))
        self.unanswered: list[str] = []  # steps whose next request is carried out, not answered
        self.undone: list[str] = []  # steps whose next request is neither
        self.has_desks = False  # the advisors work at pages, which stay open
        self.is_quick = True  # works on what a webhook ordered before it answers
        self.letters: list[Letter] = []  # what supervisors were told
        self._woken: set[Wakeup] = set()
        self._turn, self._leases_at, self._alerts_at = threading.Lock(), NOW, NOW + ALERTS_AFTER
        twilio.numbers[CALLER_ID] = point_number_to(url)

    def now(self) -> datetime:
        return self.twilio.wire.clock.now()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a webhook, and do what it has ordered, before simulated time goes on."""
        is_lost = _take_step(self.unanswered, scope["path"])
        if self._is_down() or _take_step(self.undone, scope["path"]):
            await Response(status_code=502)(scope, receive, send)
            return

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                if self.is_quick:
                    await run_in_threadpool(self.work_if_woken)
                if is_lost:
                    message = {**message, "status": 502}
            await send(message)

        await self.app(scope, receive, answer)

    def work(self) -> None:
        """Do what the product does in the background once in a tick, and what comes of it."""
        with self._turn:
            if self._is_down():
                return
            self._do_clock_jobs()
            play = self._look_at_play()
            self._woken.add(Wakeup.OFFER)
            self._woken.update({Wakeup.RELAY} if play.has_call_orders else ())
            self._woken.update({Wakeup.TEXT} if play.has_texts else ())
            self._run_woken_stages()
            self._ask_network()
            self._run_woken_stages()

    def work_if_woken(self) -> None:
        """Do what the product does at once, because something was committed that it is for."""
        with self._turn:
            self._run_woken_stages()

    def wake(self, wakeup: Wakeup) -> None:
        """Note what the product is told as something is committed."""
        self._woken.add(wakeup)

    def _is_down(self) -> bool:
        return self.now() < self._back_at

    def go_down(self, outage: timedelta) -> None:
        """Let the process die, which nobody starts again for a while."""
        self._back_at, self._has_missed_news = self.now() + outage, True
        if outage:
            self._look_at = self._back_at + missed_arrivals.WEBHOOK_TAKES

    def _die(self, death: Death) -> None:
        self.go_down(death.outage)

    def _do_clock_jobs(self) -> None:
        if self.now() >= self._leases_at:
            self._leases_at = self.now() + LEASES_EVERY
            if self.has_desks:
                self._keep_desks_open()
            expire_leases_and_presence(now=self.now)
        if self.now() >= self._alerts_at:
            self._alerts_at = self.now() + ALERTS_EVERY
            self._tell_supervisors()

    def _run_woken_stages(self) -> None:
        while self._woken.intersection(STAGES) and not self._is_down():
            woken = self._woken.intersection(STAGES)
            self._woken -= woken  # before it is done: what is ordered from now on is for later
            if Wakeup.OFFER in woken:
                relay = CallRelay(self._phone, ring_seconds=RING_SECONDS, now=self.now)
                offer_callbacks(relay, now=self.now)
                relay.close()
            if Wakeup.RELAY in woken and self._has_due_orders():
                relay = CallRelay(self._phone, ring_seconds=RING_SECONDS, now=self.now)
                relay.settle_and_dispatch()
                relay.close()
            if Wakeup.TEXT in woken and not self._is_down():
                texts = TextRelay(self._texts, now=self.now)
                texts.dispatch_due_texts()
                texts.close()
            if self._has_missed_news:
                self._ask_network()

    def _ask_network(self) -> None:
        """Look for what the network was not asked, or did not tell, and bring voicemails here."""
        if self._is_down():
            return
        relay = CallRelay(
            self._phone,
            ring_seconds=RING_SECONDS,
            now=self.now,
            has_missed_news=self._has_missed_news,
        )
        self._has_missed_news = False
        relay.reconcile_with_network()
        if self._is_down():
            return
        texts = TextRelay(self._texts, now=self.now)
        if self._look_at and self.now() >= self._look_at:
            self._look_at = None
            for job in arrival_jobs(relay, texts, now=self.now):
                job.work()
        play = self._look_at_play()
        if play.has_texts:
            texts.search_lost_texts()
            texts.ask_about_unreported_texts()
        if play.has_recordings:
            with suppress(Killed):
                RecordingCourier(self._recordings, self._vault, now=self.now).carry_out_due_orders()

    def _look_at_play(self) -> Play:
        with reader() as session:
            return Play(*session.exec(PLAY).one())

    def _has_due_orders(self) -> bool:
        with reader() as session:
            return session.exec(DUE_ORDERS, params={"now": self.now()}).first() is not None

    def _tell_supervisors(self) -> None:
        ways = {NoticeMethod.EMAIL: self.letters.append, NoticeMethod.TEXT: self.letters.append}
        check_alerts(ways, now=self.now)
        NoticeCourier(ways, public_url=self.url, now=self.now).deliver_due_notices()

    def _keep_desks_open(self) -> None:
        """Let every page that is open at an advisor's desk say so."""
        with transaction() as session:
            at_desks = select(Advisor.id).where(Advisor.presence != Presence.OFFLINE)
            for advisor_id in session.exec(at_desks).all():
                presence.record_presence_heartbeat(session, advisor_id, now=self.now())

    def rest(self, most: timedelta = timedelta(minutes=30)) -> None:
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

    def wait_for(self, look: Callable[[], T | None]) -> T | None:
        """Let time pass until something is there; None once nothing is under way any more."""
        while True:
            self.pass_time()
            is_last = self._is_at_rest()
            if (found := look()) or is_last:
                return found or None

    def pass_time(self) -> None:
        """Let simulated time pass until something is due, or a little of it, and then work.

        While people talk, nothing is ordered or in doubt, and nothing happens at the network, that
        is a little more: what the product would ask it about is due in a minute and a half. Once
        anything happens, little passes: what was ordered then may be due soon. Where the product
        is quick, none passes until the next time, and none is waited for. A process that was down
        works again the instant it is back.
        """
        self.work_if_woken()
        pass_time = self.twilio.pass_time_and_hold if self.is_quick else self.twilio.pass_time
        until = self._work_again_at()
        happened = len(self.twilio.wire.journal)
        while self.now() < until and len(self.twilio.wire.journal) == happened:
            pass_time(max(min(until - self.now(), STEP).total_seconds(), 0.01))
        self.work()

    def _work_again_at(self) -> datetime:
        play = self._look_at_play()
        ticks = 1 if play.is_under_way or not play.is_talk else TICKS_IN_TALK
        until = self.now() + ticks * TICK
        if self._is_down():
            return min(until, self._back_at)
        if play.has_call_orders:
            with reader() as session:
                due_at = call_orders.next_order_due_at(session, now=self.now())
            return min(until, due_at or until)
        return until

    def _is_at_rest(self) -> bool:
        if self._look_at or self.twilio.is_busy():
            return False
        with reader() as session:
            unrest = (*list_unrest(), UNREPORTED)
            return not any(session.exec(query.limit(1)).first() for query in unrest)

    def describe_unrest(self) -> str:
        with reader() as session:
            rows = [row for query in list_unrest() for row in session.exec(query)]
        return f"no rest: {rows}; {self.twilio.wire.journal[-6:]}"


def list_unrest() -> Iterator[Any]:
    """Yield queries of what is still to come."""
    yield select(CallAttempt).where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
    yield select(InboundCall).where(
        or_(col(InboundCall.state).in_(LIVE_INBOUND), col(InboundCall.ended_at).is_(None))
    )
    yield select(Outbox).where(
        col(Outbox.state).in_(UNSETTLED), col(Outbox.kind).in_(AWAITED_KINDS)
    )
    yield select(CallLeg).where(
        col(CallLeg.provider_call_id).is_not(None),
        col(CallLeg.status).in_(("", *LIVE_LEG)),
    )


def point_number_to(url: str) -> Number:
    """Return a number of ours as the product sets it at the network."""
    return Number(
        f"{url}{RINGING_PATH}{TWIML_OVERRIDES}",
        f"{url}{SORRY_PATH}",
        f"{url}{STATUS_PATH}{STATUS_OVERRIDES}",
        f"{url}{TEXTS_PATH}{TWIML_OVERRIDES}",
    )


def _take_step(steps: list[str], path: str) -> bool:
    """Whether a path ends in the first word of a list that it can end in, once for each."""
    found = next((step for step in steps if re.search(f"/{step}$", path)), None)
    if found is not None:
        steps.remove(found)
    return found is not None


def open_helpline(
    session: Session, *, advisors: int = 2, is_awaited: bool = True, at_desks: bool = False
) -> None:
    """Add advisors on duty, by phone or at desks, a supervisor, and somebody whom we know."""
    state = LeadState.OPEN if is_awaited else LeadState.CLOSED
    lead = people.a_lead(session, LEAD, name=NAME, state=state)
    people.a_source(session)
    if is_awaited:
        people.a_callback(session, lead, any_hour=True)
    add_advisor(session, 803, now=NOW, role=AdvisorRole.SUPERVISOR)
    for number in range(901, 901 + advisors):
        advisor = add_advisor(session, number - 100, now=NOW)
        if at_desks:
            presence.set_advisor_available(session, advisor, now=NOW)
        else:
            presence.put_on_duty(session, advisor, until=NOW + people.DAY, now=NOW)
        advisor.idle_since = NOW - timedelta(minutes=1000 - number)
        session.add(advisor)


@contextmanager
def simulated_desk(
    *, advisors: int = 2, is_awaited: bool = True, at_desks: bool = False, **settings: Any
) -> Iterator[SimulatedDesk]:
    """Serve the product and a simulator that know each other, on a database that is open."""
    terms = {
        "speed": 60.0,
        "calls_per_second": 100,
        "hang": 2 * PATIENCE,
        "reaction": 0.0,
        "is_hurried": False,
        **settings,
    }
    with running_simulator(Settings(begins_at=NOW, **terms), {CALLER_ID: Number()}) as twilio:
        held: list[SimulatedDesk] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await held[0](scope, receive, send)

        with serving(app) as url, twilio.time_passing():
            held.append(SimulatedDesk(twilio, url))
            held[0].has_desks = at_desks
            twilio.pass_time_and_hold(0)
            forget = subscribe_to_wakeups(held[0].wake)
            try:
                with transaction() as session:
                    open_helpline(
                        session, advisors=advisors, is_awaited=is_awaited, at_desks=at_desks
                    )
                yield held[0]
            finally:
                forget()
