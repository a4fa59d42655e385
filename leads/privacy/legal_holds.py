"""Legal holds: while one is in force, nothing of a person's file is erased, whoever asks.

A supervisor places one, and an admin lifts it. Both are written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from leads.errors import LostRace, NotNow
from leads.i18n.translatable import Phrase
from leads.lead_records.merged_files import lead_and_merged_files
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.legal_holds import LegalHold
from leads.models.requests import Lead
from leads.people.actor_names import read_names_by_actor
from leads.people.permissions import (
    Operator,
    Permission,
    actor_of,
    require_permission,
)


@dataclass(frozen=True)
class PlacedHold:
    """A legal hold, with the names of who placed it and who lifted it.

    The names are empty of the operator and of former colleagues; `lifted_at` is None while it is in
    force.
    """

    hold_id: int
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str
    lifted_at: datetime | None


def place_legal_hold(
    session: Session, lead: Lead, person: Advisor | Operator, *, reason: str, now: datetime
) -> LegalHold:
    """Keep all that is stored about a person, also of the files that were or will be merged.

    `reason`: in the own words of whoever places it. Raises NotNow without one, or once the file is
    erased.
    """
    require_permission(person, Permission.PLACE_LEGAL_HOLD, lead)
    if not reason.strip():
        raise NotNow(Phrase("Give a reason, such as the case and who asked for the hold."))
    session.refresh(lead, with_for_update=True)  # an erasure of this moment is over, or waits
    hold = LegalHold(
        lead_id=lead.id, reason=reason.strip(), placed_by=actor_of(person), placed_at=now
    )
    session.add(hold)
    session.flush()
    record_event(session, lead, "legal_hold", actor=actor_of(person), now=now, hold=hold.id)
    return hold


def lift_legal_hold(
    session: Session, hold: LegalHold, person: Advisor | Operator, *, now: datetime
) -> None:
    """Let a person's file be erased again, as far as this hold goes. Admins only.

    Raises LostRace where it was lifted already.
    """
    require_permission(person, Permission.LIFT_LEGAL_HOLD, hold)
    session.refresh(hold, with_for_update=True)
    if hold.lifted_at:
        raise LostRace(Phrase("Someone else got there first: this hold was lifted."))
    hold.lifted_at, hold.lifted_by = now, actor_of(person)
    session.add(hold)
    lead = session.get_one(Lead, hold.lead_id)
    record_event(session, lead, "lift_legal_hold", actor=actor_of(person), now=now, hold=hold.id)


def list_legal_holds(session: Session, lead: Lead, viewer: Advisor) -> list[PlacedHold]:
    """Return the legal holds on a person's files, also those that were lifted, newest first."""
    require_permission(viewer, Permission.PLACE_LEGAL_HOLD, lead)
    names = read_names_by_actor(session)
    placed = select(LegalHold).where(_is_of_files(lead_and_merged_files(session, lead)))
    return [
        PlacedHold(
            hold.id,
            hold.reason,
            names.get(hold.placed_by, ""),
            hold.placed_at,
            names.get(hold.lifted_by, ""),
            hold.lifted_at,
        )
        for hold in session.exec(placed.order_by(col(LegalHold.id).desc()))
    ]


def is_on_legal_hold(session: Session, files: Sequence[Lead]) -> bool:
    """Whether nothing of these files may be erased."""
    in_force = select(LegalHold.id).where(_is_of_files(files), col(LegalHold.lifted_at).is_(None))
    return session.exec(in_force.limit(1)).first() is not None


def _is_of_files(files: Sequence[Lead]) -> ColumnElement[bool]:
    return col(LegalHold.lead_id).in_([file.id for file in files])
