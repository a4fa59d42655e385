"""The alert watch looks after the desk, in every process.

A scheduler that has fallen silent cannot say so itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from leads.alerting import escalation
from leads.config.settings import Settings
from leads.database.transactions import transaction
from leads.reporting import digest
from notifications import delivery_channels
from notifications.notice_delivery import NoticeCourier

log = logging.getLogger(__name__)

CHECK_EVERY = timedelta(seconds=5)
DELIVERY_DELAY = timedelta(seconds=1)


class AlertWatch:
    """Opens, closes and escalates alerts, orders digests, and sends the notices of both.

    Several processes do each of these once.
    """

    def __init__(self, settings: Settings, *, now: Callable[[], datetime]) -> None:
        self._channels, self._now = settings.channels, now
        self._ways = delivery_channels.configured_senders(settings)
        self._courier = NoticeCourier(self._ways, public_url=settings.public_url, now=now)
        logging.getLogger("apscheduler").setLevel(
            logging.ERROR
        )  # it warns of every sending that outlasts the interval
        self._jobs = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Start the checks and, apart from them, the sending, which may take long."""
        first, every = self._now(), CHECK_EVERY.total_seconds()
        self._jobs.add_job(
            self.check_alerts_and_digests, "interval", seconds=every, next_run_time=first
        )
        self._jobs.add_job(
            self._courier.deliver_due_notices,
            "interval",
            seconds=every,
            next_run_time=first + DELIVERY_DELAY,
        )
        self._jobs.add_listener(_log_watch_failure, EVENT_JOB_ERROR)
        self._jobs.start()

    def stop(self) -> None:
        """Stop once the check and the sending under way are done."""
        self._jobs.shutdown(wait=True)

    def check_alerts_and_digests(self) -> None:
        """Evaluate all alerts and order the digests that are due."""
        now = self._now()
        with transaction() as session:
            escalation.evaluate_alerts(session, ways=self._ways, now=now)
            if self._channels.smtp:
                digest.order_due_digests(session, channels=self._channels, now=now)


def _log_watch_failure(event: JobExecutionEvent) -> None:
    log.error("Looking after the desk failed; it is tried again.", exc_info=event.exception)
