"""Complaints and suspected breaches: a clock, what was done, and what came of each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from leads.alerting import conditions
from leads.errors import BadSubmission, LostRace, NotAllowed
from leads.lead_records import privacy_cases
from leads.models.advisors import Advisor
from leads.models.enums import AlertKind
from leads.models.privacy_case_words import PrivacyCaseKind, PrivacyOutcome, PrivacyStepKind
from leads.models.privacy_cases import PrivacyCase
from leads.privacy import data_export
from leads.read_models import work_list
from leads.read_models.work_filter import Harm
from leads.read_models.work_kinds import WorkKind
from tests.conftest import NOW
from tests.support.people import DAY, HOUR, a_claim, a_lead, a_supervisor, an_advisor, moves

WORDS = "A text went to a wrong number."


def a_case(session: Session, person: Advisor, **more: Any) -> PrivacyCase:
    said: dict[str, Any] = {"told": WORDS, "known_at": NOW - DAY, "now": NOW} | more
    kind = said.pop("kind", PrivacyCaseKind.BREACH)
    return privacy_cases.record_privacy_case(session, person, kind, **said)


def on_list(session: Session, supervisor: Advisor, *, later: timedelta = timedelta()) -> list[Any]:
    rows = work_list.read_work_list(session, supervisor, now=NOW + later).rows
    return [row for row in rows if row.kind is WorkKind.PRIVACY]


def alerts(session: Session) -> dict[AlertKind, int]:
    found = conditions.current_conditions(session, now=NOW)
    return {one.kind: one.count for one in found}


@pytest.mark.parametrize(("kind", "days"), [("breach", 60), ("complaint", 30)])
def test_the_clock_runs_from_when_it_was_known_until_it_is_closed(
    session: Session, kind: str, days: int
) -> None:
    ana, sam = an_advisor(session), a_supervisor(session)
    case = a_case(session, ana, kind=PrivacyCaseKind(kind))
    assert case.due_at == NOW - DAY + timedelta(days=days)
    assert alerts(session)[AlertKind.PRIVACY] == 1
    [row] = on_list(session, sam)
    assert (row.record_id, row.harm) == (case.id, Harm.WAITING)
    [late] = on_list(session, sam, later=timedelta(days=days))
    assert late.harm is Harm.OVERDUE
    outcome = PrivacyOutcome.LOW_RISK if kind == "breach" else PrivacyOutcome.FOUNDED
    privacy_cases.close_privacy_case(session, case, sam, outcome, told="Nobody has it.", now=NOW)
    assert on_list(session, sam) == []
    assert AlertKind.PRIVACY not in alerts(session)
    [closed] = privacy_cases.list_privacy_cases(session, sam, now=NOW)
    assert (closed.outcome, closed.closed_by) == (outcome, sam.name)
    assert [step.told for step in closed.steps] == ["Nobody has it."]
    with pytest.raises(LostRace):
        privacy_cases.add_privacy_step(
            session, case, sam, PrivacyStepKind.NOTE, told="late", now=NOW
        )


def test_steps_say_who_did_what_and_when(session: Session) -> None:
    sam = a_supervisor(session)
    case = a_case(session, sam)
    privacy_cases.add_privacy_step(session, case, sam, PrivacyStepKind.TOLD_HHS, now=NOW + HOUR)
    with pytest.raises(BadSubmission):
        privacy_cases.add_privacy_step(session, case, sam, PrivacyStepKind.NOTE, told=" ", now=NOW)
    [shown] = privacy_cases.list_privacy_cases(session, sam, now=NOW)
    [step] = shown.steps
    assert (step.kind, step.by) == (PrivacyStepKind.TOLD_HHS, sam.name)
    assert step.at == NOW + HOUR
    assert [move.event for move in moves(session, case)] == ["record", "step"]


def test_a_case_needs_words_a_day_that_was_and_a_person_one_may_see(session: Session) -> None:
    callback, ana = a_claim(session)
    for wrong in ({"told": " "}, {"known_at": NOW + HOUR}, {"lead_id": 4711}):
        with pytest.raises(BadSubmission):
            a_case(session, ana, **wrong)
    with pytest.raises(NotAllowed):
        a_case(session, ana, lead_id=a_lead(session).id)
    assert a_case(session, ana, lead_id=callback.lead_id)
    with pytest.raises(NotAllowed):
        privacy_cases.list_privacy_cases(session, ana, now=NOW)


def test_a_case_is_closed_by_an_outcome_of_its_kind_and_with_a_reason(session: Session) -> None:
    sam = a_supervisor(session)
    case = a_case(session, sam)
    for outcome, why in ((PrivacyOutcome.FOUNDED, "so"), (PrivacyOutcome.BREACH, " ")):
        with pytest.raises(BadSubmission):
            privacy_cases.close_privacy_case(session, case, sam, outcome, told=why, now=NOW)


def test_a_complaint_about_a_record_is_in_the_export_of_it(session: Session) -> None:
    lead, sam = a_lead(session), a_supervisor(session)
    a_case(session, sam, lead_id=lead.id, kind=PrivacyCaseKind.COMPLAINT)
    exported = data_export.export_lead_data(session, lead, sam, now=NOW).data
    assert [row["words"] for row in exported["privacy_cases"]] == [WORDS]
