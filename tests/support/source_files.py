"""The product's own source files, and those of its tests."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = [
    ROOT / "app.py",
    *(
        path
        for package in ("dashboard", "leads", "notifications")
        for path in sorted((ROOT / package).rglob("*.py"))
    ),
]
TEST_FILES = sorted((ROOT / "tests").rglob("*.py"))
