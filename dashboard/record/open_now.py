"""What is open for a person now, and what a supervisor can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

import streamlit as st
from sqlmodel import Session

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.desk.wrap_up import DAYS_AHEAD, ask_day_and_time, read_day_and_time, show_agreed_time
from dashboard.language import _
from leads.callbacks import queue, reopening, safe_times, scheduling
from leads.callbacks.rescheduling import RescheduleOutcome
from leads.callbacks.safe_times import SafeTime
from leads.i18n.translatable import Phrase
from leads.lead_records.lead_file import LeadFile
from leads.lead_records.open_promises import OpenPromise
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import LeadState, OutreachWay
from leads.models.requests import Lead
from leads.people.permissions import Permission
from leads.read_models.work_kinds import WorkKind

WAYS = {
    OutreachWay.EMAIL: Phrase("By e-mail"),
    OutreachWay.TEXT: Phrase("By text"),
    OutreachWay.IN_PERSON: Phrase("In person"),
    OutreachWay.THEY_CALLED: Phrase("They called us"),
    OutreachWay.OTHER: Phrase("Another way"),
}
NO_WAY_CHOSEN = Phrase("Choose how they were reached.")


@widgets.in_stable_container
def draw_open_now(file: LeadFile) -> None:
    """Draw what is owed to the person, each with the one thing to do next."""
    for promise in file.promises:
        with st.container(border=True, key=f"open-now-{promise.callback_id}", gap="small"):
            draw_promise(file, promise)
    if not file.promises and file.state != LeadState.SUPPRESSED:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.write(_("They have no open callback. If they want a call, enter a new request."))
            widgets.link_to_new_request(file.lead_id)


@widgets.in_stable_container
def draw_recent_cancellations(file: LeadFile) -> None:
    """Draw the callbacks that somebody canceled a moment ago, each with what takes that back."""
    if not viewer.require_signed_in_advisor().may(Permission.CANCEL_CALLBACK):
        return
    for callback_id, canceled_at in page_reading.read_or_stop_page(
        lambda s, a: reopening.list_undoable_cancellations(
            s, [file.lead_id, *file.merged], a, now=viewer.read_utc_clock()
        )
    ):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.write(
                _("Callback canceled {time} ago.", time=page_text.time_since_text(canceled_at))
            )
            if st.button(_("Undo"), key=f"undo-{callback_id}", icon=":material/undo:"):
                undo_chosen_cancellation(callback_id)


def undo_chosen_cancellation(callback_id: int) -> NoReturn:
    """Take a cancellation back, and draw the page as it is then."""
    page_actions.act_and_redraw(
        lambda s, a: reopening.undo_cancellation(
            s, s.get_one(Callback, callback_id), a, now=viewer.read_utc_clock()
        ),
        page_actions.UNDONE,
    )


def draw_promise(file: LeadFile, promise: OpenPromise) -> None:
    """Draw one promise: where it stands, and what can be done about it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write(standing_text(promise, file.zone))
        if promise.may_be_called and st.button(
            _("Call them now"),
            icon=":material/call:",
            type="primary",
            key=f"now-{promise.callback_id}",
        ):
            call_them_now(promise.callback_id)
        st.page_link(
            "open_work.py",
            label=_("Their callback on the work list"),
            icon=":material/view_list:",
            query_params={"row": f"{WorkKind.CALLBACK}-{promise.callback_id}"},
        )
    if promise.safe_from and promise.safe_until:
        starts, ends = (
            page_text.instant_text(one, file.zone)
            for one in (promise.safe_from, promise.safe_until)
        )
        place = page_text.zone_city(file.zone)
        agreed = _(
            "A call is safe from {starts} to {ends} ({place} time), and at no other time.",
            starts=starts,
            ends=ends,
            place=place,
        )
        st.info(agreed, icon=":material/health_and_safety:")
    if promise.may_be_called:
        draw_schedule_form(promise, file.zone)


def standing_text(promise: OpenPromise, zone: str) -> str:
    """Return where a promise stands, in a sentence."""
    brand = page_text.escape_markdown(promise.brand)
    if promise.hold:
        why = page_text.escape_markdown(_(promise.hold))
        return _("**Held for review** ({brand}): {why}", brand=brand, why=why)
    if not promise.waits:
        name = page_text.escape_markdown(promise.advisor)
        return _("**With {name}** ({brand})", name=name, brand=brand)
    due = {
        "brand": brand,
        "time": page_text.instant_text(promise.due_at, zone),
        "place": page_text.zone_city(zone),
    }
    if promise.due_at <= viewer.read_utc_clock():
        return _("**In the queue now** ({brand}), since {time} ({place} time)", **due)
    if promise.is_time_agreed:
        return _("**Scheduled** ({brand}) for {time} ({place} time), as agreed", **due)
    return _("**In the queue** ({brand}), due {time} ({place} time)", **due)


def call_them_now(callback_id: int) -> None:
    """Take the callback and ring, or say why they may not be called."""
    if page_actions.run_as_signed_in(
        lambda s, a: queue.call_back_now(
            s, s.get_one(Callback, callback_id), a, now=viewer.read_utc_clock()
        )
    ):
        st.switch_page("advisor_desk.py")
    st.rerun()


