"""Waiting forms as read: submissions that a person decides about, counted and put in order in SQL.

In a burst there may be very many of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import and_, bindparam, case, false, func, select
from sqlmodel import Session, col

from leads.alerting.alert_condition import AlertMark, DangerPlace
from leads.alerting.conditions import GROWN_OLD, PATIENCE, REFUSED_LATELY
from leads.contact_rules import danger_limits
from leads.i18n.translatable import Phrase
from leads.lead_records.visible_people import masked_person
from leads.models.advisors import Advisor
from leads.models.enums import UNDECIDED, AlertKind, SubmissionState
from leads.models.helplines import Brand, Source
from leads.models.requests import Submission
from leads.people.permissions import Permission, require_permission
from leads.read_models.waiting_messages import WaitingMessage
from leads.read_models.work_filter import Harm, WorkFilter, WorkState
from leads.read_models.work_kinds import WorkKind

ALERTED_STATES = {kind: state for state, (kind, _key) in GROWN_OLD.items()}


@dataclass(frozen=True)
class DangerousForms:
    """Forms with words of danger: which go first, and which are of a flood of a source."""

    first: frozenset[int]
    floods: Mapping[int, Collection[int]]

    @classmethod
    def waiting(cls, session: Session) -> Self:
        """Return those that wait now; words of a flood may be invented and put none first."""
        first, floods = set(), defaultdict(list)
        for one in danger_limits.list_danger_in_review(session):
            if one.is_of_flood:
                floods[one.source_id].append(one.submission_id)
            else:
                first.add(one.submission_id)
        return cls(frozenset(first), floods)


def count_waiting_forms(
    session: Session, danger: DangerousForms, only: WorkFilter, *, now: datetime
) -> dict[Harm, int]:
    """Return how many forms a filter shows, by how much their waiting harms."""
    harm = _harm(danger).label("harm")
    counts = select(harm, func.count()).where(*_clauses(danger, only, now)).group_by(harm)
    return {Harm(how_much): count for how_much, count in session.execute(_of_helplines(counts))}


def list_waiting_forms(
    session: Session,
    danger: DangerousForms,
    only: WorkFilter,
    *,
    ids: Sequence[int] | None = None,
    most: int,
    now: datetime,
) -> Iterator[WaitingMessage]:
    """Yield the first forms that a filter shows, what harms most first. `ids`: of these alone."""
    columns = (
        col(Submission.id),
        col(Submission.received_at),
        col(Submission.state),
        col(Submission.reason),
        col(Submission.reading),
        col(Submission.lead_id),
        col(Brand.name),
    )
    undecided = _of_helplines(select(*columns)).where(*_clauses(danger, only, now))
    if ids is not None:
        undecided = undecided.where(col(Submission.id).in_(ids))
    in_order = (_harm(danger), col(Submission.received_at), col(Submission.id))
    rows = session.execute(undecided.order_by(*in_order).limit(most))
    for number, at, state, reason, reading, lead_id, brand in rows:
        yield WaitingMessage(
            WorkKind.FORM,
            number,
            _who_sent_form(reading),
            reason,
            brand,
            at,
            lead_id,
            is_dangerous=number in danger.first,
            is_again=state == SubmissionState.WITHHELD,
            submission_state=state,
        )


def is_any_to_review(session: Session, supervisor: Advisor) -> bool:
    """Whether any form waits for review. Supervisors only."""
    require_permission(supervisor, Permission.SEE_REVIEW)
    to_review = col(Submission.state) == SubmissionState.NEEDS_REVIEW
    waiting = select(col(Submission.id)).where(to_review)
    return session.execute(waiting.limit(1)).first() is not None


def _of_helplines(asked: Any) -> Any:
    return (
        asked.select_from(Submission)
        .join(Source, col(Source.id) == col(Submission.source_id))
        .join(Brand, col(Brand.id) == col(Source.brand_id))
    )


def _harm(danger: DangerousForms) -> Any:
    return case((_is_one_of(danger.first), int(Harm.DANGER)), else_=int(Harm.WAITING))


def _is_one_of(ids: Collection[int]) -> Any:
    """Return the condition that a form is one of these, of which there may be very many."""
    spelled: Any = bindparam(None, sorted(ids), expanding=True, literal_execute=True)
    return col(Submission.id).in_(spelled) if ids else false()


def _clauses(danger: DangerousForms, only: WorkFilter, now: datetime) -> Iterator[Any]:
    yield col(Submission.state).in_(UNDECIDED)
    if only.helpline:
        yield Brand.name == only.helpline
    if only.kind not in (None, WorkKind.FORM) or only.advisor_id is not None or only.hold:
        yield false()
    if only.state is WorkState.DANGER:
        yield _is_one_of(danger.first)
    elif only.state is WorkState.AGAIN:
        yield Submission.state == SubmissionState.WITHHELD
    elif only.state:
        yield false()
    if only.alert:
        yield _is_form_of_alert(only.alert, danger, now)


def _is_form_of_alert(mark: AlertMark, danger: DangerousForms, now: datetime) -> Any:
    """Return the condition that an alert counts a form, once it has waited for its minutes."""
    state, at = col(Submission.state), col(Submission.received_at)
    is_of_source = col(Submission.source_id) == mark.source_id
    if mark == AlertMark(AlertKind.REFUSED, mark.source_id):
        return and_(state == SubmissionState.REFUSED, at > now - REFUSED_LATELY, is_of_source)
    if mark == AlertMark(AlertKind.BURST, mark.source_id):
        is_of_burst = col(Submission.is_of_burst).is_(True)
        return and_(state == SubmissionState.NEEDS_REVIEW, is_of_burst, is_of_source)
    if mark == AlertMark(AlertKind.BURST, mark.source_id, DangerPlace.SUBMISSIONS):
        return _is_one_of(danger.floods.get(mark.source_id or 0, ()))
    if mark.kind in ALERTED_STATES and mark == AlertMark(mark.kind):
        return and_(state == ALERTED_STATES[mark.kind], at < now - PATIENCE)
    return false()


def _who_sent_form(reading: Mapping[str, Any]) -> Phrase:
    name, number = (reading.get(fact) or "" for fact in ("name", "phone"))
    return masked_person(str(name), str(number))
