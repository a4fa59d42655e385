"""Messages that callers left on the phone, and who has listened to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from leads.models.enums import VoicemailState
from leads.models.fields import enum_column, instant_column, yes_no_column


class Voicemail(SQLModel, table=True):
    """What somebody said after the tone of one call that came in.

    `sealed`: the recording, which only a `Vault` can read; queries of many leave it out.
    `provider_recording_id` is None until the network has named it. `recorded_at`: the network said
    that it is there. `callback_id`: the promise that it led to. `settled_at`: somebody who listened
    said that nothing more is to be done about it.
    """

    id: int = Field(default=None, primary_key=True)
    inbound_call_id: str = Field(foreign_key="inbound_call.id", index=True)
    provider_recording_id: str | None = Field(default=None, unique=True)
    state: VoicemailState = enum_column(VoicemailState, VoicemailState.EXPECTED)
    seconds: int = 0
    is_empty: bool = yes_no_column(default=False)  # too short, or nothing but silence
    received_at: datetime = instant_column()  # when they rang
    expected_at: datetime = instant_column()  # when they were asked to speak
    recorded_at: datetime | None = instant_column(optional=True)
    fetched_at: datetime | None = instant_column(optional=True)
    deleted_at: datetime | None = instant_column(optional=True)  # at the network
    callback_id: int | None = Field(default=None, foreign_key="callback.id", index=True)
    settled_at: datetime | None = instant_column(optional=True, index=True)
    settled_by: int | None = Field(default=None, foreign_key="advisor.id")
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class VoicemailPlay(SQLModel, table=True):
    """Somebody began to listen to a voicemail."""

    __tablename__ = "voicemail_play"
    id: int = Field(default=None, primary_key=True)
    voicemail_id: int = Field(foreign_key="voicemail.id", index=True)
    advisor_id: int = Field(foreign_key="advisor.id")
    at: datetime = instant_column()
