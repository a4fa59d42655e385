"""A password that anybody would try is refused, and a long one of plain words is not."""

from __future__ import annotations

import time

import pytest

from leads.errors import BadConfiguration
from leads.people import passwords

WHOSE = ("Marisol Quintanilla", "m.quintanilla@harborline.example")


@pytest.mark.parametrize(
    "common",
    [
        "password1234",
        "Passw0rd1234",
        "passwordpassword",
        "qwertyuiop12",
        "1q2w3e4r5t6y",
        "123456789012",
        "iloveyou1234",
        "changeme1234",
        "aaaaaaaaaaaa",
        "abcdefghijkl",
        "Contraseña1234",
        "bienvenidos1",
        "Ringback2026",
        "quintanilla1",
        "Harborline2026",
    ],
)
def test_a_password_that_anybody_would_try_is_refused(common: str) -> None:
    assert len(common) >= passwords.SHORTEST_PASSWORD
    with pytest.raises(BadConfiguration, match="too easy to guess"):
        passwords.hash_new_password(common, whose=WHOSE)


@pytest.mark.parametrize(
    "good", ["tango orbit lemon", "correct horse battery", "limón faro tambor", "k7#mQ2v!xR9p"]
)
def test_unrelated_words_and_random_letters_are_taken(good: str) -> None:
    password_hash = passwords.hash_new_password(good, whose=WHOSE)
    assert passwords.is_password_of(password_hash, good)
    assert not passwords.is_password_of(password_hash, good.upper())


def test_a_password_is_judged_within_a_moment_however_long_it_is() -> None:
    hard = "".join(chr(33 + place * 7 % 90) for place in range(200))
    used = time.process_time()
    passwords.hash_new_password(hard, whose=WHOSE)
    assert time.process_time() - used < 3  # 9 s to judge all of it
