"""The product's own source files, and those of its tests."""

from __future__ import annotations

import ast
import functools
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


@functools.cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Return everything that a file's source is made of, parsed once in a process."""
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"))))
