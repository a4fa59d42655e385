"""Delivery channels: the senders of e-mail, text, call, and whatever Apprise knows.

Each sends one letter, once.
"""

from __future__ import annotations

from leads.config.settings import PhoneKind, Settings
from leads.models.enums import NoticeMethod
from notifications.apprise_channel import AppriseChannel
from notifications.email import SmtpMailer
from notifications.letter import Send
from notifications.twilio.pager import TwilioPager


def configured_senders(settings: Settings) -> dict[NoticeMethod, Send]:
    """Return the sender of each method that the settings allow."""
    ways: dict[NoticeMethod, Send] = {}
    if settings.channels.smtp:
        ways[NoticeMethod.EMAIL] = SmtpMailer(settings.channels.smtp).send
    if settings.channels.alert_urls:
        ways[NoticeMethod.CHANNEL] = AppriseChannel(settings.channels.alert_urls).send
    if settings.twilio and settings.phone is PhoneKind.TWILIO:
        pager = TwilioPager(settings.twilio, public_url=settings.public_url)
        ways |= {NoticeMethod.TEXT: pager.send_text, NoticeMethod.CALL: pager.ring_supervisor}
    return ways
