"""What the operator configures, read once from the environment and `.env`."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from leads.config import delivery_channels, key_command
from leads.config.delivery_channels import DeliveryChannels
from leads.config.log_format import LogFormat
from leads.config.retention_plan import RetentionPlan, load_retention_plan
from leads.errors import BadConfiguration
from leads.public_addresses import Network

Word = TypeVar("Word", bound=StrEnum)
_LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")


class ProcessRole(StrEnum):
    """What one process does: everything, only HTTP and pages, or only the background work."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"


class PhoneKind(StrEnum):
    """Which phone network rings."""

    TWILIO = "twilio"
    LOG = "log"
    REHEARSAL = "rehearsal"


class RequireTotp(StrEnum):
    """Which roles must have a second factor; everybody may have one."""

    OFF = "off"
    SUPERVISORS = "supervisors"
    ALL = "all"


@dataclass(frozen=True)
class OidcProvider:
    """An OpenID Connect provider that advisors sign in with."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class TwilioCredentials:
    """Credentials of the Twilio account.

    There are several auth tokens while one is being rotated: the first one signs in.
    """

    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    api_url: str = ""
    caller_id: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything that is configured and stays the same while a process runs."""

    database_url: str = "sqlite:///ringback.db"
    public_url: str = "http://127.0.0.1:8501"
    host: str = "127.0.0.1"
    port: int = 8501
    role: ProcessRole = ProcessRole.ALL
    phone: PhoneKind = PhoneKind.LOG
    twilio: TwilioCredentials | None = None
    secret_keys: tuple[str, ...] = field(default=(), repr=False)
    """The newest first: it signs and seals; with the others, what they sealed can still be read."""
    content_keys: tuple[str, ...] = field(default=(), repr=False)
    """What seals contents, the first one; see `key_file`. With none, no recording is taken."""
    ring_seconds: int = 20
    forms_per_minute: int = 3000
    require_totp: RequireTotp = RequireTotp.OFF
    oidc: OidcProvider | None = None
    forwarded_allow_ips: str = "127.0.0.1"
    metrics_token: str = field(default="", repr=False)
    log_format: LogFormat = LogFormat.TEXT
    allowed_private_networks: tuple[Network, ...] = ()
    """Where a destination of events may be besides the internet; see `leads.public_addresses`."""
    channels: DeliveryChannels = field(default_factory=DeliveryChannels)
    retention: RetentionPlan = field(default_factory=load_retention_plan)

    @property
    def caller_id(self) -> str:
        """The caller ID of helplines that have none of their own; empty where there is none."""
        return self.twilio.caller_id if self.twilio else ""


def load_settings(
    environ: dict[str, str] | None = None, *, dotenv: Path = Path(".env")
) -> Settings:
    """Read the settings; the environment wins over `.env`.

    Raises BadConfiguration with the variable's name and what to put there.
    """
    given = _read_variables(os.environ if environ is None else environ, dotenv)
    host = given.get("HOST", "127.0.0.1")
    port = _parse_whole_number(given, "PORT", 8501, least=1, most=65535)
    twilio = _parse_twilio(given)
    phone = _choose_phone_kind(given, twilio)
    public_url = _parse_public_url(given, host, port, phone)
    return Settings(
        database_url=_parse_database_url(given.get("DATABASE_URL", Settings.database_url)),
        public_url=public_url,
        host=host,
        port=port,
        role=_parse_choice(given, "ROLE", ProcessRole.ALL),
        phone=phone,
        twilio=twilio,
        secret_keys=_split_commas(_find_secret_key(given)),
        ring_seconds=_parse_whole_number(given, "RING_SECONDS", 20, least=5, most=120),
        forms_per_minute=_parse_whole_number(
            given, "FORMS_PER_MINUTE", Settings.forms_per_minute, least=10, most=1_000_000
        ),
        require_totp=_parse_choice(given, "REQUIRE_TOTP", _usual_totp_rule(public_url)),
        oidc=_parse_oidc(given),
        forwarded_allow_ips=given.get("FORWARDED_ALLOW_IPS", Settings.forwarded_allow_ips),
        metrics_token=_parse_metrics_token(given),
        log_format=_parse_choice(given, "LOG_FORMAT", LogFormat.TEXT),
        allowed_private_networks=_parse_networks(given, "ALLOWED_PRIVATE_NETWORKS"),
        channels=delivery_channels.parse_delivery_channels(given),
        retention=load_retention_plan(given.get("RETENTION_FILE", "")),
    )


def _read_variables(environ: Mapping[str, str], dotenv: Path) -> dict[str, str]:
    """Return what is set and not blank, by the names of the variables."""
    given = {name: value.strip() for name, value in dotenv_values(dotenv).items() if value}
    return given | {name: value.strip() for name, value in environ.items() if value.strip()}


def _choose_phone_kind(given: dict[str, str], twilio: TwilioCredentials | None) -> PhoneKind:
    phone = _parse_choice(given, "PHONE", PhoneKind.TWILIO if twilio else PhoneKind.LOG)
    if phone is PhoneKind.TWILIO and twilio is None:
        msg = (
            "PHONE is twilio, but TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are missing: "
            "copy both from the Twilio console, or set PHONE=log to call by hand."
        )
        raise BadConfiguration(msg)
    return phone


def _usual_totp_rule(public_url: str) -> RequireTotp:
    """Return who must have a second factor where nobody says: who sees all, on a desk in use."""
    return RequireTotp.SUPERVISORS if public_url.startswith("https://") else RequireTotp.OFF


