"""A program of the operator's says the key, or the desk does not start and says what is wrong."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from leads.config import key_command
from leads.config.settings import load_settings
from leads.errors import BadConfiguration

NO_FILE = Path("/nonexistent/.env")


def _keys(command: str, **given: str) -> tuple[str, ...]:
    return load_settings({"SECRET_KEY_COMMAND": command, **given}, dotenv=NO_FILE).secret_keys


def _python(words: str) -> str:
    return shlex.join([sys.executable, "-c", words])


def test_what_the_command_prints_is_the_key_or_several(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    says = f"open({str(asked)!r}, 'a').write('x'); print(' the new one \\n the old one, older ')"
    for _ in range(2):  # as each page of a running desk reads the settings
        assert _keys(_python(says)) == ("the new one", "the old one", "older")
    assert asked.read_text() == "x"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (_python("import sys; sys.exit('the vault is sealed: s3cret')"), "ended with status 1"),
        (_python("print()"), "printed nothing"),
        ("/nowhere/vault read key", "cannot be run: /nowhere/vault: No such file or directory"),
        ("vault 'read", "not closed"),
    ],
)
def test_a_command_that_says_no_key_stops_the_start_and_tells_why(command: str, said: str) -> None:
    with pytest.raises(BadConfiguration, match=f"^SECRET_KEY_COMMAND .*{said}") as refused:
        _keys(command)
    assert "s3cret" not in str(refused.value)


def test_a_command_that_waits_for_somebody_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_command, "PATIENCE", 0.05)
    with pytest.raises(BadConfiguration, match="took longer"):
        _keys(_python("import time; time.sleep(60)"))


def test_a_key_and_a_command_are_one_too_many() -> None:
    with pytest.raises(BadConfiguration, match="both set"):
        _keys(_python("print('a key')"), SECRET_KEY="another")
