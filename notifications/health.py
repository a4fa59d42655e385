"""Health: whether the desk works, for whoever watches over it.

Counts only, nobody's data.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from leads import process_metrics
from leads.alerting import scheduler_heartbeat
from leads.alerting.escalation import KNOWN_KINDS
from leads.config.settings import Settings
from leads.database.transactions import is_database_reachable, reader
from leads.models.enums import OutboxKind
from leads.network_neighborhoods import is_loopback_address
from leads.read_models import queue_depth, system_status
from leads.reporting import waiting_now
from notifications.worker import LOST_AFTER, Worker

Now = Callable[[], datetime]
PROXY_HEADERS = frozenset({"forwarded", "via", "x-forwarded-for", "x-real-ip"})


@dataclass(frozen=True)
class MetricsAccess:
    """Who may read the metrics.

    `token`: whoever sends it; without one, whoever asks on this machine. `is_published`: the public
    reaches this server by an address of its own, so that a proxy may stand before it. Many of them
    (nginx as it comes) do not say for whom they ask: everybody would be on this machine.
    """

    token: str = field(default="", repr=False)
    is_published: bool = False

    def lets_in(self, request: Request) -> bool:
        """Whether the sender of a request may read the metrics."""
        if self.token:
            given = request.headers.get("authorization", "").encode()
            return hmac.compare_digest(given, f"Bearer {self.token}".encode())
        is_near = request.client is not None and is_loopback_address(request.client.host)
        return not self.is_published and is_near and PROXY_HEADERS.isdisjoint(request.headers)


def metrics_access(settings: Settings) -> MetricsAccess:
    """Return who may read the metrics by these settings."""
    host = urlsplit(settings.public_url).hostname or ""
    is_local = host == "localhost" or is_loopback_address(host)
    return MetricsAccess(settings.metrics_token, is_published=not is_local)


def health_routes(worker: Worker | None, access: MetricsAccess, *, now: Now) -> list[Route]:
    """Return the routes of health and metrics; `worker` is None in a process that rings nobody."""
    return [
        Route("/health/live", report_liveness),
        Route("/health/ready", partial(report_readiness, worker=worker, now=now)),
        Route("/metrics", partial(export_prometheus_metrics, access=access, now=now)),
    ]


async def report_liveness(_request: Request) -> Response:
    """Answer that the process is alive."""
    return JSONResponse({"live": True})


async def report_readiness(_request: Request, *, worker: Worker | None, now: Now) -> Response:
    """Answer whether the database answers and, where people are rung, whether all of that works.

    The scheduler ticks, and the relay has taken every call that is due.
    """
    checks = {"database": await run_in_threadpool(is_database_reachable)}
    if worker:
        checks["scheduler"] = worker.is_queue_worked_on()
        checks["relay"] = checks["database"] and await run_in_threadpool(_are_calls_taken, now())
    return JSONResponse(checks, 200 if all(checks.values()) else 503)


def _are_calls_taken(now: datetime) -> bool:
    with reader(one_query=True) as session:
        due_at = queue_depth.unsent_calls_due_at(session, now=now)
    return due_at is None or now - due_at < LOST_AFTER


async def export_prometheus_metrics(
    request: Request, *, access: MetricsAccess, now: Now
) -> Response:
    """Answer Prometheus with the queue of now and what this process did; others with nothing.

    The queue is read from the database: of several processes each says the same.
    """
    if not access.lets_in(request):
        return JSONResponse({"error": "Not found."}, 404)
    queue = CollectorRegistry()
    queue.register(await run_in_threadpool(_QueueCollector, now()))
    text = generate_latest(queue) + generate_latest(process_metrics.REGISTRY)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


class _QueueCollector(Collector):
    """Collects the gauges of the queue at one instant."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        with reader() as session:
            self._depth = queue_depth.read_queue_depth(session, now=now)
            self._heard_at = scheduler_heartbeat.last_heartbeat(session)
            self._limbo = len(waiting_now.list_limbo_leads(session))
            self._unrung_since = waiting_now.longest_waiting_since(session)
            self._alerts = system_status.count_alerts(session, now=now)

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        yield from self._collect_depth()
        yield GaugeMetricFamily(
            "ringback_limbo", "Open leads not in any queue; always 0.", self._limbo
        )
        yield from self._collect_alerts()
        yield self._age("oldest_unrung", "Longest wait for a first call.", self._unrung_since)
        yield self._age("scheduler_silence", "Since a scheduler gave a sign.", self._heard_at)

    def _collect_depth(self) -> Iterator[Metric]:
        """Yield how many are in each queue, none included, and the age of the oldest."""
        text = "Open callbacks: due, later, held, or in an advisor's hands."
        callbacks = GaugeMetricFamily("ringback_callbacks", text, labels=["state"])
        for state, count in self._depth.callbacks.items():
            callbacks.add_metric([state], count)
        text = "Submissions that are not dealt with."
        submissions = GaugeMetricFamily("ringback_submissions", text, labels=["state"])
        for state, count in self._depth.submissions.items():
            submissions.add_metric([state], count)
        text = "Orders to the outside that are not settled."
        orders = GaugeMetricFamily("ringback_orders", text, labels=["kind", "state"])
        for (kind, state), count in self._depth.orders.items():
            orders.add_metric([kind, state], count)
        yield from (callbacks, submissions, orders)
        text = "How long the oldest due callback waits for an advisor."
        yield self._age("oldest_due", text, self._depth.oldest_due_at)
        text = "How long the oldest order is due that nobody has taken."
        oldest = GaugeMetricFamily("ringback_oldest_order_seconds", text, labels=["kind"])
        for kind in OutboxKind:
            oldest.add_metric(
                [kind], self._seconds_since(self._depth.oldest_order_due_at.get(kind))
            )
        yield oldest

    def _age(self, name: str, text: str, since: datetime | None) -> Metric:
        """Return a gauge of the seconds since an instant; 0 where there is none."""
        return GaugeMetricFamily(f"ringback_{name}_seconds", text, self._seconds_since(since))

    def _seconds_since(self, at: datetime | None) -> float:
        return max((self._now - at).total_seconds(), 0.0) if at else 0.0

    def _collect_alerts(self) -> Iterator[Metric]:
        """Yield how much there is of each kind of alert, none included, and since when."""
        counts = GaugeMetricFamily(
            "ringback_alerts", "What a supervisor should look at now.", labels=["kind"]
        )
        text = "When the oldest of these began, in seconds since 1970."
        since = GaugeMetricFamily("ringback_alert_since_seconds", text, labels=["kind"])
        by_kind = {alert.kind: alert for alert in self._alerts}
        for kind in KNOWN_KINDS:
            alert = by_kind.get(kind)
            counts.add_metric([kind], alert.count if alert else 0)
            if alert:
                since.add_metric([kind], alert.since.timestamp())
        yield counts
        yield since
