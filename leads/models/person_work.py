"""What is done for a person besides calls: reaching them another way, and tasks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from leads.models.enums import OutreachWay
from leads.models.fields import enum_column, instant_column, sealed_column

NOT_DONE = text("done_at IS NULL")


class Outreach(SQLModel, table=True):
    """One contact with a person that was no call of ours: what was done, and what came of it.

    `agreed_with`: who agreed that a call is safe from `safe_from` until `safe_until`; empty and
    None where no such time was agreed.
    """

    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    callback_id: int | None = Field(default=None, foreign_key="callback.id", index=True)
    way: OutreachWay = enum_column(OutreachWay, unknown=OutreachWay.OTHER)
    words: str = sealed_column(
        "outreach.words", optional=False
    )  # in the own words of whoever records it
    by: str  # as the audit trail names them
    at: datetime = instant_column()
    agreed_with: str = sealed_column("outreach.agreed_with")
    safe_from: datetime | None = instant_column(optional=True)
    safe_until: datetime | None = instant_column(optional=True)


class Task(SQLModel, table=True):
    """Something that a colleague is to do for a person until a time, beside the callback."""

    __table_args__ = (
        Index("task_due", "due_at", sqlite_where=NOT_DONE, postgresql_where=NOT_DONE),
        Index("task_of_advisor", "advisor_id", sqlite_where=NOT_DONE, postgresql_where=NOT_DONE),
    )
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    words: str = sealed_column("task.words", optional=False)
    advisor_id: int = Field(foreign_key="advisor.id")  # who is to do it
    due_at: datetime = instant_column()
    created_by: str
    created_at: datetime = instant_column()
    done_by: str = ""
    done_at: datetime | None = instant_column(optional=True)
