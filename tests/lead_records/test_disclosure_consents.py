"""Consents to disclose: taken whole or not at all, printed whole, and revoked at a word."""

from __future__ import annotations

import html
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from leads.errors import BadSubmission, LostRace, NotAllowed, NotNow
from leads.i18n.translatable import translate
from leads.lead_records import disclosure_consents
from leads.models.advisors import Advisor
from leads.models.disclosure_words import PROOF_LABELS
from leads.models.disclosures import DisclosureConsent
from leads.models.requests import Lead
from leads.privacy import data_export, disclosure_documents
from leads.privacy.disclosure_notice import DISCLOSURE_NOTICE
from tests.conftest import NOW
from tests.support.disclosures import SHELTER, a_whole_consent
from tests.support.people import (
    HOUR,
    a_claim,
    a_lead,
    a_supervisor,
    an_advisor,
    lead_of,
    moves,
)


def recorded(session: Session, lead: Lead, person: Advisor, **more: Any) -> DisclosureConsent:
    elements = a_whole_consent(**more)
    return disclosure_consents.record_disclosure_consent(session, lead, person, elements, now=NOW)


def listed(
    session: Session, lead: Lead, viewer: Advisor
) -> list[disclosure_consents.ConsentOnRecord]:
    return list(disclosure_consents.list_disclosure_consents(session, lead, viewer, now=NOW + HOUR))


def test_an_advisor_takes_a_consent_of_whom_they_have_in_hand(session: Session) -> None:
    callback, ana = a_claim(session)
    lead = lead_of(session, callback)
    recorded(session, lead, ana, recipient=f" {SHELTER} ")
    [consent] = listed(session, lead, ana)
    assert consent.elements == a_whole_consent()
    assert consent.covers_now
    assert (consent.recorded_by, consent.recorded_at) == (ana.name, NOW)
    [told] = [one for one in moves(session, lead) if one.event == "agree_to_disclose"]
    assert (told.actor, told.changes) == (f"advisor:{ana.id}", {"consent": consent.consent_id})
    exported = data_export.export_lead_data(session, lead, a_supervisor(session), now=NOW).data
    assert [row["recipient"] for row in exported["disclosure_consents"]] == [SHELTER]


@pytest.mark.parametrize(
    "missing",
    ["patient", "discloser", "recipient", "information", "purpose", "how_to_revoke", "signed_on"],
)
def test_a_consent_without_an_element_is_none(session: Session, missing: str) -> None:
    lead, sam = a_lead(session), a_supervisor(session)
    with pytest.raises(BadSubmission):
        recorded(session, lead, sam, **{missing: "  " if missing != "signed_on" else None})
    assert listed(session, lead, sam) == []


def test_a_consent_needs_an_end_and_days_in_order(session: Session) -> None:
    lead, sam = a_lead(session), a_supervisor(session)
    for wrong in (
        {"expires_on": None},
        {"signed_on": (NOW + timedelta(days=2)).date()},
        {"expires_on": (NOW - timedelta(days=2)).date()},
    ):
        with pytest.raises(BadSubmission):
            recorded(session, lead, sam, **wrong)
    assert recorded(session, lead, sam, expires_on=None, expires_with="none")


def test_anybody_who_may_see_them_revokes_it_and_it_covers_nothing_at_once(
    session: Session,
) -> None:
    callback, ana = a_claim(session)
    lead, sam = lead_of(session, callback), a_supervisor(session)
    consent = recorded(session, lead, sam)
    revoke = disclosure_consents.revoke_disclosure_consent
    with pytest.raises(BadSubmission):
        revoke(session, consent, ana, how=" ", now=NOW)
    with pytest.raises(NotAllowed):
        revoke(session, consent, an_advisor(session), how="on the phone", now=NOW)
    revoke(session, consent, ana, how="She said so on the phone.", now=NOW)
    [shown] = listed(session, lead, sam)
    assert not shown.covers_now
    assert (shown.revoked_by, shown.revoked_at) == (ana.name, NOW)
    assert shown.revoked_how == "She said so on the phone."
    with pytest.raises(LostRace):
        revoke(session, consent, sam, how="by letter", now=NOW)


def test_an_advisor_takes_none_of_whom_they_may_not_see(session: Session) -> None:
    with pytest.raises(NotAllowed):
        recorded(session, a_lead(session), an_advisor(session))


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_document_has_every_element_and_the_notice(session: Session, language: str) -> None:
    lead, sam = a_lead(session), a_supervisor(session)
    elements = a_whole_consent(scope="care", signed_by="Rosa <b>, guardian", expires_with="none")
    consent = recorded(session, lead, sam, **asdict(elements))
    page = disclosure_documents.render_consent_document(
        session,
        lead,
        consent.id,
        sam,
        language=language,
        zone="America/New_York",
        now=NOW,
    )
    for text in (
        DISCLOSURE_NOTICE,
        "Rosa &lt;b&gt;, guardian",
        *(getattr(elements, name) for name in ("patient", "discloser", "recipient", "purpose")),
        *(getattr(elements, name) for name in ("information", "how_to_revoke", "expires_with")),
    ):
        assert text in page, text
    assert f'lang="{language}"' in page
    with pytest.raises(NotNow):
        disclosure_documents.render_consent_document(
            session, a_lead(session), consent.id, sam, language="en", zone="UTC", now=NOW
        )


@pytest.mark.parametrize(
    ("language", "signature", "need_not"),
    [("en", "Signature", "You do not have to sign."), ("es", "Firma", "No tiene que firmar.")],
)
def test_a_consent_is_printed_before_it_is_signed(
    session: Session, language: str, signature: str, need_not: str
) -> None:
    lead, sam = a_lead(session), a_supervisor(session)
    elements = a_whole_consent(scope="care", patient="Rosa <b>", information="", expires_on=None)
    page = disclosure_documents.render_consent_to_sign(
        session, lead, elements, sam, language=language, now=NOW
    )
    for text in ("Rosa &lt;b&gt;", elements.discloser, elements.recipient, elements.purpose):
        assert text in page, text
    assert page.count("<td><br><br></td>") == 6  # what nobody filled in, and who signs and when
    said = html.unescape(page)
    assert f'lang="{language}"' in page
    assert f">{signature}<" in said
    assert need_not in said
    assert translate(language, PROOF_LABELS[elements.proof]) not in said
    assert listed(session, lead, sam) == []  # nothing is on record by it
    with pytest.raises(NotAllowed):
        disclosure_documents.render_consent_to_sign(
            session, lead, elements, an_advisor(session), language=language, now=NOW
        )
