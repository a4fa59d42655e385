"""The way back from answers to strangers takes these along, and no other text."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import inspect, text
from sqlmodel import select

from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.messaging import inbound_texts
from leads.messaging.inbound_texts import TextDelivery
from leads.models.helplines import Brand
from leads.models.requests import OutgoingText
from tests.support.twilio_double import CALLER_ID
from tests.support.upgrade_fixture import AtRevision

BEFORE = "0033"
NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)
TEXT = text(
    "INSERT INTO outgoing_text (lead_id, callback_id, brand_id, phone, template, body, parts,"
    " ordered_by, ordered_at, status, status_at, problem)"
    " SELECT lead_id, id, brand_id, '+13155550142', 'thanks', 'Thank you.', 1, 'system',"
    " :at, 'sent', :at, '' FROM callback ORDER BY id LIMIT 1"
)


def test_the_way_back_takes_answers_to_strangers_along(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at(BEFORE)
    with transaction() as session:
        session.execute(TEXT, {"at": NOON})
    indexes = _indexes()
    command.upgrade(old_database, "head")
    assert _indexes() == indexes
    with transaction() as session:
        for brand in session.exec(select(Brand)):
            brand.caller_id = ""
        brand.caller_id = CALLER_ID
        session.flush()
        inbound_texts.receive_text_message(
            session,
            "+13155550177",
            "who is this?",
            message_id="SM1",
            now=NOON,
            beside=TextDelivery(to=CALLER_ID),
        )
    assert _templates() == ["help", "thanks"]
    command.downgrade(old_database, BEFORE)
    with reader() as session:
        left = session.execute(text("SELECT template FROM outgoing_text")).scalars().all()
        ordered = session.execute(text("SELECT key FROM outbox WHERE key LIKE 'text:%'"))
        assert (left, ordered.scalars().all()) == (["thanks"], [])
        moves = session.execute(text("SELECT id FROM transition WHERE event = 'text_ordered'"))
        assert moves.all() == []
    assert _indexes() == indexes
    command.upgrade(old_database, "head")
    assert _templates() == ["thanks"]


def _templates() -> list[str]:
    with reader() as session:
        return sorted(session.exec(select(OutgoingText.template)))


def _indexes() -> list[tuple[str, ...]]:
    found = inspect(current_engine()).get_indexes("outgoing_text")
    return sorted(
        (one["name"] or "", *(f"{key}={value}" for key, value in one["dialect_options"].items()))
        for one in found
    )
