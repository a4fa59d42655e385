"""Who works here, and how they get in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from leads.models.enums import AdvisorRole, Presence, SignInKind
from leads.models.fields import (
    enum_column,
    instant_column,
    json_column,
    message_column,
    optional_json_column,
    phone_column,
    words_column,
    yes_no_column,
)


class Advisor(SQLModel, table=True):
    """A colleague: an advisor, who rings leads, a supervisor or an admin.

    `present_until` is kept alive by an open desk, `on_duty_until` needs only a phone.
    `shift_duty_until`: until when a shift has put them on duty by phone; None where nobody is, or a
    person said so. `off_duty_at`: when a person ended their duty. `lost_callback_id`: the callback
    that left their hands last without their doing. `oidc_subject`: the identity
    provider and its own id of them, since they came in by it; empty before.
    """

    id: int = Field(default=None, primary_key=True)
    name: str
    email: str = Field(unique=True)
    phone: str = phone_column(optional=True, index=True)
    role: AdvisorRole = enum_column(AdvisorRole, AdvisorRole.ADVISOR, unknown=AdvisorRole.UNKNOWN)
    password_hash: str = ""
    oidc_subject: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    totp_secret: str = ""  # empty: no second factor
    totp_step: int = 0  # the last 30 seconds whose code was used: no code counts twice
    deactivated_at: datetime | None = instant_column(optional=True)
    presence: Presence = enum_column(Presence, Presence.OFFLINE, unknown=Presence.OFFLINE)
    away_reason: str = message_column()
    away_at: datetime | None = instant_column(optional=True)
    away_until: datetime | None = instant_column(optional=True)  # None: until they say otherwise
    present_until: datetime | None = instant_column(optional=True)
    on_duty_until: datetime | None = instant_column(optional=True)
    idle_since: datetime = instant_column()
    lost_callback_id: int | None = None  # no foreign key: a callback names its advisor already
    missed_in_a_row: int = 0
    language: str = ""  # of the screen; empty: their browser's
    digests: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    languages: list[str] = words_column()  # that they speak, as ISO 639 codes; none: English
    skills: list[str] = words_column()  # as the helplines call them
    gender: str = Field(
        default="", sa_column_kwargs={"server_default": ""}
    )  # one of `languages.GENDER_LABELS`, or unsaid
    is_rung_on_shifts: bool = yes_no_column(default=False)
    shift_duty_until: datetime | None = instant_column(optional=True)
    off_duty_at: datetime | None = instant_column(optional=True)
    helplines: list[int] | None = optional_json_column()  # ids of those they serve; NULL: all
    created_at: datetime = instant_column()


class SignIn(SQLModel, table=True):
    """A secret by which somebody gets in; only its hash is stored.

    `kind` says whether it is a session, half of one, an invitation, or a television's. `address`
    and `browser` say whence a session was begun, `proven_at` when its person last proved who they
    are.
    """

    __tablename__ = "sign_in"
    id: int = Field(default=None, primary_key=True)
    kind: SignInKind = enum_column(SignInKind)
    token_hash: str = Field(unique=True)
    advisor_id: int | None = Field(default=None, foreign_key="advisor.id", index=True)
    created_at: datetime = instant_column()
    seen_at: datetime = instant_column()
    ends_at: datetime = instant_column()
    revoked_at: datetime | None = instant_column(optional=True)
    shows: str = Field(
        default="", sa_column_kwargs={"server_default": ""}
    )  # the wallboard's target and zone
    address: str = Field(default="", sa_column_kwargs={"server_default": ""})
    browser: str = Field(default="", sa_column_kwargs={"server_default": ""})
    proven_at: datetime | None = instant_column(optional=True)
    totp_offered: str = (
        ""  # shown on a screen, and nobody's second factor before a code proves that it was read
    )


class RecoveryCode(SQLModel, table=True):
    """A code that opens the desk once when the phone with the second factor is lost.

    Only its hash is stored.
    """

    __tablename__ = "recovery_code"
    id: int = Field(default=None, primary_key=True)
    advisor_id: int = Field(foreign_key="advisor.id", index=True)
    code_hash: str
    used_at: datetime | None = instant_column(optional=True)


class KnownBrowser(SQLModel, table=True):
    """A browser in which a colleague has signed in, by the hash of the secret that it keeps.

    Several colleagues may share one browser.
    """

    __tablename__ = "known_browser"
    __table_args__ = (UniqueConstraint("browser_hash", "advisor_id"),)
    id: int = Field(default=None, primary_key=True)
    advisor_id: int = Field(foreign_key="advisor.id", index=True)
    browser_hash: str
    created_at: datetime = instant_column()
    seen_at: datetime = instant_column(index=True)


class Lockout(SQLModel, table=True):
    """How often somebody failed to sign in, by a hash of the address they gave and their browser.

    Browsers that do not know the account are counted together. Addresses without an account are
    kept alike. `locked_since`: when the first wait began.
    """

    id: int = Field(default=None, primary_key=True)
    whom: str = Field(unique=True)
    failures: int = 0
    failed_at: datetime = instant_column(index=True)
    locked_until: datetime | None = instant_column(optional=True)
    locked_since: datetime | None = instant_column(optional=True)


class OnCall(SQLModel, table=True):
    """Hours of every week in which a supervisor is on call, in a zone.

    A shift may end on the next day.
    """

    __tablename__ = "on_call"
    id: int = Field(default=None, primary_key=True)
    advisor_id: int = Field(foreign_key="advisor.id", index=True)
    days: list[int] = json_column(list)  # on which it begins; 0 is Monday
    begins: str  # as 18:00
    ends: str
    zone: str
