"""A stream of bytes as one sealed file, which opens whole and unchanged or not at all.

AES-256-GCM in chunks, after STREAM (Hoang, Reyhanitabar, Rogaway and Vizar, 2015) as age writes it:
a chunk's nonce is its number and whether it is the last, so that none can be left out, added,
exchanged or cut off. The key is a SECRET_KEY stretched by scrypt with a salt of the file's own.
"""

from __future__ import annotations

import functools
import hmac
import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from leads.errors import BadBackup

MAGIC = b"RINGBACK BACKUP "
FORMAT = b"\x01"
PURPOSE = b"ringback: backup\0"
SALT_BYTES = 16
CHECK_BYTES = 16
"""Of the header: they tell the key of another file from a file that was changed."""
KEY_BYTES = 32
TAG_BYTES = 16
CHUNK_BYTES = 64 * 1024
COUNTER_BYTES = 11
SCRYPT_COST = 2**17  # 128 MiB and a third of a second for each guess
HEADER_BYTES = len(MAGIC) + len(FORMAT) + SALT_BYTES + CHECK_BYTES


def seal_stream(pieces: Iterable[bytes], file: BinaryIO, *, key: str) -> None:
    """Write the pieces, sealed with a SECRET_KEY. Memory is that of a piece and a chunk."""
    salt = secrets.token_bytes(SALT_BYTES)
    sealing_key, check = _stretch_key(key, salt)
    header = MAGIC + FORMAT + salt + check
    file.write(header)
    cipher = AESGCM(sealing_key)
    waiting, number = bytearray(), 0
    for piece in pieces:
        waiting += piece
        while len(waiting) > CHUNK_BYTES:  # one chunk is left for the end, which is marked
            chunk = bytes(waiting[:CHUNK_BYTES])
            del waiting[:CHUNK_BYTES]
            file.write(cipher.encrypt(_chunk_nonce(number), chunk, header))
            number += 1
    file.write(cipher.encrypt(_chunk_nonce(number, is_last=True), bytes(waiting), header))


def unseal_stream(file: BinaryIO, *, keys: Sequence[str]) -> Iterator[bytes]:
    """Yield what was sealed with one of the keys, from where the file stands.

    Nothing has been proven whole before the last piece was yielded.

    Raises BadBackup if it is no backup, of another version, of another key, changed or cut off.
    """
    header = file.read(HEADER_BYTES)
    cipher = AESGCM(_find_sealing_key(header, keys))
    size = CHUNK_BYTES + TAG_BYTES
    number, chunk = 0, file.read(size)
    while True:
        following = file.read(size)
        try:
            yield cipher.decrypt(_chunk_nonce(number, is_last=not following), chunk, header)
        except InvalidTag:
            msg = (
                "The backup is not whole: it was cut off or changed after it was made. Use another."
            )
            raise BadBackup(msg) from None
        if not following:
            return
        number, chunk = number + 1, following


def _chunk_nonce(number: int, *, is_last: bool = False) -> bytes:
    return number.to_bytes(COUNTER_BYTES, "big") + bytes([is_last])


def _find_sealing_key(header: bytes, keys: Sequence[str]) -> bytes:
    """Return what the chunks are sealed with.

    Raises BadBackup if none of the keys is that of the file.
    """
    if not header.startswith(MAGIC):
        msg = "This file is no backup of Ringback."
        raise BadBackup(msg)
    if header[len(MAGIC) : len(MAGIC) + len(FORMAT)] not in (FORMAT, b""):
        msg = "A newer version of Ringback made this backup: update this one, then restore."
        raise BadBackup(msg)
    if len(header) < HEADER_BYTES:
        msg = "The backup is not whole: it was cut off after it was made. Use another."
        raise BadBackup(msg)
    salt, check = header[-SALT_BYTES - CHECK_BYTES : -CHECK_BYTES], header[-CHECK_BYTES:]
    for key in keys:
        sealing_key, own_check = _stretch_key(key, salt)
        if hmac.compare_digest(own_check, check):
            return sealing_key
    msg = (
        "SECRET_KEY is not the one that this backup was sealed with: set the one that the desk had "
        "on that day. Several can stand there, with commas between them."
    )
    raise BadBackup(msg)


@functools.lru_cache(maxsize=8)
def _stretch_key(key: str, salt: bytes) -> tuple[bytes, bytes]:
    """Return what seals, and what in the header says that it is this key.

    Kept, because it is slow on purpose, and a file is read once to see that it is whole and again
    to put it back.
    """
    scrypt = Scrypt(salt=salt, length=KEY_BYTES + CHECK_BYTES, n=SCRYPT_COST, r=8, p=1)
    stretched = scrypt.derive(PURPOSE + key.encode())
    return stretched[:KEY_BYTES], stretched[KEY_BYTES:]
