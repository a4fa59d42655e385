"""The service report's tables: people behind a figure, parts of a period, and advisors' work."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from dashboard import widgets
from leads.cohort import Cohort, Row
from leads.overview import Calls
from leads.trends import Figures
from leads.work import Handled, Reaching, handled, opt_outs, reaching

MOST_SHOWN = 1_000  # lines that anybody reads; the CSV has them all


def draw_people(people: Cohort, sources: dict[int, str], *, zone: str, now: datetime) -> None:
    """One line for each person, the longest wait for a first ring at the top of its kind; no names, no numbers."""
    if not len(people):
        st.write("Nobody.")
        return
    shown = [_person(row, sources, zone=zone, now=now) for row in people[:MOST_SHOWN]]
    st.dataframe(shown, hide_index=True, width="stretch", alt="The people behind the figure")
    if len(people) > MOST_SHOWN:
        st.caption(f"The first {MOST_SHOWN:,} of {len(people):,}; the CSV has all of them.")


def draw_parts(parts: Sequence[tuple[str, Figures]]) -> None:
    """One line for each source, helpline or campaign, in order of the names."""
    lines = [
        {
            "Name": name,
            "Asked": part.received,
            "In time": widgets.share(part.in_time),
            "Half rung within": widgets.spell(part.attempt.p50),
            "90 % rung within": widgets.spell(part.attempt.p90),
            "Half talked to within": widgets.spell(part.contact.p50),
            "Talked to": part.reached,
            "Pending": part.pending,
        }
        for name, part in parts
    ]
    st.dataframe(lines, hide_index=True, width="stretch", alt="The figures by where people came from")


def draw_calls(calls: Calls) -> None:
    """What it took to reach people, how fast "stop" is, and advisors in order of their names."""
    tries, everybody = calls.reaching, calls.everybody
    tiles = st.columns(4)
    usual = "nobody yet" if tries.usual is None else f"{tries.usual:g}"
    tiles[0].metric("Tries until somebody was talked to", usual, border=True, help=inspect.getdoc(Reaching.usual))
    tiles[1].metric("Answered, of all tries", widgets.share(tries.rate), border=True, help=inspect.getdoc(reaching))
    tiles[1].caption(f"{tries.answered:,} of {tries.tries:,} tries")
    text = inspect.getdoc(Handled.handle_time)
    tiles[2].metric("A conversation takes", _length(everybody.handle_time), border=True, help=text)
    text = inspect.getdoc(opt_outs)
    tiles[3].metric('From "stop" to silence', widgets.spell(calls.opt_outs.longest), border=True, help=text)
    tiles[3].caption(f"{calls.opt_outs.count} said stop, {calls.opt_outs.rung_after} rung after it")
    if calls.each:
        st.dataframe([_advisor(one) for one in (*calls.each, everybody)], hide_index=True, width="stretch")
    st.caption(
        f"{inspect.getdoc(handled)} For coaching, in order of names: nobody is ranked, and admissions or referrals are "
        f"not counted by advisor. Busy: {inspect.getdoc(Handled.occupancy)}"
    )


def _person(row: Row, sources: dict[int, str], *, zone: str, now: datetime) -> dict[str, object]:
    waits = "not rung" if row.finished_at else f"not rung, {widgets.spell(now - row.received_at)} so far"
    return {
        "No.": row.callback_id,
        "Asked": widgets.clock(row.received_at, zone),
        "First ring after": _after(row, row.first_rung_at, waits),
        "Talked after": _after(row, row.first_conversation_at, "not yet" if row.is_open else "never"),
        "State": row.state.replace("_", " "),
        "Came of it": row.outcome.replace("_", " "),
        "Source": sources.get(row.source_id, ""),
    }


def _after(row: Row, happened_at: datetime | None, otherwise: str) -> str:
    return widgets.spell(happened_at - row.received_at) if happened_at else otherwise


def _advisor(one: Handled) -> dict[str, object]:
    return {
        "Advisor": one.name,
        "Offers": one.offers,
        "Not taken": one.missed,
        "Conversations": one.conversations,
        "A conversation takes": _length(one.handle_time),
        "Busy": widgets.share(one.occupancy),
    }


def _length(length: timedelta | None) -> str:
    return "nobody yet" if length is None else widgets.spell(length)
