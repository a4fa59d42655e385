"""A command or a job dies in the middle of its work: what it worked on is as before, or whole."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy
from sqlmodel import select

from leads.database.migrate import newest_revision
from leads.database.transactions import reader, transaction
from leads.models.watching import DaySnapshot
from tests.support import warm
from tests.support.backed_up import SECRET_KEY
from tests.support.dying import DIE_AT
from tests.support.people import a_callback

DIED = -9
DAY = 24 * 60 * 60  # seconds


def environment(address: str, die_at: str = "") -> dict[str, str]:
    dies = {DIE_AT: die_at} if die_at else {}
    return {"PATH": os.environ["PATH"], "DATABASE_URL": address, "SECRET_KEY": SECRET_KEY, **dies}


def revision_of(address: str) -> str | None:
    engine = sqlalchemy.create_engine(address)
    try:
        with engine.connect() as connection:
            if not sqlalchemy.inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(sqlalchemy.text("SELECT * FROM alembic_version")).scalar()
    finally:
        engine.dispose()


def test_a_migration_that_dies_leaves_the_database_as_it_was(
    database: str, empty_place: Callable[[], str]
) -> None:
    address = empty_place()
    dies = environment(address, "leads.commands.records:print_progress after 10")
    assert warm.run(dies, "migrate").returncode == DIED
    assert revision_of(address) is None
    done = warm.run(environment(address), "migrate")
    assert (done.returncode, revision_of(address)) == (0, newest_revision())


def test_a_backup_that_dies_leaves_nothing_that_looks_like_one(
    database: str, postgresql_tools: None, tmp_path: Path
) -> None:
    dies = environment(database, "leads.backups.taking:_write_sealed_file after 1")
    assert warm.run(dies, "backup", str(tmp_path)).returncode == DIED
    [draft] = tmp_path.iterdir()
    assert draft.suffix == ".part"

    # The next one is whole. It takes away what is older than a day, which nobody writes any more.
    fresh = tmp_path / "ringback-20260303T170000Z.backup.0a0b0c0d.part"
    fresh.touch()
    os.utime(draft, (time.time() - 2 * DAY,) * 2)
    done = warm.run(environment(database), "backup", str(tmp_path))
    assert done.returncode == 0, done.stderr
    kept, backup = sorted(tmp_path.iterdir(), key=lambda path: path.suffix, reverse=True)
    assert (kept, backup.suffix) == (fresh, ".backup")
    checked = warm.run(environment(database), "restore", "--check", str(backup))
    assert checked.returncode == 0, checked.stderr


def test_days_that_were_being_packed_are_packed_again_and_say_the_same(database: str) -> None:
    day = datetime.now(UTC) - timedelta(days=2)
    with transaction() as session:
        asked = dict.fromkeys(("received_at", "promised_at", "due_at"), day)
        a_callback(session, **asked)
    told = ("report", "--from", f"{day:%Y-%m-%d}", "--to", f"{day:%Y-%m-%d}", "--zone", "UTC")
    dies = environment(database, "leads.reporting.cohort:snapshot_cohort_day after 1")
    before = json.loads(warm.run(environment(database), *told, "--json").stdout)
    assert warm.run(dies, "rollup").returncode == DIED
    assert count_packed_days() == 0
    assert warm.run(environment(database), "rollup").returncode == 0
    assert count_packed_days() > 0
    assert json.loads(warm.run(environment(database), *told, "--json").stdout) == before


def count_packed_days() -> int:
    with reader() as session:
        return len(session.exec(select(DaySnapshot)).all())
