"""The service report's calls that came in: answered, missed, and at which hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

import streamlit as st

from dashboard import page_text, plain_table
from dashboard.language import _, translate_count
from dashboard.report import tables
from dashboard.report.tiles import (
    delta_in_number,
    delta_in_points,
    delta_in_time,
    draw_report_tile,
)
from leads.models.enums import InboundState
from leads.models.labels import INBOUND_TITLES
from leads.reporting import inbound_calls
from leads.reporting.figure_definition import Figure
from leads.reporting.inbound_calls import InboundCalls, InboundRow

HOUR_COLUMNS = (
    InboundState.ENDED,
    InboundState.ABANDONED,
    InboundState.PROMISED,
    InboundState.VOICEMAIL,
    InboundState.REFUSED_HOURS,
)


def draw_inbound_section(calls: InboundCalls, before: InboundCalls, zone: str) -> None:
    """Draw the calls that came in, beside the period before; nothing where there were none."""
    if not calls.rows:
        return
    st.header(_(inbound_calls.inbound_received.label), anchor=False)
    received, answered, waited, missed = st.columns(4)
    with received:
        _draw_counted(inbound_calls.inbound_received, calls.rows, before.rows, zone, "off")
    with answered:
        share, was = map(inbound_calls.inbound_answered_share, (calls, before))
        draw_report_tile(
            inbound_calls.inbound_answered_share,
            page_text.share_text(share),
            note=translate_count(len(calls.answered), "{count} call", "{count} calls"),
            opens=lambda: _open_people(
                inbound_calls.inbound_answered_share.label, calls.answered, zone
            ),
            **delta_in_points(share, was),
        )
    with waited:
        wait, was_wait = map(inbound_calls.inbound_median_wait, (calls, before))
        draw_report_tile(
            inbound_calls.inbound_median_wait,
            page_text.duration_text(wait),
            note=_("Show people"),
            opens=lambda: _open_people(
                inbound_calls.inbound_median_wait.label, calls.answered, zone
            ),
            **delta_in_time(wait, was_wait),
        )
    with missed:
        _draw_counted(inbound_calls.inbound_missed, calls.missed, before.missed, zone, "inverse")
    _draw_hours(calls, zone)


def _draw_counted(
    figure: Figure[[InboundCalls], tuple[InboundRow, ...]],
    rows: Sequence[InboundRow],
    before: Sequence[InboundRow],
    zone: str,
    colour: str,
) -> None:
    draw_report_tile(
        figure,
        f"{len(rows):,}",
        note=_("Show people"),
        opens=lambda: _open_people(figure.label, rows, zone),
        **delta_in_number(len(rows), len(before), colour=colour),
    )


def _draw_hours(calls: InboundCalls, zone: str) -> None:
    """Draw one line for each hour of day: how many called, and how that ended."""
    lines = []
    for hour, ended in calls.by_hour(zone).items():
        talked = ended[InboundState.ENDED] + ended[InboundState.TALKING]
        counts = {InboundState.ENDED: talked}
        lines.append(
            {_("Hour"): page_text.time_of_day_text(time(hour)), _("Calls"): ended.total()}
            | {_(INBOUND_TITLES[one]): counts.get(one, ended[one]) for one in HOUR_COLUMNS}
        )
    plain_table.draw_plain_table(_("Inbound calls by hour of day"), lines)
    st.caption(
        _("All days of the period together, in {zone} time.", zone=page_text.zone_city(zone))
    )


def _open_people(name: str, rows: Sequence[InboundRow], zone: str) -> None:
    lines = [
        {
            _("Attempts"): page_text.instant_text(row.rang_at, zone),
            _("Helpline"): row.brand,
            _("How it ended"): _(INBOUND_TITLES[row.state]),
            _("Waited"): page_text.duration_text(row.waited) if row.waited else "",
        }
        for row in rows[: tables.MOST_SHOWN]
    ]
    tables.open_figure_dialog(name, len(rows), lines)
