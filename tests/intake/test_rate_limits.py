"""What comes in floods or without proof is bounded.

What carries proof is not, and what arrived whole is kept.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import httpx
import pytest
from limits.storage import MemoryStorage
from sqlalchemy import func
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.i18n.messages import Message, MessageKey
from leads.intake import raw_inbox, rejected_signatures
from leads.intake.rate_limits import REJECTED_KEPT_PER_ADDRESS, UnverifiedSubmissionLimiter
from leads.intake.raw_inbox import Arrival
from leads.models.requests import Submission
from notifications import clock_jobs
from tests.conftest import NOW
from tests.support.form_doors import FORM, Site, admitted, opened, submissions
from tests.support.form_senders import NEXT_SECRET, SECRET, SENDERS
from tests.support.people import a_source

BODY = json.dumps(FORM).encode()
PUBLIC_URL = "https://desk.example.org/callbacks"
NOT_SIGNED = Message(MessageKey.BAD_SIGNATURE)
HERE = "203.0.113.7"


def send(site: Site, body: bytes = BODY, *, address: str = HERE, **headers: str) -> httpx.Response:
    return site.http.post(
        site.webhook, content=body, headers={"X-Forwarded-For": address, **headers}
    )


def states() -> Counter[str]:
    return Counter(row.state for row in submissions())


def refused(source: int, body: bytes, *, days_ago: float = 0) -> Arrival:
    return Arrival(
        source, NOW - timedelta(days=days_ago), "application/json", body, refused=NOT_SIGNED
    )


@pytest.mark.parametrize("name", SENDERS)
# used inside
def test_what_is_signed_is_received_and_anything_else_kept_aside(
    database: str,
    name: str,
) -> None:
    kind, sign = SENDERS[name]
    with opened(kind=kind, signing_secrets=(NEXT_SECRET, SECRET), public_url=PUBLIC_URL) as site:
        for base in (
            PUBLIC_URL,
            str(site.http.base_url),
        ):  # a tool may sign the address it knows, or the one it asked
            address = f"{base}{site.webhook}?from=form"
            for secret in (SECRET, NEXT_SECRET):
                body = json.dumps({**FORM, "with": secret, "at": base}).encode()
                proof = sign(secret, body, NOW, address)
                assert (
                    site.http.post(
                        f"{site.webhook}?from=form", content=body, headers=proof
                    ).status_code
                    == 200
                )
            body = json.dumps({**FORM, "at": base}).encode()
            answer = site.http.post(
                site.webhook, content=body, headers=sign(SECRET[:-4], body, NOW, address)
            )
            assert (answer.status_code, answer.json()) == (401, {"error": NOT_SIGNED})
            assert submissions()[-1].body == body
    received = ("received", "")
    assert [(row.state, row.reason) for row in submissions()] == [
        received,
        received,
        ("refused", NOT_SIGNED),
    ] * 2
    assert admitted()[2::3] == ["refused"] * 2


# used inside
def test_googles_key_lets_in_and_a_wrong_one_does_not(database: str) -> None:
    with opened(kind="google_ads", signing_secrets=("open sesame",)) as site:
        bodies = [
            json.dumps({"lead_id": "1", "google_key": key}).encode()
            for key in ("open sesame", "guess")
        ]
        assert [send(site, body).status_code for body in bodies] == [200, 401]
    assert [(row.state, row.body) for row in submissions()] == list(
        zip(["received", "refused"], bodies, strict=True)
    )


# used inside
def test_too_much_at_once_is_asked_to_wait_and_stored_for_a_person(
    database: str,
) -> None:
    with opened(forms_per_minute=10) as site:
        answers = [send(site, json.dumps({**FORM, "n": n}).encode()) for n in range(12)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
        assert {answer.headers.get("retry-after") for answer in answers[10:]} == {"60"}
        assert send(site, address="203.0.113.8").status_code == 200
    assert admitted()[9:] == ["duplicate", "needs_review", "needs_review", "duplicate"]
    assert [row.body for row in submissions()[:12]] == [
        answer.request.content for answer in answers
    ]
    assert "A large number of submissions" in submissions()[10].reason


# used inside
def test_what_was_asked_to_wait_may_come_again_with_the_same_id(
    database: str,
) -> None:
    with opened(forms_per_minute=10) as site:
        assert [send(site, **{"webhook-id": str(n)}).status_code for n in range(11)] == [
            200
        ] * 10 + [429]
        assert send(site, address="203.0.113.8", **{"webhook-id": "10"}).status_code == 200
    assert admitted()[10:] == ["discarded", "duplicate"]  # what waited for a person came again


# used inside
def test_what_was_refused_may_come_again_with_the_same_id(database: str) -> None:
    with opened(kind="standard_webhooks", signing_secrets=(SECRET,)) as site:
        proof = SENDERS["standard_webhooks"][1](SECRET, BODY, NOW, "")
        assert [
            send(site, **headers).status_code
            for headers in ({**proof, "webhook-timestamp": "0"}, proof)
        ] == [
            401,
            200,
        ]
    assert [row.state for row in submissions()] == ["refused", "received"]


# used inside
def test_a_source_has_a_limit_of_its_own_that_one_address_cannot_use_up(
    database: str,
) -> None:
    with opened(forms_per_minute=10) as site:
        assert [send(site).status_code for _ in range(40)] == [200] * 10 + [429] * 30
        others = [send(site, address=f"203.0.113.{n}").status_code for n in range(100, 112)]
        assert others == [200] * 10 + [429] * 2
    assert len(submissions()) == 52


def test_what_carries_proof_has_no_limit(database: str) -> None:
    with opened(kind="meta", signing_secrets=(SECRET,), forms_per_minute=10) as site:
        unsigned = [send(site).status_code for _ in range(30)]
        assert Counter(unsigned) == {401: 10, 429: 20}
        assert [_signed(site) for _ in range(30)] == [200] * 30
    assert states() == {"refused": 1, "received": 30}


# used inside
def test_what_fails_its_check_is_kept_once_and_not_without_end(
    database: str,
) -> None:
    with opened(kind="meta", signing_secrets=(SECRET,)) as site:
        bodies = [
            BODY,
            *(f'{{"n": {n}}}'.encode() for n in range(REJECTED_KEPT_PER_ADDRESS.amount + 20)),
        ]
        for body in [BODY, *bodies]:
            assert send(site, body).status_code == 401
    assert [row.body for row in submissions()] == bodies[: REJECTED_KEPT_PER_ADDRESS.amount - 1]
    assert states() == {"refused": REJECTED_KEPT_PER_ADDRESS.amount - 1}


def test_a_source_keeps_a_thousand_refused_bodies_and_of_bearable_size(source: int) -> None:
    raw_inbox.store_arrivals(
        [
            refused(source, str(n).encode())
            for n in range(rejected_signatures.MOST_REJECTED_KEPT - 1)
        ]
    )
    with reader() as session:
        kept = session.exec(select(func.sum(func.length(Submission.body)))).one()  # as it is sealed
    large = b"x" * (rejected_signatures.LARGEST_REJECTED_TOTAL - kept)
    with reader() as session:
        assert rejected_signatures.may_keep_rejected_body(session, source, large)
        assert not rejected_signatures.may_keep_rejected_body(session, source, large + b"x")
        assert not rejected_signatures.may_keep_rejected_body(session, source, b"0")
        assert rejected_signatures.may_keep_rejected_body(session, source + 1, b"0")
    raw_inbox.store_arrivals([refused(source, b"last")])
    with reader() as session:
        assert not rejected_signatures.may_keep_rejected_body(session, source, b"new")


def test_refused_bodies_are_forgotten_after_thirty_days_and_nothing_else_is(source: int) -> None:
    for days_ago in (29.99, 30, 31):
        raw_inbox.store_arrivals([refused(source, f"{days_ago} days".encode(), days_ago=days_ago)])
    raw_inbox.store_arrivals([Arrival(source, NOW - timedelta(days=400), "", b"received")])
    with transaction() as session:
        rejected_signatures.delete_expired_rejections(session, now=NOW)
    assert [row.body for row in submissions()] == [b"29.99 days", b"received"]


@pytest.mark.usefixtures("database")
def test_the_clock_forgets_them() -> None:
    with transaction() as session:
        source = a_source(session).id
    raw_inbox.store_arrivals([refused(source, b"old", days_ago=10_000)])
    clock_jobs.delete_expired_records(now=lambda: NOW)
    assert submissions() == []


def test_no_more_addresses_are_remembered_than_were_let_through() -> None:
    storage = MemoryStorage()
    crowd = UnverifiedSubmissionLimiter(per_minute=50, storage=storage)
    too_much = [crowd.hit_is_over_limit("t0ken", f"2001:db8:{n:x}::1") for n in range(1000)]
    assert too_much == [False] * 100 + [True] * 900
    assert len(storage.storage) == 101


def test_a_network_that_is_one_customers_counts_as_one_address() -> None:
    crowd = UnverifiedSubmissionLimiter(per_minute=10)
    assert [crowd.hit_is_over_limit("t0ken", f"2001:db8::{n}") for n in range(1, 13)] == [
        False
    ] * 10 + [True] * 2
    for elsewhere in ("2001:db8:0:1::1", "203.0.113.7", "", "unix:", "fe80::1%eth0"):
        assert not crowd.hit_is_over_limit("t0ken", elsewhere)


def test_a_refused_body_is_told_to_the_log_without_a_word_of_it(
    database: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with opened(kind="meta", signing_secrets=(SECRET,)) as site:
        send(site)
    assert states() == {"refused": 1}
    assert "failed its check" in caplog.text
    assert not any(word in caplog.text for word in (FORM["name"], FORM["phone"], SECRET))


def _signed(site: Site) -> int:
    return send(site, **SENDERS["meta"][1](SECRET, BODY, NOW, "")).status_code
