"""Live updates: the route that tells every open page that what it shows has changed.

It tells nothing else.
"""

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

from leads.database.transactions import reader
from leads.database.wakeups import Wakeup, process_identity, subscribe_to_wakeups
from leads.read_models import page_changes
from leads.read_models.page_changes import PageSnapshot, Topic

log = logging.getLogger(__name__)

PATH = "/live"
PAGE_WAKEUPS = (Wakeup.OFFER, Wakeup.DESK)
BATCH_SECONDS = 0.2  # seconds: what changes within them is told at once
KEEPALIVE_SECONDS = 25.0  # seconds; a page that hears nothing for longer dials again
DATABASE_RETRY_SECONDS = 2.0  # seconds, before it is asked again
FOREIGN_ORIGIN = 4403

Now = Callable[[], datetime]


class _OpenPage:
    """One open page: who looks at it, which topics it follows, and what it was told last."""

    def __init__(self, advisor_id: int) -> None:
        self.advisor_id = advisor_id
        self.version = 0
        self.shown: dict[Topic, object] = {}
        self.since: dict[Topic, int] = {}  # the version at which it began to follow a topic
        self.changed: set[Topic] = set()
        self.woken = asyncio.Event()

    def take_differences(self, seen: PageSnapshot, *, heard: int) -> set[Topic]:
        """Return the topics that differ from their last look, which is this one from now on.

        Topics that the page has begun to follow at the version `heard`, when this look was begun,
        are left out.
        """
        new = seen.fingerprint_by_topic(self.advisor_id)
        changed = {
            topic
            for topic in self.shown
            if self.since[topic] != heard and new[topic] != self.shown[topic]
        }
        self.shown |= {topic: new[topic] for topic in self.shown if self.since[topic] != heard}
        return changed

    def mark_topics_changed(self, topics: set[Topic], *, version: int) -> None:
        """Wake the page for these topics, as of a version."""
        self.version = version
        self.changed |= topics
        if topics:
            self.woken.set()


class _ChangeBroadcaster:
    """Counts the changes that this process heard of and saw, and tells the pages they concern."""

    def __init__(self) -> None:
        self.version = 0
        self.pages: set[_OpenPage] = set()
        self.last: tuple[int, PageSnapshot] | None = None  # and the version it was taken at
        self.rung = asyncio.Event()

    @contextlib.asynccontextmanager
    async def run_broadcast(self, *, now: Now) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()

        def schedule_change(wakeup: Wakeup) -> None:
            if wakeup in PAGE_WAKEUPS:
                loop.call_soon_threadsafe(self.record_change)

        stop_listening = subscribe_to_wakeups(schedule_change)
        telling = asyncio.create_task(self._notify_pages_forever(now))
        try:
            yield
        finally:
            stop_listening()
            telling.cancel()

    def record_change(self) -> None:
        self.version += 1
        self.rung.set()

    async def _notify_pages_forever(self, now: Now) -> None:
        """Take a snapshot for all pages after every change, and whenever a callback becomes due."""
        loop, due = asyncio.get_running_loop(), None
        while True:
            await self.rung.wait()
            self.rung.clear()
            if self.pages and (self.last is None or self.last[0] != self.version):
                heard, seen = self.version, await _load_fingerprints_with_retry(now)
                is_latest = self.version == heard
                self._wake_pages(seen, heard=heard)
                self.last = (self.version if is_latest else heard, seen)
                if due:
                    due.cancel()
                if seen.next_due:
                    due = loop.call_later(
                        max(0.0, (seen.next_due - now()).total_seconds()), self.record_change
                    )
            await asyncio.sleep(BATCH_SECONDS)

    def _wake_pages(self, seen: PageSnapshot, *, heard: int) -> None:
        """Wake the pages that differ, as of a version that no page can have read before this look.

        The look may have seen more than was heard of when it was begun.
        """
        changed = {page: page.take_differences(seen, heard=heard) for page in self.pages}
        if any(changed.values()):
            self.version += 1
        for page, topics in changed.items():
            page.mark_topics_changed(topics, version=self.version)

    def follow_topic(self, page: _OpenPage, topic: Topic, seen: str) -> None:
        """Tell a page of a topic's changes from now on.

        The page is woken at once if something changed since it read what it shows.
        """
        is_current = (
            seen == _version_token(self.version)
            and self.last is not None
            and self.last[0] == self.version
        )
        page.since[topic] = self.version
        page.shown[topic] = (
            self.last[1].fingerprint_by_topic(page.advisor_id)[topic]
            if self.last and is_current
            else None
        )
        if seen != _version_token(self.version):
            page.mark_topics_changed({topic}, version=self.version)
        self.rung.set()  # no change, but somebody to tell when the next one is due


