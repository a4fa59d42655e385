"""Calls that are worked in, over real HTTP: hold, colleague, help."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from sqlmodel import Session, select

from leads.calls import parties
from leads.database.transactions import reader, transaction
from leads.helplines import call_presets
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import AdvisorRole, Audience, Party
from leads.models.helplines import Brand
from leads.people import availability, presence
from tests.support.played_calls import clock, in_by_key, lead_in_call
from tests.support.random_ids import without_random_ids
from tests.support.running_desk import Desk, add_advisor, eventually
from tests.support.twilio_double import Call, TwilioDouble, conference_in

FORM = {
    "name": "Jordan Reyes",
    "phone": "(315) 555-0142",
    "message": "I want to stop drinking.",
    "any_hour": "yes",
}
ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
"""On SQLite a desk is in the process of the relay: what this process writes waits for its tick."""
PERSONAL = re.compile(
    r"jordan|reyes|5550142|5570\d{3}|4471|drink|treat|recover|harbor", re.IGNORECASE
)


@ON_POSTGRESQL
def test_a_lead_is_held_and_a_supervisor_comes_in(desk: Desk, twilio: TwilioDouble) -> None:
    me, webhook = at_a_desk(desk)
    with transaction() as session:
        supervisor = add_advisor(session, 3, now=clock(), role=AdvisorRole.SUPERVISOR).id
    call, lead = a_talk_of_desk(desk, twilio, webhook)

    # The lead waits with a sound that says nothing, nobody hears the advisor, and back again.
    act(parties.hold_lead, me, is_on_hold=True)
    act(parties.mute_advisor, me, is_muted=True)
    held = twilio.wait_for_change(lead)
    quiet = {"Muted": "true", "Hold": "true"}  # who is left alone hears a sound
    muted = eventually(
        lambda: next((one for one in call.in_room if quiet.items() <= one.items()), None)
    )
    assert (held["Hold"], held["HoldUrl"]) == ("true", f"{desk.url}/hooks/voice/sounds/hold.wav")
    assert desk.http.get("/hooks/voice/sounds/hold.wav").content[:4] == b"RIFF"
    assert muted["EndConferenceOnExit"] == "true"
    act(parties.hold_lead, me, is_on_hold=False)
    act(parties.mute_advisor, me, is_muted=False)
    assert twilio.wait_for_change(lead, 2)["Hold"] == "false"

    # A supervisor listens, then speaks to the advisor alone, then to everybody.
    act(parties.join_as_supervisor, supervisor, Audience.NOBODY)
    boss_leg = in_by_key(twilio, call)
    assert conference_noun(boss_leg).attrib["muted"] == "true"
    change_audience(supervisor, Audience.ADVISOR)
    coached = twilio.wait_for_change(boss_leg)
    assert (coached["Coaching"], coached["CallSidToCoach"]) == ("true", call.sid)
    change_audience(supervisor, Audience.EVERYONE)
    joined = twilio.wait_for_change(boss_leg, 2)
    assert (joined["Coaching"], joined["Muted"]) == ("false", "false")

    # The advisor's phone drops in the middle of that: whoever talks with the lead has the call.
    assert call.in_room[-1]["EndConferenceOnExit"] == "false"  # since before they can have come
    hangs_up(twilio, call)
    [room] = twilio.rooms
    assert (room.members, room.is_over) == ([lead, boss_leg], False)
    assert advisor_of_call() == supervisor
    eventually(lambda: boss_leg.in_room[-1]["EndConferenceOnExit"] == "true")

    # Their desk ends it: the lead's leg goes, and the conference with it.
    act(parties.end_call, supervisor)
    twilio.wait_until_hung_up(lead)
    twilio.leaves(lead)
    twilio.moves(lead, "completed")
    assert advisor_of_call() == supervisor  # who says what came of it
    nothing_was_given_away(twilio)


@ON_POSTGRESQL
def test_a_call_is_handed_over_with_the_lead_on_the_line(desk: Desk, twilio: TwilioDouble) -> None:
    me, webhook = at_a_desk(desk)
    call, lead = a_talk_of_desk(desk, twilio, webhook)

    # A colleague is asked in, presses 1, gets the call, and whoever had it leaves.
    with transaction() as session:
        other = add_advisor(session, 2, now=clock())
        colleague = other.id
        presence.set_advisor_available(session, other, now=clock())
        ask = (session, the_attempt(session), session.get_one(Advisor, me))
        parties.ask_in_colleague(*ask, other, now=clock())
    taker = in_by_key(twilio, call)
    with transaction() as session:
        attempt = the_attempt(session)
        mine = leg_of(session, Party.ADVISOR)
        giver = session.get_one(Advisor, me)
        parties.hand_over(session, attempt, giver, leg_of(session, Party.COLLEAGUE), now=clock())
        parties.leave_call(session, mine, giver, now=clock())
    twilio.wait_until_hung_up(call)
    assert call.in_room[-1]["EndConferenceOnExit"] == "false"
    hangs_up(twilio, call)
    [room] = twilio.rooms
    assert room.members == [lead, taker]
    eventually(lambda: taker.in_room[-1]["EndConferenceOnExit"] == "true")
    assert (me in free_advisors(), colleague in free_advisors()) == (True, False)

    # Who has it ends it, and writes it up.
    act(parties.end_call, colleague)
    twilio.wait_until_hung_up(lead)
    twilio.leaves(lead)
    twilio.moves(lead, "completed")
    twilio.moves(taker, "completed")
    with reader() as session:
        callback = session.exec(select(Callback)).one()
        assert (callback.state, callback.advisor_id) == ("wrap_up", colleague)
    nothing_was_given_away(twilio)


def test_a_phone_alone_brings_in_an_interpreter(desk: Desk, twilio: TwilioDouble) -> None:
    webhook = desk.opens()
    with transaction() as session:
        boss = add_advisor(session, 9, now=clock(), role=AdvisorRole.SUPERVISOR)
        line = {"name": "Language line", "language": "Spanish", "number": "+13155550155"}
        line["keys"] = "4471#," + 21 * "2"  # as many as Twilio presses
        brand_id = session.exec(select(Brand.id).where(Brand.name == "Harbor Line")).one()
        call_presets.add_preset(session, brand_id, boss, Party.INTERPRETER, **line, now=clock())
    desk.http.post(webhook, json=FORM)
    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    assert conference_noun_in(twilio.presses(call, "1"))["endConferenceOnExit"] == "false"

    # Star while their phone rings leads back to the ringing.
    twilio.joins(call)
    assert conference_in(twilio.presses_star(call))
    lead = lead_in_call(twilio, call)

    # Star, 4: they wait on hold until the interpreter is there and star, 1 brings all together.
    menu = star(twilio, call)
    assert twilio.wait_for_change(lead)["Hold"] == "true"
    assert "To add a colleague, press 2." in menu
    assert "To add an interpreter, press 4." in menu
    assert "press 5" not in menu
    assert "not an option" in twilio.presses(call, "7")
    assert "<Say" not in twilio.presses(call, "4")  # or they would meet nobody who answers at once
    twilio.joins(call)
    interpreter = twilio.wait_for_leg(call, "/party/")
    assert interpreter.to == "+13155550155"
    assert interpreter.asked("SendDigits") == "wwww4471#ww" + 21 * "2"
    sorry = twilio.fetches(interpreter, interpreter.asked("FallbackUrl"))
    assert "could not be connected" in sorry
    assert "queue" not in sorry
    assert conference_in(twilio.advisor_answers(interpreter))
    assert "<Say" not in interpreter.document
    twilio.joins(interpreter)
    star(twilio, call)
    assert "<Say" not in twilio.presses(call, "1")
    twilio.joins(call)
    assert twilio.wait_for_change(lead, 2)["Hold"] == "false"

    # The lead hangs up, and the phone asks what came of it.
    twilio.moves(lead, "completed")
    twilio.leaves(lead)
    assert "Press 1 if they were helped" in twilio.conference_ends(call)
    nothing_was_given_away(twilio)


def test_a_phone_alone_calls_for_help_and_hands_over(desk: Desk, twilio: TwilioDouble) -> None:
    webhook = desk.opens()
    desk.http.post(webhook, json=FORM)
    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    lead = lead_in_call(twilio, call)

    # Star, 3 calls for help; without a free colleague star, 2 says so.
    star(twilio, call)
    assert "No colleague is free" in twilio.presses(call, "2")
    assert "see that you need help" in twilio.presses(call, "3")
    assert twilio.wait_for_change(lead)["Hold"] == "true"  # until the advisor is back
    assert conference_in(twilio.follows_redirect(call))
    twilio.joins(call)
    assert twilio.wait_for_change(lead, 2)["Hold"] == "false"
    with transaction() as session:
        assert the_attempt(session).help_wanted_at
        other = add_advisor(session, 2, now=clock())
        other_id = other.id
        presence.set_advisor_available(session, other, now=clock())

    # Star, 2 and, once the colleague is there, star, 5: the phone is free, the call goes on.
    star(twilio, call)
    assert conference_in(twilio.presses(call, "2"))
    twilio.joins(call)
    colleague = in_by_key(twilio, call)
    assert conference_in(star(twilio, colleague))  # who does not have the call is back in it
    twilio.joins(colleague)
    assert "To transfer the call to your colleague, press 5." in star(twilio, call)
    assert "Your colleague has the call now" in twilio.presses(call, "5")
    twilio.moves(call, "completed")
    eventually(lambda: lead.in_room[-1]["Hold"] == "false")
    assert twilio.rooms[-1].members == [lead, colleague]

    # The lead hangs up; the colleague writes it up at their desk.
    twilio.moves(lead, "completed")
    twilio.leaves(lead)
    twilio.moves(colleague, "completed")
    with reader() as session:
        callback = session.exec(select(Callback)).one()
        assert (callback.state, callback.advisor_id) == ("wrap_up", other_id)
    nothing_was_given_away(twilio)


def test_a_phone_alone_ends_the_call_by_key_or_by_hanging_up(
    desk: Desk, twilio: TwilioDouble
) -> None:
    webhook = desk.opens()
    desk.http.post(webhook, json=FORM)
    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    twilio.joins(call)
    lead = lead_in_call(twilio, call, is_first=False)
    star(twilio, call)
    assert "Press 1 if they were helped" in twilio.presses(call, "9")
    twilio.wait_until_hung_up(lead)
    assert "again tomorrow" in twilio.documents[-1]
    assert "recorded" in twilio.presses(call, "3")
    twilio.moves(lead, "completed")
    twilio.moves(call, "completed")

    # The lead hangs up in the moment of a star: it is no menu that follows.
    desk.http.post(webhook, json=FORM | {"phone": "(315) 555-0143"})
    call = twilio.wait_for_call(2)
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    twilio.joins(call)
    lead = lead_in_call(twilio, call, is_first=False)
    twilio.presses_star(call)
    assert "<Redirect" in call.document
    twilio.moves(lead, "completed")
    assert "Press 1 if they were helped" in twilio.follows_redirect(call)


def at_a_desk(desk: Desk) -> tuple[int, str]:
    """The only advisor, available at an open desk; and where forms are sent to."""
    webhook = desk.opens(advisors=0)
    with transaction() as session:
        advisor = add_advisor(session, 1, now=clock())
        presence.set_advisor_available(session, advisor, now=clock())
        return advisor.id, webhook


def a_talk_of_desk(desk: Desk, twilio: TwilioDouble, webhook: str) -> tuple[Call, Call]:
    """They talk, and the advisor's phone has no menu."""
    assert desk.http.post(webhook, json=FORM).status_code == 200
    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    assert "hangupOnStar" not in twilio.presses(call, "1")
    return call, lead_in_call(twilio, call)


