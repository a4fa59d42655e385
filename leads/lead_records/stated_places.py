"""Stated places: at which places the phone of several people is said to be, kept on each lead."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from leads.callbacks import shared_numbers
from leads.intake.admission_plan import PLACE, merge_places
from leads.models.requests import AlsoSaid, Lead, Submission


def refresh_further_places(session: Session, number: str) -> None:
    """Write anew which places count for a number, after one was corrected or decided.

    For each lead there these are the places of the others and those that are still undecided.
    """
    session.flush()
    leads = shared_numbers.list_leads_at_number(session, number)
    undecided = _undecided_places(session, leads)
    for lead in leads:
        theirs = [[other.region, other.zip] for other in leads if other is not lead]
        lead.further_places = merge_places([lead.region, lead.zip], [], [*theirs, *undecided])
        session.add(lead)


def _undecided_places(session: Session, leads: Sequence[Lead]) -> list[list[str]]:
    said = (
        select(Submission.id, Submission.reading)
        .join(AlsoSaid, col(AlsoSaid.submission_id) == col(Submission.id))
        .where(
            col(AlsoSaid.lead_id).in_([lead.id for lead in leads]),
            col(AlsoSaid.fact).in_(PLACE),
            col(AlsoSaid.decided_at).is_(None),
        )
    )
    readings = dict(session.exec(said).all()).values()
    places = ([reading.get("region") or "", reading.get("zip") or ""] for reading in readings)
    return [place for place in places if any(place)]
