"""The text relay: carries texts from the outbox to the network, each at most once.

No transaction is open while something is being sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import BoundedSemaphore

from leads.database.transactions import retry_transaction, transaction
from leads.database.wakeups import Wakeup, notify_listeners
from leads.errors import TelephonyError
from leads.messaging import text_delivery, unreported_texts
from leads.outbox.text_orders import TextOrder
from notifications.telephony import TextNetwork, require_fresh_order

log = logging.getLogger(__name__)

TEXTS_AT_ONCE = 4


class TextRelay:
    """Hands the texts that are due to the network, several at once."""

    def __init__(self, network: TextNetwork, *, now: Callable[[], datetime]) -> None:
        self.network, self._now = network, now
        self._pool = ThreadPoolExecutor(TEXTS_AT_ONCE, thread_name_prefix="texts")
        self._free = BoundedSemaphore(TEXTS_AT_ONCE)

    def dispatch_due_texts(self) -> None:
        """Take the texts that are due and give them to free workers.

        One that finds no worker waits for one: the relay is woken whenever a worker is done.
        """
        free = 0
        while free < TEXTS_AT_ONCE and self._free.acquire(blocking=False):
            free += 1
        taken: list[TextOrder] = []
        taken_at = self._now()
        try:
            if free:
                with transaction() as session:
                    taken = text_delivery.take_wanted_texts(session, free, now=self._now())
        finally:
            for _ in range(free - len(taken)):
                self._free.release()
        for order in taken:
            sending = self._pool.submit(self._send_and_settle, order, taken_at)
            sending.add_done_callback(self._release_worker)

    def search_lost_texts(self) -> None:
        """Ask the network what became of texts of which nobody knows whether they went out."""
        with transaction() as session:
            doubtful = text_delivery.take_doubtful_texts(session, now=self._now())
        for order in doubtful:
            try:
                found = self.network.find_texts(order)
            except TelephonyError as error:
                log.warning("%s Looked for the text %s.", error, order.text_id)
                found = None
            with transaction() as session:
                text_delivery.record_text_search(session, order, found, now=self._now())

    def ask_about_unreported_texts(self) -> None:
        """Ask the network what became of texts that it took and told us nothing more of."""
        with transaction() as session:
            unreported = unreported_texts.take_unreported_texts(session, now=self._now())
        for text in unreported:
            try:
                report = self.network.fetch_text(text.message_id)
            except TelephonyError as error:
                log.warning("%s Asked about the text %s.", error, text.text_id)
                continue
            with transaction() as session:
                unreported_texts.record_text_answer(session, text, report, now=self._now())

    def close(self) -> None:
        """Finish what is being sent, and take no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send_and_settle(self, order: TextOrder, taken_at: datetime) -> None:
        try:
            require_fresh_order(taken_at, now=self._now())
            report = self.network.send_text(order)
        except TelephonyError as error:
            log.warning("%s Text %s.", error, order.text_id)
            settle = partial(text_delivery.record_text_failure, order=order, error=error)
        else:
            settle = partial(text_delivery.record_text_handed, order=order, report=report)
        retry_transaction(lambda session: settle(session, now=self._now()))

    def _release_worker(self, future: Future[None]) -> None:
        self._free.release()
        notify_listeners(Wakeup.TEXT)
        if not future.cancelled() and (error := future.exception()):
            # The order stays marked as being sent; the search finds it there.
            log.error("The relay failed while it sent a text.", exc_info=error)
