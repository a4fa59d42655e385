"""Privacy cases: complaints and suspected breaches, each with a clock and with what was done.

Anybody who works here records one; supervisors see them, act and say what came of one: of a person
whose helpline they serve, or if they serve every helpline. Steps are only ever added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadSubmission, LostRace
from leads.i18n.translatable import Phrase
from leads.lead_records.visible_people import require_visible
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.privacy_case_words import (
    OUTCOMES_OF_KIND,
    PrivacyCaseKind,
    PrivacyOutcome,
    PrivacyStepKind,
)
from leads.models.privacy_cases import PrivacyCase, PrivacyStep
from leads.models.requests import Lead
from leads.people.actor_names import read_names_by_actor
from leads.people.permissions import Permission, actor_of, require_permission

CLOCKS = {
    PrivacyCaseKind.BREACH: timedelta(days=60),  # 45 CFR 164.404(b), by 42 CFR 2.16(b)
    PrivacyCaseKind.COMPLAINT: timedelta(days=30),  # no rule names a time: this is our proposal
}
"""Within how long after it was known a case has to be done; a breach without unreasonable delay."""
LONGEST_WORDS = 4000  # characters
MOST_CLOSED = 50


@dataclass(frozen=True)
class StepOfCase:
    """One thing that was done about a case; `by` is empty of former colleagues."""

    kind: PrivacyStepKind
    told: str
    by: str
    at: datetime


@dataclass(frozen=True)
class PrivacyCaseRow:
    """One complaint or suspected breach, with what was done about it, the first step first."""

    case_id: int
    kind: PrivacyCaseKind
    lead_id: int | None
    told: str
    told_by: str
    known_at: datetime
    due_at: datetime
    is_late: bool
    recorded_by: str
    closed_by: str
    closed_at: datetime | None
    outcome: PrivacyOutcome | None
    steps: tuple[StepOfCase, ...]


def record_privacy_case(
    session: Session,
    person: Advisor,
    kind: PrivacyCaseKind,
    *,
    told: str,
    told_by: str = "",
    lead_id: int | None = None,
    known_at: datetime,
    now: datetime,
) -> PrivacyCase:
    """Put a complaint or a suspected breach on record; its clock runs from when it was known.

    Raises BadSubmission without words, for a time to come and for a record that is not there, and
    NotAllowed for a person whom the colleague may not see.
    """
    require_permission(person, Permission.RECORD_PRIVACY_CASE)
    if not told.strip():
        raise BadSubmission(Phrase("Enter what happened."))
    if known_at > now:
        raise BadSubmission(Phrase("Choose a day that is not in the future."))
    if lead_id is not None:
        if session.get(Lead, lead_id) is None:
            raise BadSubmission(Phrase("There is no such person."))
        require_visible(session, lead_id, person, now=now)
    case = PrivacyCase(
        kind=kind,
        lead_id=lead_id,
        words=told.strip()[:LONGEST_WORDS],
        told_by=told_by.strip()[:LONGEST_WORDS],
        known_at=known_at,
        due_at=known_at + CLOCKS[kind],
        recorded_by=actor_of(person),
        recorded_at=now,
    )
    session.add(case)
    session.flush()
    record_event(session, case, "record", actor=actor_of(person), now=now, kind=kind)
    wake_after_commit(session, Wakeup.DESK)
    return case


def add_privacy_step(
    session: Session,
    case: PrivacyCase,
    supervisor: Advisor,
    kind: PrivacyStepKind,
    *,
    told: str = "",
    now: datetime,
) -> None:
    """Add to an open case what was done about it now. Raises BadSubmission for an empty note."""
    require_permission(supervisor, Permission.HANDLE_PRIVACY_CASE, case)
    _lock_open_case(session, case)
    if kind is PrivacyStepKind.NOTE and not told.strip():
        raise BadSubmission(Phrase("Enter a note."))
    words = told.strip()[:LONGEST_WORDS]
    step = PrivacyStep(case_id=case.id, kind=kind, words=words, by=actor_of(supervisor), at=now)
    session.add(step)
    session.flush()
    record_event(session, case, "step", actor=actor_of(supervisor), now=now, step=kind)
    wake_after_commit(session, Wakeup.DESK)


def close_privacy_case(
    session: Session,
    case: PrivacyCase,
    supervisor: Advisor,
    outcome: PrivacyOutcome,
    *,
    told: str,
    now: datetime,
) -> None:
    """Close a case with what came of it, and why: 45 CFR 164.414(b) leaves the proof to us.

    Raises BadSubmission without a reason or for an outcome of another kind, LostRace where it is
    closed already.
    """
    require_permission(supervisor, Permission.HANDLE_PRIVACY_CASE, case)
    _lock_open_case(session, case)
    if outcome not in OUTCOMES_OF_KIND[case.kind] or not told.strip():
        raise BadSubmission(Phrase("Choose an outcome, and enter why."))
    words = told.strip()[:LONGEST_WORDS]
    by = actor_of(supervisor)
    note = PrivacyStepKind.NOTE
    session.add(PrivacyStep(case_id=case.id, kind=note, words=words, by=by, at=now))
    case.closed_at, case.closed_by, case.outcome = now, by, outcome
    session.add(case)
    record_event(session, case, "close", actor=by, now=now, outcome=outcome)
    wake_after_commit(session, Wakeup.DESK)


def list_privacy_cases(
    session: Session, supervisor: Advisor, *, now: datetime
) -> Sequence[PrivacyCaseRow]:
    """Return the open cases, the next one due first, and the latest closed ones."""
    require_permission(supervisor, Permission.HANDLE_PRIVACY_CASE)
    is_open = col(PrivacyCase.closed_at).is_(None)
    undone = session.exec(select(PrivacyCase).where(is_open).order_by(col(PrivacyCase.due_at)))
    closed = select(PrivacyCase).where(~is_open).order_by(col(PrivacyCase.closed_at).desc())
    cases = [*undone, *session.exec(closed.limit(MOST_CLOSED))]
    names = read_names_by_actor(session)
    steps: dict[int, list[StepOfCase]] = {case.id: [] for case in cases}
    taken = select(PrivacyStep).where(col(PrivacyStep.case_id).in_(list(steps)))
    for step in session.exec(taken.order_by(col(PrivacyStep.id))):
        by = names.get(step.by, "")
        steps[step.case_id].append(StepOfCase(step.kind, step.words, by, step.at))
    return [
        PrivacyCaseRow(
            case_id=case.id,
            kind=case.kind,
            lead_id=case.lead_id,
            told=case.words,
            told_by=case.told_by,
            known_at=case.known_at,
            due_at=case.due_at,
            is_late=case.closed_at is None and case.due_at <= now,
            recorded_by=names.get(case.recorded_by, ""),
            closed_by=names.get(case.closed_by, ""),
            closed_at=case.closed_at,
            outcome=case.outcome,
            steps=tuple(steps[case.id]),
        )
        for case in cases
    ]


def _lock_open_case(session: Session, case: PrivacyCase) -> None:
    session.refresh(case, with_for_update=True)
    if case.closed_at:
        raise LostRace(Phrase("Someone else got there first: it is closed."))
