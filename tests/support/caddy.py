"""The proxy that stands before the processes in some tests: Debian's own Caddy.

`make test` runs this file first. It installs nothing: the package is unpacked beside the virtual
environment, so that no service begins on a machine that only runs tests.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.source_files import ROOT

CADDYFILE = ROOT / "deploy/caddy/Caddyfile"
UNPACKED = ROOT / ".venv/caddy"
READY_WITHIN = 15.0
MISSING = (
    "No Caddy for the tests of deploy/: it is neither on this machine nor to be had from Debian. "
    "They are skipped."
)


def find_caddy() -> str | None:
    """Return the path of a Caddy: the machine's own, else the one that was unpacked before."""
    return shutil.which("caddy") or shutil.which("caddy", path=str(UNPACKED / "usr/bin"))


def provide_caddy() -> str | None:
    """Return the path of a Caddy, fetched from Debian and unpacked where there is none."""
    apt = shutil.which("apt-get")
    if (found := find_caddy()) or not apt:
        return found
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() == 0:
            Path(folder).chmod(0o755)  # apt fetches as a user of its own
            subprocess.run([apt, "-qq", "update"], cwd=folder, check=False)
        subprocess.run([apt, "-qq", "download", "caddy"], cwd=folder, check=False)
        for package in Path(folder).glob("caddy_*.deb"):
            subprocess.run([shutil.which("dpkg-deb") or "", "-x", package, UNPACKED], check=False)
    return find_caddy()


class Caddy:
    """A running proxy with the Caddyfile that is shipped."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment, self._folder = environment, Path(environment["HOME"])
        self.url = f"https://localhost:{environment['CADDY_HTTPS_PORT']}"

    def authority(self) -> ssl.SSLContext:
        """Whom clients have to believe: the authority that it made for this machine."""
        root = self._folder / "caddy/pki/authorities/local/root.crt"
        return ssl.create_default_context(cafile=str(root))

    def printed(self) -> str:
        return (self._folder / "output.txt").read_text("utf-8")


def caddy_environment(
    folder: Path, *, https: int, http: int, admin: int, web: Sequence[int]
) -> dict[str, str]:
    """Return what the shipped file has to know, for ports of a test's own."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "CADDY_EMAIL": "desk@example.org",
        "CADDY_ADMIN": f"localhost:{admin}",
        "CADDY_HTTP_PORT": str(http),
        "CADDY_HTTPS_PORT": str(https),
        "RINGBACK_DOMAIN": "localhost",
        "RINGBACK_WEB": " ".join(f"127.0.0.1:{port}" for port in web),
        "RINGBACK_COOKIE_KEY": "k" * 32,
    }


@contextmanager
def running_caddy(environment: dict[str, str]) -> Iterator[Caddy]:
    """Run the shipped Caddyfile, with a certificate of its own authority for `localhost`."""
    found = find_caddy()
    assert found, MISSING
    folder = Path(environment["HOME"])
    command = [found, "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    with (
        (folder / "output.txt").open("wb") as output,
        subprocess.Popen(
            command, env=environment, cwd=folder, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield Caddy(environment)
        finally:
            process.terminate()


def main() -> None:
    print("Finding a proxy for the tests …", flush=True)
    print(f"  {provide_caddy() or MISSING}")


if __name__ == "__main__":
    sys.exit(main())
