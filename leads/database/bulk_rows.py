"""Bulk rows: many rows with one statement, on both databases.

SQLite takes them one by one, PostgreSQL as one document: sent one by one, every row would wait for
its turn at the interpreter.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    ColumnElement,
    CursorResult,
    Delete,
    Dialect,
    Select,
    String,
    Update,
    bindparam,
    cast,
    column,
    func,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session, SQLModel

from leads.i18n.messages import Message, dump_message

Row = Mapping[str, Any]
Kind = TypeVar("Kind", bound=SQLModel)


def table_of(kind: type[SQLModel]) -> Any:
    """Return the table that a kind of record is kept in."""
    return kind.__table__  # type: ignore[attr-defined] # SQLModel adds it where its types do not see it


def execute_and_count(session: Session, statement: Update | Delete) -> int:
    """Update or delete rows; returns how many there were."""
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined] # only results of these two have it


def in_list(column: Any, parameter: str) -> ColumnElement[bool]:
    """Return the condition that a column has one of the values of the list `parameter`.

    The values are ids, numbers or texts.

    Lists of any length make the same statement, which PostgreSQL then parses and plans once.
    """
    return _InList(column, bindparam(parameter, type_=_ListParameter(column.type)))


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
    given = (
        rows if len(rows) > 1 else rows[0]
    )  # psycopg sends several another way, which takes longer
    session.connection().execute(_insert_or_ignore(kind, _dialect_name(session)), given)


def insert_rows(session: Session, kind: type[SQLModel], rows: Sequence[Row]) -> None:
    """Insert rows that all name the same columns.

    They hold no bytes and no null characters, and nothing empty in a JSON column.
    """
    _execute_rows(session, rows, one=_row_insert(kind), many=_json_insert(kind, tuple(rows[0])))


def insert_many_kinds(
    session: Session,
    rows: Mapping[type[SQLModel], Sequence[Row]],
    *,
    along: tuple[Select[Any], Row] | None = None,
) -> None:
    """Insert rows of several kinds, those of each as `insert_rows` does.

    PostgreSQL takes all of them with one statement.

    `along`: another statement of PostgreSQL's, with its parameters, that goes with them; it sees
    none of the new rows.
    """
    query, parameters = along or (None, {})
    if query is None and (len(rows) <= 1 or _dialect_name(session) == "sqlite"):
        for kind, some in rows.items():
            insert_rows(session, kind, some)
        return
    for some in rows.values():
        _require_same_columns(some)
    kinds = tuple((kind, tuple(some[0])) for kind, some in rows.items())
    documents = {_rows_parameter(kind): _rows_to_json(some) for kind, some in rows.items()}
    session.connection().execute(_json_insert_many_kinds(kinds, query), {**documents, **parameters})


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
        many = _json_insert_returning_id(kind, tuple(given[0]), key)
        told: Any = _execute_rows(
            session, given, one=_row_insert_returning_id(kind, key), many=many
        )
        ids = dict(told.all())
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
        _prefix_columns("known", before) | _prefix_columns("new", after)
        for before, after in changes
    ]
    one, many = (
        _row_update_if_unchanged(kind, known, new),
        _json_update_if_unchanged(kind, known, new),
    )
    return int(_execute_rows(session, values, one=one, many=many).rowcount)


def _make_loaded_record(kind: type[Kind], row: Row) -> Kind:
    """Make a record of a stored row as a query would.

    The record's own constructor takes several times as long.
    """
    record: Kind = inspect(kind).class_manager.new_instance()
    for name, value in row.items():
        set_committed_value(record, name, value)
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


class _ListParameter(TypeDecorator[Sequence[Any]]):
    """A list as one parameter: an array to PostgreSQL, a JSON document to SQLite."""

    impl = String
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(
            postgresql.ARRAY(self.item) if dialect.name == "postgresql" else String()
        )

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> list[Any] | str:
        return list(value or ()) if dialect.name == "postgresql" else json.dumps(list(value or ()))


class _InList(FunctionElement[Any]):
    """The condition that a column has a value of a list, without the type of a truth value.

    With that type SQLite would compare it with 1, and look through the whole table.
    """

    inherit_cache = True


@compiles(_InList, "postgresql")
def _compile_in_list_postgresql(among: _InList, compiler: Any, **how: Any) -> str:
    what, values = among.clauses
    return str(compiler.process(what == func.any(values), **how))


@compiles(_InList, "sqlite")
def _compile_in_list_sqlite(among: _InList, compiler: Any, **how: Any) -> str:
    what, values = among.clauses
    return str(
        compiler.process(
            what.in_(select(func.json_each(values).table_valued("value").c.value)), **how
        )
    )


def _execute_rows(
    session: Session, rows: Sequence[Row], *, one: Any, many: Any
) -> CursorResult[Any]:
    """Run `one` for each row, or `many` once for all rows, whichever the database takes faster.

    `one` takes the values of a row, `many` all of them as the parameter `rows`.
    """
    _require_same_columns(rows)
    if len(rows) == 1:
        return session.connection().execute(one, rows[0])
    if _dialect_name(session) == "sqlite":
        return session.connection().execute(one, rows)
    return session.connection().execute(many, {"rows": _rows_to_json(rows)})


def _require_same_columns(rows: Sequence[Row]) -> None:
    if any(row.keys() != rows[0].keys() for row in rows):
        msg = "rows that go together name the same columns"
        raise ValueError(msg)


def _rows_to_json(rows: Sequence[Row]) -> str:
    stored = [{name: _storable_value(value) for name, value in row.items()} for row in rows]
    return json.dumps(stored, ensure_ascii=False, default=_json_default)


def _storable_value(value: Any) -> Any:
    return dump_message(value) if isinstance(value, Message) else value


def _json_recordset(
    types: Mapping[str, TypeEngine[Any]], parameter: str = "rows"
) -> TableValuedAlias:
    """Return the rows of the JSON document `parameter` as a table with columns of these types."""
    document = cast(bindparam(parameter, type_=String), JSON)
    columns = [column(name, kind) for name, kind in types.items()]
    return (
        func.json_to_recordset(document)
        .table_valued(*columns)
        .render_derived("given", with_types=True)
    )


def _prefix_columns(what: str, row: Row) -> dict[str, Any]:
    return {f"{what}_{name}": value for name, value in row.items()}


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
    columns = table_of(kind).c
    return _row_insert(kind).from_select(
        names, select(_json_recordset({name: columns[name].type for name in names}, parameter))
    )


@functools.cache
def _json_insert_many_kinds(
    kinds: tuple[tuple[type[SQLModel], tuple[str, ...]], ...], along: Select[Any] | None
) -> Any:
    inserts = [_json_insert(kind, names, _rows_parameter(kind)) for kind, names in kinds]
    last: Any = inserts.pop() if along is None else along
    return last.add_cte(*(insert.cte(f"insert_{number}") for number, insert in enumerate(inserts)))


def _rows_parameter(kind: type[SQLModel]) -> str:
    return f"rows_of_{kind.__name__}"


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
        _prefix_columns("known", {name: table.c[name].type for name in known})
        | _prefix_columns("new", {name: table.c[name].type for name in new})
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
