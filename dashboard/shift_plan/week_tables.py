"""The tables of a week: who works when, how many in each hour, and which hours nobody covers."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import streamlit as st

from dashboard import page_text, plain_table, widgets
from dashboard.language import _
from leads.read_models.shift_plan import HourCell, ShiftCell, ShiftWeek

UNCOVERED = "⚠"
MOST_SPANS = 8


@widgets.in_stable_container
def draw_uncovered_hours(week: ShiftWeek) -> None:
    """Draw the hours of each helpline that nobody covers, or that all are covered."""
    if not week.is_planned:
        st.info(_("No shifts are planned yet."), icon=":material/calendar_month:")
        return
    for helpline in week.uncovered:
        brand = page_text.escape_markdown(helpline.brand)
        if not helpline.has_own_hours:
            widgets.draw_small_text(
                _(
                    "{brand} has no hours set, so coverage cannot be checked. Set them "
                    "under Helpline set-up.",
                    brand=brand,
                )
            )
        elif helpline.spans:
            spans = "; ".join(span_text(*span) for span in helpline.spans[:MOST_SPANS])
            more = " …" if len(helpline.spans) > MOST_SPANS else ""
            said = _("No coverage for {brand}: {spans}", brand=brand, spans=f"{spans}{more}")
            st.warning(said, icon=":material/event_busy:")
        else:
            covered = _("All hours of {brand} are covered this week.", brand=brand)
            st.success(covered, icon=":material/event_available:")


def draw_by_advisor(week: ShiftWeek) -> None:
    """Draw the shifts of the week, a line for each advisor."""
    st.header(_("By advisor"), anchor=False)
    rows = [
        {_("Name"): advisor.name}
        | {
            day: ", ".join(map(shift_text, shifts))
            for day, shifts in zip(day_labels(week), advisor.days, strict=True)
        }
        for advisor in week.advisors
    ]
    plain_table.draw_plain_table(_("By advisor"), rows)


def draw_by_hour(week: ShiftWeek) -> None:
    """Draw how many work in each hour of the week that anybody works in or should."""
    st.header(_("By hour"), anchor=False)
    if any(cell and cell.is_uncovered for cells in week.hours for cell in cells):
        widgets.draw_small_text(
            _(
                "{sign}: a helpline is open during this hour, and part of it has no coverage.",
                sign=UNCOVERED,
            )
        )
    used = [
        hour
        for hour, cells in enumerate(week.hours)
        if any(cell and (cell.count or cell.is_uncovered) for cell in cells)
    ]
    shown = range(min(used, default=8), max(used, default=17) + 1)
    rows = [
        {_("Hour"): page_text.time_of_day_text(time(hour))}
        | dict(zip(day_labels(week), map(hour_text, week.hours[hour]), strict=True))
        for hour in shown
    ]
    plain_table.draw_plain_table(_("By hour"), rows, only_figures=True)


def day_labels(week: ShiftWeek) -> list[str]:
    """Return what the days of a week are called above the tables."""
    return [page_text.day_text(week.first + timedelta(days=place)) for place in range(7)]


def shift_text(shift: ShiftCell) -> str:
    """Return the hours of a shift, and how it came to be whose it is."""
    hours = clock_span_text(shift.begins_at, shift.ends_at).replace(":00", "")  # seven days fit
    if shift.instead_of:
        return _("{hours} (for {name})", hours=hours, name=shift.instead_of)
    return _("{hours} (offered)", hours=hours) if shift.is_offered else hours


def hour_text(cell: HourCell | None) -> str:
    """Return what a cell of the table by hour shows."""
    if cell is None or not (cell.count or cell.is_uncovered):
        return ""
    return f"{cell.count} {UNCOVERED}" if cell.is_uncovered else str(cell.count)


def clock_span_text(begins_at: datetime, ends_at: datetime) -> str:
    """Return from when until when, by the clock."""
    return "\u2013".join(
        page_text.time_of_day_text(at.time().replace(microsecond=0)) for at in (begins_at, ends_at)
    )


def span_text(begins_at: datetime, ends_at: datetime) -> str:
    """Return a day and from when until when."""
    return f"{page_text.day_text(begins_at.date())} {clock_span_text(begins_at, ends_at)}"
