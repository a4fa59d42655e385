"""A backup is taken: one moment of the desk, sealed, read again, and only then given its name."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from leads.backups.contents import (
    BackupContents,
    DatabaseKind,
    Progress,
    mark_of_secret_key,
    pack_contents,
)
from leads.backups.places import database_kind, database_path, files_as_sentence, open_backup
from leads.backups.postgresql_archives import open_postgresql_snapshot
from leads.backups.restoring import read_whole_backup
from leads.backups.sealed_stream import seal_stream
from leads.backups.sqlite_files import open_sqlite_snapshot
from leads.config.key_file import OWNER_ONLY, find_key_file, read_key_file
from leads.config.settings import Settings
from leads.database.engine import open_database
from leads.database.transactions import transaction
from leads.errors import BadConfiguration
from leads.models.watching import BackupTaken

LEAST_KEY_LENGTH = 20  # characters: whoever has a backup can try keys for years
DRAFT, DRAFT_LASTS = ".part", timedelta(days=1)
FILE_NAME = "ringback-%Y%m%dT%H%M%SZ.backup"
Snapshot = AbstractContextManager[tuple[str, Mapping[str, int], Iterator[bytes]]]


def take_backup(
    path: Path, settings: Settings, *, now: datetime, progress: Progress
) -> tuple[Path, BackupContents]:
    """Seal one moment of the desk into a new file; return the file and what it holds.

    `path`: a file that does not exist, or a folder, in which its name is the time (UTC). The desk
    may run meanwhile, and its database may have an older schema.

    Raises BadConfiguration without a SECRET_KEY worth the name, without a database, and where the
    file cannot be written or exists.
    """
    key = _require_sealing_key(settings)
    with files_as_sentence(path):
        path = path / now.strftime(FILE_NAME) if path.is_dir() else path
        if path.exists():
            msg = f"{path.name} exists already: name a new file, or a folder."
            raise BadConfiguration(msg)
        _remove_old_drafts(path.parent, now=now)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}{DRAFT}")
        try:
            contents = _write_backup(draft, settings, now=now, key=key, progress=progress)
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)
    return path, contents


def _remove_old_drafts(folder: Path, *, now: datetime) -> None:
    """Remove what backups left that died: nobody writes one for a day, and they fill the disk."""
    for draft in folder.glob(f"*.backup.*{DRAFT}"):
        if draft.stat().st_mtime < (now - DRAFT_LASTS).timestamp():
            draft.unlink(missing_ok=True)


def note_backup(settings: Settings, *, now: datetime) -> None:
    """Note in the database that a backup of it was taken: one that does not come is missed.

    A database of an older schema has no place for it.
    """
    open_database(settings.database_url)
    with contextlib.suppress(DBAPIError), transaction() as session:
        session.add(BackupTaken(at=now))
        session.flush()


def _write_backup(
    draft: Path, settings: Settings, *, now: datetime, key: str, progress: Progress
) -> BackupContents:
    """Write a backup, and read it again to its end."""
    with _open_snapshot(settings, progress) as (revision, rows, pieces):
        contents = BackupContents(
            kind=database_kind(settings),
            revision=revision,
            made_at=now.isoformat(timespec="seconds"),
            rows=rows,
            key_file=_read_key_beside(settings),
            secret_key_marks=tuple(map(mark_of_secret_key, settings.secret_keys)),
        )
        _write_sealed_file(draft, pack_contents(contents, pieces), key=key)
    with open_backup(draft) as file:
        read_whole_backup(file, settings, progress)
    return contents


def _require_sealing_key(settings: Settings) -> str:
    key = settings.secret_keys[0] if settings.secret_keys else ""
    if len(key) < LEAST_KEY_LENGTH:
        state = "too short to seal a backup" if key else "missing"
        msg = (
            f"SECRET_KEY is {state}: make one with `openssl rand -base64 32`, set it for the desk "
            "too, and keep a copy away from this machine."
        )
        raise BadConfiguration(msg)
    return key


def _open_snapshot(settings: Settings, progress: Progress) -> Snapshot:
    if database_kind(settings) is DatabaseKind.SQLITE:
        return open_sqlite_snapshot(database_path(settings), progress)
    return open_postgresql_snapshot(settings.database_url, progress)


def _read_key_beside(settings: Settings) -> str:
    path = find_key_file(settings)
    return read_key_file(path) if path and path.exists() else ""


def _write_sealed_file(draft: Path, pieces: Iterator[bytes], *, key: str) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        seal_stream(pieces, file, key=key)
        file.flush()
        os.fsync(file.fileno())
