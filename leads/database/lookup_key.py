"""Lookup key: by which the database finds what it cannot read.

It stands in the database, sealed as data keys are. `leads.database.key_change` puts another in its
place while desks run, and `leads.database.key_views` says meanwhile by which of the two a text is
sealed. Older keys stay, the first for the numbers of people who were erased: nobody knows them any
more, to hash them by another. Where there is no key from outside it stands there in clear, so that
queries are the same everywhere: then it hides nothing from whoever has the database. It is sealed
as soon as a key is there.
"""

from __future__ import annotations

import base64
import functools
import hmac
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, text

from leads.database.key_wrapping import is_wrapped_with, unwrap_key, wrap_key

log = logging.getLogger(__name__)

MATCHED = "matched"  # then the key's number, a colon, and the tag with what was sealed
FIRST = 1
IN_CLEAR = "clear:"
RECORD = "lookup"
KEY_BYTES = 32
SIV_KEY_BYTES = 64  # AES-256: half of it for the tag
HASH_BYTES = 8  # of the 32: as many as one column of whole numbers holds
ADD_IF_ABSENT = text(
    "INSERT INTO lookup_key (id, wrapped) VALUES (:id, :wrapped) ON CONFLICT DO NOTHING"
)
KEEP = text("UPDATE lookup_key SET wrapped = :wrapped WHERE id = :id")
ALL_KEPT = text("SELECT id, wrapped FROM lookup_key ORDER BY id")


class KeysNotOpenedError(RuntimeError):
    """Something was to be sealed before the database's keys were opened: it is not written."""


@dataclass(frozen=True)
class LookupKey:
    """Seals a text the same way each time, and hashes words; each purpose by a key of its own.

    `number`: its own among the database's; `older`: those before it, the first last. `following`:
    the one that is about to take its place.
    """

    key: bytes = field(repr=False)
    number: int = FIRST
    older: tuple[LookupKey, ...] = field(default=(), repr=False)
    following: LookupKey | None = field(default=None, repr=False)

    @property
    def beginning(self) -> str:
        """What all begins with that is sealed now."""
        return f"{MATCHED}{self.number}:"

    @property
    def all(self) -> tuple[LookupKey, ...]:
        """Every key there is, the newest first."""
        return (*([self.following] if self.following else ()), self, *self.older)

    @property
    def first(self) -> LookupKey:
        """The key that was there first."""
        return self.older[-1] if self.older else self

    def require_opened(self) -> None:
        """Raise KeysNotOpenedError before the database's keys were opened."""
        if not self.key:
            msg = "the keys of this database were not opened"
            raise KeysNotOpenedError(msg)

    def seal_text(self, content: str, *, purpose: str) -> str:
        """Return what to keep of a text: the same for the same text; an empty one stays empty."""
        if not content:
            return content
        self.require_opened()
        sealed = _cipher_for_purpose(self.key, purpose).encrypt(content.encode(), None)
        return self.beginning + base64.b64encode(sealed).decode()

    def open_text(self, kept: str, *, purpose: str) -> str:
        """Return the text that was sealed, or was kept from before, or what no key opens as is."""
        keys = (one for one in self.all if kept.startswith(one.beginning))
        fitting = next(keys, NOT_OPENED)
        if not fitting.key:
            return kept
        opened = fitting.open_own(kept, purpose=purpose)
        if opened is None:
            log.warning("matched_column_unreadable purpose=%s", purpose)
            return kept
        return opened

    def open_own(self, kept: str, *, purpose: str) -> str | None:
        """Return the text that this very key sealed for a purpose, or None."""
        try:
            sealed = base64.b64decode(kept.removeprefix(self.beginning), validate=True)
            return _cipher_for_purpose(self.key, purpose).decrypt(sealed, None).decode()
        except (ValueError, InvalidTag):
            return None

    def hash_word(self, word: str, *, purpose: str) -> int:
        """Return the keyed hash of a word for one purpose, as a column of whole numbers holds it.

        Two words in many millions may share one: whoever finds by it looks again.
        """
        self.require_opened()
        digest = hmac.digest(_hash_key_for_purpose(self.key, purpose), word.encode(), "sha256")
        return int.from_bytes(digest[:HASH_BYTES], signed=True)


NOT_OPENED = LookupKey(b"")


def read_lookup_key(connection: Connection, keys: Sequence[str]) -> LookupKey:
    """Return the newest lookup key of a database, and in it the older ones.

    Raises BadConfiguration where no key from outside opens it.
    """
    opened: tuple[LookupKey, ...] = ()
    for number, wrapped in connection.execute(ALL_KEPT).all():
        opened = (LookupKey(_open_kept(number, wrapped, keys), number, opened), *opened)
    return opened[0]


def keep_lookup_keys(connection: Connection, keys: Sequence[str]) -> None:
    """Keep the lookup keys under the newest key from outside, and make one where there is none.

    Raises BadConfiguration where no key from outside opens them.
    """
    if not connection.execute(ALL_KEPT).all():
        _add_key(connection, FIRST, keys)  # unless another process was faster
    for number, wrapped in connection.execute(ALL_KEPT).all():
        key = _open_kept(number, wrapped, keys)
        if keys and not is_wrapped_with(keys[0], wrapped, record=_record_of(number)):
            connection.execute(KEEP, {"id": number, "wrapped": _kept_form(key, number, keys)})


def add_lookup_key(connection: Connection, keys: Sequence[str]) -> None:
    """Make another lookup key."""
    kept = connection.execute(ALL_KEPT).all()
    _add_key(connection, max((number for number, _wrapped in kept), default=0) + 1, keys)


def _add_key(connection: Connection, number: int, keys: Sequence[str]) -> None:
    made = {"id": number, "wrapped": _kept_form(secrets.token_bytes(KEY_BYTES), number, keys)}
    connection.execute(ADD_IF_ABSENT, made)


def _open_kept(number: int, wrapped: str, keys: Sequence[str]) -> bytes:
    if wrapped.startswith(IN_CLEAR):
        return base64.b64decode(wrapped.removeprefix(IN_CLEAR))
    return unwrap_key(wrapped, keys, record=_record_of(number))


def _kept_form(key: bytes, number: int, keys: Sequence[str]) -> str:
    if keys:
        return wrap_key(key, keys[0], record=_record_of(number))
    return IN_CLEAR + base64.b64encode(key).decode()


def _record_of(number: int) -> str:
    return RECORD if number == FIRST else f"{RECORD} {number}"


@functools.cache
def _cipher_for_purpose(key: bytes, purpose: str) -> AESSIV:
    return AESSIV(_derive(key, f"matched: {purpose}", SIV_KEY_BYTES))


@functools.cache
def _hash_key_for_purpose(key: bytes, purpose: str) -> bytes:
    return _derive(key, f"hash: {purpose}", KEY_BYTES)


def _derive(key: bytes, purpose: str, length: int) -> bytes:
    info = f"ringback: {purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(key)
