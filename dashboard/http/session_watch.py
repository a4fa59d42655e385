"""Session watch: open websockets hear that their session is over, here or in another process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from dashboard.http.sign_in_policy import Now
from leads.database.transactions import reader
from leads.people import sessions

SESSION_POLL_SECONDS = 0.5  # seconds, for sessions that were ended, here or by another process


class SessionWatch:
    """Knows which open websockets belong to a session that is over, in whatever process it ended.

    It asks with one query for all of them.
    """

    def __init__(self, now: Now) -> None:
        self._now = now
        self._open: dict[int, list[asyncio.Event]] = {}
        self._looking: asyncio.Task[None] | None = None

    @contextmanager
    def session_end_event(self, sign_in_id: int) -> Iterator[asyncio.Event]:
        """Yield an event that is set once a session is over."""
        ended = asyncio.Event()
        self._open.setdefault(sign_in_id, []).append(ended)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._poll_open_sessions())
        try:
            yield ended
        finally:
            self._open[sign_in_id].remove(ended)
            if not self._open[sign_in_id]:
                del self._open[sign_in_id]

    async def _poll_open_sessions(self) -> None:
        while self._open:
            await asyncio.sleep(SESSION_POLL_SECONDS)
            asked = set(self._open)
            for sign_in_id in asked - await run_in_threadpool(self._query_open_sessions, asked):
                for ended in self._open.get(sign_in_id, []):
                    ended.set()

    def _query_open_sessions(self, asked: set[int]) -> set[int]:
        try:
            with reader() as session:
                return sessions.filter_open_sessions(session, asked, now=self._now())
        except (
            SQLAlchemyError
        ):  # the database is away for a moment: nobody can say that a session is over
            return asked
