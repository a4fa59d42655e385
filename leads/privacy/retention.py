"""Retention: what was kept for as long as the plan says is deleted, in batches, and counted.

A batch is one transaction and one event of the trail. Whoever stops it loses nothing: the next run
goes on with what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, not_
from sqlmodel import Session, SQLModel, col, select

from leads.audit import chain
from leads.config.retention_plan import RetentionClass, RetentionPlan
from leads.database.bulk_rows import insert_if_absent
from leads.database.transactions import transaction
from leads.disclosures import consents
from leads.errors import NotNow
from leads.i18n.translatable import Phrase
from leads.lead_records import timeline
from leads.lead_records.merged_files import lead_and_merged_files
from leads.lifecycle.audit_trail import SystemActor, delete_old_events, record_move
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, CallLeg
from leads.models.disclosures import Disclosure, DisclosureConsent
from leads.models.enums import ErasureReason
from leads.models.inbound import InboundCall
from leads.models.legal_holds import LegalHold
from leads.models.privacy_cases import PrivacyCase, PrivacyStep
from leads.models.requests import Lead, Submission
from leads.models.retention import RetentionMark
from leads.models.voicemails import Voicemail
from leads.models.watching import Transition
from leads.people.permissions import Operator, Permission, require_permission
from leads.privacy.content_erasure import erase_content
from leads.privacy.data_classes import DataClass
from leads.privacy.erasure import erase_files
from leads.privacy.erasure_obstacles import list_obstacles
from leads.privacy.expired_people import (
    lock_expired_people,
    select_expired_people,
    select_unfiled_rows,
)
from leads.privacy.person_rows import find_rows_of_person

NOT_DECIDED = Phrase(
    "Nothing is deleted before you have a retention.toml of your own. "
    "An empty one takes these days."
)
PEOPLE_AT_ONCE, ROWS_AT_ONCE = 20, 500
CONTENT: Mapping[RetentionClass, frozenset[DataClass]] = {
    RetentionClass.RECORDINGS: frozenset({DataClass.RECORDING}),
    RetentionClass.BODIES: frozenset({DataClass.BODY, DataClass.IDENTITY}),
    RetentionClass.WORDS: frozenset({DataClass.WORDS}),
    RetentionClass.CALLS: frozenset({DataClass.CONTACT}),
    RetentionClass.PEOPLE: frozenset({DataClass.CONTACT, DataClass.WORDS}),
}
TABLES: Mapping[RetentionClass, tuple[type[SQLModel], ...]] = {
    RetentionClass.RECORDINGS: (Voicemail,),
    RetentionClass.BODIES: (Submission,),
    RetentionClass.CALLS: (InboundCall, CallAttempt, CallLeg),
}
"""The tables in which a class is deleted; of one that is not named here, in all."""


@dataclass(frozen=True)
class ExpiredContent:
    """What of a class is to be deleted: of how many people, and rows of nobody's or of the trail.

    `before`: from when it is; None where all is kept.
    """

    kept: RetentionClass
    before: datetime | None
    people: int = 0
    rows: int = 0


@dataclass(frozen=True)
class DeletedBatch:
    """What one batch deleted: of how many people, and of how many rows."""

    kept: RetentionClass
    people: int
    rows: int


def preview_retention(
    session: Session, plan: RetentionPlan, viewer: Advisor | Operator, *, now: datetime
) -> list[ExpiredContent]:
    """Return what would be deleted now, class by class. Nothing is changed."""
    require_permission(viewer, Permission.SEE_RETENTION)
    return [_count_expired(session, kept, plan.deletes_before(kept, now)) for kept in plan.keep]


def delete_expired_content(
    plan: RetentionPlan,
    *,
    now: Callable[[], datetime],
    report: Callable[[DeletedBatch], None] = lambda _batch: None,
    most: int | None = None,
) -> list[DeletedBatch]:
    """Delete what the plan no longer keeps; `report` hears of each batch. Returns them.

    `most`: batches of a class, if not all. Raises NotNow for a plan that nobody has decided on.
    """
    if not plan.is_decided:
        raise NotNow(NOT_DECIDED)
    done: list[DeletedBatch] = []
    for kept in plan.keep:
        before = plan.deletes_before(kept, now())
        if before is not None:
            for number, batch in enumerate(_iterate_batches(kept, before, now=now), start=1):
                done.append(batch)
                report(batch)
                if number == most:
                    break
    return done


def _iterate_batches(
    kept: RetentionClass, before: datetime, *, now: Callable[[], datetime]
) -> Iterator[DeletedBatch]:
    """Delete batch after batch, each in a transaction of its own, until nothing is left."""
    after = 0 if kept is not RetentionClass.AUDIT else None
    while after is not None:
        with transaction() as session:
            batch, after = _delete_of_people(session, kept, before, after=after, now=now())
            _record_batch(session, batch, now=now())
        if batch.people:
            yield batch
    is_done = False
    while not is_done:
        with transaction() as session:
            if kept is RetentionClass.AUDIT:
                rows = _delete_old_trail(session, before, now=now())
            else:
                rows = _delete_unfiled(session, kept, before)
            batch = DeletedBatch(kept, 0, rows)
            _record_batch(session, batch, now=now())
        is_done = not batch.rows
        if batch.rows:
            yield batch


def _delete_of_people(
    session: Session, kept: RetentionClass, before: datetime, *, after: int, now: datetime
) -> tuple[DeletedBatch, int | None]:
    """Delete a class of the next people after an id; returns the last one's, None for no more."""
    people = lock_expired_people(session, kept, before, after=after, most=PEOPLE_AT_ONCE)
    counts = [
        count
        for lead in people
        if (count := _delete_of_person(session, lead, kept, before, now=now)) is not None
    ]
    last = people[-1].id if len(people) == PEOPLE_AT_ONCE else None
    return DeletedBatch(kept, len(counts), sum(counts)), last


