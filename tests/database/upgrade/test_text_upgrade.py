"""Texts of an earlier release stay; going back, what was sent is forgotten."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text

from leads.database.transactions import reader, transaction
from tests.conftest import NOW
from tests.support.upgrade_fixture import AtRevision

BEFORE, AFTER = "0024", "0028"
RECEIVED = "SELECT id, phone, body, waits FROM text_message ORDER BY id"


def test_texts_stay_as_they_were_and_a_sent_one_goes_with_its_order(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at(BEFORE)
    received = _rows(RECEIVED)
    assert received
    command.upgrade(old_database, AFTER)
    assert _rows(RECEIVED) == received
    assert _rows("SELECT DISTINCT brand_id, pictures FROM text_message") == [(None, 0)]
    assert _rows("SELECT DISTINCT text_sender FROM brand") == [("",)]
    with transaction() as session:
        session.execute(
            text(
                "INSERT INTO outbox (kind, state, tries, created_at, due_at, problem, payload)"
                " VALUES ('send_text', 'sent', 1, :now, :now, '', '{}')"
            ),
            {"now": NOW},
        )
    command.downgrade(old_database, BEFORE)
    assert _rows(RECEIVED) == received
    assert _rows("SELECT count(*) FROM outbox WHERE kind = 'send_text'") == [(0,)]
    command.upgrade(old_database, AFTER)


def _rows(query: str) -> list[tuple[object, ...]]:
    with reader() as session:
        return [tuple(row) for row in session.execute(text(query))]
