"""Protections: what somebody at a number refused or called unsafe, which holds for all there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from leads.callbacks import shared_numbers
from leads.lead_records import transition_words
from leads.models.requests import Consent, Lead
from leads.people.actor_names import read_names_by_actor

CONSENT = "consent"
SAFETY_WISHES = ("safe_to_call", "safe_to_voicemail", "safe_to_text")


@dataclass(frozen=True)
class Protection:
    """What one person at a number refused or said is not safe, which holds for all there."""

    lead_id: int
    name: str
    fact: str
    label: str


@dataclass(frozen=True)
class ConsentOnFile:
    """What a person agreed to or refused, in which words; `recorded_by` where a colleague heard it.

    `is_lifted`: it was a refusal, which a supervisor lifted.
    """

    is_granted: bool
    wording: str
    given_at: datetime
    recorded_by: str
    is_lifted: bool


def list_consents(session: Session, lead_ids: Sequence[int]) -> list[ConsentOnFile]:
    """Return what a person agreed to or refused, the latest first."""
    said = select(Consent).where(
        col(Consent.lead_id).in_(lead_ids), col(Consent.granted).is_not(None)
    )
    names = read_names_by_actor(session)
    return [
        ConsentOnFile(
            bool(consent.granted),
            consent.wording,
            consent.given_at,
            names.get(consent.recorded_by, ""),
            consent.lifted_at is not None,
        )
        for consent in session.exec(said.order_by(col(Consent.id).desc()))
    ]


def list_protections(session: Session, lead: Lead) -> list[Protection]:
    """Return what holds for a lead's number because somebody there refused or called it unsafe."""
    leads = shared_numbers.list_leads_at_number(session, lead.phone)
    protections = [
        Protection(one.id, one.name, wish, transition_words.fact_label(wish))
        for one in leads
        for wish in SAFETY_WISHES
        if getattr(one, wish) is False
    ]
    refused = session.exec(refusals_in_force(lead.phone)).first()
    names = {one.id: one.name for one in leads}
    if refused:
        name = names.get(refused.lead_id, "")
        protections.append(
            Protection(refused.lead_id, name, CONSENT, transition_words.fact_label(CONSENT))
        )
    return protections


def refusals_in_force(number: str) -> Any:
    """Return the query for the refusals of consent at a number that nobody has lifted."""
    return select(Consent).where(
        Consent.phone == number,
        col(Consent.granted).is_(False),
        col(Consent.lifted_at).is_(None),
    )
