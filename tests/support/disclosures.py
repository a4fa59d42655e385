"""Consents to disclose, as tests need them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from leads.lead_records.disclosure_consents import ConsentElements
from leads.models.disclosure_words import ConsentProof, ConsentScope
from tests.conftest import NOW

SHELTER = "Shelter on Elm Street, 12 Elm Street"


def a_whole_consent(**more: Any) -> ConsentElements:
    """What a person signed yesterday, for a year."""
    said: dict[str, Any] = {
        "scope": ConsentScope.NAMED,
        "patient": "Ana Ruiz",
        "discloser": "Harbor Helpline",
        "recipient": SHELTER,
        "information": "Name, number, and that she asked for a bed",
        "purpose": "Admission",
        "how_to_revoke": "In writing, or by telling anyone who works here",
        "expires_on": (NOW + timedelta(days=365)).date(),
        "expires_with": "",
        "proof": ConsentProof.PAPER,
        "signed_by": "",
        "signed_on": (NOW - timedelta(days=1)).date(),
    }
    return ConsentElements(**said | more)
