"""The phone network behind Twilio's API."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from twilio.base.exceptions import TwilioRestException

from leads.calls.legs import TERMINAL_LEG_STATUSES, SilentAttempt
from leads.calls.unheard_calls import ListedCall
from leads.config.settings import Settings, TwilioCredentials
from leads.errors import FailureKind, TelephonyError
from leads.helplines.call_presets import spell_keys
from leads.i18n.messages import Message, MessageKey
from leads.models.enums import LegStatus, Party
from leads.outbox.call_orders import CallerOnLine, CallOrder, LegOrder
from notifications.telephony import FetchedLeg
from notifications.twilio import error_codes, twiml
from notifications.twilio.caller_numbers import shown_number
from notifications.twilio.client import (
    INBOUND,
    PAGE_SIZE,
    TIMEOUT,
    build_twilio_client,
    translate_twilio_errors,
)
from notifications.twilio.twiml import STATUS_OVERRIDES, TWIML_OVERRIDES

STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]
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

    def dial_leg(self, order: CallOrder) -> str:
        """Create the leg of whoever joins the conference; returns its call id.

        The document that joins a lead goes with the request: whoever answers hears the advisor, and
        never a machine of ours. For anybody else it is asked for once they answer: so we know at
        once that somebody is there, whatever news is late or lost.
        """
        leg = _require_leg(order)
        hook, is_lead = self._hook(order), leg.party == Party.LEAD
        step = f"{hook}/{_leg_step(leg)}"
        more: dict[str, Any] = {}
        if leg.keys:
            more = {"send_digits": spell_keys(leg.keys)}
        elif is_lead:
            more = _machine_detection(f"{hook}/machine")
        if is_lead:
            more["twiml"] = twiml.join_conference_twiml(order.attempt_id, leg, hook=hook)
        else:
            more["url"] = f"{step}/offer{TWIML_OVERRIDES}"
            more["fallback_url"] = f"{step}/sorry{TWIML_OVERRIDES}"
        return self._create_call(
            order,
            status_callback=f"{step}{STATUS_OVERRIDES}",
            status_callback_event=STATUS_EVENTS,
            **more,
        )

    def change_leg(self, order: CallOrder) -> None:
        """Tell the conference how a leg stands now: on hold, muted, heard by whom.

        The id that is remembered may be an earlier conference's: then the one that goes on is found
        by its name.
        """
        leg = _require_leg(order)
        if not leg.provider_call_id:
            return
        with translate_twilio_errors(), _ignore_what_is_over():
            try:
                self._update_participant(order, leg)
            except TwilioRestException as error:
                if error.status != HTTPStatus.NOT_FOUND or order.conference_id is None:
                    raise
                self._update_participant(replace(order, conference_id=None), leg)

    def _update_participant(self, order: CallOrder, leg: LegOrder) -> None:
        more: dict[str, Any] = {"coaching": False}
        if leg.coached_call_id:
            more = {"coaching": True, "call_sid_to_coach": leg.coached_call_id}
        if leg.is_told_alone:
            more |= {"announce_url": f"{self._hook(order)}/back", "announce_method": "POST"}
        sound = twiml.RINGING_SOUND_PATH if leg.hears_ringing else twiml.HOLD_SOUND_PATH
        self._conference(order).participants(leg.provider_call_id).update(
            hold=leg.is_on_hold,
            hold_url=f"{self._public_url}{sound}",
            hold_method="POST",
            muted=leg.is_muted,
            end_conference_on_exit=leg.ends_call,
            **more,
        )

    def leave_call(self, order: CallOrder) -> None:
        """Take from a leg that the conference ends with it, and then hang it up."""
        self.change_leg(order)
        for call_id in order.calls_to_hang_up:
            self.hang_up(call_id)

    def return_advisor(self, order: CallOrder) -> None:
        """Let the advisor's call go on with what came of the lead's."""
        leg = _require_leg(order)
        if not leg.provider_call_id:
            return
        with translate_twilio_errors(), _ignore_what_is_over():
            self._client.calls(leg.provider_call_id).update(
                url=f"{self._hook(order)}/ended{TWIML_OVERRIDES}", method="POST"
            )

    def join_caller(self, order: CallOrder) -> None:
        """Let the call that came in go on within the conference; its document goes with it."""
        leg, caller = _require_leg(order), _require_caller(order)
        document = twiml.join_caller_twiml(
            order.attempt_id,
            leg,
            hook=self._hook(order),
            wait_url=f"{self._public_url}{twiml.HOLD_SOUND_PATH}",
            left_url=f"{self._caller_hook(caller)}/wait{TWIML_OVERRIDES}",
        )
        with translate_twilio_errors():
            try:
                self._client.calls(caller.provider_call_id).update(twiml=document)
            except TwilioRestException as error:
                if not _is_about_what_is_over(error):
                    raise
                status = self.fetch_status(caller.provider_call_id)
                is_gone = status is None or status in TERMINAL_LEG_STATUSES
                # else Twilio has not yet read what we answered as they rang
                key = MessageKey.CALLER_GONE if is_gone else MessageKey.CONFERENCE_NOT_FOUND
                raise TelephonyError(Message(key), permanent=is_gone) from None

    def return_caller(self, order: CallOrder) -> None:
        """Let the call that came in go on where it waits; one that is over is left alone."""
        caller = _require_caller(order)
        with translate_twilio_errors(), _ignore_what_is_over():
            self._client.calls(caller.provider_call_id).update(
                url=f"{self._caller_hook(caller)}/wait{TWIML_OVERRIDES}", method="POST"
            )

    def fetch_status(self, provider_call_id: str) -> LegStatus | None:
        """Return how Twilio has a call now; None if it does not know it."""
        with translate_twilio_errors():
            try:
                return LegStatus(self._client.calls(provider_call_id).fetch().status)
            except TwilioRestException as error:
                if error.status == HTTPStatus.NOT_FOUND:
                    return None
                raise

    def ask_outcome(self, order: CallOrder) -> None:
        """Ring the advisor about a call that is over; nothing hangs on whether they answer."""
        self._ring_advisor(order, "ask")

    def _ring_advisor(self, order: CallOrder, step: str, **reports: Any) -> str:
        return self._create_call(
            order,
            url=f"{self._hook(order)}/{step}{TWIML_OVERRIDES}",
            fallback_url=f"{self._hook(order)}/sorry{TWIML_OVERRIDES}",
            **reports,
        )

    def _create_call(self, order: CallOrder, **what: Any) -> str:
        caller_id = order.caller_id or self._caller_id
        if not caller_id:
            raise TelephonyError(
                Message(MessageKey.NO_CALLER_ID), failure=FailureKind.CONFIGURATION
            )
        if not order.number:
            raise TelephonyError(
                Message(MessageKey.ADVISOR_WITHOUT_PHONE), permanent=True, failure=FailureKind.OURS
            )
        with translate_twilio_errors():
            call = self._client.calls.create(
                to=order.number, from_=caller_id, timeout=self._ring_seconds, **what
            )
            return str(call.sid)

    def _hook(self, order: CallOrder) -> str:
        return f"{self._public_url}/hooks/voice/{order.attempt_id}"

    def _caller_hook(self, caller: CallerOnLine) -> str:
        return f"{self._public_url}/hooks/voice/inbound/{caller.inbound_call_id}"

    def _conference(self, order: CallOrder) -> Any:
        """Return the conference of an attempt; by its name, until a webhook has told its id."""
        if order.conference_id:
            return self._client.conferences(order.conference_id)
        named = self._client.conferences.list(
            friendly_name=order.attempt_id, status="in-progress", limit=1
        )
        if not named:
            raise TelephonyError(Message(MessageKey.CONFERENCE_NOT_FOUND))
        return self._client.conferences(named[0].sid)

    def hang_up(self, provider_call_id: str) -> None:
        """Complete the call, or cancel it while it rings; a call that is over is left alone."""
        with translate_twilio_errors(), _ignore_what_is_over():
            self._client.calls(provider_call_id).update(status="completed")

    def find_calls(self, order: CallOrder) -> list[str]:
        """Return the ids of calls to an order's number that were created since its request.

        They are not filtered by start: a queued call has not started. For the order to join a
        caller it is their own call, where it is in the conference.
        """
        if order.caller:
            return self._find_participant(order.attempt_id, order.caller.provider_call_id)
        since = order.requested_at - CLOCK_SLACK
        with translate_twilio_errors():
            return [
                str(call.sid)
                for call in self._client.calls.list(to=order.number, limit=50)
                if call.direction == "outbound-api"
                and (call.date_created is None or call.date_created >= since)
            ]

    def _find_participant(self, attempt_id: str, call_id: str) -> list[str]:
        with translate_twilio_errors():
            going_on = self._client.conferences.list(
                friendly_name=attempt_id, status="in-progress", limit=1
            )
            try:
                return [
                    str(conference.participants(call_id).fetch().call_sid)
                    for conference in going_on
                ]
            except TwilioRestException as error:
                if error.status == HTTPStatus.NOT_FOUND:
                    return []
                raise

    def fetch_legs(self, silent: SilentAttempt) -> list[FetchedLeg] | None:
        """Return the attempt's legs as Twilio has them now; None if it knows none of them."""
        fetched = []
        for leg in silent.legs:
            with translate_twilio_errors():
                try:
                    call = self._client.calls(leg.provider_call_id).fetch()
                except TwilioRestException as error:
                    if error.status == HTTPStatus.NOT_FOUND:
                        continue
                    raise
                seconds = int(call.duration or 0)
                fetched.append(FetchedLeg(leg, LegStatus(call.status), seconds, call.end_time))
        return fetched or None

    def list_received_calls(self, number: str, since: datetime) -> list[ListedCall]:
        """Return who called a number of ours, as Twilio lists it: the newest first."""
        with translate_twilio_errors():
            return [
                _listed_call(call, number, call.start_time or call.date_created or since)
                for call in self._client.calls.stream(
                    to=number, start_time_after=since, page_size=PAGE_SIZE
                )
                if call.direction == INBOUND
            ]


