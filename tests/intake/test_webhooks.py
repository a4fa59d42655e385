"""The doors for submissions, over real sockets.

They take everything, tell nobody anything, and run nobody's script.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select
from standardwebhooks import Webhook

from leads.callbacks import opt_out
from leads.database.transactions import reader, transaction
from leads.i18n import languages
from leads.i18n.messages import own_words
from leads.intake import form_embedding, visitor_pages
from leads.models.requests import Consent, Submission
from tests.conftest import NOW
from tests.support.form_doors import FORM, MIB, NUMBER, Page, Site, admitted, opened, submissions

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ATTACKS = (
    '"><script>alert(1)</script>',
    "' onfocus='alert(1)' autofocus='",
    "</textarea></select><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% include 'sign_in.html' %}",
)
REPEATED = ("name", "phone", "message", "id", *form_embedding.CARRIED_FIELDS)
FIELDS = (
    *REPEATED,
    "for_whom",
    "best_time",
    "safe_to_call",
    "safe_to_text",
    "website",
    "consent",
    "consent_text",
)


def test_every_submission_gets_the_same_answer(site: Site) -> None:
    with transaction() as session:
        opt_out.stop_contact(
            session, "+13155550199", reason=own_words("text"), actor="sms", now=NOW
        )
    bodies = [FORM, FORM, {**FORM, "phone": "315 555 0199"}, {"phone": "12"}, "nonsense"]
    answers = [site.http.post(site.webhook, content=json.dumps(body)) for body in bodies]
    told = {
        (answer.status_code, answer.content, str(_without_date(answer.headers)))
        for answer in answers
    }
    assert len(told) == 1
    assert (answers[0].status_code, answers[0].json()) == (200, {"status": "received"})
    assert admitted() == ["admitted", "duplicate", "withheld", "needs_review", "needs_review"]


def test_an_unknown_address_is_no_door(site: Site) -> None:
    assert site.http.post(site.webhook + "x", json=FORM).status_code == 404
    assert site.http.post(site.form + "x", data=FORM).status_code == 404
    assert site.http.get(site.form + "x").status_code == 404
    assert submissions() == []


@pytest.mark.parametrize("kind", ["standard_webhooks", "generic"])
# used inside
def test_a_source_with_a_secret_acts_only_on_what_is_signed(
    database: str,
    kind: str,
) -> None:
    body, now = json.dumps(FORM), str(int(NOW.timestamp()))
    signed = {"webhook-id": "msg_1", "webhook-timestamp": now}
    signed["webhook-signature"] = Webhook(SECRET).sign("msg_1", NOW, body)
    with opened(kind=kind, signing_secrets=(SECRET,)) as site:
        for headers in ({}, {**signed, "webhook-id": "msg_2"}, {"authorization": "Bearer guess"}):
            assert site.http.post(site.webhook, content=body, headers=headers).status_code == 401
        assert site.http.post(site.webhook, content=body + " ", headers=signed).status_code == 401
        assert "admitted" not in admitted()
        assert site.http.post(site.webhook, content=body, headers=signed).status_code == 200
        assert admitted()[-1] == "admitted"
        assert submissions()[-1].delivery_id == "msg_1"


def test_a_body_may_have_one_mebibyte_and_not_one_byte_more(site: Site) -> None:
    largest = b"x" * MIB
    for too_large in (largest + b"x", iter([largest, b"x"])):
        assert site.http.post(site.webhook, content=too_large).status_code == 413
        assert site.http.post(site.form, content=largest + b"x").status_code == 413
    assert submissions() == []
    assert site.http.post(site.webhook, content=iter([largest[1:], b"x"])).status_code == 200
    assert [row.body for row in submissions()] == [largest]


def test_looking_at_the_door_submits_nothing(site: Site) -> None:
    for method, asked in (
        ("GET", {}),
        ("HEAD", {"phone": NUMBER}),
        ("POST", {}),
        ("GET", {"test": "1", "t": "1770384000"}),
    ):
        assert site.http.request(method, site.webhook, params=asked).status_code == 200
    assert submissions() == []


@pytest.mark.parametrize(("method", "state"), [("GET", "needs_review"), ("POST", "admitted")])
def test_what_a_tool_writes_into_the_address_is_a_submission(
    site: Site, method: str, state: str
) -> None:
    """A visit (GET) can be caused by any page, so that it promises nobody a call."""
    answer = site.http.request(method, f"{site.webhook}/", params={"name": "Ana", "phone": NUMBER})
    assert answer.status_code == 200
    assert admitted() == [state]
    assert submissions()[0].reading["name"] == "Ana"


def test_submissions_at_the_same_time_are_all_stored(site: Site) -> None:
    with ThreadPoolExecutor(16) as visitors:
        answers = list(
            visitors.map(lambda n: site.http.post(site.webhook, json={"n": n}), range(64))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert {row.body for row in submissions()} == {answer.request.content for answer in answers}


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(min_size=1),
    st.dictionaries(
        st.sampled_from(
            [
                "content-type",
                "user-agent",
                "webhook-id",
                "webhook-timestamp",
                "authorization",
                "x-forwarded-for",
            ]
        ),
        st.sampled_from(["application/json", "multipart/form-data"])
        | st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"])),
    ),
)
def test_whatever_is_sent_is_stored_as_it_came(
    site: Site, body: bytes, headers: dict[str, str]
) -> None:
    sent = {name: value.strip().encode("latin-1") for name, value in headers.items()}
    assert site.http.post(site.webhook, content=body, headers=sent).status_code == 200
    with reader() as session:
        assert body in session.exec(select(Submission.body)).all()


def test_the_hosted_form_leads_to_a_callback(site: Site) -> None:
    shown = Page(site.http.get(site.form).text)
    answer = site.http.post(site.form, data=shown.values | FORM)
    thanks = answer.headers["location"]
    assert (answer.status_code, thanks) == (303, f"{site.form}?sent&lang=en")
    assert "We will call you as soon as one of us is free." in site.http.get(thanks).text
    assert admitted() == ["admitted"]
    with reader() as session:
        consent = session.exec(select(Consent)).one()
    assert (consent.granted, consent.wording) == (
        True,
        languages.default_consent_text("en", brand="Harbor Line"),
    )
    assert (consent.channels, consent.ip) == (["call"], "127.0.0.1")


def test_the_page_asks_nobody_else_for_anything_and_runs_only_what_clears_it(site: Site) -> None:
    answer = site.http.get(site.form)
    page = Page(answer.text)
    page.addresses.remove(visitor_pages.LEAVE_ADDRESS)
    assert {re.split("[?:]", address)[0] for address in page.addresses} == {site.form, "tel"}
    others = answer.text.replace(visitor_pages.LEAVE_ADDRESS, "")
    assert not re.search(r"https?:|//|url\(|@import|fetch|XMLHttp", others)
    assert not {"img", "iframe", "link", "object"} & set(page.elements)
    assert page.elements.count("script") == 1
    nonce = re.search(r'<style nonce="([^"]+)">', answer.text).group(1)
    assert answer.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; "
        f"script-src 'nonce-{nonce}'"
    )
    assert nonce not in site.http.get(site.form).text
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == (
        "no-store",
        "nosniff",
    )


def test_what_the_address_carries_arrives_with_the_form(site: Site) -> None:
    carried = {name: f"{name} & more" for name in form_embedding.CARRIED_FIELDS}
    page = Page(site.http.get(site.form, params={**carried, "phone": NUMBER, "ref": "x"}).text)
    assert page.values.items() >= carried.items()
    assert (page.values["phone"], "ref" in page.values) == ("", False)
    site.http.post(site.form, data=page.values | FORM)
    assert admitted() == ["admitted"]
    assert submissions()[0].reading.items() >= carried.items()


def test_a_form_names_itself_by_what_no_form_tool_calls_a_form(site: Site) -> None:
    ids = {Page(site.http.get(site.form).text).values["id"] for _ in range(40)}
    assert len(ids) == 40
    assert all(
        set(one) & set("0123456789") for one in ids
    )  # without a digit it would be taken for a form's name


def test_a_mistaken_number_is_kept_and_can_be_corrected(site: Site) -> None:
    first = Page(site.http.get(site.form).text).values
    words = (
        first
        | FORM
        | {"phone": "12", "best_time": "evening", "for_whom": "self", "safe_to_text": "yes"}
    )
    answer = site.http.post(site.form, data=words)
    assert (answer.status_code, "We cannot call this number." in answer.text) == (422, True)
    assert Page(answer.text).values == words
    assert admitted() == ["needs_review"]
    assert site.http.post(site.form, data=words | {"phone": NUMBER}).status_code == 303
    assert admitted() == ["discarded", "admitted"]


def test_without_consent_nothing_is_kept_but_the_visitors_own_page(site: Site) -> None:
    words = {"name": "Jordan", "phone": NUMBER, "message": "Please call."}
    answer = site.http.post(site.form, data=words)
    assert (answer.status_code, "Please tick the box" in answer.text) == (422, True)
    assert Page(answer.text).values.items() >= words.items()
    assert submissions() == []


def test_a_robot_hears_the_same_thanks_and_is_looked_at_first(site: Site) -> None:
    person = site.http.post(site.form, data=FORM)
    robot = site.http.post(
        site.form, data={**FORM, "phone": "315 555 0143", "website": "http://spam.example"}
    )
    assert (robot.status_code, robot.content) == (person.status_code, person.content)
    told = [
        {
            name: re.sub(r"(?<=^change_key=)[\w-]{32}", "", value)
            for name, value in _without_date(one.headers).items()
        }
        for one in (robot, person)
    ]
    assert told[0] == told[1]
    assert admitted() == ["admitted", "needs_review"]


def test_who_shares_an_address_is_called_and_what_is_incomplete_costs_nobody_a_place(
    site: Site,
) -> None:
    incomplete = [site.http.post(site.form, data={"phone": "1"}).status_code for _ in range(61)]
    assert incomplete == [422] * 60 + [429]
    shelter = [
        site.http.post(site.form, data={**FORM, "phone": f"315 556 0{n:03}"}).status_code
        for n in range(61)
    ]
    assert shelter == [303] * 61
    assert admitted() == ["admitted"] * 61


def test_no_visitors_words_become_part_of_the_page(site: Site) -> None:
    harmless = Page(site.http.post(site.form, data=dict.fromkeys(FIELDS, "one two")).text)
    for attack in ATTACKS:
        answer = site.http.post(site.form, data=dict.fromkeys(FIELDS, attack))
        page = Page(answer.text)
        assert answer.status_code == 422
        assert page.elements == harmless.elements
        assert page.addresses == harmless.addresses
        assert page.attributes == harmless.attributes
        assert {page.values[name] for name in REPEATED} == {attack}
        asked = Page(site.http.get(site.form, params=dict.fromkeys(FIELDS, attack)).text)
        assert {asked.values[name] for name in form_embedding.CARRIED_FIELDS} == {attack}


def _without_date(headers: httpx.Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "date"}
