"""Supervisors hear of a colleague who opens files as nobody's work explains."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from leads.alerting import conditions, escalation
from leads.alerting.reading_conditions import reading_thresholds
from leads.database.transactions import write_deferred_inserts
from leads.lifecycle.audit_log import Origin, record_access, set_origin
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.advisors import Advisor
from leads.models.enums import AlertKind, AuditKind, EscalationStep, NoticeMethod
from leads.models.watching import Alert
from leads.people.permissions import actor_of
from leads.person_names import read_surname
from tests.conftest import NOW
from tests.support.people import DAY, HOUR, MINUTE, a_lead, a_supervisor, an_advisor

MIDNIGHT = NOW.replace(hour=5)  # in New York


def opens(
    session: Session, person: Advisor, *lead_ids: int, at: datetime = NOW, view: str = "lead"
) -> None:
    set_origin(session, Origin(view=view))
    for lead_id in lead_ids:
        subject = TrailSubject("lead", str(lead_id))
        record_access(session, AuditKind.OPEN, subject, actor=actor_of(person), now=at)
    write_deferred_inserts(session)


def alerts(session: Session, at: datetime = NOW) -> list[tuple[str, str]]:
    return [
        (one.about, str(one.sentence))
        for one in conditions.current_conditions(session, now=at)
        if one.kind is AlertKind.READING
    ]


def test_many_files_within_an_hour_are_told_for_a_day(session: Session) -> None:
    ana = an_advisor(session)
    most = reading_thresholds().an_hour
    opens(session, ana, *range(1, most))
    opens(session, ana, *range(1, most), at=NOW + MINUTE)  # the same people
    opens(session, ana, most + 1, at=NOW + 61 * MINUTE)  # one an hour later
    assert alerts(session, NOW + 62 * MINUTE) == []
    opens(session, ana, most + 2, at=NOW + 60 * MINUTE)
    [(about, sentence)] = alerts(session, NOW + 62 * MINUTE)
    assert about == f"many:{ana.id}"
    assert f"{ana.name} opened the files of unusually many people: {most}" in sentence
    assert alerts(session, NOW + DAY)
    assert alerts(session, NOW + DAY + 62 * MINUTE) == []


def test_many_files_within_a_day_are_told_however_slowly(session: Session) -> None:
    ana = an_advisor(session)
    for number in range(reading_thresholds().a_day):
        opens(session, ana, number, at=NOW + number * timedelta(minutes=11))
    assert f"many:{ana.id}" in [about for about, _ in alerts(session, NOW + 23 * HOUR)]


def test_files_at_night_are_told_until_the_next_night(session: Session) -> None:
    ana, ben = an_advisor(session), an_advisor(session)
    least = reading_thresholds().at_night
    opens(session, ana, *range(least), at=MIDNIGHT)
    opens(session, ben, *range(least), at=MIDNIGHT + 7 * HOUR)  # in the morning
    assert alerts(session, MIDNIGHT - MINUTE) == []
    for at in (MIDNIGHT, MIDNIGHT + 21 * HOUR):
        assert [about for about, _ in alerts(session, at)] == [f"night:{ana.id}"]
    assert alerts(session, MIDNIGHT + 23 * HOUR) == []


def test_what_comes_to_the_desk_is_no_choice(session: Session) -> None:
    ana = an_advisor(session)
    opens(session, ana, *range(200), at=MIDNIGHT, view="desk")
    assert alerts(session, MIDNIGHT) == []


@pytest.mark.parametrize(
    ("own", "theirs", "is_told"),
    [
        ("Ana Ruiz-Peña", "Luis PENA", True),
        ("Ana Okafor", "Ben Okafor Jr.", True),
        ("Ana Okafor", "Okafor", False),  # one word alone may be a first name
        ("Ana Smith", "Ben Smith", False),  # too common
        ("Ana Okafor", "Ben Ruiz", False),
    ],
)
def test_people_of_ones_own_last_name_are_told(
    session: Session, own: str, theirs: str, *, is_told: bool
) -> None:
    ana = an_advisor(session)
    ana.name = own
    opens(session, ana, a_lead(session, name=theirs).id)
    told = alerts(session)
    assert [about for about, _ in told] == ([f"surname:{ana.id}"] if is_told else [])
    assert not any(theirs in sentence for _, sentence in told)


def test_a_last_name_is_the_last_word_but_titles() -> None:
    assert read_surname("Dr. María del Mar Núñez") == "nunez"
    assert [read_surname(name) for name in ("", "Ana", "Ana R.")] == ["", "", ""]


def test_nobody_is_rung_about_reading(session: Session) -> None:
    ana, _boss = an_advisor(session), a_supervisor(session)
    opens(session, ana, *range(100))
    for minutes in (0, 10, 30, 59):
        at = NOW + minutes * MINUTE
        escalation.evaluate_alerts(session, ways=tuple(NoticeMethod), now=at)
    alert = session.exec(select(Alert).where(Alert.kind == AlertKind.READING)).one()
    assert alert.step == EscalationStep.MESSAGES
