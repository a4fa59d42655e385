"""What endangers a promise to somebody who asked for help, or ended it: by helpline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, literal, or_, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from leads.alerting.alert_condition import AlertCondition
from leads.i18n.messages import Message, MessageKey
from leads.models.calls import CallAttempt, Callback, Hold
from leads.models.enums import (
    OPEN_CALLBACK,
    AlertKind,
    CallbackState,
    CloseReason,
    HoldReason,
    Result,
)
from leads.models.helplines import Brand
from leads.models.watching import Alert

LATE_SENTENCES: Mapping[AlertKind, MessageKey] = {
    AlertKind.OVERDUE: MessageKey.PEOPLE_NOT_RUNG,
    AlertKind.OVERDUE_RETRY: MessageKey.RETRIES_OVERDUE,
    AlertKind.BROKEN_PROMISE: MessageKey.PROMISES_BROKEN,
    AlertKind.HELD: MessageKey.PEOPLE_UNDECIDED,
}
HOLD_ALERTS: Mapping[HoldReason, tuple[AlertKind, MessageKey]] = {
    HoldReason.UNRECORDED_CALL: (AlertKind.UNRECORDED, MessageKey.CALLS_UNRECORDED),
    HoldReason.COUNTRY_NOT_PERMITTED: (AlertKind.NOT_PLACED, MessageKey.COUNTRY_CALLS_NOT_PLACED),
    HoldReason.CALLER_ID_REFUSED: (AlertKind.NOT_PLACED, MessageKey.CALLER_ID_CALLS_NOT_PLACED),
    HoldReason.ACCOUNT_REFUSED: (AlertKind.NOT_PLACED, MessageKey.ACCOUNT_CALLS_NOT_PLACED),
    HoldReason.CALL_NOT_PLACED: (AlertKind.NOT_PLACED, MessageKey.CALLS_NOT_PLACED),
    HoldReason.NOT_IN_SERVICE: (AlertKind.NOT_IN_SERVICE, MessageKey.NUMBERS_NOT_IN_SERVICE),
}
"""Holds that are alerted at once and by their reason; the others once their time has come."""

GIVEN_UP_LATELY = timedelta(days=30)
REFUSED_AT_ONCE = timedelta(seconds=2)  # no phone was rung by then: the call was not let through
FEWEST_REFUSED_AT_ONCE = 3
MOST_LATEST_CALLS = 10
REFUSALS = (Result.LEAD_BUSY, Result.LEAD_UNREACHABLE, Result.LEAD_NO_ANSWER)
LATELY = timedelta(days=1)


def callback_conditions(session: Session, *, now: datetime) -> Iterator[AlertCondition]:
    """Yield what supervisors have to hear of callbacks, for each helpline."""
    brands = session.exec(select_rows(Brand).order_by(col(Brand.id))).all()
    for brand in brands:
        yield from _late_conditions(session, brand, now)
        yield from _caller_id_conditions(session, brand, now)
        yield from _given_up_conditions(session, brand, now)
    names = {brand.id: brand.name for brand in brands}
    yield from _hold_conditions(session, names)


def _late_conditions(session: Session, brand: Brand, now: datetime) -> Iterator[AlertCondition]:
    """Yield a condition for each way in which a helpline's callbacks are late.

    `since` is when the first became late, `newest` when the last one became an alert.
    """
    patience = timedelta(minutes=brand.screens_after)
    lateness = _kind_of_lateness().label("kind")
    late = (
        select(lateness, func.count(), func.min(THEIR_TIME), func.max(THEIR_TIME))
        .where(_is_late(brand, now))
        .group_by(lateness)
    )
    rows = {word: row for word, *row in session.execute(late)}
    about = f"brand:{brand.id}"
    for kind, key in LATE_SENTENCES.items():
        if kind in rows:
            count, since, last = rows[kind]
            text = Message(key, brand=brand.name, minutes=brand.screens_after, count=count)
            yield AlertCondition(kind, about, text, since, last + patience, brand.id, count)


def is_past_patience(brands: Iterable[Brand], now: datetime) -> ColumnElement[bool]:
    """Return the condition that an open callback's time is past by its helpline's minutes."""
    return or_(false(), *(_is_late(brand, now) for brand in brands))


def lateness_column(brands: Iterable[Brand], now: datetime) -> ColumnElement[str]:
    """Return by which alert an open callback counts as late; empty where none counts it."""
    return case((is_past_patience(brands, now), _kind_of_lateness()), else_=literal(""))


THEIR_TIME = case(
    (col(Callback.promised_at) > col(Callback.due_at), Callback.promised_at),
    else_=Callback.due_at,
)


def _is_late(brand: Brand, now: datetime) -> ColumnElement[bool]:
    """Whether the later of a callback's promised and due time is past by the helpline's minutes."""
    return and_(
        col(Callback.brand_id) == brand.id,
        col(Callback.state).in_(OPEN_CALLBACK),
        now - timedelta(minutes=brand.screens_after) >= THEIR_TIME,
    )


def _kind_of_lateness() -> ColumnElement[str]:
    """Return how a late callback is alerted; empty where somebody is at it, or it is elsewhere."""
    waits = col(Callback.state) == CallbackState.WAITING
    other_hold = exists().where(
        col(Hold.callback_id) == col(Callback.id),
        col(Hold.lifted_at).is_(None),
        col(Hold.reason).not_in(HOLD_ALERTS),
    )
    is_held = col(Callback.is_held)
    return case(
        (and_(is_held, waits, other_hold), literal(str(AlertKind.HELD))),
        (is_held, literal("")),
        (col(Callback.first_rung_at).is_(None), literal(str(AlertKind.OVERDUE))),
        (
            col(Callback.state).not_in((CallbackState.WAITING, CallbackState.CLAIMED)),
            literal(""),
        ),
        (Callback.is_time_agreed, literal(str(AlertKind.BROKEN_PROMISE))),
        else_=literal(str(AlertKind.OVERDUE_RETRY)),
    )


def _hold_conditions(session: Session, names: Mapping[int, str]) -> Iterator[AlertCondition]:
    held = (
        select(
            col(Callback.brand_id),
            col(Hold.reason),
            func.count(),
            func.min(Hold.since),
            func.max(Hold.since),
        )
        .join(Callback, col(Callback.id) == col(Hold.callback_id))
        .where(
            col(Hold.lifted_at).is_(None),
            col(Hold.reason).in_(HOLD_ALERTS),
            col(Callback.state) == CallbackState.WAITING,
        )
        .group_by(col(Callback.brand_id), col(Hold.reason))
    )
    for brand_id, reason, count, since, last in session.execute(held).all():
        kind, key = HOLD_ALERTS[reason]
        about = f"brand:{brand_id}:{reason}"
        text = Message(key, brand=names[brand_id], count=count)
        yield AlertCondition(kind, about, text, since, last, brand_id, count, hold=reason)


def was_given_up_since(at: datetime) -> ColumnElement[bool]:
    """Return the condition that every try of ours was used up after an instant."""
    return and_(
        col(Callback.state) == CallbackState.EXHAUSTED,
        col(Callback.finished_at) > at,
        col(Callback.close_reason).is_distinct_from(CloseReason.IMPORTED),  # tried elsewhere
    )


def _given_up_conditions(session: Session, brand: Brand, now: datetime) -> Iterator[AlertCondition]:
    """Yield who was given up since a supervisor last said that they look into it."""
    seen = select_rows(func.max(Alert.acknowledged_at)).where(
        col(Alert.kind) == AlertKind.GIVEN_UP, col(Alert.brand_id) == brand.id
    )
    since, seen_at = now - GIVEN_UP_LATELY, session.exec(seen).one()
    since = max(since, seen_at or since)
    at = col(Callback.finished_at)
    given_up = select(func.count(), func.min(at), func.max(at)).where(
        col(Callback.brand_id) == brand.id, was_given_up_since(since)
    )
    count, first, last = session.execute(given_up).one()
    if count:
        text = Message(MessageKey.PEOPLE_GIVEN_UP, brand=brand.name, count=count)
        about = f"brand:{brand.id}"
        yield AlertCondition(AlertKind.GIVEN_UP, about, text, first, last, brand.id, count)


def _caller_id_conditions(
    session: Session, brand: Brand, now: datetime
) -> Iterator[AlertCondition]:
    """Yield a doubt about a caller ID whose latest calls were all refused before a phone rang."""
    latest = (
        select(col(CallAttempt.rung_at), col(CallAttempt.ended_at), col(CallAttempt.result))
        .join(Callback, col(Callback.id) == col(CallAttempt.callback_id))
        .where(
            col(Callback.brand_id) == brand.id,
            col(CallAttempt.rung_at).is_not(None),
            col(CallAttempt.ended_at) > now - LATELY,
        )
        .order_by(col(CallAttempt.ended_at).desc())
        .limit(MOST_LATEST_CALLS)
    )
    refused = _leading_refusals(session.execute(latest).all())
    if len(refused) >= FEWEST_REFUSED_AT_ONCE:
        text = Message(MessageKey.CALLER_ID_IN_DOUBT, brand=brand.name, count=len(refused))
        about, (newest, *_, since) = f"brand:{brand.id}", refused
        yield AlertCondition(
            AlertKind.CALLER_ID, about, text, since, newest, brand.id, len(refused)
        )


def _leading_refusals(latest_first: Sequence[Any]) -> list[datetime]:
    """Return when the latest calls ended, as far as all of them were refused at once."""
    refused = []
    for rung_at, ended_at, result in latest_first:
        if result not in REFUSALS or ended_at - rung_at > REFUSED_AT_ONCE:
            break
        refused.append(ended_at)
    return refused
