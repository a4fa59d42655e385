"""What can be done with several rows at once: only what makes sense for each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import streamlit as st
from sqlmodel import Session, SQLModel

from dashboard import page_actions, page_text, viewer, widgets
from dashboard.language import _
from dashboard.work_list import row_list
from leads.callbacks import completion, queue, reopening
from leads.callbacks.holds import WARNINGS_OF_PHONE
from leads.i18n.translatable import Phrase, join_sentences
from leads.intake import discard_undo, review
from leads.lead_records import person_tasks
from leads.messaging import waiting_texts
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import HoldReason, SubmissionState
from leads.models.person_work import Task
from leads.models.requests import Submission, TextMessage
from leads.read_models.work_kinds import WorkKind
from leads.read_models.work_rows import WorkRow

MOST_NAMED = 6
READ_ONE_BY_ONE = WARNINGS_OF_PHONE | {HoldReason.STOPPED_CALLS, HoldReason.UNRECORDED_CALL}
"""What holds somebody of whom a person reads first why: no act on several lifts it."""


@dataclass(frozen=True)
class ActOnRow:
    """One of several acts: on which row as it was shown, why, and when."""

    row: WorkRow
    why: str
    now: datetime


@dataclass(frozen=True)
class SharedAct:
    """An act on each of several records. `suits` says of which rows it makes sense.

    `asks_why`: with one reason for all of them.
    """

    label: Phrase
    suits: Callable[[WorkRow], bool]
    model: type[SQLModel]
    act: Callable[..., None]
    asks_why: Phrase | None = None
    undo: Callable[..., None] | None = None


def _release_selected_hold(s: Session, callback: Callback, by: Advisor, one: ActOnRow) -> None:
    seen = one.row.callback.hold_ids if one.row.callback else ()
    queue.release_hold(s, callback, by, seen=seen, now=one.now)


def _move_up(s: Session, callback: Callback, by: Advisor, one: ActOnRow) -> None:
    queue.move_callback_up(s, callback, by, now=one.now)


def _withdraw_callback(s: Session, callback: Callback, by: Advisor, one: ActOnRow) -> None:
    completion.cancel_callback(s, callback, by, reason=one.why, now=one.now)


def _process_genuine(s: Session, form: Submission, by: Advisor, one: ActOnRow) -> None:
    review.process_refused_submission(s, form, by, now=one.now)


def _discard_form(s: Session, form: Submission, by: Advisor, one: ActOnRow) -> None:
    review.discard_submission(s, form, by, reason=one.why, now=one.now)


def _settle_selected_text(s: Session, text: TextMessage, by: Advisor, one: ActOnRow) -> None:
    waiting_texts.settle_text(s, text, by, now=one.now)


def _finish_selected_task(s: Session, task: Task, by: Advisor, one: ActOnRow) -> None:
    person_tasks.finish_task(s, task, by, now=one.now)


def _is_possible_for(event: str) -> Callable[[WorkRow], bool]:
    return lambda row: row.callback is not None and event in row.callback.events


SHARED_ACTS = (
    SharedAct(
        Phrase("Reviewed: return them to the queue"),
        lambda row: bool(
            row.callback and row.callback.hold and not row.callback.hold_reasons & READ_ONE_BY_ONE
        ),
        Callback,
        _release_selected_hold,
    ),
    SharedAct(Phrase("Move them up"), _is_possible_for("claim"), Callback, _move_up),
    SharedAct(
        Phrase("They are genuine: add to queue"),
        lambda row: row.submission_state == SubmissionState.REFUSED,
        Submission,
        _process_genuine,
    ),
    SharedAct(
        Phrase("Done"), lambda row: row.kind == WorkKind.TEXT, TextMessage, _settle_selected_text
    ),
    SharedAct(Phrase("Done"), lambda row: row.kind == WorkKind.TASK, Task, _finish_selected_task),
    SharedAct(
        Phrase("Cancel the callback"),
        _is_possible_for("cancel"),
        Callback,
        _withdraw_callback,
        asks_why=Phrase("Reason to cancel the callback"),
        undo=reopening.undo_cancellation,
    ),
    SharedAct(
        Phrase("Discard"),
        lambda row: row.kind == WorkKind.FORM,
        Submission,
        _discard_form,
        asks_why=Phrase("Why no one should be called"),
        undo=discard_undo.undo_discard,
    ),
)


def draw_selected_rows(rows: Sequence[WorkRow]) -> None:
    """Draw how many rows are selected, whose they are, and what can be done with all of them."""
    st.header(_("{count} selected", count=len(rows)), anchor=False)
    names = ", ".join(_(row.who) for row in rows[:MOST_NAMED])
    more = len(rows) - MOST_NAMED
    said = _("{names} and {count} more", names=names, count=more) if more > 0 else names
    widgets.draw_small_text(page_text.escape_markdown(said))
    shared = [act for act in SHARED_ACTS if all(map(act.suits, rows))]
    if not shared:
        st.info(_("No action applies to all of these. Select rows of one type."))
    for act in shared:
        _draw_act(act, rows)
    st.button(_("Clear selection"), type="tertiary", on_click=_unselect_all)


def _draw_act(act: SharedAct, rows: Sequence[WorkRow]) -> None:
    """Draw an act on the rows as they are shown: nobody has read what has come since."""
    key = f"all-{act.act.__name__}"
    why_key = f"{key}-why"
    pressed: dict[str, Any] = {"on_click": _act_on_each, "args": (act, rows, why_key)}
    if act.asks_why is None:
        st.button(_(act.label), key=key, **pressed)
        return
    with st.form(key, border=False):
        st.text_input(_(act.asks_why), key=why_key)
        st.form_submit_button(_(act.label), **pressed)


def _act_on_each(act: SharedAct, rows: Sequence[WorkRow], why_key: str) -> None:
    """Act on each record in a transaction of its own, and say how many were refused, and why."""
    why = st.session_state.get(why_key, "")
    done_ids, refusals = [], []
    for row in rows:
        if page_actions.run_as_signed_in(partial(_act_on, act, row, why)):
            done_ids.append(row.record_id)
        else:
            refusals.append(page_actions.action_message())
    done: str = Phrase("Done: {count}.", count=len(done_ids))
    if refusals:
        refused = Phrase("Not done: {count}.", count=len(refusals))
        done = join_sentences(done, refused, *dict.fromkeys(refusals))
    undo = partial(_undo_each, act, done_ids) if act.undo and done_ids else None
    page_actions.set_action_message(done, kind="warning" if refusals else "success", undo=undo)
    row_list.forget_selection()
    st.rerun([row_list.LIST, row_list.PANEL])


def _undo_each(act: SharedAct, ids: Sequence[int], session: Session, person: Advisor) -> None:
    for record_id in ids:
        if act.undo:
            record = session.get_one(act.model, record_id)
            act.undo(session, record, person, now=viewer.read_utc_clock())


def _act_on(act: SharedAct, row: WorkRow, why: str, session: Session, person: Advisor) -> None:
    record = session.get_one(act.model, row.record_id)
    act.act(session, record, person, ActOnRow(row, why, viewer.read_utc_clock()))


def _unselect_all() -> None:
    row_list.forget_selection()
    page_actions.clear_action_message()
    st.rerun([row_list.LIST, row_list.PANEL])
