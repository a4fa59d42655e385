"""The service report's tables: people behind a figure, calls, lists of counts, a period's parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from dashboard import page_text, plain_table
from dashboard.language import _
from dashboard.plain_table import PressableCell
from leads.i18n.translatable import Phrase
from leads.models.labels import RESULT_TITLES
from leads.reporting import calendar_days, call_statistics, drill_down, metrics, waiting_now
from leads.reporting.breakdowns import BreakdownPart
from leads.reporting.close_reasons import OptOuts
from leads.reporting.cohort import Cohort, CohortRow
from leads.reporting.service_report import ReportQuestion

MOST_SHOWN = 1_000  # lines that anybody reads; the CSV has them all
BEFORE = Phrase("{figure}, previous")


@dataclass(frozen=True)
class ReportContext:
    """What a report's tables need to show rows.

    It is the names of sources and advisors, the viewer's zone, and the instant.
    """

    question: ReportQuestion
    now: datetime
    sources: dict[int, str]
    advisors: dict[int, str]

    @property
    def zone(self) -> str:
        """The viewer's zone."""
        return self.question.zone


def open_people_dialog(name: str, people: Cohort, context: ReportContext) -> None:
    """Open a window with the people behind a figure."""
    _open_large_dialog(_("People in this figure"), lambda: draw_people_table(name, people, context))


def open_calls_dialog(
    name: str, calls: call_statistics.CallColumns, context: ReportContext
) -> None:
    """Open a window with the calls behind a figure."""
    _open_large_dialog(_("Calls in this figure"), lambda: draw_calls_table(name, calls, context))


def open_opt_outs_dialog(name: str, stops: OptOuts, context: ReportContext) -> None:
    """Open a window with every "stop" of the period, without a number."""
    _open_large_dialog(
        _("Calls in this figure"),
        lambda: _draw_figure_table(name, len(stops.each), _opt_out_table_rows(stops, context)),
    )


def open_limbo_dialog(numbers: Sequence[int]) -> None:
    """Open a window with the leads that are in no queue, by their ids."""
    lines = [{_("Lead"): number} for number in numbers[:MOST_SHOWN]]
    _open_large_dialog(
        _("People in this figure"),
        lambda: _draw_figure_table(waiting_now.list_limbo_leads.label, len(numbers), lines),
    )


def open_figure_dialog(name: str, count: int, lines: Sequence[Mapping[str, object]]) -> None:
    """Open a window with the calls behind a figure, as lines that are made."""
    _open_large_dialog(_("Calls in this figure"), lambda: _draw_figure_table(name, count, lines))


def draw_people_table(name: str, people: Cohort, context: ReportContext) -> None:
    """Draw one line for each person, without names and numbers."""
    _draw_figure_table(
        name, len(people), [_person_table_row(row, context) for row in people[:MOST_SHOWN]]
    )


def draw_calls_table(name: str, calls: call_statistics.CallColumns, context: ReportContext) -> None:
    """Draw one line for each call."""
    _draw_figure_table(name, len(calls), _call_table_rows(calls[:MOST_SHOWN], context))


def draw_count_list(
    key: str,
    people_by_figure: Mapping[str, Cohort],
    before: Mapping[str, Cohort],
    context: ReportContext,
) -> None:
    """Draw one line for each figure of a list: its count, the period before, and its people."""
    for name, people in people_by_figure.items():
        then = len(before[name]) if name in before else 0
        text = _(
            "{name}: **{count}** (previously {then})",
            name=page_text.escape_markdown(_(name)),
            count=len(people),
            then=then,
        )
        if st.button(text, key=f"{key} {name}", type="tertiary"):
            open_people_dialog(name, people, context)


def draw_breakdown_table(
    parts: Sequence[BreakdownPart], earlier: Sequence[BreakdownPart], context: ReportContext
) -> None:
    """Draw one line for each part of a breakdown; a click on a figure opens its people."""
    then = {part.name: part for part in earlier}
    lines = [_breakdown_table_row(n, part, then.get(part.name)) for n, part in enumerate(parts)]
    pressed = plain_table.draw_pressable_table("parts", _("Figures by group"), lines)
    st.caption(_("Click a figure to see its people."))
    if pressed:
        row, column = map(int, pressed.split("-"))
        _open_breakdown_cell(parts[row], [*COLUMNS.values()][column][1], context)


def _open_breakdown_cell(part: BreakdownPart, name: Phrase, context: ReportContext) -> None:
    heading = Phrase("{part}, {figure}", part=part.name, figure=name)
    if name == TRIES and part.tries is not None:
        open_calls_dialog(heading, part.tries[part.tries.talked], context)
    else:
        people = drill_down.people_by_part_figure(
            part.people, target=context.question.target, now=context.now
        )
        open_people_dialog(heading, people.get(name, part.people), context)


