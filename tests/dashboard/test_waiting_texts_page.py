"""What a supervisor does about texts that only a person can answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.messaging import inbound_texts
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole
from leads.models.requests import TextMessage
from tests.support.people import NUMBER, a_callback, a_lead
from tests.support.running_desk import add_advisor
from tests.support.streamlit_page import (
    dashboard_of,
    open_page,
    open_row,
    press,
    rows_of,
    texts_on,
)

STRANGER = "+13155550199"


@pytest.mark.usefixtures("database")
def test_a_supervisor_reads_what_waits_and_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        lead = a_lead(session, phone=NUMBER, name="Mary", any_hour=True)
        a_callback(session, lead, received_at=now, promised_at=now, due_at=now)
        for number, said in ((NUMBER, "cancel my request"), (STRANGER, "who is this? *you*")):
            inbound_texts.receive_text_message(session, number, said, message_id=said, now=now)
        boss_id = add_advisor(session, 1, now=now, role=AdvisorRole.SUPERVISOR).id
    page = open_page(dashboard_of(boss_id, monkeypatch), "open_work", kind="text")
    open_row(page, "Mary")
    for told in ("cancel my request", "Their text may mean they want no contact"):
        assert told in texts_on(page)
    press(page, "They want a call")
    assert "Nothing blocks their call now" in texts_on(page)
    [of_stranger] = rows_of(page)

    open_page(page, "open_work", row=of_stranger)
    assert "who is this? *you*" in [one.value for one in page.text]
    said = texts_on(page)
    assert "reply yourself" in said
    for not_of_a_stranger in ("cancel my request", "They want a call"):
        assert not_of_a_stranger not in said
    press(page, "Show the number")
    assert "(315) 555-0199" in texts_on(page)
    press(page, "Done")
    assert "Nothing needs a decision." in texts_on(page)
    with reader() as session:
        assert not any(session.exec(select(TextMessage.waits)))
        assert not session.exec(select(Callback)).one().is_held
