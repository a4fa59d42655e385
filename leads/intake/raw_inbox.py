"""The raw inbox: store what arrived, verbatim and committed, before anything can go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leads.database.bulk_rows import insert_absent_rows
from leads.database.transactions import transaction
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.intake.address_answers import arrival_hash
from leads.models.enums import SubmissionState
from leads.models.requests import Submission

COMMIT_INTERVAL = 0.01  # seconds from one commit to the next, at least


@dataclass(frozen=True)
class Arrival:
    """One form post as it came in."""

    source_id: int
    received_at: datetime
    content_type: str
    body: bytes
    query: str = ""  # what came in the address
    is_query_read: bool = False  # whether the proof covers it, so that it counts
    delivery_id: str | None = None
    ip: str = ""
    user_agent: str = ""
    suspicion: str = ""
    is_test: bool = False  # sent from the set-up page: nobody is rung for it
    change_key_sha256: str | None = None  # of the link with which its sender may change it
    refused: str = ""  # why its proof of origin was not accepted


class Inbox:
    """Stores arrivals; those that come while a commit is under way share the next one.

    There is one for each event loop. After a commit the next one waits a moment for company: a
    commit that many share takes less time from the calls.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def receive(self, arrival: Arrival) -> None:
        """Return when the arrival is committed. Idempotent on (source, delivery id, body)."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, stored))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._commit_waiting())
        await stored

    async def _commit_waiting(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._commit_batch(batch)
                await asyncio.sleep(COMMIT_INTERVAL)
        finally:
            self._flushing = None

    async def _commit_batch(self, batch: list[tuple[Arrival, asyncio.Future[None]]]) -> None:
        """Store a batch; one arrival that cannot be stored does not take the others with it."""
        try:
            await asyncio.to_thread(store_arrivals, [arrival for arrival, _ in batch])
        # whatever it is, whoever waits for the commit must hear of it
        except Exception as error:  # noqa: BLE001
            if len(batch) > 1:
                for entry in batch:
                    await self._commit_batch([entry])
                return
            problem: Exception | None = error
        else:
            problem = None
        for _, stored in batch:
            if not stored.done():
                stored.set_exception(problem) if problem else stored.set_result(None)


def store_arrivals(arrivals: Sequence[Arrival]) -> None:
    """Commit raw submissions, all or none, and wake admission."""
    with transaction(one_statement=len(arrivals) == 1) as session:
        insert_absent_rows(session, Submission, [_arrival_row(arrival) for arrival in arrivals])
        wake_after_commit(session, Wakeup.ADMIT)
        if any(arrival.refused for arrival in arrivals):
            wake_after_commit(session, Wakeup.DESK)  # supervisors hear of it at once


def _arrival_row(arrival: Arrival) -> dict[str, Any]:
    values = dict(vars(arrival))
    refused = values.pop("refused")
    return {
        **values,
        "body_sha256": arrival_hash(arrival.body, arrival.query),
        "state": SubmissionState.REFUSED if refused else SubmissionState.RECEIVED,
        "reading": {},
        "reason": refused,
    }
