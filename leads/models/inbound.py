"""Calls that come in, the numbers that they come in at, and how a helpline answers them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from leads.models.enums import ArrivalKind, InboundState, OutsideHoursChoice
from leads.models.fields import (
    enum_column,
    instant_column,
    json_column,
    message_column,
    number_column,
    optional_json_column,
    phone_column,
    yes_no_column,
)

LONGEST_WAIT = 10  # minutes, where a helpline says nothing else


class InboundCall(SQLModel, table=True):
    """One call that came in; what is shown of it is how it ended.

    `phone` is empty where it was withheld. `callback_id`: the callback that an advisor is offered
    while the caller waits, and whoever calls them back keeps.
    """

    __tablename__ = "inbound_call"
    __table_args__ = (
        # Whole, not partial: a prepared statement's parameters cannot be matched with a partial
        # index.
        Index("inbound_state", "state", "rang_at"),
        Index("inbound_rang", "rang_at", "brand_id"),
    )
    id: str = Field(default_factory=lambda: uuid.uuid4().hex, primary_key=True)
    brand_id: int = Field(foreign_key="brand.id")
    lead_id: int | None = Field(default=None, foreign_key="lead.id", index=True)
    callback_id: int | None = Field(default=None, foreign_key="callback.id", index=True)
    phone: str = phone_column(optional=True)
    provider_call_id: str = Field(unique=True)
    state: InboundState = enum_column(InboundState, InboundState.WAITING)
    rang_at: datetime = instant_column()
    heard_at: datetime = instant_column()  # the last news of it
    answered_at: datetime | None = instant_column(optional=True)  # an advisor was there
    ended_at: datetime | None = instant_column(optional=True)  # the network said so


class HelplineNumber(SQLModel, table=True):
    """One phone number of a helpline, and whether calls to it come to us.

    `points_to_us` is None until the network was asked. `pointing_asked_at`: somebody wants it set.
    """

    __tablename__ = "helpline_number"
    id: int = Field(default=None, primary_key=True)
    brand_id: int = Field(foreign_key="brand.id", index=True)
    phone: str = phone_column(unique=True)
    points_to_us: bool | None = None
    checked_at: datetime | None = instant_column(optional=True)
    pointing_asked_at: datetime | None = instant_column(optional=True)
    problem: str = message_column()


class ArrivalLook(SQLModel, table=True):
    """From when on the network is asked next what came to a number of ours, of one kind.

    `failures`: in a row, because the network refused or something could not be taken; then nothing
    is asked before `paused_until`.
    """

    __tablename__ = "arrival_look"
    __table_args__ = (UniqueConstraint("kind", "phone", name="arrival_look_once"),)
    id: int = Field(default=None, primary_key=True)
    kind: ArrivalKind = enum_column(ArrivalKind)
    phone: str = phone_column()
    since: datetime = instant_column()
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    paused_until: datetime | None = instant_column(optional=True)


class InboundSettings(SQLModel, table=True):
    """How a helpline answers its phone; a helpline without a row has the defaults.

    `greetings`, `closed_messages` and `voicemail_messages`: its own words by language, which
    replace ours. `hours`: by the clock of `zone`, None for whenever somebody is on duty.
    """

    __tablename__ = "inbound_settings"
    brand_id: int = Field(foreign_key="brand.id", primary_key=True)
    greetings: dict[str, str] = json_column(dict)
    closed_messages: dict[str, str] = json_column(dict)
    voicemail_messages: dict[str, str] = json_column(dict)
    hours: dict[str, Any] | None = optional_json_column()
    zone: str = "America/New_York"
    outside_hours: OutsideHoursChoice = enum_column(
        OutsideHoursChoice, OutsideHoursChoice.CALLBACK, unknown=OutsideHoursChoice.MESSAGE
    )
    longest_wait: int = number_column(LONGEST_WAIT)
    takes_voicemail: bool = yes_no_column(default=False)
