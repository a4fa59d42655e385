"""What an advisor reads on *My calls* before there is anything."""

from __future__ import annotations

import pytest

from leads.database.transactions import transaction
from tests.support.people import on_duty
from tests.support.streamlit_page import page_of_desk


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_is_new_reads_what_will_stand_here(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        ana = on_duty(session)
        user = {"id": ana.id, "name": ana.name, "role": ana.role, "sign_in": 1}
    page = page_of_desk("my_calls", monkeypatch, **user)
    assert not page.exception
    said = " ".join(one.value for one in page.markdown)
    assert "yours are listed here." in said
    assert "listed here with its outcome, which you can correct for 15 minutes." in said
