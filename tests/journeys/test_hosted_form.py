"""The hosted form, alone and on other people's pages, in real Chromium."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from leads.database.transactions import reader
from leads.i18n import languages
from leads.intake.form_embedding import form_embed_code
from leads.intake.visitor_pages import LEAVE_ADDRESS
from leads.models.requests import Submission
from tests.support.chromium import fill_out_the_form, problems_of
from tests.support.running_desk import Desk, eventually


@pytest.mark.parametrize(
    "looks",
    [
        list(zip(languages.LANGUAGES, ("light", "dark"), strict=True)),
        pytest.param(
            list(itertools.product(languages.LANGUAGES, ("light", "dark"))), marks=pytest.mark.soak
        ),
    ],
    ids=["each once", "every one"],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_hosted_form_is_accessible_to_everybody(
    desk: Desk, page: Page, looks: Iterable[tuple[str, Any]]
) -> None:
    for language, scheme in looks:
        page.emulate_media(color_scheme=scheme)
        _reads_well(desk, page, language)
    assert page.foreign == []


def _reads_well(desk: Desk, page: Page, language: str) -> None:
    words = languages.page_texts(language)
    page.goto(f"{desk.form_url()}?campaign=spring&lang={language}")
    for width in (1280, 280):
        page.set_viewport_size({"width": width, "height": 900})
        assert problems_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for number in ("911", "988", "SAMHSA"):
            expect(page.get_by_role("link", name=number).first).to_be_in_viewport()
    assert page.title() == words["page"]
    page.get_by_label(words["phone"]).fill("12")
    page.get_by_role("button", name=words["send"]).click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(5)
    expect(page.get_by_label(words["phone"])).to_have_accessible_description(
        words["problems"]["phone"].format(example="(201) 555-0123")
    )
    assert problems_of(page) == []
    summary.get_by_role("link").first.click()
    expect(page.get_by_label(words["phone"])).to_be_in_viewport()
    page.goto(f"{desk.url}/login")
    assert problems_of(page) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_hosted_form_works_without_javascript(desk: Desk, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    visitor = context.new_page()
    fill_out_the_form(visitor, desk)
    context.close()
    stored = eventually(admitted)
    assert stored.reading["consent_text"].startswith("I ask Helpline to call me back")
    assert (stored.reading["for_whom"], stored.reading["any_hour"]) == ("self", True)


@pytest.mark.parametrize("with_script", [True, pytest.param(False, marks=pytest.mark.soak)])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_goes_back_sees_nothing_and_whoever_must_leave_does_at_once(
    desk: Desk, browser: Browser, *, with_script: bool
) -> None:
    context = browser.new_context(java_script_enabled=with_script)
    context.route(f"{LEAVE_ADDRESS}**", lambda route: route.fulfill(body="Sunny."))
    visitor = context.new_page()
    answers: list[int] = []
    visitor.on("response", lambda one: answers.append(one.status))
    visitor.goto(desk.form_url())
    visitor.get_by_label("What should we call you?").fill("Jordan")
    visitor.get_by_role("button", name="Call me").click()
    expect(visitor.get_by_role("alert")).to_be_visible()
    expect(visitor.get_by_label("What should we call you?")).to_have_value("Jordan")
    fill_out_the_form(visitor, desk, is_open=True)
    expect(visitor.get_by_role("status")).to_contain_text("We will call you")
    assert context.cookies() == []
    for _page_before in ("with what was wrong", "empty"):
        visitor.go_back()  # never to a page that asks whether to send all of it again
        expect(visitor.get_by_role("button", name="Call me")).to_be_visible()
        expect(visitor.get_by_role("alert")).to_have_count(0)
    assert set(answers) <= {200, 303}
    for field in ("Your phone number", "What should we call you?"):
        expect(visitor.get_by_label(field)).to_have_value("")
    expect(visitor.get_by_role("radiogroup").get_by_label("Yes").first).not_to_be_checked()
    visitor.get_by_label("Your phone number").fill("(315) 555-0142")
    if with_script:  # a browser may keep a page whole, and show it again as it was left
        visitor.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
        expect(visitor.get_by_label("Your phone number")).to_have_value("")
    visitor.get_by_role("link", name="Leave this page now").click()
    expect(visitor.get_by_text("Sunny.")).to_be_visible()
    assert visitor.url == LEAVE_ADDRESS
    visitor.go_back()
    assert "555-0142" not in visitor.content()
    context.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_link_for_changes_stays_in_no_history(desk: Desk, page: Page) -> None:
    words = languages.page_texts("en")
    visited: list[str] = []
    page.on("framenavigated", lambda frame: visited.append(frame.url))
    fill_out_the_form(page, desk)
    link = page.get_by_role("link", name=words["change"]["title"])
    assert problems_of(page) == []
    key = str(link.get_attribute("href")).partition("/change/")[2].partition("?")[0]
    link.click()
    expect(page.get_by_role("heading", name=words["change"]["title"])).to_be_visible()
    assert problems_of(page) == []
    page.go_back()
    expect(page.get_by_role("heading", name=words["thanks"])).to_be_visible()
    expect(link).to_have_count(0)
    page.go_forward()
    expect(page.get_by_role("heading", name=words["change_over"]["heading"])).to_be_visible()
    page.goto(f"{desk.form_url()}/change/{key}")  # as whoever kept the link does
    page.get_by_role("group", name=words["change"]["safe"]["safe_to_call"]).get_by_label(
        words["change"]["answers"]["no"]
    ).check()
    page.get_by_role("button", name=words["change"]["send"]).click()
    expect(page.get_by_role("status")).to_contain_text(words["change"]["kinds"]["ways"])
    assert problems_of(page) == []
    page.reload()
    expect(page.get_by_role("status")).to_have_count(0)
    expect(page.get_by_role("heading", name=words["change_saved"]["heading"])).to_be_visible()
    assert page.context.cookies() == []
    assert len(key) == 32
    assert not [address for address in visited if key in address]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_line_puts_the_form_into_somebody_elses_page(desk: Desk, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    visitor = context.new_page()
    with somebody_elses_page(form_embed_code(desk.form_url())) as address:
        visitor.goto(
            f"{address}/ny?utm_campaign=spring&city=Syracuse&state=NY&lang=es&email=jo@x.example"
        )
        form = visitor.frame_locator("iframe")
        form.get_by_label("Para mí").check()
        form.get_by_label("Su número de teléfono").fill("(315) 555-0142")
        for question in form.get_by_role("radiogroup").all():
            question.get_by_label("Sí").check()
        # The Enter key sends; the consent is still missing, and that is said where they look.
        form.get_by_label("Su número de teléfono").press("Enter")
        expect(form.get_by_role("alert")).to_contain_text(
            languages.page_texts("es")["problems"]["consent"]
        )
        form.get_by_label(re.compile("Pido a Helpline")).check()
        form.get_by_role("button", name="Llámenme").click()
        thanks = form.get_by_role("heading", name=languages.page_texts("es")["thanks"])
        expect(thanks).to_be_in_viewport()
        expect(form.get_by_role("status")).to_contain_text("Le llamaremos")
        expect(form.get_by_role("link", name="Cambiar o cancelar su solicitud")).to_be_visible()
    context.close()
    reading = eventually(admitted).reading
    assert reading["campaign"] == "spring"
    assert reading["city"] == "Syracuse"
    assert reading["region"] == "NY"
    assert (reading["page_url"], reading["language"]) == (f"{address}/ny?utm_campaign=spring", "es")
    assert (reading["for_whom"], reading["consent_text"]) == (
        "self",
        languages.default_consent_text("es", brand="Helpline"),
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_in_a_frame_the_language_changes_and_what_was_typed_stays(desk: Desk, page: Page) -> None:
    with somebody_elses_page(form_embed_code(desk.form_url())) as address:
        page.goto(address)
        form = page.frame_locator("iframe")
        form.get_by_label("What should we call you?").fill("Jordan")
        form.get_by_label(re.compile("I ask")).check()
        form.get_by_role("button", name="Español").click()
        expect(form.get_by_label("¿Cuál es su nombre?")).to_have_value("Jordan")
        expect(form.get_by_label(re.compile("Pido"))).not_to_be_checked()
        assert problems_of(page.frames[1]) == []
        # Only the form may be framed.
        with page.expect_event("framenavigated") as moved:
            page.locator("iframe").evaluate(
                "(frame, url) => { frame.src = url }", f"{desk.url}/login"
            )
        assert moved.value.url.startswith("chrome-error:")
        assert page.foreign == []


@contextmanager
def somebody_elses_page(line: str) -> Iterator[str]:
    """A plain page with one line of ours in it, from another origin."""
    html = (
        f'<!doctype html><html lang="en"><title>Help</title><main><h1>Treatment in '
        f"Syracuse</h1>{line}</main>"
    )

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def admitted() -> Submission | None:
    with reader() as session:
        return session.exec(select(Submission).where(Submission.state == "admitted")).first()
