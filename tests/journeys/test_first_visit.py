"""A page that is opened by its address: small, still while it is drawn, and without an error."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from leads.models.enums import AdvisorRole
from tests.bench import pages
from tests.support.chromium import sign_in
from tests.support.running_desk import Desk


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", ["/", pytest.param("/incidents", marks=pytest.mark.soak)])
def test_a_first_visit_is_small_and_nothing_jumps(
    desk: Desk, page: Page, browser: Browser, path: str
) -> None:
    sign_in(page, desk, AdvisorRole.SUPERVISOR)
    state = page.context.storage_state()
    seen = pages.visit_cold(browser, state, desk.url + path)
    assert seen.problems == []
    assert seen.shift <= 0.1
    assert seen.kilobytes <= 1536
