"""The webhook of each source, for form tools; the hosted form's route stands beside it."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from leads.config.settings import Settings
from leads.database.field_encryption import Vault
from leads.database.transactions import reader
from leads.errors import BadSignature
from leads.forms import handshakes
from leads.forms.signatures import InboundDelivery, ProvenPart, delivery_id, verify_delivery
from leads.i18n.messages import Message, MessageKey
from leads.intake import change_page, hosted_form, rejected_signatures, visitor_pages
from leads.intake.address_answers import holds_answers
from leads.intake.body_readings import URLENCODED_FORM
from leads.intake.http_requests import (
    SourceCache,
    arrival_from_request,
    only_looks,
    read_limited_body,
    respond_on_database_failure,
)
from leads.intake.processing import CAME_BY_VISIT
from leads.intake.rate_limits import SMALL_BODY, UnverifiedSubmissionLimiter
from leads.intake.raw_inbox import Arrival, Inbox
from leads.intake.reading_lane import LaneFullError, ReadingLane
from leads.models.helplines import Source

log = logging.getLogger(__name__)

RECEIVED_ANSWER = {"status": "received"}
"""The one answer to every submission.

Another one would tell that somebody asked for help before.
"""

RETRY_LATER_HEADER = {"Retry-After": "60"}
OVER_RATE_REASON = Message(MessageKey.CROWDED)
UNTRUSTED_TEXT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}  # what we repeat is a stranger's text


def submission_routes(
    *,
    now: Callable[[], datetime],
    public_url: str = "",
    forms_per_minute: int = Settings.forms_per_minute,
    content_keys: tuple[str, ...] = (),
) -> list[Route]:
    """Return the routes of the webhook and of the hosted form.

    `content_keys`: what seals a form on its way to the page that shows it once more.
    """
    doors, inbox = SourceCache(), Inbox()
    limiter = MovingWindowRateLimiter(MemoryStorage())
    crowd = UnverifiedSubmissionLimiter(per_minute=forms_per_minute)
    webhook = functools.partial(
        receive_form_webhook,
        doors=doors,
        inbox=inbox,
        lane=ReadingLane(),
        now=now,
        crowd=crowd,
        public_url=public_url,
    )
    hosted = functools.partial(
        hosted_form.serve_hosted_form,
        doors=doors,
        inbox=inbox,
        lane=ReadingLane(),
        now=now,
        limiter=limiter,
        public_url=public_url,
        vault=Vault(content_keys),
    )
    change_link, change = (
        functools.partial(serve, doors=doors, now=now, limiter=limiter, public_url=public_url)
        for serve in (change_page.serve_change_link, change_page.serve_change_page)
    )
    methods = [*handshakes.LOOKUP_METHODS, *handshakes.DELIVERY_METHODS]
    return [
        Route(
            "/hooks/forms/{token}",
            respond_on_database_failure(webhook, _storage_failed_response),
            methods=methods,
        ),
        Route(
            "/hooks/forms/{token}/",
            respond_on_database_failure(webhook, _storage_failed_response),
            methods=methods,
        ),  # as some tools spell it
        Route(
            "/form/{slug}",
            respond_on_database_failure(hosted, visitor_pages.render_form_unavailable),
            methods=["GET", "POST"],
        ),
        Route(
            "/form/{slug}/change",
            respond_on_database_failure(change, visitor_pages.render_form_unavailable),
            methods=["GET"],
        ),
        Route(
            "/form/{slug}/change/{key}",
            respond_on_database_failure(change_link, visitor_pages.render_form_unavailable),
            methods=["GET", "POST"],
        ),
    ]


async def receive_form_webhook(
    request: Request,
    *,
    doors: SourceCache,
    inbox: Inbox,
    lane: ReadingLane,
    now: Callable[[], datetime],
    crowd: UnverifiedSubmissionLimiter,
    public_url: str,
) -> Response:
    """Store what a form tool sends, then acknowledge it; what it says is read afterwards.

    A handshake is answered and not stored, unless the address holds answers. A mere visit (GET)
    that brings any is stored, and a person decides. A delivery that fails its check is answered
    401, and some are kept aside for a person: the secret may have been mistyped. Of deliveries
    without proof, too many at once are answered 429, and stored.
    """
    door = await doors.find_by_key(f"token:{request.path_params['token']}")
    if door is None:
        return JSONResponse({"error": "There is no source at this address."}, 404)
    source = door.source
    body = b"" if only_looks(request) else await read_limited_body(request)
    if body is None:
        return JSONResponse({"error": "A submission can be up to 1 MiB."}, 413)
    delivery = _delivery_from_request(request, body, public_url)
    sent_as = delivery_id(delivery.headers)
    came = arrival_from_request(request, door, body, now(), delivery=sent_as)
    asked = handshakes.answer_handshake(
        delivery,
        request.query_params,
        kind=source.kind,
        secrets=source.secrets,
        token=source.token,
    )
    reply = asked and Response(
        asked.body,
        asked.status,
        {**asked.headers, **UNTRUSTED_TEXT_HEADERS},
        asked.content_type,
    )
    is_visit = request.method in handshakes.LOOKUP_METHODS
    has_brought = holds_answers(came.query) or (is_visit and bool(body.strip()))
    if reply and (only_looks(request) or not has_brought):
        return reply
    came = replace(
        came,
        content_type=came.content_type if body else URLENCODED_FORM,
        suspicion=CAME_BY_VISIT if is_visit else "",
    )
    answer = await _verify_and_store(source, came, delivery, inbox=inbox, lane=lane, crowd=crowd)
    is_question = bool(asked and asked != handshakes.HandshakeReply())
    return reply if reply and is_question else answer


async def _verify_and_store(
    source: Source,
    arrival: Arrival,
    delivery: InboundDelivery,
    *,
    inbox: Inbox,
    lane: ReadingLane,
    crowd: UnverifiedSubmissionLimiter,
) -> Response:
    if not source.secrets:
        return await _store_unproven(source, arrival, inbox=inbox, crowd=crowd)
    # What is not taken as it is loses its id, or the sender's next try would be passed over as the
    # same delivery.
    try:
        verify = functools.partial(
            verify_delivery, source.kind, source.secrets, delivery, now=arrival.received_at
        )
        proven = await lane.read(verify, address=arrival.ip, size=len(arrival.body))
    except LaneFullError:
        return _too_many_requests_response()
    except BadSignature as refusal:
        return await _reject_unverified(
            source,
            replace(arrival, delivery_id=None, refused=refusal.args[0]),
            inbox=inbox,
            crowd=crowd,
        )
    await inbox.receive(replace(arrival, is_query_read=proven is ProvenPart.BODY_AND_ADDRESS))
    return JSONResponse(RECEIVED_ANSWER)


async def _store_unproven(
    source: Source, arrival: Arrival, *, inbox: Inbox, crowd: UnverifiedSubmissionLimiter
) -> Response:
    """Store what anybody may have sent to a source without a secret, as long as there is room.

    Nothing of it is read here. Too many, and what is larger than a form, have a budget of bytes.
    """
    arrival = replace(arrival, is_query_read=True)
    is_too_much = crowd.hit_is_over_limit(source.token, arrival.ip)
    size = len(arrival.body)
    if (is_too_much or size > SMALL_BODY) and not crowd.hit_has_room(
        source.token, arrival.ip, size
    ):
        return _too_many_requests_response()
    if is_too_much:
        await inbox.receive(replace(arrival, delivery_id=None, suspicion=OVER_RATE_REASON))
        return _too_many_requests_response()
    await inbox.receive(arrival)
    return JSONResponse(RECEIVED_ANSWER)


async def _reject_unverified(
    source: Source, arrival: Arrival, *, inbox: Inbox, crowd: UnverifiedSubmissionLimiter
) -> Response:
    """Answer that the check failed; the body is kept aside while there is room for it."""
    if arrival.is_test:
        return JSONResponse({"error": arrival.refused}, 401)
    is_too_much = crowd.hit_is_over_limit(source.token, arrival.ip)
    if crowd.hit_may_be_kept(source.token, arrival.ip) and await run_in_threadpool(
        _may_store_rejected, arrival
    ):
        log.warning("Source %s: a submission failed its check and waits for review.", source.id)
        await inbox.receive(arrival)
    return (
        _too_many_requests_response()
        if is_too_much
        else JSONResponse({"error": arrival.refused}, 401)
    )


def _may_store_rejected(arrival: Arrival) -> bool:
    with reader() as session:
        return rejected_signatures.may_keep_rejected_body(
            session, arrival.source_id, arrival.body, query=arrival.query
        )


def _too_many_requests_response() -> Response:
    return JSONResponse(
        {"error": "Too many submissions at once. Please send this one again later."},
        429,
        RETRY_LATER_HEADER,
    )


def _delivery_from_request(request: Request, body: bytes, public_url: str) -> InboundDelivery:
    """Return a request as its sender may have signed it.

    Behind a proxy, only the sender knows what it calls us.
    """
    path = request.scope["raw_path"].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    asked = f"{path}?{query}" if query else path
    headers = {name.lower(): value for name, value in request.headers.items()}
    sites = (public_url, *(f"{scheme}://{headers.get('host', '')}" for scheme in ("https", "http")))
    return InboundDelivery(body, headers, request.method, tuple(f"{site}{asked}" for site in sites))


def _storage_failed_response(_request: Request) -> Response:
    return JSONResponse(
        {"error": "This could not be saved. Please send it again."}, 503, {"Retry-After": "10"}
    )
