"""`explain contact`: the rules' answer about a number, in one object or thousands a second."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest

from leads.__main__ import main

NIGHT, DAY = "2026-11-28T20:30:00-05:00", "2026-11-28T15:00:00-05:00"
MORNING = "2026-11-28T09:00:00Z"
FAST = 1000  # lines in a second of processor time, on a busy machine too: alone it does thousands
KEYS = ["number", "allowed", "not_before", "reasons", "zones", "rules"]


@pytest.fixture(autouse=True)
def without_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/at/all.db")


ALLOWED: tuple[Any, ...] = (True, None, [])
NOWHERE: tuple[Any, ...] = (False, None, ["place_unknown"])
NEVER: tuple[Any, ...] = (False, None, ["place_unknown", "number_policy"])


def refused_until(instant: str) -> tuple[Any, ...]:
    return (False, instant, ["quiet_hours"])


@pytest.mark.parametrize(
    ("words", "answered", "rules"),
    [
        (["(315) 555-0142", "--at", DAY], ALLOWED, ["number-policy", "us-federal-hours"]),
        (
            ["+18135550142", "--at", NIGHT],
            refused_until("2026-11-29T08:00:00-05:00"),
            ["us-fl-hours"],
        ),
        (
            ["+13155550142", "--at", DAY, "--region", "Hawái", "--channel", "text"],
            ALLOWED,
            ["number-policy", "us-federal-hours"],
        ),
        (
            ["+13155550142", "--at", "2026-11-28T12:00:00-05:00", "--zip", "96813"],
            refused_until("2026-11-28T08:00:00-10:00"),
            ["us-federal-hours"],
        ),
        (
            ["+61412345678", "--source-region", "AU", "--at", "2026-11-28T18:30:00Z"],
            refused_until("2026-11-29T11:00:00+11:00"),
            ["decent-hours-abroad"],
        ),
        (["+14365550142", "--at", DAY], ALLOWED, ["number-policy", "us-federal-hours"]),
        (
            ["+18135550142", "--at", NIGHT, "--any-hour"],
            ALLOWED,
            ["number-policy", "wish-any-hour"],
        ),
        (["+870773111632", "--at", DAY], NEVER, ["place-known", "number-policy"]),
        (
            ["+14015550142", "--region", "Guam", "--at", "2026-11-17T12:00:00Z"],
            NOWHERE,
            ["us-federal-hours", "us-ri-hours"],
        ),
        (["911", "--at", DAY], (False, None, ["cannot_be_dialed"]), ["number-in-use"]),
        (
            ["030 12345678", "--source-region", "DE", "--zip", "10115", "--at", MORNING],
            ALLOWED,
            ["number-policy", "decent-hours-abroad"],
        ),
        (
            ["+4930 12345678", "--zip", "10115", "--at", MORNING],
            (False, None, ["number_policy", "quiet_hours"]),
            ["number-policy", "us-federal-hours", "decent-hours-abroad"],
        ),
    ],
)
def test_a_number_is_explained(
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    answered: tuple[Any, ...],
    rules: list[str],
) -> None:
    answer = explain(capsys, *words)
    assert list(answer) == KEYS
    allowed, not_before, reasons = answered
    assert answer["allowed"] is allowed
    assert answer["not_before"] == not_before
    assert answer["reasons"] == reasons
    assert [rule["id"] for rule in answer["rules"]] == rules
    assert all(rule["citation"] for rule in answer["rules"])


def test_a_refusal_is_told_in_words_with_its_citation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "contact", "+18135550142", "--at", NIGHT]) == 0
    said = capsys.readouterr().out
    assert "may not be contacted" in said
    assert "Fla. Stat. 501.616(6)" in said


def test_many_lines_are_answered_quickly_and_in_order(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [
        {
            "number": f"+1{area}{number:03}0142",
            "zip": f"{(area * 97 + number) % 100_000:05}",
            "region": ("", "Texas", "Hawaii, USA", "Atlantis")[number % 4],
            "channel": ("call", "text")[number % 2],
            "at": f"2026-11-{1 + number % 28:02}T{number % 24:02}:00:00-05:00",
        }
        for area in range(201, 990, 4)
        for number in range(200, 215)
    ]
    lines = "\n".join([json.dumps(one) for one in asked])
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    began = time.thread_time()
    assert main(["explain", "contact", "--batch", "--json"]) == 0
    took = time.thread_time() - began
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["number"] for one in answers] == [one["number"] for one in asked]
    assert len(asked) / took > FAST


def test_a_line_that_is_no_question_is_told_and_stops_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        *("[]", "{}", "nonsense", "", '"x"'),
        '{"number": "+13155550142", "at": "soon"}',
        '{"number": "+13155550142", "channel": "pigeon"}',
        '{"number": null}',
        '{"number": "+13155550142", "at": "0001-01-01T00:00:00Z"}',
        '{"number": "+13155550142", "at": "9999-12-31T23:59:59Z"}',
        "[" * 20_000,
        '{"number": 13155550142, "channel": "TEXT", "source_region": "us"}',
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
    assert main(["explain", "contact", "--batch", "--json"]) == 0
    *refused, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [list(one) for one in refused] == [["error"]] * 10
    assert last["number"] == "+13155550142"


def test_bytes_that_are_no_text_stop_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = b'\xef\xbb\xbf{"number": "+13155550142"}\n\xff{\n{"number": "+13155550143"}\r\n'
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(asked), encoding="ascii"))
    assert main(["explain", "contact", "--batch", "--json"]) == 0
    first, second, third = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["number"], third["number"]) == ("+13155550142", "+13155550143")
    assert list(second) == ["error"]


def test_an_instant_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "contact", "+13155550142", "--at", "yesterday"]) == 2
    assert "ISO 8601" in capsys.readouterr().err


def test_a_number_or_a_batch_has_to_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "contact"]) == 2
    assert "--batch" in capsys.readouterr().err


def explain(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["explain", "contact", *words, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer
