"""What a supervisor sees of an alert, and how everybody sees that somebody looks into it, in real Chromium."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from leads import db
from leads.models import AdvisorRole, Alert
from tests.chromium import sign_in
from tests.desk import Desk
from tests.people import MINUTE, a_callback


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_supervisor_says_on_any_page_that_they_look_into_it(desk: Desk, page: Page) -> None:
    four_minutes_ago = datetime.now(UTC) - 4 * MINUTE
    with db.transaction() as session:
        a_callback(session, received_at=four_minutes_ago, promised_at=four_minutes_ago, due_at=four_minutes_ago)
    sign_in(page, desk, AdvisorRole.SUPERVISOR)
    expect(page.get_by_text("people not rung 3 minutes after their time came: 1.")).to_be_visible()
    page.get_by_role("button", name="I am looking").click()
    expect(page.get_by_text("Advisor 1 is looking into it since")).to_be_visible()
    expect(page.get_by_role("button", name="I am looking")).to_have_count(0)
    with db.reader() as session:
        assert session.exec(select(Alert.acknowledged_by)).one() is not None
