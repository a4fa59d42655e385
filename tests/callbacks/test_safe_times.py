"""Whoever may not just be rung is reached another way, and rung at the time they say is safe."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from leads.callbacks import due_order, holds, opt_out, queue, safe_times
from leads.callbacks.safe_times import SafeTime
from leads.database.transactions import transaction
from leads.errors import BadSubmission, LostRace, NotAllowed, NotNow, Suppressed
from leads.i18n.messages import own_words
from leads.i18n.translatable import translate
from leads.lead_records import later_statements, lead_file, merging
from leads.lead_records.contact_answer import read_contact_answer
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import HoldReason, OutreachWay
from leads.models.person_work import Outreach
from leads.models.requests import Lead
from tests.conftest import NOW
from tests.support import people
from tests.support.people import HOUR, MINUTE, held_for
from tests.support.sent_forms import send, the

TOMORROW = NOW + 24 * HOUR
AGREED = SafeTime(TOMORROW, TOMORROW + HOUR, "Ana herself")
SAFE = "safe_to_call"
WORDS = "She wrote: call tomorrow from noon to one, he is at work."


@pytest.fixture
def source(database: str) -> int:
    with transaction() as session:
        return people.a_source(session).id


def an_unsafe_callback(session: Session, **wishes: Any) -> tuple[Callback, Lead, Advisor]:
    wishes = {"safe_to_call": False, "email": "ana@example.org", **wishes}
    lead = people.a_lead(session, **wishes)
    callback = people.a_callback(session, lead, hold=HoldReason.NOT_SAFE_TO_CALL)
    return callback, lead, people.a_supervisor(session)


def agree(session: Session, callback: Callback, supervisor: Advisor, **changes: Any) -> Any:
    given = {"way": OutreachWay.EMAIL, "words": WORDS, "time": AGREED, "now": NOW, **changes}
    given.setdefault("seen", holds.open_hold_ids_of(session, callback))
    return safe_times.agree_safe_time(session, callback, supervisor, **given)


def is_offered(session: Session, callback: Callback, at: Any) -> bool:
    """Whether the scheduler rings somebody about it then; what the gate refuses, it defers."""
    session.flush()
    due = due_order.lock_due_callbacks(session, 5, now=at)
    allowed, refused = due_order.partition_by_gate(due, now=at)
    due_order.defer_callbacks(session, refused, now=at)
    session.flush()
    return callback in [one.callback for one in allowed]


def test_they_are_rung_at_the_safe_time_and_at_no_other(session: Session) -> None:
    callback, lead, supervisor = an_unsafe_callback(session)
    again = agree(session, callback, supervisor)
    assert (again.due_at, held_for(callback)) == (TOMORROW, [])
    assert lead.safe_to_call is False
    answer = read_contact_answer(session, lead, callback, now=NOW)
    assert (answer.is_allowed, answer.not_before) == (False, TOMORROW)
    assert not is_offered(session, callback, TOMORROW - MINUTE)
    assert is_offered(session, callback, TOMORROW)
    assert not is_offered(session, callback, TOMORROW + HOUR)
    assert held_for(callback) == [HoldReason.NOT_SAFE_TO_CALL]


def test_who_agreed_and_how_stands_in_the_record(session: Session) -> None:
    callback, lead, supervisor = an_unsafe_callback(session)
    agree(session, callback, supervisor)
    session.flush()
    kept = session.exec(select(Outreach)).one()
    assert (kept.way, kept.words) == ("email", WORDS)
    assert kept.agreed_with == "Ana herself"
    assert (kept.by, kept.safe_from) == (f"advisor:{supervisor.id}", TOMORROW)
    file = lead_file.read_lead_file(session, lead.id, supervisor, now=NOW)
    assert file
    told = {translate("en", one.what): (one.said, one.by) for one in file.entries}
    assert told["E-mailed"] == (WORDS, supervisor.name)
    assert "A safe time was agreed with Ana herself" in told


def test_a_word_against_calls_after_it_is_the_last_word(source: int) -> None:
    send(source, name="Ana", safe_to_call="no", email="ana@example.org")
    with transaction() as session:
        callback = session.exec(select(Callback)).one()
        agree(session, callback, people.a_supervisor(session))
    send(source, name="Ana", at=NOW + MINUTE, message="Not tomorrow!", safe_to_call="no")
    assert (the(Callback).safe_from, the(Callback).safe_until) == (None, None)
    reasons = [HoldReason.NOT_SAFE_TO_CALL, HoldReason.CONTACT_LIMITED]
    assert held_for(the(Callback)) == reasons


def test_whoever_else_refuses_at_the_phone_voids_it_too(source: int) -> None:
    send(source, name="Ana", safe_to_call="no", email="ana@example.org")
    with transaction() as session:
        agree(session, session.exec(select(Callback)).one(), people.a_supervisor(session))
    send(source, name="Ben", at=NOW + MINUTE, safe_to_call="no")
    with transaction() as session:
        callbacks = session.exec(select(Callback)).all()
        assert [one.safe_from for one in callbacks] == [None, None]
        assert all(one.is_held for one in callbacks)


def test_a_correction_of_the_form_tool_that_refuses_voids_it(source: int) -> None:
    form = {"name": "Ana", "email": "ana@example.org", "id": "f-1"}
    send(source, safe_to_call="no", **form)
    with transaction() as session:
        agree(session, session.exec(select(Callback)).one(), people.a_supervisor(session))
    send(source, at=NOW + MINUTE, safe_to_call="no", event="submission.updated", **form)
    assert the(Callback).safe_from is None


def test_it_is_of_the_phone_that_it_was_agreed_for(session: Session) -> None:
    callback, lead, supervisor = an_unsafe_callback(session)
    agree(session, callback, supervisor)
    session.flush()
    other = people.a_lead(session, state="closed")
    merging.merge_leads(session, lead, other, supervisor, now=NOW)
    session.refresh(callback)
    assert (callback.lead_id, callback.safe_from) == (other.id, None)


def test_no_other_rule_is_lifted_with_it(session: Session) -> None:
    callback, lead, supervisor = an_unsafe_callback(session)
    night = SafeTime(NOW + 14 * HOUR, NOW + 15 * HOUR, "Ana")  # two in the morning
    with pytest.raises(NotNow):
        agree(session, callback, supervisor, time=night)
    stop = own_words("She said stop")
    opt_out.stop_contact(session, lead.phone, reason=stop, actor="test", now=NOW)
    session.flush()
    with pytest.raises(LostRace):  # the stop withdrew it
        agree(session, callback, supervisor)
    for way in (OutreachWay.EMAIL, OutreachWay.TEXT):
        with pytest.raises(Suppressed):
            safe_times.record_outreach(session, lead, supervisor, way, WORDS, now=NOW)


@pytest.mark.parametrize(
    ("way", "wishes", "is_fine"),
    [
        (OutreachWay.EMAIL, {"email": ""}, False),
        (OutreachWay.TEXT, {}, False),
        (OutreachWay.TEXT, {"safe_to_text": True}, True),
        (OutreachWay.IN_PERSON, {"email": ""}, True),
    ],
)
def test_they_are_reached_only_in_ways_that_they_allowed(
    session: Session,
    way: OutreachWay,
    wishes: dict[str, Any],
    is_fine: bool,
) -> None:
    _callback, lead, supervisor = an_unsafe_callback(session, **wishes)
    if is_fine:
        safe_times.record_outreach(session, lead, supervisor, way, WORDS, now=NOW)
    else:
        with pytest.raises(NotNow):
            safe_times.record_outreach(session, lead, supervisor, way, WORDS, now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"time": SafeTime(NOW - 2 * HOUR, NOW, "Ana")},
        {"time": SafeTime(TOMORROW, TOMORROW, "Ana")},
        {"time": SafeTime(TOMORROW, TOMORROW + timedelta(hours=13), "Ana")},
        {"time": SafeTime(TOMORROW, TOMORROW + HOUR, " ")},
        {"words": " "},
    ],
)
def test_a_safe_time_says_when_with_whom_and_how(session: Session, wrong: dict[str, Any]) -> None:
    callback, _lead, supervisor = an_unsafe_callback(session)
    with pytest.raises(BadSubmission):
        agree(session, callback, supervisor, **wrong)


def test_only_a_supervisor_loosens_and_only_what_waits(session: Session) -> None:
    callback, lead, supervisor = an_unsafe_callback(session)
    advisor = people.an_advisor(session)
    with pytest.raises(NotAllowed):
        agree(session, callback, advisor)
    with pytest.raises(NotAllowed):
        safe_times.record_outreach(session, lead, advisor, OutreachWay.OTHER, WORDS, now=NOW)
    claimed, _ = people.a_claim(session)
    with pytest.raises(LostRace):
        agree(session, claimed, supervisor)


def test_one_whom_nothing_protects_is_not_rung_outside_of_it_either(session: Session) -> None:
    """What only a person's decision held, as after a threat, is let go for that time alone."""
    callback, _lead, supervisor = an_unsafe_callback(session, safe_to_call=None)
    agree(session, callback, supervisor)
    assert is_offered(session, callback, TOMORROW)
    assert not is_offered(session, callback, TOMORROW + HOUR)
    assert callback.is_held


