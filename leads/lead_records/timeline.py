"""A lead's timeline: all that happened to one person, in words and in order.

It tells what they sent, agreed to and said, and what we did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from leads.call_questions import WORDINGS
from leads.i18n.translatable import Phrase
from leads.intake.hand_entry import CHANNEL_FIELD, TELLER_FIELD, EntryChannel
from leads.lead_records import intake_answers, transition_words
from leads.lead_records.timeline_titles import ENTRY_TITLES, OUTREACH_TITLES, SUPPRESSION_TITLES
from leads.lifecycle.state_tables import AttemptEvent, InboundEvent, VoicemailEvent
from leads.messaging import inbound_texts, outgoing_texts
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import OutreachWay
from leads.models.fields import word_or_unknown
from leads.models.helplines import Source
from leads.models.inbound import InboundCall
from leads.models.incidents import Incident
from leads.models.person_work import Outreach, Task
from leads.models.requests import Consent, Lead, Submission, Suppression
from leads.models.voicemails import Voicemail
from leads.models.watching import Transition
from leads.people.actor_names import read_names_by_actor
from leads.people.permissions import ADVISOR_ACTOR
from leads.phone_numbers import mask_phone


class Direction(StrEnum):
    """Whether something was said by them or by us, where it is a contact."""

    FROM_THEM = "from_them"
    FROM_US = "from_us"


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened, in words; `by` is who did it where a person did."""

    at: datetime
    what: str
    said: str = ""
    by: str = ""
    direction: Direction | None = None


def read_timeline(session: Session, files: list[Lead]) -> tuple[TimelineEntry, ...]:
    """Return what happened to a person, newest first.

    The first file is the person's, the others were merged into it.
    """
    names = read_names_by_actor(session)
    entry_groups = (
        _submission_and_consent_entries(session, files, names),
        _transition_and_note_entries(session, files, names),
        _suppression_entries(session, files, names),
        _outreach_and_task_entries(session, files, names),
    )
    entries = sorted((entry for some in entry_groups for entry in some), key=lambda entry: entry.at)
    return tuple(entries[::-1])  # of one instant the later one stays the later one


def transitions_of_person_clause(session: Session, files: list[Lead]) -> Any:
    """Return the condition that a transition is of a person's records."""
    theirs = [file.id for file in files]
    callbacks = session.exec(select(Callback.id).where(col(Callback.lead_id).in_(theirs))).all()
    attempts = session.exec(
        select(CallAttempt.id).where(col(CallAttempt.callback_id).in_(callbacks))
    ).all()
    incidents = session.exec(
        select(Incident.id).where(col(Incident.callback_id).in_(callbacks))
    ).all()
    calls = select(InboundCall.id).where(col(InboundCall.lead_id).in_(theirs))
    left = select(Voicemail.id).where(col(Voicemail.inbound_call_id).in_(calls))
    records = {
        "voicemail": list(map(str, session.exec(left))),
        "lead": list(map(str, theirs)),
        "callback": list(map(str, callbacks)),
        "call_attempt": list(attempts),
        "inbound_call": list(session.exec(calls).all()),
        "incident": list(map(str, incidents)),
    }
    return or_(
        *(
            and_(col(Transition.record) == kind, col(Transition.record_id).in_(ids))
            for kind, ids in records.items()
        )
    )


def _submission_and_consent_entries(
    session: Session, files: list[Lead], names: Mapping[str, str]
) -> Iterator[TimelineEntry]:
    others = {file.id: mask_phone(file.phone) for file in files[1:]}
    theirs = [file.id for file in files]
    sent = select(Submission, Source).join(Source, col(Source.id) == col(Submission.source_id))
    for submission, source in session.exec(sent.where(col(Submission.lead_id).in_(theirs))):
        said = {"name": submission.reading.get("name") or Phrase("No name")}
        said["source"] = source.shown_name
        title = Phrase("{name} submitted a request through {source}", **said)
        if submission.entered_by:
            title = _entry_title(submission, said["name"])
        elif number := others.get(submission.lead_id or 0):
            title = Phrase(
                "{name} submitted a request through {source} from {number}", **said, number=number
            )
        message = submission.reading.get("message") or ""
        by = _actor_name(submission.entered_by, names)
        yield TimelineEntry(submission.received_at, title, message, by, Direction.FROM_THEM)
    for consent in session.exec(select(Consent).where(col(Consent.lead_id).in_(theirs))):
        if consent.granted is not None:
            agreed, refused = Phrase("Agreed to be called"), Phrase("Did not agree to be called")
            title = agreed if consent.granted else refused
            by = _actor_name(consent.recorded_by, names)
            yield TimelineEntry(consent.given_at, title, consent.wording, by)


