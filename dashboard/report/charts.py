"""The service report's charts: pictures that the server draws, with their numbers as a table.

Nothing is loaded to draw them. `alt` tells in words what a chart shows.
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from html import escape
from itertools import pairwise

import streamlit as st
from babel import dates

from dashboard import in_browser, page_text, plain_table
from dashboard.language import _, viewer_locale
from leads.reporting.cohort import Cohort
from leads.reporting.trends import DAYS_OF_WEEK, HOURS, CohortFigures

LIGHT = {"main": "#0f5c4d", "second": "#b4690e", "quiet": "#6b7670"}
DARK = {"main": "#6fc7b1", "second": "#f0a35e", "quiet": "#8d9993"}
SHARES_LIGHT = (
    ("#f3e3d3", "#1c2521"),
    ("#d9d9c8", "#1c2521"),
    ("#aecbbd", "#1c2521"),
    ("#2f7a68", "#ffffff"),
    ("#0f5c4d", "#ffffff"),
)
"""From none on time to all: what a cell is filled with, and what is read on it."""
SHARES_DARK = (
    ("#4a3420", "#ffffff"),
    ("#3f4638", "#ffffff"),
    ("#2f5a4d", "#ffffff"),
    ("#55b39b", "#0d1512"),
    ("#8fd8c4", "#0d1512"),
)
MINUTES = (0, 5, 15, 60, 240, 1440, 5760)  # where an axis of waits has its marks
MOST_DAY_LABELS = 6
MARGIN = 1.5  # percent beside the first and the last day, for their dots
HOURS_TOGETHER = 3  # hours under one label
Point = tuple[float, float]  # from the left and from the top, in percent


def draw_waiting_curve(curve: Sequence[tuple[timedelta, float]], target: timedelta) -> None:
    """Draw the share still waiting for a first ring, by the length of the wait.

    The target is a dotted line.
    """
    minutes = [0.0, *(at.total_seconds() / 60 for at, _share in curve)]
    shares = [1.0, *(share for _at, share in curve)]
    end = max(minutes[-1], target.total_seconds() / 60)
    line = [(_along(minutes[0], end), 0.0)]
    for at, (before, share) in zip(minutes[1:], pairwise(shares), strict=True):
        line += [(_along(at, end), 100 - 100 * before), (_along(at, end), 100 - 100 * share)]
    line.append((100, line[-1][1]))
    aim = _along(target.total_seconds() / 60, end)
    area = f'<path d="{_path([*line, (100, 100), (0, 100)])}" fill="{{main}}" opacity=".12"/>'
    dotted = _stroke([(aim, 0), (aim, 100)], "second", width=2, more='stroke-dasharray="3 4"')
    marks = [one for one in MINUTES if one <= end]
    rows = [
        {_("minutes since the request"): one, _("Still waiting for a first call"): f"{share:.0%}"}
        for one in marks
        for share in [_share_waiting(minutes, shares, one)]
    ]
    _draw_chart(
        area + _stroke(line, "main") + dotted,
        alt=_(
            "Share still waiting for a first call over time; {share} at the end.",
            share=f"{shares[-1]:.0%}",
        ),
        across=[(_along(one, end), f"{one:,}") for one in marks],
        up=[(100 - share, f"{share}%") for share in (0, 25, 50, 75, 100)],
        title=_("minutes since the request"),
        rows=rows,
    )


def draw_daily_percentiles(days: Mapping[date, CohortFigures]) -> None:
    """Draw, day by day, the time within which half and nine in ten people were rung.

    There is a gap where that was not reached.
    """
    lines = {
        _("median"): ("main", [one.attempt.p50 for one in days.values()]),
        "90%": ("second", [one.attempt.p90 for one in days.values()]),
        "95%": ("quiet", [one.attempt.p95 for one in days.values()]),
    }
    waits = [at.total_seconds() / 60 for _color, line in lines.values() for at in line if at]
    longest = max(waits, default=0)
    end = next((one for one in MINUTES[1:] if one >= longest), longest)
    step = (100 - 2 * MARGIN) / max(1, len(days) - 1)
    drawn = ""
    for color, line in reversed(lines.values()):
        points = [
            None if at is None else (MARGIN + n * step, 100 - _along(at.total_seconds() / 60, end))
            for n, at in enumerate(line)
        ]
        drawn += "".join(_stroke(run, color, is_dotted=True) for run in _runs(points))
    every = math.ceil(len(days) / MOST_DAY_LABELS)
    names = [dates.format_skeleton("MMMd", day, locale=viewer_locale()) for day in days]
    rows = [
        {_("day"): name}
        | {word: page_text.duration_text(line[n]) for word, (_color, line) in lines.items()}
        for n, name in enumerate(names)
    ]
    _draw_chart(
        drawn,
        alt=_("Minutes to first call by day: median, 90th and 95th percentile."),
        across=[(MARGIN + n * step, name) for n, name in enumerate(names) if n % every == 0],
        up=[(100 - _along(one, end), f"{one:,}") for one in MINUTES if one <= end],
        title=_("minutes"),
        legend={word: color for word, (color, _line) in lines.items()},
        rows=rows,
    )


def draw_hour_of_week_heatmap(
    hours: Mapping[tuple[int, int], CohortFigures],
) -> tuple[int, int] | None:
    """Draw when people asked, and what share of them was rung in time.

    Returns the (weekday, hour) that was pressed, Monday being 0.
    """
    names = dates.get_day_names("abbreviated", locale=viewer_locale())
    clock = [page_text.time_of_day_text(time(hour)) for hour in range(HOURS)]
    head = "".join(
        f'<th scope="colgroup" colspan="{HOURS_TOGETHER}">{escape(clock[hour])}</th>'
        for hour in range(0, HOURS, HOURS_TOGETHER)
    )
    body = "".join(
        f'<tr><th scope="row">{escape(names[day])}</th>'
        + "".join(
            _hour_cell(hours.get((day, hour)), f"{day}-{hour}", f"{names[day]} {clock[hour]}")
            for hour in range(HOURS)
        )
        + "</tr>"
        for day in range(DAYS_OF_WEEK)
    )
    title = escape(_("Service level by weekday and hour."))
    frame = f'<div class="plain-table heatmap" role="region" aria-label="{title}" tabindex="0">'
    html = (
        f"{frame}<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    pressed = in_browser.draw_pressable_html("week", html + _shares_legend())
    if pressed is None:
        return None
    day, hour = map(int, pressed.split("-"))
    return day, hour


def draw_funnel_chart(funnel: Mapping[str, Cohort]) -> None:
    """Draw how many people asked, were rung, talked to and helped."""
    asked = max(len(people) for people in funnel.values())
    rows = "".join(
        f"<div><span>{escape(_(name))}</span>"
        f'<i style="width:{100 * len(people) / asked:.1f}%;background:{_colors()["main"]}"></i>'
        f"<b>{len(people):,} ({len(people) / asked:.0%})</b></div>"
        for name, people in funnel.items()
    )
    st.html(f'<div class="funnel">{rows}</div>')


def sparkline_html(points: Sequence[float]) -> str:
    """Return a line without axes: the days of a figure, beside which it stands in numbers."""
    low, high = min(points), max(points)
    step, height = 100 / (len(points) - 1), (high - low) or 1
    line = [(n * step, 90 - 80 * (one - low) / height) for n, one in enumerate(points)]
    return f'<img class="sparkline" alt="" src="{_picture(_stroke(line, "main"))}">'


def _hour_cell(figures: CohortFigures | None, value: str, name: str) -> str:
    if figures is None or not figures.received:
        return "<td></td>"
    look, told = "", page_text.share_text(figures.in_time)
    if figures.in_time is not None:
        ground, ink = _shares()[min(4, int(5 * figures.in_time))]
        look = f' style="background:{ground};color:{ink}"'
    requests, on_time = _("requests"), _("on time")
    label = escape(f"{name}: {requests} {figures.received}, {on_time} {told}")
    return (
        f'<td><button type="button" value="{value}" aria-label="{label}" title="{label}"{look}>'
        f"{figures.received}</button></td>"
    )


def _shares_legend() -> str:
    swatches = "".join(
        f'<span style="background:{ground};color:{ink}">{20 * n}\u2013{20 * n + 20}%</span>'
        for n, (ground, ink) in enumerate(_shares())
    )
    on_time = escape(_("on time"))
    return f'<p class="chart-legend">{on_time} {swatches}</p>'


def _draw_chart(
    drawn: str,
    *,
    alt: str,
    across: Sequence[tuple[float, str]],
    up: Sequence[tuple[float, str]],
    title: str,
    rows: Sequence[Mapping[str, object]],
    legend: Mapping[str, str] | None = None,
) -> None:
    """Draw a picture with the labels of its axes around it, and its numbers below to be opened."""
    grid = "".join(
        f'<path d="M0 {y:.2f}H100" stroke="{{quiet}}" opacity=".35" stroke-width="1" '
        'vector-effect="non-scaling-stroke"/>'
        for y, _label in up
    )
    labels = "".join(f'<span class="up" style="top:{y:.2f}%">{escape(one)}</span>' for y, one in up)
    labels += "".join(
        f'<span class="across" style="left:{x:.2f}%">{escape(one)}</span>' for x, one in across
    )
    words = "".join(
        f'<span><i style="background:{_colors()[color]}"></i>{escape(word)}</span>'
        for word, color in (legend or {}).items()
    )
    plot = f'<img alt="{escape(alt)}" src="{_picture(grid + drawn)}">'
    table, opens = plain_table.plain_table_html(alt, rows), escape(_("Show as a table"))
    st.html(
        f'<figure class="chart"><p class="chart-legend">{words}{escape(title)}</p>'
        f'<div aria-hidden="true" class="axes">{labels}</div><div class="plot">{plot}</div>'
        f"<details><summary>{opens}</summary>{table}</details></figure>"
    )


def _picture(drawn: str) -> str:
    """Return an SVG as an address: HTML from the server may hold pictures, but no drawings."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" '
    svg = f'{head}preserveAspectRatio="none">{drawn.format_map(_colors())}</svg>'
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _stroke(
    points: Sequence[Point], color: str, *, width: int = 3, is_dotted: bool = False, more: str = ""
) -> str:
    look = (
        f'fill="none" stroke="{{{color}}}" stroke-linecap="round" stroke-linejoin="round" '
        'vector-effect="non-scaling-stroke"'
    )
    line = f'<path d="{_path(points)}" stroke-width="{width}" {look} {more}/>'
    dots = "".join(f"M{x:.2f} {y:.2f}h.01" for x, y in points) if is_dotted else ""
    return line + (f'<path d="{dots}" stroke-width="8" {look}/>' if dots else "")


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)


def _runs(points: Sequence[Point | None]) -> list[list[Point]]:
    """Return the points in runs that no gap interrupts."""
    runs: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _along(minutes: float, end: float) -> float:
    """Return how far along an axis of waits one is, in percent: short ones have more room."""
    return 100 * math.log1p(minutes / 5) / math.log1p(end / 5) if end else 0


def _share_waiting(minutes: Sequence[float], shares: Sequence[float], after: float) -> float:
    return next(
        share for at, share in reversed(list(zip(minutes, shares, strict=True))) if at <= after
    )


def _colors() -> dict[str, str]:
    return DARK if st.context.theme.type == "dark" else LIGHT


def _shares() -> tuple[tuple[str, str], ...]:
    return SHARES_DARK if st.context.theme.type == "dark" else SHARES_LIGHT
