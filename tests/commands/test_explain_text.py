"""`explain text`: what a text would mean, a line of JSON for each, without a database."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from leads.__main__ import main

ROOT = Path(__file__).parents[2]
MANY = 200


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/at/all.db")


def test_a_text_is_explained_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "text", "ya no me llamen", "cancel my request", "hola"]) == 0
    assert [line.partition(";")[0] for line in capsys.readouterr().out.splitlines()] == [
        "wish: stop",
        "wish: unclear: held for review",
        "wish: none",
    ]


def test_texts_are_read_a_line_each(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("STOP\n\nno calls, text me\r\nllámenme\n"))
    assert main(["explain", "text", "--batch", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["wish"] for line in lines] == ["stop", None, "stop_calls", "call"]
    assert {line["danger"] for line in lines} == {None}
    assert all(line.keys() == {"danger", "wish"} for line in lines)


def test_many_texts_are_explained_whatever_their_bytes() -> None:
    texts = "por favor ya no me llamen más, gracias\n".encode() * MANY + b"\xff\xfe stop\n"
    command = [sys.executable, "-m", "leads", "explain", "text", "--batch", "--json"]
    done = subprocess.run(
        command, input=texts, capture_output=True, cwd=ROOT, env=dict(os.environ), check=True
    )
    lines = done.stdout.splitlines()
    assert len(lines) == MANY + 1
    assert json.loads(lines[0])["wish"] == "stop"
