"""Whatever a stranger sends, a tenth of a second tells what it says, or that a person has to look.

Everything else that a process does waits that long at most for any one body.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.errors import BadFile, BadSignature
from leads.forms.signatures import InboundDelivery, verify_delivery
from leads.intake import hosted_form, warm_up
from leads.intake.body_readings import read_danger_in_body, read_form_body, store_reading
from leads.intake.csv_import import csv_row, csv_table, run
from leads.intake.csv_import.csv_table import CsvTable
from leads.intake.csv_import.row_request import read_row_request
from leads.intake.form_answers import read_form_answers
from leads.intake.http_requests import LARGEST_BODY
from leads.models.requests import Submission
from tests.support.processor_time import READ_AT_ONCE, READ_OF_A_BODY, is_done_within

NOW = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MULTIPART, CSV = "multipart/form-data; boundary=x", "text/csv; charset=utf-8"
KINDS = ("generic", "jotform", "gravity_forms", "google_ads", "linkedin", "hubspot")
GIVEN = "(315) 555-0142"
LIMIT = "text me, no calls if he may hear it, email is safest after six "


@pytest.fixture(autouse=True, scope="module")
def words_and_rules() -> None:
    """Load what a process loads at its start."""
    warm_up.load_words_and_rules(now=NOW)


def read_as_intake_does(body: bytes, content_type: str, kind: str = "generic") -> None:
    """Read a body and look for danger in it, as intake does before and after it is stored."""
    reading = read_form_body(body, content_type, (kind, "US", {}))
    if reading.request is None:
        read_danger_in_body(body)
    else:
        store_reading(Submission(body=body), reading.request)


def assert_is_quick(read: Callable[[], object]) -> None:
    assert is_done_within(READ_OF_A_BODY, read)


def word(number: int) -> str:
    """Return letters for a number, so that no two questions are read as one."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


SLOW = {
    "broken digits": "<" + "1 " * 500_000,
    "broken numbers": "<" + "(315) 555-01 x " * 60_000,
    "a phone of digits": json.dumps({"phone": "1 " * 500_000}),
    "entities": json.dumps({"phone": "&amp;" * 200_000}),
    "escapes": json.dumps({"phone": "%41" * 300_000}),
    "many numbers": json.dumps({"phone": [f"3155550142 315555{n:04}" for n in range(900)]}),
    "many phones": json.dumps({f"phone_{n}": f"315 555 {n:04}" for n in range(900)}),
    "many people": json.dumps([{"name": f"N{n}", "phone": f"315555{n:04}"} for n in range(450)]),
    "many groups": json.dumps({f"lead{n}": {"name": "Ana", "phone": GIVEN} for n in range(450)}),
    "lines of a name": json.dumps({"name": "first: b\n" * 100_000}),
    "many questions": json.dumps({f"Safe to call you {word(n)}?": LIMIT for n in range(200)}),
    "more questions than are read": json.dumps(
        {f"Safe to call you {word(n)}?": LIMIT for n in range(900)}
    ),
    "many wishes": json.dumps({f"Contact me {word(n)}": LIMIT for n in range(200)}),
    "a long message": json.dumps({"message": LIMIT * 15_000, "notes": LIMIT * 400}),
    "escapes of nothing": "%" * LARGEST_BODY,
    "one long number": '{"phone": ' + "1" * 1_000_000 + "}",
    "lists": "[" + "[]," * 300_000 + "[]]",
    "maps": "[" + "{}," * 300_000 + "{}]",
    "no end of lists": "[" * LARGEST_BODY,
    "lists within lists": "[" + ",".join(["[" * 300 + "]" * 300] * 1_700) + "]",
    "maps within maps": "[" + ",".join(['{"a":{}}'] * 110_000) + "]",
    "signs of a form": "=" * LARGEST_BODY,
    "brackets": "a" + "[" * 1_000_000 + "=1",
    "ligatures": json.dumps({"message": "\ufdfa" * 300_000}, ensure_ascii=False),
    "a name of ligatures": json.dumps({"\ufdfa" * 30_000: "no"}, ensure_ascii=False),
    "accents on one letter": json.dumps({"message": "e" + "\u0301" * 500_000}, ensure_ascii=False),
    "documents": json.dumps({f"a{n}": json.dumps({"b": "1"}) for n in range(900)}),
    "times": json.dumps({f"best time {word(n)}": "5pm or not 7pm " * 20 for n in range(90)}),
    "messages": json.dumps({f"message {word(n)}": "call my wife after 5 " * 60 for n in range(30)}),
    "halves of numbers": json.dumps({f"phone {word(n)}": "315 555 01 " * 40 for n in range(90)}),
    "a line of a table": "name,phone,message\n" + "call,me,not," * 80_000,
    "a page": "<a href=x>" * 100_000,
}


