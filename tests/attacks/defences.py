"""What keeps each attack of docs/security.md out, and how each of it is turned off."""

from __future__ import annotations

import ast
import os
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.source_files import ROOT

DEFENCES = Path(__file__).with_name("defences.toml")
ROW = re.compile(r"^\| (?P<attack>[^|]+) \| (?P<tests>`tests/.+`) \|$", re.MULTILINE)


class Change(NamedTuple):
    """Words that stand once in a file, and those that replace them where a defence is off."""

    file: str
    find: str
    without: str


class Defence(NamedTuple):
    """What keeps an attack out: `changes` turn it off, and each of `tests` fails then."""

    attack: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


def read_table() -> dict[str, list[str]]:
    """Return which tests docs/security.md names for each attack."""
    _, _, table = (ROOT / "docs/security.md").read_text("utf-8").partition("## What was attacked")
    return {row["attack"]: re.findall(r"`(.+?)`", row["tests"]) for row in ROW.finditer(table)}


def read_defences() -> list[Defence]:
    """Return every defence of defences.toml, in its order."""
    return [
        _defence(attack, entry)
        for attack, entries in tomllib.loads(DEFENCES.read_text("utf-8")).items()
        for entry in entries
    ]


def _defence(attack: str, entry: dict[str, Any]) -> Defence:
    changes = [{name: entry[name] for name in Change._fields}, *entry.get("also", ())]
    return Defence(attack, tuple(Change(**one) for one in changes), tuple(entry["tests"]))


def function_of(test: str) -> str:
    """Return the test of which this is an example, as the table names it."""
    return test.partition("[")[0]


def turn_off(defence: Defence, copy: Path, *, number: int) -> None:
    """Take a defence out of a copy of the source.

    `number` is another one for each defence: Python knows what it compiled by a file's time and
    size, and changes of one file are made within one second.
    """
    for change in defence.changes:
        path = copy / change.file
        text = path.read_text("utf-8")
        if text.count(change.find) != 1:
            msg = f"{change.file} has these words {text.count(change.find)} times"
            raise LookupError(msg)
        changed = text.replace(change.find, change.without)
        if path.suffix == ".py":
            ast.parse(changed)
        path.write_text(changed, "utf-8")
        _set_time(path, (ROOT / change.file).stat().st_mtime + number)


def turn_on_again(defence: Defence, copy: Path) -> None:
    for change in defence.changes:
        shutil.copy2(ROOT / change.file, copy / change.file)


def _set_time(path: Path, seconds: float) -> None:
    os.utime(path, (seconds, seconds))
