"""The service report's charts, as Vega-Lite specifications in the page's own colors.

`alt` tells in words what a chart shows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

import streamlit as st
from babel import dates

from dashboard import widgets
from dashboard.language import _, viewer_locale
from leads.reporting.cohort import Cohort
from leads.reporting.trends import DAYS_OF_WEEK, HOURS, CohortFigures

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


def draw_waiting_curve(curve: list[tuple[timedelta, float]], target: timedelta) -> None:
    """Draw the share still waiting for a first ring, by the length of the wait.

    The target is a dotted line.
    """
    points = [{"minutes": 0.0, "share": 1.0}]
    points += [{"minutes": at.total_seconds() / 60, "share": share} for at, share in curve]
    alt_text = _(
        "Share still waiting for a first call over time; {share} at the end.",
        share=f"{points[-1]['share']:.0%}",
    )
    st.vega_lite_chart(points, _waiting_curve_spec(target), width="stretch", alt=alt_text)


def draw_daily_percentiles(days: dict[date, CohortFigures]) -> None:
    """Draw, day by day, the time within which half and nine in ten people were rung.

    There is a gap where that was not reached.
    """
    half = _("median")
    points = [
        {"day": day.isoformat(), "share": name, "minutes": at.total_seconds() / 60}
        for day, figures in days.items()
        for name, at in (
            (half, figures.attempt.p50),
            ("90%", figures.attempt.p90),
            ("95%", figures.attempt.p95),
        )
        if at is not None
    ]
    st.vega_lite_chart(
        points,
        _daily_percentiles_spec(half),
        width="stretch",
        alt=_("Minutes to first call by day: median, 90th and 95th percentile."),
    )


def draw_hour_of_week_heatmap(
    hours: dict[tuple[int, int], CohortFigures],
) -> tuple[int, int] | None:
    """Draw when people asked, and what share of them was rung in time.

    Returns the (weekday, hour) that was pressed, Monday being 0.
    """
    names = dates.get_day_names("abbreviated", locale=viewer_locale())
    clock = [widgets.time_of_day_text(time(hour)) for hour in range(HOURS)]
    cells = [
        {
            "weekday": weekday,
            "hour": hour,
            "time": clock[hour],
            "day": names[weekday],
            "share": figures.in_time,
            "asked": figures.received,
            "told": widgets.share_text(figures.in_time),
        }
        for (weekday, hour), figures in hours.items()
    ]
    event: Any = st.vega_lite_chart(
        cells,
        _hour_of_week_spec([names[weekday] for weekday in range(DAYS_OF_WEEK)], clock),
        width="stretch",
        alt=_("Service level by weekday and hour."),
        on_select="rerun",
        key="week",
    )
    pressed = event.selection.get("pressed") or []
    return next(((int(one["weekday"]), int(one["hour"])) for one in pressed if "hour" in one), None)


def draw_funnel_chart(funnel: Mapping[str, Cohort]) -> None:
    """Draw how many people asked, were rung, talked to and helped."""
    asked = max(len(people) for people in funnel.values())
    steps = [
        {
            "step": _(name),
            "people": len(people),
            "label": f"{len(people):,}  ({len(people) / asked:.0%})",
        }
        for name, people in funnel.items()
    ]
    steps_text = ", ".join(f"{step['step']} {step['label']}" for step in steps)
    spec = _funnel_spec(asked, [_(name) for name in funnel])
    st.vega_lite_chart(steps, spec, width="stretch", alt=_("Funnel: {steps}.", steps=steps_text))


def _waiting_curve_spec(target: timedelta) -> dict[str, Any]:
    axis = {
        "scale": {"type": "symlog", "constant": 5},
        "title": _("minutes since the request"),
        "type": "quantitative",
        "axis": {"values": MINUTES},
    }
    steps = {"interpolate": "step-after", "color": _theme_color("main")}
    marks = (
        {"type": "area", "opacity": 0.12, **steps},
        {"type": "line", "strokeWidth": 3, **steps},
    )
    share = {
        "field": "share",
        "type": "quantitative",
        "title": None,
        "axis": {"format": "%"},
        "scale": {"domain": [0, 1]},
    }
    rule = {
        "type": "rule",
        "aria": False,  # the target is said above and below the chart
        "strokeDash": [3, 4],
        "strokeWidth": 1.5,
        "color": _theme_color("second"),
    }
    return {
        "height": 260,
        "layer": [
            {"mark": mark, "encoding": {"x": {"field": "minutes", **axis}, "y": share}}
            for mark in marks
        ]
        + [
            {
                "mark": rule,
                "encoding": {"x": {"datum": target.total_seconds() / 60, "type": "quantitative"}},
            }
        ],
    }


def _daily_percentiles_spec(half: str) -> dict[str, Any]:
    colours = {
        "domain": [half, "90%", "95%"],
        "range": [_theme_color("main"), _theme_color("second"), _theme_color("quiet")],
    }
    return {
        "height": 260,
        "mark": {"type": "line", "point": {"size": 50}, "strokeWidth": 2.5},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "timeUnit": "utcyearmonthdate",
                "title": None,
                "axis": {"tickCount": 6, "format": _("%b %-d")},
                "scale": {"type": "utc"},
            },
            "y": {
                "field": "minutes",
                "type": "quantitative",
                "title": _("minutes"),
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


def _hour_of_week_spec(days: list[str], clock: list[str]) -> dict[str, Any]:
    fields = {"day": _("day"), "time": _("hour"), "asked": _("requests"), "told": _("on time")}
    return {
        "height": 320,
        "params": [{"name": "pressed", "select": {"type": "point", "fields": ["weekday", "hour"]}}],
        "mark": {"type": "rect", "cornerRadius": 3, "cursor": "pointer"},
        "encoding": {
            "x": {
                "field": "hour",
                "type": "ordinal",
                "scale": {"domain": list(range(HOURS)), "paddingInner": 0.08},
                "title": _("hour of the day"),
                "axis": {
                    "labelAngle": 0,
                    "labelOverlap": True,
                    "labelExpr": f"{json.dumps(clock)}[datum.value]",
                },
            },
            "y": {
                "field": "day",
                "type": "ordinal",
                "sort": days,
                "scale": {"domain": days, "paddingInner": 0.08},
                "title": None,
            },
            "color": {
                "field": "share",
                "type": "quantitative",
                "scale": {"domain": [0, 1], "range": [_theme_color("low"), _theme_color("high")]},
                "legend": {
                    "format": "%",
                    "title": _("on time"),
                    "orient": "top",
                    "gradientLength": 160,
                },
            },
            "tooltip": [
                {"field": name, "title": title, "type": "nominal"} for name, title in fields.items()
            ],
        },
    }


def _funnel_spec(asked: int, order: list[str]) -> dict[str, Any]:
    along = {
        "field": "people",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, asked * 1.5]},
    }
    down = {
        "field": "step",
        "type": "ordinal",
        "sort": order,
        "title": None,
        "axis": {"labelFontSize": 14, "labelLimit": 260, "ticks": False, "domain": False},
    }
    text = {"type": "text", "align": "left", "dx": 8, "fontSize": 14, "color": _theme_color("ink")}
    return {
        "height": 230,
        "layer": [
            {
                "mark": {
                    "type": "bar",
                    "cornerRadiusEnd": 4,
                    "color": _theme_color("main"),
                    "height": {"band": 0.62},
                }
            },
            {"mark": text, "encoding": {"text": {"field": "label"}}},
        ],
        "encoding": {"x": along, "y": down},
    }


def _theme_color(name: str) -> str:
    return (DARK if st.context.theme.type == "dark" else LIGHT)[name]
