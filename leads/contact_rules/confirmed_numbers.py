"""Confirmed numbers: what a person decided may be called, though the number policy does not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, select

from leads.database.bulk_rows import insert_if_absent
from leads.models.requests import ConfirmedNumber


def confirm_number(session: Session, number: str, *, by: str, now: datetime) -> None:
    """Record that a person decided that a number may be called. Idempotent."""
    insert_if_absent(session, ConfirmedNumber, {"phone": number, "by": by, "at": now})


def number_confirmed_clause(number: Any) -> ColumnElement[bool]:
    """Return the condition that a person let a number through."""
    return exists(select(ConfirmedNumber.id).where(col(ConfirmedNumber.phone) == number))
