"""`explain text`: what a text would mean to the desk."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from typing import Any

from leads.commands.explain.lines import read_lines
from leads.commands.frame import add_command, print_result
from leads.config.settings import Settings
from leads.free_text.danger import DangerKind, read_danger
from leads.free_text.wishes import WishReading, interpret_text

MORE = """
Without a TEXT, and with --batch, texts are read from standard input, one a line, and each is
answered on a line of its own: {"danger": now, self, harm, withdrawal or null, "wish": stop,
stop_texts, stop_calls, start, help, call, later, wrong_person or null}. Nothing is stored.
"""


@dataclass(frozen=True)
class TextExplanation:
    """The kind of danger that a text speaks of and what it asks of the desk."""

    danger: DangerKind | None
    reading: WishReading

    def as_json(self) -> dict[str, str | None]:
        """Return it as programs read it: null for no danger, and for no wish or an unclear one."""
        return {"danger": self.danger, "wish": self.reading.wish}

    def in_words(self) -> str:
        """Say it in a line."""
        unclear = "unclear: held for review" if self.reading.is_unclear else "none"
        return f"wish: {self.reading.wish or unclear}; danger: {self.danger or 'none'}"


def add_text_command(commands: Any) -> None:
    """Add the command that says what texts mean."""
    command = add_command(
        commands,
        "text",
        _explain_texts,
        "explain how a text would be read",
        MORE,
        needs_database=False,
    )
    command.add_argument("texts", nargs="*", metavar="TEXT", help="an example text")
    command.add_argument("--batch", action="store_true", help="read one text per line")


def _explain_texts(given: Namespace, _settings: Settings) -> None:
    texts = read_lines() if given.batch or not given.texts else given.texts
    for text in texts:
        explanation = TextExplanation(read_danger(text), interpret_text(text))
        print_result(given, explanation.as_json(), explanation.in_words())
