"""The one Chromium of a run, and the pages that visitors open in it."""

from __future__ import annotations

import contextlib
import tempfile
from asyncio import _get_running_loop, _set_running_loop
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.support.browser import find_browser
from tests.support.chromium import FLAGS, SECONDS
from tests.support.running_desk import PATIENCE

OURS = ("http://127.0.0.1", "data:", "blob:")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what is looked at in a browser, and go on with what else starts a desk.

    So one worker has all of it, in one Chromium that knows the pages and with one process that
    desks are forked from, while the others have what takes no time; and at the end of a run nobody
    waits for the longest tests. What reads the sources comes last: they are parsed where it is.
    """
    items.sort(
        key=lambda item: (
            not _is_given(item, "playwright"),
            not _starts_desk(item),
            "nodes_of" in _known_to(item),
        )
    )


def _is_given(item: pytest.Item, fixture: str) -> bool:
    return fixture in getattr(item, "fixturenames", ())


def _starts_desk(item: pytest.Item) -> bool:
    known = _known_to(item)
    return _is_given(item, "desk") or "running_desk" in known or "warm" in known


def _known_to(item: pytest.Item) -> Mapping[str, object]:
    """Return what the module of a test knows by name."""
    return vars(getattr(item, "module", None) or object)


@pytest.fixture(autouse=True)
def _no_loop_runs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Playwright's event loop seems to run in this thread as long as there is a browser.

    Journeys alone see it.
    """
    hidden = None if "playwright" in request.fixturenames else _get_running_loop()
    if hidden:
        _set_running_loop(None)
    yield
    if hidden:
        _set_running_loop(hidden)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Let every page have as long as a busy machine takes, whoever's browser it is in."""
    expect.set_options(timeout=PATIENCE * SECONDS)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One for whoever needs a memory of their own."""
    browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def visitor(playwright: Playwright) -> Iterator[BrowserContext]:
    """One browser and its memory for many tests.

    What it loaded and compiled for one it need not for the next.
    """
    with _browser_that_remembers(playwright) as context:
        yield context


@pytest.fixture(scope="session")
def second_visitor(playwright: Playwright) -> Iterator[BrowserContext]:
    """Another computer, for whoever is at work at the same time."""
    with _browser_that_remembers(playwright) as context:
        yield context


@contextlib.contextmanager
def _browser_that_remembers(playwright: Playwright) -> Iterator[BrowserContext]:
    """With a profile on disk a page costs half as much: without one, no compiled code is kept."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=find_browser(),
            args=FLAGS,
            timezone_id="America/New_York",
            bypass_csp=True,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE * SECONDS)
        yield context
        context.close()


@pytest.fixture
def page(visitor: BrowserContext) -> Iterator[Page]:
    """A page of somebody who was never here before."""
    page = visitor.new_page()
    page.foreign = []  # what it asked of anybody else: to be told of each request costs a tenth
    page.on(
        "requestfailed",
        lambda r: page.foreign.append(r.url) if not r.url.startswith(OURS) else None,
    )
    yield page
    forget_everything(visitor)


@pytest.fixture
def colleague(second_visitor: BrowserContext) -> Iterator[Page]:
    """A page of somebody at another computer."""
    yield second_visitor.new_page()
    forget_everything(second_visitor)


def forget_everything(visitor: BrowserContext) -> None:
    """Leave nothing behind but what was loaded."""
    # an empty one stays: with the last page the process would go that compiled it
    for page in visitor.pages[1:]:
        if page.url.startswith("http"):
            page.evaluate("localStorage.clear()")
        page.close()
    visitor.clear_cookies()
    visitor.clear_permissions()
