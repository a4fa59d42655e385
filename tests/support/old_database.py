"""A database as an older version left it: its rows, and the schema that it had."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table

from leads.database import migrate
from leads.database.engine import current_engine

FILLED_LAST = "packed_day"  # triggers on the callbacks mark its rows
MIGRATIONS = Path(migrate.__file__).parent / "migrations"


def load_old_database(path: Path, *, revision: str) -> None:
    """Make the tables of a revision in the open database, which has none, and fill them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, revision)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        stored = json.load(file)["tables"]
    tables = MetaData()
    with current_engine().begin() as connection:
        tables.reflect(connection)
        for table in sorted(tables.sorted_tables, key=lambda one: one.name == FILLED_LAST):
            if table.name in stored:
                _fill_table(connection, table, **stored[table.name])


def _fill_table(
    connection: Connection, table: Table, columns: list[str], rows: list[list[Any]]
) -> None:
    assert set(columns) == {column.name for column in table.columns}, table.name
    readers = [_reader_of(connection, table.c[name].type) for name in columns]
    values = [
        {name: read(value) for name, read, value in zip(columns, readers, row, strict=True)}
        for row in rows
    ]
    if not values:
        return
    # Rows may name later rows of the same table.
    own = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    connection.execute(table.insert(), [row | dict.fromkeys(own) for row in values])
    for name in own:
        for row in (row for row in values if row[name] is not None):
            named = table.update().where(table.c.id == row["id"])
            connection.execute(named.values({name: row[name]}))
    is_counted = isinstance(table.c.id.type, sqlalchemy.Integer)
    if connection.dialect.name == "postgresql" and is_counted:
        sequence = sqlalchemy.func.pg_get_serial_sequence(table.name, "id")
        last = sqlalchemy.func.max(table.c.id)
        connection.execute(sqlalchemy.select(sqlalchemy.func.setval(sequence, last)))


def _reader_of(connection: Connection, kind: Any) -> Callable[[Any], Any]:
    if isinstance(kind, sqlalchemy.DateTime):
        is_naive = connection.dialect.name == "sqlite"
        return lambda value: value and _parse_instant(value, is_naive=is_naive)
    if isinstance(kind, sqlalchemy.LargeBinary):
        return lambda value: b64decode(value["base64"])
    return lambda value: value


def _parse_instant(text: str, *, is_naive: bool) -> datetime:
    at = datetime.fromisoformat(text).astimezone(UTC)
    return at.replace(tzinfo=None) if is_naive else at
