"""What came to our numbers while nobody was here is looked for: of each number since its last look.

Texts and calls alike; what becomes of them is told in tests of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from leads.calls import unheard_calls
from leads.config.settings import TwilioCredentials
from leads.contact_rules import own_numbers
from leads.database.transactions import reader, transaction
from leads.helplines import brands_and_sources, missed_arrivals, phone_settings
from leads.messaging import missed_texts
from leads.models.enums import ArrivalKind
from leads.models.helplines import Brand
from leads.models.inbound import HelplineNumber, InboundCall
from leads.models.requests import TextMessage
from notifications.arrival_looks import ArrivalLooks
from notifications.manual_phone import LogPhone
from notifications.rehearsal_phone import RehearsalPhone
from notifications.telephony import Phone
from notifications.twilio.client import PAGE_SIZE
from notifications.twilio.phone import TwilioPhone
from notifications.twilio.texts import TwilioTexts
from tests.conftest import NOW
from tests.support.people import DAY, HOUR, MINUTE, NUMBER, a_source
from tests.support.twilio_double import CALLER_ID, SID, TOKEN, TwilioDouble

OTHER_LINE = "+13155550100"
SECOND = timedelta(seconds=1)


class Lookout:
    """A desk that looks for what came in, of one kind, and is down between two looks."""

    def __init__(self, twilio: TwilioDouble, kind: ArrivalKind) -> None:
        self.twilio, self.kind, self.now = twilio, kind, NOW
        account = TwilioCredentials(SID, (TOKEN,), twilio.url)
        self.phone = TwilioPhone(account, public_url="https://desk.example.org", ring_seconds=20)
        self.texts = TwilioTexts(account, public_url="https://desk.example.org")
        self.broken: set[str] = set()  # what cannot be taken
        with transaction() as session:
            a_source(session)
            session.exec(select(Brand)).one().caller_id = CALLER_ID
        self.list_all: Callable[[str, datetime], list[Any]] = (
            self.texts.list_received_texts
            if kind is ArrivalKind.TEXT
            else self.phone.list_received_calls
        )
        self.looks = ArrivalLooks(kind, self.list_all, self._take, now=lambda: self.now)

    def _take(self, session: Session, arrival: Any, *, now: datetime) -> None:
        if arrival.network_id in self.broken:
            raise LookupError
        if self.kind is ArrivalKind.TEXT:
            missed_texts.receive_missed_text(session, arrival, now=now)
        else:
            unheard_calls.record_unheard_call(session, arrival, now=now)

    def has_line(self, number: str = OTHER_LINE) -> None:
        with transaction() as session:
            brand_id = session.exec(select(Brand.id)).one()
            session.add(HelplineNumber(brand_id=brand_id, phone=number, points_to_us=True))

    def misses(self, *, at: datetime, to: str = CALLER_ID) -> str:
        if self.kind is ArrivalKind.TEXT:
            return self.twilio.misses_text(NUMBER, "hello", at=at, to=to)
        return self.twilio.misses_call(NUMBER, at=at, to=to).sid

    def looks_after(self, while_: timedelta) -> list[str]:
        """Look once after a while; returns what is here by then, in the order of taking."""
        self.now += while_
        self.looks.take_missed_arrivals()
        with reader() as session:
            if self.kind is ArrivalKind.TEXT:
                return list(session.exec(select(TextMessage.message_id).order_by(TextMessage.id)))
            by_time = select(InboundCall.provider_call_id).order_by(InboundCall.rang_at)
            return list(session.exec(by_time))

    def asked_since(self, number: str = CALLER_ID) -> list[datetime]:
        """From when on each request asked for a number's list; forgets them."""
        name = "DateSent>" if self.kind is ArrivalKind.TEXT else "StartTime>"
        asked = [one for one in self.twilio.listings if one["To"] == number]
        self.twilio.listings = [one for one in self.twilio.listings if one["To"] != number]
        return [datetime.fromisoformat(one[name]) for one in asked]


