"""What cannot be taken or put back is refused in a sentence, and nothing is changed."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy
from alembic import command
from sqlalchemy.pool import NullPool

from leads.__main__ import main
from leads.backups.contents import BackupContents, pack_contents, unpack_contents
from leads.backups.postgresql_archives import put_postgresql_database
from leads.backups.sealed_stream import seal_stream, unseal_stream
from leads.backups.sqlite_files import put_sqlite_database
from leads.database import migrate
from leads.database.engine import current_engine, open_database
from leads.database.transactions import transaction
from leads.errors import BadBackup
from leads.helplines import brands_and_sources
from tests.conftest import NOW
from tests.support.backed_up import SECRET_KEY, read_all_rows
from tests.support.steady_forms import take_form

pytestmark = pytest.mark.usefixtures("postgresql_tools")


@pytest.fixture(autouse=True)
def desk_environment(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)


@pytest.fixture
def filled(database: str) -> str:
    """A desk that one person asked for help."""
    with transaction() as session:
        source = brands_and_sources.add_source(session, "Site", now=NOW).id
    take_form(source, 1000)
    current_engine().dispose()
    return database


@pytest.fixture
def backup(filled: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "one.backup"
    assert main(["backup", str(path)]) == 0
    current_engine().dispose()
    capsys.readouterr()
    return path


@pytest.fixture
def place(
    backup: Path,
    empty_place: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """An empty database that DATABASE_URL names."""
    place = empty_place()
    monkeypatch.setenv("DATABASE_URL", place)
    yield place
    current_engine().dispose()


@pytest.fixture
def changed_desk(backup: Path, place: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The desk of the backup, put back and used since: of another version now."""
    assert main(["restore", str(backup)]) == 0
    current_engine().dispose()
    capsys.readouterr()
    engine = sqlalchemy.create_engine(place, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE lead SET name = 'Somebody Else'"))
        connection.execute(sqlalchemy.text("CREATE TABLE of_a_newer_version (id INTEGER)"))
    return place


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return the one sentence, or few, of a command that refused."""
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err


def is_untouched(place: str) -> bool:
    if place.startswith("sqlite"):
        path = Path(place.removeprefix("sqlite:///"))
        return list(path.parent.glob(f"*{path.name}*")) == []
    return read_all_rows(place) == {}


def rows_before_the_backup(desk: str) -> dict[str, list[str]]:
    """Return what a desk holds without that a backup of it was taken, which came after that."""
    return {**read_all_rows(desk), "backup_taken": []}


def test_data_is_replaced_only_where_that_is_said(
    filled: str, backup: Path, changed_desk: str, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = read_all_rows(changed_desk)
    assert "not empty" in refusal(capsys, "restore", str(backup))
    assert read_all_rows(changed_desk) == changed
    current_engine().dispose()
    assert main(["restore", str(backup), "--overwrite"]) == 0
    assert read_all_rows(changed_desk) == rows_before_the_backup(filled)


def test_a_running_desk_is_not_replaced(
    backup: Path, changed_desk: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = sqlalchemy.create_engine(changed_desk)
    with engine.connect() as desk:
        desk.execute(sqlalchemy.text("SELECT count(*) FROM lead"))
        desk.commit()  # it is connected, and idle
        assert "desk is running" in refusal(capsys, "restore", str(backup), "--overwrite")
        assert len(read_all_rows(changed_desk)["of_a_newer_version"]) == 0
        desk.execute(sqlalchemy.text("UPDATE lead SET name = 'Still there'"))
        desk.commit()
    engine.dispose()
    assert "Still there" in str(read_all_rows(changed_desk)["lead"])


def test_a_wrong_key_a_cut_a_change_and_no_file_are_each_a_sentence(
    backup: Path, place: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = backup.read_bytes()
    backup.write_bytes(whole[:-20])
    assert "not whole" in refusal(capsys, "restore", str(backup))
    backup.write_bytes(whole[:-20] + bytes(20))
    assert "not whole" in refusal(capsys, "restore", str(backup))
    backup.write_bytes(b"x" + whole)
    assert "no backup of Ringback" in refusal(capsys, "restore", str(backup))
    backup.write_bytes(whole)
    monkeypatch.setenv("SECRET_KEY", "of somebody else's desk altogether")
    assert "SECRET_KEY is not the one" in refusal(capsys, "restore", str(backup))
    monkeypatch.setenv("SECRET_KEY", "")
    assert "SECRET_KEY is missing" in refusal(capsys, "restore", str(backup))
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    assert "nowhere: No such file" in refusal(capsys, "restore", str(backup.parent / "nowhere"))
    assert "Is a directory" in refusal(capsys, "restore", str(backup.parent))
    assert is_untouched(place)


def test_a_backup_is_checked_without_a_database(
    backup: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["restore", str(backup), "--check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "whole"
    assert is_untouched(place)


def resealed(backup: Path, **changes: object) -> None:
    """Say other things of what a backup holds, with the right key."""
    with backup.open("rb") as file:
        contents, pieces = unpack_contents(unseal_stream(file, keys=(SECRET_KEY,)))
        database = b"".join(pieces)
    changed = dataclasses.replace(contents, **changes)
    sealed = io.BytesIO()
    seal_stream(pack_contents(changed, [database]), sealed, key=SECRET_KEY)
    backup.write_bytes(sealed.getvalue())


def test_what_does_not_hold_what_it_says_is_not_put_back(
    backup: Path, changed_desk: str, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = read_all_rows(changed_desk)
    resealed(backup, rows={"lead": 2})
    assert "damaged" in refusal(capsys, "restore", str(backup), "--overwrite")
    assert read_all_rows(changed_desk) == changed


def put_database(place: str, contents: BackupContents, pieces: Iterator[bytes]) -> None:
    if place.startswith("sqlite"):
        put_sqlite_database(Path(place.removeprefix("sqlite:///")), contents, pieces)
    else:
        put_postgresql_database(place, contents, pieces, overwrite=True)


@pytest.mark.parametrize("is_noticed", [True, False])
def test_what_ends_half_way_changes_nothing(
    backup: Path, changed_desk: str, *, is_noticed: bool
) -> None:
    changed = read_all_rows(changed_desk)
    with backup.open("rb") as file:
        contents, pieces = unpack_contents(unseal_stream(file, keys=(SECRET_KEY,)))
        database = b"".join(pieces)

    def half() -> Iterator[bytes]:
        yield database[: len(database) // 2]
        if is_noticed:
            msg = "cut off"
            raise BadBackup(msg)

    current_engine().dispose()
    with pytest.raises(BadBackup):
        put_database(changed_desk, contents, half())
    assert read_all_rows(changed_desk) == changed


def test_a_newer_version_and_another_kind_of_database_are_refused(
    backup: Path,
    place: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = "postgresql://there/ringback" if "sqlite" in place else f"sqlite:///{tmp_path}/no.db"
    monkeypatch.setenv("DATABASE_URL", other)
    assert re.search("backup of (SQLite|PostgreSQL)", refusal(capsys, "restore", str(backup)))
    monkeypatch.setenv("DATABASE_URL", place)
    resealed(backup, revision="9999")
    assert "newer version" in refusal(capsys, "restore", str(backup))
    assert is_untouched(place)


def test_an_older_version_is_put_back_and_brought_up_to_date(
    empty_place: Callable[[], str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, place = empty_place(), empty_place()
    open_database(old)
    command.upgrade(migrate._alembic_config(), "0044")  # noqa: SLF001 - an older version of ours
    current_engine().dispose()
    monkeypatch.setenv("DATABASE_URL", old)
    assert main(["backup", str(tmp_path / "old.backup")]) == 0  # before it is brought up to date
    current_engine().dispose()
    monkeypatch.setenv("DATABASE_URL", place)
    capsys.readouterr()
    assert main(["restore", str(tmp_path / "old.backup")]) == 0
    assert "python -m leads migrate" in capsys.readouterr().err
    assert main(["migrate"]) == 0
    assert main(["status"]) == 0
    current_engine().dispose()


def test_no_key_a_short_one_no_desk_and_a_name_that_is_taken_are_refused(
    filled: str,
    backup: Path,
    empty_place: Callable[[], str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = backup.parent
    assert "exists already" in refusal(capsys, "backup", str(backup))
    assert "No such file" in refusal(capsys, "backup", str(folder / "no" / "where"))
    assert "Not a directory" in refusal(capsys, "backup", str(backup / "where"))
    monkeypatch.setenv("SECRET_KEY", "too short")
    assert "SECRET_KEY is too short" in refusal(capsys, "backup", str(folder / "two"))
    monkeypatch.setenv("SECRET_KEY", "")
    assert "SECRET_KEY is missing" in refusal(capsys, "backup", str(folder / "two"))
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    place = empty_place()
    monkeypatch.setenv("DATABASE_URL", place)
    assert "There is no d" in refusal(capsys, "backup", str(folder / "two"))
    current_engine().dispose()
    assert is_untouched(place)
    assert {path.name for path in folder.iterdir()} <= {backup.name}
    assert filled != place


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_tools_that_are_not_there_or_give_up_are_named(
    filled: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filled
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    assert "pg_dump is not on this machine" in refusal(capsys, "backup", str(tmp_path / "two"))
    pg_dump = tools / "pg_dump"
    pg_dump.write_text(
        f'#!/bin/sh\necho "$@ / $PGPASSWORD" > {tools}/told\n'
        'echo "pg_dump: error: aborting because of server version mismatch" >&2\nexit 1\n'
    )
    pg_dump.chmod(0o755)
    sentence = refusal(capsys, "backup", str(tmp_path / "two"))
    assert "pg_dump gave up: aborting because of server version mismatch." in sentence
    assert "install PostgreSQL's client tools" in sentence
    assert list(tmp_path.glob("two*")) == []
    monkeypatch.setenv("DATABASE_URL", filled.replace("postgres@", "postgres:hidden%20word@"))
    refusal(capsys, "backup", str(tmp_path / "two"))
    told = (tools / "told").read_text().strip()
    assert told.endswith("/ hidden word")  # in the environment, and not where `ps` shows it
    assert told.count("hidden") == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_key_of_recordings_goes_where_the_database_goes(
    filled: str,
    tmp_path: Path,
    empty_place: Callable[[], str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path(f"{filled.removeprefix('sqlite:///')}.key").write_text("of the recordings")
    monkeypatch.setenv("SECRET_KEY", f"{SECRET_KEY},one that it replaced")
    assert main(["backup", str(tmp_path / "one.backup")]) == 0
    place = empty_place()
    monkeypatch.setenv("DATABASE_URL", place)
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    path = Path(place.removeprefix("sqlite:///"))
    key = Path(f"{path}.key")
    key.write_text("of other recordings")
    capsys.readouterr()
    assert "another key" in refusal(capsys, "restore", str(tmp_path / "one.backup"))
    assert key.read_text() == "of other recordings"
    key.unlink()
    assert main(["restore", str(tmp_path / "one.backup")]) == 0
    assert "SECRET_KEY lacks 1 of the keys" in capsys.readouterr().err
    assert key.read_text() == "of the recordings"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(one.name for one in path.parent.glob("elsewhere*")) == [path.name, key.name]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_damaged_database_and_its_journal_are_replaced(
    filled: str, backup: Path, changed_desk: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(changed_desk.removeprefix("sqlite:///"))
    kept = sqlalchemy.create_engine(changed_desk)
    with kept.connect() as desk:  # a desk whose machine stops now leaves its journal
        desk.execute(sqlalchemy.text("UPDATE lead SET name = 'In the journal'"))
        desk.commit()
        journal = Path(f"{path}-wal").read_bytes()
    kept.dispose()
    Path(f"{path}-wal").write_bytes(journal)
    path.write_bytes(b"not a database any more" * 1000)
    assert "not empty" in refusal(capsys, "restore", str(backup))
    assert "gave up" in refusal(capsys, "backup", str(backup.parent / "two"))
    assert main(["restore", str(backup), "--overwrite"]) == 0
    assert read_all_rows(changed_desk) == rows_before_the_backup(filled)
