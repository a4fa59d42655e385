"""What others are told about a person, on their record, in Chromium."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.audit import AuditEntry
from leads.models.disclosure_words import DisclosureBasis
from leads.models.disclosures import Disclosure, DisclosureConsent
from leads.models.enums import AdvisorRole
from tests.support.chromium import come_in, opened_session, problems_of
from tests.support.people import a_lead
from tests.support.running_desk import Desk

SHELTER = "Shelter on Elm Street"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_others_may_be_told_is_taken_printed_and_revoked(desk: Desk, page: Page) -> None:
    with transaction() as session:
        lead_id = a_lead(session, name="Ana Ruiz").id
    secret = opened_session("Ada", 90, AdvisorRole.ADMIN)[1]
    come_in(page, desk, secret, at=f"lead?lead={lead_id}")
    a_consent_is_taken(page)
    somebody_is_told(page)
    with page.expect_download() as account:
        page.get_by_role("button", name="Account, to print").click()
    assert "That a bed is free" in Path(account.value.path()).read_text("utf-8")
    with page.expect_download() as printed:
        page.get_by_role("button", name="Consent, to print").click()
    text = Path(printed.value.path()).read_text("utf-8")
    assert "42 CFR part 2" in text
    assert SHELTER in text
    # Downloaded once, by the session that made it, and stored by nobody.
    assert page.request.get(printed.value.url).status == 404
    page.get_by_label("How they revoked it, and who said so").fill("She said so on the phone.")
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Revoked. Nothing is disclosed")).to_be_visible()
    assert problems_of(page) == []
    with reader() as session:
        assert session.exec(select(DisclosureConsent.revoked_how)).all() == [
            "She said so on the phone."
        ]
        assert session.exec(select(Disclosure.basis)).all() == [DisclosureBasis.CONSENT]
        taken = select(AuditEntry.record_id).where(AuditEntry.kind == "print")
        assert session.exec(taken).all() == [str(lead_id)] * 3


def somebody_is_told(page: Page) -> None:
    """A consent in force is the first right that is offered."""
    page.get_by_text("What others were told", exact=True).click()
    told = page.get_by_test_id("stForm").filter(has=page.get_by_label("Told on"))
    told.get_by_label("Who was told").fill(SHELTER)
    told.get_by_label("What they were told").fill("That a bed is free")
    told.get_by_label("What for").fill("Admission")
    told.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("It is in their account.")).to_be_visible()


def a_consent_is_taken(page: Page) -> None:
    """What is refused stays in the form; nothing is asked twice that is on file."""
    page.get_by_text("Consent to disclose", exact=True).click()
    expect(page.get_by_label("Patient", exact=True)).to_have_value("Ana Ruiz")
    page.get_by_label("Recipients").fill(SHELTER)
    page.get_by_role("button", name="Record the consent").click()
    expect(page.get_by_text("Fill out every part")).to_be_visible()
    page.get_by_label("Who may disclose").fill("Harbor Helpline")
    page.get_by_label("How much and what kind of information").fill("That she asked for a bed")
    page.get_by_label("What for").first.fill("Admission")
    page.get_by_label("Or what ends it").fill("Her admission")
    a_paper_is_printed(page)
    page.get_by_role("button", name="Record the consent").click()
    expect(page.get_by_text("The consent is on record.")).to_be_visible()
    expect(page.get_by_text("In force", exact=True)).to_be_visible()


def a_paper_is_printed(page: Page) -> None:
    """What is in the form by now is on it, and nothing is on record; the form keeps it."""
    page.get_by_role("button", name="Put this on the paper to sign").click()
    expect(page.get_by_text("On the paper to sign:")).to_contain_text("Her admission")
    with page.expect_download() as paper:
        page.get_by_role("button", name=re.compile("To sign, español", re.IGNORECASE)).click()
    text = Path(paper.value.path()).read_text("utf-8")
    for filled in ("Ana Ruiz", SHELTER, "Harbor Helpline", "Her admission", ">Firma<"):
        assert filled in text
    with reader() as session:
        assert session.exec(select(DisclosureConsent.id)).all() == []
