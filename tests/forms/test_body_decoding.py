"""Whatever bytes a form tool sends become a tree of fields, or are refused with a sentence."""

from __future__ import annotations

import functools
import gzip
import json
import time
import tracemalloc
import zlib
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.errors import BadSubmission
from leads.forms import form_reading
from leads.forms.body_decoding import decode_body
from leads.forms.request import content_hash
from leads.intake.body_readings import read_form_body
from tests.support.processor_time import READ_OF_A_BODY, is_done_within

JSON, FORM, MULTIPART = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
)
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
BROTLI = b'\x0b\x07\x80{"name": "Ana"}\x03'
UNHURRIED = settings(deadline=None)
MIB = 1024 * 1024


@pytest.mark.parametrize(
    "header",
    [
        JSON,
        f"{JSON}; charset=utf-8",
        FORM,
        MULTIPART,
        "text/plain",
        "application/octet-stream",
        "",
        "a;;=",
    ],
)
@pytest.mark.parametrize("start", ["", "\ufeff", " \r\n"])
def test_json_is_read_whatever_its_header_says(header: str, start: str) -> None:
    assert decode_body((start + '{"name": "José"}').encode(), header) == {"name": "José"}


def test_a_compressed_body_is_read_as_what_it_was() -> None:
    assert decode_body(zlib.compress(b'{"name": "Ana"}'), JSON) == {"name": "Ana"}
    packed = gzip.compress(b'{"name": "Ana"}')
    assert decode_body(packed, JSON) == {"name": "Ana"}
    bomb = gzip.compress(b'{"name": "' + b"a" * 50_000_000 + b'"}')
    for spoiled in (packed[:-3], packed[:5] + b"x" * 9, bomb):
        with pytest.raises(BadSubmission, match="Its compressed content"):
            decode_body(spoiled, JSON)


@pytest.mark.parametrize("header", [f"{FORM}; charset=UTF-8", "text/plain", ""])
def test_a_form_encoded_body_keeps_its_blanks_and_what_comes_twice(header: str) -> None:
    body = "name=Ana+Ruiz&phone=%2B1+315&note=&name=Jos%C3%A9"
    assert decode_body(body.encode(), header) == {
        "name": ["Ana Ruiz", "José"],
        "phone": "+1 315",
        "note": "",
    }


def test_a_multipart_body_may_have_plain_line_ends() -> None:
    part = '--x\nContent-Disposition: form-data; name="{}"\n\n{}\n'
    body = part.format("name", "Ana") + part.format("phone", "3155550142") + "--x--\n"
    tree = decode_body(body.encode(), "multipart/form-data; boundary=x")
    assert tree == {"name": "Ana", "phone": "3155550142"}


@pytest.mark.parametrize("header", [None, "multipart/form-data", "application/octet-stream"])
def test_a_multipart_body_loses_its_files_and_nothing_else(header: str | None) -> None:
    post = httpx.Request(
        "POST",
        "http://test",
        data={"name": "José", "note": ""},
        files={"photo": ("cat.png", b"\x89PNG\xff")},
    )
    assert decode_body(post.read(), header or post.headers["content-type"]) == {
        "name": "José",
        "note": "",
    }


