"""The hosted form in other people's pages.

The line, what it carries along, and what it leaves behind.
"""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.intake.form_embedding import LONGEST_CARRIED, fields_from_visit, form_embed_code

HOST = "desk.example.org"
PAGE = (
    "https://site.example/ny/syracuse?utm_campaign=spring&city=Syracuse&state=NY&zip=13202"
    "&lang=es&email=jo@x.example"
)


class Line(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag] = {name: value or "" for name, value in attrs}


@pytest.mark.parametrize(
    ("language", "address", "title"),
    [
        ("", "https://desk.example.org/form/help", "Ask for a call"),
        ("es", "https://desk.example.org/form/help?lang=es", "Pida una llamada"),
    ],
)
def test_one_line_shows_the_form_and_links_to_it(language: str, address: str, title: str) -> None:
    line = form_embed_code("https://desk.example.org/form/help", language=language)
    assert "\n" not in line
    frame, link = Line(line).found["iframe"], Line(line).found["a"]
    assert frame["src"] == address
    assert frame["title"] == title
    assert link["href"] == address
    assert frame["referrerpolicy"] == link["referrerpolicy"] == "no-referrer-when-downgrade"
    assert not {"script", "onload"} & {*Line(line).found, *frame}


def test_no_address_breaks_out_of_the_line() -> None:
    address = 'https://desk.example.org/form/"><script>&'
    assert Line(form_embed_code(address)).found["iframe"]["src"] == address
    assert "script" not in Line(form_embed_code(address)).found


def test_the_page_around_the_form_says_where_somebody_comes_from() -> None:
    assert fields_from_visit({}, PAGE, host=HOST) == {
        "page_url": "https://site.example/ny/syracuse?utm_campaign=spring",
        "campaign": "spring",
        "city": "Syracuse",
        "region": "NY",
        "zip": "13202",
        "language": "es",
    }


def test_the_forms_own_address_wins_where_it_says_something() -> None:
    own = {
        "campaign": "autumn",
        "region": "",
        "lang": "en",
        "page_url": "https://site.example/home",
    }
    told = fields_from_visit(own, PAGE, host=HOST)
    assert told["campaign"] == "autumn"
    assert told["region"] == "NY"
    assert told["city"] == "Syracuse"
    assert (told["language"], told["page_url"]) == ("en", "https://site.example/home")


@pytest.mark.parametrize(
    ("referer", "page"),
    [
        ("https://site.example/", "https://site.example/"),
        (
            "https://jo:secret@site.example:8443/a?name=Jo&utm_source=x#me",
            "https://site.example:8443/a?utm_source=x",
        ),
        ("https://desk.example.org/form/help?city=Utica", ""),
        ("android-app://com.example/", ""),
        ("javascript:alert(1)", ""),
        ("https://[broken/", ""),
        ("", ""),
    ],
)
def test_of_another_page_only_what_is_about_nobody_is_kept(referer: str, page: str) -> None:
    assert fields_from_visit({}, referer, host=HOST) == {
        "page_url": page, "campaign": "", "city": "", "region": "", "zip": "", "language": ""
    }  # fmt: skip


@given(st.text(), st.text())
def test_no_address_is_too_odd(rest: str, query: str) -> None:
    told = fields_from_visit(
        {"city": query * LONGEST_CARRIED}, f"https://{rest}?{query}&city=x", host=HOST
    )
    assert all(len(text) <= LONGEST_CARRIED for text in told.values())
