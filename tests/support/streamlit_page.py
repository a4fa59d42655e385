"""A page of Streamlit, without a server and a browser."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import known_looks
from leads.database.transactions import transaction
from leads.models.advisors import Advisor
from leads.people import sessions
from tests.support.running_desk import PATIENCE

PAGES = Path(__file__).parent.parent.parent / "dashboard"


def page_drawn_by(draw: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Return a page to run; `draw` has its imports inside, because Streamlit takes its source.

    Streamlit runs it as `__main__` and leaves it there, from which no process could be started: at
    the end of the test ours is back.
    """
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    return AppTest.from_function(draw)


def page_of_desk(name: str, monkeypatch: pytest.MonkeyPatch, /, **user: Any) -> AppTest:
    """Return a page of the dashboard, drawn once for who is signed in."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    page = AppTest.from_file(PAGES / f"{name}.py", default_timeout=PATIENCE)
    page.user = user
    return page.run()


def dashboard_of(advisor_id: int, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Return the whole dashboard at the desk of somebody who has just signed in, in New York."""
    # sessions of another test's database had the same ids
    monkeypatch.setattr(known_looks, "_known", {})
    now = datetime.now(UTC)
    with transaction() as session:
        advisor = session.get_one(Advisor, advisor_id)
        secret = sessions.start_session(session, advisor, now=now)
        who = sessions.find_session_identity(session, secret, now=now)
        user = {"id": who.advisor_id, "name": who.name, "role": who.role, "sign_in": who.sign_in_id}
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    page = AppTest.from_file(PAGES / "main.py", default_timeout=PATIENCE)
    page.user, page.context = user, {"timezone": "America/New_York"}
    return is_drawn(page.run())


def open_page(page: AppTest, name: str, **asked: object) -> AppTest:
    """Go to a page by its file, and what its address asks for."""
    page.query_params = {key: str(value) for key, value in asked.items()}
    return is_drawn(page.switch_page(f"{name}.py").run())


def is_drawn(page: AppTest) -> AppTest:
    """Return a page that did not fail."""
    assert not page.exception
    return page


def labeled(page: AppTest, label: str) -> Any:
    """Return the first field of a page with this label, or button with these words."""
    return next(one for one in _parts_of(page) if _plain(getattr(one, "label", "")) == label)


def press(page: AppTest, label: str) -> AppTest:
    """Press the first button with these words."""
    return is_drawn(labeled(page, label).click().run())


def texts_on(page: AppTest) -> str:
    """Return what a page says, its tables and our own components included, line by line."""
    said = (text for one in _parts_of(page) for text in (getattr(one, "label", ""), _words_of(one)))
    return "\n".join(_plain(text) for text in said if text)


def open_row(page: AppTest, words: str) -> AppTest:
    """Open the row of the work list that says this."""
    [key] = (key for key, html in rows_of(page).items() if words in html)
    return open_page(page, "open_work", **{**page.query_params, "row": key})


def rows_of(page: AppTest) -> dict[str, str]:
    """Return the rows of the work list as they are drawn, by their keys."""
    data = (json.loads(one.proto.json) for one in page.get("bidi_component") if one.proto.json)
    return {key: html for one in data for key, html, _group in one.get("rows", ())}


def _parts_of(page: AppTest) -> Iterator[Any]:
    """Yield everything beside the navigation: of the page, and of what is open over it."""
    tree = page._tree  # noqa: SLF001 - a dialog has no other way to it
    yield from page.main
    for place, part in tree.children.items():
        if place > 1:
            yield from part


def _words_of(one: Any) -> str:
    component = getattr(getattr(one, "proto", None), "json", "")
    if component:
        return json.dumps(json.loads(component), ensure_ascii=False)
    value = getattr(one, "value", "")
    return value if isinstance(value, str) else ""


def _plain(text: object) -> str:
    """Return a text with the spaces that anybody types, and no sign to keep it from markup."""
    return re.sub(r"\\([^\w\s])", r"\1", re.sub(r"[^\S\n]", " ", str(text)))
