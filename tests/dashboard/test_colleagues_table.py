"""The table of colleagues reads as one hand wrote it, in both languages."""

from __future__ import annotations

import re

import pytest

from leads.database.transactions import transaction
from tests.support.people import a_supervisor
from tests.support.streamlit_page import page_of_desk


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_cell_begins_with_a_capital(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        sam = a_supervisor(session)
        sam.phone, sam.languages = "", ["es"]
        user = {
            "id": sam.id,
            "name": sam.name,
            "role": sam.role,
            "sign_in": 1,
            "language": language,
        }
    page = page_of_desk("colleagues", monkeypatch, **user)
    assert not page.exception
    [table] = [one.proto.body for one in page.get("html") if "<table" in one.proto.body]
    cells = dict(re.findall(r'<td role="cell" data-column="([^"]+)"[^>]*>([^<]*)</td>', table))
    written = [cell for cell in cells.values() if "@" not in cell]
    assert [cell for cell in written if cell[0].islower()] == []
