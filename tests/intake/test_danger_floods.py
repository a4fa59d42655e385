"""Words of danger from one sender for many numbers: all are called, and none before others."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import col, select

from leads.alerting import conditions
from leads.callbacks import due_order
from leads.contact_rules.danger_limits import FLOOD_PERIOD, MOST_IN_DANGER, most_in_danger_of
from leads.database.transactions import reader, transaction
from leads.i18n.messages import MessageKey, message_key_of
from leads.intake import (
    change_keys,
    processing,
    raw_inbox,
    review,
    sender_changes,
)
from leads.intake.sender_changes import ChangePost, SenderChange
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import AlertKind, CallbackState
from leads.models.helplines import NEW_NUMBERS_OF_SOURCE
from leads.models.requests import Lead, Submission
from leads.read_models.work_kinds import WorkKind
from tests.conftest import NOW
from tests.support.listed_work import listed_ids
from tests.support.people import MINUTE, a_supervisor
from tests.support.sent_forms import arrival, form, rows

DANGER = "I took an overdose"
SHELTER, ELSEWHERE = "2001:db8:1:2::", "203.0.113.7"


def write(
    source: int,
    numbers: range,
    *,
    ip: str = SHELTER,
    at: datetime = NOW,
    together: bool = True,
    **said: str,
) -> None:
    """So many people write, one after the other or all before anything is read."""
    for number in numbers:
        address = f"{ip}{number:x}" if ip.endswith("::") else ip
        body = form(phone=f"+1315557{number:04}", **said)
        raw_inbox.store_arrivals([arrival(source, body, at=at, ip=address)])
        if not together:
            processing.process_received_submissions(now=lambda: at)
    while processing.process_received_submissions(now=lambda: at):
        pass


def order() -> list[int]:
    """Return who goes first, by the last digits of their numbers."""
    with reader() as session:
        queued = select(Lead.phone).join(Callback).order_by(*due_order.offer_order())
        return [int(phone[-4:]) for phone in session.exec(queued)]


def alerts(at: datetime = NOW) -> set[tuple[AlertKind, str]]:
    with reader() as session:
        return {(one.kind, one.about) for one in conditions.current_conditions(session, now=at)}


@pytest.mark.parametrize("together", [True, False])
def test_a_flood_of_danger_is_called_and_goes_before_nobody(source: int, *, together: bool) -> None:
    write(source, range(1), ip=ELSEWHERE)
    write(source, range(100, 160), together=together, message=DANGER)
    write(source, range(2000, 2001), ip=ELSEWHERE, message=DANGER)
    assert {row.state for row in rows(Submission)} == {"admitted"}
    assert not any(row.is_held for row in rows(Callback))
    assert order() == [2000, 0, *range(100, 160)]
    assert (AlertKind.BURST, f"danger:{source}") in alerts()
    with reader() as session:
        (told,) = (
            one
            for one in conditions.current_conditions(session, now=NOW)
            if one.about == f"danger:{source}"
        )
    assert (message_key_of(told.sentence), told.count) == (MessageKey.DANGER_FLOOD, 60)
    assert (AlertKind.BURST, f"danger:{source}") not in alerts(NOW + 61 * MINUTE)


def test_a_flood_from_many_addresses_goes_before_nobody_either(source: int) -> None:
    write(source, range(1), ip=ELSEWHERE)
    most = most_in_danger_of(NEW_NUMBERS_OF_SOURCE)
    for number in range(100, 100 + most + 1):
        address = f"198.51.100.{number}" if number % 2 else f"2001:db8:{number}::1"
        write(source, range(number, number + 1), ip=address, message=DANGER)
        goes_first = number < 100 + most
        assert (order()[-1] == 0) is goes_first
    assert not any(row.is_held for row in rows(Callback))
    assert [about for kind, about in alerts() if kind == AlertKind.BURST] == [f"danger:{source}"]
    write(source, range(900, 901), ip="192.0.2.9", at=NOW + FLOOD_PERIOD, message=DANGER)
    assert order()[0] == 900


def test_a_flood_in_review_stands_before_nobody_and_is_alerted_once(source: int) -> None:
    def send_to_review(numbers: range, at: datetime) -> None:
        for number in numbers:
            body = form(phone="", number_of_them=f"315 557 {number}", message=f"{DANGER} {number}")
            raw_inbox.store_arrivals(
                [arrival(source, body, at=at, ip=f"198.51.100.{number % 200}")]
            )
        while processing.process_received_submissions(now=lambda: at):
            pass

    send_to_review(range(2000, 2001), NOW)
    send_to_review(range(3000, 3040), NOW + FLOOD_PERIOD)
    send_to_review(range(4000, 4001), NOW + 2 * FLOOD_PERIOD)
    with transaction() as session:
        shown = listed_ids(session, a_supervisor(session), WorkKind.FORM)
    ids = [row.id for row in rows(Submission)]
    assert {row.state for row in rows(Submission)} == {"needs_review"}
    assert shown[:3] == [ids[0], ids[-1], ids[1]]
    told = [about for kind, about in alerts(NOW + 2 * FLOOD_PERIOD) if kind == AlertKind.BURST]
    assert told == [f"danger-in-review:{source}"]


def test_few_in_danger_from_one_place_go_first_as_ever(source: int) -> None:
    write(source, range(1), ip=ELSEWHERE)
    write(source, range(10, 10 + MOST_IN_DANGER), message=DANGER)
    write(source, range(20, 23), at=NOW + FLOOD_PERIOD, message=DANGER)
    assert order()[-1] == 0
    assert {kind for kind, _about in alerts()} == {AlertKind.DANGER}


def test_one_person_who_writes_again_and_again_is_no_flood(source: int) -> None:
    write(source, range(1), ip=ELSEWHERE)
    for minute in range(MOST_IN_DANGER + 3):
        write(source, range(10, 11), at=NOW + minute * MINUTE, message=f"{DANGER} {minute}")
    assert order() == [10, 0]


def test_danger_that_is_added_afterwards_is_of_the_flood_as_well(source: int) -> None:
    write(source, range(1), ip=ELSEWHERE)
    write(source, range(10, 20), name="Ana")
    write(source, range(10, 20), at=NOW + MINUTE, name="Ana", message=DANGER)
    with reader() as session:
        callbacks = session.exec(select(Callback).order_by(col(Callback.id))).all()
    assert [one.in_danger for one in callbacks] == [False] + [True] * 10
    assert all(one.is_of_burst for one in callbacks[1:])


def test_danger_that_is_added_by_links_is_of_the_flood_as_well(source: int) -> None:
    write(source, range(1), ip=ELSEWHERE)
    write(source, range(10, 20))
    with transaction() as session:
        for sent in session.exec(select(Submission).order_by(col(Submission.id))).all()[1:]:
            key = change_keys.new_change_key()
            sent.change_key_sha256 = change_keys.hash_change_key(key)
            session.flush()
            post = ChangePost("text/plain", str(sent.id).encode(), ip=sent.ip)
            change = SenderChange(message=DANGER)
            assert sender_changes.change_submission(session, key, source, change, post, now=NOW)
    assert order() == [0, *range(10, 20)]
    assert sum(one.in_danger for one in rows(Callback)) == 10


def test_who_is_known_keeps_their_place_in_a_flood(source: int) -> None:
    write(source, range(100, 101), ip=ELSEWHERE, name="Ana")
    with transaction() as session:
        session.exec(select(Callback)).one().state = CallbackState.COMPLETED
        session.exec(select(Lead)).one().state = "closed"
    write(source, range(200, 220), message=DANGER)
    write(source, range(100, 101), at=NOW + MINUTE, name="Ana", message=DANGER)
    with reader() as session:
        last = session.exec(select(Callback).order_by(col(Callback.id).desc())).first()
        assert last
        assert (last.in_danger, last.is_of_burst) == (True, False)


def test_who_was_read_by_a_person_goes_first_in_a_flood(source: int) -> None:
    write(source, range(100, 120), message=DANGER)
    body = form(phone="", mobile_of_them="315 557 2222", message=DANGER)
    raw_inbox.store_arrivals([arrival(source, body, ip=f"{SHELTER}ff")])
    processing.process_received_submissions(now=lambda: NOW)
    with transaction() as session:
        supervisor = session.get_one(Advisor, a_supervisor(session).id)
        waiting = session.exec(select(Submission).order_by(col(Submission.id).desc())).first()
        assert waiting
        assert waiting.state == "needs_review"
        correction = review.propose_correction(waiting.reading | {"phone": "+13155572222"})
        review.admit_corrected_submission(session, waiting, correction, supervisor, now=NOW)
    assert order()[0] == 2222
