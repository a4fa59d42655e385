"""The service report's pictures, as Vega-Lite specifications in the page's own colours; `alt` tells them in words."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from leads.cohort import Cohort
from leads.trends import Figures

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LIGHT = {
    "main": "#0f5c4d",
    "second": "#b4690e",
    "quiet": "#8a948e",
    "low": "#f3e3d3",
    "high": "#0f5c4d",
    "ink": "#1c2521",
}
DARK = {
    "main": "#6fc7b1",
    "second": "#f0a35e",
    "quiet": "#8d9993",
    "low": "#3a2c20",
    "high": "#55b39b",
    "ink": "#e9eeeb",
}
MINUTES = [0, 1, 5, 15, 60, 240, 1440, 5760]  # where an axis of waits has its marks
STEPS = ("received", "rung", "reached", "helped")


def draw_curve(curve: list[tuple[timedelta, float]], target: timedelta) -> None:
    """The share still waiting for a first ring, by how long they had waited; the target as a dotted line."""
    points = [{"minutes": 0.0, "share": 1.0}]
    points += [{"minutes": at.total_seconds() / 60, "share": share} for at, share in curve]
    axis = {
        "scale": {"type": "symlog", "constant": 5},
        "title": "minutes since they asked",
        "type": "quantitative",
        "axis": {"values": MINUTES},
    }
    step = {"type": "line", "interpolate": "step-after", "strokeWidth": 3, "color": _colour("main")}
    area = {"type": "area", "interpolate": "step-after", "opacity": 0.12, "color": _colour("main")}
    share = {
        "field": "share",
        "type": "quantitative",
        "title": None,
        "axis": {"format": "%"},
        "scale": {"domain": [0, 1]},
    }
    rule = {"type": "rule", "strokeDash": [3, 4], "strokeWidth": 1.5, "color": _colour("second")}
    spec = {
        "height": 260,
        "layer": [{"mark": mark, "encoding": {"x": {"field": "minutes", **axis}, "y": share}} for mark in (area, step)]
        + [{"mark": rule, "encoding": {"x": {"datum": target.total_seconds() / 60, "type": "quantitative"}}}],
    }
    left = f"{points[-1]['share']:.0%} still waiting at the end"
    st.vega_lite_chart(points, spec, width="stretch", alt=f"Share still waiting for a first ring over time; {left}.")


def draw_percentiles(days: dict[date, Figures]) -> None:
    """Day by day, the time within which half and nine in ten were rung; a gap where it was not reached."""
    points = [
        {"day": day.isoformat(), "share": name, "minutes": at.total_seconds() / 60}
        for day, figures in days.items()
        for name, at in (("half", figures.attempt.p50), ("90 %", figures.attempt.p90))
        if at is not None
    ]
    colours = {"domain": ["half", "90 %"], "range": [_colour("main"), _colour("second")]}
    spec = {
        "height": 260,
        "mark": {"type": "line", "point": {"size": 50}, "strokeWidth": 2.5},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "timeUnit": "utcyearmonthdate",
                "title": None,
                "axis": {"tickCount": 6, "format": "%b %-d"},
                "scale": {"type": "utc"},
            },
            "y": {
                "field": "minutes",
                "type": "quantitative",
                "title": "minutes",
                "scale": {"type": "symlog", "constant": 1},
            },
            "color": {
                "field": "share",
                "type": "nominal",
                "title": None,
                "scale": colours,
                "legend": {"orient": "top"},
            },
        },
    }
    st.vega_lite_chart(points, spec, width="stretch", alt="Minutes until half and nine in ten were rung, by day.")


def draw_week(hours: dict[tuple[int, int], Figures]) -> None:
    """When people asked, and what share of them was rung in time: weekday by hour."""
    cells = [
        {
            "day": DAYS[weekday],
            "hour": hour,
            "asked": figures.received,
            "share": figures.in_time,
            "in time": "nobody counts yet" if figures.in_time is None else f"{figures.in_time:.0%}",
        }
        for (weekday, hour), figures in hours.items()
    ]
    scale = {"domain": [0, 1], "range": [_colour("low"), _colour("high")]}
    spec = {
        "height": 320,
        "mark": {"type": "rect", "cornerRadius": 3},
        "encoding": {
            "x": {
                "field": "hour",
                "type": "ordinal",
                "scale": {"domain": list(range(24)), "paddingInner": 0.08},
                "title": "hour of the day",
                "axis": {"labelAngle": 0, "labelOverlap": True},
            },
            "y": {
                "field": "day",
                "type": "ordinal",
                "sort": list(DAYS),
                "scale": {"domain": list(DAYS), "paddingInner": 0.08},
                "title": None,
            },
            "color": {
                "field": "share",
                "type": "quantitative",
                "scale": scale,
                "legend": {"format": "%", "title": "in time", "orient": "top", "gradientLength": 160},
            },
            "tooltip": [{"field": name, "type": "nominal"} for name in ("day", "hour", "asked", "in time")],
        },
    }
    st.vega_lite_chart(cells, spec, width="stretch", alt="Share rung in time by weekday and hour.")


def draw_funnel(funnel: dict[str, Cohort]) -> None:
    """How many were received, rung, reached and helped."""
    counts = {name: len(people) for name, people in funnel.items()}
    steps = [{"step": name, "people": counts[name], "label": _label(counts, name)} for name in STEPS]
    along = {
        "field": "people",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, counts["received"] * 1.3]},
    }
    down = {
        "field": "step",
        "type": "ordinal",
        "sort": list(STEPS),
        "title": None,
        "axis": {"labelFontSize": 14, "ticks": False, "domain": False},
    }
    text = {"type": "text", "align": "left", "dx": 8, "fontSize": 14, "color": _colour("ink")}
    spec = {
        "height": 230,
        "layer": [
            {"mark": {"type": "bar", "cornerRadiusEnd": 4, "color": _colour("main"), "height": {"band": 0.62}}},
            {"mark": text, "encoding": {"text": {"field": "label"}}},
        ],
        "encoding": {"x": along, "y": down},
    }
    told = ", ".join(f"{step['step']} {step['label']}" for step in steps)
    st.vega_lite_chart(steps, spec, width="stretch", alt=f"Funnel: {told}.")


def _label(counts: dict[str, int], name: str) -> str:
    return f"{counts[name]:,}  ({counts[name] / counts['received']:.0%})"


def _colour(name: str) -> str:
    return (DARK if st.context.theme.type == "dark" else LIGHT)[name]
