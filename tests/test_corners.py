"""What went wrong once, kept as it should be."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from sqlmodel import Session, select

from leads.callbacks import callback_offers, completion, opt_out, queue
from leads.calls import manual_dialing, offers, placement, progress
from leads.contact_rules import gate, suppression
from leads.contact_rules.gate_rules import ContactChannel
from leads.database.transactions import reader, transaction
from leads.errors import LeadsError, LostRace
from leads.i18n.messages import Message, MessageKey, own_words
from leads.intake import processing, review
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import LegStatus
from leads.models.requests import Submission
from leads.outbox import call_orders
from leads.reporting import metrics, waiting_now
from leads.reporting.cohort import read_cohort
from tests.conftest import NOW
from tests.support.people import (
    HOUR,
    MINUTE,
    NUMBER,
    a_call,
    a_callback,
    a_claim,
    a_conversation,
    a_lead,
    a_live_call,
    a_submission,
    a_supervisor,
    advisor_call,
    advisor_of,
    an_accepted_call,
    an_advisor,
    an_attempt,
    callback_of,
    lead_of,
    of_lead,
    on_duty,
)
from tests.support.races import at_once


def test_a_hang_up_whose_relay_died_is_sent_again(session: Session) -> None:
    attempt = a_live_call(session, "ringing_advisor")
    opt_out.stop_contact(session, attempt.phone, reason=own_words("STOP"), actor="network", now=NOW)
    assert call_orders.take_due_orders(session, now=NOW)
    later = NOW + call_orders.CALL_SENDING_LASTS + MINUTE
    call_orders.collect_doubtful_orders(session, now=later)
    [again] = call_orders.take_due_orders(session, now=later)
    assert again.order.kind == "hang_up"


@pytest.mark.parametrize("end", ["stop", "cancel", "none"])
def test_whoever_was_talked_to_counts_however_it_ended(session: Session, end: str) -> None:
    attempt = a_live_call(session, "bridged")
    if end == "stop":
        opt_out.stop_contact(
            session,
            attempt.phone,
            reason=Message(MessageKey.SAID_SO),
            actor="advisor:1",
            now=NOW + MINUTE,
        )
    elif end == "cancel":
        completion.cancel_callback(
            session,
            callback_of(session, attempt),
            a_supervisor(session),
            reason="x",
            now=NOW + MINUTE,
        )
    rows = read_cohort(session, start=NOW, end=NOW + MINUTE, now=NOW + HOUR)
    assert metrics.contact_rate(rows) == 1


def test_a_machine_can_only_be_reported_after_the_call(session: Session) -> None:
    attempt = a_live_call(session, "ringing_lead")
    callback, advisor = callback_of(session, attempt), advisor_of(session, attempt)
    with pytest.raises(LeadsError):
        manual_dialing.record_voicemail_reached(session, callback, advisor, notes="", now=NOW)
    assert (callback.state, attempt.result) == ("calling", None)


def test_a_number_shown_for_the_third_try_of_a_day_can_be_shown_again(session: Session) -> None:
    lead = a_lead(session)
    past = a_callback(session, a_lead(session), state="completed")
    for age in (2, 3):
        an_attempt(
            session,
            past,
            an_advisor(session),
            phone=lead.phone,
            state="ended",
            rung_at=NOW - age * HOUR,
        )
    attempt = a_call(session, a_callback(session, lead))
    placement.record_placed_calls(session, {attempt.id: advisor_call(attempt)}, now=NOW)
    advisor = advisor_of(session, attempt)
    assert [
        manual_dialing.start_manual_dial(session, attempt, advisor, now=NOW) for _ in range(2)
    ] == [lead.phone] * 2


def test_an_exhausted_callback_is_exhausted_whatever_was_said_in_between(session: Session) -> None:
    callback = callback_of(session, a_conversation(session))
    completion.reschedule_callback(
        session, callback, advisor_of(session, callback), due_at=NOW + HOUR, notes="", now=NOW
    )
    callback.misses = 5
    attempt = an_accepted_call(session, callback, now=NOW + HOUR)
    progress.apply_leg_report(session, of_lead(attempt, LegStatus.NO_ANSWER), now=NOW + HOUR)
    assert callback.state == "exhausted"
    rows = read_cohort(session, start=NOW, end=NOW + MINUTE, now=NOW + HOUR)
    assert metrics.outcome_counts(rows) == {"exhausted": 1}


def test_whoever_said_stop_before_they_ever_asked_is_in_no_limbo_and_can_be_admitted(
    session: Session,
) -> None:
    opt_out.stop_contact(session, NUMBER, reason=own_words("STOP"), actor="network", now=NOW)
    submission = submitted(session, NUMBER)
    assert (submission.state, len(waiting_now.list_limbo_leads(session))) == ("withheld", 0)
    review.admit_withheld_submission(session, submission, a_supervisor(session), now=NOW)
    assert (submission.state, len(waiting_now.list_limbo_leads(session))) == ("admitted", 0)


def test_a_genuine_submission_with_a_wrong_signature_is_not_lost(session: Session) -> None:
    body = json.dumps({"phone": NUMBER}).encode()
    submission = a_submission(session, body=body, content_type="application/json", state="refused")
    review.process_refused_submission(session, submission, a_supervisor(session), now=NOW)
    assert submission.state == "admitted"


def test_only_supervisors_decide_about_submissions(session: Session) -> None:
    submission, advisor = a_submission(session, state="needs_review"), an_advisor(session)
    with pytest.raises(LeadsError, match="Only a supervisor"):
        review.discard_submission(session, submission, advisor, reason="spam", now=NOW)
    with pytest.raises(LeadsError, match="Only a supervisor"):
        review.admit_corrected_submission(
            session, submission, review.Correction(NUMBER), advisor, now=NOW
        )


def test_claiming_what_somebody_has_is_a_lost_race(session: Session) -> None:
    callback, _ = a_claim(session)
    with pytest.raises(LostRace):
        queue.claim_callback(session, callback, an_advisor(session), now=NOW)


def test_a_hold_outlives_a_claim_that_came_to_nothing(session: Session) -> None:
    callback = a_callback(session, hold="A call was lost: look first.")
    queue.claim_callback(session, callback, an_advisor(session), now=NOW)
    queue.expire_leases(session, now=NOW + HOUR)
    on_duty(session)
    assert callback_offers.offer_next_callback(session, now=NOW + HOUR) is None


def test_call_again_is_no_end(session: Session) -> None:
    callback = callback_of(session, a_conversation(session))
    with pytest.raises(LeadsError, match="when to call again"):
        completion.dispose_callback(
            session,
            callback,
            advisor_of(session, callback),
            Disposition.CALL_AGAIN,
            notes="",
            now=NOW,
        )


@pytest.mark.parametrize(("number", "region"), [("+19075550142", ""), (NUMBER, "Florida")])
def test_nobody_is_promised_a_call_at_a_time_that_the_gate_refuses(
    session: Session, number: str, region: str
) -> None:
    submission = submitted(session, number, best_time="morning", region=region)
    callback = session.get_one(Callback, submission.callback_id)
    lead = lead_of(session, callback)
    assert gate.may_contact(
        session, lead.phone, ContactChannel.CALL, lead=lead, now=callback.promised_at
    ).allowed


def test_a_supervisors_words_do_not_make_an_opt_out(session: Session) -> None:
    callback = a_callback(session)
    completion.cancel_callback(
        session,
        callback,
        a_supervisor(session),
        reason="opt-out box was ticked by mistake",
        now=NOW,
    )
    rows = read_cohort(session, start=NOW, end=NOW + MINUTE, now=NOW + HOUR)
    assert metrics.outcome_counts(rows) == {"cancelled": 1}


def test_stop_said_many_times_at_once_is_stop(database: str) -> None:
    ends = at_once(8, lambda _: stop(NUMBER))
    assert ends == [None] * 8


@pytest.mark.parametrize("verb", ["this one", "the next one"])
def test_of_advisors_racing_for_one_callback_all_but_one_read_who_has_it(
    database: str,
    verb: str,
) -> None:
    with transaction() as session:
        callback_id = a_callback(session).id
        takers = [an_advisor(session) for _ in range(8)]

    def take(number: int) -> None:
        with transaction() as session:
            advisor, later = (
                session.get_one(Advisor, takers[number].id),
                NOW + timedelta(seconds=number),
            )
            if verb == "this one":
                queue.claim_callback(
                    session, session.get_one(Callback, callback_id), advisor, now=later
                )
            else:
                queue.claim_next_callback(session, advisor, seen=callback_id, now=later)

    ends = at_once(8, take)
    assert {type(end) for end in ends if end} == {LostRace}
    [winner] = [number for number, end in enumerate(ends) if end is None]
    assert {str(end) for number, end in enumerate(ends) if number != winner} == {
        f"Assigned to {takers[winner].name}, {max(0, number - winner)} s ago."
        for number in range(8)
        if number != winner
    }


def test_whoever_comes_after_it_went_back_may_still_take_it(session: Session) -> None:
    first, second, callback = an_advisor(session), an_advisor(session), a_callback(session)
    queue.claim_callback(session, callback, first, now=NOW)
    with pytest.raises(LostRace, match="2 min ago"):
        queue.claim_next_callback(session, second, seen=callback.id, now=NOW + 2 * MINUTE)
    queue.release_callback(session, callback, first, now=NOW + 3 * MINUTE)
    assert queue.claim_next_callback(session, second, seen=callback.id, now=NOW + 4 * MINUTE)


@pytest.mark.parametrize("news", ["accept", "miss", "exhaust", "dispose"])
# where it is
def test_stop_wins_against_news_of_the_call(database: str, news: str) -> None:
    with transaction() as session:
        if news == "accept":
            attempt = a_live_call(session, "ringing_advisor")
        elif news == "dispose":
            attempt = a_conversation(session)
        else:
            attempt = an_accepted_call(
                session, a_callback(session, misses=5 if news == "exhaust" else 0)
            )
    begun = Event()

    def stop_meanwhile() -> None:
        begun.set()
        stop(attempt.phone)

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            if news == "accept":
                offers.advisor_accepted(session, attempt.id, advisor_call(attempt), now=NOW)
            elif news == "dispose":
                callback = callback_of(session, attempt)
                helper = advisor_of(session, callback)
                completion.dispose_callback(
                    session, callback, helper, Disposition.HELPED, notes="", now=NOW
                )
            else:
                progress.apply_leg_report(session, of_lead(attempt, LegStatus.NO_ANSWER), now=NOW)
            stopping = pool.submit(stop_meanwhile)
            begun.wait()
        stopping.result()
    with reader() as session:
        assert suppression.is_number_suppressed(session, attempt.phone)
        assert session.exec(
            select(Callback.state).where(Callback.id == attempt.callback_id)
        ).one() in (
            "cancelled",
            "exhausted",
            "completed",
        )


def submitted(session: Session, phone: str, **words: str) -> Submission:
    body = json.dumps({"name": "Jordan", "phone": phone, **words}).encode()
    submission = a_submission(session, body=body, content_type="application/json")
    processing.process_submission(session, submission, now=NOW)
    return submission


def stop(number: str) -> None:
    with transaction() as session:
        opt_out.stop_contact(
            session, number, reason=Message(MessageKey.STOP_BY_TEXT), actor="network", now=NOW
        )
