"""The push route: tells every open page that what it shows has changed, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from leads import db, glance
from leads.db import Bell
from leads.glance import Glance, Topic

log = logging.getLogger(__name__)

PATH = "/live"
CHANGES = (Bell.OFFER, Bell.DESK)
TOGETHER = 0.2  # seconds: what changes within them is told at once
BEAT_EVERY = 25.0  # seconds; a page that hears nothing for longer dials again
DATABASE_AWAY = 2.0  # seconds, before it is asked again
FOREIGN_ORIGIN = 4403

Now = Callable[[], datetime]


class _Page:
    """One open page: who looks at it, and what it was told last."""

    def __init__(self, advisor_id: int, *, version: int) -> None:
        self.advisor_id, self.version = advisor_id, version
        self.shown: dict[Topic, object] = {}
        self.changed: set[Topic] = set()
        self.woken = asyncio.Event()

    def look(self, seen: Glance, *, version: int) -> None:
        """Wake up for what is different from the last look; the first look finds everything different."""
        if version == self.version:
            return
        now_shown = seen.of(self.advisor_id)
        self.tell(*(topic for topic in Topic if now_shown[topic] != self.shown.get(topic)), version=version)
        self.shown = now_shown

    def tell(self, *topics: Topic, version: int) -> None:
        self.version = version
        self.changed.update(topics)
        if topics:
            self.woken.set()


class _Exchange:
    """Counts the changes that this process heard of, and tells the open pages whom they concern."""

    def __init__(self) -> None:
        self.version = 0
        self.pages: set[_Page] = set()
        self.rung = asyncio.Event()

    @contextlib.asynccontextmanager
    async def running(self, *, now: Now) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()

        def hear(bell: Bell) -> None:
            if bell in CHANGES:
                loop.call_soon_threadsafe(self.change)

        stop_listening = db.listen(hear)
        telling = asyncio.create_task(self._tell(now))
        try:
            yield
        finally:
            stop_listening()
            telling.cancel()

    def change(self) -> None:
        self.version += 1
        self.rung.set()

    async def _tell(self, now: Now) -> None:
        """Look once for all pages, after every change and whenever somebody becomes due."""
        loop, due = asyncio.get_running_loop(), None
        while True:
            await self.rung.wait()
            self.rung.clear()
            if due:
                due.cancel()
            if self.pages:
                version, seen = self.version, await _look(now)
                for page in self.pages:
                    page.look(seen, version=version)
                if seen.next_due:
                    due = loop.call_later(max(0.0, (seen.next_due - now()).total_seconds()), self.change)
            await asyncio.sleep(TOGETHER)


_exchange = _Exchange()


def running(*, now: Now) -> contextlib.AbstractAsyncContextManager[None]:
    """Tell pages of changes for as long as this lasts: the life of the process."""
    return _exchange.running(now=now)


def version() -> str:
    """Return how far this process has heard; a page reads it before it reads what it shows."""
    return _named(_exchange.version)


def routes() -> list[WebSocketRoute]:
    """Return the push route. The guard has seen to it that somebody is signed in."""
    return [WebSocketRoute(PATH, serve)]


async def serve(socket: WebSocket) -> None:
    """Tell one page of changes until it leaves. `seen` is the version that it shows already."""
    if urlsplit(socket.headers.get("origin", "")).netloc != socket.headers.get("host"):
        await socket.close(FOREIGN_ORIGIN)  # before it was accepted: HTTP 403
        return
    await socket.accept()
    page = _Page(int(socket.headers["x-ringback-id"]), version=_exchange.version)
    if socket.query_params.get("seen") != version():
        page.tell(*Topic, version=page.version)
    _exchange.pages.add(page)
    _exchange.rung.set()  # no change, but somebody to tell when the next one is due
    leaving = asyncio.create_task(_leaves(socket))
    try:
        while not leaving.done():
            await _wait(leaving, page.woken)
            if not leaving.done():
                await _send(socket, page)
    except (WebSocketDisconnect, RuntimeError):
        log.debug("A page left while it was told something.")  # or the guard closed it in that moment
    finally:
        _exchange.pages.discard(page)
        leaving.cancel()


async def _wait(leaving: asyncio.Task[None], woken: asyncio.Event) -> None:
    """Return when the page left, has something to hear, or must learn that the line still stands."""
    waking = asyncio.create_task(woken.wait())
    await asyncio.wait({leaving, waking}, timeout=BEAT_EVERY, return_when=asyncio.FIRST_COMPLETED)
    waking.cancel()


async def _send(socket: WebSocket, page: _Page) -> None:
    page.woken.clear()
    changed, page.changed = page.changed, set()
    await socket.send_text(json.dumps({"version": _named(page.version), "changed": sorted(changed)}))


def _named(count: int) -> str:
    return f"{db.ORIGIN}:{count}"


async def _leaves(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _look(now: Now) -> Glance:
    while True:
        with contextlib.suppress(SQLAlchemyError):
            return await run_in_threadpool(_read, now)
        log.warning("The database is away; open pages are told later.")
        await asyncio.sleep(DATABASE_AWAY)


def _read(now: Now) -> Glance:
    with db.reader() as session:
        return glance.read(session, now=now())
