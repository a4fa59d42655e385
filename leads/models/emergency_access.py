"""Files of another helpline that somebody opened because it could not wait."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from leads.models.fields import instant_column, sealed_column

NOT_REVIEWED = text("reviewed_at IS NULL")


class EmergencyAccess(SQLModel, table=True):
    """One file that a colleague opened for reading, until `ends_at`, and what a review found.

    `reviewed_by`: as the audit trail names them. `was_in_order` is None until somebody reviewed it.
    """

    __tablename__ = "emergency_access"
    __table_args__ = (
        Index("emergency_access_of_advisor", "advisor_id", "ends_at"),
        Index(
            "emergency_access_to_review",
            "opened_at",
            sqlite_where=NOT_REVIEWED,
            postgresql_where=NOT_REVIEWED,
        ),
    )
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    advisor_id: int = Field(foreign_key="advisor.id")
    reason: str = sealed_column("emergency_access.reason", optional=False)  # in their own words
    opened_at: datetime = instant_column()
    ends_at: datetime = instant_column()
    reviewed_by: str = ""
    reviewed_at: datetime | None = instant_column(optional=True)
    was_in_order: bool | None = None
    review_words: str = sealed_column("emergency_access.review_words")
