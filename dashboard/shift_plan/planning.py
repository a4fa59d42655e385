"""Planning: the weekly pattern of one colleague, days off and extra shifts. For supervisors."""

from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st
from babel import dates

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.language import _, viewer_locale
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.enums import ShiftChangeKind
from leads.models.shifts import ShiftChange, WeeklyShift
from leads.people import shifts
from leads.read_models import shift_plan
from leads.read_models.shift_plan import ShiftPattern, ShiftWeek

ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
)
BEGINS, ENDS = time(9), time(17)
WORKDAYS = range(5)
DAYS_PLANNED = 180


def draw_planning(week: ShiftWeek) -> None:
    """Draw what is planned for one colleague, to be changed."""
    st.header(_("Plan a colleague's shifts"), anchor=False)
    names = {one.advisor_id: one.name for one in week.advisors}
    chosen = widgets.ask_colleague(names)
    if chosen is None:
        return
    pattern = page_reading.read_or_stop_page(
        lambda s, a: shift_plan.read_shift_pattern(s, a, chosen, now=viewer.read_utc_clock())
    )
    every_week, single_days = st.columns(2, gap="large")
    with every_week:
        draw_weekly_pattern(pattern)
        draw_weekly_form(pattern, week.zone)
    with single_days:
        draw_changes(pattern)
        draw_change_form(pattern, week.zone)


def draw_weekly_pattern(pattern: ShiftPattern) -> None:
    """Draw the shifts of every week, each to be taken out."""
    st.subheader(_("Every week"), anchor=False)
    is_rung = st.toggle(
        _("Call their phone during their shifts"),
        value=pattern.is_rung,
        key=f"rung-{pattern.advisor_id}",
    )
    if is_rung != pattern.is_rung:
        save_ringing(pattern.advisor_id, is_rung=is_rung)
    for shift in pattern.weekly:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.write(weekly_text(shift))
            if st.button(_("Remove"), key=f"weekly-{shift.id}", type="tertiary"):
                remove_weekly(shift.id)


def draw_weekly_form(pattern: ShiftPattern, zone: str) -> None:
    """Draw the form of a shift on days of every week."""
    days = dates.get_day_names("wide", locale=viewer_locale())
    with st.form(f"weekly-{pattern.advisor_id}", border=False):
        chosen = st.multiselect(
            _("Days"),
            list(range(7)),
            default=list(WORKDAYS),
            format_func=days.__getitem__,
            placeholder=_("Choose"),
        )
        begins, ends = ask_hours(f"weekly-{pattern.advisor_id}")
        place = ask_zone(zone, key=f"weekly-zone-{pattern.advisor_id}")
        if st.form_submit_button(_("Add to every week"), type="primary"):
            page_actions.act_and_redraw(
                lambda s, a: shifts.add_weekly_shifts(
                    s,
                    s.get_one(Advisor, pattern.advisor_id),
                    a,
                    weekdays=chosen,
                    begins=f"{begins:%H:%M}",
                    ends=f"{ends:%H:%M}",
                    zone=place,
                    now=viewer.read_utc_clock(),
                ),
                Phrase("Planned."),
            )


def draw_changes(pattern: ShiftPattern) -> None:
    """Draw the days that differ, each to be taken back."""
    st.subheader(_("One-time changes"), anchor=False)
    for change in pattern.changes:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.write(change_text(change))
            if st.button(_("Remove"), key=f"change-{change.id}", type="tertiary"):
                end_change(change.id)


def draw_change_form(pattern: ShiftPattern, zone: str) -> None:
    """Draw the form of a day off or an extra shift."""
    off, extra = _("Day off"), _("Extra shift")
    with st.form(f"change-{pattern.advisor_id}", border=False):
        kind = st.radio(_("Change"), [off, extra], horizontal=True)
        day = st.selectbox(_("Day"), coming_days(zone), format_func=page_text.day_text)
        begins, ends = ask_hours(f"change-{pattern.advisor_id}")
        widgets.draw_small_text(_("Times apply only to an extra shift."))
        if st.form_submit_button(_("Save the change")):
            now = viewer.read_utc_clock()
            hours = {"begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}", "zone": zone}
            page_actions.act_and_redraw(
                lambda s, a: (
                    shifts.add_day_off(
                        s, s.get_one(Advisor, pattern.advisor_id), a, day=day, now=now
                    )
                    if kind == off
                    else shifts.add_extra_shift(
                        s, s.get_one(Advisor, pattern.advisor_id), a, day=day, **hours, now=now
                    )
                ),
                Phrase("Saved."),
            )


def coming_days(zone: str) -> list[date]:
    """Return the days that may be planned: the parts of `st.date_input` are too small to be hit."""
    today = viewer.read_utc_clock().astimezone(ZoneInfo(zone)).date()
    return [today + timedelta(days=ahead) for ahead in range(DAYS_PLANNED)]


def ask_hours(key: str) -> tuple[time, time]:
    """Ask from when until when; an end before the beginning is on the next day."""
    with st.container(horizontal=True):
        begins = widgets.ask_time_of_day(_("From"), BEGINS, width=140, key=f"from-{key}")
        ends = widgets.ask_time_of_day(_("To"), ENDS, width=140, key=f"to-{key}")
    return begins, ends


def ask_zone(zone: str, *, key: str) -> str:
    """Ask by whose clock a shift is meant."""
    zones = list(dict.fromkeys((zone, *ZONES)))
    chosen: str = st.selectbox(_("Time zone"), zones, format_func=page_text.zone_city, key=key)
    return chosen


def save_ringing(advisor_id: int, *, is_rung: bool) -> None:
    """Save whether shifts put a colleague on duty by phone."""
    page_actions.act_and_redraw(
        lambda s, a: shifts.set_ringing_on_shifts(
            s, s.get_one(Advisor, advisor_id), a, is_rung=is_rung, now=viewer.read_utc_clock()
        )
    )


def remove_weekly(shift_id: int) -> None:
    """Take a shift out of every week."""
    page_actions.act_and_redraw(
        lambda s, a: shifts.remove_weekly_shift(s, shift_id, a, now=viewer.read_utc_clock()),
        Phrase("Removed."),
    )


def end_change(change_id: int) -> None:
    """Let a day off or an extra shift count no more."""
    page_actions.act_and_redraw(
        lambda s, a: shifts.end_shift_change(s, change_id, a, now=viewer.read_utc_clock()),
        Phrase("Removed."),
    )


def weekly_text(shift: WeeklyShift) -> str:
    """Return a shift of every week in words."""
    day = dates.get_day_names("wide", locale=viewer_locale())[shift.weekday]
    return f"{day} {times_text(shift.begins, shift.ends)} · {page_text.zone_city(shift.zone)}"


def change_text(change: ShiftChange) -> str:
    """Return in words how a day differs."""
    day = page_text.day_text(change.day)
    if change.kind is ShiftChangeKind.OFF:
        return _("{day}: day off", day=day)
    return _("{day}: extra shift, {hours}", day=day, hours=times_text(change.begins, change.ends))


def times_text(begins: str, ends: str) -> str:
    """Return two times of day as people read them."""
    return "\u2013".join(
        page_text.time_of_day_text(time.fromisoformat(at)) for at in (begins, ends)
    )
