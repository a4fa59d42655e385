"""What a form tool tells of that is no new request rings nobody."""

from __future__ import annotations

import pytest
from sqlmodel import select

from leads.callbacks import callback_offers, completion
from leads.calls import offers
from leads.database.transactions import transaction
from leads.i18n.messages import Message, MessageKey
from leads.intake import reprocessing
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole
from leads.models.helplines import Source
from leads.models.requests import Lead, Submission
from leads.people.permissions import OPERATOR
from tests.conftest import NOW
from tests.support.people import a_supervisor, advisor_call, held_for, on_duty, release_as_read
from tests.support.running_desk import add_advisor
from tests.support.sent_forms import NIGHT, NUMBER, OTHER_NUMBER, arrival, deliver, rows, send, the

TEST, PARTIAL, DELETED = (
    {"is_test": True},
    {"event": "form_response_partial"},
    {"type": "submission.deleted"},
)
UPDATED = {"event": "submission.updated"}
ONLY_ANOTHERS = "It has only someone else's number, and that person did not ask for a call."


@pytest.mark.parametrize("event", [TEST, PARTIAL, DELETED])
def test_a_test_an_unfinished_and_a_deleted_form_are_discarded_by_rule_and_keep_what_was_read(
    source: int, event: dict[str, object]
) -> None:
    submission = send(source, name="Ana", **event)
    assert (submission.state, submission.reading["phone"]) == ("discarded", NUMBER)
    assert submission.reason.endswith(".")
    assert (rows(Lead), rows(Callback)) == ([], [])


@pytest.mark.parametrize("event", [TEST, PARTIAL, UPDATED])
def test_none_of_them_moves_an_open_callback_or_reopens_a_lead(
    source: int, event: dict[str, object]
) -> None:
    send(source, at=NIGHT, id="f-1")
    before = the(Callback).model_dump()
    send(source, id="f-1", any_hour=True, **event)
    assert the(Callback).model_dump() == before
    with transaction() as session:
        supervisor = add_advisor(session, 1, role=AdvisorRole.SUPERVISOR, now=NOW)
        completion.cancel_callback(
            session,
            session.exec(select(Callback)).one(),
            supervisor,
            reason="asked by mail",
            now=NOW,
        )
    send(source, id="f-1", message="again", **event)
    assert (the(Lead).state, the(Callback).state) == ("closed", "cancelled")


def test_a_change_joins_the_submission_that_it_changes(source: int) -> None:
    first = send(source, id="f-1")
    changed = send(source, id="f-1", message="More.", **UPDATED)
    assert changed.state == "duplicate"
    assert changed.lead_id == first.lead_id
    assert changed.callback_id == first.callback_id
    assert changed.reason == f"The form tool reports a change to submission {first.id}."


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": "f-2"}, "a submission that was never received."),
        ({"id": "f-1", "phone": OTHER_NUMBER}, "a different phone number"),
    ],
)
def test_a_change_that_nobody_can_place_goes_to_a_person(
    source: int, fields: dict[str, str], reason: str
) -> None:
    send(source, id="f-1")
    changed = send(source, **fields, **UPDATED)
    assert changed.state == "needs_review"
    assert reason in changed.reason
    assert len(rows(Callback)) == 1


@pytest.mark.parametrize(
    ("event", "hold"),
    [
        (DELETED, "entry_deleted"),
        (UPDATED | {"phone": OTHER_NUMBER}, "number_changed"),
    ],
)
def test_a_promise_that_its_tool_casts_doubt_on_waits_for_a_person(
    source: int, event: dict[str, object], hold: str
) -> None:
    send(source, id="f-1")
    for _ in range(2):
        told = send(source, id="f-1", **event)
    assert (told.state, told.callback_id) in (
        ("discarded", 1),
        ("needs_review", None),
        ("duplicate", None),
    )
    assert (the(Callback).state, held_for(the(Callback))) == ("waiting", [hold])
    with transaction() as session:
        on_duty(session)
        assert callback_offers.offer_next_callback(session, now=NOW) is None
        supervisor = a_supervisor(session)
        release_as_read(session, session.exec(select(Callback)).one(), supervisor, now=NOW)
        assert callback_offers.offer_next_callback(session, now=NOW) is not None


def test_what_waits_for_a_person_and_was_deleted_meanwhile_says_so_and_is_not_rung_again(
    source: int,
) -> None:
    first, other = (
        send(source, id="f-1", phone=None, mobilnummer=NUMBER),
        send(source, id="f-2", phone="none"),
    )
    assert send(source, id="f-1", **DELETED).state == "discarded"
    with transaction() as session:
        session.get_one(Source, source).mapping = {"phone": "mobilnummer"}
    reprocessing.reprocess_reviews(actor=OPERATOR, now=lambda: NOW)
    [told, before] = [row for row in rows(Submission) if row.id in (first.id, other.id)]
    assert told.state == "needs_review"
    assert told.reason == str(Message(MessageKey.ENTRY_DELETED))
    assert told.reading["phone"] == NUMBER
    assert (before.reason, rows(Lead)) == (other.reason, [])


