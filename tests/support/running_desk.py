"""The desk as its users have it: a process of its own, reached over HTTP and the command line."""

from __future__ import annotations

import functools
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlmodel import Session, col, select

from leads.database.transactions import reader, transaction
from leads.helplines import brands_and_sources
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole
from leads.models.helplines import Brand, Source
from leads.people import accounts, presence
from tests.support import warm
from tests.support.serving import PATIENCE, PLAIN
from tests.support.twilio_double import CALLER_ID, SID, TOKEN, TwilioDouble

if TYPE_CHECKING:  # it takes Twilio's whole SDK to be imported
    from tests.support.twilio_simulator import Simulator

T = TypeVar("T")

ADVISOR_PHONE = "+13155570101"
PASSWORD = "correct horse battery"


class Desk:
    """A running installation."""

    def __init__(self, url: str, environment: dict[str, str], output: Path) -> None:
        self.url, self.environment, self.output = url, environment, output
        kept = httpx.Limits(
            keepalive_expiry=2
        )  # the server hangs up after 5 s: no request may meet that
        self.http = httpx.Client(
            base_url=url, timeout=PATIENCE, trust_env=False, verify=PLAIN, limits=kept
        )
        self.process: BaseProcess | None = None

    def start(self) -> None:
        self.begin()
        self.wait_until_ready()

    def begin(self) -> None:
        """Start the process, and wait for nothing."""
        self.process = warm.start(self.environment, self.output)

    def wait_until_ready(self, *, within: float = PATIENCE) -> None:
        eventually(self._is_ready, "the desk never became ready", within=within)

    def _is_ready(self) -> bool:
        if self.process is not None and not self.process.is_alive():
            raise AssertionError(self.printed())
        try:
            return self.http.get("/health/ready").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self, *, kill: bool = False) -> str:
        """End the process, politely or not; returns what it printed."""
        if self.process is None:
            return ""
        (self.process.kill if kill else self.process.terminate)()
        self.process.join(timeout=30)
        self.process = None
        return self.printed()

    def printed(self) -> str:
        """Everything the process has printed since it started."""
        return self.output.read_text()

    def command(self, *words: str, stdin: str = "") -> dict[str, Any]:
        """Run an operator's command and return the one JSON object it prints."""
        done = self.run(*words, "--json", stdin=stdin)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return warm.run(self.environment, *words, stdin=stdin)

    def form_url(self) -> str:
        """Where the hosted form of the first source is."""
        with reader() as session:
            slug = session.exec(select(Source.slug).order_by(col(Source.id))).first()
        return f"{self.url}/form/{slug}"

    def opens(self, *, advisors: int = 1, new_numbers_per_hour: int | None = None) -> str:
        """A helpline with a source and advisors on duty; returns the source's webhook address."""
        now = datetime.now(UTC)
        with transaction() as session:
            brands_and_sources.add_brand(session, "Harbor Line", caller_id=CALLER_ID, now=now)
            source = brands_and_sources.add_source(
                session, "Site", brand_name="Harbor Line", now=now
            )
            if new_numbers_per_hour:
                brand = session.get_one(Brand, source.brand_id)
                brand.new_numbers_per_hour = source.new_numbers_per_hour = new_numbers_per_hour
            for number in range(1, advisors + 1):
                advisor = add_advisor(session, number, now=now)
                presence.put_on_duty(session, advisor, until=now + timedelta(hours=2), now=now)
            return brands_and_sources.source_addresses(source, public_url=self.url).webhook_url


def add_advisor(
    session: Session,
    number: int,
    *,
    now: datetime,
    role: AdvisorRole = AdvisorRole.ADVISOR,
    password: str = "",
) -> Advisor:
    """Advisor 1 is reached at ADVISOR_PHONE, the others at the numbers after it."""
    advisor = accounts.add_advisor(
        session,
        name=f"Advisor {number}",
        email=f"advisor{number}@example.org",
        phone_number=f"+1315557{100 + number:04d}",
        role=role,
        now=now,
    )
    if password:
        advisor.password_hash = _hash_password(password)
        session.flush()
    return advisor


@functools.cache
def _hash_password(password: str) -> str:
    """It takes a fifth of a second on purpose: once for all who have the same."""
    return PasswordHasher().hash(password)


def eventually(
    true: Callable[[], T], otherwise: str = "it never came true", *, within: float = PATIENCE
) -> T:
    """Return the first truthy answer; the product has no event to wait for at this edge."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if found := true():
            return found
        time.sleep(0.02)
    raise AssertionError(otherwise)


@contextmanager
def running_desk(
    database: str, twilio: TwilioDouble | Simulator | None = None, **settings: str
) -> Iterator[Desk]:
    port = usual_port()
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database,
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PYTHONWARNINGS": "default",
        **settings,
    }
    if twilio:
        environment |= {
            "TWILIO_ACCOUNT_SID": SID,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_URL": twilio.url,
        }
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(f"http://127.0.0.1:{port}", environment, Path(folder) / "output.txt")
        try:
            desk.start()
            yield desk
        finally:
            desk.stop()
            desk.http.close()


def usual_port() -> int:
    """Return the port of this process's desks, if it is free.

    A browser knows the pages that it loaded there.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", _first_port()))
        except OSError:
            return free_port()
    return _first_port()


@functools.cache
def _first_port() -> int:
    return free_port()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def rename_table(name: str, anew: str) -> None:
    with transaction() as session:
        session.exec(text(f"ALTER TABLE {name} RENAME TO {anew}"))
