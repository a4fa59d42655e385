"""Delivery channels: how supervisors are told away from their screens, as the operator sets it.

Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum

from leads.config import parsing
from leads.errors import BadConfiguration

SMTP_VARIABLES = (
    "SMTP_HOST",
    "SMTP_PORT",
    "SMTP_USER",
    "SMTP_PASSWORD",
    "SMTP_FROM",
    "SMTP_SECURITY",
)
EMAIL_PATTERN = r"[^@\s<>,;()\[\]\"\\:]+@[^@\s<>,;()\[\]\"\\:]+"


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


DEFAULT_SMTP_PORTS = {
    SmtpSecurity.STARTTLS: "587",
    SmtpSecurity.TLS: "465",
    SmtpSecurity.NONE: "25",
}


@dataclass(frozen=True)
class SmtpServer:
    """A mail server that takes what we send."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    security: SmtpSecurity = SmtpSecurity.STARTTLS


@dataclass(frozen=True)
class DeliveryChannels:
    """Every delivery channel that is configured, and to whom digests go."""

    smtp: SmtpServer | None = None
    alert_urls: tuple[str, ...] = field(default=(), repr=False)  # they carry secrets
    digest_to: tuple[str, ...] = ()
    digest_zone: str = "UTC"
    digest_at: time = time(7)


def parse_delivery_channels(given: dict[str, str]) -> DeliveryChannels:
    """Return the delivery channels that these variables configure.

    Raises BadConfiguration with the variable's name and what to put there.
    """
    smtp, digest_to = _parse_smtp(given), tuple(_split_address_list(given.get("DIGEST_TO", "")))
    if digest_to and smtp is None:
        msg = "DIGEST_TO needs a mail server: set SMTP_HOST and SMTP_FROM."
        raise BadConfiguration(msg)
    if not all(re.fullmatch(EMAIL_PATTERN, address) for address in digest_to):
        msg = "DIGEST_TO must be e-mail addresses separated by commas."
        raise BadConfiguration(msg)
    urls = tuple(_split_address_list(given.get("ALERT_URLS", "")))
    if not all("://" in url for url in urls):
        msg = (
            "ALERT_URLS must be Apprise addresses separated by commas, such as "
            "ntfys://ntfy.sh/our-desk."
        )
        raise BadConfiguration(msg)
    return DeliveryChannels(
        smtp,
        urls,
        digest_to,
        _parse_digest_zone(given.get("DIGEST_ZONE", "UTC")),
        _parse_digest_time(given.get("DIGEST_AT", "07:00")),
    )


def _parse_smtp(given: dict[str, str]) -> SmtpServer | None:
    if not any(given.get(name) for name in SMTP_VARIABLES):
        return None
    host, sender = given.get("SMTP_HOST", ""), given.get("SMTP_FROM", "")
    if not host:
        msg = (
            "SMTP_HOST is missing: set it to the name of the mail server, such as smtp.example.org."
        )
        raise BadConfiguration(msg)
    if not re.fullmatch(EMAIL_PATTERN, sender):
        msg = (
            "SMTP_FROM must be the e-mail address that messages come from, such as "
            "desk@example.org."
        )
        raise BadConfiguration(msg)
    user, password = given.get("SMTP_USER", ""), given.get("SMTP_PASSWORD", "")
    if bool(user) != bool(password):
        msg = (
            f"{'SMTP_PASSWORD' if user else 'SMTP_USER'} is missing: the mail server wants both, "
            f"or neither."
        )
        raise BadConfiguration(msg)
    security = _parse_smtp_security(given.get("SMTP_SECURITY", SmtpSecurity.STARTTLS))
    if user and security is SmtpSecurity.NONE:
        msg = "SMTP_SECURITY=none would send SMTP_PASSWORD unencrypted: use starttls or tls."
        raise BadConfiguration(msg)
    return SmtpServer(
        host,
        _parse_smtp_port(given.get("SMTP_PORT", DEFAULT_SMTP_PORTS[security])),
        sender,
        user,
        password,
        security,
    )


def _parse_smtp_security(word: str) -> SmtpSecurity:
    try:
        return SmtpSecurity(word.lower())
    except ValueError:
        msg = "SMTP_SECURITY must be one of: starttls, tls, none."
        raise BadConfiguration(msg) from None


def _parse_smtp_port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:  # noqa: PLR2004 - the highest port
        return int(text)
    msg = "SMTP_PORT must be a whole number from 1 to 65535, such as 587."
    raise BadConfiguration(msg)


def _parse_digest_zone(name: str) -> str:
    try:
        return parsing.parse_time_zone(name)
    except BadConfiguration:
        msg = "DIGEST_ZONE must be a time zone such as America/New_York."
        raise BadConfiguration(msg) from None


def _parse_digest_time(text: str) -> time:
    if re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text):
        return time.fromisoformat(text.rjust(5, "0"))
    msg = "DIGEST_AT must be a time of day such as 07:00."
    raise BadConfiguration(msg)


def _split_address_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
