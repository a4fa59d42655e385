"""A lead's file: everything about one person in one place, in order.

It holds what they asked, agreed to and said, and what we did about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlmodel import Session, col, select

from leads import person_search, phone_numbers
from leads.callbacks import shared_numbers
from leads.contact_rules import suppression
from leads.errors import BadSubmission
from leads.free_text.danger import DangerKind
from leads.i18n.translatable import Phrase
from leads.lead_records import merged_files, person_tasks, protections, stated_places, timeline
from leads.lead_records.contact_answer import ContactAnswer, read_contact_answer
from leads.lead_records.fact_sources import FactSource, read_fact_sources
from leads.lead_records.open_promises import OpenPromise, list_open_promises
from leads.lead_records.person_tasks import OpenTask
from leads.lead_records.protections import ConsentOnFile, Protection
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.state_tables import allowed_events
from leads.messaging import text_threads
from leads.messaging.text_threads import TextThread
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import CLAIMED_CALLBACK, LeadState, SuppressedChannel
from leads.models.requests import FactChange, Lead, Submission
from leads.people.permissions import Permission, actor_of, require_permission
from leads.person_facts import FILE_LABELS
from leads.phone_numbers import mask_phone

"""What a person may put right. The number is who they are: another number is another lead."""

MOST_FOUND = 20


@dataclass(frozen=True)
class LeadSearchHit:
    """One lead, as a search shows it."""

    lead_id: int
    name: str
    number: str  # masked
    state: LeadState
    since: datetime
    is_merged: bool


@dataclass(frozen=True)
class LeadFile:
    """One lead's file; `entries` are newest first, the number is masked until somebody asks for it.

    `is_channel_stopped`: calls or texts to the number are stopped, and the other is welcome.
    `merged`: the person's other numbers, masked, by the lead whose file was merged into this one.
    """

    is_whole_file: ClassVar[bool] = True
    lead_id: int
    promises: tuple[OpenPromise, ...]  # that are still to be kept, one for each helpline
    tasks: Sequence[OpenTask]
    danger: DangerKind | None  # that they are about
    merged: dict[int, str]
    neighbors: dict[int, str]  # the names of the other people at the number, by their leads
    protections: tuple[Protection, ...]
    consents: Sequence[ConsentOnFile]
    is_channel_stopped: bool
    state: LeadState
    events: frozenset[str]
    number: str
    zone: str
    contact: ContactAnswer
    facts: dict[str, str]
    fact_sources: Mapping[str, FactSource]
    no_dial: tuple[str, ...]
    entries: tuple[timeline.TimelineEntry, ...]
    texts: TextThread | None  # None of whoever was never promised a call
    erased_at: datetime | None  # nothing is known of them any more

    @property
    def is_free_to_call(self) -> bool:
        """Whether the rules allow a call now, and nobody decides first or has them in hand."""
        return self.contact.is_allowed and all(one.may_be_called for one in self.promises)


@dataclass(frozen=True)
class KnownPerson:
    """Somebody of whom there is a file, for whom a request is entered by hand."""

    lead_id: int
    name: str
    phone: str


def read_known_person(session: Session, lead_id: int, supervisor: Advisor) -> KnownPerson | None:
    """Return the person for whom a supervisor enters a request, None if there is no such file."""
    require_permission(supervisor, Permission.READ_LEAD_FILE, (Lead, lead_id))
    lead = session.get(Lead, lead_id)
    return KnownPerson(lead.id, lead.name, lead.phone) if lead else None


def search_lead_files(session: Session, text: str, supervisor: Advisor) -> list[LeadSearchHit]:
    """Return the leads with this number, this e-mail address or a name of such words, newest first.

    A word of a name is found by three or more letters with which it begins.
    """
    require_permission(supervisor, Permission.SEARCH_LEAD_FILES)
    text = text.strip()
    if not text:
        return []
    number = phone_numbers.normalize_phone_by_hand(text, "US")
    if not number:
        return list(map(_to_search_hit, person_search.find_people(session, text, most=MOST_FOUND)))
    having = select(Lead).where(Lead.phone == number).order_by(col(Lead.id).desc())
    return list(map(_to_search_hit, session.exec(having.limit(MOST_FOUND))))


def read_lead_file(
    session: Session, lead_id: int, supervisor: Advisor, *, now: datetime
) -> LeadFile | None:
    """Return a lead's file, or the file that it was merged into; None if there is no such lead."""
    require_permission(supervisor, Permission.READ_LEAD_FILE, (Lead, lead_id))
    lead = session.get(Lead, lead_id)
    if lead and lead.merged_into_id:
        lead = session.get(Lead, lead.merged_into_id)
    if lead is None:
        return None
    files = merged_files.lead_and_merged_files(session, lead)
    promises = list_open_promises(session, [lead.id])
    callback = session.get(Callback, promises[0].callback_id) if promises else None
    contact = read_contact_answer(session, lead, callback, now=now)
    neighbors = shared_numbers.list_leads_at_number(session, lead.phone)
    return LeadFile(
        lead_id=lead.id,
        state=lead.state,
        events=allowed_events(lead),
        promises=promises,
        tasks=person_tasks.list_open_tasks(session, lead_ids=[one.id for one in files], now=now),
        danger=callback.danger if callback else None,
        neighbors={one.id: one.name for one in neighbors if one.id != lead.id},
        merged={file.id: mask_phone(file.phone) for file in files[1:]},
        protections=tuple(protections.list_protections(session, lead)),
        consents=protections.list_consents(session, [one.id for one in files]),
        is_channel_stopped=any(
            stop.channel is not SuppressedChannel.ALL
            for stop in suppression.list_suppressions_in_force(session, lead.phone)
        ),
        number=mask_phone(lead.phone),
        zone=contact.zones[0],
        contact=contact,
        facts={name: str(getattr(lead, name)) for name in FILE_LABELS},
        fact_sources=read_fact_sources(session, lead, [one.id for one in files]),
        no_dial=tuple(sorted(_masked_no_dial_numbers(session, files))),
        entries=timeline.read_timeline(session, files),
        texts=text_threads.read_thread_of_lead(session, lead, now=now),
        erased_at=lead.erased_at,
    )


