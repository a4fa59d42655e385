"""Secrets that we must be able to read again, sealed so that the database alone gives none away."""

from __future__ import annotations

import base64
import functools
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEALED = "sealed:"
PURPOSE = b"ringback: secrets in the database"


@dataclass(frozen=True)
class Vault:
    """Seals and reads.

    `keys`: those of SECRET_KEY, the one that seals first; with none, nothing is sealed.
    """

    keys: tuple[str, ...] = field(default=(), repr=False)

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
    return MultiFernet([Fernet(_derive_key(key)) for key in keys])


def _derive_key(key: str) -> bytes:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=PURPOSE)
    return base64.urlsafe_b64encode(derived.derive(key.encode()))
