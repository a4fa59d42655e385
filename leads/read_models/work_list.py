"""The work list as read: whatever waits for a supervisor or for a call, what harms most first.

Whom advisors call by themselves and what a person has to decide first are different parts, and
nothing is in two of them. However much waits, it is counted in the database, and the first rows of
one part are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from leads.lead_records import emergency_file, person_tasks
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import CLAIMED_CALLBACK
from leads.models.helplines import Brand, Source
from leads.models.person_work import Task
from leads.models.privacy_cases import PrivacyCase
from leads.people.permissions import Permission, require_permission
from leads.read_models import (
    callback_board,
    given_up,
    incidents,
    waiting_forms,
    waiting_messages,
    work_rows,
)
from leads.read_models.callback_board import ROWS_AT_ONCE, Board
from leads.read_models.waiting_forms import DangerousForms
from leads.read_models.work_filter import EVERYTHING, Harm, WorkCounts, WorkFilter, WorkPart
from leads.read_models.work_kinds import WorkKind
from leads.read_models.work_rows import WorkRow
from leads.record_ids import read_record_id


@dataclass(frozen=True)
class WorkList:
    """The first rows of one part, what harms most first, and how many there are of every part.

    `counts`: of what the filter shows; `everything`: how many rows the part has without a filter.
    `asked`: the rows that were asked for by their keys, in whatever part they stand. The board
    knows calls and colleagues.
    """

    part: WorkPart
    rows: tuple[WorkRow, ...]
    counts: WorkCounts
    everything: int
    asked: tuple[WorkRow, ...]
    names_brand: bool
    board: Board


ChoosePart = Callable[[WorkCounts, Sequence[WorkRow]], WorkPart]
"""Says which part is read, by how many rows each has and by the rows that were asked for."""


@dataclass(frozen=True)
class FilterChoices:
    """What the list can be narrowed to: helplines by name, and who has something on it, by id.

    `sources`: the names of those of which an alert may be.
    """

    helplines: tuple[str, ...]
    advisors: dict[int, str]
    sources: dict[int, str]


@dataclass(frozen=True)
class _View:
    """What one supervisor may read at one instant; `others`: rows of which there are never many."""

    session: Session
    supervisor: Advisor
    now: datetime
    others: tuple[WorkRow, ...]
    danger: DangerousForms


def read_work_list(
    session: Session,
    supervisor: Advisor,
    *,
    part: WorkPart | ChoosePart = WorkPart.ALL,
    only: WorkFilter = EVERYTHING,
    keys: Collection[str] = (),
    most: int = ROWS_AT_ONCE,
    now: datetime,
) -> WorkList:
    """Return the first rows of a part of everything that waits for a supervisor or for a call.

    Among what harms as much, whom advisors call comes in the order in which they are offered,
    everything else by how long it has waited. `keys`: of rows that are shown beside the first,
    where part and filter show them. Supervisors only.
    """
    require_permission(supervisor, Permission.SEE_BOARD)
    view = _view_of(session, supervisor, now)
    asked = _rows_of_keys(view, WorkPart.ALL, EVERYTHING, keys)
    counts = _count_work(view, only)
    shown = part if isinstance(part, WorkPart) else part(counts, asked)
    rows = _rows_of_part(view, shown, only, most)
    rows += _rows_of_keys(view, shown, only, set(keys) - {row.key for row in rows})
    everything = counts if only == EVERYTHING else _count_work(view, EVERYTHING)
    return WorkList(
        shown,
        tuple(rows),
        counts,
        everything.of_part(shown),
        tuple(asked),
        names_brand=session.exec(select(func.count()).select_from(Brand)).one() > 1,
        board=callback_board.read_board(session, supervisor, now=now),
    )


def find_work_rows(
    session: Session, supervisor: Advisor, keys: Collection[str], *, now: datetime
) -> list[WorkRow]:
    """Return the rows that are known by these keys and are still to be done. Supervisors only."""
    require_permission(supervisor, Permission.SEE_BOARD)
    return _rows_of_keys(_view_of(session, supervisor, now), WorkPart.ALL, EVERYTHING, keys)


def list_filter_choices(session: Session, supervisor: Advisor, *, now: datetime) -> FilterChoices:
    """Return what the list can be narrowed to. Supervisors only."""
    require_permission(supervisor, Permission.SEE_BOARD)
    in_hand = select(Callback.advisor_id).where(col(Callback.state).in_(CLAIMED_CALLBACK))
    overdue = select(Task.advisor_id).where(col(Task.done_at).is_(None), col(Task.due_at) <= now)
    busy = (
        select(Advisor.id, Advisor.name)
        .where(or_(col(Advisor.id).in_(in_hand), col(Advisor.id).in_(overdue)))
        .order_by(col(Advisor.name))
    )
    names = session.exec(select(Brand.name).order_by(col(Brand.name)))
    sources = session.exec(select(Source.id, Source.name)).all()
    return FilterChoices(tuple(names), dict(session.exec(busy).all()), dict(sources))


def _view_of(session: Session, supervisor: Advisor, now: datetime) -> _View:
    others = tuple(_other_rows(session, supervisor, now))
    return _View(session, supervisor, now, others, DangerousForms.waiting(session))


def _other_rows(session: Session, supervisor: Advisor, now: datetime) -> Iterator[WorkRow]:
    """Yield what waits for a decision and is neither a callback nor a form."""
    messages = waiting_messages.list_waiting_messages(session, supervisor)
    yield from map(work_rows.row_of_message, messages)
    danger = incidents.read_incident_board(session, supervisor, now=now)
    yield from map(work_rows.row_of_incident, (*danger.open, *danger.follow_ups))
    yield from map(work_rows.row_of_override, danger.overrides)
    undone = select(PrivacyCase).where(col(PrivacyCase.closed_at).is_(None))
    for case in session.exec(undone.order_by(col(PrivacyCase.due_at))):
        yield work_rows.row_of_privacy_case(case, now)
    opened = emergency_file.list_access_to_review(session, supervisor)
    yield from map(work_rows.row_of_access, opened)
    overdue = person_tasks.list_overdue_tasks(session, supervisor, now=now)
    yield from map(work_rows.row_of_task, overdue)


def _count_work(view: _View, only: WorkFilter) -> WorkCounts:
    session, supervisor, now = view.session, view.supervisor, view.now
    by_part = callback_board.count_open_callbacks(session, supervisor, only, now=now)
    undecided = Counter(by_part.get(WorkPart.DECIDE, {}))
    undecided.update(waiting_forms.count_waiting_forms(session, view.danger, only, now=now))
    undecided.update(row.harm for row in view.others if _is_shown(only, row))
    by_part[WorkPart.DECIDE] = dict(undecided)
    if _shows_given_up(only):
        count = given_up.count_given_up(session, supervisor, helpline=only.helpline, now=now)
        by_part[WorkPart.NOT_REACHED] = {Harm.WAITING: count}
    return WorkCounts(by_part)


def _rows_of_keys(
    view: _View, part: WorkPart, only: WorkFilter, keys: Collection[str]
) -> list[WorkRow]:
    return _rows_of_part(view, part, only, len(keys), keys) if keys else []


def _rows_of_part(
    view: _View, part: WorkPart, only: WorkFilter, most: int, keys: Collection[str] | None = None
) -> list[WorkRow]:
    """Return the first rows of a part; `keys`: of these alone."""
    rows = []
    if part in (WorkPart.DECIDE, WorkPart.ALL):
        rows += _rows_to_decide(view, only, most, keys)
    if part not in (WorkPart.DECIDE, WorkPart.NOT_REACHED):
        parts = (WorkPart.CALL, WorkPart.IN_HAND) if part is WorkPart.ALL else (part,)
        rows += _callback_rows(view, parts, only, most, keys)
    if part in (WorkPart.NOT_REACHED, WorkPart.ALL) and _shows_given_up(only):
        lost = given_up.list_given_up(
            view.session,
            view.supervisor,
            helpline=only.helpline,
            ids=_ids_of_kind(WorkKind.CALLBACK, keys),
            most=most,
            now=view.now,
        )
        rows += map(work_rows.row_of_given_up, lost)
    return sorted(rows, key=lambda row: row.harm)[:most]


def _rows_to_decide(
    view: _View, only: WorkFilter, most: int, keys: Collection[str] | None
) -> list[WorkRow]:
    forms = waiting_forms.list_waiting_forms(
        view.session,
        view.danger,
        only,
        ids=_ids_of_kind(WorkKind.FORM, keys),
        most=most,
        now=view.now,
    )
    rows = [
        *_callback_rows(view, (WorkPart.DECIDE,), only, most, keys),
        *map(work_rows.row_of_message, forms),
        *(one for one in view.others if _is_shown(only, one) and (keys is None or one.key in keys)),
    ]
    return sorted(rows, key=lambda row: (row.harm, row.since))[:most]


def _callback_rows(
    view: _View,
    parts: Collection[WorkPart],
    only: WorkFilter,
    most: int,
    keys: Collection[str] | None,
) -> Iterator[WorkRow]:
    rows = callback_board.list_open_callbacks(
        view.session,
        view.supervisor,
        parts=parts,
        only=only,
        ids=_ids_of_kind(WorkKind.CALLBACK, keys),
        most=most,
        now=view.now,
    )
    return map(work_rows.row_of_callback, rows)


def _ids_of_kind(kind: WorkKind, keys: Collection[str] | None) -> list[int] | None:
    """Return the ids of the records of a kind that are named by keys; None where all are meant."""
    if keys is None:
        return None
    named = (key.rpartition("-") for key in keys)
    ids = (read_record_id(number) for word, _dash, number in named if word == kind)
    return [one for one in ids if one is not None]


def _shows_given_up(only: WorkFilter) -> bool:
    """Whether a filter shows people whose tries are used up: nobody has them, no alert by name."""
    narrow = (only.state, only.advisor_id, only.hold, only.alert)
    return only.kind in (None, WorkKind.CALLBACK) and narrow == (None,) * len(narrow)


def _is_shown(only: WorkFilter, row: WorkRow) -> bool:
    """Whether a filter shows what is neither a callback nor a form."""
    return (
        only.helpline in ("", row.brand, *row.further_brands)
        and only.kind in (None, row.kind)
        and (only.state is None or only.state in row.states)
        and only.advisor_id in (None, row.advisor_id)
        and only.hold is None
        and only.alert is None
    )
