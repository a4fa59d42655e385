"""Who joined a call from elsewhere is asked about, and a suspected breach has a clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from leads.database.transactions import transaction
from leads.disclosures import ledger
from leads.models.calls import CallLeg
from leads.models.disclosure_words import DisclosureBasis
from leads.models.enums import AdvisorRole, Party
from leads.models.privacy_case_words import PrivacyCaseKind
from tests.support.people import a_conversation
from tests.support.running_desk import add_advisor
from tests.support.streamlit_page import (
    dashboard_of,
    labeled,
    open_page,
    open_row,
    press,
    texts_on,
)

NOTICE = "42 CFR part 2 prohibits unauthorized use"


@pytest.mark.usefixtures("database")
def test_who_joined_a_call_is_asked_about_and_a_breach_has_a_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with transaction() as session:
        ada = add_advisor(session, 90, now=datetime.now(UTC), role=AdvisorRole.SUPERVISOR).id
        somebody_has_joined_a_call_of(session, ada)
    page = open_page(dashboard_of(ada, monkeypatch), "my_calls")
    assert NOTICE in texts_on(page)
    labeled(page, "By what right").select(DisclosureBasis.EMERGENCY)
    labeled(page, "What they were told").set_value("That she took too much")
    labeled(page, "What for").set_value("Her treatment")
    press(page, "Record")
    assert "It is in their account." in texts_on(page)
    assert NOTICE not in texts_on(page)

    open_page(page, "privacy_cases")
    labeled(page, "What it is").set_value(PrivacyCaseKind.BREACH)
    labeled(page, "What happened").set_value("A text went to a wrong number.")
    press(page, "Record")
    assert "It is on record." in texts_on(page)
    open_row(open_page(page, "open_work", kind="privacy"), "Its time runs until")
    assert "Complaints and suspected breaches" in texts_on(page)
    open_page(page, "privacy_cases")
    labeled(page, "Why").set_value("Nobody has that number.")
    press(page, "Close the case")
    assert "The case is closed." in texts_on(page)


def somebody_has_joined_a_call_of(session: Session, advisor_id: int) -> None:
    attempt = a_conversation(session)
    attempt.advisor_id = advisor_id
    leg = CallLeg(
        attempt_id=attempt.id,
        party=Party.THIRD_PARTY,
        phone="+13155550177",
        requested_by=f"advisor:{advisor_id}",
        requested_at=datetime.now(UTC),
    )
    session.add_all([attempt, leg])
    session.flush()
    ledger.note_outsider_in_call(session, attempt, leg, now=datetime.now(UTC))
