"""What this process has done since it began, as Prometheus counts it. Anybody who does it counts.

Each process begins at 0: whoever asks several adds up. Names and labels stay as they are, because
dashboards and alert rules ask for them (`deploy/`). No label holds anything of a person.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from sqlalchemy.orm import Session

REGISTRY = CollectorRegistry()
for _collector in (ProcessCollector, PlatformCollector, GCCollector):
    _collector(registry=REGISTRY)

MINUTES = (1, 2, 5, 10, 30, 60, 240, 1440)

MOVES = Counter(
    "ringback_moves",
    "Records that an event moved into a state.",
    ["record", "event", "state"],
    registry=REGISTRY,
)
FIRST_CALL_WAIT = Histogram(
    "ringback_first_call_wait_seconds",
    "From a request to the first call, of those who were called.",
    buckets=[60.0 * minutes for minutes in MINUTES],
    registry=REGISTRY,
)
GATE_REFUSALS = Counter(
    "ringback_gate_refusals",
    "Decisions that somebody may not be contacted now, by the rules that refused.",
    ["channel", "rule"],
    registry=REGISTRY,
)
RESPONSES = Counter(
    "ringback_responses",
    "Answers at the doors that need no sign-in.",
    ["door", "status"],
    registry=REGISTRY,
)
QUEUE_LAG = Histogram(
    "ringback_queue_lag_seconds",
    "How late the queue turned to what had become due.",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2, 5, 30),
    registry=REGISTRY,
)
JOB_FAILURES = Counter(
    "ringback_job_failures", "Background work that failed.", ["job"], registry=REGISTRY
)


def count_at_commit(session: Session, count: Callable[[], None]) -> None:
    """Call `count` once what the session's transaction writes is committed, and never otherwise."""
    session.info.setdefault("counts", []).append(count)


def count_committed(session: Session) -> None:
    """Count what was committed. Called by whoever ends a transaction."""
    for count in session.info.pop("counts", ()):
        count()