@pytest.fixture(params=list(ArrivalKind))
def lookout(
    request: pytest.FixtureRequest,
    database: str,
    twilio: TwilioDouble,
) -> Lookout:
    return Lookout(twilio, request.param)


def test_what_came_before_the_desk_is_not_its_own(lookout: Lookout) -> None:
    lookout.misses(at=NOW - 5 * MINUTE)
    assert lookout.looks_after(SECOND) == []
    assert lookout.looks_after(HOUR) == []
    ours = lookout.misses(at=lookout.now + MINUTE)
    assert lookout.looks_after(HOUR) == [ours]


def test_what_comes_before_the_first_look_is_ours_once_the_number_is(lookout: Lookout) -> None:
    with transaction() as session:
        brands_and_sources.add_brand(session, "Lakeside", caller_id=OTHER_LINE, now=NOW)
    ours = lookout.misses(at=NOW + SECOND, to=OTHER_LINE)
    assert lookout.looks_after(HOUR) == [ours]


def test_a_number_that_is_added_later_begins_then(lookout: Lookout) -> None:
    lookout.looks_after(SECOND)
    lookout.has_line()
    lookout.misses(at=lookout.now + MINUTE, to=OTHER_LINE)
    assert lookout.looks_after(HOUR) == []
    ours = lookout.misses(at=lookout.now + MINUTE, to=OTHER_LINE)
    assert lookout.looks_after(HOUR) == [ours]


def test_a_number_that_points_elsewhere_is_left_out_and_begins_anew(lookout: Lookout) -> None:
    lookout.has_line()
    lookout.looks_after(SECOND)

    def is_checked(*, to_us: bool) -> None:
        with transaction() as session:
            phone_settings.record_number_check(
                session, OTHER_LINE, points_to_us=to_us, now=lookout.now
            )

    is_checked(to_us=False)
    lookout.looks_after(MINUTE)
    lookout.misses(at=lookout.now + MINUTE, to=OTHER_LINE)
    lookout.now += HOUR
    is_checked(to_us=True)
    assert lookout.looks_after(HOUR) == []
    ours = lookout.misses(at=lookout.now + MINUTE, to=OTHER_LINE)
    assert lookout.looks_after(HOUR) == [ours]


def test_a_caller_id_that_is_nobody_s_own_is_looked_at_whoever_adds_a_helpline(
    lookout: Lookout, process_caller_id: str
) -> None:
    with transaction() as session:
        session.exec(select(Brand)).one().caller_id = ""
    lookout.looks_after(SECOND)
    own_numbers.set_process_caller_id("")  # as of the command line
    with transaction() as session:
        brands_and_sources.add_brand(session, "Lakeside", caller_id=OTHER_LINE, now=lookout.now)
    own_numbers.set_process_caller_id(process_caller_id)
    ours = lookout.misses(at=lookout.now + MINUTE, to=process_caller_id)
    assert lookout.looks_after(HOUR) == [ours]


def test_a_number_that_is_always_refused_delays_no_other_and_is_asked_rarely(
    lookout: Lookout,
) -> None:
    lookout.has_line()
    lookout.looks_after(SECOND)
    began = lookout.now
    lookout.twilio.refused_numbers.add(OTHER_LINE)
    refused = lookout.misses(at=began + MINUTE, to=OTHER_LINE)
    ours = lookout.misses(at=began + 2 * MINUTE)
    for _ in range(60):
        assert lookout.looks_after(MINUTE) in ([], [ours])
    assert lookout.asked_since()[-1] >= lookout.now - 12 * MINUTE
    assert len(lookout.asked_since(OTHER_LINE)) < 10
    lookout.twilio.refused_numbers.clear()
    assert set(lookout.looks_after(HOUR)) == {ours, refused}
    [since] = lookout.asked_since(OTHER_LINE)
    assert abs(since - began) <= 2 * SECOND


def test_a_network_that_is_away_for_a_moment_is_asked_at_the_next_look(lookout: Lookout) -> None:
    lookout.looks_after(SECOND)
    missed = lookout.misses(at=lookout.now + SECOND)
    lookout.twilio.listing_faults.append("503")
    assert lookout.looks_after(MINUTE) == []
    assert lookout.looks_after(MINUTE) == [missed]


