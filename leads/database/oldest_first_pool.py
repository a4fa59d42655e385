"""A pool of connections that hands out, of those that are free, the one that was opened first.

A connection keeps what it has prepared and read: PostgreSQL plans a statement ten times on each
before it keeps the plan. Handed out in the order in which they came back, whatever several threads
needed at once shuffles them, and each thread meets connections that are cold for what it asks.
"""

from __future__ import annotations

from bisect import insort
from operator import attrgetter

from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.util.queue import Queue


class _OldestFirst(Queue[ConnectionPoolEntry]):
    def _put(self, item: ConnectionPoolEntry) -> None:
        insort(self.queue, item, key=attrgetter("starttime"))

    def _get(self) -> ConnectionPoolEntry:
        return self.queue.popleft()


class OldestFirstPool(QueuePool):
    """Hands out the connection that was opened first; otherwise as SQLAlchemy's own."""

    _queue_class = _OldestFirst
