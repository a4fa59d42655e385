"""What an older release knew of a number's one person, and of any hour, after the upgrade."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from leads.database.engine import current_engine
from tests.support.upgrade_fixture import AtRevision

BEFORE = "0015"
OPEN_WISHES = """
    SELECT callback.id FROM callback JOIN lead ON lead.id = callback.lead_id
    WHERE {any_hour} AND callback.finished_at IS NULL ORDER BY callback.id
"""


def test_whoever_waits_keeps_the_hours_they_wished_for(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at(BEFORE)
    _run("UPDATE lead SET any_hour = (id % 2 = 0)")
    before = _rows(OPEN_WISHES.format(any_hour="lead.any_hour"))
    assert before
    command.upgrade(old_database, "head")
    assert _rows(OPEN_WISHES.format(any_hour="callback.any_hour")) == before
    command.downgrade(old_database, BEFORE)
    assert _rows(OPEN_WISHES.format(any_hour="lead.any_hour")) == before


def test_every_lead_is_the_first_at_its_number_and_another_may_follow(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at(BEFORE)
    before = _rows("SELECT id, phone, name, merged_into_id FROM lead ORDER BY id")
    command.upgrade(old_database, "head")
    assert _rows("SELECT id, phone, name, merged_into_id FROM lead ORDER BY id") == before
    assert _rows("SELECT DISTINCT nth_at_number FROM lead") == [(1,)]
    if current_engine().dialect.name == "sqlite":
        assert _rows("PRAGMA foreign_key_check") == []
    _add_second_person(nth_at_number=2)
    with pytest.raises(IntegrityError):
        _add_second_person(nth_at_number=2)


def test_there_is_no_way_back_for_two_people_at_one_number(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at("head")
    _add_second_person(nth_at_number=2)
    with pytest.raises(IntegrityError):
        command.downgrade(old_database, BEFORE)
    assert _rows("SELECT max(nth_at_number) FROM lead") == [(2,)]


def _add_second_person(*, nth_at_number: int) -> None:
    columns = (
        "phone, name, email, for_whom, best_time, city, region, zip, language, state, created_at"
    )
    values = columns.replace("name", "'Somebody else'")
    _run(
        f"INSERT INTO lead ({columns}, nth_at_number)"
        f" SELECT {values}, {nth_at_number} FROM lead ORDER BY id LIMIT 1"
    )


def _run(statement: str) -> None:
    with current_engine().begin() as connection:
        connection.execute(text(statement))


def _rows(query: str) -> list[tuple[Any, ...]]:
    with current_engine().connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]
