"""Bring the open database to the schema that this version expects."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from leads.database.engine import current_engine
from leads.errors import BadConfiguration


def run_migrations(report: Callable[[str], None] = lambda _: None) -> None:
    """Run the migrations that are missing. Idempotent.

    `report` is called with the number and the title of each one as soon as it has run.
    """
    config = _alembic_config()
    config.attributes["report"] = report
    command.upgrade(config, "head")


def require_current_schema() -> None:
    """Raise BadConfiguration if the database has another schema than this version expects."""
    with current_engine().connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision != newest_revision():
        msg = "The database is not up to date: run `python -m leads migrate` first."
        raise BadConfiguration(msg)


def is_known_revision(revision: str) -> bool:
    """Whether this version can bring a database of that schema up to date."""
    known = ScriptDirectory.from_config(_alembic_config()).walk_revisions()
    return any(one.revision == revision for one in known)


@functools.cache
def newest_revision() -> str | None:
    """Return the schema that this version expects: every migration is read for it, once."""
    return ScriptDirectory.from_config(_alembic_config()).get_current_head()


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
