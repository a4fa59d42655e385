"""The ways to tell somebody: e-mail, text, call, and whatever channel Apprise knows. Each sends one thing, once."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from leads.config.delivery_channels import Security, Smtp
from leads.config.settings import PhoneKind, Settings, Twilio
from leads.errors import BadConfiguration, TelephonyError
from leads.i18n.translatable import Phrase
from leads.models.words import Way
from notifications import messages
from notifications.messages import Words
from notifications.telephony import FOR_TWIML
from notifications.twilio_http import TIMEOUT, client_of, translated

RING_SECONDS = 30
PERMANENT = range(500, 600)  # of a mail server's answers


@dataclass(frozen=True)
class Letter:
    """What one person is told in one way. `caller_id` is empty where the account's own counts."""

    notice_id: int
    way: Way
    address: str
    caller_id: str
    written_at: datetime
    words: Words
    brief: str
    is_test: bool = False


Send = Callable[[Letter], None]
"""Sends a letter or raises TelephonyError, which says whether it may have gone out."""


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


class Mail:
    """E-mail over one mail server."""

    def __init__(self, smtp: Smtp, *, timeout: float = TIMEOUT) -> None:
        self._smtp, self._timeout = smtp, timeout

    def send(self, letter: Letter) -> None:
        """Hand the letter to the mail server. Sent again it has the same Message-ID."""
        message = self._written(letter)
        with _translated_mail(), self._connected() as server:
            if self._smtp.user:
                server.login(self._smtp.user, self._smtp.password)
            server.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        """Connect, encrypted unless the settings say otherwise: never in the clear because a server offers no more."""
        trusted, at = ssl.create_default_context(), (self._smtp.host, self._smtp.port)
        if self._smtp.security is Security.TLS:
            return smtplib.SMTP_SSL(*at, timeout=self._timeout, context=trusted)
        server = smtplib.SMTP(*at, timeout=self._timeout)
        if self._smtp.security is Security.STARTTLS:
            with contextlib.ExitStack() as unless_encrypted:
                unless_encrypted.callback(server.close)
                server.starttls(context=trusted)
                unless_encrypted.pop_all()
        return server

    def _written(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self._smtp.sender, letter.address
        message["Subject"], message["Date"] = letter.words.subject, format_datetime(letter.written_at)
        instant, domain = int(letter.written_at.timestamp()), self._smtp.sender.rpartition("@")[2]
        message["Message-ID"] = f"<notice-{letter.notice_id}-{instant}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.words.text)
        if letter.words.html:
            message.add_alternative(letter.words.html, subtype="html")
        return message


class Pager:
    """Texts and calls to supervisors over Twilio."""

    def __init__(self, twilio: Twilio, *, public_url: str, timeout: float = TIMEOUT) -> None:
        self._client, self._caller_id = client_of(twilio, timeout), twilio.caller_id
        self._public_url = public_url

    def send_text(self, letter: Letter) -> None:
        """Text the supervisor."""
        with translated():
            self._client.messages.create(to=letter.address, from_=self._from(letter), body=letter.brief)

    def ring(self, letter: Letter) -> None:
        """Ring the supervisor, say that the desk needs a look, and let a key say that they look into it."""
        action = f"{self._public_url}/hooks/alerts/{letter.notice_id}/pressed{FOR_TWIML}"
        twiml = messages.spoken_test() if letter.is_test else messages.spoken(action=action)
        with translated():
            self._client.calls.create(to=letter.address, from_=self._from(letter), twiml=twiml, timeout=RING_SECONDS)

    def _from(self, letter: Letter) -> str:
        number = letter.caller_id or self._caller_id
        if not number:
            msg = Phrase("There is no caller ID to tell a supervisor from: set TWILIO_CALLER_ID.")
            raise TelephonyError(msg, permanent=True)
        return str(number)


class Channel:
    """Any of the services that Apprise knows."""

    def __init__(self, urls: Sequence[str]) -> None:
        import apprise  # noqa: PLC0415 - a fifth of a second at the start, for those alone who use it

        self._channels = apprise.Apprise()
        if not all([self._channels.add(url) for url in urls]):  # noqa: C419 - every one of them is added
            msg = Phrase(
                "ALERT_URLS has an address that Apprise does not know: compare it with Apprise's list of services."
            )
            raise BadConfiguration(msg)

    def send(self, letter: Letter) -> None:
        """Post the letter to every channel; those that took it are not asked again."""
        if not self._channels.notify(title=letter.words.subject, body=letter.words.text):
            msg = Phrase("A channel of ALERT_URLS did not take it.")
            raise TelephonyError(msg, unknown=True)


@contextlib.contextmanager
def _translated_mail() -> Iterator[None]:
    """Turn every way in which sending can fail into what it means for repeating it. No address is quoted."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code = max(code for code, _ in error.recipients.values())
        msg = Phrase("The mail server refused the address ({code}).", code=code)
        raise TelephonyError(msg, permanent=code in PERMANENT) from None
    except smtplib.SMTPNotSupportedError:
        msg = Phrase("The mail server offers no encryption or no sign-in: see SMTP_SECURITY.")
        raise TelephonyError(msg, permanent=True) from None
    except smtplib.SMTPResponseException as error:
        msg = Phrase("The mail server refused ({code}).", code=error.smtp_code)
        raise TelephonyError(msg, permanent=error.smtp_code in PERMANENT) from None
    except (smtplib.SMTPException, OSError):
        msg = Phrase("The mail server could not be reached, or broke off.")
        raise TelephonyError(msg, unknown=True) from None
