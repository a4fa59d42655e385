"""Everything is sealed with new keys: nothing of the old ones is left, and everybody is found."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool
from sqlmodel import Session, SQLModel, col, select

from leads import person_search
from leads.__main__ import main
from leads.commands import records
from leads.contact_rules import kept_stops, suppression
from leads.database import key_change
from leads.database.data_keys import NO_KEYS, data_keys_of
from leads.database.engine import current_engine, open_database
from leads.database.lookup_key import NOT_OPENED, KeysNotOpenedError
from leads.database.migrate import run_migrations
from leads.database.opening import open_current_database, open_data_keys
from leads.database.sealed_columns import PHONE_NUMBER, SealedBytes, SealedJson, SealedText
from leads.database.transactions import reader, transaction
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
            say_stop(session, number)
        supervisor = a_supervisor(session)
        erasure.erase_person(session, gone, supervisor, reason=ErasureReason.ASKED, now=NOW)
    yield database
    current_engine().dispose()


def say_stop(session: Session, number: str) -> bool:
    reason = Message(MessageKey.STOPPED_BEFORE_IMPORT)
    return suppression.suppress_number(session, number, reason=reason, actor="x", now=NOW)


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


@pytest.fixture(autouse=True)
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process alone has the database open, and the steps are small."""
    monkeypatch.setattr(key_change, "ANNOUNCED_SECONDS", 0)
    monkeypatch.setattr(key_change, "ROWS_AT_ONCE", 1)


def rekey(monkeypatch: pytest.MonkeyPatch, hear: Callable[[str], None]) -> int:
    with monkeypatch.context() as patched:
        patched.setattr(records, "print_progress", hear)
        return main(["rekey"])


