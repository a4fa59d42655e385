"""The desk's answers about who may not be called any more, and about a call nobody recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.calls import Callback
from leads.models.helplines import Brand
from tests.support.people import a_callback, a_lead, an_attempt
from tests.support.running_desk import add_advisor
from tests.support.streamlit_page import dashboard_of, labeled, press, texts_on

pytestmark = pytest.mark.usefixtures("database")


def test_what_may_not_be_rung_any_more_is_put_off_when_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        due = a_callback(session, received_at=now, promised_at=now, due_at=now)
        due.any_hour = True
        advisor_id = add_advisor(session, 1, now=now).id
    page = dashboard_of(advisor_id, monkeypatch)
    assert "1 waiting now" in texts_on(page)
    today = f"{now.astimezone(ZoneInfo('America/New_York')):%Y-%m-%d}"
    hours = {"windows": [["08:00", "20:00"]] * 7, "closed_dates": [today]}
    with transaction() as session:
        session.exec(select(Brand)).one().calling_hours = hours
    press(page, "Take the next one")
    for told in ("They cannot be called right now", "No one is waiting"):
        assert told in texts_on(page)


def test_an_advisor_says_later_what_came_of_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        advisor = add_advisor(session, 1, now=now)
        lead = a_lead(session, name="Jordan Reyes")
        callback = a_callback(session, lead, ended_at=now, hold="unrecorded_call")
        call: dict[str, Any] = {"rung_at": now, "answered_at": now, "ended_at": now}
        an_attempt(session, callback, advisor, state="ended", **call)
        advisor_id = advisor.id
    page = dashboard_of(advisor_id, monkeypatch)
    assert "You had a call at" in texts_on(page)
    labeled(page, "What was the outcome of the call?").set_value("helped").run()
    press(page, "Save outcome")
    assert "Recorded. Thank you." in texts_on(page)
    assert "You had a call at" not in texts_on(page)
    with reader() as session:
        assert session.exec(select(Callback)).one().disposition == "helped"
