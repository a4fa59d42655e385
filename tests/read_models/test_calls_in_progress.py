"""What desks and the board show of a call under way, and when they are drawn again."""

from __future__ import annotations

from sqlmodel import Session

from leads.callbacks import queue
from leads.calls import conference_news, parties, party_legs, progress
from leads.calls.legs import LegReport
from leads.calls.parties import CallVerb
from leads.models.calls import CallLeg
from leads.models.enums import AnsweredBy, Audience, LegStatus, Party
from leads.read_models import calls_in_progress
from leads.read_models.calls_in_progress import CallBar
from leads.read_models.page_changes import Topic, read_page_snapshot
from tests.conftest import NOW
from tests.support import people
from tests.support.people import MINUTE, a_live_call, advisor_of, on_duty


def test_a_call_bar_shows_who_is_there_and_offers_what_can_be_done(session: Session) -> None:
    attempt = a_live_call(session, "bridged")
    advisor, colleague = advisor_of(session, attempt), on_duty(session)
    assert bar_of(session, colleague.id) is None
    bar = bar_of(session, advisor.id)
    assert standings(bar) == [("advisor", "in_call"), ("lead", "in_call")]
    assert (CallVerb.HAND_OVER in bar.verbs, list(bar.colleagues)) == (False, [colleague.id])

    # They ring somebody outside, who does not answer, and a colleague, who comes.
    outsider = parties.ask_in_outsider(
        session, attempt, advisor, Party.THIRD_PARTY, "(315) 555-0177", now=NOW
    )
    leg = parties.ask_in_colleague(session, attempt, advisor, colleague, now=NOW)
    bar = bar_of(session, advisor.id)
    assert (bar.is_lead_on_hold, bar.colleagues) == (True, {})
    assert standings(bar)[2:] == [("colleague", "ringing"), ("third_party", "ringing")]
    assert bar_of(session, colleague.id).verbs == frozenset()
    comes_to(session, outsider, LegStatus.BUSY)
    joins(session, leg)
    bar = bar_of(session, advisor.id)
    assert standings(bar)[2:] == [("colleague", "in_call"), ("third_party", "not_reached")]
    assert CallVerb.HAND_OVER in bar.verbs
    assert bar_of(session, colleague.id).verbs == {CallVerb.LEAVE}

    parties.hand_over(session, attempt, advisor, leg, now=NOW)
    assert bar_of(session, advisor.id).verbs == {CallVerb.LEAVE}
    assert CallVerb.END in bar_of(session, colleague.id).verbs
    comes_to(session, leg, LegStatus.COMPLETED)  # whoever handed it over and stayed has it again
    assert bar_of(session, colleague.id) is None
    assert CallVerb.END in bar_of(session, advisor.id).verbs


def test_a_ringing_call_can_only_be_ended_or_helped(session: Session) -> None:
    attempt = people.an_accepted_call(session)
    bar = bar_of(session, attempt.advisor_id)
    assert bar.verbs == {CallVerb.CANCEL, CallVerb.ASK_FOR_HELP}
    assert standings(bar) == [("advisor", "in_call"), ("lead", "ringing")]


def test_the_board_shows_first_who_asks_for_help(session: Session) -> None:
    quiet = a_live_call(session, "bridged")
    crying = a_live_call(session, "bridged", now=NOW + MINUTE)
    people.a_call(session, now=NOW + MINUTE)  # nobody can join what is no talk yet
    boss = people.a_supervisor(session)
    parties.ask_for_help(session, crying, advisor_of(session, crying), now=NOW + MINUTE)
    shown = calls_in_progress.list_calls_in_progress(session, boss)
    assert [call.attempt_id for call in shown] == [crying.id, quiet.id]
    leg = parties.join_as_supervisor(session, crying, boss, Audience.NOBODY, now=NOW + MINUTE)
    assert calls_in_progress.list_calls_in_progress(session, boss)[0].member_of(boss.id) is None
    joins(session, leg)
    [oldest, helped] = calls_in_progress.list_calls_in_progress(session, boss)
    assert (oldest.attempt_id, helped.help_wanted_at) == (quiet.id, None)
    me = helped.member_of(boss.id)
    assert me is not None
    assert me.audience == Audience.NOBODY


