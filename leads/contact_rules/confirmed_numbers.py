"""Confirmed numbers: what a person decided may be called, though the number policy does not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from leads.database.bulk_rows import insert_if_absent
from leads.models.advisors import Advisor
from leads.models.helplines import Brand
from leads.models.requests import ConfirmedNumber


def confirm_number(session: Session, number: str, *, by: str, now: datetime) -> None:
    """Record that a person decided that a number may be called. Idempotent."""
    insert_if_absent(session, ConfirmedNumber, {"phone": number, "by": by, "at": now})


def is_own_number(session: Session, number: str) -> bool:
    """Whether a number is a caller ID of ours, or a colleague's own phone."""
    return bool(session.execute(select(own_number_clause(number))).scalar_one())


def number_confirmed_clause(number: Any) -> ColumnElement[bool]:
    """Return the condition that a person let a number through."""
    return exists(select(ConfirmedNumber.id).where(col(ConfirmedNumber.phone) == number))


def own_number_clause(number: Any) -> ColumnElement[bool]:
    """Return the condition that a number is a caller ID of ours, or a colleague's own phone."""
    # of their own, or a query that reads advisors too would take them for its own
    colleague, helpline = aliased(Advisor), aliased(Brand)
    return or_(
        exists(select(colleague.id).where(col(colleague.phone) == number)),
        exists(select(helpline.id).where(col(helpline.caller_id) == number)),
    )
