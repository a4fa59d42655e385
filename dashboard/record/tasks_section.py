"""Tasks for people: on a record, on the desk, and where one is added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.language import _
from leads.i18n.translatable import Phrase
from leads.lead_records import person_tasks
from leads.lead_records.person_tasks import OpenTask
from leads.models.person_work import Task
from leads.models.requests import Lead

DAYS_AHEAD = 30


def draw_tasks(tasks: Sequence[OpenTask], *, names_person: bool) -> None:
    """Draw what is to be done, each with the button that says it is done."""
    for task in tasks:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.write(task_text(task, names_person=names_person))
            if st.button(
                _("Done"),
                key=f"done-{task.task_id}",
                icon=":material/check:",
                help=_("Mark this task as done"),
            ):
                finish_shown_task(task.task_id)


def task_text(task: OpenTask, *, names_person: bool) -> str:
    """Return what is to be done until when, and for whom or by whom."""
    said = {
        "words": page_text.escape_markdown(task.words),
        "time": page_text.instant_text(task.due_at),
        "who": page_text.escape_markdown(_(task.who) if names_person else task.advisor),
    }
    if task.is_overdue:
        return _("**{words}** · {who} · :red[overdue since {time}]", **said)
    return _("**{words}** · {who} · due {time}", **said)


def finish_shown_task(task_id: int) -> None:
    """Record that a task is done, and draw the page anew."""
    page_actions.act_and_redraw(
        lambda s, a: person_tasks.finish_task(
            s, s.get_one(Task, task_id), a, now=viewer.read_utc_clock()
        ),
        Phrase("Done."),
    )


def draw_task_form(lead_id: int, *, place: str) -> None:
    """Draw the form that gives a colleague something to do for a person.

    `place`: where on the page, because a page may show somebody more than once.
    """
    me = viewer.require_signed_in_advisor()
    with (
        st.expander(_("Add a task"), icon=":material/add_task:", key=f"add-task-{place}-{lead_id}"),
        widgets.form_kept_if_refused(f"task-{place}-{lead_id}"),
    ):
        words = st.text_input(
            _("What to do"), placeholder=_("For example: send the list of meetings")
        )
        advisor_id, due_at = ask_assignee_and_time(me.advisor_id)
        if st.form_submit_button(_("Add the task")):
            page_actions.act_and_redraw(
                lambda s, a: person_tasks.add_task(
                    s,
                    s.get_one(Lead, lead_id),
                    a,
                    words=words,
                    advisor_id=advisor_id,
                    due_at=due_at,
                    now=viewer.read_utc_clock(),
                ),
                Phrase("The task is added."),
            )


def ask_assignee_and_time(advisor_id: int) -> tuple[int, datetime]:
    """Ask who does a task and until when: first this colleague, while they work here, tomorrow."""
    colleagues = page_reading.read_or_stop_page(person_tasks.list_assignees)
    names = {one.advisor_id: one.name for one in colleagues}
    chosen = st.selectbox(
        _("Who does it"),
        list(names),
        index=list(names).index(advisor_id) if advisor_id in names else 0,
        format_func=names.__getitem__,
    )
    zone = viewer.viewer_zone()
    today = viewer.read_utc_clock().astimezone(ZoneInfo(zone)).date()
    days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    day, at = st.columns(2, vertical_alignment="bottom")
    on = day.selectbox(_("Due on"), days, index=1, format_func=page_text.day_text)
    with at:
        hour = widgets.ask_time_of_day(_("Due at"), time(12))
    return chosen, datetime.combine(on, hour, tzinfo=ZoneInfo(zone))
