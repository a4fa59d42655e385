"""Consents to disclose on a person's record: taken whole or not at all, and revoked at a word.

Whoever may see a person records and revokes one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from leads.database.wakeups import Wakeup, wake_after_commit
from leads.disclosures import consents
from leads.errors import BadSubmission, LostRace
from leads.i18n.translatable import Phrase
from leads.lead_records.merged_files import lead_and_merged_files
from leads.lead_records.visible_people import require_visible
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.disclosure_words import (
    CHOOSABLE_PROOFS,
    CHOOSABLE_SCOPES,
    ConsentProof,
    ConsentScope,
)
from leads.models.disclosures import DisclosureConsent
from leads.models.helplines import Brand
from leads.models.requests import Lead
from leads.people.actor_names import read_names_by_actor
from leads.people.permissions import (
    Permission,
    actor_of,
    require_permission,
)

LONGEST_WORDS = 1000  # characters
MAY_BE_EMPTY = ("expires_on", "expires_with", "signed_by")


@dataclass(frozen=True)
class ConsentElements:
    """What a consent to disclose says: each element of 42 CFR 2.31(a), as `DisclosureConsent`."""

    scope: ConsentScope
    patient: str
    discloser: str
    recipient: str
    information: str
    purpose: str
    how_to_revoke: str
    expires_on: date | None
    expires_with: str
    proof: ConsentProof
    signed_by: str
    signed_on: date


@dataclass(frozen=True)
class ConsentOnRecord:
    """A consent to disclose as a person's record shows it.

    `covers_now`: whether somebody may be told because of it. Who recorded and who revoked it is
    empty of former colleagues.
    """

    consent_id: int
    lead_id: int
    elements: ConsentElements
    covers_now: bool
    recorded_by: str
    recorded_at: datetime
    revoked_by: str
    revoked_at: datetime | None
    revoked_how: str


def record_disclosure_consent(
    session: Session, lead: Lead, person: Advisor, elements: ConsentElements, *, now: datetime
) -> DisclosureConsent:
    """Put a person's consent to disclose on record.

    Raises BadSubmission where an element is missing, and NotAllowed for a person whom the colleague
    may not see.
    """
    require_permission(person, Permission.RECORD_DISCLOSURE)
    require_visible(session, lead.id, person, now=now)
    said = {name: _trimmed(value) for name, value in asdict(elements).items()}
    _require_whole(ConsentElements(**said), now)
    session.refresh(lead, with_for_update=True)  # an erasure of this moment is over, or waits
    consent = DisclosureConsent(
        lead_id=lead.id, recorded_by=actor_of(person), recorded_at=now, **said
    )
    session.add(consent)
    session.flush()
    record_event(
        session, lead, "agree_to_disclose", actor=actor_of(person), now=now, consent=consent.id
    )
    wake_after_commit(session, Wakeup.DESK)
    return consent


def revoke_disclosure_consent(
    session: Session, consent: DisclosureConsent, person: Advisor, *, how: str, now: datetime
) -> None:
    """Revoke a consent because the person says so, from this moment on.

    `how`: by which means, and by whose word. Anybody who may see the person does it, and nobody
    asks for a writing first: a protection tightens at once. Raises BadSubmission without `how`,
    LostRace where it was revoked before.
    """
    require_permission(person, Permission.RECORD_DISCLOSURE, consent)
    require_visible(session, consent.lead_id, person, now=now)
    if not how.strip():
        raise BadSubmission(Phrase("Enter how they told us, such as by phone or by letter."))
    session.refresh(consent, with_for_update=True)
    if consent.revoked_at:
        raise LostRace(Phrase("Someone else got there first: this consent was revoked."))
    consent.revoked_at, consent.revoked_by = now, actor_of(person)
    consent.revoked_how = how.strip()[:LONGEST_WORDS]
    session.add(consent)
    lead = session.get_one(Lead, consent.lead_id)
    record_event(
        session, lead, "revoke_consent", actor=actor_of(person), now=now, consent=consent.id
    )
    wake_after_commit(session, Wakeup.DESK)


def list_disclosure_consents(
    session: Session, lead: Lead, viewer: Advisor, *, now: datetime
) -> Sequence[ConsentOnRecord]:
    """Return the consents to disclose in a person's files, the latest first."""
    require_permission(viewer, Permission.RECORD_DISCLOSURE)
    require_visible(session, lead.id, viewer, now=now)
    names = read_names_by_actor(session)
    files = [file.id for file in lead_and_merged_files(session, lead)]
    return [
        ConsentOnRecord(
            consent_id=consent.id,
            lead_id=consent.lead_id,
            elements=ConsentElements(
                **{one.name: getattr(consent, one.name) for one in fields(ConsentElements)}
            ),
            covers_now=consents.covers_disclosure(consent, at=now),
            recorded_by=names.get(consent.recorded_by, ""),
            recorded_at=consent.recorded_at,
            revoked_by=names.get(consent.revoked_by, ""),
            revoked_at=consent.revoked_at,
            revoked_how=consent.revoked_how,
        )
        for consent in consents.list_consents_to_disclose(session, files)
    ]


def suggest_parties(
    session: Session, lead: Lead, viewer: Advisor, *, now: datetime
) -> tuple[str, str]:
    """Return a person's name on file, and who would disclose: who runs the helpline they asked."""
    require_permission(viewer, Permission.RECORD_DISCLOSURE)
    require_visible(session, lead.id, viewer, now=now)
    asked = select(Brand).join(Callback, col(Callback.brand_id) == col(Brand.id))
    asked = asked.where(Callback.lead_id == lead.id).order_by(col(Callback.id).desc())
    brand = session.exec(asked.limit(1)).first()
    return lead.name, (brand.operator or brand.name) if brand else ""


def _trimmed(value: Any) -> Any:
    is_text = isinstance(value, str) and not isinstance(value, ConsentScope | ConsentProof)
    return str(value).strip()[:LONGEST_WORDS] if is_text else value


def _require_whole(elements: ConsentElements, now: datetime) -> None:
    """Raise BadSubmission unless every element of 42 CFR 2.31(a) is there."""
    said = asdict(elements)
    if any(not value for name, value in said.items() if name not in MAY_BE_EMPTY):
        raise BadSubmission(Phrase("Fill out every part: a consent without one of them is none."))
    if not elements.expires_on and not elements.expires_with:
        raise BadSubmission(Phrase("Enter the last day, or what ends the consent."))
    if elements.scope not in CHOOSABLE_SCOPES or elements.proof not in CHOOSABLE_PROOFS:
        raise BadSubmission(Phrase("Choose what the consent is about, and how it was given."))
    if elements.signed_on > (now + consents.FIRST_ZONE).date():
        raise BadSubmission(Phrase("The day of the signature is in the future."))
    if elements.expires_on and elements.expires_on < elements.signed_on:
        raise BadSubmission(Phrase("The last day is before the day of the signature."))
