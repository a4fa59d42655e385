"""What the hosted form says of when we call is when we call, from the question to the queue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import httpx
import pytest
from sqlmodel import select

from leads.contact_rules.own_hours import DAYS, OwnHours
from leads.database.transactions import transaction
from leads.intake.visitor_clock import VisitorClock
from leads.models.calls import Callback
from leads.models.helplines import Brand
from tests.conftest import NOW
from tests.support.form_doors import FORM, Page, Site, admitted, opened, submissions
from tests.support.sent_forms import NIGHT, rows, the

WEEKEND = NOW + timedelta(days=4, hours=7)  # Saturday evening in New York


@contextmanager
def site_at(now: datetime, *, hours: OwnHours | None = None) -> Iterator[Site]:
    with opened(now=lambda: now) as site:
        with transaction() as session:
            brand = session.exec(select(Brand)).one()
            brand.caller_id = "+13155550100"
            brand.calling_hours = hours.as_data() if hours else None
        yield site


def sent(site: Site, **answers: str) -> httpx.Response:
    return site.http.post(site.form, data=FORM | answers, follow_redirects=True)


@pytest.mark.parametrize(
    ("now", "answers", "told"),
    [
        (NOW, {}, "We will call you as soon as one of us is free."),
        (NOW, {"best_time": "morning"}, "We will call you between 8 and 9 tomorrow morning."),
        (NOW, {"best_time": "evening"}, "We will call you between 5 and 6 this evening."),
        (NIGHT, {}, "We will call you between 8 and 9 tomorrow morning."),
        (NIGHT, {"any_hour": "yes"}, "We will call you as soon as one of us is free."),
        (  # in two zones
            NIGHT,
            {"phone": "(850) 555-0142"},
            "We will call you between 8 and 9 tomorrow morning (Central Time).",
        ),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_thanks_tell_when_the_call_is_due(
    database: str, now: datetime, answers: dict[str, str], told: str
) -> None:
    assert database
    with site_at(now) as site:
        thanks = sent(site, **answers).text
    assert told in thanks
    assert "We call from (315) 555-0100." in thanks
    assert admitted(at=now) == ["admitted"]
    due_at = the(Callback).due_at
    zone = "America/Chicago" if "Central" in told else "America/New_York"
    said = VisitorClock("en", zone, now).say_between(due_at, due_at + timedelta(hours=1))
    assert (due_at == now) if "free" in told else (said in thanks)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"safe_to_call": "no"}, "We will not call this number"),
        ({"message": "He reads my phone and beats me."}, "reads your request first"),
        ({"phone": "+44 20 7946 0000"}, "reads your request first"),
        ({"website": "http://spam.example"}, "reads your request first"),
    ],
)
def test_no_time_is_promised_where_a_person_decides(
    site: Site, answers: dict[str, str], told: str
) -> None:
    thanks = sent(site, **answers).text
    assert told in thanks
    assert "We will call you" not in thanks
    assert admitted() in (["admitted"], ["needs_review"])
    assert not [callback for callback in rows(Callback) if not callback.is_held]


def test_the_thanks_say_what_is_left_and_nothing_of_who_it_is(site: Site) -> None:
    quiet = sent(site)
    open_to_all = sent(site, phone="315 555 0143", safe_to_voicemail="yes", safe_to_text="yes")
    assert "We leave no voicemail. We send no texts." in quiet.text
    assert "we may leave a voicemail: a first name and a number" in open_to_all.text
    assert "We may send you a text." in open_to_all.text
    for thanks in (quiet, open_to_all):
        assert not [
            word for word in ("Jordan", "555-01", "55501", "Please call") if word in thanks.text
        ]
        assert {"tel:988", "tel:+18006624357"} <= set(Page(thanks.text).addresses)
        assert thanks.headers["cache-control"] == "no-store"


def test_the_thanks_tell_a_stranger_nothing_of_the_number(site: Site) -> None:
    first = sent(site, best_time="evening", safe_to_call="no").text
    assert admitted() == ["admitted"]
    again = sent(site, name="Sam").text
    assert "We will call you as soon as one of us is free." in again
    assert "not safe" in first


@pytest.mark.parametrize(
    ("now", "place", "told"),
    [
        (NOW, {"zip": "13202"}, "We call until 9 tonight."),
        (NIGHT, {"state": "NY"}, "We are closed until 8 tomorrow morning. We call you then."),
        (NOW, {"state": "Hawaii"}, "We are closed until 8 this morning. We call you then."),
        (NOW, {}, "We call until 9 tonight (Eastern Time). If you live by another clock"),
        (NIGHT, {"lang": "es", "zip": "13202"}, "Está cerrado hasta mañana a las 8 de la mañana."),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_form_says_what_now_means_where_they_are(
    database: str, now: datetime, place: dict[str, str], told: str
) -> None:
    assert database
    with site_at(now) as site:
        assert told in site.http.get(site.form, params=place).text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_how_soon_is_told_as_it_was_of_late(site: Site) -> None:
    for number in range(10):
        sent(site, phone=f"315 555 01{number:02}")
    assert admitted() == ["admitted"] * 10
    assert "usually" not in site.http.get(site.form).text
    with transaction() as session:
        for callback in session.exec(select(Callback)):
            callback.first_rung_at = NOW + timedelta(minutes=4)
    assert "until 9 tonight, usually within 5 minutes." in in_syracuse(site)
    assert "We will call you soon, usually within 5 minutes." in sent(site).text


def in_syracuse(site: Site) -> str:
    return site.http.get(site.form, params={"zip": "13202"}).text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_helplines_own_hours_and_closed_days_are_told(database: str) -> None:
    assert database
    office = OwnHours.from_data({"windows": [["10:00", "15:00"]] * DAYS, "closed_dates": []})
    with site_at(NOW, hours=office) as site:
        shown = site.http.get(site.form, params={"zip": "13202"}).text
    assert "We call until 3 this afternoon." in shown
    assert "between 10 and noon tomorrow morning" in shown
    assert 'value="evening"' not in shown  # they never call then


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_questions_without_an_answer_are_all_told_at_once(site: Site) -> None:
    shown = Page(site.http.get(site.form).text).values
    answer = site.http.post(site.form, data=shown | {"phone": "12", "message": "Please call."})
    assert answer.status_code == 422
    assert submissions() == []
    fields = ("phone", "safe_to_call", "safe_to_voicemail", "safe_to_text", "consent")
    page = Page(answer.text)
    assert [address[1:] for address in page.addresses if address[0] == "#"] == list(fields)
    for name in fields:
        assert f'aria-describedby="{name}-wrong"' in answer.text
        assert f'id="{name}-wrong"' in answer.text
    assert "(201) 555-0123" in answer.text
    assert (page.values["phone"], page.values["message"]) == ("12", "Please call.")


def test_an_unfinished_form_calls_nobody_and_the_finished_one_takes_its_place(site: Site) -> None:
    shown = Page(site.http.get(site.form).text).values
    half = shown | {"phone": FORM["phone"], "consent": "yes", "safe_to_call": "yes"}
    assert site.http.post(site.form, data=half).status_code == 422
    assert admitted() == ["needs_review"]
    assert rows(Callback) == []
    assert site.http.post(site.form, data=shown | FORM).status_code == 303
    assert admitted() == ["discarded", "admitted"]


def test_who_says_that_no_call_is_safe_need_not_answer_the_rest(site: Site) -> None:
    shown = Page(site.http.get(site.form).text).values
    only = shown | {"phone": FORM["phone"], "consent": "yes", "safe_to_call": "no"}
    assert site.http.post(site.form, data=only).status_code == 303


def test_a_form_of_an_earlier_version_is_still_read(site: Site) -> None:
    old = {
        "name": "Ann",
        "phone": FORM["phone"],
        "consent": "yes",
        "best_time": "",
        "any_hour": "no",
    }
    assert site.http.post(site.form, data=old).status_code == 303
    assert admitted() == ["admitted"]