def test_a_desk_is_drawn_again_for_everybody_in_the_call_and_nobody_else(session: Session) -> None:
    attempt = a_live_call(session, "bridged")
    advisor, colleague, other = advisor_of(session, attempt), on_duty(session), on_duty(session)
    ids = (advisor.id, colleague.id, other.id)
    before = drawn(session, *ids)
    leg = parties.ask_in_colleague(session, attempt, advisor, colleague, now=NOW)
    asked = drawn(session, *ids)
    assert [now == was for now, was in zip(asked, before, strict=True)] == [False, False, True]
    joins(session, leg)
    joined = drawn(session, *ids)
    parties.hold_lead(session, attempt, advisor, is_on_hold=True, now=NOW)
    held = drawn(session, *ids)
    assert [now == was for now, was in zip(held, joined, strict=True)] == [False, False, True]


def test_a_desk_in_a_call_hears_of_a_machine_and_of_who_can_be_asked_in(session: Session) -> None:
    attempt = a_live_call(session, "bridged")
    ids = (advisor_of(session, attempt).id, on_duty(session).id)
    before = drawn(session, *ids)
    on_duty(session)
    with_another = drawn(session, *ids)
    assert [now == was for now, was in zip(with_another, before, strict=True)] == [False, True]
    conference_news.note_answered_by(
        session, attempt.id, f"CA-lead-{attempt.id}", AnsweredBy.MACHINE, now=NOW
    )
    heard = drawn(session, *ids)
    assert [now == was for now, was in zip(heard, with_another, strict=True)] == [False, True]


def test_a_desk_without_anybody_says_whom_colleagues_are_about_to_reach(session: Session) -> None:
    idle = people.an_advisor(session)
    reading, ana = people.a_claim(session)
    before = drawn(session, idle.id)
    attempt = people.an_accepted_call(session)
    ana.name, advisor_of(session, attempt).name = "Ana", "Ben"
    taken = calls_in_progress.read_taken_by_colleagues(session, idle.id)
    assert (taken.calling, taken.reading) == (("Ben",), ("Ana",))
    assert calls_in_progress.read_taken_by_advisors(session) == taken
    assert not calls_in_progress.read_taken_by_colleagues(session, ana.id).reading
    ringing = drawn(session, idle.id)
    assert ringing != before

    # Whoever is reached is nobody's to wait for any more, and the desk is told.
    progress.apply_leg_report(session, people.of_lead(attempt, LegStatus.IN_PROGRESS), now=NOW)
    queue.release_callback(session, reading, ana, now=NOW)
    assert drawn(session, idle.id) != ringing
    assert not calls_in_progress.read_taken_by_colleagues(session, idle.id)


def bar_of(session: Session, advisor_id: int) -> CallBar:
    return calls_in_progress.read_call_bar(session, advisor_id, now=NOW)


def standings(bar: CallBar) -> list[tuple[str, str]]:
    return [(str(member.party), str(member.standing)) for member in bar.call.members]


def comes_to(session: Session, leg: CallLeg, status: LegStatus) -> None:
    report = LegReport(
        leg.attempt_id, Party.UNKNOWN, f"CA-{leg.id}", status, "party", 9, leg_id=leg.id
    )
    progress.apply_leg_report(session, report, now=NOW)


def joins(session: Session, leg: CallLeg) -> None:
    assert party_legs.may_join_call(session, leg.id, f"CA-{leg.id}", now=NOW)
    party_legs.note_party_joined(session, leg.id, now=NOW)


def drawn(session: Session, *advisor_ids: int) -> list[object]:
    session.flush()
    snapshot = read_page_snapshot(session, now=NOW)
    return [snapshot.fingerprint_by_topic(one)[Topic.DESK] for one in advisor_ids]
