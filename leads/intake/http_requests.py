"""What the webhook and the hosted form share: source lookup, body limit, the arrival to store."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from leads.database.transactions import reader
from leads.intake.raw_inbox import Arrival
from leads.models.helplines import Brand, Source

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
PREFETCH_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")
SOURCE_TEST = "is_source_test"
"""What the set-up page writes on the state of an app of its own, through which it sends a test.

Nothing that is sent over a network can have it.
"""


@dataclass(frozen=True)
class SourceWithBrand:
    """A source and its brand, as the routes need them."""

    source: Source
    brand: Brand


class SourceCache:
    """The sources, remembered for a second, so that a submission does not wait for a query."""

    def __init__(self) -> None:
        self._known: dict[str, SourceWithBrand] = {}
        self._read_at = float("-inf")

    async def find_by_key(self, key: str) -> SourceWithBrand | None:
        """Return the source of a key: `token:` and a webhook token, or `slug:` and a form's name.

        None if there is none.
        """
        if time.monotonic() - self._read_at > 1 or key not in self._known:
            self._known, self._read_at = (
                await run_in_threadpool(_load_sources_by_key),
                time.monotonic(),
            )
        return self._known.get(key)


def respond_on_database_failure(
    endpoint: Callable[[Request], Awaitable[Response]], otherwise: Callable[[Request], Response]
) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that answers `otherwise` while the database is away.

    Nothing is stored then, and whoever sends has to hear that.
    """

    async def guarded_endpoint(request: Request) -> Response:
        try:
            return await endpoint(request)
        except SQLAlchemyError as error:
            # it names people
            log.error("A submission could not be stored: %s", type(error).__name__)  # noqa: TRY400
            return otherwise(request)

    return guarded_endpoint


def only_looks(request: Request) -> bool:
    """Whether a request brings nothing: its method says so, or a browser that looks ahead."""
    purpose = " ".join(request.headers.get(name, "") for name in PREFETCH_HEADERS)
    return request.method in ("HEAD", "OPTIONS") or "prefetch" in purpose.lower()


async def read_limited_body(request: Request, *, most: int = LARGEST_BODY) -> bytes | None:
    """Return a request's body; None if it has more than `most` bytes."""
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                return None
            chunks.append(chunk)
    except ClientDisconnect:
        return b""
    return b"".join(chunks)


def visitor_address(request: Request) -> str:
    """Return the network address from which a request came; empty where it has none."""
    return request.client.host[:45] if request.client else ""


def arrival_from_request(
    request: Request,
    door: SourceWithBrand,
    body: bytes,
    received_at: datetime,
    *,
    delivery: str | None = None,
    suspicion: str = "",
    change_key_sha256: str | None = None,
) -> Arrival:
    """Return a request to a source as an arrival for the inbox."""
    return Arrival(
        source_id=door.source.id,
        received_at=received_at,
        content_type=request.headers.get("content-type", "")[:200],
        body=body,
        query=request.scope["query_string"].decode("latin-1"),
        delivery_id=delivery[:200] if delivery else None,
        ip=visitor_address(request),
        user_agent=request.headers.get("user-agent", "")[:500],
        suspicion=suspicion,
        change_key_sha256=change_key_sha256,
        is_test=getattr(request.app.state, SOURCE_TEST, False),
    )


def _load_sources_by_key() -> dict[str, SourceWithBrand]:
    with reader(one_query=True) as session:
        rows = session.exec(
            select(Source, Brand).join(Brand, col(Brand.id) == col(Source.brand_id))
        ).all()
    doors = [SourceWithBrand(source, brand) for source, brand in rows]
    by_token = {f"token:{door.source.token}": door for door in doors}
    return by_token | {f"slug:{door.source.slug}": door for door in doors}
