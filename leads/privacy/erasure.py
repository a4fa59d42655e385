"""Erasure: one person is forgotten everywhere, and the figures stay as they were.

Their rows stay without what tells who they are or what they said. What they forbade holds for their
number by its hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from leads.callbacks import completion, lead_closing, shared_numbers
from leads.contact_rules import kept_stops
from leads.contact_rules.lead_wishes import location_of_phone
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import LostRace, NotNow
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import Phrase
from leads.lead_records.merged_files import lead_and_merged_files
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, CloseReason, ErasureReason
from leads.models.requests import ConfirmedNumber, Lead, LeadWord, Suppression
from leads.people.permissions import Operator, Permission, actor_of, require_permission
from leads.phone_numbers import erased_phone
from leads.privacy.content_erasure import erase_content
from leads.privacy.data_classes import PERSONAL, DataClass
from leads.privacy.erasure_obstacles import list_obstacles
from leads.privacy.open_work import close_open_work
from leads.privacy.person_rows import find_rows_of_person
from leads.privacy.unclaimed_rows import claim_rows_at_number

ERASED_CLASSES = PERSONAL | {DataClass.SECRET}  # with the key of a link that changes a request


@dataclass(frozen=True)
class ErasurePreview:
    """What an erasure would take, keep and end.

    `rows`: how many of each table would lose something, as an export calls it. `files`: of the
    person, at that many numbers. `promises`: calls that would be canceled. `shared`: numbers that
    others have as well, at whom they stay. `obstacles`: why it cannot be done now, if anything.
    """

    rows: Mapping[str, int]
    files: int
    promises: int
    shared: int
    obstacles: tuple[Phrase, ...]


@dataclass(frozen=True)
class ErasureOutcome:
    """What an erasure took: rows by table, and the stops that hold on for the numbers."""

    rows: Mapping[str, int]
    stops: int


def preview_erasure(session: Session, lead: Lead, person: Advisor | Operator) -> ErasurePreview:
    """Return what erasing a person would do. Nothing is changed."""
    require_permission(person, Permission.ERASE_PERSON, lead)
    files = _files_of_person(session, lead)
    rows = find_rows_of_person(session, files)
    return ErasurePreview(
        rows={name: len(some) for name, some in rows.items() if some},
        files=len(files),
        promises=len(session.exec(_select_open_callbacks(files)).all()),
        shared=sum(_is_shared(session, file.phone, files) for file in files),
        obstacles=tuple(list_obstacles(session, files)),
    )


def erase_person(
    session: Session,
    lead: Lead,
    person: Advisor | Operator,
    *,
    reason: ErasureReason,
    now: datetime,
) -> ErasureOutcome:
    """Erase what is stored about a person, with the files that were merged with theirs.

    What was promised to them is canceled. Raises NotNow where something is in the way: a legal
    hold, a call, an advisor who has them, an open incident, something that is on its way.
    """
    require_permission(person, Permission.ERASE_PERSON, lead)
    return erase_files(
        session, _files_of_person(session, lead), reason=reason, actor=actor_of(person), now=now
    )


def erase_files(
    session: Session, files: Sequence[Lead], *, reason: ErasureReason, actor: str, now: datetime
) -> ErasureOutcome:
    """Erase all files of one person, the first of them theirs; raises as `erase_person`."""
    promises = _lock_promises_and_files(session, files)
    if obstacles := list_obstacles(session, files):
        raise NotNow(obstacles[0])
    for promise in promises:
        note, end = Message(MessageKey.ERASED), CloseReason.WITHDRAWN
        if completion.cancel_with_live_call(session, promise, end, note=note, actor=actor, now=now):
            lead_closing.close_lead(session, promise, end, actor=actor, now=now)
    stops = sum(_free_number(session, file, files, now=now) for file in files)
    rows = find_rows_of_person(session, files)
    close_open_work(session, rows, actor=actor, now=now)
    placeholders = {file.phone: erased_phone(file.id) for file in files}
    for file in files:
        file.kept_place, file.erased_at = _place_for_figures(file), now
    _forget_why_stopped(session, placeholders)
    session.execute(delete(LeadWord).where(col(LeadWord.lead_id).in_([one.id for one in files])))
    counts = _erase_rows(session, {"files": files, **rows}, placeholders)
    for file in files:
        record_event(session, file, "erase", actor=actor, now=now, reason=reason, rows=counts)
    wake_after_commit(session, Wakeup.DESK)
    return ErasureOutcome(counts, stops)


def _files_of_person(session: Session, lead: Lead) -> list[Lead]:
    survivor = session.get_one(Lead, lead.merged_into_id) if lead.merged_into_id else lead
    return lead_and_merged_files(session, survivor)


def _select_open_callbacks(files: Sequence[Lead]) -> Any:
    promised = select(Callback).where(
        col(Callback.lead_id).in_([file.id for file in files]),
        col(Callback.state).in_(OPEN_CALLBACK),
    )
    return promised.order_by(col(Callback.id))


def _lock_promises_and_files(session: Session, files: Sequence[Lead]) -> Sequence[Callback]:
    """Lock the open callbacks to a person, then their files, as everywhere; returns the former."""
    promised = _select_open_callbacks(files)
    fresh = {"populate_existing": True}
    locked: Sequence[Callback] = session.exec(
        promised.with_for_update().execution_options(**fresh)
    ).all()
    ids = sorted(file.id for file in files)
    theirs = select(Lead).where(col(Lead.id).in_(ids)).order_by(col(Lead.id)).with_for_update()
    session.exec(theirs.execution_options(**fresh)).all()
    if session.exec(promised).all() != locked:
        raise LostRace(Phrase("One of these files just changed. Check it again."))
    return locked


def _is_shared(session: Session, number: str, files: Sequence[Lead]) -> bool:
    """Whether somebody else has asked from a number, too."""
    ours = {file.id for file in files}
    return any(one.id not in ours for one in shared_numbers.list_leads_at_number(session, number))


def _free_number(session: Session, file: Lead, files: Sequence[Lead], *, now: datetime) -> int:
    """Let nothing but hashes name the number of a file, where nobody else has it.

    Returns how many stops hold on for it.
    """
    kept_stops.keep_protections_as_stops(session, file.phone, [file.id], now=now)
    claim_rows_at_number(session, file)
    if _is_shared(session, file.phone, files):
        return 0
    session.execute(delete(ConfirmedNumber).where(col(ConfirmedNumber.phone) == file.phone))
    return kept_stops.keep_stops_by_hash(session, file.phone, erased_phone(file.id))


def _forget_why_stopped(session: Session, placeholders: Mapping[str, str]) -> None:
    """Erase what was written about stops of the person's numbers, which hold on."""
    numbers = [*placeholders, *placeholders.values()]
    stops = select(Suppression).where(col(Suppression.phone).in_(numbers))
    for stop in session.exec(stops).all():
        erase_content(stop, {DataClass.WORDS})
        session.add(stop)


def _place_for_figures(file: Lead) -> dict[str, Any]:
    """Return the zones and states by which figures count the hours of a file, and no more."""
    stated = (file.region, file.zip)
    return location_of_phone(file.phone, stated, file.further_places).as_data()


def _erase_rows(
    session: Session, rows: Mapping[str, Sequence[Any]], placeholders: Mapping[str, str]
) -> dict[str, int]:
    """Erase what is personal in rows; returns how many of each table had anything in them."""
    counts = {}
    for name, some in rows.items():
        changed = [
            row for row in some if erase_content(row, ERASED_CLASSES, placeholders=placeholders)
        ]
        session.add_all(changed)
        if changed:
            counts[name] = len(changed)
    session.flush()
    return counts
