"""What stands above and below the list: warnings, calls in progress, and who is there."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import in_browser, page_actions, page_text, viewer, widgets
from dashboard.danger import second_look
from dashboard.desk import call_bar
from dashboard.language import _
from leads.callbacks import unplaced_calls
from leads.calls.parties import WITHOUT_WHOM_NO_CALL
from leads.i18n.translatable import Phrase
from leads.models.enums import AttemptState
from leads.read_models.advisor_statuses import CALL_ACTIVITY, AdvisorStatus
from leads.read_models.callback_board import Board
from leads.read_models.calls_in_progress import STANDING_LABELS, CallInProgress


@widgets.in_stable_container
def draw_board_warnings(board: Board) -> None:
    """Draw what keeps leads from being rung, whoever is free."""
    if board.problem:
        refused = _(
            "The phone network rejected calls in the last hour. {problem}",
            problem=_(board.problem),
        )
        st.error(refused, icon=":material/phone_disabled:")
    if board.limbo:
        forgotten = _(
            "People not in any queue: {count}. No one will call them. Tell your admin.",
            count=board.limbo,
        )
        st.error(forgotten, icon=":material/person_alert:")
    if board.unplaced:
        failed = _(
            "People whose call failed on our side: {count}. Their calls resume automatically once "
            "the network accepts calls again.",
            count=board.unplaced,
        )
        st.error(failed, icon=":material/phone_disabled:")
        if st.button(_("Fixed: try all of them again"), key="retry-unplaced"):
            page_actions.run_as_signed_in(
                lambda s, a: unplaced_calls.retry_unplaced_calls(s, a, now=viewer.read_utc_clock()),
                Phrase("They are in the queue again."),
            )


@widgets.in_stable_container
def draw_calls_in_progress(calls: Sequence[CallInProgress]) -> None:
    """Draw calls that are under way, with the ways into each."""
    for call in calls:
        with st.container(border=True, key=f"call-{call.attempt_id}", gap="small"):
            draw_call_in_progress(call)


def draw_call_in_progress(call: CallInProgress) -> None:
    """Draw who is in a call and since when, and whether its advisor asks for help."""
    others = [
        f"{_(member.name)} ({_(STANDING_LABELS[member.standing])})"
        for member in call.members
        if member.party not in WITHOUT_WHOM_NO_CALL
    ]
    state = CALL_ACTIVITY[call.state]
    sentence = " · ".join([f" · {_(call.who)}", *others, f"{_(state)} {{time}}"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        in_browser.draw_running_clock(
            f"since-{call.attempt_id}", call.since, sentence, strong=call.advisor, written="watch"
        )
        if call.state == AttemptState.BRIDGED:
            call_bar.draw_supervisors_part(call, viewer.require_signed_in_advisor().advisor_id)
    if call.help_wanted_at is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(_("Asks for help"), icon=":material/sos:", color="red")
            in_browser.draw_running_clock(
                f"help-{call.attempt_id}", call.help_wanted_at, _("for {time}"), written="watch"
            )
            second_look.draw_settle_button(call.attempt_id)


@widgets.in_stable_container
def draw_colleagues(colleagues: Sequence[AdvisorStatus]) -> None:
    """Draw what every advisor who is there is doing."""
    st.header(_("Advisors"), anchor=False)
    if not colleagues:
        st.info(
            _(
                "No one is available. Callbacks wait until an advisor opens the desk or goes on "
                "duty."
            )
        )
    with st.container(gap="xsmall"):
        for colleague in colleagues:
            draw_advisor_activity(colleague)


def draw_advisor_activity(colleague: AdvisorStatus) -> None:
    """Draw what one advisor is doing, and for how long; the time runs in the browser."""
    doing = f" · {_(colleague.doing)}"
    if colleague.since is None:
        st.write(
            f"**{page_text.escape_markdown(colleague.name)}**{page_text.escape_markdown(doing)}"
        )
    else:
        key = f"colleague-{colleague.advisor_id}"
        in_browser.draw_running_clock(
            key, colleague.since, f"{doing} · {{time}}", strong=colleague.name, written="watch"
        )
