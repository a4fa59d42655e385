"""A page of Streamlit that a function draws, without a server and a browser."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest


def page_drawn_by(draw: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Return a page to run; `draw` has its imports inside, because Streamlit takes its source.

    Streamlit runs it as `__main__` and leaves it there, from which no process could be started: at
    the end of the test ours is back.
    """
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    return AppTest.from_function(draw)