def test_what_cannot_be_taken_keeps_nothing_else_and_is_tried_again(lookout: Lookout) -> None:
    lookout.looks_after(SECOND)
    broken = lookout.misses(at=lookout.now + MINUTE)
    other = lookout.misses(at=lookout.now + 2 * MINUTE)
    lookout.broken.add(broken)
    assert lookout.looks_after(2 * HOUR) == [other]
    lookout.broken.clear()
    assert set(lookout.looks_after(HOUR)) == {broken, other}


def test_what_the_webhook_may_still_bring_is_left_to_it(lookout: Lookout) -> None:
    lookout.looks_after(SECOND)
    missed = lookout.misses(at=lookout.now + MINUTE - SECOND)
    assert lookout.looks_after(MINUTE) == []
    assert lookout.looks_after(MINUTE) == [missed]


def test_each_is_taken_once_however_often_it_is_listed(lookout: Lookout) -> None:
    lookout.looks_after(SECOND)
    missed = lookout.misses(at=lookout.now + MINUTE)
    for _ in range(3):
        assert lookout.looks_after(2 * MINUTE) == [missed]


def test_more_than_a_page_is_listed_and_known_in_parts(
    lookout: Lookout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed_arrivals, "IDS_AT_ONCE", PAGE_SIZE // 3)
    for nth in range(PAGE_SIZE + 1):
        lookout.misses(at=NOW + nth * SECOND)
    listed = lookout.list_all(CALLER_ID, NOW)
    assert len({one.network_id for one in listed}) == PAGE_SIZE + 1
    lookout.broken.update(one.network_id for one in listed[2:])
    lookout.now -= SECOND
    lookout.looks_after(timedelta())
    taken = lookout.looks_after(HOUR)
    assert taken == [one.network_id for one in listed[1::-1]]
    with reader() as session:
        missed = missed_arrivals.find_missed_arrivals(session, lookout.kind, listed, since=NOW)
    assert [one.network_id for one in missed] == [one.network_id for one in listed[:1:-1]]


def test_only_the_last_month_is_looked_at_and_the_gap_is_told(
    lookout: Lookout, caplog: pytest.LogCaptureFixture
) -> None:
    lookout.looks_after(SECOND)
    lookout.misses(at=NOW + 23 * HOUR)
    ours = lookout.misses(at=NOW + 25 * HOUR)
    assert lookout.looks_after(31 * DAY) == [ours]
    lookout.looks_after(HOUR)
    gap = f"between {NOW} and {NOW + DAY + SECOND} is no longer listed ({lookout.kind})"
    [record] = caplog.records
    assert gap in record.message


def test_calls_that_go_on_are_left_to_the_webhook_until_they_are_over(
    database: str,
    twilio: TwilioDouble,
) -> None:
    lookout = Lookout(twilio, ArrivalKind.CALL)
    lookout.looks_after(SECOND)
    began = lookout.now + MINUTE
    call = twilio.misses_call(NUMBER, at=began, status="ringing")
    over = twilio.misses_call("+266696687", at=began, status="no-answer")
    assert lookout.looks_after(5 * MINUTE) == [over.sid]
    call.status = "in-progress"
    for _ in range(3):  # longer than looks overlap
        assert lookout.looks_after(HOUR) == [over.sid]
    call.status, call.ended_at = "completed", lookout.now
    ended_at = lookout.now.replace(microsecond=0)
    assert set(lookout.looks_after(HOUR)) == {call.sid, over.sid}
    with reader() as session:
        calls = session.exec(select(InboundCall).order_by(InboundCall.phone)).all()
    assert [one.phone for one in calls] == ["", NUMBER]
    assert [(one.rang_at, one.ended_at) for one in calls] == [(began, began), (began, ended_at)]


@pytest.mark.parametrize("phone", [LogPhone(), RehearsalPhone(now=lambda: NOW)])
def test_without_an_account_no_calls_are_listed(phone: Phone) -> None:
    assert phone.list_received_calls(CALLER_ID, NOW) == []
