"""What was heard on a lead's phone is in our words after the upgrade, and nothing is in doubt."""

from __future__ import annotations

from typing import Any

from alembic import command
from sqlalchemy import text
from sqlmodel import select

from leads.database.engine import current_engine
from leads.database.transactions import reader
from leads.models.calls import CallAttempt, CallLeg
from leads.models.helplines import Brand
from tests.support.upgrade_fixture import AtRevision

BEFORE = "0024"
THEIR_WORDS = ("human", "machine_start", "fax", "unknown", "")
OUR_WORDS = ("person", "machine", "fax", "unknown", "")
FINISHED = "SELECT id, state, disposition, finished_at FROM callback ORDER BY id"


def test_twilio_s_words_become_ours_and_go_back(old_database_at: AtRevision) -> None:
    old_database = old_database_at(BEFORE)
    finished = rows(FINISHED)
    with current_engine().begin() as connection:
        ids = connection.execute(text("SELECT id FROM call_leg ORDER BY id LIMIT 5")).scalars()
        for leg_id, word in zip(ids, THEIR_WORDS, strict=True):
            heard = {"id": leg_id, "word": word}
            connection.execute(
                text("UPDATE call_leg SET answered_by = :word WHERE id = :id"), heard
            )
    command.upgrade(old_database, "head")
    with reader() as session:
        heard = session.exec(select(CallLeg.answered_by).order_by(CallLeg.id).limit(5)).all()
        assert tuple(heard) == OUR_WORDS
        assert set(session.exec(select(CallAttempt.doubt))) == {None}
        assert set(session.exec(select(Brand.wrap_up_minutes))) == {10}
        assert all(words == {} for words in session.exec(select(Brand.voicemail_words)))
    assert rows(FINISHED) == finished
    command.downgrade(old_database, BEFORE)
    assert rows("SELECT answered_by FROM call_leg ORDER BY id LIMIT 5") == [
        (word,) for word in THEIR_WORDS
    ]
    assert rows(FINISHED) == finished


def rows(query: str) -> list[Any]:
    with current_engine().connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]
