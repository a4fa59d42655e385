"""The service report on paper: one page of HTML that needs nothing else.

It has nobody's name or number.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from leads.i18n import translatable
from leads.i18n.translatable import Phrase
from leads.pages import rendering
from leads.reporting import drill_down
from leads.reporting.cohort import Cohort
from leads.reporting.service_report import ServiceReport
from leads.reporting.survival_analysis import Percentiles
from leads.reporting.terminal_report import DEFINITIONS

WIDTH, HEIGHT = 640, 200
NOT_REACHED, NOBODY_YET = Phrase("not reached"), Phrase("nobody yet")
FIRST_RING, FIRST_TALK = Phrase("First ring"), Phrase("First talked to")
CALLABLE_RING = Phrase("First ring, in callable time")


def render_printable_report(
    report: ServiceReport, *, reasons: Mapping[str, Cohort], language: str = "en", advisor: str = ""
) -> str:
    """Return the report as a document to print or send, with the reasons for which we gave up."""
    question, people, told = (
        report.question,
        report.people,
        functools.partial(translatable.translate, language),
    )
    as_of = report.now.astimezone(ZoneInfo(question.zone))
    return rendering.render_document(
        "report.html",
        _=told,
        language=language,
        question=question,
        advisor=advisor,
        as_of=f"{as_of:%Y-%m-%d %H:%M %Z}",
        report=report,
        percentiles=_percentiles_beside_previous(report),
        bands=drill_down.people_by_first_attempt_band(people),
        outcomes=drill_down.people_by_outcome(people),
        reasons=reasons,
        curve=_curve_svg_path(report.curve),
        width=WIDTH,
        height=HEIGHT,
        spell=lambda length: told(NOT_REACHED) if length is None else _format_wait_length(length),
        share=lambda part: told(NOBODY_YET) if part is None else f"{part:.0%}",
        definitions=DEFINITIONS,
    )


def _percentiles_beside_previous(
    report: ServiceReport,
) -> dict[str, tuple[Percentiles, Percentiles | None]]:
    """Return the percentiles of the waits, each beside that of the period before."""
    whole, before = report.standing, report.earlier
    found: dict[str, tuple[Percentiles, Percentiles | None]] = {
        FIRST_RING: (whole.figures.attempt, before.figures.attempt),
        FIRST_TALK: (whole.figures.contact, before.figures.contact),
    }
    if whole.callable_time:
        found[CALLABLE_RING] = (
            whole.callable_time.attempt,
            before.callable_time.attempt if before.callable_time else None,
        )
    return found


def _curve_svg_path(curve: list[tuple[timedelta, float]]) -> str:
    """Return a curve as an SVG path of steps from "everybody waits" in the upper left corner."""
    longest = max((at.total_seconds() for at, _ in curve), default=0) or 1
    x = [round(WIDTH * (at.total_seconds() / longest) ** 0.5, 1) for at, _ in curve]
    steps = " ".join(
        f"H{right} V{round(HEIGHT * (1 - share), 1)}"
        for right, (_, share) in zip(x, curve, strict=True)
    )
    return f"M0 0 {steps} H{WIDTH}"


def _format_wait_length(length: timedelta) -> str:
    return str(timedelta(seconds=round(length.total_seconds())))
