"""Where a backup is taken from and put into, and the files that are read and written for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import make_url

from leads.backups.contents import DatabaseKind
from leads.config.settings import Settings
from leads.errors import BadConfiguration


def database_kind(settings: Settings) -> DatabaseKind:
    """Return what kind of database the settings name."""
    is_sqlite = make_url(settings.database_url).drivername == "sqlite"
    return DatabaseKind.SQLITE if is_sqlite else DatabaseKind.POSTGRESQL


def database_path(settings: Settings) -> Path:
    """Return where the SQLite database of the settings is, behind every link."""
    return Path(str(make_url(settings.database_url).database)).resolve()


@contextmanager
def open_backup(path: Path) -> Iterator[BinaryIO]:
    """Open a backup to be read.

    Raises BadConfiguration where there is none.
    """
    with files_as_sentence(path), path.open("rb") as file:
        yield file


@contextmanager
def files_as_sentence(path: Path) -> Iterator[None]:
    """Say why a file could not be read or written as a sentence."""
    try:
        yield
    except OSError as problem:
        msg = f"{path.name}: {problem.strerror or type(problem).__name__}."
        raise BadConfiguration(msg) from None
