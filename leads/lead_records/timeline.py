"""A lead's timeline: all that happened to one person, in words and in order.

It tells what they sent, agreed to and said, and what we did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from leads.call_questions import WORDINGS
from leads.i18n.translatable import OwnLabel, Phrase
from leads.intake.hand_entry import CHANNEL_FIELD, TELLER_FIELD, EntryChannel
from leads.lead_records import intake_answers
from leads.lead_records.timeline_titles import (
    DETAIL_LABELS,
    ENTRY_TITLES,
    HANG_UP_TITLES,
    OUTREACH_TITLES,
    SUPPRESSION_TITLES,
    TEXT_TITLES,
    TRANSITION_TITLES,
    UNKNOWN_DETAIL,
)
from leads.lifecycle.state_tables import AttemptEvent, CallbackEvent, InboundEvent, VoicemailEvent
from leads.messaging import inbound_texts, outgoing_texts
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CallbackState, InboundState, OutreachWay
from leads.models.fields import word_or_unknown
from leads.models.helplines import BrandDisposition, Source
from leads.models.inbound import InboundCall
from leads.models.incidents import HoursOverride, Incident, IncidentStep
from leads.models.labels import TEXT_STATUS_LABELS
from leads.models.person_work import Outreach, Task
from leads.models.requests import (
    Consent,
    FactChange,
    Lead,
    OutgoingText,
    Submission,
    Suppression,
    TextMessage,
)
from leads.models.voicemails import Voicemail
from leads.models.watching import Transition
from leads.people.actor_names import read_names_by_actor
from leads.people.permissions import ADVISOR_ACTOR
from leads.person_facts import FACTS_BY_NAME
from leads.phone_numbers import mask_phone

STEP, OVERRIDE = "number", "override"  # as the trail calls the ids of their rows
EVENTS_WITH_WORDS = ("step", "override_hours")


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
    left = select(Voicemail.id).where(col(Voicemail.inbound_call_id).in_(_calls_of(theirs)))
    records = {
        "voicemail": list(map(str, session.exec(left))),
        "lead": list(map(str, theirs)),
        "callback": list(map(str, callbacks)),
        "call_attempt": list(attempts),
        "inbound_call": list(session.exec(_calls_of(theirs)).all()),
        "incident": list(map(str, incidents)),
    }
    return or_(
        *(
            and_(col(Transition.record) == kind, col(Transition.record_id).in_(ids))
            for kind, ids in records.items()
        )
    )


def _calls_of(lead_ids: Sequence[int]) -> Any:
    return select(InboundCall.id).where(col(InboundCall.lead_id).in_(lead_ids))


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
    words = _Words(
        {row.id: row for row in session.exec(_rows_of(FactChange, theirs))},
        {row.id: row for row in session.exec(_rows_of(TextMessage, theirs))},
        _attempts_for_callers(session, theirs),
        _own_labels_at_helplines(session, theirs),
        {row.id: row for row in session.exec(_rows_of(OutgoingText, theirs))},
        _incident_words(session, theirs),
    )
    noted = select(Callback.id, Callback.close_note).where(
        col(Callback.lead_id).in_(theirs), Callback.close_note != ""
    )
    close_notes = {str(number): note for number, note in session.exec(noted)}
    for move in session.exec(
        select(Transition)
        .where(transitions_of_person_clause(session, files))
        .order_by(col(Transition.id))
    ):
        title = _transition_title(move, files[0], words)
        if title:
            is_closed = move.record == "callback" and move.changes.get("close_reason")
            note = close_notes.get(move.record_id, "") if is_closed else ""
            said = note or _transition_details(move, words)
            contact = CONTACTS.get((move.record, move.event))
            yield TimelineEntry(move.at, title, said, _actor_name(move.actor, names), contact)
    for callback in session.exec(_rows_of(Callback, theirs).where(Callback.notes != "")):
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


def _transition_title(move: Transition, file: Lead, written: _Words) -> Phrase | None:
    """Return what a transition says in words, or nothing where it says nothing to a reader."""
    if move.event in (inbound_texts.TEXT_RECEIVED_EVENT, outgoing_texts.TEXT_ORDERED_EVENT):
        return _text_title(move, written)
    if "into" in move.changes:  # of the two files that it is written in, only one is read
        said = {
            "merge": Phrase("Merged into another file"),
            "unmerge": Phrase("Separated from another file"),
        }
        return said.get(move.event) if move.record_id == str(file.id) else None
    if move.record == "inbound_call" and move.event == InboundEvent.HANG_UP:
        return HANG_UP_TITLES.get(InboundState(move.after))
    if move.event == AttemptEvent.ACCEPTED and move.record_id in written.attempts_for_callers:
        return None  # nobody was dialed
    if (move.event, move.after) == (CallbackEvent.TIME_OUT, CallbackState.COMPLETED):
        return Phrase(
            "Closed with no outcome recorded"
        )  # as it was before nobody was closed by silence
    return TRANSITION_TITLES.get((move.record, move.event))


def _text_title(move: Transition, written: _Words) -> Phrase:
    if move.event == outgoing_texts.TEXT_ORDERED_EVENT:
        return TEXT_STATUS_LABELS[written.sent_texts[move.changes["outgoing_text"]].status]
    meaning = written.texts[move.changes["text_message"]].meaning
    return TEXT_TITLES.get(meaning, TRANSITION_TITLES["lead", move.event])


@dataclass(frozen=True)
class _Words:
    """What the trail names by id: facts put right, texts, and attempts for who called in."""

    fact_changes: Mapping[int, FactChange]
    texts: Mapping[int, TextMessage]
    attempts_for_callers: frozenset[str]
    own_labels: Mapping[int, OwnLabel]  # of helplines' own dispositions
    sent_texts: Mapping[int, OutgoingText]
    of_incidents: Mapping[tuple[str, int], str]  # by what the trail calls the id, and the id


def _attempts_for_callers(session: Session, lead_ids: Sequence[int]) -> frozenset[str]:
    """Return the attempts in which nobody was dialed, because they had called in themselves."""
    theirs = select(CallAttempt.id).where(col(CallAttempt.inbound_call_id).in_(_calls_of(lead_ids)))
    return frozenset(session.exec(theirs))


def _incident_words(session: Session, lead_ids: Sequence[int]) -> dict[tuple[str, int], str]:
    """Return what was noted at the steps of a person's incidents, and why hours were overridden."""
    steps = select(IncidentStep).join(Incident).join(Callback)
    overrides = select(HoursOverride).join(Callback)
    is_theirs = col(Callback.lead_id).in_(lead_ids)
    return {
        **{(STEP, row.id): row.note for row in session.exec(steps.where(is_theirs))},
        **{(OVERRIDE, row.id): row.reason for row in session.exec(overrides.where(is_theirs))},
    }


