"""The kinds of things to do that a work list has, each with the record that it is about."""

from __future__ import annotations

from enum import StrEnum

from leads.i18n.translatable import Phrase


class WorkKind(StrEnum):
    """What a row of the work list is about."""

    CALLBACK = "callback"
    INCIDENT = "incident"
    OVERRIDE = "override"  # a call outside the hours
    FORM = "form"
    TEXT = "text"
    VOICEMAIL = "voicemail"
    STATEMENT = "statement"  # said two things
    PRIVACY = "privacy"  # a complaint, or a suspected breach
    EMERGENCY_ACCESS = "emergency_access"  # a file that a colleague of another helpline opened
    TASK = "task"  # promised to a person, and not done in time


WORK_KIND_LABELS = {
    WorkKind.CALLBACK: Phrase("Callback"),
    WorkKind.INCIDENT: Phrase("Incident"),
    WorkKind.OVERRIDE: Phrase("After-hours call"),
    WorkKind.FORM: Phrase("Form"),
    WorkKind.TEXT: Phrase("Text"),
    WorkKind.VOICEMAIL: Phrase("Voicemail"),
    WorkKind.STATEMENT: Phrase("Conflicting answers"),
    WorkKind.PRIVACY: Phrase("Privacy case"),
    WorkKind.EMERGENCY_ACCESS: Phrase("Emergency access"),
    WorkKind.TASK: Phrase("Task"),
}