def _entry_title(submission: Submission, name: str) -> Phrase:
    """Return how somebody asked whose request a colleague entered, and who told them."""
    besides: Mapping[str, list[Any]] = submission.reading.get("unknown", {})
    said, *_more = besides.get(CHANNEL_FIELD, [""])
    title = ENTRY_TITLES[word_or_unknown(str(said), EntryChannel.OTHER)]
    asked = Phrase(title.template, name=name)
    teller = ", ".join(map(str, besides.get(TELLER_FIELD, ())))
    return Phrase("{first}, says {teller}", first=asked, teller=teller) if teller else asked


def _transition_and_note_entries(
    session: Session, files: list[Lead], names: Mapping[str, str]
) -> Iterator[TimelineEntry]:
    """Return an entry for each transition of the person's records, and for each note."""
    theirs = [file.id for file in files]
    words = transition_words.read_trail_words(session, theirs)
    noted = select(Callback.id, Callback.close_note).where(
        col(Callback.lead_id).in_(theirs), Callback.close_note != ""
    )
    close_notes = {str(number): note for number, note in session.exec(noted)}
    for move in session.exec(
        select(Transition)
        .where(transitions_of_person_clause(session, files))
        .order_by(col(Transition.id))
    ):
        title = transition_words.transition_title(move, files[0], words)
        if title:
            is_closed = move.record == "callback" and move.changes.get("close_reason")
            note = close_notes.get(move.record_id, "") if is_closed else ""
            said = note or transition_words.transition_details(move, words)
            contact = CONTACTS.get((move.record, move.event))
            yield TimelineEntry(move.at, title, said, _actor_name(move.actor, names), contact)
    for callback in session.exec(
        select(Callback).where(col(Callback.lead_id).in_(theirs), Callback.notes != "")
    ):
        at = callback.finished_at or callback.ended_at or callback.received_at
        yield TimelineEntry(at, Phrase("Notes"), callback.notes)
    for heard in intake_answers.list_heard_answers(session, theirs):
        asked = WORDINGS[heard.question].label
        title = Phrase("{question}, as heard on a call", question=asked)
        yield TimelineEntry(heard.at, title, heard.sentence, heard.by)


def _suppression_entries(
    session: Session, files: list[Lead], names: Mapping[str, str]
) -> Iterator[TimelineEntry]:
    said = select(Suppression).where(col(Suppression.phone).in_([file.phone for file in files]))
    for row in session.exec(said):
        yield TimelineEntry(
            row.since,
            SUPPRESSION_TITLES[row.channel],
            row.reason,
            _actor_name(row.actor, names),
        )
        if row.lifted_at:
            yield TimelineEntry(
                row.lifted_at,
                Phrase("Can be contacted again"),
                "",
                _actor_name(row.lifted_by, names),
            )


def _outreach_and_task_entries(
    session: Session, files: list[Lead], names: Mapping[str, str]
) -> Iterator[TimelineEntry]:
    """Return an entry for each contact that was no call, and for each task that is done."""
    theirs = [file.id for file in files]
    for row in session.exec(select(Outreach).where(col(Outreach.lead_id).in_(theirs))):
        by = _actor_name(row.by, names)
        is_theirs = row.way in (OutreachWay.IN_PERSON, OutreachWay.THEY_CALLED)
        direction = Direction.FROM_THEM if is_theirs else Direction.FROM_US
        yield TimelineEntry(row.at, OUTREACH_TITLES[row.way], row.words, by, direction)
        if row.safe_from:
            agreed = Phrase("A safe time was agreed with {name}", name=row.agreed_with)
            yield TimelineEntry(row.at, agreed, "", by)
    done = select(Task).where(col(Task.lead_id).in_(theirs), col(Task.done_at).is_not(None))
    for task in session.exec(done):
        if task.done_at:
            by = _actor_name(task.done_by, names)
            yield TimelineEntry(task.done_at, Phrase("Task done"), task.words, by)


def _actor_name(actor: str, names: Mapping[str, str]) -> str:
    former = Phrase("a former colleague") if actor.startswith(ADVISOR_ACTOR) else ""
    return names.get(actor, former)


CONTACTS: Mapping[tuple[str, str], Direction] = {
    ("lead", inbound_texts.TEXT_RECEIVED_EVENT): Direction.FROM_THEM,
    ("inbound_call", InboundEvent.JOIN): Direction.FROM_THEM,
    ("inbound_call", InboundEvent.PROMISE): Direction.FROM_THEM,
    ("inbound_call", InboundEvent.RECORD): Direction.FROM_THEM,
    ("inbound_call", InboundEvent.HANG_UP): Direction.FROM_THEM,
    ("voicemail", VoicemailEvent.FETCH): Direction.FROM_THEM,
    ("lead", outgoing_texts.TEXT_ORDERED_EVENT): Direction.FROM_US,
    ("call_attempt", AttemptEvent.ACCEPTED): Direction.FROM_US,
    ("call_attempt", AttemptEvent.ANSWERED): Direction.FROM_US,
    ("call_attempt", AttemptEvent.MISSED): Direction.FROM_US,
}
"""The transitions that are a contact: by whom it was made."""