@pytest.mark.parametrize("kind", SLOW)
def test_a_strange_body_takes_no_longer_for_being_strange(kind: str) -> None:
    body = SLOW[kind].encode()[:LARGEST_BODY]
    for content_type in (JSON, FORM):
        assert_is_quick(functools.partial(read_as_intake_does, body, content_type))


PART = b'--x\r\nContent-Disposition: form-data; name="a"'
BYTES = {
    "a bomb": (gzip.compress(b"0" * 100_000_000), JSON),
    "a bomb of a form": (gzip.compress(b"a=1&" * 20_000_000), FORM),
    "bombs in a row": (gzip.compress(b"a=1&" * 10_000) * 500, FORM),
    "a form as large as may be": (gzip.compress(b"a" * 999_000 + b"=1"), FORM),
    "a broken end": (zlib.compress(b'{"a": "' + b"x" * 1_000_000)[:-9], JSON),
    "parts": ((PART + b"\r\n\r\n1\r\n") * 20_000 + b"--x--\r\n", MULTIPART),
    "files": ((PART + b'; filename="f"\r\n\r\n1\r\n') * 15_000 + b"--x--\r\n", MULTIPART),
    "almost the end": (PART + b"\r\n\r\n" + b"\r\n--" * 240_000 + b"\r\n--x--", MULTIPART),
    "ends of lines": (PART + b"\r\n\r\n" + b"\r" * 1_000_000 + b"\r\n--x--", MULTIPART),
    "a long head": (PART + b"; a=b" * 190_000 + b"\r\n\r\n1\r\n--x--", MULTIPART),
    "heads": (PART + b"\r\nA: b" * 150_000 + b"\r\n\r\n1\r\n--x--", MULTIPART),
    "no letters": (b"\xff" * LARGEST_BODY, f"{FORM}; charset=cp037"),
    "two bytes a letter": (("a=1&" * 120_000).encode("utf-16"), FORM),
    "null characters": (b"\0" * LARGEST_BODY, JSON),
}


@pytest.mark.parametrize("kind", BYTES)
def test_bytes_that_are_no_text_are_given_up_soon(kind: str) -> None:
    body, content_type = BYTES[kind]
    assert len(body) <= LARGEST_BODY
    assert_is_quick(functools.partial(read_as_intake_does, body, content_type))


