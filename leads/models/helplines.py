"""What a helpline is, and the doors to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from leads.i18n.translatable import Phrase
from leads.models.dispositions import Disposition
from leads.models.enums import Party, TextTemplateKey
from leads.models.fields import (
    enum_column,
    instant_column,
    json_column,
    matched_column,
    number_column,
    optional_json_column,
    phone_column,
    sealed_column,
    sealed_json_column,
    words_column,
    yes_no_column,
)

NEW_NUMBERS_OF_SOURCE, NEW_NUMBERS_OF_BRAND = 120, 240  # an hour, where nobody says otherwise
PHONE_LINE = "phone"  # the kind of the source through which callers ask
HAND_ENTRY = "by_hand"  # the kind of the source of requests that a colleague enters
FORMLESS_SOURCE_NAMES = {PHONE_LINE: Phrase("Phone"), HAND_ENTRY: Phrase("Manual entry")}
"""What sources are called that take no form, and that nobody sets up or names, by kind."""
KINDS_WITHOUT_FORM = tuple(FORMLESS_SOURCE_NAMES)
WRAP_UP_MINUTES = 10
WISH_PATIENCE = 10  # minutes, where a brand says nothing else
CRISIS_LINE = "+18002738255"  # 988 by its ten-digit number; the short one does not work everywhere
SCREENS_AFTER, MESSAGES_AFTER, CALL_AFTER = 3, 5, 15  # minutes, where a brand says nothing else


class HelplineOperator(SQLModel, table=True):
    """Who answers for one or several helplines, whatever it is called to the public.

    Its helplines share a person's file; those of another one do not.
    """

    __tablename__ = "helpline_operator"
    id: int = Field(default=None, primary_key=True)
    created_at: datetime = instant_column()


class Brand(SQLModel, table=True):
    """A helpline as the public knows it.

    `operator` answers the question "who answers?" in words, which may change; `operator_id` says
    who it is.
    """

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    operator: str
    operator_id: int = Field(default=None, foreign_key="helpline_operator.id")
    caller_id: str = phone_column(optional=True)
    locale: str = "en-US"
    consent_text: str
    calling_hours: dict[str, Any] | None = (
        optional_json_column()
    )  # of its own, which only tighten the law's
    screens_after: int = number_column(SCREENS_AFTER)  # past a promise, until an alert opens
    messages_after: int = number_column(
        MESSAGES_AFTER
    )  # until the supervisor on call gets a text and an e-mail; 0: never
    call_after: int = number_column(CALL_AFTER)  # until they are rung; 0: never
    called_countries: list[str] = json_column(list)  # none: the country of each source
    called_kinds: list[str] = json_column(list)  # of number; none: the usual ones
    new_numbers_per_hour: int = number_column(NEW_NUMBERS_OF_BRAND)  # of all its sources together
    crisis_line: str = Field(
        default=CRISIS_LINE, sa_column_kwargs={"server_default": CRISIS_LINE}
    )  # whom an advisor brings into a call
    wrap_up_minutes: int = number_column(WRAP_UP_MINUTES)  # at a desk, after a conversation
    voicemail_words: dict[str, str] = json_column(
        dict
    )  # what an advisor says to a machine, by language; none: our neutral words
    skills: list[str] = words_column()  # that people may wish of an advisor
    wish_patience: int = number_column(
        WISH_PATIENCE
    )  # past the due time, after which anybody is better than waiting for a wish; 0: never wait
    text_sender: str = Field(
        default="", sa_column_kwargs={"server_default": ""}
    )  # the name that its texts begin with
    intake_questions: list[str] | None = (
        optional_json_column()
    )  # that advisors ask on a call, in this order; NULL: all of ours
    created_at: datetime = instant_column()


class BrandDisposition(SQLModel, table=True):
    """A helpline's own word for what came of a call; for every figure it is its `disposition`.

    It has a label in one of our languages at least. It is retired, and never deleted.
    """

    __tablename__ = "brand_disposition"
    id: int = Field(default=None, primary_key=True)
    brand_id: int = Field(foreign_key="brand.id", index=True)
    disposition: Disposition = enum_column(Disposition, unknown=Disposition.UNRECORDED)
    english: str = ""
    spanish: str = ""
    place: int = 0  # in the order of the helpline's list
    retired_at: datetime | None = instant_column(optional=True)
    created_at: datetime = instant_column()


class TextTemplate(SQLModel, table=True):
    """A helpline's own words for a text of ours in one language; without words it is not sent."""

    __tablename__ = "text_template"
    __table_args__ = (Index("text_template_once", "brand_id", "language", "key", unique=True),)
    id: int = Field(default=None, primary_key=True)
    brand_id: int = Field(foreign_key="brand.id")
    language: str
    key: TextTemplateKey = enum_column(TextTemplateKey, unknown=TextTemplateKey.FREE_WORDS)
    words: str = ""


