"""Protections: what somebody at a number refused or called unsafe, which holds for all there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from leads.callbacks import shared_numbers
from leads.lead_records import timeline
from leads.models.requests import Consent, Lead

CONSENT = "consent"
SAFETY_WISHES = ("safe_to_call", "safe_to_voicemail", "safe_to_text")


@dataclass(frozen=True)
class Protection:
    """What one person at a number refused or said is not safe, which holds for all there."""

    lead_id: int
    name: str
    fact: str
    label: str


def list_protections(session: Session, lead: Lead) -> list[Protection]:
    """Return what holds for a lead's number because somebody there refused or called it unsafe."""
    leads = shared_numbers.list_leads_at_number(session, lead.phone)
    protections = [
        Protection(one.id, one.name, wish, timeline.fact_label(wish))
        for one in leads
        for wish in SAFETY_WISHES
        if getattr(one, wish) is False
    ]
    refused = session.exec(refusals_in_force(lead.phone)).first()
    names = {one.id: one.name for one in leads}
    if refused:
        name = names.get(refused.lead_id, "")
        protections.append(Protection(refused.lead_id, name, CONSENT, timeline.fact_label(CONSENT)))
    return protections


def refusals_in_force(number: str) -> Any:
    """Return the query for the refusals of consent at a number that nobody has lifted."""
    return select(Consent).where(
        Consent.phone == number,
        col(Consent.granted).is_(False),
        col(Consent.lifted_at).is_(None),
    )
