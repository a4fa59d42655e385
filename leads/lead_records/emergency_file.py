"""A file that was opened in an emergency: to read alone, and what is to be reviewed of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlmodel import Session, col, select

from leads.free_text.danger import DangerKind
from leads.i18n.translatable import Phrase
from leads.lead_records import merged_files, protections, timeline
from leads.lead_records.open_promises import list_open_promises
from leads.lead_records.protections import Protection
from leads.lead_records.visible_people import masked_person
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.emergency_access import EmergencyAccess
from leads.models.enums import LeadState
from leads.models.helpline_scope import find_helplines_of_leads
from leads.models.helplines import Brand
from leads.models.requests import Lead
from leads.people.emergency_access import require_open_access
from leads.people.permissions import Permission, require_permission
from leads.person_facts import FILE_LABELS


@dataclass(frozen=True)
class EmergencyFile:
    """What is known of one person, without anybody else at their number; `ends_at`: read until."""

    is_whole_file: ClassVar[bool] = True
    lead_id: int
    ends_at: datetime
    number: str
    state: LeadState
    danger: DangerKind | None
    facts: dict[str, str]
    protections: tuple[Protection, ...]
    entries: tuple[timeline.TimelineEntry, ...]


@dataclass(frozen=True)
class AccessToReview:
    """One file that somebody opened in an emergency, as the supervisor sees it who reviews it.

    `brands`: the names of the helplines that the person asked, and the supervisor serves.
    """

    access_id: int
    lead_id: int
    who: Phrase  # masked
    brands: tuple[str, ...]
    by: str
    reason: str
    opened_at: datetime


def read_emergency_file(
    session: Session, lead_id: int, advisor: Advisor, *, now: datetime
) -> EmergencyFile | None:
    """Return the file that a colleague opened, None once nothing is known of the person any more.

    Raises NotAllowed where it is not open to them now.
    """
    access = require_open_access(session, lead_id, advisor, now=now)
    lead = session.get(Lead, lead_id)
    if lead is None or lead.erased_at:
        return None
    files = merged_files.lead_and_merged_files(session, lead)
    promises = list_open_promises(session, [lead.id])
    callback = session.get(Callback, promises[0].callback_id) if promises else None
    return EmergencyFile(
        lead_id=lead.id,
        ends_at=access.ends_at,
        number=lead.phone,  # which they entered
        state=lead.state,
        danger=callback.danger if callback else None,
        facts={name: str(getattr(lead, name)) for name in FILE_LABELS},
        protections=tuple(
            one for one in protections.list_protections(session, lead) if one.lead_id == lead.id
        ),
        entries=timeline.read_timeline(session, files),
    )


def list_access_to_review(session: Session, supervisor: Advisor) -> Sequence[AccessToReview]:
    """Return what was opened in an emergency and nobody has reviewed, the oldest first.

    Nobody is shown their own.
    """
    require_permission(supervisor, Permission.REVIEW_EMERGENCY_ACCESS)
    unreviewed = (
        select(EmergencyAccess, Lead, Advisor.name)
        .join(Lead, col(Lead.id) == col(EmergencyAccess.lead_id))
        .join(Advisor, col(Advisor.id) == col(EmergencyAccess.advisor_id))
        .where(
            col(EmergencyAccess.reviewed_at).is_(None),
            EmergencyAccess.advisor_id != supervisor.id,
        )
    )
    return [
        AccessToReview(
            access.id,
            lead.id,
            masked_person(lead.name, lead.phone),
            _name_helplines(session, lead.id),
            name,
            access.reason,
            access.opened_at,
        )
        for access, lead, name in session.exec(unreviewed.order_by(col(EmergencyAccess.id)))
    ]


def _name_helplines(session: Session, lead_id: int) -> tuple[str, ...]:
    asked = col(Brand.id).in_(find_helplines_of_leads(session, [lead_id]))
    return tuple(session.exec(select(Brand.name).where(asked).order_by(col(Brand.id))))
