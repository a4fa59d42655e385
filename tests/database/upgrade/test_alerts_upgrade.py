"""After the upgrade an open alert was told of when it was opened, as far as it was told of."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text

from leads.database.engine import current_engine
from tests.conftest import NOW
from tests.support.upgrade_fixture import AtRevision

BEFORE = "0041"
ALERTS = {"shown": ("screens", None), "sent": ("messages", None), "over": ("messages", NOW)}


def test_whatever_joins_an_alert_that_was_sent_is_sent_again(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at(BEFORE)
    row = (
        "INSERT INTO alert (kind, about, sentence, since, opened_at, step, closed_at)"
        " VALUES ('danger', :about, '', :at, :at, :step, :over)"
    )
    with current_engine().begin() as connection:
        for about, (step, closed_at) in ALERTS.items():
            over = closed_at and closed_at.isoformat(" ")
            values = {"about": about, "at": NOW.isoformat(" "), "step": step, "over": over}
            connection.execute(text(row), values)
    command.upgrade(old_database, "head")
    asked = "SELECT about FROM alert WHERE about IN ('shown', 'sent', 'over')"
    with current_engine().connect() as connection:
        told = connection.execute(text(f"{asked} AND told_at = opened_at")).scalars().all()
    assert told == ["sent"]
