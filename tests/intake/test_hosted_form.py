"""The hosted form in English and Spanish, over real sockets: what was shown is what is recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session, select

from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.helplines import brands_and_sources
from leads.i18n import languages
from leads.intake import hosted_form
from leads.models.advisors import Advisor
from leads.models.helplines import Brand
from leads.models.requests import Consent, Lead
from tests.conftest import NOW
from tests.support.form_doors import FORM, MIB, Page, Site, admitted, submissions
from tests.support.people import an_advisor

SPANISH = {"lang": "es"}
OWN = "I want Harbor Line to call me.\nNobody pays for it."
AGREED = {
    language: languages.default_consent_text(language, brand="Harbor Line")
    for language in languages.LANGUAGES
}
NUMBERS = ("tel:911", "tel:988", "tel:+18006624357")


def in_spanish(answer: httpx.Response) -> bool:
    english = [
        words
        for words in languages.page_texts("en").values()
        if isinstance(words, str) and words != "English"
    ]
    assert '<html lang="es">' in answer.text
    assert set(Page(answer.text).addresses) >= set(NUMBERS)
    assert "marque 2" in answer.text
    return not [words for words in english if f">{words}<" in answer.text]


@pytest.mark.parametrize(
    ("asked", "headers"),
    [
        ({"lang": "es"}, {}),
        ({"language": "es-MX"}, {}),
        ({}, {"accept-language": "es-419,es;q=0.9"}),
        ({}, {"referer": "https://site.example/ayuda?lang=es"}),
    ],
)
def test_the_form_speaks_spanish_to_whoever_wants_it(
    site: Site, asked: dict[str, str], headers: dict[str, str]
) -> None:
    answer = site.http.get(site.form, params=asked, headers=headers)
    assert in_spanish(answer)
    assert Page(answer.text).values["language"].startswith("es")
    assert '<html lang="en">' in site.http.get(site.form).text


def test_a_helpline_that_speaks_spanish_does_so_unasked(site: Site) -> None:
    with transaction() as session:
        brands_and_sources.add_brand(session, "Harbor Line", locale="es-US", now=NOW)
    assert in_spanish(site.http.get(site.form))
    assert '<html lang="en">' in site.http.get(site.form, params={"lang": "en"}).text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "taken by the helpline&#39;s own advisors."),
        ("es", "las atiende el equipo de la propia línea."),
    ],
)
def test_a_helpline_that_names_nobody_else_answers_by_itself(
    site: Site, language: str, said: str
) -> None:
    with transaction() as session:
        brand = session.exec(select(Brand)).one()
        brand.operator = brand.name
    assert said in site.http.get(site.form, params={"lang": language, "sent": ""}).text


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_the_wording_on_record_is_the_one_that_was_shown(site: Site, language: str) -> None:
    shown = site.http.get(site.form, params={"lang": language})
    answer = site.http.post(
        site.form, params={"lang": language}, data=Page(shown.text).values | FORM
    )
    assert admitted() == ["admitted"]
    with reader() as session:
        consent = session.exec(select(Consent)).one()
    assert (consent.granted, consent.wording) == (True, AGREED[language])
    assert consent.wording in shown.text
    assert submissions()[0].reading["language"] == language
    assert (
        languages.page_texts(language)["thanks"] in site.http.get(answer.headers["location"]).text
    )


def test_a_helplines_own_wording_is_shown_in_its_own_language_only(site: Site) -> None:
    with transaction() as session:
        session.exec(select(Brand)).one().consent_text = OWN
    values = {
        language: Page(site.http.get(site.form, params={"lang": language}).text).values
        for language in AGREED
    }
    assert (values["en"]["consent_text"], values["es"]["consent_text"]) == (OWN, AGREED["es"])
    for number, shown in enumerate(values.values()):  # browsers break lines in their own way
        sent = {**shown, "consent_text": shown["consent_text"].replace("\n", "\r\n")}
        site.http.post(site.form, data=sent | FORM | {"phone": f"315 555 014{number}"})
    assert admitted() == ["admitted", "admitted"]


def test_a_helpline_that_changes_its_language_does_not_keep_the_usual_words_of_the_old_one(
    site: Site,
) -> None:
    with transaction() as session:
        brand = brands_and_sources.add_brand(session, "Harbor Line", locale="es-US", now=NOW)
        assert {hosted_form.consent_wording_shown(brand, language) for language in AGREED} == set(
            AGREED.values()
        )
        assert brands_and_sources.add_brand(
            session, "Puerto", locale="es-US", now=NOW
        ).consent_text.startswith("Pido a Puerto")
    assert Page(site.http.get(site.form).text).values["consent_text"] == AGREED["es"]


def test_a_ticked_box_is_a_yes_beside_the_hidden_no(site: Site) -> None:
    wishes = ("any_hour", "safe_to_voicemail", "safe_to_text")
    shown = site.http.get(site.form).text
    assert 'type="checkbox" name="any_hour" value="yes"' in shown
    # A browser sends the box's own value, where it is ticked, and then the hidden one. Pages of
    # earlier versions had boxes for the other two as well.
    boxes = {"any_hour": ["yes", "no"], "safe_to_voicemail": ["yes", "no"], "safe_to_text": "no"}
    assert site.http.post(site.form, data=FORM | boxes).status_code == 303
    assert admitted() == ["admitted"]
    reading = submissions()[0].reading
    assert [reading[name] for name in wishes] == [True, True, False]
    # What has to be corrected keeps its ticks.
    again = site.http.post(site.form, data=FORM | boxes | {"phone": "12"}).text
    is_ticked = [f'name="{name}" value="yes" checked' in again for name in wishes[:1]]
    assert is_ticked == [True]
    assert re.findall(r'name="safe_to_\w+" value="(\w+)" checked', again) == ["yes", "yes", "no"]


def test_a_wording_that_changed_while_somebody_wrote_is_kept_as_they_saw_it(site: Site) -> None:
    seen = AGREED["en"].replace("I can say stop", "I may say stop")
    assert site.http.post(site.form, data={**FORM, "consent_text": seen}).status_code == 303
    assert admitted() == ["admitted"]
    with reader() as session:
        assert session.exec(select(Consent.wording)).one() == seen


def test_another_language_keeps_what_was_typed_and_asks_for_consent_again(site: Site) -> None:
    typed = (
        Page(site.http.get(site.form, params={"campaign": "spring"}).text).values
        | FORM
        | {"for_whom": "self"}
    )
    answer = site.http.post(site.form, params={"lang": "es", "switch": ""}, data=typed)
    assert (answer.status_code, in_spanish(answer)) == (200, True)
    values = Page(answer.text).values
    typed.pop("consent")
    assert values == typed | {"consent_text": AGREED["es"], "language": "es"}
    assert submissions() == []


def test_a_language_that_we_do_not_speak_is_told_to_the_advisor(site: Site) -> None:
    shown = site.http.get(site.form, params={"language": "fr"})
    site.http.post(site.form, data=Page(shown.text).values | FORM)
    assert admitted() == ["admitted"]
    assert submissions()[0].reading["language"] == "fr"


def colleague(session: Session, *spoken: str, gender: str = "") -> Advisor:
    advisor = an_advisor(session)
    advisor.languages, advisor.gender = list(spoken), gender
    session.flush()
    return advisor


def test_whom_to_talk_to_is_not_asked_where_there_is_no_choice(site: Site) -> None:
    with transaction() as session:
        colleague(session, "en", gender="woman")
        colleague(session, "ko", gender="man").deactivated_at = NOW
    shown = Page(site.http.get(site.form).text)
    assert shown.elements.count("select") == 0


def test_whom_they_would_rather_talk_to_is_asked_and_need_not_be_answered(site: Site) -> None:
    with transaction() as session:
        colleague(session, "en", "vi", gender="woman")
        colleague(session, gender="man")
    page = site.http.get(site.form, params=SPANISH).text
    shown = Page(page)
    assert "Tiếng Việt" in page
    assert shown.elements.count("select") == 2
    assert shown.values["language"] == "es"  # the page's is a choice, and the first
    chosen = {"language": "vi", "wished_gender": "woman"}
    mistaken = site.http.post(site.form, data=shown.values | FORM | chosen | {"phone": "1"})
    kept = Page(mistaken.text).values
    assert {name: kept[name] for name in chosen} == chosen
    site.http.post(site.form, data=shown.values | FORM | chosen)
    admitted()
    with reader() as session:
        wished = session.exec(select(Lead.language, Lead.wished_gender)).one()
    assert tuple(wished) == ("vi", "woman")


def test_every_mishap_is_told_in_spanish(site: Site) -> None:
    # read in one breath below
    post = lambda **what: site.http.post(site.form, params=SPANISH, **what)  # noqa: E731
    mishaps: list[tuple[Callable[[], httpx.Response], int, str]] = [
        (lambda: post(data={"phone": "1"}), 422, "Marque la casilla"),
        (lambda: post(data={**FORM, "phone": "1"}), 422, "No podemos llamar a este número."),
        (lambda: post(content=b"x" * (MIB + 1)), 413, "demasiado largo"),
        (lambda: site.http.get(site.form + "x", params=SPANISH), 404, "No hay ningún formulario"),
        (lambda: [post(data={"phone": "1"}) for _ in range(60)][-1], 429, "demasiados formularios"),
    ]
    for happen, status, sentence in mishaps:
        answer = happen()
        assert answer.status_code == status
        assert sentence in answer.text
        assert in_spanish(answer)


def test_while_the_database_is_away_the_visitor_hears_it_in_spanish(site: Site) -> None:
    assert site.http.get(site.form).status_code == 200
    with transaction() as session:
        for table in ("submission", "callback"):
            session.execute(text(f"ALTER TABLE {table} RENAME TO {table}_gone"))
    answer = site.http.post(site.form, params=SPANISH, data=FORM)
    with transaction() as session:
        for table in ("submission", "callback"):
            session.execute(text(f"ALTER TABLE {table}_gone RENAME TO {table}"))
    assert answer.status_code == 503
    assert "no pudimos guardar esto" in answer.text
    assert Page(answer.text).values.items() >= FORM.items()  # to send it again
    assert in_spanish(answer)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_while_every_connection_is_taken_nothing_that_was_written_is_lost(site: Site) -> None:
    def wait_in_vain(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "submission" in statement or "callback" in statement:
            raise PoolTimeoutError  # as the pool does

    event.listen(current_engine(), "before_cursor_execute", wait_in_vain)
    answer = site.http.post(site.form, params=SPANISH, data=FORM)
    sent = site.http.post(site.webhook, data=FORM)
    event.remove(current_engine(), "before_cursor_execute", wait_in_vain)
    assert (answer.status_code, sent.status_code) == (503, 503)
    assert Page(answer.text).values.items() >= FORM.items()
    assert in_spanish(answer)  # with the numbers for an emergency


def test_the_page_around_the_form_arrives_with_it_and_nothing_personal_does(site: Site) -> None:
    page = (
        "https://site.example/ny?utm_campaign=spring&city=Syracuse&state=NY"
        "&email=jo@x.example&phone=3155550199"
    )
    shown = site.http.get(site.form, headers={"referer": page})
    site.http.post(site.form, data=Page(shown.text).values | FORM)
    assert admitted() == ["admitted"]
    reading = submissions()[0].reading
    assert reading["campaign"] == "spring"
    assert reading["city"] == "Syracuse"
    assert reading["region"] == "NY"
    assert reading["page_url"] == "https://site.example/ny?utm_campaign=spring"
    assert "jo@x.example" not in json.dumps(reading)
    assert "3155550199" not in json.dumps(reading)


def test_the_form_may_stand_in_any_page(site: Site) -> None:
    for answer in (site.http.get(site.form), site.http.get(site.form + "x")):
        assert "frame-ancestors" not in answer.headers["content-security-policy"]
        assert "x-frame-options" not in answer.headers


def test_in_a_frame_a_mistake_is_told_beside_the_button(site: Site) -> None:
    for framed in (False, True):
        headers = {"sec-fetch-dest": "iframe"} if framed else {}
        answer = site.http.post(site.form, data={**FORM, "phone": "12"}, headers=headers).text
        assert answer.count('role="alert"') == 1
        assert (answer.index('role="alert"') > answer.index('name="consent"')) is framed


def test_an_old_browser_may_tell_that_our_page_sent_a_post(site: Site) -> None:
    shown = site.http.get(site.form)
    assert shown.headers["referrer-policy"] == "same-origin"
    assert 'name="referrer"' not in shown.text


@pytest.mark.parametrize("language", languages.LANGUAGES)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_page_is_small_and_has_a_title_that_tells_nothing(site: Site, language: str) -> None:
    asked = {"lang": language}
    shown = Page(site.http.get(site.form, params=asked).text).values
    sent = site.http.post(site.form, params=asked, data=FORM)
    pages = [
        site.http.get(site.form, params=asked),
        site.http.post(site.form, params=asked, data=shown),
        site.http.get(sent.headers["location"]),
    ]
    assert [page.status_code for page in pages] == [200, 422, 200]
    for page in pages:
        assert len(page.content) <= 15_000
        assert f"<title>{languages.page_texts(language)['page']}</title>" in page.text
        assert page.headers["cache-control"] == "no-store"
        assert page.text.count('autocomplete="off"') == (0 if page is pages[2] else 5)
