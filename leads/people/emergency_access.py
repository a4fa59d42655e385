"""Emergency access: a file of another helpline, opened for reading where it cannot wait.

Whoever is limited to some helplines names the whole number and why. What they open is on record
before they see it, open for an hour, to them alone, for reading alone, and reviewed by a supervisor
who serves the person's helpline.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from leads import phone_numbers
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadSubmission, LostRace, NotAllowed, NotNow
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_log import record_access
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.advisors import Advisor
from leads.models.emergency_access import EmergencyAccess
from leads.models.enums import AuditKind
from leads.models.helpline_scope import (
    OVER_ALL_HELPLINES,
    find_helplines_of_leads,
    served_clause,
)
from leads.models.requests import Lead
from leads.people import try_limits
from leads.people.permissions import Permission, actor_of, require_permission, served_helplines

OPEN_FOR = timedelta(hours=1)
MOST_TRIES, TRY_PERIOD = 5, timedelta(days=1)  # also those that found nobody
FEWEST_WORDS = 3
LONGEST_WORDS = 4000  # characters
TRIED = "try_emergency_access"


def open_in_emergency(
    session: Session, advisor: Advisor, number: str, reason: str, *, now: datetime
) -> Sequence[EmergencyAccess]:
    """Open the files at a number that belong to none of the helplines which a colleague serves.

    Two people at one number are two files, each of them on record. Nobody there opens none, and
    counts as a try, of which there are five a day. Raises BadSubmission without a whole number and
    a reason, NotNow for whoever serves every helpline, TooManyTries.
    """
    require_permission(advisor, Permission.OPEN_IN_EMERGENCY)
    helplines = served_helplines(advisor)
    if helplines is None:
        raise NotNow(Phrase("You serve every helpline. Search for their file instead."))
    phone = phone_numbers.normalize_phone_by_hand(number.strip(), "US")
    if not phone:
        raise BadSubmission(Phrase("Enter their whole phone number."))
    if len(reason.split()) < FEWEST_WORDS:
        raise BadSubmission(Phrase("Say in a few words why this cannot wait."))
    try_limits.record_limited_try(
        session, advisor, TRIED, most=MOST_TRIES, period=TRY_PERIOD, now=now
    )
    opened = [
        EmergencyAccess(
            lead_id=lead_id,
            advisor_id=advisor.id,
            reason=reason.strip()[:LONGEST_WORDS],
            opened_at=now,
            ends_at=now + OPEN_FOR,
        )
        for lead_id in _find_unserved_files(session, phone, helplines)
    ]
    session.add_all(opened)
    session.flush()
    for access in opened:
        lead = TrailSubject.of_kind(Lead, access.lead_id)
        kind, actor = AuditKind.EMERGENCY_ACCESS, actor_of(advisor)
        record_access(session, kind, lead, actor=actor, now=now, access=access.id)
    wake_after_commit(session, Wakeup.DESK)
    return opened


def list_open_access(
    session: Session, advisor: Advisor, *, now: datetime
) -> Sequence[EmergencyAccess]:
    """Return what a colleague has open now, one for each person, the newest first."""
    require_permission(advisor, Permission.OPEN_IN_EMERGENCY)
    theirs = select(EmergencyAccess).where(
        EmergencyAccess.advisor_id == advisor.id, col(EmergencyAccess.ends_at) > now
    )
    newest_first = theirs.order_by(col(EmergencyAccess.id).desc())
    rows = session.exec(newest_first.execution_options(**OVER_ALL_HELPLINES)).all()
    return list({row.lead_id: row for row in reversed(rows)}.values())[::-1]


def require_open_access(
    session: Session, lead_id: int, advisor: Advisor, *, now: datetime
) -> EmergencyAccess:
    """Return the access by which a colleague may read a person's file now; raises NotAllowed."""
    for access in list_open_access(session, advisor, now=now):
        if access.lead_id == lead_id:
            return access
    raise NotAllowed(Phrase("This file is no longer open to you."))


def find_readable_helplines(
    session: Session, lead_id: int, advisor: Advisor, *, now: datetime
) -> frozenset[int] | None:
    """Return the helplines that a colleague serves, and those of a person whose file they opened.

    Raises NotAllowed where it is not open to them.
    """
    helplines = served_helplines(advisor)
    require_open_access(session, lead_id, advisor, now=now)
    files = select(Lead.id).where((col(Lead.id) == lead_id) | (Lead.merged_into_id == lead_id))
    ids = session.exec(files.execution_options(**OVER_ALL_HELPLINES)).all()
    return None if helplines is None else helplines | find_helplines_of_leads(session, ids)


def review_emergency_access(
    session: Session,
    access: EmergencyAccess,
    supervisor: Advisor,
    *,
    was_in_order: bool,
    words: str,
    now: datetime,
) -> None:
    """Say whether it was in order that somebody opened a file, and why.

    Raises NotAllowed for one's own, BadSubmission without words, LostRace where it is said already.
    """
    require_permission(supervisor, Permission.REVIEW_EMERGENCY_ACCESS, access)
    session.refresh(access, with_for_update=True)
    if access.advisor_id == supervisor.id:
        raise NotAllowed(Phrase("Someone else has to review what you opened."))
    if access.reviewed_at:
        raise LostRace(Phrase("Someone else got there first: it is reviewed."))
    if not words.strip():
        raise BadSubmission(Phrase("Enter what you found."))
    access.was_in_order, access.review_words = was_in_order, words.strip()[:LONGEST_WORDS]
    access.reviewed_at, access.reviewed_by = now, actor_of(supervisor)
    session.add(access)
    record_event(
        session, access, "review", actor=actor_of(supervisor), now=now, was_in_order=was_in_order
    )
    wake_after_commit(session, Wakeup.DESK)


def _find_unserved_files(session: Session, phone: str, helplines: frozenset[int]) -> Sequence[int]:
    """Return the files at a number, by their ids, that belong to none of these helplines."""
    asked = select(func.coalesce(Lead.merged_into_id, Lead.id)).where(Lead.phone == phone)
    ids = session.exec(asked.execution_options(**OVER_ALL_HELPLINES)).all()
    others = select(Lead.id).where(
        col(Lead.id).in_(ids), col(Lead.erased_at).is_(None), ~served_clause(Lead, helplines)
    )
    return session.exec(others.execution_options(**OVER_ALL_HELPLINES)).all()
