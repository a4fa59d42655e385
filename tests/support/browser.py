"""The browser that the tests run in: what is on the machine, else one that is fetched.

`make test` runs this file before the tests, so that there is a browser, or a line that says what is
missing.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

COMMANDS = ("chromium-headless-shell", "chromium")  # the one without windows where there is one
PLAYWRIGHT = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
# milliseconds; it tries five times
SILENCE_ENDS_IT = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "5000"}
MISSING = (
    "No browser for the tests: the command chromium-headless-shell (or chromium) is missing, and "
    "it could not be fetched from here. Install one, on Debian as root with "
    "`apt-get install chromium-headless-shell`, and try again."
)


def find_browser() -> str | None:
    """Return the path of a browser that starts.

    The machine's own, else what Playwright downloaded before.
    """
    return (
        next(filter(_starts, filter(None, map(shutil.which, COMMANDS))), None) or _find_download()
    )


def provide_browser(*, may_install: bool) -> str | None:
    """Return the path of a browser, fetched where there is none.

    By Playwright, else, if we may, from Debian.
    """
    return find_browser() or _download() or (_install() if may_install else None)


def _starts(path: str) -> bool:
    """Whether this is a browser with all its libraries.

    There are stand-ins that only say where to get one.
    """
    return _succeeds(path, "--version", shown=False)


def _find_download() -> str | None:
    places = _places_of_downloads(os.environ.get("PLAYWRIGHT_BROWSERS_PATH"))
    shells = [str(path) for place in places for path in place.glob("*/*headless?shell*")]
    return next(filter(_starts, shells), None)


@functools.cache
def _places_of_downloads(_folder: str | None) -> list[Path]:
    """Return where Playwright puts what it downloads; to ask it takes a second."""
    plan = subprocess.run(
        [*PLAYWRIGHT, "--dry-run"], capture_output=True, text=True, check=False
    ).stdout
    lines = (line.partition(":") for line in plan.splitlines())
    return [Path(place.strip()) for said, _, place in lines if said.strip() == "Install location"]


def _download() -> str | None:
    print("  None is here. Playwright downloads one …", flush=True)
    environment = os.environ | SILENCE_ENDS_IT
    with subprocess.Popen(
        PLAYWRIGHT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as download:
        for line in download.stdout or ():
            # how far it is; what went wrong would be a page about Playwright's own code
            if "%" in line:
                print(f"  {line}", end="", flush=True)
    return _find_download()


def _install() -> str | None:
    print(f"  It could not. Installing Debian's {COMMANDS[0]} …", flush=True)
    shown = sys.stdout.isatty()
    _succeeds("apt-get", "update", shown=shown)
    _succeeds("apt-get", "install", "--yes", "--no-install-recommends", COMMANDS[0], shown=shown)
    return find_browser()


def _succeeds(*command: str, shown: bool) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    output = None if shown else subprocess.DEVNULL
    try:
        return (
            subprocess.run(
                command, env=environment, stdout=output, stderr=output, check=False
            ).returncode
            == 0
        )
    except OSError:
        return False


def main() -> int:
    print("Finding a browser for the tests …", flush=True)
    path = provide_browser(may_install=os.geteuid() == 0 and shutil.which("apt-get") is not None)
    print(f"  {path}" if path else MISSING, file=sys.stdout if path else sys.stderr)
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
