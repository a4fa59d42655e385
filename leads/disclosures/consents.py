"""Consents to disclose: which of a person's covers that somebody is told now.

What is expired, revoked, spoken, incomplete or of another version covers nothing (42 CFR 2.31(c)).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.models.disclosure_words import WRITTEN_PROOFS, ConsentScope
from leads.models.disclosures import DisclosureConsent

FIRST_ZONE = timedelta(hours=14)  # ahead of UTC: the day begins there


def list_consents_to_disclose(
    session: Session, lead_ids: Collection[int]
) -> list[DisclosureConsent]:
    """Return the consents to disclose in a person's files, the latest first."""
    theirs = select(DisclosureConsent).where(col(DisclosureConsent.lead_id).in_(lead_ids))
    return list(session.exec(theirs.order_by(col(DisclosureConsent.id).desc())))


def covers_disclosure(consent: DisclosureConsent, *, at: datetime) -> bool:
    """Whether somebody may be told at an instant because of a consent, as far as we can know.

    That what is told is what the consent names, a person has to see. Its last day ends in UTC,
    which in the United States is never later than it says.
    """
    is_written = consent.proof in WRITTEN_PROOFS and consent.scope != ConsentScope.UNKNOWN
    is_whole = bool(consent.recipient and consent.information and consent.purpose)
    is_begun = consent.signed_on <= (at + FIRST_ZONE).date()
    is_over = consent.expires_on is not None and at.date() > consent.expires_on
    is_revoked = consent.revoked_at is not None and consent.revoked_at <= at
    return is_written and is_whole and is_begun and not is_over and not is_revoked


def ended_before(consent: DisclosureConsent, at: datetime) -> bool:
    """Whether a consent was revoked or expired before an instant: one with no last day never."""
    is_expired = consent.expires_on is not None and consent.expires_on < at.date()
    return is_expired or (consent.revoked_at is not None and consent.revoked_at < at)
