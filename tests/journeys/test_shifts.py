"""Shifts in Chromium: a supervisor plans, an advisor offers, a colleague takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole
from leads.models.shifts import ShiftChange, WeeklyShift
from leads.people import shifts
from tests.support.chromium import choose, problems_of, sign_in
from tests.support.people import a_source
from tests.support.running_desk import Desk, add_advisor


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_supervisor_plans_and_takes_what_a_colleague_offers(desk: Desk, page: Page) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        a_source(session)
        ana = add_advisor(session, 7, now=now)
        ana.name = "Ana Ruiz"
    sign_in(page, desk, AdvisorRole.SUPERVISOR, at="shifts")
    expect(page.get_by_text("No shifts are planned yet.")).to_be_visible()
    expect(page.get_by_role("heading", name="Plan a colleague's shifts")).to_be_visible()
    choose(page, "Colleague", "Ana Ruiz")
    page.get_by_role("button", name="Add to every week").click()
    expect(page.get_by_text("Planned.")).to_be_visible()
    expect(page.get_by_text("Friday 9:00")).to_be_visible()
    by_advisor = page.get_by_role("region", name="By advisor").get_by_role("row")
    expect(by_advisor.filter(has=page.get_by_role("rowheader", name="Ana Ruiz"))).to_be_visible()
    with transaction() as session:
        assert len(session.exec(select(WeeklyShift)).all()) == 5
        ana = session.exec(select(Advisor).where(Advisor.name == "Ana Ruiz")).one()
        today = now.date()
        coming = shifts.read_planned_shifts(session, today, today + timedelta(days=14))
        shift = next(one for one in coming if one.starts_at > now)
        shifts.offer_shift(session, ana, day=shift.day, begins=shift.begins, now=now)

    page.get_by_role("button", name="Take this shift").click()
    expect(page.get_by_text("The shift is yours.")).to_be_visible()
    expect(page.get_by_role("button", name="Take this shift")).to_have_count(0)
    with reader() as session:
        assert session.exec(select(ShiftChange)).one().taken_by is not None
    assert problems_of(page) == []
