"""The simulator as a test holds it, served over HTTP in a thread of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.serving import PLAIN, serving
from tests.support.twilio_simulator.exchange import Exchange
from tests.support.twilio_simulator.legs import Leg
from tests.support.twilio_simulator.performer import Performer
from tests.support.twilio_simulator.problems import list_problems
from tests.support.twilio_simulator.recordings import Recordings
from tests.support.twilio_simulator.rest import FrontDoor
from tests.support.twilio_simulator.rest_calls import CallsResource
from tests.support.twilio_simulator.rest_conferences import ConferencesResource
from tests.support.twilio_simulator.rest_stores import NumbersResource, RecordingsResource
from tests.support.twilio_simulator.rest_texts import TextsResource
from tests.support.twilio_simulator.rooms import Rooms
from tests.support.twilio_simulator.scripts import Fate, Number, Settings
from tests.support.twilio_simulator.texts import Texts
from tests.support.twilio_simulator.wire import Wire

ACCOUNT = "/2010-04-01/Accounts/{account}"
FOR_AGES = 1e9  # seconds
T = TypeVar("T")


class Simulator:
    """Twilio, as far as one helpline can tell. Its methods are for the test's own thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.wire = Wire(settings)
        self.exchange = Exchange(self.wire)
        self.rooms = Rooms(self.exchange)
        self.recordings = Recordings(self.wire)
        self.texts = Texts(self.exchange)
        self.performer = Performer(self.exchange, self.rooms, self.recordings)
        self.door = FrontDoor(self.wire)
        self.phones, self.numbers = self.exchange.phones, self.exchange.numbers
        self.legs, self.conferences = self.exchange.legs, self.rooms.conferences
        self.faults, self.update_faults = self.door.faults, self.door.update_faults
        self.read_faults = self.door.read_faults
        self.faults_to, self.update_faults_to = self.door.faults_to, self.door.update_faults_to
        self.url = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_held = False  # the clock, between two calls of pass_time_and_hold

    def app(self) -> Starlette:
        resources = (
            CallsResource(self.door, self.performer),
            ConferencesResource(self.door, self.performer),
            TextsResource(self.door, self.texts),
            RecordingsResource(self.door, self.recordings),
            NumbersResource(self.door, self.exchange),
        )
        routes = [
            Route(ACCOUNT + path, partial(self.door.answer, act), methods=[method])
            for resource in resources
            for path, method, act in resource.list_routes()
        ]
        return Starlette(routes=[Route("/", self._meet), *routes])

    async def _meet(self, _request: Request) -> Response:
        """Learn which event loop serves us: whatever a test does is done there."""
        self._loop = asyncio.get_running_loop()
        return Response(status_code=204)

    def settle_in(self, url: str) -> None:
        """Take an address as our own, also in the addresses of recordings and pictures."""
        self.url = self.recordings.base_url = self.texts.base_url = url
        httpx.get(url, trust_env=False, verify=PLAIN)

    def close(self) -> None:
        self._run(self.wire.close())

    # ---- what a test does

    def set_fate(self, fate: Fate) -> None:
        """Decide what becomes of every callback from now on."""
        self.wire.fate = fate

    def interrupt_at(self, address: str, act: Callable[[], None]) -> None:
        """Do something in the middle of the next request, from or to us, to an address."""
        self.wire.interruptions.append((address, act))

    def receive_call(self, from_: str, to: str) -> Leg:
        """Let somebody call one of our numbers."""
        return self._do(lambda: self.performer.receive_call(from_, to))

    def receive_text(
        self, from_: str, to: str, body: str, pictures: Sequence[tuple[str, bytes]] = ()
    ) -> str:
        """Let somebody text one of our numbers; returns the message's SID."""
        return self._do(lambda: self.texts.receive(from_, to, body, pictures))

    def hang_up(self, leg: Leg) -> None:
        """Let the person on a leg hang up now."""
        self._do(leg.hang_up)

    def pass_time(self, seconds: float) -> None:
        """Wait for simulated seconds."""
        self._run(self._go_on(seconds, is_paced=True))

    def pass_time_and_hold(self, seconds: float) -> None:
        """Wait for simulated seconds, after which none pass before the next call of this.

        Only where the application does all that it does in answer to a request, or meanwhile.
        """
        self._run(self._go_on(seconds, is_paced=False))

    async def _go_on(self, seconds: float, *, is_paced: bool) -> None:
        clock, self.wire.clock.is_paced = self.wire.clock, is_paced
        if self._is_held:
            clock.release()
        await clock.sleep(seconds)
        self._is_held = not is_paced
        if self._is_held:
            clock.hold()

    @contextmanager
    def time_stopped(self) -> Iterator[None]:
        """Keep simulated time still for several steps of a test; callbacks still arrive."""
        self._do(self.wire.clock.hold)
        try:
            yield
        finally:
            self._do(self.wire.clock.release)

    @contextmanager
    def time_passing(self) -> Iterator[None]:
        """Let simulated time pass also while nobody waits for it."""
        never = asyncio.run_coroutine_threadsafe(self.wire.clock.sleep(FOR_AGES), self._serving())
        try:
            yield
        finally:
            never.cancel()

    def is_busy(self) -> bool:
        """Whether a call is under way, or a callback."""
        return self.wire.is_busy

    def end_all(self) -> None:
        """Let everybody hang up who is still there."""
        for leg in list(self.legs.values()):
            if not leg.is_over and leg.status != "queued":
                self.hang_up(leg)

    def settle(self, patience: float = 30.0) -> None:
        """Wait until every call has ended and every callback has been delivered."""
        self._run(self.wire.settle(patience))

    def wait_until(self, happened: Callable[[], object], what: str, patience: float = 15.0) -> None:
        """Wait for something that the application does, in real seconds."""
        until = time.monotonic() + patience
        while not happened():
            assert time.monotonic() < until, f"{what} never happened"
            time.sleep(0.005)

    def legs_to(self, number: str) -> list[Leg]:
        """Return the calls to a number, in the order in which they were asked for."""
        return [leg for leg in list(self.legs.values()) if leg.to == number]

    def list_problems(self, secrets: Sequence[str] = ()) -> list[str]:
        """Return what an application must never let happen, if it happened."""
        return self._do(lambda: list_problems(self.exchange, self.rooms, secrets))

    def list_events(self, kind: str) -> list[str]:
        """Return what the journal has of a kind, in order."""
        return [entry.what for entry in list(self.wire.journal) if entry.kind == kind]

    def _do(self, act: Callable[[], T]) -> T:
        async def do() -> T:
            return act()

        return self._run(do())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._serving()).result(60)

    def _serving(self) -> asyncio.AbstractEventLoop:
        assert self._loop is not None, "not served yet"
        return self._loop


@contextmanager
def running_simulator(
    settings: Settings | None = None, numbers: Mapping[str, Number] | None = None
) -> Iterator[Simulator]:
    """Serve a simulator on loopback."""
    simulator = Simulator(settings or Settings())
    simulator.numbers.update(numbers or {})
    with serving(simulator.app()) as url:
        simulator.settle_in(url)
        try:
            yield simulator
        finally:
            simulator.close()
