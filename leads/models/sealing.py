"""What seals other tables."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class DataKey(SQLModel, table=True):
    """A key of sealed columns, itself sealed; see `leads.database.data_keys`."""

    __tablename__ = "data_key"
    id: int = Field(primary_key=True)
    wrapped: str


class KeptLookupKey(SQLModel, table=True):
    """The key by which what is sealed is found; see `leads.database.lookup_key`. One row."""

    __tablename__ = "lookup_key"
    id: int = Field(primary_key=True)
    wrapped: str


class UnfinishedSealing(SQLModel, table=True):
    """What was begun to be sealed and not finished; see `leads.database.sealing_tasks`."""

    __tablename__ = "sealing_task"
    name: str = Field(primary_key=True)
