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
    url = make_url(settings.database_url)
    if url.drivername != "sqlite" or not url.database:
        return replace(settings, content_keys=settings.secret_keys)
    path = Path(f"{url.database}.key")
    try:
        if not settings.secret_keys:
            _write_once(path)
        kept = (path.read_text("ascii").strip(),) if path.exists() else ()
    except OSError as problem:
        msg = (
            f"{path.name}, the key of what is sealed in the database: {problem.strerror}. Make "
            "it readable to Ringback, or set SECRET_KEY."
        )
        raise BadConfiguration(msg) from None
    return replace(settings, content_keys=(*settings.secret_keys, *kept))


def _write_once(path: Path) -> None:
    """Write a new key, whole or not at all, unless there is one already."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with os.fdopen(file, "w") as written:
            written.write(secrets.token_urlsafe(32))
            written.flush()
            os.fsync(written.fileno())
        path.hardlink_to(draft)
    except FileExistsError:  # another process of ours was faster
        return
    finally:
        draft.unlink()
