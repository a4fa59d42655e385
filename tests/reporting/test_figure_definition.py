"""A figure has one declaration: page, paper, terminal and mail say what it says."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlmodel import Session

from leads import reporting
from leads.people.permissions import OPERATOR
from leads.reporting import metrics, printable_report, service_report, terminal_report
from leads.reporting.figure_definition import Figure
from leads.reporting.service_report import ReportQuestion
from notifications import messages
from tests.conftest import NOW
from tests.support.people import MINUTE, a_callback

WEEK = ReportQuestion(NOW.date(), NOW.date(), "UTC", 5 * MINUTE)


def declared_figures() -> Iterator[Figure[..., Any]]:
    """Every figure of the package, of modules and of classes."""
    for module in pkgutil.iter_modules(reporting.__path__, "leads.reporting."):
        for value in vars(importlib.import_module(module.name)).values():
            for one in (value, *(vars(value).values() if isinstance(value, type) else ())):
                if isinstance(one, Figure):
                    yield one


def test_no_two_figures_say_the_same_and_each_is_its_functions_docstring() -> None:
    figures = set(declared_figures())
    assert len(figures) > 20
    assert [text for text, n in Counter(one.definition for one in figures).items() if n > 1] == []
    assert [one.key for one in figures if one.compute.__doc__ != one.definition] == []


def test_every_renderer_says_what_the_figures_declaration_says(session: Session) -> None:
    a_callback(session, received_at=NOW - MINUTE)
    report = service_report.read_service_report(session, WEEK, OPERATOR, now=NOW)
    paper = printable_report.render_printable_report(report, reasons={})
    terminal = terminal_report.render_definitions()
    mail = messages.digest_message(
        "daily", NOW.date(), [("All", report.standing)], public_url="http://x"
    )
    for figure in (metrics.people_received, *metrics.SHARES, metrics.service_level):
        for text in (paper, terminal, mail.text):
            plain = " ".join(text.replace("&#39;", "'").split())
            assert figure.definition in plain, figure.key
    assert "Called within 0:05:00</b>: Service level: share" in paper
