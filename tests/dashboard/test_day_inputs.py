"""Fields for days: each is written as its reader writes days."""

from __future__ import annotations

import ast
from pathlib import Path

import dashboard


def test_every_day_is_typed_in_the_readers_way() -> None:
    silent = [
        f"{file.name}:{call.lineno}"
        for file in Path(dashboard.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "date_input"
        and not any(given.arg in ("format", None) for given in call.keywords)
    ]
    assert silent == []
