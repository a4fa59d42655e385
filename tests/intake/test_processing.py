"""Whatever a form says, it is kept, and becomes one promise to ring one person."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from leads.callbacks import callback_offers, completion, opt_out
from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.database.wakeups import Wakeup, subscribe_to_wakeups
from leads.helplines import brands_and_sources
from leads.i18n.messages import Message, MessageKey, own_words
from leads.intake import processing, raw_inbox, webhooks
from leads.intake.rate_limits import QUICK_BODY
from leads.intake.raw_inbox import Arrival, Inbox
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole
from leads.models.requests import AlsoSaid, Consent, Lead, Submission
from leads.people import presence
from leads.reporting import waiting_now
from tests.conftest import NOW
from tests.support.people import held_for
from tests.support.running_desk import add_advisor
from tests.support.sent_forms import (
    NIGHT,
    NUMBER,
    OTHER_NUMBER,
    arrival,
    deliver,
    form,
    rows,
    send,
    the,
)

WORDING = "Call me back."


def is_offered() -> bool:
    with transaction() as session:
        return callback_offers.offer_next_callback(session, now=NOW) is not None


def test_a_form_becomes_a_lead_a_callback_and_a_consent_that_says_what_was_agreed_to(
    source: int,
) -> None:
    agreed = {"consent": "yes", "consent_text": WORDING, "page_url": "https://example.org"}
    body = form(name="Jordan", safe_to_voicemail=True, **agreed)
    submission = deliver(arrival(source, body, ip="203.0.113.7", user_agent="Firefox"))
    lead, callback, consent = the(Lead), the(Callback), the(Consent)
    assert submission.state == "admitted"
    assert submission.body == body
    assert submission.body_sha256 == _sha256(body)
    assert (submission.lead_id, submission.callback_id) == (lead.id, callback.id)
    assert lead.phone == NUMBER
    assert lead.name == "Jordan"
    assert lead.state == "open"
    assert lead.safe_to_voicemail is True
    assert callback.state == "waiting"
    assert callback.lead_id == lead.id
    assert callback.is_held is False
    assert callback.danger is None
    assert callback.asked_again == 0
    assert callback.priority == 0
    assert consent.submission_id == submission.id
    assert consent.lead_id == lead.id
    assert consent.phone == NUMBER
    assert consent.granted is True
    assert consent.wording == WORDING
    assert consent.wording_sha256 == _sha256(WORDING.encode())
    assert (consent.channels, consent.page_url) == (["call", "voicemail"], "https://example.org")
    assert consent.ip == "203.0.113.7"
    assert consent.user_agent == "Firefox"
    assert consent.given_at == NOW


def test_a_later_form_leaves_the_earlier_consent_as_it_was(source: int) -> None:
    send(source, consent=True, consent_text=WORDING, safe_to_text=True)
    before = the(Consent).model_dump()
    send(source, at=NIGHT, consent=False, consent_text="Other words.", safe_to_call=False)
    first, second = rows(Consent)
    assert first.model_dump() == before
    assert second.granted is False
    assert second.wording == "Other words."
    assert second.channels == []
    assert (first.given_at, second.given_at) == (NOW, NIGHT)


def test_storing_wakes_admission_and_admits_nothing_itself(source: int) -> None:
    heard: list[Wakeup] = []
    stop_listening = subscribe_to_wakeups(heard.append)
    raw_inbox.store_arrivals([arrival(source, form())])
    stop_listening()
    assert heard == [Wakeup.ADMIT]
    assert (the(Submission).state, rows(Lead)) == ("received", [])


def test_a_delivery_repeated_word_for_word_is_stored_once(source: int) -> None:
    same = arrival(source, form(), delivery_id="msg_1")
    raw_inbox.store_arrivals([same, same])
    assert deliver(same).id == the(Submission).id


@pytest.mark.parametrize("same", [{"delivery_id": "msg_1"}, {"id": "f-1"}])
def test_the_same_id_twice_is_kept_and_promises_nothing_new(
    source: int, same: dict[str, str]
) -> None:
    envelope = {name: value for name, value in same.items() if name == "delivery_id"}
    deliver(arrival(source, form(**same), **envelope))
    again = deliver(arrival(source, form(**same, attempt=2), **envelope))
    assert again.state == "duplicate"
    assert again.callback_id == the(Callback).id
    assert the(Callback).asked_again == 0


def test_the_same_id_with_another_number_goes_to_a_person(source: int) -> None:
    send(source, id="f-1")
    other = send(source, id="f-1", phone=OTHER_NUMBER)
    assert other.state == "needs_review"
    assert other.reason == "An earlier submission had the same ID and a different phone number."
    assert the(Lead).phone == NUMBER


def test_the_same_id_from_another_source_is_somebody_else(source: int) -> None:
    with transaction() as session:
        other = brands_and_sources.add_source(session, "Other site", now=NOW).id
    send(source, id="f-1")
    assert send(other, id="f-1", phone=OTHER_NUMBER).state == "admitted"


def test_whoever_asks_again_moves_up(source: int) -> None:
    later = NOW + timedelta(minutes=5)
    send(source, message="Please call.", at=NIGHT)
    assert the(Callback).due_at > NIGHT
    again = send(source, at=later, message="It is urgent.")
    callback = the(Callback)
    assert again.state == "duplicate"
    assert again.lead_id == the(Lead).id
    assert again.callback_id == callback.id
    assert callback.asked_again == 1
    assert callback.due_at == min(later, NOW.replace(hour=13))
    assert callback.received_at == NIGHT
    assert [json.loads(row.body)["message"] for row in rows(Submission)] == [
        "Please call.",
        "It is urgent.",
    ]


def test_a_number_that_asked_to_be_left_alone_is_not_promised_a_call(source: int) -> None:
    send(source)
    for number in (NUMBER, OTHER_NUMBER):  # one that we know, and a stranger's
        with transaction() as session:
            opt_out.stop_contact(session, number, reason=own_words("text"), actor="sms", now=NOW)
        again = send(source, phone=number)
        assert (again.state, again.reason) == (
            "withheld",
            "This number is on the do-not-contact list.",
        )
    assert [lead.state for lead in rows(Lead)] == ["suppressed", "suppressed"]
    assert (the(Callback).state, len(rows(Consent))) == ("cancelled", 3)


def test_what_cannot_be_rung_is_kept_for_a_person_with_the_reason(source: int) -> None:
    reasons = {
        b'{"name": "Jordan"}': "It has no phone number.",
        b'{"name": "Jordan", "phone": "call me"}': "The phone number cannot be dialed.",
        b"\xff\xff": ("The text is not UTF-8, or it is compressed in an unsupported way."),
        b"hello": "This is neither JSON nor a form.",
        b"{}": "It has no fields.",
        b"[" * 40_000: "The JSON is nested too deeply.",
    }
    for body in reasons:
        deliver(arrival(source, body))
    assert {row.body: row.reason for row in rows(Submission)} == reasons
    assert ({row.state for row in rows(Submission)}, rows(Lead)) == ({"needs_review"}, [])


def test_what_looks_suspicious_is_looked_at_first(source: int) -> None:
    looked_at = deliver(arrival(source, form(), suspicion=Message(MessageKey.TRAP_FILLED)))
    assert looked_at.state == "needs_review"
    assert looked_at.reason == Message(MessageKey.TRAP_FILLED)
    assert rows(Lead) == []


def test_a_corrected_form_leaves_nothing_to_review(source: int) -> None:
    for form_id in ("f-1", "f-2"):
        assert send(source, id=form_id, name="Jordan", phone="12").state == "needs_review"
    corrected = send(source, id="f-1", name="Jordan")
    assert [row.state for row in rows(Submission)] == ["discarded", "needs_review", "admitted"]
    assert rows(Submission)[0].reason == f"Sent again as submission {corrected.id}."


def test_a_second_name_at_a_number_is_somebody_else(source: int) -> None:
    said = {
        "safe_to_call": True,
        "safe_to_voicemail": False,
        "best_time": "evening",
        "zip": "13202",
    }
    send(source, name="Jordan", **said)
    assert send(source, name="Someone else").state == "admitted"
    first, second = rows(Lead)
    assert {wish: getattr(first, wish) for wish in said} == said
    assert (first.name, second.name) == ("Jordan", "Someone else")
    assert (first.nth_at_number, second.nth_at_number) == (1, 2)
    assert [callback.lead_id for callback in rows(Callback)] == [first.id, second.id]


def test_what_is_said_later_stands_beside_what_was_said_first(source: int) -> None:
    first = {"best_time": "evening", "email": "old@example.org", "safe_to_voicemail": True}
    send(source, any_hour=False, **first)
    send(
        source,
        any_hour=True,
        best_time="morning",
        email="new@example.org",
        safe_to_voicemail=False,
        safe_to_text=True,
    )
    lead = the(Lead)
    assert (lead.best_time, lead.email) == ("evening", "old@example.org")
    assert (lead.safe_to_voicemail, lead.safe_to_text) == (False, None)
    assert the(Callback).any_hour is False
    assert {(said.fact, said.value) for said in rows(AlsoSaid)} == {
        ("best_time", "morning"),
        ("email", "new@example.org"),
        ("safe_to_text", "yes"),
        ("any_hour", "yes"),
    }


def test_a_wish_for_any_hour_is_kept_for_one_callback_alone(source: int) -> None:
    send(source, name="Jordan", any_hour=True)
    assert the(Callback).any_hour is True
    with transaction() as session:
        supervisor = add_advisor(session, 1, role=AdvisorRole.SUPERVISOR, now=NOW)
        completion.cancel_callback(
            session, session.get_one(Callback, 1), supervisor, reason="asked by mail", now=NOW
        )
    send(source, name="Jordan")
    assert [callback.any_hour for callback in rows(Callback)] == [True, False]


@pytest.mark.parametrize(
    ("refusal", "consent", "hold"),
    [
        ({"consent": False}, {"consent": True}, "no_consent"),
        ({"safe_to_call": "no"}, {"safe_to_call": "yes"}, "not_safe_to_call"),
    ],
)
def test_whoever_must_not_be_rung_is_held_whatever_is_said_later(
    source: int, refusal: dict[str, Any], consent: dict[str, Any], hold: str
) -> None:
    with transaction() as session:
        presence.put_on_duty(
            session, add_advisor(session, 1, now=NOW), until=NOW + timedelta(hours=1), now=NOW
        )
    assert send(source, **refusal).state == "admitted"
    assert held_for(the(Callback)) == [hold]
    assert not is_offered()
    for who in ({}, {"name": "Mary"}, {"name": "John", "any_hour": True}):
        send(source, **consent, **who)
    assert {reason for callback in rows(Callback) for reason in held_for(callback)} == {hold}
    assert all(callback.is_held for callback in rows(Callback))
    assert not is_offered()
    assert {(said.fact, said.value) for said in rows(AlsoSaid)} >= {(next(iter(consent)), "yes")}


def test_a_person_whose_callback_is_over_may_ask_again(source: int) -> None:
    send(source)
    with transaction() as session:
        supervisor = add_advisor(session, 1, role=AdvisorRole.SUPERVISOR, now=NOW)
        completion.cancel_callback(
            session, session.get_one(Callback, 1), supervisor, reason="asked by mail", now=NOW
        )
    assert the(Lead).state == "closed"
    assert send(source, at=NOW + timedelta(minutes=6)).state == "admitted"
    assert send(source, at=NOW + timedelta(minutes=6)).state == "duplicate"  # pressed twice
    assert [callback.state for callback in rows(Callback)] == ["cancelled", "waiting"]
    assert (the(Lead).state, the(Lead).close_reason) == ("open", None)


@pytest.mark.parametrize(
    ("at", "said", "due_at"),
    [
        (NOW, {}, NOW),
        (NIGHT, {}, NOW.replace(hour=13)),
        (NIGHT, {"any_hour": True}, NIGHT),
        (NIGHT, {"any_hour": True, "best_time": "evening"}, NIGHT),
        (NOW, {"best_time": "In the evening"}, NOW.replace(hour=22)),
        (NIGHT, {"best_time": "evening"}, NOW.replace(hour=22)),
        (NOW, {"best_time": "morning"}, NOW.replace(hour=13) + timedelta(days=1)),
        (
            NOW.replace(hour=23),
            {"best_time": "morning", "region": "FL"},
            NOW.replace(hour=14) + timedelta(days=1),
        ),
        (
            NOW.replace(hour=14),
            {"zip": "90012"},
            NOW.replace(hour=16),
        ),  # a New York number, six in Los Angeles
        (
            NOW.replace(hour=14),
            {"phone": "+19075550142"},
            NOW.replace(hour=18),
        ),  # a number in Alaska
    ],
)
def test_the_promise_is_for_the_first_hour_that_law_and_wish_allow(
    source: int, at: datetime, said: dict[str, Any], due_at: datetime
) -> None:
    send(source, at=at, **said)
    callback = the(Callback)
    assert callback.received_at == at
    assert callback.promised_at == due_at
    assert callback.due_at == due_at


def test_a_form_that_was_read_late_still_counts_from_its_arrival(source: int) -> None:
    raw_inbox.store_arrivals([arrival(source, form())])
    processing.process_received_submissions(now=lambda: NOW + timedelta(hours=1))
    assert (the(Callback).received_at, the(Callback).due_at) == (NOW, NOW)


def test_arrivals_at_the_same_time_share_a_commit(source: int) -> None:
    commits: list[object] = []
    event.listen(current_engine(), "commit", commits.append)
    assert asyncio.run(_receive([arrival(source, form(n=n)) for n in range(200)])) == [None] * 200
    assert (len(rows(Submission)), len(commits) < 10) == (200, True)


def test_an_arrival_that_cannot_be_stored_fails_alone(source: int) -> None:
    nowhere = source + 1
    outcomes = asyncio.run(
        _receive([arrival(nowhere if n == 3 else source, form(n=n)) for n in range(7)])
    )
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 3 + [IntegrityError] + [
        type(None)
    ] * 3
    assert len(rows(Submission)) == 6


def test_eight_workers_make_one_promise_to_one_person(source: int) -> None:
    together = Barrier(8)

    def work(worker: int) -> None:
        together.wait()
        for n in range(3):
            send(source, worker=worker, n=n)

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(work, range(8)))
    assert the(Lead).state == "open"
    assert the(Callback).state == "waiting"
    assert the(Callback).asked_again == 23
    assert sorted(row.state for row in rows(Submission)) == ["admitted"] + ["duplicate"] * 23
    with reader() as session:
        assert len(waiting_now.list_limbo_leads(session)) == 0


async def _receive(arrivals: Sequence[Arrival]) -> list[BaseException | None]:
    inbox = Inbox()
    return await asyncio.gather(*(inbox.receive(one) for one in arrivals), return_exceptions=True)


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def test_what_is_larger_than_a_form_is_read_one_at_a_time_beside_the_others(source: int) -> None:
    large = [form(phone=None, message="x" * 40_000, n=n) for n in range(3)]
    raw_inbox.store_arrivals([arrival(source, body) for body in (*large, form())])
    states = []
    for _turn in range(3):
        processing.process_received_submissions(now=lambda: NOW)
        states.append([row.state for row in rows(Submission)])
    assert states == [
        ["needs_review", "received", "received", "admitted"],
        ["needs_review", "needs_review", "received", "admitted"],
        ["needs_review", "needs_review", "needs_review", "admitted"],
    ]


def test_slow_forms_share_turns_with_others_and_come_after_quick_ones(source: int) -> None:
    slow = [form(phone=None, message="x" * QUICK_BODY, n=n) for n in range(5)]
    beyond_limit = arrival(source, form(n=1), suspicion=webhooks.OVER_RATE_REASON)
    raw_inbox.store_arrivals([*(arrival(source, one) for one in slow), beyond_limit])
    raw_inbox.store_arrivals([arrival(source, form())])
    looks = itertools.count()

    def each_look_takes_time() -> datetime:
        return NOW + next(looks) * processing.LONGEST_READING / 2

    turns = []
    while looked_at := processing.process_received_submissions(now=each_look_takes_time):
        turns.append(looked_at)
        if len(turns) == 1:
            assert rows(Submission)[-1].state == "admitted"
    assert turns == [2, 2, 2, 1]
