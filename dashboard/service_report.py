"""The service report: how long people really waited, those included who still wait."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import report_charts, report_tables, widgets
from leads import db, metrics, overview, paper
from leads.cohort import Only
from leads.overview import Question
from leads.trends import Figures

TARGETS = {"1 minute": 1, "5 minutes": 5, "15 minutes": 15, "1 hour": 60}
EVERY = "all"
DAYS = 7
PARTS = {"Source": overview.by_source, "Helpline": overview.by_helpline, "Campaign": overview.by_campaign}

COUNTS = {
    "Asked for help": overview.asked,
    "Still open": overview.still_open,
    "Not rung so far": overview.not_rung,
    "Given up by us": metrics.abandoned,
}
AGO = "than the period before, as it stood then"
WRITTEN_AT_ONCE = 2_000  # people whose rows are written unasked
READ_AT_ONCE = 20_000  # people whose calls are read unasked

widgets.me()


def ask() -> Question:
    """The filters; what is chosen is in the address, so that a report can be sent to a colleague."""
    today = widgets.now().astimezone(ZoneInfo(zone)).date()
    with db.reader() as session:
        brands, sources = overview.brand_names(session), overview.source_names(session)
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        first = st.date_input(
            "From", value=today - timedelta(days=DAYS - 1), key="from", bind="query-params", width=140
        )
        last = st.date_input("To", value=today, key="to", bind="query-params", width=140)
        minutes = st.selectbox("Target", list(TARGETS), index=1, key="target", bind="query-params", width=130)
        brand, source = EVERY, EVERY
        if len(brands) > 1:
            brand = st.selectbox("Helpline", [EVERY, *brands], key="brand", bind="query-params", width=180)
        if len(sources) > 1:
            names = [EVERY, *dict.fromkeys(sources.values())]
            source = st.selectbox("Source", names, key="source", bind="query-params", width=180)
        campaign = st.text_input("Campaign", placeholder="any", key="campaign", bind="query-params", width=130)
    number = next((key for key, name in sources.items() if name == source), None)
    only = Only("" if brand == EVERY else brand, number, campaign.strip())
    return Question(first, max(first, last), zone, timedelta(minutes=TARGETS[minutes]), only)


def definition(figure: Callable[..., object]) -> str:
    """Return a figure's definition: its docstring is what is computed."""
    return inspect.getdoc(figure) or ""


def draw_tile(label: str, value: str, *, opens: str, note: str, figure: Callable[..., object], **look: Any) -> None:
    """One figure: its definition on the question mark, and the people it counts behind the line below it."""
    with st.container(border=True, height="stretch", gap="xsmall", key=f"tile {label}"):
        st.metric(label, value, help=definition(figure), **look)
        if st.button(note, key=f"open {label}", type="tertiary", help="Show the people behind it"):
            open_people(opens)


def draw_tiles() -> None:
    """The headline figures, each beside the period before and with its days."""
    whole, before = report.whole, report.before
    first, second = st.columns(4), st.columns(4)
    with first[0]:
        draw_tile(
            f"Rung within {st.session_state['target']}",
            widgets.share(whole.in_time),
            opens="Rung in time",
            note=f"{whole.hits} of {whole.hits + whole.misses} counted",
            figure=metrics.service_level,
            **in_points(whole.in_time, before.in_time),
            **sparkline(lambda day: day.in_time),
        )
    with first[1]:
        draw_wait("Half were rung within", "attempt", opens="Rung", figure=metrics.time_to_first_attempt)
    with first[2]:
        draw_wait("Half talked to within", "contact", opens="Talked to", figure=metrics.time_to_first_contact)
    with first[3]:
        draw_tile(
            "Talked to so far",
            widgets.share(whole.contact_rate),
            opens="Talked to",
            note=f"{whole.reached} of {whole.received} · probability {widgets.share(report.contact_probability)}",
            figure=metrics.contact_rate,
            **in_points(whole.contact_rate, before.contact_rate),
            **sparkline(lambda day: day.contact_rate),
        )
    counted = report.counted
    for place, (name, counts) in enumerate(COUNTS.items()):
        with second[place]:
            draw_tile(name, f"{len(counted[name]):,}", opens=name, note="Show them", figure=counts)


def draw_wait(label: str, name: str, *, opens: str, figure: Callable[..., object]) -> None:
    """How long people waited for something, which `name` is called in the figures."""
    reached, was = getattr(report.whole, name), getattr(report.before, name)
    draw_tile(
        label,
        widgets.spell(reached.p50),
        opens=opens,
        note=f"90 %: {widgets.spell(reached.p90)} · 95 %: {widgets.spell(reached.p95)}",
        figure=figure,
        **in_time(reached.p50, was.p50),
        **sparkline(lambda day: minutes(getattr(day, name).p50)),
    )


def draw_state() -> None:
    """How things stand now, whatever the period."""
    oldest = f"{widgets.ago(report.oldest_open_at)} ago" if report.oldest_open_at else "nobody waits"
    told = f"**Now:** longest waiting for a first ring: {oldest}. In no queue: {report.limbo} (always 0)."
    if report.callable_time:
        half, share = report.callable_time
        told += (
            f" **In callable time**, from what we promised and without the hours in which a phone must not ring: half "
            f"within {widgets.spell(half)}, {widgets.share(share)} in time."
        )
    st.caption(told)


