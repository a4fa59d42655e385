"""A sealed file opens whole and unchanged, or not at all."""

from __future__ import annotations

import io
import os

import pytest

from leads.backups.sealed_stream import (
    CHUNK_BYTES,
    FORMAT,
    HEADER_BYTES,
    MAGIC,
    TAG_BYTES,
    seal_stream,
    unseal_stream,
)
from leads.errors import BadBackup

KEY, OTHER = "a long random text of the desk", "a long random text of another"
SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES
NOT_WHOLE = "is not whole"


def sealed(content: bytes, key: str = KEY) -> bytes:
    file = io.BytesIO()
    pieces = [content[at : at + 1000] for at in range(0, len(content), 1000)]
    seal_stream(pieces, file, key=key)
    return file.getvalue()


def unsealed(file: bytes, *keys: str) -> bytes:
    return b"".join(unseal_stream(io.BytesIO(file), keys=keys or (KEY,)))


def refusal(file: bytes, *keys: str) -> str:
    with pytest.raises(BadBackup) as refused:
        unsealed(file, *keys)
    return str(refused.value)


@pytest.fixture(scope="module")
def content() -> bytes:
    return os.urandom(3 * CHUNK_BYTES + 100)


@pytest.fixture(scope="module")
def whole(content: bytes) -> bytes:
    return sealed(content)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_what_was_sealed_is_read_again_whatever_its_size(size: int) -> None:
    content = os.urandom(size)
    assert unsealed(sealed(content)) == content


def test_the_same_content_is_never_sealed_twice_alike(content: bytes, whole: bytes) -> None:
    again = sealed(content)
    assert again[HEADER_BYTES:] != whole[HEADER_BYTES:]
    assert len(again) == len(whole)


def test_a_key_that_was_replaced_still_opens(content: bytes, whole: bytes) -> None:
    assert unsealed(whole, OTHER, KEY) == content


def test_another_key_is_called_another_key(whole: bytes) -> None:
    assert "SECRET_KEY is not the one" in refusal(whole, OTHER)
    assert "SECRET_KEY is not the one" in refusal(sealed(b"", OTHER))


@pytest.mark.parametrize(
    "cut",
    [
        1,
        TAG_BYTES,
        100 + TAG_BYTES,  # the last chunk, so that the one before it ends the file
        100 + TAG_BYTES + SEALED_CHUNK,
        100 + TAG_BYTES + 3 * SEALED_CHUNK,
        100 + TAG_BYTES + 3 * SEALED_CHUNK + 1,
    ],
)
def test_what_was_cut_off_is_refused(whole: bytes, cut: int) -> None:
    assert NOT_WHOLE in refusal(whole[:-cut])


def test_chunks_can_be_neither_exchanged_nor_left_out_nor_doubled_nor_added(whole: bytes) -> None:
    header, body = whole[:HEADER_BYTES], whole[HEADER_BYTES:]
    one, two, three, last = (
        body[at : at + SEALED_CHUNK] for at in range(0, len(body), SEALED_CHUNK)
    )
    assert header + one + two + three + last == whole
    for changed in (
        header + two + one + three + last,
        header + one + three + last,
        header + one + one + two + three + last,
        whole + last,
        whole + b"x",
    ):
        assert NOT_WHOLE in refusal(changed)


def test_chunks_of_another_file_with_the_same_key_do_not_fit(content: bytes, whole: bytes) -> None:
    other = sealed(content)
    assert NOT_WHOLE in refusal(whole[:HEADER_BYTES] + other[HEADER_BYTES:])


def test_one_changed_bit_anywhere_is_refused(whole: bytes) -> None:
    for place in (0, len(MAGIC), len(MAGIC) + 1, HEADER_BYTES - 1, HEADER_BYTES, len(whole) - 1):
        changed = bytearray(whole)
        changed[place] ^= 1
        refusal(bytes(changed))


def test_what_is_no_backup_and_what_a_newer_version_made_are_told_apart() -> None:
    assert "no backup of Ringback" in refusal(b"")
    assert "no backup of Ringback" in refusal(b"PGDMP" + bytes(100))
    assert "newer version" in refusal(MAGIC + b"\x02" + bytes(100))
    assert NOT_WHOLE in refusal(MAGIC)
    assert NOT_WHOLE in refusal(MAGIC + FORMAT + bytes(5))
