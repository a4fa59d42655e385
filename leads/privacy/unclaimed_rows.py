"""Unclaimed rows: what came from a person's number and was never put into their file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, select

from leads.callbacks import shared_numbers
from leads.models.inbound import InboundCall
from leads.models.requests import Lead, Submission, TextMessage
from leads.person_names import is_same_person

AT_ONCE = 500


def claim_rows_at_number(session: Session, file: Lead) -> None:
    """Put into a file what came from its number and is nobody's, as far as it is this person's."""
    for row in find_unclaimed_rows(session, file):
        row.lead_id = file.id
        session.add(row)
    session.flush()


def find_unclaimed_rows(session: Session, file: Lead) -> list[Any]:
    """Return the forms, texts and calls that came from a file's number and are nobody's.

    Of a number that others have as well, those are the forms with this person's name.
    """
    others = shared_numbers.list_leads_at_number(session, file.phone)
    person = file.merged_into_id or file.id
    is_shared = any((one.merged_into_id or one.id) != person for one in others)
    forms = [
        form
        for form in _iterate_unclaimed_forms(session, file.phone)
        if not is_shared or _is_of_person(form, file)
    ]
    if is_shared:
        return forms
    by_number: list[Any] = []
    for kind in (TextMessage, InboundCall):
        theirs = select(kind).where(col(kind.phone) == file.phone, col(kind.lead_id).is_(None))
        by_number += session.exec(theirs).all()
    return [*forms, *by_number]


def _is_of_person(form: Submission, file: Lead) -> bool:
    name = str(form.reading.get("name") or "")
    return bool(name) and is_same_person(file.name, name)


def _iterate_unclaimed_forms(session: Session, number: str) -> Iterator[Submission]:
    """Yield the forms of nobody in which a number was read.

    What was read is sealed: all are looked through.
    """
    last = 0
    unclaimed = select(Submission.id, Submission.reading).where(col(Submission.lead_id).is_(None))
    while some := session.exec(
        unclaimed.where(col(Submission.id) > last).order_by(col(Submission.id)).limit(AT_ONCE)
    ).all():
        last = some[-1][0]
        for submission_id, reading in some:
            if reading.get("phone") == number:
                yield session.get_one(Submission, submission_id)
