"""Whoever knows the source's secret is let in, by their own tool's way to show it.

Nobody else is.
"""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.errors import BadSignature
from leads.forms.signatures import InboundDelivery, delivery_id, verify_delivery
from tests.conftest import NOW
from tests.support import form_senders
from tests.support.form_senders import NEXT_SECRET, PUBLISHED, SECRET, SENDERS, Headers

UNHURRIED = settings(deadline=None)
BODY = '{"name": "José"}'.encode()
URL = "https://desk.example.org/hooks/forms/t0ken"
KINDS = sorted({kind for kind, _ in SENDERS.values()} | {"google_ads"})
TIMED = [
    name
    for name in SENDERS
    if name.startswith(("standard", "svix", "webflow", "hubspot_v3", "wp", "formspree"))
]


def signed(
    name: str, secret: str = SECRET, *, body: bytes = BODY, at: datetime = NOW, url: str = URL
) -> Headers:
    return lower(SENDERS[name][1](secret, body, at, url))


def lower(headers: Headers) -> Headers:
    return {name.lower(): value for name, value in headers.items()}


def accepts(
    kind: str,
    headers: Headers,
    *secrets: str,
    body: bytes = BODY,
    now: datetime = NOW,
    urls: tuple[str, ...] = (URL,),
) -> bool:
    try:
        verify_delivery(
            kind, secrets or (SECRET,), InboundDelivery(body, headers, urls=urls), now=now
        )
    except BadSignature:
        return False
    return True


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_example_verifies_and_with_one_changed_byte_does_not(name: str) -> None:
    kind, secret, body, headers, url, at = PUBLISHED[name]
    headers, now = lower(headers), datetime.fromtimestamp(at, UTC)
    assert accepts(kind, headers, secret, body=body, urls=(url,), now=now)
    for place in range(len(body)):
        spoiled = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        assert not accepts(kind, headers, secret, body=spoiled, urls=(url,), now=now)
    for header, value in headers.items():
        for place in range(len(value)):
            spoiled_value = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
            assert not accepts(
                kind, {**headers, header: spoiled_value}, secret, body=body, urls=(url,), now=now
            )


def test_a_published_example_that_was_made_up_does_not_verify() -> None:
    headers = {
        "x-webflow-timestamp": "1705332000",
        "x-webflow-signature": "3f8e5d6c6a1b8f7d4e2a9c5b1d7e3f9a2c4e6b8d0f3a5c7e9b1d3f5a7c9e0b2d",
    }
    body = b'{"triggerType":"form_submission","payload":{}}'
    for at in (1705332, 1705332000):
        assert not accepts(
            "webflow", headers, "test_secret", body=body, now=datetime.fromtimestamp(at, UTC)
        )


@pytest.mark.parametrize("name", SENDERS)
@UNHURRIED
@given(st.text(), st.text(min_size=1))
def test_what_a_tool_signs_is_accepted_by_its_own_kind(name: str, text: str, plain: str) -> None:
    kind, sender = SENDERS[name]
    body = text.encode()
    secret = SECRET if sender in (form_senders.standard_webhooks, form_senders.svix) else plain
    assert accepts(kind, signed(name, secret, body=body), secret, body=body)


@UNHURRIED
@given(
    st.text(), st.binary(min_size=24, max_size=64), st.sampled_from(["standard_webhooks", "svix"])
)
def test_what_the_reference_library_signs_is_accepted(text: str, key: bytes, name: str) -> None:
    secret, body = "whsec_" + base64.b64encode(key).decode(), text.encode()
    assert accepts("standard_webhooks", signed(name, secret, body=body), secret, body=body)


@pytest.mark.parametrize("name", SENDERS)
@UNHURRIED
@given(st.data())
def test_one_changed_character_is_refused(name: str, data: st.DataObject) -> None:
    sent = {**signed(name), "body": BODY.decode("latin-1")}
    place = data.draw(st.sampled_from(sorted(sent)))
    at = data.draw(st.integers(0, len(sent[place]) - 1))
    other = data.draw(
        st.characters(max_codepoint=255).filter(lambda letter: letter != sent[place][at])
    )
    sent[place] = sent[place][:at] + other + sent[place][at + 1 :]
    assert not accepts(SENDERS[name][0], sent, body=sent.pop("body").encode("latin-1"))


