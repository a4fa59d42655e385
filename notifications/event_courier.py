"""Event courier: takes events to the destinations, each on a lane of its own.

No call and no other destination waits for one that is slow, and no transaction is open meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial

from leads.database.transactions import reader, transaction
from leads.models.enums import OutboxState
from leads.outbox import event_orders, orders
from leads.outbox.event_orders import EventOrder
from notifications.event_sender import EventSender, UndeliveredError

log = logging.getLogger(__name__)

LANES = 8


class EventCourier:
    """Orders what has happened, and sends what is due."""

    def __init__(self, sender: EventSender, *, now: Callable[[], datetime]) -> None:
        self._sender, self._now = sender, now
        self._pool = ThreadPoolExecutor(LANES, thread_name_prefix="events")
        self._busy: dict[int, Future[None]] = {}
        self._is_closed = threading.Event()

    def dispatch_due_events(self) -> None:
        """Order what is new, and begin to send to every destination that waits for something.

        One thread at a time may call this.
        """
        now = self._now()
        with reader(one_query=True) as session:
            if not event_orders.has_destinations(session):
                return
        with transaction() as session:
            event_orders.order_new_events(session, now=now)
            due = event_orders.list_destinations_with_due_events(session, now=now)
        self._busy = {place: lane for place, lane in self._busy.items() if not lane.done()}
        for destination_id in due:
            if destination_id not in self._busy and not self._is_closed.is_set():
                lane = self._pool.submit(self._send_all_due, destination_id)
                lane.add_done_callback(partial(_log_lane_failure, destination_id))
                self._busy[destination_id] = lane

    def wait_until_idle(self) -> None:
        """Return when every lane has sent what was due."""
        for lane in list(self._busy.values()):
            lane.exception()

    def close(self) -> None:
        """End after what is being sent."""
        self._is_closed.set()
        self._pool.shutdown(wait=True)

    def _send_all_due(self, destination_id: int) -> None:
        """Send one event after the other until none is due, or one is not taken."""
        while not self._is_closed.is_set():
            with transaction() as session:
                order = event_orders.take_due_event(session, destination_id, now=self._now())
            if order is None or not self._send_one(order):
                return

    def _send_one(self, order: EventOrder) -> bool:
        """Send an event and record what came of it; False if it was not taken."""
        try:
            self._sender.send_event(order, now=self._now())
        except UndeliveredError as error:
            log.warning("%s Event %s, destination %s.", error, order.id, order.destination_id)
            self._settle_undelivered(order, error)
            return False
        with transaction() as session:
            orders.mark_orders_sent(session, order.id, now=self._now())
        return True

    def _settle_undelivered(self, order: EventOrder, error: UndeliveredError) -> None:
        now = self._now()
        with transaction() as session:
            if error.is_gone:
                event_orders.stop_gone_destination(session, order.destination_id, now=now)
            state = event_orders.settle_failed_event(
                session, order, error.cause, wait=error.wait, now=now
            )
        if state == OutboxState.FAILED:
            log.error("Event %s is given up until somebody sends it again.", order.id)


def _log_lane_failure(destination_id: int, lane: Future[None]) -> None:
    if error := lane.exception():
        # The order stays marked as being sent; it is sent again once that is too long ago.
        log.error("Sending events to destination %s failed.", destination_id, exc_info=error)