FRAGMENTS = (
    "call", "text", "phone", "he may hear ", "not before 9 ", "after 5pm or ", "safe ", "wife ",
    "consent ", "no", "315 555 0142", "(315) ", "1", "1 ", "9.", "+", "%", "%41", "%25", "&",
    "&amp;", "&#65;", "=", "[", "]", "[]", "{", "}", '"', "\\", "\\u00e9", "\n", "\r\n", "\t",
    "\0", "-", "--x", ":", ";", ",", "/", "<a>", "@", "a@", ".", "..", "?", "'", "\u2019",
    "\ufdfa", "\u0301", "\U0001f4de", "a", "A", "aB", "x ", " ", "_", "stop ", "overdose ",
    "kill myself ", "mi esposo ", "llame ", "http://", "e", "1e", "0x", "first: b\n", "|", "#",
    "*", "best time ", "do not ", "unless ",
)  # fmt: skip
units = st.lists(
    st.one_of(st.sampled_from(FRAGMENTS), st.text(min_size=1, max_size=6)), min_size=1, max_size=6
).map("".join)
lengths = st.one_of(st.integers(1, 60), st.sampled_from([100, 400, 2_000, 20_000, 1_000_000]))


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Return a unit that comes again and again, between two others."""
    begins, again, ends = draw(units), draw(units), draw(units)
    return (begins + again * (draw(lengths) // len(again)) + ends)[:LARGEST_BODY]


@st.composite
def answers(draw: st.DrawFn) -> dict[str, str]:
    """Return answers that are alike but for a word, so that nothing is read but once."""
    name, value, count = draw(texts()), draw(texts()), draw(st.integers(1, 1_000))
    each = max(1, min(count, LARGEST_BODY // (len(name) + len(value) + 8)))
    return {f"{name} {word(n)}": f"{value} {word(n)}" for n in range(each)}


def nest(tree: Any, shape: str) -> Any:
    """Return answers in another shape that form tools send."""
    if shape == "rows":
        return {"fields": [{"label": name, "value": value} for name, value in tree.items()]}
    if shape == "groups":
        return {name: {"phone": value, "name": name} for name, value in tree.items()}
    if shape == "lists":
        return {"phone": list(tree.values())}
    return {name: json.dumps({name: value}) for name, value in tree.items()} | {"in": tree}


def written(tree: dict[str, str], shape: str) -> tuple[bytes, str]:
    """Return answers as a body in a shape, with its content type."""
    if shape == "form":
        pairs = (f"{quote_plus(name)}={quote_plus(value)}" for name, value in tree.items())
        return "&".join(pairs).encode(), FORM
    if shape == "table":
        lines = (f"{name},{value}" for name, value in tree.items())
        return "\n".join(lines).encode("utf-8", "replace"), CSV
    if shape == "parts":
        parts = (
            b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
            % (quote_plus(name).encode(), value.encode("utf-8", "replace"))
            for name, value in tree.items()
        )
        return b"".join(parts) + b"--x--\r\n", MULTIPART
    said = tree if shape == "json" else nest(tree, shape)
    return json.dumps(said, ensure_ascii=False).encode("utf-8", "replace"), JSON


SHAPES = ("json", "form", "parts", "table", "rows", "groups", "lists", "documents")


@st.composite
def bodies(draw: st.DrawFn) -> tuple[bytes, str]:
    """Return a body of a stranger who wants to keep us busy, and its content type."""
    if draw(st.booleans()):
        body, content_type = written(draw(answers()), draw(st.sampled_from(SHAPES)))
    else:
        text = draw(texts())
        body = (text * draw(st.sampled_from([1, 1, 1_000])))[:LARGEST_BODY].encode(
            "utf-8", "replace"
        )
        content_type = draw(st.sampled_from([JSON, FORM, MULTIPART, CSV, ""]))
    pack = draw(st.sampled_from([bytes, bytes, gzip.compress, zlib.compress]))
    return pack(body)[:LARGEST_BODY], content_type


@given(bodies(), st.sampled_from(KINDS))
def test_any_body_is_read_in_a_tenth_of_a_second_or_left_to_a_person(
    sent: tuple[bytes, str], kind: str
) -> None:
    body, content_type = sent
    assert_is_quick(functools.partial(read_as_intake_does, body, content_type, kind))


ROWS = {
    "many questions": {f"Safe to call you {word(n)}?": LIMIT for n in range(340)},
    "short answers": {f"Safe to call you {word(n)}?": "x" for n in range(340)},
    "as many as are read": {f"Safe to call you {word(n)}?": "x" for n in range(140)},
    "states": {f"status {word(n)}": LIMIT * 5 for n in range(90)},
    "long reasons": {f"do not call reason {word(n)}": LIMIT * 250 for n in range(3)},
    "ligatures": {f"notes {word(n)}": "\ufdfa" * 1_000 for n in range(340)},
    "more columns than are read": {f"phone {word(n)}": "x" for n in range(20_000)},
    "a long column": {"Safe to call you " * 60_000: "no"},
}


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_of_a_file_is_read_in_a_tenth_of_a_second_or_left_to_a_person(kind: str) -> None:
    header = ",".join(["received_at", "phone", *ROWS[kind]])
    answered = (cell.replace(",", "") for cell in ROWS[kind].values())
    cells = ",".join([NOW.isoformat(), GIVEN, *answered])

    def read_row(table: CsvTable) -> None:
        [line] = table.lines
        rows, _bad = run._parse_past_requests(table, NOW)  # noqa: SLF001 - what a row costs
        if rows:
            read_row_request(
                table.known_cells(line),
                table.other_cells(line),
                number="+13155550142",
                region="US",
                campaign="",
            )

    def read_header() -> None:
        with contextlib.suppress(BadFile):
            tables.append(_read_table(f"{header}\n{cells}\n"))

    tables: list[CsvTable] = []
    assert is_done_within(READ_AT_ONCE, read_header)  # once for a whole file
    if tables:
        assert_is_quick(functools.partial(read_row, tables[0]))


def _read_table(text: str) -> CsvTable:
    return csv_table.read_csv_table(
        text.encode(), columns=csv_row.COLUMN_TITLES, needed=csv_row.REQUIRED_COLUMNS
    )


@given(bodies())
def test_any_hosted_form_is_read_in_a_tenth_of_a_second(sent: tuple[bytes, str]) -> None:
    body, content_type = sent[0][: hosted_form.LARGEST_FORM], sent[1]
    assert_is_quick(functools.partial(read_form_answers, body, content_type, region="US"))


@given(bodies(), st.sampled_from(KINDS))
def test_whether_any_body_is_proven_is_told_in_a_tenth_of_a_second(
    sent: tuple[bytes, str], kind: str
) -> None:
    urls = ("https://desk.example/hooks/forms/t0ken",)
    delivery = InboundDelivery(sent[0], {"x-hub-signature-256": "sha256=no"}, "POST", urls)

    def verify() -> None:
        with pytest.raises(BadSignature):
            verify_delivery(kind, ("one", "another"), delivery, now=NOW)

    assert_is_quick(verify)
