"""The service report: how long people really waited, those included who still wait."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import widgets
from leads import db, metrics, survival
from leads.metrics import Row

TARGETS = {1: "1 minute", 5: "5 minutes", 15: "15 minutes", 60: "1 hour"}

widgets.me()


def read() -> tuple[list[Row], datetime]:
    """Read the callbacks of the chosen day as they stand now."""
    now = widgets.now()
    start, end = metrics.day(day, zone)
    with db.reader() as session:
        return metrics.cohort(session, start=start, end=end, now=now), now


def definition(figure: Callable[..., object]) -> str:
    """Return a figure's definition: its docstring is what is computed."""
    return inspect.getdoc(figure) or ""


def draw_tiles() -> None:
    """The figures, each with its definition."""
    attempt = metrics.time_to_first_attempt(rows, now=now)
    contact = metrics.time_to_first_contact(rows, now=now)
    callable_wait = metrics.time_to_first_attempt_callable(rows, now=now)
    first, second = st.columns(4), st.columns(4)
    text = f"Rung within {TARGETS[minutes]}"
    first[0].metric(text, widgets.share(level.share), border=True, help=definition(metrics.service_level))
    first[0].caption(f"{len(level.hits)} of {len(level.hits) + len(level.misses)} counted")
    text = definition(metrics.time_to_first_attempt)
    first[1].metric("Half were rung within", widgets.spell(attempt.p50), border=True, help=text)
    first[1].caption(f"90 %: {widgets.spell(attempt.p90)} · 95 %: {widgets.spell(attempt.p95)}")
    text = definition(metrics.time_to_first_contact)
    first[2].metric("Half talked to within", widgets.spell(contact.p50), border=True, help=text)
    first[2].caption(f"90 %: {widgets.spell(contact.p90)} · 95 %: {widgets.spell(contact.p95)}")
    text = definition(metrics.contact_rate)
    first[3].metric("Talked to so far", widgets.share(metrics.contact_rate(rows)), border=True, help=text)
    text = definition(metrics.contact_probability)
    first[3].caption(f"Probability: {widgets.share(metrics.contact_probability(rows, now=now))}", help=text)
    text = definition(metrics.service_level_callable)
    second[0].metric("In time, callable", widgets.share(level_callable.share), border=True, help=text)
    text = definition(metrics.time_to_first_attempt_callable)
    second[1].metric("Half, callable", widgets.spell(callable_wait.p50), border=True, help=text)
    second[2].metric("Asked for help", len(rows), border=True)
    second[3].metric("Still open", sum(row.is_open for row in rows), border=True)


def draw_naive() -> None:
    """What a report that leaves out those who still wait would have said."""
    naive = metrics.naive_service_level(rows, target=target)
    half = metrics.naive_first_attempt(rows)
    if naive is not None:
        st.caption(
            f"Most reports leave out whoever still waits. Such a report would say: {widgets.share(naive)} rung within "
            f"{TARGETS[minutes]}, half within {widgets.spell(half)}."
        )


def draw_curve() -> None:
    """The share of people still waiting for a first ring, by how long they had waited."""
    points = survival.curve(metrics.waits(rows, "first_rung_at", now=now))
    steps = [{"minutes": 0.0, "share": 1.0}]
    steps += [{"minutes": at.total_seconds() / 60, "share": part} for at, part in points]
    spec = {
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 3},
        "encoding": {
            "x": {
                "field": "minutes",
                "type": "quantitative",
                "title": "minutes since they asked",
                "scale": {"type": "symlog", "constant": 5},
            },
            "y": {
                "field": "share",
                "type": "quantitative",
                "title": "still waiting for a first ring",
                "axis": {"format": "%"},
                "scale": {"domain": [0, 1]},
            },
        },
        "height": 240,
    }
    st.vega_lite_chart(steps, spec, width="stretch")


def figures() -> dict[str, Sequence[Row]]:
    """Return every counted figure with the people in it."""
    counted: dict[str, Sequence[Row]] = {
        "Rung in time": level.hits,
        "Rung late, or not when the target had passed": level.misses,
        "Still within the target": level.pending,
        "Withdrawn within the target (not counted)": level.excluded,
        "Asked for help": rows,
        "Still open": [row for row in rows if row.is_open],
    }
    counted |= {f"First ring {name}": found for name, found in metrics.bands(rows).items()}
    counted |= {
        f"Came of it: {o}": [r for r in rows if not r.is_open and r.outcome == o] for o in metrics.outcomes(rows)
    }
    return counted


def took(row: Row, happened_at: datetime | None, otherwise: str) -> str:
    """Show how long somebody waited for something."""
    return widgets.spell(happened_at - row.received_at) if happened_at else otherwise


def draw_rows() -> None:
    """The people behind a figure; the count is the figure."""
    counted = figures()
    chosen = st.selectbox("Figure", list(counted), format_func=lambda name: f"{name}: {len(counted[name])}")
    shown = [
        {
            "Asked": widgets.clock(row.received_at, zone),
            "First ring after": took(row, row.first_rung_at, "not rung"),
            "Talked after": took(row, row.first_conversation_at, "not yet"),
            "State": row.state.replace("_", " "),
            "Came of it": "" if row.is_open else row.outcome.replace("_", " "),
            "No.": row.callback_id,
        }
        for row in counted[chosen]
    ]
    if shown:
        st.dataframe(shown, hide_index=True, width="stretch")
    else:
        st.write("Nobody.")


zone = widgets.my_zone()
st.title("Service report", anchor=False)
left, right, _ = st.columns([1, 1, 2])
day = left.date_input("Requests received on", value=widgets.now().astimezone(ZoneInfo(zone)).date())
minutes = right.selectbox("Target for the first ring", list(TARGETS), index=1, format_func=TARGETS.__getitem__)
target = timedelta(minutes=minutes)
rows, now = read()
level = metrics.service_level(rows, target=target, now=now)
level_callable = metrics.service_level_callable(rows, target=target)

if not rows:
    st.info(f"Nobody asked for help on this day ({zone}).", icon=":material/event_busy:")
else:
    draw_tiles()
    draw_naive()
    draw_curve()
    st.subheader("The people behind a figure", anchor=False)
    draw_rows()
