"""What a consent to disclose is about and how it was given: stored words with their labels."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from leads.i18n.translatable import Phrase


class ConsentScope(StrEnum):
    """What one written consent is about; the rule combines none of these with another."""

    NAMED = "named"  # named people or organizations, for one purpose
    CARE = "care"  # all treatment, payment and operations (42 CFR 2.31(a)(4)(i))
    COUNSELING_NOTES = "counseling_notes"  # SUD counseling notes alone (2.31(b))
    PROCEEDINGS = "proceedings"  # in a case against the patient (2.31(d))
    UNKNOWN = "unknown"  # whatever else a database says: it covers nothing


class ConsentProof(StrEnum):
    """How a consent was given."""

    PAPER = "paper"
    ELECTRONIC = "electronic"
    SPOKEN = "spoken"  # no written consent: it is on record, and covers nothing
    UNKNOWN = "unknown"


CHOOSABLE_SCOPES = tuple(one for one in ConsentScope if one != ConsentScope.UNKNOWN)
CHOOSABLE_PROOFS = tuple(one for one in ConsentProof if one != ConsentProof.UNKNOWN)
WRITTEN_PROOFS = (ConsentProof.PAPER, ConsentProof.ELECTRONIC)

SCOPE_LABELS: Mapping[ConsentScope, Phrase] = {
    ConsentScope.NAMED: Phrase("Named people or organizations, for one purpose"),
    ConsentScope.CARE: Phrase("All future treatment, payment, and health care operations"),
    ConsentScope.COUNSELING_NOTES: Phrase("SUD counseling notes, and nothing else"),
    ConsentScope.PROCEEDINGS: Phrase("A legal proceeding against them, and nothing else"),
    ConsentScope.UNKNOWN: Phrase("Unknown in this version"),
}
PROOF_LABELS: Mapping[ConsentProof, Phrase] = {
    ConsentProof.PAPER: Phrase("Signed on paper"),
    ConsentProof.ELECTRONIC: Phrase("Signed electronically"),
    ConsentProof.SPOKEN: Phrase("Spoken only: not a written consent"),
    ConsentProof.UNKNOWN: Phrase("Unknown in this version"),
}
