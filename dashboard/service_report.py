"""The service report: how long people really waited, with those who still wait.

The answer stands on top; what is behind it is in parts, of which one is drawn. They are fragments:
a figure opens the very people that it counted, without reading the period again.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import page_reading, page_text, viewer, widgets
from dashboard.language import _
from dashboard.report import (
    call_figures,
    charts,
    filters,
    headline,
    inbound_section,
    report_downloads,
    tables,
    tiles,
)
from dashboard.report.shown_report import ShownReport, open_people_of_figure
from dashboard.report.tables import ReportContext
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.people.permissions import Permission
from leads.reporting import (
    breakdowns,
    call_statistics,
    drill_down,
    inbound_calls,
    metrics,
    service_report,
    waiting_now,
)
from leads.reporting.cohort import Cohort

READ_AT_ONCE = 20_000  # people whose calls are read unasked

page_reading.stop_unless_permitted(Permission.SEE_REPORT)


@widgets.in_stable_container
def draw_advisor_scope() -> None:
    """Draw which people a report counts that is about one advisor."""
    if chosen_advisor:
        scope_text = _(
            "Only people {name} was the first to call, and calls {name} made. People not "
            "called yet belong to no advisor and are counted only in the total. For "
            "coaching.",
            name=page_text.escape_markdown(context.advisors[chosen_advisor]),
        )
        st.info(scope_text, icon=":material/person:")


@st.fragment
def draw_current_waits() -> None:
    """Draw who waits longest now, and how many leads are in no queue: none, ever.

    It does not depend on the period.
    """
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="now"):
        waits = [page_text.time_since_text(row.received_at) for row in report.oldest]
        st.markdown(_("**Right now, for any period**"))
        button_text = _(
            "Longest time without a first call: {wait}",
            wait=waits[0] if waits else _("no one is waiting"),
        )
        if st.button(button_text, key="open oldest", type="tertiary", help=_("Show details")):
            tables.open_people_dialog(
                Phrase("Longest time without a first call"), report.oldest, context
            )
        button_text = _("Not in any queue: {count} (should be 0)", count=len(report.limbo))
        if st.button(
            button_text,
            key="open limbo",
            type="tertiary",
            help=_(waiting_now.list_limbo_leads.definition),
        ):
            tables.open_limbo_dialog(report.limbo)


def draw_inbound_calls() -> None:
    """Draw the calls that came in, beside the period before."""
    inbound_section.draw_inbound_section(inbound, inbound_before, zone)


def draw_wait_charts() -> None:
    """Draw how long people waited, and when they asked."""
    left, right = st.columns(2)
    with left:
        st.header(_("Still waiting for a first call"), anchor=False)
        charts.draw_waiting_curve(report.curve, report.question.target)
        st.caption(
            _("Kaplan-Meier: people still waiting count as waiting. The dotted line is the target.")
        )
    with right:
        st.header(_("Wait times by day"), anchor=False)
        charts.draw_daily_percentiles(report.days)
        st.caption(
            _(
                "Time to first call for each day's requests: median, 90th and 95th percentile. "
                "A gap means it was not reached."
            )
        )
    st.header(_("Requests by time, and who was called on time"), anchor=False)
    hour = charts.draw_hour_of_week_heatmap(report.hours)
    help_text = _(
        "In {zone} time. An empty cell means no requests, or none that count yet. "
        "Click a cell to see its people.",
        zone=page_text.zone_city(zone),
    )
    st.caption(help_text)
    if hour:
        people = breakdowns.people_in_hour_of_week(report, *hour)
        tables.open_people_dialog(breakdowns.name_hour_of_week(*hour), people, context)


def draw_outcomes() -> None:
    """Draw how far people came, what came of it, and what other reports say of that."""
    st.header(_(metrics.contact_funnel.label), anchor=False)
    funnel: dict[str, Cohort] = {
        name: people_by_figure[name] for name in drill_down.FUNNEL.values()
    }
    charts.draw_funnel_chart(funnel)
    with st.container(horizontal=True, key="funnel"):
        tables.draw_count_list("funnel", funnel, people_by_figure_before, context)
    st.caption(_(metrics.contact_funnel.definition))
    draw_outcome_lists()
    tiles.draw_naive_comparison(
        report, target, opens=lambda: open_people_of_figure(shown, drill_down.NOT_RUNG)
    )


def draw_outcome_lists() -> None:
    """Draw how fast people were rung, what came of it, and why we gave up.

    Each line opens its people.
    """
    with page_reading.page_reader() as session:
        before = drill_down.people_by_give_up_reason(session, report.earlier.people)
    lists: list[tuple[str, Any, Any, str]] = [
        (
            _(metrics.first_attempt_bands.label),
            drill_down.people_by_first_attempt_band(report.people),
            people_by_figure_before,
            _(metrics.first_attempt_bands.definition),
        ),
        (
            _(metrics.outcome_counts.label),
            drill_down.people_by_outcome(report.people),
            people_by_figure_before,
            _(metrics.outcome_counts.definition),
        ),
        (
            _("Closed without contact, and why"),
            reasons,
            before,
            _(metrics.given_up_callbacks.definition),
        ),
    ]
    for place, (heading, now_, then, meaning) in zip(st.columns(3), lists, strict=True):
        with place:
            st.header(heading, anchor=False, help=meaning)
            with st.container(gap=None, key=f"list {place}"):
                tables.draw_count_list(f"list {place}", now_, then, context)
            if not now_:
                st.write(_("None."))


def draw_breakdowns() -> None:
    """Draw the figures by where people came from, when they asked, and who rang them first."""
    st.header(_("Breakdown"), anchor=False)
    ways = {by.label: by for by in breakdowns.BREAKDOWNS}
    by = st.segmented_control(
        _("Show by"),
        list(ways),
        format_func=_,
        default=next(iter(ways)),
        required=True,
        label_visibility="collapsed",
    )
    # Where there are many calls, they are read only when the viewer asks.
    wants_calls = len(report.people) <= READ_AT_ONCE or st.toggle(_("Include calls"))
    with page_reading.page_reader() as session:
        calls = (
            service_report.read_call_statistics(session, question, now=now) if wants_calls else None
        )
        split = breakdowns.break_down_report(session, report, ways[by], calls)
        before = breakdowns.break_down_report(session, report.as_previous_period, ways[by])
    st.caption(_(ways[by].definition))
    tables.draw_breakdown_table(split, before, context)


def draw_calls() -> None:
    """Draw the calls of the period beside those of the one before."""
    st.header(_(call_statistics.read_advisor_calls.label), anchor=False)
    with page_reading.page_reader() as session:
        calls = service_report.read_call_statistics(session, question, now=now)
        before = service_report.read_call_statistics(
            session, question.previous_period, now=report.earlier.now
        )
    call_figures.draw_call_statistics(calls, before, context)


def draw_people_by_figure() -> None:
    """Draw the choice of a counted figure, and the people in it."""
    st.header(_("People in a figure"), anchor=False)
    every = {**people_by_figure, **reasons}
    chosen = st.selectbox(
        _("Figure"), list(every), format_func=lambda name: f"{_(name)}: {len(every[name])}"
    )
    tables.draw_people_table(chosen, every[chosen], context)


@st.fragment
def draw_report_parts() -> None:
    """Draw the parts of the report behind their names; only the open one is read and drawn."""
    parts = {
        _("Wait times"): draw_wait_charts,
        _("Outcomes"): draw_outcomes,
        _("Breakdown"): draw_breakdowns,
        _(call_statistics.read_advisor_calls.label): draw_calls,
        _("People in a figure"): draw_people_by_figure,
    }
    if inbound.rows and counts_inbound:
        parts[_(inbound_calls.inbound_received.label)] = draw_inbound_calls
    drawn = st.tabs(list(parts), key="part", on_change="rerun")
    for tab, draw in zip(drawn, parts.values(), strict=True):
        if tab.open:
            with tab:
                draw()


zone = viewer.viewer_zone()
st.title(_("Service report"), anchor=False)
question = filters.ask_report_question(zone)
target = str(st.session_state["target"])
chosen_advisor = question.only.advisor_id or 0
now = viewer.read_utc_clock()
with page_reading.page_reader() as page:
    me = page.get_one(Advisor, viewer.require_signed_in_advisor().advisor_id)
    report = service_report.read_service_report(page, question, me, now=now)
    context = ReportContext(
        question,
        now,
        service_report.source_display_names(page),
        call_statistics.advisor_display_names(page),
    )
    reasons = drill_down.people_by_give_up_reason(page, report.people)
    inbound = inbound_calls.read_inbound_calls(page, question)
    inbound_before = inbound_calls.read_inbound_calls(page, question.previous_period)
people_by_figure, people_by_figure_before = (
    drill_down.people_by_report_figure(report.standing),
    drill_down.people_by_report_figure(report.earlier),
)
shown = ShownReport(report, context, people_by_figure, people_by_figure_before, reasons, target)
# Of calls that came in nobody knows a campaign, a source or a first ring.
counts_inbound = not (chosen_advisor or question.only.campaign or question.only.source_id)
draw_current_waits()
draw_advisor_scope()

if len(report.people):
    headline.draw_headline_tiles(shown)
    if report.before.received:
        st.caption(
            _(
                "Changes are compared with the previous period of the same length, at the same "
                "point in time."
            )
        )
    draw_report_parts()
    report_downloads.draw_report_downloads(shown)
else:
    none_asked = _("No requests in this period ({zone}).", zone=page_text.zone_city(zone))
    st.info(none_asked, icon=":material/event_busy:")
    if counts_inbound:
        draw_inbound_calls()
