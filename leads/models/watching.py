"""What happened, and what somebody must hear of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from leads.models.enums import AlertKind, EscalationStep
from leads.models.fields import enum_column, instant_column, json_column, message_column


class Transition(SQLModel, table=True):
    """One move of one record: audit trail and raw material of the figures."""

    __table_args__ = (Index("transition_of", "record", "record_id"),)
    id: int = Field(default=None, primary_key=True)
    record: str
    record_id: str
    event: str
    before: str
    after: str
    actor: str
    at: datetime = instant_column()
    changes: dict[str, Any] = json_column(dict)


class Alert(SQLModel, table=True):
    """Something a supervisor must hear of, from when it was noticed until its cause was gone."""

    __table_args__ = (
        Index(
            "alert_open_once",
            "kind",
            "about",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    kind: AlertKind = enum_column(AlertKind, unknown=AlertKind.UNKNOWN)
    about: str = ""  # which one of its kind, such as brand:1
    brand_id: int | None = Field(default=None, foreign_key="brand.id")
    sentence: str = message_column()
    since: datetime = instant_column()
    opened_at: datetime = instant_column()
    step: EscalationStep = enum_column(
        EscalationStep, EscalationStep.SCREENS, unknown=EscalationStep.CALL
    )
    told_at: datetime | None = instant_column(optional=True)  # when notices were ordered last
    acknowledged_at: datetime | None = instant_column(optional=True)
    acknowledged_by: int | None = Field(default=None, foreign_key="advisor.id")
    closed_at: datetime | None = instant_column(optional=True)


class SchedulerHeartbeat(SQLModel, table=True):
    """When a scheduler last ticked; there is one row."""

    __tablename__ = "beat"

    id: int = Field(default=None, primary_key=True)
    at: datetime = instant_column()


class BackupTaken(SQLModel, table=True):
    """That a backup was taken and read again to its end."""

    __tablename__ = "backup_taken"
    id: int = Field(default=None, primary_key=True)
    at: datetime = instant_column()


class DaySnapshot(SQLModel, table=True):
    """The callbacks received on one UTC day, as the figures read them.

    A copy: the database's triggers mark a day whose callbacks have changed.
    """

    __tablename__ = "packed_day"
    id: int = Field(default=None, primary_key=True)
    day: int = Field(index=True)  # since 1970
    layout: str  # whoever reads it otherwise passes it over; a mark has none
    content: bytes
