"""Closed requests of a CSV file, stored as history with their own times.

Many rows are stored with a few statements, and no call can come of them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import Session, SQLModel, col, select

from leads import person_search
from leads.callbacks import holds, opt_out, shared_numbers
from leads.contact_rules import kept_stops
from leads.database.bulk_rows import table_of
from leads.forms.request import FormRequest
from leads.i18n.messages import Message, MessageKey, own_words
from leads.intake import admission_facts
from leads.intake.csv_import.csv_row import PastRequest
from leads.intake.csv_import.csv_table import CsvLine
from leads.lifecycle.audit_trail import SystemActor, record_move
from leads.lifecycle.state_tables import STATE_TABLES
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import CallbackState, CloseReason, HoldReason, LeadState, SubmissionState
from leads.models.helplines import Brand, Source
from leads.models.requests import Lead, Submission, Suppression
from leads.person_names import fuller_name, is_same_person

CONTENT_TYPE = "application/json"
IMPORTABLE_DISPOSITIONS = (
    Disposition.HELPED,
    Disposition.REFERRED,
    Disposition.DECLINED,
    Disposition.WRONG_PERSON,
)


@dataclass(frozen=True)
class ImportItem:
    """One row of the file that can be stored.

    `delivery_id` identifies all that it says, `request_id` its person and instant only: the number
    and the instant, with the name where somebody else asked from that number at that instant.
    """

    line: CsvLine
    past: PastRequest
    request: FormRequest
    source_id: int
    brand_id: int
    body: bytes
    delivery_id: str
    request_id: str

    @property
    def number(self) -> str:
        """The number in E.164: a row without one makes no item."""
        return self.request.phone or ""

    @property
    def named_request_id(self) -> str:
        """The id of the request where another person has the one without a name."""
        name = " ".join(self.request.name.casefold().split())
        return f"{self.request_id[:32]}:{hashlib.sha256(name.encode()).hexdigest()[:14]}"

    @property
    def is_held(self) -> bool:
        """Whether the request is open, and something in the row speaks against a call."""
        is_open = self.past.closed_at is None and not self.past.is_opt_out
        return is_open and self.request.is_refused

    def submission_row(self) -> dict[str, Any]:
        """Return the submission's row: the raw line, with what was read from it."""
        return {
            "source_id": self.source_id,
            "received_at": self.past.received_at,
            "content_type": CONTENT_TYPE,
            "body": self.body,
            "body_sha256": hashlib.sha256(self.body).hexdigest(),
            "delivery_id": self.delivery_id,
            "reading": self.request.as_reading(),
        }


def find_delivered_ids_locked(session: Session, items: Sequence[ImportItem]) -> set[str]:
    """Return the delivery ids of these items that were imported before, at whichever source.

    Imports go one after the other from here on, until the transaction ends.
    """
    sources = session.exec(
        select(Source.id).order_by(col(Source.id)).with_for_update(key_share=True)
    ).all()
    ids = [item.delivery_id for item in items]
    delivered = select(Submission.delivery_id).where(
        col(Submission.source_id).in_(sources), col(Submission.delivery_id).in_(ids)
    )
    return {name for name in session.exec(delivered) if name}


@dataclass(frozen=True)
class ImportedRequest:
    """A request that was imported before: whose it was, and what became of it."""

    name: str
    lead_id: int | None = None
    callback_id: int | None = None


def find_imported_requests(
    session: Session, items: Sequence[ImportItem]
) -> dict[str, ImportedRequest]:
    """Return the requests that were imported before, by their ids."""
    sources = session.exec(select(Source.id)).all()
    ids = [name for item in items for name in (item.request_id, item.named_request_id)]
    imported = select(
        Submission.vendor_id, Submission.reading, Submission.lead_id, Submission.callback_id
    ).where(
        col(Submission.source_id).in_(sources),
        col(Submission.vendor_id).in_(ids),
        text("submission.state = 'admitted'"),  # spelled out: the index is for these only
    )
    return {
        request_id: ImportedRequest(reading.get("name") or "", lead_id, callback_id)
        for request_id, reading, lead_id, callback_id in session.exec(imported)
        if request_id
    }


