"""Alerts: what is in doubt, when supervisors are told, who is on call, whether messages arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time, timedelta

import streamlit as st
from babel import dates

from dashboard import (
    in_browser,
    page_actions,
    page_reading,
    page_text,
    plain_table,
    viewer,
    widgets,
)
from dashboard.language import _, viewer_locale
from leads.alerting import escalation_settings, on_call
from leads.config import settings
from leads.config.settings import PhoneKind
from leads.helplines import brands_and_sources
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor, OnCall
from leads.models.enums import NoticeMethod, OutboxState
from leads.models.helplines import Brand
from leads.models.labels import (
    ALERT_TITLES,
    DIGEST_TITLES,
    NOTICE_METHOD_SETUP_HINTS,
    NOTICE_METHOD_TITLES,
    NOTICE_STATE_LABELS,
)
from leads.outbox import supervisor_notices
from leads.outbox.supervisor_notices import NoticeSummary
from leads.people import permissions
from leads.read_models import doubts

IN_TRANSIT = (OutboxState.PENDING, OutboxState.SENDING)
CHANNEL_WIDTH = 180  # pixels of a channel's name, so that what is said of each begins at one edge
EVENING, MORNING = time(18), time(8)

page_reading.stop_unless_permitted(permissions.Permission.SEE_ALERTS)


@st.fragment(run_every=in_browser.FALLBACK)
def draw_doubts(brand_names: Mapping[int | None, str]) -> None:
    """Draw what nobody knows the outcome of, since when, and what is done about it."""
    ring_time = timedelta(seconds=settings.load_settings().ring_seconds)
    with page_reading.page_reader() as session:
        found = doubts.list_doubts(session, ring_time=ring_time, now=viewer.read_utc_clock())
    st.header(_("In doubt now"), anchor=False)
    if not found:
        st.write(_("Nothing: the outcome of every call, text and message is known."))
    lines = [
        {
            _("What"): _(doubt.title),
            _("Helpline"): brand_names.get(doubt.brand_id, ""),
            _("Since"): page_text.instant_text(doubt.since),
            _("What Ringback does next"): _(doubt.next_words),
        }
        for doubt in found
    ]
    plain_table.draw_plain_table(_("In doubt now"), lines)


def draw_escalation_settings(brands: list[Brand]) -> None:
    """Draw when the supervisors of each helpline are told of an alert."""
    st.header(_("When you get alerts"), anchor=False)
    st.write(
        _(
            "An alert shows on every supervisor's screen first. If no one acknowledges it, "
            "the supervisor on call gets a text and an e-mail, and then a phone call. "
            "Minutes count from the promised time; 0 skips a step."
        )
    )
    for brand in brands:
        draw_brand_escalation_form(brand)


def draw_brand_escalation_form(brand: Brand) -> None:
    """Draw the form of one helpline's escalation steps."""
    with st.form(f"ladder-{brand.id}"):
        st.subheader(page_text.escape_markdown(brand.name), anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            steps = {
                "screens": st.number_input(
                    _("On screen, minutes"), 1, 1440, brand.screens_after, width=200
                ),
                "messages": st.number_input(
                    _("Text and e-mail, minutes"), 0, 1440, brand.messages_after, width=200
                ),
                "call": st.number_input(_("Call, minutes"), 0, 1440, brand.call_after, width=200),
            }
            if st.form_submit_button(_("Save")):
                page_actions.act_and_redraw(
                    lambda s, a: escalation_settings.set_escalation_steps(
                        s, brand.name, actor=a, **steps
                    ),
                    _("Saved."),
                )


def draw_on_call_schedule(
    people: list[Advisor], shifts: list[tuple[Advisor, OnCall]], names: list[str]
) -> None:
    """Draw which supervisor is on call, and when."""
    st.header(_("Who is on call"), anchor=False)
    if names:
        st.write(_("On call now: {names}.", names=page_text.escape_markdown(", ".join(names))))
    else:
        st.write(_("No one is on call now: every supervisor gets the alerts."))
    with st.container():
        for person, shift in shifts:
            draw_on_call_shift(person, shift)
    draw_add_shift_form(people)


def draw_on_call_shift(person: Advisor, shift: OnCall) -> None:
    """Draw one supervisor's shift, with the button that ends it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write(
            f"**{page_text.escape_markdown(person.name)}** · "
            f"{page_text.escape_markdown(on_call_shift_text(shift))}"
        )
        if st.button(_("Remove"), key=f"remove-{shift.id}"):
            page_actions.act_and_redraw(
                lambda s, a: on_call.remove_on_call_shift(
                    s, shift.id, a, now=viewer.read_utc_clock()
                ),
                _("Removed."),
            )


def draw_add_shift_form(people: list[Advisor]) -> None:
    """Draw the form that adds a shift of every week."""
    names = dates.get_day_names("abbreviated", locale=viewer_locale())
    with st.expander(_("Add hours"), icon=":material/add:"), st.form("shift", border=False):
        person = st.selectbox(_("Supervisor"), people, format_func=lambda one: one.name)
        days = st.pills(
            _("Days the shift starts"),
            range(7),
            default=range(5),
            selection_mode="multi",
            format_func=lambda day: names[day],
        )
        with st.container(horizontal=True):
            begins = widgets.ask_time_of_day(_("From"), EVENING, width=160)
            ends = widgets.ask_time_of_day(_("To"), MORNING, width=160)
        st.caption(
            _(
                "Times are in {zone}. A shift that ends at or before its start time ends "
                "the next day.",
                zone=zone,
            )
        )
        if st.form_submit_button(_("Add"), type="primary"):
            if not days or not person:
                page_actions.set_action_message(Phrase("Choose at least one day."), kind="warning")
                st.rerun()
            add_shift_and_redraw(person.id, days, begins, ends)


def add_shift_and_redraw(advisor_id: int, days: Sequence[int], begins: time, ends: time) -> None:
    """Add a shift of every week."""
    page_actions.act_and_redraw(
        lambda s, a: on_call.add_on_call_shift(
            s,
            s.get_one(Advisor, advisor_id),
            actor=a,
            now=viewer.read_utc_clock(),
            days=",".join(on_call.DAYS[day] for day in days),
            begins=f"{begins:%H:%M}",
            ends=f"{ends:%H:%M}",
            zone=zone,
        ),
        _("Added to on-call hours."),
    )


def on_call_shift_text(shift: OnCall) -> str:
    """Return a shift as people say it."""
    names = dates.get_day_names("abbreviated", locale=viewer_locale())
    days = ", ".join(names[day] for day in shift.days)
    begins, ends = (
        page_text.time_of_day_text(time.fromisoformat(at)) for at in (shift.begins, shift.ends)
    )
    return _(
        "{days}, {begins} to {ends} ({place} time)",
        days=days,
        begins=begins,
        ends=ends,
        place=page_text.zone_city(shift.zone),
    )


def draw_delivery_channels(*, waiting: bool) -> None:
    """Draw each delivery channel with a button that really sends a test, and what came of it."""
    with page_reading.page_reader() as session:
        notices = supervisor_notices.recent_notices(session, now=viewer.read_utc_clock())
    if waiting and not any(map(is_test_in_transit, notices)):
        st.rerun()
    st.header(_("How you get alerts"), anchor=False)
    offered = configured_channels()
    for way in NOTICE_METHOD_TITLES:
        last = next((notice for notice in notices if notice.is_test and notice.way == way), None)
        draw_delivery_channel(way, last, is_open=way in offered)
    draw_recent_notices(notices)


def draw_delivery_channel(way: NoticeMethod, last: NoticeSummary | None, *, is_open: bool) -> None:
    """Draw one delivery channel, and what came of its last test."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{_(NOTICE_METHOD_TITLES[way])}**", width=CHANNEL_WIDTH)
        if not is_open:
            st.write(_(NOTICE_METHOD_SETUP_HINTS[way]))
            return
        if st.button(_("Send me a test message"), key=f"test-{way}"):
            page_actions.act_and_redraw(
                lambda s, a: supervisor_notices.enqueue_test_notice(
                    s, a, way, now=viewer.read_utc_clock()
                )
            )
        if last:
            st.write(delivery_test_outcome(last))


