"""The service report on paper: one page of HTML that needs nothing else, without anybody's name or number."""

from __future__ import annotations

import inspect
from datetime import timedelta
from zoneinfo import ZoneInfo

from leads import html, metrics
from leads.overview import Overview
from leads.report import DEFINITIONS
from leads.survival import Percentiles

WIDTH, HEIGHT = 640, 200


def render(report: Overview) -> str:
    """Return the report as a document to print or to send."""
    question, whole = report.question, report.whole
    as_of = report.now.astimezone(ZoneInfo(question.zone))
    percentiles = {
        "First ring": _three(whole.attempt),
        "First talked to": _three(whole.contact),
    }
    return html.text(
        "report.html",
        question=question,
        as_of=f"{as_of:%Y-%m-%d %H:%M %Z}",
        target=_spell(question.target),
        report=report,
        in_time=_share(whole.in_time),
        naive=_share(report.naive.in_time),
        naive_half=_spell(report.naive.half),
        half=_spell(whole.attempt.p50),
        percentiles=percentiles,
        probability=_share(report.contact_probability),
        bands={name: len(people) for name, people in metrics.bands(report.people).items()},
        outcomes={word.replace("_", " "): count for word, count in metrics.outcomes(report.people).items()},
        curve=_path(report.curve),
        width=WIDTH,
        height=HEIGHT,
        definitions=DEFINITIONS,
        level=inspect.getdoc(metrics.service_level),
    )


def _path(curve: list[tuple[timedelta, float]]) -> str:
    """Return the curve as steps from "everybody waits" in the upper left corner."""
    longest = max((at.total_seconds() for at, _ in curve), default=0) or 1
    x = [round(WIDTH * (at.total_seconds() / longest) ** 0.5, 1) for at, _ in curve]
    steps = " ".join(f"H{right} V{round(HEIGHT * (1 - share), 1)}" for right, (_, share) in zip(x, curve, strict=True))
    return f"M0 0 {steps} H{WIDTH}"


def _three(found: Percentiles) -> tuple[str, str, str]:
    return _spell(found.p50), _spell(found.p90), _spell(found.p95)


def _spell(length: timedelta | None) -> str:
    return "not reached" if length is None else str(timedelta(seconds=round(length.total_seconds())))


def _share(part: float | None) -> str:
    return "nobody yet" if part is None else f"{part:.0%}"
