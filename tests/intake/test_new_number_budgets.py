"""More new numbers than usual wait for a supervisor: nobody is refused, and nothing is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session, col, select

from leads.alerting import conditions
from leads.callbacks import due_order
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration, BadSubmission, NotAllowed
from leads.helplines import called_numbers, source_settings
from leads.i18n.messages import MessageKey, message_key_of
from leads.intake import bursts, processing, raw_inbox, review
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import AlertKind
from leads.models.helplines import Brand, Source
from leads.models.requests import ConfirmedNumber, Submission
from leads.read_models.work_kinds import WorkKind
from tests.conftest import NOW
from tests.support.listed_work import listed_ids
from tests.support.people import HOUR, MINUTE, a_supervisor, an_advisor
from tests.support.races import at_once
from tests.support.sent_forms import arrival, form, rows, send

WAITS, QUEUED = "needs_review", "admitted"
DANGER = "I took too many pills, I want to die."


def flood(source: int, many: int, *, first: int = 0, at: datetime = NOW, **said: str) -> list[str]:
    """So many people who are new write; returns the states of all submissions."""
    numbers = range(first, first + many)
    sent = [arrival(source, form(phone=f"+1315556{n:04}", **said), at=at) for n in numbers]
    raw_inbox.store_arrivals(sent)
    while processing.process_received_submissions(now=lambda: at):
        pass
    return [str(row.state) for row in rows(Submission)]


def set_budgets(*, of_source: int = 1000, of_brand: int = 1000) -> None:
    with transaction() as session:
        for source in session.exec(select(Source)):
            source.new_numbers_per_hour = of_source
        session.exec(select(Brand)).one().new_numbers_per_hour = of_brand


@pytest.fixture
def supervisor(source: int) -> int:
    with transaction() as session:
        return a_supervisor(session).id


@pytest.mark.parametrize("whose", ["of_source", "of_brand"])
def test_beyond_the_budget_people_wait_for_a_person(source: int, whose: str) -> None:
    set_budgets(**{whose: 3})
    assert flood(source, 5) == [QUEUED] * 3 + [WAITS] * 2
    assert message_key_of(rows(Submission)[4].reason) is MessageKey.MORE_NEW_NUMBERS_THAN_USUAL
    assert flood(source, 1, first=10, at=NOW + 59 * MINUTE)[-1] == WAITS
    assert flood(source, 3, first=20, at=NOW + 61 * MINUTE)[-3:] == [QUEUED] * 3


def test_a_helpline_s_budget_counts_all_its_sources(source: int) -> None:
    with transaction() as session:
        first = session.get_one(Source, source)
        second = Source(
            brand_id=first.brand_id, name="Two", slug="two", token="two", created_at=NOW
        )
        session.add(second)
        session.flush()
        other = second.id
    set_budgets(of_brand=3)
    assert flood(source, 2) == [QUEUED] * 2
    assert flood(other, 2, first=10)[-2:] == [QUEUED, WAITS]


def test_whoever_is_known_is_called_however_many_are_new(source: int) -> None:
    set_budgets(of_source=1)
    assert flood(source, 1) == [QUEUED]
    assert flood(source, 1, first=1)[-1] == WAITS
    assert send(source, phone="+13155560000", message="again").state == "duplicate"


def test_the_backlog_of_an_outage_has_the_budget_of_its_own_hours(source: int) -> None:
    set_budgets(of_source=2)
    sent = [
        arrival(source, form(phone=f"+1315556{n:04}"), at=NOW - (3 - n // 3) * HOUR)
        for n in range(6)
    ]
    raw_inbox.store_arrivals(sent)
    for _each in sent:
        processing.process_received_submissions(now=lambda: NOW)
    states = [str(row.state) for row in rows(Submission)]
    assert states.count(QUEUED) >= 2
    assert set(states) == {QUEUED, WAITS}


@pytest.mark.usefixtures("database")
def test_one_that_is_not_admitted_at_once_counts_all_the_same(source: int) -> None:
    set_budgets(of_source=1)
    same = {"message": "the same words", "name": "Ana"}
    assert flood(source, 1) == [QUEUED]
    with transaction() as session:
        submission = Submission(
            source_id=source,
            received_at=NOW,
            content_type="application/json",
            body=form(phone="+13155569999", **same),
            body_sha256="0",
        )
        session.add(submission)
        session.flush()
        processing.process_submission(session, submission, now=NOW)
        assert (submission.state, submission.is_of_burst) == (WAITS, True)


def test_a_supervisor_admits_a_burst_at_once_and_danger_does_not_go_first(
    source: int, supervisor: int
) -> None:
    set_budgets(of_source=2)
    flood(source, 2)
    flood(source, 3, first=10, message=DANGER)
    with reader() as session:
        assert bursts.count_of_burst(session, session.get_one(Advisor, supervisor)) == 3
        found = conditions.current_conditions(session, now=NOW)
    assert {(alert.kind, alert.about) for alert in found} == {
        (AlertKind.BURST, f"source:{source}"),
        (AlertKind.DANGER, "submissions"),  # it is heard at once, and put first by a person only
    }
    told: list[tuple[int, int]] = []
    progress = lambda done, total: told.append((done, total))  # noqa: E731
    assert bursts.admit_bursts(person_of(supervisor), now=lambda: NOW, progress=progress) == 3
    assert told == [(1, 3), (2, 3), (3, 3)]
    with reader() as session:
        queued = session.exec(select(Callback).order_by(*due_order.offer_order())).all()
        assert [callback.in_danger for callback in queued] == [False] * 2 + [True] * 3
        assert [callback.id for callback in queued] == sorted(one.id for one in queued)
        left = conditions.current_conditions(session, now=NOW)
        assert AlertKind.BURST not in {alert.kind for alert in left}
    assert bursts.admit_bursts(person_of(supervisor), now=lambda: NOW) == 0


def person_of(advisor_id: int) -> Advisor:
    with reader() as session:
        return session.get_one(Advisor, advisor_id)


def test_one_of_a_burst_that_a_person_has_read_goes_first_for_danger(
    source: int, supervisor: int
) -> None:
    set_budgets(of_source=1)
    flood(source, 1)
    flood(source, 1, first=10, message=DANGER)
    with transaction() as session:
        submission = session.exec(select(Submission).order_by(col(Submission.id).desc())).first()
        correction = review.propose_correction(submission.reading)
        review.admit_corrected_submission(
            session, submission, correction, session.get_one(Advisor, supervisor), now=NOW
        )
        (first, *_others) = session.exec(select(Callback).order_by(*due_order.offer_order())).all()
        assert first.id == submission.callback_id


def test_an_advisor_admits_no_burst(source: int) -> None:
    with transaction() as session:
        advisor = an_advisor(session).id
    with pytest.raises(NotAllowed):
        bursts.admit_bursts(person_of(advisor), now=lambda: NOW)
    assert source


def test_two_supervisors_at_once_admit_each_person_once(source: int, supervisor: int) -> None:
    set_budgets(of_source=1)
    flood(source, 9)
    results = at_once(2, lambda _n: bursts.admit_bursts(person_of(supervisor), now=lambda: NOW))
    assert results == [None, None]
    assert len(rows(Callback)) == 9


def test_everything_that_waits_can_be_reached(source: int, supervisor: int) -> None:
    set_budgets(of_source=1)
    flood(source, 46)
    with reader() as session:
        person = session.get_one(Advisor, supervisor)
        shown = listed_ids(session, person, WorkKind.FORM)
    assert shown == sorted(set(shown))
    assert len(shown) == 45


def test_a_number_against_the_policy_waits_and_a_person_lets_it_through(
    source: int, supervisor: int
) -> None:
    assert send(source, phone="+18762345678", any_hour=True).state == WAITS
    (waiting,) = rows(Submission)
    assert "Jamaica" in waiting.reason
    with transaction() as session:
        person = session.get_one(Advisor, supervisor)
        submission = session.get_one(Submission, waiting.id)
        correction = review.propose_correction(submission.reading)
        review.admit_corrected_submission(session, submission, correction, person, now=NOW)
        assert session.exec(select(ConfirmedNumber.phone)).all() == ["+18762345678"]
        callback = session.get_one(Callback, submission.callback_id)
        assert not callback.is_held
    (due,) = _due()
    assert due.decision.allowed


@pytest.mark.parametrize("phone", ["+881612345678", "+447012345678", "+18005551234"])
def test_nobody_lets_a_number_through_that_is_never_called(
    source: int, supervisor: int, phone: str
) -> None:
    assert send(source, phone=phone).state == WAITS
    with transaction() as session:
        submission = session.exec(select(Submission)).one()
        correction = review.propose_correction(submission.reading)
        person = session.get_one(Advisor, supervisor)
        with pytest.raises(BadSubmission):
            review.admit_corrected_submission(session, submission, correction, person, now=NOW)


def test_a_colleagues_phone_and_our_caller_ids_wait(
    source: int, supervisor: int, process_caller_id: str
) -> None:
    with transaction() as session:
        own = session.get_one(Advisor, supervisor).phone
        session.exec(select(Brand)).one().caller_id = "+13155550188"
    for phone in (own, "+13155550188", process_caller_id):
        assert send(source, phone=phone).state == WAITS
        assert message_key_of(rows(Submission)[-1].reason) is MessageKey.OWN_NUMBER


def test_a_policy_and_budgets_are_set_by_supervisors(session: Session) -> None:
    person = a_supervisor(session)
    from_set_up = source_settings.add_source_as_supervisor(session, person, "Web", now=NOW)
    source_settings.set_new_number_budget(session, from_set_up, 5, person, now=NOW)
    brand_id = from_set_up.brand_id
    change: dict[str, Any] = {"kinds": ["mobile"], "new_numbers_per_hour": 9, "now": NOW}
    called_numbers.change_called_numbers(
        session, brand_id, person, countries=["US", "JM"], **change
    )
    known = called_numbers.list_called_numbers(session, person)[brand_id]
    assert (known.countries, known.by_default) == (("US", "JM"), ("US",))
    assert known.kinds == ("mobile",)
    assert (known.new_numbers_per_hour, from_set_up.new_numbers_per_hour) == (9, 5)
    wrong_ones: tuple[dict[str, Any], ...] = (
        {"countries": ["XX"]},
        {"kinds": ["satellite"]},
        {"new_numbers_per_hour": 0},
    )
    for wrong in wrong_ones:
        with pytest.raises(BadConfiguration):
            called_numbers.change_called_numbers(
                session, brand_id, person, **({"countries": []} | change | wrong)
            )
    with pytest.raises(NotAllowed):
        called_numbers.change_called_numbers(
            session, brand_id, an_advisor(session), countries=[], **change
        )


def _due() -> list[due_order.DueCallback]:
    with transaction() as session:
        allowed, refused = due_order.partition_by_gate(
            due_order.lock_due_callbacks(session, 10, now=NOW), now=NOW
        )
        return [*allowed, *refused]
