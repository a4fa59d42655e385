"""What is done in an incident and what comes of one: stored words with their labels."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from leads.free_text.danger import DangerKind
from leads.i18n.translatable import Phrase


class IncidentStepKind(StrEnum):
    """One thing that was done for somebody in danger. A word is never renamed: rows have it."""

    ASKED_PLACE = "asked_place"
    ASKED_COMPANY = "asked_company"
    ASKED_BREATHING = "asked_breathing"
    ASKED_NALOXONE = "asked_naloxone"
    ASKED_OTHER_PHONE = "asked_other_phone"
    TOLD_911 = "told_911"
    RANG_COUNTY = "rang_county"
    TOLD_988 = "told_988"
    BROUGHT_IN_CRISIS_LINE = "brought_in_crisis_line"
    ASKED_SUPERVISOR = "asked_supervisor"
    SUPERVISOR_JOINED = "supervisor_joined"
    HELP_SETTLED = "help_settled"
    NOTED = "noted"
    UNKNOWN = "unknown"  # whatever else a database says


class IncidentOutcome(StrEnum):
    """What came of an incident, as a person says."""

    SAFE_NOW = "safe_now"
    HANDED_TO_988 = "handed_to_988"
    EMERGENCY_BY_PERSON = "emergency_by_person"
    EMERGENCY_BY_COMPANION = "emergency_by_companion"
    EMERGENCY_BY_US = "emergency_by_us"  # by the county's ten-digit number
    CARE_ARRANGED = "care_arranged"
    UNREACHABLE = "unreachable"
    FALSE_ALARM = "false_alarm"
    UNKNOWN = "unknown"  # whatever else a database says


CHOOSABLE_OUTCOMES = tuple(one for one in IncidentOutcome if one != IncidentOutcome.UNKNOWN)
OUTCOMES_WITHOUT_FOLLOW_UP = (IncidentOutcome.FALSE_ALARM,)
"""After these nobody needs to look after the person again; after all others somebody does."""

INCIDENT_KIND_LABELS: Mapping[DangerKind, Phrase] = {
    DangerKind.NOW: Phrase("Life in danger now"),
    DangerKind.SELF: Phrase("Suicide or self-harm"),
    DangerKind.HARM: Phrase("Violence or a threat"),
    DangerKind.WITHDRAWAL: Phrase("A dangerous withdrawal"),
    DangerKind.UNSPECIFIED: Phrase("Type of danger not chosen yet"),
}

STEP_LABELS: Mapping[IncidentStepKind, Phrase] = {
    IncidentStepKind.ASKED_PLACE: Phrase("Asked where they are"),
    IncidentStepKind.ASKED_COMPANY: Phrase("Asked whether anyone is with them"),
    IncidentStepKind.ASKED_BREATHING: Phrase("Asked about breathing"),
    IncidentStepKind.ASKED_NALOXONE: Phrase("Asked about naloxone"),
    IncidentStepKind.ASKED_OTHER_PHONE: Phrase("Asked for another phone"),
    IncidentStepKind.TOLD_911: Phrase("Asked them, or someone there, to call 911"),
    IncidentStepKind.RANG_COUNTY: Phrase("Called the county's emergency number"),
    IncidentStepKind.TOLD_988: Phrase("Told them how to reach 988"),
    IncidentStepKind.BROUGHT_IN_CRISIS_LINE: Phrase("Added 988 to the call"),
    IncidentStepKind.ASKED_SUPERVISOR: Phrase("Asked for a supervisor"),
    IncidentStepKind.SUPERVISOR_JOINED: Phrase("A supervisor joined the call"),
    IncidentStepKind.HELP_SETTLED: Phrase("A supervisor handled it"),
    IncidentStepKind.NOTED: Phrase("Note"),
    IncidentStepKind.UNKNOWN: Phrase("Unknown in this version"),
}

OUTCOME_LABELS: Mapping[IncidentOutcome, Phrase] = {
    IncidentOutcome.SAFE_NOW: Phrase("Safe now"),
    IncidentOutcome.HANDED_TO_988: Phrase("Transferred to 988"),
    IncidentOutcome.EMERGENCY_BY_PERSON: Phrase("They called 911"),
    IncidentOutcome.EMERGENCY_BY_COMPANION: Phrase("Someone with them called 911"),
    IncidentOutcome.EMERGENCY_BY_US: Phrase("We called the county's emergency number"),
    IncidentOutcome.CARE_ARRANGED: Phrase("Medical care arranged for today"),
    IncidentOutcome.UNREACHABLE: Phrase("Could not be reached"),
    IncidentOutcome.FALSE_ALARM: Phrase("False alarm"),
    IncidentOutcome.UNKNOWN: Phrase("Unknown in this version"),
}
