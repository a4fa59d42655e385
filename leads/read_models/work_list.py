"""The work list as read: whatever waits for a supervisor or for a call, what harms most first.

Whom advisors call by themselves and what a person has to decide first are different parts, and
nothing is in two of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from sqlalchemy import or_
from sqlmodel import Session, col, select

from leads.alerting.alert_condition import AlertMark, DangerPlace
from leads.alerting.conditions import GROWN_OLD, PATIENCE, REFUSED_LATELY
from leads.i18n.translatable import Phrase, join_sentences
from leads.lead_records import emergency_file, person_tasks
from leads.lead_records.emergency_file import AccessToReview
from leads.lead_records.person_tasks import OpenTask
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import CLAIMED_CALLBACK, AlertKind, HoldReason, SubmissionState
from leads.models.helplines import Brand, Source
from leads.models.person_work import Task
from leads.models.privacy_case_words import CASE_LABELS
from leads.models.privacy_cases import PrivacyCase
from leads.people.permissions import Permission, require_permission
from leads.read_models import callback_board, incidents, waiting_messages
from leads.read_models.callback_board import Board, BoardRow, GivenUpRow, WaitsFor
from leads.read_models.incidents import IncidentRow, UnseenOverride
from leads.read_models.waiting_messages import WaitingMessage
from leads.read_models.work_kinds import WorkKind


class WorkPart(StrEnum):
    """The parts of the work list."""

    DECIDE = "decide"  # nobody is called, or nothing goes on, before a person decides
    CALL = "call"  # advisors call them by themselves, when their time has come
    IN_HAND = "in_hand"  # an advisor is at it
    NOT_REACHED = "not_reached"  # every try is used up: nobody calls them any more
    ALL = "all"  # no part of its own: what a link asks for of every part


OWN_PARTS = tuple(part for part in WorkPart if part != WorkPart.ALL)
"""The parts that have rows of their own, and none of them twice."""
WORK_PART_LABELS = {
    WorkPart.DECIDE: Phrase("Needs a decision"),
    WorkPart.CALL: Phrase("To call"),
    WorkPart.IN_HAND: Phrase("With an advisor"),
    WorkPart.NOT_REACHED: Phrase("Not reached"),
    WorkPart.ALL: Phrase("All"),
}


class Harm(IntEnum):
    """How much it harms a person that a thing is left undone: the least number harms most."""

    DANGER = 1
    OVERDUE = 2
    WAITING = 3
    PLANNED = 4  # its time is still to come


HARM_LABELS = {
    Harm.DANGER: Phrase("In danger"),
    Harm.OVERDUE: Phrase("Overdue"),
    Harm.WAITING: Phrase("Waiting"),
    Harm.PLANNED: Phrase("Later"),
}


class WorkState(StrEnum):
    """How a row stands: what the list can be narrowed to. A row may stand in several ways."""

    DANGER = "danger"
    OVERDUE = "overdue"
    AGAIN = "again"
    ADVISOR = "advisor"
    NEXT_TRY = "next_try"
    TIME = "time"


WORK_STATE_LABELS = {
    WorkState.DANGER: Phrase("In danger"),
    WorkState.OVERDUE: Phrase("Overdue"),
    WorkState.AGAIN: Phrase("Wrote or called again"),
    WorkState.ADVISOR: Phrase("Waiting for a free advisor"),
    WorkState.NEXT_TRY: Phrase("Waiting for the next attempt"),
    WorkState.TIME: Phrase("Waiting for the time they asked for"),
}
PARTS_BY_WAIT = {WaitsFor.DECISION: WorkPart.DECIDE, WaitsFor.IN_HAND: WorkPart.IN_HAND}
STATES_BY_WAIT = {
    WaitsFor.ADVISOR: WorkState.ADVISOR,
    WaitsFor.NEXT_TRY: WorkState.NEXT_TRY,
    WaitsFor.TIME: WorkState.TIME,
}


@dataclass(frozen=True)
class WorkRow:
    """One thing to do about one person.

    `record_id`: of the record that its kind names. `who` is masked. `why` says what it is about;
    `since` is when it began to wait, `due_at` when it is or was due. `advisor_id`: who has it.
    `callback`: the board's row of the same callback, if it is one; `submission_state`: how a form
    stands; `task`: what was to be done, and by whom. `counted_by`: alerts of late people, of danger
    and of forms.
    """

    kind: WorkKind
    record_id: int
    part: WorkPart
    harm: Harm
    who: str
    why: str
    brand: str
    since: datetime
    due_at: datetime | None = None
    lead_id: int | None = None
    is_again: bool = False
    advisor_id: int | None = None
    callback: BoardRow | None = None
    submission_state: SubmissionState | None = None
    task: OpenTask | None = None
    counted_by: frozenset[AlertMark] = frozenset()
    further_brands: tuple[str, ...] = ()  # where what is to do is for several helplines

    @property
    def key(self) -> str:
        """Return by what a page and its address know the row: nothing of a person's."""
        return f"{self.kind}-{self.record_id}"

    @property
    def states(self) -> frozenset[WorkState]:
        """Return in which ways the row stands."""
        marks = {
            WorkState.DANGER: self.harm == Harm.DANGER,
            WorkState.OVERDUE: self.is_overdue,
            WorkState.AGAIN: self.is_again,
        }
        if self.callback and (wait := STATES_BY_WAIT.get(self.callback.waits_for)):
            marks[wait] = True
        return frozenset(mark for mark, is_set in marks.items() if is_set)

    @property
    def is_overdue(self) -> bool:
        """Whether nobody is at it although its time has been past for some minutes."""
        return self.callback.overdue if self.callback else self.harm == Harm.OVERDUE


