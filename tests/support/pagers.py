"""The telephone that pages a supervisor, in front of the phone network's double."""

from __future__ import annotations

from leads.config.settings import TwilioCredentials
from notifications.twilio.pager import TwilioPager
from tests.support.twilio_double import SID, TOKEN, TwilioDouble

URL = "https://desk.example.org"


def pager(twilio: TwilioDouble) -> TwilioPager:
    return TwilioPager(
        TwilioCredentials(SID, (TOKEN,), twilio.url),
        public_url=URL,
        timeout=twilio.client_timeout(),
    )
