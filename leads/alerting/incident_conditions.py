"""What supervisors have to hear of people in danger beyond the first words of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from leads.alerting.alert_condition import AlertCondition
from leads.i18n.messages import Message, MessageKey
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import LIVE_ATTEMPT, OPEN_CALLBACK, AlertKind
from leads.models.helplines import Brand
from leads.models.incidents import HoursOverride, Incident

ASKED_LATELY = timedelta(hours=2)  # what waits for a second person is over after that


def incident_conditions(session: Session, *, now: datetime) -> Iterator[AlertCondition]:
    """Yield who needs a supervisor now, and what of incidents was left undone."""
    yield from _help_conditions(session)
    yield from _outcome_conditions(session)
    yield from _follow_up_conditions(session, now)
    yield from _override_conditions(session, now)


def _help_conditions(session: Session) -> Iterator[AlertCondition]:
    """Yield a condition for each call whose advisor needs a supervisor: nobody waits for another's.

    It is over when a supervisor joins or sees to it, or with the call.
    """
    calls = (
        select(CallAttempt.id, CallAttempt.help_wanted_at, Brand.id, Brand.name)
        .join(Callback, col(Callback.id) == col(CallAttempt.callback_id))
        .join(Brand, col(Brand.id) == col(Callback.brand_id))
        .where(
            col(CallAttempt.state).in_(LIVE_ATTEMPT), col(CallAttempt.help_wanted_at).is_not(None)
        )
    )
    for attempt_id, since, brand_id, name in session.exec(calls):
        if since is not None:
            text = Message(MessageKey.HELP_IS_WANTED, brand=name)
            about = f"call:{attempt_id}"
            yield AlertCondition(AlertKind.HELP_WANTED, about, text, since, since, brand_id)


def _outcome_conditions(session: Session) -> Iterator[AlertCondition]:
    """Yield the incidents whose callback is over, so that nobody has the person in hand."""
    at = func.coalesce(Callback.finished_at, Incident.opened_at)
    left = (
        select(Brand, func.count(), func.min(at), func.max(at))
        .join(Callback, col(Callback.brand_id) == col(Brand.id))
        .join(Incident, col(Incident.callback_id) == col(Callback.id))
        .where(col(Incident.closed_at).is_(None), col(Callback.state).not_in(OPEN_CALLBACK))
        .group_by(col(Brand.id))
    )
    for brand, count, since, newest in session.exec(left):
        text = Message(MessageKey.INCIDENTS_WITHOUT_OUTCOME, brand=brand.name, count=count)
        about = f"brand:{brand.id}"
        yield AlertCondition(AlertKind.INCIDENT, about, text, since, newest, brand.id, count)


def _follow_up_conditions(session: Session, now: datetime) -> Iterator[AlertCondition]:
    due: Any = col(Incident.follow_up_due)
    overdue = (
        select(Brand, func.count(), func.min(due), func.max(due))
        .join(Callback, col(Callback.brand_id) == col(Brand.id))
        .join(Incident, col(Incident.callback_id) == col(Callback.id))
        .where(due <= now, col(Incident.followed_up_at).is_(None))
        .group_by(col(Brand.id))
    )
    for brand, count, since, newest in session.exec(overdue):
        text = Message(MessageKey.FOLLOW_UPS_OVERDUE, brand=brand.name, count=count)
        about = f"brand:{brand.id}"
        yield AlertCondition(AlertKind.FOLLOW_UP, about, text, since, newest, brand.id, count)


def _override_conditions(session: Session, now: datetime) -> Iterator[AlertCondition]:
    """Yield the calls outside the hours that no second person has seen.

    What has not begun is over when it was not agreed to in time; what has begun stays.
    """
    unseen = (
        select(HoursOverride, Brand)
        .join(Callback, col(Callback.id) == col(HoursOverride.callback_id))
        .join(Brand, col(Brand.id) == col(Callback.brand_id))
        .where(
            col(HoursOverride.acknowledged_at).is_(None),
            or_(
                col(HoursOverride.starts_at).is_not(None),
                and_(
                    col(HoursOverride.withdrawn_at).is_(None),
                    col(HoursOverride.asked_at) > now - ASKED_LATELY,
                ),
            ),
        )
        .order_by(col(HoursOverride.id))
    )
    for override, brand in session.exec(unseen):
        has_begun = override.starts_at is not None
        key = MessageKey.HOURS_OVERRIDDEN if has_begun else MessageKey.HOURS_OVERRIDE_ASKED
        text, at = Message(key, brand=brand.name), override.asked_at
        about = f"override:{override.id}"
        yield AlertCondition(AlertKind.HOURS_OVERRIDE, about, text, at, at, brand.id)
