"""Data keys: what seals columns, kept in the database under the keys of SECRET_KEY or its file.

A row is sealed with a data key, and the data key with a key from outside. A new SECRET_KEY seals
the data key again, and no row.
"""

from __future__ import annotations

import base64
import logging
import secrets
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, text
from sqlmodel import Session

from leads.database.engine import current_engine
from leads.database.field_encryption import derive_key
from leads.database.transactions import transaction
from leads.errors import BadConfiguration

log = logging.getLogger(__name__)

PREFIX = "sealed2:"  # then the number of the data key, a colon, the nonce and what was sealed
PURPOSE = b"ringback: data keys"
KEY_BITS, NONCE_BYTES = 256, 12
FIRST = 1
ADD_IF_ABSENT = text(
    "INSERT INTO data_key (id, wrapped) VALUES (:id, :wrapped) ON CONFLICT DO NOTHING"
)
KEEP = text("UPDATE data_key SET wrapped = :wrapped WHERE id = :id")
ALL_KEPT = text("SELECT id, wrapped FROM data_key ORDER BY id")
OTHER_KEY = (
    "This database was sealed with another SECRET_KEY. Put that one behind the new one, separated "
    "by a comma, or put back the .key file that stood beside the database."
)


@dataclass(frozen=True)
class DataKeys:
    """Seals what columns hold, and opens it as the content of that column alone.

    `ciphers`: by the number of their data key; the highest seals. Without any, nothing is sealed.
    """

    ciphers: Mapping[int, AESGCM] = field(default_factory=dict, repr=False)

    @property
    def beginning(self) -> str:
        """What all begins with that is sealed now; empty where nothing is."""
        return f"{PREFIX}{max(self.ciphers)}:" if self.ciphers else ""

    def seal(self, content: bytes, *, column: str) -> bytes:
        """Return what to keep of a content; an empty one stays empty."""
        if not self.ciphers or not content:
            return content
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self.ciphers[max(self.ciphers)].encrypt(nonce, content, column.encode())
        return self.beginning.encode() + nonce + sealed

    def seal_text(self, content: str, *, column: str) -> str:
        """Return what to keep of a text; an empty one stays empty."""
        if not self.ciphers or not content:
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
_opened: weakref.WeakKeyDictionary[Dialect, DataKeys] = weakref.WeakKeyDictionary()


def data_keys_of(dialect: Dialect) -> DataKeys:
    """Return the data keys of the database that an engine's dialect speaks to."""
    return _opened.get(dialect, NO_KEYS)


def open_data_keys(keys: Sequence[str]) -> None:
    """Open the data keys of the process's database, and make one where there is none.

    `keys`: those from outside, the newest first; it keeps them from now on. Without any, nothing
    is sealed. Raises BadConfiguration where they do not open what the database was sealed with.
    """
    dialect = current_engine().dialect
    _opened.pop(dialect, None)
    with transaction() as session:
        kept = _kept_keys(session)
        if not kept and keys:
            made = {"id": FIRST, "wrapped": _wrap(AESGCM.generate_key(KEY_BITS), FIRST, keys[0])}
            session.execute(ADD_IF_ABSENT, made)  # unless another process was faster
            kept = _kept_keys(session)
        opened = {number: _unwrap(wrapped, number, keys) for number, wrapped in kept.items()}
        for number, wrapped in kept.items():
            if _unwrap_with(keys[0], wrapped, number) is None:
                session.execute(
                    KEEP, {"id": number, "wrapped": _wrap(opened[number], number, keys[0])}
                )
    _opened[dialect] = DataKeys({number: AESGCM(key) for number, key in opened.items()})


def _kept_keys(session: Session) -> dict[int, str]:
    return {row.id: row.wrapped for row in session.execute(ALL_KEPT)}


def _wrap(data_key: bytes, number: int, key: str) -> str:
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(derive_key(key, PURPOSE)).encrypt(nonce, data_key, str(number).encode())
    return base64.b64encode(nonce + sealed).decode()


def _unwrap(wrapped: str, number: int, keys: Sequence[str]) -> bytes:
    opened = (_unwrap_with(key, wrapped, number) for key in keys)
    found = next(filter(None, opened), None)
    if found is None:
        raise BadConfiguration(OTHER_KEY)
    return found


def _unwrap_with(key: str, wrapped: str, number: int) -> bytes | None:
    content = base64.b64decode(wrapped)
    cipher = AESGCM(derive_key(key, PURPOSE))
    try:
        return cipher.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], str(number).encode())
    except InvalidTag:
        return None
