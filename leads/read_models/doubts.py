"""Doubts as read: what nobody here knows the outcome of, since when, and what is done about it.

Ids, kinds and times only, nobody's data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from leads.calls import inbound_news, placement
from leads.i18n.translatable import Phrase
from leads.models.calls import CallAttempt, Callback, Hold
from leads.models.enums import (
    CALL_ORDER_KINDS,
    OPEN_CALLBACK,
    RECORDING_ORDER_KINDS,
    SENT_ONCE_ORDER_KINDS,
    HoldReason,
    OutboxKind,
    OutboxState,
)
from leads.models.inbound import InboundCall
from leads.models.labels import ORDER_TITLES
from leads.models.outbox import Outbox
from leads.models.requests import OutgoingText
from leads.outbox import call_orders, event_orders, recording_orders, supervisor_notices
from leads.outbox.text_orders import TEXT_SENDING_LASTS

ANSWERED_AT_ONCE = timedelta(seconds=5)  # of a request that takes longer nobody knows what it did
MOST_SHOWN = 200
SENDING_LASTS: Mapping[OutboxKind, timedelta] = {
    **dict.fromkeys(CALL_ORDER_KINDS, call_orders.CALL_SENDING_LASTS),
    **dict.fromkeys(RECORDING_ORDER_KINDS, recording_orders.RECORDING_SENDING_LASTS),
    **dict.fromkeys(supervisor_notices.NOTICE_KINDS, supervisor_notices.NOTICE_SENDING_LASTS),
    OutboxKind.SEND_TEXT: TEXT_SENDING_LASTS,
    OutboxKind.SEND_EVENT: event_orders.EVENT_SENDING_LASTS,
}


class NextStep(StrEnum):
    """What is done next about a doubt, and without anybody's doing but for the last."""

    AWAIT_ANSWER = "await_answer"
    LOOK_FOR_CALL = "look_for_call"
    LOOK_FOR_TEXT = "look_for_text"
    SEND_AGAIN = "send_again"
    LEAVE = "leave"
    ASK_NETWORK = "ask_network"
    PERSON_DECIDES = "person_decides"


class DoubtSubject(StrEnum):
    """What a doubt is about: what its id is one of."""

    ORDER = "order"
    ATTEMPT = "attempt"
    CALLBACK = "callback"
    INBOUND_CALL = "inbound_call"


NEXT_STEP_LABELS: Mapping[NextStep, Phrase] = {
    NextStep.AWAIT_ANSWER: Phrase("Waits for the answer to the request"),
    NextStep.LOOK_FOR_CALL: Phrase("Looks for the call at the phone network; never calls twice"),
    NextStep.LOOK_FOR_TEXT: Phrase("Looks for the text at the phone network; never sends it twice"),
    NextStep.SEND_AGAIN: Phrase("Sends it again, which does no harm"),
    NextStep.LEAVE: Phrase("Does not send it again: it may have arrived"),
    NextStep.ASK_NETWORK: Phrase("Asks the phone network how the call stands"),
    NextStep.PERSON_DECIDES: Phrase("Nothing: a supervisor decides on the work list"),
}
SUBJECT_TITLES: Mapping[DoubtSubject, Phrase] = {
    DoubtSubject.ATTEMPT: Phrase("Call without news"),
    DoubtSubject.CALLBACK: Phrase("Lost call: they may have been called"),
    DoubtSubject.INBOUND_CALL: Phrase("Incoming call without news"),
}


@dataclass(frozen=True)
class Doubt:
    """One thing of which nobody knows what came of it.

    `kind`: of an order. `next_at`: when the next step is due; None where it is taken every second,
    or by a person. `brand_id`: the helpline's, where it is one helpline's.
    """

    subject: DoubtSubject
    subject_id: str
    kind: OutboxKind | None
    attempt_id: str | None
    brand_id: int | None
    since: datetime
    next_step: NextStep
    next_at: datetime | None

    @property
    def title(self) -> Phrase:
        """What is in doubt: the kind of an order, or what else a doubt is about."""
        return ORDER_TITLES[self.kind] if self.kind else SUBJECT_TITLES[self.subject]

    @property
    def next_words(self) -> Phrase:
        """What is done next about it."""
        return NEXT_STEP_LABELS[self.next_step]


def list_doubts(session: Session, *, ring_time: timedelta, now: datetime) -> list[Doubt]:
    """Return all that is in doubt now, what has been so the longest first.

    `ring_time`: how long a phone rings, during which no news of an attempt is no sign.
    """
    of_orders = list(_orders_in_doubt(session, now=now))
    looked_for = {doubt.attempt_id for doubt in of_orders}
    silent = _silent_attempts(session, looked_for, ring_time=ring_time, now=now)
    found = [*of_orders, *silent, *_lost_calls(session), *_silent_callers(session, now=now)]
    return sorted(found, key=lambda doubt: doubt.since)