@dataclass(frozen=True)
class WorkFilter:
    """Which rows a supervisor wants to see; all by default. An address can hold it.

    `advisor_id`: no name stands in an address. `hold`: only callbacks that are held for it.
    `alert`: only what it counts.
    """

    helpline: str = ""
    kind: WorkKind | None = None
    state: WorkState | None = None
    advisor_id: int | None = None
    hold: HoldReason | None = None
    alert: AlertMark | None = None

    def shows(self, row: WorkRow) -> bool:
        """Whether a row passes the filter."""
        callback = row.callback
        return (
            self.helpline in ("", row.brand, *row.further_brands)
            and self.kind in (None, row.kind)
            and (self.state is None or self.state in row.states)
            and self.advisor_id in (None, row.advisor_id)
            and (self.hold is None or bool(callback and self.hold in callback.hold_reasons))
            and (self.alert is None or self.alert in row.counted_by)
        )


@dataclass(frozen=True)
class WorkList:
    """Every row, what harms most first, and the board, which knows calls and colleagues."""

    rows: tuple[WorkRow, ...]
    board: Board

    def of_part(self, part: WorkPart, only: WorkFilter) -> list[WorkRow]:
        """Return the rows of a part that pass a filter, what harms most first."""
        rows = [row for row in self.rows if part in (row.part, WorkPart.ALL) and only.shows(row)]
        return sorted(rows, key=lambda row: row.harm)


@dataclass(frozen=True)
class FilterChoices:
    """What the list can be narrowed to: helplines by name, and who has something on it, by id.

    `sources`: the names of those of which an alert may be.
    """

    helplines: tuple[str, ...]
    advisors: dict[int, str]
    sources: dict[int, str]


def read_work_list(session: Session, supervisor: Advisor, *, now: datetime) -> WorkList:
    """Return everything that waits for a supervisor or for a call. Supervisors only.

    Among what harms as much, whom advisors call comes in the order in which they are offered,
    everything else by how long it has waited.
    """
    board = callback_board.read_board(session, supervisor, now=now)
    danger = incidents.read_incident_board(session, supervisor, now=now)
    to_decide = [
        *(row for row in map(_callback_row, board.waiting) if row.part == WorkPart.DECIDE),
        *(
            _message_row(message, now)
            for message in waiting_messages.list_waiting_messages(session, supervisor)
        ),
        *map(_incident_row, (*danger.open, *danger.follow_ups)),
        *map(_override_row, danger.overrides),
        *_privacy_rows(session, now),
        *map(_access_row, emergency_file.list_access_to_review(session, supervisor)),
        *map(_task_row, person_tasks.list_overdue_tasks(session, supervisor, now=now)),
    ]
    to_decide.sort(key=lambda row: (row.harm, row.since))
    others = [row for row in map(_callback_row, board.waiting) if row.part != WorkPart.DECIDE]
    others.sort(key=lambda row: row.harm)
    return WorkList((*to_decide, *others, *_given_up_rows(board.given_up, now)), board)


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


def _callback_row(row: BoardRow) -> WorkRow:
    part = PARTS_BY_WAIT.get(row.waits_for, WorkPart.CALL)
    if part == WorkPart.IN_HAND and row.overdue:
        part = WorkPart.CALL  # somebody reads it, and nobody has called: the alert goes on
    is_dangerous = row.in_danger or HoldReason.HARM_DECIDE in row.hold_reasons
    usual = Harm.WAITING if part != WorkPart.CALL or row.late else Harm.PLANNED
    harm = Harm.DANGER if is_dangerous else Harm.OVERDUE if row.overdue else usual
    return WorkRow(
        WorkKind.CALLBACK,
        row.callback_id,
        part,
        harm,
        row.who,
        row.hold or _why_in_queue(row),
        row.brand,
        since=row.received_at,
        due_at=row.due_at,
        lead_id=row.lead_id,
        is_again=row.is_again,
        advisor_id=row.advisor_id,
        callback=row,
        counted_by=row.counted_by,
    )


