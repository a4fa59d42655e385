"""Who asked, for what, and what they allow."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, false, text
from sqlmodel import Field, SQLModel

from leads.free_text.danger import DangerKind
from leads.models.enums import (
    CloseReason,
    LeadState,
    SubmissionState,
    SuppressedChannel,
    TextFault,
    TextMeaning,
    TextStatus,
    TextTemplateKey,
)
from leads.models.fields import (
    enum_column,
    instant_column,
    json_column,
    matched_column,
    message_column,
    optional_json_column,
    phone_column,
    sealed_bytes_column,
    sealed_column,
    sealed_json_column,
    yes_no_column,
)


class Submission(SQLModel, table=True):
    """One form post, verbatim. `reading` is what was understood of it, as JSON."""

    __table_args__ = (
        Index("submission_delivered_once", "source_id", "delivery_id", "body_sha256", unique=True),
        Index(
            "submission_admitted_once",
            "source_id",
            "vendor_id",
            unique=True,
            sqlite_where=text("state = 'admitted'"),
            postgresql_where=text("state = 'admitted'"),
        ),
        Index("submission_state", "state", "received_at"),
        Index("submission_of_source", "source_id", "received_at"),
        Index("submission_content", "source_id", "content_sha256"),
        Index("submission_vendor_id", "source_id", "vendor_id"),
        Index(
            "submission_entered_by",
            "entered_by",
            sqlite_where=text("entered_by <> ''"),
            postgresql_where=text("entered_by <> ''"),
        ),
        Index(
            "submission_change_key",
            "change_key_sha256",
            unique=True,
            sqlite_where=text("change_key_sha256 IS NOT NULL"),
            postgresql_where=text("change_key_sha256 IS NOT NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="source.id")
    received_at: datetime = instant_column()
    content_type: str = ""
    query: str = sealed_column(
        "submission.query", has_default=True
    )  # what came in the address, verbatim
    is_query_read: bool = yes_no_column(
        default=False
    )  # whether the answers in the address count: a proof that covers the body alone does not
    # vouch for them
    body: bytes = sealed_bytes_column("submission.body")
    body_sha256: str  # of the body, and of the query where there is one
    content_sha256: str | None = (
        None  # of what was read, whatever the order and spelling of the fields
    )
    delivery_id: str | None = (
        None  # the sender's own id for this delivery (webhook-id), the same when repeated
    )
    ip: str = sealed_column("submission.ip")
    user_agent: str = sealed_column("submission.user_agent")
    suspicion: str = message_column()  # why a person should look before anybody is rung
    is_of_burst: bool = yes_no_column(
        default=False
    )  # came when its source's budget of new numbers was used up
    is_test: bool = Field(
        default=False, sa_column_kwargs={"server_default": false()}
    )  # sent from the set-up page
    vendor_id: str | None = None
    reading: dict[str, Any] = sealed_json_column(
        "submission.reading", dict, in_clear=("campaign",), once_in_clear=("name", "phone")
    )
    state: SubmissionState = enum_column(SubmissionState, SubmissionState.RECEIVED)
    reason: str = message_column()
    danger: DangerKind | None = enum_column(
        DangerKind, optional=True, unknown=DangerKind.UNSPECIFIED
    )  # that its words speak of
    lead_id: int | None = Field(default=None, foreign_key="lead.id", index=True)
    callback_id: int | None = Field(default=None, foreign_key="callback.id", index=True)
    change_key_sha256: str | None = None  # of the link with which its sender may change it, once
    changes_id: int | None = Field(
        default=None, foreign_key="submission.id"
    )  # what its sender changes with it
    entered_by: str = Field(
        default="", sa_column_kwargs={"server_default": ""}
    )  # the colleague who entered it by hand, as the audit trail names them


class Lead(SQLModel, table=True):
    """A person who asked for help, and the E.164 number they gave; others may share the number.

    None in a wish means: never said. What protects one person at a number protects the number.
    """

    __table_args__ = (
        Index("lead_state", "state"),
        Index("lead_at_number", "phone", "nth_at_number", unique=True),
    )
    id: int = Field(default=None, primary_key=True)
    phone: str = phone_column()
    phone_extension: str = sealed_column(
        "lead.phone_extension"
    )  # digits that are dialed once somebody has answered
    nth_at_number: int = Field(
        default=1, sa_column_kwargs={"server_default": "1"}
    )  # two admissions at once cannot both make the first
    name: str = sealed_column("lead.name")
    email: str = sealed_column("lead.email")
    for_whom: str = sealed_column("lead.for_whom")
    best_time: str = sealed_column("lead.best_time")
    safe_to_call: bool | None = None
    safe_to_voicemail: bool | None = None
    safe_to_text: bool | None = None
    city: str = sealed_column("lead.city")
    region: str = sealed_column("lead.region")
    zip: str = sealed_column("lead.zip")
    further_places: list[list[str]] = sealed_json_column(
        "lead.further_places", list
    )  # region and ZIP code of wherever else this phone is said to be: the hours of all count
    language: str = ""
    wished_gender: str = Field(default="", sa_column_kwargs={"server_default": ""})
    wished_skill: str = Field(default="", sa_column_kwargs={"server_default": ""})
    state: LeadState = enum_column(LeadState, LeadState.OPEN)
    created_at: datetime = instant_column()
    closed_at: datetime | None = instant_column(optional=True)
    close_reason: CloseReason | None = enum_column(
        CloseReason, optional=True, unknown=CloseReason.UNKNOWN
    )
    merged_into_id: int | None = Field(
        default=None, foreign_key="lead.id", index=True
    )  # closed, and never open
    erased_at: datetime | None = instant_column(optional=True)  # whose file it was is not known
    kept_place: dict[str, Any] | None = optional_json_column()  # for the figures, of who is erased


class LeadWord(SQLModel, table=True):
    """A word by which a lead is found, as its keyed hash alone; see `leads.person_search`."""

    __tablename__ = "lead_word"
    __table_args__ = ({"sqlite_with_rowid": False},)
    word: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    lead_id: int = Field(foreign_key="lead.id", primary_key=True, ondelete="CASCADE", index=True)


class TextMessage(SQLModel, table=True):
    """What somebody sent by text to a helpline's number, verbatim, and what it means to us.

    `lead_id` is None where nobody is known by this number. `waits`: until a person has looked.
    `brand_id`: whose number it was sent to. `pictures`: how many came with it; nobody
    fetches them.
    """

    __tablename__ = "text_message"
    __table_args__ = (
        Index("text_message_once", "phone", "message_id", unique=True),
        Index(
            "text_message_waits",
            "id",
            sqlite_where=text("waits IS 1"),
            postgresql_where=text("waits IS true"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    lead_id: int | None = Field(default=None, foreign_key="lead.id", index=True)
    phone: str = phone_column()
    message_id: str  # the network's, the same when it is delivered again
    body: str = sealed_column("text_message.body", optional=False)
    meaning: TextMeaning = enum_column(TextMeaning, unknown=TextMeaning.WORDS)
    danger: DangerKind | None = enum_column(
        DangerKind, optional=True, unknown=DangerKind.UNSPECIFIED
    )
    received_at: datetime = instant_column()
    waits: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    brand_id: int | None = Field(default=None, foreign_key="brand.id")
    pictures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class OutgoingText(SQLModel, table=True):
    """A text of ours to a lead, in the words that were sent, and what became of it.

    `handed_at`: when the network was asked to send it, which counts as a contact. `retry_of_id`:
    the text that did not arrive, and that this one repeats. `problem`: why it never went out.
    `callback_id`: None of an answer to somebody who was promised no call. `ask_at`: when the
    network is asked what became of it; None before it has it, and once it is over.
    """

    __tablename__ = "outgoing_text"
    __table_args__ = (
        Index("outgoing_text_to_number", "phone", "handed_at"),
        Index(
            "outgoing_text_fault",
            "fault",
            "status_at",
            sqlite_where=text("fault IS NOT NULL"),
            postgresql_where=text("fault IS NOT NULL"),
        ),
        Index(
            "outgoing_text_retried_once",
            "retry_of_id",
            unique=True,
            sqlite_where=text("retry_of_id IS NOT NULL"),
            postgresql_where=text("retry_of_id IS NOT NULL"),
        ),
        Index(
            "outgoing_text_to_ask_about",
            "ask_at",
            sqlite_where=text("ask_at IS NOT NULL"),
            postgresql_where=text("ask_at IS NOT NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    callback_id: int | None = Field(default=None, foreign_key="callback.id", index=True)
    brand_id: int = Field(foreign_key="brand.id")
    phone: str = phone_column()
    template: TextTemplateKey = enum_column(TextTemplateKey, unknown=TextTemplateKey.FREE_WORDS)
    body: str = sealed_column("outgoing_text.body", optional=False)
    parts: int = 1
    ordered_by: str  # as the audit trail names them
    ordered_at: datetime = instant_column()
    handed_at: datetime | None = instant_column(optional=True)
    status: TextStatus = enum_column(TextStatus, TextStatus.ORDERED, unknown=TextStatus.UNKNOWN)
    status_at: datetime = instant_column()
    message_id: str | None = Field(default=None, unique=True)  # the network's
    fault: TextFault | None = enum_column(TextFault, optional=True, unknown=TextFault.UNKNOWN)
    error_code: int | None = None  # the network's
    problem: str = message_column()
    retry_of_id: int | None = Field(default=None, foreign_key="outgoing_text.id")
    ask_at: datetime | None = instant_column(optional=True)


class FactChange(SQLModel, table=True):
    """One fact about a person that a colleague put right: what it was, and what it became."""

    __tablename__ = "fact_change"
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    fact: str
    before: str = sealed_column("fact_change.before", optional=False)
    after: str = sealed_column("fact_change.after", optional=False)
    by: str  # as the audit trail names them
    why: str = sealed_column("fact_change.why", has_default=True)  # in their own words
    at: datetime = instant_column()


class AlsoSaid(SQLModel, table=True):
    """What somebody said later who had not proven who they are, and which was not applied.

    A supervisor who sees both statements accepts it or leaves what was said first.
    """

    __tablename__ = "also_said"
    __table_args__ = (
        Index(
            "also_said_once",
            "lead_id",
            "fact",
            "value",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")  # whose statement it contradicts
    submission_id: int = Field(foreign_key="submission.id")
    fact: str
    value: str = matched_column("also_said.value")
    at: datetime = instant_column()
    decided_at: datetime | None = instant_column(optional=True)
    decided_by: str = ""
    reason: str = sealed_column("also_said.reason")  # a supervisor's own words
    accepted: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class Merge(SQLModel, table=True):
    """Two leads whose files were merged into one, and what it takes to part them again."""

    __table_args__ = (
        Index(
            "merge_once",
            "lead_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    survivor_id: int = Field(foreign_key="lead.id", index=True)
    moved_id: int | None = Field(
        default=None, foreign_key="callback.id"
    )  # was the lead's, and is the survivor's
    dropped_id: int | None = Field(
        default=None, foreign_key="callback.id"
    )  # the later promise: counts in no figure
    at: datetime = instant_column()
    actor: str
    undone_at: datetime | None = instant_column(optional=True)
    undone_by: str = ""


class Consent(SQLModel, table=True):
    """What was agreed to with one submission; never changed.

    `granted` is None where the form did not ask. A refusal is in force at its number until a
    supervisor lifts it, whatever is agreed to later.
    """

    __table_args__ = (
        Index(
            "consent_refused",
            "phone",
            sqlite_where=text("granted IS 0 AND lifted_at IS NULL"),
            postgresql_where=text("granted IS false AND lifted_at IS NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", unique=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    phone: str = phone_column()
    granted: bool | None = None
    wording: str = ""
    wording_sha256: str = ""
    channels: list[str] = json_column(list)
    page_url: str = sealed_column("consent.page_url")
    ip: str = sealed_column("consent.ip")
    user_agent: str = sealed_column("consent.user_agent")
    given_at: datetime = instant_column()
    recorded_by: str = Field(
        default="", sa_column_kwargs={"server_default": ""}
    )  # the colleague who was told of it, as the audit trail names them; empty for a form
    lifted_at: datetime | None = instant_column(optional=True)
    lifted_by: str = Field(default="", sa_column_kwargs={"server_default": ""})


class ConfirmedNumber(SQLModel, table=True):
    """A number against a helpline's policy that a person decided may be contacted."""

    __tablename__ = "confirmed_number"
    id: int = Field(default=None, primary_key=True)
    phone: str = phone_column(unique=True)
    by: str  # as the audit trail names them
    at: datetime = instant_column()


class Suppression(SQLModel, table=True):
    """A number that must not be contacted, or not called, or not texted.

    It says since when, why, and who said so.
    """

    __table_args__ = (
        Index(
            "suppression_in_force",
            "phone",
            "channel",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
        Index(
            "suppression_kept",
            "number_hash",
            sqlite_where=text("number_hash IS NOT NULL"),
            postgresql_where=text("number_hash IS NOT NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    phone: str = phone_column()
    number_hash: int | None = Field(
        default=None, sa_column=Column(BigInteger, nullable=True)
    )  # instead of the number, where whoever had it was erased
    channel: SuppressedChannel = enum_column(
        SuppressedChannel, SuppressedChannel.ALL, unknown=SuppressedChannel.ALL
    )
    reason: str = message_column()
    actor: str
    since: datetime = instant_column()
    lifted_at: datetime | None = instant_column(optional=True)
    lifted_by: str = ""
