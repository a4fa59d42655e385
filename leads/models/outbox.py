"""What is to leave the building."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from leads.errors import FailureKind
from leads.models.enums import OutboxKind, OutboxState
from leads.models.fields import enum_column, instant_column, message_column


class Outbox(SQLModel, table=True):
    """One order to the outside, written in the transaction that decided it.

    `payload`: what its kind needs beside the attempt or the alert that it is about.
    `key` says what and to whom, where the same must never be ordered twice.
    """

    __table_args__ = (
        Index("outbox_due", "state", "due_at"),
        Index(
            "outbox_key_once",
            "key",
            unique=True,
            sqlite_where=text("key IS NOT NULL"),
            postgresql_where=text("key IS NOT NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    kind: OutboxKind = enum_column(OutboxKind)
    payload: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, server_default=text("'{}'"))
    )
    key: str | None = None
    attempt_id: str | None = Field(default=None, foreign_key="call_attempt.id", index=True)
    alert_id: int | None = Field(default=None, foreign_key="alert.id")
    state: OutboxState = enum_column(OutboxState, OutboxState.PENDING)
    tries: int = 0  # to carry it out
    looks: int = Field(
        default=0, sa_column_kwargs={"server_default": "0"}
    )  # for what came of it, where that is unknown
    created_at: datetime = instant_column()
    due_at: datetime = instant_column()
    taken_until: datetime | None = instant_column(optional=True)
    settled_at: datetime | None = instant_column(optional=True)
    problem: str = message_column()
    failure: FailureKind | None = enum_column(
        FailureKind, optional=True, unknown=FailureKind.UNKNOWN
    )
