"""An overdue task beside the list: what somebody was to do, and what becomes of it now."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, page_text, viewer, widgets
from dashboard.language import _
from dashboard.record import tasks_section
from leads.i18n.translatable import Phrase
from leads.lead_records import person_tasks
from leads.lead_records.person_tasks import OpenTask
from leads.models.person_work import Task


def draw_task_panel(task: OpenTask) -> None:
    """Draw what was to be done, and what can be done about it."""
    st.write(f"**{page_text.escape_markdown(task.words)}**")
    said = {
        "name": page_text.escape_markdown(task.advisor),
        "time": page_text.instant_text(task.due_at),
    }
    widgets.draw_small_text(_("Assigned to {name}, overdue since {time}", **said))
    if st.button(
        _("Done"), key=f"task-done-{task.task_id}", icon=":material/check:", type="primary"
    ):
        tasks_section.finish_shown_task(task.task_id)
    with st.form(f"task-move-{task.task_id}", border=False):
        advisor_id, due_at = tasks_section.ask_assignee_and_time(task.advisor_id)
        if st.form_submit_button(_("Move or reassign"), icon=":material/event:"):
            page_actions.act_and_redraw(
                lambda s, a: person_tasks.move_task(
                    s,
                    s.get_one(Task, task.task_id),
                    a,
                    advisor_id=advisor_id,
                    due_at=due_at,
                    now=viewer.read_utc_clock(),
                ),
                Phrase("The task is moved."),
            )
