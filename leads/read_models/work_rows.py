"""Work rows: what is to be done about one person, of whatever kind, as the work list shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from leads.i18n.translatable import Phrase, join_sentences
from leads.lead_records.emergency_file import AccessToReview
from leads.lead_records.person_tasks import OpenTask
from leads.models.enums import SubmissionState
from leads.models.privacy_case_words import CASE_LABELS
from leads.models.privacy_cases import PrivacyCase
from leads.read_models.callback_board import BoardRow, WaitsFor
from leads.read_models.given_up import GivenUpRow
from leads.read_models.incidents import IncidentRow, UnseenOverride
from leads.read_models.waiting_messages import WaitingMessage
from leads.read_models.work_filter import Harm, WorkPart, WorkState
from leads.read_models.work_kinds import WorkKind

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
    `callback`: the board's row of the same callback, if it is open; `given_up`: if its tries are
    used up; `submission_state`: how a form stands; `task`: what was to be done, and by whom.
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
    given_up: GivenUpRow | None = None
    submission_state: SubmissionState | None = None
    task: OpenTask | None = None
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


def row_of_callback(row: BoardRow) -> WorkRow:
    """Return the row of an open callback."""
    return WorkRow(
        WorkKind.CALLBACK,
        row.callback_id,
        row.part,
        row.harm,
        row.who,
        row.hold or _why_in_queue(row),
        row.brand,
        since=row.received_at,
        due_at=row.due_at,
        lead_id=row.lead_id,
        is_again=row.is_again,
        advisor_id=row.advisor_id,
        callback=row,
    )


def row_of_given_up(row: GivenUpRow) -> WorkRow:
    """Return the row of somebody whose tries are used up."""
    return WorkRow(
        WorkKind.CALLBACK,
        row.callback_id,
        WorkPart.NOT_REACHED,
        Harm.WAITING,
        row.who,
        Phrase("All attempts are used up."),
        row.brand,
        since=row.at,
        lead_id=row.lead_id,
        given_up=row,
    )


def row_of_message(message: WaitingMessage) -> WorkRow:
    """Return the row of something that came in."""
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
    )


def row_of_privacy_case(case: PrivacyCase, now: datetime) -> WorkRow:
    """Return the row of a complaint or a suspected breach."""
    return WorkRow(
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


def row_of_access(access: AccessToReview) -> WorkRow:
    """Return the row of a file that was opened in an emergency."""
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


def row_of_task(task: OpenTask) -> WorkRow:
    """Return the row of an overdue task."""
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


def row_of_incident(row: IncidentRow) -> WorkRow:
    """Return the row of an incident."""
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


def row_of_override(override: UnseenOverride) -> WorkRow:
    """Return the row of an after-hours call that nobody has reviewed."""
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
