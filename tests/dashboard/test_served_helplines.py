"""Whoever serves some helplines is shown their people, and in an emergency one more, on record."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.helplines import brands_and_sources
from leads.models.enums import AdvisorRole
from leads.models.helplines import Brand
from tests.support.people import MINUTE, a_callback, a_lead, a_source
from tests.support.running_desk import add_advisor
from tests.support.streamlit_page import (
    dashboard_of,
    labeled,
    open_page,
    open_row,
    press,
    rows_of,
    texts_on,
)

HARBOR, VALLEY = "Harbor Line", "Valley Line"
SAM, VAL = "Sam Stone", "Val Vega"

pytestmark = pytest.mark.usefixtures("database")


def test_a_supervisor_who_is_limited_to_a_helpline_is_shown_its_people_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    two_helplines()
    boss, sam = a_colleague("Advisor 1", 1, AdvisorRole.ADMIN), a_colleague(SAM, 2)
    page = open_page(dashboard_of(boss, monkeypatch), "colleagues")
    labeled(page, "Colleague").select(sam).run()
    labeled(page, "All helplines, including new ones").uncheck()
    labeled(page, "Or only these helplines").select(helpline_id(HARBOR))
    press(page, "Save helplines")
    assert "Helplines saved. They have to sign in again." in texts_on(page)

    page = dashboard_of(sam, monkeypatch)
    assert "1 waiting now" in texts_on(page)
    open_page(page, "open_work")
    assert [who for who in ("Alma", "Boris") if who in "".join(rows_of(page).values())] == ["Alma"]
    open_page(page, "service_report")
    [received] = (one.value for one in page.metric if one.label == "Requests received")
    assert received == "1"


def test_a_file_that_is_opened_in_an_emergency_raises_an_alert_and_is_reviewed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = two_helplines()
    sam, val = a_colleague(SAM, 2, serves=HARBOR), a_colleague(VAL, 3, serves=VALLEY)
    page = open_page(dashboard_of(sam, monkeypatch), "lead_file")
    labeled(page, "Their whole phone number").set_value(number)
    labeled(page, "Why it cannot wait").set_value("He said that he took pills.")
    press(page, "Open the file on record")
    for told in ("Boris", "Open to you for reading until"):
        assert told in texts_on(page)

    page = dashboard_of(val, monkeypatch)
    opened = "files that a colleague from another helpline opened in an emergency, to review: 1"
    assert opened in texts_on(page)
    told = f"{SAM} opened their file in an emergency."
    open_row(open_page(page, "open_work"), told)
    assert "He said that he took pills." in texts_on(page)
    labeled(page, "What you found").set_value("She called 911 for him.")
    press(page, "In order")
    assert "The review is on record." in texts_on(page)
    assert told not in "".join(rows_of(page).values())


def a_colleague(
    name: str, number: int, role: AdvisorRole = AdvisorRole.SUPERVISOR, *, serves: str = ""
) -> int:
    with transaction() as session:
        advisor = add_advisor(session, number, now=datetime.now(UTC), role=role)
        advisor.name = name
        advisor.helplines = [helpline_id(serves)] if serves else None
        return advisor.id


def helpline_id(name: str) -> int:
    with reader() as session:
        return session.exec(select(Brand.id).where(Brand.name == name)).one()


def two_helplines() -> str:
    """Alma waits for a call of one helpline, Boris for one of another; returns his number."""
    now = datetime.now(UTC)
    since = {"received_at": now - MINUTE, "promised_at": now - MINUTE, "due_at": now - MINUTE}
    with transaction() as session:
        own = a_source(session)
        brands_and_sources.add_brand(session, VALLEY, operator="Valley Clinic", now=now)
        other = brands_and_sources.add_source(session, "V", brand_name=VALLEY, now=now)
        for name, source in (("Alma", own), ("Boris", other)):
            lead = a_lead(session, name=name, region="NY")
            a_callback(session, lead, source=source, any_hour=True, **since)
        return lead.phone
