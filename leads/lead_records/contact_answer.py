"""The gate's answer about a lead, in words: may they be called now, why not, by which rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from leads.contact_rules import gate
from leads.contact_rules.citations import rule_citation
from leads.contact_rules.contact_history import load_contact_history
from leads.contact_rules.gate_rules import ContactChannel
from leads.contact_rules.lead_wishes import lead_location
from leads.i18n.translatable import Phrase
from leads.models.calls import Callback
from leads.models.requests import Lead


@dataclass(frozen=True)
class ContactAnswer:
    """What the gate says of calling a lead now.

    `zones` are all that have to be open; the first is the one in which times are shown.
    """

    is_allowed: bool
    why: Phrase
    not_before: datetime | None
    citations: tuple[Phrase, ...]
    zones: tuple[str, ...]


def read_contact_answer(
    session: Session, lead: Lead, callback: Callback | None, *, now: datetime
) -> ContactAnswer:
    """Return what the gate says of calling a lead now, for a callback; nothing is recorded."""
    history = load_contact_history(session, lead.phone, callback, now=now)
    decision = gate.may_contact(
        session,
        lead.phone,
        ContactChannel.CALL,
        lead=lead,
        callback=callback,
        now=now,
        on_file=history,
    )
    return ContactAnswer(
        is_allowed=decision.allowed,
        why=decision.sentence,
        not_before=decision.not_before,
        citations=tuple(dict.fromkeys(map(rule_citation, decision.refused_by))),
        zones=lead_location(lead, history.source_region).zones,
    )
