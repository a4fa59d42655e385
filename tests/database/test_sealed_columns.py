"""What people said and wrote is unreadable to whoever has the database alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, col, select

from leads.database.engine import current_engine, open_database
from leads.database.opening import open_data_keys
from leads.database.sealed_columns import PHONE_NUMBER, MatchedText
from leads.database.sealing_job import BATCH, FILE_IN_USE, seal_stored_rows, sealed_columns_of
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration
from leads.intake import raw_inbox
from leads.intake.raw_inbox import Arrival
from leads.models.calls import Note
from leads.models.requests import FactChange, Submission
from tests.conftest import NOW
from tests.support.databases import open_unsealed
from tests.support.people import a_call, a_source, a_submission

KEYS = ("what the operator chose", "the one before")
WORDS = b"phone=%2B13155550142&message=the+heron+is+awake"
SECRET = b"heron"
ALL_BODIES = "SELECT body FROM submission ORDER BY id"


@pytest.fixture
def sealed(database: str) -> str:
    """An empty database that is sealed with `KEYS`, on both engines."""
    open_unsealed()
    open_data_keys(KEYS)
    return database


def _store(*bodies: bytes) -> None:
    with transaction() as session:
        source = a_source(session).id
    raw_inbox.store_arrivals([Arrival(source, NOW, "", body) for body in bodies])


def _stored() -> list[bytes]:
    with current_engine().connect() as connection:
        return [bytes(kept) for (kept,) in connection.exec_driver_sql(ALL_BODIES)]


def _read() -> list[bytes]:
    with reader() as session:
        return list(session.exec(select(Submission.body).order_by(col(Submission.id))))


def test_a_body_is_sealed_and_read_again_one_or_many(sealed: str) -> None:
    _store(WORDS)
    raw_inbox.store_arrivals([Arrival(1, NOW, "", WORDS + b"%d" % number) for number in range(3)])
    assert _read() == [WORDS, WORDS + b"0", WORDS + b"1", WORDS + b"2"]
    assert [SECRET in kept for kept in _stored()] == [False] * 4
    assert len(set(_stored())) == 4


def test_notes_messages_and_documents_are_sealed_whichever_way_they_are_written(
    sealed: str,
) -> None:
    said = {"name": "Ana", "campaign": "fall", "message": "the heron"}
    with transaction() as session:
        attempt = a_call(session)
        note = Note(
            callback_id=attempt.callback_id,
            advisor_id=attempt.advisor_id,
            text="the heron said no",
            written_at=NOW,
        )
        session.add(note)
        a_submission(session, reading=said)
    for table, column in (("note", "text"), ("submission", "reading")):
        with current_engine().connect() as connection:
            kept = connection.exec_driver_sql(f"SELECT {column} FROM {table}").scalars().all()
        assert "heron" not in str(kept)
    with reader() as session:
        assert session.exec(select(Note.text)).all() == ["the heron said no"]
        asked = col(Submission.reading)["campaign"].as_string() == "fall"
        assert session.exec(select(Submission.reading).where(asked)).all() == [said]


def test_what_is_empty_stays_so_and_the_database_can_tell(sealed: str) -> None:
    with transaction() as session:
        for why in ("", "asked by phone"):
            lead = a_call(session).callback_id
            change = {"lead_id": lead, "fact": "name", "before": "", "after": "Bo", "by": "Ben"}
            session.add(FactChange(**change, why=why, at=NOW))
    with reader() as session:
        said = select(FactChange.why).where(FactChange.why != "")
        assert session.exec(said).all() == ["asked by phone"]


def test_the_database_is_asked_for_no_words() -> None:
    for ask in (
        lambda: Note.text == "heron",
        lambda: col(Note.text).startswith("her"),
        lambda: col(Submission.body) == SECRET,
        lambda: col(Note.text).desc(),
    ):
        with pytest.raises(TypeError, match="cannot compare what is sealed"):
            ask()


def test_a_new_key_seals_from_now_on_and_the_old_one_can_go(sealed: str) -> None:
    _store(WORDS)
    before = _stored()
    open_data_keys(("the newest", *KEYS))
    open_data_keys(("the newest",))
    assert (_read(), _stored()) == ([WORDS], before)
    for lost in (KEYS, (), ("yet another",)):
        with pytest.raises(BadConfiguration, match="sealed with another SECRET_KEY"):
            open_data_keys(lost)


def test_what_is_moved_or_forged_in_the_database_is_not_taken_for_words(
    sealed: str,
) -> None:
    _store(WORDS, b"sealed2:1:not a thing of ours", b"sealed2:x")
    with current_engine().begin() as connection:
        connection.exec_driver_sql("UPDATE submission SET query = 'sealed2:1:AAAA' WHERE id = 1")
    with reader() as session:
        first = session.exec(select(Submission).order_by(col(Submission.id))).first()
    assert first is not None
    assert (first.body, first.query) == (WORDS, "sealed2:1:AAAA")
    assert _read()[1:] == [b"sealed2:1:not a thing of ours", b"sealed2:x"]


def test_without_a_key_everything_is_kept_as_it_came(database: str) -> None:
    open_unsealed()
    bodies = [WORDS, b"sealed2:1:sent by a stranger"]
    _store(*bodies)
    assert _read() == _stored() == bodies
    assert seal_stored_rows() == 0


def test_what_was_stored_before_is_sealed_and_goes_on_where_it_was_stopped(
    database: str,
) -> None:
    open_unsealed()
    bodies = [WORDS + b"%d" % number for number in range(BATCH + 20)]
    _store(*bodies)
    open_data_keys(KEYS)

    def stop(_progress: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seal_stored_rows(stop)
    assert sum(SECRET in kept for kept in _stored()) == 20
    heard: list[str] = []
    assert seal_stored_rows(heard.append) == 20
    rewritten = ["Writing the file anew"] if database.startswith("sqlite") else []
    assert heard == ["Sealed submission: 20 rows so far", *rewritten]
    assert seal_stored_rows() == 0
    assert _read() == bodies
    assert not any(SECRET in kept for kept in _stored())
    if database.startswith("sqlite"):
        assert _files_with(SECRET, database) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_stopped_before_the_file_was_written_anew_comes_back_to_it(database: str) -> None:
    open_unsealed()
    _store(WORDS)
    open_data_keys(KEYS)

    def stop_at_the_file(progress: str) -> None:
        if "anew" in progress:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seal_stored_rows(stop_at_the_file)
    assert _files_with(SECRET, database) != []
    heard: list[str] = []
    with reader() as other:  # whose view the log keeps
        other.exec(select(Submission.id)).all()
        assert seal_stored_rows(heard.append) == 0
    assert heard == ["Writing the file anew", FILE_IN_USE]
    assert seal_stored_rows() == 0
    assert _files_with(SECRET, database) == []
    heard.clear()
    assert (seal_stored_rows(heard.append), heard) == (0, [])


def _files_with(words: bytes, database: str) -> list[str]:
    """Return the files of an SQLite database, its log among them, in which words can be read."""
    folder, name = database.removeprefix("sqlite:///").rsplit("/", 1)
    files = [one for one in Path(folder).glob(f"{name}*") if not one.name.endswith(".key")]
    assert files
    return [one.name for one in files if words in one.read_bytes()]


def test_each_sealed_column_is_sealed_as_its_own() -> None:
    places: list[str] = []
    for table in SQLModel.metadata.sorted_tables:
        for column in sealed_columns_of(table):
            kind: Any = column.type
            own = f"{table.name}.{column.name}"
            if isinstance(kind, MatchedText):
                assert kind.purpose in (PHONE_NUMBER.purpose, own)
                continue
            assert kind.place == own
            places.append(own)
    assert len(places) > 15


def test_a_new_database_is_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere yet"
    open_database(f"sqlite:///{folder}/desk.db")  # whoever connects is told that it is not there
    folder.mkdir()
    open_database(f"sqlite:///{folder}/desk.db")
    with current_engine().begin() as connection:
        connection.exec_driver_sql("CREATE TABLE told (words)")
        modes = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}
    current_engine().dispose()
    assert modes == {"desk.db": 0o600, "desk.db-wal": 0o600, "desk.db-shm": 0o600}
