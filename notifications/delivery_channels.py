"""The ways to tell somebody: e-mail, text, call, and whatever channel Apprise knows. Each sends one thing, once."""

from __future__ import annotations

from leads.config.settings import PhoneKind, Settings
from leads.models.words import Way
from notifications.apprise_channel import Channel
from notifications.email import Mail
from notifications.letter import Send
from notifications.twilio.pager import Pager


def open_to(settings: Settings) -> dict[Way, Send]:
    """Return the ways that the settings allow."""
    ways: dict[Way, Send] = {}
    if settings.channels.smtp:
        ways[Way.EMAIL] = Mail(settings.channels.smtp).send
    if settings.channels.alert_urls:
        ways[Way.CHANNEL] = Channel(settings.channels.alert_urls).send
    if settings.twilio and settings.phone is PhoneKind.TWILIO:
        pager = Pager(settings.twilio, public_url=settings.public_url)
        ways |= {Way.TEXT: pager.send_text, Way.CALL: pager.ring}
    return ways
