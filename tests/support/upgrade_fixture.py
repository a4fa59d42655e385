"""Fill a database of revision 0011, on either engine, with the rows that commit ab32938 made."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, Table

CONTENT = Path(__file__).parents[1] / "database" / "upgrade" / "ab32938.json.gz"
REVISION = "0011"
AtRevision = Callable[[str], Config]
"""What opens the old database, brought to a revision and not changed since."""
LAST = "packed_day"  # triggers on the callbacks mark its rows


def load_rows(where: Engine | Connection, path: str | Path = CONTENT) -> None:
    """Insert all rows into the tables of revision 0011, which are empty.

    An open connection is left uncommitted.
    """
    if isinstance(where, Engine):
        with where.begin() as connection:
            load_rows(connection, path)
        return
    with gzip.open(path, "rt", encoding="utf-8") as file:
        content = json.load(file)
    tables = MetaData()
    tables.reflect(where)
    for table in sorted(tables.sorted_tables, key=lambda one: one.name == LAST):
        if table.name in content["tables"]:
            _fill(where, table, **content["tables"][table.name])


def _fill(connection: Connection, table: Table, columns: list[str], rows: list[list[Any]]) -> None:
    unknown = set(columns) ^ {column.name for column in table.columns}
    assert not unknown, f"{table.name} is not as revision {REVISION} makes it: {unknown}"
    is_naive = connection.dialect.name == "sqlite"
    read = [_reader(table.c[name].type, is_naive=is_naive) for name in columns]
    values = [
        dict(zip(columns, (one(value) for one, value in zip(read, row, strict=True)), strict=True))
        for row in rows
    ]
    if not values:
        return
    own = [
        key.parent.name for key in table.foreign_keys if key.column.table is table
    ]  # rows that name later rows
    connection.execute(table.insert(), [row | dict.fromkeys(own) for row in values])
    for name in own:
        for row in values:
            if row[name] is not None:
                connection.execute(
                    table.update().where(table.c.id == row["id"]).values({name: row[name]})
                )
    if connection.dialect.name == "postgresql" and isinstance(table.c.id.type, sqlalchemy.Integer):
        _count_on(connection, table.name)


def _reader(kind: Any, *, is_naive: bool) -> Any:
    if isinstance(kind, sqlalchemy.DateTime):
        return lambda value: value and _instant(value, is_naive=is_naive)
    if isinstance(kind, sqlalchemy.LargeBinary):
        return lambda value: b64decode(value["base64"])
    return lambda value: value


def _instant(text: str, *, is_naive: bool) -> datetime:
    at = datetime.fromisoformat(text).astimezone(UTC)
    return at.replace(tzinfo=None) if is_naive else at


def _count_on(connection: Connection, name: str) -> None:
    """Let PostgreSQL number new rows after these."""
    sequence = f"pg_get_serial_sequence('{name}', 'id')"
    counter = f"SELECT setval({sequence}, max(id)) FROM {name}"
    connection.execute(sqlalchemy.text(counter))