def tell_people_apart(
    items: Iterable[ImportItem], known: Mapping[str, ImportedRequest]
) -> list[ImportItem]:
    """Return the items with the name in the id where another person has their number and instant.

    `known`: the requests that were imported before.
    """
    names = {request_id: request.name for request_id, request in known.items()}
    apart = []
    for item in items:
        first = names.setdefault(item.request_id, item.request.name)
        is_same = is_same_person(first, item.request.name)
        apart.append(item if is_same else replace(item, request_id=item.named_request_id))
    return apart


def store_closed_requests(session: Session, items: Sequence[ImportItem], *, now: datetime) -> None:
    """Store requests that are over, each with its callback and the times it had.

    A lead who opted out is suppressed.
    """
    if not items:
        return
    leads = _find_or_create_closed_leads(session, items)
    callbacks = _insert_returning_ids(
        session,
        Callback,
        [_closed_callback_row(item, lead) for item, lead in zip(items, leads, strict=True)],
    )
    submissions = _insert_returning_ids(
        session,
        Submission,
        [
            item.submission_row()
            | {"vendor_id": item.request_id, "state": SubmissionState.ADMITTED}
            | {"lead_id": lead, "callback_id": callback_id}
            for item, lead, callback_id in zip(items, leads, callbacks, strict=True)
        ],
    )
    record_past_events(session, Submission, [(number, [("admit", now)]) for number in submissions])
    record_past_events(
        session,
        Callback,
        [(number, item.past.events) for number, item in zip(callbacks, items, strict=True)],
    )
    apply_past_opt_outs(session, items, now=now)


def apply_past_opt_outs(session: Session, items: Sequence[ImportItem], *, now: datetime) -> None:
    """Suppress the numbers of those who want no calls, be their request over or still open."""
    for item in items:
        if item.past.is_opt_out:
            _apply_past_opt_out(session, item, now=now)


def record_past_events(
    session: Session,
    kind: type[SQLModel],
    past: Iterable[tuple[int, Iterable[tuple[str, datetime]]]],
) -> None:
    """Write the transitions that records of one kind made elsewhere, from their first state on."""
    for number, events in past:
        subject = TrailSubject.of_kind(kind, number)
        for event, states, at in _replay_state_table(kind, events):
            record_move(
                session, subject, event, states, actor=SystemActor.IMPORT, now=at, changes={}
            )


def _replay_state_table(
    kind: type[SQLModel], events: Iterable[tuple[str, datetime]]
) -> Iterator[tuple[str, tuple[str, str], datetime]]:
    """Yield each event with the states before and after it, and when it happened.

    What the state table does not allow cannot have happened.
    """
    before: str = next(iter(STATE_TABLES[kind]))[0]
    for event, at in events:
        after = STATE_TABLES[kind][before, event]
        yield event, (str(before), str(after)), at
        before = after


@dataclass
class _PersonInFile:
    """One person at a number: the lead they are already, or the last item that makes a new one."""

    name: str
    lead_id: int | None = None
    item: ImportItem | None = None
    nth: int = 1
    operators: Collection[int] | None = None  # whom they asked; None for nobody yet


def _find_or_create_closed_leads(session: Session, items: Sequence[ImportItem]) -> list[int]:
    """Return the id of each item's lead; a person who is no lead yet becomes a closed one."""
    numbers = {item.number for item in items}
    kept_stops.restore_kept_stops(session, numbers)
    known = select(Lead.phone, Lead.name, Lead.id).where(col(Lead.phone).in_(numbers))
    people: defaultdict[str, list[_PersonInFile]] = defaultdict(list)
    found = session.exec(known.order_by(col(Lead.nth_at_number))).all()
    asked = shared_numbers.read_operators_of_leads(session, [lead_id for _, _, lead_id in found])
    operators = dict(session.exec(select(Brand.id, Brand.operator_id)).all())
    for phone, name, lead_id in found:
        people[phone].append(_PersonInFile(name, lead_id, operators=asked.get(lead_id)))
    persons = [
        _person_of_item(people[item.number], item, operators[item.brand_id]) for item in items
    ]
    new = [one for those in people.values() for one in those if one.lead_id is None]
    rows = [_closed_lead_row(one.item, one.nth) for one in new if one.item]
    lead_ids = _insert_returning_ids(session, Lead, rows)
    person_search.write_search_words(session, lead_ids)
    for person, lead_id in zip(new, lead_ids, strict=True):
        person.lead_id = lead_id
    closed = [
        (one.lead_id or 0, [("close", one.item.past.closed_at)])
        for one in new
        if one.item and one.item.past.closed_at
    ]
    record_past_events(session, Lead, closed)
    return [person.lead_id or 0 for person in persons]


