"""The group of commands that explain."""

from __future__ import annotations

from typing import Any

from leads.commands.explain import texts
from leads.commands.frame import add_command_group


def add_explain_commands(commands: Any) -> None:
    """Add the commands that say what the rules make of something."""
    explaining = add_command_group(
        commands, "explain", "say what the rules make of something, and why"
    )
    texts.add_text_command(explaining)