def _delete_of_person(
    session: Session, lead: Lead, kept: RetentionClass, before: datetime, *, now: datetime
) -> int | None:
    """Delete a class of a person's content; returns of how many rows, None if it has to wait."""
    files = lead_and_merged_files(session, lead)
    if list_obstacles(session, files):
        return None
    if kept is RetentionClass.PEOPLE:
        outcome = erase_files(
            session, files, reason=ErasureReason.RETENTION, actor=SystemActor.CLOCK, now=now
        )
        return sum(outcome.rows.values())
    rows = [row for some in find_rows_of_person(session, files).values() for row in some]
    if kept is RetentionClass.WORDS:
        rows += files
    chosen = [row for row in rows if _is_of_class(row, kept, before)]
    count = _erase_rows_of_class(session, chosen, kept)
    _mark_deleted(session, lead, kept, now=now)
    return count


def _is_of_class(row: SQLModel, kept: RetentionClass, before: datetime) -> bool:
    tables = TABLES.get(kept)
    if isinstance(row, Voicemail) and kept is RetentionClass.RECORDINGS:
        return row.settled_at is not None and row.received_at < before
    if isinstance(row, DisclosureConsent):
        return kept is RetentionClass.WORDS and consents.ended_before(row, before)
    if isinstance(row, PrivacyCase):
        return kept is RetentionClass.WORDS and bool(row.closed_at and row.closed_at < before)
    if isinstance(row, PrivacyStep):
        return kept is RetentionClass.WORDS and row.at < before
    if isinstance(row, Disclosure):
        return kept is RetentionClass.WORDS and row.at < before
    return not isinstance(row, LegalHold) and (tables is None or isinstance(row, tables))


def _erase_rows_of_class(session: Session, rows: Sequence[Any], kept: RetentionClass) -> int:
    changed = [row for row in rows if erase_content(row, CONTENT[kept])]
    session.add_all(changed)
    session.flush()
    return len(changed)


def _mark_deleted(session: Session, lead: Lead, kept: RetentionClass, *, now: datetime) -> None:
    row = {"lead_id": lead.id, "kept": str(kept), "at": now}
    if not insert_if_absent(session, RetentionMark, row):
        theirs = select(RetentionMark).where(
            RetentionMark.lead_id == lead.id, RetentionMark.kept == kept
        )
        mark = session.exec(theirs).one()
        mark.at = now
        session.add(mark)


def _delete_unfiled(session: Session, kept: RetentionClass, before: datetime) -> int:
    """Delete a class of what came from somebody of whom there is no file; returns of how many."""
    count = 0
    for query in select_unfiled_rows(kept, before):
        rows = session.exec(query.limit(ROWS_AT_ONCE).with_for_update(skip_locked=True)).all()
        count += _erase_rows_of_class(session, rows, kept)
    return count


def _delete_old_trail(session: Session, before: datetime, *, now: datetime) -> int:
    """Delete old events of the trail and old entries of the audit log; returns how many."""
    ids = session.exec(_select_old_trail(session, before).limit(ROWS_AT_ONCE)).all()
    moves = delete_old_events(session, ids)
    if chain.is_kept_by_legal_hold(session):
        return moves
    return moves + chain.trim_old_entries(session, before=before, actor=SystemActor.CLOCK, now=now)


def _select_old_trail(session: Session, before: datetime) -> Any:
    """Return the query for events of the trail before an instant, but for people under a hold."""
    held = select(Lead).where(
        col(Lead.id).in_(select(LegalHold.lead_id).where(col(LegalHold.lifted_at).is_(None)))
    )
    old = select(Transition.id).where(Transition.at < before).order_by(col(Transition.id))
    files = list(session.exec(held))
    return old.where(not_(timeline.transitions_of_person_clause(session, files))) if files else old


def _count_expired(
    session: Session, kept: RetentionClass, before: datetime | None
) -> ExpiredContent:
    if before is None:
        return ExpiredContent(kept, None)
    if kept is RetentionClass.AUDIT:
        rows = _count_found(session, _select_old_trail(session, before).order_by(None))
        rows += chain.count_old_entries(session, before=before)
        return ExpiredContent(kept, before, rows=rows)
    unfiled = sum(_count_found(session, query) for query in select_unfiled_rows(kept, before))
    people = _count_found(session, select_expired_people(kept, before))
    return ExpiredContent(kept, before, people=people, rows=unfiled)


def _count_found(session: Session, query: Any) -> int:
    counted = query.with_only_columns(func.count())
    return int(session.execute(counted).scalar_one())


def _record_batch(session: Session, batch: DeletedBatch, *, now: datetime) -> None:
    """Write down what a batch deleted, if anything."""
    if not batch.people and not batch.rows:
        return
    record_move(
        session,
        TrailSubject("retention", str(batch.kept)),
        "delete",
        ("", ""),
        actor=SystemActor.CLOCK,
        now=now,
        changes={"people": batch.people, "rows": batch.rows},
    )
