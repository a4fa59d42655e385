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
from leads.i18n.messages import Message, MessageKey
from notifications.letter import Letter
from notifications.twilio.client import TIMEOUT

PERMANENT_CODES = range(500, 600)  # of a mail server's answers


class SmtpMailer:
    """Sends e-mail over one mail server."""

    def __init__(self, smtp: SmtpServer, *, timeout: float = TIMEOUT) -> None:
        self._smtp, self._timeout = smtp, timeout

    def send(self, letter: Letter) -> None:
        """Hand a letter to the mail server; sent again it has the same Message-ID.

        Raises TelephonyError, also for an address that is none: the others' letters go out.
        """
        try:
            message = self._compose_email(letter)
        except (ValueError, IndexError, AttributeError):  # the library's, for what is no address
            msg = Message(MessageKey.MAIL_ADDRESS_WRONG)
            raise TelephonyError(msg, permanent=True) from None
        with _translate_smtp_errors(), self._connect_to_server() as server:
            if self._smtp.user:
                server.login(self._smtp.user, self._smtp.password)
            server.send_message(message)

    def _connect_to_server(self) -> smtplib.SMTP:
        """Connect to the mail server, encrypted unless the settings say otherwise.

        Never unencrypted because a server offers no encryption.
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
    """Raise TelephonyError for every way in which sending can fail.

    The error says what the failure means for sending again, and quotes no address.
    """
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code = max(code for code, _ in error.recipients.values())
        msg = Message(MessageKey.MAIL_ADDRESS_REFUSED, code=code)
        raise TelephonyError(msg, permanent=code in PERMANENT_CODES) from None
    except smtplib.SMTPNotSupportedError:
        raise TelephonyError(
            Message(MessageKey.MAIL_INSECURE), permanent=True, failure=FailureKind.CONFIGURATION
        ) from None
    except smtplib.SMTPResponseException as error:
        msg = Message(MessageKey.MAIL_REFUSED, code=error.smtp_code)
        raise TelephonyError(msg, permanent=error.smtp_code in PERMANENT_CODES) from None
    except (smtplib.SMTPException, OSError):
        raise TelephonyError(Message(MessageKey.MAIL_UNREACHABLE), unknown=True) from None
