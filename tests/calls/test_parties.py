"""Who is in a call beside the advisor and the lead, who hears whom, and whose call it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from sqlmodel import Session, col, select

from leads.callbacks import callback_offers, queue
from leads.calls import (
    conference_news,
    keypad_menu,
    legs,
    offers,
    parties,
    party_legs,
    placement,
    progress,
)
from leads.calls.keypad_menu import MenuStep
from leads.calls.legs import LegReport
from leads.contact_rules import suppression
from leads.disclosures import ledger
from leads.disclosures.ledger import DisclosureFacts
from leads.errors import LeadsError, NotAllowed, NotNow
from leads.helplines import call_presets
from leads.i18n.messages import own_words
from leads.lead_records import disclosure_account
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, CallLeg
from leads.models.disclosure_words import DisclosureBasis
from leads.models.disclosures import Disclosure
from leads.models.enums import Audience, LegStatus, OutboxKind, OutboxState, Party
from leads.models.requests import Lead
from leads.outbox import call_orders, orders
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
from tests.support.random_ids import without_random_ids

SECOND = timedelta(seconds=1)
OTHER_NUMBER = "(315) 555-0177"
S = LegStatus


def test_a_colleague_asked_in_joins_by_a_key_and_is_nobody_elses_meanwhile(
    session: Session,
) -> None:
    attempt, advisor, colleague = a_talk(session)
    leg = parties.ask_in_colleague(session, attempt, advisor, colleague, now=NOW)
    [order] = people.orders(session, OutboxKind.DIAL_LEG)[1:]
    assert order.payload["leg_id"] == leg.id
    assert (leg.party, leg.phone) == ("colleague", colleague.phone)
    assert leg.joined_at is None

    # They are rung once, and neither the queue nor another call gets them.
    with pytest.raises(NotNow, match="not available"):
        parties.ask_in_colleague(session, attempt, advisor, colleague, now=NOW)
    assert availability.list_available_advisors(session, now=NOW) == []
    people.a_callback(session)
    with pytest.raises(NotNow, match="Leave your colleague's call first"):
        queue.claim_next_callback(session, colleague, now=NOW)

    # Their voicemail joins nobody: only the key does, and it is told of once.
    apply(session, leg, S.IN_PROGRESS)
    assert leg.joined_at is None
    for _ in range(2):
        assert joins(session, leg)
    assert leg.joined_at == NOW
    assert trail(session, attempt) == ["ask_in", "join"]
    [asked, joined] = people.moves(session, attempt)[-2:]
    assert (asked.actor, asked.changes["party"]) == (f"advisor:{advisor.id}", "colleague")
    assert joined.actor == f"advisor:{colleague.id}"


def test_only_whoever_has_the_call_says_who_else_is_in_it(session: Session) -> None:
    attempt, advisor, colleague = a_talk(session)
    other = on_duty(session)
    for refused in (
        lambda: parties.ask_in_colleague(session, attempt, other, colleague, now=NOW),
        lambda: ask_outsider(session, attempt, other),
        lambda: parties.hold_lead(session, attempt, other, is_on_hold=True, now=NOW),
        lambda: parties.mute_advisor(session, attempt, other, is_muted=True, now=NOW),
        lambda: parties.end_call(session, attempt, other, now=NOW),
        lambda: parties.ask_for_help(session, attempt, other, now=NOW),
    ):
        with pytest.raises(NotNow, match="not on a call with this person"):
            refused()
    leg = parties.ask_in_colleague(session, attempt, advisor, colleague, now=NOW)
    with pytest.raises(NotNow):
        parties.send_away(session, leg, other, now=NOW)
    with pytest.raises(NotNow):
        parties.hand_over(session, attempt, other, leg, now=NOW)
    with pytest.raises(NotNow):
        parties.leave_call(session, leg, other, now=NOW)
    with pytest.raises(NotAllowed):
        parties.join_as_supervisor(session, attempt, colleague, Audience.NOBODY, now=NOW)
    assert trail(session, attempt) == ["ask_in"]


@pytest.mark.parametrize("state", ["requested", "ringing_advisor", "ringing_lead", "ended"])
def test_nobody_is_asked_into_what_is_no_conversation(session: Session, state: str) -> None:
    ended = state == "ended"
    attempt = people.a_conversation(session) if ended else a_live_call(session, state)
    advisor, colleague, supervisor = (
        advisor_of(session, attempt),
        on_duty(session),
        people.a_supervisor(session),
    )
    for refused in (
        lambda: parties.ask_in_colleague(session, attempt, advisor, colleague, now=NOW),
        lambda: ask_outsider(session, attempt, advisor),
        lambda: parties.join_as_supervisor(
            session, attempt, supervisor, Audience.EVERYONE, now=NOW
        ),
        lambda: parties.hold_lead(session, attempt, advisor, is_on_hold=True, now=NOW),
    ):
        with pytest.raises(NotNow):
            refused()


def test_no_phone_is_ever_in_two_calls(session: Session) -> None:
    attempt, advisor, colleague = a_talk(session)
    on_duty(session)
    second = people.a_call(session)
    in_second = advisor_of(session, second)
    with pytest.raises(NotNow, match=r"not available"):
        parties.ask_in_colleague(session, attempt, advisor, in_second, now=NOW)
    for number in (attempt.phone, second.phone):
        with pytest.raises(NotNow, match=r"already on a call"):
            ask_outsider(session, attempt, advisor, number=number)
    leg = ask_outsider(session, attempt, advisor)
    with pytest.raises(NotNow, match=r"already on a call"):
        ask_outsider(session, attempt, advisor)
    lead = people.a_lead(session, leg.phone)
    people.a_callback(session, lead)
    if in_second is not colleague:
        presence.take_off_duty(session, colleague, now=NOW)
    on_duty(session)
    assert (
        callback_offers.offer_next_callback(session, now=NOW) is None
    )  # that phone talks to us already
    apply(session, leg, S.NO_ANSWER)
    assert callback_offers.offer_next_callback(session, now=NOW + MINUTE) is not None


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("911", "911 cannot"),
        ("9-1-1", "911 cannot"),
        ("+1 (911)", "911 cannot"),
        ("1 911", "911 cannot"),
        ("\uff19\uff11\uff11", "911 cannot"),
        ("112", "911 cannot"),
        ("", "cannot be called"),
        ("555-0177", "cannot be called"),
        ("900-555-0177", "cannot be called"),
        ("no number", "cannot be called"),
    ],
)
def test_what_must_not_be_dialed_is_not_brought_into_a_call(
    session: Session, number: str, said: str
) -> None:
    attempt, advisor, _colleague = a_talk(session)
    with pytest.raises(NotNow, match=said):
        ask_outsider(session, attempt, advisor, number=number)
    assert len(people.orders(session, OutboxKind.DIAL_LEG)) == 1


def test_whoever_asked_not_to_be_called_and_we_ourselves_are_no_third_party(
    session: Session,
) -> None:
    attempt, advisor, colleague = a_talk(session)
    suppression.suppress_number(
        session, "+13155550177", reason=own_words("No."), actor="test", now=NOW
    )
    with pytest.raises(NotNow, match="asked not to be called"):
        ask_outsider(session, attempt, advisor)
    for own in (colleague.phone, "+13155550199"):
        with pytest.raises(NotNow, match="our own numbers"):
            ask_outsider(session, attempt, advisor, number=own)


def test_a_lead_waits_on_hold_until_an_interpreter_is_there(session: Session) -> None:
    attempt, advisor, _colleague = a_talk(session)
    leg = ask_outsider(session, attempt, advisor)
    lead = leg_of(session, attempt, Party.LEAD)
    assert (leg.party, leg.phone) == ("interpreter", "+13155550177")
    assert lead.is_on_hold
    apply(session, leg, S.IN_PROGRESS)
    assert leg.joined_at is None  # they have answered, and Twilio has not asked us yet
    for _ in range(2):
        assert joins(session, leg)
    assert (leg.joined_at, lead.is_on_hold) == (NOW, True)
    for _ in range(2):
        parties.hold_lead(session, attempt, advisor, is_on_hold=False, now=NOW)
    assert not lead.is_on_hold
    assert changed_legs(session).count(lead.id) == 2
    assert trail(session, attempt) == ["ask_in", "change_leg", "join", "change_leg"]


def test_an_advisor_whom_a_hold_leaves_alone_hears_a_sound_until_somebody_is_there(
    session: Session,
) -> None:
    attempt, advisor, _colleague = a_talk(session)
    mine = leg_of(session, attempt, Party.ADVISOR)
    mine.joined_at = NOW
    parties.hold_lead(session, attempt, advisor, is_on_hold=True, now=NOW)
    lead = leg_of(session, attempt, Party.LEAD)
    assert changed_legs(session) == [lead.id]  # first the lead, or they would hear nobody
    for late in (lead, mine):  # and whatever else changes the advisor's leg meanwhile
        conference_news.note_participant(session, attempt.id, call_of(late), now=NOW)
        assert hears_sound(session, attempt, mine) == (False, False)
    told = len(changed_legs(session))
    hold_is_carried_out(session, attempt)
    assert hears_sound(session, attempt, mine) == (True, False)
    assert changed_legs(session)[told:] == [mine.id]
    leg = ask_outsider(session, attempt, advisor)
    assert hears_sound(session, attempt, mine) == (True, True)  # of their phone, which rings
    told = len(changed_legs(session))
    assert joins(session, leg)
    assert hears_sound(session, attempt, mine) == (False, False)
    assert changed_legs(session)[told:] == [mine.id, leg.id]
    parties.hold_lead(session, attempt, advisor, is_on_hold=False, now=NOW)
    assert hears_sound(session, attempt, mine) == (False, False)


@pytest.mark.parametrize("how", ["no answer", "not placed", "sent away", "left", "in doubt"])
def test_a_lead_comes_back_from_hold_when_nobody_comes_or_stays(session: Session, how: str) -> None:
    attempt, advisor, _colleague = a_talk(session)
    mine, lead = leg_of(session, attempt, Party.ADVISOR), leg_of(session, attempt, Party.LEAD)
    mine.joined_at = NOW
    leg = ask_outsider(session, attempt, advisor)
    other = ask_outsider(session, attempt, advisor, number="(315) 555-0178")
    apply(session, other, S.BUSY)
    assert lead.is_on_hold  # one of the two is still rung
    if how == "no answer":
        apply(session, leg, S.NO_ANSWER)
    elif how == "not placed":
        placement.record_dial_failure(session, attempt.id, leg.id, fault=None, now=NOW)
    elif how == "sent away":
        parties.send_away(session, leg, advisor, now=NOW)
    elif how == "in doubt":
        placement.lose_leg(session, attempt.id, leg.id, now=NOW)
    else:
        apply(session, leg, S.IN_PROGRESS)
        assert lead.is_on_hold
        apply(session, leg, S.COMPLETED)
    assert not lead.is_on_hold
    *_, back, told = people.orders(session, OutboxKind.CHANGE_LEG)
    assert back.payload == {"leg_id": lead.id}
    assert told.payload == {"leg_id": mine.id, "is_told_alone": True}
    assert people.moves(session, attempt)[-1].actor == "network"


def test_a_lead_stays_on_hold_while_their_advisor_is_in_the_menu_of_the_phone(
    session: Session,
) -> None:
    attempt, advisor, _colleague = a_talk(session)
    mine, lead = leg_of(session, attempt, Party.ADVISOR), leg_of(session, attempt, Party.LEAD)
    mine.ends_call = False
    session.flush()
    star = (session, attempt.id, call_of(mine))
    assert keypad_menu.leave_conference_for_menu(*star, now=NOW)
    hold_is_carried_out(session, attempt)
    leg = ask_outsider(session, attempt, advisor)
    for _ in range(2):  # asked what became of a silent hold, the network says that they are there
        fetched = replace(of_advisor(attempt, S.IN_PROGRESS), kind=legs.FETCHED_REPORT)
        progress.apply_leg_report(session, fetched, now=NOW)
    apply(session, leg, S.NO_ANSWER)
    assert lead.is_on_hold
    assert press(session, attempt, "2") == MenuStep.COLLEAGUE_RUNG
    colleague = leg_of(session, attempt, Party.COLLEAGUE)
    conference_news.note_participant(session, attempt.id, call_of(mine), now=NOW)
    assert hears_sound(session, attempt, mine) == (True, True)
    assert lead.is_on_hold
    apply(session, colleague, S.NO_ANSWER)
    assert not lead.is_on_hold


def test_whoever_waits_for_an_advisor_in_the_menu_of_the_phone_hears_a_sound(
    session: Session,
) -> None:
    attempt, advisor, colleague = a_talk(session)
    mine = leg_of(session, attempt, Party.ADVISOR)
    mine.ends_call = False
    session.flush()
    star = (session, attempt.id, call_of(mine))
    theirs = a_colleague_in(session, attempt, advisor, colleague)
    assert keypad_menu.leave_conference_for_menu(*star, now=NOW)
    assert hears_sound(session, attempt, theirs) == (False, False)  # they hear the lead
    hold_is_carried_out(session, attempt)
    assert hears_sound(session, attempt, theirs) == (True, False)
    assert changed_legs(session)[-1] == theirs.id
    # Whoever comes meanwhile is told once they are in the conference.
    line = ask_outsider(session, attempt, advisor)
    apply(session, theirs, S.COMPLETED)
    assert joins(session, line)
    assert hears_sound(session, attempt, line) == (True, False)
    assert (changed_legs(session)[-1], last_due(session)) == (line.id, NOW + SECOND)
    # The advisor who goes back to them, and later to nobody, is told likewise.
    assert press(session, attempt, "2") == MenuStep.COLLEAGUE_RUNG
    assert {hears_sound(session, attempt, leg) for leg in (line, mine)} == {(False, False)}
    assert changed_legs(session)[-2:] == [mine.id, line.id]
    assert keypad_menu.leave_conference_for_menu(*star, now=NOW)
    assert hears_sound(session, attempt, line) == (True, True)
    assert changed_legs(session)[-1] == line.id


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_hold_that_the_advisor_ordered_ends_by_their_word_alone(
    session: Session, when: str
) -> None:
    attempt, advisor, colleague = a_talk(session)
    mine, lead = leg_of(session, attempt, Party.ADVISOR), leg_of(session, attempt, Party.LEAD)
    mine.joined_at = NOW
    if when == "before":
        parties.hold_lead(session, attempt, advisor, is_on_hold=True, now=NOW)
    beside = [
        a_colleague_in(session, attempt, advisor, colleague),
        ask_outsider(session, attempt, advisor),
    ]
    if when == "after":
        parties.hold_lead(session, attempt, advisor, is_on_hold=True, now=NOW)
    for leg in beside:
        apply(session, leg, S.COMPLETED)
    conference_news.note_participant(session, attempt.id, call_of(mine), now=NOW)  # told late
    assert lead.is_on_hold
    hold_is_carried_out(session, attempt)
    assert hears_sound(session, attempt, mine) == (True, False)
    told = people.orders(session, OutboxKind.CHANGE_LEG)
    assert not any("is_told_alone" in order.payload for order in told)
    # The next hold, which they do not order, ends by itself again.
    parties.hold_lead(session, attempt, advisor, is_on_hold=False, now=NOW)
    leg = ask_outsider(session, attempt, advisor)
    assert lead.is_on_hold
    apply(session, leg, S.NO_ANSWER)
    assert not lead.is_on_hold


def test_a_hold_ends_once_whoever_ordered_it_has_handed_the_call_over_and_left(
    session: Session,
) -> None:
    attempt, advisor, colleague = a_talk(session)
    mine, lead = leg_of(session, attempt, Party.ADVISOR), leg_of(session, attempt, Party.LEAD)
    parties.hold_lead(session, attempt, advisor, is_on_hold=True, now=NOW)
    theirs = a_colleague_in(session, attempt, advisor, colleague)
    parties.hand_over(session, attempt, advisor, theirs, now=NOW)
    assert lead.is_on_hold
    apply(session, mine, S.COMPLETED)
    assert not lead.is_on_hold


def test_the_keys_of_a_preset_are_pressed_and_never_told(session: Session) -> None:
    attempt, advisor, _colleague = a_talk(session)
    line = {"name": "Line", "language": "Spanish", "number": OTHER_NUMBER, "keys": "44 71 #"}
    boss, brand_id = people.a_supervisor(session), callback_of(session, attempt).brand_id
    preset = call_presets.add_preset(session, brand_id, boss, Party.INTERPRETER, **line, now=NOW)
    ask_outsider(session, attempt, advisor)
    due = call_orders.take_due_orders(session, 9, now=NOW)
    [item] = [one for one in due if one.order.leg and one.order.leg.keys]
    assert item.order.leg
    assert (item.row.kind, item.order.leg.keys) == ("dial_leg", "4471#")
    told = [item.row.payload, item.order, preset]
    told += people.moves(session, attempt) + people.moves(session, preset)
    assert "4471" not in without_random_ids(repr(told))


def test_the_keys_bring_in_who_is_on_the_list_and_speaks_their_language(session: Session) -> None:
    attempt, _advisor, _colleague = a_talk(session)
    boss, callback = people.a_supervisor(session), callback_of(session, attempt)
    session.get_one(Lead, callback.lead_id).language = "español"
    numbers = {"French": "+13155559001", "Spanish": "+13155559002", "": "+13155559003"}
    for language, number in numbers.items():
        party = Party.INTERPRETER if language else Party.THIRD_PARTY
        line = {"name": "Line", "language": language, "number": number}
        call_presets.add_preset(session, callback.brand_id, boss, party, **line, now=NOW)
    assert press(session, attempt, "4") == MenuStep.INTERPRETER_RUNG
    assert leg_of(session, attempt, Party.INTERPRETER).phone == numbers["Spanish"]
    assert press(session, attempt, "6") == MenuStep.THIRD_PARTY_RUNG
    assert leg_of(session, attempt, Party.THIRD_PARTY).phone == numbers[""]
    assert press(session, attempt, "6") == MenuStep.NO_THIRD_PARTY


def test_a_muted_advisor_is_muted_once_and_still_ends_the_call_as_before(session: Session) -> None:
    attempt, advisor, _colleague = a_talk(session)
    mine = leg_of(session, attempt, Party.ADVISOR)
    for is_muted in (True, True, False):
        parties.mute_advisor(session, attempt, advisor, is_muted=is_muted, now=NOW)
    assert [move.changes["muted"] for move in people.moves(session, attempt)[-2:]] == [True, False]
    assert not mine.is_muted


def test_a_change_that_another_overtook_is_sent_again(session: Session) -> None:
    attempt, advisor, _colleague = a_talk(session)
    lead = leg_of(session, attempt, Party.LEAD)
    parties.hold_lead(session, attempt, advisor, is_on_hold=True, now=NOW)
    first = sent_as(session, attempt, lead)
    parties.hold_lead(session, attempt, advisor, is_on_hold=False, now=NOW)
    placement.repeat_overtaken_change(session, attempt.id, sent_as(session, attempt, lead), now=NOW)
    assert changed_legs(session).count(lead.id) == 2
    placement.repeat_overtaken_change(session, attempt.id, first, now=NOW)
    assert changed_legs(session).count(lead.id) == 3


def test_a_supervisor_listens_then_speaks_to_the_advisor_then_joins(session: Session) -> None:
    attempt, advisor, _colleague = a_talk(session)
    supervisor = people.a_supervisor(session)
    for _ in range(2):
        parties.ask_for_help(session, attempt, advisor, now=NOW)
    leg = parties.join_as_supervisor(session, attempt, supervisor, Audience.NOBODY, now=NOW)
    with pytest.raises(NotNow, match="already on a call"):
        parties.join_as_supervisor(session, attempt, supervisor, Audience.NOBODY, now=NOW)
    assert attempt.help_wanted_at == NOW  # nobody is there yet
    assert heard(session, attempt, leg) == (True, None)
    assert joins(session, leg)
    assert attempt.help_wanted_at is None

    for _ in range(2):
        parties.change_audience(session, leg, supervisor, Audience.ADVISOR, now=NOW)
    assert heard(session, attempt, leg) == (False, advisor_call(attempt))
    parties.change_audience(session, leg, supervisor, Audience.EVERYONE, now=NOW)
    assert heard(session, attempt, leg) == (False, None)
    with pytest.raises(NotNow, match="not on this call"):
        parties.change_audience(
            session, leg, people.a_supervisor(session), Audience.NOBODY, now=NOW
        )
    parties.leave_call(session, leg, supervisor, now=NOW)
    apply(session, leg, S.COMPLETED)
    with pytest.raises(NotNow, match="not on this call"):
        parties.change_audience(session, leg, supervisor, Audience.NOBODY, now=NOW)
    moves = people.moves(session, attempt)
    audiences = [move.changes["audience"] for move in moves if "audience" in move.changes]
    assert audiences == ["nobody", "advisor", "everyone"]
    assert trail(session, attempt) == [
        *("ask_for_help", "ask_in", "join", "change_leg", "change_leg", "leave_call", "leave"),
    ]
    assert attempt.state == "bridged"


def test_a_supervisor_who_does_not_pick_up_leaves_the_cry_for_help_open(session: Session) -> None:
    attempt, advisor, _colleague = a_talk(session)
    parties.ask_for_help(session, attempt, advisor, now=NOW)
    leg = parties.join_as_supervisor(
        session, attempt, people.a_supervisor(session), Audience.EVERYONE, now=NOW
    )
    apply(session, leg, S.NO_ANSWER)
    assert attempt.help_wanted_at == NOW


def test_who_is_sent_away_before_they_were_rung_is_never_rung(session: Session) -> None:
    attempt, advisor, colleague = a_talk(session)
    leg = parties.ask_in_colleague(session, attempt, advisor, colleague, now=NOW)
    for _ in range(2):
        parties.send_away(session, leg, advisor, now=NOW)
    assert people.orders(session, OutboxKind.DIAL_LEG)[-1].state == "failed"
    assert people.orders(session, OutboxKind.HANG_UP_LEG) == []
    assert (leg.status, leg.left_at) == ("canceled", NOW)
    assert trail(session, attempt) == ["ask_in", "send_away"]


@pytest.mark.parametrize("known_by", ["webhook", "answer"])
def test_who_is_sent_away_while_nobody_knows_their_call_is_let_go_once_it_is_known(
    session: Session, known_by: str
) -> None:
    attempt, advisor, colleague = a_talk(session)
    leg = parties.ask_in_colleague(session, attempt, advisor, colleague, now=NOW)
    in_doubt(session)
    parties.send_away(session, leg, advisor, now=NOW)
    assert len(people.orders(session, OutboxKind.HANG_UP_LEG)) == 1  # that had nothing to hang up
    if known_by == "webhook":
        apply(session, leg, S.RINGING)
        apply(session, leg, S.RINGING, kind="again")
        assert people.orders(session, OutboxKind.DIAL_LEG)[-1].state == "sent"
    else:
        placement.record_dialed_leg(session, attempt.id, leg.id, call_of(leg), now=NOW)
    [_in_vain, *ends] = people.orders(session, OutboxKind.HANG_UP_LEG)
    assert {order.payload["leg_id"] for order in ends} == {leg.id}
    assert not party_legs.may_join_call(session, leg.id, call_of(leg), now=NOW)


def test_a_lead_whose_advisor_left_while_their_call_was_in_doubt_is_let_go(
    session: Session,
) -> None:
    attempt = people.a_call(session)
    assert offers.advisor_accepted(session, attempt.id, advisor_call(attempt), now=NOW)
    in_doubt(session)
    progress.apply_leg_report(session, of_advisor(attempt, S.COMPLETED), now=NOW)
    progress.apply_leg_report(session, of_lead(attempt, S.RINGING), now=NOW)
    [order] = people.orders(session, OutboxKind.HANG_UP_LEG)
    assert order.payload["leg_id"] == leg_of(session, attempt, Party.LEAD).id


def test_who_is_in_the_call_is_sent_away_once_and_the_call_goes_on(session: Session) -> None:
    attempt, advisor, colleague = a_talk(session)
    leg = a_colleague_in(session, attempt, advisor, colleague)
    parties.send_away(session, leg, people.a_supervisor(session), now=NOW)
    assert len(people.orders(session, OutboxKind.HANG_UP_LEG)) == 1
    apply(session, leg, S.COMPLETED, at=NOW + MINUTE)
    parties.send_away(session, leg, advisor, now=NOW)
    assert len(people.orders(session, OutboxKind.HANG_UP_LEG)) == 1
    assert attempt.state == "bridged"
    assert leg.left_at == colleague.idle_since == NOW + MINUTE
    with pytest.raises(NotNow, match="You cannot remove this person"):
        parties.send_away(session, leg_of(session, attempt, Party.LEAD), advisor, now=NOW)


@pytest.mark.parametrize("digit", ["2", "4"])
def test_a_key_that_the_network_tells_of_twice_rings_one(session: Session, digit: str) -> None:
    attempt, boss = a_talk(session)[0], people.a_supervisor(session)
    on_duty(session)
    line = {"name": "Lingua", "language": "Spanish", "number": OTHER_NUMBER}
    brand_id = callback_of(session, attempt).brand_id
    call_presets.add_preset(session, brand_id, boss, Party.INTERPRETER, **line, now=NOW)
    assert press(session, attempt, digit) in keypad_menu.BACK_IN_THE_CALL
    mine = leg_of(session, attempt, Party.ADVISOR)
    told_again = keypad_menu.apply_menu_digit(
        session, attempt.id, mine.provider_call_id or "", digit, now=NOW + 6 * SECOND
    )
    assert told_again == MenuStep.BACK
    assert len(people.orders(session, OutboxKind.DIAL_LEG)) == 2  # the lead, and whom they rang


def test_a_menu_outlives_whoever_cannot_be_asked_in(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt, _advisor, colleague = a_talk(session)
    on_duty(session)  # is next
    lock = presence.lock_advisor

    def lock_late(session: Session, advisor_id: int) -> Advisor:
        locked = lock(session, advisor_id)
        if advisor_id == colleague.id:
            presence.take_off_duty(session, colleague, now=NOW)  # in the meantime
            session.flush()
        return locked

    monkeypatch.setattr(presence, "lock_advisor", lock_late)
    assert press(session, attempt, "2") == MenuStep.COLLEAGUE_RUNG
    assert leg_of(session, attempt, Party.COLLEAGUE).advisor_id != colleague.id


def test_a_menu_outlives_a_colleague_who_has_somebody_else_in_hand(session: Session) -> None:
    attempt, advisor, colleague = a_talk(session)
    a_colleague_in(session, attempt, advisor, colleague)
    people.a_callback(session, state="claimed", advisor_id=colleague.id)
    parties.hold_lead(session, attempt, advisor, is_on_hold=True, now=NOW)
    assert press(session, attempt, "5") == MenuStep.NO_COLLEAGUE
    assert leg_of(session, attempt, Party.LEAD).is_on_hold
    assert (attempt.advisor_id, attempt.state) == (advisor.id, "bridged")


def test_a_call_handed_over_is_written_up_by_whoever_has_it(session: Session) -> None:
    attempt, advisor, colleague = a_talk(session)
    leg = parties.ask_in_colleague(session, attempt, advisor, colleague, now=NOW)
    with pytest.raises(NotNow, match="has not joined"):
        parties.hand_over(session, attempt, advisor, leg, now=NOW)
    apply(session, leg, S.IN_PROGRESS)
    joins(session, leg)
    supervisor = parties.join_as_supervisor(
        session, attempt, people.a_supervisor(session), Audience.ADVISOR, now=NOW
    )
    mine = leg_of(session, attempt, Party.ADVISOR)
    parties.hand_over(session, attempt, advisor, leg, now=NOW)
    callback = callback_of(session, attempt)
    assert (attempt.advisor_id, callback.advisor_id) == (colleague.id, colleague.id)
    assert (mine.party, mine.ends_call) == ("colleague", False)
    assert (leg.party, leg.ends_call) == ("advisor", False)  # who has only a phone may press star
    assert offers.has_keypad_menu(session, attempt.id, call_of(leg))
    assert party_legs.find_insider_leg(session, attempt.id, call_of(leg), now=NOW) is None
    its_call = advisor_call(attempt)
    assert party_legs.find_insider_leg(session, attempt.id, its_call, now=NOW) == mine.id
    changed = [row.payload["leg_id"] for row in people.orders(session, OutboxKind.CHANGE_LEG)]
    assert changed == [leg.id, mine.id, supervisor.id]
    assert heard(session, attempt, supervisor) == (False, call_of(leg))  # whoever has it now

    # Whoever had it can do nothing more but leave, and is free once they have hung up.
    with pytest.raises(NotNow):
        parties.end_call(session, attempt, advisor, now=NOW)
    assert advisor.id not in ids_of_available(session)
    parties.leave_call(session, mine, advisor, now=NOW)
    [order] = people.orders(session, OutboxKind.LEAVE_CALL)
    assert order.payload["leg_id"] == mine.id
    progress.apply_leg_report(session, of_advisor(attempt, S.COMPLETED), now=NOW + MINUTE)
    assert attempt.state == "bridged"
    assert advisor.idle_since == NOW + MINUTE
    assert advisor.id in ids_of_available(session)
    with pytest.raises(NotNow, match="Transfer the call first"):
        parties.leave_call(session, leg, colleague, now=NOW)

    progress.apply_leg_report(session, of_lead(attempt, S.COMPLETED), now=NOW + 2 * MINUTE)
    assert (callback.state, callback.advisor_id) == ("wrap_up", colleague.id)
    assert colleague.id not in ids_of_available(session)


def test_news_after_a_hand_over_may_come_in_any_order(session: Session) -> None:
    for order in permutations(range(3)):
        attempt, advisor, colleague = a_talk(session)
        leg = a_colleague_in(session, attempt, advisor, colleague)
        parties.hand_over(session, attempt, advisor, leg, now=NOW)
        news = [
            of_advisor(attempt, S.COMPLETED),
            of_party(leg, S.COMPLETED),
            of_lead(attempt, S.COMPLETED),
        ]
        for index in order:
            progress.apply_leg_report(session, news[index], now=NOW + MINUTE)
        callback = callback_of(session, attempt)
        # Of the two who talked with the lead the second one to hang up had the call.
        outlasts = order.index(1) < min(order.index(0), order.index(2))
        writes = (advisor if outlasts else colleague).id
        assert (attempt.result, attempt.advisor_id) == ("conversation", writes), order
        assert (callback.state, callback.advisor_id) == ("wrap_up", writes), order
        for one in (advisor, colleague):
            presence.take_off_duty(session, one, now=NOW)
        assert advisor.id not in ids_of_available(session)


def test_a_colleague_with_work_of_their_own_is_not_given_another_call(session: Session) -> None:
    attempt, advisor, colleague = a_talk(session)
    leg = a_colleague_in(session, attempt, advisor, colleague)
    held = people.a_callback(session)
    held.state, held.advisor_id = "claimed", colleague.id
    session.add(held)
    session.flush()
    with pytest.raises(LeadsError, match="is with someone else"):
        parties.hand_over(session, attempt, advisor, leg, now=NOW)


def test_the_advisor_ends_the_call_also_while_it_rings(session: Session) -> None:
    attempt, advisor, _colleague = a_talk(session)
    parties.end_call(session, attempt, advisor, now=NOW)
    [order] = people.orders(session, OutboxKind.HANG_UP_LEG)
    assert order.payload["leg_id"] == leg_of(session, attempt, Party.LEAD).id
    assert attempt.state == "bridged"  # the network says when it is over

    ringing = people.an_accepted_call(session)
    parties.end_call(session, ringing, advisor_of(session, ringing), now=NOW)
    assert people.orders(session, OutboxKind.HANG_UP)[-1].attempt_id == ringing.id


def test_who_answers_as_the_advisor_cancels_is_not_hung_up_on(session: Session) -> None:
    attempt, advisor, _colleague = a_talk(session)
    with pytest.raises(NotNow, match="they just answered"):
        parties.cancel_call(session, attempt, advisor, now=NOW)
    assert people.orders(session, OutboxKind.HANG_UP_LEG) == []

    ringing = people.an_accepted_call(session)
    parties.cancel_call(session, ringing, advisor_of(session, ringing), now=NOW)
    assert people.orders(session, OutboxKind.HANG_UP)[-1].attempt_id == ringing.id


def test_of_lost_news_the_network_is_asked_leg_by_leg(session: Session) -> None:
    attempt, advisor, colleague = a_talk(session)
    leg = a_colleague_in(session, attempt, advisor, colleague)
    later = NOW + 10 * MINUTE
    [silent] = placement.find_silent_attempts(session, ring_time=25 * SECOND, now=later)
    assert leg.id in {known.leg_id for known in silent.legs}
    assert silent.legs[-1].party == "advisor"
    apply(session, leg, S.COMPLETED, kind=legs.FETCHED_REPORT)
    [silent] = placement.find_silent_attempts(session, ring_time=25 * SECOND, now=later)
    assert leg.id not in {known.leg_id for known in silent.legs}
    assert attempt.state == "bridged"


def test_a_party_in_doubt_is_looked_for_and_never_dialed_twice(session: Session) -> None:
    attempt, advisor, _colleague = a_talk(session)
    leg = ask_outsider(session, attempt, advisor)
    row = in_doubt(session)
    later = NOW + MINUTE
    [item] = call_orders.collect_doubtful_orders(session, now=later)
    assert (item.order.leg and item.order.leg.leg_id, item.order.number) == (leg.id, leg.phone)
    assert call_orders.take_due_orders(session, 10, now=later) == [] or row.state == "unknown"
    placement.lose_leg(session, attempt.id, leg.id, now=later)
    assert (leg.status, leg.left_at) == ("failed", later)
    assert attempt.state == "bridged"


@pytest.mark.parametrize("asked", [Party.LEAD, Party.INTERPRETER])
@pytest.mark.parametrize("is_news", [True, False])  # of the call, or the answer to its request
def test_a_call_that_is_made_after_it_was_given_up_is_hung_up(
    session: Session, asked: Party, *, is_news: bool
) -> None:
    """The process that made it stood still, and others looked for the call in vain."""
    if asked == Party.LEAD:
        attempt = a_live_call(session, "ringing_lead")
        leg = leg_of(session, attempt, Party.LEAD)
    else:
        attempt, advisor, _colleague = a_talk(session)
        leg = ask_outsider(session, attempt, advisor)
    placement.lose_leg(session, attempt.id, leg.id, now=NOW)
    late = LegReport(attempt.id, asked, "CA-late", S.RINGING, "leg", 1, leg_id=leg.id)
    if is_news:
        progress.apply_leg_report(session, late, now=NOW + MINUTE)
    else:
        placement.record_dialed_leg(session, attempt.id, leg.id, "CA-late", now=NOW + MINUTE)
    *_, end = people.orders(session, OutboxKind.HANG_UP_LEG)
    assert end.payload["call_id"] == "CA-late"
    assert (leg.status, leg.provider_call_id) == ("failed", None)
    before = attempt.state
    progress.apply_leg_report(
        session, replace(late, status=S.COMPLETED, sequence=2), now=NOW + MINUTE
    )
    assert attempt.state == before


def a_talk(session: Session) -> tuple[CallAttempt, Advisor, Advisor]:
    """A conversation, its advisor, and a colleague who is free."""
    attempt = a_live_call(session, "bridged")
    return attempt, advisor_of(session, attempt), on_duty(session)


def a_colleague_in(
    session: Session, attempt: CallAttempt, advisor: Advisor, colleague: Advisor
) -> CallLeg:
    leg = parties.ask_in_colleague(session, attempt, advisor, colleague, now=NOW)
    apply(session, leg, S.IN_PROGRESS)
    assert joins(session, leg)
    return leg


def ask_outsider(
    session: Session, attempt: CallAttempt, advisor: Advisor, *, number: str = OTHER_NUMBER
) -> CallLeg:
    return parties.ask_in_outsider(session, attempt, advisor, Party.INTERPRETER, number, now=NOW)


def press(session: Session, attempt: CallAttempt, digit: str) -> MenuStep:
    """Press a key in the menu of the advisor's phone."""
    mine = leg_of(session, attempt, Party.ADVISOR)
    mine.ends_call, mine.is_in_menu = False, True
    session.flush()
    return keypad_menu.apply_menu_digit(
        session, attempt.id, mine.provider_call_id or "", digit, now=NOW
    )


