"""The panel beside the work list: the row that is open, or what can be done with those selected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

import streamlit as st
from sqlmodel import Session

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.danger import incident_decision, second_look
from dashboard.desk.danger_steps import draw_taken_steps
from dashboard.language import _
from dashboard.review import (
    form_decision,
    statements,
    text_decision,
    voicemail_decision,
)
from dashboard.work_list import address, row_list, several_selected
from dashboard.work_list.access_panel import draw_access_panel
from dashboard.work_list.callback_panel import draw_callback_panel
from dashboard.work_list.task_panel import draw_task_panel
from leads.intake import review_queue
from leads.lead_records import later_statements
from leads.messaging import voicemails, waiting_texts
from leads.models.advisors import Advisor
from leads.read_models import callback_board, incidents, work_list
from leads.read_models.advisor_statuses import AdvisorStatus
from leads.read_models.callback_board import Board
from leads.read_models.calls_in_progress import CallInProgress
from leads.read_models.given_up import GivenUpRow
from leads.read_models.work_filter import WorkPart
from leads.read_models.work_kinds import WORK_KIND_LABELS, WorkKind
from leads.read_models.work_list import WorkList
from leads.read_models.work_rows import WorkRow


def read_work() -> WorkList:
    """Return the list as the address asks for it, with the rows that are in use."""
    keys = {*row_list.selected_keys(), address.open_row_key()} - {""}
    return page_reading.read_or_stop_page(
        lambda s, a: work_list.read_work_list(
            s,
            a,
            part=address.choose_part,
            only=address.filter_from_address(),
            keys=keys,
            most=address.count_of_rows_shown(),
            now=viewer.read_utc_clock(),
        )
    )


def _read_rows_in_use(keys: Collection[str]) -> tuple[list[WorkRow], Board]:
    """Return the rows that the panel is about, wherever they stand, and who is there."""
    now = viewer.read_utc_clock()
    return page_reading.read_or_stop_page(
        lambda s, a: (
            work_list.find_work_rows(s, a, keys, now=now),
            callback_board.read_board(s, a, now=now),
        )
    )


@st.fragment(key=row_list.PANEL)
def draw_side_panel() -> None:
    """Draw the panel: the rows that are selected, else the one that is open."""
    with st.container(key="work-panel"):
        if not is_in_use():
            if row_list.is_anything_listed():
                with st.container(key="work-hint"):
                    st.info(_("Click a row to see its details and what you can do."))
            return
        keys, opened = row_list.selected_keys(), address.open_row_key()
        rows, board = _read_rows_in_use({*keys, opened} - {""})
        if not list_shown_calls(board, address.part_shown_last()):
            widgets.draw_action_message()
        if selected := [row for row in rows if row.key in keys]:
            several_selected.draw_selected_rows(selected)
        elif opened:
            _draw_open_row(rows, opened, board.colleagues)


def is_in_use() -> bool:
    """Whether a row is open or selected."""
    return bool(row_list.selected_keys() or address.open_row_key())


def list_shown_calls(board: Board, part: WorkPart | None) -> list[CallInProgress]:
    """Return the calls that stand above the list.

    Their buttons draw the list alone: what came of an action is then said there, else in a panel
    that is in use.
    """
    is_in_hand = part == WorkPart.IN_HAND
    return [call for call in board.calls if call.help_wanted_at or is_in_hand]


def _draw_open_row(rows: Sequence[WorkRow], key: str, colleagues: Sequence[AdvisorStatus]) -> None:
    row = next((row for row in rows if row.key == key), None)
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = _(WORK_KIND_LABELS[row.kind]) if row else _("Not on the list")
        brand = page_text.escape_markdown(row.brand) if row else ""
        widgets.draw_small_text(f"{kind} · {brand}" if brand else kind)
        st.space("stretch")
        st.button(
            _("Close"),
            icon=":material/close:",
            type="tertiary",
            on_click=_close_row,
            key="close-row",
        )
    if row is None:
        if not page_actions.action_message():
            st.info(_("Someone has already taken care of this."))
        return
    st.header(page_text.escape_markdown(_(row.who)), anchor=False)
    if row.lead_id is not None:
        st.page_link(
            "lead_file.py",
            label=_("Open their file"),
            icon=":material/person:",
            query_params={"lead": str(row.lead_id)},
        )
    _draw_record(row, colleagues)


def _draw_record(row: WorkRow, colleagues: Sequence[AdvisorStatus]) -> None:
    """Draw what the row is about, with its decisions; nothing where it was decided meanwhile."""
    match row.kind:
        case WorkKind.CALLBACK if row.callback:
            draw_callback_panel(row.callback, colleagues)
        case WorkKind.CALLBACK if row.given_up:
            _draw_given_up(row.given_up)
        case WorkKind.INCIDENT | WorkKind.OVERRIDE:
            _draw_incident_or_override(row)
        case WorkKind.PRIVACY:
            label = _("Complaints and suspected breaches")
            st.page_link("privacy_cases.py", label=label, icon=":material/gpp_maybe:")
        case WorkKind.EMERGENCY_ACCESS:
            draw_access_panel(row.record_id)
        case WorkKind.TASK if row.task:
            draw_task_panel(row.task)
        case _:
            _draw_message(row)


def _draw_message(row: WorkRow) -> None:
    match row.kind:
        case WorkKind.FORM:
            if submission := _read_record(review_queue.find_submission_to_review, row):
                form_decision.draw_submission(submission)
        case WorkKind.TEXT:
            if text := _read_record(waiting_texts.find_waiting_text, row):
                text_decision.draw_waiting_text(text)
        case WorkKind.VOICEMAIL:
            if voicemail := _read_record(voicemails.find_waiting_voicemail, row):
                voicemail_decision.draw_waiting_voicemail(voicemail)
        case WorkKind.STATEMENT:
            _draw_two_answers(row)


Found = TypeVar("Found")


def _read_record(find: Callable[[Session, int, Advisor], Found], row: WorkRow) -> Found:
    """Return the record of a row as its supervisor may see it."""
    return page_reading.read_or_stop_page(lambda s, a: find(s, row.record_id, a))


def _draw_given_up(row: GivenUpRow) -> None:
    st.write(_("All attempts were used up: {time}.", time=page_text.instant_text(row.at)))
    widgets.draw_email_on_file(row.email)


def _draw_two_answers(row: WorkRow) -> None:
    undecided = page_reading.read_or_stop_page(
        lambda s, a: later_statements.list_statements_to_decide(s, a, lead_ids=[row.lead_id or 0])
    )
    statements.draw_statements_to_decide(
        [one for one in undecided if one.statement_id == row.record_id]
    )


def _draw_incident_or_override(row: WorkRow) -> None:
    board = page_reading.read_or_stop_page(
        lambda s, a: incidents.read_incident_board(s, a, now=viewer.read_utc_clock())
    )
    if row.kind == WorkKind.OVERRIDE:
        for override in board.overrides:
            if override.override_id == row.record_id:
                second_look.draw_override_to_see(override)
    for incident in (*board.open, *board.follow_ups):
        if row.kind == WorkKind.INCIDENT and incident.incident_id == row.record_id:
            incident_decision.draw_incident_facts(incident)
            draw_taken_steps(incident.steps)
            incident_decision.draw_incident_decision(incident)


def _close_row() -> None:
    address.store_in_address("row", "")
    page_actions.clear_action_message()
    st.rerun([row_list.LIST, row_list.PANEL])
