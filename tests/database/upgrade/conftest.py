"""The database that commit ab32938 left, at revisions on its way: each made once, and copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from leads.database import migrate
from leads.database.engine import current_engine, open_database
from tests.support import upgrade_fixture
from tests.support.old_databases import open_as_of_old

OPEN = "open"  # the copy that a test may change


@dataclass(frozen=True)
class Snapshots:
    """What commit ab32938 left on one engine, at the revisions that were asked for.

    `copy` puts a copy of one in the place of another, and returns its address.
    """

    copy: Callable[[str, str], str]
    made: list[str] = field(default_factory=lambda: [upgrade_fixture.REVISION])

    def copied_at(self, revision: str) -> str:
        if revision not in self.made:
            open_database(self.copy(max(one for one in self.made if one < revision), revision))
            command.upgrade(_alembic(), revision)
            current_engine().dispose()
            self.made.append(revision)
        return self.copy(revision, OPEN)


@pytest.fixture(params=["sqlite", "postgresql"])
def old_database_at(request: pytest.FixtureRequest) -> Iterator[upgrade_fixture.AtRevision]:
    """Whoever changes what commit ab32938 left before it is brought on takes `old_database`."""
    snapshots: Snapshots = request.getfixturevalue(f"{request.param}_snapshots")

    def opened_at(revision: str) -> Config:
        open_as_of_old(snapshots.copied_at(revision))
        return _alembic()

    yield opened_at
    current_engine().dispose()


@pytest.fixture
def old_database(old_database_at: upgrade_fixture.AtRevision) -> Config:
    """A database as commit ab32938 left it."""
    return old_database_at(upgrade_fixture.REVISION)


@pytest.fixture(scope="session")
def sqlite_snapshots(tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    folder = tmp_path_factory.mktemp("old")
    _make_old(_address_in(folder, upgrade_fixture.REVISION))

    def copy(source: str, target: str) -> str:
        for left in folder.glob(f"{target}.db*"):
            left.unlink()
        shutil.copy(folder / f"{source}.db", folder / f"{target}.db")
        return _address_in(folder, target)

    return Snapshots(copy)


def _address_in(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}.db"


@pytest.fixture(scope="session")
def postgresql_snapshots(postgresql: Callable[[], str]) -> Snapshots:
    server, address_of = _server(postgresql())

    def copy(source: str, target: str) -> str:
        _renew(server, f"old_{target}", template=source and f"old_{source}")
        return address_of(f"old_{target}")

    _make_old(copy("", upgrade_fixture.REVISION))
    return Snapshots(copy)


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


def _renew(server: str, name: str, *, template: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template1'}")
