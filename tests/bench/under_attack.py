"""How long `/health/live` waits while a stranger keeps the desk busy, one attack after the other.

`make bench` runs it. The attacks are those of the security review that stalled the process, from a
process of their own, and each request comes from another address. Everything else that a desk does
meanwhile, a live call among it, waits as long: it is one event loop.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import itertools
import json
import multiprocessing
import os
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import urlsplit

import httpx

from leads.database.transactions import transaction
from leads.helplines import brands_and_sources
from leads.intake.http_requests import LARGEST_BODY
from tests.bench.form_to_call import database
from tests.support.running_desk import Desk, running_desk
from tests.support.serving import PLAIN
from tests.support.twilio_double import running_double

LASTS, EVERY = 4.0, 0.02  # seconds: an attack, and from one look to the next
AT_ONCE = 8  # connections of the attacker
GOAL = 0.2  # seconds
MOST_POSTS = 200  # of one connection: a bomb is quickly thrown
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
LIMIT = "text me, no calls if he may hear it, email is safest after six "


@dataclass(frozen=True)
class Doors:
    """The addresses that a stranger can reach."""

    url: str
    form: str
    webhook: str
    signed_webhook: str


Attack = Callable[[Doors], None]


def main() -> None:
    """Print one line for each attack."""
    print(f"{'attack':<34}{'looks':>8}{'p50 ms':>10}{'p99 ms':>10}{'worst ms':>10}", flush=True)
    with (
        database("sqlite") as address,
        running_double() as twilio,
        running_desk(address, twilio) as desk,
    ):
        doors = open_doors(desk)
        for name in ("no attack", *ATTACKS):
            waits = sorted(measure(name, doors))
            figures = (waits[len(waits) // 2], waits[int(len(waits) * 0.99)], waits[-1])
            shown = "".join(f"{figure * 1000:>10.1f}" for figure in figures)
            print(f"{name:<34}{len(waits):>8}{shown}", flush=True)


def open_doors(desk: Desk) -> Doors:
    """Add a source whose doors are open and one with a secret; returns their addresses."""
    webhook = desk.opens(advisors=0, new_numbers_per_hour=1_000_000)
    with transaction() as session:
        signed = brands_and_sources.add_source(
            session,
            "Signed",
            brand_name="Harbor Line",
            signing_secrets=("one", "another"),
            now=datetime.now(UTC),
        )
        addresses = brands_and_sources.source_addresses(signed, public_url=desk.url)
    return Doors(desk.url, desk.form_url(), webhook, addresses.webhook_url)


def measure(name: str, doors: Doors, *, lasts: float = LASTS) -> list[float]:
    """Return how long each look at `/health/live` took during an attack, in seconds."""
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawning) as attacker:
        attacker.submit(time.monotonic).result()  # it has started
        attack = attacker.submit(run_attack, name, doors, lasts)
        waits = look_until(attack.done, doors.url)
        attack.result()
    return waits


def look_until(is_over: Callable[[], bool], url: str) -> list[float]:
    """Look at `/health/live` again and again; returns how long each look took, in seconds."""
    waits = []
    with httpx.Client(base_url=url, timeout=60, trust_env=False, verify=PLAIN) as watcher:
        while not (is_over() and waits):
            began = time.perf_counter()
            watcher.get("/health/live").raise_for_status()
            waits.append(time.perf_counter() - began)
            time.sleep(EVERY)
    return waits


def run_attack(name: str, doors: Doors, lasts: float) -> None:
    """Attack for some seconds, over several connections at once."""
    attack = ATTACKS.get(name)
    until = time.monotonic() + lasts
    if attack is None:
        time.sleep(lasts)
        return

    def go_on(_number: int) -> None:
        for _ in range(MOST_POSTS):
            if time.monotonic() > until:
                return
            with contextlib.suppress(httpx.TransportError, OSError):
                attack(doors)

    with ThreadPoolExecutor(AT_ONCE) as connections:
        list(connections.map(go_on, range(AT_ONCE)))


_number = itertools.count()


@functools.cache
def _strange_form() -> bytes:
    """Return a form that takes as long to read as any of its size may."""
    fields = {f"Safe to call you {'x' * (n % 7)} {n}?": LIMIT for n in range(95)}
    return json.dumps(fields).encode()


def _post(url: str, body: bytes, content_type: str, **headers: str) -> None:
    typed = {"Content-Type": content_type, **headers}
    door = httpx.HTTPTransport(verify=PLAIN, local_address=_next_address())
    with httpx.Client(transport=door, timeout=60, trust_env=False) as client:
        client.post(url, content=body, headers=typed)


def _next_address() -> str:
    """Return another address of this machine, so that no limit of one sender counts (Linux)."""
    number = next(_number)
    return f"127.{os.getpid() % 250 + 1}.{number // 250 % 250}.{number % 250 + 1}"


def post_percent_signs(doors: Doors, *, asked: str = "") -> None:
    """Send the largest body of percent signs to the hosted form."""
    _post(doors.form + asked, b"%" * LARGEST_BODY, FORM)


def post_strange_form(doors: Doors, *, asked: str = "") -> None:
    """Send a form that takes long to read to the hosted form."""
    _post(doors.form + asked, _strange_form(), JSON)


def post_strange_deliveries(doors: Doors) -> None:
    """Send a form that takes long to read to a webhook."""
    _post(doors.webhook, _strange_form(), JSON)


def post_large_deliveries(doors: Doors) -> None:
    """Send bodies of a mebibyte, none like another, to a webhook."""
    start = b'{"id": %d, "phone": "' % (next(_number) + time.time_ns())
    _post(doors.webhook, start + b"1 " * (LARGEST_BODY // 2 - 64) + b'"}', JSON)


def post_unproven_deliveries(doors: Doors) -> None:
    """Send bodies that are much larger than they look to a webhook that wants proof."""
    _post(doors.signed_webhook, _bomb(), JSON, **{"X-Hub-Signature-256": "sha256=0"})


@functools.cache
def _bomb() -> bytes:
    return gzip.compress(b'{"a": "' + b"[]," * (LARGEST_BODY // 3 - 16) + b'"}')


def post_long_addresses(doors: Doors) -> None:
    """Send a webhook an address that is as long as may be, and has to be read before the body."""
    _post(f"{doors.webhook}?{'%' * 8_000}", b"{}", JSON)


def post_unsigned_calls(doors: Doors) -> None:
    """Send what Twilio might, with a signature that is none."""
    body = b"a=1&" * (8 * 1024)
    _post(f"{doors.url}/hooks/voice/a/offer", body, FORM, **{"X-Twilio-Signature": "bm9uZQ=="})


def post_sign_ins(doors: Doors) -> None:
    """Sign in as somebody who is not here."""
    body = f"email=stranger{next(_number)}@example.org&password=correct+horse+battery".encode()
    _post(f"{doors.url}/login", body, FORM, Origin=doors.url)


def send_endless_headers(doors: Doors) -> None:
    """Send headers of 48 MiB."""
    with _line(doors) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
        for _ in range(48):
            line.sendall(b"x" * LARGEST_BODY)


def send_many_headers(doors: Doors) -> None:
    """Send 5,000 headers."""
    with _line(doors) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: x\r\n" * 5_000 + b"\r\n")
        line.recv(1)


def leave_half_open(doors: Doors) -> None:
    """Begin 40 requests and end none."""
    with contextlib.ExitStack() as lines:
        for _ in range(40):
            lines.enter_context(_line(doors)).sendall(b"POST /login HTTP/1.1\r\nHost: a\r\n")
        time.sleep(1)


def _line(doors: Doors) -> socket.socket:
    address = urlsplit(doors.url)
    return socket.create_connection((address.hostname, address.port), timeout=60)


ATTACKS: Mapping[str, Attack] = MappingProxyType(
    {
        "form: percent signs": post_percent_signs,
        "form, ?switch: percent signs": functools.partial(post_percent_signs, asked="?switch"),
        "form: slow to read": post_strange_form,
        "form, ?switch: slow to read": functools.partial(post_strange_form, asked="?switch"),
        "webhook: slow to read": post_strange_deliveries,
        "webhook: a mebibyte each": post_large_deliveries,
        "signed webhook: bombs": post_unproven_deliveries,
        "webhook: long addresses": post_long_addresses,
        "calls: no signature of Twilio's": post_unsigned_calls,
        "headers of 48 MiB": send_endless_headers,
        "5,000 headers": send_many_headers,
        "320 half-open requests": leave_half_open,
        "sign-ins of strangers": post_sign_ins,
    }
)

if __name__ == "__main__":
    main()