def _listed_call(call: Any, number: str, rang_at: datetime) -> ListedCall:
    """Return a call of Twilio's list; one that was never answered may have no end."""
    is_over = call.status in TERMINAL_LEG_STATUSES
    ended_at = (call.end_time or rang_at) if is_over else None
    caller = shown_number(call._from or "")  # noqa: SLF001 - the library calls it so
    return ListedCall(call.sid, caller, number, rang_at, ended_at)


def _require_leg(order: CallOrder) -> LegOrder:
    if order.leg is None:
        msg = f"an order of the kind {order.kind} without its leg"
        raise ValueError(msg)
    return order.leg


def _require_caller(order: CallOrder) -> CallerOnLine:
    if order.caller is None:
        msg = f"an order of the kind {order.kind} without a caller"
        raise ValueError(msg)
    return order.caller


def _leg_step(leg: LegOrder) -> str:
    """Return where Twilio reports a leg: the lead's is known by the attempt alone."""
    return "leg" if leg.party == Party.LEAD else f"party/{leg.leg_id}"


def _machine_detection(address: str) -> dict[str, Any]:
    """Return what lets Twilio listen, beside the talk, whether a machine has answered."""
    return {
        "machine_detection": "Enable",
        "async_amd": "true",
        "async_amd_status_callback": f"{address}{STATUS_OVERRIDES}",
        "async_amd_status_callback_method": "POST",
    }


@contextlib.contextmanager
def _ignore_what_is_over() -> Iterator[None]:
    """Take it as done where Twilio says that the call or the participant is gone."""
    try:
        yield
    except TwilioRestException as error:
        if not _is_about_what_is_over(error):
            raise


def _is_about_what_is_over(error: TwilioRestException) -> bool:
    return error.code in error_codes.OVER_CODES or error.status == HTTPStatus.NOT_FOUND


def build_twilio_phone(settings: Settings) -> TwilioPhone:
    """Return the phone that the settings describe."""
    if settings.twilio is None:
        msg = "settings without Twilio credentials"
        raise ValueError(msg)
    return TwilioPhone(
        settings.twilio, public_url=settings.public_url, ring_seconds=settings.ring_seconds
    )
