"""What an advisor sees of the person in hand, and what they write down is nobody else's to lose."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import event
from sqlmodel import Session

from leads.callbacks import completion, holds, opt_out, queue
from leads.calls import parties, party_legs, progress
from leads.database.transactions import write_deferred_inserts
from leads.errors import LostRace, NotAllowed
from leads.free_text.danger import DangerKind
from leads.i18n.messages import Message, MessageKey
from leads.lead_records import call_notes
from leads.lead_records.later_statements import StatementToDecide
from leads.lifecycle.audit_trail import SystemActor
from leads.messaging import inbound_texts
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import Audience, LegStatus
from leads.models.requests import AlsoSaid
from leads.people import availability, presence
from leads.read_models import advisor_desk, departures, lead_card
from tests.conftest import NOW
from tests.support import people
from tests.support.people import (
    DAY,
    HOUR,
    MINUTE,
    a_callback,
    a_claim,
    a_lead,
    advisor_of,
    an_advisor,
    callback_of,
    lead_of,
    of_advisor,
)


def test_surname_and_number_are_shown_to_whoever_asks_once_and_for_this_card_alone(
    session: Session,
) -> None:
    lead = a_lead(session, "+13155550142", name="Ana María López", email="ana@example.org")
    callback, advisor = a_claim(session, lead=lead)
    assert shown(session, advisor) == ("Ana M••• L•••", "••• ••• 42", ("•••@example.org",))
    with pytest.raises(LostRace):
        lead_card.reveal_lead_to_advisor(session, callback, an_advisor(session), now=NOW)

    lead_card.reveal_lead_to_advisor(session, callback, advisor, now=NOW)
    assert shown(session, advisor) == ("Ana María López", "(315) 555-0142", ("ana@example.org",))
    [trace] = [move for move in people.moves(session, lead) if move.event == "reveal"]
    assert (trace.actor, trace.at) == (f"advisor:{advisor.id}", NOW)

    queue.release_callback(session, callback, advisor, now=NOW)
    queue.claim_callback(session, callback, advisor, now=NOW + MINUTE)
    assert shown(session, advisor)[1] == "••• ••• 42"


def test_on_a_call_the_name_is_shown_once_that_is_on_record(session: Session) -> None:
    lead = a_lead(session, "+13155550142", name="Ana María López", email="ana@example.org")
    attempt = people.a_call(session, a_callback(session, lead))
    callback, advisor = callback_of(session, attempt), advisor_of(session, attempt)
    assert not advisor_desk.read_desk(session, advisor.id, now=NOW).card.is_name_due
    people.accept_and_dial(session, attempt, now=NOW)
    assert advisor_desk.read_desk(session, advisor.id, now=NOW).card.is_name_due
    assert shown(session, advisor)[0] == "Ana M••• L•••"
    with pytest.raises(LostRace):
        lead_card.show_name_on_call(session, callback, an_advisor(session), now=NOW)

    lead_card.show_name_on_call(session, callback, advisor, now=NOW)
    assert shown(session, advisor) == ("Ana María López", "••• ••• 42", ("•••@example.org",))
    assert not advisor_desk.read_desk(session, advisor.id, now=NOW).card.is_name_due
    [trace] = [move for move in people.moves(session, lead) if move.event == "show_name"]
    assert (trace.actor, trace.at) == (f"advisor:{advisor.id}", NOW)


def test_an_advisor_reads_where_somebody_went_whom_they_had_in_hand(session: Session) -> None:
    callback, ana = a_claim(session, lead=a_lead(session, name="Jordan Reyes"))
    queue.keep_callback(session, callback, ana, now=NOW + 2 * MINUTE)
    assert queue.expire_leases(session, now=NOW + 4 * MINUTE) == 0
    assert departure(session, callback, ana) == ()
    call_notes.save_note(session, callback.id, ana.id, "Calm.", now=NOW)
    assert queue.expire_leases(session, now=NOW + 6 * MINUTE) == 1
    with pytest.raises(LostRace):
        queue.keep_callback(session, callback, ana, now=NOW + 6 * MINUTE)
    kept = "Your notes are kept."
    ran_out = "Your time with Jordan R••• ran out at 12:06\u00a0PM."
    went = (ran_out, "They are back in the queue", kept)
    assert_begins(departure(session, callback, ana), went)
    ben = an_advisor(session)
    queue.claim_callback(session, callback, ben, now=NOW + 6 * MINUTE)
    went = (ran_out, f"{ben.name} has them now.", kept)
    assert_begins(departure(session, callback, ana), went)

    # Who gave somebody back knows, and of what a colleague did both are told.
    queue.release_callback(session, callback, ben, now=NOW + 6 * MINUTE)
    assert departure(session, callback, ben) == ()
    queue.claim_callback(session, callback, ben, now=NOW + 6 * MINUTE)
    boss, cleo = people.a_supervisor(session), people.on_duty(session)
    queue.reassign_callback(session, callback, cleo, boss, now=NOW + 6 * MINUTE)
    went = ("A colleague took over Jordan R•••.", f"{cleo.name} has them now.")
    assert_begins(departure(session, callback, ben), went)


def test_a_desk_that_is_opened_again_knows_whom_its_advisor_lost(session: Session) -> None:
    callback, ana = a_claim(session)
    assert lost(session, ana, now=NOW) is None
    queue.expire_leases(session, now=NOW + 6 * MINUTE)
    queue.claim_callback(session, callback, an_advisor(session), now=NOW + 6 * MINUTE)
    assert lost(session, ana, now=NOW + 9 * MINUTE) == callback.id
    assert lost(session, ana, now=NOW + 2 * HOUR) is None  # yesterday's is no news
    theirs = a_callback(session)
    queue.claim_callback(session, theirs, ana, now=NOW + 9 * MINUTE)
    assert lost(session, ana, now=NOW + 9 * MINUTE) == callback.id  # they may not have read it
    queue.release_callback(session, theirs, ana, now=NOW + 9 * MINUTE)
    assert lost(session, ana, now=NOW + 9 * MINUTE) is None


def test_whoever_takes_somebody_away_lets_their_advisor_know_of_it(session: Session) -> None:
    boss, ben = people.a_supervisor(session), people.on_duty(session)
    callback, ana = a_claim(session)
    queue.reassign_callback(session, callback, ben, boss, now=NOW)
    assert lost(session, ana, now=NOW) == callback.id
    opt_out.stop_contact_of_callback(
        session, callback, boss, reason=Message(MessageKey.SAID_TO_ADVISOR), now=NOW
    )
    assert lost(session, ben, now=NOW) == callback.id
    mine, cleo = a_claim(session, lead=a_lead(session, name="Jordan Reyes"))
    opt_out.stop_contact(
        session,
        lead_of(session, mine).phone,
        reason=Message(MessageKey.SAID_TO_ADVISOR),
        actor=SystemActor.NETWORK,
        now=NOW,
    )
    theirs = ("Jordan R••• is no longer assigned to you.", "Their request is closed.")
    assert departure(session, mine, cleo) == theirs
    mine, cleo = a_claim(session)
    opt_out.stop_contact_of_callback(
        session, mine, cleo, reason=Message(MessageKey.SAID_TO_ADVISOR), now=NOW
    )
    assert lost(session, cleo, now=NOW) is None


def test_who_loses_a_call_by_their_phone_and_who_gets_it_read_so(session: Session) -> None:
    attempt, boss = people.a_live_call(session, "bridged"), people.a_supervisor(session)
    callback, ana = people.callback_of(session, attempt), people.advisor_of(session, attempt)
    leg = parties.join_as_supervisor(session, attempt, boss, Audience.EVERYONE, now=NOW)
    party_legs.may_join_call(session, leg.id, "CA-boss", now=NOW)
    party_legs.note_party_joined(session, leg.id, now=NOW)
    read = people.a_callback(session, state="claimed", advisor_id=boss.id)
    assert arrival(session, callback, ana) is None
    progress.apply_leg_report(session, of_advisor(attempt, LegStatus.COMPLETED), now=NOW + MINUTE)
    assert departure(session, callback, ana) == (
        "Your phone left the call with Someone without a name.",
        f"{boss.name} has them now.",
    )
    assert arrival(session, callback, boss) == f"The call is yours now: {ana.name}'s phone left it."
    assert arrival(session, callback, ana) is None
    assert lost(session, ana, now=NOW + MINUTE) == callback.id
    assert lost(session, boss, now=NOW + MINUTE) == read.id
    assert departure(session, callback, boss) == ()
    aside = ("A call that you joined became yours", "They are back in the queue")
    assert_begins(departure(session, read, boss), aside)


def arrival(session: Session, callback: Callback, advisor: Advisor) -> str | None:
    write_deferred_inserts(session)
    return departures.read_arrival(session, callback.id, advisor.id)


def lost(session: Session, advisor: Advisor, *, now: datetime) -> int | None:
    write_deferred_inserts(session)
    return departures.find_lost_callback(session, advisor.id, now=now)


def departure(session: Session, callback: Callback, advisor: Advisor) -> tuple[str, ...]:
    write_deferred_inserts(session)
    return departures.read_departure(session, callback.id, advisor.id, zone="America/New_York")


def assert_begins(sentences: tuple[str, ...], beginnings: tuple[str, ...]) -> None:
    for said, begins in zip(sentences, beginnings, strict=True):
        assert said.startswith(begins)


def test_what_was_also_said_is_masked_as_long_as_the_rest(session: Session) -> None:
    lead = a_lead(session, name="Ana María López", email="ana@example.org")
    asked = people.a_submission(session, lead_id=lead.id, reading={"name": "Mary Lee"})
    for fact, value in (("email", "mary@example.org"), ("best_time", "mornings")):
        said = AlsoSaid(lead_id=lead.id, submission_id=asked.id, fact=fact, value=value, at=NOW)
        session.add(said)
    callback, advisor = a_claim(session, lead=lead)
    email, time = also_said(session, advisor)
    assert email.first == "•••@example.org"
    assert email.later == "•••@example.org"
    assert email.said_by == "Mary L•••"
    assert time.later == "mornings"
    lead_card.reveal_lead_to_advisor(session, callback, advisor, now=NOW)
    email, _time = also_said(session, advisor)
    assert (email.later, email.said_by) == ("mary@example.org", "Mary Lee")


def test_a_desk_says_why_the_next_one_is_next(session: Session) -> None:
    advisor = an_advisor(session)
    callback = a_callback(session)
    assert why(session, advisor) == "They are the first in line."
    sent = {
        "lead_id": callback.lead_id,
        "reading": {"message": "I don't know. I took an OVERDOSE."},
    }
    people.a_submission(session, **sent)
    assert (
        why(session, advisor) == "They are the first in line."
    )  # nothing but their urgency puts anybody first
    callback.asked_again, callback.disposition = 1, Disposition.CALL_AGAIN
    callback.danger = DangerKind.NOW
    assert why(session, advisor) == (
        "They wrote that a life is in danger now: 911 first. They asked again. "
        "They asked to be called at this time."
    )
    callback.misses = 2  # at that time, and since
    assert why(session, advisor).endswith("They asked again. Attempt number 3.")
    queue.claim_callback(session, callback, advisor, now=NOW)
    seen = advisor_desk.read_desk(session, advisor.id, now=NOW)
    assert seen.first is None
    assert seen.card.dangers == (DangerKind.NOW, DangerKind.SELF)  # both fit: 911 first


def test_a_desk_is_read_as_quickly_however_many_wait(session: Session) -> None:
    advisor = people.on_duty(session)
    for _ in range(3 * advisor_desk.DUE_AT_ONCE):
        a_callback(session)
    a_callback(session, due_at=NOW + DAY)
    session.flush()
    session.expunge_all()
    read: list[object] = []
    event.listen(session, "loaded_as_persistent", lambda _session, one: read.append(one))
    desk = advisor_desk.read_desk(session, advisor.id, now=NOW)
    assert (desk.due, desk.later) == (3 * advisor_desk.DUE_AT_ONCE, 1)
    assert sum(isinstance(one, Callback) for one in read) == advisor_desk.DUE_AT_ONCE


def test_a_desk_says_who_is_next_behind_many_who_wait_for_a_colleague(session: Session) -> None:
    advisor, colleague = people.on_duty(session), people.on_duty(session)
    advisor.gender, colleague.gender = "man", "woman"
    for _ in range(2 * advisor_desk.DUE_AT_ONCE):
        a_callback(session, lead=a_lead(session, wished_gender="woman"))
    assert advisor_desk.read_desk(session, advisor.id, now=NOW).first is None
    content = a_callback(session)
    assert advisor_desk.read_desk(session, advisor.id, now=NOW).first.callback_id == content.id


def test_what_they_text_is_read_before_the_call(session: Session) -> None:
    callback, advisor = a_claim(session)
    number = lead_of(session, callback).phone
    inbound_texts.receive_text_message(
        session, number, "Not now, after six.", message_id="SM1", now=NOW
    )
    inbound_texts.receive_text_message(
        session, number, "I can't breathe", message_id="SM2", now=NOW + MINUTE
    )
    card = advisor_desk.read_desk(session, advisor.id, now=NOW + MINUTE).card
    assert [(text.at, text.body, text.is_new) for text in card.texts.texts] == [
        (NOW + MINUTE, "I can't breathe", True),
        (NOW, "Not now, after six.", True),
    ]
    assert card.dangers == (DangerKind.NOW,)
    assert callback.danger is DangerKind.NOW


def test_the_card_says_what_may_be_left_or_texted(session: Session) -> None:
    callback, advisor = a_claim(session)
    lead = lead_of(session, callback)
    lead.safe_to_voicemail = True
    inbound_texts.receive_text_message(session, lead.phone, "hello", message_id="SM1", now=NOW)
    card = advisor_desk.read_desk(session, advisor.id, now=NOW).card
    assert (card.safe_to_voicemail, card.safe_to_text) == (True, True)  # they texted just now
    people.hold_back(session, callback, "harm_decide")
    holds.lift_holds(session, callback, by="test", now=NOW)
    card = advisor_desk.read_desk(session, advisor.id, now=NOW).card
    assert (card.safe_to_voicemail, card.safe_to_text) == (False, False)


def test_a_desk_knows_who_is_rung_with_no_desk_open_and_until_when(session: Session) -> None:
    advisor = people.on_duty(session)
    until = advisor.on_duty_until
    assert duty(session, advisor) == (True, until)
    presence.set_advisor_available(session, advisor, now=NOW)
    assert duty(session, advisor) == (False, until)
    presence.set_advisor_away(session, advisor, reason=Message(MessageKey.MEAL), now=NOW)
    assert duty(session, advisor) == (False, until)
    assert advisor not in availability.list_available_advisors(session, now=NOW)
    presence.put_on_duty(session, advisor, until=NOW + HOUR, now=NOW)
    assert duty(session, advisor) == (True, NOW + HOUR)
    assert advisor in availability.list_available_advisors(session, now=NOW)
    assert duty(session, advisor, now=NOW + HOUR) == (False, None)
    presence.take_off_duty(session, advisor, now=NOW)
    assert duty(session, advisor) == (False, None)


def test_everybody_s_words_stay_their_own_and_all_of_them_are_the_record(session: Session) -> None:
    callback, ana = a_claim(session)
    call_notes.save_note(session, callback.id, ana.id, "Ana: calm", now=NOW)
    call_notes.save_note(session, callback.id, ana.id, "Ana: calmer", now=NOW)
    queue.expire_leases(session, now=NOW + HOUR)
    ben = an_advisor(session)
    queue.claim_callback(session, callback, ben, now=NOW + HOUR)
    call_notes.save_note(session, callback.id, ben.id, "Ben: rang", now=NOW + HOUR)
    call_notes.save_note(
        session, callback.id, ana.id, "Ana: calmest", now=NOW + HOUR
    )  # typed before, sent late
    assert callback.notes == "Ana: calmest\n\nBen: rang"

    card = advisor_desk.read_desk(session, ben.id, now=NOW + HOUR).card
    assert card.notes == "Ben: rang"
    assert [(written.by, written.text) for written in card.others_notes] == [
        (ana.name, "Ana: calmest")
    ]
    for words in ("", "x" * (call_notes.LONGEST_KEPT + 1)):
        call_notes.save_note(session, callback.id, ben.id, words, now=NOW + HOUR)
    assert len(callback.notes) == len("Ana: calmest\n\n") + call_notes.LONGEST_KEPT


def test_notes_are_written_by_those_who_had_the_callback_not_long_ago(session: Session) -> None:
    callback, stranger = callback_of(session, people.a_conversation(session)), an_advisor(session)
    advisor = advisor_of(session, callback)
    call_notes.save_note(session, callback.id, advisor.id, "Comes on Monday.", now=NOW)
    completion.dispose_callback(session, callback, advisor, Disposition.HELPED, now=NOW)
    assert callback.notes == "Comes on Monday."
    call_notes.save_note(session, callback.id, advisor.id, "Comes on Tuesday.", now=NOW + MINUTE)
    assert callback.notes == "Comes on Tuesday."

    again = a_callback(session, lead_of(session, callback))
    queue.claim_callback(session, again, stranger, now=NOW)
    card = advisor_desk.read_desk(session, stranger.id, now=NOW).card
    assert [(written.by, written.text) for written in card.others_notes] == [
        (advisor.name, "Comes on Tuesday.")
    ]
    queue.release_callback(session, again, stranger, now=NOW)
    call_notes.save_note(session, again.id, stranger.id, "late", now=NOW + HOUR)
    never = [
        (again.id, advisor, NOW),
        (callback.id, stranger, NOW),
        (callback.id + 999, advisor, NOW),
    ]
    for number, writer, at in [*never, (again.id, stranger, NOW + DAY)]:
        with pytest.raises(NotAllowed):
            call_notes.save_note(session, number, writer.id, "mine", now=at)


def also_said(session: Session, advisor: object) -> tuple[StatementToDecide, ...]:
    write_deferred_inserts(session)
    return advisor_desk.read_desk(session, advisor.id, now=NOW).card.also_said


def shown(session: Session, advisor: object) -> tuple[str, str, tuple[str, ...]]:
    write_deferred_inserts(session)
    card = advisor_desk.read_desk(session, advisor.id, now=NOW).card
    return card.name, card.number, card.contact


def duty(session: Session, advisor: object, *, now: datetime = NOW) -> tuple[bool, datetime | None]:
    seen = advisor_desk.read_desk(session, advisor.id, now=now)
    return seen.is_on_duty_by_phone, seen.duty_until


def why(session: Session, advisor: object) -> str:
    return " ".join(advisor_desk.read_desk(session, advisor.id, now=NOW).first.why)


def test_whoever_closed_the_desk_for_a_while_reads_why_they_get_no_calls(
    session: Session,
) -> None:
    ana = an_advisor(session)
    assert not was_left(session, ana, NOW)
    presence.set_advisor_available(session, ana, now=NOW)
    session.flush()
    gone = NOW + 2 * MINUTE
    assert not was_left(session, ana, gone)
    presence.expire_stale_presence(session, now=gone)
    session.refresh(ana)
    assert was_left(session, ana, gone)
    assert not was_left(session, ana, NOW + DAY)
    presence.set_advisor_available(session, ana, now=gone)
    assert not was_left(session, ana, gone)


def was_left(session: Session, advisor: Advisor, now: datetime) -> bool:
    return advisor_desk.read_desk(session, advisor.id, now=now).was_left