def joins(session: Session, leg: CallLeg) -> bool:
    """They pick up and press 1."""
    if not party_legs.may_join_call(session, leg.id, call_of(leg), now=NOW):
        return False
    party_legs.note_party_joined(session, leg.id, now=NOW)
    return True


def call_of(leg: CallLeg) -> str:
    return leg.provider_call_id or f"CA-party-{leg.id}"


def of_party(leg: CallLeg, status: LegStatus, kind: str = "party") -> LegReport:
    sequence = list(LegStatus).index(status)
    return LegReport(
        leg.attempt_id, Party.UNKNOWN, call_of(leg), status, kind, sequence, leg_id=leg.id
    )


def apply(
    session: Session, leg: CallLeg, status: LegStatus, kind: str = "party", at: object = NOW
) -> None:
    progress.apply_leg_report(session, of_party(leg, status, kind), now=at)


def leg_of(session: Session, attempt: CallAttempt, party: Party) -> CallLeg:
    leg = legs.find_call_leg(session, attempt, party)
    assert leg is not None
    return leg


def heard(session: Session, attempt: CallAttempt, leg: CallLeg) -> tuple[bool, str | None]:
    """Whether a leg is muted, and the only call that hears it."""
    sent = sent_as(session, attempt, leg)
    return sent.is_muted, sent.coached_call_id


