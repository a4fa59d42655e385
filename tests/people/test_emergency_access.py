"""A file of another helpline, opened where it cannot wait: on record, read alone, and reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from dashboard.work_list import address
from leads.alerting import conditions, escalation
from leads.database.transactions import write_deferred_inserts
from leads.errors import BadSubmission, LostRace, NotAllowed, NotNow, TooManyTries
from leads.helplines import brands_and_sources
from leads.lead_records import emergency_file, lead_file
from leads.lead_records.emergency_file import EmergencyFile
from leads.models.advisors import Advisor
from leads.models.audit import AuditEntry
from leads.models.emergency_access import EmergencyAccess
from leads.models.enums import AdvisorRole, AlertKind, AuditKind, SubmissionState
from leads.models.helpline_scope import limited_to_helplines
from leads.models.helplines import Source
from leads.models.requests import Lead
from leads.people import emergency_access, looks
from leads.read_models import work_list
from leads.read_models.work_filter import WorkPart
from leads.read_models.work_kinds import WorkKind
from tests.conftest import NOW
from tests.support.people import (
    DAY,
    HOUR,
    MINUTE,
    a_callback,
    a_lead,
    a_source,
    a_submission,
    a_supervisor,
    an_advisor,
    moves,
)

NAME = "Wilhelmina"
WHY = "She says she took pills."


def of(person: Advisor, source: Source, session: Session) -> Advisor:
    """Somebody who serves that source's helpline and no other."""
    person.helplines = [source.brand_id]
    session.add(person)
    session.flush()
    return person


def another_helpline(session: Session) -> Source:
    a_source(session)
    brands_and_sources.add_brand(session, "Valley Line", operator="Valley Clinic", now=NOW)
    return brands_and_sources.add_source(session, "Valley", brand_name="Valley Line", now=NOW)


def two_helplines(session: Session, role: str = "advisor") -> tuple[Advisor, Lead, Source]:
    """Somebody of the first helpline, and a person and a source of the second."""
    other = another_helpline(session)
    lead = a_lead(session, name=NAME)
    a_callback(session, lead, source=other)
    a_submission(session, source_id=other.id, lead_id=lead.id, state=SubmissionState.ADMITTED)
    return of(an_advisor(session, AdvisorRole(role)), a_source(session), session), lead, other


def opens(session: Session, advisor: Advisor, number: str, **more: Any) -> list[EmergencyAccess]:
    given = {"reason": WHY, "now": NOW} | more
    opened = emergency_access.open_in_emergency(session, advisor, number, **given)
    write_deferred_inserts(session)  # as its commit does
    return [*opened]


def reads(
    session: Session, advisor: Advisor, lead: Lead, at: datetime = NOW + MINUTE
) -> EmergencyFile:
    """What a page is given to show, its look on record as everywhere."""
    helplines = emergency_access.find_readable_helplines(session, lead.id, advisor, now=at)
    with limited_to_helplines(session, helplines):
        file = emergency_file.read_emergency_file(session, lead.id, advisor, now=at)
    looks.record_looks(session, advisor, looks.find_looks(file), now=at)
    assert file is not None
    return file


def logged(session: Session) -> list[tuple[str, str]]:
    write_deferred_inserts(session)
    rows = session.exec(select(AuditEntry).order_by(col(AuditEntry.id))).all()
    return [(row.kind, row.record_id) for row in rows]


@pytest.mark.parametrize("role", ["advisor", "supervisor"])
def test_a_file_is_read_for_an_hour_and_each_look_is_on_record(session: Session, role: str) -> None:
    ana, lead, _other = two_helplines(session, role)
    with pytest.raises(NotAllowed, match="no longer open to you"):
        reads(session, ana, lead)
    [access] = opens(session, ana, lead.phone)
    assert (access.lead_id, access.ends_at) == (lead.id, NOW + HOUR)
    file = reads(session, ana, lead)
    assert (file.facts["name"], file.ends_at) == (NAME, NOW + HOUR)
    assert file.entries
    entries = [(AuditKind.EMERGENCY_ACCESS, str(lead.id)), (AuditKind.OPEN, str(lead.id))]
    assert logged(session) == entries
    reads(session, ana, lead, NOW + HOUR - MINUTE)
    with pytest.raises(NotAllowed, match="no longer open to you"):
        reads(session, ana, lead, NOW + HOUR)
    look = looks.find_looks(file)
    with pytest.raises(NotAllowed, match="do not serve"):
        looks.record_looks(session, ana, look, now=NOW + HOUR)


def test_nobody_else_is_read_and_nothing_is_done_by_it(session: Session) -> None:
    """Neither another person, nor another colleague, nor a list, a verb or a download."""
    sam, lead, other = two_helplines(session, "supervisor")
    stranger = a_lead(session, name="Zelda")
    a_callback(session, stranger, source=other)
    opens(session, sam, lead.phone)
    kim = of(a_supervisor(session), a_source(session), session)
    for person, whose in ((sam, stranger), (kim, lead)):
        with pytest.raises(NotAllowed, match="no longer open to you"):
            reads(session, person, whose)
    for refused in (
        lambda: lead_file.read_lead_file(session, lead.id, sam, now=NOW),
        lambda: lead_file.reveal_lead_number(session, lead, sam, now=NOW),
        lambda: lead_file.correct_lead_facts(session, lead, {"name": "X"}, sam, now=NOW),
        lambda: looks.record_looks(session, sam, looks.find_looks([lead]), now=NOW),
    ):
        with pytest.raises(NotAllowed, match="do not serve"):
            refused()


