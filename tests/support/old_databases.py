"""Databases as they were before there were keys."""

from __future__ import annotations

from sqlalchemy import Engine

from leads.database.data_keys import DataKeys
from leads.database.engine import keys_of_open_databases, open_database
from leads.database.lookup_key import LookupKey


class KeptInClear(LookupKey):
    """What versions did that had no key yet, and whose rows a test has."""

    def seal_text(self, content: str, *, purpose: str) -> str:
        return content


IN_CLEAR = DataKeys({}, KeptInClear(b"none"))


def open_as_of_old(address: str) -> Engine:
    """Open a database as one is from before there were keys: what is in it is in clear."""
    engine = open_database(address)
    keys_of_open_databases()[engine.dialect] = IN_CLEAR
    return engine
