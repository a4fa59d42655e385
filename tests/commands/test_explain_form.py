"""`explain form`: outcome, reading and why, by intake's own rules and without a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leads.__main__ import main


@pytest.fixture(autouse=True)
def without_a_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/none/there.db")


def explain(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["explain", "form", *words, "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


@pytest.mark.parametrize(
    ("body", "outcome", "why"),
    [
        ('{"name": "Ana", "phone": "(315) 555-0142"}', "admit", "can be dialed"),
        ('{"phone": "3155550142", "consent": "no"}', "admit", "did not agree"),
        ("phone=3155550142&name=Ana", "admit", "can be dialed"),
        (
            '{"phone": "3155550142", "message": "please no calls"}',
            "admit",
            "Read their words before anyone calls",
        ),
        ('{"phone": "3155550142", "message": "he hits me"}', "admit", "violence or a threat"),
        ('{"Abuser phone": "3155550142"}', "needs_review", "“Abuser phone”"),
        ('{"phone": "315-555-XXXX"}', "needs_review", "cannot be dialed"),
        ("<lead><phone>3155550142</phone></lead>", "needs_review", "neither JSON nor a form"),
        ('{"phone": "3155550142", "is_test": true}', "discard", "test"),
        ('{"phone": "3155550142", "event": "entry.updated"}', "needs_review", "a change to"),
    ],
)
def test_it_says_what_would_become_of_a_form_and_why(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, body: str, outcome: str, why: str
) -> None:
    file = tmp_path / "body"
    file.write_text(body, "utf-8")
    told = explain(capsys, str(file))
    assert told["outcome"] == outcome
    assert told["held"] is (outcome == "admit" and "can be dialed" not in why)
    assert why in " ".join(told["why"])
    assert (told["reading"].get("phone") is not None) == (outcome != "needs_review") or (
        "updated" in body
    )


def test_kind_region_and_address_count(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_text('{"phone": "020 7946 0958"}', "utf-8")
    assert explain(capsys, str(file), "--region", "gb")["reading"]["phone"] == "+442079460958"
    asked = ("--method", "GET", "--query", "phone=3155550142")
    visit = explain(capsys, "-", *asked)
    assert (visit["outcome"], visit["reading"]["phone"]) == ("needs_review", "+13155550142")
    assert explain(capsys, "-", *asked[2:])["outcome"] == "admit"
    entry = {"form_id": "1", "date_created": "2026-01-01", "3": "3155550142"}
    file.write_text(json.dumps(entry), "utf-8")
    assert explain(capsys, str(file), "--kind", "gravity_forms")["outcome"] == "needs_review"


def test_without_json_it_is_said_in_lines(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "body"
    file.write_text('{"Teléfono del agresor": "3155550142"}', "utf-8")
    assert main(["explain", "form", str(file)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert (said[0], said[-1]) == (
        "needs_review",
        "There is a number under “Teléfono del agresor”.",
    )


def test_who_refused_a_call_does_not_look_like_an_admitted_call(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "body"
    file.write_text('{"phone": "3155550142", "message": "do not call me"}', "utf-8")
    assert main(["explain", "form", str(file)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "admit, held"
    assert said[1].startswith("Read their words before anyone calls")