def test_others_at_the_number_are_opened_on_record_or_not_at_all(session: Session) -> None:
    ana, lead, other = two_helplines(session)
    twin = a_lead(session, lead.phone, nth_at_number=2, name="Zelda")
    a_callback(session, twin, source=other)
    own = a_lead(session, lead.phone, nth_at_number=3, name="Ottilie")
    a_callback(session, own)
    assert {one.lead_id for one in opens(session, ana, lead.phone)} == {lead.id, twin.id}
    assert "Zelda" not in repr(reads(session, ana, lead))


def test_it_takes_a_whole_number_a_reason_and_a_limit_to_some_helplines(session: Session) -> None:
    ana, lead, _other = two_helplines(session)
    for wrong in ({"number": "0142"}, {"number": ""}, {"reason": "urgent"}, {"reason": " "}):
        with pytest.raises(BadSubmission):
            opens(session, ana, **({"number": lead.phone} | wrong))
    with pytest.raises(NotNow, match="every helpline"):
        opens(session, an_advisor(session), lead.phone)
    assert moves(session, ana) == []


def test_there_are_five_tries_a_day_also_of_numbers_that_nobody_has(session: Session) -> None:
    ana, lead, _other = two_helplines(session)
    own = a_lead(session)
    a_callback(session, own)
    for number in ("+13155559999", own.phone, lead.phone, lead.phone):
        opened = opens(session, ana, number)
        assert [one.lead_id for one in opened] == [lead.id] * (number == lead.phone)
    opens(session, ana, lead.phone)
    with pytest.raises(TooManyTries):
        opens(session, ana, lead.phone, now=NOW + HOUR)
    assert opens(session, ana, lead.phone, now=NOW + DAY)
    assert [one.lead_id for one in emergency_access.list_open_access(session, ana, now=NOW)] == [
        lead.id
    ]


def alerts(session: Session) -> list[tuple[int | None, int]]:
    found = conditions.current_conditions(session, now=NOW)
    return [(one.brand_id, one.count) for one in found if one.kind is AlertKind.EMERGENCY_ACCESS]


def on_list(session: Session, supervisor: Advisor) -> list[Any]:
    with limited_to_helplines(session, supervisor.helplines):
        rows = work_list.read_work_list(session, supervisor, now=NOW).rows
    return [row for row in rows if row.kind is WorkKind.EMERGENCY_ACCESS]


@pytest.mark.parametrize("was_in_order", [True, False])
def test_an_alert_is_open_until_a_supervisor_of_that_helpline_reviews_it(
    session: Session, *, was_in_order: bool
) -> None:
    sam, lead, other = two_helplines(session, "supervisor")
    assert alerts(session) == []
    [access] = opens(session, sam, lead.phone)
    assert alerts(session) == [(other.brand_id, 1)]
    val = of(a_supervisor(session), other, session)
    [row] = on_list(session, val)
    assert (row.record_id, row.lead_id) == (access.id, lead.id)
    assert sam.name in str(row.why)
    assert on_list(session, sam) == []
    said: dict[str, Any] = {"was_in_order": was_in_order, "words": "I rang her.", "now": NOW}
    review = emergency_access.review_emergency_access
    with pytest.raises(BadSubmission):
        review(session, access, val, **(said | {"words": " "}))
    with pytest.raises(NotAllowed):
        review(session, access, an_advisor(session), **said)
    with pytest.raises(NotAllowed, match="do not serve"):
        review(session, access, sam, **said)
    review(session, access, val, **said)
    assert (access.was_in_order, access.review_words) == (was_in_order, "I rang her.")
    assert (alerts(session), on_list(session, val)) == ([], [])
    assert [(one.event, one.actor) for one in moves(session, access)] == [
        ("review", f"advisor:{val.id}")
    ]
    with pytest.raises(LostRace):
        review(session, access, val, **said)


def test_nobody_reviews_their_own_whatever_they_serve_later(session: Session) -> None:
    sam, lead, _other = two_helplines(session, "supervisor")
    [access] = opens(session, sam, lead.phone)
    sam.helplines = None
    session.add(sam)
    session.flush()
    assert on_list(session, sam) == []
    with pytest.raises(NotAllowed, match="Someone else"):
        emergency_access.review_emergency_access(
            session, access, sam, was_in_order=True, words="Mine.", now=NOW + timedelta(days=1)
        )


def test_the_alert_of_each_helpline_that_they_asked_opens_it_on_the_work_list(
    session: Session,
) -> None:
    ana, lead, _other = two_helplines(session)
    brands_and_sources.add_brand(session, "Hill Line", operator="Valley Clinic", now=NOW)
    hill = brands_and_sources.add_source(session, "Hill", brand_name="Hill Line", now=NOW)
    a_submission(session, source_id=hill.id, lead_id=lead.id, state=SubmissionState.ADMITTED)
    [access] = opens(session, ana, lead.phone)
    both, one = a_supervisor(session), of(a_supervisor(session), hill, session)
    for supervisor, names in ((both, ["Hill Line", "Valley Line"]), (one, ["Hill Line"])):
        with limited_to_helplines(session, supervisor.helplines):
            opened = list(_what_their_alerts_open(session, supervisor))
        assert sorted(opened) == [(name, [access.id]) for name in names]


def _what_their_alerts_open(
    session: Session, supervisor: Advisor
) -> Iterator[tuple[str, list[int]]]:
    for alert in escalation.list_current_alerts(session, now=NOW):
        if alert.kind is AlertKind.EMERGENCY_ACCESS:
            query = address.query_of_alert(alert) or {}
            work = work_list.read_work_list(
                session,
                supervisor,
                part=WorkPart(query["part"]),
                only=address.read_filter(query),
                now=NOW,
            )
            yield alert.helpline, [row.record_id for row in work.rows]
