"""What complaints and suspected breaches are, what is done about them and what comes of one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from leads.i18n.translatable import Phrase


class PrivacyCaseKind(StrEnum):
    """What somebody has to look into."""

    COMPLAINT = "complaint"
    BREACH = "breach"


class PrivacyStepKind(StrEnum):
    """One thing that was done about a case."""

    NOTE = "note"
    CONTAINED = "contained"
    ASSESSED = "assessed"
    ASKED_COUNSEL = "asked_counsel"
    ANSWERED = "answered"
    TOLD_PEOPLE = "told_people"
    TOLD_HHS = "told_hhs"
    TOLD_MEDIA = "told_media"
    TOLD_STATE = "told_state"


class PrivacyOutcome(StrEnum):
    """What came of a case, as a person says."""

    BREACH = "breach"
    LOW_RISK = "low_risk"
    NO_BREACH = "no_breach"
    FOUNDED = "founded"
    UNFOUNDED = "unfounded"
    UNKNOWN = "unknown"  # whatever else a database says


OUTCOMES_OF_KIND: Mapping[PrivacyCaseKind, tuple[PrivacyOutcome, ...]] = {
    PrivacyCaseKind.COMPLAINT: (PrivacyOutcome.FOUNDED, PrivacyOutcome.UNFOUNDED),
    PrivacyCaseKind.BREACH: (
        PrivacyOutcome.BREACH,
        PrivacyOutcome.LOW_RISK,
        PrivacyOutcome.NO_BREACH,
    ),
}
CASE_LABELS: Mapping[PrivacyCaseKind, Phrase] = {
    PrivacyCaseKind.COMPLAINT: Phrase("Complaint"),
    PrivacyCaseKind.BREACH: Phrase("Suspected breach"),
}
PRIVACY_STEP_LABELS: Mapping[PrivacyStepKind, Phrase] = {
    PrivacyStepKind.NOTE: Phrase("Note"),
    PrivacyStepKind.CONTAINED: Phrase("Stopped it, and kept what shows it"),
    PrivacyStepKind.ASSESSED: Phrase("Assessed the risk (45 CFR 164.402)"),
    PrivacyStepKind.ASKED_COUNSEL: Phrase("Asked counsel"),
    PrivacyStepKind.ANSWERED: Phrase("Answered the person who complained"),
    PrivacyStepKind.TOLD_PEOPLE: Phrase("Notified the people affected (45 CFR 164.404)"),
    PrivacyStepKind.TOLD_HHS: Phrase("Notified HHS (45 CFR 164.408)"),
    PrivacyStepKind.TOLD_MEDIA: Phrase("Notified the media (45 CFR 164.406)"),
    PrivacyStepKind.TOLD_STATE: Phrase("Notified a state"),
}
PRIVACY_OUTCOME_LABELS: Mapping[PrivacyOutcome, Phrase] = {
    PrivacyOutcome.BREACH: Phrase("It was a breach"),
    PrivacyOutcome.LOW_RISK: Phrase("Low probability of compromise"),
    PrivacyOutcome.NO_BREACH: Phrase("It was no breach"),
    PrivacyOutcome.FOUNDED: Phrase("The complaint was right"),
    PrivacyOutcome.UNFOUNDED: Phrase("The complaint was not right"),
    PrivacyOutcome.UNKNOWN: Phrase("Unknown in this version"),
}
