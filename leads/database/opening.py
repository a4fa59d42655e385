"""Opening: what a process does before it reads the first row."""

from __future__ import annotations

from collections.abc import Sequence

from leads.database.data_keys import keep_keys, read_data_keys
from leads.database.engine import current_engine, keys_of_open_databases, open_database
from leads.database.key_views import follow_key_changes
from leads.database.migrate import require_current_schema
from leads.database.sealing_tasks import is_anything_hidden
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration


def open_current_database(url: str, keys: Sequence[str]) -> None:
    """Open the database at `url` for this process, and what is sealed in it.

    `keys`: from outside, the newest first; see `open_data_keys`. Raises BadConfiguration where its
    schema is another version's, it was sealed with another key, or `migrate` has not sealed all.
    """
    open_database(url)
    require_current_schema()
    require_nothing_hidden()
    open_data_keys(keys)


def open_data_keys(keys: Sequence[str]) -> None:
    """Open the keys of the process's database, made where there is none; it follows their changes.

    `keys`: those from outside, the newest first; it keeps them from now on. Without any there is no
    data key. Raises BadConfiguration where they do not open what the database was sealed with.
    """
    engine, opened = current_engine(), keys_of_open_databases()
    opened.pop(engine.dialect, None)
    follow_key_changes(engine)
    with transaction() as session:
        keep_keys(session.connection(), keys)
        anew = read_data_keys(session.connection(), keys)
    opened[engine.dialect] = anew


def require_nothing_hidden() -> None:
    """Raise BadConfiguration while some rows are sealed and some are not that are to be found.

    Whoever looks for a number then would miss that somebody said stop.
    """
    with reader() as session:
        if is_anything_hidden(session):
            msg = "Sealing the database is not finished: run `python -m leads migrate` again."
            raise BadConfiguration(msg)