def _privacy_rows(session: Session, now: datetime) -> Iterator[WorkRow]:
    undone = select(PrivacyCase).where(col(PrivacyCase.closed_at).is_(None))
    for case in session.exec(undone.order_by(col(PrivacyCase.due_at))):
        yield WorkRow(
            WorkKind.PRIVACY,
            case.id,
            WorkPart.DECIDE,
            Harm.OVERDUE if case.due_at <= now else Harm.WAITING,
            CASE_LABELS[case.kind],
            Phrase("Its time runs until someone records an outcome."),
            "",
            since=case.known_at,
            due_at=case.due_at,
        )


def _access_row(access: AccessToReview) -> WorkRow:
    return WorkRow(
        WorkKind.EMERGENCY_ACCESS,
        access.access_id,
        WorkPart.DECIDE,
        Harm.WAITING,
        access.who,
        Phrase("{name} opened their file in an emergency.", name=access.by),
        access.brands[0] if access.brands else "",
        since=access.opened_at,
        lead_id=access.lead_id,
        further_brands=access.brands[1:],
    )


def _task_row(task: OpenTask) -> WorkRow:
    return WorkRow(
        WorkKind.TASK,
        task.task_id,
        WorkPart.DECIDE,
        Harm.OVERDUE,
        task.who,
        Phrase("{name}: {words}", name=task.advisor, words=task.words),
        task.brand,
        since=task.due_at,
        due_at=task.due_at,
        lead_id=task.lead_id,
        advisor_id=task.advisor_id,
        task=task,
    )


def _why_in_queue(row: BoardRow) -> str:
    if row.urgency and row.waits_for is not WaitsFor.IN_HAND:
        return join_sentences(*row.urgency)
    return callback_wait_sentence(row)


def callback_wait_sentence(row: BoardRow) -> str:
    """Say what a callback waits for, or who is at it."""
    if row.waits_for is WaitsFor.IN_HAND:
        return row.why
    return Phrase("Waiting for {what}.", what=row.why)


def _message_row(message: WaitingMessage, now: datetime) -> WorkRow:
    return WorkRow(
        message.kind,
        message.record_id,
        WorkPart.DECIDE,
        Harm.DANGER if message.is_dangerous else Harm.WAITING,
        message.who,
        message.why,
        message.brand,
        since=message.since,
        lead_id=message.lead_id,
        is_again=message.is_again,
        submission_state=message.submission_state,
        counted_by=frozenset(_alerts_of_message(message, now)),
    )


def _alerts_of_message(message: WaitingMessage, now: datetime) -> Iterator[AlertMark]:
    """Yield the alerts that count a form, once it has waited for the minutes that they allow."""
    state, waited = message.submission_state, now - message.since
    if state == SubmissionState.REFUSED:
        if waited < REFUSED_LATELY:
            yield AlertMark(AlertKind.REFUSED, message.source_id)
    elif state in GROWN_OLD and waited > PATIENCE:
        yield AlertMark(GROWN_OLD[state][0])
    if message.is_of_burst and state == SubmissionState.NEEDS_REVIEW:
        yield AlertMark(AlertKind.BURST, message.source_id)
    if message.is_of_flood:
        yield AlertMark(AlertKind.BURST, message.source_id, DangerPlace.SUBMISSIONS)


def _incident_row(row: IncidentRow) -> WorkRow:
    is_open = row.closed_at is None
    why = (
        Phrase("Open incident: record its outcome.") if is_open else Phrase("Follow up with them.")
    )
    late = Harm.OVERDUE if row.is_follow_up_late else Harm.WAITING
    return WorkRow(
        WorkKind.INCIDENT,
        row.incident_id,
        WorkPart.DECIDE,
        Harm.DANGER if is_open else late,
        row.who,
        why,
        row.brand,
        since=row.opened_at,
        due_at=None if is_open else row.follow_up_due,
        lead_id=row.lead_id,
    )


def _override_row(override: UnseenOverride) -> WorkRow:
    why = (
        Phrase("{name} approved an after-hours call: review it.", name=override.asked_by)
        if override.has_begun
        else Phrase("{name} requests an after-hours call.", name=override.asked_by)
    )
    return WorkRow(
        WorkKind.OVERRIDE,
        override.override_id,
        WorkPart.DECIDE,
        Harm.OVERDUE,  # somebody waits for the answer, and the night goes on
        override.who,
        why,
        override.brand,
        since=override.asked_at,
        lead_id=override.lead_id,
    )


def _given_up_rows(given_up: Iterable[GivenUpRow], now: datetime) -> Iterator[WorkRow]:
    for row in given_up:
        yield WorkRow(
            WorkKind.CALLBACK,
            row.callback_id,
            WorkPart.NOT_REACHED,
            Harm.WAITING,
            row.who,
            Phrase("All attempts are used up."),
            row.brand,
            since=row.at or now,
            lead_id=row.lead_id,
        )
