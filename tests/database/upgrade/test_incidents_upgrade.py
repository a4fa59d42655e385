"""Whoever waits in danger has an incident after the upgrade; the way back loses nothing else."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text
from sqlmodel import col, select

from leads.database.transactions import reader
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK
from leads.models.helplines import CRISIS_LINE, Brand
from leads.models.incidents import Incident
from tests.support.upgrade_fixture import AtRevision

DANGEROUS = text("SELECT id FROM callback WHERE danger IS NOT NULL ORDER BY id")


def test_open_danger_has_an_incident_and_every_helpline_a_crisis_line(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at("head")
    with reader() as session:
        unheard = select(Callback.id).where(
            col(Callback.danger).is_not(None),
            col(Callback.state).in_(OPEN_CALLBACK),
            col(Callback.first_conversation_at).is_(None),
        )
        waiting = set(session.exec(unheard).all())
        incidents = session.exec(select(Incident)).all()
        dangerous = session.execute(DANGEROUS).all()
        assert set(session.exec(select(Brand.crisis_line))) == {CRISIS_LINE}
    assert waiting
    assert waiting <= {one.callback_id for one in incidents}
    assert all(one.closed_at is None and one.opened_by == "migration" for one in incidents)
    command.downgrade(old_database, "0024")
    with reader() as session:
        assert session.execute(DANGEROUS).all() == dangerous
