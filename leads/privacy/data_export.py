"""Data export: all that is stored about a person, for the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, SQLModel, col, select

from leads.database.bulk_rows import table_of
from leads.lead_records import merging, timeline
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
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
from leads.models.inbound import InboundCall
from leads.models.incidents import HoursOverride, Incident, IncidentStep
from leads.models.legal_holds import LegalHold
from leads.models.outbox import Outbox
from leads.models.person_work import Outreach, Task
from leads.models.requests import (
    AlsoSaid,
    Consent,
    FactChange,
    Lead,
    Merge,
    OutgoingText,
    Submission,
    Suppression,
    TextMessage,
)
from leads.models.voicemails import Voicemail, VoicemailPlay
from leads.models.watching import Transition
from leads.people.permissions import Permission, actor_of, require_permission

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
}
"""The tables whose rows belong to a person, by what the export calls them.

Each after those that its foreign keys name: whose row they belong to is whose they are.
"""


def export_lead_data(
    session: Session, lead: Lead, supervisor: Advisor, *, now: datetime
) -> dict[str, Any]:
    """Return all that is stored about a lead and the files merged into it, as JSON values.

    The export is recorded in the audit trail. Supervisors only.
    """
    require_permission(supervisor, Permission.EXPORT_LEAD_DATA)
    files = merging.lead_and_merged_files(session, lead)
    record_event(session, lead, "export", actor=actor_of(supervisor), now=now)
    rows = _rows_of_person(session, files)
    submissions = [str(row.id) for row in rows["submissions"]]
    history = or_(
        timeline.transitions_of_person_clause(session, files),
        and_(
            col(Transition.record) == Submission.__tablename__,
            col(Transition.record_id).in_(submissions),
        ),
    )
    phones = [file.phone for file in files]
    rows["suppressions"] = session.exec(
        select(Suppression).where(col(Suppression.phone).in_(phones))
    ).all()
    rows["history"] = session.exec(
        select(Transition).where(history).order_by(col(Transition.id))
    ).all()
    return {
        "lead": _export_row(lead),
        "merged": list(map(_export_row, files[1:])),
        **{name: list(map(_export_row, some)) for name, some in rows.items()},
    }


def _rows_of_person(session: Session, files: Sequence[Lead]) -> dict[str, Sequence[Any]]:
    """Return the rows that belong to a person, by what the export calls their table."""
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


def _export_row(row: SQLModel) -> dict[str, Any]:
    if isinstance(row, Lead):  # some of these places are other people's at the number
        return row.model_dump(mode="json", exclude={"further_places"})
    if isinstance(row, Voicemail):  # what was said is no text: it is downloaded from the file
        return row.model_dump(mode="json", exclude={"sealed"})
    if not isinstance(row, Submission):
        return row.model_dump(mode="json")
    body = row.body.decode("utf-8", "replace")
    return row.model_dump(mode="json", exclude={"body"}) | {"body": body}
