"""Shared numbers: the people who have asked from one phone, and whose request a new one is."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from leads.models.requests import Lead, Submission
from leads.person_names import is_same_person


def list_leads_at_number(session: Session, number: str) -> Sequence[Lead]:
    """Return the leads who gave a number, in the order in which they first did."""
    theirs = select(Lead).where(Lead.phone == number).order_by(col(Lead.nth_at_number))
    return session.exec(theirs).all()


def find_person_at_number(session: Session, leads: Sequence[Lead], name: str) -> Lead | None:
    """Return which of the leads at one number a name is of; None where it is somebody else's.

    Of several whom it may be, as of all where there is no name, it is who asked last.
    """
    same = [lead for lead in leads if is_same_person(lead.name, name)]
    return find_last_asker(session, same) if len(same) > 1 else next(iter(same), None)


def find_last_asker(session: Session, leads: Sequence[Lead]) -> Lead | None:
    """Return which of these leads wrote last; the first of them where none has."""
    by_id = {lead.id: lead for lead in leads}
    wrote = select(Submission.lead_id).where(col(Submission.lead_id).in_(by_id))
    last = session.exec(wrote.order_by(col(Submission.id).desc()).limit(1)).first()
    return by_id.get(last or 0, leads[0] if leads else None)
