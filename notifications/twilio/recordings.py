"""Recordings at Twilio: fetched with our credentials, and deleted there.

The address that Twilio names in its webhooks is never asked and never shown: on old accounts it
opens to anybody who has it. No redirect is followed: Twilio sends what it keeps by itself.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from http import HTTPStatus

import requests
from twilio.base.exceptions import TwilioRestException

from leads.config.settings import Settings, TwilioCredentials
from leads.errors import FailureKind, TelephonyError
from leads.i18n.messages import Message, MessageKey
from notifications.telephony import NamedRecording
from notifications.twilio import error_codes
from notifications.twilio.client import (
    TIMEOUT,
    TWILIO,
    build_twilio_client,
    translate_twilio_errors,
)

RECORDING_ID = re.compile(r"RE[0-9a-f]{32}")
LARGEST_RECORDING = 16 * 1024 * 1024  # bytes: far more than three minutes
CHUNK = 64 * 1024
SENDING_LASTS = 60.0  # seconds for all of a recording, however slowly it drips
READY = "completed"
NEVER_THERE = frozenset({"absent", "deleted", "failed"})


@dataclass(frozen=True)
class TwilioRecordings:
    """The recordings of one account."""

    twilio: TwilioCredentials
    sending_lasts: float = SENDING_LASTS

    def fetch_recording(self, recording_id: str) -> bytes:
        """Return what was recorded, as a WAV file."""
        account = f"/2010-04-01/Accounts/{self.twilio.account_sid}"
        address = f"{self.twilio.api_url or TWILIO}{account}/Recordings/{recording_id}.wav"
        try:
            with requests.get(
                address,
                auth=(self.twilio.account_sid, self.twilio.auth_tokens[0]),
                timeout=TIMEOUT,
                stream=True,
                allow_redirects=False,
            ) as answer:
                if answer.status_code != HTTPStatus.OK:
                    raise _fetch_error(answer.status_code)
                return _read_all(answer, self.sending_lasts)
        except requests.RequestException:
            raise TelephonyError(Message(MessageKey.TWILIO_UNREACHABLE)) from None

    def list_recordings(self, provider_call_id: str) -> list[NamedRecording]:
        """Return what Twilio has recorded of a call, also what it cannot give yet."""
        with translate_twilio_errors():
            client = build_twilio_client(self.twilio)
            return [
                NamedRecording(str(one.sid), int(one.duration or 0))
                for one in client.recordings.list(call_sid=provider_call_id, limit=20)
                if one.status not in NEVER_THERE
            ]

    def delete_recording(self, recording_id: str) -> None:
        """Let Twilio delete a recording; one that it does not have is deleted."""
        with translate_twilio_errors():
            try:
                build_twilio_client(self.twilio).recordings(recording_id).delete()
            except TwilioRestException as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise


def build_twilio_recordings(settings: Settings) -> TwilioRecordings:
    """Return the recordings of the account that the settings describe."""
    if settings.twilio is None:
        msg = "settings without Twilio credentials"
        raise ValueError(msg)
    return TwilioRecordings(settings.twilio)


def _fetch_error(status: int) -> TelephonyError:
    if status == HTTPStatus.NOT_FOUND:
        return TelephonyError(Message(MessageKey.RECORDING_NOT_FOUND))
    refused = status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    is_elsewhere = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    return TelephonyError(
        error_codes.problem_of_code(status),
        failure=FailureKind.CONFIGURATION if refused or is_elsewhere else FailureKind.NETWORK,
    )


def _read_all(answer: requests.Response, lasts: float) -> bytes:
    """Return what is sent, within so many seconds.

    Raises TelephonyError where it is too large, and RequestException where it is not all there.
    """
    content, is_over = bytearray(), threading.Event()

    def cut_off() -> None:
        is_over.set()
        answer.raw.shutdown()

    watch = threading.Timer(lasts, cut_off)
    watch.daemon = True
    watch.start()
    try:
        for chunk in answer.iter_content(CHUNK):
            content += chunk
            if len(content) > LARGEST_RECORDING:
                raise TelephonyError(Message(MessageKey.RECORDING_TOO_LARGE), permanent=True)
    finally:
        watch.cancel()
    if is_over.is_set():  # what was cut off may look like all of it
        raise requests.Timeout
    return bytes(content)