def hears_sound(session: Session, attempt: CallAttempt, leg: CallLeg) -> tuple[bool, bool]:
    """Whether a leg hears a sound and nobody, and whether that is ringing."""
    sent = sent_as(session, attempt, leg)
    return sent.is_on_hold, sent.hears_ringing


def hold_is_carried_out(session: Session, attempt: CallAttempt) -> None:
    lead = sent_as(session, attempt, leg_of(session, attempt, Party.LEAD))
    assert lead.is_on_hold
    placement.repeat_overtaken_change(session, attempt.id, lead, now=NOW)


def changed_legs(session: Session) -> list[int]:
    return [row.payload["leg_id"] for row in people.orders(session, OutboxKind.CHANGE_LEG)]


def last_due(session: Session) -> object:
    return people.orders(session, OutboxKind.CHANGE_LEG)[-1].due_at


def sent_as(session: Session, attempt: CallAttempt, leg: CallLeg) -> call_orders.LegOrder:
    return call_orders.describe_leg(leg, attempt, None, call_orders.list_legs(session, attempt.id))


def in_doubt(session: Session) -> object:
    """Nobody knows whether the last leg was dialed."""
    row = people.orders(session, OutboxKind.DIAL_LEG)[-1]
    orders.mark_orders_sending(session, [row], until=NOW + MINUTE)
    row.state, row.due_at = OutboxState.UNKNOWN, NOW
    session.add(row)
    session.flush()
    return row


