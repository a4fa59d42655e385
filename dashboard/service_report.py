"""The service report: how long people really waited, with those who still wait.

The answer stands on top; what is behind it is in parts, of which one is drawn. They are fragments:
a figure opens the very people that it counted, without reading the period again.
"""

from __future__ import annotations

import functools
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import downloads, page_reading, page_text, viewer, widgets
from dashboard.language import _, viewer_language
from dashboard.report import call_figures, charts, filters, inbound_section, tables, tiles
from dashboard.report.tables import ReportContext
from dashboard.report.tiles import (
    delta_in_number,
    delta_in_points,
    delta_in_time,
    draw_report_tile,
    figure_by_day,
    length_in_minutes,
)
from leads.audit.audit_list import REPORT_RECORD
from leads.i18n.translatable import Phrase
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.advisors import Advisor
from leads.people.permissions import Permission
from leads.reporting import (
    breakdowns,
    call_statistics,
    cohort_csv,
    drill_down,
    inbound_calls,
    metrics,
    printable_report,
    service_report,
    waiting_now,
)
from leads.reporting.cohort import Cohort
from leads.reporting.figure_definition import Figure
from leads.reporting.survival_analysis import Percentiles

COUNT_TILES: dict[Figure[[Cohort], Cohort], str] = {
    metrics.people_received: "off",
    metrics.people_still_open: "inverse",
    metrics.people_not_rung: "inverse",
    metrics.given_up_callbacks: "inverse",
}
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
def draw_headline_tiles() -> None:
    """Draw the headline figures, each beside the period before and with its days."""
    whole, before, days = report.whole, report.before, report.days.values()
    first, second = st.columns(5), st.columns(5)
    with first[0]:
        draw_report_tile(
            metrics.service_level,
            page_text.share_text(whole.in_time),
            opens=lambda: open_people_of_figure(drill_down.IN_TIME),
            note=_("{some} of {all} counted", some=whole.hits, all=whole.hits + whole.misses),
            target=target,
            **delta_in_points(whole.in_time, before.in_time),
            days=figure_by_day(days, lambda day: day.in_time),
        )
    with first[1]:
        draw_wait_tile(metrics.time_to_first_attempt, "attempt", opens=drill_down.RUNG)
    with first[2]:
        draw_wait_tile(metrics.time_to_first_contact, "contact", opens=drill_down.TALKED)
    with first[3]:
        chance = page_text.share_text(report.contact_probability)
        draw_report_tile(
            metrics.contact_rate,
            page_text.share_text(whole.contact_rate),
            opens=lambda: open_people_of_figure(drill_down.TALKED),
            note=_(
                "{some} of {all} so far · {chance} expected",
                some=whole.reached,
                all=whole.received,
                chance=chance,
            ),
            **delta_in_points(whole.contact_rate, before.contact_rate),
            days=figure_by_day(days, lambda day: day.contact_rate),
        )
    for place, (figure, colour) in enumerate(COUNT_TILES.items()):
        with second[place]:
            draw_count_tile(figure, colour)
    draw_callable_time(first[4], second[4])


def draw_wait_tile(figure: Figure[..., Percentiles], name: str, *, opens: Phrase) -> None:
    """Draw the tile of a wait, which the field `name` of CohortFigures holds."""
    reached, was = getattr(report.whole, name), getattr(report.before, name)
    draw_report_tile(
        figure,
        page_text.duration_text(reached.p50),
        opens=lambda: open_people_of_figure(opens),
        note=slow_waits_note(reached),
        **delta_in_time(reached.p50, was.p50),
        days=figure_by_day(
            report.days.values(), lambda day: length_in_minutes(getattr(day, name).p50)
        ),
    )


def draw_count_tile(figure: Figure[[Cohort], Cohort], colour: str) -> None:
    """Draw the tile of a counted figure."""
    name = figure.label
    count = len(people_by_figure[name])
    # The period before in which nobody asked is nothing to compare with.
    earlier = len(people_by_figure_before[name]) if report.before.received else None
    draw_report_tile(
        figure,
        f"{count:,}",
        opens=lambda: open_people_of_figure(name),
        note=_("Show people"),
        **delta_in_number(count, earlier, colour=colour),
    )


