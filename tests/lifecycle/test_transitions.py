"""Every pair of state and event.

What the tables name moves the record, everything else is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.database.transactions import reader, transaction, write_deferred_inserts
from leads.database.wakeups import Wakeup
from leads.errors import IllegalMove, LostRace
from leads.lifecycle.state_tables import allowed_events
from leads.lifecycle.transitions import Move, advance, advance_all
from leads.models.calls import Callback
from leads.models.enums import (
    AttemptState,
    CallbackState,
    InboundState,
    LeadState,
    SubmissionState,
    VoicemailState,
)
from leads.models.requests import Lead
from leads.models.watching import Transition
from tests.conftest import NOW
from tests.support.people import (
    a_callback,
    a_lead,
    a_submission,
    a_voicemail,
    an_advisor,
    an_attempt,
    an_inbound_call,
    moves,
)

SUBMISSION = """
    received      admit     admitted
    received      match     duplicate
    received      withhold  withheld
    received      reject    needs_review
    received      discard   discarded
    needs_review  admit     admitted
    needs_review  match     duplicate
    needs_review  withhold  withheld
    needs_review  discard   discarded
    withheld      admit     admitted
    withheld      match     duplicate
    withheld      discard   discarded
    refused       admit     admitted
    refused       match     duplicate
    refused       withhold  withheld
    refused       reject    needs_review
    refused       discard   discarded
    discarded     take_back           needs_review
    discarded     take_back_withheld  withheld
    discarded     take_back_refused   refused
"""
LEAD = """
    open        close      closed
    closed      reopen     open
    closed      take_back  open
    open        suppress   suppressed
    closed      suppress   suppressed
    suppressed  reinstate  closed
"""
CALLBACK = """
    waiting  claim       claimed
    claimed  release     waiting
    claimed  expire      waiting
    claimed  call        calling
    calling  hand_back   waiting
    calling  miss        waiting
    calling  exhaust     exhausted
    calling  converse    wrap_up
    wrap_up  dispose     completed
    wrap_up  time_out    waiting
    waiting  dispose     completed
    waiting  reschedule  waiting
    waiting  miss        waiting
    waiting  exhaust     exhausted
    wrap_up  reschedule  waiting
    wrap_up  miss        waiting
    wrap_up  exhaust     exhausted
    waiting  cancel      cancelled
    claimed  cancel      cancelled
    calling  cancel      cancelled
    wrap_up  cancel      cancelled
    cancelled  undo_cancel      waiting
    completed  correct_outcome  completed
    completed  take_back        waiting
    exhausted  take_back        waiting
"""
ATTEMPT = """
    requested        placed    ringing_advisor
    requested        accepted  ringing_lead
    ringing_advisor  accepted  ringing_lead
    requested        answered  bridged
    ringing_advisor  answered  bridged
    ringing_lead     answered  bridged
    ringing_lead     hung_up   ended
    bridged          hung_up   ended
    requested        missed    missed
    ringing_advisor  missed    missed
    ringing_lead     missed    missed
    bridged          missed    missed
    requested        failed    failed
    ringing_advisor  failed    failed
    ringing_lead     failed    failed
    requested        lose      lost
    ringing_advisor  lose      lost
    ringing_lead     lose      lost
    bridged          lose      lost
"""
INBOUND = """
    waiting        join        talking
    waiting        promise     promised
    waiting        record      voicemail
    waiting        hang_up     abandoned
    talking        wait_again  waiting
    talking        hang_up     ended
    outside_hours  promise     promised
    outside_hours  record      voicemail
    outside_hours  hang_up     refused_hours
"""
VOICEMAIL = """
    expected  fetch               fetched
    expected  miss                absent
    expected  fail                failed
    absent    fetch               fetched
    failed    fetch               fetched
    fetched   delete_at_provider  deleted_at_provider
