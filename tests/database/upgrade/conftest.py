"""The database that commit ab32938 left: made once on each engine, and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from leads.database import migrate
from leads.database.engine import current_engine, open_database
from tests.support import upgrade_fixture


@pytest.fixture(params=["sqlite", "postgresql"])
def old_database(request: pytest.FixtureRequest) -> Iterator[Config]:
    """A database as commit ab32938 left it."""
    open_database(request.getfixturevalue(f"old_{request.param}")())
    yield _alembic()
    current_engine().dispose()


@pytest.fixture(scope="session")
def old_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Return what makes a file as it was and says its address."""
    folder = tmp_path_factory.mktemp("old")
    template, path = folder / "template.db", folder / "old.db"
    _make_old(f"sqlite:///{template}")

    def copied() -> str:
        for left in folder.glob("old.db*"):
            left.unlink()
        shutil.copy(template, path)
        return f"sqlite:///{path}"

    return copied


@pytest.fixture(scope="session")
def old_postgresql(postgresql: Callable[[], str]) -> Callable[[], str]:
    """Return what makes a database of the server as it was and says its address."""
    server, make_address = _server(postgresql())
    _renew(server, "old")
    _make_old(make_address("old"))

    def copied() -> str:
        _renew(server, "upgraded", template="old")
        return make_address("upgraded")

    return copied


def _make_old(address: str) -> None:
    open_database(address)
    command.upgrade(_alembic(), upgrade_fixture.REVISION)
    upgrade_fixture.load_rows(current_engine())
    current_engine().dispose()


def _alembic() -> Config:
    return migrate._alembic_config()  # noqa: SLF001 - nothing of the product stops half way


def _server(address: str) -> tuple[str, Callable[[str], str]]:
    """Return how psycopg reaches the server, and what names another database on it."""
    path, _, query = address.partition("?")
    beginning = path.rpartition("/")[0]
    return (
        address.replace("postgresql+psycopg", "postgresql"),
        lambda name: f"{beginning}/{name}?{query}",
    )


def _renew(server: str, name: str, *, template: str = "template1") -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
