"""With the link of the thanks page somebody changes their own request, or takes it back."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from sqlmodel import select

from leads.callbacks import completion, queue
from leads.database.transactions import transaction
from leads.helplines import brands_and_sources
from leads.intake import change_keys, review, sender_changes
from leads.intake.sender_changes import ChangePost, SenderChange
from leads.lead_records import later_statements
from leads.models.calls import Callback
from leads.models.requests import AlsoSaid, Lead, Submission
from tests.conftest import NOW
from tests.support.form_doors import FORM, Page, Site, admitted, opened
from tests.support.people import a_supervisor, held_for, on_duty, release_as_read
from tests.support.sent_forms import rows, send, the

POST = ChangePost("application/x-www-form-urlencoded", b"")
WORDS = {"name": "Jordan", "phone": "555-0142", "number": "3155550142", "message": "Please call."}


def asked(site: Site, **answers: str) -> str:
    """Send the hosted form; returns the address of the link on the thanks page."""
    answer = site.http.post(site.form, data=FORM | answers)
    return link_on(site.http.get(answer.headers["location"]))


def link_on(page: httpx.Response) -> str:
    (link,) = links_on(page)
    return link


def links_on(page: httpx.Response) -> set[str]:
    return {address for address in Page(page.text).addresses if "/change/" in address}


def changed(site: Site, link: str, **chosen: str) -> httpx.Response:
    answer = site.http.post(link, data=chosen)
    assert answer.status_code == 303, answer.text
    return site.http.get(answer.headers["location"])


def sent_with_key(source: int, **said: bool | str) -> tuple[str, Submission]:
    """Send a form as the hosted one does; returns the key of its link, too."""
    key, submission = change_keys.new_change_key(), send(source, **said)
    with transaction() as session:
        stored = session.get_one(Submission, submission.id)
        stored.change_key_sha256 = change_keys.hash_change_key(key)
    return key, submission


def used(source: int, key: str, change: SenderChange, *, hours: float = 0) -> bool:
    with transaction() as session:
        return sender_changes.change_submission(
            session, key, source, change, POST, now=NOW + timedelta(hours=hours)
        )


def test_the_page_shows_nothing_of_what_was_sent_and_looking_changes_nothing(site: Site) -> None:
    link = asked(site)
    admitted()
    for _look in range(2):
        shown = site.http.get(link, follow_redirects=True)
        assert shown.status_code == 200
        assert shown.text.count("<form") == 2
        assert "noindex" in shown.text
        assert "<script" not in shown.text
        assert not [word for word in WORDS.values() if word in shown.text]
    assert the(Submission).change_key_sha256 is not None


def test_the_key_stands_in_no_address_that_a_browser_remembers(site: Site) -> None:
    answer = site.http.post(site.form, data=FORM)
    (cookie,) = answer.headers.get_list("set-cookie")
    key = re.match(r"change_key=([\w-]{32});", cookie)
    assert key
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert attributes == {"httponly", "max-age=120", f"path={site.form}", "samesite=strict"}
    assert answer.headers["location"] == f"{site.form}?sent&lang=en"
    opening = site.http.get(link_on(site.http.get(answer.headers["location"])))
    saving = site.http.post(f"{site.form}/change/{key[1]}", data={"safe_to_text": "yes"})
    for one in (opening, saving):
        assert one.status_code == 303
        assert key[1] not in one.headers["location"]


def test_every_page_of_a_link_is_kept_by_nobody_and_tells_nobody(site: Site) -> None:
    link = asked(site)
    pages = [
        site.http.get(f"{site.form}?sent"),
        site.http.get(link),
        site.http.get(f"{site.form}/change"),
        site.http.post(link, data={"safe_to_call": "no"}),
        site.http.get(f"{site.form}/change?saved"),
        site.http.get(link),
    ]
    assert [page.status_code for page in pages] == [200, 303, 200, 303, 200, 410]
    for page in pages:
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"


def test_nobody_frames_the_page_of_a_link(site: Site) -> None:
    shown = site.http.get(asked(site), follow_redirects=True)
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]


def test_out_of_a_frame_the_page_of_a_link_opens_by_itself(site: Site) -> None:
    for framed in (True, False):
        headers = {"sec-fetch-dest": "iframe"} if framed else {}
        thanks = site.http.post(site.form, data=FORM, headers=headers, follow_redirects=True)
        assert links_on(thanks)
        assert ('target="_blank"' in thanks.text) is framed


def test_a_supervisor_who_lifts_a_hold_has_decided(source: int) -> None:
    key, submission = sent_with_key(source, name="Ann", message="Please do not call me at home.")
    assert held_for(the(Callback)) == ["contact_limited"]
    with transaction() as session:
        callback = session.get_one(Callback, submission.callback_id)
        release_as_read(session, callback, a_supervisor(session), now=NOW)
    assert not used(source, key, SenderChange(any_hour=True))
    assert the(Callback).any_hour is False


def test_the_thanks_page_shows_the_link_once(site: Site) -> None:
    answer = site.http.post(site.form, data=FORM)
    first, again = (site.http.get(answer.headers["location"]) for _look in range(2))
    assert len(links_on(first)) == 1
    assert links_on(again) == set()
    assert ["We will call you" in page.text for page in (first, again)] == [True, False]
    for page in (first, again):
        assert "Thank you. We have your request." in page.text
        assert "fill in the form again" in page.text


def test_who_takes_no_cookies_is_told_how_to_change_something(site: Site) -> None:
    answer = site.http.post(site.form, data=FORM)
    site.http.cookies.clear()
    thanks = site.http.get(answer.headers["location"])
    assert links_on(thanks) == set()
    assert "stop the calls at any time by saying so" in thanks.text
    assert f"{site.form}?lang=en" in Page(thanks.text).addresses


@pytest.mark.parametrize("headers", [{"sec-purpose": "prefetch"}, {"purpose": "prefetch"}, None])
def test_a_browser_that_looks_ahead_takes_the_link_from_nobody(
    site: Site, headers: dict[str, str] | None
) -> None:
    answer = site.http.post(site.form, data=FORM)
    where = answer.headers["location"]
    ahead = site.http.get(where, headers=headers) if headers else site.http.head(where)
    assert "set-cookie" not in ahead.headers
    assert links_on(ahead) == set()
    assert len(links_on(site.http.get(where))) == 1


def test_what_looks_at_every_link_of_a_mail_spends_none(site: Site) -> None:
    link = asked(site)
    with httpx.Client(base_url=site.http.base_url, trust_env=False) as scanner:
        for _look in range(3):
            assert scanner.head(link, follow_redirects=True).status_code == 410
            assert scanner.get(link, follow_redirects=True).status_code == 200
    from_a_mail = {"sec-fetch-site": "cross-site"}
    assert site.http.get(link, headers=from_a_mail, follow_redirects=True).status_code == 200
    assert the(Submission).change_key_sha256 is not None


def test_whoever_has_the_phone_next_finds_no_link_in_its_history(site: Site) -> None:
    asked(site, safe_to_call="no")
    admitted()
    visited = [f"{site.form}?sent&lang=en", f"{site.form}/change?lang=en"]
    for address in visited:
        assert links_on(site.http.get(address)) == set()
    link = asked(site, message="Once more.")
    opening = site.http.get(link)
    site.http.get(opening.headers["location"])
    again = site.http.get(opening.headers["location"])
    assert (again.status_code, links_on(again)) == (410, set())


def test_behind_https_the_cookies_are_for_https_alone(
    database: str,
) -> None:
    assert database
    with opened(public_url="https://callbacks.example.org") as site:
        answer = site.http.post(site.form, data=FORM)
        key = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
        opening = site.http.get(f"{site.form}/change/{key}")
        saving = site.http.post(f"{site.form}/change/{key}", data={"safe_to_call": "no"})
    for one in (answer, opening, saving):
        assert "; secure" in one.headers["set-cookie"].lower()


def test_a_link_works_once(site: Site) -> None:
    link = asked(site)
    admitted()
    answer = changed(site, link, safe_to_call="no")
    assert "Saved" in answer.text
    assert held_for(the(Callback)) == ["not_safe_to_call"]
    assert links_on(answer) == set()
    assert site.http.get(link).status_code == 410
    assert site.http.post(link, data={"safe_to_call": "yes"}).status_code == 410
    assert the(Lead).safe_to_call is False


def test_of_two_tabs_the_first_one_counts(site: Site) -> None:
    link = asked(site)
    admitted()
    tabs = [site.http.get(link, follow_redirects=True) for _tab in range(2)]
    actions = {Page(tab.text).addresses[0] for tab in tabs}
    assert len(actions) == 1
    with ThreadPoolExecutor(2) as both:
        said = both.map(lambda wish: site.http.post(link, data={"safe_to_text": wish}), ["yes"] * 2)
        assert sorted(answer.status_code for answer in said) == [303, 410]
    assert len(rows(Submission)) == 2


def test_the_link_of_two_forms_at_once_is_each_its_own(site: Site) -> None:
    first = asked(site, name="Ann", phone="315 555 0142")
    second = asked(site, name="Ben", phone="315 555 0143")
    admitted()
    changed(site, first, withdraw="yes")
    assert [row.state for row in rows(Callback)] == ["cancelled", "waiting"]
    changed(site, second, safe_to_text="yes")
    assert [lead.safe_to_text for lead in rows(Lead)] == [False, True]


def test_a_change_is_told_in_words_that_say_nothing_of_it(site: Site) -> None:
    link = asked(site)
    admitted()
    answer = site.http.post(
        link, data={"safe_to_call": "no", "best_time": "evening", "message": "He reads my phone."}
    )
    assert answer.headers["location"] == f"{site.form}/change?saved&lang=en"
    told, later = (site.http.get(answer.headers["location"]) for _look in range(2))
    assert "what is safe, when we call, what you want us to know" in told.text
    assert not [word for word in ("He reads", "evening", "not safe to call") if word in told.text]
    assert "This is different now" not in later.text


def test_nobody_writes_on_our_page_with_a_cookie(site: Site) -> None:
    site.http.cookies.set("saved_change", "ways.<b>.loosened", path=site.form)
    told = site.http.get(f"{site.form}/change?saved").text
    assert "what is safe" in told
    assert "<b>" not in told
    assert "loosened" not in told
    site.http.cookies.set("opened_change", "<script>" * 4, path=site.form)
    site.http.cookies.set("change_key", "../" * 10 + "aa", path=site.form)
    assert site.http.get(f"{site.form}/change").status_code == 410
    assert links_on(site.http.get(f"{site.form}?sent")) == set()


def test_the_key_of_another_form_opens_nothing(site: Site) -> None:
    with transaction() as session:
        other = brands_and_sources.add_source(session, "Other site", now=NOW)
        where = brands_and_sources.source_addresses(other, public_url="").form_url
    key = asked(site).partition("/change/")[2]
    admitted()
    assert site.http.get(f"{where}/change/{key}").status_code == 410
    assert site.http.post(f"{where}/change/{key}", data={"withdraw": "yes"}).status_code == 410
    assert the(Callback).state == "waiting"


def test_nothing_chosen_spends_nothing(site: Site) -> None:
    link = asked(site)
    admitted()
    assert site.http.post(link, data={"safe_to_call": "", "message": " "}).status_code == 303
    assert site.http.get(f"{site.form}/change").status_code == 200
    changed(site, link, safe_to_call="no")
    assert the(Lead).safe_to_call is False


def test_only_the_hash_of_a_link_is_stored(site: Site) -> None:
    link = asked(site)
    key = link.partition("/change/")[2].partition("?")[0]
    stored = the(Submission)
    assert stored.change_key_sha256 == change_keys.hash_change_key(key)
    assert key not in repr(stored)


def test_a_request_is_taken_back_by_its_sender(site: Site) -> None:
    link = asked(site)
    admitted()
    answer = changed(site, link, withdraw="yes")
    assert "your request is taken back" in answer.text
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
    assert set(held_for(the(Callback))) == {"harm_decide", "not_safe_to_call"}
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
    link = asked(site, name="", safe_to_call="yes", message="Ring me.")
    assert admitted() == ["admitted", "duplicate"]
    changed(site, link, safe_to_call="yes", safe_to_text="yes", any_hour="yes", best_time="morning")
    lead, callback = the(Lead), the(Callback)
    assert (lead.safe_to_call, lead.safe_to_text) == (False, False)
    assert (callback.any_hour, lead.best_time) == (False, "morning")
    assert held_for(callback) == ["not_safe_to_call"]
    assert {said.fact for said in rows(AlsoSaid)} >= {"safe_to_call", "any_hour"}


def test_a_link_takes_back_no_other_s_wish_for_the_day(source: int) -> None:
    key, _submission = sent_with_key(source, name="Ann", any_hour=True)
    send(source, message="Not at night.", any_hour=False)
    assert used(source, key, SenderChange(any_hour=True))
    assert the(Callback).any_hour is False
    assert the(AlsoSaid).fact == "any_hour"


@pytest.mark.parametrize("words", ["Please do not call me any more.", "Ya no me llamen"])
def test_words_against_a_call_hold_it_as_those_of_a_form_do(site: Site, words: str) -> None:
    link = asked(site)
    admitted()
    changed(site, link, message=words)
    assert held_for(the(Callback)) == ["contact_limited"]
    assert rows(Submission)[-1].reading["limits"] == [f"message: {words}"]


def test_what_waits_for_a_person_keeps_its_words_and_takes_in_the_new_ones(site: Site) -> None:
    link = asked(site, website="http://spam.example", message="He reads my mail.")
    assert admitted() == ["needs_review"]
    changed(site, link, message="Do not call. I took an overdose.")
    stored = rows(Submission)[0]
    assert stored.reading["message"] == "He reads my mail.\nDo not call. I took an overdose."
    assert stored.reading["limits"]
    assert stored.danger == "now"


def test_what_another_said_is_not_safe_stays_so_however_they_said_it(source: int) -> None:
    key, submission = sent_with_key(source, name="Ann", safe_to_call=True)
    with transaction() as session:  # as by a file, or by a form tool that corrects itself
        session.get_one(Lead, submission.lead_id).safe_to_call = False
    assert used(source, key, SenderChange(safe_to_call=True))
    assert the(Lead).safe_to_call is False
    assert the(AlsoSaid).fact == "safe_to_call"


def test_who_joined_does_not_take_the_firsts_request_back(site: Site) -> None:
    asked(site, name="Mary")
    link = asked(site, name="", message="Ring me.")
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
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://e.example"},
    ],
)
def test_no_other_page_can_use_a_link(site: Site, headers: dict[str, str]) -> None:
    link = asked(site)
    admitted()
    answer = site.http.post(link, data={"withdraw": "yes"}, headers=headers)
    assert answer.status_code == 403
    assert the(Callback).state == "waiting"
    assert site.http.get(link).status_code == 303


def test_no_cookie_changes_anything_without_the_key(site: Site) -> None:
    site.http.get(asked(site))
    admitted()
    assert site.http.post(f"{site.form}/change", data={"withdraw": "yes"}).status_code == 405
    assert the(Callback).state == "waiting"


def test_a_browser_that_hides_where_a_post_comes_from_may_use_a_link(site: Site) -> None:
    link = asked(site)
    admitted()
    answer = site.http.post(link, data={"safe_to_call": "no"}, headers={"origin": "null"})
    assert answer.status_code == 303
    assert the(Lead).safe_to_call is False


@pytest.mark.parametrize("body", [b"", b"&" * 30_000, b"%" * 30_000, b"a=1&" * 5000, b"\xff\0="])
def test_whatever_is_sent_with_a_link_is_answered(site: Site, body: bytes) -> None:
    link = asked(site)
    admitted()
    assert site.http.post(link, content=body).status_code == 303
    assert the(Callback).is_held is False
    assert site.http.post(link, content=b"x" * 70_000).status_code == 413


def test_a_guess_is_told_nothing_and_many_stand_in_nobodys_way(site: Site) -> None:
    link = asked(site)
    guess = f"{site.form}/change/{'a' * 32}"
    answers = [site.http.get(guess).status_code for _ in range(31)]
    assert answers == [410] * 30 + [429]
    assert site.http.get(f"{site.form}/change/short").status_code == 429
    assert site.http.get(link).status_code == 303


@pytest.mark.parametrize(("hours", "may"), [(23.9, True), (24, False), (200, False)])
def test_a_link_is_good_for_a_day(source: int, hours: float, *, may: bool) -> None:
    key, _submission = sent_with_key(source, name="Ann")
    assert used(source, key, SenderChange(safe_to_text=True), hours=hours) is may
    assert the(Lead).safe_to_text is (True if may else None)


def test_a_link_is_void_when_the_call_is_over(source: int) -> None:
    key, submission = sent_with_key(source, name="Ann", safe_to_call=False)
    with transaction() as session:
        callback = session.get_one(Callback, submission.callback_id)
        completion.cancel_callback(
            session, callback, a_supervisor(session), reason="helped", now=NOW
        )
    for change in (SenderChange(withdraws=True), SenderChange(safe_to_call=True)):
        assert not used(source, key, change)
    assert the(Callback).close_reason == "cancelled"
    assert the(Lead).safe_to_call is False


def test_a_link_takes_back_no_decision_of_a_supervisor(source: int) -> None:
    key, _submission = sent_with_key(source, name="Ann", safe_to_call=True)
    send(source, name="Ann", message="Not safe.", safe_to_call=False)
    send(source, name="Ann", message="Safe after all.", safe_to_call=True)
    with transaction() as session:
        statement = session.exec(select(AlsoSaid)).one()
        later_statements.leave_statement(session, statement, a_supervisor(session), now=NOW)
    assert not used(source, key, SenderChange(safe_to_call=True))
    assert the(Lead).safe_to_call is False


def test_a_link_is_void_when_a_person_decided_about_the_form(source: int) -> None:
    key, submission = sent_with_key(source, name="Ann", phone="555")
    assert submission.state == "needs_review"
    with transaction() as session:
        stored = session.get_one(Submission, submission.id)
        correction = review.Correction("315 555 0142", "Ann", consent=True, safe_to_call=False)
        review.admit_corrected_submission(
            session, stored, correction, a_supervisor(session), now=NOW
        )
    assert the(Callback).state == "waiting"
    assert not used(source, key, SenderChange(safe_to_call=True))
    assert the(Lead).safe_to_call is False


def test_what_an_advisor_did_with_the_call_leaves_the_link_good(source: int) -> None:
    key, submission = sent_with_key(source, name="Ann")
    with transaction() as session:
        callback = session.get_one(Callback, submission.callback_id)
        queue.claim_callback(session, callback, on_duty(session), now=NOW)
    assert used(source, key, SenderChange(safe_to_call=False))
    assert the(Lead).safe_to_call is False
