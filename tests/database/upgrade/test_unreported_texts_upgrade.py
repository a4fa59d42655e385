"""After the upgrade a text that stayed with the network is asked about, and no other."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.messaging import unreported_texts
from leads.models.requests import OutgoingText
from tests.conftest import NOW
from tests.support.upgrade_fixture import AtRevision

BEFORE = "0032"
TEXT = text(
    "INSERT INTO outgoing_text (lead_id, callback_id, brand_id, phone, template, body, parts,"
    " ordered_by, ordered_at, status, status_at, message_id, problem)"
    " SELECT lead_id, id, brand_id, '+13155550142', 'thanks', 'Thank you.', 1, 'system',"
    " :at, :status, :at, :sid, '' FROM callback ORDER BY id LIMIT 1"
)


def test_what_stayed_queued_is_asked_about_and_the_texts_stay(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at(BEFORE)
    with transaction() as session:
        for status, sid in (("queued", "SM1"), ("sent", "SM2"), ("unknown", None)):
            session.execute(TEXT, {"status": status, "sid": sid, "at": NOW})
    command.upgrade(old_database, "head")
    with transaction() as session:
        asked = unreported_texts.take_unreported_texts(session, now=NOW)
        assert [one.message_id for one in asked] == ["SM1"]
    command.downgrade(old_database, BEFORE)
    command.upgrade(old_database, "head")
    with reader() as session:
        assert sorted(session.exec(select(OutgoingText.status))) == ["queued", "sent", "unknown"]
