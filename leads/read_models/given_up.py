"""Given up as read: whose tries are used up, in the last thirty days."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.alerting import callback_conditions
from leads.lead_records.visible_people import masked_person
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.helplines import Brand
from leads.models.requests import Lead
from leads.people.permissions import Permission, require_permission


@dataclass(frozen=True)
class GivenUpRow:
    """Somebody whose tries are used up, until a supervisor has seen it."""

    callback_id: int
    lead_id: int
    who: str
    brand: str
    at: datetime
    email: str


def count_given_up(session: Session, supervisor: Advisor, *, helpline: str, now: datetime) -> int:
    """Return how many were given up lately; of one helpline where it is named. Supervisors only."""
    require_permission(supervisor, Permission.SEE_BOARD)
    counted = select(func.count()).select_from(Callback).where(*_of_helpline(helpline))
    lately = callback_conditions.was_given_up_since(now - callback_conditions.GIVEN_UP_LATELY)
    return session.exec(counted.where(lately)).one()


def list_given_up(
    session: Session,
    supervisor: Advisor,
    *,
    helpline: str = "",
    ids: Collection[int] | None = None,
    most: int,
    now: datetime,
) -> list[GivenUpRow]:
    """Return who was given up lately, the latest first. `ids`: of these callbacks alone.

    Supervisors only.
    """
    require_permission(supervisor, Permission.SEE_BOARD)
    given_up: Any = (
        select(Callback, Lead, Brand.name)
        .join(Lead, col(Lead.id) == col(Callback.lead_id))
        .join(Brand, col(Brand.id) == col(Callback.brand_id))
        .where(callback_conditions.was_given_up_since(now - callback_conditions.GIVEN_UP_LATELY))
        .where(*_of_helpline(helpline))
        .order_by(col(Callback.finished_at).desc(), col(Callback.id).desc())
        .limit(most)
    )
    if ids is not None:
        given_up = given_up.where(col(Callback.id).in_(ids))
    return [
        GivenUpRow(
            callback.id,
            lead.id,
            masked_person(lead.name, lead.phone),
            brand,
            callback.finished_at,
            lead.email,
        )
        for callback, lead, brand in session.exec(given_up)
    ]


def _of_helpline(name: str) -> list[Any]:
    named = select(Brand.id).where(Brand.name == name)
    return [col(Callback.brand_id).in_(named)] if name else []
