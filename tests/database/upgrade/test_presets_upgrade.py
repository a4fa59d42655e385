"""A database of before has no call presets after the upgrade, and they can be taken back."""

from __future__ import annotations

from alembic import command
from sqlalchemy import inspect, text
from sqlmodel import select

from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.models.calls import CallLeg
from leads.models.helplines import CallPreset
from tests.conftest import NOW
from tests.support.upgrade_fixture import AtRevision


def test_presets_of_before_press_no_keys(old_database_at: AtRevision) -> None:
    old_database = old_database_at("0032")
    with transaction() as session:
        columns = "brand_id, party, name, phone, created_at"
        values = "(SELECT min(id) FROM brand), 'third_party', 'Shelter', '+13155550188', :at"
        preset = f"INSERT INTO call_preset ({columns}) VALUES ({values})"
        session.execute(text(preset), {"at": NOW})
    command.upgrade(old_database, "head")
    with reader() as session:
        assert session.exec(select(CallPreset)).one().keys == ""


def test_call_presets_come_empty_and_go_again(old_database_at: AtRevision) -> None:
    old_database = old_database_at("head")
    with reader() as session:
        assert session.exec(select(CallPreset)).all() == []
        legs = len(session.exec(select(CallLeg.id)).all())
    command.downgrade(old_database, "0031")
    assert not inspect(current_engine()).has_table("call_preset")
    command.upgrade(old_database, "head")
    with reader() as session:
        assert len(session.exec(select(CallLeg.id)).all()) == legs
