"""Our own numbers: caller IDs and colleagues' phones. They are never called as a lead's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from leads.database.sealed_columns import PHONE_NUMBER
from leads.models.advisors import Advisor
from leads.models.helplines import Brand
from leads.models.inbound import HelplineNumber


@dataclass
class _ProcessCallerId:
    """The caller ID of helplines that have none of their own, as this process was told it."""

    number: str = ""


_process_caller_id = _ProcessCallerId()
PROCESS_CALLER_ID: ColumnElement[str] = bindparam(
    "process_caller_id", callable_=lambda: _process_caller_id.number, type_=PHONE_NUMBER
)
"""That caller ID in a query: read whenever the query runs."""


def set_process_caller_id(number: str) -> None:
    """Tell the process the caller ID of its settings, as it starts; empty where there is none."""
    _process_caller_id.number = number


def caller_id_of(number: str) -> str:
    """Return the caller ID of a helpline: its own, or else the process's."""
    return number or _process_caller_id.number


def is_own_number(session: Session, number: str) -> bool:
    """Whether a number is a caller ID of ours, or a colleague's own phone."""
    return bool(session.execute(select(own_number_clause(number))).scalar_one())


def own_number_clause(number: Any) -> ColumnElement[bool]:
    """Return the condition that a number is a caller ID of ours, or a colleague's own phone."""
    # of their own, or a query that reads advisors too would take them for its own
    colleague, helpline, line = aliased(Advisor), aliased(Brand), aliased(HelplineNumber)
    return or_(
        exists(select(colleague.id).where(col(colleague.phone) == number)),
        exists(select(helpline.id).where(col(helpline.caller_id) == number)),
        exists(select(line.id).where(col(line.phone) == number)),
        number == PROCESS_CALLER_ID,
    )
