"""The key file: what seals what people said and wrote where no SECRET_KEY is set.

It stands beside an SQLite database and is readable by its owner alone. Whoever copies the database
without it copies no word and no recording.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from pathlib import Path

from sqlalchemy import make_url

from leads.config.settings import Settings
from leads.errors import BadConfiguration

OWNER_ONLY = 0o600


def with_content_keys(settings: Settings) -> Settings:
    """Return the settings with the keys of contents: those of SECRET_KEY, then the file's.

    The file is written once, where there is neither. A PostgreSQL database has no file: several
    machines share it, and without a SECRET_KEY there is no key.

    Raises BadConfiguration where the file can be neither read nor written.
    """
    path = find_key_file(settings)
    if path is None:
        return replace(settings, content_keys=settings.secret_keys)
    try:
        if not settings.secret_keys:
            _write_once(path)
        kept = (read_key_file(path),) if path.exists() else ()
    except OSError as problem:
        msg = (
            f"{path.name}, the key of what is sealed in the database: {problem.strerror}. Make "
            "it readable to Ringback, or set SECRET_KEY."
        )
        raise BadConfiguration(msg) from None
    return replace(settings, content_keys=(*settings.secret_keys, *kept))


def find_key_file(settings: Settings) -> Path | None:
    """Return where the key is or would be; None for a database that has none beside it."""
    url = make_url(settings.database_url)
    if url.drivername != "sqlite" or not url.database:
        return None
    return Path(f"{url.database}.key")


def read_key_file(path: Path) -> str:
    """Return the key that is kept in a file."""
    return path.read_text("ascii").strip()


def _write_once(path: Path) -> None:
    """Write a new key, whole or not at all, unless there is one already."""
    if path.exists():
        return
    draft = _write_draft(path, secrets.token_urlsafe(32))
    try:
        path.hardlink_to(draft)
    except FileExistsError:  # another process of ours was faster
        return
    finally:
        draft.unlink()


def put_key_file(path: Path, key: str) -> None:
    """Write a key that is known, whole or not at all, in place of one that may be there."""
    _write_draft(path, key).replace(path)


def _write_draft(path: Path, key: str) -> Path:
    """Write a key under a name of its own beside the path, and return that."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(file, "w") as written:
        written.write(key)
        written.flush()
        os.fsync(written.fileno())
    return draft
