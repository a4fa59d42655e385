"""Words of danger that nobody has heard yet: alerted at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlmodel import Session, col, select

from leads.alerting.alert_condition import AlertCondition, DangerPlace, condition_of_source
from leads.contact_rules import danger_limits
from leads.i18n.messages import Message, MessageKey
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, AlertKind, CallbackState, LeadState, SubmissionState
from leads.models.helplines import Brand, Source
from leads.models.requests import Lead, Submission, TextMessage

FLOOD_HEARD_OF = timedelta(hours=1)
DANGER_AT: Any = func.coalesce(Callback.danger_at, Callback.received_at)


def danger_conditions(session: Session) -> Iterator[AlertCondition]:
    """Yield conditions, at once, for words of danger to which nobody has talked yet.

    They are of each helpline's callbacks, of submissions under review or withheld, and of texts
    from whoever has no callback or is not known, until a person has decided about them.
    """
    yield from _conditions_of_callbacks(session)
    yield from _conditions_without_callback(session)


def _conditions_of_callbacks(session: Session) -> Iterator[AlertCondition]:
    unheard = (
        select(Brand, func.count(), func.min(DANGER_AT), func.max(DANGER_AT))
        .join(Callback, col(Callback.brand_id) == col(Brand.id))
        .where(is_unheard_clause())
        .group_by(col(Brand.id))
        .order_by(col(Brand.id))
    )
    for brand, count, since, newest in session.exec(unheard):
        text = Message(MessageKey.PEOPLE_IN_DANGER, brand=brand.name, count=count)
        about = f"brand:{brand.id}"
        yield AlertCondition(
            AlertKind.DANGER,
            about,
            text,
            since,
            newest,
            brand.id,
            count,
            danger_in=DangerPlace.QUEUE,
        )


def _conditions_without_callback(session: Session) -> Iterator[AlertCondition]:
    came = col(Submission.received_at)
    undecided = select(func.count(), func.min(came), func.max(came)).where(
        col(Submission.state).in_((SubmissionState.NEEDS_REVIEW, SubmissionState.WITHHELD)),
        col(Submission.danger).is_not(None),
        col(Submission.is_test).is_(False),
    )
    texted = col(TextMessage.received_at)
    unexpected = (
        select(func.count(), func.min(texted), func.max(texted))
        .outerjoin(Lead, col(Lead.id) == col(TextMessage.lead_id))
        .where(
            col(TextMessage.danger).is_not(None),
            col(TextMessage.waits).is_(True),
            or_(col(Lead.id).is_(None), col(Lead.state) != LeadState.OPEN),
        )
    )
    for which, place, key in (
        (undecided, DangerPlace.SUBMISSIONS, MessageKey.SUBMISSIONS_IN_DANGER),
        (unexpected, DangerPlace.TEXTS, MessageKey.TEXTS_IN_DANGER),
    ):
        count, since, newest = session.exec(which).one()
        if count:
            text = Message(key, count=count)
            yield AlertCondition(
                AlertKind.DANGER, place, text, since, newest, count=count, danger_in=place
            )


def is_unheard_clause() -> ColumnElement[bool]:
    """Return the condition that nobody has talked yet about a callback's words of danger."""
    talked_at = col(Callback.first_conversation_at)
    return and_(
        col(Callback.state).in_(OPEN_CALLBACK),
        col(Callback.danger).is_not(None),
        or_(talked_at.is_(None), talked_at < DANGER_AT),
    )


def flood_conditions(session: Session, *, now: datetime) -> Iterator[AlertCondition]:
    """Yield a condition for each source of which a flood of danger waits in order, for an hour.

    What waits in review until a burst is admitted was alerted then. A flood in review is told until
    people have decided.
    """
    at = col(Submission.received_at)
    waiting = (
        select(Source, func.count(), func.min(at), func.max(at))
        .join(Submission, col(Submission.source_id) == col(Source.id))
        .join(Callback, col(Callback.id) == col(Submission.callback_id))
        .where(_is_of_flood_in_queue(now))
        .group_by(col(Source.id))
        .order_by(col(Source.id))
    )
    for source, count, since, newest in session.exec(waiting):
        yield condition_of_source(
            AlertKind.BURST,
            MessageKey.DANGER_FLOOD,
            source,
            topic="danger",
            count=count,
            since=since,
            newest=newest,
            danger_in=DangerPlace.QUEUE,
        )
    yield from _conditions_of_floods_in_review(session)


def is_of_flood_clause(source_id: int, *, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a callback is of a flood in the queue, which a source sent."""
    return exists().where(
        col(Submission.callback_id) == col(Callback.id),
        col(Submission.source_id) == source_id,
        _is_of_flood_in_queue(now),
    )


def _is_of_flood_in_queue(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(Submission.state) == SubmissionState.ADMITTED,
        col(Submission.received_at) > now - FLOOD_HEARD_OF,
        col(Submission.is_of_burst).is_(False),
        col(Callback.state) == CallbackState.WAITING,
        col(Callback.danger).is_not(None),
        col(Callback.is_of_burst),
    )


def _conditions_of_floods_in_review(session: Session) -> Iterator[AlertCondition]:
    floods: defaultdict[int, list[datetime]] = defaultdict(list)
    for one in danger_limits.list_danger_in_review(session):
        if one.is_of_flood:
            floods[one.source_id].append(one.received_at)
    for source_id, came in floods.items():
        yield condition_of_source(
            AlertKind.BURST,
            MessageKey.DANGER_FLOOD_IN_REVIEW,
            session.get_one(Source, source_id),
            topic="danger-in-review",
            count=len(came),
            since=came[0],
            newest=came[-1],
            danger_in=DangerPlace.SUBMISSIONS,
        )
