"""The group of commands that explain."""

from __future__ import annotations

from typing import Any

from leads.commands.explain import contact, form, texts
from leads.commands.frame import add_command_group


def add_explain_commands(commands: Any) -> None:
    """Add the commands that say what the rules make of something."""
    words = "explain what the rules decide, and why"
    explain = add_command_group(commands, "explain", words)
    contact.add_contact_command(explain)
    form.add_form_command(explain)
    texts.add_text_command(explain)
