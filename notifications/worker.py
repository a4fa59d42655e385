"""All background work of a process: what is woken at once, and what the clock brings."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from leads.alerting import scheduler_heartbeat
from leads.config.settings import Settings
from leads.database.transactions import transaction
from leads.database.wakeups import Wakeup, subscribe_to_wakeups
from leads.process_metrics import JOB_FAILURES
from notifications.call_relay import CallRelay
from notifications.clock_jobs import (
    desk_jobs,
    event_jobs,
    number_jobs,
    queue_jobs,
    recording_jobs,
    rehearsal_jobs,
)
from notifications.event_courier import EventCourier
from notifications.event_sender import EventSender
from notifications.queue_stages import queue_stages
from notifications.rehearsal_phone import RehearsalPhone
from notifications.text_relay import TextRelay
from notifications.wake_loop import WakeLoop

log = logging.getLogger(__name__)

LOST_AFTER = timedelta(seconds=30)  # a queue without a turn or a beat for so long is not worked on


class Worker:
    """Looks after the desk and, with a relay, works on the queue and rings people.

    The database holds all that is to be done: a restart forgets nothing.
    """

    def __init__(
        self,
        settings: Settings,
        relay: CallRelay | None,
        texts: TextRelay | None = None,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._relay, self._texts, self._now = relay, texts, now
        self._loop = WakeLoop(
            queue_stages(relay, texts, now=now) if relay else (),
            now=now,
            on_clock_set_back=self._run_jobs_now,
        )
        self._stop_listening: Callable[[], None] | None = None
        self._beat_at: datetime | None = None
        self._events: EventCourier | None = None
        self._jobs = desk_jobs(settings, now=now)
        if relay:
            self._jobs += number_jobs(settings, now=now)
            if isinstance(relay.phone, RehearsalPhone):
                self._jobs += rehearsal_jobs(relay.phone, now=now)
            self._jobs += recording_jobs(settings, now=now)
            self._events = EventCourier(
                EventSender(
                    public_url=settings.public_url, allowed=settings.allowed_private_networks
                ),
                now=now,
            )
            self._jobs += event_jobs(self._events)
            self._jobs += queue_jobs(
                relay,
                texts,
                record_heartbeat=self._record_heartbeat,
                plan=settings.retention,
                now=now,
            )
        self._clock = _build_clock(threads=len(self._jobs))

    def start(self) -> None:
        """Begin, with whatever the last process left undone."""
        if self._relay:
            self._stop_listening = subscribe_to_wakeups(
                self._loop.wake_stage, answers=(Wakeup.ADMIT, Wakeup.RELAY, Wakeup.TEXT)
            )  # of an offer, pages hear too
        for job in self._jobs:
            self._clock.add_job(
                job.work,
                "interval",
                id=job.name,
                seconds=job.every.total_seconds(),
                next_run_time=self._now() + job.delay,
            )
        self._clock.start()
        self._loop.start()

    def offer_no_more(self) -> None:
        """Ring nobody anew: soon nobody here answers what the network asks about a call.

        Calls that were ordered go on. A signal handler may call this: it waits for nothing.
        """
        self._loop.end_stage(Wakeup.OFFER)

    def stop(self) -> None:
        """End after what is being done; every call that was placed is settled."""
        if self._relay and self._stop_listening:
            self._stop_listening()
        self._loop.stop()
        if self._relay:
            self._relay.close()
        if self._texts:
            self._texts.close()
        if self._events:
            self._events.close()
        self._clock.shutdown(wait=True)

    def is_queue_worked_on(self) -> bool:
        """Whether the queue has had its turns lately, and the clock has recorded it."""
        return self._is_recent(self._beat_at)

    def _record_heartbeat(self) -> None:
        """Tell the other processes that people are rung here, unless the loop hangs."""
        if self._is_recent(self._loop.turned_at):
            with transaction() as session:
                scheduler_heartbeat.record_heartbeat(session, now=self._now())
            self._beat_at = self._now()

    def _run_jobs_now(self) -> None:
        """Run every job, whose next time is as far away as the clock was set back."""
        for job in self._clock.get_jobs():
            job.modify(next_run_time=self._now())

    def _is_recent(self, at: datetime | None) -> bool:
        return at is not None and self._now() - at < LOST_AFTER


def _build_clock(*, threads: int) -> BackgroundScheduler:
    """Return a scheduler with a thread for each of its jobs: none waits for another."""
    logging.getLogger("apscheduler").setLevel(
        logging.ERROR
    )  # it warns of every job that outlasts its interval
    clock = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(threads)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    clock.add_listener(_log_job_failure, EVENT_JOB_ERROR)
    return clock


def _log_job_failure(event: JobExecutionEvent) -> None:
    JOB_FAILURES.labels(event.job_id).inc()
    log.error("The job %s failed; it runs again in time.", event.job_id, exc_info=event.exception)
