"""What form tools send is decoded and understood, or refused with a sentence."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.errors import BadSubmission
from leads.forms import FormRequest, decode, pick

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
UNHURRIED = settings(deadline=None)


@pytest.mark.parametrize(
    "header", [JSON, f"{JSON}; charset=utf-8", FORM, "text/plain", "application/octet-stream", "", "what is this;;="]
)
@pytest.mark.parametrize("start", ["", "\ufeff", " \r\n"])
def test_json_is_read_whatever_its_header_says(header: str, start: str) -> None:
    assert decode((start + '{"name": "José"}').encode(), header) == [("name", "José")]


def test_a_form_encoded_body_keeps_its_order_and_its_blanks() -> None:
    body = "name=Jordan+Reyes&phone=%2B1+315&note=&name=Jos%C3%A9"
    assert decode(body.encode(), f"{FORM}; charset=UTF-8") == [
        ("name", "Jordan Reyes"),
        ("phone", "+1 315"),
        ("note", ""),
        ("name", "José"),
    ]


def test_a_multipart_body_loses_its_files_and_nothing_else() -> None:
    post = httpx.Request(
        "POST", "http://test", data={"name": "José", "note": ""}, files={"photo": ("cat.png", b"\x89PNG\xff")}
    )
    assert decode(post.read(), post.headers["content-type"]) == [("name", "José"), ("note", "")]


def test_the_outer_of_two_equal_names_comes_first() -> None:
    nested = {"contact": {"name": "inner", "tags": ["a", {"deep": True}]}, "name": "outer"}
    fields = decode(json.dumps(nested).encode(), JSON)
    assert fields == [
        ("name", "outer"),
        ("contact.name", "inner"),
        ("contact.tags", "a"),
        ("contact.tags.deep", True),
    ]
    assert pick(fields, region="US").name == "outer"


def test_what_no_database_could_store_is_left_out() -> None:
    assert decode(rb'{"na\u0000me": "Jor\u0000dan\ud800"}', JSON) == [("name", "Jordan?")]


def test_a_thousand_fields_are_bearable() -> None:
    assert len(decode(json.dumps({str(n): n for n in range(1000)}).encode(), JSON)) == 1000


@pytest.mark.parametrize(
    ("body", "header", "sentence"),
    [
        (b"", JSON, "neither JSON nor a form"),
        (b"name: Jordan", JSON, "neither JSON nor a form"),
        (b'{"name": "Jordan"', FORM, "neither JSON nor a form"),
        (b'"Jordan"', JSON, "holds no fields"),
        (b"name=Jos\xe9", FORM, "not UTF-8"),
        ('{"name": "José"}'.encode("utf-16"), JSON, "not UTF-8"),
        (b"[" * 100_000, JSON, "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, JSON, "nested too deeply"),
        (json.dumps({str(n): n for n in range(1001)}).encode(), JSON, "more than 1000 fields"),
        (json.dumps([[[n] for n in range(1001)]]).encode(), JSON, "more than 1000 fields"),
        (b"a=1&" * 1001, FORM, "more than 1000 fields"),
        (b"--x\r\n", "multipart/form-data", "damaged"),
        (b"no part at all", MULTIPART, "damaged"),
        (b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xe9\r\n--x--\r\n', MULTIPART, "not UTF-8"),
    ],
)
def test_what_nobody_could_read_is_refused_with_a_sentence(body: bytes, header: str, sentence: str) -> None:
    with pytest.raises(BadSubmission, match=sentence):
        decode(body, header)


@pytest.mark.parametrize(("body", "header"), [(b"", FORM), (b"{}", JSON), (b'{"a": [], "b": {"c": null}}', JSON)])
def test_a_form_with_nothing_in_it_is_no_request(body: bytes, header: str) -> None:
    with pytest.raises(BadSubmission, match="There are no fields in it"):
        pick(decode(body, header), region="US")


@UNHURRIED
@given(st.binary(), st.sampled_from([JSON, FORM, "", MULTIPART, "multipart/form-data;;"]))
def test_no_bytes_break_the_decoder(body: bytes, header: str) -> None:
    with suppress(BadSubmission):
        pick(decode(body, header), region="US")


def test_our_own_field_names_are_understood() -> None:
    words = {
        "name": "Jordan Reyes",
        "email": "jordan@example.org",
        "message": "I want to stop drinking.",
        "for_whom": "self",
        "best_time": "evening",
        "consent_text": "Call me back.",
        "page_url": "https://example.org/help",
        "campaign": "search",
        "city": "Syracuse",
        "region": "NY",
        "zip": "13202",
        "language": "es",
    }
    ticked = {"any_hour": True, "safe_to_call": True, "safe_to_voicemail": False, "safe_to_text": False}
    sent = {**words, **ticked, "consent": True, "phone": "(315) 555-0142", "id": "f-1"}
    assert pick(list(sent.items()), region="US") == FormRequest(
        **words, **ticked, consent=True, phone="+13155550142", phone_as_given="(315) 555-0142", vendor_id="f-1"
    )


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        *((said, True) for said in (True, "true", "Yes", "YES, please", "on", "y", "ok", "checked", "sí", 1, 2, 1.0)),
        *((said, True) for said in ("1", "2", " yes ")),
        *((said, False) for said in (False, "false", "No", "no, never", "off", "n", "never", 0, 0.0, "0", "00")),
        *((said, None) for said in (None, "maybe", "ask me first", "²")),
    ],
)
@pytest.mark.parametrize("field", ["any_hour", "safe_to_call", "safe_to_voicemail", "safe_to_text", "consent"])
def test_truth_is_read_from_words_and_numbers(field: str, said: Any, *, meant: bool | None) -> None:
    assert getattr(pick([("name", "Jordan"), (field, said)], region="US"), field) is meant


@pytest.mark.parametrize("label", ["I agree to be called.", "Yes, call me", "I consent", "Estoy de acuerdo", "agreed"])
def test_a_ticked_consent_may_send_its_own_label(label: str) -> None:
    assert pick([("consent", label)], region="US").consent is True


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ([("first_name", "Jordan"), ("last_name", "Reyes")], "Jordan Reyes"),
        ([("Last Name", "Reyes")], "Reyes"),
        ([("firstname", "Jordan")], "Jordan"),
        ([("first-name", "J."), ("name", "Jordan Reyes")], "Jordan Reyes"),
        ([("full_name", ""), ("name", " Jordan ")], "Jordan"),
    ],
)
def test_a_name_may_come_in_parts(fields: list[tuple[str, str]], name: str) -> None:
    assert pick(fields, region="US").name == name


@pytest.mark.parametrize(
    ("given_number", "region", "number"),
    [
        ("(315) 555-0142", "US", "+13155550142"),
        ("1.315.555.0142 ext. 7", "US", "+13155550142"),
        ("tel:+1-315-555-0142", "US", "+13155550142"),
        (3155550142, "US", "+13155550142"),
        (3155550142.0, "US", "+13155550142"),
        ("+44 20 7946 0958", "US", "+442079460958"),
        ("+44 (0)20 7946 0958", "US", "+442079460958"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("044 668 18 00", "CH", "+41446681800"),
        ("+1 315 555 0142", "CH", "+13155550142"),
    ],
)
def test_a_number_is_meant_as_in_its_sources_country(given_number: Any, region: str, number: str) -> None:
    assert pick([("phone", given_number)], region=region).phone == number


@pytest.mark.parametrize(
    "written", ["call me", "911", "12", "555-0142", "(315) 555-01", "9" * 400, "+999 1", "+", True]
)
def test_an_unusable_number_is_kept_as_it_was_given(written: Any) -> None:
    request = pick([("phone", written)], region="US")
    assert (request.phone, request.phone_as_given) == (None, str(written))


@UNHURRIED
@given(st.integers(1_200_000_000, 1_999_999_999), st.sampled_from(["", "000", "123"]))
def test_a_unix_time_is_never_a_number_in_the_united_states(seconds: int, fraction: str) -> None:
    assert pick([("phone", f"{seconds}{fraction}")], region="US").phone is None


def test_what_is_not_understood_is_kept() -> None:
    fields = [("phone", "315 555 0142"), ("Mobile", "212 555 0100"), ("phone", "315 555 0142"), ("Why?", "x"), ("n", 0)]
    request = pick([*fields, ("Why?", "y"), ("blank", ""), ("nothing", None)], region="US")
    assert request.phone == "+13155550142"
    assert request.unknown == {"Mobile": ["212 555 0100"], "Why?": ["x", "y"], "n": [0]}
