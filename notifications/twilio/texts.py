"""Texts to leads over Twilio's REST API."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus

from twilio.base.exceptions import TwilioRestException

from leads.config.settings import Settings, TwilioCredentials
from leads.errors import FailureKind, TelephonyError
from leads.messaging.missed_texts import ListedText
from leads.messaging.text_delivery import TextReport
from leads.outbox.text_orders import TextOrder
from notifications.twilio.client import (
    INBOUND,
    PAGE_SIZE,
    TIMEOUT,
    build_twilio_client,
    translate_twilio_errors,
)
from notifications.twilio.error_codes import (
    OUR_TEXT_FAULTS,
    PASSING_TEXT_CODES,
    TEXT_FAULT_BY_CODE,
)
from notifications.twilio.text_news import read_what_came_beside, report_of
from notifications.twilio.twiml import STATUS_OVERRIDES

log = logging.getLogger(__name__)

CLOCK_SLACK = timedelta(seconds=5)
VALID_FOR = 4 * 3600  # seconds: what is stuck at a carrier longer is not delivered at night
MOST_LISTED = 50


class TwilioTexts:
    """Texts over Twilio. The address of a text's status webhook has its id, and nothing else."""

    def __init__(
        self, twilio: TwilioCredentials, *, public_url: str, timeout: float = TIMEOUT
    ) -> None:
        self._client, self._public_url = build_twilio_client(twilio, timeout), public_url

    def send_text(self, order: TextOrder) -> TextReport:
        """Hand a text to Twilio."""
        with _translate_text_errors():
            made = self._client.messages.create(
                to=order.number,
                from_=order.caller_id,
                body=order.body,
                status_callback=f"{self._public_url}/hooks/sms/{order.text_id}/status"
                + STATUS_OVERRIDES,
                validity_period=VALID_FOR,
            )
        return report_of(
            made.sid, str(made.status), error_code=made.error_code, parts=made.num_segments
        )

    def find_texts(self, order: TextOrder) -> list[TextReport]:
        """Return the texts that may be an order's, newest first, as Twilio has them now.

        They are not filtered by when they were sent: a queued one was not.
        """
        since = order.ordered_at - CLOCK_SLACK
        with _translate_text_errors():
            listed = self._client.messages.list(
                to=order.number, from_=order.caller_id, limit=MOST_LISTED
            )
        return [
            report_of(one.sid, str(one.status), error_code=one.error_code, parts=one.num_segments)
            for one in listed
            if one.body == order.body and (one.date_created is None or one.date_created >= since)
        ]

    def fetch_text(self, message_id: str) -> TextReport | None:
        """Return how Twilio has a text now; None if it does not know it."""
        with _translate_text_errors():
            try:
                one = self._client.messages(message_id).fetch()
            except TwilioRestException as error:
                if error.status == HTTPStatus.NOT_FOUND:
                    return None
                raise
        return report_of(
            message_id, str(one.status), error_code=one.error_code, parts=one.num_segments
        )

    def list_received_texts(self, number: str, since: datetime) -> list[ListedText]:
        """Return what people texted to a number of ours, as Twilio lists it: the newest first."""
        with _translate_text_errors():
            return [
                ListedText(
                    one.sid,
                    one.from_,
                    one.body or "",
                    one.date_created or since,
                    read_what_came_beside(
                        {"To": number, "Body": one.body or "", "NumMedia": str(one.num_media)}
                    ),
                )
                for one in self._client.messages.stream(
                    to=number, date_sent_after=since, page_size=PAGE_SIZE
                )
                if one.direction == INBOUND
            ]


@contextlib.contextmanager
def _translate_text_errors() -> Iterator[None]:
    """Raise TelephonyError for every way to fail, with what it means for a text."""
    try:
        with translate_twilio_errors():
            yield
    except TelephonyError as error:
        fault = TEXT_FAULT_BY_CODE.get(error.code)
        raise TelephonyError(
            error.sentence,
            permanent=fault is not None and error.code not in PASSING_TEXT_CODES,
            unknown=error.unknown,
            failure=FailureKind.CONFIGURATION if fault in OUR_TEXT_FAULTS else error.failure,
            fault=fault or "",
            code=error.code,
        ) from None


def build_twilio_texts(settings: Settings) -> TwilioTexts:
    """Return the network for texts that the settings describe."""
    if settings.twilio is None:
        msg = "settings without Twilio credentials"
        raise ValueError(msg)
    return TwilioTexts(settings.twilio, public_url=settings.public_url)
