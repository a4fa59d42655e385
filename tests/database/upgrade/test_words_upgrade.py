"""Words that the audit trail held stand in their own tables after the upgrade, and nowhere else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import insert
from sqlmodel import Session, col, select

from leads.database.bulk_rows import table_of
from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.i18n.translatable import translate
from leads.lead_records import lead_file
from leads.messaging import inbound_texts
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole
from leads.models.requests import FactChange, Lead, TextMessage
from leads.models.watching import Transition
from tests.support import upgrade_fixture
from tests.support.upgrade_fixture import AtRevision

WRITER = 169  # a lead of the fixture who never wrote
LATER = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
TIMELINES = json.loads((Path(__file__).parent / "words_screens.json").read_text("utf-8"))


def test_timelines_say_of_texts_and_corrections_what_they_said_before(
    old_database_at: AtRevision,
) -> None:
    old_database_at("head")
    with reader() as session:
        said = {
            number: {language: _timeline(session, int(number), language) for language in old}
            for number, old in TIMELINES.items()
        }
    assert said == TIMELINES


def test_no_row_of_the_trail_holds_words_and_the_tables_hold_all(
    old_database_at: AtRevision,
) -> None:
    old_database_at("head")
    with reader() as session:
        texts = session.exec(select(TextMessage).order_by(col(TextMessage.id))).all()
        changes = session.exec(select(FactChange)).all()
    moves = [changes for _, _, changes in _trail()]
    assert [one.body for one in texts if one.meaning == "words"] == [
        "¿Están ahí?",
        "Thanks, I am better now. STOP asking?",
        "¿Están ahí?",
        "Call me at 5 p.m.",
        "¿Están ahí?",
    ]
    assert sum(one.meaning == "stop" for one in texts) == 8
    assert texts[0].message_id == "SM12"
    renamed = next(change for change in changes if change.fact == "name")
    assert renamed.before == "Wrng Nmae"
    assert renamed.after == "Right Name"
    assert {key for move in moves for key in move} == {"text_message", "corrected"}
    assert "Wrng" not in json.dumps(moves)


def test_a_downgrade_puts_the_words_back_into_the_trail(old_database: Config) -> None:
    before = _trail()
    command.upgrade(old_database, "0015")
    command.downgrade(old_database, "-1")
    assert _trail() == before


def test_more_texts_than_fit_one_chunk_keep_their_words_and_go_back(old_database: Config) -> None:
    with current_engine().begin() as connection:
        connection.execute(
            insert(table_of(Transition)),
            [a_text_in_the_trail(f"MM{number}", f"No. {number}") for number in range(1200)],
        )
    before = _trail()
    command.upgrade(old_database, "0015")
    with reader() as session:
        texts = session.exec(select(TextMessage.body).order_by(col(TextMessage.id))).all()
        numbered = [words for words in texts if words.startswith("No.")]
        assert numbered == [f"No. {number}" for number in range(1200)]
    command.downgrade(old_database, "-1")
    assert _trail() == before


def test_a_text_that_the_trail_has_twice_is_one_row_and_both_name_it(old_database: Config) -> None:
    with current_engine().begin() as connection:
        twice = [a_text_in_the_trail("SM12", "STOP"), a_text_in_the_trail("MM1", "Hello?")]
        connection.execute(insert(table_of(Transition)), [*twice, *twice])
    before = _trail()
    command.upgrade(old_database, "head")
    named = [changes["text_message"] for _, event, changes in _trail() if event == "text"]
    with reader() as session:
        stored = select(TextMessage.id).where(TextMessage.lead_id == WRITER)
        ids = session.exec(stored.order_by(col(TextMessage.id))).all()
    assert named[-4:] == [*ids, *ids]
    command.downgrade(old_database, upgrade_fixture.REVISION)
    assert _trail() == before


def test_what_comes_after_the_upgrade_has_an_id_of_its_own(
    old_database_at: AtRevision,
) -> None:
    old_database_at("head")
    with transaction() as session:
        lead = session.get_one(Lead, WRITER)
        boss = session.exec(select(Advisor).where(Advisor.role == AdvisorRole.SUPERVISOR)).first()
        inbound_texts.receive_text_message(session, lead.phone, "Hi", message_id="MM1", now=LATER)
        lead_file.correct_lead_facts(session, lead, {"city": "Ithaca"}, boss, now=LATER)
    with reader() as session:
        assert "Hi" in session.exec(select(TextMessage.body)).all()
        assert "Ithaca" in session.exec(select(FactChange.after)).all()


def a_text_in_the_trail(message_id: str, said: str) -> dict[str, Any]:
    """Return the row that ab32938 wrote of a text from a lead of the fixture."""
    return {
        "record": "lead",
        "record_id": str(WRITER),
        "event": "text",
        "before": "open",
        "after": "open",
        "actor": "network",
        "at": LATER,
        "changes": {"message": message_id, "said": said},
    }


def _trail() -> list[Any]:
    moves = select(Transition.id, Transition.event, Transition.changes)
    moves = moves.where(col(Transition.event).in_(("text", "correct")))
    with reader() as session:
        return list(session.exec(moves.order_by(col(Transition.id))).all())


def _timeline(session: Session, lead_id: int, language: str) -> list[str]:
    boss = session.exec(select(Advisor).where(Advisor.role == AdvisorRole.SUPERVISOR)).first()
    assert boss
    file = lead_file.read_lead_file(session, lead_id, boss, now=LATER)
    assert file
    lines = []
    for entry in file.entries:
        said = f": {translate(language, entry.said)}" if entry.said else ""
        by = f" · {translate(language, entry.by)}" if entry.by else ""
        at = entry.at.astimezone(UTC)
        lines.append((at, f"{at.isoformat()} {translate(language, entry.what)}{said}{by}"))
    lines.sort(key=lambda line: line[1])
    lines.sort(key=lambda line: line[0], reverse=True)
    return [line for _, line in lines]
