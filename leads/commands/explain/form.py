"""`explain form`: what intake would make of a form post; no person's file is touched."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from leads.commands.frame import add_command, print_result
from leads.config.settings import Settings
from leads.forms import form_reading
from leads.intake.form_explanation import explain_form
from leads.intake.processing import CAME_BY_VISIT

BODILESS = ("GET", "HEAD")


def add_form_command(explain: Any) -> None:
    """Add the command that explains a form post."""
    command = add_command(
        explain,
        "form",
        _explain_form_file,
        "explain how a form post would be read and handled",
        needs_database=False,
    )
    command.add_argument("file", type=Path, help="the raw body; - for none")
    command.add_argument("--kind", default="generic", choices=form_reading.KINDS)
    command.add_argument("--region", default="US", help="the country of its phone numbers")
    command.add_argument("--content-type", default="", help="detected from the body if not given")
    command.add_argument("--query", default="", help="the query string after the ? of the address")
    command.add_argument("--method", default="POST")


def _explain_form_file(given: Namespace, _settings: Settings) -> None:
    is_bodiless = str(given.file) == "-" or given.method.upper() in BODILESS
    body = b"" if is_bodiless else given.file.read_bytes()
    told = explain_form(
        body,
        given.content_type,
        (given.kind, given.region.upper(), {}),
        query=given.query,
        suspicion=CAME_BY_VISIT if given.method.upper() in BODILESS else "",
    )
    why = list(map(str, told.why))
    outcome = str(told.outcome)
    shown = {"outcome": outcome, "held": told.is_held, "reading": told.reading, "why": why}
    print_result(given, shown, "\n".join([outcome + ", held" * told.is_held, *why]))
