"""Data keys: what seals columns, kept in the database under the keys of SECRET_KEY or its file.

A row is sealed with a data key, and the data key with a key from outside. A new SECRET_KEY seals
the data key again, and no row.
"""

from __future__ import annotations

import base64
import logging
import secrets
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Dialect, text

from leads.database.engine import keys_of_open_databases
from leads.database.key_state import KeyPhase, KeyState, read_key_state
from leads.database.key_wrapping import is_wrapped_with, unwrap_key, wrap_key
from leads.database.lookup_key import (
    NOT_OPENED,
    LookupKey,
    add_lookup_key,
    keep_lookup_keys,
    read_lookup_key,
)

log = logging.getLogger(__name__)

PREFIX = "sealed2:"  # then the number of the data key, a colon, the nonce and what was sealed
KEY_BITS, NONCE_BYTES = 256, 12
FIRST = 1
ADD_IF_ABSENT = text(
    "INSERT INTO data_key (id, wrapped) VALUES (:id, :wrapped) ON CONFLICT DO NOTHING"
)
KEEP = text("UPDATE data_key SET wrapped = :wrapped WHERE id = :id")
ALL_KEPT = text("SELECT id, wrapped FROM data_key ORDER BY id")


@dataclass(frozen=True)
class DataKeys:
    """Seals what columns hold, and opens it as the content of that column alone.

    `ciphers`: by the number of their data key; the highest seals that everybody knows. Without any,
    nothing is sealed. `lookup`: by which the database compares what it cannot read. Before both
    were opened nothing can be sealed, and is not written in clear either: that raises
    KeysNotOpenedError. `state`: as they were read; `from_outside`: what opened them.
    """

    ciphers: Mapping[int, AESGCM] = field(default_factory=dict, repr=False)
    lookup: LookupKey = field(default=NOT_OPENED, repr=False)
    state: KeyState | None = None
    from_outside: tuple[str, ...] = field(default=(), repr=False)

    @property
    def beginning(self) -> str:
        """What all begins with that is sealed now; empty where nothing is."""
        return f"{PREFIX}{self._sealing_number}:" if self.ciphers else ""

    @property
    def _sealing_number(self) -> int:
        known = sorted(self.ciphers)
        is_announced = self.state is not None and self.state.phase is KeyPhase.ANNOUNCED
        return known[-2 if is_announced and len(known) > 1 else -1]

    def hash_word(self, word: str, *, purpose: str) -> int:
        """Return the keyed hash by which a word is found from now on."""
        is_moving = self.state is not None and self.state.phase is KeyPhase.MOVING
        key = (is_moving and self.lookup.following) or self.lookup
        return key.hash_word(word, purpose=purpose)

    def every_hash_of(self, word: str, *, purpose: str) -> tuple[int, ...]:
        """Return the keyed hashes by which a word may have been written: two while keys change."""
        keys = filter(None, (self.lookup, self.lookup.following))
        return tuple(key.hash_word(word, purpose=purpose) for key in keys)

    def seal(self, content: bytes, *, column: str) -> bytes:
        """Return what to keep of a content; an empty one stays empty."""
        if not content:
            return content
        self.lookup.require_opened()
        if not self.ciphers:
            return content
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self.ciphers[self._sealing_number].encrypt(nonce, content, column.encode())
        return self.beginning.encode() + nonce + sealed

    def seal_text(self, content: str, *, column: str) -> str:
        """Return what to keep of a text; an empty one stays empty."""
        if not content:
            return content
        self.lookup.require_opened()
        if not self.ciphers:
            return content
        sealed = self.seal(content.encode(), column=column).removeprefix(self.beginning.encode())
        return self.beginning + base64.b64encode(sealed).decode()

    def open(self, kept: bytes, *, column: str) -> bytes:
        """Return the content that was sealed, or was kept from before there was a key.

        What no key opens is returned as it is: somebody else wrote it there.
        """
        if not self.ciphers or not kept.startswith(PREFIX.encode()):
            return kept
        number, _, sealed = kept.removeprefix(PREFIX.encode()).partition(b":")
        try:
            cipher = self.ciphers[int(number)]
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], column.encode())
        except (KeyError, ValueError, InvalidTag):
            log.warning("sealed_column_unreadable column=%s", column)
            return kept

    def open_text(self, kept: str, *, column: str) -> str:
        """Return the text that was sealed, or was kept from before there was a key, or as it is."""
        if not self.ciphers or not kept.startswith(PREFIX):
            return kept
        number, _, encoded = kept.removeprefix(PREFIX).partition(":")
        try:
            sealed = f"{PREFIX}{number}:".encode() + base64.b64decode(encoded, validate=True)
        except ValueError:
            return kept
        opened = self.open(sealed, column=column)
        return kept if opened is sealed else opened.decode()


NO_KEYS = DataKeys()
_opened: MutableMapping[Dialect, DataKeys] = keys_of_open_databases()


def data_keys_of(dialect: Dialect) -> DataKeys:
    """Return the data keys of the database that an engine's dialect speaks to."""
    return _opened.get(dialect, NO_KEYS)


def read_data_keys(connection: Connection, keys: Sequence[str]) -> DataKeys:
    """Return the keys of a database as of one moment; nothing is written.

    `keys`: those from outside. Raises BadConfiguration where they do not open them.
    """
    while True:
        state, ciphers = read_key_state(connection), {}
        for number, wrapped in _kept_keys(connection).items():
            ciphers[number] = AESGCM(unwrap_key(wrapped, keys, record=str(number)))
        lookup = read_lookup_key(connection, keys)
        if read_key_state(connection) == state:
            break
    if state.phase is not KeyPhase.SETTLED:
        lookup = replace(lookup.older[0], following=lookup)
    return DataKeys(ciphers, lookup, state, tuple(keys))


def keep_keys(connection: Connection, keys: Sequence[str]) -> None:
    """Keep a database's keys under the newest of those from outside; make them if it has none.

    Without any there is no data key. Raises BadConfiguration where they do not open them.
    """
    if not _kept_keys(connection) and keys:
        _add_data_key(connection, FIRST, keys)  # unless another process was faster
    for number, wrapped in _kept_keys(connection).items():
        inner = unwrap_key(wrapped, keys, record=str(number))
        if not is_wrapped_with(keys[0], wrapped, record=str(number)):
            anew = wrap_key(inner, keys[0], record=str(number))
            connection.execute(KEEP, {"id": number, "wrapped": anew})
    keep_lookup_keys(connection, keys)


def add_keys(connection: Connection, keys: Sequence[str]) -> None:
    """Make a data key, if there are any, and a lookup key."""
    kept = _kept_keys(connection)
    if kept and keys:
        _add_data_key(connection, max(kept) + 1, keys)
    add_lookup_key(connection, keys)


def _add_data_key(connection: Connection, number: int, keys: Sequence[str]) -> None:
    inner = AESGCM.generate_key(KEY_BITS)
    wrapped = wrap_key(inner, keys[0], record=str(number))
    connection.execute(ADD_IF_ABSENT, {"id": number, "wrapped": wrapped})


def _kept_keys(connection: Connection) -> dict[int, str]:
    return {row.id: row.wrapped for row in connection.execute(ALL_KEPT)}