@pytest.mark.parametrize(
    ("body", "tree"),
    [
        (b"a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
        (b"a[]=1&a[]=2", {"a": ["1", "2"]}),
        (b"f[0][k]=1&f[1][k]=2", {"f": [{"k": "1"}, {"k": "2"}]}),
        (b"f[7][k]=1", {"f": {"7": {"k": "1"}}}),
        (b"a=1&a[b]=2", {"a": "1", "a[b]": "2"}),
        (b"a[b]=1&a[b][c]=2", {"a": {"b": "1"}, "a[b][c]": "2"}),
        (b"Phone [needed]=1&[x]=2&a[=3", {"Phone [needed]": "1", "[x]": "2", "a[": "3"}),
        (b'{"a[b]": 1, "c": {"d[e]": 2}}', {"a": {"b": 1}, "c": {"d[e]": 2}}),
    ],
)
def test_the_brackets_of_php_are_branches(body: bytes, tree: Any) -> None:
    assert decode_body(body, FORM) == tree


@pytest.mark.parametrize(
    ("sent", "tree"),
    [
        ({"rawRequest": '{"q3_name": {"first": "Ana"}}'},
         {"rawRequest": {"q3_name": {"first": "Ana"}}}),
        ({"a": json.dumps({"b": json.dumps({"c": 1})})}, {"a": {"b": {"c": 1}}}),
        ({"a": '[{"b": 1}]'}, {"a": [{"b": 1}]}),
        ({"a": "[call me]", "b": "{ok}", "c": "[1, 2]"},
         {"a": "[call me]", "b": "{ok}", "c": "[1, 2]"}),
        ({"a": "{}", "b": "[]"}, {"a": "{}", "b": "[]"}),
        ({"a": '{"b": 1, "b": 2}'}, {"a": '{"b": 1, "b": 2}'}),
        ([{"a": 1}], {"a": 1}),
        ([[[{"a": 1}]]], {"a": 1}),
        (json.dumps({"a": 1}), {"a": 1}),
    ],
)  # fmt: skip
def test_json_within_is_opened_and_peoples_own_words_are_left_alone(sent: Any, tree: Any) -> None:
    assert decode_body(json.dumps(sent).encode(), JSON) == tree


@pytest.mark.parametrize("charset", ["iso-8859-1", "ISO-8859-15", "windows-1252", '"latin1"'])
def test_a_declared_charset_counts(charset: str) -> None:
    for body in (b"name=Jos\xe9", b"name=Jos%E9"):
        assert decode_body(body, f"{FORM}; charset={charset}") == {"name": "José"}
    assert decode_body(b'{"name": "Jos\xe9"}', f"{JSON}; charset={charset}") == {"name": "José"}


@pytest.mark.parametrize("charset", ["cp1252", "latin-1"])
@pytest.mark.parametrize("header", [JSON, FORM, "", f"{FORM}; charset=utf-8"])
def test_what_old_pages_write_without_saying_so_is_read(charset: str, header: str) -> None:
    said = {
        "n\u00famero": "\u00bfQu\u00e9? N\u00fa\u00f1ez, \u00c1vila",
        "name": "Jos\u00e9 Pe\u00f1a",
    }
    if charset == "cp1252":
        said["message"] = "I\u2019m ready \u2013 \u201cplease\u201d call\u2026"
    forms = [urlencode(said, encoding=charset).encode()]
    forms.append("&".join(f"{name}={text}" for name, text in said.items()).encode(charset))
    bodies = [json.dumps(said, ensure_ascii=False).encode(charset)] if header == JSON else forms
    assert [decode_body(body, header) for body in bodies] == [said] * len(bodies)


def test_utf_8_is_read_as_such_whatever_is_declared() -> None:
    assert decode_body("name=José".encode(), f"{FORM}; charset=iso-8859-1") == {"name": "José"}


def test_utf_16_is_read_where_it_is_declared() -> None:
    for wide in ("utf-16", "utf-16-le", "utf-32"):
        for declared in (f"{JSON}; charset={wide}", JSON, FORM, MULTIPART):
            assert decode_body('{"name": "José"}'.encode(wide), declared) == {"name": "José"}


@pytest.mark.parametrize(
    "charset", ["nonsense", "unicode_escape", "punycode", "zlib", "\x00", "idna"]
)
def test_a_charset_that_is_none_is_taken_for_utf_8(charset: str) -> None:
    assert decode_body('{"name": "José"}'.encode(), f"{JSON}; charset={charset}") == {
        "name": "José"
    }


def test_what_no_database_could_store_is_left_out() -> None:
    assert decode_body(rb'{"na\u0000me": "Jor\u0000dan\ud800", "n": [NaN, 1e999]}', JSON) == {
        "name": "Jordan?",
        "n": ["NaN", "inf"],
    }


def test_a_number_longer_than_any_number_is_text() -> None:
    assert decode_body(b'{"n": %s}' % (b"1" * 5000), JSON) == {"n": "1" * 5000}


def test_five_hundred_fields_are_bearable() -> None:
    assert len(decode_body(json.dumps({str(n): n for n in range(500)}).encode(), JSON)) == 500
    assert len(decode_body(b"&".join(b"f%d=1" % n for n in range(500)), FORM)) == 500


@pytest.mark.parametrize(
    ("body", "header", "sentence"),
    [
        (b"", JSON, "neither JSON nor a form"),
        (b"name: Jordan", JSON, "neither JSON nor a form"),
        (b'{"name": "Jordan"', FORM, "neither JSON nor a form"),
        (b'"Jordan"', JSON, "has no fields"),
        (b"[7]", JSON, "has no fields"),
        (b"name=Jos\x81", FORM, "not UTF-8"),
        (b"name=Jos%81", FORM, "not UTF-8"),
        (b"name=Jos\xc3", FORM, "not UTF-8"),  # half a letter of UTF-8
        (b"name=Jos%C3%A9&note=Pe%F1a", FORM, "not UTF-8"),  # two charsets in one body
        ("name=Юлия".encode("cp1251"), FORM, "not UTF-8"),
        ("name=\u738b\u5c0f\u660e".encode("gbk"), FORM, "not UTF-8"),
        (BROTLI, JSON, "in an unsupported way"),
        (b'{"phone": "1", "phone": "2"}', JSON, "names the same field twice"),
        (b'{"a": {"phone": "1", "phone": "2"}}', JSON, "names the same field twice"),
        (b"[" * 40_000, JSON, "nested too deeply"),
        (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, JSON, "nested too deeply"),
        (b'{"a":' * 50 + b"1" + b"}" * 50, JSON, "nested too deeply"),
        (b"a" + b"[b]" * 50 + b"=1", FORM, "nested too deeply"),
        (b"a" + b"[b]" * 50_000 + b"=1", FORM, "nested too deeply"),
        (json.dumps({str(n): n for n in range(501)}).encode(), JSON, "more than 500 fields"),
        (json.dumps([[[n] for n in range(501)]]).encode(), JSON, "more than 500 fields"),
        (
            json.dumps({"a": json.dumps({str(n): n for n in range(501)})}).encode(),
            JSON,
            "more than 500 fields",
        ),
        (b"a=1&" * 501, FORM, "more than 500 fields"),
        (PART * 501 + b"--x--\r\n", MULTIPART, "more than 500 fields"),
        (b"--x\r\n", "multipart/form-data", "damaged"),
        (b"no part at all", MULTIPART, "damaged"),
        (PART.replace(b"\r\n1\r\n", b"\r\n\x81\r\n") + b"--x--\r\n", MULTIPART, "not UTF-8"),
    ],
)
def test_what_nobody_could_read_is_refused_with_a_sentence(
    body: bytes, header: str, sentence: str
) -> None:
    with pytest.raises(BadSubmission, match=sentence):
        decode_body(body, header)


@pytest.mark.parametrize(
    "body",
    [
        {f"phone w{n} " + "x " * 540: "3155550142" for n in range(930)},
        {"x " * 500: {f"phone {n}": "3155550142" for n in range(490)}},
        {
            "fields": [
                {"label": f"phone w{n} " + "x " * 540, "type": "tel", "value": "1"}
                for n in range(300)
            ]
        },
    ],
)
def test_labels_that_nobody_would_read_keep_nobody_waiting(body: Any) -> None:
    with pytest.raises(BadSubmission, match=r"too (long|large) for a form"):
        form_reading.read_form_request(json.dumps(body).encode(), JSON, region="US")


@pytest.mark.parametrize(
    "long", ["x " * 45_000, pytest.param("x " * 100_000, marks=pytest.mark.soak)]
)
@pytest.mark.parametrize("field", ["key", "label", "type"])
def test_long_names_are_not_remembered(field: str, long: str) -> None:
    def read_form_with(name: str) -> None:
        answer = {"key": "phone", "label": "Phone", "type": "tel", "value": "3155550142"}
        body = json.dumps({"fields": [answer | {field: name}]}).encode()
        with suppress(BadSubmission):
            form_reading.read_form_request(body, JSON, region="US")

    read_form_with(f"phone {long}")  # what is loaded once is no memory of a name
    tracemalloc.start()
    try:
        for n in range(4):
            read_form_with(f"phone w{n} {long}")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 2 * len(long)


@pytest.mark.parametrize(
    "body", [{"note": "a@" + "." * 500_000 + " x"}, {"email where we reach you": "x" * 500_000}]
)
def test_what_is_no_address_is_found_out_in_no_time(body: Any) -> None:
    started = time.thread_time()
    assert form_reading.read_form_request(json.dumps(body).encode(), JSON, region="US").email == ""
    assert time.thread_time() - started < 2  # seconds: it was an hour


@pytest.mark.parametrize(
    ("body", "header"), [(b"", FORM), (b"{}", JSON), (b'{"a": [], "b": {"c": null}}', JSON)]
)
def test_a_form_with_nothing_in_it_is_no_request(body: bytes, header: str) -> None:
    with pytest.raises(BadSubmission, match="It has no fields"):
        form_reading.read_form_request(body, header, region="US")


def test_what_was_given_can_be_shown_again() -> None:
    body = "name=Jos%C3%A9&any_hour=yes&any_hour=no&note=&a[b]=1"
    assert form_reading.submitted_field_texts(body.encode(), FORM) == {
        "name": "José",
        "any_hour": "yes",
    }


WORDS = """
phone name email value values label key type options id first last full area form_response answers
definition fields field rawRequest submissionID payload data schema field_data entry changes
user_column_data is_test formResponse leadAction properties 1.3 data.json ordered_human_fields
submission questions Form Entry namedValues form_data form form_id date_created eventType
event custom_disclaimer_responses resource_id subscriptionType
"""
KEYS = st.sampled_from(WORDS.split()) | st.text(max_size=5)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["+13155550142"])
)
TREES = st.recursive(
    LEAVES,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(KEYS, below, max_size=6),
    max_leaves=30,
)


