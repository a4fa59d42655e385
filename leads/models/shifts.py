"""Who works when: the pattern of a week, and how single days differ from it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from leads.models.enums import ShiftChangeKind
from leads.models.fields import enum_column, instant_column

STILL_OFFERED = text("kind = 'offered' AND ended_at IS NULL AND taken_at IS NULL")


class WeeklyShift(SQLModel, table=True):
    """Hours of every week in which an advisor works, by the clock of a zone.

    A shift that ends when or before it begins ends on the next day.
    """

    __tablename__ = "weekly_shift"
    __table_args__ = (Index("weekly_shift_once", "advisor_id", "weekday", "begins", unique=True),)
    id: int = Field(default=None, primary_key=True)
    advisor_id: int = Field(foreign_key="advisor.id")
    weekday: int  # on which it begins; 0 is Monday
    begins: str  # as 09:00
    ends: str
    zone: str


class ShiftChange(SQLModel, table=True):
    """One day on which an advisor does not work as in every week; in force until it is ended.

    A day off has no hours. `taken_by`: the colleague who has the shift now that was offered.
    """

    __tablename__ = "shift_change"
    __table_args__ = (
        Index("shift_change_day", "day"),
        Index(
            "shift_offered_once",
            "advisor_id",
            "day",
            "begins",
            unique=True,
            sqlite_where=STILL_OFFERED,
            postgresql_where=STILL_OFFERED,
        ),
    )
    id: int = Field(default=None, primary_key=True)
    advisor_id: int = Field(foreign_key="advisor.id")
    kind: ShiftChangeKind = enum_column(ShiftChangeKind)
    day: date
    begins: str = ""
    ends: str = ""
    zone: str = ""
    made_at: datetime = instant_column()
    taken_by: int | None = Field(default=None, foreign_key="advisor.id")
    taken_at: datetime | None = instant_column(optional=True)
    ended_at: datetime | None = instant_column(optional=True)
