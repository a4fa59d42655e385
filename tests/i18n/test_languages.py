"""The public pages' texts.

The same in every language, and the language that a visitor should see.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from leads.forms import form_reading
from leads.forms.request import FormRequest
from leads.i18n import languages
from leads.intake.body_readings import URLENCODED_FORM
from leads.intake.form_answers import read_form_answers

TEMPLATES = (
    *("form.html", "wrong.html", "thanks.html", "change.html", "notice.html"),
    *("top.html", "help.html"),
)
FILLED_IN = {
    *("own_name", "consent", "problems", "away", "nowhere", "crowded"),
    *("change_over", "change_saved", "change_too_often", "now", "promised", "clock"),
}  # reached from Python


def reading(**fields: str) -> FormRequest:
    return form_reading.read_form_request(
        json.dumps(fields).encode(), "application/json", region="US"
    )


def leaves(words: dict[str, Any], way: str = "") -> Iterator[tuple[str, str]]:
    for name, value in words.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{way}{name}.")
        else:
            yield way + name, value


def gaps(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_every_language_says_everything_in_its_own_words(language: str) -> None:
    here, english = (
        dict(leaves(languages.page_texts(language))),
        dict(leaves(languages.page_texts("en"))),
    )
    assert list(here) == list(english)
    assert {name: gaps(text) for name, text in here.items()} == {
        name: gaps(text) for name, text in english.items()
    }
    assert not {name for name, text in english.items() if text and not here[name].strip()}
    if language != "en":
        assert not {name for name in here if here[name] == english[name]}


def test_the_pages_use_every_text_and_no_other() -> None:
    used = {
        name
        for page in TEMPLATES
        for name in re.findall(r"words\.(\w+)", (languages.PAGES / page).read_text())
    }
    assert used | FILLED_IN | {"on_its_own"} == set(languages.page_texts("en"))
    both = "".join((languages.PAGES / page).read_text() for page in ("top.html", "help.html"))
    in_help = set(re.findall(r"words\.help\.(\w+)", both))
    assert in_help == set(languages.page_texts("en")["help"])


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_what_the_choices_send_is_understood(language: str) -> None:
    assert {reading(for_whom=said).for_whom for said in languages.page_texts(language)["whom"]} == {
        "self",
        "loved_one",
        "professional",
    }
    wish = reading(**dict.fromkeys(languages.page_texts(language)["safety"], "yes"))
    assert (wish.safe_to_voicemail, wish.safe_to_text) == (True, True)
    assert reading(consent=languages.default_consent_text(language, brand="B")).consent is not False


@pytest.mark.parametrize(
    ("asked", "locale", "accepted", "language"),
    [
        ("", "en-US", "", "en"),
        ("es", "en-US", "en-US,en;q=0.9", "es"),
        ("en", "es-US", "es", "en"),
        ("ES-mx", "", "", "es"),
        ("es_MX", "", "", "es"),
        ("fr", "en-US", "", "en"),
        ("", "es-US", "en-US,en;q=0.9", "es"),
        ("", "en-US", "es-419,es;q=0.9,en;q=0.8", "es"),
        ("", "en-US", "en-US,en;q=0.9,es;q=0.8", "en"),
        ("", "en-US", "en;q=0.5, es;q=0.7", "es"),
        ("", "en-US", "fr-CA, es ; q=0.4", "es"),
        ("", "en-US", "es;q=0", "en"),
        ("", "fr-CA", "*, ;q=,es;q=9", "en"),
    ],
)
def test_what_was_asked_for_counts_and_english_is_what_nobody_chose(
    asked: str, locale: str, accepted: str, language: str
) -> None:
    assert languages.choose_visitor_language(asked, locale=locale, accepted=accepted) == language


def test_the_problems_that_a_form_can_have_all_have_a_sentence() -> None:
    bodies = (b"", b"phone=12&consent=yes&safe_to_call=")
    told = [read_form_answers(body, URLENCODED_FORM, region="US").problems for body in bodies]
    found = {problem for one in told for problem in one.values()}
    of_the_form = {"check", "too_many", "too_long", "away"}
    assert found | of_the_form == set(languages.page_texts("en")["problems"])


def read(fields: list[tuple[str, str]]) -> FormRequest:
    return form_reading.read_form_request(
        urlencode(fields).encode(), "application/x-www-form-urlencoded", region="US"
    )
