"""Incidents: somebody in danger, what was done for them, and who decided to call at night."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from leads.free_text.danger import DangerKind
from leads.models.fields import enum_column, instant_column, sealed_column
from leads.models.incident_words import IncidentOutcome, IncidentStepKind

NOT_CLOSED = text("closed_at IS NULL")


class Incident(SQLModel, table=True):
    """Somebody in danger, from the first word of it until somebody says what came of it.

    Whose it is says its callback. `opened_by`: as the audit trail names them; `protocol`: the
    version of the protocol that was in force.
    """

    __table_args__ = (
        Index(
            "incident_one_open_per_callback",
            "callback_id",
            unique=True,
            sqlite_where=NOT_CLOSED,
            postgresql_where=NOT_CLOSED,
        ),
        Index("incident_of_callback", "callback_id"),
        Index("incident_opened", "opened_at"),
    )
    id: int = Field(default=None, primary_key=True)
    callback_id: int = Field(foreign_key="callback.id")
    kind: DangerKind = enum_column(DangerKind, unknown=DangerKind.UNSPECIFIED)
    protocol: str = ""
    opened_at: datetime = instant_column()
    opened_by: str
    closed_at: datetime | None = instant_column(optional=True)
    closed_by: str = ""
    outcome: IncidentOutcome | None = enum_column(
        IncidentOutcome, optional=True, unknown=IncidentOutcome.UNKNOWN
    )
    follow_up_due: datetime | None = instant_column(optional=True)
    followed_up_at: datetime | None = instant_column(optional=True)
    followed_up_by: str = ""
    follow_up_note: str = sealed_column("incident.follow_up_note")  # in a person's own words


class IncidentStep(SQLModel, table=True):
    """One step that was taken in an incident; never changed and never deleted."""

    __tablename__ = "incident_step"
    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    step: IncidentStepKind = enum_column(IncidentStepKind, unknown=IncidentStepKind.UNKNOWN)
    at: datetime = instant_column()
    by: str
    note: str = sealed_column("incident_step.note")  # in the own words of whoever took it


class HoursOverride(SQLModel, table=True):
    """One call to one person outside the hours, by a supervisor's name and reason.

    In force from `starts_at` until `ends_at`, or until their phone was dialed. A second person
    acknowledges it: before it starts, or afterwards where a life may be at risk.
    """

    __tablename__ = "hours_override"
    id: int = Field(default=None, primary_key=True)
    callback_id: int = Field(foreign_key="callback.id", index=True)
    reason: str = sealed_column(
        "hours_override.reason", optional=False
    )  # in the own words of whoever asks
    asked_by: int = Field(foreign_key="advisor.id")
    asked_at: datetime = instant_column()
    starts_at: datetime | None = instant_column(optional=True)
    ends_at: datetime | None = instant_column(optional=True)
    acknowledged_by: int | None = Field(default=None, foreign_key="advisor.id")
    acknowledged_at: datetime | None = instant_column(optional=True)
    withdrawn_by: int | None = Field(default=None, foreign_key="advisor.id")
    withdrawn_at: datetime | None = instant_column(optional=True)
