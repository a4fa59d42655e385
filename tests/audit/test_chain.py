"""Nobody changes, adds or deletes an entry of the audit log unnoticed; the job links them all."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from leads.__main__ import main
from leads.audit import chain
from leads.audit.chain import ChainEnd
from leads.audit.verification import Fault, Verdict, verify_audit_log
from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.lifecycle.audit_log import Origin, record_access, set_origin
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.audit import AuditEntry, AuditLink
from leads.models.enums import AuditKind
from notifications import clock_jobs
from tests.conftest import NOW
from tests.support.people import DAY, HOUR

HERE = Origin(7, "203.0.113.9", "Firefox", "lead")


@pytest.fixture(autouse=True)
def _here(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line is told the database of the test."""
    monkeypatch.setenv("DATABASE_URL", database)


def log_looks(count: int, *, first: int = 1, at: object = NOW) -> None:
    with transaction() as session:
        set_origin(session, HERE)
        for number in range(first, first + count):
            subject = TrailSubject("lead", str(number))
            record_access(session, AuditKind.OPEN, subject, actor="advisor:3", now=at)


def seal() -> ChainEnd:
    with transaction() as session:
        return chain.seal_new_entries(session)


def verdict(expected: ChainEnd | None = None) -> Verdict:
    with reader() as session:
        return verify_audit_log(session, expected)


def against_the_rules(*statements: str) -> None:
    """What somebody does who owns the database and takes its triggers away."""
    tables = ("audit_entry", "audit_link", "audit_trim")
    with current_engine().begin() as connection:
        if connection.dialect.name == "sqlite":
            for table in tables:
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_update"))
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_delete"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))


def test_an_entry_says_who_saw_whom_where_when_and_from_where() -> None:
    log_looks(1)
    with reader() as session:
        [entry] = session.exec(select(AuditEntry))
    assert (entry.actor, entry.kind) == ("advisor:3", "open")
    assert entry.at == NOW
    assert (entry.record, entry.record_id) == ("lead", "1")
    assert Origin(entry.sign_in_id, entry.address, entry.browser, entry.view) == HERE


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'advisor:4'",
        "DELETE FROM audit_entry",
        "UPDATE audit_link SET digest = 'x'",
        "DELETE FROM audit_link",
        "UPDATE audit_trim SET through = 9",
        "DELETE FROM audit_trim",
        "TRUNCATE audit_entry",
    ],
)
def test_the_database_refuses_to_change_or_delete_what_is_written(statement: str) -> None:
    if statement.startswith("TRUNCATE") and current_engine().dialect.name == "sqlite":
        pytest.skip("SQLite has no such statement")
    log_looks(2, at=NOW - DAY)
    log_looks(2, first=3)
    seal()
    with transaction() as session:
        assert chain.trim_old_entries(session, before=NOW, actor="operator", now=NOW) == 2
    with pytest.raises(DBAPIError, match="append-only"), transaction() as session:
        session.execute(text(statement))
    assert verdict().fault is None


FORGED_TRIM = """INSERT INTO audit_trim (through, digest, at, actor, proof)
SELECT position, digest, '2026-03-03 17:00:00', 'operator', 'x' FROM audit_link
WHERE position = 2"""
TAMPERING: dict[Fault, tuple[str, int]] = {
    Fault.CHANGED: ("UPDATE audit_entry SET record_id = '9' WHERE id = 3", 3),
    Fault.DELETED: ("DELETE FROM audit_entry WHERE id = 4", 4),
    Fault.LINK_GONE: ("DELETE FROM audit_link WHERE position = 2", 2),
    Fault.NO_KEY: ("DELETE FROM audit_key", 0),
    Fault.NOT_TRIMMED: (FORGED_TRIM, 2),
}


@pytest.mark.parametrize("fault", TAMPERING)
def test_verification_names_the_first_entry_that_is_not_as_written(fault: Fault) -> None:
    log_looks(6)
    seal()
    statement, position = TAMPERING[fault]
    against_the_rules(statement)
    found = verdict()
    assert (found.fault, found.position) == (fault, position)
    assert main(["audit", "verify"]) == 1


def test_an_entry_that_was_swapped_with_its_link_is_found_too() -> None:
    log_looks(3)
    seal()
    against_the_rules(
        "UPDATE audit_link SET entry_id = 99 WHERE position = 1",
        "UPDATE audit_link SET entry_id = 1 WHERE position = 2",
        "UPDATE audit_link SET entry_id = 2 WHERE position = 1",
    )
    assert (verdict().fault, verdict().position) == (Fault.CHANGED, 1)


