"""Nothing grows old unheard, and a source that goes wrong is noticed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from leads.alerting import conditions
from leads.free_text.danger import DangerKind
from leads.helplines import brands_and_sources
from leads.lead_records import later_statements
from leads.messaging import inbound_texts, waiting_texts
from leads.models.helplines import Source
from leads.models.requests import AlsoSaid, Submission, TextMessage
from tests.conftest import NOW
from tests.support.people import a_callback, a_lead, a_supervisor

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def source(session: Session) -> Source:
    return brands_and_sources.add_source(session, "Site", now=NOW)


def came(
    session: Session,
    source: Source,
    at: datetime,
    *,
    state: str = "admitted",
    phone: bool = True,
    danger: DangerKind | None = None,
) -> None:
    reading = {"phone": "+13155550142"} if phone else {}
    session.add(
        Submission(
            source_id=source.id,
            received_at=at,
            body=b"x",
            body_sha256="x",
            state=state,
            reading=reading,
            danger=danger,
        )
    )
    session.flush()


def heard(session: Session, *, now: datetime = NOW) -> list[str]:
    return [alert.sentence for alert in conditions.current_conditions(session, now=now)]


@pytest.mark.parametrize("state", ["received", "needs_review", "withheld"])
def test_what_waits_for_five_minutes_is_heard_of(
    session: Session, source: Source, state: str
) -> None:
    came(session, source, NOW, state=state)
    assert heard(session, now=NOW + 5 * MINUTE) == []
    [alert] = conditions.current_conditions(session, now=NOW + 5 * MINUTE + MINUTE)
    assert "1" in alert.sentence
    assert alert.since == NOW


@pytest.mark.parametrize("state", ["needs_review", "withheld"])
def test_words_of_danger_under_review_are_heard_of_at_once(
    session: Session, source: Source, state: str
) -> None:
    came(session, source, NOW, state=state, danger=DangerKind.NOW)
    [alert] = conditions.current_conditions(session, now=NOW)
    assert (alert.kind, alert.about) == ("danger", "submissions")
    assert alert.since == NOW


def test_words_of_danger_are_heard_of_until_somebody_has_talked_to_them(session: Session) -> None:
    callback = a_callback(session, danger=DangerKind.SELF, danger_at=NOW)
    [alert] = conditions.current_conditions(session, now=NOW)
    assert (alert.kind, alert.since) == ("danger", NOW)
    assert alert.sentence.endswith("danger signs who have not been reached: 1.")
    callback.first_conversation_at = NOW + MINUTE
    assert heard(session) == []
    callback.danger_at = NOW + 2 * MINUTE
    assert len(heard(session)) == 1


def test_a_text_of_danger_is_heard_of_also_where_nobody_is_to_be_rung(session: Session) -> None:
    lead = a_lead(session, state="closed")
    inbound_texts.receive_text_message(
        session, lead.phone, "i took all my pills", message_id="SM1", now=NOW
    )
    found = conditions.current_conditions(session, now=NOW)
    assert {(alert.kind, alert.about) for alert in found} == {("danger", "texts"), ("text", "")}
    later = conditions.current_conditions(session, now=NOW + DAY)
    assert {alert.kind for alert in later} == {"danger", "text"}  # until a person has read it
    text = session.exec(select(TextMessage)).one()
    waiting_texts.settle_text(session, text, a_supervisor(session), now=NOW)
    assert heard(session) == []


def test_a_text_of_danger_is_heard_of_also_from_a_number_that_is_nobody_s(
    session: Session,
) -> None:
    inbound_texts.receive_text_message(
        session, "+13155559999", "I want to die", message_id="SM1", now=NOW
    )
    found = conditions.current_conditions(session, now=NOW)
    assert ("danger", "texts") in {(alert.kind, alert.about) for alert in found}


def test_second_statements_that_wait_for_an_hour_are_counted_until_they_are_decided(
    session: Session, source: Source
) -> None:
    lead, boss = a_lead(session), a_supervisor(session)
    came(session, source, NOW)
    submission = session.exec(select(Submission)).one()
    statements = [
        AlsoSaid(lead_id=lead.id, submission_id=submission.id, fact=fact, value=value, at=at)
        for fact, value, at in (
            ("best_time", "mornings", NOW),
            ("email", "other@example.org", NOW + MINUTE),
            ("region", "Ohio", NOW + DAY),
        )
    ]
    session.add_all(statements)
    assert heard(session, now=NOW + HOUR) == []
    [alert] = conditions.current_conditions(session, now=NOW + HOUR + 2 * MINUTE)
    assert alert.kind == "also_said"
    assert (alert.since, alert.count) == (NOW, 2)
    assert alert.newest == NOW + HOUR + MINUTE
    for statement in statements[:2]:
        later_statements.leave_statement(session, statement, boss, now=NOW + HOUR)
    assert heard(session, now=NOW + HOUR + 2 * MINUTE) == []


@pytest.mark.parametrize("state", ["admitted", "duplicate", "discarded"])
def test_what_is_settled_is_not(session: Session, source: Source, state: str) -> None:
    came(session, source, NOW, state=state)
    assert heard(session, now=NOW + DAY) == []


def test_a_wrong_secret_is_heard_of_at_once(session: Session, source: Source) -> None:
    for minute in range(3):
        came(session, source, NOW + minute * MINUTE, state="refused")
    [sentence] = heard(session, now=NOW + 3 * MINUTE)
    assert sentence.startswith("Site: 3 submissions have wrong signatures")
    assert heard(session, now=NOW + 2 * DAY) == []


def test_a_source_is_silent_when_it_was_never_silent_for_so_long(
    session: Session, source: Source
) -> None:
    for day in range(10):  # three in the morning, three in the evening, nothing at night
        for hour in (0, 1, 2, 8, 9, 10):
            came(session, source, NOW + day * DAY + hour * HOUR)
    last = NOW + 9 * DAY + 10 * HOUR
    assert heard(session, now=last + 20 * HOUR) == []  # the nights lasted fourteen hours
    [sentence] = heard(session, now=last + 22 * HOUR)
    assert "no submissions for longer than ever before" in sentence
    came(session, source, last + 22 * HOUR)
    assert heard(session, now=last + 23 * HOUR) == []


def test_a_source_without_a_habit_is_not_called_silent(session: Session, source: Source) -> None:
    for hour in range(conditions.FEWEST_FOR_HABIT - 1):
        came(session, source, NOW + hour * HOUR)
    assert heard(session, now=NOW + 10 * DAY) == []


def test_a_source_that_stops_bringing_phone_numbers_is_noticed(
    session: Session, source: Source
) -> None:
    for minute in range(20):
        came(session, source, NOW + minute * MINUTE)
    now = NOW + 30 * MINUTE
    for minute in range(4):
        came(session, source, now + minute * MINUTE, phone=False, state="discarded")
    assert heard(session, now=now + 4 * MINUTE) == []
    came(session, source, now + 4 * MINUTE, phone=False, state="discarded")
    [alert] = conditions.current_conditions(session, now=now + 5 * MINUTE)
    assert "the last 5 submissions had no phone number" in alert.sentence
    assert alert.since == now


def test_a_source_that_never_brought_numbers_is_not(session: Session, source: Source) -> None:
    for minute in range(30):
        came(
            session,
            source,
            NOW + minute * MINUTE,
            phone=minute % 2 == 0 and minute < 20,
            state="discarded",
        )
    assert heard(session, now=NOW + 31 * MINUTE) == []


def test_a_paused_source_may_be_silent(session: Session, source: Source) -> None:
    for hour in range(30):
        came(session, source, NOW + hour * HOUR)
    source.paused_at = NOW
    session.flush()
    assert heard(session, now=NOW + 20 * DAY) == []
