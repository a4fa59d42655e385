"""Shifts: a supervisor plans, an advisor offers, a colleague takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole
from leads.models.shifts import ShiftChange, WeeklyShift
from leads.people import shifts
from tests.support.people import a_source
from tests.support.running_desk import add_advisor
from tests.support.streamlit_page import dashboard_of, labeled, open_page, press, texts_on


@pytest.mark.usefixtures("database")
def test_a_supervisor_plans_and_takes_what_a_colleague_offers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        a_source(session)
        boss_id = add_advisor(session, 1, now=now, role=AdvisorRole.SUPERVISOR).id
        ana = add_advisor(session, 7, now=now)
        ana.name, ana_id = "Ana Ruiz", ana.id
    page = open_page(dashboard_of(boss_id, monkeypatch), "shifts")
    assert "No shifts are planned yet." in texts_on(page)
    labeled(page, "Colleague").select(ana_id).run()
    press(page, "Add to every week")
    said = texts_on(page)
    for planned in ("Planned.", "Friday 9:00", ">Ana Ruiz<"):
        assert planned in said
    with transaction() as session:
        assert len(session.exec(select(WeeklyShift)).all()) == 5
        today = now.date()
        coming = shifts.read_planned_shifts(session, today, today + timedelta(days=14))
        shift = next(one for one in coming if one.starts_at > now)
        ana = session.get_one(Advisor, ana_id)
        shifts.offer_shift(session, ana, day=shift.day, begins=shift.begins, now=now)

    press(page.run(), "Take this shift")
    assert "The shift is yours." in texts_on(page)
    assert "Take this shift" not in texts_on(page)
    with reader() as session:
        assert session.exec(select(ShiftChange)).one().taken_by == boss_id