@pytest.mark.parametrize("name", SENDERS)
def test_while_secrets_are_exchanged_either_one_counts(name: str) -> None:
    kind = SENDERS[name][0]
    assert accepts(kind, signed(name, SECRET), NEXT_SECRET, SECRET)
    assert accepts(kind, signed(name, NEXT_SECRET), NEXT_SECRET, SECRET)
    assert not accepts(kind, signed(name, SECRET), NEXT_SECRET)
    assert not accepts(kind, {}, NEXT_SECRET, SECRET)


@pytest.mark.parametrize("name", ["typeform", "tally", "netlify", "callrail", "linkedin"])
def test_another_tools_way_to_sign_does_not_count(name: str) -> None:
    for kind in set(KINDS) - {SENDERS[name][0]}:
        assert not accepts(kind, signed(name))


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("direction", [1, -1])
def test_a_signature_is_good_for_five_minutes_around_its_time(name: str, direction: int) -> None:
    kind = SENDERS[name][0]
    assert accepts(kind, signed(name), now=NOW + direction * timedelta(minutes=5))
    assert not accepts(
        kind, signed(name), now=NOW + direction * timedelta(minutes=5, microseconds=1)
    )


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize(
    ("age", "why"), [(42, "but 42 minutes old"), (-6, "6 minutes ahead of ours")]
)
def test_a_correct_signature_out_of_its_time_is_told_from_a_wrong_one(
    name: str, age: int, why: str
) -> None:
    kind, now = SENDERS[name][0], NOW + timedelta(minutes=age)
    with pytest.raises(BadSignature, match=why):
        verify_delivery(
            kind, [NEXT_SECRET, SECRET], InboundDelivery(BODY, signed(name), urls=(URL,)), now=now
        )
    for spoiled in (
        InboundDelivery(BODY + b" ", signed(name), urls=(URL,)),
        InboundDelivery(BODY, {}, urls=(URL,)),
    ):
        with pytest.raises(BadSignature, match="not signed with this source's secret"):
            verify_delivery(kind, [SECRET], spoiled, now=now)


@pytest.mark.parametrize("name", ["typeform", "formspree", "standard_webhooks"])
def test_what_is_signed_and_then_compressed_is_accepted(name: str) -> None:
    kind, packed = SENDERS[name][0], gzip.compress(BODY)
    assert accepts(kind, signed(name), body=packed)
    if name != "standard_webhooks":  # its library signs text only
        assert accepts(kind, signed(name, body=packed), body=packed)
    assert not accepts(kind, signed(name), body=packed[:-1])
    assert not accepts(kind, signed(name), body=gzip.compress(BODY + b" "))


@pytest.mark.parametrize(
    "time",
    [
        "",
        "soon",
        "-1",
        "1e9",
        "٣",
        "²",
        " 1",
        "1_0",
        "nan",
        "9" * 12,
        "9" * 13,
        "9" * 5000,
        "2026-03-03T17:00Z",
    ],
)
@pytest.mark.parametrize("name", TIMED)
def test_a_time_that_is_none_is_refused(name: str, time: str) -> None:
    headers, sent = signed(name), str(int(NOW.timestamp()))
    nonsense = {
        header: value.replace(sent + "000", time).replace(sent, time)
        for header, value in headers.items()
    }
    assert nonsense != headers
    assert not accepts(SENDERS[name][0], nonsense)


