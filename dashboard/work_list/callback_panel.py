"""One callback beside the list: why it waits, and what a supervisor may do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.danger import override_form
from dashboard.desk import unrecorded_call
from dashboard.language import _
from dashboard.work_list import row_list
from dashboard.work_list.row_html import calls_so_far_text
from leads.callbacks import completion, own_dispositions, queue, reopening
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import HoldReason
from leads.read_models.advisor_statuses import AdvisorStatus
from leads.read_models.callback_board import BoardRow
from leads.read_models.work_rows import callback_wait_sentence


def draw_callback_panel(row: BoardRow, colleagues: Sequence[AdvisorStatus]) -> None:
    """Draw a callback's details, and under them what can be done."""
    _draw_callback_details(row)
    _draw_hold_decision(row)
    _draw_assignment_controls(row, [one for one in colleagues if one.is_free])
    override_form.draw_override_form(row)
    _draw_withdrawal_form(row)


def _draw_callback_details(row: BoardRow) -> None:
    asked = _("Asked {time} ago", time=page_text.time_since_text(row.received_at))
    due = page_text.instant_text(row.due_at)
    time = _("overdue since {time}", time=due) if row.overdue else _("due {time}", time=due)
    widgets.draw_small_text(" · ".join([asked, time, calls_so_far_text(row)]))
    for reason in row.urgency:
        st.write(page_text.escape_markdown(_(reason)))
    if not row.hold:
        st.write(page_text.escape_markdown(_(row.match or callback_wait_sentence(row))))


@widgets.in_stable_container
def _draw_hold_decision(row: BoardRow) -> None:
    """Draw what a person has to decide before a held callback is called."""
    if not row.hold:
        return
    st.write(_("**Held:** {reason}", reason=page_text.escape_markdown(_(row.hold))))
    widgets.draw_email_on_file(row.email)
    if HoldReason.UNRECORDED_CALL in row.hold_reasons:
        own = page_reading.read_or_stop_page(
            lambda s, _a: own_dispositions.list_own_of_callback(s, row.callback_id)
        )
        unrecorded_call.draw_outcome_question(row.callback_id, own)
    st.button(
        _("Reviewed: return to queue"),
        key=f"unhold-{row.callback_id}",
        on_click=_release_shown_holds,
        args=(row,),  # as it was drawn: what came since, nobody has read
    )


def _release_shown_holds(row: BoardRow) -> None:
    page_actions.run_as_signed_in(
        lambda s, a: queue.release_hold(
            s,
            s.get_one(Callback, row.callback_id),
            a,
            seen=row.hold_ids,
            now=viewer.read_utc_clock(),
        ),
        Phrase("It is in the queue again."),
    )
    st.rerun([row_list.LIST, row_list.PANEL])


def _draw_assignment_controls(row: BoardRow, free: list[AdvisorStatus]) -> None:
    """Draw the controls that give a callback to an advisor or move it up."""
    _draw_claim_buttons(row)
    _draw_reassignment(row, free)


def _draw_claim_buttons(row: BoardRow) -> None:
    may_claim = "claim" in row.events
    with st.container(horizontal=True):
        if st.button(_("Take it myself"), key=f"take-{row.callback_id}", disabled=not may_claim):
            if page_actions.run_as_signed_in(
                lambda s, a: queue.claim_callback(
                    s, s.get_one(Callback, row.callback_id), a, now=viewer.read_utc_clock()
                )
            ):
                st.switch_page("advisor_desk.py")
            st.rerun()
        if st.button(
            _("Move up"),
            key=f"up-{row.callback_id}",
            icon=":material/arrow_upward:",
            disabled=not may_claim,
        ):
            act_on_callback(row, queue.move_callback_up, Phrase("It is ahead of the others now."))


def _draw_reassignment(row: BoardRow, free: list[AdvisorStatus]) -> None:
    names = {one.advisor_id: one.name for one in free}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        advisor = st.selectbox(
            _("Assign to"),
            list(names),
            index=None,
            format_func=names.__getitem__,
            placeholder=_("Choose an advisor") if names else _("No one is free"),
            key=f"to-{row.callback_id}",
            width=220,
        )
        may_be_given = bool(row.events & {"claim", "release"}) and not row.hold
        is_given = st.button(
            _("Assign"),
            key=f"give-{row.callback_id}",
            icon=":material/assignment_ind:",
            disabled=not may_be_given or advisor is None,
        )
    if is_given and advisor:
        act_on_callback(
            row,
            lambda s, c, a, now: queue.reassign_callback(
                s, c, s.get_one(Advisor, advisor), a, now=now
            ),
            Phrase("{name} has it now.", name=names[advisor]),
        )


def _draw_withdrawal_form(row: BoardRow) -> None:
    """Draw the form that cancels a callback, which needs a reason."""
    with widgets.form_kept_if_refused(f"cancel-{row.callback_id}"):
        example = _("For example: reached us by phone")
        reason = st.text_input(_("Reason to cancel the callback"), placeholder=example)
        if st.form_submit_button(_("Cancel the callback"), disabled="cancel" not in row.events):
            act_on_callback(
                row,
                lambda s, c, a, now: completion.cancel_callback(s, c, a, reason=reason, now=now),
                Phrase("Canceled. The reason is on record."),
                undo=reopening.undo_cancellation,
            )


def act_on_callback(
    row: BoardRow,
    verb: Callable[..., object],
    done: str,
    *,
    undo: Callable[..., object] | None = None,
) -> None:
    """Do one act on a callback, which may be taken back, and draw the whole page again."""

    def applied(act: Callable[..., object]) -> page_actions.Act:
        return lambda session, advisor: act(
            session,
            session.get_one(Callback, row.callback_id),
            advisor,
            now=viewer.read_utc_clock(),
        )

    page_actions.act_and_redraw(applied(verb), done, undo=applied(undo) if undo else None)
