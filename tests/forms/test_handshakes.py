"""What tools ask before they trust an address is answered.

Nothing that a person wrote is taken for such a question.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.forms import handshakes
from leads.forms.handshakes import HandshakeReply
from leads.forms.signatures import InboundDelivery
from tests.conftest import NOW
from tests.support import form_senders
from tests.support.form_doors import FORM, NUMBER, Site, opened, submissions

SECRET, TOKEN = "open sesame", "t0ken"
CHALLENGE = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
SLACK = {"token": "Jhj5dZrVaK7ZwHHjRyZWjbDl", "challenge": CHALLENGE, "type": "url_verification"}
PLAIN_TOKEN = "qgg8vlvZRS6UYooatFL8Aw"
ZOOM = {
    "event": "endpoint.url_validation",
    "payload": {"plainToken": PLAIN_TOKEN},
    "event_ts": 1654503849680,
}
META = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": SECRET}
LINKEDIN = {"challengeCode": "890e4665-4dfe-4ab1-b689-ed553bceeed0"}
NEUTRAL = HandshakeReply()
PROBES = (b"", b"{}", b"[]", b' {"test": true}\r\n')
KINDS = ("generic", "standard_webhooks", "typeform", "meta", "linkedin", "jotform")


def asked(
    body: Any = b"",
    *,
    method: str = "POST",
    query: dict[str, str] | None = None,
    kind: str = "generic",
    secrets: tuple[str, ...] = ("newest", SECRET),
    headers: dict[str, str] | None = None,
) -> HandshakeReply | None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return handshakes.answer_handshake(
        InboundDelivery(raw, headers or {}, method),
        query or {},
        kind=kind,
        secrets=secrets,
        token=TOKEN,
    )


def signature_of(text: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("known", [SECRET, "newest", TOKEN])
def test_meta_gets_its_challenge_back_for_a_secret_or_the_sources_token(known: str) -> None:
    answer = asked(method="GET", query={**META, "hub.verify_token": known}, kind="meta")
    assert answer == HandshakeReply(b"1158201444", "text/plain")


@pytest.mark.parametrize("wrong", ["", "guess", SECRET + "x", "é", None])
@pytest.mark.parametrize("secrets", [(SECRET,), ()])
def test_meta_with_a_wrong_verify_token_is_turned_away(
    wrong: str | None, secrets: tuple[str, ...]
) -> None:
    query = {
        name: value
        for name, value in {**META, "hub.verify_token": wrong}.items()
        if value is not None
    }
    answer = asked(method="GET", query=query, kind="meta", secrets=secrets)
    assert answer
    assert (answer.status, META["hub.challenge"].encode() in answer.body) == (403, False)


def test_linkedin_gets_its_code_signed() -> None:
    answer = asked(method="GET", query=LINKEDIN, kind="linkedin", secrets=(SECRET, "older"))
    code = LINKEDIN["challengeCode"]
    assert answer
    assert json.loads(answer.body) == {
        "challengeCode": code,
        "challengeResponse": signature_of(code),
    }
    assert (answer.status, answer.content_type) == (200, "application/json")


def test_slack_gets_its_challenge_back() -> None:
    assert asked(SLACK) == HandshakeReply(CHALLENGE.encode(), "text/plain")


def test_zoom_gets_its_token_signed() -> None:
    answer = asked(ZOOM, secrets=(SECRET,))
    assert answer
    assert json.loads(answer.body) == {
        "plainToken": PLAIN_TOKEN,
        "encryptedToken": signature_of(PLAIN_TOKEN),
    }


def test_who_wants_a_signature_of_a_source_without_a_secret_hears_what_is_missing() -> None:
    for answer in (
        asked(method="GET", query=LINKEDIN, kind="linkedin", secrets=()),
        asked(ZOOM, secrets=()),
    ):
        assert answer
        assert (answer.status, b"secret first" in answer.body) == (400, True)


@pytest.mark.parametrize(
    "wanted",
    [
        'hmacsha256={"leadGenFormResponse":"urn:li:1"}',
        '{"phone":"+13155550142"}',
        "phone=3155550142",
        "1772557200.{}",
        "1772557200:{}",
        "msg_1.1772557200.{}",
        "POSThttps://desk.example.org/hooks",
        "a b",
        "é",
        "",
        "x" * 129,
        "x\n",
    ],
)
def test_nobody_gets_a_submission_signed_in_the_guise_of_a_challenge(wanted: str) -> None:
    assert asked(method="GET", query={"challengeCode": wanted}, kind="linkedin") == NEUTRAL
    assert asked({**ZOOM, "payload": {"plainToken": wanted}}) is None


@pytest.mark.parametrize("kind", ["typeform", "meta", "tally", "hubspot", "standard_webhooks"])
def test_only_kinds_that_are_asked_for_a_signature_give_one(kind: str) -> None:
    assert asked(method="GET", query=LINKEDIN, kind=kind) == NEUTRAL
    assert asked(ZOOM, kind=kind) is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_who_only_looks_hears_something_neutral(method: str) -> None:
    answer = asked(b'{"phone": "1"}', method=method, query={"phone": NUMBER, "hub.mode": "denied"})
    assert answer
    assert (answer.status, answer.body) == (200, NEUTRAL.body)


@pytest.mark.parametrize("body", PROBES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_an_empty_probe_is_answered_with_the_secret_it_brought(body: bytes, method: str) -> None:
    assert asked(body, method=method) == NEUTRAL
    assert asked(body, method=method, headers={"x-hook-secret": "b537207f20cb"}) == HandshakeReply(
        headers={"X-Hook-Secret": "b537207f20cb"}
    )
    for odd in ("a b", "é", "x" * 501, "a\r\nSet-Cookie: b"):
        assert asked(body, method=method, headers={"x-hook-secret": odd}) == NEUTRAL


@pytest.mark.parametrize(
    "body",
    [
        {**SLACK, "phone": NUMBER},
        {**SLACK, "token": {"phone": NUMBER}},
        {**SLACK, "token": "call me"},
        {**SLACK, "challenge": "please call me"},
        {**SLACK, "challenge": {"phone": NUMBER}},
        {**SLACK, "challenge": ""},
        {**SLACK, "challenge": "x" * 501},
        {**SLACK, "type": "form"},
        {"challenge": "alcohol", "phone": NUMBER},
        {**ZOOM, "phone": NUMBER},
        {**ZOOM, "payload": {"plainToken": PLAIN_TOKEN, "phone": NUMBER}},
        {**ZOOM, "payload": PLAIN_TOKEN},
        {**ZOOM, "event_ts": [NUMBER]},
        {"test": True, "phone": NUMBER},
        {"test": "true"},
        {"test": False},
        [{}],
        [SLACK],
        {"phone": ""},
        b" ",
        b"null",
        b"0",
        b"hello",
        b"\xff",
        b"[" * 1000,
        b"9" * 1000,
        b"{}" + b" " * 1000,
    ],
)
@pytest.mark.parametrize("headers", [{}, {"x-hook-secret": "b537207f20cb"}])
def test_whatever_somebody_may_have_written_is_no_handshake(
    body: Any, headers: dict[str, str]
) -> None:
    assert asked(body, headers=headers) is None


@given(
    st.binary(),
    st.dictionaries(st.sampled_from([*META, *LINKEDIN]), st.text()),
    st.sampled_from(["GET", "POST"]),
)
def test_no_nonsense_makes_a_handshake_fail(
    body: bytes, query: dict[str, str], method: str
) -> None:
    answer = asked(body, method=method, query=query)
    assert answer is None or answer.status in (200, 400, 403)


@pytest.mark.parametrize("kind", KINDS)
# used inside
def test_handshakes_are_answered_unsigned_and_make_no_submission(
    database: str,
    kind: str,
) -> None:
    with opened(kind=kind, signing_secrets=(SECRET,)) as site:
        answers = [
            site.http.get(site.webhook, params=META),
            site.http.post(site.webhook, json=SLACK),
            site.http.post(site.webhook, json={}, headers={"X-Hook-Secret": "b537207f20cb"}),
            *(site.http.post(site.webhook, content=probe) for probe in PROBES),
            *(site.http.request(method, site.webhook) for method in ("GET", "HEAD", "OPTIONS")),
        ]
        assert [answer.status_code for answer in answers] == [200] * len(answers)
        assert [answers[0].text, answers[1].text] == [META["hub.challenge"], CHALLENGE]
        assert answers[2].headers["x-hook-secret"] == "b537207f20cb"
        for answer in answers:
            assert (
                answer.headers["x-content-type-options"],
                "html" in answer.headers["content-type"],
            ) == (
                "nosniff",
                False,
            )
        assert submissions() == []


# used inside
def test_what_is_repeated_to_a_stranger_is_never_a_page(database: str) -> None:
    attack = "<script>alert(1)</script>"
    with opened(kind="meta") as site:
        query = {
            **META,
            "hub.challenge": attack,
            "hub.verify_token": site.webhook.rpartition("/")[2],
        }
        answers = [
            site.http.get(site.webhook, params=query),
            site.http.post(site.webhook, json={**SLACK, "challenge": attack}),
        ]
        for answer in answers:
            assert (answer.text, answer.headers["content-type"]) == (
                attack,
                "text/plain; charset=utf-8",
            )
            assert answer.headers["x-content-type-options"] == "nosniff"
        longer = site.http.get(site.webhook, params={**query, "hub.challenge": attack * 50})
        assert attack not in longer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
# used inside
def test_a_submission_beside_a_handshakes_words_is_stored(
    database: str,
    method: str,
) -> None:
    body = json.dumps({**SLACK, **FORM}).encode()
    with opened() as site:
        query = {**META, **LINKEDIN}
        answer = site.http.request(
            method, site.webhook, params=query, content=body, headers={"X-Hook-Secret": "x"}
        )
        assert (answer.status_code, "x-hook-secret" in answer.headers) == (200, False)
        assert [row.body for row in submissions()] == [body]


# used inside
def test_what_a_challenge_was_answered_signs_no_submission(database: str) -> None:
    with opened(kind="linkedin", signing_secrets=(SECRET,)) as site:
        body = '{"type":"LEAD_ACTION"}'
        for code in (f"hmacsha256={body}", body):
            given_back = (
                site.http.get(site.webhook, params={"challengeCode": code})
                .json()
                .get("challengeResponse", "")
            )
            assert _posted(site, body, given_back).status_code == 401
        proof = form_senders.linkedin(SECRET, body.encode(), NOW, "")["X-LI-Signature"]
        assert _posted(site, body, proof).status_code == 200


def _posted(site: Site, body: str, proof: str) -> httpx.Response:
    return site.http.post(site.webhook, content=body, headers={"X-LI-Signature": proof})
