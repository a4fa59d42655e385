"""Whether calls and texts to the helplines' numbers come to us, and setting it where it is asked.

Setting an address twice is the same as once: nothing here rings or writes to anybody.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from leads.config.settings import Settings, TwilioCredentials
from leads.database.transactions import reader, transaction
from leads.errors import TelephonyError
from leads.helplines import phone_settings
from leads.i18n.messages import Message, MessageKey
from notifications.twilio.client import build_twilio_client, translate_twilio_errors
from notifications.twilio.inbound_webhooks import RINGING_PATH, SORRY_PATH, STATUS_PATH
from notifications.twilio.twiml import STATUS_OVERRIDES, TWIML_OVERRIDES

log = logging.getLogger(__name__)

CHECKED_EVERY = timedelta(minutes=15)
TEXTS_PATH = "/hooks/sms/inbound"


class NumberPointer:
    """Looks at the account's numbers, and points them to us."""

    def __init__(
        self, twilio: TwilioCredentials, *, public_url: str, now: Callable[[], datetime]
    ) -> None:
        self._client, self._public_url, self._now = build_twilio_client(twilio), public_url, now

    def check_and_point(self) -> None:
        """Set the numbers that somebody asked for, and look at those not looked at of late."""
        now = self._now()
        with reader() as session:
            asked, stale = phone_settings.list_numbers_to_check(
                session, checked_before=now - CHECKED_EVERY
            )
            wanted = [line.phone for line in asked]
        for number in dict.fromkeys([*wanted, *stale]):
            self._look_at(number, is_to_be_set=number in wanted)

    def _look_at(self, number: str, *, is_to_be_set: bool) -> None:
        points_to_us: bool | None = None
        problem: str = ""
        try:
            points_to_us = self._read_or_set(number, is_to_be_set=is_to_be_set)
        except TelephonyError as error:
            log.warning("%s Looked at a helpline's number.", error)
            problem = error.sentence
        if points_to_us is None and not problem:
            problem = Message(MessageKey.NUMBER_NOT_IN_ACCOUNT)
        with transaction() as session:
            phone_settings.record_number_check(
                session, number, points_to_us=points_to_us, problem=problem, now=self._now()
            )

    def _read_or_set(self, number: str, *, is_to_be_set: bool) -> bool | None:
        """Return whether a number points to us, after setting it where asked; None if not found."""
        with translate_twilio_errors():
            listed = self._client.incoming_phone_numbers.list(phone_number=number, limit=1)
            if not listed:
                return None
            addresses = self._addresses()
            if is_to_be_set:
                self._client.incoming_phone_numbers(listed[0].sid).update(**addresses)
                return True
            return _is_same_address(listed[0], addresses)

    def _addresses(self) -> Mapping[str, str]:
        return {
            "voice_url": f"{self._public_url}{RINGING_PATH}{TWIML_OVERRIDES}",
            "voice_method": "POST",
            "voice_fallback_url": f"{self._public_url}{SORRY_PATH}",
            "voice_fallback_method": "POST",
            "status_callback": f"{self._public_url}{STATUS_PATH}{STATUS_OVERRIDES}",
            "status_callback_method": "POST",
            "sms_url": f"{self._public_url}{TEXTS_PATH}{TWIML_OVERRIDES}",
            "sms_method": "POST",
        }


def _is_same_address(number: Any, addresses: Mapping[str, str]) -> bool:
    """Whether a number's addresses are ours, whatever the overrides behind them."""
    return all(
        (getattr(number, name) or "").split("#")[0] == addresses[name].split("#")[0]
        for name in ("voice_url", "status_callback", "sms_url")
    )


def build_number_pointer(
    settings: Settings, *, now: Callable[[], datetime]
) -> NumberPointer | None:
    """Return what points numbers to us; None where there is no account."""
    if settings.twilio is None:
        return None
    return NumberPointer(settings.twilio, public_url=settings.public_url, now=now)
