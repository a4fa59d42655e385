"""Looks: whoever is shown somebody is written down, by the ids in what a page is given to show.

No page says so itself, and none can forget it: whatever it shows comes through here.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy
from sqlalchemy import Integer
from sqlmodel import Session, SQLModel, col, select

from leads.errors import NotAllowed
from leads.lifecycle.audit_log import record_access
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import AuditKind
from leads.models.helpline_scope import served_clause
from leads.models.inbound import InboundCall
from leads.models.requests import Lead, Submission, TextMessage
from leads.models.voicemails import Voicemail
from leads.people.emergency_access import list_open_access
from leads.people.permissions import (
    HELPLINE,
    NOT_SERVED,
    Permission,
    actor_of,
    require_permission,
    served_helplines,
)

WHOLE_FILE = "is_whole_file"
"""What a dataclass is given that shows all that is known of a person, and no row of a list."""
LEAD, LEADS = "lead_id", "lead_ids"
RECORDS: Mapping[str, type[SQLModel]] = {
    LEAD: Lead,
    "callback_id": Callback,
    "attempt_id": CallAttempt,
    "submission_id": Submission,
    "text_id": TextMessage,
    "voicemail_id": Voicemail,
}
"""By which ids a row says whom it is about: the first of them that it has."""
WORK_RECORDS: Mapping[str, type[SQLModel]] = {
    "form": Submission,
    "text": TextMessage,
    "voicemail": Voicemail,
}
"""What a row of the work list is about where nobody is known by it yet, by its kind."""
KEYED_BY_LEAD = ("neighbors", "merged")  # mappings of other people, in somebody's file
COLLECTIONS = (list, tuple, set, frozenset)
OWNERS: Mapping[str, Any] = {
    "callback": select(Callback.id, Callback.lead_id),
    "call_attempt": select(CallAttempt.id, Callback.lead_id).join(
        Callback, col(Callback.id) == col(CallAttempt.callback_id)
    ),
    "submission": select(Submission.id, Submission.lead_id),
    "text_message": select(TextMessage.id, TextMessage.lead_id),
    "voicemail": select(Voicemail.id, InboundCall.lead_id).join(
        InboundCall, col(InboundCall.id) == col(Voicemail.inbound_call_id)
    ),
}
"""How to find whose a record is."""


@dataclass(frozen=True)
class Look:
    """Somebody, or a record of theirs, as they are shown: a row of a list, or all that is known."""

    kind: AuditKind
    subject: TrailSubject


@dataclass(frozen=True)
class TakenFile:
    """A file that leaves the building: how, about what in ids and codes, and who may take it."""

    kind: AuditKind
    subject: TrailSubject
    permission: Permission


def find_looks(shown: object) -> set[Look]:
    """Return whom something shows: whose ids stand in it, at any depth.

    Of a long list nearly all are words and numbers: these are passed over by their type.
    """
    found, left = set[Look](), [shown]
    while left:
        one = left.pop()
        if isinstance(one, Lead):
            found.add(Look(AuditKind.LIST, TrailSubject.of_row(one)))
            continue
        parts: Iterable[object] = ()
        if dataclasses.is_dataclass(one) and not isinstance(one, type):
            found.update(_looks_of_row(one))
            parts = [getattr(one, name) for name in _field_names(cast(Hashable, type(one)))]
        elif isinstance(one, Mapping):
            parts = one.values()
        elif isinstance(one, COLLECTIONS):
            parts = one
        left += [one for one in parts if _may_show_people(cast(Hashable, type(one)))]
    return found


def record_looks(
    session: Session, person: Advisor, looks: Collection[Look], *, now: datetime
) -> None:
    """Write down whom a colleague is shown, as leads where their records belong to one.

    Raises NotAllowed before they are shown somebody of a helpline that they do not serve, whatever
    read it. A file that they opened in an emergency they may see.
    """
    owners = _find_owners(session, looks)
    owned = {Look(look.kind, owners.get(look.subject, look.subject)) for look in looks}
    opened = {look.subject for look in owned if look.kind is AuditKind.OPEN}
    if opened and served_helplines(person) is not None:
        in_emergency = {
            Look(AuditKind.OPEN, TrailSubject.of_kind(Lead, access.lead_id))
            for access in list_open_access(session, person, now=now)
        }
    else:
        in_emergency = set()
    _require_all_served(session, person, {look.subject for look in owned - in_emergency})
    owned -= {Look(AuditKind.LIST, subject) for subject in opened}
    for look in sorted(owned, key=repr):
        record_access(session, look.kind, look.subject, actor=actor_of(person), now=now)


def _require_all_served(
    session: Session, person: Advisor, subjects: Collection[TrailSubject]
) -> None:
    helplines = served_helplines(person)
    if helplines is None:
        return
    kinds: tuple[type[SQLModel], ...] = (Lead, *RECORDS.values())
    for kind in kinds:
        ids = {one.record_id for one in subjects if one.record == kind.__tablename__}
        key = sqlalchemy.inspect(kind).primary_key[0]
        wanted = [int(one) if isinstance(key.type, Integer) else one for one in sorted(ids)]
        served = select(key).where(key.in_(wanted), served_clause(kind, helplines))
        if wanted and len(session.exec(served).all()) < len(wanted):
            raise NotAllowed(NOT_SERVED, lacking=HELPLINE)


def record_taken_file(session: Session, person: Advisor, file: TakenFile, *, now: datetime) -> None:
    """Write down that a colleague takes a file or a page to print, if their role permits it.

    Raises NotAllowed where it does not, or where they do not serve whom it is about.
    """
    require_permission(person, file.permission)
    _require_all_served(session, person, [file.subject])
    record_access(session, file.kind, file.subject, actor=actor_of(person), now=now)


@functools.cache
def _may_show_people(kind: Hashable) -> bool:
    """Whether a value of a type can be, or hold, a row about somebody."""
    of_type = cast(type, kind)
    return dataclasses.is_dataclass(of_type) or issubclass(of_type, (Lead, Mapping, *COLLECTIONS))


def _looks_of_row(row: Any) -> Iterator[Look]:
    kind = AuditKind.OPEN if getattr(row, WHOLE_FILE, False) else AuditKind.LIST
    names = _field_names(cast(Hashable, type(row)))
    ids = ((name, getattr(row, name)) for name in RECORDS if name in names)
    about = next((TrailSubject.of_kind(RECORDS[name], given) for name, given in ids if given), None)
    if about is None and {"kind", "record_id"} <= set(names) and row.kind in WORK_RECORDS:
        about = TrailSubject.of_kind(WORK_RECORDS[row.kind], row.record_id)
    if about:
        yield Look(kind, about)
    others = [*(getattr(row, LEADS) if LEADS in names else ())]
    for name in KEYED_BY_LEAD:
        others += getattr(row, name) if name in names else ()
    for lead_id in others:
        yield Look(AuditKind.LIST, TrailSubject.of_kind(Lead, lead_id))


@functools.cache
def _field_names(kind: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cast(Any, kind)))


def _find_owners(session: Session, looks: Collection[Look]) -> Mapping[TrailSubject, TrailSubject]:
    """Return the leads to whom records belong, by the records; whose nobody knows are left out."""
    owners = {}
    for record, owned in OWNERS.items():
        given = [one.subject.record_id for one in looks if one.subject.record == record]
        if not given:
            continue
        key = owned.selected_columns[0]
        ids = [int(one) if isinstance(key.type, Integer) else one for one in given]
        for record_id, lead_id in session.execute(owned.where(key.in_(ids))):
            if lead_id is not None:
                owners[TrailSubject(record, str(record_id))] = TrailSubject.of_kind(Lead, lead_id)
    return owners
