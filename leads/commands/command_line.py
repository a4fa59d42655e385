"""The command line's grammar: every command beside what it asks for."""

from __future__ import annotations

from argparse import ArgumentParser

from leads.commands import (
    api_tokens,
    audit,
    backups,
    destinations,
    helplines,
    people,
    privacy,
    records,
)
from leads.commands.explain import group


def build_parser() -> ArgumentParser:
    """Return what reads the command line."""
    parser = ArgumentParser(prog="python -m leads", description="Look after a callback desk.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    records.add_record_commands(commands)
    backups.add_backup_commands(commands)
    audit.add_audit_commands(commands)
    helplines.add_helpline_commands(commands)
    people.add_people_commands(commands)
    destinations.add_destination_commands(commands)
    api_tokens.add_api_token_commands(commands)
    privacy.add_privacy_commands(commands)
    group.add_explain_commands(commands)
    return parser