def _person_of_item(
    people: list[_PersonInFile], item: ImportItem, operator_id: int
) -> _PersonInFile:
    """Return whose an item is among the people at its number, with whom it stays from now on."""
    name = item.request.name
    sharing = [one for one in people if one.operators is None or operator_id in one.operators]
    person = next((one for one in sharing if is_same_person(one.name, name)), None)
    if person is None:
        person = _PersonInFile(name, nth=len(people) + 1, operators=(operator_id,))
        people.append(person)
    if person.lead_id is None:
        person.item, person.name = item, fuller_name(person.name, name)
    return person


def _closed_lead_row(item: ImportItem, nth_at_number: int) -> dict[str, Any]:
    return {
        "phone": item.number,
        "nth_at_number": nth_at_number,
        "name": item.request.name,
        "email": item.request.email,
        "state": LeadState.CLOSED,
        "created_at": item.past.received_at,
        "closed_at": item.past.closed_at,
        "close_reason": _imported_lead_reason(item.past),
    }


def _imported_lead_reason(past: PastRequest) -> CloseReason:
    if disposition := _imported_disposition(past):
        return CloseReason(disposition)
    return CloseReason.UNREACHABLE if past.first_rung_at else CloseReason.CANCELLED


def _closed_callback_row(item: ImportItem, lead_id: int) -> dict[str, Any]:
    past, moves = item.past, list(_replay_state_table(Callback, item.past.events))
    return {
        "lead_id": lead_id,
        "brand_id": item.brand_id,
        "source_id": item.source_id,
        "state": CallbackState(moves[-1][1][1]),
        "received_at": past.received_at,
        "promised_at": past.received_at,
        "due_at": past.received_at,
        "misses": sum(event in ("miss", "exhaust") for event, _states, _at in moves),
        "first_rung_at": past.first_rung_at,
        "first_conversation_at": past.first_conversation_at,
        "finished_at": past.closed_at,
        "disposition": _imported_disposition(past),
        "close_reason": CloseReason.IMPORTED,
        "close_note": own_words(past.close_reason) if past.close_reason else "",
        "withdrawn": past.is_opt_out and not past.first_conversation_at,
    }


def _imported_disposition(past: PastRequest) -> Disposition | None:
    """Return the disposition, where the reason for closing is one of our words."""
    if past.first_conversation_at is None:
        return None
    if past.is_opt_out:
        return Disposition.DECLINED
    word = "_".join(past.close_reason.lower().split())
    return next((one for one in IMPORTABLE_DISPOSITIONS if one == word), Disposition.UNRECORDED)


def _apply_past_opt_out(session: Session, item: ImportItem, *, now: datetime) -> None:
    """Suppress the number of a lead who asked elsewhere not to be contacted.

    Not so where a suppression was lifted after that. A lead who asked for help after that has a
    callback, which is held for a person.
    """
    said_at = item.past.refused_at
    lifted = select(Suppression.id).where(
        Suppression.phone == item.number, col(Suppression.lifted_at) > said_at
    )
    if session.exec(lifted).first():
        return
    waiting = admission_facts.lock_open_callbacks(session, item.number)
    later = [callback for callback in waiting if callback.received_at > said_at]
    for callback in later:
        holds.place_hold(
            session, callback, HoldReason.STOPPED_BEFORE, by=SystemActor.IMPORT, now=now
        )
    if later:
        return
    reason = Message(MessageKey.STOPPED_BEFORE_IMPORT)
    is_history = item.past.closed_at is not None and not waiting
    since = said_at if is_history else now
    opt_out.stop_contact(session, item.number, reason=reason, actor=SystemActor.IMPORT, now=since)


def _insert_returning_ids(
    session: Session, kind: type[SQLModel], rows: list[dict[str, Any]]
) -> list[int]:
    """Insert many rows in one go; returns their ids in the same order."""
    if not rows:
        return []
    number = table_of(kind).c.id
    return list(session.scalars(insert(kind).returning(number, sort_by_parameter_order=True), rows))
