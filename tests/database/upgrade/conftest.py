"""The database that commit ab32938 left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from leads.database import migrate
from leads.database.engine import current_engine, open_database
from tests.support import upgrade_fixture


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
