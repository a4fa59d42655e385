"""What every command is made of."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from leads.config.settings import Settings

CommandAction = Callable[[Namespace, Settings], int | None]


def add_command_group(commands: Any, name: str, words: str) -> Any:
    """Add a word that commands follow."""
    return commands.add_parser(name, help=words).add_subparsers(required=True, metavar="COMMAND")


def add_command(
    commands: Any,
    name: str,
    act: CommandAction,
    words: str,
    more: str = "",
    *,
    needs_database: bool = True,
) -> ArgumentParser:
    """Add a command and what it does; most need a database that is up to date."""
    added: ArgumentParser = commands.add_parser(
        name,
        help=words,
        description=words,
        epilog=more,
        formatter_class=RawDescriptionHelpFormatter,
    )
    added.add_argument("--json", action="store_true", help="print only one JSON object")
    added.set_defaults(act=act, needs_database=needs_database)
    return added


def print_result(given: Namespace, shown: dict[str, Any], words: str = "") -> None:
    """Print one JSON object with --json, else the words.

    Where there are no words, each thing is printed on a line of its own.
    """
    print(
        json.dumps(shown)
        if given.json
        else words or "\n".join(map(_result_line, shown, shown.values()))
    )


def print_progress(line: str) -> None:
    """Print at once, on standard error, what a command that takes long has done."""
    print(line, file=sys.stderr, flush=True)


def _result_line(name: str, value: object) -> str:
    text = (
        ", ".join(f"{word} {count}" for word, count in value.items())
        if isinstance(value, dict)
        else value
    )
    return f"{name}: {'none' if text in (None, '') else text}"


def utc_now() -> datetime:
    """Return the time: a command is an edge."""
    return datetime.now(UTC)
