"""Key views: each transaction knows by which key a text is sealed, while the keys are changed.

The database says it. On SQLite every transaction reads that first, in its own view. On PostgreSQL a
process asks every LEASE_SECONDS, and while keys are changed at the beginning of each transaction:
whoever writes holds a lock, so that nothing is moved meanwhile, and whoever reads has one view. The
values of each statement, sought or written, are then sealed by the key that the view has for them.
"""

from __future__ import annotations

import functools
import re
import threading
import time
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, Engine, event
from sqlmodel import SQLModel

from leads.database.data_keys import data_keys_of, read_data_keys
from leads.database.engine import current_engine, has_one_writer, keys_of_open_databases
from leads.database.key_state import KeyPhase, KeyState, read_key_state, step_of
from leads.database.lookup_key import MATCHED, LookupKey
from leads.database.sealed_columns import MatchedText

LEASE_SECONDS = 2.0  # for so long a process takes it that no change of keys was announced
MOVES = 0x52454B  # PostgreSQL's number for the lock against moving
HOLD_STILL = f"SELECT pg_advisory_xact_lock_shared({MOVES})"
VIEW = "ringback_key_state"
AS_IS = "ringback_as_is"  # a statement's option: its values are sealed as they have to be
SEALED = re.compile(rf"{MATCHED}(\d+):[A-Za-z0-9+/]{{2,}}=*")
_learning = threading.Lock()
_asked_at: WeakKeyDictionary[Dialect, float] = WeakKeyDictionary()


def follow_key_changes(engine: Engine) -> None:
    """Let each transaction of an engine whose keys are open follow their changes. Idempotent."""
    _asked_at[engine.dialect] = time.monotonic()
    if not event.contains(engine, "begin", _note_view):
        event.listen(engine, "begin", _note_view)
        event.listen(engine, "before_cursor_execute", _seal_as_viewed, retval=True)


def are_keys_changing() -> bool:
    """Whether PostgreSQL has to be told where a transaction begins, though it is one statement."""
    engine = current_engine()
    keys = keys_of_open_databases().get(engine.dialect)
    if has_one_writer() or keys is None or keys.state is None:
        return False
    if time.monotonic() - _asked_at[engine.dialect] > LEASE_SECONDS:
        ask_for_keys()
    state = data_keys_of(engine.dialect).state
    return state is not None and state.phase is not KeyPhase.SETTLED


def ask_for_keys() -> KeyState:
    """Return how far the keys' change is now; the process has the keys for it from now on."""
    with current_engine().begin() as connection:
        return _learn(connection)


def key_view_of(connection: Connection) -> KeyState:
    """Return what a transaction knows of the keys' change."""
    view: KeyState = connection.info[VIEW]
    return view


def _note_view(connection: Connection) -> None:
    connection.info.pop(VIEW, None)
    keys = keys_of_open_databases().get(connection.dialect)
    if keys is None or keys.state is None:
        return
    if connection.dialect.name == "sqlite":
        connection.info[VIEW] = _learn(connection)
    elif keys.state.phase is not KeyPhase.SETTLED:
        if connection.get_execution_options().get("ringback_writes", False):
            connection.exec_driver_sql(HOLD_STILL)
        connection.info[VIEW] = _learn(connection)


def _learn(connection: Connection) -> KeyState:
    """Return how far the keys' change is; the process has the keys for it from now on."""
    asked_at, opened, dialect = time.monotonic(), keys_of_open_databases(), connection.dialect
    view = read_key_state(connection)
    if _step_of_change(view) > _step_of_change(opened[dialect].state):
        anew = read_data_keys(connection, opened[dialect].from_outside)
        with _learning:  # a view may be older than what others here have learned
            if _step_of_change(anew.state) > _step_of_change(opened[dialect].state):
                opened[dialect] = anew
    _asked_at[dialect] = asked_at
    return view


def _step_of_change(state: KeyState | None) -> tuple[int, int]:
    return (state.newest, state.phase) if state else (0, 0)


def _seal_as_viewed(
    connection: Connection,
    _cursor: object,
    statement: str,
    parameters: Any,
    context: Any,
    _is_many: bool,  # noqa: FBT001
) -> tuple[str, Any]:
    view: KeyState | None = connection.info.get(VIEW)
    if view is None:
        return statement, parameters
    lookup = data_keys_of(connection.dialect).lookup
    is_settled = view.phase is KeyPhase.SETTLED and view.newest == lookup.number
    is_as_is = context is not None and context.execution_options.get(AS_IS)
    if is_as_is or (is_settled and not lookup.following):
        return statement, parameters
    return statement, _sealed_values(parameters, view, {key.number: key for key in lookup.all})


def _sealed_values(values: Any, view: KeyState, keys: Mapping[int, LookupKey]) -> Any:
    """Return the values of a statement, each text in them sealed as a view has it."""
    if isinstance(values, str):
        return SEALED.sub(lambda found: _sealed_text(found[0], view, keys), values)
    if isinstance(values, dict):
        return {name: _sealed_values(value, view, keys) for name, value in values.items()}
    if isinstance(values, list | tuple):
        return type(values)(_sealed_values(value, view, keys) for value in values)
    return values


def _sealed_text(text: str, view: KeyState, keys: Mapping[int, LookupKey]) -> str:
    """Return a text that was sealed by one of the keys, sealed by that of the view."""
    by = keys.get(int(text.removeprefix(MATCHED).partition(":")[0]))
    newest = keys[view.newest]
    if by is None:
        return text
    if view.phase is KeyPhase.SETTLED:
        return reseal_text(text, by, newest)
    before = newest.older[0]
    of_before = reseal_text(text, by, before)
    return (
        reseal_text(of_before, before, newest) if view.is_moved(step_of(of_before)) else of_before
    )


def reseal_text(text: str, old: LookupKey, new: LookupKey) -> str:
    """Return a text that one key sealed, sealed by another; as it is where it was sealed by none.

    For which purpose it was sealed, only opening it tells.
    """
    for purpose in _purposes() if old.number != new.number else ():
        opened = old.open_own(text, purpose=purpose)
        if opened is not None:
            return new.seal_text(opened, purpose=purpose)
    return text


@functools.cache
def _purposes() -> tuple[str, ...]:
    columns = (column for table in SQLModel.metadata.tables.values() for column in table.columns)
    return tuple({one.type.purpose for one in columns if isinstance(one.type, MatchedText)})
