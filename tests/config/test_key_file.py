"""The key of recordings, where no SECRET_KEY is set."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from leads.config.key_file import with_content_keys
from leads.config.settings import Settings
from leads.errors import BadConfiguration


def test_a_key_is_written_once_beside_the_database_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/ringback.db")
    [key] = with_content_keys(settings).content_keys
    assert with_content_keys(settings).content_keys == (key,)
    [file] = tmp_path.iterdir()
    assert (file.name, file.read_text()) == ("ringback.db.key", key)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(key) >= 32

    # A SECRET_KEY seals from then on, and what the file sealed stays readable.
    later = Settings(database_url=settings.database_url, secret_keys=("new", "old"))
    assert with_content_keys(later).content_keys == ("new", "old", key)


def test_a_secret_key_needs_no_file_and_a_shared_database_has_none(tmp_path: Path) -> None:
    own = Settings(database_url=f"sqlite:///{tmp_path}/ringback.db", secret_keys=("one",))
    assert with_content_keys(own).content_keys == ("one",)
    assert list(tmp_path.iterdir()) == []
    shared = Settings(database_url="postgresql+psycopg://there/ringback")
    assert with_content_keys(shared).content_keys == ()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/nowhere/ringback.db")
    with pytest.raises(BadConfiguration, match=r"ringback\.db\.key.*SECRET_KEY"):
        with_content_keys(settings)