def star(twilio: TwilioDouble, call: Call) -> str:
    """Press star; returns the menu."""
    assert "<Say" not in twilio.presses_star(call)
    return twilio.follows_redirect(call)


def hangs_up(twilio: TwilioDouble, leg: Call) -> None:
    twilio.leaves(leg)
    twilio.moves(leg, "completed")


def advisor_of_call() -> int | None:
    with reader() as session:
        return session.exec(select(Callback.advisor_id)).one()


def act(verb: Callable[..., object], advisor_id: int, *what: object, **how: object) -> None:
    """Do at the desk what an advisor can do in the call."""
    with transaction() as session:
        verb(
            session,
            the_attempt(session),
            session.get_one(Advisor, advisor_id),
            *what,
            **how,
            now=clock(),
        )


def change_audience(supervisor_id: int, audience: Audience) -> None:
    with transaction() as session:
        supervisor = session.get_one(Advisor, supervisor_id)
        leg = leg_of(session, Party.SUPERVISOR)
        parties.change_audience(session, leg, supervisor, audience, now=clock())


def the_attempt(session: Session) -> CallAttempt:
    return session.exec(select(CallAttempt)).one()


def leg_of(session: Session, party: Party) -> CallLeg:
    return session.exec(select(CallLeg).where(CallLeg.party == party)).one()


def free_advisors() -> set[int]:
    with reader() as session:
        return {one.id for one in availability.list_available_advisors(session, now=clock())}


def conference_noun_in(document: str) -> dict[str, str]:
    noun = ET.fromstring(document).find("Dial/Conference")
    assert noun is not None, document
    return noun.attrib


def conference_noun(leg: Call) -> ET.Element:
    noun = ET.fromstring(leg.document).find("Dial/Conference")
    assert noun is not None, leg.document
    return noun


def gives_away(text: str) -> bool:
    """Tell whether the text holds anything of a person, a helpline or their keys."""
    return PERSONAL.search(without_random_ids(text)) is not None


def nothing_was_given_away(twilio: TwilioDouble) -> None:
    """Assert that no address, label or document names anybody, and no lead hears a machine."""
    for document in [*twilio.documents, *(call.asked("Twiml") for call in twilio.calls)]:
        assert not gives_away(re.sub(r"https?://[^<\"]*", "", document)), document
        assert document.count("<Conference") == document.count('beep="false"')
    for address in twilio.addresses:
        assert not gives_away(address.partition("/hooks/")[2]), address
    for call in twilio.calls:
        if "<Conference" in call.asked("Twiml"):
            assert "<Say" not in call.asked("Twiml")
