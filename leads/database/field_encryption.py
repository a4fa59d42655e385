"""Secrets that we must be able to read again, sealed so that the database alone gives none away."""

from __future__ import annotations

import base64
import functools
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEALED = "sealed:"
PURPOSE = b"ringback: secrets in the database"


@dataclass(frozen=True)
class Vault:
    """Seals secrets, and reads sealed ones.

    `keys`: those of SECRET_KEY, of which the first one seals; without any, secrets are kept as they
    are.
    """

    keys: tuple[str, ...] = field(default=(), repr=False)

    def seal(self, secret: str) -> str:
        """Return a secret as it is to be kept."""
        return (
            SEALED + _fernet_for_key(self.keys[0]).encrypt(secret.encode()).decode()
            if self.keys
            else secret
        )

    def unseal(self, kept: str) -> str | None:
        """Return a secret that was kept, sealed or plain; None if no key of ours fits.

        Plain secrets are from before there was a key.
        """
        if not kept.startswith(SEALED):
            return kept
        found = (_decrypt_with_key(key, kept.removeprefix(SEALED)) for key in self.keys)
        return next((secret for secret in found if secret is not None), None)

    def is_sealed_as_configured(self, kept: str) -> bool:
        """Whether a kept secret is sealed as `seal` would seal it now."""
        if not self.keys:
            return True
        return (
            kept.startswith(SEALED)
            and _decrypt_with_key(self.keys[0], kept.removeprefix(SEALED)) is not None
        )


def _decrypt_with_key(key: str, token: str) -> str | None:
    try:
        return _fernet_for_key(key).decrypt(token.encode()).decode()
    except InvalidToken:
        return None


@functools.cache
def _fernet_for_key(key: str) -> Fernet:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=PURPOSE).derive(
        key.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
