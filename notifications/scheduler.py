"""When the background work runs: at once when something changed, and by the clock in case nobody said so."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from sqlmodel import Session

from leads import beat, cohort, db, due, intake, presence, queue, refusals, sessions
from leads.db import Bell
from leads.errors import LostRace
from notifications.relay import Relay

log = logging.getLogger(__name__)

TICK = timedelta(seconds=2)
PACKS_EVERY = timedelta(seconds=10)
PACKS = 5  # days in a turn: offers wait for it
TOGETHER = 25  # offers that share a transaction
LOST_AFTER = timedelta(seconds=30)  # a scheduler without a beat for so long is not running


class _Threads(BasePoolExecutor):  # type: ignore[misc]
    """Runs jobs in a pool that can be waited for."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        super().__init__(pool)


class Scheduler:
    """Runs the jobs in this process. The database holds all that is to be done: a restart forgets nothing."""

    def __init__(self, relay: Relay, *, now: Callable[[], datetime]) -> None:
        self._relay, self._now = relay, now
        self._rung = {bell: threading.Event() for bell in (Bell.ADMIT, Bell.OFFER, Bell.RELAY)}
        self._stopped = threading.Event()
        self._beat_at: datetime | None = None
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of every bell that rings twice
        # One thread for the queue: more of them wait for the interpreter, and people for them (docs/performance.md).
        self._pools = {name: ThreadPoolExecutor(1, thread_name_prefix=name) for name in ("queue", "network")}
        self._jobs = BackgroundScheduler(
            timezone="UTC",
            # Asking the network may take long.
            executors={name: _Threads(pool) for name, pool in self._pools.items()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin, with whatever the last process left undone."""
        by_bell = {Bell.ADMIT: self._admit, Bell.OFFER: self._offer, Bell.RELAY: self._drain}
        for name, job in (*by_bell.items(), ("clock", self._clock)):
            first, every = self._now(), TICK.total_seconds()
            self._jobs.add_job(job, "interval", id=name, executor="queue", next_run_time=first, seconds=every)
        self._jobs.add_job(
            self._pack, "interval", executor="queue", next_run_time=first, seconds=PACKS_EVERY.total_seconds()
        )
        self._jobs.add_job(self._relay.reconcile, "interval", executor="network", seconds=1)
        self._jobs.add_listener(self._job_done, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        self._stop_listening = db.listen(self.wake)
        self._jobs.start()

    def stop(self) -> None:
        """End after the jobs that are running."""
        self._stopped.set()
        self._stop_listening()
        self._jobs.shutdown(wait=False)  # waiting there holds a lock that a job's own bell may want
        for pool in self._pools.values():
            pool.shutdown(wait=True)
        self._relay.close()

    def is_alive(self) -> bool:
        """Whether the clock has ticked lately."""
        return self._beat_at is not None and self._now() - self._beat_at < LOST_AFTER

    def wake(self, bell: Bell) -> None:
        """Run the job that a bell is for, now; if it is running, once more after that. It need not be told twice."""
        if bell in self._rung and not self._rung[bell].is_set():
            self._rung[bell].set()
            self._run_at(bell, self._now())

    def _admit(self) -> None:
        self._rung[Bell.ADMIT].clear()
        if intake.admit_received(now=self._now) == intake.BATCH:
            self._rung[Bell.ADMIT].set()  # more of it, after the others' turn

    def _offer(self) -> None:
        self._rung[Bell.OFFER].clear()
        try:
            with db.transaction() as session:
                is_more = self._offer_some(session)
                due_at = due.next_due(session, now=self._now())
        except LostRace:
            is_more, due_at = True, None
        if is_more:
            self._rung[Bell.OFFER].set()
        self._run_by(Bell.OFFER, due_at)

    def _offer_some(self, session: Session) -> bool:
        """Offer several in one transaction; True if there may be more."""
        return len(queue.offer(session, TOGETHER, by_hand=self._relay.by_hand, now=self._now())) == TOGETHER

    def _drain(self) -> None:
        self._rung[Bell.RELAY].clear()
        self._run_by(Bell.RELAY, self._relay.drain())

    def _clock(self) -> None:
        with db.transaction() as session:
            presence.expire(session, now=self._now())
            queue.expire_leases(session, now=self._now())
            refusals.forget(session, now=self._now())
            sessions.forget(session, now=self._now())
            beat.keep(session, now=self._now())
        self._beat_at = self._now()

    def _pack(self) -> None:
        with db.reader() as session:
            days = cohort.unpacked_days(session, now=self._now())
        for day in days[:PACKS]:
            with db.transaction() as session:
                cohort.pack(session, day)

    def _job_done(self, event: JobExecutionEvent) -> None:
        rung = self._rung.get(event.job_id)
        if event.exception:
            log.error("A background job failed; it runs again at the next tick.", exc_info=event.exception)
            if rung:
                rung.clear()  # or nobody could wake it before
        elif rung and rung.is_set():
            self._run_at(Bell(event.job_id), self._now())

    def _run_by(self, bell: Bell, at: datetime | None) -> None:
        """Do not wait for the tick if something is due before it."""
        now = self._now()
        if at and now < at < now + TICK:
            self._run_at(bell, at)

    def _run_at(self, bell: Bell, at: datetime) -> None:
        if self._stopped.is_set():
            return
        try:
            self._jobs.modify_job(bell, next_run_time=at)
        except JobLookupError:
            log.debug("The scheduler is stopping; %s is done by the next process.", bell)
