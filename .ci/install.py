#!/usr/bin/env python3
"""Install what a requirements file lists, as pip would and in a fraction of the time.

`install.py requirements.txt`: uv does it, and looks for packages where pip is configured to. Where
uv cannot be had, or cannot do it, pip does.
"""

from __future__ import annotations

import ast
import subprocess
import sys

UV = "uv==0.13.9"
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
# pip and uv call them the same
SOURCES = ("index-url", "extra-index-url", "find-links", "constraint")
ONLY_PIP_KNOWS = ("no-index", "trusted-host", "client-cert", "proxy")
AS_PIP_CHOOSES = (
    # the best of all indexes, not of the first that knows a package
    "--index-strategy=unsafe-best-match",
    "--system-certs",
)


def read_sources() -> list[str]:
    """Return where pip is configured to look, as options.

    Raises LookupError if pip goes there in a way of its own, or may not ask any index.
    """
    configured = subprocess.run(
        [*PIP, "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    named = (
        line.partition("=") for line in sorted(configured.splitlines(), key=_is_of_environment)
    )
    settings = {name.rpartition(".")[2]: ast.literal_eval(value) for name, _, value in named}
    if any(settings.get(name, "false") not in ("false", "0", "no", "") for name in ONLY_PIP_KNOWS):
        raise LookupError
    return [f"--{name}={place}" for name in SOURCES for place in settings.get(name, "").split()]


def _is_of_environment(line: str) -> bool:
    """Sort what the environment says last: it is what pip believes."""
    return line.startswith(":env:")


def install_with_uv(requirements: str, quiet: list[str]) -> bool:
    """Return whether uv could be had and installed everything."""
    try:
        sources = read_sources()
        subprocess.run([*PIP, "install", "--only-binary=uv", UV], capture_output=True, check=True)
    except (LookupError, subprocess.CalledProcessError):
        return False
    uv = (sys.executable, "-m", "uv", "pip", "install", f"--python={sys.executable}")
    command = [*uv, *AS_PIP_CHOOSES, *sources, *quiet, f"--requirement={requirements}"]
    return subprocess.run(command, check=False).returncode == 0


def main(requirements: str) -> int:
    """Install everything; returns the exit status."""
    quiet = [] if sys.stderr.isatty() else ["--quiet"]  # both draw their progress on a terminal
    if install_with_uv(requirements, quiet):
        return 0
    print("  uv cannot do it here. pip does, and takes a minute …", flush=True)
    return subprocess.run(
        [*PIP, "install", *quiet, f"--requirement={requirements}"], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