def test_one_good_signature_among_several_is_enough() -> None:
    headers, other = (
        signed("standard_webhooks"),
        signed("standard_webhooks", NEXT_SECRET)["webhook-signature"],
    )
    listed = (
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXw"
        "VLPo3mNl8EM+m7TBAg=="
        f" {other}"
    )
    assert not accepts("standard_webhooks", {**headers, "webhook-signature": listed})
    assert accepts(
        "standard_webhooks",
        {**headers, "webhook-signature": f"{listed} {headers['webhook-signature']}"},
    )
    for version in ("v1a,", "v2,", ""):
        spoiled = headers["webhook-signature"].replace("v1,", version)
        assert not accepts("standard_webhooks", {**headers, "webhook-signature": spoiled})
    first, second = (
        signed("formspree", secret)["formspree-signature"] for secret in (NEXT_SECRET, SECRET)
    )
    assert accepts("formspree", {"formspree-signature": f"{first}, v0=6ffbb59b,{second}"})


@pytest.mark.parametrize("name", ["hubspot_v2", "hubspot_v3"])
def test_the_address_that_was_signed_is_one_of_ours(name: str) -> None:
    headers = signed(name, url=URL)
    assert accepts("hubspot", headers, urls=("http://127.0.0.1:8501/hooks/forms/t0ken", URL))
    assert not accepts("hubspot", headers, urls=(URL + "x", URL.replace("https", "http")))


def test_hubspot_writes_some_characters_of_an_address_plainly() -> None:
    headers = signed("hubspot_v3", url=URL + "?at=a@b:c/%20%26")
    assert accepts("hubspot", headers, urls=(URL + "?at=a%40b%3ac%2F%20%26",))
    assert not accepts("hubspot", headers, urls=(URL + "?at=a%40b%3Ac%2F %26",))


def test_wpforms_signs_a_form_as_the_json_that_php_would_make_of_it() -> None:
    body = b"name=Jos%C3%A9&page=https%3A%2F%2Fexample.org&note="
    as_json = rb'{"name":"Jos\u00e9","page":"https:\/\/example.org","note":""}'
    assert accepts("wpforms", signed("wpforms", body=as_json), body=body)
    assert not accepts("wpforms", signed("wpforms", body=as_json), body=body + b"x")


@pytest.mark.parametrize("claims", [{}, {"sha256": 7}, {"sha256": "00"}, [], None, "text"])
def test_a_netlify_token_that_does_not_vouch_for_this_body_is_refused(claims: Any) -> None:
    assert not accepts("netlify", {"x-webhook-signature": _token(json.dumps(claims).encode())})


@pytest.mark.parametrize("claims", [b"", b"\xff", b"{", b"[" * 100_000])
def test_a_netlify_token_that_is_nonsense_is_refused(claims: bytes) -> None:
    assert not accepts("netlify", {"x-webhook-signature": _token(claims)})


def _token(claims: bytes) -> str:
    part = (
        base64.urlsafe_b64encode(b'{"alg":"HS256"}').rstrip(b"=")
        + b"."
        + base64.urlsafe_b64encode(claims)
    )
    return (
        part
        + b"."
        + base64.urlsafe_b64encode(form_senders.keyed(SECRET, part).digest()).rstrip(b"=")
    ).decode()


@pytest.mark.parametrize("name", ["google_key", "Google_key", "GOOGLE_KEY"])
def test_googles_key_is_in_the_body(name: str) -> None:
    def proves(body: Any) -> bool:
        return accepts("google_ads", {}, "other", "open sesame", body=json.dumps(body).encode())

    assert proves({"lead_id": "1", name: "open sesame", "is_test": True})
    assert not proves({"lead_id": "1", name: "open sesam"})
    assert not proves({"lead": {name: "open sesame"}})
    for nonsense in (
        [],
        None,
        7,
        {name: None},
        {name: 7},
        {name: ["open sesame"]},
        {name: "\ud800"},
    ):
        assert not proves(nonsense)
    for body in (b"", b"\xff", b"[" * 100_000, b'{"google_key": ' + b"9" * 10_000 + b"}"):
        assert not accepts("google_ads", {}, "open sesame", body=body)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=20)  # of each of them