def test_a_log_that_was_cut_off_at_its_end_is_found_by_the_end_that_was_noted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log_looks(5)
    seal()
    assert main(["audit", "verify"]) == 0
    [end] = [line.split(": ")[1] for line in capsys.readouterr().out.splitlines() if "end:" in line]
    assert main(["audit", "verify", "--expect", end]) == 0
    log_looks(2, first=6)
    seal()
    assert main(["audit", "verify", "--expect", end]) == 0
    against_the_rules(
        "DELETE FROM audit_entry WHERE id > 3", "DELETE FROM audit_link WHERE position > 3"
    )
    assert main(["audit", "verify"]) == 0  # nobody can tell
    assert main(["audit", "verify", "--expect", end]) == 1
    assert "link 5" in capsys.readouterr().out


def test_an_old_entry_that_was_put_in_later_is_found() -> None:
    log_looks(1)
    against_the_rules("UPDATE audit_entry SET id = 20000")
    seal()
    assert verdict().fault is None
    against_the_rules(
        "INSERT INTO audit_entry (id, at, kind, actor, view, record, record_id, address, browser, "
        "details) SELECT 5, at, kind, actor, view, record, record_id, address, browser, details "
        "FROM audit_entry"
    )
    assert seal().position == 1
    assert (verdict().fault, verdict().entry_id) == (Fault.ADDED, 5)


def test_what_is_too_old_goes_and_the_rest_is_still_a_chain() -> None:
    log_looks(3, at=NOW - 400 * DAY)
    log_looks(2, first=4)
    end = seal()
    assert main(["audit", "trim", "--before", "2025-06-01"]) == 0
    assert main(["audit", "trim", "--before", "2025-06-01"]) == 0  # nothing more
    seal()
    with reader() as session:
        entries = session.exec(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.kind for entry in entries] == ["open", "open", "trim"]
    assert entries[-1].details == {"count": 3}
    assert (verdict(end).fault, verdict(end).entries) == (None, 3)


def test_all_may_go_and_what_comes_then_goes_on_from_there() -> None:
    log_looks(3, at=NOW - DAY)
    end = seal()
    with transaction() as session:
        assert chain.trim_old_entries(session, before=NOW, actor="operator", now=NOW) == 3
    log_looks(1)
    assert seal().position == 5
    assert verdict(end).fault is None


def test_writers_at_once_wait_for_no_link_and_every_entry_gets_one() -> None:
    """An entry may be committed after one with a higher id was linked: it is linked then."""
    done = threading.Barrier(5)

    def write(first: int) -> None:
        done.wait()
        for number in range(10):
            log_looks(2, first=first + 2 * number)
            seal()

    threads = [threading.Thread(target=write, args=(100 * n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal()
    with reader() as session:
        positions = session.exec(select(AuditLink.position).order_by(AuditLink.position)).all()
    assert positions == list(range(1, 101))
    assert verdict() == Verdict(100, 0, seal())


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_an_entry_that_is_committed_late_is_linked_late(database: str) -> None:
    assert database
    engine = current_engine()
    with Session(engine) as slow:
        entry = {"at": NOW, "kind": "look", "actor": "advisor:1", "view": "", "record": "lead"}
        slow.add(AuditEntry(**entry, record_id="1", address="", browser="", sign_in_id=None))
        slow.flush()
        log_looks(2, first=2)
        assert seal().position == 2
        slow.commit()
    assert seal().position == 3
    with reader() as session:
        linked = session.exec(select(AuditLink.entry_id).order_by(AuditLink.position)).all()
    assert linked == [2, 3, 1]
    assert verdict().fault is None


def test_nothing_is_trimmed_before_it_is_over() -> None:
    log_looks(1)
    seal()
    assert main(["audit", "trim", "--before", "2999-01-01"]) == 2


def test_a_log_that_nobody_wrote_in_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", "--json"]) == 0
    assert '"outcome": "whole"' in capsys.readouterr().out
    log_looks(1, at=NOW - HOUR)
    assert verdict() == Verdict(0, 1, ChainEnd())


def test_the_clock_links_what_was_committed() -> None:
    log_looks(2)
    clock_jobs.seal_audit_log()
    assert verdict() == Verdict(2, 0, seal())
