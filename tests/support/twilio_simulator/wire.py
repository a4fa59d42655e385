"""The journal, and signed requests to the application with Twilio's rules of retrying."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

import httpx

from tests.support.twilio_simulator.clock import Clock, WallClock
from tests.support.twilio_simulator.scripts import Fate, Settings, deliver_faithfully

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Entry:
    """One line of the journal."""

    at: datetime
    kind: str  # rest, leg, webhook, document, conference, heard, lost, alert, bridge
    what: str
    detail: dict[str, Any]


def sign_request(url: str, params: Iterable[tuple[str, str]], token: str) -> str:
    """Return X-Twilio-Signature: HMAC-SHA1 over the URL and the sorted, unique parameters."""
    text = url + "".join(name + value for name, value in sorted(set(params)))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def make_sid(prefix: str) -> str:
    """Return a fresh identifier such as CA1f…"""
    return prefix + secrets.token_hex(16)


def format_rfc2822(moment: datetime | None) -> str | None:
    """Format a date the way Twilio's 2010 API does."""
    return format_datetime(moment) if moment else None


@dataclass(frozen=True)
class Overrides:
    """Twilio's connection overrides, from the fragment of a webhook's URL; times in seconds."""

    ct: float = 5.0
    rt: float = 15.0
    rc: int = 1
    rp: frozenset[str] = frozenset({"ct"})

    @classmethod
    def parse(cls, fragment: str) -> Overrides:
        values = dict(parse_qsl(fragment))
        policy = frozenset(values.get("rp", "ct").split(","))
        return cls(
            ct=int(values.get("ct", 5000)) / 1000,
            rt=int(values.get("rt", 15000)) / 1000,
            rc=int(values.get("rc", 1)),
            rp=frozenset({"4xx", "5xx", "ct", "rt"}) if "all" in policy else policy,
        )


class Wire:
    """The clock, the journal, the work in the background and the requests to the application."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        is_real = settings.is_on_wall_clock
        self.clock = WallClock() if is_real else Clock(settings.speed, settings.begins_at)
        self.journal: list[Entry] = []
        self.errors: list[BaseException] = []
        self.fate: Fate = deliver_faithfully
        self._client = httpx.AsyncClient(
            follow_redirects=True, trust_env=False, verify=settings.trusts
        )
        self._line = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self.interruptions: list[tuple[str, Callable[[], None]]] = []

    def take_interruption(self, address: str) -> Callable[[], None] | None:
        """Return, once, what a test does in the middle of a request to an address."""
        wanted = next((one for one in self.interruptions if one[0] in address), None)
        if wanted is None:
            return None
        self.interruptions.remove(wanted)
        return wanted[1]

    @property
    def is_busy(self) -> bool:
        """Whether anything goes on in the background."""
        return bool(self._tasks)

    async def settle(self, patience: float = 30.0) -> None:
        """Wait until every call has ended and every callback has been delivered."""
        until = time.monotonic() + patience
        while self._tasks:
            left = until - time.monotonic()
            assert left > 0, f"calls go on: {[entry.what for entry in self.journal[-5:]]}"
            await asyncio.wait(set(self._tasks), timeout=left)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.clock.stop()
        await self._client.aclose()

    def note(self, kind: str, what: str, **detail: Any) -> None:
        self.journal.append(Entry(self.clock.now(), kind, what, detail))

    def alert(self, code: str, why: str, sid: str = "") -> None:
        """Note what Twilio would show in its debugger."""
        self.note("alert", code, sid=sid, why=why)

    def spawn(self, work: Coroutine[Any, Any, Any], delay: float = 0.0) -> asyncio.Task[None]:
        """Run work in the background, after simulated seconds."""
        task = asyncio.create_task(self._run_later(delay, work))
        self._tasks.add(task)
        task.add_done_callback(partial(self._finish, work))
        return task

    async def _run_later(self, delay: float, work: Coroutine[Any, Any, Any]) -> None:
        if delay:
            await self.clock.sleep(delay)
        await work

    def _finish(self, work: Coroutine[Any, Any, Any], task: asyncio.Task[None]) -> None:
        work.close()  # it may have been cancelled before it began
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.errors.append(error)

    def report(
        self,
        event: str,
        url: str,
        params: Pairs,
        *,
        kind: str,
        method: str = "POST",
        delay: float = 0,
    ) -> None:
        """Send an asynchronous callback as often and as late as fate has it.

        Those that are not late arrive one after the other, so that a run is the same every time;
        Twilio promises no order.
        """
        fates = self.fate(event)
        if not fates:
            self.note("lost", f"{kind} {event}", url=url, params=dict(params))
        for late in fates:
            request = self.request_webhook if late else self._request_in_order
            self.spawn(request(url, method, params, kind), delay + late)

    async def _request_in_order(self, url: str, method: str, params: Pairs, kind: str) -> None:
        async with self._line:
            await self.request_webhook(url, method, params, kind)

    async def request_webhook(
        self, url: str, method: str, params: Pairs, kind: str
    ) -> httpx.Response | None:
        """Request a webhook, signed and retried as Twilio does; None when no answer came.

        Retries keep their idempotency token; a callback that fate repeats has a new one on purpose,
        so that telling repetitions by the token alone is caught.
        """
        url, fragment = urldefrag(url)
        overrides, token = Overrides.parse(fragment), secrets.token_hex(16)
        told = dict(params)
        if method == "GET":
            url, params = url + ("&" if "?" in url else "?") + urlencode(params), []
        response = None
        for attempt in range(overrides.rc + 1):
            with self.clock.stopped():
                failure, response = await self._attempt(url, method, params, overrides, token)
            status = response.status_code if response is not None else 0
            self.note(
                "webhook",
                f"{kind} {url}",
                attempt=attempt,
                status=status,
                failure=failure,
                params=told,
            )
            if failure not in overrides.rp:
                break
        return response

    async def _attempt(
        self, url: str, method: str, params: Pairs, overrides: Overrides, token: str
    ) -> tuple[str, httpx.Response | None]:
        signed = url
        if self.settings.ports == "without":
            parts = urlsplit(url)
            signed = parts._replace(netloc=parts.hostname or "").geturl()
        headers = {
            "X-Twilio-Signature": sign_request(signed, params, self.settings.auth_token),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        }
        body = urlencode(params) if method == "POST" else None
        cap = self.settings.webhook_cap
        limits = httpx.Timeout(min(overrides.rt, cap), connect=min(overrides.ct, cap))
        if not self.settings.is_hurried:
            limits = httpx.Timeout(None)
        if interrupt := self.take_interruption(url):
            self.spawn(asyncio.to_thread(interrupt))
        try:
            response = await self._client.request(
                method, url, content=body, headers=headers, timeout=limits
            )
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return "ct", None
        except httpx.HTTPError:
            return "rt", None
        return {4: "4xx", 5: "5xx"}.get(response.status_code // 100, ""), response