class EmergencyNumber(SQLModel, table=True):
    """The ten-digit number by which a county's emergency services are rung from elsewhere."""

    __tablename__ = "emergency_number"
    __table_args__ = (
        Index("emergency_number_once", "brand_id", "state", "county", "phone", unique=True),
    )
    id: int = Field(default=None, primary_key=True)
    brand_id: int = Field(foreign_key="brand.id")
    county: str
    state: str  # by its two letters
    name: str  # who answers
    phone: str


class HoursChange(SQLModel, table=True):
    """Longer hours that somebody asks for a helpline, until a second person says yes or no.

    `hours` are a brand's `calling_hours` as they would be: None is whatever the law allows.
    """

    __tablename__ = "hours_change"
    id: int = Field(default=None, primary_key=True)
    brand_id: int = Field(foreign_key="brand.id", index=True)
    hours: dict[str, Any] | None = optional_json_column()
    reason: str  # in the own words of whoever asks
    asked_by: int = Field(foreign_key="advisor.id")
    asked_at: datetime = instant_column()
    decided_by: int | None = Field(default=None, foreign_key="advisor.id")
    decided_at: datetime | None = instant_column(optional=True)
    is_confirmed: bool | None = None


class CallPreset(SQLModel, table=True):
    """Somebody outside whom advisors of a helpline bring into a call by one press.

    `party` is an interpreter, who has a `language`, or a third party. `keys` are pressed once they
    answer, such as a client code: nobody is shown them, and no log has them.
    """

    __tablename__ = "call_preset"
    __table_args__ = (Index("preset_once_per_helpline", "brand_id", "phone", unique=True),)
    id: int = Field(default=None, primary_key=True)
    brand_id: int = Field(foreign_key="brand.id")
    party: Party = enum_column(Party, unknown=Party.UNKNOWN)
    name: str
    language: str = Field(default="", sa_column_kwargs={"server_default": ""})
    phone: str = phone_column()
    keys: str = sealed_column("call_preset.keys", has_default=True, is_secret=True)
    created_at: datetime = instant_column()


class Source(SQLModel, table=True):
    """One door for submissions.

    `token` is the credential in its webhook address, `slug` names its hosted form.
    """

    id: int = Field(default=None, primary_key=True)
    brand_id: int = Field(foreign_key="brand.id", index=True)
    name: str
    slug: str = Field(unique=True)
    kind: str = "generic"
    region: str = "US"
    token: str = matched_column("source.token", unique=True)
    secrets: list[str] = sealed_json_column("source.secrets", list)
    mapping: dict[str, str] = json_column(
        dict
    )  # which of the tool's fields is our `phone`, where a person had to say so
    paused_at: datetime | None = instant_column(
        optional=True
    )  # taken, and kept for a person, but not rung
    takes_hosted_form: bool = yes_no_column(default=True)  # whether `/form/{slug}` is open
    new_numbers_per_hour: int = number_column(
        NEW_NUMBERS_OF_SOURCE
    )  # beyond it people wait in review
    created_at: datetime = instant_column()

    @property
    def shown_name(self) -> str:
        """How people who read its name call it: each in their language where we named it."""
        return FORMLESS_SOURCE_NAMES.get(self.kind, self.name)
