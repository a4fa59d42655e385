"""A real mail server on this machine, encrypted as in the world, that keeps what it is given."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from leads.config.delivery_channels import SmtpSecurity, SmtpServer
from tests.support.running_desk import free_port

HOST, USER, PASSWORD = "127.0.0.1", "desk", "open sesame"


class Mailbox:
    """What the server took, and what it answers next: "451 …" or "550 …" instead of taking it."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.were_encrypted: list[bool] = []
        self.faults: list[str] = []
        self.port = 0

    def smtp(self, security: SmtpSecurity = SmtpSecurity.STARTTLS, **changes: Any) -> SmtpServer:
        signing = {"user": USER, "password": PASSWORD} if security is SmtpSecurity.STARTTLS else {}
        values = {"sender": "desk@example.org", "security": security, **signing, **changes}
        return SmtpServer(**{"host": HOST, "port": self.port, **values})

    def texts(self) -> list[str]:
        """The plain part of each message."""
        return [plain(message) for message in self.messages]

    # the library's name
    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.faults:
            return self.faults.pop(0)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        self.were_encrypted.append(session.ssl is not None)
        return "250 taken"


def plain(message: EmailMessage) -> str:
    """A message's words; lines end on the wire as they do in mail."""
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


@contextmanager
def running_mailbox(*, encrypted: bool = True, folder: Path | None = None) -> Iterator[Mailbox]:
    """Run the server; it wants STARTTLS and a password if it is encrypted.

    Its authority is written into `folder`.
    """
    mailbox, options = Mailbox(), {}
    if encrypted and folder:
        authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(HOST).configure_cert(context)
        authority.cert_pem.write_to_path(folder / "authority.pem")
        options = {"tls_context": context, "require_starttls": True, "auth_required": True}
    controller = Controller(
        mailbox, hostname=HOST, port=free_port(), authenticator=_is_known, **options
    )
    controller.start()
    mailbox.port = controller.server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        controller.stop()


def _is_known(
    _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword
) -> AuthResult:
    return AuthResult(success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()))
