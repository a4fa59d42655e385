"""What a transaction promises on both databases."""

from __future__ import annotations

import contextlib

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError
from sqlmodel import select

from leads import db, setup
from leads.db import Bell
from leads.models import Brand
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("database")


def test_whoever_only_reads_changes_nothing() -> None:
    refused = contextlib.nullcontext() if db.has_one_writer() else pytest.raises(InternalError, match="read-only")
    with refused, db.reader() as session:
        setup.add_brand(session, "Harbor Line", now=NOW)
        session.flush()
    with db.reader() as session:
        assert session.exec(select(Brand)).all() == []


def test_whoever_reads_sees_one_moment() -> None:
    with db.reader() as session:
        assert session.exec(select(Brand.name)).all() == []
        with db.transaction() as other:
            setup.add_brand(other, "Harbor Line", now=NOW)
        assert session.exec(select(Brand.name)).all() == []
    with db.reader() as session:
        assert session.exec(select(Brand.name)).all() == ["Harbor Line"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_is_read_often_stays_prepared() -> None:
    for _ in range(10):
        with db.reader() as session:
            session.exec(select(Brand.name)).all()
    with db.reader() as session:
        prepared = session.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
    assert any("FROM brand" in statement for statement in prepared)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_other_processes_are_told_of_what_this_one_does_not_do_itself(database: str) -> None:
    stop = db.listen(lambda _bell: None, answers=(Bell.ADMIT,))
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as other:
        other.execute(f"LISTEN {db.BELL}")
        for bells in ((Bell.ADMIT,), (Bell.ADMIT, Bell.OFFER)):
            _ring(*bells)
        stop()
        _ring(Bell.ADMIT)
        heard = [notice.payload.split()[1:] for notice in other.notifies(timeout=10, stop_after=2)]
    assert heard == [["offer"], ["admit"]]


def _ring(*bells: Bell) -> None:
    with db.transaction() as session:
        for bell in bells:
            db.ring_after_commit(session, bell)
