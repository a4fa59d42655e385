"""Shared numbers: the people who have asked from one phone, and whose request a new one is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy
from sqlmodel import Session, col, select

from leads.models.calls import Callback
from leads.models.helplines import Brand, Source
from leads.models.inbound import InboundCall
from leads.models.requests import Lead, OutgoingText, Submission, TextMessage
from leads.person_names import is_same_person


def list_leads_at_number(session: Session, number: str) -> Sequence[Lead]:
    """Return the leads who gave a number, in the order in which they first did."""
    theirs = select(Lead).where(Lead.phone == number).order_by(col(Lead.nth_at_number))
    return session.exec(theirs).all()


def list_leads_of_operator(
    session: Session, leads: Sequence[Lead], brand_id: int | None
) -> Sequence[Lead]:
    """Return those of some leads whose file a helpline shares: its operator's, and nobody's yet.

    All of them where the helpline is not known.
    """
    if brand_id is None or not leads:
        return leads
    operator_id = session.get_one(Brand, brand_id).operator_id
    asked = read_operators_of_leads(session, [lead.id for lead in leads])
    return [lead for lead in leads if operator_id in asked.get(lead.id, (operator_id,))]


def read_operators_of_leads(
    session: Session, lead_ids: Collection[int]
) -> Mapping[int, Collection[int]]:
    """Return the operators that leads asked for help, or that wrote to them, by the leads' ids."""
    asked = sqlalchemy.union(*(query.where(column.in_(lead_ids)) for query, column in _ASKED))
    found = asked.subquery()
    operators = sqlalchemy.select(found.c.lead_id, col(Brand.operator_id)).join(
        Brand, col(Brand.id) == found.c.brand_id
    )
    by_lead: defaultdict[int, set[int]] = defaultdict(set)
    for lead_id, operator_id in session.execute(operators):
        by_lead[lead_id].add(operator_id)
    return by_lead


def next_place_at_number(leads: Sequence[Lead]) -> int:
    """Return the place of whoever comes next among the leads at a number."""
    return 1 + max((lead.nth_at_number for lead in leads), default=0)


_sent: Any = sqlalchemy.select(col(Submission.lead_id).label("lead_id"), col(Source.brand_id))
_ASKED: tuple[tuple[Any, Any], ...] = (
    (
        _sent.join(Source, col(Source.id) == col(Submission.source_id)),
        col(Submission.lead_id),
    ),
    *(
        (sqlalchemy.select(col(kind.lead_id), col(kind.brand_id)), col(kind.lead_id))
        for kind in (Callback, InboundCall, TextMessage, OutgoingText)
    ),
)
"""The queries for which leads asked which helplines, each with the column of the lead."""


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
