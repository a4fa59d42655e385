"""The phone network behind one protocol: Twilio, or a log where there is no account."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol

from twilio.base.exceptions import TwilioRestException

from leads.calls.legs import LegStatus, Silent
from leads.config.settings import Settings, Twilio
from leads.errors import TelephonyError
from leads.i18n.translatable import Phrase
from leads.models.words import AttemptState, Party
from leads.outbox.call_orders import BY_HAND, Order
from notifications.twilio_http import TIMEOUT, client_of, translated

log = logging.getLogger(__name__)

EVENTS = ["initiated", "ringing", "answered", "completed"]
FOR_TWIML = "#rc=1&rp=ct,rt,5xx&ct=2000&rt=6000"  # Twilio's connection overrides; a fragment is never sent
FOR_STATUS = "#rc=3&rp=ct,rt,5xx&ct=2000&rt=4000"
CLOCK_SLACK = timedelta(seconds=5)
ANSWER_BY_HAND = timedelta(minutes=2)
TALK_BY_HAND = timedelta(hours=1)


@dataclass(frozen=True)
class Leg:
    """One leg of a call as the network has it now."""

    party: Party
    provider_call_id: str
    status: LegStatus


class Phone(Protocol):
    """Rings advisors. Every method raises TelephonyError and nothing else, and knows no transaction."""

    def place_call(self, order: Order) -> str:
        """Ring the advisor about an attempt; returns the network's id of the call. Never repeat an unknown outcome."""

    def hang_up(self, provider_call_id: str) -> None:
        """End a call, whether it rings or is under way. Idempotent."""

    def find(self, order: Order) -> list[str]:
        """Return the ids of calls that may be the order's, newest first."""

    def legs(self, silent: Silent) -> list[Leg] | None:
        """Return how a call stands that nothing was heard of; None if the network does not know it."""


class TwilioPhone:
    """Rings over Twilio's REST API. Its webhooks find us at `public_url`."""

    def __init__(self, twilio: Twilio, *, public_url: str, ring_seconds: int, timeout: float = TIMEOUT) -> None:
        self._client = client_of(twilio, timeout)
        self._caller_id, self._public_url, self._ring_seconds = twilio.caller_id, public_url, ring_seconds

    def place_call(self, order: Order) -> str:
        """Create the advisor's leg. Its addresses carry the attempt, so that the first webhook heals a lost answer."""
        caller_id = order.caller_id or self._caller_id
        if not caller_id:
            msg = Phrase(
                "The helpline has no caller ID: set one with `python -m leads brand add NAME --caller-id +1…`."
            )
            raise TelephonyError(msg)
        if not order.advisor_phone:
            msg = Phrase("This advisor has no phone number.")
            raise TelephonyError(msg, permanent=True)
        hook = f"{self._public_url}/hooks/voice/{order.attempt_id}"
        with translated():
            call = self._client.calls.create(
                to=order.advisor_phone,
                from_=caller_id,
                url=f"{hook}/offer{FOR_TWIML}",
                fallback_url=f"{hook}/sorry{FOR_TWIML}",
                status_callback=f"{hook}/status{FOR_STATUS}",
                status_callback_event=EVENTS,
                timeout=self._ring_seconds,
            )
            return str(call.sid)

    def hang_up(self, provider_call_id: str) -> None:
        """Complete the call, or cancel it while it rings."""
        with translated():
            self._client.calls(provider_call_id).update(status="completed")

    def find(self, order: Order) -> list[str]:
        """List calls to the advisor since the request. Not filtered by start: a queued call has not started."""
        since = order.requested_at - CLOCK_SLACK
        with translated():
            return [
                str(call.sid)
                for call in self._client.calls.list(to=order.advisor_phone, limit=50)
                if call.direction == "outbound-api" and (call.date_created is None or call.date_created >= since)
            ]

    def legs(self, silent: Silent) -> list[Leg] | None:
        """Fetch the advisor's leg, and the lead's if there is one."""
        if silent.provider_call_id is None:
            return None
        with translated():
            try:
                parent = self._client.calls(silent.provider_call_id).fetch()
            except TwilioRestException as error:
                if error.status == HTTPStatus.NOT_FOUND:
                    return None
                raise
            children = self._client.calls.list(parent_call_sid=silent.provider_call_id, limit=2)
        # The lead's leg first: it tells more than the advisor's when both have ended.
        told = [Leg(Party.LEAD, str(child.sid), LegStatus(child.status)) for child in children]
        return [*told, Leg(Party.ADVISOR, str(parent.sid), LegStatus(parent.status))]


class LogPhone:
    """Rings nobody: writes who should ring, and the advisor rings by hand with the desk's help."""

    def place_call(self, order: Order) -> str:
        """Write down whose turn it is. No name and no number: a log is read by many."""
        log.warning("Advisor %s should ring a callback by hand; the desk shows whom.", order.advisor_id)
        return BY_HAND + order.attempt_id

    def hang_up(self, provider_call_id: str) -> None:
        """Write it down."""
        log.warning("The call %s was called off; if it is under way, end it.", provider_call_id)

    def find(self, order: Order) -> list[str]:
        """There is only one."""
        return [BY_HAND + order.attempt_id]

    def legs(self, silent: Silent) -> list[Leg] | None:
        """An advisor who does not take the offer in time has missed it."""
        call_id = silent.provider_call_id or ""
        if silent.state == AttemptState.RINGING_ADVISOR and silent.age > ANSWER_BY_HAND:
            return [Leg(Party.ADVISOR, call_id, LegStatus.NO_ANSWER)]
        return None if silent.age > TALK_BY_HAND else [Leg(Party.ADVISOR, call_id, LegStatus.IN_PROGRESS)]


def twilio_phone(settings: Settings) -> TwilioPhone:
    """Return the phone that the settings describe."""
    if settings.twilio is None:
        msg = "settings without Twilio credentials"
        raise ValueError(msg)
    return TwilioPhone(settings.twilio, public_url=settings.public_url, ring_seconds=settings.ring_seconds)
