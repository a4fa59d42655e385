"""An installation whose processes die again and again, while people send forms and are called."""

from __future__ import annotations

import itertools
import random
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any, Self

import httpx
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from leads.database.transactions import reader
from leads.models.calls import Callback
from leads.models.enums import CallbackState, SubmissionState
from leads.models.requests import Submission
from tests.support.kept_promises import Looked, look_at_promises
from tests.support.running_desk import Desk, running_desk
from tests.support.serving import PLAIN
from tests.support.simulated_desk import list_unrest
from tests.support.twilio_double import CALLER_ID
from tests.support.twilio_simulator import Number, Phone, Settings, Simulator, running_simulator

ADVISORS, SENDERS = 12, 4
REST_WITHIN = 150.0  # seconds without news: a sender is taken for dead after 30, more looks follow
AWAKE = 2.5  # seconds at most from a start to the next kill
WAITING = (CallbackState.CLAIMED, CallbackState.CALLING)


class People:
    """Whoever sends forms: each one, until it is answered, as form tools do."""

    def __init__(
        self, webhook: str, *, every: float = 2.0, senders: int = SENDERS, most: int | None = None
    ) -> None:
        self.given: list[str] = []  # the numbers whose form was answered with 200
        self._webhook, self._every = webhook, every
        self._is_over = threading.Event()
        self._next = iter(range(most) if most else itertools.count())
        self._threads = [
            threading.Thread(target=self._send_all, daemon=True) for _ in range(senders)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.finish()

    def finish(self) -> None:
        """Send no more."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _send_all(self) -> None:
        with httpx.Client(timeout=20, trust_env=False, verify=PLAIN) as client:
            for person in self._next:
                self.send_form(client, person)
                if self._is_over.wait(self._every):
                    return

    def send_form(self, client: httpx.Client, person: int) -> None:
        """Send somebody's form until it is answered."""
        number = number_of(person)
        form = {"name": f"Ann Number{person}", "phone": number, "any_hour": "yes"}
        while True:
            try:
                answer = client.post(self._webhook, json=form)
            except httpx.TransportError:
                if self._is_over.wait(0.1):
                    return  # it was never answered: nothing is promised
                continue
            if answer.status_code == 200:
                self.given.append(number)
                return
            assert answer.status_code == 503, answer.text
            if self._is_over.wait(0.1):
                return


def number_of(person: int) -> str:
    return f"+1212{2_000_000 + person}"


class Installation:
    """The processes of a desk, the network that they ring over, and who sends forms."""

    def __init__(
        self, desks: Sequence[Desk], twilio: Simulator, webhook: str, began_at: datetime
    ) -> None:
        self.began_at = began_at
        self.desks, self.twilio, self.webhook = desks, twilio, webhook
        self.kills = 0

    def kill(self, desk: Desk) -> None:
        """End a process with no word to it."""
        process, desk.process = desk.process, None
        assert process is not None
        assert process.is_alive(), desk.printed()[-2000:]
        process.kill()
        process.join()
        self.kills += 1

    def story_of(self, problem: str) -> list[str]:
        """Return what the network's journal has of the calls and attempts that a problem names."""
        named = re.findall(r"\b(?:CA)?[0-9a-f]{32}\b", problem)
        legs = [
            leg.sid
            for leg in list(self.twilio.legs.values())
            if any(word in f"{leg.options}" for word in named)
        ]
        return [
            f"{entry.at:%H:%M:%S.%f} {entry.kind} {entry.what} {entry.detail}"
            for entry in list(self.twilio.wire.journal)
            if any(word in f"{entry.what} {entry.detail}" for word in (*named, *legs))
        ]

    def kill_at_random(self, draw: random.Random, times: int) -> None:
        """Kill processes at any instant, also while they start, and start each again."""
        for _ in range(times):
            desk = draw.choice(self.desks)
            if draw.random() < 0.2:  # perhaps before it is ready
                time.sleep(draw.uniform(0, 0.5))
            else:
                desk.wait_until_ready(within=60)
                time.sleep(draw.uniform(0, AWAKE / len(self.desks)))
            self.kill(desk)
            desk.begin()

    def list_unrest(self) -> list[object]:
        """Return what is still under way, here or at the network, or is due."""
        if self.twilio.is_busy():
            legs = [leg for leg in list(self.twilio.legs.values()) if not leg.is_over]
            return ["the network", *(f"{leg.to} {leg.status} {leg.sid}" for leg in legs)]
        unread = select(Submission).where(Submission.state == SubmissionState.RECEIVED)
        held = select(Callback).where(col(Callback.state).in_(WAITING))
        due = select(Callback).where(
            Callback.state == CallbackState.WAITING,
            col(Callback.is_held).is_(False),
            col(Callback.due_at) <= datetime.now(UTC),
        )
        try:
            with reader() as session:
                return [
                    row
                    for query in (*list_unrest(), unread, held, due)
                    for row in session.exec(query.limit(3)).all()
                ]
        except DBAPIError as problem:
            return [problem]

    def _describe_unrest(self, unrest: str) -> str:
        tail = [f"{entry.kind} {entry.what}" for entry in self.twilio.wire.journal[-8:]]
        return f"no rest: {unrest}; {tail}; {[desk.printed()[-1500:] for desk in self.desks]}"

    def come_to_rest(self, people: People) -> Looked:
        """Wait until everything is over; returns what became of every promise."""
        for desk in self.desks:
            desk.wait_until_ready(within=60)
        before, until = "", time.monotonic()
        while found := self.list_unrest():
            unrest = str(found)
            if unrest != before:
                before, until = unrest, time.monotonic() + REST_WITHIN
            assert time.monotonic() < until, self._describe_unrest(unrest)
            time.sleep(0.2)
        looked = look_at_promises(people.given, self.twilio, now=datetime.now(UTC))
        looked.figures.update(kills=self.kills)
        return looked


@contextmanager
def installation(
    database: str,
    *,
    roles: Sequence[str] = ("all",),
    seed: int = 0,
    people: int = 2000,
    advisors: int = ADVISORS,
    **settings: Any,
) -> Iterator[Installation]:
    """Run a desk in so many processes over the simulator, with whom it calls.

    The first process serves forms and the network's webhooks.
    """
    began_at = datetime.now(UTC)
    terms = Settings(is_on_wall_clock=True, calls_per_second=100)
    with ExitStack() as stack:
        twilio = stack.enter_context(running_simulator(terms, {CALLER_ID: Number()}))
        draw = random.Random(seed)
        for person in range(people):
            twilio.phones[number_of(person)] = draw_lead(draw)
        for advisor in range(1, advisors + 1):
            twilio.phones[f"+1315557{100 + advisor:04d}"] = Phone(
                keys=("1", "1"), ring=0.3, talk=90
            )
        more = {"RING_SECONDS": "10", **settings}
        desks = []
        for role in roles:
            if desks:
                more["PUBLIC_URL"] = desks[0].url
            desk = running_desk(database, twilio, ROLE=role, **more)
            desks.append(stack.enter_context(desk))
        webhook = desks[0].opens(advisors=advisors, new_numbers_per_hour=1_000_000)
        yield Installation(desks, twilio, webhook, began_at)


def draw_lead(draw: random.Random) -> Phone:
    """Return how somebody who asked for a call behaves when it comes."""
    outcome = draw.choice(["answer"] * 7 + ["busy", "no-answer", "failed"])
    ring, talk = draw.uniform(0.2, 1.5), draw.uniform(2, 14)
    return Phone(outcome, ring=ring, talk=talk, is_lead=True)
