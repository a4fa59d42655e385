"""What an operator does about people's data at the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from leads.__main__ import main
from leads.database.transactions import reader, transaction
from leads.models.requests import Lead
from leads.models.watching import Transition
from tests.support.whole_person import MARK, a_whole_person, find_left


@pytest.fixture(autouse=True)
def at_home(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))


def run(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    shown: dict[str, Any] = json.loads(capsys.readouterr().out)
    return shown


def test_an_operator_sees_what_is_no_longer_kept_and_deletes_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction() as session:
        a_whole_person(session)  # of March
    assert main(["retention"]) == 2
    assert "before you have a retention.toml of your own" in capsys.readouterr().err
    own = tmp_path / "own.toml"
    own.write_text('[keep]\nbodies = 30\nwords = "forever"\n')
    monkeypatch.setenv("RETENTION_FILE", str(own))
    preview = run(capsys, "retention", "--preview")
    assert preview["bodies"]["people"] == 1
    assert preview["words"] == {"before": None, "people": 0, "rows": 0}
    assert preview["people"]["people"] == 0
    assert main(["retention"]) == 0
    assert "Deleted bodies: people 1, rows 1" in capsys.readouterr().err
    assert run(capsys, "retention", "--preview")["bodies"]["people"] == 0
    with reader() as session:
        left = find_left(session, MARK)
    assert "body" not in left["submission"]
    assert "name" in left["lead"]


def test_an_operator_sees_what_would_go_and_erases_one_person(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with transaction() as session:
        lead_id = a_whole_person(session).id
    preview = run(capsys, "erase", str(lead_id), "--preview")
    assert (preview["files"], preview["in_the_way"]) == (1, [])
    assert preview["rows"]["submissions"] == 1
    with reader() as session:
        assert find_left(session, MARK)
    erased = run(capsys, "erase", str(lead_id), "--reason", "asked")
    assert erased["erased"]["texts"] == 1
    with reader() as session:
        assert find_left(session, MARK) == {}
        assert session.get_one(Lead, lead_id).erased_at is not None
        by = select(Transition.actor).where(Transition.event == "erase")
        assert session.exec(by).one() == "operator"
    assert main(["erase", str(lead_id), "--reason", "asked"]) == 2
    assert "erased before" in capsys.readouterr().err
    assert main(["erase", "999", "--preview"]) == 2
    assert "no record 999" in capsys.readouterr().err
