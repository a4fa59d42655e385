"""How a machine comes by the browser for the tests.

Only the world outside is doubled, by commands and a server.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.support.browser import find_browser, provide_browser

STARTS = "#!/bin/sh\necho Chromium 150\n"
LACKS_A_LIBRARY = (
    "#!/bin/sh\necho 'error while loading shared libraries: libnss3.so' >&2\nexit 127\n"
)
NOBODY_LISTENS = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The commands of a machine that has none, and from which no download gets through."""
    commands = tmp_path / "bin"
    commands.mkdir()
    monkeypatch.setenv("PATH", str(commands))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "downloads"))
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", NOBODY_LISTENS)
    monkeypatch.delenv("PLAYWRIGHT_CHROMIUM_DOWNLOAD_HOST", raising=False)
    return commands


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Playwright's download, answered from here.

    Whatever is asked for, the archive holds a headless shell.
    """

    class Archive(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = _archive()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Archive) as server:
        Thread(target=server.serve_forever).start()
        monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", f"http://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()


def _archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in (
            "chrome-headless-shell-linux64/chrome-headless-shell",
            "chrome-linux/headless_shell",
        ):
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, STARTS)
    return packed.getvalue()


def _put(command: Path, script: str) -> str:
    command.write_text(script)
    command.chmod(0o755)
    return str(command)


@pytest.mark.usefixtures("downloads")
def test_what_is_on_the_machine_wins(machine: Path) -> None:
    chromium = _put(machine / "chromium", STARTS)
    assert provide_browser(may_install=True) == chromium

    without_windows = _put(machine / "chromium-headless-shell", STARTS)
    assert provide_browser(may_install=True) == without_windows


def test_a_command_that_cannot_start_is_no_browser(machine: Path) -> None:
    _put(machine / "chromium-headless-shell", LACKS_A_LIBRARY)
    assert find_browser() is None

    chromium = _put(machine / "chromium", STARTS)
    assert find_browser() == chromium


@pytest.mark.usefixtures("downloads")
def test_playwright_downloads_one_where_there_is_none(
    machine: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _put(machine / "apt-get", "#!/bin/sh\necho asked > $0.log\n")
    path = provide_browser(may_install=True)

    assert path is not None
    assert path.startswith(os.environ["PLAYWRIGHT_BROWSERS_PATH"])
    assert find_browser() == path, "the next time it is there"
    assert "100% of" in capfd.readouterr().out
    assert not (machine / "apt-get.log").exists()


def test_debian_has_one_where_no_download_gets_through(
    machine: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    browser = machine / "chromium-headless-shell"
    installs = f'printf "#!/bin/sh\\n" > {browser}\n/bin/chmod +x {browser}\n'
    _put(machine / "apt-get", f'#!/bin/sh\n[ "$1" = install ] || exit 0\n{installs}')

    assert provide_browser(may_install=False) is None
    assert not browser.exists()
    assert provide_browser(may_install=True) == str(browser)
    assert "rror" not in "".join(capfd.readouterr()), "why the download failed is nobody's business"


def test_where_none_can_be_had_one_line_names_the_command() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.support.browser"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 1
    assert told.stderr.count("\n") == 1
    assert "the command chromium-headless-shell (or chromium) is missing" in told.stderr
