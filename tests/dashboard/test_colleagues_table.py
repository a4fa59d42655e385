"""The table of colleagues reads as one hand wrote it, in both languages."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from leads.database.transactions import transaction
from tests.support.people import a_supervisor

COLLEAGUES = Path(__file__).parent.parent.parent / "dashboard" / "colleagues.py"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_cell_begins_with_a_capital(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        sam = a_supervisor(session)
        sam.phone, sam.languages = "", ["es"]
        user = {"id": sam.id, "name": sam.name, "role": sam.role, "language": language}
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # it would stay the page
    page = AppTest.from_file(COLLEAGUES)
    page.user = user
    page.run()
    assert not page.exception
    [table] = [one.proto.body for one in page.get("html") if "<table" in one.proto.body]
    cells = dict(re.findall(r'<td role="cell" data-column="([^"]+)"[^>]*>([^<]*)</td>', table))
    written = [cell for cell in cells.values() if "@" not in cell]
    assert [cell for cell in written if cell[0].islower()] == []
