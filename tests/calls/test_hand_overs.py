"""Whose call it is once its advisor has hung up, and when it is over for everybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session

from leads.callbacks import attempt_ends, queue
from leads.calls import conference_news, keypad_menu, legs, parties, party_legs, placement, progress
from leads.calls.legs import LegReport
from leads.calls.parties import CallVerb
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, CallLeg
from leads.models.enums import Audience, LegStatus, OutboxKind, Party
from leads.outbox import call_orders
from leads.people import availability, presence
from tests.conftest import NOW
from tests.support import people
from tests.support.people import (
    MINUTE,
    a_live_call,
    advisor_call,
    advisor_of,
    callback_of,
    of_advisor,
    of_lead,
    on_duty,
)

S = LegStatus
LATER = NOW + MINUTE
OTHER_NUMBER = "(315) 555-0177"


@pytest.mark.parametrize("who", ["colleague", "supervisor"])
def test_a_call_whose_advisor_hangs_up_is_that_of_whoever_talks_with_the_lead(
    session: Session, who: str
) -> None:
    attempt, advisor = a_talk(session)
    leg = colleague_in(session, attempt) if who == "colleague" else supervisor_in(session, attempt)
    line = outsider_in(session, attempt)
    mine = leg_of(session, attempt, Party.ADVISOR)
    hangs_up(session, mine)
    callback = callback_of(session, attempt)
    assert (attempt.state, callback.state) == ("bridged", "calling")
    assert attempt.advisor_id == callback.advisor_id == leg.advisor_id != advisor.id
    assert (leg.party, mine.party) == ("advisor", "colleague")
    assert people.orders(session, OutboxKind.HANG_UP_LEG) == []
    [given, left] = people.moves(session, attempt)[-2:]
    assert [(one.event, one.actor) for one in (given, left)] == [
        ("hand_over", "network"),
        ("leave", "network"),
    ]
    assert advisor.idle_since == LATER
    assert advisor.id in ids_of_available(session)

    # It is theirs as any call is, and ends with them: an outsider holds none open.
    taker = session.get_one(Advisor, leg.advisor_id)
    assert CallVerb.END in parties.allowed_call_verbs(session, attempt, taker.id)
    parties.mute_advisor(session, attempt, taker, is_muted=True, now=LATER)
    hangs_up(session, leg)
    assert (attempt.state, attempt.result) == ("ended", "conversation")
    assert (callback.state, callback.advisor_id) == ("wrap_up", taker.id)
    lead = leg_of(session, attempt, Party.LEAD)
    assert let_go(session).keys() == {lead.id, line.id}


@pytest.mark.parametrize(
    "beside",
    ["nobody", "interpreter", "listening", "coaching", "rung", "sent away", "gone", "has a call"],
)
def test_a_call_ends_with_its_advisor_where_nobody_of_us_talks_with_the_lead(
    session: Session, beside: str
) -> None:
    attempt, advisor = a_talk(session)
    if beside == "interpreter":
        outsider_in(session, attempt)
    elif beside in ("listening", "coaching"):
        heard_by = Audience.NOBODY if beside == "listening" else Audience.ADVISOR
        supervisor_in(session, attempt, heard_by)
    elif beside == "rung":
        parties.ask_in_colleague(session, attempt, advisor, on_duty(session), now=NOW)
    elif beside != "nobody":
        leg = colleague_in(session, attempt)
        if beside == "sent away":
            parties.send_away(session, leg, advisor, now=NOW)
        elif beside == "gone":
            hangs_up(session, leg)
        else:
            theirs = people.a_callback(session, state="calling", advisor_id=leg.advisor_id)
            people.an_attempt(session, theirs, session.get_one(Advisor, leg.advisor_id))
    hangs_up(session, leg_of(session, attempt, Party.ADVISOR))
    assert (attempt.state, callback_of(session, attempt).state) == ("ended", "wrap_up")
    assert callback_of(session, attempt).advisor_id == advisor.id
    # The conference does not end with whoever has no desk: a lead would hear silence.
    assert let_go(session)[leg_of(session, attempt, Party.LEAD).id] == LATER


@pytest.mark.parametrize("how", ["leg", "conference"])
def test_a_call_ends_for_everybody_with_the_lead(session: Session, how: str) -> None:
    attempt, _advisor = a_talk(session)
    conference_news.note_conference(session, attempt.id, "CF1", now=NOW)
    leg, line = colleague_in(session, attempt), outsider_in(session, attempt)
    if how == "leg":
        progress.apply_leg_report(session, of_lead(attempt, S.COMPLETED), now=NOW)
    else:
        conference_news.end_conference(session, attempt.id, "CF0", now=NOW)  # one that was before
        assert attempt.state == "bridged"
        conference_news.end_conference(session, attempt.id, "CF1", now=NOW)
    assert (attempt.state, callback_of(session, attempt).state) == ("ended", "wrap_up")
    lead = leg_of(session, attempt, Party.LEAD)
    assert let_go(session).keys() - {lead.id} == {leg.id, line.id}
    assert leg.left_at == line.left_at == NOW
    # Nor is the advisor left in the conference, who may have gone back there from the menu.
    assert len(people.orders(session, OutboxKind.RETURN_ADVISOR)) == 1
    # A colleague who has not hung up yet is not rung into that.
    assert leg.advisor_id not in ids_of_available(session)
    hangs_up(session, leg)
    assert leg.advisor_id in ids_of_available(session)


def test_a_conference_ended_when_the_network_says_and_not_when_we_hear_of_it(
    session: Session,
) -> None:
    attempt, _advisor = a_talk(session)
    conference_news.note_conference(session, attempt.id, "CF1", now=NOW)
    ended_at = NOW + timedelta(seconds=7)
    conference_news.end_conference(session, attempt.id, "CF1", at=ended_at, now=LATER)
    assert (attempt.ended_at, attempt.doubt) == (ended_at, "short")


@pytest.mark.parametrize(
    ("beside", "talked", "doubt"), [(False, 7, "short"), (False, 40, None), (True, 60, None)]
)
def test_a_talk_ended_with_its_advisor_though_that_is_told_after_its_end(
    session: Session, *, beside: bool, talked: int, doubt: str | None
) -> None:
    attempt, _advisor = a_talk(session)
    if beside:
        colleague_in(session, attempt)
    progress.apply_leg_report(session, of_lead(attempt, S.COMPLETED), now=LATER)
    callback = callback_of(session, attempt)
    assert attempt.ended_at == callback.ended_at == LATER
    assert attempt.doubt is None
    gone = replace(
        of_advisor(attempt, S.COMPLETED),
        kind=legs.FETCHED_REPORT,
        happened_at=NOW + timedelta(seconds=7 if beside else talked),
    )
    progress.apply_leg_report(session, gone, now=LATER)
    assert attempt.ended_at == callback.ended_at == NOW + timedelta(seconds=talked)
    assert (attempt.doubt, attempt.result) == (doubt, "unknown" if doubt else "conversation")
    assert (callback.first_conversation_at is None) == (doubt is not None)


def test_a_colleague_takes_over_before_a_supervisor_and_each_in_turn(session: Session) -> None:
    attempt, advisor = a_talk(session)
    boss, colleague = supervisor_in(session, attempt), colleague_in(session, attempt)
    had_it = []
    for _ in range(3):
        had_it.append(attempt.advisor_id)
        hangs_up(session, leg_of(session, attempt, Party.ADVISOR))
    assert had_it == [advisor.id, colleague.advisor_id, boss.advisor_id]
    assert (attempt.state, attempt.advisor_id) == ("ended", boss.advisor_id)


def test_whoever_handed_a_call_over_and_stayed_has_it_again(session: Session) -> None:
    attempt, advisor = a_talk(session)
    mine, leg = leg_of(session, attempt, Party.ADVISOR), colleague_in(session, attempt)
    parties.hand_over(session, attempt, advisor, leg, now=NOW)
    hangs_up(session, leg)
    assert (attempt.state, attempt.advisor_id) == ("bridged", advisor.id)
    assert leg_of(session, attempt, Party.ADVISOR) is mine


@pytest.mark.parametrize("where", ["on hold", "in the menu", "while somebody is rung"])
def test_a_lead_on_hold_is_back_with_whoever_takes_the_call_over(
    session: Session, where: str
) -> None:
    attempt, advisor = a_talk(session)
    leg, mine = colleague_in(session, attempt), leg_of(session, attempt, Party.ADVISOR)
    lead = leg_of(session, attempt, Party.LEAD)
    if where == "on hold":
        parties.hold_lead(session, attempt, advisor, is_on_hold=True, now=NOW)
    elif where == "in the menu":
        star = (session, attempt.id, advisor_call(attempt))
        assert keypad_menu.leave_conference_for_menu(*star, now=NOW)
    else:
        outsider_in(session, attempt)
    assert lead.is_on_hold
    hangs_up(session, mine)
    assert attempt.advisor_id == leg.advisor_id
    assert lead.is_on_hold == (where == "while somebody is rung")  # until they want otherwise
    if not lead.is_on_hold:
        told = people.orders(session, OutboxKind.CHANGE_LEG)[-1]
        assert told.payload == {"leg_id": leg.id, "is_told_alone": True}


@pytest.mark.parametrize(
    ("state", "event", "reasons"),
    [("claimed", "release", []), ("wrap_up", "time_out", ["unrecorded_call"])],
)
def test_what_a_supervisor_has_in_hand_is_put_aside_for_the_call(
    session: Session, state: str, event: str, reasons: list[str]
) -> None:
    attempt, _advisor = a_talk(session)
    leg = supervisor_in(session, attempt)
    boss = session.get_one(Advisor, leg.advisor_id)
    before = people.a_callback(session, state=state, advisor_id=boss.id)
    hangs_up(session, leg_of(session, attempt, Party.ADVISOR))
    assert queue.current_callback_of(session, boss) == callback_of(session, attempt)
    assert (before.state, before.advisor_id) == ("waiting", None)
    assert people.held_for(before) == reasons
    told = [(one.event, one.actor) for one in people.moves(session, before)]
    assert told[0] == (event, "network")


def test_a_supervisor_whom_the_lead_hears_can_be_given_the_call(session: Session) -> None:
    attempt, advisor = a_talk(session)
    leg = supervisor_in(session, attempt, Audience.ADVISOR)
    assert CallVerb.HAND_OVER not in parties.allowed_call_verbs(session, attempt, advisor.id)
    boss = session.get_one(Advisor, leg.advisor_id)
    parties.change_audience(session, leg, boss, Audience.EVERYONE, now=NOW)
    assert CallVerb.HAND_OVER in parties.allowed_call_verbs(session, attempt, advisor.id)
    parties.hand_over(session, attempt, advisor, leg, now=NOW)
    assert (attempt.advisor_id, leg.party) == (boss.id, "advisor")


def test_a_conference_ends_by_itself_with_an_advisor_at_a_desk_who_is_alone(
    session: Session,
) -> None:
    attempt, advisor = a_talk(session, has_desk=True)
    mine, boss = leg_of(session, attempt, Party.ADVISOR), people.a_supervisor(session)
    assert ends_conference(session, mine)
    # It goes on from before somebody else of us can be there, until they cannot be any more.
    leg = parties.join_as_supervisor(session, attempt, boss, Audience.NOBODY, now=NOW)
    assert not ends_conference(session, mine)
    [_lead, dial] = people.orders(session, OutboxKind.DIAL_LEG)
    [change] = people.orders(session, OutboxKind.CHANGE_LEG)
    assert (change.payload, dial.payload) == ({"leg_id": mine.id}, {"leg_id": leg.id})
    assert change.id < dial.id
    outsider_in(session, attempt)
    apply(session, leg, S.NO_ANSWER)
    assert ends_conference(session, mine)
    assert people.orders(session, OutboxKind.CHANGE_LEG)[-1].payload == {"leg_id": mine.id}
    told = len(people.orders(session, OutboxKind.CHANGE_LEG))
    rung = parties.ask_in_colleague(session, attempt, advisor, on_duty(session), now=NOW)
    parties.send_away(session, rung, advisor, now=NOW)  # before anybody rang them
    assert ends_conference(session, mine)
    first, second, *_ = people.orders(session, OutboxKind.CHANGE_LEG)[told:]
    assert first.payload == second.payload == {"leg_id": mine.id}


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_conference_that_ends_by_itself_has_a_second_for_that(
    session: Session, *, is_alone: bool
) -> None:
    attempt, advisor = a_talk(session, has_desk=True)
    if not is_alone:
        parties.ask_in_colleague(session, attempt, advisor, on_duty(session), now=NOW)
    hangs_up(session, leg_of(session, attempt, Party.ADVISOR))
    wait = attempt_ends.ENDS_BY_ITSELF_WITHIN if is_alone else timedelta()
    assert let_go(session) == {leg_of(session, attempt, Party.LEAD).id: LATER + wait}


def test_the_network_is_asked_at_once_whether_the_taker_is_there_still(session: Session) -> None:
    attempt, _advisor = a_talk(session)
    leg = colleague_in(session, attempt)
    hangs_up(session, leg_of(session, attempt, Party.ADVISOR))
    asked = [leg_of(session, attempt, Party.LEAD).id, leg.id]
    assert silent_legs(session) == asked
    for asked_at, left in ((NOW, asked), (LATER, [])):  # what the network said before is no answer
        placement.mark_alive(session, attempt.id, asked_at=asked_at, now=LATER)
        session.flush()
        assert silent_legs(session) == left


def a_talk(session: Session, *, has_desk: bool = False) -> tuple[CallAttempt, Advisor]:
    """A conversation, and its advisor, who has only a phone or works at a desk."""
    if has_desk:
        presence.set_advisor_available(session, people.an_advisor(session), now=NOW)
    attempt = a_live_call(session, "bridged")
    return attempt, advisor_of(session, attempt)


def colleague_in(session: Session, attempt: CallAttempt) -> CallLeg:
    advisor, colleague = advisor_of(session, attempt), on_duty(session)
    return joins(session, parties.ask_in_colleague(session, attempt, advisor, colleague, now=NOW))


def supervisor_in(
    session: Session, attempt: CallAttempt, audience: Audience = Audience.EVERYONE
) -> CallLeg:
    boss = people.a_supervisor(session)
    return joins(session, parties.join_as_supervisor(session, attempt, boss, audience, now=NOW))


def outsider_in(session: Session, attempt: CallAttempt) -> CallLeg:
    """An interpreter whom nobody waits for on hold."""
    advisor = advisor_of(session, attempt)
    party = Party.INTERPRETER
    leg = parties.ask_in_outsider(session, attempt, advisor, party, OTHER_NUMBER, now=NOW)
    return joins(session, leg)


def joins(session: Session, leg: CallLeg) -> CallLeg:
    """They pick up and, where they are one of us, press 1."""
    assert party_legs.may_join_call(session, leg.id, call_of(leg), now=NOW)
    party_legs.note_party_joined(session, leg.id, now=NOW)
    return leg


def hangs_up(session: Session, leg: CallLeg) -> None:
    if leg.provider_call_id == advisor_call(session.get_one(CallAttempt, leg.attempt_id)):
        attempt = session.get_one(CallAttempt, leg.attempt_id)
        progress.apply_leg_report(session, of_advisor(attempt, S.COMPLETED), now=LATER)
    else:
        apply(session, leg, S.COMPLETED)


def apply(session: Session, leg: CallLeg, status: LegStatus) -> None:
    rank = list(LegStatus).index(status)
    report = LegReport(
        leg.attempt_id, Party.UNKNOWN, call_of(leg), status, "party", rank, leg_id=leg.id
    )
    progress.apply_leg_report(session, report, now=LATER)


def call_of(leg: CallLeg) -> str:
    return leg.provider_call_id or f"CA-party-{leg.id}"


def leg_of(session: Session, attempt: CallAttempt, party: Party) -> CallLeg:
    leg = legs.find_call_leg(session, attempt, party)
    assert leg is not None
    return leg


def let_go(session: Session) -> dict[int, object]:
    """Who is hung up by us, and when."""
    ordered = people.orders(session, OutboxKind.HANG_UP_LEG)
    return {row.payload["leg_id"]: row.due_at for row in ordered}


def ends_conference(session: Session, leg: CallLeg) -> bool:
    return call_orders.ends_conference(leg, call_orders.list_legs(session, leg.attempt_id))


def silent_legs(session: Session) -> list[int]:
    found = placement.find_silent_attempts(session, ring_time=MINUTE, now=LATER)
    return [leg.leg_id for attempt in found for leg in attempt.legs]


def ids_of_available(session: Session) -> set[int]:
    return {one.id for one in availability.list_available_advisors(session, now=NOW + MINUTE / 2)}
