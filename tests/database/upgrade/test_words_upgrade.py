"""Words that the audit trail held stand in their own tables after the upgrade, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlmodel import Session, col, select

from leads.database import migrate
from leads.database.engine import current_engine, open_database
from leads.database.transactions import reader
from leads.i18n.translatable import translate
from leads.lead_records import lead_file
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole
from leads.models.requests import FactChange, TextMessage
from leads.models.watching import Transition
from tests.support import upgrade_fixture

TIMELINES = json.loads((Path(__file__).parent / "words_screens.json").read_text("utf-8"))


@pytest.fixture(params=["sqlite", "postgresql"])
def old_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Config]:
    """A database as commit ab32938 left it."""
    make: Callable[[Path], str] = {
        "sqlite": lambda path: f"sqlite:///{path / 'old.db'}",
        "postgresql": lambda _: _another_database(request.getfixturevalue("postgresql")()),
    }[request.param]
    open_database(make(tmp_path))
    config = migrate._alembic_config()  # noqa: SLF001 - nothing of the product stops half way
    command.upgrade(config, upgrade_fixture.REVISION)
    upgrade_fixture.load_rows(current_engine())
    yield config
    current_engine().dispose()


def _another_database(address: str) -> str:
    """Return the address of a new database on the same server."""
    server = address.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS upgraded WITH (FORCE)")
        connection.execute("CREATE DATABASE upgraded")
    path, _, query = address.partition("?")
    return f"{path.rpartition('/')[0]}/upgraded?{query}"


def test_timelines_say_of_texts_and_corrections_what_they_said_before(
    old_database: Config,
) -> None:
    command.upgrade(old_database, "head")
    with reader() as session:
        said = {
            number: {language: _timeline(session, int(number), language) for language in old}
            for number, old in TIMELINES.items()
        }
    assert said == TIMELINES


def test_no_row_of_the_trail_holds_words_and_the_tables_hold_all(old_database: Config) -> None:
    command.upgrade(old_database, "head")
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


def _trail() -> list[Any]:
    moves = select(Transition.id, Transition.event, Transition.changes)
    moves = moves.where(col(Transition.event).in_(("text", "correct")))
    with reader() as session:
        return list(session.exec(moves.order_by(col(Transition.id))).all())


def _timeline(session: Session, lead_id: int, language: str) -> list[str]:
    boss = session.exec(select(Advisor).where(Advisor.role == AdvisorRole.SUPERVISOR)).first()
    assert boss
    file = lead_file.read_lead_file(session, lead_id, boss)
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
