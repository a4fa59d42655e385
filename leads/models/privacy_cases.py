"""What somebody complained of, or suspects was seen by who should not have seen it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from leads.models.fields import enum_column, instant_column, sealed_column
from leads.models.privacy_case_words import PrivacyCaseKind, PrivacyOutcome, PrivacyStepKind

NOT_CLOSED = text("closed_at IS NULL")


class PrivacyCase(SQLModel, table=True):
    """A complaint or a suspected breach, from the day it was known until somebody says the end.

    `known_at` is when the clock began, `due_at` when it is over. `lead_id`: whose record it is
    about, where it is about one. Who recorded and closed it is as the audit trail names them.
    """

    __tablename__ = "privacy_case"
    __table_args__ = (
        Index("privacy_case_open", "due_at", sqlite_where=NOT_CLOSED, postgresql_where=NOT_CLOSED),
    )
    id: int = Field(default=None, primary_key=True)
    kind: PrivacyCaseKind = enum_column(PrivacyCaseKind, unknown=PrivacyCaseKind.BREACH)
    lead_id: int | None = Field(default=None, foreign_key="lead.id", index=True)
    words: str = sealed_column("privacy_case.words", optional=False)  # what happened
    told_by: str = sealed_column("privacy_case.told_by")  # who said so, and how to answer them
    known_at: datetime = instant_column()
    due_at: datetime = instant_column()
    recorded_by: str
    recorded_at: datetime = instant_column()
    closed_by: str = ""
    closed_at: datetime | None = instant_column(optional=True)
    outcome: PrivacyOutcome | None = enum_column(
        PrivacyOutcome, optional=True, unknown=PrivacyOutcome.UNKNOWN
    )


class PrivacyStep(SQLModel, table=True):
    """One thing that was done about a case; never changed and never deleted."""

    __tablename__ = "privacy_step"
    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="privacy_case.id", index=True)
    kind: PrivacyStepKind = enum_column(PrivacyStepKind, unknown=PrivacyStepKind.NOTE)
    words: str = sealed_column("privacy_step.words")
    by: str
    at: datetime = instant_column()