def in_points(share: float | None, before: float | None) -> dict[str, Any]:
    """The difference to the period before, in percentage points."""
    if share is None or before is None:
        return {}
    return {"delta": f"{100 * (share - before):+.0f} points", "delta_description": AGO}


def in_time(length: timedelta | None, before: timedelta | None) -> dict[str, Any]:
    """The difference to the period before, where more is worse."""
    if length is None or before is None or length == before:
        return {}
    sign = "+" if length > before else "-"
    told = f"{sign}{widgets.spell(abs(length - before))}"
    return {"delta": told, "delta_color": "inverse", "delta_description": AGO}


def sparkline(figure: Callable[[Figures], float | None]) -> dict[str, Any]:
    """The figure day by day; days without it are left out."""
    points = [point for day in report.days.values() if (point := figure(day)) is not None]
    return {"chart_data": points, "chart_type": "line"} if len(points) > 1 else {}


def minutes(length: timedelta | None) -> float | None:
    """A length as a chart draws it."""
    return None if length is None else length.total_seconds() / 60


@st.dialog("The people behind the figure", width="large")
def open_people(name: str) -> None:
    """The rows that a tile counts."""
    people = report.counted[name]
    st.write(f"**{name}: {len(people):,}**")
    report_tables.draw_people(people, sources, zone=zone, now=now)


def draw_naive() -> None:
    """What a report that leaves out those who still wait would have said."""
    naive = report.naive
    if naive.in_time is None:
        return
    st.subheader("What most reports would say", anchor=False)
    half, share, whole = "Half were rung within", f"Rung within {st.session_state['target']}", report.whole
    st.caption(
        f"Most reports leave out whoever was not rung: here {len(naive.left_out):,} of {len(report.people):,} people. "
        f"{definition(metrics.naive_first_attempt)}"
    )
    said = [
        {"": half, "Most reports": widgets.spell(naive.half), "This one": widgets.spell(whole.attempt.p50)},
        {"": share, "Most reports": widgets.share(naive.in_time), "This one": widgets.share(whole.in_time)},
    ]
    st.table(said)


def draw_pictures() -> None:
    """How long people waited, when they asked, and how far they came."""
    left, right = st.columns(2)
    with left:
        st.subheader("Still waiting for a first ring", anchor=False)
        report_charts.draw_curve(report.curve, report.question.target)
        st.caption("Kaplan-Meier: who still waits counts as waiting. The dotted line is the target.")
        st.subheader("When they asked, and who was rung in time", anchor=False)
        report_charts.draw_week(report.hours)
        st.caption(f"By the clock of {zone}. An empty field: nobody asked, or nobody counts yet.")
    with right:
        st.subheader("Waits, day by day", anchor=False)
        report_charts.draw_percentiles(report.days)
        st.caption("Until half, and nine in ten, of a day's people were rung. A gap: not reached.")
        st.subheader("From the form to help", anchor=False)
        report_charts.draw_funnel(report.funnel)
        st.caption(definition(metrics.funnel))


def draw_parts() -> None:
    """The same figures by source, helpline or campaign."""
    st.subheader("By where they came from", anchor=False)
    by = st.segmented_control("Show by", list(PARTS), default="Source", required=True, label_visibility="collapsed")
    with db.reader() as session:
        found = PARTS[by](session, report)
    report_tables.draw_parts(found)


def draw_calls() -> None:
    """What the calls took, and how advisors' time went."""
    st.subheader("Calls and advisors", anchor=False)
    if not st.toggle("Read the calls too", value=len(report.people) <= READ_AT_ONCE, key="calls", bind="query-params"):
        return
    with db.reader() as session:
        found = overview.calls(session, report.question, now=now)
    report_tables.draw_calls(found)


def draw_people() -> None:
    """Every counted figure, and the people in it."""
    st.subheader("The people behind a figure", anchor=False)
    counted = report.counted
    chosen = st.selectbox("Figure", list(counted), format_func=lambda name: f"{name}: {len(counted[name])}")
    report_tables.draw_people(counted[chosen], sources, zone=zone, now=now)


def draw_downloads() -> None:
    """The report to keep: every row as CSV, and the page on paper. Many rows are written only when asked for."""
    name = f"service-report-{report.question.first}-{report.question.last}"
    if len(report.people) > WRITTEN_AT_ONCE and not st.button("Write the files", icon=":material/description:"):
        return
    text = overview.sheet(report.people, sources, zone=zone)
    printed = paper.render(report)
    with st.container(horizontal=True):
        st.download_button(
            "CSV, one line for each person", text, f"{name}.csv", "text/csv", on_click="ignore", icon=":material/table:"
        )
        st.download_button(
            "A page to print", printed, f"{name}.html", "text/html", on_click="ignore", icon=":material/print:"
        )


zone = widgets.my_zone()
st.title("Service report", anchor=False)
question = ask()
now = widgets.now()
with db.reader() as reading:
    report = overview.read(reading, question, now=now)
    sources = overview.source_names(reading)

if len(report.people):
    draw_tiles()
    draw_state()
    draw_pictures()
    draw_naive()
    draw_parts()
    draw_calls()
    draw_people()
    draw_downloads()
else:
    st.info(f"Nobody asked for help in these days ({zone}).", icon=":material/event_busy:")
    draw_state()
