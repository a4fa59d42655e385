"""Tasks: what a colleague is to do for a person until a time. No task takes a callback's place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadSubmission, LostRace, NotAllowed
from leads.i18n.translatable import Phrase
from leads.lead_records.visible_people import masked_person, require_visible
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.helplines import Brand
from leads.models.person_work import Task
from leads.models.requests import Lead
from leads.people.permissions import (
    Permission,
    actor_of,
    is_served_by,
    require_permission,
    role_may,
)

LONGEST_WORDS = 500  # characters


@dataclass(frozen=True)
class OpenTask:
    """Something that somebody is to do for a person; name and number are masked.

    `brand`: of the helpline that the person last asked, by name.
    """

    task_id: int
    lead_id: int
    who: str
    brand: str
    words: str
    advisor_id: int
    advisor: str
    due_at: datetime
    is_overdue: bool


@dataclass(frozen=True)
class Assignee:
    """A colleague who can be given a task."""

    advisor_id: int
    name: str


def add_task(
    session: Session,
    lead: Lead,
    person: Advisor,
    *,
    words: str,
    advisor_id: int,
    due_at: datetime,
    now: datetime,
) -> Task:
    """Give a colleague something to do for a person until a time.

    Raises NotAllowed for a person whom the colleague may not see, BadSubmission without words, for
    a time that is past and for whoever works here no more.
    """
    require_permission(person, Permission.ADD_TASK, lead)
    require_visible(session, lead.id, person, now=now)
    if not words.strip():
        raise BadSubmission(Phrase("Enter what to do."))
    _require_possible_plan(session, advisor_id, lead, due_at, now=now)
    task = Task(
        lead_id=lead.id,
        words=words.strip()[:LONGEST_WORDS],
        advisor_id=advisor_id,
        due_at=due_at,
        created_by=actor_of(person),
        created_at=now,
    )
    session.add(task)
    session.flush()
    record_event(session, lead, "task", actor=actor_of(person), now=now, task=task.id)
    wake_after_commit(session, Wakeup.DESK)
    return task


def finish_task(session: Session, task: Task, person: Advisor, *, now: datetime) -> None:
    """Record that a task is done: by whoever it was given to, or a supervisor.

    Raises NotAllowed for anybody else, LostRace where it is done already.
    """
    _lock_open_task(session, task, person)
    task.done_at, task.done_by = now, actor_of(person)
    session.add(task)
    lead = session.get_one(Lead, task.lead_id)
    record_event(session, lead, "task_done", actor=actor_of(person), now=now, task=task.id)
    wake_after_commit(session, Wakeup.DESK)


def move_task(
    session: Session,
    task: Task,
    person: Advisor,
    *,
    advisor_id: int,
    due_at: datetime,
    now: datetime,
) -> None:
    """Move what is still to be done to another time, and to another colleague if one is named.

    Raises as finishing it and adding it do.
    """
    _lock_open_task(session, task, person)
    lead = session.get_one(Lead, task.lead_id)
    _require_possible_plan(session, advisor_id, lead, due_at, now=now)
    task.advisor_id, task.due_at = advisor_id, due_at
    session.add(task)
    record_event(session, lead, "task_moved", actor=actor_of(person), now=now, task=task.id)
    wake_after_commit(session, Wakeup.DESK)


def list_overdue_tasks(session: Session, person: Advisor, *, now: datetime) -> Sequence[OpenTask]:
    """Return what was not done in time, whoever has it, for whoever reads all files."""
    require_permission(person, Permission.READ_LEAD_FILE)
    return list_open_tasks(session, is_overdue=True, now=now)


_LAST_ASKED = (
    select(Brand.name)
    .join(Callback, col(Callback.brand_id) == col(Brand.id))
    .where(col(Callback.lead_id) == col(Task.lead_id))
    .order_by(col(Callback.id).desc())
    .limit(1)
    .scalar_subquery()
)
"""The helpline that the person of a task asked last."""


def list_open_tasks(
    session: Session,
    *,
    now: datetime,
    lead_ids: Iterable[int] | None = None,
    advisor_id: int | None = None,
    is_overdue: bool = False,
) -> Sequence[OpenTask]:
    """Return what is still to be done, the most urgent first: of people, or of a colleague."""
    wanted: Any = select(Task, Lead, Advisor.name, _LAST_ASKED)
    wanted = wanted.join(Lead, col(Lead.id) == col(Task.lead_id))
    wanted = wanted.join(Advisor, col(Advisor.id) == col(Task.advisor_id))
    wanted = wanted.where(col(Task.done_at).is_(None))
    if lead_ids is not None:
        wanted = wanted.where(col(Task.lead_id).in_(list(lead_ids)))
    if advisor_id is not None:
        wanted = wanted.where(Task.advisor_id == advisor_id)
    if is_overdue:
        wanted = wanted.where(col(Task.due_at) <= now)
    rows = session.exec(wanted.order_by(col(Task.due_at), col(Task.id)))
    return [
        OpenTask(
            task_id=task.id,
            lead_id=task.lead_id,
            who=masked_person(lead.name, lead.phone),
            brand=brand or "",
            words=task.words,
            advisor_id=task.advisor_id,
            advisor=name,
            due_at=task.due_at,
            is_overdue=task.due_at <= now,
        )
        for task, lead, name, brand in rows
    ]


def list_assignees(session: Session, person: Advisor) -> list[Assignee]:
    """Return the colleagues to whom somebody can give a task, by name."""
    require_permission(person, Permission.ADD_TASK)
    active = select(Advisor).where(col(Advisor.deactivated_at).is_(None))
    people = session.exec(active.order_by(col(Advisor.name), col(Advisor.id)))
    return [Assignee(one.id, one.name) for one in people if _may_do_tasks(one)]


def _lock_open_task(session: Session, task: Task, person: Advisor) -> None:
    require_permission(person, Permission.ADD_TASK, task)
    session.refresh(task, with_for_update=True)
    if task.advisor_id != person.id and not role_may(person.role, Permission.READ_LEAD_FILE):
        raise NotAllowed(
            Phrase("Only the person assigned to the task or a supervisor can change it.")
        )
    if task.done_at:
        raise LostRace(Phrase("Someone else got there first: it is done."))


def _require_possible_plan(
    session: Session, advisor_id: int, lead: Lead, due_at: datetime, *, now: datetime
) -> None:
    if due_at <= now:
        raise BadSubmission(Phrase("Choose a time in the future."))
    assignee = session.get(Advisor, advisor_id)
    if assignee is None or assignee.deactivated_at or not _may_do_tasks(assignee):
        raise BadSubmission(Phrase("Choose someone who works here."))
    if not is_served_by(assignee, lead):
        raise BadSubmission(
            Phrase("{name} does not serve their helpline. Choose someone else.", name=assignee.name)
        )


def _may_do_tasks(colleague: Advisor) -> bool:
    return role_may(colleague.role, Permission.ADD_TASK)
