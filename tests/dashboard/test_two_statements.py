"""A supervisor decides between two statements of people on one phone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leads.database.transactions import transaction
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole
from tests.support.people import a_source, held_for
from tests.support.running_desk import add_advisor
from tests.support.sent_forms import rows, send
from tests.support.streamlit_page import (
    dashboard_of,
    labeled,
    open_page,
    open_row,
    press,
    texts_on,
)


@pytest.mark.usefixtures("database")
def test_a_supervisor_sees_both_statements_and_lets_one_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        source_id = a_source(session).id
        boss_id = add_advisor(session, 1, now=now, role=AdvisorRole.SUPERVISOR).id
    for said in ({"name": "Mary", "safe_to_call": "no"}, {"name": "John", "safe_to_call": "yes"}):
        send(source_id, at=now, any_hour=True, **said)
    page = open_page(dashboard_of(boss_id, monkeypatch), "open_work", part="decide")
    open_row(page, "Conflicting answers: ")
    for told in ("Conflicting statements", "By John, through"):
        assert told in texts_on(page)
    press(page, "Use the later statement")
    assert "Give a reason" in texts_on(page)
    labeled(page, "How you know").set_value("Mary rang us.")
    press(page, "Use the later statement")
    assert "Decided. Both statements stay in the file." in texts_on(page)
    assert not any(map(held_for, rows(Callback)))

    # The file names whoever else is at the phone, and nothing more of them.
    open_page(page, "lead_file", lead=1)
    for told in ("Mary rang us.", "Others have asked for help from this phone."):
        assert told in texts_on(page)
    press(page, "John")
    assert [one.value for one in page.header][:1] == ["John"]
