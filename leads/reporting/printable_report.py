"""The service report on paper: one page of HTML that needs nothing else.

It has nobody's name or number.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from leads.i18n import translatable
from leads.i18n.readable_times import format_date, format_instant
from leads.i18n.translatable import Phrase
from leads.pages import rendering
from leads.reporting import drill_down, metrics
from leads.reporting.cohort import Cohort
from leads.reporting.figure_definition import Figure, format_share, format_wait
from leads.reporting.service_report import ServiceReport
from leads.reporting.survival_analysis import Percentiles

WIDTH, HEIGHT = 640, 200
WAITS: dict[Figure[..., Percentiles], Phrase] = {
    metrics.time_to_first_attempt: Phrase("First call"),
    metrics.time_to_first_contact: Phrase("First conversation"),
    metrics.time_to_first_attempt_callable: Phrase("First call, in calling hours"),
}
EXPLAINED: tuple[Figure[..., Any], ...] = (
    metrics.service_level,
    metrics.people_received,
    *metrics.SHARES,
    metrics.contact_probability,
    metrics.service_level_callable,
    metrics.first_attempt_bands,
    metrics.outcome_counts,
    metrics.given_up_callbacks,
)


def render_printable_report(
    report: ServiceReport, *, reasons: Mapping[str, Cohort], language: str = "en", advisor: str = ""
) -> str:
    """Return the report as a document to print or send, with the reasons for which we gave up."""
    question, people, before = report.question, report.people, report.earlier.people
    said = functools.partial(translatable.translate, language)
    return rendering.render_document(
        "report.html",
        _=said,
        language=language,
        question=question,
        advisor=advisor,
        first=format_date(question.first, language=language),
        last=format_date(question.last, language=language),
        as_of=format_instant(report.now, zone=question.zone, language=language),
        report=report,
        percentiles=_percentiles_beside_previous(report),
        bands=drill_down.people_by_first_attempt_band(people),
        outcomes=drill_down.people_by_outcome(people),
        reasons=reasons,
        curve=_curve_svg_path(report.curve),
        width=WIDTH,
        height=HEIGHT,
        spell=lambda length: said(format_wait(length)),
        share=lambda part: said(format_share(part)),
        shares=[
            (said(figure.label), *(said(format_share(figure(one))) for one in (people, before)))
            for figure in metrics.SHARES
        ],
        definitions=_definitions_by_name(),
    )


def _percentiles_beside_previous(
    report: ServiceReport,
) -> dict[str, tuple[Percentiles, Percentiles | None]]:
    """Return the waits beside those of the period before."""
    now, before = report.standing.waits, report.earlier.waits
    return {
        name: (now[figure], before.get(figure)) for figure, name in WAITS.items() if figure in now
    }


def _definitions_by_name() -> dict[str, Phrase]:
    """Return what the words on the page mean, by the name that each has there."""
    waits: dict[str, Phrase] = {name: figure.definition for figure, name in WAITS.items()}
    return waits | {figure.label: figure.definition for figure in EXPLAINED}


def _curve_svg_path(curve: list[tuple[timedelta, float]]) -> str:
    """Return a curve as an SVG path of steps from "everybody waits" in the upper left corner."""
    longest = max((at.total_seconds() for at, _ in curve), default=0) or 1
    x = [round(WIDTH * (at.total_seconds() / longest) ** 0.5, 1) for at, _ in curve]
    steps = " ".join(
        f"H{right} V{round(HEIGHT * (1 - share), 1)}"
        for right, (_, share) in zip(x, curve, strict=True)
    )
    return f"M0 0 {steps} H{WIDTH}"
