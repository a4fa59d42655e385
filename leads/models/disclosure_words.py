"""What a consent to disclose is about, and how and by what right somebody was told: with labels."""

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


class DisclosureWay(StrEnum):
    """How something about a person went to somebody else."""

    EXPORT = "export"  # all that is stored, as a file
    CALL = "call"  # somebody of another house was in a call with us
    SPOKEN = "spoken"
    LETTER = "letter"
    MAIL = "mail"
    API = "api"  # a program read who they are
    OTHER = "other"


class DisclosureBasis(StrEnum):
    """By what right somebody was told."""

    CONSENT = "consent"
    THEMSELVES = "themselves"
    AGREEMENT = "agreement"
    EMERGENCY = "emergency"
    CHILD_ABUSE = "child_abuse"
    CRIME = "crime"
    AUDIT = "audit"
    COURT_ORDER = "court_order"
    OTHER = "other"
    NOT_STATED = "not_stated"  # a person still has to say


class NoticeWay(StrEnum):
    """How the notice of 42 CFR 2.32 went with a disclosure."""

    IN_IT = "in_it"  # the document begins with it
    SAID = "said"
    SENT = "sent"
    NONE = "none"


CHOOSABLE_SCOPES = tuple(one for one in ConsentScope if one != ConsentScope.UNKNOWN)
CHOOSABLE_PROOFS = tuple(one for one in ConsentProof if one != ConsentProof.UNKNOWN)
WRITTEN_PROOFS = (ConsentProof.PAPER, ConsentProof.ELECTRONIC)
CHOOSABLE_BASES = tuple(one for one in DisclosureBasis if one != DisclosureBasis.NOT_STATED)
WAYS_BY_HAND = (
    DisclosureWay.SPOKEN,
    DisclosureWay.LETTER,
    DisclosureWay.MAIL,
    DisclosureWay.OTHER,
)
"""How a colleague tells somebody where no part of the desk sees it."""

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
WAY_LABELS: Mapping[DisclosureWay, Phrase] = {
    DisclosureWay.EXPORT: Phrase("Everything on file, exported"),
    DisclosureWay.CALL: Phrase("On a call with them"),
    DisclosureWay.SPOKEN: Phrase("By phone or in person"),
    DisclosureWay.LETTER: Phrase("By letter or fax"),
    DisclosureWay.MAIL: Phrase("By e-mail"),
    DisclosureWay.API: Phrase("Read by a program"),
    DisclosureWay.OTHER: Phrase("Another way"),
}
BASIS_LABELS: Mapping[DisclosureBasis, Phrase] = {
    DisclosureBasis.CONSENT: Phrase("A consent on file"),
    DisclosureBasis.THEMSELVES: Phrase("It went to the person themselves"),
    DisclosureBasis.AGREEMENT: Phrase("A service agreement (42 CFR 2.11, 2.12(c)(4))"),
    DisclosureBasis.EMERGENCY: Phrase("A medical emergency (42 CFR 2.51)"),
    DisclosureBasis.CHILD_ABUSE: Phrase("A report of child abuse (42 CFR 2.12(c)(6))"),
    DisclosureBasis.CRIME: Phrase("A crime here or against staff (42 CFR 2.12(c)(5))"),
    DisclosureBasis.AUDIT: Phrase("An audit or evaluation (42 CFR 2.53)"),
    DisclosureBasis.COURT_ORDER: Phrase("A court order (42 CFR 2.61 to 2.67)"),
    DisclosureBasis.OTHER: Phrase("Another reason, or by mistake"),
    DisclosureBasis.NOT_STATED: Phrase("Not recorded yet"),
}
NOTICE_LABELS: Mapping[NoticeWay, Phrase] = {
    NoticeWay.IN_IT: Phrase("The notice is in the document"),
    NoticeWay.SAID: Phrase("I said the notice"),
    NoticeWay.SENT: Phrase("I sent the notice"),
    NoticeWay.NONE: Phrase("No notice was given"),
}
