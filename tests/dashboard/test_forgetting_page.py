"""An admin makes an export of somebody, places a legal hold and erases them.

What an export says is in tests/privacy, and that a download is had once, by whoever made it, in
journeys/test_disclosures.py.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.enums import AdvisorRole
from leads.models.legal_holds import LegalHold
from leads.models.requests import Lead
from tests.support.running_desk import add_advisor
from tests.support.streamlit_page import dashboard_of, labeled, open_page, press, texts_on
from tests.support.whole_person import MARK, a_whole_person, find_left


@pytest.mark.usefixtures("database")
def test_somebody_is_exported_held_and_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        ada = add_advisor(session, 90, now=datetime.now(UTC), role=AdvisorRole.ADMIN).id
        lead_id = a_whole_person(session).id
    page = open_page(dashboard_of(ada, monkeypatch), "lead_file", lead=lead_id)
    press(page, "Make the export")
    for file in ("Download to read or print", "Download as data (JSON)"):
        assert file in [one.label for one in page.get("download_button")]

    labeled(page, "Why, and who asked for it").set_value("case 12")
    press(page, "Place a legal hold")
    assert "In force:" in texts_on(page)
    press(page, "Show what would be erased")
    assert "A legal hold is in force: nothing" in texts_on(page)
    assert "Erase" not in [one.label for one in page.button]
    press(page, "Lift this hold")
    assert "This legal hold is lifted." in texts_on(page)

    press(page, "Erase")
    assert "Choose a reason, and check the box." in texts_on(page)
    labeled(page, "Why").select("asked")
    labeled(page, "There is no way back. Erase this person's data.").check()
    press(page, "Erase")
    assert "Only figures are left." in texts_on(page)
    with reader() as session:
        assert find_left(session, MARK) == {}
        assert session.get_one(Lead, lead_id).erased_at is not None
        assert session.exec(select(LegalHold.lifted_by)).all()

    open_page(page, "helpline_setup", topic="retention")
    for told in ("Nothing is deleted before you have a retention.toml", ">Forms as they came<"):
        assert told in texts_on(page)
