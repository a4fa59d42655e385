"""What comes in the address is stored, read with the body where it is proven, and never lost."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from leads.database.transactions import reader
from leads.forms.request import FormRequest
from leads.helplines.source_deliveries import arrived_text
from leads.i18n.messages import MessageKey, message_key_of
from leads.intake.address_answers import combine_requests, holds_answers
from leads.models.helplines import Source
from leads.models.requests import Submission
from tests.support.form_doors import Site, admitted, doors, opened, submissions
from tests.support.form_senders import SECRET

NUMBER, OTHER = "+13125550100", "+13125550101"
FAULTS = sorted((Path(__file__).parent / "data/faults/answers-in-the-address").glob("*.json"))
OTHERWISE = MessageKey.ADDRESS_SAYS_OTHERWISE


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.stem)
def test_answers_in_the_address_are_not_lost(
    database: str,
    case: Path,
) -> None:
    told = json.loads(case.read_text("utf-8"))
    expected = told["expected"]
    with opened(kind=told["kind"]) as site:
        answer = site.http.request(
            told["method"],
            f"{site.webhook}?{told['query']}",
            content=case.with_suffix(".body").read_bytes(),
            headers={"content-type": told["content_type"]} if told["content_type"] else {},
        )
        assert answer.status_code == 200
        (state,) = admitted()
    (submission,) = submissions()
    assert state in expected["state"]
    if state == "admitted":
        assert submission.reading["phone"] == expected["phone"]
    assert all(digits in shown(submission) for digits in expected["must_be_kept"])


@pytest.mark.parametrize("body", ["", "{}", "[]", "null", '{"source":"landing"}', "  \n"])
def test_a_body_that_says_nothing_leaves_the_word_to_the_address(site: Site, body: str) -> None:
    sent = site.http.post(f"{site.webhook}?name=Ana&phone=%2B13125550100&id=7", content=body)
    assert (sent.status_code, admitted()) == (200, ["admitted"])
    reading = submissions()[0].reading
    assert (reading["name"], reading["phone"]) == ("Ana", NUMBER)


@pytest.mark.parametrize(
    "query",
    [
        "phone=%2B13125550101",
        "phone=312-555-01",
        "name=Bob",
        "email=bob@x.example",
        "consent=no",
        "safe_to_call=no",
        "Phone+belongs+to=my+ex",
        "section=About+him",
        "is_abuser=yes",
    ],
)
def test_where_body_and_address_disagree_a_person_decides(site: Site, query: str) -> None:
    body = {"phone": NUMBER, "name": "Ana", "email": "ana@x.example", "consent": "yes"}
    site.http.post(f"{site.webhook}?{query}", json=body | {"safe_to_call": "yes"})
    assert admitted() == ["needs_review"]
    (submission,) = submissions()
    assert message_key_of(submission.reason) is OTHERWISE
    assert submission.reading["suggested_phone"] == NUMBER


def test_where_the_body_gives_the_addresss_number_to_another_a_person_decides(site: Site) -> None:
    body = {"name": "Ana", "Whose phone is it?": "my landlord's"}
    site.http.post(f"{site.webhook}?phone=%2B13125550100", json=body)
    site.http.post(f"{site.webhook}?phone=%2B13125550101&section=contact", json={"name": "Bo"})
    assert admitted() == ["needs_review", "admitted"]


def test_what_is_said_twice_alike_is_said(site: Site) -> None:
    site.http.post(
        f"{site.webhook}?phone=(312)+555-0100&name=ANA&utm_campaign=spring&id=form-7",
        json={"phone": NUMBER, "name": "Ana", "id": "entry-1"},
    )
    assert admitted() == ["admitted"]
    (submission,) = submissions()
    assert (submission.vendor_id, submission.reading["campaign"]) == ("entry-1", "spring")


def test_a_constant_id_in_the_address_makes_nobody_a_repetition(site: Site) -> None:
    for number in (NUMBER, OTHER):
        site.http.post(f"{site.webhook}?id=7&form=contact", json={"phone": number})
    assert admitted() == ["admitted", "admitted"]


@pytest.mark.parametrize("is_signed", [False, True])
def test_a_proof_of_the_body_alone_does_not_vouch_for_the_address(
    database: str,
    *,
    is_signed: bool,
) -> None:
    with opened(kind="generic", signing_secrets=(SECRET,)) as site:
        proof = {"X-Hub-Signature-256": "sha256=" + signed(b"")} if is_signed else {}
        for method in ("POST", "GET"):
            asked = f"{site.webhook}?phone=%2B13125550100&name={method}"
            site.http.request(method, asked, headers=proof)
        assert admitted() == ["needs_review" if is_signed else "refused"] * 2
        for row in submissions():
            assert "13125550100" in shown(row)
            assert row.reading.get("phone") is None


def test_a_secret_that_is_only_shown_does_not_vouch_for_the_address(
    database: str,
) -> None:
    bearer = {"Authorization": f"Bearer {SECRET}"}
    with opened(kind="generic", signing_secrets=(SECRET,)) as site:
        for query, body in (
            ("phone=%2B13125550100", {}),
            ("phone=%2B13125550100", {"phone": OTHER}),
            ("safe_to_call=no", {"phone": "+13125550102"}),
            ("consent=yes&utm_source=ad", {"phone": "+13125550103"}),
        ):
            sent = site.http.post(f"{site.webhook}?{query}", json=body, headers=bearer)
            assert sent.status_code == 200
        assert admitted() == ["needs_review", "admitted", "needs_review", "admitted"]
        shown_only, other, refused, _plain = submissions()
    assert "13125550100" in shown(shown_only)
    assert other.reading["phone"] == OTHER
    assert message_key_of(refused.reason) is OTHERWISE


def test_googles_key_in_the_body_does_not_vouch_for_the_address(
    database: str,
) -> None:
    with opened(kind="google_ads", signing_secrets=(SECRET,)) as site:
        address = f"{site.webhook}?phone=%2B13125550100"
        assert site.http.post(address, json={"google_key": SECRET}).status_code == 200
        assert admitted() == ["needs_review"]


def test_a_signature_that_covers_the_address_vouches_for_it(
    database: str,
) -> None:
    with opened(kind="hubspot", signing_secrets=(SECRET,)) as site, doors() as address:
        url = f"{address}{site.webhook}?phone=%2B13125550101"
        proof = hashlib.sha256(f"{SECRET}POST{url}".encode()).hexdigest()
        version = {"X-HubSpot-Signature": proof, "X-HubSpot-Signature-Version": "v2"}
        assert httpx.post(url, headers=version, trust_env=False).status_code == 200
        assert admitted() == ["admitted"]


def test_a_signed_body_counts_and_what_stands_beside_it_in_the_address_is_only_shown(
    database: str,
) -> None:
    body = json.dumps({"phone": NUMBER}).encode()
    with opened(kind="generic", signing_secrets=(SECRET,)) as site:
        proof = {"X-Hub-Signature-256": "sha256=" + signed(body)}
        site.http.post(f"{site.webhook}?phone=%2B13125550101", content=body, headers=proof)
        assert admitted() == ["admitted"]
    (submission,) = submissions()
    assert submission.reading["phone"] == NUMBER
    assert "13125550101" in shown(submission)


def test_a_visit_promises_nothing_and_one_that_looks_ahead_leaves_nothing(site: Site) -> None:
    asked = f"{site.webhook}?phone=%2B13125550100"
    for method, headers in (
        ("HEAD", {}),
        ("OPTIONS", {}),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"Purpose": "prefetch"}),
        ("GET", {"X-Moz": "prefetch"}),
    ):
        assert site.http.request(method, asked, headers=headers).status_code == 200
    assert submissions() == []
    for _ in range(3):
        site.http.get(asked)
    assert admitted() == ["needs_review", "duplicate", "duplicate"]
    assert message_key_of(submissions()[0].reason) is MessageKey.CAME_BY_VISIT


def test_a_visit_with_a_body_is_kept_too(site: Site) -> None:
    site.http.request("GET", site.webhook, json={"phone": NUMBER})
    assert admitted() == ["needs_review"]


@pytest.mark.parametrize(
    ("query", "is_kept"),
    [
        ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=x", False),
        ("challengeCode=abc", False),
        ("test=1&t=1770384000", False),
        ("utm_source=x&gclid=3155550100", False),
        ("", False),
        ("ping", False),
        ("name=&phone=", False),
        ("f1=Ana&f2=3125550111", True),
        ("3125550111", True),
        ("ana@x.example", True),
        ("hub.mode=subscribe&hub.challenge=1&phone=3125550111", True),
        ("t=3125550111", True),
        ("test=Ana+Ruiz", True),
    ],
)
def test_only_what_holds_no_answer_at_all_is_passed_over(
    query: str,
    is_kept: bool,
) -> None:
    assert holds_answers(query) is is_kept


def test_a_handshake_is_answered_even_where_an_answer_stands_beside_it(site: Site) -> None:
    token = site.webhook.rpartition("/")[2]
    asked = f"hub.mode=subscribe&hub.challenge=echo&hub.verify_token={token}&phone=3125550111"
    assert site.http.get(f"{site.webhook}?{asked}").text == "echo"
    assert admitted() == ["needs_review"]


said = st.sampled_from([None, True, False])


@given(in_body=said, in_query=said)
def test_a_no_in_either_part_is_never_a_yes(in_body: Any, in_query: Any) -> None:
    together = combine_requests(
        FormRequest(NUMBER, consent=in_body), FormRequest(None, consent=in_query)
    )
    assert together.consent is not True or False not in (in_body, in_query)


def signed(body: bytes) -> str:
    return hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def test_two_people_whose_answers_are_not_read_are_two_reviews(
    database: str,
) -> None:
    body = b'{"source": "landing"}'
    with opened(signing_secrets=(SECRET,)) as site:
        proof = {"X-Hub-Signature-256": "sha256=" + signed(body)}
        for number in (NUMBER, OTHER):
            site.http.post(site.webhook, params={"phone": number}, content=body, headers=proof)
        assert admitted() == ["needs_review", "needs_review"]


def shown(submission: Submission) -> str:
    """What a reviewer reads of a submission."""
    with reader() as session:
        source = session.exec(select(Source).where(col(Source.id) == submission.source_id)).one()
        return arrived_text(source, submission, longest=4000)