@given(
    st.dictionaries(
        st.sampled_from(
            sorted({"authorization", "x-api-key"} | {h for name in SENDERS for h in signed(name)})
        ),
        st.binary().map(lambda value: value.decode("latin-1"))
        | st.text()
        | st.from_regex("(v1,|sha256=|t=1,v1=).*"),
    ),
    st.binary(),
)
def test_no_nonsense_in_the_headers_gets_further_than_a_refusal(
    kind: str, headers: Headers, body: bytes
) -> None:
    assert not accepts(
        kind, headers, SECRET, "user:password", "X-Key: v", "whsec_é", "whsec_", body=body
    )
    for name, (its_kind, _) in SENDERS.items():
        if its_kind == kind and headers:
            assert not accepts(kind, {**signed(name), **headers}, body=BODY + b" ")


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_may_be_shown_as_it_is_except_where_signatures_are_the_rule(kind: str) -> None:
    shown = [
        (
            "open sesame",
            {"authorization": "bearer  open sesame"},
            {"authorization": "Bearer open sesam"},
        ),
        ("open sesame", {"authorization": "open sesame"}, {"authorization": "Basic open sesame"}),
        ("open sesame", {"x-api-key": "open sesame"}, {"x-api-key": "Open sesame"}),
        ("open sesame", {"x-webhook-secret": "open sesame"}, {"x-else": "open sesame"}),
        (
            "user:pass:word",
            {"authorization": "Basic dXNlcjpwYXNzOndvcmQ="},
            {"authorization": "Basic dXNlcjpwYXNz"},
        ),
        ("X-From: our site", {"x-from": "our site"}, {"x-from": "our sit"}),
        ("clé", {"x-api-key": "clé".encode().decode("latin-1")}, {"x-api-key": "cle"}),
    ]
    for secret, good, spoiled in shown:
        assert accepts(kind, good, "other", secret) is (kind != "standard_webhooks"), secret
        assert not accepts(kind, spoiled, "other", secret), secret


@pytest.mark.parametrize("secret", ["whsec_é", "whsec_", "", ":", "X-From:", ":x"])
def test_an_odd_secret_opens_nothing_and_breaks_nothing(secret: str) -> None:
    empty = {"authorization": "Bearer ", "x-api-key": "", "x-from": "", "": ""}
    headers = signed("standard_webhooks")
    with_no_key = form_senders.keyed(
        "", f"msg_1.{headers['webhook-timestamp']}.".encode() + BODY
    ).digest()
    headers["webhook-signature"] = "v1," + base64.b64encode(with_no_key).decode()
    for kind in ("generic", "standard_webhooks"):
        assert not accepts(kind, {**headers, **empty}, secret)


@pytest.mark.parametrize("prefix", ["whsec_", ""])
def test_an_unpadded_secret_is_the_same_secret_with_or_without_its_prefix(prefix: str) -> None:
    secret = prefix + base64.b64encode(b"k" * 25).decode().rstrip("=")
    assert accepts("standard_webhooks", signed("standard_webhooks", secret), secret)


def test_a_secret_of_ones_own_words_is_a_key_as_it_is() -> None:
    headers = signed("standard_webhooks")
    made = form_senders.keyed(
        "open sesame", f"msg_1.{headers['webhook-timestamp']}.".encode() + BODY
    ).digest()
    headers["webhook-signature"] = "v1," + base64.b64encode(made).decode()
    assert accepts("standard_webhooks", headers, "open sesame")
    assert not accepts("standard_webhooks", headers, "whsec_" + "open sesame")


@pytest.mark.parametrize("kind", [*KINDS, "jotform", "whatever"])
def test_a_source_without_secrets_accepts_everybody(kind: str) -> None:
    verify_delivery(kind, [], InboundDelivery(BODY), now=NOW)


@pytest.mark.parametrize("name", ["standard_webhooks", "svix"])
def test_a_delivery_keeps_its_id(name: str) -> None:
    assert delivery_id(signed(name)) == "msg_1"
    assert delivery_id({"x-request-id": "msg_1"}) is None