def test_a_change_of_what_waits_for_a_person_names_it(source: int) -> None:
    first = send(source, id="f-1", phone="none")
    changed = send(source, id="f-1", **UPDATED)
    assert (changed.state, changed.reason) == (
        "needs_review",
        f"The form tool reports a change to submission {first.id}.",
    )
    assert rows(Callback) == []


def test_a_deletion_during_a_call_that_reaches_nobody_is_not_forgotten(source: int) -> None:
    send(source, id="f-1")
    with transaction() as session:
        on_duty(session)
        attempt = callback_offers.offer_next_callback(session, now=NOW)
        assert attempt is not None
    send(source, id="f-1", **DELETED)
    with transaction() as session:
        offers.advisor_declined_offer(session, attempt.id, advisor_call(attempt), now=NOW)
    assert (the(Callback).state, held_for(the(Callback))) == ("waiting", ["entry_deleted"])


@pytest.mark.parametrize("event", [DELETED, UPDATED | {"phone": OTHER_NUMBER}])
def test_a_doubt_that_comes_late_or_about_nobody_holds_nothing(
    source: int, event: dict[str, object]
) -> None:
    send(source, id="f-1")
    send(source, id="f-2", **event)
    assert held_for(the(Callback)) == []
    with transaction() as session:
        supervisor = add_advisor(session, 1, role=AdvisorRole.SUPERVISOR, now=NOW)
        completion.cancel_callback(
            session,
            session.exec(select(Callback)).one(),
            supervisor,
            reason="asked by mail",
            now=NOW,
        )
    send(source, id="f-1", **event)
    assert (the(Callback).state, the(Callback).is_held) == ("cancelled", False)


def test_an_unfinished_form_that_is_finished_later_is_a_request(source: int) -> None:
    send(source, id="f-1", **PARTIAL)
    assert send(source, id="f-1").state == "admitted"


def test_a_number_that_is_only_guessed_goes_to_a_person_who_is_told_so(source: int) -> None:
    submission = deliver(arrival(source, b'{"17": "(315) 555-0142", "name": "Ana"}'))
    assert (submission.state, rows(Lead)) == ("needs_review", [])
    assert "looks like a phone number" in submission.reason
    assert "0142" not in submission.reason
    assert the(Submission).reading["suggested_phone"] == NUMBER


def test_only_somebody_elses_number_goes_to_a_person(source: int) -> None:
    submission = deliver(
        arrival(source, b'{"patient_phone": "(315) 555-0142", "patient_name": "Leo"}')
    )
    assert (submission.state, submission.reason) == ("needs_review", ONLY_ANOTHERS)
    assert (submission.reading["no_dial"], rows(Lead)) == ([NUMBER], [])


@pytest.mark.parametrize(
    ("taken", "reason"), [("consent", "no_consent"), ("safe_to_call", "not_safe_to_call")]
)
def test_a_change_that_takes_a_permission_back_is_obeyed(
    source: int, taken: str, reason: str
) -> None:
    send(source, id="f-1", consent=True)
    assert send(source, id="f-1", **{"consent": True, taken: False}, **UPDATED).state == "duplicate"
    with transaction() as session:
        on_duty(session)
        assert callback_offers.offer_next_callback(session, now=NOW) is None
    assert held_for(the(Callback)) == [reason]


def test_a_change_gives_no_permission(source: int) -> None:
    send(source, id="f-1", consent=False, safe_to_call=False)
    send(source, id="f-1", consent=True, safe_to_call=True, **UPDATED)
    with transaction() as session:
        on_duty(session)
        assert callback_offers.offer_next_callback(session, now=NOW) is None


def test_what_a_tool_calls_by_a_strange_word_goes_to_a_person_who_is_told_the_word(
    source: int,
) -> None:
    submission = send(source, event="purchase.created")
    assert submission.state == "needs_review"
    assert submission.reading["suggested_phone"] == NUMBER
    assert rows(Lead) == []
    assert "“purchase.created”" in submission.reason


def test_a_person_who_returns_with_the_same_contact_id_asks_anew(source: int) -> None:
    send(source, contact_id="abcHL", message="first time")
    with transaction() as session:
        supervisor = add_advisor(session, 1, role=AdvisorRole.SUPERVISOR, now=NOW)
        completion.cancel_callback(
            session,
            session.exec(select(Callback)).one(),
            supervisor,
            reason="asked by mail",
            now=NOW,
        )
    assert send(source, contact_id="abcHL", message="it is worse").state == "admitted"
    assert [callback.state for callback in rows(Callback)] == ["cancelled", "waiting"]
