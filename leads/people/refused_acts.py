"""Refused acts: who asked for what they may not, on record in the audit log."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.lifecycle.audit_log import ORIGIN, Origin, record_access
from leads.models.advisors import Advisor
from leads.models.audit import AuditEntry
from leads.models.enums import AuditKind
from leads.people.permissions import actor_of

SAME_WITHIN = timedelta(hours=1)
MOST_OF_ONE = 60  # entries of one colleague in that time: nobody fills the log


def record_refused_act(session: Session, person: Advisor, lacking: str, *, now: datetime) -> None:
    """Write down that a colleague was refused for want of a permission.

    What is refused again on the same page within the hour is the same, as where a page draws
    itself anew. `lacking`: a permission's word.
    """
    recent = select(AuditEntry.view, AuditEntry.details).where(
        AuditEntry.actor == actor_of(person),
        AuditEntry.kind == AuditKind.REFUSED.value,
        col(AuditEntry.at) > now - SAME_WITHIN,
    )
    known = [(view, details["lacking"]) for view, details in session.exec(recent)]
    origin: Origin = session.info.get(ORIGIN) or Origin()
    if len(known) < MOST_OF_ONE and (origin.view, lacking) not in known:
        record_access(session, AuditKind.REFUSED, actor=actor_of(person), now=now, lacking=lacking)
