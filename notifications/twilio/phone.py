"""The phone network behind Twilio's API."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from twilio.base.exceptions import TwilioRestException

from leads.calls.legs import LegStatus, SilentAttempt
from leads.config.settings import Settings, TwilioCredentials
from leads.errors import FailureKind, TelephonyError
from leads.i18n.messages import Message, MessageKey
from leads.models.enums import Party
from leads.outbox.call_orders import CallOrder
from notifications.telephony import FetchedLeg
from notifications.twilio.client import TIMEOUT, build_twilio_client, translate_twilio_errors

STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]

TWIML_OVERRIDES = (
    "#rc=1&rp=ct,rt,5xx&ct=2000&rt=6000"  # Twilio's connection overrides; a fragment is never sent
)

STATUS_OVERRIDES = "#rc=3&rp=ct,rt,5xx&ct=2000&rt=4000"

CLOCK_SLACK = timedelta(seconds=5)


class TwilioPhone:
    """Rings over Twilio's REST API. Its webhooks find us at `public_url`."""

    def __init__(
        self,
        twilio: TwilioCredentials,
        *,
        public_url: str,
        ring_seconds: int,
        timeout: float = TIMEOUT,
    ) -> None:
        self._client = build_twilio_client(twilio, timeout)
        self._caller_id, self._public_url, self._ring_seconds = (
            twilio.caller_id,
            public_url,
            ring_seconds,
        )

    def place_call(self, order: CallOrder) -> str:
        """Create the advisor's leg; returns its call id.

        The addresses of its webhooks carry the attempt, so that the first webhook heals a lost
        answer.
        """
        status = f"{self._hook(order)}/status{STATUS_OVERRIDES}"
        return self._ring_advisor(
            order, "offer", status_callback=status, status_callback_event=STATUS_EVENTS
        )

    def ask_outcome(self, order: CallOrder) -> None:
        """Ring the advisor about a call that is over; nothing hangs on whether they answer."""
        self._ring_advisor(order, "ask")

    def _ring_advisor(self, order: CallOrder, step: str, **reports: Any) -> str:
        caller_id = order.caller_id or self._caller_id
        if not caller_id:
            raise TelephonyError(
                Message(MessageKey.NO_CALLER_ID), failure=FailureKind.CONFIGURATION
            )
        if not order.advisor_phone:
            raise TelephonyError(
                Message(MessageKey.ADVISOR_WITHOUT_PHONE), permanent=True, failure=FailureKind.OURS
            )
        with translate_twilio_errors():
            call = self._client.calls.create(
                to=order.advisor_phone,
                from_=caller_id,
                url=f"{self._hook(order)}/{step}{TWIML_OVERRIDES}",
                fallback_url=f"{self._hook(order)}/sorry{TWIML_OVERRIDES}",
                timeout=self._ring_seconds,
                **reports,
            )
            return str(call.sid)

    def _hook(self, order: CallOrder) -> str:
        return f"{self._public_url}/hooks/voice/{order.attempt_id}"

    def hang_up(self, provider_call_id: str) -> None:
        """Complete the call, or cancel it while it rings."""
        with translate_twilio_errors():
            self._client.calls(provider_call_id).update(status="completed")

    def find_calls(self, order: CallOrder) -> list[str]:
        """Return the ids of calls to the advisor that were created since the order's request.

        They are not filtered by start: a queued call has not started.
        """
        since = order.requested_at - CLOCK_SLACK
        with translate_twilio_errors():
            return [
                str(call.sid)
                for call in self._client.calls.list(to=order.advisor_phone, limit=50)
                if call.direction == "outbound-api"
                and (call.date_created is None or call.date_created >= since)
            ]

    def fetch_legs(self, silent: SilentAttempt) -> list[FetchedLeg] | None:
        """Return the lead's leg, if there is one, and the advisor's, as Twilio has them now."""
        if silent.provider_call_id is None:
            return None
        with translate_twilio_errors():
            try:
                parent = self._client.calls(silent.provider_call_id).fetch()
            except TwilioRestException as error:
                if error.status == HTTPStatus.NOT_FOUND:
                    return None
                raise
            children = self._client.calls.list(parent_call_sid=silent.provider_call_id, limit=2)
        # The lead's leg first: it tells more than the advisor's when both have ended.
        lead_legs = [
            FetchedLeg(Party.LEAD, str(child.sid), LegStatus(child.status)) for child in children
        ]
        return [*lead_legs, FetchedLeg(Party.ADVISOR, str(parent.sid), LegStatus(parent.status))]


def build_twilio_phone(settings: Settings) -> TwilioPhone:
    """Return the phone that the settings describe."""
    if settings.twilio is None:
        msg = "settings without Twilio credentials"
        raise ValueError(msg)
    return TwilioPhone(
        settings.twilio, public_url=settings.public_url, ring_seconds=settings.ring_seconds
    )
