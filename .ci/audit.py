#!/usr/bin/env python3
"""Ask whether a package that is installed here has a known vulnerability.

Fails for one that has. What nobody could tell of, because it or the service that knows cannot be
reached, is listed: `make check` works offline, and says what it did not check.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Any

ASK = (sys.executable, "-m", "pip_audit", "--local", "--format=json", "--progress-spinner=off")
LONGEST = 300  # seconds


def ask_about_packages(command: Sequence[str] = ASK) -> list[dict[str, Any]] | None:
    """Return what is known of each package, as pip-audit says it; None where nobody could say."""
    try:
        asked = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=LONGEST
        )
        packages: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError, OSError, subprocess.TimeoutExpired):
        return None
    return packages


def describe_audit(packages: Sequence[dict[str, Any]] | None) -> tuple[list[str], int]:
    """Return what to print, and the exit status: 1 where a package is vulnerable."""
    if packages is None:
        names = sorted({one.name.lower() for one in metadata.distributions()})
        return [f"Vulnerabilities: not checked, nobody could be asked: {', '.join(names)}."], 0
    vulnerable = [one for one in packages if one.get("vulns")]
    lines = [f"{one['name']} {one['version']}: {_remedies(one['vulns'])}" for one in vulnerable]
    if unknown := sorted(one["name"] for one in packages if "vulns" not in one):
        lines.append(f"Vulnerabilities: {len(unknown)} not checked: {', '.join(unknown)}.")
    checked = len(packages) - len(unknown)
    return [*lines, f"Vulnerabilities: {len(vulnerable)} in {checked} packages."], int(
        bool(vulnerable)
    )


def _remedies(found: Sequence[dict[str, Any]]) -> str:
    return ", ".join(
        f"{one['id']} (in {' or '.join(one['fix_versions']) or 'no version yet'} it is mended)"
        for one in found
    )


if __name__ == "__main__":
    told, status = describe_audit(ask_about_packages())
    print("\n".join(told))
    sys.exit(status)
