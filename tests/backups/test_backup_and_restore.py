"""A backup is taken while the desk runs, tells nobody anything, and is the whole desk again."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.pool import NullPool

from leads.__main__ import main
from leads.backups.taking import take_backup
from leads.commands import demo_data
from leads.config.settings import load_settings
from leads.database.engine import current_engine, open_database
from leads.database.transactions import reader
from tests.conftest import NOW
from tests.support.backed_up import SECRET_KEY, read_all_rows, read_words_of_people
from tests.support.databases import open_before_keys
from tests.support.steady_forms import take_form, taking_forms

pytestmark = pytest.mark.usefixtures("postgresql_tools")


@pytest.fixture(autouse=True)
def desk_environment(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    open_before_keys()  # the words are to be found where they are not sealed


@pytest.fixture
def demo(database: str) -> str:
    demo_data.fill_demo_database(now=NOW)
    current_engine().dispose()
    return database


def run(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    status = main([*words, "--json"])
    printed = capsys.readouterr()
    assert (status, printed.err) == (0, "")
    shown: dict[str, Any] = json.loads(printed.out)
    return shown


def test_the_desk_of_one_moment_is_the_same_elsewhere(
    demo: str,
    empty_place: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = read_all_rows(demo)
    source = _find_demo_source()
    busy = tmp_path / "while others write.backup"
    with taking_forms(demo, source):
        for _ in range(100):  # until a form came meanwhile
            busy.unlink(missing_ok=True)
            begun = len(read_all_rows(demo)["lead"])
            run(capsys, "backup", str(busy))
            ended = len(read_all_rows(demo)["lead"])
            if begun < ended:
                break
    assert begun < ended
    after = read_all_rows(demo)
    taken = run(capsys, "backup", str(tmp_path / "quiet.backup"))
    assert taken["rows"] == sum(map(len, after.values()))
    assert taken["leads"] == len(after["lead"])
    noted = len(read_all_rows(demo)["backup_taken"])
    assert noted == len(after["backup_taken"]) + 1
    _assert_nobody_is_shown(demo, tmp_path / "quiet.backup")

    moment = empty_place()
    monkeypatch.setenv("DATABASE_URL", moment)
    run(capsys, "restore", str(busy))
    restored = read_all_rows(moment)
    assert begun <= len(restored["lead"]) <= ended
    for table, rows in before.items():
        stayed = set(rows) & set(after[table])
        assert stayed <= set(restored[table]), table
    _assert_whole_requests(moment)

    elsewhere = empty_place()
    monkeypatch.setenv("DATABASE_URL", elsewhere)
    assert run(capsys, "restore", str(tmp_path / "quiet.backup"))["outcome"] == "restored"
    restored = read_all_rows(elsewhere)
    assert restored.keys() == after.keys()
    for table, rows in after.items():
        assert restored[table] == rows, table
    assert run(capsys, "status")["limbo"] == 0  # opens the database there
    take_form(source, 9000)
    assert len(read_all_rows(elsewhere)["lead"]) == taken["leads"] + 1


def _assert_nobody_is_shown(database: str, backup: Path) -> None:
    words = read_words_of_people()
    assert {b"Walker", b"+13155550190", b"options", b"brother", b"sam@demo.example"} <= words
    assert len(words) > 150
    content = backup.read_bytes().lower()
    assert [word for word in words if word.lower() in content] == []
    assert [mark for mark in (b"sqlite format", b"pgdmp", b"revision") if mark in content] == []
    if database.startswith("sqlite"):  # the same search finds them where they are not sealed
        open_database(database)
        with current_engine().connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        content = Path(database.removeprefix("sqlite:///")).read_bytes()
        assert [word for word in words if word not in content] == []


def _assert_whole_requests(url: str) -> None:
    """What one transaction of the writer wrote is there as a whole."""
    engine = sqlalchemy.create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        leads, callbacks, admitted = (
            connection.scalar(sqlalchemy.text(query))
            for query in (
                "SELECT count(*) FROM lead WHERE name LIKE 'Writer %'",
                (
                    "SELECT count(*) FROM callback JOIN lead ON lead.id = lead_id "
                    "WHERE name LIKE 'Writer %'"
                ),
                (
                    "SELECT count(*) FROM submission JOIN lead ON lead.id = lead_id "
                    "WHERE name LIKE 'Writer %' AND submission.state = 'admitted'"
                ),
            )
        )
        broken = (
            connection.execute(sqlalchemy.text("PRAGMA foreign_key_check")).all()
            if url.startswith("sqlite")
            else []  # PostgreSQL makes its foreign keys of what it was given
        )
    assert leads
    assert callbacks == leads
    assert admitted == leads
    assert broken == []


def test_the_file_is_its_owners_and_nothing_else_is_left(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    beside = Path(database.removeprefix("sqlite:///")).parent if "sqlite" in database else folder
    names: set[str] = set()
    steps: dict[str, int] = {}

    def progress(step: str, done: int, total: int) -> None:
        names.update(path.name for path in beside.iterdir())
        assert done <= total or not total
        steps[step] = done

    settings = load_settings()
    path, _ = take_backup(folder, settings, now=NOW, progress=progress)
    assert path.name == "ringback-20260303T170000Z.backup"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(folder.iterdir()) == [path]
    assert {name for name in names if name.startswith(".")} == set()  # no copy that one could read
    assert steps.keys() >= {"Sealing", "Checking"}
    take_backup(folder, settings, now=NOW + timedelta(seconds=1), progress=progress)
    assert len(list(folder.iterdir())) == 2


def _find_demo_source() -> int:
    with reader() as session:
        found = demo_data.find_demo_source(session)
    assert found is not None
    return found
