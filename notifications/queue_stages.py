"""The stages of the queue's work: admit what came in, offer what is due, ring whom it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlmodel import Session

from leads.callbacks import callback_offers, due_order
from leads.database.transactions import reader
from leads.database.wakeups import Wakeup, cancel_wakeup
from leads.errors import LostRace
from leads.intake import processing
from leads.models.calls import CallAttempt
from leads.outbox import call_orders
from notifications.call_relay import CallRelay
from notifications.text_relay import TextRelay
from notifications.wake_loop import Stage

OFFERS_PER_TRANSACTION = 25  # offers that share a transaction

Now = Callable[[], datetime]


def queue_stages(
    relay: CallRelay, texts: TextRelay | None = None, *, now: Now
) -> tuple[Stage, ...]:
    """Return the stages, in the order in which a request for help goes through them."""
    return (
        Stage(Wakeup.ADMIT, partial(admit_submissions, now=now)),
        Stage(
            Wakeup.OFFER,
            partial(offer_callbacks, relay, now=now),
            _load_next_callback_due_at,
        ),
        Stage(Wakeup.RELAY, relay.settle_and_dispatch, _load_next_order_due_at),
        *([Stage(Wakeup.TEXT, texts.dispatch_due_texts)] if texts else []),
    )


def admit_submissions(*, now: Now) -> bool:
    """Admit a batch of submissions; True if there may be more."""
    return processing.process_received_submissions(now=now) > 0


def offer_callbacks(relay: CallRelay, *, now: Now) -> bool:
    """Offer several callbacks and take their orders, in one transaction; True if there may be more.

    Whoever is offered somebody is rung one commit sooner.
    """

    def offer(session: Session) -> list[CallAttempt]:
        attempts = callback_offers.offer_due_callbacks(
            session, OFFERS_PER_TRANSACTION, by_hand=relay.by_hand, now=now()
        )
        cancel_wakeup(session, Wakeup.RELAY)  # the orders are taken in this transaction
        return attempts

    try:
        return len(relay.dispatch_after(offer)) == OFFERS_PER_TRANSACTION
    except LostRace:
        return True


def _load_next_callback_due_at(since: datetime) -> datetime | None:
    with reader(one_query=True) as session:
        return due_order.next_callback_due_at(session, now=since)


def _load_next_order_due_at(since: datetime) -> datetime | None:
    with reader(one_query=True) as session:
        return call_orders.next_order_due_at(session, now=since)
