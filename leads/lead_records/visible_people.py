"""Visible people: whom a colleague may see when nobody has the person in hand.

Whoever reads files sees all. An advisor sees the people of their own work of late, and finds them
by the last four digits of their number: not so often that the digits could be tried one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from leads import person_search
from leads.errors import BadSubmission, NotAllowed
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CLAIMED_CALLBACK, LeadState
from leads.models.helpline_scope import served_clause
from leads.models.person_work import Task
from leads.models.requests import Lead, Submission
from leads.people import try_limits
from leads.people.permissions import (
    Permission,
    actor_of,
    require_permission,
    role_may,
    served_helplines,
)
from leads.phone_numbers import mask_phone

OF_LATE = timedelta(days=30)

DIGITS = 4
MOST_SEARCHES, SEARCH_PERIOD = 10, timedelta(minutes=10)
MOST_FOUND = 5
SEARCHED, FOUND = "search_people", "found"


@dataclass(frozen=True)
class FoundPerson:
    """Somebody whom the last digits of their number found, masked."""

    lead_id: int
    who: Phrase
    state: LeadState


def find_people_by_last_digits(
    session: Session, digits: str, person: Advisor, *, now: datetime
) -> list[FoundPerson]:
    """Return whom a colleague may see of those whose number ends in four digits, latest first.

    The search is recorded, and each person whom it shows. Raises BadSubmission for anything but
    four digits, TooManyTries beyond ten searches in ten minutes.
    """
    require_permission(person, Permission.SEE_OWN_PEOPLE)
    digits = digits.strip()
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        raise BadSubmission(Phrase("Enter the last four digits of the number."))
    try_limits.record_limited_try(
        session, person, SEARCHED, most=MOST_SEARCHES, period=SEARCH_PERIOD, now=now
    )
    theirs = (
        select(Lead)
        .where(
            person_search.has_last_digits_clause(session, digits),
            _visible_people_clause(person, now=now),
        )
        .order_by(col(Lead.id).desc())
        .limit(MOST_FOUND)
    )
    leads = [lead for lead in session.exec(theirs) if lead.phone.endswith(digits)]
    for lead in leads:
        record_event(session, lead, FOUND, actor=actor_of(person), now=now)
    return [
        FoundPerson(lead.id, masked_person(lead.name, lead.phone), lead.state) for lead in leads
    ]


def masked_person(name: str, phone: str) -> Phrase:
    """Return how every list names a person: by first name, and the end of the number.

    Whoever stands behind a screen reads a list. `masked_name` shows more of it to whoever has the
    person in hand or in a call, and the call all of it, on record.
    """
    first_name = name.split(maxsplit=1)[0] if name.strip() else Phrase("No name")
    return Phrase("{name} · {number}", name=first_name, number=mask_phone(phone))


def require_visible(session: Session, lead_id: int, person: Advisor, *, now: datetime) -> None:
    """Raise NotAllowed unless a colleague may see somebody."""
    require_permission(person, Permission.SEE_OWN_PEOPLE)
    visible = select(Lead.id).where(Lead.id == lead_id, _visible_people_clause(person, now=now))
    if session.exec(visible).first() is None:
        raise NotAllowed(Phrase("You can see only people from your own calls and tasks."))


def _visible_people_clause(person: Advisor, *, now: datetime) -> Any:
    """Return the condition that a colleague may see a lead, as it stands now."""
    served = served_clause(Lead, served_helplines(person))
    if role_may(person.role, Permission.READ_LEAD_FILE):
        return served
    since = now - OF_LATE
    called = (
        select(Callback.lead_id)
        .join(CallAttempt, col(CallAttempt.callback_id) == col(Callback.id))
        .where(CallAttempt.advisor_id == person.id, col(CallAttempt.answered_at) > since)
    )
    in_hand = select(Callback.lead_id).where(
        Callback.advisor_id == person.id, col(Callback.state).in_(CLAIMED_CALLBACK)
    )
    to_do = select(Task.lead_id).where(Task.advisor_id == person.id, col(Task.done_at).is_(None))
    entered = select(Submission.lead_id).where(
        Submission.entered_by == actor_of(person),
        Submission.entered_by != "",  # as its index has it
        col(Submission.received_at) > since,
        col(Submission.lead_id).is_not(None),
    )
    theirs = or_(*(col(Lead.id).in_(ids) for ids in (called, in_hand, to_do, entered)))
    return and_(served, theirs)
