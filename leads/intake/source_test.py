"""A source's test: its tool's own example, with a right proof, comes in by the real webhook."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from httpx2 import ASGITransport, AsyncClient
from sqlmodel import col, select
from starlette.applications import Starlette

from leads.database.transactions import reader, transaction
from leads.forms import vendor_examples
from leads.forms.signatures import InboundDelivery
from leads.i18n.messages import MessageKey, message_key_of
from leads.i18n.translatable import Phrase
from leads.intake import http_requests, processing, webhooks
from leads.models.advisors import Advisor
from leads.models.enums import SubmissionState
from leads.models.helplines import Source
from leads.models.requests import Submission
from leads.people.permissions import Permission, require_permission, require_served

HTTP_OK = 200


@dataclass(frozen=True)
class SourceTestResult:
    """What the webhook answered to a test, and what became of the example.

    `is_fine`: a real submission like it would go into the queue.
    """

    status: int
    is_fine: bool
    sentence: str


def send_source_test(
    source_id: int, supervisor: Advisor, *, public_url: str, now: datetime
) -> SourceTestResult:
    """Send the example of a source's tool through the webhooks' route, and say what came of it.

    It is proven with the newest of the source's secrets, checked, stored and read like any other,
    and marked by this process as a test: whatever it says, nobody is rung for it.
    """
    require_permission(supervisor, Permission.TEST_SOURCE)
    with reader() as session:
        require_served(session.get_one(Advisor, supervisor.id), (Source, source_id))
        source = session.get_one(Source, source_id)
    delivery = _example_delivery(source, public_url, now)
    app = Starlette(routes=webhooks.submission_routes(now=lambda: now, public_url=public_url))
    setattr(app.state, http_requests.SOURCE_TEST, True)
    status = asyncio.run(_post_to_routes(app, delivery))
    if status != HTTP_OK:
        return SourceTestResult(status, is_fine=False, sentence=_test_refusal_sentence(status))
    submission_id = _find_stored_test(source_id, now)
    _process_unless_done(submission_id, now=now)
    with reader() as session:
        reason = session.get_one(Submission, submission_id).reason
    proof = TAKEN_WITH_PROOF if source.secrets else TAKEN_WITHOUT_PROOF
    sentence = Phrase("{proof} {reading}", proof=proof, reading=reason)
    is_fine = message_key_of(reason) is MessageKey.TEST_IS_FINE
    return SourceTestResult(status, is_fine=is_fine, sentence=sentence)


def _process_unless_done(submission_id: int, *, now: datetime) -> None:
    """Process a submission, or wait until whoever does so already has done it."""
    with transaction() as session:
        still = (Submission.id == submission_id, Submission.state == SubmissionState.RECEIVED)
        for submission in session.exec(select(Submission).where(*still).with_for_update()).all():
            processing.process_submission(session, submission, now=now)


def _example_delivery(source: Source, public_url: str, now: datetime) -> InboundDelivery:
    content_type, body = vendor_examples.example_post(source.kind)
    url = f"{public_url}/hooks/forms/{source.token}"
    headers = {"host": urlsplit(url).netloc, "content-type": content_type, "user-agent": "Ringback"}
    plain = InboundDelivery(body, headers, "POST", (url,))
    if not source.secrets:
        return plain
    sent_at = f"msg_ringback_{now.timestamp():.6f}"
    return vendor_examples.add_vendor_proof(
        source.kind, source.secrets[-1], plain, now=now, delivery_id=sent_at
    )


async def _post_to_routes(app: Starlette, delivery: InboundDelivery) -> int:
    """Hand one request to the routes as the server does, and return the HTTP status."""
    address = urlsplit(delivery.urls[0])
    _, route, rest = address.path.rpartition("/hooks/")  # the public address may have a folder
    url = address._replace(path=route + rest).geturl()
    async with AsyncClient(transport=ASGITransport(app)) as client:
        answer = await client.request(
            delivery.method, url, content=delivery.body, headers=dict(delivery.headers)
        )
    return answer.status_code


def _find_stored_test(source_id: int, now: datetime) -> int:
    mine = select(Submission.id).where(
        Submission.source_id == source_id, Submission.received_at == now
    )
    with reader() as session:
        return (
            session.exec(
                mine.where(col(Submission.is_test)).order_by(col(Submission.id).desc())
            ).first()
            or 0
        )


def _test_refusal_sentence(status: int) -> Phrase:
    reasons = {
        401: Phrase(
            "Rejected (401): the signature was not accepted. Is this the secret of this form tool?"
        ),
        404: Phrase("Rejected (404): the address just changed. Try again."),
    }
    return reasons.get(status, Phrase("Not received: the response was {status}.", status=status))


TAKEN_WITH_PROOF = Phrase("Received, and the signature was accepted.")
TAKEN_WITHOUT_PROOF = Phrase(
    "Received. No secret is required: anyone with the address can send requests."
)
