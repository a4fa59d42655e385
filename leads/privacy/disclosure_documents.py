"""Documents about disclosures: a consent, and the account of who was told what."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from leads.errors import NotNow
from leads.i18n import translatable
from leads.i18n.readable_times import format_date, format_instant
from leads.i18n.translatable import Phrase
from leads.lead_records import disclosure_account, disclosure_consents
from leads.lead_records.disclosure_account import DisclosureLine
from leads.lead_records.disclosure_consents import ConsentElements
from leads.models.advisors import Advisor
from leads.models.disclosure_words import (
    BASIS_LABELS,
    PROOF_LABELS,
    SCOPE_LABELS,
    WAY_LABELS,
    ConsentScope,
)
from leads.models.requests import Lead
from leads.pages import rendering
from leads.privacy.disclosure_notice import DISCLOSURE_NOTICE

PROOF = Phrase("How it was given")
SIGNED_BY = Phrase("Signed by, if not the patient")
SIGNED_ON = Phrase("Signed on")


def render_consent_document(
    session: Session,
    lead: Lead,
    consent_id: int,
    person: Advisor,
    *,
    language: str,
    zone: str,
    now: datetime,
) -> str:
    """Return a consent with all of its elements and the notice of 42 CFR 2.32, to print or send.

    Raises as reading a person's consents does, and NotNow for another person's.
    """
    listed = disclosure_consents.list_disclosure_consents(session, lead, person, now=now)
    consent = next((one for one in listed if one.consent_id == consent_id), None)
    if consent is None:
        raise NotNow(Phrase("This consent is in another file."))
    said = _list_elements(consent.elements, language)
    return rendering.render_document(
        "consent.html",
        _=functools.partial(translatable.translate, language),
        language=language,
        zone=zone,
        notice=DISCLOSURE_NOTICE,
        consent=consent,
        lines={label: value for label, value in said.items() if value},
        is_for_care=consent.elements.scope == ConsentScope.CARE,
        at=lambda instant: format_instant(instant, zone=zone, language=language),
        as_of=format_instant(now, zone=zone, language=language),
    )


def render_consent_to_sign(
    session: Session,
    lead: Lead,
    elements: ConsentElements,
    person: Advisor,
    *,
    language: str,
    now: datetime,
) -> str:
    """Return a consent with all that 42 CFR 2.31 wants of it, to be signed by hand.

    What nobody filled in has room to be written. Nothing is on record by it. Raises NotAllowed for
    a person whom the colleague may not see.
    """
    disclosure_consents.suggest_parties(session, lead, person, now=now)
    signature_and_proof = {SIGNED_BY, SIGNED_ON, PROOF}
    said = _list_elements(elements, language)
    return rendering.render_document(
        "consent_to_sign.html",
        _=functools.partial(translatable.translate, language),
        language=language,
        lines={label: said[label] for label in said if label not in signature_and_proof},
        is_for_care=elements.scope == ConsentScope.CARE,
        signatures=(
            Phrase("Signature"),
            Phrase("Signed by, if not the patient, and by what right"),
            SIGNED_ON,
        ),
    )


def render_accounting(
    session: Session, lead: Lead, person: Advisor, *, language: str, zone: str, now: datetime
) -> str:
    """Return the account of disclosures for the person whom it is about (42 CFR 2.25).

    Each line has what 45 CFR 164.528(b)(2) wants: the day, who was told, what, and what for.
    """
    account = disclosure_account.read_disclosure_account(session, lead, person, now=now)
    said = functools.partial(translatable.translate, language)
    return rendering.render_document(
        "accounting.html",
        _=said,
        language=language,
        zone=zone,
        notice=DISCLOSURE_NOTICE,
        lines=[{"at": line.at, "values": _list_facts(line, said)} for line in account],
        at=lambda instant: format_instant(instant, zone=zone, language=language),
        as_of=format_instant(now, zone=zone, language=language),
    )


def _list_facts(line: DisclosureLine, said: Callable[[str], str]) -> Mapping[Phrase, str]:
    facts = line.facts
    consent = f" ({facts.consent_id})" if facts.consent_id else ""
    return {
        Phrase("Who was told"): facts.recipient,
        Phrase("How"): said(WAY_LABELS[line.way]),
        Phrase("What they were told"): facts.information,
        Phrase("What for"): facts.purpose,
        Phrase("By what right"): said(BASIS_LABELS[facts.basis]) + consent,
    }


def _list_elements(elements: ConsentElements, language: str) -> Mapping[Phrase, str]:
    """Return what a consent says, by what each element is called."""
    last_day = elements.expires_on and format_date(elements.expires_on, language=language)
    return {
        Phrase("Patient"): elements.patient,
        Phrase("What it is about"): translatable.translate(language, SCOPE_LABELS[elements.scope]),
        Phrase("Who may disclose"): elements.discloser,
        Phrase("Recipients"): elements.recipient,
        Phrase("How much and what kind of information"): elements.information,
        Phrase("What for"): elements.purpose,
        Phrase("How it can be revoked"): elements.how_to_revoke,
        Phrase("Last day"): last_day or "",
        Phrase("Ends with"): elements.expires_with,
        PROOF: translatable.translate(language, PROOF_LABELS[elements.proof]),
        SIGNED_BY: elements.signed_by,
        SIGNED_ON: format_date(elements.signed_on, language=language),
    }
