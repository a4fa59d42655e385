"""The command line's grammar: every command beside what it asks for."""

from __future__ import annotations

from argparse import ArgumentParser

from leads.commands import helplines, people, records


def build_parser() -> ArgumentParser:
    """Return what reads the command line."""
    whole = ArgumentParser(prog="python -m leads", description="Look after a callback desk.")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    for part in (records, helplines, people):
        part.add_to(commands)
    return whole