def draw_recent_notices(notices: list[NoticeSummary]) -> None:
    """Draw which notices went out lately, and which did not."""
    if not notices:
        return
    st.subheader(_("Alerts sent in the last week"), anchor=False)
    lines = [
        {
            _("When"): page_text.instant_text(notice.at),
            _("What"): _(notice_subject(notice)),
            _("Channel"): _(NOTICE_METHOD_TITLES[notice.way]),
            _("Sent to"): notice.name,
            _("Outcome"): " · ".join(
                filter(None, (_(NOTICE_STATE_LABELS[notice.state]), _(notice.problem)))
            ),
        }
        for notice in notices
    ]
    plain_table.draw_plain_table(_("Alerts sent in the last week"), lines)


def notice_subject(notice: NoticeSummary) -> str:
    """Return what a notice was about, in the viewer's language; its own words were English."""
    if notice.kind:
        return ALERT_TITLES[notice.kind]
    return DIGEST_TITLES[notice.digest] if notice.digest else Phrase("Test")


def delivery_test_outcome(notice: NoticeSummary) -> str:
    """Return what came of a test of a delivery channel."""
    if notice.state == OutboxState.SENT:
        return _(
            ":green[Sent at {time}.] Check that it arrived.",
            time=page_text.instant_text(notice.settled_at),
        )
    problem = page_text.escape_markdown(_(notice.problem))
    if notice.state in IN_TRANSIT:
        return _("Sending. {problem}", problem=problem)
    return _(":red[Not sent:] {problem}", problem=problem)


def configured_channels() -> set[NoticeMethod]:
    """Return the delivery channels that the settings allow."""
    known = settings.load_settings()
    by_phone = (
        {NoticeMethod.TEXT, NoticeMethod.CALL}
        if known.twilio and known.phone is PhoneKind.TWILIO
        else set()
    )
    by_mail = {NoticeMethod.EMAIL} if known.channels.smtp else set()
    return by_phone | by_mail | ({NoticeMethod.CHANNEL} if known.channels.alert_urls else set())


def is_test_in_transit(notice: NoticeSummary) -> bool:
    """Whether a test is on its way, so that somebody waits to see what comes of it."""
    return notice.is_test and notice.state in IN_TRANSIT


zone = viewer.viewer_zone()
st.title(_("Alerts"), anchor=False)
widgets.draw_action_message()
with page_reading.page_reader() as session:
    helplines = brands_and_sources.list_brands(session)
    everybody, theirs = (
        permissions.list_active_people_who_may(session, permissions.Permission.BE_ON_CALL),
        on_call.list_on_call_shifts(session),
    )
    now_on_call = on_call.on_call_names(session, now=viewer.read_utc_clock())
    waiting = any(
        map(
            is_test_in_transit,
            supervisor_notices.recent_notices(session, now=viewer.read_utc_clock()),
        )
    )
draw_doubts({brand.id: brand.name for brand in helplines})
draw_escalation_settings(helplines)
draw_on_call_schedule(everybody, theirs, now_on_call)
st.fragment(run_every="1s" if waiting else None)(draw_delivery_channels)(waiting=waiting)
