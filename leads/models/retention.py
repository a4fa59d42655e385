"""What was deleted because its time was over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from leads.models.fields import instant_column


class RetentionMark(SQLModel, table=True):
    """Until when a class of a person's content was deleted, so that nobody looks for it again."""

    __tablename__ = "retention_mark"
    __table_args__ = (UniqueConstraint("lead_id", "kept", name="retention_mark_once"),)
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    kept: str  # the class, as the retention plan calls it
    at: datetime = instant_column()
