"""What a transaction promises on both databases."""

from __future__ import annotations

import contextlib

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError
from sqlmodel import select

from leads import db, setup
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
