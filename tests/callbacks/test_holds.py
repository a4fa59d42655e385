"""What a callback is held for: rows of reasons, of which none is lost and none is read as words."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from leads.callbacks import due_order, holds, queue, safe_times, voicemail
from leads.callbacks.safe_times import SafeTime
from leads.contact_rules import gate
from leads.contact_rules.gate_rules import REFUSAL_SENTENCES, ContactChannel, RefusalReason
from leads.database.transactions import write_deferred_inserts
from leads.errors import LostRace
from leads.i18n.translatable import Phrase
from leads.models.calls import GateDecision, Hold
from leads.models.enums import HoldReason, OutreachWay
from tests.conftest import NOW
from tests.support.people import (
    HOUR,
    MINUTE,
    a_callback,
    a_lead,
    a_live_call,
    a_supervisor,
    callback_of,
    held_for,
    hold_back,
    lead_of,
    moves,
    release_as_read,
)

HAWAII = "+18085550142"  # seven in the morning at NOW


def test_a_reason_stands_once_and_words_of_ones_own_side_by_side(session: Session) -> None:
    callback = a_callback(session)
    hold_back(session, callback, "call_lost", "Ask Dr. Lane.", "call_lost", "Ask Dr. Lane.", "Ask!")
    assert held_for(callback) == ["call_lost", "Ask Dr. Lane.", "Ask!"]
    session.add(Hold(callback_id=callback.id, reason=HoldReason.CALL_LOST, since=NOW, by="test"))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_what_is_placed_and_lifted_is_in_the_trail_by_code(session: Session) -> None:
    callback = a_callback(session)
    hold_back(session, callback, "entry_deleted", "Jordan's sister picks up.")
    sam = a_supervisor(session)
    release_as_read(session, callback, sam, now=NOW + MINUTE)
    assert (held_for(callback), callback.is_held) == ([], False)
    rows = session.exec(select(Hold).order_by(Hold.id)).all()
    assert [(row.since, row.by, row.lifted_at, row.lifted_by) for row in rows] == [
        (NOW, "test", NOW + MINUTE, f"advisor:{sam.id}")
    ] * 2
    trail = [(move.event, move.changes) for move in moves(session, callback)]
    assert trail == [
        (event, {"hold": row.id, "reason": row.reason})
        for event in ("hold", "lift_hold")
        for row in rows
    ]
    assert "Jordan" not in str(trail)


def test_what_came_unread_is_not_lifted(session: Session) -> None:
    callback, sam = a_callback(session, hold="call_lost"), a_supervisor(session)
    read = holds.open_hold_ids_of(session, callback)
    hold_back(session, callback, "unclear_text")
    time = SafeTime(NOW + HOUR, NOW + 3 * HOUR, "Ana herself")
    for decide in (
        lambda: queue.release_hold(session, callback, sam, seen=read, now=NOW),
        lambda: safe_times.agree_safe_time(
            session, callback, sam, OutreachWay.IN_PERSON, "Met.", time=time, seen=read, now=NOW
        ),
    ):
        with pytest.raises(LostRace, match="A new hold was placed"), session.begin_nested():
            decide()
        assert held_for(callback) == ["call_lost", "unclear_text"]
    read = holds.open_hold_ids_of(session, callback)
    queue.release_hold(session, callback, sam, seen=read, now=NOW)
    assert held_for(callback) == []
    with pytest.raises(LostRace, match="already decided"):
        queue.release_hold(session, callback, sam, seen=read, now=NOW)


def test_the_same_reason_may_come_again_after_it_was_lifted(session: Session) -> None:
    callback = a_callback(session)
    for _ in range(2):
        hold_back(session, callback, "call_lost")
        holds.lift_holds(session, callback, by="test", now=NOW)
    hold_back(session, callback, "call_lost")
    assert held_for(callback) == ["call_lost"]


def test_a_hold_stored_in_other_words_is_still_the_gates(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    callback = a_callback(session, a_lead(session, safe_to_call=False))
    lead = lead_of(session, callback)

    def asks_gate() -> list[str]:
        decision = gate.may_contact(session, lead.phone, ContactChannel.CALL, lead=lead, now=NOW)
        holds.replace_gate_holds(session, callback, decision, by="test", now=NOW)
        return held_for(callback)

    hold_back(session, callback, "entry_deleted")
    assert asks_gate() == ["entry_deleted", "not_safe_to_call"]
    monkeypatch.setitem(
        REFUSAL_SENTENCES, RefusalReason.NOT_SAFE_TO_CALL, Phrase("In other words.")
    )
    lead.safe_to_call = True
    assert asks_gate() == ["entry_deleted"]


def test_a_gate_that_only_puts_off_holds_nobody_and_lifts_nothing_but_its_own(
    session: Session,
) -> None:
    callback = a_callback(session, a_lead(session, HAWAII))
    hold_back(session, callback, "no_consent", "entry_deleted")
    lead = lead_of(session, callback)
    decision = gate.may_contact(session, lead.phone, ContactChannel.CALL, lead=lead, now=NOW)
    due_order.defer_callback(session, callback, decision, by="test", now=NOW)
    assert (callback.due_at, held_for(callback)) == (NOW + HOUR, ["entry_deleted"])


def test_nobody_is_held_for_what_passes_by_itself(session: Session) -> None:
    early = a_callback(session, a_lead(session, HAWAII, safe_to_call=False))
    decision = gate.decide_and_record(
        session, early, lead_of(session, early), gate.GateMoment.OFFER, now=NOW
    )
    assert decision.reasons == (RefusalReason.NOT_SAFE_TO_CALL, RefusalReason.QUIET_HOURS)
    due_order.defer_callback(session, early, decision, by="test", now=NOW)
    assert held_for(early) == ["not_safe_to_call"]


def test_asking_who_may_be_rung_changes_nothing_until_somebody_is_put_off(
    session: Session,
) -> None:
    unsafe = a_callback(session, a_lead(session, safe_to_call=False), due_at=NOW - HOUR)
    fine = a_callback(session)
    due = due_order.lock_due_callbacks(session, 5, now=NOW)
    allowed, refused = due_order.partition_by_gate(due, now=NOW)
    assert [one.callback for one in allowed] == [fine]
    assert [one.callback for one in refused] == [unsafe]
    write_deferred_inserts(session)
    assert session.exec(select(GateDecision)).all() == []
    assert (unsafe.is_held, unsafe.due_at) == (False, NOW - HOUR)
    due_order.defer_callbacks(session, refused, now=NOW)
    assert held_for(unsafe) == ["not_safe_to_call"]
    write_deferred_inserts(session)
    assert session.exec(select(GateDecision.allowed)).all() == [False]


def test_after_violence_no_message_is_left_also_when_they_may_be_rung(session: Session) -> None:
    attempt = a_live_call(session, "bridged")
    callback = callback_of(session, attempt)
    lead_of(session, callback).safe_to_voicemail = True
    assert voicemail.ask_about_voicemail(session, attempt, callback, now=NOW).allowed
    hold_back(session, callback, "harm_decide")
    holds.lift_holds(session, callback, by="test", now=NOW)
    asked = voicemail.ask_about_voicemail(session, attempt, callback, now=NOW)
    assert asked.reasons == (RefusalReason.NOT_SAFE_TO_VOICEMAIL,)
