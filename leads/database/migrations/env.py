"""Alembic's entry: brings the database that `leads.database` has open to the newest shape."""

import contextlib
from collections.abc import Iterator
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from leads.database.engine import current_engine
from leads.database.utc_datetime import UtcDateTime
from leads.models.fields import EnumText, MessageText

ALONE = sa.text("SELECT pg_advisory_xact_lock(7002, 0)")  # the days' packing has 7001


def in_plain_words(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as the plain types they are.

    Migrations must not change with the models.
    """
    if kind != "type":
        return False
    if isinstance(item, (EnumText, MessageText, AutoString)):
        return "sa.String()"
    return "sa.DateTime(timezone=True)" if isinstance(item, (UtcDateTime, sa.DateTime)) else False


def report_step(*_: Any, **applied: Any) -> None:
    """Tell whoever migrates which migration has run."""
    if report := context.config.attributes.get("report"):
        step = applied["step"]
        report(f"{step.up_revision_id} {step.up_revision.doc}")


@contextlib.contextmanager
def migrating_connection() -> Iterator[sa.Connection]:
    """Open one transaction for all migrations, and wait for whoever else is running them.

    SQLite changes what a table is by making it anew: meanwhile the rows that refer to it are not
    checked, which can be said before a transaction only.
    """
    with current_engine().connect() as connection:
        if connection.dialect.name != "sqlite":
            with connection.begin():
                connection.execute(ALONE)
                yield connection
            return
        connection.execution_options(ringback_writes=True)
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


with migrating_connection() as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        render_item=in_plain_words,
        on_version_apply=report_step,
    )
    with context.begin_transaction():
        context.run_migrations()
