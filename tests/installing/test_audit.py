"""A package with a known vulnerability fails the checks; what nobody could tell of is listed."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

AUDIT = Path(__file__).parents[2] / ".ci/audit.py"
FINE = {"name": "fine", "version": "1", "vulns": []}
BAD = {
    "name": "bad",
    "version": "2",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}, {"id": "PYSEC-2", "fix_versions": []}],
}
UNKNOWN = {"name": "unknown", "skip_reason": "not found"}


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", AUDIT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answering(*packages: object) -> tuple[str, ...]:
    """A command that says of packages what pip-audit would."""
    said = json.dumps({"dependencies": packages})
    return (sys.executable, "-c", f"import sys; print({said!r}); sys.exit(1)")


def test_a_vulnerable_package_fails_and_its_remedy_is_said(audit: ModuleType) -> None:
    lines, status = audit.describe_audit(audit.ask_about_packages(answering(FINE, BAD, UNKNOWN)))
    assert status == 1
    assert lines[0].startswith("bad 2: PYSEC-1 (in 2.1 it is mended), PYSEC-2 (in no version yet")
    assert lines[1:] == [
        "Vulnerabilities: 1 not checked: unknown.",
        "Vulnerabilities: 1 in 2 packages.",
    ]


def test_what_nobody_could_tell_of_is_listed_and_fails_nothing(audit: ModuleType) -> None:
    lines, status = audit.describe_audit(audit.ask_about_packages(answering(FINE, UNKNOWN)))
    assert (status, lines[0]) == (0, "Vulnerabilities: 1 not checked: unknown.")
    for command in ((sys.executable, "-c", "raise SystemExit(1)"), ("/nowhere/at/all",)):
        lines, status = audit.describe_audit(audit.ask_about_packages(command))
        assert status == 0
        assert "not checked" in lines[0]
        assert "streamlit" in lines[0]
