"""The account of disclosures: who was told what of a person, by whichever way it went out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from leads.disclosures.ledger import DisclosureFacts
from leads.errors import BadSubmission, LostRace, NotAllowed, NotNow
from leads.lead_records import disclosure_account, disclosure_consents, merging
from leads.lead_records.disclosure_account import DisclosureLine
from leads.models.advisors import Advisor
from leads.models.disclosure_words import DisclosureBasis, DisclosureWay, NoticeWay
from leads.models.disclosures import Disclosure
from leads.models.requests import Lead
from leads.privacy import data_export, disclosure_documents
from leads.privacy.disclosure_notice import DISCLOSURE_NOTICE
from tests.conftest import NOW
from tests.support.disclosures import SHELTER, a_whole_consent
from tests.support.people import HOUR, NUMBER, a_lead, a_supervisor, an_advisor, moves

TOLD = DisclosureFacts(
    recipient="Dr. Kim, 4 Elm Street",
    basis=DisclosureBasis.EMERGENCY,
    information="That she had taken too much",
    purpose="Her treatment",
    notice=NoticeWay.SAID,
)


def tell(
    session: Session, lead: Lead, person: Advisor, facts: DisclosureFacts = TOLD, **more: Any
) -> Disclosure:
    said: dict[str, Any] = {"way": DisclosureWay.SPOKEN, "at": NOW, "now": NOW} | more
    return disclosure_account.record_told_by_hand(session, lead, person, facts, **said)


def account(session: Session, lead: Lead, viewer: Advisor) -> list[DisclosureLine]:
    return list(disclosure_account.read_disclosure_account(session, lead, viewer, now=NOW + HOUR))


def test_what_somebody_told_is_in_the_account_the_history_and_the_export(
    session: Session,
) -> None:
    lead, sam = a_lead(session, name="Ana Ruiz"), a_supervisor(session)
    tell(session, lead, sam)
    data_export.export_lead_data(session, lead, sam, now=NOW + HOUR)
    to_her, to_doctor = account(session, lead, sam)
    assert to_doctor.facts == TOLD
    assert (to_doctor.by, to_doctor.at) == (sam.name, NOW)
    assert (to_her.way, to_her.facts.basis) == ("export", "themselves")
    assert to_her.facts.notice is NoticeWay.IN_IT
    assert [move.event for move in moves(session, lead)] == ["disclosure", "export"]
    exported = data_export.export_lead_data(session, lead, sam, now=NOW + HOUR).data
    assert len(exported["disclosures"]) == 3


@pytest.mark.parametrize("missing", ["recipient", "information", "purpose"])
def test_a_line_says_to_whom_what_and_what_for(session: Session, missing: str) -> None:
    lead, sam = a_lead(session), a_supervisor(session)
    said = {**vars(TOLD), missing: "  "}
    with pytest.raises(BadSubmission):
        tell(session, lead, sam, DisclosureFacts(**said))
    assert account(session, lead, sam) == []


def test_a_line_is_by_a_right_of_the_past_and_of_whom_one_may_see(session: Session) -> None:
    lead, sam = a_lead(session), a_supervisor(session)
    for basis in (DisclosureBasis.NOT_STATED, DisclosureBasis.CONSENT):
        with pytest.raises(BadSubmission):
            tell(session, lead, sam, DisclosureFacts(**{**vars(TOLD), "basis": basis}))
    with pytest.raises(BadSubmission):
        tell(session, lead, sam, at=NOW + HOUR)
    with pytest.raises(BadSubmission):
        tell(session, lead, sam, way=DisclosureWay.EXPORT)
    with pytest.raises(NotAllowed):
        tell(session, lead, an_advisor(session))


def test_a_consent_is_a_right_until_it_is_revoked_and_what_was_told_stays(
    session: Session,
) -> None:
    lead, sam = a_lead(session), a_supervisor(session)
    consent = disclosure_consents.record_disclosure_consent(
        session, lead, sam, a_whole_consent(), now=NOW - HOUR
    )
    because = DisclosureFacts(SHELTER, DisclosureBasis.CONSENT, "A bed", "Admission", consent.id)
    assert tell(session, lead, sam, because)
    with pytest.raises(NotNow):
        tell(session, a_lead(session), sam, because)
    disclosure_consents.revoke_disclosure_consent(
        session, consent, sam, how="by phone", now=NOW + HOUR
    )
    later = NOW + 2 * HOUR
    with pytest.raises(NotNow):
        tell(session, lead, sam, because, at=later, now=later)
    with pytest.raises(NotNow):
        data_export.export_lead_data(session, lead, sam, to=because, now=later)
    offered = disclosure_account.list_covering_consents(session, lead, sam, at=later, now=later)
    assert offered == []
    [line] = account(session, lead, sam)
    assert line.facts.consent_id == consent.id


def test_who_says_more_of_a_line_changes_none(session: Session) -> None:
    lead, sam = a_lead(session), a_supervisor(session)
    first = tell(session, lead, sam)
    better = DisclosureFacts(**{**vars(TOLD), "recipient": "Dr. Lee"})
    disclosure_account.state_disclosure(session, first, sam, better, now=NOW + HOUR)
    [line] = account(session, lead, sam)
    assert (line.facts.recipient, line.at) == ("Dr. Lee", NOW)
    assert first.recipient == TOLD.recipient
    with pytest.raises(LostRace), session.begin_nested():
        disclosure_account.state_disclosure(session, first, sam, TOLD, now=NOW + HOUR)


def test_the_account_is_of_all_files_of_a_person(session: Session) -> None:
    home, sam = a_lead(session, phone=NUMBER, state="closed"), a_supervisor(session)
    mobile = a_lead(session, state="closed")
    tell(session, mobile, sam)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    assert len(account(session, home, sam)) == 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_printed_account_has_what_the_rule_wants(session: Session, language: str) -> None:
    lead, sam = a_lead(session), a_supervisor(session)
    tell(session, lead, sam, DisclosureFacts(**{**vars(TOLD), "purpose": "none <b>"}))
    page = disclosure_documents.render_accounting(
        session,
        lead,
        sam,
        language=language,
        zone="America/New_York",
        now=NOW + timedelta(hours=1),
    )
    for text in (DISCLOSURE_NOTICE, TOLD.recipient, TOLD.information, "none &lt;b&gt;", "2.51"):
        assert text in page, text
    assert f'lang="{language}"' in page