def draw_schedule_form(promise: OpenPromise, zone: str) -> None:
    """Draw the form that schedules their callback for a time that they agreed on."""
    with (
        st.expander(_("Schedule"), icon=":material/event:", key=f"plan-{promise.callback_id}"),
        st.form(f"schedule-{promise.callback_id}", border=False),
    ):
        keys = ask_day_and_time(f"schedule-{promise.callback_id}", zone)
        if st.form_submit_button(_("Schedule for this time")):
            due_at = read_day_and_time(*keys, zone)
            agreed = page_actions.run_for_result(
                lambda s, a: scheduling.schedule_callback(
                    s,
                    s.get_one(Callback, promise.callback_id),
                    a,
                    due_at=due_at,
                    now=viewer.read_utc_clock(),
                )
            )
            if agreed:
                show_agreed_time(agreed, zone)
            st.rerun()


def draw_outreach_form(file: LeadFile) -> None:
    """Draw the form by which somebody was reached another way, and perhaps a safe time agreed."""
    waiting = [promise for promise in file.promises if promise.waits]
    held = any(promise.hold for promise in waiting)
    with (
        st.expander(
            _("Reached another way"),
            icon=":material/alternate_email:",
            expanded=held,
            key=f"reach-{file.lead_id}",
        ),
        st.form(f"outreach-{file.lead_id}", border=False),
    ):
        widgets.draw_email_on_file(file.facts["email"])
        way = st.radio(
            _("How"), list(WAYS), format_func=lambda one: _(WAYS[one]), horizontal=True, index=None
        )
        words = st.text_area(_("What was done, and what they said"), height=80)
        agreed, is_over = None, False
        if any(promise.safe_until for promise in waiting):
            is_over = st.checkbox(_("They said that a call is safe at any time now"))
        if waiting:
            agreed = ask_safe_time(file)
        if st.form_submit_button(
            _("Save the contact"), on_click=page_actions.note_shown, args=(waiting,)
        ):
            waiting = page_actions.take_shown()
            if is_over:
                end_safe_times(way, words, waiting)
            time_agreed = agreed.read_safe_time(file.zone) if agreed else None
            save_outreach(file, way, words, time_agreed, waiting)


@dataclass(frozen=True)
class AskedSafeTime:
    """What was answered to when a call is safe: nothing of it is a guess of ours."""

    agreed_with: str
    on: date | None
    begins: time | None
    ends: time | None

    def read_safe_time(self, zone: str) -> SafeTime | None:
        """Return the safe time, or draw the page anew where only a part of it was answered."""
        on, begins, ends = self.on, self.begins, self.ends
        answers = (on, begins, ends)
        if not self.agreed_with.strip() and all(one is None for one in answers):
            return None
        if on is None or begins is None or ends is None:
            ask_again(Phrase("Choose the day, and when the safe time starts and ends."))
        next_day = on + timedelta(days=ends <= begins)
        starts, until = (
            datetime.combine(*one, tzinfo=ZoneInfo(zone))
            for one in ((on, begins), (next_day, ends))
        )
        return SafeTime(starts, until, self.agreed_with)


def ask_safe_time(file: LeadFile) -> AskedSafeTime:
    """Ask who agreed to a safe time, and from when until when, by the clock where they are."""
    agreed_with = st.text_input(
        _("Who agreed to a safe time for a call"),
        placeholder=_("Leave blank if no time was agreed"),
    )
    today = viewer.read_utc_clock().astimezone(ZoneInfo(file.zone)).date()
    days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    on = widgets.ask_day_unset(_("Safe on"), days, key=f"safe-on-{file.lead_id}")
    start, end = st.columns(2, vertical_alignment="bottom")
    with start:
        place = page_text.zone_city(file.zone)
        begins = widgets.ask_time_of_day_unset(
            _("From ({place} time)", place=place), key=f"safe-from-{file.lead_id}"
        )
    with end:
        ends = widgets.ask_time_of_day_unset(_("Until"), key=f"safe-until-{file.lead_id}")
    return AskedSafeTime(agreed_with, on, begins, ends)


def ask_again(sentence: Phrase) -> NoReturn:
    """Draw the page anew, and say what nobody has answered."""
    page_actions.set_action_message(sentence, kind="warning")
    st.rerun()


def end_safe_times(way: OutreachWay | None, words: str, waiting: list[OpenPromise]) -> NoReturn:
    """Let their callbacks ring by the other rules alone again, and draw the page anew."""
    if way is None:
        ask_again(NO_WAY_CHOSEN)

    def end(session: Session, supervisor: Advisor) -> None:
        now = viewer.read_utc_clock()
        for promise in waiting:
            if promise.safe_until:
                callback = session.get_one(Callback, promise.callback_id)
                safe_times.end_safe_time(session, callback, supervisor, way, words, now=now)

    page_actions.act_and_redraw(end, Phrase("Saved in their file."))


def save_outreach(
    file: LeadFile,
    way: OutreachWay | None,
    words: str,
    agreed: SafeTime | None,
    waiting: list[OpenPromise],
) -> None:
    """Record how they were reached, and let their callbacks ring at the safe time alone."""
    if way is None:
        ask_again(NO_WAY_CHOSEN)

    def record(session: Session, supervisor: Advisor) -> list[RescheduleOutcome]:
        now = viewer.read_utc_clock()
        if agreed is None:
            lead = session.get_one(Lead, file.lead_id)
            safe_times.record_outreach(session, lead, supervisor, way, words, now=now)
            return []
        return [
            safe_times.agree_safe_time(
                session,
                session.get_one(Callback, promise.callback_id),
                supervisor,
                way,
                words,
                time=agreed,
                seen=promise.hold_ids,
                now=now,
            )
            for promise in waiting
        ]

    if outcomes := page_actions.run_for_result(record, Phrase("Saved in their file.")):
        show_agreed_time(outcomes[0], file.zone)
    st.rerun()
