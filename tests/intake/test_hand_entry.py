"""A request that a colleague enters goes where a form goes, by the same rules."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlmodel import Session, select

from leads.callbacks import holds, queue, scheduling
from leads.database.transactions import reader, transaction
from leads.errors import BadSubmission, LostRace, NotAllowed, NotNow
from leads.helplines import source_settings
from leads.i18n.translatable import translate
from leads.intake import hand_entry, processing, review, review_queue
from leads.intake.hand_entry import EntryChannel, EntryOutcome, HandEntry, Teller
from leads.intake.hand_entry_labels import ANSWER_LABELS, QUESTION_LABELS
from leads.lead_records import lead_file
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole, CallbackState, HoldReason
from leads.models.helplines import Brand, Source
from leads.models.requests import Consent, Lead, Submission
from leads.models.watching import Transition
from leads.person_facts import FACTS_BY_NAME
from tests.conftest import NOW
from tests.support.people import HOUR, a_supervisor, an_advisor, held_for, release_as_read
from tests.support.sent_forms import NIGHT, NUMBER, rows, send, the

ENTRY = HandEntry(
    "e1",
    channel=EntryChannel.WALK_IN,
    told_by=Teller.THEMSELVES,
    phone="(315) 555-0142",
    name="Ana Ruiz",
    for_whom="self",
    safe_to_call=True,
    consent=True,
    agreement="Yes, call me back on this number today.",
)


def enter(*, at: Any = NOW, **changes: Any) -> EntryOutcome:
    with transaction() as session:
        brand = session.exec(select(Brand)).one()
        person = session.exec(select(Advisor)).first() or an_advisor(session)
        entry = replace(ENTRY, **changes)
        return hand_entry.enter_request(session, entry, brand, person, now=at)


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (datetime(2026, 3, 4, 1, 0, tzinfo=UTC), 3),  # the evening of the third, in New York
        (datetime(2026, 3, 4, 7, 30, tzinfo=UTC), 3),  # in Los Angeles
        (datetime(2026, 3, 4, 17, 0, tzinfo=UTC), 4),  # noon of the fourth: nobody's third
    ],
)
def test_what_is_today_where_they_are_can_be_named(now: datetime, first: int) -> None:
    days = hand_entry.list_days_to_name(now)
    assert days[0] == date(2026, 3, first)
    assert days == sorted(set(days))


def test_it_is_stored_as_entered_and_admitted_as_a_form_is(source: int) -> None:
    outcome = enter(safe_to_voicemail=False, message="She has a question about detox.")
    submission, consent = the(Submission), the(Consent)
    assert json.loads(submission.body)["consent_text"] == ENTRY.agreement
    assert (submission.state, submission.entered_by) == ("admitted", "advisor:1")
    assert (consent.granted, consent.wording) == (True, ENTRY.agreement)
    assert (consent.recorded_by, consent.given_at) == ("advisor:1", NOW)
    assert (the(Lead).phone, the(Lead).safe_to_voicemail) == (NUMBER, False)
    assert (the(Callback).state, the(Callback).due_at) == ("waiting", NOW)
    assert submission.source_id != source
    assert outcome.callback_id == the(Callback).id
    assert (outcome.hold, outcome.is_joined) == ("", False)
    with reader() as session:
        moved = select(Transition.actor).where(Transition.record == "submission")
        assert set(session.exec(moved)) == {"advisor:1"}


def test_pressed_twice_it_is_one_request(source: int) -> None:
    assert enter() == enter()
    assert len(rows(Submission)) == 1


def test_it_joins_what_the_same_person_waits_for(source: int) -> None:
    send(source, name="Ana")
    assert enter().is_joined
    assert (the(Lead).name, the(Callback).asked_again) == ("Ana Ruiz", 1)


def test_another_name_at_the_number_is_another_person(source: int) -> None:
    send(source, name="Jordan")
    enter()
    assert [lead.name for lead in rows(Lead)] == ["Jordan", "Ana Ruiz"]


def test_it_takes_no_word_back_that_protects_them(source: int) -> None:
    send(source, name="Ana Ruiz", safe_to_call="no")
    outcome = enter()
    assert the(Lead).safe_to_call is False
    assert held_for(the(Callback)) == [HoldReason.NOT_SAFE_TO_CALL]
    assert outcome.hold


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"safe_to_call": False}, HoldReason.NOT_SAFE_TO_CALL),
        ({"consent": False, "agreement": ""}, HoldReason.NO_CONSENT),
        ({"message": "Only text me, please do not call."}, HoldReason.CONTACT_LIMITED),
        ({"agreement": "Fine, but only by text."}, HoldReason.CONTACT_LIMITED),
        ({"agreement": "No me llamen."}, HoldReason.CONTACT_LIMITED),
        ({"agreement": "No."}, HoldReason.NO_CONSENT),
    ],
)
def test_what_speaks_against_a_call_counts_at_once_whoever_says_it(
    source: int,
    said: dict[str, Any],
    reason: HoldReason,
) -> None:
    send(source, name="Ana Ruiz")
    enter(told_by=Teller.SOMEBODY_ELSE, teller="her sister", **said)
    assert reason in held_for(the(Callback))


@pytest.mark.parametrize(
    "said",
    [
        {"told_by": Teller.SOMEBODY_ELSE, "teller": "Dr. Kim, County Clinic"},
        {"agreement": "Yes, but not when my husband is home."},
        {"phone": "+1 876 555 0142"},  # a country that the helpline does not call by rule
    ],
)
def test_a_supervisor_decides_about_what_they_did_not_plainly_agree_to(
    source: int,
    said: dict[str, Any],
) -> None:
    outcome = enter(**said)
    assert the(Submission).state == "needs_review"
    assert outcome.review_reason
    assert (rows(Callback), rows(Consent)) == ([], [])
    with transaction() as session:
        submission, supervisor = session.exec(select(Submission)).one(), a_supervisor(session)
        shown = review_queue.find_submission_to_review(session, submission.id, supervisor)
        assert shown is not None
        assert shown.is_entered_by_hand
        correction = review.propose_correction(submission.reading)
        review.admit_corrected_submission(session, submission, correction, supervisor, now=NOW)
    assert (the(Consent).recorded_by, the(Callback).state) == ("advisor:1", "waiting")


NAMED, NAMED_AT = datetime(2026, 3, 4, 14, 0), NOW + 26 * HOUR  # noqa: DTZ001 - theirs


def test_nobody_is_called_at_night_for_being_entered_then(source: int) -> None:
    assert enter(at=NIGHT).due_at == NIGHT.replace(hour=13)  # eight in New York


@pytest.mark.usefixtures("source")
def test_a_time_that_they_named_is_promised_and_loosens_nothing() -> None:
    assert enter(named_time=NAMED).due_at == NAMED_AT
    callback = the(Callback)
    assert (callback.promised_at, callback.is_time_agreed) == (NAMED_AT, False)


@pytest.mark.usefixtures("source")
def test_a_named_time_is_kept_by_whoever_lets_them_be_called() -> None:
    told = {"told_by": Teller.SOMEBODY_ELSE, "teller": "Dr. Kim, County Clinic"}
    assert enter(named_time=NAMED, **told).review_reason
    with transaction() as session:
        submission, supervisor = session.exec(select(Submission)).one(), a_supervisor(session)
        correction = review.propose_correction(submission.reading)
        review.admit_corrected_submission(session, submission, correction, supervisor, now=NOW)
        callback = session.exec(select(Callback)).one()
        assert (callback.due_at, callback.promised_at) == (NAMED_AT, NAMED_AT)
        holds.place_hold(session, callback, HoldReason.WARNED_AT_PHONE, by="rule", now=NOW)
        release_as_read(session, callback, supervisor, now=NOW + HOUR)
        assert callback.due_at == NAMED_AT


def test_at_a_time_that_the_rules_forbid_they_are_called_at_the_next(source: int) -> None:
    outcome = enter(named_time=datetime(2026, 3, 3, 23, 30))  # noqa: DTZ001 - theirs
    assert outcome.due_at == datetime(2026, 3, 4, 13, 0, tzinfo=UTC)
    assert outcome.why


def test_what_is_missing_is_said_all_at_once(source: int) -> None:
    with transaction() as session:
        empty = HandEntry("e1", told_by=Teller.SOMEBODY_ELSE, consent=True)
        problems = hand_entry.find_entry_problems(empty, region="US", now=NOW)
        fields = {"channel", "safe_to_call", "teller", "agreement", "phone"}
        assert set(problems) == fields
        nothing = hand_entry.find_entry_problems(HandEntry("e1"), region="US", now=NOW)
        assert set(nothing) == {"channel", "told_by", "safe_to_call", "consent", "phone"}
        past = replace(ENTRY, named_time=datetime(2026, 3, 3, 11, 59))  # noqa: DTZ001 - theirs
        assert set(hand_entry.find_entry_problems(past, region="US", now=NOW)) == {"named_time"}
        open_time = replace(ENTRY, names_time=True)
        assert set(hand_entry.find_entry_problems(open_time, region="US", now=NOW)) == {
            "named_time"
        }
        brand, person = session.exec(select(Brand)).one(), an_advisor(session)
        with pytest.raises(BadSubmission):
            hand_entry.enter_request(session, empty, brand, person, now=NOW)
        person.role = AdvisorRole.UNKNOWN
        with pytest.raises(NotAllowed):
            hand_entry.enter_request(session, ENTRY, brand, person, now=NOW)


def test_read_again_it_says_the_same_and_its_door_is_nobodys_to_set_up(source: int) -> None:
    enter()
    with transaction() as session:
        submission = session.exec(select(Submission)).one()
        before = dict(submission.reading)
        processing.store_reading(
            submission,
            processing.reading_for_current_settings(None, submission, _door(session)).request,
        )
        assert submission.reading == before
        listed = source_settings.list_source_details(session, a_supervisor(session))
        assert [one.source_id for one in listed] == [source]


def test_the_file_says_who_asked_how_and_who_wrote_it_down(source: int) -> None:
    enter(told_by=Teller.SOMEBODY_ELSE, teller="her sister", safe_to_call=False)
    with transaction() as session:
        file = lead_file.read_lead_file(session, the(Lead).id, a_supervisor(session), now=NOW)
        assert file
        said = {translate("en", entry.what): entry for entry in file.entries}
        name = session.exec(select(Advisor.name)).first()
        asked = said["Ana Ruiz walked in and asked for a call, says her sister"]
        assert (asked.by, said["Agreed to be called"].by) == (name, name)


def test_whatever_is_stored_of_an_entry_has_words_for_its_reader() -> None:
    entry = HandEntry("1", channel=EntryChannel.WALK_IN, agreement="Do not call me.")
    stored = set(json.loads(entry.as_body()))
    labeled = {name for name, fact in FACTS_BY_NAME.items() if fact.reading_label}
    assert stored - labeled == set(QUESTION_LABELS)
    assert set(ANSWER_LABELS["how_they_asked"]) == set(EntryChannel)
    assert set(ANSWER_LABELS["told_by"]) == set(Teller)


def test_a_supervisor_schedules_whoever_waits_and_nobody_else(source: int) -> None:
    send(source, name="Ana Ruiz")
    with transaction() as session:
        callback, supervisor = session.exec(select(Callback)).one(), a_supervisor(session)
        at = NOW + 26 * HOUR
        scheduling.schedule_callback(session, callback, supervisor, due_at=at, now=NOW)
        assert (callback.due_at, callback.is_time_agreed) == (at, True)
        with pytest.raises(NotNow):
            scheduling.schedule_callback(session, callback, supervisor, due_at=NOW, now=NOW)
        with pytest.raises(NotAllowed):
            scheduling.schedule_callback(session, callback, an_advisor(session), due_at=at, now=NOW)
    send(source, name="Ana Ruiz", safe_to_call="no")
    with transaction() as session:
        callback, supervisor = session.exec(select(Callback)).one(), a_supervisor(session)
        with pytest.raises(NotNow):
            scheduling.schedule_callback(session, callback, supervisor, due_at=at, now=NOW)
        with pytest.raises(NotNow):
            queue.call_back_now(session, callback, supervisor, now=NOW)
        callback.state, callback.is_held = CallbackState.COMPLETED, False
        session.add(callback)
        session.flush()
        with pytest.raises(LostRace):
            scheduling.schedule_callback(session, callback, supervisor, due_at=at, now=NOW)


def test_called_back_now_it_rings_whoever_pressed_it(source: int) -> None:
    send(source, name="Ana Ruiz")
    with transaction() as session:
        callback, advisor = session.exec(select(Callback)).one(), an_advisor(session)
        attempt = queue.call_back_now(session, callback, advisor, now=NOW)
        assert (callback.state, attempt.advisor_id) == (CallbackState.CALLING, advisor.id)


def _door(session: Session) -> Source:
    return session.exec(select(Source).where(Source.kind == "by_hand")).one()
