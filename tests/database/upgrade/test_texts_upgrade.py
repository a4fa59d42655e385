"""Stops and texts of an earlier release are kept; a stop was of everything."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from leads.database.transactions import reader, transaction
from tests.conftest import NOW
from tests.support.upgrade_fixture import AtRevision

BEFORE, AFTER = "0015", "0018"
INSERT = text(
    "INSERT INTO suppression (phone, channel, reason, actor, since, lifted_by)"
    " VALUES (:phone, :channel, '', 'network', :now, '')"
)
IN_FORCE = "SELECT phone FROM suppression WHERE lifted_at IS NULL ORDER BY phone"
TEXTS = "SELECT id, lead_id, phone, message_id, body, meaning FROM text_message ORDER BY id"
NUMBER = "+13155550100"


def test_stops_and_texts_stay_as_they_were(old_database_at: AtRevision) -> None:
    old_database = old_database_at(BEFORE)
    stops, texts = _rows(IN_FORCE), _rows(TEXTS)
    assert stops
    assert texts
    command.upgrade(old_database, AFTER)
    assert (_rows(IN_FORCE), _rows(TEXTS)) == (stops, texts)
    assert _rows("SELECT DISTINCT channel FROM suppression") == [("all",)]
    assert _rows("SELECT count(*) FROM text_message WHERE waits") == [(0,)]


def test_a_number_is_stopped_once_for_each_channel_and_once_when_going_back(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at(AFTER)
    for channel in ("call", "text"):
        _stop(channel)
    with pytest.raises(IntegrityError):
        _stop("call")
    command.downgrade(old_database, BEFORE)
    assert _rows(IN_FORCE).count((NUMBER,)) == 1
    command.upgrade(old_database, AFTER)


def _stop(channel: str) -> None:
    with transaction() as session:
        session.execute(INSERT, {"phone": NUMBER, "channel": channel, "now": NOW})


def _rows(query: str) -> list[tuple[object, ...]]:
    with reader() as session:
        return [tuple(row) for row in session.execute(text(query))]
