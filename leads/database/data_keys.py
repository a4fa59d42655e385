"""Data keys: what seals columns, kept in the database under the keys of SECRET_KEY or its file.

A row is sealed with a data key, and the data key with a key from outside. A new SECRET_KEY seals
the data key again, and no row.
"""

from __future__ import annotations

import base64
import logging
import secrets
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, text
from sqlmodel import Session

from leads.database.engine import current_engine, keys_of_open_databases
from leads.database.key_wrapping import is_wrapped_with, unwrap_key, wrap_key
from leads.database.lookup_key import NOT_OPENED, LookupKey, add_lookup_key, open_lookup_key
from leads.database.transactions import transaction

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

    `ciphers`: by the number of their data key; the highest seals. Without any, nothing is sealed.
    `lookup`: by which the database compares what it cannot read. Before both were opened nothing
    can be sealed, and is not written in clear either: that raises KeysNotOpenedError.
    """

    ciphers: Mapping[int, AESGCM] = field(default_factory=dict, repr=False)
    lookup: LookupKey = field(default=NOT_OPENED, repr=False)

    @property
    def beginning(self) -> str:
        """What all begins with that is sealed now; empty where nothing is."""
        return f"{PREFIX}{max(self.ciphers)}:" if self.ciphers else ""

    def seal(self, content: bytes, *, column: str) -> bytes:
        """Return what to keep of a content; an empty one stays empty."""
        if not content:
            return content
        self.lookup.require_opened()
        if not self.ciphers:
            return content
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self.ciphers[max(self.ciphers)].encrypt(nonce, content, column.encode())
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


def open_data_keys(keys: Sequence[str]) -> None:
    """Open the data keys and the lookup key of the process's database, made where there is none.

    `keys`: those from outside, the newest first; it keeps them from now on. Without any there is no
    data key. Raises BadConfiguration where they do not open what the database was sealed with.
    """
    dialect = current_engine().dialect
    _opened.pop(dialect, None)
    with transaction() as session:
        kept = _kept_keys(session)
        if not kept and keys:
            _add_data_key(session, FIRST, keys)  # unless another process was faster
            kept = _kept_keys(session)
        opened = {number: unwrap_key(kept[number], keys, record=str(number)) for number in kept}
        for number, wrapped in kept.items():
            if not is_wrapped_with(keys[0], wrapped, record=str(number)):
                anew = wrap_key(opened[number], keys[0], record=str(number))
                session.execute(KEEP, {"id": number, "wrapped": anew})
        lookup = open_lookup_key(session, keys)
    _opened[dialect] = DataKeys({number: AESGCM(key) for number, key in opened.items()}, lookup)


def add_keys(session: Session, keys: Sequence[str]) -> None:
    """Make a data key, if there are any, and a lookup key, which seal from when they are opened."""
    kept = _kept_keys(session)
    if kept and keys:
        _add_data_key(session, max(kept) + 1, keys)
    add_lookup_key(session, keys)


def _add_data_key(session: Session, number: int, keys: Sequence[str]) -> None:
    inner = AESGCM.generate_key(KEY_BITS)
    wrapped = wrap_key(inner, keys[0], record=str(number))
    session.execute(ADD_IF_ABSENT, {"id": number, "wrapped": wrapped})


def _kept_keys(session: Session) -> dict[int, str]:
    return {row.id: row.wrapped for row in session.execute(ALL_KEPT)}
