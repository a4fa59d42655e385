"""One person with two numbers.

Brought together nobody is lost or counted twice, and taken apart both are there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlmodel import Session, col, select

from leads.callbacks import completion, opt_out, queue
from leads.calls import progress
from leads.database.transactions import write_deferred_inserts
from leads.errors import NotNow
from leads.free_text.danger import DangerKind
from leads.helplines import brands_and_sources
from leads.i18n.messages import own_words
from leads.intake import processing
from leads.lead_records import lead_file, merged_promises, merging
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import OPEN_CALLBACK, LeadState, LegStatus
from leads.models.requests import Lead, Submission, Suppression
from leads.phone_numbers import mask_phone
from leads.reporting import cohort, waiting_now
from tests.conftest import NOW
from tests.support.people import (
    DAY,
    HOUR,
    MINUTE,
    a_conversation,
    a_source,
    a_supervisor,
    advisor_of,
    an_accepted_call,
    an_advisor,
    held_for,
    hold_back,
    lead_of,
    of_lead,
    release_as_read,
)

HOME, MOBILE = "+13155550142", "+13155550143"
LATER = NOW + MINUTE


@pytest.fixture(autouse=True)
def _invariants_hold_afterwards(session: Session) -> Iterator[None]:
    yield
    session.flush()
    _invariants_hold(session)


@pytest.fixture
def sam(session: Session) -> Advisor:
    return a_supervisor(session)


def test_of_two_promises_the_earlier_stays_and_one_person_is_counted(
    session: Session, sam: Advisor
) -> None:
    mobile, home = _asks(session, MOBILE, at=NOW - HOUR), _asks(session, HOME, at=NOW)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    (promise,) = _open(session)
    assert promise.lead_id == home.id
    assert promise.received_at == NOW - HOUR
    assert promise.asked_again == 1
    assert mobile.state == LeadState.CLOSED
    assert mobile.merged_into_id == home.id
    assert home.state == LeadState.OPEN
    (person,) = _counted(session)
    assert (person.callback_id, person.received_at) == (promise.id, NOW - HOUR)
    assert queue.claim_next_callback(session, an_advisor(session), now=NOW) is promise
    assert lead_of(session, promise).phone == HOME


def test_one_person_is_counted_once_in_a_day_that_is_packed(session: Session, sam: Advisor) -> None:
    mobile, home = _asks(session, MOBILE, at=NOW - HOUR), _asks(session, HOME, at=NOW)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    everybody = _counted(session)
    for day in cohort.days_to_snapshot(session, now=NOW + DAY):
        assert cohort.snapshot_cohort_day(session, day)
    assert _counted(session) == everybody
    assert len(everybody) == 1


def test_a_ring_before_the_merge_counts_for_the_person(session: Session, sam: Advisor) -> None:
    mobile, home = _asks(session, MOBILE, at=NOW - HOUR), _asks(session, HOME, at=NOW - MINUTE)
    of_home = _open_of(session, home)
    of_home.first_rung_at = NOW
    merging.merge_leads(session, mobile, home, sam, now=LATER)
    assert [one.first_rung_at for one in _counted(session)] == [NOW]
    merging.unmerge_leads(session, mobile, sam, now=LATER)
    assert _open_of(session, mobile).first_rung_at is None


@pytest.mark.parametrize("first", [MOBILE, HOME])
def test_taken_apart_both_wait_again_since_they_asked(
    session: Session, sam: Advisor, first: str
) -> None:
    asked = {number: NOW - HOUR * (1 + (number == first)) for number in (MOBILE, HOME)}
    mobile, home = (_asks(session, number, at=asked[number]) for number in (MOBILE, HOME))
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    merging.unmerge_leads(session, mobile, sam, now=LATER)
    assert {lead_of(session, one).phone: one.received_at for one in _open(session)} == asked
    assert sorted(one.received_at for one in _counted(session)) == sorted(asked.values())
    assert mobile.merged_into_id is None
    merging.merge_leads(session, mobile, home, sam, now=LATER)  # and together again
    assert len(_open(session)) == len(_counted(session)) == 1


def test_a_promise_that_was_kept_is_not_the_others(session: Session, sam: Advisor) -> None:
    mobile, home = _asks(session, MOBILE, at=NOW - HOUR), _asks(session, HOME, at=NOW)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    (promise,) = _open(session)
    attempt = a_conversation(session, promise)
    assert attempt.phone == HOME
    completion.dispose_callback(
        session, promise, advisor_of(session, attempt), Disposition.HELPED, notes="", now=NOW
    )
    merging.unmerge_leads(session, mobile, sam, now=LATER)
    (again,) = _open(session)
    assert again.lead_id == mobile.id
    assert again.received_at == NOW - HOUR
    assert again.first_rung_at is None
    assert home.state == LeadState.CLOSED
    assert len(_counted(session)) == 2


def test_what_comes_from_a_merged_number_joins_and_says_so(session: Session, sam: Advisor) -> None:
    mobile, home = _asks(session, MOBILE), _asks(session, HOME)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    _asks(session, MOBILE, at=LATER, message="It is me again.")
    assert len(_open(session)) == 1
    sent = session.exec(select(Submission).order_by(col(Submission.id).desc())).first()
    assert sent.state == "duplicate"
    assert sent.lead_id == mobile.id
    assert sent.callback_id == _open(session)[0].id
    assert (
        _told(session, home)[0]
        == f"Jo 43 submitted a request through Site from {mask_phone(MOBILE)}"
    )
    assert (
        lead_file.read_lead_file(session, mobile.id, a_supervisor(session), now=NOW).lead_id
        == home.id
    )


def test_a_request_while_merged_is_lost_by_no_way_of_taking_apart(
    session: Session, sam: Advisor
) -> None:
    mobile, home = _asks(session, MOBILE), _asks(session, HOME)
    for promise in _open(session):
        completion.cancel_callback(session, promise, sam, reason="met them", now=NOW)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    assert _open(session) == []
    _asks(session, MOBILE, at=NOW + HOUR, message="Again.")
    (promise,) = _open(session)
    assert promise.lead_id == home.id  # theirs is the number to ring
    merging.unmerge_leads(session, mobile, sam, now=NOW + 2 * HOUR)
    assert [one.lead_id for one in _open(session)] == [mobile.id]
    assert home.state == LeadState.CLOSED


def test_whoever_joined_a_promise_while_merged_gets_their_own(
    session: Session, sam: Advisor
) -> None:
    mobile, home = _asks(session, MOBILE), _asks(session, HOME)
    completion.cancel_callback(session, _open_of(session, mobile), sam, reason="met them", now=NOW)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    _asks(session, MOBILE, at=NOW + HOUR, message="Again.")
    merging.unmerge_leads(session, mobile, sam, now=NOW + 2 * HOUR)
    assert {one.lead_id: one.received_at for one in _open(session)} == {
        home.id: NOW,
        mobile.id: NOW + HOUR,
    }


def test_a_suppressed_number_stays_so_and_no_merge_makes_it_callable(
    session: Session, sam: Advisor
) -> None:
    mobile, home = _asks(session, MOBILE), _asks(session, HOME)
    opt_out.stop_contact(session, MOBILE, reason=own_words("by text"), actor="advisor:1", now=NOW)
    with pytest.raises(NotNow, match="do-not-contact list"):
        merging.merge_leads(session, home, mobile, sam, now=NOW)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    assert [one.lead_id for one in _open(session)] == [home.id]
    _asks(session, MOBILE, at=LATER, message="Again.")
    assert _last(session).state == "withheld"
    merging.unmerge_leads(session, mobile, sam, now=LATER)
    assert mobile.state == LeadState.SUPPRESSED
    assert session.exec(
        select(Suppression.phone).where(col(Suppression.lifted_at).is_(None))
    ).all() == [MOBILE]


def test_a_stop_from_one_number_lets_a_person_look_at_the_other(
    session: Session, sam: Advisor
) -> None:
    mobile, home = _asks(session, MOBILE), _asks(session, HOME)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    opt_out.stop_contact(session, MOBILE, reason=own_words("by text"), actor="sms", now=NOW)
    assert held_for(_open(session)[0]) == ["stopped_elsewhere"]
    opt_out.stop_contact(session, HOME, reason=own_words("by text"), actor="sms", now=NOW)
    assert _open(session) == []
    _asks(session, MOBILE, at=LATER, message="Again.")
    assert _last(session).state == "withheld"


def test_a_no_at_one_number_is_no_yes_at_the_other(session: Session, sam: Advisor) -> None:
    mobile, home = _asks(session, MOBILE), _asks(session, HOME)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    _asks(session, MOBILE, at=LATER, safe_to_call="no")
    assert held_for(_open(session)[0]) == ["refused_elsewhere"]


FIRST, SECOND = "They were in doubt about the first.", "Look at the second."


@pytest.mark.parametrize("first", [MOBILE, HOME])
def test_taken_apart_both_stand_as_if_nothing_had_been(
    session: Session, sam: Advisor, first: str
) -> None:
    mobile, home = (
        _asks(session, number, at=NOW - HOUR * (1 + (number == first))) for number in (MOBILE, HOME)
    )
    one, other = _open_of(session, mobile), _open_of(session, home)
    one.danger, one.misses, one.due_at, one.first_rung_at = (
        DangerKind.SELF,
        2,
        NOW + DAY,
        NOW - MINUTE,
    )
    other.asked_again, other.priority, other.due_at = 1, 2, NOW + HOUR
    hold_back(session, one, FIRST)
    hold_back(session, other, SECOND, "entry_deleted")
    before = [merged_promises.queue_state_of(session, each) for each in (one, other)]
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    (promise,) = _open(session)
    assert promise.danger is DangerKind.SELF
    assert promise.asked_again == 1
    assert promise.priority == 0
    assert promise.due_at == NOW + HOUR
    assert promise.first_rung_at == NOW - MINUTE
    assert set(held_for(promise)) == {FIRST, SECOND, "entry_deleted"}  # none is lost
    merging.unmerge_leads(session, mobile, sam, now=LATER)
    assert [
        merged_promises.queue_state_of(session, _open_of(session, person))
        for person in (mobile, home)
    ] == before


@pytest.mark.parametrize("first", [MOBILE, HOME])
def test_what_happened_while_merged_stays_with_whom_it_happened_to(
    session: Session, sam: Advisor, first: str
) -> None:
    mobile, home = (
        _asks(session, number, at=NOW - HOUR * (1 + (number == first))) for number in (MOBILE, HOME)
    )
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    (promise,) = _open(session)
    queue.move_callback_up(session, promise, sam, now=NOW)
    progress.apply_leg_report(
        session, of_lead(an_accepted_call(session, promise), LegStatus.NO_ANSWER), now=NOW
    )
    assert (promise.misses, promise.due_at > NOW) == (1, True)
    next_try = promise.due_at
    merging.unmerge_leads(session, mobile, sam, now=LATER)
    theirs, ours = _open_of(session, mobile), _open_of(session, home)
    assert theirs.misses == 0
    assert theirs.first_rung_at is None
    assert theirs.asked_again == 0
    assert theirs.priority == 1
    assert theirs.due_at < NOW
    assert ours.misses == 1
    assert ours.first_rung_at == NOW
    assert ours.due_at == next_try
    assert ours.asked_again == 0
    assert ours.priority == 1


@pytest.mark.parametrize("first", [MOBILE, HOME])
def test_a_look_before_one_number_is_rung_is_none_before_the_other(
    session: Session, sam: Advisor, first: str
) -> None:
    mobile, home = (
        _asks(session, number, at=NOW - HOUR * (1 + (number == first))) for number in (MOBILE, HOME)
    )
    hold_back(session, _open_of(session, mobile), FIRST)
    hold_back(session, _open_of(session, home), SECOND)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    (promise,) = _open(session)
    release_as_read(session, promise, sam, now=NOW)
    _asks(session, MOBILE, at=LATER, safe_to_call="no")
    hold_back(session, promise, "call_lost")
    merging.unmerge_leads(session, mobile, sam, now=LATER)
    # The gate says no for itself.
    assert sorted(held_for(_open_of(session, mobile))) == [FIRST, "call_lost"]
    assert held_for(_open_of(session, home)) == ["call_lost"]


def test_what_holds_a_promise_back_outlives_whatever_comes_after_it(
    session: Session, sam: Advisor
) -> None:
    mobile, home = _asks(session, MOBILE, safe_to_call="no"), _asks(session, HOME)
    assert held_for(_open_of(session, mobile)) == ["not_safe_to_call"]
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    _asks(session, HOME, at=LATER, message="Again.")  # the gate has nothing against this number
    assert held_for(_open(session)[0]) == ["refused_elsewhere"]
    opt_out.stop_contact(session, MOBILE, reason=own_words("by text"), actor="sms", now=NOW)
    assert held_for(_open(session)[0]) == ["refused_elsewhere", "stopped_elsewhere"]
    merging.unmerge_leads(session, mobile, sam, now=LATER)
    assert [(one.lead_id, held_for(one)) for one in _open(session)] == [(home.id, [])]


def test_whoever_said_stop_before_holds_the_other_number_too(
    session: Session, sam: Advisor
) -> None:
    mobile, home = _asks(session, MOBILE), _asks(session, HOME)
    opt_out.stop_contact(session, MOBILE, reason=own_words("by text"), actor="sms", now=NOW)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    assert held_for(_open(session)[0]) == ["stopped_elsewhere"]


def test_a_file_that_stays_merged_keeps_its_hold(session: Session, sam: Advisor) -> None:
    mobile, home, work = (_asks(session, number) for number in (MOBILE, HOME, "+13155550144"))
    for one in (mobile, work):
        merging.merge_leads(session, one, home, sam, now=NOW)
        _asks(session, one.phone, at=LATER, safe_to_call="no")
    for one, hold in ((mobile, ["refused_elsewhere"]), (work, [])):
        merging.unmerge_leads(session, one, sam, now=LATER)
        assert held_for(_open_of(session, home)) == hold
    assert len(_counted(session)) == len(_open(session)) == 3


def test_nothing_is_merged_or_taken_apart_in_somebodys_hands(
    session: Session, sam: Advisor
) -> None:
    mobile, home = _asks(session, MOBILE), _asks(session, HOME)
    callback, ana = _open_of(session, mobile), an_advisor(session)
    queue.claim_callback(session, callback, ana, now=NOW)
    for one, other in ((mobile, home), (home, mobile)):
        with pytest.raises(NotNow, match="is handling"):
            merging.merge_leads(session, one, other, sam, now=NOW)
    queue.release_callback(session, callback, ana, now=NOW)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    queue.claim_callback(session, _open(session)[0], ana, now=NOW)
    with pytest.raises(NotNow, match="is handling"):
        merging.unmerge_leads(session, mobile, sam, now=NOW)


def test_what_is_merged_is_merged_once(session: Session, sam: Advisor) -> None:
    mobile, home, work = (_asks(session, number) for number in (MOBILE, HOME, "+13155550144"))
    with pytest.raises(NotNow, match="already the same file"):
        merging.merge_leads(session, home, home, sam, now=NOW)
    with pytest.raises(NotNow, match="not merged"):
        merging.unmerge_leads(session, mobile, sam, now=NOW)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    for one, other in ((mobile, work), (work, mobile), (home, work)):
        with pytest.raises(NotNow, match="already merged"):
            merging.merge_leads(session, one, other, sam, now=NOW)
    merging.merge_leads(session, work, home, sam, now=NOW)
    assert len(_counted(session)) == len(_open(session)) == 1
    assert _told(session, home).count("Another file was merged into this one") == 2


def test_what_two_helplines_promised_stays_two_promises_at_one_number(
    session: Session, sam: Advisor
) -> None:
    other = _another_helpline(session)
    mobile = _asks(session, MOBILE, at=NOW - HOUR, source_id=other)
    home = _asks(session, HOME)
    before = {one.id: merged_promises.queue_state_of(session, one) for one in _open(session)}
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    assert [one.lead_id for one in _open(session)] == [home.id, home.id]
    assert len({one.brand_id for one in _open(session)}) == 2
    assert {one.id: merged_promises.queue_state_of(session, one) for one in _open(session)} == (
        before
    )
    assert (mobile.state, home.state) == (LeadState.CLOSED, LeadState.OPEN)
    assert len(_counted(session)) == 2
    merging.unmerge_leads(session, mobile, sam, now=LATER)
    assert {one.lead_id: one.received_at for one in _open(session)} == {
        mobile.id: NOW - HOUR,
        home.id: NOW,
    }
    assert {one.id: merged_promises.queue_state_of(session, one) for one in _open(session)} == (
        before
    )


@pytest.mark.parametrize("first", [MOBILE, HOME])
def test_of_three_promises_two_are_one_helpline_s(
    session: Session, sam: Advisor, first: str
) -> None:
    other = _another_helpline(session)
    asked = {number: NOW - HOUR * (1 + (number == first)) for number in (MOBILE, HOME)}
    mobile, home = (_asks(session, number, at=asked[number]) for number in (MOBILE, HOME))
    _asks(session, HOME, source_id=other)
    before = {(one.lead_id, one.brand_id, one.received_at) for one in _open(session)}
    with pytest.raises(NotNow, match="keep the other number"):
        merging.merge_leads(session, home, mobile, sam, now=NOW)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    assert {one.lead_id for one in _open(session)} == {home.id}
    assert sorted(one.received_at for one in _open(session)) == [asked[first], NOW]
    assert len(_counted(session)) == 2
    merging.unmerge_leads(session, mobile, sam, now=LATER)
    assert {(one.lead_id, one.brand_id, one.received_at) for one in _open(session)} == before


def test_a_file_owed_two_calls_is_not_merged_into_one_owed_two(
    session: Session, sam: Advisor
) -> None:
    other = _another_helpline(session)
    for number in (MOBILE, HOME):
        _asks(session, number)
        home = _asks(session, number, source_id=other)
    mobile = session.exec(select(Lead).where(Lead.phone == MOBILE)).one()
    with pytest.raises(NotNow, match="wait until one call has ended"):
        merging.merge_leads(session, mobile, home, sam, now=NOW)


def test_a_no_and_a_stop_at_the_merged_number_hold_what_both_helplines_promised(
    session: Session, sam: Advisor
) -> None:
    mobile = _asks(session, MOBILE, source_id=_another_helpline(session), safe_to_call="no")
    home = _asks(session, HOME)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    assert [held_for(one) for one in _open(session)] == [["refused_elsewhere"]] * 2
    opt_out.stop_contact(session, MOBILE, reason=own_words("by text"), actor="sms", now=NOW)
    assert [len(held_for(one)) for one in _open(session)] == [2, 2]
    merging.unmerge_leads(session, mobile, sam, now=LATER)
    assert [(one.lead_id, held_for(one)) for one in _open(session)] == [(home.id, [])]


def test_taken_apart_each_is_owed_what_each_asked_of_each_helpline(
    session: Session, sam: Advisor
) -> None:
    other = _another_helpline(session)
    mobile, home = _asks(session, MOBILE, source_id=other), _asks(session, HOME)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    _asks(session, MOBILE, at=LATER, message="Again.")
    _asks(session, HOME, at=LATER, message="And I.", source_id=other)
    assert len(_open(session)) == 2
    merging.unmerge_leads(session, mobile, sam, now=LATER)
    owed = {(one.lead_id, one.source_id == other): one.received_at for one in _open(session)}
    assert owed == {
        (mobile.id, True): NOW,
        (mobile.id, False): LATER,
        (home.id, True): LATER,
        (home.id, False): NOW,
    }


def _another_helpline(session: Session) -> int:
    """Return the source of a second helpline."""
    a_source(session)
    options = {"operator": "Harbor Line", "caller_id": "+13155550101"}
    brands_and_sources.add_brand(session, "Second line", **options, now=NOW)
    added = brands_and_sources.add_source(session, "Second", brand_name="Second line", now=NOW)
    return added.id


def _asks(
    session: Session,
    number: str,
    *,
    at: object = NOW,
    source_id: int | None = None,
    **fields: object,
) -> Lead:
    body = json.dumps(
        {"phone": number, "name": f"Jo {number[-2:]}", "any_hour": True, **fields}
    ).encode()
    submission = Submission(
        source_id=source_id or a_source(session).id,
        received_at=at,
        content_type="application/json",
        body=body,
        body_sha256=f"{number}{at}{source_id}{fields}",
    )
    session.add(submission)
    session.flush()
    processing.process_submission(session, submission, now=at)
    return session.exec(select(Lead).where(Lead.phone == number)).one()


def _open(session: Session) -> list[Callback]:
    return list(session.exec(select(Callback).where(col(Callback.state).in_(OPEN_CALLBACK))))


def _open_of(session: Session, lead: Lead) -> Callback:
    (found,) = (one for one in _open(session) if one.lead_id == lead.id)
    return found


def _last(session: Session) -> Submission:
    return session.exec(select(Submission).order_by(col(Submission.id).desc())).first()


def _counted(session: Session) -> list[cohort.CohortRow]:
    session.flush()
    return list(
        cohort.read_cohort(session, start=NOW - 24 * HOUR, end=NOW + 24 * HOUR, now=NOW + 3 * HOUR)
    )


def _told(session: Session, lead: Lead) -> list[str]:
    write_deferred_inserts(session)
    return [
        str(entry.what)
        for entry in lead_file.read_lead_file(
            session, lead.id, a_supervisor(session), now=NOW
        ).entries
    ]


def _invariants_hold(session: Session) -> None:
    promised = sorted({one.lead_id for one in _open(session)})
    assert promised == sorted(session.exec(select(Lead.id).where(Lead.state == LeadState.OPEN)))
    assert len(waiting_now.list_limbo_leads(session)) == 0
