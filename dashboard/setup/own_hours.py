"""Own hours: when a helpline calls, which is never longer than the law allows.

Shorter hours count at once. Longer ones wait for a second person's word.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

import streamlit as st
from babel import dates

from dashboard import page_actions, page_text, viewer, widgets
from dashboard.language import _, viewer_locale
from dashboard.setup import topics
from leads.contact_rules.own_hours import DAYS, OwnHours
from leads.helplines import own_hours_settings
from leads.helplines.own_hours_settings import HelplineHours, WaitingHours
from leads.i18n.translatable import Phrase
from leads.models.helplines import Brand

OPENS, CLOSES = time(8), time(20)
TIMES_WIDTH = 300  # pixels: two times of day beside each other, also on a phone


@widgets.in_stable_container
def draw_waiting_hours(helplines: Sequence[HelplineHours]) -> None:
    """Draw the longer hours of each helpline that wait for a second person."""
    for helpline in helplines:
        if helpline.waiting:
            name = page_text.escape_markdown(helpline.brand)
            st.markdown(f"**{_('Calling hours of {brand}', brand=name)}**")
            draw_hours_request(helpline.waiting)


def draw_hours_request(waiting: WaitingHours) -> None:
    """Draw longer hours that wait for a second person, who says yes or no."""
    asked = _(
        "{name} requests longer hours: {hours}. Reason: {reason}",
        name=waiting.asked_by_name,
        hours=hours_text(waiting.hours),
        reason=waiting.reason,
    )
    st.warning(page_text.escape_markdown(asked), icon=":material/pending_actions:")
    is_own = waiting.asked_by == viewer.require_signed_in_advisor().advisor_id
    with st.container(horizontal=True):
        if is_own:
            st.caption(_("Someone else has to approve it."))
        elif st.button(_("Approve the hours"), key=f"confirm-{waiting.change_id}", type="primary"):
            decide_waiting_hours(waiting.change_id, is_confirmed=True)
        label = _("Withdraw the request") if is_own else _("Decline")
        if st.button(label, key=f"decline-{waiting.change_id}"):
            decide_waiting_hours(waiting.change_id, is_confirmed=False)


def decide_waiting_hours(change_id: int, *, is_confirmed: bool) -> None:
    """Confirm or decline longer hours."""
    done = _("The new hours are in effect.") if is_confirmed else _("The hours did not change.")
    page_actions.act_and_redraw(
        lambda s, a: own_hours_settings.decide_hours_change(
            s, change_id, a, is_confirmed=is_confirmed, now=viewer.read_utc_clock()
        ),
        done,
    )


def draw_own_hours(brand_id: int) -> None:
    """Draw the form of a helpline's hours, day by day."""
    helpline = topics.read_settings_of(brand_id, own_hours_settings.list_helpline_hours)
    st.caption(
        _(
            "In the local time of the person called, and never longer than the law allows "
            "there. Current hours: {hours}.",
            hours=hours_text(helpline.hours),
        )
    )
    with st.form(f"hours-{helpline.brand_id}", border=False):
        windows = tuple(ask_window(helpline, day) for day in range(DAYS))
        closed = st.text_area(
            _("Closed dates, one per line, such as 2026-12-25"),
            value="\n".join(map(str, sorted(closed_dates_of(helpline)))),
        )
        reason = st.text_input(_("Reason, if the hours are longer"))
        if st.form_submit_button(_("Save these hours"), type="primary"):
            save_hours(helpline, windows, closed, reason)
    if helpline.hours and st.button(
        _("Use only legal hours"), key=f"none-{helpline.brand_id}", icon=":material/close:"
    ):
        change_hours(helpline, None, reason)


def ask_window(helpline: HelplineHours, day: int) -> tuple[time, time] | None:
    """Ask on which day, and from when until when, a helpline calls; None where it does not."""
    name = dates.get_day_names("wide", locale=viewer_locale())[day]
    window = helpline.hours.windows[day] if helpline.hours else (OPENS, CLOSES)
    opens, closes = window or (OPENS, CLOSES)
    key = f"{helpline.brand_id}-{day}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        calls = st.checkbox(name, value=window is not None, key=f"calls-{key}", width=160)
        # Both times go below the day together where it is narrow.
        with st.container(horizontal=True, width=TIMES_WIDTH, gap="small"):
            begins = widgets.ask_time_of_day(_("From"), opens, width=140, key=f"from-{key}")
            ends = widgets.ask_time_of_day(_("To"), closes, width=140, key=f"to-{key}")
    return (begins, ends) if calls else None


def closed_dates_of(helpline: HelplineHours) -> frozenset[date]:
    """Return the days on which a helpline does not call."""
    return helpline.hours.closed_dates if helpline.hours else frozenset()


def save_hours(
    helpline: HelplineHours,
    windows: tuple[tuple[time, time] | None, ...],
    closed: str,
    reason: str,
) -> None:
    """Save the hours, unless a day in the list is none."""
    try:
        closed_dates = frozenset(map(date.fromisoformat, closed.split()))
    except ValueError:
        sentence = Phrase("Write each date as year, month and day, such as 2026-12-25.")
        page_actions.set_action_message(sentence, kind="warning")
        st.rerun()
    change_hours(helpline, OwnHours(windows, closed_dates), reason)


def change_hours(helpline: HelplineHours, hours: OwnHours | None, reason: str) -> None:
    """Set a helpline's hours, or ask a second person for them."""
    counts = page_actions.run_for_result(
        lambda s, a: own_hours_settings.set_own_hours(
            s, s.get_one(Brand, helpline.brand_id), hours, reason, a, now=viewer.read_utc_clock()
        )
    )
    if counts is not None:
        said = (
            Phrase("The new hours are in effect.")
            if counts
            else Phrase("Those hours are longer. They take effect when someone else approves them.")
        )
        page_actions.set_action_message(said)
    st.rerun()


def hours_text(hours: OwnHours | None) -> str:
    """Return hours as people read them, days with the same hours together."""
    if hours is None:
        return _("all legal hours")
    names = dates.get_day_names("abbreviated", locale=viewer_locale())
    days: dict[tuple[time, time], list[str]] = {}
    for day, window in enumerate(hours.windows):
        if window:
            days.setdefault(window, []).append(names[day])
    said = [
        f"{', '.join(named)} " + "\u2013".join(map(page_text.time_of_day_text, window))
        for window, named in days.items()
    ]
    closed = [_("closed on {count} dates", count=len(hours.closed_dates))]
    return "; ".join([*said, *(closed if hours.closed_dates else [])])