"""
Builder = Callable[[Session, str], Any]


def _attempt(session: Session, state: str) -> Any:
    return an_attempt(session, a_callback(session), an_advisor(session), state=state)


KINDS: dict[str, tuple[str, str, Builder]] = {
    "submission": (SUBMISSION, "", lambda session, state: a_submission(session, state=state)),
    "lead": (LEAD, "", lambda session, state: a_lead(session, state=state)),
    "callback": (CALLBACK, "", lambda session, state: a_callback(session, state=state)),
    "call_attempt": (ATTEMPT, "", _attempt),
    "inbound_call": (INBOUND, "", lambda session, state: an_inbound_call(session, state=state)),
    "voicemail": (VOICEMAIL, "", lambda session, state: a_voicemail(session, state=state)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_of_the_table_moves_the_record_and_leaves_one_trace(
    session: Session, kind: str
) -> None:
    _, _, build = KINDS[kind]
    for (before, event), after in _table(kind).items():
        record = build(session, before)
        advance(session, record, event, actor="advisor:7", now=NOW)
        session.refresh(record)
        assert record.state == after, (before, event)
        (trace,) = moves(session, record)
        assert (trace.record, trace.record_id) == (kind, str(record.id))
        assert trace.event == event
        assert trace.before == before
        assert trace.after == after
        assert trace.actor == "advisor:7"
        assert trace.at == NOW
        assert trace.changes == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_other_event_is_not_allowed_is_refused_and_changes_nothing(
    session: Session, kind: str
) -> None:
    _, _, build = KINDS[kind]
    events = {event for _, event in _table(kind)} | {"teleport"}
    for state in _states(kind):
        record = build(session, state)
        allowed = {event for before, event in _table(kind) if before == state}
        assert allowed_events(record) == allowed, state
        for event in events - allowed:
            with pytest.raises(IllegalMove):
                advance(session, record, event, actor="advisor:7", now=NOW)
        session.refresh(record)
        assert (record.state, moves(session, record)) == (state, [])


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        ("submission", SubmissionState),
        ("lead", LeadState),
        ("callback", CallbackState),
        ("call_attempt", AttemptState),
        ("inbound_call", InboundState),
        ("voicemail", VoicemailState),
    ],
)
def test_every_state_that_a_record_can_be_in_is_in_its_table(
    kind: str, states: type[StrEnum]
) -> None:
    assert set(states) == _states(kind)


@pytest.mark.parametrize("kind", ["callback", "call_attempt"])
def test_whoever_is_taken_makes_nobody_free(session: Session, kind: str) -> None:
    _, _, build = KINDS[kind]
    taken = {"claimed", "calling", "requested", "ringing_advisor", "ringing_lead", "bridged"}
    for (before, event), after in _table(kind).items():
        record = build(session, before)
        session.info["wakeups"] = set()
        advance(session, record, event, actor="advisor:7", now=NOW)
        expected = Wakeup.DESK if after in taken else Wakeup.OFFER
        assert session.info["wakeups"] == {expected}, (before, event)


def test_the_refusal_is_a_sentence_that_names_nobody(session: Session) -> None:
    callback = a_callback(session, state="wrap_up")
    with pytest.raises(
        IllegalMove,
        match=r"^This is no longer possible: the callback is “wrapping up”\.$",
    ):
        advance(session, callback, "hand_back", actor="network", now=NOW)


def test_changes_are_written_in_the_same_act_and_free_text_stays_out_of_the_trail(
    session: Session,
) -> None:
    callback, later = a_callback(session, state="calling"), NOW + timedelta(hours=2)
    advance(
        session,
        callback,
        "miss",
        actor="network",
        now=NOW,
        misses=1,
        due_at=later,
        notes="Jordan's sister",
    )
    session.refresh(callback)
    assert callback.misses == 1
    assert callback.due_at == later
    assert callback.notes == "Jordan's sister"
    (trace,) = moves(session, callback)
    assert trace.changes == {"misses": 1, "due_at": later.isoformat()}


def test_several_move_in_one_act_each_with_what_changes_for_it(session: Session) -> None:
    callbacks = [a_callback(session, misses=number) for number in range(3)]
    later = {one.id: NOW + timedelta(hours=one.id) for one in callbacks}
    steps = [
        Move(one, {"claim": {"lease_until": later[one.id]}, "call": {"notes": f"№ {one.id}"}})
        for one in callbacks
    ]
    advance_all(session, steps, actor="scheduler", now=NOW)
    for number, one in enumerate(callbacks):
        assert one.state == "calling"
        assert one.lease_until == later[one.id]
        assert one.misses == number
        session.refresh(one)
        assert one.state == "calling"
        assert one.lease_until == later[one.id]
        assert one.notes == f"№ {one.id}"
    write_deferred_inserts(session)
    traces = session.exec(select(Transition).order_by(col(Transition.id))).all()
    assert [(int(trace.record_id), trace.event) for trace in traces] == [
        (one.id, event) for one in callbacks for event in ("claim", "call")
    ]


def test_if_one_of_several_was_faster_it_is_told(session: Session) -> None:
    first, stale, last = (a_callback(session) for _ in range(3))
    session.expunge(stale)
    advance(session, session.get_one(Callback, stale.id), "cancel", actor="advisor:1", now=NOW)
    with pytest.raises(LostRace, match=r"^Someone else got there first\.$"):
        advance_all(
            session,
            [Move(one, {"claim": {}}) for one in (first, stale, last)],
            actor="scheduler",
            now=NOW,
        )


@pytest.mark.usefixtures("database")
def test_a_record_that_somebody_else_moved_first_stays_as_they_left_it() -> None:
    with transaction() as session:
        stale = a_callback(session)
    with transaction() as session:
        advance(session, session.get_one(Callback, stale.id), "claim", actor="advisor:1", now=NOW)
    with transaction() as session:
        session.add(stale)
        with pytest.raises(LostRace, match="the callback is now “assigned”"):
            advance(session, stale, "cancel", actor="advisor:2", now=NOW, close_reason="cancelled")
        assert stale.state == "claimed"
    with reader() as session:
        callback = session.exec(select(Callback)).one()
        assert (callback.state, callback.close_reason) == ("claimed", None)
        assert session.exec(select(Transition.event)).all() == ["claim"]


@pytest.mark.usefixtures("database")
def test_a_transaction_that_fails_takes_its_moves_and_their_traces_back() -> None:
    with transaction() as session:
        lead_id = a_lead(session).id
    with pytest.raises(ZeroDivisionError):
        _close_and_fail(lead_id)
    with reader() as session:
        assert session.get_one(Lead, lead_id).state == "open"
        assert session.exec(select(func.count()).select_from(Transition)).one() == 0


def _close_and_fail(lead_id: int) -> None:
    with transaction() as session:
        advance(session, session.get_one(Lead, lead_id), "close", actor="advisor:1", now=NOW)
        raise ZeroDivisionError


def _table(kind: str) -> dict[tuple[str, str], str]:
    rows = (line.split() for line in KINDS[kind][0].strip().splitlines())
    return {(before, event): after for before, event, after in rows}


def _states(kind: str) -> set[str]:
    table = _table(kind)
    return {before for before, _ in table} | set(table.values()) | set(KINDS[kind][1].split())
