"""After the upgrade texts are looked for since the last look, and calls from the first one on."""

from __future__ import annotations

from datetime import datetime

from alembic import command
from sqlalchemy import text
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.helplines import missed_arrivals
from leads.helplines.missed_arrivals import OVERLAP, NumberLook
from leads.models.enums import ArrivalKind
from leads.models.helplines import Brand
from tests.conftest import NOW
from tests.support.people import DAY, HOUR
from tests.support.twilio_double import CALLER_ID
from tests.support.upgrade_fixture import AtRevision

BEFORE = "0037"
LATER = NOW + HOUR


def _looks(kind: ArrivalKind, *, at: datetime = LATER) -> list[NumberLook]:
    with transaction() as session:
        return missed_arrivals.begin_looks(session, kind, now=at)


def _set_up(listed_at: datetime | None) -> None:
    with transaction() as session:
        session.execute(text("DELETE FROM beat"))
        session.execute(text("UPDATE brand SET caller_id = :number"), {"number": CALLER_ID})
        if listed_at:
            row = "INSERT INTO beat (id, at, texts_listed_at) VALUES (1, :at, :at)"
            session.execute(text(row), {"at": listed_at.isoformat(" ")})


def test_texts_are_looked_for_since_the_last_look_and_calls_from_now_on(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at(BEFORE)
    _set_up(NOW)
    command.upgrade(old_database, "head")
    assert _looks(ArrivalKind.TEXT) == [NumberLook(CALLER_ID, NOW - OVERLAP)]
    assert _looks(ArrivalKind.CALL) == [NumberLook(CALLER_ID, LATER)]


def test_without_a_look_before_both_begin_now(old_database_at: AtRevision) -> None:
    old_database = old_database_at(BEFORE)
    _set_up(None)
    command.upgrade(old_database, "head")
    for kind in ArrivalKind:
        assert _looks(kind) == [NumberLook(CALLER_ID, LATER)]


def test_the_way_back_lists_texts_from_where_the_last_number_is(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at(BEFORE)
    _set_up(NOW)
    command.upgrade(old_database, "head")
    with transaction() as session:
        brand = session.exec(select(Brand)).first()
        assert brand is not None
        brand.caller_id = "+13155550100"
    _looks(ArrivalKind.TEXT, at=NOW + DAY)
    command.downgrade(old_database, BEFORE)
    with reader() as session:
        assert session.execute(text("SELECT count(texts_listed_at) FROM beat")).scalar_one() == 1
    command.upgrade(old_database, "head")
