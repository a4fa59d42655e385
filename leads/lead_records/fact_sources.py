"""Fact sources: who says what is known of a person, and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from leads.i18n.translatable import Phrase
from leads.models.helplines import Source
from leads.models.requests import FactChange, Lead, Submission
from leads.people.actor_names import read_names_by_actor
from leads.people.permissions import ADVISOR_ACTOR
from leads.person_facts import FILE_LABELS


@dataclass(frozen=True)
class FactSource:
    """Who says a fact, in words, and since when."""

    who: Phrase
    at: datetime


def read_fact_sources(
    session: Session, lead: Lead, lead_ids: Sequence[int]
) -> Mapping[str, FactSource]:
    """Return who says each fact of a lead: whoever corrected it last, else who first sent it."""
    names = read_names_by_actor(session)
    known = {name for name in FILE_LABELS if getattr(lead, name)}
    sources: dict[str, FactSource] = {}
    sent = (
        select(Submission, Source)
        .join(Source, col(Source.id) == col(Submission.source_id))
        .where(col(Submission.lead_id).in_(lead_ids))
        .order_by(col(Submission.id))
    )
    for submission, source in session.exec(sent):
        for name in known - sources.keys():
            if submission.reading.get(name) == getattr(lead, name):
                by = _name_of_colleague(submission.entered_by, names)
                who = by or Phrase("form from {source}", source=source.shown_name)
                sources[name] = FactSource(who, submission.received_at)
    changes = select(FactChange).where(FactChange.lead_id == lead.id).order_by(col(FactChange.id))
    for change in session.exec(changes):
        if change.fact in known and change.after == getattr(lead, change.fact):
            who = _name_of_colleague(change.by, names) or Phrase("their own link")
            sources[change.fact] = FactSource(who, change.at)
    return sources


def _name_of_colleague(actor: str, names: Mapping[str, str]) -> Phrase | None:
    if not actor.startswith(ADVISOR_ACTOR):
        return None
    name = names.get(actor)
    return Phrase("written down by {name}", name=name) if name else Phrase("a former colleague")
