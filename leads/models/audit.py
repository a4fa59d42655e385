"""The audit log: who looked at whom, and who came in. Ids, codes and addresses; never a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from leads.models.fields import instant_column, json_column, sealed_column


class AuditEntry(SQLModel, table=True):
    """One look or one event of signing in; the database refuses to change or delete it.

    `actor`: as the audit trail names them. `view`: the page, or what else showed it. `record` and
    `record_id`: whom or what it was about, empty where nobody. `address` and `browser`: from where.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("audit_entry_of_actor", "actor", "at"),
        Index("audit_entry_of_record", "record", "record_id"),
    )
    id: int = Field(default=None, primary_key=True)
    at: datetime = instant_column(index=True)
    kind: str  # an `AuditKind`, as its version of us wrote it: the chain is over that
    actor: str
    view: str
    record: str
    record_id: str
    sign_in_id: int | None
    address: str
    browser: str
    details: dict[str, Any] = json_column(dict)


class AuditLink(SQLModel, table=True):
    """One link of the chain over the entries: the digest of an entry and of all before it."""

    __tablename__ = "audit_link"
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    entry_id: int = Field(unique=True)
    digest: str


class AuditKey(SQLModel, table=True):
    """The key of the chain's digests, itself sealed; there is one."""

    __tablename__ = "audit_key"
    id: int = Field(primary_key=True)
    secret: str = sealed_column("audit_key.secret", optional=False)


class AuditTrim(SQLModel, table=True):
    """That the oldest entries were deleted because their time was over.

    The database lets nobody delete entries but those `through` a position. The chain begins with
    its `digest` from then on; `proof` says that whoever wrote the row had the key.
    """

    __tablename__ = "audit_trim"
    id: int = Field(default=None, primary_key=True)
    through: int = Field(unique=True)
    digest: str
    at: datetime = instant_column()
    actor: str
    proof: str
