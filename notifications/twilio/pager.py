"""Alerts by phone call and text, through Twilio."""

from __future__ import annotations

from leads.config.settings import TwilioCredentials
from leads.errors import FailureKind, TelephonyError
from leads.i18n.messages import Message, MessageKey
from notifications import messages
from notifications.letter import Letter
from notifications.twilio.client import TIMEOUT, build_twilio_client, translate_twilio_errors
from notifications.twilio.twiml import TWIML_OVERRIDES

RING_SECONDS = 30


class TwilioPager:
    """Texts and calls to supervisors over Twilio."""

    def __init__(
        self, twilio: TwilioCredentials, *, public_url: str, timeout: float = TIMEOUT
    ) -> None:
        self._client, self._caller_id = build_twilio_client(twilio, timeout), twilio.caller_id
        self._public_url = public_url

    def send_text(self, letter: Letter) -> None:
        """Text the supervisor."""
        with translate_twilio_errors():
            self._client.messages.create(
                to=letter.address, from_=self._caller_id_for(letter), body=letter.brief
            )

    def ring_supervisor(self, letter: Letter) -> None:
        """Ring the supervisor, say that the desk needs a look, and let a key acknowledge it."""
        action = f"{self._public_url}/hooks/alerts/{letter.notice_id}/pressed{TWIML_OVERRIDES}"
        twiml = (
            messages.trial_call_twiml(language=letter.language)
            if letter.is_test
            else messages.alert_call_twiml(action=action, language=letter.language)
        )
        with translate_twilio_errors():
            self._client.calls.create(
                to=letter.address,
                from_=self._caller_id_for(letter),
                twiml=twiml,
                timeout=RING_SECONDS,
            )

    def _caller_id_for(self, letter: Letter) -> str:
        number = letter.caller_id or self._caller_id
        if not number:
            raise TelephonyError(
                Message(MessageKey.NO_ALERT_CALLER_ID),
                permanent=True,
                failure=FailureKind.CONFIGURATION,
            )
        return str(number)
