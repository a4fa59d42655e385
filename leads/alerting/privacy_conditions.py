"""What was complained of, may be a breach or was opened in an emergency, and is not done yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, func, select

from leads.alerting.alert_condition import AlertCondition
from leads.i18n.messages import Message, MessageKey
from leads.models.emergency_access import EmergencyAccess
from leads.models.enums import AlertKind
from leads.models.helpline_scope import find_helplines_of_leads
from leads.models.helplines import Brand
from leads.models.privacy_cases import PrivacyCase


def privacy_conditions(session: Session) -> Iterator[AlertCondition]:
    """Yield that complaints or suspected breaches are open: their clock runs."""
    since, newest = func.min(PrivacyCase.recorded_at), func.max(PrivacyCase.recorded_at)
    undone = select(func.count(), since, newest).where(col(PrivacyCase.closed_at).is_(None))
    count, first, last = session.exec(undone).one()
    if count:
        text = Message(MessageKey.PRIVACY_CASES_OPEN, count=count)
        yield AlertCondition(AlertKind.PRIVACY, "", text, first, last, count=count)
    yield from _emergency_conditions(session)


def _emergency_conditions(session: Session) -> Iterator[AlertCondition]:
    """Yield for each helpline that files of its people were opened, and nobody reviewed it.

    A supervisor's page has those of the helplines that they serve.
    """
    unreviewed = select(EmergencyAccess.lead_id, EmergencyAccess.opened_at).where(
        col(EmergencyAccess.reviewed_at).is_(None)
    )
    opened: dict[int, list[datetime]] = {}
    for lead_id, at in session.exec(unreviewed):
        for brand_id in find_helplines_of_leads(session, [lead_id]):
            opened.setdefault(brand_id, []).append(at)
    brands = select(Brand.id, Brand.name).where(col(Brand.id).in_(opened))
    for brand_id, name in session.exec(brands.order_by(col(Brand.id))):
        times = opened[brand_id]
        count = len(times)
        text = Message(MessageKey.EMERGENCY_ACCESS_UNREVIEWED, brand=name, count=count)
        kind, about = AlertKind.EMERGENCY_ACCESS, f"brand:{brand_id}"
        yield AlertCondition(kind, about, text, min(times), max(times), brand_id, count)
