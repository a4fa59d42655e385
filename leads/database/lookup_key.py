"""Lookup key: by which the database finds what it cannot read.

It stands in the database, sealed as data keys are, and never changes: what is found by it would
have to be written anew in one moment, or somebody who said stop would not be found. Where there is
no key from outside it stands there in clear, so that queries are the same everywhere: then it hides
nothing from whoever has the database. It is sealed as soon as a key is there.
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
from sqlalchemy import text
from sqlmodel import Session

from leads.database.key_wrapping import is_wrapped_with, unwrap_key, wrap_key

log = logging.getLogger(__name__)

MATCHED_PREFIX = "matched1:"  # then the tag, which is its keyed hash, and what was sealed
IN_CLEAR = "clear:"
RECORD = "lookup"
KEY_BYTES = 32
SIV_KEY_BYTES = 64  # AES-256: half of it for the tag
HASH_BYTES = 8  # of the 32: as many as one column of whole numbers holds
ADD_IF_ABSENT = text(
    "INSERT INTO lookup_key (id, wrapped) VALUES (1, :wrapped) ON CONFLICT DO NOTHING"
)
KEEP = text("UPDATE lookup_key SET wrapped = :wrapped")
KEPT = text("SELECT wrapped FROM lookup_key")


@dataclass(frozen=True)
class LookupKey:
    """Seals a text the same way each time, and hashes words; each purpose by a key of its own."""

    key: bytes = field(repr=False)

    def seal_text(self, content: str, *, purpose: str) -> str:
        """Return what to keep of a text: the same for the same text; an empty one stays empty."""
        if not content or not self.key:
            return content
        sealed = _cipher_for_purpose(self.key, purpose).encrypt(content.encode(), None)
        return MATCHED_PREFIX + base64.b64encode(sealed).decode()

    def open_text(self, kept: str, *, purpose: str) -> str:
        """Return the text that was sealed, or was kept from before, or what no key opens as is."""
        if not self.key or not kept.startswith(MATCHED_PREFIX):
            return kept
        try:
            sealed = base64.b64decode(kept.removeprefix(MATCHED_PREFIX), validate=True)
            return _cipher_for_purpose(self.key, purpose).decrypt(sealed, None).decode()
        except (ValueError, InvalidTag):
            log.warning("matched_column_unreadable purpose=%s", purpose)
            return kept

    def hash_word(self, word: str, *, purpose: str) -> int:
        """Return the keyed hash of a word for one purpose, as a column of whole numbers holds it.

        Two words in many millions may share one: whoever finds by it looks again.
        """
        digest = hmac.digest(_hash_key_for_purpose(self.key, purpose), word.encode(), "sha256")
        return int.from_bytes(digest[:HASH_BYTES], signed=True)


NOT_OPENED = LookupKey(b"")


def open_lookup_key(session: Session, keys: Sequence[str]) -> LookupKey:
    """Return the database's lookup key, and make one where there is none.

    The newest of the keys keeps it from now on. Raises BadConfiguration where none opens it.
    """
    kept = session.execute(KEPT).scalar()
    if kept is None:
        made = {"wrapped": _kept_form(secrets.token_bytes(KEY_BYTES), keys)}
        session.execute(ADD_IF_ABSENT, made)  # unless another process was faster
        kept = str(session.execute(KEPT).scalar_one())
    if kept.startswith(IN_CLEAR):
        key = base64.b64decode(kept.removeprefix(IN_CLEAR))
    else:
        key = unwrap_key(kept, keys, record=RECORD)
        if is_wrapped_with(keys[0], kept, record=RECORD):
            return LookupKey(key)
    if keys:
        session.execute(KEEP, {"wrapped": _kept_form(key, keys)})
    return LookupKey(key)


def _kept_form(key: bytes, keys: Sequence[str]) -> str:
    if keys:
        return wrap_key(key, keys[0], record=RECORD)
    return IN_CLEAR + base64.b64encode(key).decode()


@functools.cache
def _cipher_for_purpose(key: bytes, purpose: str) -> AESSIV:
    return AESSIV(_derive(key, f"matched: {purpose}", SIV_KEY_BYTES))


@functools.cache
def _hash_key_for_purpose(key: bytes, purpose: str) -> bytes:
    return _derive(key, f"hash: {purpose}", KEY_BYTES)


def _derive(key: bytes, purpose: str, length: int) -> bytes:
    info = f"ringback: {purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(key)