def reveal_lead_number(session: Session, lead: Lead, advisor: Advisor, *, now: datetime) -> str:
    """Return a lead's number, and record who wanted to see it.

    Supervisors, and the advisor who has the lead in hand.
    """
    theirs = select(Callback.id).where(
        Callback.lead_id == lead.id, Callback.advisor_id == advisor.id
    )
    held = session.exec(theirs.where(col(Callback.state).in_(CLAIMED_CALLBACK))).first()
    permission = Permission.TAKE_CALLBACKS if held else Permission.SEE_NUMBER
    require_permission(advisor, permission, lead)
    record_event(session, lead, "reveal", actor=actor_of(advisor), now=now)
    return lead.phone


def correct_lead_facts(
    session: Session, lead: Lead, corrected: dict[str, str], supervisor: Advisor, *, now: datetime
) -> None:
    """Correct facts about a lead; `fact_change` keeps what they were before.

    The audit trail names its rows. Raises BadSubmission for a fact that cannot be corrected, or not
    so.
    """
    require_permission(supervisor, Permission.CORRECT_LEAD, lead)
    if unknown := set(corrected) - set(FILE_LABELS):
        raise BadSubmission(
            Phrase("These cannot be corrected: {fields}.", fields=", ".join(sorted(unknown)))
        )
    record_corrected_facts(session, lead, corrected, by=actor_of(supervisor), now=now)


def record_corrected_facts(
    session: Session, lead: Lead, corrected: Mapping[str, str], *, by: str, now: datetime
) -> None:
    """Write facts into a lead's file, with what they were before and who says so."""
    changed = {
        name: value.strip()
        for name, value in corrected.items()
        if value.strip() != getattr(lead, name)
    }
    if not changed:
        return
    if not phone_numbers.is_extension(changed.get("phone_extension", "")):
        raise BadSubmission(Phrase("An extension can have up to 8 digits."))
    rows = {
        name: FactChange(
            lead_id=lead.id, fact=name, before=getattr(lead, name), after=value, by=by, at=now
        )
        for name, value in changed.items()
    }
    for name, value in changed.items():
        setattr(lead, name, value)
    session.add_all([lead, *rows.values()])
    session.flush()
    if {"region", "zip"} & changed.keys():
        stated_places.refresh_further_places(session, lead.phone)
    ids = {name: row.id for name, row in rows.items()}
    record_event(session, lead, "correct", actor=by, now=now, corrected=ids)


def _to_search_hit(lead: Lead) -> LeadSearchHit:
    is_merged = lead.merged_into_id is not None
    return LeadSearchHit(
        lead.id, lead.name, mask_phone(lead.phone), lead.state, lead.created_at, is_merged
    )


def _masked_no_dial_numbers(session: Session, files: list[Lead]) -> set[str]:
    theirs = col(Submission.lead_id).in_([file.id for file in files])
    readings = session.exec(select(Submission.reading).where(theirs))
    return {mask_phone(number) for reading in readings for number in reading.get("no_dial", [])}