def test_new_keys_seal_everything_and_everybody_is_found(
    filled: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert OLD.search(stored())
    assert main(["rekey"]) == 0
    assert "Moved to the new lookup key: 100 %" in capsys.readouterr().err
    current_engine().dispose()
    open_current_database(filled, keys_beside(filled))
    assert not OLD.search(stored())
    assert NEW.search(stored())
    assert not re.search("moving_|new_keys|new_words", stored())
    require_everybody_is_found()
    if filled.startswith("sqlite"):
        path = filled.removeprefix("sqlite:///")
        for name in (path, f"{path}-wal"):
            with open(name, "rb") as file:  # noqa: PTH123 - as whoever took the disk away
                assert not re.search(rb"(sealed2:1|matched1):", file.read())


class Busy:
    """People who ask and say stop while keys are changed, and whoever looks for them."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.closed, self.open = [STOPPED], [NUMBER]

    def __call__(self, step: str) -> None:
        self.heard.append(step)
        with transaction() as session:
            self.require_all_is_as_they_said(session)
            closed, free = (f"+1315556{kind}{len(self.heard):03}" for kind in "01")
            for number in (closed, free):
                a_lead(session, number, name=f"Wren {number}", email=f"{number}@heron.example")
            assert say_stop(session, closed)
        self.closed.append(closed)
        self.open.append(free)
        with reader() as session:
            self.require_all_is_as_they_said(session)

    def require_all_is_as_they_said(self, session: Session) -> None:
        """By the numbers, by how rows belong together, and by what may be there once."""
        for number in self.closed:
            assert suppression.is_number_suppressed(session, number), self.heard
        for number in self.open:
            assert not suppression.is_number_suppressed(session, number), self.heard
        held = select(Lead.phone).where(suppression.number_suppressed_clause(col(Lead.phone)))
        theirs = {number for number in session.exec(held) if number.startswith("+")}
        assert theirs == {*self.closed} - {STOPPED}, self.heard
        known = select(Lead.phone).where(col(Lead.phone).in_([*self.open, *self.closed]))
        assert sorted(session.exec(known)) == sorted({*self.open, *self.closed} - {STOPPED})
        for number in {*self.open} - {NUMBER}:
            assert [
                one.phone
                for one in person_search.find_people(session, f"{number}@heron.example", most=5)
            ] == [number], self.heard

    def require_nobody_is_there_twice(self) -> None:
        for number in self.closed:
            with transaction() as session:
                assert not say_stop(session, number)
        for number in self.open:
            with pytest.raises(IntegrityError), transaction() as session:
                session.add(Lead(created_at=NOW, phone=number))


def test_at_every_step_each_stop_holds_and_nobody_is_there_twice(
    filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy()

    def hear(step: str) -> None:
        busy(step)
        busy.require_nobody_is_there_twice()

    assert rekey(monkeypatch, hear) == 0
    moves = [step for step in busy.heard if step.startswith("Moved")]
    assert len(moves) >= 4
    busy("afterwards")
    assert not OLD.search(stored())
    require_everybody_is_found()


@pytest.mark.parametrize("stopped_at", ["Announced", "Moved", "Made findable"])
def test_it_may_be_stopped_anywhere_and_desks_start_meanwhile(
    filled: str, stopped_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy()

    def hear(step: str) -> None:
        busy(step)
        if step.startswith(stopped_at) and "100 %" not in step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rekey(monkeypatch, hear)
    current_engine().dispose()
    assert main(["migrate"]) == 0  # of a newer version: it does nothing to what is moved
    open_current_database(filled, keys_beside(filled))
    busy("a desk that starts meanwhile")
    busy.require_nobody_is_there_twice()
    assert rekey(monkeypatch, busy) == 0
    assert not OLD.search(stored())
    assert not re.search("(matched|sealed2:)3:", stored())
    require_everybody_is_found()


def test_who_began_to_read_before_sees_all_as_it_was(
    filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy()
    is_file = filled.startswith("sqlite")  # on PostgreSQL the first step waits for whoever reads

    def hear(step: str) -> None:
        if step.startswith("Moved") or is_file:
            for view in views:
                require_first_stop_holds(view)
            if "100 %" not in step or is_file:
                views.append(opened.enter_context(reader()))
                require_first_stop_holds(views[-1])
            elif not is_file:  # its indexes go when nobody reads by them
                opened.close()
                views.clear()
        busy(step)

    def require_first_stop_holds(session: Session) -> None:
        assert suppression.is_number_suppressed(session, STOPPED), busy.heard
        assert session.exec(select(Lead.name).where(Lead.phone == NUMBER)).one() == "Ana Heron"

    with contextlib.ExitStack() as opened:
        views: list[Session] = [opened.enter_context(reader())] if is_file else []
        assert rekey(monkeypatch, hear) == 0
        for view in views:
            require_first_stop_holds(view)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_nothing_is_moved_while_somebody_knows_less_or_writes(filled: str) -> None:
    heard: list[str] = []
    elsewhere = sqlalchemy.create_engine(filled, poolclass=NullPool).connect()
    elsewhere.execute(sqlalchemy.text("SELECT count(*) FROM lead"))  # before it is announced
    with contextlib.ExitStack() as opened:

        def hear(step: str) -> None:
            heard.append(step)
            if step.startswith("Waiting"):
                assert not NEW.search(stored())
                elsewhere.close()
            if step.startswith("Moved"):
                assert any(one.startswith("Waiting") for one in heard)
                assert ("held up" in heard) == ("let go" in heard), heard
            if step.startswith("Moved") and "100 %" not in step and "held up" not in heard:
                session = opened.enter_context(transaction())
                say_stop(session, "+13155559999")
                heard.append("held up")

        def pause(_seconds: float) -> None:
            if heard[-1] == "held up":
                heard.append("waited")
            elif heard[-1] == "waited":  # for as long as somebody writes
                opened.close()
                heard.append("let go")

        key_change.change_keys(keys_beside(filled), hear, pause)
    at = heard.index("held up")
    assert heard[at : at + 3] == ["held up", "waited", "let go"]
    with reader() as session:
        assert suppression.is_number_suppressed(session, "+13155559999")


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
