"""What a person agreed may be told about them, and what was told to whom."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from leads.models.disclosure_words import (
    ConsentProof,
    ConsentScope,
    DisclosureBasis,
    DisclosureWay,
    NoticeWay,
)
from leads.models.fields import enum_column, instant_column, sealed_column


class DisclosureConsent(SQLModel, table=True):
    """One consent to disclose, with the elements of 42 CFR 2.31(a); never changed but revoked.

    `patient`: their name as it is signed; `signed_by`: who signed for them, and by what right.
    `expires_on`: the last day, None where `expires_with` is the event. Who recorded and revoked it
    is as the audit trail names them.
    """

    __tablename__ = "disclosure_consent"
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    scope: ConsentScope = enum_column(ConsentScope, unknown=ConsentScope.UNKNOWN)
    patient: str = sealed_column("disclosure_consent.patient", optional=False)
    discloser: str = sealed_column("disclosure_consent.discloser", optional=False)
    recipient: str = sealed_column("disclosure_consent.recipient", optional=False)
    information: str = sealed_column("disclosure_consent.information", optional=False)
    purpose: str = sealed_column("disclosure_consent.purpose", optional=False)
    how_to_revoke: str = sealed_column("disclosure_consent.how_to_revoke", optional=False)
    expires_on: date | None = None
    expires_with: str = sealed_column("disclosure_consent.expires_with")
    proof: ConsentProof = enum_column(ConsentProof, unknown=ConsentProof.UNKNOWN)
    signed_by: str = sealed_column("disclosure_consent.signed_by")
    signed_on: date
    recorded_by: str
    recorded_at: datetime = instant_column()
    revoked_by: str = ""
    revoked_at: datetime | None = instant_column(optional=True)
    revoked_how: str = sealed_column("disclosure_consent.revoked_how")  # by whose word, and how


class Disclosure(SQLModel, table=True):
    """One line of the account of what was told about a person; lines are only ever added.

    `at`: when somebody was told. `corrects_id`: the line that this one takes the place of, because
    somebody said more of it. `leg_id`: whose phone leg it was, where it was in a call.
    """

    __table_args__ = (Index("disclosure_of_lead", "lead_id", "at"),)
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    at: datetime = instant_column()
    way: DisclosureWay = enum_column(DisclosureWay, unknown=DisclosureWay.OTHER)
    recipient: str = sealed_column("disclosure.recipient", optional=False)
    information: str = sealed_column("disclosure.information")
    purpose: str = sealed_column("disclosure.purpose")
    basis: DisclosureBasis = enum_column(DisclosureBasis, unknown=DisclosureBasis.OTHER)
    consent_id: int | None = Field(default=None, foreign_key="disclosure_consent.id", index=True)
    notice: NoticeWay = enum_column(NoticeWay, unknown=NoticeWay.NONE)
    leg_id: int | None = Field(default=None, foreign_key="call_leg.id", index=True)
    corrects_id: int | None = Field(default=None, foreign_key="disclosure.id", unique=True)
    recorded_by: str
    recorded_at: datetime = instant_column()
