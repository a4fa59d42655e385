"""What the phone network reports, in order, twice and in disorder, and what advisors say of calls.

Advisors say it by a key on the phone and by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.callbacks import queue, voicemail
from leads.callbacks.wrap_up_time import WRAP_UP_BY_KEYPAD
from leads.calls import (
    attempt_steps,
    keypad_wrap_up,
    legs,
    manual_dialing,
    offers,
    outcomes,
    placement,
    progress,
)
from leads.calls.legs import LegReport
from leads.calls.offers import Whisper
from leads.contact_rules import suppression
from leads.database.transactions import reader, transaction, write_deferred_inserts
from leads.database.wakeups import Wakeup
from leads.errors import IllegalMove, LostRace, NotNow
from leads.i18n.messages import own_words
from leads.models.calls import CallAttempt, CallLeg, ProviderEvent
from leads.models.enums import LIVE_ATTEMPT, LegStatus, OutboxKind, Party, Result
from leads.outbox import call_orders
from leads.people import presence
from notifications.twilio import advisor_whisper
from tests.conftest import NOW
from tests.support import people
from tests.support.people import (
    HOUR,
    MINUTE,
    a_call,
    a_live_call,
    advisor_call,
    callback_of,
    lead_of,
    of_advisor,
    of_lead,
)
from tests.support.races import somebody_waits
from tests.support.running_desk import eventually

SECOND = timedelta(seconds=1)
EVENING = datetime(2026, 3, 4, 1, 55, tzinfo=UTC)  # five to nine in New York
CLOSED = EVENING + 5 * MINUTE
MORNING = datetime(2026, 3, 4, 13, 0, tzinfo=UTC)
S, R = LegStatus, Result
Report = Callable[[CallAttempt, LegStatus], LegReport]


def test_a_whisper_says_that_they_asked_again_only_if_they_did(session: Session) -> None:
    callback = people.a_callback(session)
    queue.move_callback_up(session, callback, people.a_supervisor(session), now=NOW)
    attempt = a_call(session, callback)
    whisper = offers.advisor_answered(session, attempt.id, advisor_call(attempt), now=NOW)
    assert whisper == Whisper("", 0, asked_again=False)


def test_an_advisor_who_takes_a_call_frees_nobody_for_another(session: Session) -> None:
    attempt = a_live_call(session, "ringing_advisor")
    session.info["wakeups"] = set()
    attempt_steps.mark_offer_accepted(session, attempt, now=NOW)
    assert session.info["wakeups"] == {Wakeup.DESK}


def test_a_call_goes_from_the_whisper_to_the_wrap_up(session: Session) -> None:
    callback = people.a_callback(
        session, people.a_lead(session, for_whom="self"), misses=2, asked_again=1
    )
    attempt = a_call(session, callback)
    call_id = advisor_call(attempt)
    placement.record_placed_calls(session, {attempt.id: call_id}, now=NOW)
    assert offers.advisor_answered(session, attempt.id, call_id, now=NOW) == Whisper(
        "self", 2, asked_again=True
    )
    assert offers.advisor_accepted(session, attempt.id, call_id, now=NOW + SECOND)
    assert attempt.rung_at is None
    attempt_steps.mark_lead_dialed(session, attempt, now=NOW + SECOND)
    assert (attempt.rung_at, callback.first_rung_at) == (NOW + SECOND, NOW + SECOND)
    progress.apply_leg_report(session, of_lead(attempt, S.IN_PROGRESS), now=NOW + 9 * SECOND)
    progress.apply_leg_report(session, of_lead(attempt, S.COMPLETED), now=NOW + MINUTE)
    assert attempt.state == "ended"
    assert attempt.result == "conversation"
    assert attempt.ended_at == NOW + MINUTE
    assert attempt.answered_at == callback.first_conversation_at == NOW + 9 * SECOND
    assert (callback.state, callback.lease_until) == (
        "wrap_up",
        NOW + MINUTE + WRAP_UP_BY_KEYPAD,
    )
    assert [move.event for move in people.moves(session, attempt)] == [
        "placed",
        "accepted",
        "answered",
        "hung_up",
    ]


@pytest.mark.parametrize(
    "database", ["postgresql"], indirect=True
)  # on SQLite whoever writes is alone
# where it is
def test_the_relay_and_the_first_webhook_may_tell_of_a_call_at_once(
    database: str,
) -> None:
    with transaction() as session:
        attempt_id, call_id = (attempt := a_call(session)).id, advisor_call(attempt)

    def relay() -> list[CallAttempt]:
        with transaction() as session:
            return placement.record_placed_calls(session, {attempt_id: call_id}, now=NOW)

    with ThreadPoolExecutor(1) as beside:
        with transaction() as webhook:
            assert offers.advisor_answered(webhook, attempt_id, call_id, now=NOW)
            told = beside.submit(relay)
            eventually(lambda: somebody_waits() or told.done())
        assert told.result() == []
    with reader() as session:
        assert session.exec(select(CallLeg.provider_call_id)).one() == call_id
        assert session.get_one(CallAttempt, attempt_id).state == "ringing_advisor"


def test_the_first_webhook_heals_an_order_whose_answer_is_late(session: Session) -> None:
    attempt = a_call(session)
    assert offers.advisor_answered(session, attempt.id, advisor_call(attempt), now=NOW)
    assert (attempt.state, people.orders(session)[0].state) == ("ringing_advisor", "sent")
    people.placed(session, attempt)
    assert [move.event for move in people.moves(session, attempt)] == ["placed"]


def test_a_key_pressed_twice_dials_the_lead_once(session: Session) -> None:
    attempt = a_call(session)
    answers = [
        offers.advisor_accepted(session, attempt.id, advisor_call(attempt), now=NOW)
        for _ in range(2)
    ]
    assert answers == [True, True]
    assert [move.event for move in people.moves(session, attempt)] == ["placed", "accepted"]
    assert len(people.orders(session, OutboxKind.DIAL_LEG)) == 1


def test_an_advisor_who_passes_costs_the_lead_nothing(session: Session) -> None:
    attempt = a_call(session)
    for _ in range(2):
        offers.advisor_declined_offer(session, attempt.id, advisor_call(attempt), now=NOW)
    assert (attempt.state, attempt.result) == ("missed", "advisor_declined")
    assert (
        callback_of(session, attempt).state,
        people.advisor_of(session, attempt).missed_in_a_row,
    ) == ("waiting", 1)
    for ask in (offers.advisor_answered, offers.advisor_accepted):
        assert not ask(session, attempt.id, advisor_call(attempt), now=NOW)


def test_a_second_call_for_the_same_attempt_is_refused(session: Session) -> None:
    attempt = a_call(session)
    people.placed(session, attempt)
    assert offers.advisor_answered(session, attempt.id, "CA-other", now=NOW) is None
    assert not offers.advisor_accepted(session, attempt.id, "CA-other", now=NOW)
    offers.advisor_declined_offer(session, attempt.id, "CA-other", now=NOW)
    progress.apply_leg_report(session, of_advisor(attempt, S.NO_ANSWER, "CA-other"), now=NOW)
    assert attempt.state == "ringing_advisor"
    assert offers.advisor_accepted(session, attempt.id, advisor_call(attempt), now=NOW)


def test_news_of_a_call_that_nobody_knows_is_passed_over(session: Session) -> None:
    stranger = CallAttempt(id="nobody")
    progress.apply_leg_report(session, of_advisor(stranger, S.COMPLETED), now=NOW)
    offers.advisor_declined_offer(session, "nobody", "CA1", now=NOW)
    assert offers.advisor_answered(session, "nobody", "CA1", now=NOW) is None
    assert not offers.advisor_accepted(session, "nobody", "CA1", now=NOW)
    assert session.exec(select(ProviderEvent)).all() == []


@pytest.mark.parametrize(
    ("party", "status", "ends"),
    [
        (of_advisor, S.NO_ANSWER, ("missed", "advisor_no_answer", "waiting", 0)),
        (of_advisor, S.COMPLETED, ("missed", "advisor_no_answer", "waiting", 0)),
        (of_advisor, S.CANCELED, ("missed", "advisor_no_answer", "waiting", 0)),
        (of_advisor, S.BUSY, ("missed", "advisor_declined", "waiting", 0)),
        (of_advisor, S.FAILED, ("failed", "carrier_error", "waiting", 0)),
        (of_lead, S.CANCELED, ("missed", "advisor_declined", "waiting", 0)),
        (of_lead, S.NO_ANSWER, ("missed", "lead_no_answer", "waiting", 1)),
        (of_lead, S.BUSY, ("missed", "lead_busy", "waiting", 1)),
        (of_lead, S.FAILED, ("failed", "lead_unreachable", "waiting", 1)),
        (of_lead, S.COMPLETED, ("ended", "unknown", "wrap_up", 0)),  # over as soon as it began
    ],
)
def test_what_the_network_says_decides_whose_try_it_was(
    session: Session, party: Report, status: LegStatus, ends: tuple[str, str, str, int]
) -> None:
    attempt = a_live_call(session, "ringing_advisor" if party is of_advisor else "ringing_lead")
    progress.apply_leg_report(session, party(attempt, status), now=NOW)
    callback = callback_of(session, attempt)
    state, result, callback_state, misses = ends
    assert attempt.state == state
    assert attempt.result == result
    assert callback.state == callback_state
    assert callback.misses == misses
    assert callback.due_at == (NOW + 10 * MINUTE if callback.misses else NOW)
    assert (callback.advisor_id is None) == (callback.state == "waiting")
    assert people.held_for(callback) == []


def test_the_sixth_miss_is_the_last_and_closes_the_lead(session: Session) -> None:
    callback, now, tries = (
        people.a_callback(session, any_hour=True),
        NOW,
        [],
    )
    while callback.state == "waiting":
        attempt = people.an_accepted_call(session, callback, now=now)
        progress.apply_leg_report(session, of_lead(attempt, S.NO_ANSWER), now=now)
        tries.append(now - NOW)
        now = callback.due_at
    # The first three are in the afternoon: the others come at other times of the day.
    days, hours = 24 * HOUR, 5 * HOUR
    assert tries[:3] == [0 * HOUR, 10 * MINUTE, 2 * HOUR + 10 * MINUTE]
    assert tries[3:] == [days + hours, 3 * days - 4 * HOUR, 5 * days - hours]  # a summer hour
    assert callback.state == "exhausted"
    assert callback.misses == 6
    assert callback.finished_at == NOW + tries[-1]
    assert (lead_of(session, callback).state, lead_of(session, callback).close_reason) == (
        "closed",
        "unreachable",
    )
    assert (callback.first_rung_at, callback.first_conversation_at) == (NOW, None)


def test_the_next_try_is_never_planned_for_the_night(session: Session) -> None:
    attempt = people.an_accepted_call(session, now=EVENING)
    progress.apply_leg_report(session, of_lead(attempt, S.BUSY), now=EVENING)
    assert callback_of(session, attempt).due_at == MORNING


SHORT_CALL = ("ended", "unknown", NOW, "wrap_up", 0, NOW, None)
MISS = ("missed", "lead_no_answer", None, "waiting", 1, NOW + 10 * MINUTE, None)


@pytest.mark.parametrize(
    "database",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)],  # the same 121 times
    indirect=True,
)
@pytest.mark.parametrize(
    ("answered", "outcome", "end"),
    [(of_lead, S.COMPLETED, SHORT_CALL), (of_advisor, S.NO_ANSWER, MISS)],
)
def test_the_order_in_which_news_arrives_does_not_matter(
    session: Session, answered: Report, outcome: LegStatus, end: tuple[object, ...]
) -> None:
    attempt = people.an_accepted_call(session)
    told = [
        answered(attempt, S.IN_PROGRESS),
        of_lead(attempt, outcome),
        of_lead(attempt, outcome, "ended"),
    ]
    told += [
        of_advisor(attempt, S.COMPLETED),
        *([of_lead(attempt, S.RINGING)] if answered is of_lead else []),
    ]
    twice = [report for report in told for _ in range(2)]
    assert {_end_of(session, attempt, reports) for reports in [*permutations(told), twice]} == {end}


def _end_of(session: Session, attempt: CallAttempt, reports: list[LegReport]) -> tuple[object, ...]:
    """Tell all the news, look at the end, and make it unhappen."""
    nested = session.begin_nested()
    for report in reports:
        progress.apply_leg_report(session, report, now=NOW)
    callback = callback_of(session, attempt)
    call = (attempt.state, attempt.result, attempt.answered_at)
    promise = (callback.state, callback.misses, callback.due_at, callback.first_conversation_at)
    assert session.exec(select(func.count()).select_from(ProviderEvent)).one() == len(set(reports))
    assert (
        set(session.exec(select(CallLeg.status).where(col(CallLeg.status) != "")))
        <= legs.TERMINAL_LEG_STATUSES
    )
    nested.rollback()
    session.expire_all()
    return call + promise


def test_a_gate_that_closes_while_the_advisor_listens_keeps_the_lead_s_phone_silent(
    session: Session,
) -> None:
    asleep, unsafe = a_call(session, now=EVENING), a_call(session, now=EVENING)
    lead_of(session, callback_of(session, unsafe)).safe_to_call = False
    for attempt, ask in ((asleep, offers.advisor_accepted), (unsafe, offers.advisor_answered)):
        assert not ask(session, attempt.id, advisor_call(attempt), now=CLOSED)
        assert attempt.state == "failed"
        assert attempt.result == "unknown"
        assert attempt.rung_at is None
        callback = callback_of(session, attempt)
        assert callback.state == "waiting"
        assert callback.misses == 0
        assert callback.first_rung_at is None
        assert callback.due_at == (MORNING if attempt is asleep else NOW)
        assert ("not_safe_to_call" in people.held_for(callback)) == (attempt is unsafe)


def test_a_hold_that_comes_while_the_advisor_listens_keeps_the_lead_s_phone_silent(
    session: Session,
) -> None:
    for ask in (offers.advisor_answered, offers.advisor_accepted):
        attempt = a_call(session)
        callback = callback_of(session, attempt)
        people.hold_back(session, callback, "harm_decide")
        assert not ask(session, attempt.id, advisor_call(attempt), now=NOW)
        assert (attempt.state, attempt.rung_at) == ("failed", None)
        assert (callback.state, callback.misses) == ("waiting", 0)
        assert callback.first_rung_at is None
        assert people.held_for(callback) == ["harm_decide"]


@pytest.mark.parametrize("state", LIVE_ATTEMPT)
def test_a_lost_call_goes_back_and_is_looked_at_if_the_lead_s_phone_may_have_rung(
    session: Session, state: str
) -> None:
    attempt = a_live_call(session, state)
    for _ in range(2):
        placement.lose_attempt(session, attempt.id, now=NOW + MINUTE)
    callback = callback_of(session, attempt)
    assert attempt.state == "lost"
    assert attempt.result == "unknown"
    assert attempt.ended_at == NOW + MINUTE
    assert callback.state == ("wrap_up" if state == "bridged" else "waiting")
    assert people.held_for(callback) == (["call_lost"] if state == "ringing_lead" else [])
    assert (callback.misses, callback.due_at) == (0, NOW)
    assert callback.first_conversation_at == (NOW if state == "bridged" else None)
    assert people.orders(session)[0].state == ("failed" if state == "requested" else "sent")
    is_last = people.advisor_of(session, attempt).idle_since == NOW + MINUTE
    assert is_last or state != "requested"


def test_an_order_that_is_refused_sets_away_an_advisor_who_is_to_blame_and_others_behind_the_rest(
    session: Session,
) -> None:
    for blamed, presence_is in ((False, ("offline", "")), (True, ("away", "Twilio refused."))):
        attempt = a_call(session)
        placement.record_placement_failure(
            session,
            attempt.id,
            problem=own_words("Twilio refused."),
            blame_advisor=blamed,
            now=NOW + MINUTE,
        )
        callback, advisor = callback_of(session, attempt), people.advisor_of(session, attempt)
        assert blamed or advisor.idle_since == NOW + MINUTE
        assert (attempt.state, attempt.result) == ("failed", "carrier_error")
        assert (callback.state, callback.misses) == ("waiting", 0)
        assert (advisor.presence, advisor.away_reason) == presence_is
        people.hold_back(session, callback, "out of the way")


@pytest.mark.parametrize("state", LIVE_ATTEMPT)
def test_a_call_of_which_nothing_is_heard_is_silent_after_a_while(
    session: Session, state: str
) -> None:
    attempt = a_live_call(session, state)
    patience = MINUTE + (90 if state == "bridged" else 15) * SECOND
    assert placement.find_silent_attempts(session, ring_time=MINUTE, now=NOW + patience) == []
    (silent,) = placement.find_silent_attempts(
        session, ring_time=MINUTE, now=NOW + patience + SECOND
    )
    call_id = None if state == "requested" else advisor_call(attempt)
    assert silent.attempt_id == attempt.id
    calls = {"requested": set(), "bridged": {call_id, f"CA-lead-{attempt.id}"}}
    assert {leg.provider_call_id for leg in silent.legs} == calls.get(state, {call_id})
    assert silent.state == state
    placement.mark_alive(session, attempt.id, asked_at=NOW + patience, now=NOW + patience)
    assert (
        placement.find_silent_attempts(session, ring_time=MINUTE, now=NOW + patience + SECOND) == []
    )


@pytest.mark.parametrize(("call_id", "is_asked_about"), [("CA-lead", True), ("by-hand-7", False)])
def test_a_call_of_which_nothing_was_ever_heard_is_asked_about_once_its_attempt_is_over(
    session: Session, call_id: str, *, is_asked_about: bool
) -> None:
    attempt = a_call(session)
    session.add(CallLeg(attempt_id=attempt.id, party=Party.LEAD, provider_call_id=call_id))
    outcomes.end_attempt(session, attempt, "failed", Result.UNKNOWN, now=NOW)
    silent = placement.find_silent_attempts(session, ring_time=MINUTE, now=NOW + MINUTE)
    assert [one.attempt_id for one in silent] == [attempt.id] * is_asked_about


def test_an_advisor_who_heard_a_machine_says_so_and_the_cadence_goes_on(session: Session) -> None:
    for misses, state in ((0, "waiting"), (5, "exhausted")):
        attempt = people.a_conversation(session, people.a_callback(session, misses=misses))
        callback, advisor = callback_of(session, attempt), people.advisor_of(session, attempt)
        with pytest.raises(NotNow, match="no longer assigned"):
            manual_dialing.record_voicemail_reached(
                session, callback, people.an_advisor(session), notes="", now=NOW
            )
        manual_dialing.record_voicemail_reached(
            session, callback, advisor, notes="left none", now=NOW
        )
        assert (attempt.result, callback.first_conversation_at) == ("lead_voicemail", None)
        assert callback.state == state
        assert callback.misses == misses + 1
        assert callback.notes == "left none"
        assert lead_of(session, callback).state == ("open" if state == "waiting" else "closed")


@pytest.mark.parametrize(
    ("result", "callback_is", "misses"),
    [
        (R.CONVERSATION, "wrap_up", 0),
        (R.LEAD_NO_ANSWER, "waiting", 1),
        (R.LEAD_VOICEMAIL, "waiting", 1),
        (R.ADVISOR_DECLINED, "waiting", 0),
    ],
)
def test_an_advisor_may_ring_by_hand(
    session: Session, result: Result, callback_is: str, misses: int
) -> None:
    attempt = a_live_call(session, "ringing_advisor")
    advisor = people.advisor_of(session, attempt)
    for _ in range(2):
        shown = manual_dialing.start_manual_dial(session, attempt, advisor, now=NOW)
        assert shown == attempt.phone
    manual_dialing.record_manual_result(session, attempt, result, advisor, now=NOW)
    callback = callback_of(session, attempt)
    assert attempt.result == result
    assert attempt.rung_at == NOW
    assert callback.first_rung_at == NOW
    assert (callback.state, callback.misses) == (callback_is, misses)
    with pytest.raises((IllegalMove, LostRace)):
        manual_dialing.start_manual_dial(session, attempt, advisor, now=NOW)


def test_by_hand_the_gate_is_asked_before_the_number_is_shown_and_nothing_is_said_before(
    session: Session,
) -> None:
    attempt = a_live_call(session, "ringing_advisor", now=EVENING)
    advisor = people.advisor_of(session, attempt)
    with pytest.raises(NotNow, match="outside their calling hours"):
        manual_dialing.start_manual_dial(session, attempt, advisor, now=CLOSED)
    with pytest.raises(NotNow, match="call it first"):
        manual_dialing.record_manual_result(session, attempt, R.LEAD_BUSY, advisor, now=CLOSED)
    assert (attempt.state, attempt.rung_at) == ("ringing_advisor", None)


def test_by_hand_only_who_holds_the_callback_sees_the_number_or_says_what_came(
    session: Session,
) -> None:
    attempt, other = a_live_call(session, "ringing_advisor"), people.an_advisor(session)
    with pytest.raises(LostRace):
        manual_dialing.start_manual_dial(session, attempt, other, now=NOW)
    with pytest.raises(LostRace):
        manual_dialing.record_manual_result(session, attempt, R.ADVISOR_DECLINED, other, now=NOW)
    assert (attempt.state, attempt.rung_at) == ("ringing_advisor", None)


@pytest.mark.parametrize("is_safe", [True, False])
def test_by_hand_the_gate_says_whether_a_machine_may_be_left_a_message(
    session: Session, *, is_safe: bool
) -> None:
    lead = people.a_lead(session, safe_to_voicemail=is_safe)
    attempt = a_call(session, people.a_callback(session, lead))
    callback, advisor = callback_of(session, attempt), people.advisor_of(session, attempt)
    placement.record_placed_calls(session, {attempt.id: advisor_call(attempt)}, now=NOW)
    manual_dialing.start_manual_dial(session, attempt, advisor, now=NOW)
    write_deferred_inserts(session)
    advice = voicemail.read_voicemail_advice(session, attempt, callback, advisor.name, now=NOW)
    assert advice
    assert advice.is_allowed == is_safe


def test_the_words_for_a_machine_go_when_the_hours_end(session: Session) -> None:
    lead = people.a_lead(session, safe_to_voicemail=True)
    attempt = a_call(session, people.a_callback(session, lead), now=EVENING)
    callback, advisor = callback_of(session, attempt), people.advisor_of(session, attempt)
    voicemail.ask_about_voicemail(session, attempt, callback, now=EVENING)
    write_deferred_inserts(session)
    shown = [
        voicemail.read_voicemail_advice(session, attempt, callback, advisor.name, now=now)
        for now in (EVENING, CLOSED)
    ]
    assert [one.is_allowed for one in shown if one] == [True, False]


def test_only_whoever_has_no_desk_is_told_on_the_phone_to_leave_no_message() -> None:
    said = [
        "leave no message"
        in advisor_whisper.whisper_twiml(whisper, action="/accept", language="en")
        for whisper in (
            Whisper("", 0, asked_again=False),
            Whisper("", 0, asked_again=False, has_desk=True),
            Whisper("", 0, asked_again=False, is_calling_in=True),
        )
    ]
    assert said == [True, False, False]


def test_by_hand_no_number_is_shown_that_is_held_since(session: Session) -> None:
    attempt = a_live_call(session, "ringing_advisor")
    advisor = people.advisor_of(session, attempt)
    people.hold_back(session, callback_of(session, attempt), "harm_decide")
    with pytest.raises(NotNow, match="violence"):
        manual_dialing.start_manual_dial(session, attempt, advisor, now=NOW)
    assert (attempt.state, attempt.rung_at) == ("ringing_advisor", None)


@pytest.mark.parametrize(
    ("key", "callback_is", "disposition", "lead_is"),
    [
        ("1", "completed", "helped", "closed"),
        ("2", "completed", "referred", "closed"),
        ("3", "waiting", "call_again", "open"),
        ("4", "completed", "wrong_person", "closed"),
        ("5", "cancelled", None, "suppressed"),
        ("6", "waiting", None, "open"),
        ("9", "wrap_up", None, "open"),
        ("", "wrap_up", None, "open"),
    ],
)
def test_an_advisor_with_only_a_phone_says_by_key_what_came_of_it(
    session: Session, key: str, callback_is: str, disposition: str | None, lead_is: str
) -> None:
    attempt = people.a_conversation(session)
    callback = callback_of(session, attempt)
    assert keypad_wrap_up.is_keypad_wrap_up_needed(session, attempt.id, now=NOW)
    assert keypad_wrap_up.apply_keypad_digit(session, attempt.id, key, now=NOW) == (
        callback_is != "wrap_up"
    )
    found = (callback.state, callback.disposition, lead_of(session, callback).state)
    assert found == (callback_is, disposition, lead_is)
    assert suppression.is_number_suppressed(session, attempt.phone) == (key == "5")
    assert keypad_wrap_up.apply_keypad_digit(session, attempt.id, key, now=NOW) is False
    assert callback.due_at == NOW + {"3": people.DAY, "6": 10 * MINUTE}.get(key, timedelta())


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-07", 23), ("2026-03-08", 24), ("2026-10-31", 25)]
)
def test_tomorrow_by_key_is_the_same_time_on_their_clock(
    session: Session, day: str, hours: int
) -> None:
    attempt = people.a_conversation(session)
    now = datetime.fromisoformat(f"{day}T18:00:00+00:00")
    keypad_wrap_up.apply_keypad_digit(session, attempt.id, "3", now=now)
    assert callback_of(session, attempt).due_at == now + timedelta(hours=hours)


def test_the_keys_are_for_advisors_with_only_a_phone_and_for_after_the_call(
    session: Session,
) -> None:
    attempt = a_call(session)
    assert not keypad_wrap_up.is_keypad_wrap_up_needed(session, attempt.id, now=NOW)
    assert [
        keypad_wrap_up.apply_keypad_digit(session, name, "1", now=NOW)
        for name in (attempt.id, "nobody")
    ] == [
        False,
        False,
    ]
    at_a_desk = people.a_conversation(session)
    presence.set_advisor_available(session, people.advisor_of(session, at_a_desk), now=NOW)
    assert not keypad_wrap_up.is_keypad_wrap_up_needed(session, at_a_desk.id, now=NOW)


def test_an_extension_is_sent_as_keys_only_behind_the_number_that_it_belongs_to(
    session: Session,
) -> None:
    lead = people.a_lead(session, phone_extension="204")
    callback = people.a_callback(session, lead)
    attempt = a_call(session, callback)
    placement.record_placed_calls(session, {attempt.id: advisor_call(attempt)}, now=NOW)
    offers.advisor_answered(session, attempt.id, advisor_call(attempt), now=NOW)
    assert offers.advisor_accepted(session, attempt.id, advisor_call(attempt), now=NOW)
    [dial] = [item for item in call_orders.take_due_orders(session, 9, now=NOW) if item.order.leg]
    assert (dial.order.leg.number, dial.order.leg.keys) == (lead.phone, "204#")


def test_later_tries_stay_within_the_wished_part_of_the_day(session: Session) -> None:
    lead = people.a_lead(session, best_time="por la mañana")
    callback, now = people.a_callback(session, lead), MORNING
    hours = []
    while callback.state == "waiting":
        attempt = people.an_accepted_call(session, callback, now=now)
        progress.apply_leg_report(session, of_lead(attempt, S.NO_ANSWER), now=now + MINUTE)
        now = callback.due_at
        hours.append(now.astimezone(ZoneInfo("America/New_York")).hour)
    assert set(hours) <= {8, 9, 10, 11}


def test_a_next_try_is_never_shown_within_quiet_hours(session: Session) -> None:
    callback, now = people.a_callback(session, promised_at=EVENING, due_at=EVENING), EVENING
    attempt = people.an_accepted_call(session, callback, now=now)
    progress.apply_leg_report(session, of_lead(attempt, S.NO_ANSWER), now=now + MINUTE)
    assert callback.due_at == MORNING
