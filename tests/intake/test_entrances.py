"""Every way in of a source asks for its proof, and the hosted form takes posts of our own page."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, select

from leads.database.transactions import transaction
from leads.errors import BadConfiguration
from leads.helplines import brands_and_sources, source_settings
from leads.i18n.messages import MessageKey, message_key_of
from leads.intake.form_origin import is_post_of_own_page
from leads.models.helplines import Source
from tests.conftest import NOW
from tests.support import form_doors
from tests.support.form_doors import FORM, NUMBER, Site, admitted, opened, submissions
from tests.support.form_senders import SECRET
from tests.support.people import a_source, a_supervisor

DESK = "https://desk.example.org"
EVIL = "https://evil.example"


def test_no_entrance_of_a_signed_source_admits_what_proves_nothing(
    database: str,
) -> None:
    in_address = {"phone": NUMBER, "name": "Mallory"}
    with opened(kind="generic", signing_secrets=(SECRET,)) as site:
        sent: list[tuple[str, str, dict[str, Any]]] = [
            *((m, site.webhook, {"json": FORM}) for m in ("POST", "PUT", "PATCH")),
            *((m, site.webhook, {"params": in_address}) for m in ("GET", "POST", "HEAD")),
            ("POST", site.webhook + "/", {"data": FORM}),
            ("POST", site.webhook, {"json": {}, "params": in_address}),
            ("POST", site.form, {"data": FORM}),
            ("GET", site.form, {"params": FORM}),
            ("POST", site.form + "?switch", {"data": FORM}),
        ]
        for method, path, what in sent:
            site.http.request(method, path, **what)
        assert set(admitted()) == {"refused"}
        assert site.http.post(site.form, data=FORM).status_code == 404


def test_a_supervisor_opens_the_hosted_form_of_a_signed_source_knowingly(session: Session) -> None:
    source, supervisor = a_source(session), a_supervisor(session)
    assert source.takes_hosted_form
    source_settings.add_source_secret(session, source, SECRET, supervisor, now=NOW)
    assert not source.takes_hosted_form
    source_settings.switch_hosted_form(session, source, supervisor, is_open=True, now=NOW)
    source_settings.add_source_secret(session, source, SECRET + "2", supervisor, now=NOW)
    assert source.takes_hosted_form
    (door,) = source_settings.list_source_details(session, supervisor)
    entrances = source_settings.list_entrances(door)
    assert [entrance.is_open for entrance in entrances] == [True, True, True]


def test_an_address_that_nobody_can_guess_is_given_unless_one_is_chosen(session: Session) -> None:
    source, supervisor = a_source(session), a_supervisor(session)
    first = source.slug
    assert len(set(bytes.fromhex(first))) > 1
    assert len(bytes.fromhex(first)) * 8 >= 80
    source_settings.change_form_address(session, source, supervisor, now=NOW)
    assert source.slug not in {first, ""}
    source_settings.change_form_address(session, source, supervisor, slug="Our Site", now=NOW)
    assert source.slug == "our-site"
    with pytest.raises(BadConfiguration, match="already"):
        brands_and_sources.add_source(session, "Other", slug="our site", now=NOW)
    with pytest.raises(BadConfiguration, match="letters and digits"):
        source_settings.change_form_address(session, source, supervisor, slug="¡!", now=NOW)


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, False),
        ({"sec-fetch-site": "same-origin", "origin": DESK}, True),
        ({"sec-fetch-site": "same-origin", "origin": EVIL}, False),
        ({"sec-fetch-site": "cross-site", "origin": DESK}, False),
        ({"sec-fetch-site": "same-site", "origin": DESK}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": DESK}, True),
        ({"origin": "https://desk.example.org:443"}, True),
        ({"origin": "http://inside:8501"}, False),
        ({"origin": "http://desk.example.org"}, False),
        ({"origin": "https://desk.example.org.evil.example"}, False),
        ({"origin": "https://desk.example.org@evil.example"}, False),
        ({"origin": "null", "referer": f"{DESK}/form/x"}, False),
        ({"origin": EVIL, "referer": f"{DESK}/form/x"}, False),
        ({"referer": f"{DESK}/form/x?lang=es"}, True),
        ({"referer": f"{EVIL}/?{DESK}"}, False),
        ({"origin": "https://["}, False),
        ({}, False),
    ],
)
def test_a_browser_says_whose_page_sent_a_form(
    headers: dict[str, str],
    is_own: bool,
) -> None:
    asked_as = {"host": "inside:8501"}
    assert is_post_of_own_page(asked_as | headers, public_url=DESK) is is_own


@pytest.mark.usefixtures("database")
def test_a_name_that_a_request_calls_us_by_does_not_make_its_page_ours() -> None:
    with form_doors.opened() as site:
        forged = {"host": "evil.example", "origin": "http://evil.example"}
        for headers in (forged, forged | {"sec-fetch-site": "same-origin"}):
            site.http.post(site.form, data=form_doors.FORM, headers=headers)
        site.http.post(site.form, data=form_doors.FORM)
        said = [one.suspicion for one in form_doors.submissions()]
    assert list(map(bool, said)) == [True, True, False]


def test_on_the_machine_itself_every_name_of_it_is_ours() -> None:
    for page, is_own in {"localhost:8501": True, "[::1]:8501": True, "localhost:9": False}.items():
        headers = {"origin": f"http://{page}"}
        assert is_post_of_own_page(headers, public_url="http://127.0.0.1:8501") is is_own


def test_what_another_page_posts_waits_for_a_person_and_is_thanked_alike(site: Site) -> None:
    for number, headers in enumerate(
        (
            {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"},
            {"Origin": EVIL},
            {"Origin": ""},
        )
    ):
        data = {**FORM, "phone": f"315 555 014{number}"}
        assert site.http.post(site.form, data=data, headers=headers).status_code == 303
    assert admitted() == ["needs_review"] * 3
    reasons = {message_key_of(row.reason) for row in submissions()}
    assert reasons == {MessageKey.SENT_FROM_OTHER_PAGE}


def test_a_frame_of_ours_posts_as_our_own_page(site: Site) -> None:
    framed = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin"}
    answer = site.http.post(site.form, data=FORM, headers=framed)
    # Another site's frame is given no cookie, so that the thanks are the answer itself.
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    assert "Change or cancel your request" in answer.text
    assert admitted() == ["admitted"]


def test_a_closed_form_is_not_there(site: Site) -> None:
    with transaction() as session:
        session.exec(select(Source)).one().takes_hosted_form = False
    for method in ("GET", "POST"):
        assert site.http.request(method, site.form, data=FORM).status_code == 404
    assert submissions() == []
