"""`explain text`: what a text would mean to the desk."""

from __future__ import annotations

import io
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from leads.commands.frame import add_command, print_result
from leads.config.settings import Settings
from leads.free_text.wishes import interpret_text

MORE = """
Without a TEXT, and with --batch, texts are read from standard input, one a line, and each is
answered on a line of its own: {"danger": now, self, harm, withdrawal or null, "wish": stop,
stop_texts, stop_calls, start, help, call, later, wrong_person or null}. Nothing is stored.
"""


@dataclass(frozen=True)
class TextExplanation:
    """The kind of danger that a text speaks of and what it asks of the desk, if it does."""

    danger: str | None
    wish: str | None

    def in_words(self, *, is_unclear: bool) -> str:
        """Say it in a line."""
        wish = self.wish or ("unclear: a person reads it" if is_unclear else "none")
        return f"wish: {wish}; danger: {self.danger or 'none'}"


def add_text_command(commands: Any) -> None:
    """Add the command that says what texts mean."""
    command = add_command(
        commands, "text", _explain_texts, "say what a text would mean", MORE, needs_database=False
    )
    command.add_argument("texts", nargs="*", metavar="TEXT", help="what somebody might write")
    command.add_argument("--batch", action="store_true", help="read a text a line")


def explain_text(text: str) -> TextExplanation:
    """Return what the rules read in a text."""
    return TextExplanation(danger=None, wish=interpret_text(text).wish)


def _explain_texts(given: Namespace, _settings: Settings) -> None:
    texts = _read_lines() if given.batch or not given.texts else given.texts
    for text in texts:
        explanation = explain_text(text)
        is_unclear = interpret_text(text).is_unclear
        words = explanation.in_words(is_unclear=is_unclear)
        print_result(given, asdict(explanation), words)


def _read_lines() -> Iterator[str]:
    """Yield the lines of standard input, whatever bytes are in them."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    for line in sys.stdin:
        yield line.rstrip("\r\n")
