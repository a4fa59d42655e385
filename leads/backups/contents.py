"""What is inside a backup: first what it holds, said in JSON, then the database, compressed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from leads.errors import BadBackup

LENGTH_BYTES = 4
PIECE_BYTES = 256 * 1024
MARK_BYTES = 8

Progress = Callable[[str, int, int], None]
"""Told of a step, how many of its bytes are done, and of how many: 0 where nobody knows."""


class DatabaseKind(StrEnum):
    """What kind of database a backup is of, and can be put back into."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


DATABASE_NAMES: Mapping[DatabaseKind, str] = {
    DatabaseKind.SQLITE: "SQLite",
    DatabaseKind.POSTGRESQL: "PostgreSQL",
}
DESK_IS_RUNNING = "The desk is running: stop all of its processes first. Nothing was changed."


@dataclass(frozen=True)
class BackupContents:
    """What a backup holds beside the database itself.

    `revision`: its schema. `rows`: how many each table has. `made_at`: ISO 8601, UTC. `key_file`:
    the key that stood beside an SQLite database, or nothing. `secret_key_marks`: by which the keys
    of SECRET_KEY are known again that the desk had; nobody finds a key by its mark.
    """

    kind: DatabaseKind
    revision: str
    made_at: str
    rows: Mapping[str, int]
    key_file: str = field(default="", repr=False)
    secret_key_marks: tuple[str, ...] = ()


def pack_contents(contents: BackupContents, database: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what is to be sealed."""
    said = json.dumps(asdict(contents)).encode()
    yield len(said).to_bytes(LENGTH_BYTES, "big") + said
    packing = zlib.compressobj()
    for piece in database:
        yield packing.compress(piece)
    yield packing.flush()


def unpack_contents(pieces: Iterator[bytes]) -> tuple[BackupContents, Iterator[bytes]]:
    """Return what a backup holds, and the database as pieces that are read as they are asked for.

    `pieces`: what was unsealed, and so is ours.
    """
    begun = bytearray()
    needed = LENGTH_BYTES
    for piece in pieces:
        begun += piece
        needed = LENGTH_BYTES + int.from_bytes(begun[:LENGTH_BYTES], "big")
        if len(begun) >= needed:
            break
    said = json.loads(bytes(begun[LENGTH_BYTES:needed]))
    kind, marks = DatabaseKind(said.pop("kind")), tuple(said.pop("secret_key_marks"))
    contents = BackupContents(kind=kind, secret_key_marks=marks, **said)
    return contents, _unpack_database(bytes(begun[needed:]), pieces)


def _unpack_database(begun: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpacking = zlib.decompressobj()
    piece: bytes | None = begun
    while piece is not None:
        waiting = piece
        while waiting:
            unpacked = unpacking.decompress(waiting, PIECE_BYTES)
            waiting = unpacking.unconsumed_tail
            if unpacked:
                yield unpacked
        piece = next(pieces, None)
    if not unpacking.eof:
        msg = "The backup ends before its database does. Use another."
        raise BadBackup(msg)


def mark_of_secret_key(key: str) -> str:
    """Return by what a key of SECRET_KEY is known again."""
    mark = HKDF(hashes.SHA256(), MARK_BYTES, salt=None, info=b"ringback: mark of a key in a backup")
    return mark.derive(key.encode()).hex()
