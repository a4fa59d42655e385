"""Everything is sealed with new keys: nothing of the old ones is left, and everybody is found."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy
from sqlmodel import SQLModel, select

from leads import person_search
from leads.__main__ import main
from leads.commands import records
from leads.contact_rules import kept_stops, suppression
from leads.database.data_keys import NO_KEYS, data_keys_of, open_data_keys
from leads.database.engine import current_engine, open_database
from leads.database.lookup_key import NOT_OPENED, KeysNotOpenedError
from leads.database.migrate import run_migrations
from leads.database.opening import open_current_database
from leads.database.sealed_columns import PHONE_NUMBER, SealedBytes, SealedJson, SealedText
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration
from leads.i18n.messages import Message, MessageKey
from leads.models.enums import ErasureReason
from leads.models.requests import Lead, Submission
from leads.privacy import erasure
from tests.conftest import NOW
from tests.support.databases import keys_beside
from tests.support.people import NUMBER, a_lead, a_submission, a_supervisor

STOPPED, ERASED = "+13155550143", "+13155550144"
OLD, NEW = re.compile(r"(sealed2|matched)1?:?1:"), re.compile(r"(sealed2:2|matched2):")
READ = {"name": "Ana Heron", "phone": NUMBER}


@pytest.fixture
def filled(empty_place: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database that nobody else has open, with people in it."""
    database = empty_place()
    open_database(database)
    run_migrations()
    open_data_keys(keys_beside(database))
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with transaction() as session:
        a_lead(session, NUMBER, name="Ana Heron", email="ana@heron.example")
        a_submission(session, reading=READ, body=b"call the heron")
        gone = a_lead(session, ERASED, name="Bo Wren")
        for number in (STOPPED, ERASED):
            reason = Message(MessageKey.STOPPED_BEFORE_IMPORT)
            suppression.suppress_number(session, number, reason=reason, actor="x", now=NOW)
        supervisor = a_supervisor(session)
        erasure.erase_person(session, gone, supervisor, reason=ErasureReason.ASKED, now=NOW)
    yield database
    current_engine().dispose()


def stored() -> str:
    with current_engine().connect() as connection:
        rows = [
            connection.execute(sqlalchemy.text(f"SELECT * FROM {table.name}")).all()
            for table in SQLModel.metadata.sorted_tables
        ]
    return str(rows)


def require_everybody_is_found() -> None:
    with transaction() as session:
        assert [one.phone for one in person_search.find_people(session, "her", most=5)] == [NUMBER]
        by_digits = select(Lead.phone).where(person_search.has_last_digits_clause(session, "0142"))
        assert session.exec(by_digits).all() == [NUMBER]
        assert session.exec(select(Lead.name).where(Lead.phone == NUMBER)).one() == "Ana Heron"
        assert session.exec(select(Submission.body)).first() == b"call the heron"
        assert session.exec(select(Submission.reading)).first() == READ
        assert suppression.is_number_suppressed(session, STOPPED)
        assert not suppression.is_number_suppressed(session, ERASED)
        kept_stops.restore_kept_stops(session, [ERASED])
        assert suppression.is_number_suppressed(session, ERASED)


def rekey() -> int:
    current_engine().dispose()  # this process is no desk
    return main(["rekey"])


def test_new_keys_seal_everything_and_everybody_is_found(
    filled: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert OLD.search(stored())
    assert rekey() == 0
    assert "rows so far" in capsys.readouterr().err
    open_current_database(filled, keys_beside(filled))
    assert not OLD.search(stored())
    assert NEW.search(stored())
    require_everybody_is_found()
    if filled.startswith("sqlite"):
        path = filled.removeprefix("sqlite:///")
        with open(path, "rb") as file:  # noqa: PTH123 - as whoever took the disk away
            assert not re.search(rb"(sealed2:1|matched1):", file.read())


@pytest.mark.parametrize("again", ["rekey", "migrate"])
def test_it_may_be_stopped_and_no_desk_starts_before_it_is_done(
    filled: str, again: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_progress: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr(records, "print_progress", stop)
        with pytest.raises(KeyboardInterrupt):
            rekey()
    with pytest.raises(BadConfiguration, match="not finished"):
        open_current_database(filled, keys_beside(filled))
    current_engine().dispose()
    assert main([again]) == 0
    open_current_database(filled, keys_beside(filled))
    assert not OLD.search(stored())
    assert "matched3:" not in stored()
    require_everybody_is_found()


def test_while_a_desk_runs_nothing_is_begun(
    filled: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = sqlalchemy.create_engine(filled)
    with engine.connect() as desk:
        desk.execute(sqlalchemy.text("SELECT count(*) FROM lead"))
        desk.commit()
        assert rekey() == 2
    engine.dispose()
    assert "desk is running" in capsys.readouterr().err
    open_current_database(filled, keys_beside(filled))
    assert not NEW.search(stored())


def test_before_the_keys_are_opened_nothing_is_written_in_clear(database: str) -> None:
    dialect = sqlalchemy.create_engine("sqlite://").dialect
    assert data_keys_of(dialect) == NO_KEYS
    kinds = (PHONE_NUMBER, SealedText("a.b"), SealedBytes("a.b"), SealedJson("a.b"))
    for kind, value in zip(kinds, ("+1", "a", b"a", {"a": 1}), strict=True):
        with pytest.raises(KeysNotOpenedError):
            kind.process_bind_param(value, dialect)
        assert not kind.process_bind_param(type(value)(), dialect)
    with pytest.raises(KeysNotOpenedError):
        NOT_OPENED.hash_word("a", purpose="b")
    with reader() as session:
        assert data_keys_of(session.get_bind().dialect).lookup.key
