"""A filled desk comes through the migrations that keep, watch and forget, and is sealed after."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from leads.database.engine import current_engine
from leads.database.opening import open_data_keys
from leads.database.sealing_job import seal_stored_rows
from leads.database.transactions import reader
from leads.models.advisors import Advisor
from leads.models.audit import AuditEntry
from leads.models.legal_holds import LegalHold
from leads.models.requests import Lead, Suppression
from leads.models.watching import BackupTaken
from leads.person_search import find_people, index_stored_people
from tests.conftest import NOW
from tests.support.upgrade_fixture import AtRevision

BEFORE = "0063"
HASH = -(2**62)
NEW_ROWS = {
    "0070": (
        (
            "INSERT INTO audit_entry (at, kind, actor, view, record, record_id, address, browser, "
            "details) VALUES (:at, 'open', 'advisor:1', 'lead', 'lead', '1', '', '', '{}')"
        ),
        "INSERT INTO audit_link (position, entry_id, digest) VALUES (1, 1, 'abc')",
        "INSERT INTO audit_key (id, secret) VALUES (1, 'secret')",
    ),
    "0080": (
        (
            "INSERT INTO legal_hold (lead_id, reason, placed_by, placed_at, lifted_by) "
            "SELECT min(id), 'a court', 'advisor:1', :at, '' FROM lead"
        ),
    ),
    "0081": (
        (
            'UPDATE lead SET erased_at = :at, kept_place = \'{"region": "NY"}\' '
            "WHERE id = (SELECT max(id) FROM lead)"
        ),
        "UPDATE suppression SET number_hash = -4611686018427387904 WHERE id > 0",
    ),
    "0082": ("INSERT INTO retention_mark (lead_id, kept, at) SELECT id, 'bodies', :at FROM lead",),
    "0071": ("INSERT INTO backup_taken (at) VALUES (:at)",),
}
"""What a desk has written by then, at each revision: it has to come through the later ones."""
UNTOUCHED = {
    "lead": "id, phone, name, email, state, merged_into_id",
    "suppression": "id, phone, channel, reason, lifted_at",
    "advisor": "id, name, email, phone, role",
    "callback": "id, lead_id, state, due_at, danger",
    "submission": "id, state, body, reading",
}


def test_a_filled_desk_is_what_it_was_and_is_sealed_and_found(old_database_at: AtRevision) -> None:
    config = old_database_at(BEFORE)
    before = _all_rows()
    assert all(before.values())
    for revision, statements in NEW_ROWS.items():
        command.upgrade(config, revision)
        for statement in statements:
            _run(statement)
    command.upgrade(config, "head")
    assert _all_rows() == before
    with pytest.raises(DBAPIError, match="audit"):
        _run("UPDATE audit_entry SET actor = 'nobody'")
    if current_engine().dialect.name == "sqlite":
        assert _rows("PRAGMA foreign_key_check") == []

    open_data_keys(("of the operator",))
    assert seal_stored_rows() > len(before["lead"])
    index_stored_people()
    _require_all_is_read_as_it_was(before)


def _require_all_is_read_as_it_was(before: dict[str, Any]) -> None:
    with reader() as session:
        people = session.exec(select(Lead).order_by(Lead.id)).all()
        assert [(one.id, one.phone, one.name) for one in people] == [
            row[:3] for row in before["lead"]
        ]
        named = next(one for one in people if len(one.name.split()) > 1)
        assert named.id in {one.id for one in find_people(session, named.name, most=50)}
        assert people[-1].erased_at == NOW
        assert people[-1].kept_place == {"region": "NY"}
        kept = select(Suppression.id).where(Suppression.number_hash == HASH)
        assert session.exec(kept.order_by(Suppression.id)).all() == [
            row[0] for row in before["suppression"]
        ]
        hold = session.exec(select(LegalHold)).one()
        assert hold.lead_id == people[0].id
        assert hold.reason == "a court"
        assert hold.lifted_at is None
        assert session.exec(select(AuditEntry.actor)).all() == ["advisor:1"]
        assert session.exec(select(BackupTaken.at)).all() == [NOW]
        colleagues = session.exec(select(Advisor).order_by(col(Advisor.id))).all()
        assert [one.phone for one in colleagues] == [row[3] for row in before["advisor"]]


def _all_rows() -> dict[str, Any]:
    return {
        table: _rows(f"SELECT {columns} FROM {table} ORDER BY id")
        for table, columns in UNTOUCHED.items()
    }


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with current_engine().connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def _run(statement: str) -> None:
    with current_engine().connect() as connection:
        given = {"at": NOW.replace(tzinfo=None) if _is_sqlite() else NOW}
        connection.execute(text(statement), given if ":at" in statement else {})
        connection.commit()


def _is_sqlite() -> bool:
    return current_engine().dialect.name == "sqlite"
