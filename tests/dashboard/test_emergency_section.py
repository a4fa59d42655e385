"""A file of another helpline as a page shows it: asked for, read, and over after the hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.helplines import brands_and_sources
from leads.models.audit import AuditEntry
from leads.models.emergency_access import EmergencyAccess
from leads.models.enums import AdvisorRole
from leads.people import emergency_access
from tests.support.people import a_callback, a_lead, a_source, an_advisor
from tests.support.streamlit_page import page_drawn_by, page_of_desk

WHY = "She says she took pills."
PAGES = {AdvisorRole.ADVISOR: "my_calls", AdvisorRole.SUPERVISOR: "lead_file"}

SIGN_INS = {AdvisorRole.ADVISOR: 900_001, AdvisorRole.SUPERVISOR: 900_002}  # that saw nobody


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", PAGES)
def test_a_file_is_asked_for_and_read_until_the_hour_is_over(
    role: AdvisorRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        own = a_source(session).brand_id
        brands_and_sources.add_brand(session, "Valley Line", operator="Valley Clinic", now=now)
        other = brands_and_sources.add_source(session, "V", brand_name="Valley Line", now=now)
        lead = a_lead(session, name="Wilhelmina Kray", region="NY")
        a_callback(session, lead, source=other, received_at=now)
        ana = an_advisor(session, role)
        ana.helplines = [own]
        session.add(ana)
        phone, user = lead.phone, {"id": ana.id, "name": ana.name, "role": role}
        user["sign_in"] = SIGN_INS[role]
    page = page_of_desk(PAGES[role], monkeypatch, **user)

    def ask(number: str, reason: str) -> None:
        next(one for one in page.text_input if "whole phone" in one.label).set_value(number)
        next(one for one in page.text_area if "cannot wait" in one.label).set_value(reason)
        next(one for one in page.button if "on record" in one.label).click().run()
        assert not page.exception

    ask(phone, "urgent")
    assert "few words" in page.warning[0].value
    ask("+13155559999", WHY)
    assert page.warning[0].value == "No one of another helpline is on file with this number."
    assert "Wilhelmina" not in str(page.main)
    ask(phone, WHY)
    assert "Open to you for reading until" in page.warning[0].value
    assert page.header[0].value == "Wilhelmina Kray"
    with reader() as session:
        kinds = [one.kind for one in session.exec(select(AuditEntry).order_by(AuditEntry.id))]
    assert kinds[-2:] == ["emergency_access", "open"]
    with transaction() as session:
        access = session.exec(select(EmergencyAccess)).one()
        access.ends_at = now - timedelta(seconds=1)
        session.add(access)
    page.run()
    assert not page.exception
    assert "Wilhelmina" not in str(page.main)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_serves_every_helpline_is_not_offered_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        sam = an_advisor(session, AdvisorRole.SUPERVISOR)
        user = {"id": sam.id, "name": sam.name, "role": sam.role, "sign_in": 0}
    page = page_of_desk("lead_file", monkeypatch, **user)
    assert not page.exception
    assert not [one for one in page.expander if "Urgent" in one.label]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("button", "is_right"), [("In order", True), ("Not in order", False)])
def test_a_supervisor_of_that_helpline_says_whether_it_was_in_order(
    button: str, *, is_right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw() -> None:
        from dashboard import widgets  # noqa: PLC0415 - Streamlit takes the source of this alone
        from dashboard.work_list import access_panel  # noqa: PLC0415

        widgets.draw_action_message()
        access_panel.draw_access_panel(1)

    now = datetime.now(UTC)
    with transaction() as session:
        own = a_source(session).brand_id
        brands_and_sources.add_brand(session, "Valley Line", operator="Valley Clinic", now=now)
        other = brands_and_sources.add_source(session, "V", brand_name="Valley Line", now=now)
        lead = a_lead(session)
        a_callback(session, lead, source=other, received_at=now)
        ana, val = an_advisor(session), an_advisor(session, AdvisorRole.SUPERVISOR)
        ana.helplines, val.helplines = [own], [other.brand_id]
        session.add_all([ana, val])
        session.flush()
        emergency_access.open_in_emergency(session, ana, lead.phone, WHY, now=now)
        user = {"id": val.id, "name": val.name, "role": val.role, "sign_in": 0}
    page = page_drawn_by(draw, monkeypatch)
    page.user = user
    page.run()
    assert not page.exception
    assert ana.name in page.warning[0].value
    assert "took pills" in page.warning[0].value
    page.text_area[0].set_value("I spoke with both of them.")
    next(one for one in page.button if one.label == button).click().run()
    assert not page.exception
    assert [one.value for one in page.success] == ["The review is on record."]
    assert not page.warning
    with reader() as session:
        access = session.exec(select(EmergencyAccess)).one()
    assert (access.was_in_order, access.review_words) == (is_right, "I spoke with both of them.")
