"""One's own shifts: to offer, to take from a colleague, and whether they ring one's phone."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, page_text, viewer, widgets
from dashboard.language import _
from dashboard.shift_plan.week_tables import span_text
from leads import phone_numbers
from leads.i18n.translatable import Phrase
from leads.people import shifts
from leads.read_models.shift_plan import OwnShift, ShiftWeek

RINGING_KEY = "my phone rings on shifts"


@widgets.in_stable_container
def draw_own_shifts(week: ShiftWeek) -> None:
    """Draw the shifts of whoever looks, and those that colleagues offer."""
    st.header(_("My shifts"), anchor=False)
    draw_ringing_choice(week)
    if not week.own:
        st.write(_("You have no more shifts this week."))
    for shift in week.own:
        draw_own_shift(shift)
    if week.offered:
        st.header(_("Available from colleagues"), anchor=False)
    for shift in week.offered:
        draw_offered_shift(shift)


def draw_ringing_choice(week: ShiftWeek) -> None:
    """Draw whether the phone of whoever looks is rung during their shifts."""
    number = phone_numbers.format_phone(week.phone) or _("no number on file")
    st.checkbox(
        _("Call my phone during my shifts, even with no desk open: {number}", number=number),
        value=week.is_rung,
        key=RINGING_KEY,
        disabled=not week.phone,
        on_change=save_ringing_choice,
        help=_("On duty by phone from the start to the end of each shift."),
    )


def save_ringing_choice() -> None:
    """Save whether shifts put whoever looks on duty by phone."""
    page_actions.run_as_signed_in(
        lambda s, a: shifts.set_ringing_on_shifts(
            s, a, a, is_rung=st.session_state[RINGING_KEY], now=viewer.read_utc_clock()
        )
    )


def draw_own_shift(shift: OwnShift) -> None:
    """Draw one shift of one's own, to offer or to take back."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write(span_text(shift.begins_at, shift.ends_at))
        key = f"{shift.day}-{shift.begins}"
        if shift.offer_id:
            st.badge(_("Offered: it is yours until a colleague takes it"), color="orange")
            st.button(
                _("Withdraw the offer"),
                key=f"keep-{key}",
                on_click=take_back,
                args=(shift.offer_id,),
            )
        else:
            st.button(
                _("Offer it to colleagues"), key=f"offer-{key}", on_click=offer_own, args=(shift,)
            )


def draw_offered_shift(shift: OwnShift) -> None:
    """Draw one shift that a colleague offers."""
    with st.container(horizontal=True, vertical_alignment="center"):
        name = page_text.escape_markdown(shift.offered_by)
        st.write(f"{span_text(shift.begins_at, shift.ends_at)} · {name}")
        st.button(
            _("Take this shift"), key=f"take-{shift.offer_id}", on_click=take_offered, args=(shift,)
        )


def offer_own(shift: OwnShift) -> None:
    """Offer a shift to the colleagues."""
    page_actions.run_as_signed_in(
        lambda s, a: shifts.offer_shift(
            s, a, day=shift.day, begins=shift.begins, now=viewer.read_utc_clock()
        ),
        Phrase("Offered. It is yours until a colleague takes it."),
    )


def take_back(offer_id: int) -> None:
    """Take an offer back."""
    page_actions.run_as_signed_in(
        lambda s, a: shifts.withdraw_shift_offer(s, offer_id, a, now=viewer.read_utc_clock()),
        Phrase("The offer is withdrawn."),
    )


def take_offered(shift: OwnShift) -> None:
    """Take a colleague's shift."""
    offer_id = shift.offer_id or 0
    page_actions.run_as_signed_in(
        lambda s, a: shifts.take_shift(s, offer_id, a, now=viewer.read_utc_clock()),
        Phrase("The shift is yours."),
    )
