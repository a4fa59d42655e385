"""Calls of before conferences keep their legs, and a call under way whose phone rings for it."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from leads.database.engine import current_engine
from tests.support.upgrade_fixture import AtRevision

BEFORE, CONFERENCES = "0023", "0024"
AS_THEY_WERE = (
    "SELECT id, attempt_id, party, provider_call_id, status, sequence FROM call_leg ORDER BY id"
)
A_LEG = (
    "INSERT INTO call_leg (attempt_id, party, provider_call_id, status, sequence, phone)"
    " SELECT id, '{party}', {sid}, 'in-progress', 0, '{phone}'"
    " FROM call_attempt ORDER BY id LIMIT 1"
)


def test_legs_stay_and_go_back_without_those_who_were_asked_in(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at(BEFORE)
    _run("UPDATE call_leg SET status = 'in-progress' WHERE party = 'advisor' AND id % 2 = 0")
    legs = _rows(AS_THEY_WERE)
    assert legs
    command.upgrade(old_database, CONFERENCES)
    assert _rows(AS_THEY_WERE) == legs
    assert _rows("SELECT DISTINCT audience, is_on_hold, is_muted, ends_call FROM call_leg") == [
        ("everyone", False, False, False)
    ]
    # Who is on the line is told by the leg from now on, and nobody of a call that is over.
    on_the_line = _rows(
        "SELECT count(*) FROM call_leg JOIN call_attempt ON call_attempt.id = attempt_id"
        " WHERE party = 'advisor' AND status = 'in-progress'"
        " AND call_leg.advisor_id = call_attempt.advisor_id"
    )
    named = _rows("SELECT count(*) FROM call_leg WHERE advisor_id IS NOT NULL")
    assert on_the_line == named != [(0,)]
    # A colleague joins, somebody else is asked in and never dialed; a second lead's leg cannot be.
    _run(A_LEG.format(party="colleague", sid="'CA-colleague'", phone="+13155550177"))
    _run(A_LEG.format(party="outside", sid="NULL", phone="+13155550178"))
    with pytest.raises(IntegrityError):
        _run(A_LEG.format(party="outside", sid="'CA-twice'", phone="+13155550177"))
    with pytest.raises(IntegrityError):
        _run(A_LEG.format(party="lead", sid="'CA-second'", phone=""))
    command.downgrade(old_database, BEFORE)
    assert _rows(AS_THEY_WERE) == legs
    assert _indexes()["leg_of_attempt"]
    assert "leg_once" not in _indexes()
    command.upgrade(old_database, "head")
    assert [row[:4] for row in _rows(AS_THEY_WERE)] == [row[:4] for row in legs]


def _run(statement: str) -> None:
    with current_engine().begin() as connection:
        connection.execute(text(statement))


def _rows(query: str) -> list[tuple[Any, ...]]:
    with current_engine().connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def _indexes() -> dict[str | None, bool]:
    """Return the indexes of the legs by name, and whether each is unique."""
    found = inspect(current_engine()).get_indexes("call_leg")
    return {one["name"]: bool(one["unique"]) for one in found}
