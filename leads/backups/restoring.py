"""A backup is put back: read whole first, then written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from leads.backups.contents import (
    DATABASE_NAMES,
    BackupContents,
    DatabaseKind,
    Progress,
    mark_of_secret_key,
    unpack_contents,
)
from leads.backups.places import database_kind, database_path, files_as_sentence, open_backup
from leads.backups.postgresql_archives import (
    is_postgresql_database_empty,
    put_postgresql_database,
)
from leads.backups.sealed_stream import unseal_stream
from leads.backups.sqlite_files import is_sqlite_database_empty, put_sqlite_database
from leads.config.key_file import find_key_file, put_key_file, read_key_file
from leads.config.settings import Settings
from leads.database.migrate import is_known_revision
from leads.errors import BadBackup, BadConfiguration


def check_backup(path: Path, settings: Settings, *, progress: Progress) -> BackupContents:
    """Read a backup to its end and return what it holds; no database is touched.

    Raises BadBackup if it is not whole, of another key or of a newer version; BadConfiguration if
    there is no key or no file.
    """
    with open_backup(path) as file:
        contents = read_whole_backup(file, settings, progress)
    if not is_known_revision(contents.revision):
        msg = (
            "A newer version of Ringback made this backup: update this one, then restore. Nothing "
            "was changed."
        )
        raise BadBackup(msg)
    return contents


def restore_backup(
    path: Path, settings: Settings, *, overwrite: bool, progress: Progress
) -> BackupContents:
    """Put a backup into the database of the settings, and return what it holds.

    `overwrite`: what is there is replaced.

    Raises BadBackup as `check_backup` does, if the backup is of the other kind of database, and if
    there is data and it may not be overwritten.
    """
    contents = check_backup(path, settings, progress=progress)
    _require_room(contents, settings, overwrite=overwrite)
    with open_backup(path) as file:
        _, pieces = unpack_contents(_unseal_file(file, settings, "Restoring", progress))
        if contents.kind is DatabaseKind.POSTGRESQL:
            put_postgresql_database(settings.database_url, contents, pieces, overwrite=overwrite)
        else:
            database = database_path(settings)
            with files_as_sentence(database):
                put_sqlite_database(database, contents, pieces)
    key_file = find_key_file(settings)
    if contents.key_file and key_file:
        with files_as_sentence(key_file):
            put_key_file(key_file, contents.key_file)
    return contents


def count_missing_secret_keys(contents: BackupContents, settings: Settings) -> int:
    """Return how many keys the desk had in SECRET_KEY that are not there now."""
    here = {mark_of_secret_key(key) for key in settings.secret_keys}
    return len(set(contents.secret_key_marks) - here)


def read_whole_backup(file: BinaryIO, settings: Settings, progress: Progress) -> BackupContents:
    """Return what an open backup holds, having read it to its end."""
    contents, pieces = unpack_contents(_unseal_file(file, settings, "Checking", progress))
    for _ in pieces:
        pass
    return contents


def _unseal_file(
    file: BinaryIO, settings: Settings, step: str, progress: Progress
) -> Iterator[bytes]:
    if not settings.secret_keys:
        msg = "SECRET_KEY is missing: set the one that the desk had when the backup was made."
        raise BadConfiguration(msg)
    size = os.fstat(file.fileno()).st_size
    for piece in unseal_stream(file, keys=settings.secret_keys):
        yield piece
        progress(step, file.tell(), size)


def _require_room(contents: BackupContents, settings: Settings, *, overwrite: bool) -> None:
    kind = database_kind(settings)
    if contents.kind is not kind:
        msg = (
            f"This is a backup of {DATABASE_NAMES[contents.kind]}, and DATABASE_URL names "
            f"{DATABASE_NAMES[kind]}: it can only be put back into its own kind."
        )
        raise BadBackup(msg)
    if overwrite:
        return
    is_empty = (
        is_postgresql_database_empty(settings.database_url)
        if kind is DatabaseKind.POSTGRESQL
        else is_sqlite_database_empty(database_path(settings))
    )
    if not is_empty:
        msg = (
            "The database is not empty. Name an empty one in DATABASE_URL, or add --overwrite to "
            "replace what is there. Nothing was changed."
        )
        raise BadBackup(msg)
    _require_room_for_key(contents, settings)


def _require_room_for_key(contents: BackupContents, settings: Settings) -> None:
    """Raise BadBackup if another key would be lost when the backup's is put beside the database."""
    path = find_key_file(settings)
    if not contents.key_file or path is None or not path.exists():
        return
    with files_as_sentence(path):
        kept = read_key_file(path)
    if kept != contents.key_file:
        msg = (
            f"{path.name} holds another key than the backup: move it away, or add --overwrite to "
            "replace it. Nothing was changed."
        )
        raise BadBackup(msg)
