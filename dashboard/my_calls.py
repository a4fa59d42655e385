"""My calls: an advisor's own calls of late, their tasks, and the people they may find again."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.desk import correction
from dashboard.language import _
from dashboard.record import (
    consent_section,
    disclosure_section,
    emergency_section,
    tasks_section,
)
from leads.callbacks import queue
from leads.callbacks.said_calls import CORRECTION_WINDOW
from leads.i18n.translatable import capitalize_first
from leads.lead_records import disclosure_account, person_tasks, visible_people
from leads.lead_records.visible_people import FoundPerson
from leads.models.calls import Callback
from leads.models.labels import LEAD_STATE_TITLES
from leads.people.permissions import Permission
from leads.read_models import said_calls
from leads.read_models.said_calls import RecentCall, SaidCall

FOUND_KEY = "found-people"

me = viewer.require_signed_in_advisor()


def draw_search() -> None:
    """Draw the search by the last four digits; what is typed is in no address and no log."""
    with (
        st.form("find", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        digits = st.text_input(
            _("Find by the last four digits"), max_chars=visible_people.DIGITS, width=240
        )
        is_asked = st.form_submit_button(_("Find"), icon=":material/search:")
    if is_asked:
        st.session_state[FOUND_KEY] = page_actions.run_for_result(
            lambda s, a: visible_people.find_people_by_last_digits(
                s, digits, a, now=viewer.read_utc_clock()
            )
        )
        st.rerun()


@widgets.in_stable_container
def draw_found() -> None:
    """Draw whom the last search found."""
    found: list[FoundPerson] | None = st.session_state.get(FOUND_KEY)
    if found is None:
        return
    if not found:
        st.info(
            _("No one in your calls and tasks has a number with these last four digits."),
            icon=":material/search_off:",
        )
    for person in found:
        who = page_text.escape_markdown(_(person.who))
        st.write(f"**{who}** · {_(LEAD_STATE_TITLES[person.state])}")
        draw_person_actions(person.lead_id, place="found")


def draw_person_actions(lead_id: int, *, place: str) -> None:
    """Draw what can be done for a person: their record for who may read it, tasks and consents."""
    if me.may(Permission.READ_LEAD_FILE):
        st.page_link(
            "lead_file.py",
            label=_("Open their file"),
            icon=":material/person:",
            query_params={"lead": str(lead_id)},
        )
    tasks_section.draw_task_form(lead_id, place=place)
    if st.toggle(_("What others may be told"), key=f"told-{place}-{lead_id}"):
        consent_section.draw_disclosure_consents(lead_id, place=place)
        disclosure_section.draw_disclosure_account(lead_id, place=place)


def draw_all_own_tasks() -> None:
    """Draw what this colleague is to do for people, the most urgent first."""
    tasks = page_reading.read_or_stop_page(
        lambda s, a: person_tasks.list_open_tasks(s, advisor_id=a.id, now=viewer.read_utc_clock())
    )
    st.header(_("My tasks"), anchor=False)
    if not tasks:
        widgets.draw_small_text(
            _(
                "No open task. Tasks are added in a person's file or below a call; yours are "
                "listed here."
            )
        )
    tasks_section.draw_tasks(tasks, names_person=True)


def draw_recent_calls() -> None:
    """Draw the calls of the last week; of the latest ones the outcome can still be corrected."""
    now = viewer.read_utc_clock()
    calls, correctable = page_reading.read_or_stop_page(
        lambda s, a: (
            said_calls.read_recent_calls(s, a, now=now),
            {call.callback_id: call for call in said_calls.read_own_said_calls(s, a.id, now=now)},
        )
    )
    st.header(_("My recent calls"), anchor=False)
    minutes = CORRECTION_WINDOW // timedelta(minutes=1)
    if not calls:
        widgets.draw_small_text(
            _(
                "No conversation in the last seven days. Each one is listed here with its outcome, "
                "which you can correct for {minutes} minutes.",
                minutes=minutes,
            )
        )
    elif correctable:
        widgets.draw_small_text(
            _("You can correct an outcome for {minutes} minutes: open the call.", minutes=minutes)
        )
    for call in calls:
        draw_recent_call(call, correctable.pop(call.callback_id, None))


def draw_recent_call(call: RecentCall, correctable: SaidCall | None) -> None:
    """Draw one call: with whom, what came of it in each version, and what can be done."""
    at, who = page_text.instant_text(call.at), page_text.escape_markdown(_(call.who))
    came_of_it = capitalize_first(_(call.said[-1][1] if call.said else call.what))
    what = page_text.escape_markdown(came_of_it)
    label = _("{time} · {who}: **{what}**", time=at, who=who, what=what)
    icon = ":material/edit:" if correctable else ":material/call:"
    with st.expander(label, icon=icon, key=f"call-{call.callback_id}-{call.at}"):
        if correctable:
            correction.draw_correction(correctable)
        for said_at, said in call.said:
            widgets.draw_small_text(
                _("{time}: said as {what}", time=page_text.instant_text(said_at), what=_(said))
            )
        if call.waits and st.button(
            _("Call them now"), key=f"now-{call.callback_id}-{call.at}", icon=":material/call:"
        ):
            if page_actions.run_as_signed_in(
                lambda s, a: queue.call_back_now(
                    s, s.get_one(Callback, call.callback_id), a, now=viewer.read_utc_clock()
                )
            ):
                st.switch_page("advisor_desk.py")
            st.rerun()
        draw_person_actions(call.lead_id, place=f"{call.callback_id}-{call.at}")


st.title(_("My calls"), anchor=False)
widgets.draw_action_message()
disclosure_section.draw_unstated_disclosures(
    page_reading.read_or_stop_page(disclosure_account.list_own_unstated), place="calls"
)
draw_search()
draw_found()
if not me.may(Permission.READ_LEAD_FILE):  # who does it where they search for files
    emergency_section.draw_emergency_access()
draw_all_own_tasks()
draw_recent_calls()