def require_secret_key(settings: Settings) -> None:
    """Raise BadConfiguration where people are served over HTTPS and there is no SECRET_KEY.

    Keys of second factors would lie open in the database, and in each backup of it.
    """
    if settings.public_url.startswith("https://") and not settings.secret_keys:
        msg = (
            "SECRET_KEY is missing: a desk that is reached over https needs one. Make it with "
            "openssl rand -base64 32, and keep it apart from the backups of the database."
        )
        raise BadConfiguration(msg)


def _find_secret_key(given: dict[str, str]) -> str:
    key, command = given.get("SECRET_KEY", ""), given.get(key_command.NAME, "")
    if key and command:
        msg = f"SECRET_KEY and {key_command.NAME} are both set: leave one of them out."
        raise BadConfiguration(msg)
    return key_command.read_key_from_command(command) if command else key


def _parse_twilio(given: dict[str, str]) -> TwilioCredentials | None:
    sid, token = given.get("TWILIO_ACCOUNT_SID", ""), given.get("TWILIO_AUTH_TOKEN", "")
    if not sid and not token:
        return None
    if not token:
        msg = (
            "TWILIO_AUTH_TOKEN is missing: use the auth token that the Twilio console "
            "shows next to the account SID."
        )
        raise BadConfiguration(msg)
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", sid):
        msg = (
            "TWILIO_ACCOUNT_SID must be AC followed by 32 hexadecimal digits: copy it from the "
            "Twilio console."
        )
        raise BadConfiguration(msg)
    api_url = given.get("TWILIO_API_URL", "").rstrip("/")
    if api_url and not _is_web_address(api_url):
        msg = (
            "TWILIO_API_URL must be a web address such as http://127.0.0.1:4020; leave it out to "
            "use Twilio itself."
        )
        raise BadConfiguration(msg)
    caller_id = given.get("TWILIO_CALLER_ID", "")
    if caller_id and not re.fullmatch(r"\+[1-9]\d{6,14}", caller_id):
        msg = (
            "TWILIO_CALLER_ID must be one of your Twilio numbers in international form, such as "
            "+13155550100."
        )
        raise BadConfiguration(msg)
    tokens = _split_commas(token)
    if not tokens:
        msg = "TWILIO_AUTH_TOKEN contains only commas: use the auth token from the Twilio console."
        raise BadConfiguration(msg)
    return TwilioCredentials(sid, tokens, api_url, caller_id)


def _parse_metrics_token(given: dict[str, str]) -> str:
    token = given.get("METRICS_TOKEN", "")
    if token and not re.fullmatch(r"[!-~]{20,}", token):
        msg = (
            "METRICS_TOKEN must be 20 or more letters, digits and signs without blanks: make one "
            "with openssl rand -hex 32."
        )
        raise BadConfiguration(msg)
    return token


def _parse_networks(given: dict[str, str], name: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(one) for one in _split_commas(given.get(name, "")))
    except ValueError:
        msg = f"{name} must be networks such as 10.20.0.0/16, with commas between them."
        raise BadConfiguration(msg) from None


def _parse_oidc(given: dict[str, str]) -> OidcProvider | None:
    names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    missing = [name for name in names if name not in given]
    if len(missing) == len(names):
        return None
    if missing:
        msg = (
            f"{missing[0]} is missing: your identity provider shows it for the client you "
            f"made for Ringback."
        )
        raise BadConfiguration(msg)
    issuer = given["OIDC_ISSUER"].rstrip("/")
    if not _is_web_address(issuer) or (
        urlsplit(issuer).scheme != "https" and urlsplit(issuer).hostname not in _LOOPBACK_HOSTS
    ):
        msg = (
            "OIDC_ISSUER must be the https address of your identity provider, such as "
            "https://id.example.org."
        )
        raise BadConfiguration(msg)
    return OidcProvider(issuer, given["OIDC_CLIENT_ID"], given["OIDC_CLIENT_SECRET"])


def _parse_public_url(given: dict[str, str], host: str, port: int, phone: PhoneKind) -> str:
    url = given.get("PUBLIC_URL", "").rstrip("/")
    if not url and phone is PhoneKind.TWILIO:
        msg = (
            "PUBLIC_URL is missing: set it to the https address where Twilio reaches "
            "this server, such as https://callbacks.example.org."
        )
        raise BadConfiguration(msg)
    if url and not _is_web_address(url):
        msg = "PUBLIC_URL must be a web address such as https://callbacks.example.org."
        raise BadConfiguration(msg)
    # compared, not bound
    shown_host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
    shown_host = f"[{shown_host}]" if ":" in shown_host else shown_host
    return url or f"http://{shown_host}:{port}"


def _parse_database_url(url: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            url = "postgresql+psycopg://" + url.removeprefix(prefix)
    if _is_database_url(url):
        return url
    msg = (
        "DATABASE_URL must start with sqlite:///, such as sqlite:///ringback.db, or with "
        "postgresql://."
    )
    raise BadConfiguration(msg)


def _is_database_url(url: str) -> bool:
    try:
        parsed_url = make_url(url)
    except (ArgumentError, ValueError):
        return False
    if parsed_url.drivername == "sqlite":
        return bool(parsed_url.database) and parsed_url.database != ":memory:"
    return parsed_url.drivername == "postgresql+psycopg"


def _parse_choice(given: dict[str, str], name: str, default: Word) -> Word:
    kind = type(default)
    try:
        return kind(given.get(name, default).lower())
    except ValueError:
        msg = f"{name} must be one of: {', '.join(kind)}."
        raise BadConfiguration(msg) from None


def _parse_whole_number(
    given: dict[str, str], name: str, default: int, *, least: int, most: int
) -> int:
    text = given.get(name, str(default))
    if text.isdecimal() and least <= int(text) <= most:
        return int(text)
    msg = f"{name} must be a whole number from {least} to {most}, such as {default}."
    raise BadConfiguration(msg)


def _split_commas(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
