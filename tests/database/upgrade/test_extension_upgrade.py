"""People of an earlier release have no extension after the upgrade, and keep all else."""

from __future__ import annotations

from alembic import command
from sqlmodel import col, select

from leads.database.transactions import reader
from leads.models.requests import Lead
from tests.support.upgrade_fixture import AtRevision


def test_an_extension_is_empty_for_who_was_there_and_can_be_taken_back(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at("head")
    with reader() as session:
        before = session.exec(select(Lead.id, Lead.phone).order_by(col(Lead.id))).all()
        assert before
        assert set(session.exec(select(Lead.phone_extension))) == {""}
    command.downgrade(old_database, "0015")
    command.upgrade(old_database, "head")
    with reader() as session:
        assert session.exec(select(Lead.id, Lead.phone).order_by(col(Lead.id))).all() == before