def ids_of_available(session: Session) -> set[int]:
    return {one.id for one in availability.list_available_advisors(session, now=NOW + 30 * SECOND)}


def trail(session: Session, attempt: CallAttempt) -> list[str]:
    """What was done in the conversation, oldest first."""
    session.exec(select(CallLeg).order_by(col(CallLeg.id))).all()
    events = [move.event for move in people.moves(session, attempt)]
    return events[events.index("answered") + 1 :]


def test_whoever_of_another_house_joins_is_in_the_account_of_the_person(session: Session) -> None:
    attempt, advisor, colleague = a_talk(session)
    lead_id = callback_of(session, attempt).lead_id
    joins(session, parties.ask_in_colleague(session, attempt, advisor, colleague, now=NOW))
    assert ledger.list_disclosure_lines(session, [lead_id]) == []
    leg = ask_outsider(session, attempt, advisor)
    assert ledger.list_disclosure_lines(session, [lead_id]) == []  # nobody has heard anything yet
    for _ in range(2):
        joins(session, leg)
    [line] = ledger.list_disclosure_lines(session, [lead_id])
    assert (line.way, line.basis) == ("call", "not_stated")
    assert line.leg_id == leg.id
    assert (line.recipient, line.recorded_by) == (OTHER_NUMBER, f"advisor:{advisor.id}")
    [unstated] = disclosure_account.list_own_unstated(session, advisor)
    told = DisclosureFacts(
        f"Elm Street, {OTHER_NUMBER}", DisclosureBasis.AGREEMENT, "Her words", "To interpret"
    )
    row = session.get_one(Disclosure, unstated.disclosure_id)
    disclosure_account.state_disclosure(session, row, advisor, told, now=NOW)
    assert disclosure_account.list_own_unstated(session, advisor) == []
    assert disclosure_account.list_unstated_of_lead(session, lead_id) == []
