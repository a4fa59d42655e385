"""The way back from voicemails leaves no order behind that an earlier version could not read."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.messaging import voicemails
from leads.models.inbound import InboundSettings
from leads.models.voicemails import Voicemail
from tests.conftest import NOW
from tests.support.people import an_inbound_call
from tests.support.upgrade_fixture import AtRevision

BEFORE = "0026"


def test_a_helpline_has_no_words_of_its_own_before_and_nobody_spoke(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at(BEFORE)
    with transaction() as session:
        session.execute(
            text(
                "INSERT INTO inbound_settings (brand_id, greetings, closed_messages, zone, "
                "outside_hours) SELECT min(id), '{}', '{}', 'America/Denver', 'message' FROM brand"
            )
        )
    command.upgrade(old_database, "head")
    with reader() as session:
        assert session.exec(select(InboundSettings)).one().voicemail_messages == {}
        assert session.exec(select(Voicemail)).all() == []


def test_the_way_back_takes_the_orders_about_recordings_along(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at("head")
    count = text("SELECT count(*) FROM outbox")
    with transaction() as session:
        before = session.execute(count).scalar_one()
        call = an_inbound_call(session, state="voicemail")
        voicemails.expect_voicemail(session, call, now=NOW)
        assert session.execute(count).scalar_one() == before + 1
    command.downgrade(old_database, BEFORE)
    with reader() as session:
        assert session.execute(count).scalar_one() == before
    command.upgrade(old_database, "head")