def test_it_binds_no_more_once_they_say_that_any_time_is_safe(session: Session) -> None:
    callback, lead, supervisor = an_unsafe_callback(session, safe_to_call=None)
    agree(session, callback, supervisor)
    over = {"way": OutreachWay.THEY_CALLED, "words": "He moved out.", "now": NOW + 25 * HOUR}
    assert not is_offered(session, callback, over["now"])
    with pytest.raises(NotAllowed):
        safe_times.end_safe_time(session, callback, people.an_advisor(session), **over)
    safe_times.end_safe_time(session, callback, supervisor, **over)
    assert is_offered(session, callback, over["now"])
    with pytest.raises(LostRace):
        safe_times.end_safe_time(session, callback, supervisor, **over)
    file = lead_file.read_lead_file(session, lead.id, supervisor, now=over["now"])
    assert file
    assert "He moved out." in [entry.said for entry in file.entries]


def test_what_protects_them_besides_goes_on_until_a_supervisor_lifts_it(session: Session) -> None:
    callback, lead, supervisor = an_unsafe_callback(session)
    agree(session, callback, supervisor)
    way, later = OutreachWay.THEY_CALLED, NOW + 25 * HOUR
    safe_times.end_safe_time(session, callback, supervisor, way, "He moved out.", now=later)
    assert held_for(callback) == [HoldReason.NOT_SAFE_TO_CALL]
    agree(session, callback, supervisor, now=later, time=SafeTime(later, later + HOUR, "Ana"))
    why = "He moved out."
    later_statements.lift_protection(session, lead, SAFE, supervisor, reason=why, now=later)
    assert is_offered(session, callback, later + 2 * HOUR)


def test_nobody_calls_them_by_hand_before_it(session: Session) -> None:
    callback, _lead, supervisor = an_unsafe_callback(session)
    agree(session, callback, supervisor)
    with pytest.raises(NotNow):
        queue.call_back_now(session, callback, supervisor, now=NOW)
