"""Opening: what a process does before it reads the first row."""

from __future__ import annotations

from collections.abc import Sequence

from leads.database.data_keys import open_data_keys
from leads.database.engine import open_database
from leads.database.migrate import require_current_schema
from leads.database.sealing_tasks import require_nothing_hidden


def open_current_database(url: str, keys: Sequence[str]) -> None:
    """Open the database at `url` for this process, and what is sealed in it.

    `keys`: from outside, the newest first; see `open_data_keys`. Raises BadConfiguration where its
    schema is another version's, it was sealed with another key, or `migrate` has not sealed all.
    """
    open_database(url)
    require_current_schema()
    require_nothing_hidden()
    open_data_keys(keys)
