"""Who outside is told what happens here, and who may ask."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from leads.models.enums import BasisKind, DestinationStop
from leads.models.fields import (
    enum_column,
    instant_column,
    json_column,
    sealed_column,
    sealed_json_column,
)


class Destination(SQLModel, table=True):
    """Where events are sent, and what permits it.

    `basis_name`: the words that a person's consent has to name, or the contract. `since`: what
    happened before is not sent. There are two `secrets` while one replaces the other, the new one
    first.
    """

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    url: str = sealed_column("destination.url", optional=False)  # many tools put a key into it
    event_types: list[str] = json_column(list)
    brand_ids: list[int] = json_column(list)  # none: all helplines
    basis_kind: BasisKind = enum_column(BasisKind)
    basis_name: str
    secrets: list[str] = sealed_json_column("destination.secrets", list)
    created_at: datetime = instant_column()
    created_by: str  # as the audit trail names them: who says that the basis is there
    since: datetime = instant_column()
    stopped_at: datetime | None = instant_column(optional=True)
    stopped_because: DestinationStop | None = enum_column(
        DestinationStop, optional=True, unknown=DestinationStop.UNKNOWN
    )


class EventCursor(SQLModel, table=True):
    """How far the rows of a table have been looked through for events.

    Rows may be committed in another order than that of their ids. So those after `through` are
    looked at again until `ahead`, the last id at `looked_at`, is old enough that none before it can
    still come.
    """

    __tablename__ = "event_cursor"
    feed: str = Field(primary_key=True)
    through: int
    ahead: int
    looked_at: datetime = instant_column()


class ApiToken(SQLModel, table=True):
    """What lets a program read over the API: what of, of which helplines, and until when.

    A token that may read who people are has a basis, as a destination has.
    """

    __tablename__ = "api_token"
    id: int = Field(default=None, primary_key=True)
    name: str
    token_hash: str = Field(unique=True)
    scopes: list[str] = json_column(list)
    brand_ids: list[int] = json_column(list)  # none: all helplines
    basis_kind: BasisKind | None = enum_column(BasisKind, optional=True)
    basis_name: str = ""
    created_at: datetime = instant_column()
    created_by: str
    ends_at: datetime = instant_column()
    revoked_at: datetime | None = instant_column(optional=True)
    used_at: datetime | None = instant_column(optional=True)  # to the minute