def _rows_of(
    kind: type[FactChange | TextMessage | OutgoingText | Callback], lead_ids: Sequence[int]
) -> Any:
    return select(kind).where(col(kind.lead_id).in_(lead_ids))


def _own_labels_at_helplines(session: Session, lead_ids: Sequence[int]) -> dict[int, OwnLabel]:
    """Return the own dispositions, retired ones too, of the helplines where a person asked."""
    theirs = select(Callback.brand_id).where(col(Callback.lead_id).in_(lead_ids))
    rows = select(BrandDisposition).where(col(BrandDisposition.brand_id).in_(theirs))
    return {row.id: OwnLabel(row.english, spanish=row.spanish) for row in session.exec(rows)}


def _transition_details(move: Transition, written: _Words) -> str:
    """Return what a transition's changes say in words, where they say something to a reader."""
    if move.event == "correct":
        changes = [written.fact_changes[number] for number in move.changes["corrected"].values()]
        changed = [
            Phrase(
                "{field}: {before} → {after}",
                field=fact_label(change.fact),
                before=_field_value_label(change.fact, change.before),
                after=_field_value_label(change.fact, change.after),
            )
            for change in changes
        ]
        whys = [change.why for change in changes if change.why]
        return _join_phrases([*changed, *whys], Phrase("{first}; {rest}"))
    if move.event == inbound_texts.TEXT_RECEIVED_EVENT:
        return written.texts[move.changes["text_message"]].body
    if move.event == outgoing_texts.TEXT_ORDERED_EVENT:
        return written.sent_texts[move.changes["outgoing_text"]].body
    words = [
        labels.get(move.changes[name], UNKNOWN_DETAIL)
        for name, labels in DETAIL_LABELS.items()
        if move.changes.get(name)
    ]
    if own_id := move.changes.get("own_disposition_id"):
        words.append(written.own_labels.get(own_id, UNKNOWN_DETAIL))
    written_with = [
        written.of_incidents.get((name, move.changes[name]), "")
        for name in (STEP, OVERRIDE)
        if name in move.changes and move.event in EVENTS_WITH_WORDS
    ]
    said = [*words, *filter(None, written_with)]
    return _join_phrases(said, Phrase("{first}, {rest}"))


def fact_label(name: str) -> str:
    """Return what a fact is called, or its stored name where we do not know it."""
    fact = FACTS_BY_NAME.get(name)
    return (fact and fact.timeline_label) or name


def _field_value_label(field: str, value: str) -> str:
    """Return a fact's value in our word for it, or as it is where we have none."""
    fact = FACTS_BY_NAME.get(field)
    return (fact.answer_label(value) if fact else value) or Phrase("nothing")


def _join_phrases(said: Sequence[str], joint: Phrase) -> str:
    """Join several phrases into one that can still be translated."""
    if len(said) < 2:  # noqa: PLR2004 - nothing to join
        return said[0] if said else ""
    return Phrase(joint.template, first=said[0], rest=_join_phrases(said[1:], joint))


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
