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

from leads.alerting.escalation import KNOWN_KINDS
from leads.config.settings import Settings
from leads.database.transactions import is_database_reachable, reader
from leads.network_neighborhoods import is_loopback_address
from leads.read_models import system_status
from leads.reporting import waiting_now
from notifications.worker import Worker

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
        Route("/health/ready", partial(report_readiness, worker=worker)),
        Route("/metrics", partial(export_prometheus_metrics, access=access, now=now)),
    ]


async def report_liveness(_request: Request) -> Response:
    """Answer that the process is alive."""
    return JSONResponse({"live": True})


async def report_readiness(_request: Request, *, worker: Worker | None) -> Response:
    """Answer whether the database answers and, where there should be one, the scheduler ticks."""
    checks = {"database": await run_in_threadpool(is_database_reachable)}
    if worker:
        checks["scheduler"] = worker.is_queue_worked_on()
    return JSONResponse(checks, 200 if all(checks.values()) else 503)


async def export_prometheus_metrics(
    request: Request, *, access: MetricsAccess, now: Now
) -> Response:
    """Answer Prometheus with the counts of records by state; whoever may not read them, nothing."""
    if not access.lets_in(request):
        return JSONResponse({"error": "Not found."}, 404)
    registry = CollectorRegistry()
    registry.register(await run_in_threadpool(_QueueCollector, now()))
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


class _QueueCollector(Collector):
    """Collects the gauges of the queue at one instant."""

    def __init__(self, now: datetime) -> None:
        with reader() as session:
            self._counts = system_status.count_records_by_state(session)
            self._limbo = len(waiting_now.list_limbo_leads(session))
            oldest = waiting_now.longest_waiting_since(session)
            self._alerts = system_status.count_alerts(session, now=now)
        self._oldest = (now - oldest).total_seconds() if oldest else 0.0

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        records = GaugeMetricFamily(
            "ringback_records", "Records by table and state.", labels=["table", "state"]
        )
        for table, by_state in self._counts.items():
            for state, count in by_state.items():
                records.add_metric([table, state], count)
        yield records
        yield GaugeMetricFamily(
            "ringback_limbo", "Open leads not in any queue; always 0.", self._limbo
        )
        yield from self._collect_alerts()
        text = "Longest wait for a first call."
        yield GaugeMetricFamily("ringback_oldest_unrung_seconds", text, self._oldest)

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