def draw_callable_time(share: DeltaGenerator, wait: DeltaGenerator) -> None:
    """Draw the tiles of callable time, which leaves out the hours when a phone must not ring."""
    there, before = report.standing.callable_time, report.earlier.callable_time
    if there is None:
        return
    level, attempt = there.level, there.attempt
    with share:
        draw_report_tile(
            metrics.service_level_callable,
            page_text.share_text(level.share),
            opens=lambda: open_people_of_figure(drill_down.IN_TIME_CALLABLE),
            note=_(
                "{some} of {all} counted",
                some=len(level.hits),
                all=len(level.hits) + len(level.misses),
            ),
            **delta_in_points(level.share, before.level.share if before else None),
        )
    with wait:
        draw_report_tile(
            metrics.time_to_first_attempt_callable,
            page_text.duration_text(attempt.p50),
            opens=lambda: open_people_of_figure(drill_down.RUNG),
            note=slow_waits_note(attempt),
            **delta_in_time(attempt.p50, before.attempt.p50 if before else None),
        )


@st.fragment
def draw_current_waits() -> None:
    """Draw who waits longest now, and how many leads are in no queue: none, ever.

    It does not depend on the period.
    """
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="now"):
        waits = [page_text.time_since_text(row.received_at) for row in report.oldest]
        st.markdown(_("**Right now, for any period**"))
        button_text = _(
            "Longest wait for a first call: {wait}",
            wait=waits[0] if waits else _("no one is waiting"),
        )
        if st.button(button_text, key="open oldest", type="tertiary", help=_("Show details")):
            tables.open_people_dialog(
                Phrase("Longest wait for a first call"), report.oldest, context
            )
        button_text = _("Not in any queue: {count} (should be 0)", count=len(report.limbo))
        if st.button(
            button_text,
            key="open limbo",
            type="tertiary",
            help=_(waiting_now.list_limbo_leads.definition),
        ):
            tables.open_limbo_dialog(report.limbo)


def slow_waits_note(reached: Percentiles) -> str:
    """Return the note below a wait: its 90th and 95th percentile."""
    slow = {"90%": reached.p90} | ({"95%": reached.p95} if reached.p90 else {})
    parts = (f"{part}: {page_text.duration_text(length)}" for part, length in slow.items())
    return ", ".join(part.replace(" ", "\u00a0") for part in parts)  # a line ends between two


def open_people_of_figure(name: str) -> None:
    """Open the people that a figure counts."""
    tables.open_people_dialog(name, people_by_figure[name], context)


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
        report, target, opens=lambda: open_people_of_figure(drill_down.NOT_RUNG)
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


def draw_report_downloads() -> None:
    """Draw the report to keep: every row as CSV, and the page on paper.

    Both are made when they are asked for. They leave the building, so that whoever asks has to have
    confirmed lately that it is them.
    """
    if not page_reading.has_viewer_proof():
        widgets.draw_small_text(_("To download the report, confirm that it is you."))
        widgets.link_to_confirmation()
        return
    name = f"service-report-{question.first}-{question.last}"
    text = functools.partial(
        cohort_csv.render_cohort_csv,
        report.people,
        context.sources,
        zone=zone,
        language=viewer_language(),
    )
    printed = functools.partial(
        printable_report.render_printable_report,
        report,
        reasons=reasons,
        language=viewer_language(),
        advisor=context.advisors.get(chosen_advisor, ""),
    )
    subject = TrailSubject(REPORT_RECORD, f"{question.first}/{question.last}")
    with st.container(horizontal=True):
        downloads.draw_download_button(
            _("CSV, one row per person"),
            lambda _session, _advisor: text(),
            f"{name}.csv",
            subject,
            Permission.SEE_REPORT,
            icon=":material/table:",
        )
        downloads.draw_download_button(
            _("Printable page"),
            lambda _session, _advisor: printed(),
            f"{name}.html",
            subject,
            Permission.SEE_REPORT,
            icon=":material/print:",
        )


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
# Of calls that came in nobody knows a campaign, a source or a first ring.
counts_inbound = not (chosen_advisor or question.only.campaign or question.only.source_id)
draw_current_waits()
draw_advisor_scope()

if len(report.people):
    draw_headline_tiles()
    if report.before.received:
        st.caption(
            _(
                "Changes are compared with the previous period of the same length, at the same "
                "point in time."
            )
        )
    draw_report_parts()
    draw_report_downloads()
else:
    none_asked = _("No requests in this period ({zone}).", zone=page_text.zone_city(zone))
    st.info(none_asked, icon=":material/event_busy:")
    if counts_inbound:
        draw_inbound_calls()
