"""Unclaimed rows: what came from a person's number and was never put into their file."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import Session, col, select

from leads.models.inbound import InboundCall
from leads.models.requests import Lead, Submission, TextMessage
from leads.person_names import is_same_person

AT_ONCE = 500


def claim_rows_at_number(session: Session, file: Lead, *, is_shared: bool) -> None:
    """Put into a file what is nobody's and came from its number, as far as it is this person's.

    Of a shared number those are the forms with their name.
    """
    for submission_id, name in _list_unclaimed_forms(session, file.phone):
        if not is_shared or (name and is_same_person(file.name, name)):
            theirs = update(Submission).where(col(Submission.id) == submission_id)
            session.execute(theirs.values(lead_id=file.id))
    if not is_shared:
        for kind in (TextMessage, InboundCall):
            unclaimed = update(kind).where(
                col(kind.phone) == file.phone, col(kind.lead_id).is_(None)
            )
            session.execute(unclaimed.values(lead_id=file.id))
    session.flush()


def _list_unclaimed_forms(session: Session, number: str) -> list[tuple[int, str]]:
    """Return the forms of nobody in which a number was read, and the names in them.

    What was read is sealed: all are looked through.
    """
    found, last = [], 0
    unclaimed = select(Submission.id, Submission.reading).where(col(Submission.lead_id).is_(None))
    while some := session.exec(
        unclaimed.where(col(Submission.id) > last).order_by(col(Submission.id)).limit(AT_ONCE)
    ).all():
        last = some[-1][0]
        found += [
            (submission_id, str(reading.get("name") or ""))
            for submission_id, reading in some
            if reading.get("phone") == number
        ]
    return found
