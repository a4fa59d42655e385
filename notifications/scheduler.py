"""The scheduler: when the background work runs.

It runs at once when something changed, and by the clock in case nobody said so.
"""

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

from leads.alerting import scheduler_heartbeat
from leads.callbacks import due_order, queue
from leads.database.transactions import reader, transaction
from leads.database.wakeups import Wakeup, subscribe_to_wakeups
from leads.errors import LostRace
from leads.intake import processing, rejected_signatures
from leads.outbox import call_orders
from leads.people import presence, sessions
from leads.reporting import cohort
from notifications.call_relay import CallRelay

log = logging.getLogger(__name__)

TICK = timedelta(seconds=2)
WORK_TURN = timedelta(
    milliseconds=250
)  # after it, who works on the queue looks ahead; the clock's own work has its chance
PACKS_EVERY = timedelta(seconds=10)
DAYS_PACKED_PER_RUN = 5  # days in a turn: offers wait for it
OFFERS_PER_TRANSACTION = 25  # offers that share a transaction
WORK = "work"
LOST_AFTER = timedelta(seconds=30)  # a scheduler without a beat for so long is not running


class _WaitablePoolExecutor(BasePoolExecutor):  # type: ignore[misc] # it has no types
    """Runs jobs in a thread pool that can be waited for."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        super().__init__(pool)


class Scheduler:
    """Runs this process's background jobs.

    The database holds all that is to be done: a restart forgets nothing.
    """

    def __init__(self, relay: CallRelay, *, now: Callable[[], datetime]) -> None:
        self._relay, self._now = relay, now
        self._stages = {
            Wakeup.ADMIT: self._admit_submissions,
            Wakeup.OFFER: self._offer_callbacks,
            Wakeup.RELAY: relay.settle_and_dispatch,
        }
        self._rung = {bell: threading.Event() for bell in self._stages}
        self._working, self._stopped = threading.Event(), threading.Event()
        self._all_at = now()
        self._begun = dict.fromkeys(self._stages, now())
        self._beat_at: datetime | None = None
        logging.getLogger("apscheduler").setLevel(
            logging.ERROR
        )  # it warns of work that is still going on
        # One thread for the queue: more of them wait for the interpreter, and people for them
        # (docs/performance.md).
        self._pools = {
            name: ThreadPoolExecutor(1, thread_name_prefix=name) for name in ("queue", "network")
        }
        self._jobs = BackgroundScheduler(
            timezone="UTC",
            # Asking the network may take long.
            executors={name: _WaitablePoolExecutor(pool) for name, pool in self._pools.items()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Start the jobs, first with whatever the last process left undone."""
        first, tick, packs = self._now(), TICK.total_seconds(), PACKS_EVERY.total_seconds()
        self._jobs.add_job(
            self._run_woken_stages,
            "interval",
            id=WORK,
            executor="queue",
            next_run_time=first,
            seconds=tick,
        )
        self._jobs.add_job(
            self._run_clock_jobs, "interval", executor="queue", next_run_time=first, seconds=tick
        )
        self._jobs.add_job(
            self._pack_finished_days,
            "interval",
            executor="queue",
            next_run_time=first,
            seconds=packs,
        )
        self._jobs.add_job(
            self._relay.reconcile_with_network, "interval", executor="network", seconds=1
        )
        self._jobs.add_listener(self._finish_background_job, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        self._stop_listening = subscribe_to_wakeups(
            self.wake_stage, answers=(Wakeup.ADMIT, Wakeup.RELAY)
        )  # of an offer, pages hear too
        self._jobs.start()

    def stop(self) -> None:
        """Stop once the jobs that are running are done."""
        self._stopped.set()
        self._stop_listening()
        self._jobs.shutdown(
            wait=False
        )  # waiting there holds a lock that a job's own wakeup may want
        for pool in self._pools.values():
            pool.shutdown(wait=True)
        self._relay.close()

    def is_alive(self) -> bool:
        """Whether the scheduler's clock has ticked in the last 30 seconds."""
        return self._beat_at is not None and self._now() - self._beat_at < LOST_AFTER

    def wake_stage(self, bell: Wakeup) -> None:
        """Run the stage of a wakeup now, or within the work on the queue that is under way.

        Idempotent until the stage begins.
        """
        if bell in self._rung and not self._rung[bell].is_set():
            self._rung[bell].set()
            if not self._working.is_set():
                self._schedule_work_at(self._now())

    def _run_woken_stages(self) -> None:
        """Do what wakeups have rung for, stage by stage in the order in which work flows.

        Ends when no wakeup is left or the turn is over.
        """
        self._working.set()
        until = self._now() + WORK_TURN
        try:
            self._wake_all_when_due()
            while self._has_pending_wakeup() and self._now() < until and not self._stopped.is_set():
                for bell, stage in self._stages.items():
                    if self._rung[bell].is_set():
                        self._rung[bell].clear()
                        self._begun[bell] = self._now()
                        stage()
                self._wake_all_when_due()
        finally:
            self._plan_next_wakeup()

    def _wake_all_when_due(self) -> None:
        """Wake every stage when something has become due.

        It does so once in a tick, too, however often single stages are woken.
        """
        if (now := self._now()) >= self._all_at:
            self._all_at = now + TICK
            for bell in self._rung.values():
                bell.set()

    def _plan_next_wakeup(self) -> None:
        """Find out when the next callback and the next order become due.

        Only those count that were not due when their stage began. It is asked after a turn and not
        by each stage, because people wait for what a turn does.
        """
        for bell, next_due in (
            (Wakeup.OFFER, due_order.next_callback_due_at),
            (Wakeup.RELAY, call_orders.next_order_due_at),
        ):
            with reader() as session:
                at = next_due(session, now=self._begun[bell])
            self._all_at = min(self._all_at, at or self._all_at)

    def _has_pending_wakeup(self) -> bool:
        return any(bell.is_set() for bell in self._rung.values())

    def _admit_submissions(self) -> None:
        if processing.process_received_submissions(now=self._now) == processing.BATCH:
            self._rung[Wakeup.ADMIT].set()  # more of it, after the others' turn

    def _offer_callbacks(self) -> None:
        try:
            with transaction() as session:
                is_more = self._offer_one_batch(session)
        except LostRace:
            is_more = True
        if is_more:
            self._rung[Wakeup.OFFER].set()

    def _offer_one_batch(self, session: Session) -> bool:
        """Offer several callbacks in one transaction; True if there may be more."""
        return (
            len(
                queue.offer_due_callbacks(
                    session, OFFERS_PER_TRANSACTION, by_hand=self._relay.by_hand, now=self._now()
                )
            )
            == OFFERS_PER_TRANSACTION
        )

    def _run_clock_jobs(self) -> None:
        with transaction() as session:
            presence.expire_stale_presence(session, now=self._now())
            queue.expire_leases(session, now=self._now())
            rejected_signatures.delete_expired_rejections(session, now=self._now())
            sessions.delete_expired_sign_ins(session, now=self._now())
            scheduler_heartbeat.record_heartbeat(session, now=self._now())
        self._beat_at = self._now()

    def _pack_finished_days(self) -> None:
        with reader() as session:
            days = cohort.days_to_snapshot(session, now=self._now())
        for day in days[:DAYS_PACKED_PER_RUN]:
            with transaction() as session:
                cohort.snapshot_cohort_day(session, day)

    def _finish_background_job(self, event: JobExecutionEvent) -> None:
        if event.exception:
            log.error(
                "A background job failed; it runs again at the next tick.", exc_info=event.exception
            )
        if event.job_id == WORK:
            self._working.clear()
            self._schedule_work_at(self._now() if self._has_pending_wakeup() else self._all_at)

    def _schedule_work_at(self, at: datetime) -> None:
        if self._stopped.is_set():
            return
        try:
            self._jobs.modify_job(WORK, next_run_time=at)
        except JobLookupError:
            log.debug("The scheduler is stopping; the next process does what is left.")
