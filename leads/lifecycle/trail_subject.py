"""What an event happened to, as the audit trail and the audit log name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sqlmodel import SQLModel

from leads.models.advisors import SignIn

NAMES: Mapping[type[SQLModel], str] = {SignIn: "television"}  # others are called as their tables


@dataclass(frozen=True)
class TrailSubject:
    """What an event happened to, as the trail names it."""

    record: str
    record_id: str

    @classmethod
    def of_kind(cls, kind: type[SQLModel], record_id: int) -> Self:
        """Return the subject that is the row of this table with this id."""
        return cls(NAMES.get(kind, str(kind.__tablename__)), str(record_id))

    @classmethod
    def of_row(cls, row: Any) -> Self:
        """Return the subject that is a row with an id."""
        return cls.of_kind(type(row), row.id)
