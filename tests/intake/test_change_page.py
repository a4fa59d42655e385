"""With the link of the thanks page somebody changes their own request, or takes it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from leads.callbacks import completion
from leads.database.transactions import transaction
from leads.intake import sender_changes
from leads.intake.sender_changes import ChangePost, SenderChange
from leads.models.calls import Callback
from leads.models.requests import AlsoSaid, Lead, Submission
from tests.conftest import NOW
from tests.support.form_doors import FORM, Page, Site, admitted
from tests.support.people import a_supervisor, held_for
from tests.support.sent_forms import rows, send, the

POST = ChangePost("application/x-www-form-urlencoded", b"")


def asked(site: Site, **answers: str) -> str:
    """Send the hosted form; returns the address of the link on the thanks page."""
    answer = site.http.post(site.form, data=FORM | answers)
    thanks = site.http.get(answer.headers["location"])
    (link,) = (address for address in Page(thanks.text).addresses if "/change/" in address)
    return link


def changed(site: Site, link: str, **chosen: str) -> httpx.Response:
    answer = site.http.post(link, data=chosen)
    assert answer.status_code == 303, answer.text
    return site.http.get(answer.headers["location"])


def test_the_page_shows_nothing_of_what_was_sent_and_looking_changes_nothing(site: Site) -> None:
    link = asked(site)
    admitted()
    shown = site.http.get(link)
    assert shown.status_code == 200
    assert shown.headers["cache-control"] == "no-store"
    assert "noindex" in shown.text
    for secret in ("Jordan", "555-0142", "3155550142", "Please call."):
        assert secret not in shown.text
    assert "<script" not in shown.text
    assert site.http.get(link).text.count("<form") == 2


def test_a_link_works_once_and_the_answer_has_another(site: Site) -> None:
    link = asked(site)
    admitted()
    answer = changed(site, link, safe_to_call="no")
    assert "Saved." in answer.text
    assert held_for(the(Callback)) == ["not_safe_to_call"]
    assert site.http.get(link).status_code == 410
    assert site.http.post(link, data={"safe_to_call": "yes"}).status_code == 410
    (again,) = {address for address in Page(answer.text).addresses if "/change/" in address}
    changed(site, again, safe_to_call="yes")
    assert held_for(the(Callback)) == []
    assert the(Lead).safe_to_call is True


def test_only_the_hash_of_a_link_is_stored(site: Site) -> None:
    link = asked(site)
    key = link.partition("/change/")[2].partition("?")[0]
    stored = the(Submission)
    assert stored.change_key_sha256 == sender_changes.hash_change_key(key)
    assert key not in repr(stored)


def test_a_request_is_taken_back_by_its_sender(site: Site) -> None:
    link = asked(site)
    admitted()
    answer = changed(site, link, withdraw="yes")
    assert "Your request is taken back" in answer.text
    callback = the(Callback)
    assert (callback.state, callback.close_reason) == ("cancelled", "withdrawn")
    assert callback.withdrawn is True
    assert (the(Lead).state, the(Lead).close_reason) == ("closed", "withdrawn")


def test_what_waits_for_a_person_is_discarded_when_it_is_taken_back(site: Site) -> None:
    link = asked(site, website="http://spam.example")
    assert admitted() == ["needs_review"]
    changed(site, link, withdraw="yes")
    assert the(Submission).state == "discarded"


def test_a_change_before_anything_was_read_counts_too(site: Site) -> None:
    changed(site, asked(site), safe_to_call="no", message="He reads my phone.")
    assert held_for(the(Callback)) == ["not_safe_to_call"]
    assert [row.state for row in rows(Submission)] == ["admitted", "duplicate"]


def test_words_and_wishes_reach_the_callback(site: Site) -> None:
    link = asked(site)
    admitted()
    changed(site, link, any_hour="yes", best_time="evening", message="I took an overdose")
    callback = the(Callback)
    assert callback.any_hour is True
    assert callback.in_danger is True
    assert the(Lead).best_time == "evening"


def test_the_link_of_a_form_that_joined_loosens_nothing_of_the_first(site: Site) -> None:
    asked(site, name="Mary", safe_to_call="no")
    link = asked(site, name="", safe_to_call="yes", message="Ring her.")
    assert admitted() == ["admitted", "duplicate"]
    changed(site, link, safe_to_call="yes", safe_to_text="yes", any_hour="yes", best_time="morning")
    lead, callback = the(Lead), the(Callback)
    assert (lead.safe_to_call, lead.safe_to_text) == (False, None)
    assert (callback.any_hour, lead.best_time) == (False, "morning")
    assert held_for(callback) == ["not_safe_to_call"]
    assert {said.fact for said in rows(AlsoSaid)} >= {"safe_to_call", "any_hour"}


def test_a_link_takes_back_no_other_s_wish_for_the_day(source: int) -> None:
    key, submission = sender_changes.new_change_key(), send(source, name="Ann", any_hour=True)
    send(source, message="Not at night.", any_hour=False)
    with transaction() as session:
        stored = session.get_one(Submission, submission.id)
        stored.change_key_sha256 = sender_changes.hash_change_key(key)
        change: dict[str, Any] = {"next_key": sender_changes.new_change_key(), "now": NOW}
        wish = SenderChange(any_hour=True)
        assert sender_changes.change_submission(session, key, source, wish, POST, **change)
    assert the(Callback).any_hour is False
    assert the(AlsoSaid).fact == "any_hour"


def test_who_joined_does_not_take_the_firsts_request_back(site: Site) -> None:
    asked(site, name="Mary")
    link = asked(site, name="", message="Ring her.")
    admitted()
    changed(site, link, withdraw="yes")
    assert the(Callback).state == "waiting"
    assert held_for(the(Callback)) == ["taken_back"]


def test_another_no_than_ones_own_is_not_taken_back(site: Site) -> None:
    link = asked(site, name="Mary", safe_to_call="no")
    asked(site, name="Mary", safe_to_call="no", message="Really not.")
    admitted()
    changed(site, link, safe_to_call="yes")
    assert the(Lead).safe_to_call is False


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}],
)
def test_no_other_page_can_use_a_link(site: Site, headers: dict[str, str]) -> None:
    link = asked(site)
    admitted()
    answer = site.http.post(link, data={"withdraw": "yes"}, headers=headers)
    assert answer.status_code == 403
    assert the(Callback).state == "waiting"
    assert site.http.get(link).status_code == 200


@pytest.mark.parametrize("body", [b"", b"&" * 30_000, b"%" * 30_000, b"a=1&" * 5000, b"\xff\0="])
def test_whatever_is_sent_with_a_link_is_answered(site: Site, body: bytes) -> None:
    link = asked(site)
    admitted()
    answer = site.http.post(link, content=body)
    assert answer.status_code == 303
    assert the(Callback).is_held is False
    assert site.http.post(link, content=b"x" * 40_000).status_code == 413


def test_a_guess_is_told_nothing_and_many_are_asked_to_wait(site: Site) -> None:
    guess = f"{site.form}/change/{'a' * 32}"
    answers = [site.http.get(guess).status_code for _ in range(31)]
    assert answers == [410] * 30 + [429]
    assert site.http.get(f"{site.form}/change/short").status_code == 429


def test_a_link_is_good_for_seven_days(source: int) -> None:
    key, submission = sender_changes.new_change_key(), send(source, name="Ann")
    with transaction() as session:
        stored = session.get_one(Submission, submission.id)
        stored.change_key_sha256 = sender_changes.hash_change_key(key)
    for days, may in ((8, False), (6, True)):
        with transaction() as session:
            assert may is sender_changes.change_submission(
                session,
                key,
                source,
                SenderChange(safe_to_text=True),
                POST,
                next_key=sender_changes.new_change_key(),
                now=NOW + timedelta(days=days),
            )
    assert the(Lead).safe_to_text is True


def test_a_call_that_is_over_stays_over(source: int) -> None:
    key, submission = sender_changes.new_change_key(), send(source, name="Ann")
    with transaction() as session:
        stored = session.get_one(Submission, submission.id)
        stored.change_key_sha256 = sender_changes.hash_change_key(key)
        callback = session.get_one(Callback, submission.callback_id)
        completion.cancel_callback(
            session, callback, a_supervisor(session), reason="helped", now=NOW
        )
    with transaction() as session:
        change: dict[str, Any] = {"next_key": sender_changes.new_change_key(), "now": NOW}
        assert sender_changes.change_submission(
            session, key, source, SenderChange(withdraws=True), POST, **change
        )
    assert the(Callback).close_reason == "cancelled"
