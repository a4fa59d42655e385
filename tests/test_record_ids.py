"""Whatever number an address asks for, there is nothing with it: never an error of the database."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from dashboard.work_list import address
from leads.database.engine import current_engine
from leads.database.transactions import transaction
from leads.models.enums import AdvisorRole, AlertKind
from leads.record_ids import LARGEST_ID, read_record_id
from tests.support.databases import open_beside
from tests.support.people import an_advisor
from tests.support.running_desk import PASSWORD, Desk, add_advisor, running_desk
from tests.support.source_files import ROOT
from tests.support.streamlit_page import page_of_desk
from tests.support.visits import Visit

NOBODYS = ("0", "-1", "2.0", "x", "٣", "²", "1" * 25, "9" * 5000, str(LARGEST_ID + 1), "9" * 18)
LARGE = (*NOBODYS, str(LARGEST_ID))


@pytest.mark.parametrize(
    ("text", "number"), [("207", 207), ("007", 7), (str(LARGEST_ID), LARGEST_ID)]
)
def test_digits_of_an_address_are_an_id(text: str, number: int) -> None:
    assert read_record_id(text) == number


@pytest.mark.parametrize("text", ["", *NOBODYS])
def test_what_no_record_can_have_is_no_id(text: str) -> None:
    assert read_record_id(text) is None


def test_no_route_takes_numbers_that_no_database_has() -> None:
    sources = [*ROOT.glob("dashboard/**/*.py"), *ROOT.glob("notifications/**/*.py")]
    sources += ROOT.glob("leads/**/*.py")
    assert not [one.name for one in sources if re.search(r"\{\w+:int\}", one.read_text())]


def test_the_work_list_is_narrowed_by_no_such_number() -> None:
    for number in NOBODYS:
        asked = {"advisor": number, "alert": str(AlertKind.BURST), "source": number}
        only = address.read_filter(asked)
        assert (only.advisor_id, only.alert and only.alert.source_id) == (None, None), number


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest) -> Iterator[Desk]:
    open_beside(request.getfixturevalue(request.param)())
    with running_desk(current_engine().url.render_as_string(hide_password=False)) as desk:
        with transaction() as session:
            supervisor = AdvisorRole.SUPERVISOR
            add_advisor(session, 1, password=PASSWORD, role=supervisor, now=datetime.now(UTC))
        yield desk
    current_engine().dispose()


def test_whoever_is_signed_in_is_told_that_there_is_nothing(house: Desk) -> None:
    with contextlib.closing(Visit(house)) as visit:
        for number in map(quote, LARGE):
            told = {
                visit.get(f"/api/voicemails/{number}").status_code,
                visit.post(f"/api/notes/{number}", json={"base": "", "text": "a"}).status_code,
                visit.acts(act="end", session=number).status_code,
                visit.get(f"/lead?lead={number}").status_code,
            }
            assert max(told) < 500, number
        assert visit.get(f"/api/voicemails/{'9' * 5000}").status_code == 404
    assert "Traceback" not in house.printed()


PAGES = {
    "lead_file": ("lead",),
    "helpline_setup": ("source",),
    "audit_log": ("person", "before"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_nobody_for_any_number(
    database: str,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with transaction() as session:
        admin = an_advisor(session, AdvisorRole.ADMIN)
        user = {"id": admin.id, "name": admin.name, "role": admin.role, "sign_in": 1}
    page = page_of_desk(name, monkeypatch, **user)
    for number in LARGE:
        for parameter in PAGES[name]:
            page.query_params[parameter] = number
        page.run()
        assert not page.exception, number
