"""Passwords: what they must be, and their hashes, which are slow and large on purpose.

A hash takes 64 MiB and four threads, so that there are never many at once: whoever comes when the
line is full is asked to try again, and nothing else that the desk does waits for them.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn import zxcvbn

from leads.errors import BadConfiguration, TooBusy
from leads.i18n.translatable import Phrase

SHORTEST_PASSWORD = 12
HASHES_AT_ONCE = min(4, max(1, (os.cpu_count() or 1) // 4))
"""How many hashes are computed at once: half of the machine is left for calls."""
LONGEST_LINE = 8
"""How many strangers may wait for their turn, and how many from known browsers: each occupies a
thread of the web server meanwhile."""
LEAST_SCORE = 3
"""Of zxcvbn's five, 0 to 4: it takes a hundred million guesses or more."""
LONGEST_ESTIMATE = 48
ALSO_COMMON = (
    *("ringback", "helpline", "callback", "hotline"),
    *("contraseña", "contrasena", "bienvenido", "bienvenida", "teamo", "tequiero"),
)
"""What people here would choose, and zxcvbn's English lists do not have."""

_HASHER = PasswordHasher()
_TURNS = threading.BoundedSemaphore(HASHES_AT_ONCE)
_PLACES = {
    is_known: threading.BoundedSemaphore(HASHES_AT_ONCE + LONGEST_LINE)
    for is_known in (False, True)
}
_DECOY_HASH = _HASHER.hash(secrets.token_urlsafe())


@contextmanager
def place_in_line(*, is_known: bool) -> Iterator[None]:
    """Hold a place in the line of those whose password is to be hashed.

    `is_known`: they come from a browser in which they signed in before; strangers cannot fill the
    line of these. Raises TooBusy at once where the line is full: before anything is counted as a
    try. To be taken outside a transaction.
    """
    places = _PLACES[is_known]
    if not places.acquire(blocking=False):
        raise TooBusy
    try:
        yield
    finally:
        places.release()


def hash_new_password(password: str, *, whose: Sequence[str] = ()) -> str:
    """Return the hash of a password that somebody chose; never call it inside a transaction.

    `whose`: their name and e-mail address, which others try first. Length is what counts, and that
    nobody guesses it (NIST SP 800-63B): raises BadConfiguration for a short or a common one.
    """
    if len(password) < SHORTEST_PASSWORD:
        msg = Phrase(
            "A password needs at least {least} characters. Three or four unrelated words "
            "work well.",
            least=SHORTEST_PASSWORD,
        )
        raise BadConfiguration(msg)
    if _is_easy_to_guess(password, whose):
        msg = Phrase(
            "This password is too easy to guess. Choose three or four unrelated words instead."
        )
        raise BadConfiguration(msg)
    with _TURNS:
        return _HASHER.hash(password)


def _is_easy_to_guess(password: str, whose: Sequence[str]) -> bool:
    """Whether so few guesses find a password that a list of common ones or patterns does.

    It reads the beginning of a long one: how long that takes grows faster than the password.
    """
    personal = [word for given in whose for word in re.findall(r"\w{3,}", given)]
    found = zxcvbn(password[:LONGEST_ESTIMATE], user_inputs=[*ALSO_COMMON, *personal])
    return int(found["score"]) < LEAST_SCORE


def is_password_of(password_hash: str, password: str) -> bool:
    """Whether a password has this hash; never call it inside a transaction.

    With an empty hash the answer is no, after the same time: nobody can tell who has a password.
    """
    with _TURNS:
        try:
            _HASHER.verify(password_hash or _DECOY_HASH, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
    return bool(password_hash)
