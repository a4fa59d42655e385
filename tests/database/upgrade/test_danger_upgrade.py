"""Whoever was in danger before the upgrade still goes first, in danger of no named kind."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text
from sqlmodel import col, select

from leads.database.transactions import reader, transaction
from leads.free_text.danger import DangerKind
from leads.lead_records import merged_promises
from leads.models.calls import Callback
from leads.models.requests import Merge
from tests.support.upgrade_fixture import AtRevision


def test_danger_before_the_kinds_is_kept_and_comes_back(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at("0015")
    was = "SELECT id, received_at FROM callback WHERE in_danger ORDER BY id"
    with transaction() as session:
        before = [row.id for row in session.execute(text(was))]
    assert before
    command.upgrade(old_database, "head")
    with reader() as session:
        dangerous = select(Callback).where(col(Callback.danger).is_not(None))
        callbacks = session.exec(dangerous.order_by(col(Callback.id))).all()
        assert [callback.id for callback in callbacks] == before
        assert {callback.danger for callback in callbacks} == {DangerKind.UNSPECIFIED}
        assert all(callback.danger_at == callback.received_at for callback in callbacks)
        merges = [
            merged_promises.load_merged_callbacks(session, one)
            for one in session.exec(select(Merge))
        ]
        assert any(merged for merged in merges)
    command.downgrade(old_database, "0015")
    with transaction() as session:
        assert [row.id for row in session.execute(text(was))] == before