TRIES = call_statistics.connect_rate.label
COLUMNS: dict[Phrase, tuple[Callable[[BreakdownPart], object], Phrase]] = {
    Phrase("Name"): (lambda part: _(part.name), drill_down.ASKED),
    Phrase("Requests"): (lambda part: part.figures.received, drill_down.ASKED),
    Phrase("On time"): (
        lambda part: page_text.share_text(part.figures.in_time),
        drill_down.IN_TIME,
    ),
    Phrase("Median to first call"): (
        lambda part: page_text.duration_text(part.figures.attempt.p50),
        drill_down.RUNG,
    ),
    Phrase("90th percentile"): (
        lambda part: page_text.duration_text(part.figures.attempt.p90),
        drill_down.RUNG,
    ),
    Phrase("95th percentile"): (
        lambda part: page_text.duration_text(part.figures.attempt.p95),
        drill_down.RUNG,
    ),
    metrics.time_to_first_contact.label: (
        lambda part: page_text.duration_text(part.figures.contact.p50),
        drill_down.TALKED,
    ),
    metrics.contact_rate.label: (
        lambda part: page_text.share_text(part.figures.contact_rate),
        drill_down.TALKED,
    ),
    TRIES: (
        lambda part: (
            ""
            if part.tries is None
            else page_text.share_text(call_statistics.connect_rate(part.tries))
        ),
        TRIES,
    ),
    Phrase("Pending"): (lambda part: part.figures.pending, drill_down.PENDING),
    Phrase("Closed without contact"): (
        lambda part: len(metrics.given_up_callbacks(part.people)),
        drill_down.GIVEN_UP,
    ),
    metrics.people_still_open.label: (
        lambda part: len(metrics.people_still_open(part.people)),
        drill_down.OPEN,
    ),
}
COMPARED = (Phrase("On time"), Phrase("Median to first call"), metrics.contact_rate.label)


def _breakdown_table_row(
    row: int, part: BreakdownPart, before: BreakdownPart | None
) -> dict[str, object]:
    now: dict[str, object] = {
        _(name): PressableCell(figure(part), f"{row}-{column}")
        for column, (name, (figure, __)) in enumerate(COLUMNS.items())
    }
    compared = {
        _(BEFORE, figure=name): COLUMNS[name][0](before) if before else page_text.share_text(None)
        for name in COMPARED
    }
    return now | compared


def _open_large_dialog(title: str, show: Callable[[], None]) -> None:
    st.dialog(title, width="large")(show)()


def _draw_figure_table(name: str, count: int, lines: Sequence[Mapping[str, object]]) -> None:
    st.write(f"**{page_text.escape_markdown(_(name))}: {count:,}**")
    if not lines:
        st.write(_("None."))
        return
    st.dataframe(lines, hide_index=True, width="stretch", alt=_("Details of this figure"))
    if count > MOST_SHOWN:
        st.caption(
            _("Showing {most} of {count}. The CSV has all of them.", most=MOST_SHOWN, count=count)
        )


def _person_table_row(row: CohortRow, context: ReportContext) -> dict[str, object]:
    waited = page_text.duration_text(context.now - row.received_at)
    waits = _("not called") if row.finished_at else _("not called, {wait} so far", wait=waited)
    return {
        _("No."): row.callback_id,
        _("Requested"): page_text.instant_text(row.received_at, context.zone),
        _("First call after"): _time_after_request(row, row.first_rung_at, waits),
        _("Reached after"): _time_after_request(
            row, row.first_conversation_at, _("not yet") if row.is_open else _("never")
        ),
        _("Status"): _(drill_down.CALLBACK_STATE_TITLES[row.state]),
        _("Outcome"): _(drill_down.OUTCOMES[row.outcome]) if row.outcome else "",
        _("Source"): context.sources.get(row.source_id, ""),
    }


def _time_after_request(row: CohortRow, happened_at: datetime | None, otherwise: str) -> str:
    return page_text.duration_text(happened_at - row.received_at) if happened_at else otherwise


def _call_table_rows(
    calls: call_statistics.CallColumns, context: ReportContext
) -> list[dict[str, object]]:
    results = ["", *(_(RESULT_TITLES[word]) for word in call_statistics.RESULTS)]
    columns = {
        _("No."): calls.callback_id.tolist(),
        _("Offered"): [
            page_text.instant_text(calendar_days.mark_as_utc(at), context.zone)
            for at in calls.requested_at.tolist()
        ],
        _("Advisor"): [context.advisors.get(number, "") for number in calls.advisor_id.tolist()],
        _("Called"): [_("yes") if rang else _("no") for rang in calls.rang.tolist()],
        _("Result"): [results[code + 1] for code in calls.result.tolist()],
        _("Duration"): [
            "" if length is None else page_text.duration_text(length)
            for length in calls.advisor_time.tolist()
        ],
    }
    return [dict(zip(columns, line, strict=True)) for line in zip(*columns.values(), strict=True)]


def _opt_out_table_rows(stops: OptOuts, context: ReportContext) -> list[dict[str, object]]:
    return [
        {
            _("Opted out"): page_text.instant_text(opt_out.since, context.zone),
            _("Calls ended after"): page_text.duration_text(opt_out.silent_after),
            _("Called afterward"): _("yes") if opt_out.rung_after else _("no"),
        }
        for opt_out in stops.each[:MOST_SHOWN]
    ]
