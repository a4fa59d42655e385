"""Bulk rows: many rows with one statement, on both databases.

SQLAlchemy writes them, but on PostgreSQL many rows go as one JSON document, and records of new rows
are not made by their own constructor. `tests/bench/bulk_rows.py` shows what both gain.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    CursorResult,
    Delete,
    Dialect,
    String,
    Update,
    bindparam,
    cast,
    column,
    func,
    insert,
    inspect,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

BoundColumns = Mapping[str, TypeDecorator[Any]]
NO_QUERY = select(literal(True))  # noqa: FBT003 - a value
Row = Mapping[str, Any]
Kind = TypeVar("Kind", bound=SQLModel)


def table_of(kind: type[SQLModel]) -> Any:
    """Return the table that a kind of record is kept in."""
    # SQLModel adds it where its types do not see it
    return kind.__table__  # type: ignore[attr-defined]


def execute_and_count(session: Session, statement: Update | Delete) -> int:
    """Update or delete rows; returns how many there were."""
    # only results of these two have it
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def insert_if_absent(session: Session, kind: type[SQLModel], row: Row) -> bool:
    """Insert a row; False if one with the same key is there already."""
    return (
        session.connection()
        .execute(_insert_or_ignore_returning_id(kind, _dialect_name(session)), row)
        .first()
        is not None
    )


def insert_absent_rows(session: Session, kind: type[SQLModel], rows: Sequence[Row]) -> None:
    """Insert many rows; those whose key is there already are left out."""
    session.connection().execute(_insert_or_ignore(kind, _dialect_name(session)), rows)


def insert_rows(session: Session, kind: type[SQLModel], rows: Sequence[Row]) -> None:
    """Insert rows that all name the same columns.

    They hold no bytes and no null characters, and nothing empty in a JSON column.
    """
    many = _json_insert(kind, tuple(rows[0]))
    _execute_rows(session, rows, _bound_columns(kind), one=_row_insert(kind), many=many)


def insert_together(
    session: Session,
    rows: Mapping[type[SQLModel], Sequence[Row]],
    *,
    query: Any = None,
    parameters: Row | None = None,
) -> None:
    """Insert rows of several kinds, those of each as `insert_rows` does.

    PostgreSQL takes all of them with one statement, and can be asked a query in the same one, for
    what it does: the query sees none of the rows.
    """
    if query is None and (len(rows) <= 1 or _dialect_name(session) == "sqlite"):
        for kind, some in rows.items():
            insert_rows(session, kind, some)
        return
    for some in rows.values():
        _require_same_columns(some)
    kinds = tuple((kind, tuple(some[0])) for kind, some in rows.items())
    dialect = session.connection().dialect
    documents = {
        _rows_parameter(kind): _rows_to_json(some, _bound_columns(kind), dialect)
        for kind, some in rows.items()
    }
    statement = _json_inserts_beside(NO_QUERY if query is None else query, kinds)
    session.connection().execute(statement, {**documents, **(parameters or {})})


def insert_returning(
    session: Session, kind: type[Kind], rows: Sequence[Row], *, key: str = ""
) -> list[Kind]:
    """Insert rows and return their records with the values that were given.

    The records are in the session as if it had loaded them.

    What a row leaves out has its default. `key`: where the database gives the ids, a column in
    which no two of them have the same.
    """
    if not rows:
        return []
    whole = [
        _column_defaults(kind)
        | {name: made() for name, made in _default_factories(kind).items()}
        | dict(row)
        for row in rows
    ]
    if key:
        given = [{name: value for name, value in row.items() if name != "id"} for row in whole]
        one = _row_insert_returning_id(kind, key)
        many = _json_insert_returning_id(kind, tuple(given[0]), key)
        bound = _bound_columns(kind)
        stored: Any = _execute_rows(session, given, bound, one=one, many=many)
        ids = dict(stored.all())
        whole = [row | {"id": ids[row[key]]} for row in given]
    else:
        insert_rows(session, kind, whole)
    records = [_make_loaded_record(kind, row) for row in whole]
    session.add_all(records)
    return records


def update_rows_if_unchanged(
    session: Session, kind: type[SQLModel], changes: Sequence[tuple[Row, Row]]
) -> int:
    """Update rows that still have the values known of them; returns how many rows were updated.

    `changes`: for each row what is known of it, and what it has from now on; the same columns in
    all of them.
    """
    known, new = (tuple(row) for row in changes[0])
    values = [
        {f"known_{name}": value for name, value in before.items()}
        | {f"new_{name}": value for name, value in after.items()}
        for before, after in changes
    ]
    one = _row_update_if_unchanged(kind, known, new)
    many = _json_update_if_unchanged(kind, known, new)
    bound = {
        f"{prefix}{name}": column
        for name, column in _bound_columns(kind).items()
        for prefix in ("known_", "new_")
    }
    return int(_execute_rows(session, values, bound, one=one, many=many).rowcount)


def _make_loaded_record(kind: type[Kind], row: Row) -> Kind:
    """Make a record of a stored row as a query would.

    The record's own constructor takes several times as long.
    """
    record: Kind = inspect(kind).class_manager.new_instance()
    vars(record).update(row)  # what is in it when it is made detached counts as loaded
    make_transient_to_detached(record)
    return record


@functools.cache
def _column_defaults(kind: type[SQLModel]) -> dict[str, Any]:
    optional = (
        (name, field) for name, field in kind.model_fields.items() if not field.is_required()
    )
    return {name: field.default for name, field in optional if field.default_factory is None}


@functools.cache
def _default_factories(kind: type[SQLModel]) -> dict[str, Any]:
    return {
        name: field.default_factory
        for name, field in kind.model_fields.items()
        if field.default_factory
    }


def _execute_rows(
    session: Session, rows: Sequence[Row], bound: BoundColumns, *, one: Any, many: Any
) -> CursorResult[Any]:
    """Run `one` for each row, or `many` once for all rows, whichever the database takes faster.

    `one` takes the values of a row, `many` all of them as the parameter `rows`.
    """
    _require_same_columns(rows)
    if len(rows) > 1 and _dialect_name(session) == "postgresql":
        document = _rows_to_json(rows, bound, session.connection().dialect)
        return session.connection().execute(many, {"rows": document})
    return session.connection().execute(one, rows)


def _require_same_columns(rows: Sequence[Row]) -> None:
    if any(row.keys() != rows[0].keys() for row in rows[1:]):
        msg = "rows that go together name the same columns"
        raise ValueError(msg)


@functools.cache
def _bound_columns(kind: type[SQLModel]) -> BoundColumns:
    """Return the types of the columns whose values are stored as something else."""
    return {
        one.name: one.type
        for one in table_of(kind).columns
        if isinstance(one.type, TypeDecorator)
        and type(one.type).process_bind_param is not TypeDecorator.process_bind_param
    }


def _rows_to_json(rows: Sequence[Row], bound: BoundColumns, dialect: Dialect) -> str:
    stored = [
        {
            name: bound[name].process_bind_param(value, dialect) if name in bound else value
            for name, value in row.items()
        }
        for row in rows
    ]
    return json.dumps(stored, ensure_ascii=False, default=_json_default)


def _json_default(value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo:
        return value.isoformat()
    msg = f"{type(value).__name__} cannot be stored this way"
    raise TypeError(msg)


def _dialect_name(session: Session) -> str:
    return session.connection().dialect.name


# Made once: building a statement costs more than running it.
@functools.cache
def _row_insert(kind: type[SQLModel]) -> Any:
    return insert(table_of(kind))


@functools.cache
def _row_insert_returning_id(kind: type[SQLModel], key: str) -> Any:
    return _returning_key_and_id(_row_insert(kind), kind, key)


@functools.cache
def _json_insert(kind: type[SQLModel], names: tuple[str, ...], parameter: str = "rows") -> Any:
    """Return what inserts the rows of the JSON document `parameter`, which name these columns."""
    columns = table_of(kind).c
    given = _json_recordset({name: columns[name].type for name in names}, parameter)
    return _row_insert(kind).from_select(names, select(given))


@functools.cache
def _json_inserts_beside(
    query: Any, kinds: tuple[tuple[type[SQLModel], tuple[str, ...]], ...]
) -> Any:
    """Return a query that also inserts rows of these kinds, which name these columns."""
    inserts = (_json_insert(kind, names, _rows_parameter(kind)) for kind, names in kinds)
    return query.add_cte(*(one.cte(f"insert_{number}") for number, one in enumerate(inserts)))


def _rows_parameter(kind: type[SQLModel]) -> str:
    return f"rows_of_{kind.__name__}"


def _json_recordset(types: Mapping[str, Any], parameter: str = "rows") -> Any:
    """Return the rows of the JSON document `parameter` as a table with columns of these types."""
    document = cast(bindparam(parameter, type_=String), JSON)
    columns = (column(name, kind) for name, kind in types.items())
    given = func.json_to_recordset(document).table_valued(*columns)
    return given.render_derived("given", with_types=True)


@functools.cache
def _json_insert_returning_id(kind: type[SQLModel], names: tuple[str, ...], key: str) -> Any:
    return _returning_key_and_id(_json_insert(kind, names), kind, key)


@functools.cache
def _row_update_if_unchanged(
    kind: type[SQLModel], known: tuple[str, ...], new: tuple[str, ...]
) -> Any:
    table = table_of(kind)
    still = (table.c[name] == bindparam(f"known_{name}") for name in known)
    return update(table).where(*still).values({name: bindparam(f"new_{name}") for name in new})


@functools.cache
def _json_update_if_unchanged(
    kind: type[SQLModel], known: tuple[str, ...], new: tuple[str, ...]
) -> Any:
    table = table_of(kind)
    given = _json_recordset(
        {f"known_{name}": table.c[name].type for name in known}
        | {f"new_{name}": table.c[name].type for name in new}
    )
    still = (table.c[name] == given.c[f"known_{name}"] for name in known)
    return update(table).where(*still).values({name: given.c[f"new_{name}"] for name in new})


@functools.cache
def _insert_or_ignore(kind: type[SQLModel], dialect: str) -> Any:
    new: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect]
    return new(table_of(kind)).on_conflict_do_nothing().inline()  # its id is not asked for


@functools.cache
def _insert_or_ignore_returning_id(kind: type[SQLModel], dialect: str) -> Any:
    return _insert_or_ignore(kind, dialect).returning(table_of(kind).c.id)


def _returning_key_and_id(statement: Any, kind: type[SQLModel], key: str) -> Any:
    columns = table_of(kind).c
    return statement.returning(columns[key], columns.id)
