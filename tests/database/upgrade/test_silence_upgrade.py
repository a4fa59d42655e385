"""What was closed without a record before nobody was closed by silence stays as it was."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from leads.alerting import conditions
from leads.database.transactions import reader
from leads.models.enums import AlertKind
from tests.conftest import NOW
from tests.support import upgrade_fixture

UNRECORDED = text(
    "SELECT id, state, finished_at FROM callback WHERE disposition = 'unrecorded' ORDER BY id"
)


def test_history_stays_closed_and_asks_nobody(old_database: Config) -> None:
    with reader() as session:
        before = session.execute(UNRECORDED).all()
    assert {row.state for row in before} == {"completed"}
    command.upgrade(old_database, "head")
    with reader() as session:
        assert session.execute(UNRECORDED).all() == before
        kinds = {one.kind for one in conditions.current_conditions(session, now=NOW)}
    assert AlertKind.UNRECORDED not in kinds
    command.downgrade(old_database, upgrade_fixture.REVISION)
    with reader() as session:
        assert session.execute(UNRECORDED).all() == before
