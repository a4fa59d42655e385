"""A person's rows: what in each table belongs to somebody, and to nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, SQLModel, select

from leads.database.bulk_rows import table_of
from leads.models.calls import (
    CallAttempt,
    Callback,
    CallLeg,
    GateDecision,
    Hold,
    IntakeAnswer,
    Note,
    ProviderEvent,
)
from leads.models.disclosures import Disclosure, DisclosureConsent
from leads.models.emergency_access import EmergencyAccess
from leads.models.inbound import InboundCall
from leads.models.incidents import HoursOverride, Incident, IncidentStep
from leads.models.legal_holds import LegalHold
from leads.models.outbox import Outbox
from leads.models.person_work import Outreach, Task
from leads.models.privacy_cases import PrivacyCase, PrivacyStep
from leads.models.requests import (
    AlsoSaid,
    Consent,
    FactChange,
    Lead,
    Merge,
    OutgoingText,
    Submission,
    TextMessage,
)
from leads.models.retention import RetentionMark
from leads.models.voicemails import Voicemail, VoicemailPlay

PERSONAL_TABLES: Mapping[str, type[SQLModel]] = {
    "submissions": Submission,
    "consents": Consent,
    "callbacks": Callback,
    "calls_that_came_in": InboundCall,
    "voicemails": Voicemail,
    "voicemail_plays": VoicemailPlay,
    "holds": Hold,
    "notes": Note,
    "intake_answers": IntakeAnswer,
    "calls": CallAttempt,
    "call_legs": CallLeg,
    "provider_events": ProviderEvent,
    "orders": Outbox,
    "decisions": GateDecision,
    "hours_overrides": HoursOverride,
    "incidents": Incident,
    "incident_steps": IncidentStep,
    "texts": TextMessage,
    "sent_texts": OutgoingText,
    "fact_changes": FactChange,
    "also_said": AlsoSaid,
    "other_contacts": Outreach,
    "tasks": Task,
    "merges": Merge,
    "legal_holds": LegalHold,
    "disclosure_consents": DisclosureConsent,
    "disclosures": Disclosure,
    "privacy_cases": PrivacyCase,
    "privacy_steps": PrivacyStep,
    "emergency_accesses": EmergencyAccess,
    "retention_marks": RetentionMark,
}
"""The tables whose rows belong to a person, by what an export calls them.

Each after those that its foreign keys name: whose row they belong to is whose they are.
"""


def find_rows_of_person(session: Session, files: Sequence[Lead]) -> dict[str, Sequence[Any]]:
    """Return the rows that belong to a person, by what an export calls their table."""
    known: dict[str, list[Any]] = {table_of(Lead).name: [file.id for file in files]}
    rows: dict[str, Sequence[Any]] = {}
    for name, kind in PERSONAL_TABLES.items():
        rows[name] = session.exec(select(kind).where(_belongs_to_clause(kind, known))).all()
        known[table_of(kind).name] = [row.id for row in rows[name]]
    return rows


def _belongs_to_clause(kind: type[SQLModel], known: Mapping[str, list[Any]]) -> ColumnElement[bool]:
    """Return the condition that a row names one of the rows known so far.

    A row that names a lead is that lead's alone, whoever else's form it came of.
    """
    keys = [key for key in table_of(kind).foreign_keys if key.column.table.name in known]
    of_leads = [key for key in keys if key.column.table.name == table_of(Lead).name]
    keys = of_leads or keys
    return or_(*(key.parent.in_(known[key.column.table.name]) for key in keys))
