"""What was said later without proof is decided by a supervisor who sees both statements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session, select

from leads.database.transactions import write_deferred_inserts
from leads.errors import BadSubmission, LostRace, NotAllowed
from leads.intake import processing
from leads.lead_records import later_statements, lead_file
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.requests import AlsoSaid, FactChange, Lead
from tests.conftest import NOW
from tests.support.people import NUMBER, a_submission, a_supervisor, an_advisor, held_for
from tests.support.sent_forms import NIGHT, form


def wrote(session: Session, *, now: datetime = NOW, **fields: Any) -> Lead:
    arrived = {"body": form(**fields), "content_type": "application/json", "received_at": now}
    submission = a_submission(session, **arrived)
    processing.process_submission(session, submission, now=now)
    return session.get_one(Lead, submission.lead_id)


def said_later(session: Session, fact: str) -> AlsoSaid:
    return session.exec(select(AlsoSaid).where(AlsoSaid.fact == fact)).one()


@pytest.fixture
def sam(session: Session) -> Advisor:
    return a_supervisor(session)


def test_a_supervisor_sees_both_statements_and_by_whom(session: Session, sam: Advisor) -> None:
    wrote(session, name="Mary", safe_to_call=False, best_time="evening")
    wrote(session, name="John", safe_to_call=True)
    wrote(session, name="Mary", best_time="morning")
    listed = later_statements.list_statements_to_decide(session, sam)
    assert [(one.name, one.said_by, one.fact) for one in listed] == [
        ("Mary", "John", "safe_to_call"),
        ("Mary", "Mary", "best_time"),
    ]
    assert [(one.first, one.later) for one in listed] == [("no", "yes"), ("evening", "morning")]
    assert [one.needs_reason for one in listed] == [True, False]


@pytest.mark.parametrize(
    ("first", "later", "fact"),
    [
        ({"safe_to_call": False}, {"safe_to_call": True}, "safe_to_call"),
        ({"consent": False}, {"consent": True}, "consent"),
    ],
)
def test_only_a_supervisor_with_a_reason_lets_a_protected_number_be_rung(
    session: Session, sam: Advisor, first: dict[str, Any], later: dict[str, Any], fact: str
) -> None:
    wrote(session, name="Mary", **first)
    wrote(session, name="Mary", **later)
    callback = session.exec(select(Callback)).one()
    statement = said_later(session, fact)
    with pytest.raises(NotAllowed):
        later_statements.accept_statement(
            session, statement, an_advisor(session), reason="I say so", now=NOW
        )
    with pytest.raises(BadSubmission):
        later_statements.accept_statement(session, statement, sam, reason=" ", now=NOW)
    assert callback.is_held
    later_statements.accept_statement(session, statement, sam, reason="She rang us.", now=NOW)
    assert held_for(callback) == []
    change = session.exec(select(FactChange).where(FactChange.fact == fact)).one()
    assert (change.before, change.after) == ("no", "yes")
    assert change.why == "She rang us."
    with pytest.raises(LostRace):
        later_statements.leave_statement(session, statement, sam, now=NOW)


def test_what_is_left_leaves_the_number_protected(session: Session, sam: Advisor) -> None:
    mary = wrote(session, name="Mary", safe_to_call=False)
    wrote(session, name="Mary", safe_to_call=True)
    later_statements.leave_statement(session, said_later(session, "safe_to_call"), sam, now=NOW)
    assert mary.safe_to_call is False
    assert held_for(session.exec(select(Callback)).one()) == ["not_safe_to_call"]
    assert later_statements.list_statements_to_decide(session, sam) == []


@pytest.mark.parametrize("accepts", [True, False])
def test_a_decided_place_alone_counts_for_the_hours(
    session: Session, sam: Advisor, *, accepts: bool
) -> None:
    mary = wrote(session, name="Mary", zip="13202")
    wrote(session, name="Mary", zip="96813")
    assert mary.further_places == [["", "96813"]]
    decide = later_statements.accept_statement if accepts else later_statements.leave_statement
    decide(session, said_later(session, "zip"), sam, now=NOW)
    assert mary.zip == ("96813" if accepts else "13202")
    assert mary.further_places == []


def test_a_wish_for_any_hour_that_came_later_counts_if_a_supervisor_says_so(
    session: Session, sam: Advisor
) -> None:
    wrote(session, now=NIGHT, name="Mary")
    wrote(session, now=NIGHT, name="Mary", any_hour=True)
    callback = session.exec(select(Callback)).one()
    assert callback.due_at > NIGHT
    statement = said_later(session, "any_hour")
    later_statements.accept_statement(session, statement, sam, reason="She rang us.", now=NIGHT)
    assert (callback.any_hour, callback.due_at) == (True, NIGHT)


def test_a_protection_is_shown_in_every_file_at_the_number_and_lifted_with_a_reason(
    session: Session, sam: Advisor
) -> None:
    mary = wrote(session, name="Mary", safe_to_call=False)
    john = wrote(session, name="John")
    file = lead_file.read_lead_file(session, john.id, sam, now=NOW)
    assert file is not None
    assert [(one.lead_id, one.fact) for one in file.protections] == [(mary.id, "safe_to_call")]
    later_statements.lift_protection(
        session, mary, "safe_to_call", sam, reason="She moved out.", now=NOW
    )
    assert all(held_for(callback) == [] for callback in session.exec(select(Callback)))
    write_deferred_inserts(session)
    told = lead_file.read_lead_file(session, mary.id, sam, now=NOW)
    assert told is not None
    assert any("She moved out." in entry.said for entry in told.entries)


def test_one_statement_waits_once_however_often_it_is_made(session: Session, sam: Advisor) -> None:
    wrote(session, name="Mary", safe_to_call=False)
    for message in ("a", "b", "c"):
        wrote(session, name="Mary", safe_to_call=True, message=message)
    assert len(later_statements.list_statements_to_decide(session, sam)) == 1
    assert session.exec(select(Lead).where(Lead.phone == NUMBER)).one().safe_to_call is False
