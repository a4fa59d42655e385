"""What several answers to an advisor's phone say: goodbye, or the way into the conference."""

from __future__ import annotations

from leads.calls import offers, party_legs
from leads.i18n.translatable import Phrase
from leads.outbox.call_orders import LegOrder
from notifications.twilio import advisor_announcements, twiml
from notifications.twilio.signed_requests import TwilioRequest


def goodbye_document(hook: TwilioRequest, sentence: Phrase) -> str:
    """Return the document that says a sentence, and hangs up."""
    return advisor_announcements.goodbye_twiml(sentence, language=hook.find_language())


def open_conference(hook: TwilioRequest) -> str:
    """Return the document that brings the advisor into the attempt's conference."""
    return twiml.open_conference_twiml(
        hook.attempt_id,
        hook=hook.attempt_url,
        public_url=hook.settings.public_url,
        has_menu=offers.has_keypad_menu(hook.session, hook.attempt_id, hook.call_id),
    )


def join_party(hook: TwilioRequest, leg: LegOrder) -> str:
    """Note that somebody who was asked in is there, and return the document that joins them."""
    party_legs.note_party_joined(hook.session, leg.leg_id, now=hook.now)
    return twiml.join_conference_twiml(hook.attempt_id, leg, hook=hook.attempt_url)
