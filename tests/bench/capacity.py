"""How many desks one process holds while a change is on all of them within a second.

Ours, and one that polls.

`make bench` runs it. Both read one SQLite file, one after the other. The pages have no browsers
(`tests/support/tabs.py`): what drawing costs is not in these figures, and neither kind pays it.
Load and server share one machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import psutil

from leads.database.transactions import transaction
from leads.intake import processing
from leads.people import sessions
from tests.bench.form_to_call import database
from tests.support.people import a_submission
from tests.support.running_desk import add_advisor, eventually, free_port, running_desk
from tests.support.source_files import ROOT
from tests.support.tabs import LOADED_WITHIN, Tab

SESSIONS = (10, 20, 40, 80, 160, 320)
CHANGES, EVERY, PATIENCE = 4, 2.3, 10.0  # seconds; no multiple of the poll's two
FORMS_PER_SECOND = 20
LIMIT = 1000  # milliseconds
AT_ONCE = 2  # pages that load together
CALM_AFTER = 4.0  # seconds without a new page
_counted = itertools.count(1)


@dataclass(frozen=True)
class Server:
    """A process that serves desks, and takes forms meanwhile."""

    name: str
    url: str
    process_id: int
    webhook: str


@dataclass(frozen=True)
class Held:
    """What was measured while some sessions were held, in milliseconds."""

    sessions: int
    shown: list[float]
    runs: list[float]
    forms: list[float]
    seconds: float
    processor_seconds: float

    @property
    def is_too_slow(self) -> bool:
        """A page that polls shows a change late by its nature.

        It is held as long as each of its runs is in time.
        """
        return _at(self.runs, 95) > LIMIT


def main() -> None:
    """Print one line for each number of sessions, until a page waits over a second for its run."""
    columns = (
        "sessions",
        "shown p50",
        "shown p95",
        "run p95",
        "runs/s",
        "processor %",
        "webhook p99",
    )
    print(f"{'desk':<8}" + "".join(f"{column:>13}" for column in columns) + "   ms", flush=True)
    with (
        database("sqlite") as address,
        ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as sender,
        running_desk(address, ROLE="web") as desk,
        running_naive(address) as (naive_url, naive_id),
    ):
        webhook, secrets = (
            desk.opens(advisors=0, new_numbers_per_hour=1_000_000),
            _signed_in(max(SESSIONS)),
        )
        polling = Server("polling", naive_url, naive_id, naive_url + urlsplit(webhook).path)
        ours = Server("ours", desk.url, desk.process.pid, webhook)
        for server in (polling, ours):
            asyncio.run(_measure(server, secrets, sender))


@contextlib.contextmanager
def running_naive(address: str) -> Iterator[tuple[str, int]]:
    """Start the desk that polls, with Streamlit's own settings; gives its address and process."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": address,
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "tests.bench.naive_desk"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=folder, env=environment) as process,
    ):
        try:
            eventually(
                lambda: _answers(f"http://127.0.0.1:{port}/_stcore/health"),
                "the naive desk never answered",
            )
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(url, trust_env=False).is_success
    return False


def _signed_in(count: int) -> list[str]:
    now = datetime.now(UTC)
    with transaction() as session:
        advisors = [add_advisor(session, number, now=now) for number in range(1, count + 1)]
        return [sessions.start_session(session, advisor, now=now) for advisor in advisors]


async def _measure(server: Server, secrets: list[str], sender: ProcessPoolExecutor) -> None:
    """Open more and more desks, and change the queue under them."""
    tabs: list[Tab] = []
    change()  # so that a desk has somebody to show
    for count in SESSIONS:
        try:
            await _open(tabs, server, secrets[len(tabs) : count])
        except TimeoutError:
            print(
                f"{server.name:<8}{count:>13}   the page of session {len(tabs) + 1} did not load "
                f"in {LOADED_WITHIN} s"
            )
            break
        held = await _hold(tabs, server, sender)
        _print(server, held)
        if held.is_too_slow:
            break
    await asyncio.gather(*(tab.close() for tab in tabs))


async def _open(tabs: list[Tab], server: Server, secrets: list[str]) -> None:
    for begin in range(0, len(secrets), AT_ONCE):
        new = [Tab(server.url, f"ringback={secret}") for secret in secrets[begin : begin + AT_ONCE]]
        await asyncio.gather(*(tab.open() for tab in new))
        tabs += new


async def _hold(tabs: list[Tab], server: Server, sender: ProcessPoolExecutor) -> Held:
    process = psutil.Process(server.process_id)
    await asyncio.sleep(CALM_AFTER)
    began, used = time.perf_counter(), sum(process.cpu_times()[:2])
    forms = asyncio.get_running_loop().run_in_executor(
        sender, send_forms, server.webhook, CHANGES * EVERY
    )
    committed = {}
    for _ in range(CHANGES):
        number = await asyncio.to_thread(change)
        committed[number] = time.perf_counter()
        await asyncio.sleep(EVERY)
    answered = await forms
    seconds, used = time.perf_counter() - began, sum(process.cpu_times()[:2]) - used
    runs = [run * 1000 for tab in tabs for run in tab.runs_since(began)]
    if any(max(tab.shown) < number for tab in tabs):
        await asyncio.sleep(PATIENCE)
    shown = [(_shown(tab, number) - at) * 1000 for tab in tabs for number, at in committed.items()]
    return Held(len(tabs), shown, runs, answered, seconds, used)


def _shown(tab: Tab, number: int) -> float:
    """When the desk showed this change, or a later one with it.

    What never came counts as if it came now.
    """
    return min(
        (at for count, at in tab.shown.items() if count >= number), default=time.perf_counter()
    )


def change() -> int:
    """Let somebody ask for a call; returns how many wait then."""
    number, now = next(_counted), datetime.now(UTC)
    with transaction() as session:
        body = json.dumps(
            {"name": f"Person {number}", "phone": f"+1315556{number:04d}", "any_hour": True}
        ).encode()
        submission = a_submission(
            session, body=body, content_type="application/json", received_at=now
        )
        processing.process_submission(session, submission, now=now)
    return number


def send_forms(webhook: str, seconds: float) -> list[float]:
    """Send forms at a steady rate; returns how long each waited for its 200.

    Nobody admits them: no desk changes.
    """
    answers, began = [], time.perf_counter()
    with httpx.Client(timeout=30, trust_env=False) as client:
        for number in range(int(seconds * FORMS_PER_SECOND)):
            due = began + number / FORMS_PER_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            client.post(webhook, json={"phone": f"+1315557{number:04d}"}).raise_for_status()
            answers.append(
                (time.perf_counter() - due) * 1000
            )  # from when it was due: one that stalls delays the rest
    return answers


def _print(server: Server, held: Held) -> None:
    processor = 100 * held.processor_seconds / held.seconds
    shown, forms = [_at(held.shown, 50), _at(held.shown, 95)], _at(held.forms, 99)
    figures = [*shown, _at(held.runs, 95), len(held.runs) / held.seconds, processor, forms]
    print(
        f"{server.name:<8}{held.sessions:>13}" + "".join(f"{figure:>13.0f}" for figure in figures),
        flush=True,
    )


def _at(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    main()