@UNHURRIED
@given(
    TREES,
    st.sampled_from(form_reading.KINDS),
    st.dictionaries(st.sampled_from(["phone", "name", "consent", "id"]), KEYS),
)
def test_no_json_breaks_a_recipe_or_the_picker(
    tree: Any, kind: str, mapping: dict[str, str]
) -> None:
    with suppress(BadSubmission):
        request = form_reading.read_form_request(
            json.dumps(tree).encode(), JSON, kind=kind, region="US", mapping=mapping
        )
        assert content_hash(request)


@UNHURRIED
@given(
    st.binary() | st.text().map(str.encode),
    st.sampled_from([JSON, FORM, "", MULTIPART, "multipart/form-data;;", f"{FORM}; charset=utf-16"])
    | st.text(),
    st.sampled_from(form_reading.KINDS),
)
def test_no_bytes_and_no_header_break_the_reading(body: bytes, header: str, kind: str) -> None:
    with suppress(BadSubmission):
        form_reading.read_form_request(body, header, kind=kind, region="US")


@UNHURRIED
@given(st.text(), st.sampled_from(["application/json", FORM]))
def test_what_is_read_can_be_stored(text: str, header: str) -> None:
    with suppress(BadSubmission):
        request = form_reading.read_form_request(
            json.dumps({"message": text, text: "x"}).encode("utf-8"), header, region="US"
        )
        assert "\x00" not in json.dumps(request.unknown, ensure_ascii=False)
        request.message.encode()


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (b"%" * MIB, FORM),
        (b"name=" + b"%C3%A9" * (MIB // 6), FORM),
        (b"a" + b"[" * MIB, FORM),
        (b"a" + b"[]" * (MIB // 2) + b"=1", FORM),
        (b"&".join(b"a%d" % n + b"[b]" * 31 + b"=1" for n in range(900)), FORM),
        (b"&".join(b"phone%d=" % n + b"3155550142 " * 90 for n in range(990)), FORM),
        (b"[" + b"{}," * (MIB // 3 - 1) + b"{}]", JSON),
        (json.dumps({f"a{n}": "&amp;" * 200 for n in range(900)}).encode(), JSON),
        (json.dumps({f"a{n}": "[" * 1000 + "]" for n in range(900)}).encode(), JSON),
        (json.dumps({f"I agree {n}": "yes but only " * 80 for n in range(900)}).encode(), JSON),
    ],
    ids=lambda said: repr(said[:20]),
)
def test_what_is_unlike_a_form_is_set_aside_before_it_costs_anything(
    body: bytes, header: str
) -> None:
    with pytest.raises(BadSubmission):
        form_reading.read_form_request(body, header, region="US")
    read = functools.partial(read_form_body, body, header, ("generic", "US", {}))
    assert is_done_within(READ_OF_A_BODY, read)