def _orders_in_doubt(session: Session, *, now: datetime) -> Iterator[Doubt]:
    unsettled = and_(col(Outbox.state) == OutboxState.UNKNOWN, col(Outbox.settled_at).is_(None))
    rows = session.exec(
        select(Outbox, Callback.brand_id)
        .outerjoin(CallAttempt, col(CallAttempt.id) == col(Outbox.attempt_id))
        .outerjoin(Callback, col(Callback.id) == col(CallAttempt.callback_id))
        .where(or_(unsettled, col(Outbox.state) == OutboxState.SENDING))
        .order_by(col(Outbox.taken_until))
        .limit(MOST_SHOWN)
    ).all()
    texts = select(OutgoingText.id, OutgoingText.brand_id).where(
        col(OutgoingText.id).in_([row.payload.get("text_id") for row, _ in rows])
    )
    of_texts: dict[int, int | None] = dict(session.exec(texts).all())
    for row, of_call in rows:
        is_text, text_id = row.kind == OutboxKind.SEND_TEXT, row.payload.get("text_id", 0)
        if (row.attempt_id and of_call is None) or (is_text and text_id not in of_texts):
            continue  # another helpline's
        since = (row.taken_until or row.due_at) - SENDING_LASTS[row.kind]
        if row.state == OutboxState.SENDING and since > now - ANSWERED_AT_ONCE:
            continue
        step, at = _next_step_of_order(row, now)
        brand_id = of_texts.get(text_id) if is_text else of_call
        about = (DoubtSubject.ORDER, str(row.id), row.kind, row.attempt_id, brand_id)
        yield Doubt(*about, since, step, at)


def _next_step_of_order(row: Outbox, now: datetime) -> tuple[NextStep, datetime]:
    if row.state == OutboxState.SENDING and row.taken_until and row.taken_until >= now:
        return NextStep.AWAIT_ANSWER, row.taken_until
    if row.kind == OutboxKind.SEND_TEXT:
        return NextStep.LOOK_FOR_TEXT, row.due_at
    if row.kind in SENT_ONCE_ORDER_KINDS:
        return NextStep.LOOK_FOR_CALL, row.due_at
    is_mail = row.kind == OutboxKind.EMAIL_NOTICE
    is_left = row.kind in (OutboxKind.ASK_OUTCOME, *supervisor_notices.NOTICE_KINDS)
    return (NextStep.LEAVE if is_left and not is_mail else NextStep.SEND_AGAIN), row.due_at


def _silent_attempts(
    session: Session, looked_for: set[str | None], *, ring_time: timedelta, now: datetime
) -> Iterator[Doubt]:
    """Yield the attempts without news but for those whose order is looked for."""
    silent = placement.find_silent_attempts(session, ring_time=ring_time, now=now)
    ids = [one.attempt_id for one in silent if one.attempt_id not in looked_for]
    attempts = (
        select(CallAttempt, Callback.brand_id)
        .join(Callback, col(Callback.id) == col(CallAttempt.callback_id))
        .where(col(CallAttempt.id).in_(ids))
    )
    for attempt, brand_id in session.exec(attempts):
        about = (DoubtSubject.ATTEMPT, attempt.id, None, attempt.id, brand_id)
        yield Doubt(*about, attempt.heard_at, NextStep.ASK_NETWORK, None)


def _lost_calls(session: Session) -> Iterator[Doubt]:
    held = (
        select(Hold, Callback.brand_id)
        .join(Callback, col(Callback.id) == col(Hold.callback_id))
        .where(
            Hold.reason == HoldReason.CALL_LOST,
            col(Hold.lifted_at).is_(None),
            col(Callback.state).in_(OPEN_CALLBACK),
        )
        .order_by(col(Hold.since))
        .limit(MOST_SHOWN)
    )
    for hold, brand_id in session.exec(held):
        about = (DoubtSubject.CALLBACK, str(hold.callback_id), None, None, brand_id)
        yield Doubt(*about, hold.since, NextStep.PERSON_DECIDES, None)


def _silent_callers(session: Session, *, now: datetime) -> Iterator[Doubt]:
    silent = inbound_news.find_silent_calls(session, now=now)
    calls = select(InboundCall).where(col(InboundCall.provider_call_id).in_(silent))
    for call in session.exec(calls):
        about = (DoubtSubject.INBOUND_CALL, call.id, None, None, call.brand_id)
        yield Doubt(*about, call.heard_at, NextStep.ASK_NETWORK, None)
