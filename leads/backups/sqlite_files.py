"""An SQLite database as a stream of bytes while others write to it, and a file made of one."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from leads.backups.contents import DESK_IS_RUNNING, PIECE_BYTES, BackupContents, Progress
from leads.config.key_file import OWNER_ONLY
from leads.errors import BadBackup, BadConfiguration

PAGES_AT_ONCE = 1000
WAIT_SECONDS = 15
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


@contextlib.contextmanager
def open_sqlite_snapshot(
    path: Path, progress: Progress
) -> Iterator[tuple[str, Mapping[str, int], Iterator[bytes]]]:
    """Open one moment of a database: its schema, the rows of each table, and its bytes.

    Nobody who writes waits for it. The bytes are those of a copy that SQLite's own online backup
    makes in the database's folder, where it has no name: nothing is left of it, whatever happens.

    Raises BadConfiguration where there is no desk's database.
    """
    if not path.is_file():
        msg = f"There is no database {path.name}: check DATABASE_URL."
        raise BadConfiguration(msg)
    with _problems_as_sentence(path), contextlib.closing(_connect(path)) as source:
        source.execute("BEGIN")  # what is written from here on is not in it
        rows = _count_rows(source)
        revision = _read_revision(source)
        if not revision:
            msg = f"There is no desk in {path.name}: check DATABASE_URL."
            raise BadConfiguration(msg)
        with _copy_database(source, path.absolute().parent, progress) as copied:
            size = os.fstat(copied.fileno()).st_size
            yield revision, rows, _read_pieces(copied, size, progress)


@contextlib.contextmanager
def _copy_database(
    source: sqlite3.Connection, folder: Path, progress: Progress
) -> Iterator[BinaryIO]:
    size = source.execute("PRAGMA page_size").fetchone()[0]
    descriptor, name = tempfile.mkstemp(prefix=".ringback-", dir=folder)  # 0600
    with os.fdopen(descriptor, "rb") as copied:
        try:
            with contextlib.closing(sqlite3.connect(name, isolation_level=None)) as target:
                target.execute("PRAGMA journal_mode=OFF")
                target.execute("PRAGMA synchronous=OFF")
                with contextlib.suppress(PermissionError):  # Windows keeps the name of what is open
                    Path(name).unlink()
                source.backup(
                    target,
                    pages=PAGES_AT_ONCE,
                    progress=lambda _, left, pages: progress(
                        "Copying", (pages - left) * size, pages * size
                    ),
                )
            yield copied
        finally:
            Path(name).unlink(missing_ok=True)


def _read_pieces(file: BinaryIO, size: int, progress: Progress) -> Iterator[bytes]:
    done = 0
    while piece := file.read(PIECE_BYTES):
        yield piece
        done += len(piece)
        progress("Sealing", done, size)


def is_sqlite_database_empty(path: Path) -> bool:
    """Whether nothing is lost when a database is put there.

    What cannot be read may be somebody's, and so may the writes of a file that is gone.
    """
    journal = Path(f"{path}-wal")
    if not path.exists():
        return not journal.exists() or journal.stat().st_size == 0
    try:
        with contextlib.closing(_connect(path)) as connection:
            return connection.execute(TABLES).fetchone() is None
    except sqlite3.DatabaseError:
        return False


def put_sqlite_database(path: Path, contents: BackupContents, pieces: Iterable[bytes]) -> None:
    """Put a database there, whole or not at all, in place of one that may be there.

    Raises BadBackup if it is not sound, or if somebody has the one that is there open.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with _problems_as_sentence(path):
            _write_database_file(draft, pieces)
            _require_sound_database(draft, contents)
            with hold_alone(path):
                for journal in ("-wal", "-shm", "-journal"):
                    Path(f"{path}{journal}").unlink(missing_ok=True)  # of what was there
                draft.replace(path)
    finally:
        for rest in ("", "-wal", "-shm"):
            Path(f"{draft}{rest}").unlink(missing_ok=True)


def _write_database_file(draft: Path, pieces: Iterable[bytes]) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _require_sound_database(draft: Path, contents: BackupContents) -> None:
    with contextlib.closing(_connect(draft)) as connection:
        verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        is_sound = verdict == "ok" and _count_rows(connection) == contents.rows
    if not is_sound:
        msg = "The database in the backup is damaged: nothing was changed. Use another backup."
        raise BadBackup(msg)


@contextlib.contextmanager
def hold_alone(path: Path) -> Iterator[None]:
    """Let nobody have the database open meanwhile.

    Raises BadBackup if somebody has.
    """
    if not path.exists():
        yield
        return
    with contextlib.closing(_connect(path)) as connection:
        try:
            connection.execute("PRAGMA busy_timeout=0")
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise BadBackup(DESK_IS_RUNNING) from None
        except sqlite3.DatabaseError:  # damaged, and perhaps why a backup is put in its place
            pass
        yield


def _connect(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=rw"  # and never made anew
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=WAIT_SECONDS)


def _count_rows(connection: sqlite3.Connection) -> dict[str, int]:
    names = [name for (name,) in connection.execute(TABLES).fetchall()]
    return {name: _count_table(connection, name) for name in sorted(names)}


def _count_table(connection: sqlite3.Connection, name: str) -> int:
    counted = f'SELECT count(*) FROM "{name}"'  # noqa: S608 - a name of its own schema
    return int(connection.execute(counted).fetchone()[0])


def _read_revision(connection: sqlite3.Connection) -> str:
    try:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return ""
    return str(found[0]) if found else ""


@contextlib.contextmanager
def _problems_as_sentence(path: Path) -> Iterator[None]:
    """Say what SQLite could not do by SQLite's own name for it, which holds nobody's data."""
    try:
        yield
    except sqlite3.Error as problem:
        name = getattr(problem, "sqlite_errorname", type(problem).__name__)
        msg = f"SQLite gave up on {path.name} ({name}): nothing was changed."
        raise BadBackup(msg) from None
