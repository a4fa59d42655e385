"""The board: rows, filters, what supervisors do about a callback, and that nobody else may."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from sqlmodel import Session, select

from leads.alerting import on_call
from leads.callbacks import claims, completion, opt_out, queue
from leads.errors import LostRace, NotAllowed, NotNow
from leads.helplines import source_deliveries, source_settings
from leads.i18n.messages import Message, MessageKey
from leads.intake import review, review_queue
from leads.lead_records import lead_file, merging
from leads.models.advisors import Advisor, SignIn
from leads.models.calls import Callback
from leads.people import availability, presence, sessions, staff
from leads.privacy import data_export
from leads.read_models import callback_board, work_list
from tests.conftest import NOW
from tests.support.people import (
    DAY,
    HOUR,
    MINUTE,
    a_call,
    a_callback,
    a_claim,
    a_conversation,
    a_lead,
    a_live_call,
    a_source,
    a_submission,
    a_supervisor,
    advisor_of,
    an_advisor,
    hold_back,
    moves,
    on_duty,
    release_as_read,
)


@pytest.mark.parametrize(
    ("state", "doing"),
    [
        ("requested", "phone ringing"),
        ("ringing_advisor", "phone ringing"),
        ("ringing_lead", "calling them"),
        ("bridged", "talking"),
    ],
)
def test_an_advisor_is_shown_as_far_as_their_call_has_come(
    session: Session, state: str, doing: str
) -> None:
    attempt = a_live_call(session, state)
    (one,) = callback_board.read_board(session, a_supervisor(session), now=NOW).colleagues
    assert one.name == advisor_of(session, attempt).name
    assert one.doing == doing
    assert one.since == NOW
    assert one.is_free is False


def test_who_reads_wraps_up_waits_or_is_away_is_shown_since_when(session: Session) -> None:
    _, reads = a_claim(session, now=NOW - MINUTE)
    waits = on_duty(session, idle_since=NOW - HOUR)
    away, offline = an_advisor(session), an_advisor(session)
    presence.set_advisor_available(session, away, now=NOW - HOUR)
    for at in (NOW - 3 * MINUTE, NOW):  # again, with another reason: away all the same
        presence.set_advisor_away(session, away, reason=Message(MessageKey.BREAK), now=at)
    found = {
        one.advisor_id: (one.doing, one.since)
        for one in callback_board.read_board(session, a_supervisor(session), now=NOW).colleagues
    }
    assert found == {
        reads.id: ("reading", NOW - MINUTE),
        waits.id: ("available", NOW - HOUR),
        away.id: ("away: Break", NOW - 3 * MINUTE),
    }
    assert offline.id not in found


def test_a_callback_is_given_to_somebody_else_and_who_did_it_is_on_record(session: Session) -> None:
    callback, ana = a_claim(session)
    ben, sam = on_duty(session), a_supervisor(session)
    queue.reassign_callback(session, callback, ben, sam, now=NOW + MINUTE)
    assert callback.state == "claimed"
    assert callback.advisor_id == ben.id
    assert callback.lease_until == NOW + MINUTE + claims.LEASE
    by = f"advisor:{sam.id}"
    assert [(one.event, one.actor) for one in moves(session, callback)][1:] == [
        ("release", by),
        ("claim", by),
    ]
    assert ana in availability.list_available_advisors(session, now=NOW)
    with pytest.raises(LostRace):
        queue.start_call(session, callback, ana, now=NOW)
    waiting = a_callback(session)
    queue.reassign_callback(session, waiting, ana, sam, now=NOW)
    assert waiting.advisor_id == ana.id


def test_nobody_is_given_what_they_cannot_take(session: Session) -> None:
    sam, (_, busy), gone, ana = (
        a_supervisor(session),
        a_claim(session),
        an_advisor(session),
        on_duty(session),
    )
    callback = a_callback(session)
    with pytest.raises(NotNow, match="Finish your current"):
        queue.reassign_callback(session, callback, busy, sam, now=NOW)
    with pytest.raises(NotNow, match="is not available now"):
        queue.reassign_callback(session, callback, gone, sam, now=NOW)
    hold_back(session, callback, "Look first.")
    with pytest.raises(NotNow, match="decide about the hold"):
        queue.reassign_callback(session, callback, ana, sam, now=NOW)
    assert (callback.state, callback.advisor_id) == ("waiting", None)


@pytest.mark.parametrize("make", [a_call, a_conversation])
def test_a_call_is_taken_out_of_nobodys_hands(
    session: Session, make: Callable[[Session], object]
) -> None:
    attempt = make(session)
    callback = session.get_one(Callback, attempt.callback_id)
    sam, ana = a_supervisor(session), on_duty(session)
    with pytest.raises(LostRace):
        queue.reassign_callback(session, callback, ana, sam, now=NOW)
    with pytest.raises(LostRace):
        queue.move_callback_up(session, callback, sam, now=NOW)


def test_what_is_moved_up_goes_first_and_that_is_on_record(session: Session) -> None:
    first, second = a_callback(session, due_at=NOW - HOUR), a_callback(session)
    sam = a_supervisor(session)
    queue.move_callback_up(session, second, sam, now=NOW)
    assert queue.claim_next_callback(session, on_duty(session), now=NOW) is second
    assert first.state == "waiting"
    (move, *_) = moves(session, second)
    assert move.event == "move_up"
    assert move.actor == f"advisor:{sam.id}"
    assert move.before == "waiting"
    assert move.after == "waiting"
    with pytest.raises(LostRace, match="Assigned to"):
        queue.move_callback_up(session, second, sam, now=NOW)


ACTS: dict[str, Callable[[Session, Advisor], object]] = {
    "reassign": lambda s, by: queue.reassign_callback(s, a_callback(s), on_duty(s), by, now=NOW),
    "move up": lambda s, by: queue.move_callback_up(s, a_callback(s), by, now=NOW),
    "unhold": lambda s, by: release_as_read(s, a_callback(s, hold="Look."), by, now=NOW),
    "cancel": lambda s, by: completion.cancel_callback(s, a_callback(s), by, reason="x", now=NOW),
    "reinstate": lambda s, by: opt_out.lift_stop(
        s, a_lead(s, state="suppressed").phone, by, now=NOW
    ),
    "correct": lambda s, by: lead_file.correct_lead_facts(s, a_lead(s), {"name": "x"}, by, now=NOW),
    "export": lambda s, by: data_export.export_lead_data(s, a_lead(s), by, now=NOW),
    "merge": lambda s, by: merging.merge_leads(
        s, a_lead(s, state="closed"), a_lead(s, state="closed"), by, now=NOW
    ),
    "unmerge": lambda s, by: merging.unmerge_leads(s, a_lead(s), by, now=NOW),
    "colleagues": lambda s, by: staff.read_staff(s, by, now=NOW),
    "reveal": lambda s, by: lead_file.reveal_lead_number(s, a_lead(s), by, now=NOW),
    "secret": lambda s, by: source_settings.add_source_secret(
        s, a_source(s), "correct horse battery staple", by, now=NOW
    ),
    "address": lambda s, by: source_settings.renew_webhook_address(s, a_source(s), by, now=NOW),
    "pause": lambda s, by: source_settings.pause_source(s, a_source(s), by, now=NOW),
    "map": lambda s, by: source_settings.map_form_field(
        s, a_source(s), "phone", "tel", by, now=NOW
    ),
    "on call": lambda s, by: on_call.add_on_call_shift(
        s, by, days="mon-fri", begins="08:00", ends="18:00", zone="UTC", actor=by, now=NOW
    ),
    "board": lambda s, by: callback_board.read_board(s, by, now=NOW),
    "callbacks": lambda s, by: callback_board.list_open_callbacks(s, by, now=NOW),
    "work list": lambda s, by: work_list.read_work_list(s, by, now=NOW),
    "review": lambda s, by: review_queue.find_submission_to_review(s, 1, by),
    "find": lambda s, by: lead_file.search_lead_files(s, "Ana", by),
    "file": lambda s, by: lead_file.read_lead_file(s, a_lead(s).id, by, now=NOW),
    "sources": source_settings.list_source_details,
    "deliveries": lambda s, by: source_deliveries.read_latest_deliveries(s, a_source(s).id, by),
    "body": lambda s, by: source_deliveries.read_delivery_body(s, a_submission(s).id, by),
    "discard": lambda s, by: review.discard_submission(
        s, a_submission(s, state="needs_review"), by, reason="x", now=NOW
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_advisor_may_do_nothing_that_is_a_supervisors(session: Session, act: str) -> None:
    with pytest.raises(NotAllowed):
        ACTS[act](session, an_advisor(session))
    allowed = (
        pytest.raises(NotNow) if act == "unmerge" else nullcontext()
    )  # they are not merged, whoever asks
    with allowed:
        ACTS[act](session, a_supervisor(session))


def test_sessions_that_are_long_over_are_forgotten(session: Session) -> None:
    ana = an_advisor(session)
    for age in (91 * DAY, 90 * DAY, HOUR):
        sessions.start_session(session, ana, now=NOW - sessions.SESSION_LASTS - age)
    revoked = sessions.begin_second_factor(session, ana, now=NOW - 92 * DAY)
    sessions.revoke_secret(session, revoked, now=NOW - 92 * DAY)
    sessions.delete_expired_sign_ins(session, now=NOW)
    assert [row.ends_at for row in session.exec(select(SignIn))] == [NOW - HOUR]
