"""Shifts: the week by advisor and by hour, one's own shifts and swaps, and what is planned."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import in_browser, page_reading, page_text, viewer, widgets
from dashboard.http import live_updates
from dashboard.language import _
from dashboard.shift_plan import own_shifts, planning, week_tables
from leads.people.permissions import Permission
from leads.read_models import shift_plan
from leads.read_models.page_changes import Topic
from leads.read_models.shift_plan import ShiftWeek

WEEK_KEY = "monday of the week shown"
A_WEEK = timedelta(days=7)

me = viewer.require_signed_in_advisor()


def load_shift_week() -> ShiftWeek:
    """Return the week that is shown."""
    zone, now = viewer.viewer_zone(), viewer.read_utc_clock()
    first = st.session_state.get(WEEK_KEY) or monday_of(now.astimezone(ZoneInfo(zone)).date())
    return page_reading.read_or_stop_page(
        lambda s, a: shift_plan.read_shift_week(s, a, first, zone=zone, now=now)
    )


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def draw_week_choice(week: ShiftWeek) -> None:
    """Draw which week is shown, by whose clock, and the buttons that turn to another."""
    with st.container(horizontal=True, vertical_alignment="center"):
        last = week.first + A_WEEK - timedelta(days=1)
        days = f"{page_text.day_text(week.first)} \u2013 {page_text.day_text(last)}"
        st.header(days, anchor=False, width="content")
        widgets.draw_small_text(_("{place} time", place=page_text.zone_city(week.zone)))
        st.space("stretch")
        with st.container(horizontal=True, width="content", key="week-keys"):
            for key, label, icon, first in (
                ("earlier", _("Previous week"), "chevron_left", week.first - A_WEEK),
                ("this-week", _("This week"), "today", None),
                ("later", _("Next week"), "chevron_right", week.first + A_WEEK),
            ):
                st.button(
                    label, key=key, icon=f":material/{icon}:", on_click=show_week, args=(first,)
                )


def show_week(first: date | None) -> None:
    """Show the week that begins on a Monday; None is the one that is now."""
    st.session_state[WEEK_KEY] = first


@st.fragment(run_every=in_browser.FALLBACK)
def draw_live_week() -> None:
    """Draw the week, and again when somebody changes it."""
    in_browser.rerun_on_change(Topic.SHIFTS, live_updates.change_version())
    week = load_shift_week()
    widgets.draw_action_message()
    draw_week_choice(week)
    week_tables.draw_uncovered_hours(week)
    own_shifts.draw_own_shifts(week)
    with st.container():
        if week.is_planned:
            week_tables.draw_by_advisor(week)
            week_tables.draw_by_hour(week)


st.title(_("Shifts"), anchor=False)
draw_live_week()
if me.may(Permission.PLAN_SHIFTS):
    planning.draw_planning(load_shift_week())
