"""What must not be erased, because a court or an authority may ask for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from leads.models.fields import instant_column, sealed_column


class LegalHold(SQLModel, table=True):
    """One reason why nothing of a lead's file is erased; in force until lifted.

    `placed_by` and `lifted_by`: as the audit trail names them.
    """

    __tablename__ = "legal_hold"
    __table_args__ = (
        Index(
            "legal_hold_in_force",
            "lead_id",
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    reason: str = sealed_column("legal_hold.reason", optional=False)  # in a person's own words
    placed_by: str
    placed_at: datetime = instant_column()
    lifted_by: str = ""
    lifted_at: datetime | None = instant_column(optional=True)
