"""A page of Streamlit, without a server and a browser."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

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
