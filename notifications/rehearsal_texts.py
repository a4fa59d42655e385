"""Texts for rehearsals, without an account: they arrive, and now and then somebody replies."""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime

from leads.commands import demo_data
from leads.database.transactions import transaction
from leads.messaging import inbound_texts, text_delivery
from leads.messaging.inbound_texts import TextDelivery
from leads.messaging.missed_texts import ListedText
from leads.messaging.text_delivery import TextReport
from leads.models.enums import TextFault, TextStatus
from leads.outbox.text_orders import TextOrder

REPLIES = {
    "": 20,  # nothing, so often in a hundred
    "ok thank you": 30,
    "can you call me after 5?": 20,
    "please call me": 15,
    "gracias": 10,
    "who is this?": 5,
}
SHARE_TO_LANDLINES = 0.04


class RehearsalTexts:
    """Plays what becomes of each text in a thread of its own, through the webhooks' verbs."""

    def __init__(self, *, now: Callable[[], datetime], pace: float = 1.0) -> None:
        self._now, self._pace = now, pace
        self._random = random.Random()  # noqa: S311 - theatre

    def send_text(self, order: TextOrder) -> TextReport:
        """Take a text, and begin to play what becomes of it."""
        message_id = "rehearsal-" + secrets.token_hex(8)
        play = threading.Thread(
            target=self._play, args=(order, message_id), name="rehearsal", daemon=True
        )
        play.start()
        return TextReport(message_id, TextStatus.QUEUED)

    def find_texts(self, order: TextOrder) -> list[TextReport]:  # noqa: ARG002 - the protocol's
        """Return nothing: no text is ever in doubt here."""
        return []

    def fetch_text(self, message_id: str) -> TextReport | None:  # noqa: ARG002 - the protocol's
        """Return nothing: what was not played to its end is forgotten."""
        return None

    def list_received_texts(
        self,
        number: str,  # noqa: ARG002 - the protocol's
        since: datetime,  # noqa: ARG002 - the protocol's
    ) -> list[ListedText]:
        """Return nothing: a reply is played only to a desk that is here."""
        return []

    def _play(self, order: TextOrder, message_id: str) -> None:
        self._wait(1, 2)
        self._report(order, TextReport(message_id, TextStatus.SENT))
        self._wait(1, 4)
        if self._random.random() < SHARE_TO_LANDLINES:
            fault = TextReport(message_id, TextStatus.UNDELIVERED, fault=TextFault.LANDLINE)
            self._report(order, fault)
            return
        self._report(order, TextReport(message_id, TextStatus.DELIVERED))
        [reply] = self._random.choices(list(REPLIES), list(REPLIES.values()))
        if reply and not order.number.startswith(demo_data.HELD_NUMBERS):  # whose text is to come
            self._wait(5, 20)
            with transaction() as session:
                inbound_texts.receive_text_message(
                    session,
                    order.number,
                    reply,
                    message_id=f"{message_id}-reply",
                    now=self._now(),
                    beside=TextDelivery(to=order.caller_id),
                )

    def _report(self, order: TextOrder, report: TextReport) -> None:
        with transaction() as session:
            text_delivery.apply_text_report(session, order.text_id, report, now=self._now())

    def _wait(self, least: float, most: float) -> None:
        time.sleep(self._random.uniform(least, most) * self._pace)
