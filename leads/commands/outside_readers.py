"""Options that the commands about access tokens and destinations share."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from leads.models.enums import BasisKind


def add_outside_reader_options(
    parser: ArgumentParser, *, basis_help: str, needs_basis: bool
) -> None:
    """Add of which helplines a program is told, and by what right."""
    parser.add_argument(
        "--helpline", action="append", default=[], metavar="NAME", help="may be repeated; all"
    )
    kinds = [*BasisKind] if needs_basis else ["", *BasisKind]
    parser.add_argument("--basis", required=needs_basis, default="", choices=kinds, help=basis_help)
    parser.add_argument(
        "--basis-name",
        required=needs_basis,
        default="",
        help="the purpose that consents name, or the contract",
    )


def stated_outside_reader(given: Namespace) -> dict[str, Any]:
    """Return what these options state, by the names under which verbs take it."""
    return {
        "helplines": given.helpline,
        "basis_kind": given.basis,
        "basis_name": given.basis_name,
    }
