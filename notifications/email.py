"""Alerts and digests by e-mail."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import format_datetime

from leads.config.delivery_channels import SmtpSecurity, SmtpServer
from leads.errors import FailureKind, TelephonyError
from leads.i18n.translatable import Phrase
from notifications.letter import Letter
from notifications.twilio.client import TIMEOUT

PERMANENT_CODES = range(500, 600)  # of a mail server's answers


class SmtpMailer:
    """E-mail over one mail server."""

    def __init__(self, smtp: SmtpServer, *, timeout: float = TIMEOUT) -> None:
        self._smtp, self._timeout = smtp, timeout

    def send(self, letter: Letter) -> None:
        """Hand the letter to the mail server. Sent again it has the same Message-ID."""
        message = self._compose_email(letter)
        with _translate_smtp_errors(), self._connect_to_server() as server:
            if self._smtp.user:
                server.login(self._smtp.user, self._smtp.password)
            server.send_message(message)

    def _connect_to_server(self) -> smtplib.SMTP:
        """Connect, encrypted unless the settings say otherwise.

        Never in the clear because a server offers no more.
        """
        trusted, at = ssl.create_default_context(), (self._smtp.host, self._smtp.port)
        if self._smtp.security is SmtpSecurity.TLS:
            return smtplib.SMTP_SSL(*at, timeout=self._timeout, context=trusted)
        server = smtplib.SMTP(*at, timeout=self._timeout)
        if self._smtp.security is SmtpSecurity.STARTTLS:
            with contextlib.ExitStack() as unless_encrypted:
                unless_encrypted.callback(server.close)
                server.starttls(context=trusted)
                unless_encrypted.pop_all()
        return server

    def _compose_email(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self._smtp.sender, letter.address
        message["Subject"], message["Date"] = (
            letter.words.subject,
            format_datetime(letter.written_at),
        )
        instant, domain = int(letter.written_at.timestamp()), self._smtp.sender.rpartition("@")[2]
        message["Message-ID"] = f"<notice-{letter.notice_id}-{instant}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.words.text)
        if letter.words.html:
            message.add_alternative(letter.words.html, subtype="html")
        return message


@contextlib.contextmanager
def _translate_smtp_errors() -> Iterator[None]:
    """Turn every way in which sending can fail into what it means for repeating it.

    No address is quoted.
    """
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code = max(code for code, _ in error.recipients.values())
        msg = Phrase("The mail server refused the address ({code}).", code=code)
        raise TelephonyError(msg, permanent=code in PERMANENT_CODES) from None
    except smtplib.SMTPNotSupportedError:
        msg = Phrase("The mail server offers no encryption or no sign-in: see SMTP_SECURITY.")
        raise TelephonyError(msg, permanent=True, failure=FailureKind.CONFIGURATION) from None
    except smtplib.SMTPResponseException as error:
        msg = Phrase("The mail server refused ({code}).", code=error.smtp_code)
        raise TelephonyError(msg, permanent=error.smtp_code in PERMANENT_CODES) from None
    except (smtplib.SMTPException, OSError):
        msg = Phrase("The mail server could not be reached, or broke off.")
        raise TelephonyError(msg, unknown=True) from None
