"""A missing or half-set configuration stops at start, and says which variable to set to what."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads.config.settings import PhoneKind, ProcessRole, load_settings
from leads.errors import BadConfiguration

SID = "AC" + "0" * 32
TWILIO = {
    "TWILIO_ACCOUNT_SID": SID,
    "TWILIO_AUTH_TOKEN": "secret",
    "PUBLIC_URL": "https://desk.example.org",
}
OIDC = {
    "OIDC_ISSUER": "https://id.example.org/",
    "OIDC_CLIENT_ID": "ringback",
    "OIDC_CLIENT_SECRET": "secret",
}
MAIL = {"SMTP_HOST": "mail.example.org", "SMTP_FROM": "desk@example.org"}
NO_FILE = Path("/nonexistent/.env")


def test_everything_has_a_default() -> None:
    settings = load_settings({}, dotenv=NO_FILE)
    assert settings.database_url == "sqlite:///ringback.db"
    assert settings.host == "127.0.0.1"
    assert settings.port == 8501
    assert (
        settings.forms_per_minute,
        load_settings({"FORMS_PER_MINUTE": "10"}, dotenv=NO_FILE).forms_per_minute,
    ) == (
        3000,
        10,
    )
    assert settings.public_url == "http://127.0.0.1:8501"
    assert settings.phone == PhoneKind.LOG
    assert settings.role == ProcessRole.ALL


def test_credentials_alone_choose_twilio() -> None:
    settings = load_settings({**TWILIO, "TWILIO_AUTH_TOKEN": "new, old"}, dotenv=NO_FILE)
    assert settings.phone is PhoneKind.TWILIO
    assert settings.twilio
    assert settings.twilio.auth_tokens == ("new", "old")
    assert "new" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({}, "off"),
        ({"PUBLIC_URL": "https://desk.example.org"}, "supervisors"),
        ({"PUBLIC_URL": "https://desk.example.org", "REQUIRE_TOTP": "off"}, "off"),
        ({"REQUIRE_TOTP": "all"}, "all"),
    ],
)
def test_supervisors_need_a_second_factor_behind_https(given: dict[str, str], rule: str) -> None:
    assert load_settings(given, dotenv=NO_FILE).require_totp == rule


def test_an_identity_provider_is_optional_and_its_secret_is_not_shown() -> None:
    assert load_settings({}, dotenv=NO_FILE).oidc is None
    settings = load_settings(OIDC, dotenv=NO_FILE)
    assert settings.oidc
    assert settings.oidc.issuer == "https://id.example.org"
    assert "'secret'" not in repr(settings)


def test_a_mail_server_needs_its_name_and_a_sender_and_is_reached_encrypted() -> None:
    more = {"SMTP_USER": "desk", "SMTP_PASSWORD": "secret", "DIGEST_TO": "a@b.example, c@d.example"}
    channels = load_settings(
        {**MAIL, **more, "ALERT_URLS": "ntfys://x/y, json://z"}, dotenv=NO_FILE
    ).channels
    assert channels.smtp
    assert (channels.smtp.port, channels.smtp.security) == (587, "starttls")
    assert (channels.digest_to, channels.alert_urls) == (
        ("a@b.example", "c@d.example"),
        ("ntfys://x/y", "json://z"),
    )
    assert "secret" not in repr(channels)
    smtp = load_settings({**MAIL, "SMTP_SECURITY": "tls"}, dotenv=NO_FILE).channels.smtp
    assert smtp is not None
    assert smtp.port == 465
    assert load_settings({}, dotenv=NO_FILE).channels.smtp is None


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9000\nRING_SECONDS=30\n")
    settings = load_settings({"PORT": "9001", "RING_SECONDS": ""}, dotenv=tmp_path / ".env")
    assert (settings.port, settings.ring_seconds) == (9001, 30)


@pytest.mark.parametrize(
    "given", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"]
)
def test_every_spelling_of_postgresql_is_understood(given: str) -> None:
    assert (
        load_settings({"DATABASE_URL": given}, dotenv=NO_FILE).database_url
        == "postgresql+psycopg://u:p@h/d"
    )


@pytest.mark.parametrize(
    ("given", "name", "advice"),
    [
        ({"TWILIO_ACCOUNT_SID": SID}, "TWILIO_AUTH_TOKEN", "Twilio console"),
        ({"TWILIO_AUTH_TOKEN": "x"}, "TWILIO_ACCOUNT_SID", "AC"),
        ({**TWILIO, "TWILIO_ACCOUNT_SID": "AC12"}, "TWILIO_ACCOUNT_SID", "32"),
        ({**TWILIO, "PUBLIC_URL": ""}, "PUBLIC_URL", "https://"),
        ({**TWILIO, "TWILIO_API_URL": "localhost"}, "TWILIO_API_URL", "http://"),
        ({**TWILIO, "TWILIO_CALLER_ID": "5550199"}, "TWILIO_CALLER_ID", "+1"),
        ({"PHONE": "twilio"}, "TWILIO_ACCOUNT_SID", "PHONE=log"),
        ({"PHONE": "pigeon"}, "PHONE", "twilio, log, rehearsal"),
        ({"ROLE": "boss"}, "ROLE", "all, web, worker"),
        ({"PORT": "http"}, "PORT", "8501"),
        ({"PORT": "70000"}, "PORT", "65535"),
        ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN", "openssl rand"),
        ({"METRICS_TOKEN": "long enough, and a blank"}, "METRICS_TOKEN", "openssl rand"),
        ({"RING_SECONDS": "1"}, "RING_SECONDS", "from 5"),
        ({"FORMS_PER_MINUTE": "0"}, "FORMS_PER_MINUTE", "3000"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL", "postgresql://"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL", "sqlite:///ringback.db"),
        ({**TWILIO, "TWILIO_AUTH_TOKEN": " , "}, "TWILIO_AUTH_TOKEN", "Twilio console"),
        ({"DATABASE_URL": "postgresql://localhost:abc/x"}, "DATABASE_URL", "postgresql://"),
        ({"DATABASE_URL": "sqlite:///"}, "DATABASE_URL", "sqlite:///ringback.db"),
        ({"PUBLIC_URL": "http://[bad"}, "PUBLIC_URL", "https://"),
        ({"PUBLIC_URL": "desk.example.org"}, "PUBLIC_URL", "https://"),
        ({"REQUIRE_TOTP": "yes"}, "REQUIRE_TOTP", "off, supervisors, all"),
        ({**OIDC, "OIDC_ISSUER": ""}, "OIDC_ISSUER", "identity provider"),
        ({**OIDC, "OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID", "identity provider"),
        ({**OIDC, "OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET", "identity provider"),
        ({**OIDC, "OIDC_ISSUER": "http://id.example.org"}, "OIDC_ISSUER", "https"),
        ({"SMTP_FROM": "a@b.example"}, "SMTP_HOST", "smtp.example.org"),
        ({"SMTP_HOST": "mail"}, "SMTP_FROM", "desk@example.org"),
        ({"SMTP_HOST": "mail", "SMTP_FROM": "Desk <a@b>"}, "SMTP_FROM", "desk@example.org"),
        ({**MAIL, "SMTP_USER": "desk"}, "SMTP_PASSWORD", "both"),
        ({**MAIL, "SMTP_PASSWORD": "secret"}, "SMTP_USER", "both"),
        ({**MAIL, "SMTP_PORT": "0"}, "SMTP_PORT", "587"),
        ({**MAIL, "SMTP_SECURITY": "ssl"}, "SMTP_SECURITY", "starttls, tls, none"),
        (
            {**MAIL, "SMTP_SECURITY": "none", "SMTP_USER": "desk", "SMTP_PASSWORD": "secret"},
            "SMTP_SECURITY",
            "unencrypted",
        ),
        ({"DIGEST_TO": "a@b.example"}, "DIGEST_TO", "SMTP_HOST"),
        ({**MAIL, "DIGEST_TO": "a@b.example;c@d.example"}, "DIGEST_TO", "commas"),
        ({"DIGEST_ZONE": "Mars/Olympus"}, "DIGEST_ZONE", "America/New_York"),
        ({"DIGEST_AT": "7"}, "DIGEST_AT", "07:00"),
        ({"ALERT_URLS": "ntfy.sh/desk"}, "ALERT_URLS", "ntfys://"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(given: dict[str, str], name: str, advice: str) -> None:
    with pytest.raises(BadConfiguration) as refusal:
        load_settings(given, dotenv=NO_FILE)
    assert name in str(refusal.value)
    assert advice in str(refusal.value)
    assert "secret" not in str(refusal.value)
