"""What we must be able to read again, sealed so that the database alone gives none of it away.

Secrets are texts and may be kept unsealed where there is no key. Contents are bytes, such as what
somebody said, and are never kept unsealed.
"""

from __future__ import annotations

import base64
import functools
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEALED = "sealed:"
PURPOSE = b"ringback: secrets in the database"
CONTENT_PURPOSE = b"ringback: contents in the database"
CONTENT_FORMAT = b"\x01"  # AES-256-GCM: this byte, the nonce, and what was sealed with its tag
NONCE_BYTES = 12


@dataclass(frozen=True)
class Vault:
    """Seals and reads.

    `keys`: those of SECRET_KEY, the one that seals first; with none, nothing is sealed.
    """

    keys: tuple[str, ...] = field(default=(), repr=False)

    def seal_content(self, content: bytes, *, record: str) -> bytes:
        """Return what to keep of a content, which opens as that of this record alone.

        Raises ValueError without a key: whoever takes a content sees to it first that there is one.
        """
        if not self.keys:
            msg = "a content that no key could seal"
            raise ValueError(msg)
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = _cipher_for_key(self.keys[0])
        return CONTENT_FORMAT + nonce + cipher.encrypt(nonce, content, record.encode())

    def unseal_content(self, sealed: bytes, *, record: str) -> bytes | None:
        """Return the content of a record that was sealed; None if no key of ours fits."""
        if not sealed.startswith(CONTENT_FORMAT):
            return None
        start = len(CONTENT_FORMAT) + NONCE_BYTES
        nonce, rest = sealed[len(CONTENT_FORMAT) : start], sealed[start:]
        for key in self.keys:
            try:
                return _cipher_for_key(key).decrypt(nonce, rest, record.encode())
            except (InvalidTag, ValueError):  # another key's, or cut off
                continue
        return None

    def seal(self, secret: str) -> str:
        """Return what to keep of a secret."""
        if not self.keys:
            return secret
        return SEALED + _fernet_for_keys(self.keys).encrypt(secret.encode()).decode()

    def unseal(self, stored: str) -> str | None:
        """Return a secret that was kept, sealed or from before there was a key.

        None if no key of ours fits.
        """
        if not stored.startswith(SEALED):
            return stored
        if not self.keys:
            return None
        try:
            return _fernet_for_keys(self.keys).decrypt(stored.removeprefix(SEALED)).decode()
        except InvalidToken:
            return None

    def is_sealed_as_configured(self, stored: str) -> bool:
        """Whether it is kept as we would keep it now."""
        newest = Vault(self.keys[:1])
        return not self.keys or (stored.startswith(SEALED) and newest.unseal(stored) is not None)


@functools.cache
def _fernet_for_keys(keys: tuple[str, ...]) -> MultiFernet:
    """Return what seals with the first of the keys and reads with any of them."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derive_key(key, PURPOSE))) for key in keys])


@functools.cache
def _cipher_for_key(key: str) -> AESGCM:
    return AESGCM(derive_key(key, CONTENT_PURPOSE))


def derive_key(key: str, purpose: bytes) -> bytes:
    """Return the key of 256 bits that a key from outside stands for, for one purpose alone."""
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose)
    return derived.derive(key.encode())
