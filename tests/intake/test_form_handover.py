"""A form that has to be corrected: shown by an address, so that Back asks to send nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from leads.intake import page_handover
from leads.intake.form_handover import FILLING_SECONDS
from tests.support.form_doors import Page, Site, opened, submissions

WRITTEN = {"phone": "12", "name": "Jordan Reyes", "message": "Please call after dinner."}
PERSONAL = re.compile(r"Jordan|Reyes|dinner")


@pytest.fixture
def site(database: str) -> Iterator[Site]:
    with opened(content_keys=("a key of the tests",), public_url="https://help.example") as site:
        yield site


def send(site: Site, *, cookie: str = "", params: Any = None, **fields: str) -> httpx.Response:
    headers = {"Cookie": f"sent_form={cookie}"} if cookie else {}
    return site.http.post(site.form, data={**WRITTEN, **fields}, headers=headers, params=params)


def cookie_of(answer: httpx.Response) -> tuple[str, str]:
    """Return the value of the one cookie that an answer sets, and how it is set."""
    value, _, how = answer.headers["set-cookie"].removeprefix("sent_form=").partition("; ")
    return value, how


@pytest.mark.parametrize("params", [{"lang": "es"}, {"lang": "es", "switch": ""}])
def test_what_was_sent_is_shown_again_once_by_an_address_that_says_nothing(
    site: Site, params: dict[str, str]
) -> None:
    ready, how = cookie_of(site.http.get(site.form))
    answer = send(site, cookie=ready, params=params)
    assert (answer.status_code, answer.text) == (303, "")
    assert answer.headers["location"] == f"{site.form}?lang=es&again"
    sealed, told = cookie_of(answer)
    assert not PERSONAL.search(f"{sealed} {answer.headers['location']}")
    for one, seconds in ((how, FILLING_SECONDS), (told, page_handover.HANDOVER_SECONDS)):
        assert {"HttpOnly", "Secure", f"Path={site.form}", f"Max-Age={seconds}"} <= set(
            one.split("; ")
        )
        assert "samesite=strict" in one.lower()
    where = answer.headers["location"]
    shown = site.http.get(where, headers={"Cookie": f"sent_form={sealed}"})
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert Page(shown.text).values["name"] == WRITTEN["name"]
    assert ('role="alert"' in shown.text) is ("switch" not in params)
    assert len(shown.content) <= 15_000
    assert cookie_of(shown)[0] == ready, "it is shown a second time"
    again = site.http.get(where, headers={"Cookie": f"sent_form={ready}"})
    assert not PERSONAL.search(again.text)
    assert 'role="alert"' not in again.text


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({}, {}),
        ({"Cookie": "sent_form=ready", "Sec-Fetch-Dest": "iframe"}, {}),
        ({"Cookie": "sent_form=ready"}, {"message": "".join(map(chr, range(0x4E00, 0x5A00)))}),
    ],
    ids=["keeps no cookie", "framed", "longer than a cookie"],
)
def test_where_no_cookie_can_bring_it_the_answer_shows_it(
    site: Site, headers: dict[str, str], fields: dict[str, str]
) -> None:
    answer = site.http.post(site.form, data=WRITTEN | fields, headers=headers)
    assert answer.status_code == 422
    assert Page(answer.text).values["name"] == WRITTEN["name"]
    assert "set-cookie" not in answer.headers


def test_a_frame_is_given_no_cookie(site: Site) -> None:
    framed = site.http.get(site.form, headers={"Sec-Fetch-Dest": "iframe"})
    assert "set-cookie" not in framed.headers


@pytest.mark.parametrize("forged", ["x", "eA==", "ready", "é"])
def test_nobody_makes_up_what_was_sent(site: Site, forged: str) -> None:
    cookie = {"Cookie": f"sent_form={forged}".encode("latin-1")}
    shown = site.http.get(f"{site.form}?again", headers=cookie)
    assert shown.status_code == 200
    assert 'role="alert"' not in shown.text


def test_the_thanks_page_leaves_nothing_in_the_browser(site: Site) -> None:
    complete = {"phone": "(315) 555-0142", "consent": "yes"}
    answer = send(site, cookie="ready", **complete)
    assert answer.headers["location"] == f"{site.form}?sent&lang=en"
    assert len(submissions()) == 1
    thanks = site.http.get(answer.headers["location"], headers={"Cookie": "sent_form=ready"})
    assert [one for one in thanks.headers.get_list("set-cookie") if "sent_form" in one] == [
        f'sent_form=""; HttpOnly; Max-Age=0; Path={site.form}; SameSite=strict; Secure'
    ]


def test_too_much_at_once_is_said_by_an_address_as_well(site: Site) -> None:
    answer = send(site, cookie="ready", message="x" * 70_000)
    assert answer.status_code == 303
    sealed, _how = cookie_of(answer)
    shown = site.http.get(answer.headers["location"], headers={"Cookie": f"sent_form={sealed}"})
    assert "too long" in shown.text
