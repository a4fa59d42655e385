"""Two helplines of one operator share a person's file; those of two operators do not."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from leads.calls import caller_queue
from leads.contact_rules.contact_history import load_contact_history
from leads.database.transactions import transaction
from leads.errors import NotNow
from leads.helplines import brands_and_sources
from leads.intake.csv_import import run as csv_import
from leads.lead_records import merging
from leads.messaging import inbound_texts
from leads.messaging.inbound_texts import TextDelivery
from leads.models.calls import Callback
from leads.models.helplines import Brand
from leads.models.requests import Lead, TextMessage
from leads.people.permissions import OPERATOR
from tests.conftest import NOW
from tests.support.people import HOUR, MINUTE, a_supervisor, an_advisor, an_attempt
from tests.support.sent_forms import NUMBER, rows, send

VALLEY_NUMBER = "+13155550190"
PAST = b"phone,name,received_at,closed_at\n3155550142,Ann,2026-02-01T10:00Z,2026-02-02T10:00Z\n"


def another_helpline(name: str, operator: str, caller_id: str = "") -> int:
    with transaction() as session:
        options = {"operator": operator, "caller_id": caller_id}
        brands_and_sources.add_brand(session, name, **options, now=NOW)
        return brands_and_sources.add_source(session, name, brand_name=name, now=NOW).id


@pytest.fixture
def valley(source: int) -> int:
    return another_helpline("Valley Line", "Valley Clinic", VALLEY_NUMBER)


def files() -> list[tuple[str, int]]:
    return [(lead.name, lead.nth_at_number) for lead in rows(Lead)]


def test_the_same_person_at_two_operators_is_two_files(source: int, valley: int) -> None:
    for door in (source, valley, source, valley):
        send(door, name="Ann")
    assert files() == [("Ann", 1), ("Ann", 2)]
    assert [(one.lead_id, one.asked_again) for one in rows(Callback)] == [(1, 1), (2, 1)]


def test_helplines_of_one_operator_share_a_file(source: int, valley: int) -> None:
    hill = another_helpline("Hill Line", " valley CLINIC ")
    for door in (source, valley, hill):
        send(door, name="Ann")
    assert [one.lead_id for one in rows(Callback)] == [1, 2, 2]


def test_other_words_for_an_operator_move_no_file(source: int, valley: int) -> None:
    send(valley, name="Ann")
    with transaction() as session:
        brands_and_sources.add_brand(session, "Valley Line", operator="Harbor Line", now=NOW)
    send(valley, name="Ann")
    send(source, name="Ann")
    assert [(one.lead_id, one.asked_again) for one in rows(Callback)] == [(1, 1), (2, 0)]


def test_whoever_says_that_two_are_one_operator_lets_them_share(source: int, valley: int) -> None:
    send(source, name="Ann")
    with transaction() as session:
        brands_and_sources.join_operators(session, "Valley Line", "Harbor Line")
    send(valley, name="Ann")
    assert files() == [("Ann", 1)]


def test_caps_and_stops_are_of_the_number(source: int, valley: int) -> None:
    send(source, name="Ann")
    send(valley, name="Ann")
    with transaction() as session:
        mine, theirs = session.exec(select(Callback).order_by(col(Callback.id))).all()
        for _ in range(3):
            an_attempt(session, theirs, an_advisor(session), state="ended", rung_at=NOW - HOUR)
        history = load_contact_history(session, NUMBER, mine, now=NOW)
        assert history.third_last_ring is not None
        said = TextDelivery(to=VALLEY_NUMBER)
        inbound_texts.receive_text_message(
            session, NUMBER, "STOP", message_id="SM1", beside=said, now=NOW
        )
    assert {lead.state for lead in rows(Lead)} == {"suppressed"}
    assert {callback.state for callback in rows(Callback)} == {"cancelled"}


def test_a_text_and_a_call_are_of_who_asked_the_operator(source: int, valley: int) -> None:
    send(source, name="Ann")
    said = TextDelivery(to=VALLEY_NUMBER)
    with transaction() as session:
        brand_id = session.exec(select(Brand.id).where(Brand.name == "Valley Line")).one()
        inbound_texts.receive_text_message(
            session, NUMBER, "Is this free?", message_id="SM1", beside=said, now=NOW
        )
        assert session.exec(select(TextMessage.lead_id)).one() in (None, 2)
        assert caller_queue.find_caller_lead(session, NUMBER, brand_id) is None or files()[1:]
    send(valley, name="Ann")
    with transaction() as session:
        inbound_texts.receive_text_message(
            session, NUMBER, "Hello", message_id="SM2", beside=said, now=NOW + MINUTE
        )
        theirs = session.exec(select(TextMessage.lead_id).where(TextMessage.message_id == "SM2"))
        callback = rows(Callback)[-1]
        assert theirs.one() == callback.lead_id != 1
        caller = caller_queue.find_caller_lead(session, NUMBER, brand_id)
        assert caller is not None
        assert caller.id == callback.lead_id


def test_a_file_of_nobody_yet_is_of_whoever_is_asked_first(source: int) -> None:
    with transaction() as session:
        session.add(Lead(phone=NUMBER, name="Ann", created_at=NOW))
        session.flush()
        brand_id = session.exec(select(Brand.id)).one()
        assert caller_queue.find_caller_lead(session, NUMBER, brand_id) is not None


def test_an_import_stays_within_the_operator(source: int, valley: int) -> None:
    send(valley, name="Ann")
    csv_import.import_csv_rows(PAST, actor=OPERATOR, brand_name="Harbor Line", now=NOW)
    csv_import.import_csv_rows(PAST, actor=OPERATOR, brand_name="Valley Line", now=NOW)
    assert files() == [("Ann", 1), ("Ann", 2)]


def test_files_of_two_operators_are_never_merged(source: int, valley: int) -> None:
    send(source, name="Ann")
    send(valley, name="Ann")
    with transaction() as session:
        one, other = (session.get_one(Lead, number) for number in (1, 2))
        boss = a_supervisor(session)
        with pytest.raises(NotNow, match="different operators"):
            merging.merge_leads(session, one, other, boss, now=NOW)
