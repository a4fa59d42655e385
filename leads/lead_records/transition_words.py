"""Transition words: what a row of the audit trail says to whoever reads a person's timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from leads.i18n.translatable import OwnLabel, Phrase
from leads.lead_records.timeline_titles import (
    DETAIL_LABELS,
    HANG_UP_TITLES,
    TEXT_TITLES,
    TRANSITION_TITLES,
    UNKNOWN_DETAIL,
)
from leads.lifecycle.state_tables import AttemptEvent, CallbackEvent, InboundEvent
from leads.messaging import inbound_texts, outgoing_texts
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CallbackState, InboundState
from leads.models.helplines import BrandDisposition
from leads.models.inbound import InboundCall
from leads.models.incidents import HoursOverride, Incident, IncidentStep
from leads.models.labels import TEXT_STATUS_LABELS
from leads.models.requests import FactChange, Lead, OutgoingText, TextMessage
from leads.models.watching import Transition
from leads.person_facts import FACTS_BY_NAME

STEP, OVERRIDE = "number", "override"  # as the trail calls the ids of their rows
EVENTS_WITH_WORDS = ("step", "override_hours")


@dataclass(frozen=True)
class TrailWords:
    """What the trail names by id: facts put right, texts, and attempts for who called in."""

    fact_changes: Mapping[int, FactChange]
    texts: Mapping[int, TextMessage]
    attempts_for_callers: frozenset[str]
    own_labels: Mapping[int, OwnLabel]  # of helplines' own dispositions
    sent_texts: Mapping[int, OutgoingText]
    of_incidents: Mapping[tuple[str, int], str]  # by what the trail calls the id, and the id


def read_trail_words(session: Session, lead_ids: Sequence[int]) -> TrailWords:
    """Return what the trail of these files names by id."""
    return TrailWords(
        {row.id: row for row in session.exec(_rows_of(FactChange, lead_ids))},
        {row.id: row for row in session.exec(_rows_of(TextMessage, lead_ids))},
        _attempts_for_callers(session, lead_ids),
        _own_labels_at_helplines(session, lead_ids),
        {row.id: row for row in session.exec(_rows_of(OutgoingText, lead_ids))},
        _incident_words(session, lead_ids),
    )


def transition_title(move: Transition, file: Lead, written: TrailWords) -> Phrase | None:
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


def _text_title(move: Transition, written: TrailWords) -> Phrase:
    if move.event == outgoing_texts.TEXT_ORDERED_EVENT:
        return TEXT_STATUS_LABELS[written.sent_texts[move.changes["outgoing_text"]].status]
    meaning = written.texts[move.changes["text_message"]].meaning
    return TEXT_TITLES.get(meaning, TRANSITION_TITLES["lead", move.event])


def transition_details(move: Transition, written: TrailWords) -> str:
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


def _attempts_for_callers(session: Session, lead_ids: Sequence[int]) -> frozenset[str]:
    """Return the attempts in which nobody was dialed, because they had called in themselves."""
    calls = select(InboundCall.id).where(col(InboundCall.lead_id).in_(lead_ids))
    theirs = select(CallAttempt.id).where(col(CallAttempt.inbound_call_id).in_(calls))
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


def _rows_of(kind: type[FactChange | TextMessage | OutgoingText], lead_ids: Sequence[int]) -> Any:
    return select(kind).where(col(kind.lead_id).in_(lead_ids))


def _own_labels_at_helplines(session: Session, lead_ids: Sequence[int]) -> dict[int, OwnLabel]:
    """Return the own dispositions, retired ones too, of the helplines where a person asked."""
    theirs = select(Callback.brand_id).where(col(Callback.lead_id).in_(lead_ids))
    rows = select(BrandDisposition).where(col(BrandDisposition.brand_id).in_(theirs))
    return {row.id: OwnLabel(row.english, spanish=row.spanish) for row in session.exec(rows)}
