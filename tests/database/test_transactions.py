"""What a transaction promises on both databases."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError
from sqlmodel import Session, SQLModel, select

from leads.database import engine
from leads.database.engine import current_engine, has_one_writer
from leads.database.transactions import defer_insert, reader, retry_transaction, transaction
from leads.database.wakeups import NOTIFY_CHANNEL, Wakeup, subscribe_to_wakeups, wake_after_commit
from leads.helplines import brands_and_sources
from leads.models.advisors import Lockout
from leads.models.helplines import Brand, HelplineOperator
from leads.models.watching import Transition
from tests.conftest import NOW

AN_OPERATOR = insert(HelplineOperator).values(id=1, created_at=NOW)
A_BRAND = insert(Brand).values(
    name="Harbor Line", operator="", operator_id=1, consent_text="", created_at=NOW
)

pytestmark = pytest.mark.usefixtures("database")


def test_whoever_only_reads_changes_nothing() -> None:
    refused = (
        contextlib.nullcontext()
        if has_one_writer()
        else pytest.raises(InternalError, match="read-only")
    )
    with refused, reader() as session:
        brands_and_sources.add_brand(session, "Harbor Line", now=NOW)
        session.flush()
    with reader() as session:
        assert session.exec(select(Brand)).all() == []


def test_whoever_reads_sees_one_moment() -> None:
    with reader() as session:
        assert session.exec(select(Brand.name)).all() == []
        with transaction() as other:
            brands_and_sources.add_brand(other, "Harbor Line", now=NOW)
        assert session.exec(select(Brand.name)).all() == []
    with reader() as session:
        assert session.exec(select(Brand.name)).all() == ["Harbor Line"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_is_read_often_stays_prepared() -> None:
    for _ in range(10):
        with reader() as session:
            session.exec(select(Brand.name)).all()
    with reader() as session:
        prepared = (
            session.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
        )
    assert any("FROM brand" in sql for sql in prepared)


def test_who_works_alone_meets_the_same_connection_whatever_many_needed_meanwhile() -> None:
    """Its plans and pages are warm; in the order of their return they would be shuffled."""

    def connections(count: int) -> list[object]:
        taken = [current_engine().connect() for _ in range(count)]
        used = [one.connection.driver_connection for one in taken]
        for one in taken:  # who came first is done first
            one.close()
        return used

    [usual] = connections(1)
    assert usual in connections(3)
    assert connections(1) == connections(1) == [usual]


def test_whoever_waits_hears_after_the_commit_and_of_no_transaction_that_failed() -> None:
    heard: list[Wakeup] = []
    stop = subscribe_to_wakeups(heard.append)
    with transaction() as session:
        session.execute(AN_OPERATOR)
        session.execute(A_BRAND)
        wake_after_commit(session, Wakeup.ADMIT)
        assert heard == []
    assert heard == [Wakeup.ADMIT]
    # nobody must be woken
    with pytest.raises(IntegrityError), transaction() as session:  # noqa: PT012
        wake_after_commit(session, Wakeup.ADMIT)
        session.execute(A_BRAND)
    stop()
    assert heard == [Wakeup.ADMIT]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_where_one_connection_was_cut_while_idle_none_is_used(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cut(database)
    monkeypatch.setattr(engine, "RECENT_USE_SECONDS", 0.0)
    with reader() as asked:
        assert asked.exec(select(Brand.name)).all() == []
    monkeypatch.setattr(engine, "RECENT_USE_SECONDS", 60.0)
    with reader() as one, reader() as other:
        assert [session.exec(select(Brand.name)).all() for session in (one, other)] == [[], []]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_one_transaction_fails_where_a_connection_was_cut_under_it_and_no_other(
    database: str,
) -> None:
    _cut(database)
    with pytest.raises(OperationalError), reader() as session:
        session.exec(select(Brand.name)).all()
    for _ in range(2):
        with reader() as session:
            assert session.exec(select(Brand.name)).all() == []


def _cut(database: str) -> None:
    """End two connections that were used a moment ago, as a database does that starts anew."""
    with reader() as one, reader() as two:
        ends = [session.scalar(text("SELECT pg_backend_pid()")) for session in (one, two)]
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as other:
        for end in ends:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (end,))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_other_processes_are_told_of_what_this_one_does_not_do_itself(database: str) -> None:
    stop = subscribe_to_wakeups(lambda _wakeup: None, answers=(Wakeup.ADMIT,))
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as other:
        other.execute(f"LISTEN {NOTIFY_CHANNEL}")
        for wakeups in ((Wakeup.ADMIT,), (Wakeup.ADMIT, Wakeup.OFFER)):
            _wake(*wakeups)
        stop()
        _wake(Wakeup.ADMIT)
        heard = [notice.payload.split()[1:] for notice in other.notifies(timeout=10, stop_after=2)]
    assert heard == [["offer"], ["admit"]]


@pytest.mark.parametrize("how_many", [0, 1, 2])
@pytest.mark.parametrize("kinds", [(Lockout,), (Lockout, Transition)])
def test_what_is_kept_for_the_commit_is_written_whether_or_not_anybody_is_told(
    kinds: tuple[type[SQLModel], ...], how_many: int
) -> None:
    for wakeups in ((), (Wakeup.OFFER,)):
        with transaction() as session:
            for number in range(how_many):
                for kind in kinds:
                    defer_insert(session, kind, _row(kind, f"{number} {wakeups}"))
            for wakeup in wakeups:
                wake_after_commit(session, wakeup)
    with reader() as session:
        kept = {kind: len(session.exec(select(kind)).all()) for kind in kinds}
    assert kept == dict.fromkeys(kinds, 2 * how_many)


def _row(kind: type[SQLModel], name: str) -> dict[str, Any]:
    if kind is Lockout:
        return {"whom": name, "failures": 1, "failed_at": NOW}
    what = {
        "record": "callback",
        "record_id": "1",
        "event": "claim",
        "before": "waiting",
        "after": "claimed",
    }
    return {**what, "changes": {}, "actor": name, "at": NOW}


def _wake(*wakeups: Wakeup) -> None:
    with transaction() as session:
        for wakeup in wakeups:
            wake_after_commit(session, wakeup)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_of_two_who_wait_for_each_other_both_come_to_an_end() -> None:
    with transaction() as session:
        names = ("Harbor Line", "Bay Line")
        ids = [brands_and_sources.add_brand(session, name, now=NOW).id for name in names]
    both_hold_one = Barrier(2)

    def rename_both(order: list[int]) -> int:
        tries = 0

        def rename(session: Session) -> None:
            nonlocal tries
            tries += 1
            for brand_id in order:
                session.get_one(Brand, brand_id, with_for_update=True).operator += "x"
                if brand_id == order[0] and tries == 1:
                    both_hold_one.wait(timeout=10)

        retry_transaction(rename)
        return tries

    with ThreadPoolExecutor(2) as threads:
        tries = sorted(threads.map(rename_both, (ids, ids[::-1])))
    assert (tries[0], tries[1] > 1) == (1, True)
    with reader() as session:
        assert sorted(session.exec(select(Brand.operator))) == ["Bay Linexx", "Harbor Linexx"]
