"""After the upgrade the first look for missed texts is the first: what came before is not taken."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from leads.database.transactions import reader, transaction
from leads.messaging import missed_texts
from tests.conftest import NOW
from tests.support.people import MINUTE

BEFORE = "0036"


def test_looks_begin_after_the_upgrade_and_the_heartbeat_stays(old_database: Config) -> None:
    command.upgrade(old_database, BEFORE)
    command.upgrade(old_database, "head")
    with transaction() as session:
        assert missed_texts.begin_look(session, now=NOW + MINUTE) is None
    with transaction() as session:
        look = missed_texts.begin_look(session, now=NOW + MINUTE)
        assert look
        assert look.since == NOW + MINUTE - missed_texts.OVERLAP
    command.downgrade(old_database, BEFORE)
    command.upgrade(old_database, "head")
    with reader() as session:
        assert session.execute(text("SELECT count(*) FROM beat")).scalar_one() == 1
