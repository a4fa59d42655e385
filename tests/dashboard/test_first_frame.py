"""What a page shows until it is drawn: its title and where one can go, from the server."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.http.first_frame import render_first_frame
from leads.models.enums import AdvisorRole
from tests.support.chromium import another, sign_in
from tests.support.running_desk import running_desk

BY_A_PIXEL = 1.5
LONG = 60_000  # milliseconds, of a clock that is put forward


def test_a_first_frame_has_the_pages_of_a_role_in_the_reader_s_language() -> None:
    ana, sam = (
        render_first_frame("es", role, "/calls/")
        for role in (AdvisorRole.ADVISOR, AdvisorRole.SUPERVISOR)
    )
    assert "<li>Mi escritorio</li><li class=here>Mis llamadas</li>" in ana
    assert "<p>Mis llamadas</p>" in ana
    assert "Informe de servicio" not in ana
    assert "Informe de servicio" in sam
    assert not render_first_frame("en", AdvisorRole.SUPERVISOR, "/wall")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_shows_its_title_where_it_will_stand_before_it_is_drawn(
    database: str, page: Page
) -> None:
    with running_desk(database, ROLE="web") as desk:
        sign_in(page, desk, AdvisorRole.SUPERVISOR)
        page.route("**/static/js/*.js", lambda route: route.abort())
        page.goto(f"{desk.url}/work")
        frame = page.locator("#first-frame")
        expect(frame.locator("p")).to_have_text("Work list")
        expect(frame.locator(".here")).to_be_visible()
        told = [frame.locator(part).bounding_box() for part in ("p", "li >> nth=1")]
        page.unroute_all()
        page.reload()
        expect(page.get_by_role("heading", name="Work list")).to_be_visible()
        expect(frame).to_have_count(0)
        drawn = [
            page.get_by_role("heading", name="Work list").bounding_box(),
            page.get_by_role("link", name="My calls").bounding_box(),
        ]
    for before, after in zip(told, drawn, strict=True):
        assert before
        assert after
        assert abs(before["x"] - after["x"]) < BY_A_PIXEL
        assert abs(before["y"] - after["y"]) < BY_A_PIXEL


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_first_frame_hides_nothing_that_is_said_instead_of_a_page(
    database: str, page: Page, browser: Browser
) -> None:
    with running_desk(database, ROLE="web") as desk:
        sign_in(page, desk, AdvisorRole.SUPERVISOR)
        known = page.context.storage_state()
        without = browser.new_context(java_script_enabled=False, storage_state=known)
        bare = without.new_page()
        bare.goto(f"{desk.url}/work")
        expect(bare.locator("#first-frame")).to_be_hidden()
        without.close()

        page.route("**/_stcore/*", lambda route: route.abort())
        page.goto(f"{desk.url}/work")
        expect(page.locator("#no-connection")).to_be_visible()
        expect(page.locator("[role=dialog]")).to_be_attached()  # Streamlit's own
        expect(page.locator("[role=dialog]")).to_be_hidden()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_our_own_sentence_stays_where_the_server_is_away_from_the_start(
    database: str, browser: Browser
) -> None:
    # a clock belongs to all pages of a context
    with running_desk(database, ROLE="web") as desk, another(browser) as page:
        sign_in(page, desk, AdvisorRole.SUPERVISOR)
        page.clock.install()
        page.route("**/_stcore/*", lambda route: route.abort())
        for path in ("/work", "/wall"):
            page.goto(f"{desk.url}{path}")
            bars = page.get_by_test_id("stAppSkeleton")
            expect(bars).to_be_attached()
            page.clock.fast_forward(LONG)
            expect(page.locator("#no-connection:not([inert])")).to_be_visible()  # and read out
            expect(bars).to_be_hidden()
            expect(page.locator("#first-frame")).to_have_count(int(path != "/wall"))
        page.goto(f"{desk.url}/work")
        expect(page.locator("#no-connection")).to_be_attached()
        page.unroute_all()
        page.clock.fast_forward(LONG)  # it connects again
        expect(page.get_by_role("heading", name="Work list")).to_be_visible()
        expect(page.locator("#first-frame")).to_have_count(0)
