"""Wrapped keys: keys that stand in the database, sealed with a key from outside."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from leads.database.field_encryption import derive_key
from leads.errors import BadConfiguration

PURPOSE = b"ringback: data keys"
NONCE_BYTES = 12
OTHER_KEY = (
    "This database was sealed with another SECRET_KEY. Put that one behind the new one, separated "
    "by a comma, or put back the .key file that stood beside the database."
)


def wrap_key(inner: bytes, key: str, *, record: str) -> str:
    """Return what to keep of an inner key, which opens as that of this record alone."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(derive_key(key, PURPOSE)).encrypt(nonce, inner, record.encode())
    return base64.b64encode(nonce + sealed).decode()


def unwrap_key(wrapped: str, keys: Sequence[str], *, record: str) -> bytes:
    """Return the inner key; raises BadConfiguration where none of the keys opens it."""
    opened = (_unwrap_with(key, wrapped, record) for key in keys)
    found = next(filter(None, opened), None)
    if found is None:
        raise BadConfiguration(OTHER_KEY)
    return found


def is_wrapped_with(key: str, wrapped: str, *, record: str) -> bool:
    """Whether this key opens what is kept."""
    return _unwrap_with(key, wrapped, record) is not None


def _unwrap_with(key: str, wrapped: str, record: str) -> bytes | None:
    content = base64.b64decode(wrapped)
    cipher = AESGCM(derive_key(key, PURPOSE))
    try:
        return cipher.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], record.encode())
    except InvalidTag:
        return None
