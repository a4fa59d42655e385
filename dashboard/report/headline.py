"""The report's headline: its main figures, each beside the period before and with its days."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import page_text
from dashboard.language import _
from dashboard.report.shown_report import ShownReport, open_people_of_figure
from dashboard.report.tiles import (
    delta_in_number,
    delta_in_points,
    delta_in_time,
    draw_report_tile,
    figure_by_day,
    length_in_minutes,
)
from leads.i18n.translatable import Phrase
from leads.reporting import drill_down, metrics
from leads.reporting.cohort import Cohort
from leads.reporting.figure_definition import Figure
from leads.reporting.survival_analysis import Percentiles

COUNT_TILES: dict[Figure[[Cohort], Cohort], str] = {
    metrics.people_received: "off",
    metrics.people_still_open: "inverse",
    metrics.people_not_rung: "inverse",
    metrics.given_up_callbacks: "inverse",
}


@st.fragment
def draw_headline_tiles(shown: ShownReport) -> None:
    """Draw the headline figures, each beside the period before and with its days."""
    whole, before, days = shown.report.whole, shown.report.before, shown.report.days.values()
    first, second = st.columns(5), st.columns(5)
    with first[0]:
        draw_report_tile(
            metrics.service_level,
            page_text.share_text(whole.in_time),
            opens=lambda: open_people_of_figure(shown, drill_down.IN_TIME),
            note=_("{some} of {all} counted", some=whole.hits, all=whole.hits + whole.misses),
            target=shown.target,
            **delta_in_points(whole.in_time, before.in_time),
            days=figure_by_day(days, lambda day: day.in_time),
        )
    with first[1]:
        draw_wait_tile(shown, metrics.time_to_first_attempt, "attempt", opens=drill_down.RUNG)
    with first[2]:
        draw_wait_tile(shown, metrics.time_to_first_contact, "contact", opens=drill_down.TALKED)
    with first[3]:
        chance = page_text.share_text(shown.report.contact_probability)
        draw_report_tile(
            metrics.contact_rate,
            page_text.share_text(whole.contact_rate),
            opens=lambda: open_people_of_figure(shown, drill_down.TALKED),
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
            draw_count_tile(shown, figure, colour)
    draw_callable_time(shown, first[4], second[4])


def draw_wait_tile(
    shown: ShownReport, figure: Figure[..., Percentiles], name: str, *, opens: Phrase
) -> None:
    """Draw the tile of a wait, which the field `name` of CohortFigures holds."""
    reached, was = getattr(shown.report.whole, name), getattr(shown.report.before, name)
    draw_report_tile(
        figure,
        page_text.duration_text(reached.p50),
        opens=lambda: open_people_of_figure(shown, opens),
        note=slow_waits_note(reached),
        **delta_in_time(reached.p50, was.p50),
        days=figure_by_day(
            shown.report.days.values(), lambda day: length_in_minutes(getattr(day, name).p50)
        ),
    )


def draw_count_tile(shown: ShownReport, figure: Figure[[Cohort], Cohort], colour: str) -> None:
    """Draw the tile of a counted figure."""
    name = figure.label
    count = len(shown.people[name])
    # The period before in which nobody asked is nothing to compare with.
    earlier = len(shown.people_before[name]) if shown.report.before.received else None
    draw_report_tile(
        figure,
        f"{count:,}",
        opens=lambda: open_people_of_figure(shown, name),
        note=_("Show people"),
        **delta_in_number(count, earlier, colour=colour),
    )


def draw_callable_time(shown: ShownReport, share: DeltaGenerator, wait: DeltaGenerator) -> None:
    """Draw the tiles of callable time, which leaves out the hours when a phone must not ring."""
    there, before = shown.report.standing.callable_time, shown.report.earlier.callable_time
    if there is None:
        return
    level, attempt = there.level, there.attempt
    with share:
        draw_report_tile(
            metrics.service_level_callable,
            page_text.share_text(level.share),
            opens=lambda: open_people_of_figure(shown, drill_down.IN_TIME_CALLABLE),
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
            opens=lambda: open_people_of_figure(shown, drill_down.RUNG),
            note=slow_waits_note(attempt),
            **delta_in_time(attempt.p50, before.attempt.p50 if before else None),
        )


def slow_waits_note(reached: Percentiles) -> str:
    """Return the note below a wait: its 90th and 95th percentile."""
    slow = {"90%": reached.p90} | ({"95%": reached.p95} if reached.p90 else {})
    parts = (f"{part}: {page_text.duration_text(length)}" for part, length in slow.items())
    return ", ".join(part.replace(" ", "\u00a0") for part in parts)  # a line ends between two
