"""The service report's tiles: a figure, its meaning, the period before, and what it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from dashboard import page_text, plain_table
from dashboard.language import _
from dashboard.report import charts
from leads.reporting import metrics
from leads.reporting.figure_definition import Figure
from leads.reporting.service_report import ServiceReport
from leads.reporting.trends import CohortFigures

LEAST_DAYS_OF_TREND = 3  # two points are a line whatever happened
UNCHANGED = {"delta": "±0", "delta_color": "off", "delta_arrow": "off"}


def draw_report_tile(
    figure: Figure[..., Any],
    value: str,
    *,
    note: str,
    opens: Callable[[], None],
    target: str = "",
    days: Sequence[float] = (),
    **look: Any,
) -> None:
    """Draw one figure, with its definition on the question mark.

    The line below it, `note`, says what the figure counts, and opens that. `days`: the figure day
    by day.
    """
    name = figure.label.template
    with st.container(border=True, height="stretch", gap="xsmall", key=f"tile {name}"):
        st.metric(_(figure.label, target=target), value, help=_(figure.definition), **look)
        if len(days) >= LEAST_DAYS_OF_TREND:
            st.html(charts.sparkline_html(days))
        if st.button(note, key=f"open {name}", type="tertiary", help=_("Show details")):
            opens()


def draw_naive_comparison(report: ServiceReport, target: str, *, opens: Callable[[], None]) -> None:
    """Draw what a report would have said that leaves out those who still wait.

    `opens` opens the people left out.
    """
    naive, whole = report.naive, report.whole
    if naive.in_time is None:
        return
    st.header(_("What most reports say"), anchor=False)
    most = _(metrics.naive_first_attempt.label)
    this, before = _("This report"), _("This report, previous period")
    half = (
        page_text.duration_text(one)
        for one in (naive.half, whole.attempt.p50, report.before.attempt.p50)
    )
    share = (
        page_text.share_text(one) for one in (naive.in_time, whole.in_time, report.before.in_time)
    )
    labels = (
        _(metrics.time_to_first_attempt.label),
        _(metrics.service_level.label, target=target),
    )
    rows = [
        dict(zip((_("Figure"), most, this, before), (label, *said), strict=True))
        for label, said in zip(labels, (half, share), strict=True)
    ]
    plain_table.draw_plain_table(_("What most reports say"), rows)
    st.caption(
        " ".join(
            _(one.definition) for one in (metrics.naive_first_attempt, metrics.naive_service_level)
        )
    )
    left_out_text = _(
        "{some} of {all} people have not been called. Most reports leave them out.",
        some=len(naive.left_out),
        all=len(report.people),
    )
    if st.button(left_out_text, key="open left out", type="tertiary", help=_("Show details")):
        opens()


def delta_in_points(
    share: float | None, before: float | None, *, colour: str = "normal"
) -> dict[str, Any]:
    """Return a tile's options for a share's difference to the period before, in points.

    A point is one per cent of the whole.
    """
    if share is None or before is None:
        return {}
    if round(100 * share) == round(100 * before):
        return UNCHANGED
    return _delta_options(_("{points} points", points=f"{100 * (share - before):+.0f}"), colour)


def delta_in_time(
    length: timedelta | None, before: timedelta | None, *, colour: str = "inverse"
) -> dict[str, Any]:
    """Return a tile's options for a length's difference to the period before; longer is worse."""
    if length is None or before is None:
        return {}
    if round(length.total_seconds()) == round(before.total_seconds()):
        return UNCHANGED
    sign = "-" if length < before else "+"
    return _delta_options(f"{sign}{page_text.duration_text(abs(length - before))}", colour)


def delta_in_number(
    number: float | None, before: float | None, *, colour: str = "off"
) -> dict[str, Any]:
    """Return a tile's options for a count's difference to the period before."""
    if number is None or before is None:
        return {}
    return _delta_options(f"{number - before:+,g}", colour) if number != before else UNCHANGED


def figure_by_day(
    days: Iterable[CohortFigures], figure: Callable[[CohortFigures], float | None]
) -> list[float]:
    """Return a figure day by day; days without it are left out."""
    return [point for day in days if (point := figure(day)) is not None]


def length_in_minutes(length: timedelta | None) -> float | None:
    """Return a length in minutes, as a chart draws it."""
    return None if length is None else length.total_seconds() / 60


def _delta_options(delta: str, colour: str) -> dict[str, Any]:
    return {"delta": delta, "delta_color": colour}