_broadcaster = _ChangeBroadcaster()


def run_live_updates(*, now: Now) -> contextlib.AbstractAsyncContextManager[None]:
    """Tell pages of changes for the life of the process."""
    return _broadcaster.run_broadcast(now=now)


def change_version() -> str:
    """Return the version of what this process has heard of.

    A page reads it before it reads what it shows.
    """
    return _version_token(_broadcaster.version)


def live_update_routes() -> list[WebSocketRoute]:
    """Return the route of live updates; the guard lets only people with a session reach it."""
    return [WebSocketRoute(PATH, serve_live_socket)]


async def serve_live_socket(socket: WebSocket) -> None:
    """Tell one page of changes until it leaves.

    The page says what it shows: `{"topic", "seen"}`, once for each part.
    """
    if urlsplit(socket.headers.get("origin", "")).netloc != socket.headers.get("host"):
        await socket.close(FOREIGN_ORIGIN)  # before it was accepted: HTTP 403
        return
    await socket.accept()
    page = _OpenPage(int(socket.headers["x-ringback-id"]))
    _broadcaster.pages.add(page)
    leaving = asyncio.create_task(_receive_followed_topics(socket, page))
    try:
        while not leaving.done():
            await _wait_until_woken(leaving, page.woken)
            if not leaving.done():
                await _send_changed_topics(socket, page)
    except (WebSocketDisconnect, RuntimeError):
        log.debug(
            "A page left while it was told something."
        )  # or the guard closed it in that moment
    finally:
        _broadcaster.pages.discard(page)
        leaving.cancel()


async def _wait_until_woken(leaving: asyncio.Task[None], woken: asyncio.Event) -> None:
    """Return when the page left, has a change to hear of, or needs a sign of life on the line."""
    waking = asyncio.create_task(woken.wait())
    await asyncio.wait(
        {leaving, waking}, timeout=KEEPALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED
    )
    waking.cancel()


async def _send_changed_topics(socket: WebSocket, page: _OpenPage) -> None:
    page.woken.clear()
    changed, page.changed = page.changed, set()
    await socket.send_text(
        json.dumps({"version": _version_token(page.version), "changed": sorted(changed)})
    )


def _version_token(count: int) -> str:
    return f"{process_identity()}:{count}"


async def _receive_followed_topics(socket: WebSocket, page: _OpenPage) -> None:
    """Receive the topics that a page shows until the page leaves.

    What makes no sense ends the line: no browser of ours says it.
    """
    with contextlib.suppress(WebSocketDisconnect, KeyError, TypeError, ValueError):
        while True:
            message = json.loads(await socket.receive_text())
            _broadcaster.follow_topic(page, Topic(message["topic"]), str(message["seen"]))


async def _load_fingerprints_with_retry(now: Now) -> PageSnapshot:
    while True:
        with contextlib.suppress(SQLAlchemyError):
            return await run_in_threadpool(_load_page_fingerprints, now)
        log.warning("The database is away; open pages are told later.")
        await asyncio.sleep(DATABASE_RETRY_SECONDS)


def _load_page_fingerprints(now: Now) -> PageSnapshot:
    with reader() as session:
        return page_changes.read_page_snapshot(session, now=now())
