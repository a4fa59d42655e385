"""How a fresh machine comes by its packages: with uv or pip, from where pip is to look."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

INSTALL = Path(__file__).parents[2] / ".ci/install.py"


@pytest.fixture
def install() -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", INSTALL)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def pip_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one file in which pip is configured; nothing is said in the environment."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    path = tmp_path / "pip.conf"
    monkeypatch.setenv("PIP_CONFIG_FILE", str(path))
    return path


def test_uv_looks_where_pip_is_configured_to(
    install: ModuleType, pip_configuration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip_configuration.write_text(
        "[global]\nindex-url = https://one.example/simple\n"
        "extra-index-url =\n  https://two.example/simple\n  https://three.example/simple\n"
        "constraint = pinned.txt\ntimeout = 9\n"
    )
    monkeypatch.setenv("PIP_INDEX_URL", "https://nearer.example/simple")
    assert install.read_sources()[:3] == [
        "--index-url=https://nearer.example/simple",
        "--extra-index-url=https://two.example/simple",
        "--extra-index-url=https://three.example/simple",
    ]
    assert "--constraint=pinned.txt" in install.read_sources()
    assert not [option for option in install.read_sources() if "timeout" in option]


@pytest.mark.parametrize("option", ["no-index = true", "proxy = http://proxy.example:3128"])
def test_where_pip_goes_in_a_way_of_its_own_uv_is_not_asked(
    install: ModuleType, pip_configuration: Path, option: str
) -> None:
    pip_configuration.write_text(f"[global]\n{option}\n")
    with pytest.raises(LookupError):
        install.read_sources()


def test_an_index_that_may_be_asked_is(install: ModuleType, pip_configuration: Path) -> None:
    pip_configuration.write_text("[global]\nno-index = false\n")
    assert not [option for option in install.read_sources() if "no-index" in option]


def test_where_no_index_may_be_asked_pip_installs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "kindness-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("kindness.py", "")
        wheel.writestr(
            "kindness-1.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: kindness\nVersion: 1.0\n",
        )
        wheel.writestr(
            "kindness-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr("kindness-1.0.dist-info/RECORD", "")
    (tmp_path / "requirements.txt").write_text("kindness==1.0\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "installed"))

    told = subprocess.run(
        [sys.executable, INSTALL, tmp_path / "requirements.txt"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "pip does" in told
    assert (tmp_path / "installed/kindness.py").exists()


def test_what_cannot_be_installed_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements.txt").write_text("kindness==1.0\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    told = subprocess.run(
        [sys.executable, INSTALL, tmp_path / "requirements.txt"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "kindness" in told.stderr
