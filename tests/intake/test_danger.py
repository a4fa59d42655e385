"""Words of danger put somebody first, by every door, and after a threat a person decides first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leads.alerting import conditions
from leads.database.transactions import transaction
from leads.free_text.danger import DangerKind
from leads.intake import review_queue
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole, AlertKind
from leads.read_models.work_kinds import WorkKind
from tests.conftest import NOW
from tests.support.listed_work import listed_ids
from tests.support.people import held_for
from tests.support.running_desk import add_advisor
from tests.support.sent_forms import send, the

MINUTE = timedelta(minutes=1)


def test_a_threat_holds_the_callback_until_a_person_decides(source: int) -> None:
    sent = send(source, message="He has a gun and hits me, do not leave a message")
    callback = the(Callback)
    assert (sent.danger, callback.danger) == (DangerKind.HARM, DangerKind.HARM)
    assert callback.danger_at == NOW
    assert held_for(callback) == ["harm_decide"]


@pytest.mark.parametrize("when", ["Call me tomorrow", "Please wait until I text you"])
def test_danger_is_alerted_at_once_whenever_they_want_the_call(source: int, when: str) -> None:
    send(source, message=f"{when}. I want to die")
    callback = the(Callback)
    assert callback.is_held or callback.due_at > NOW
    with transaction() as session:
        found = conditions.current_conditions(session, now=NOW)
    assert [one.since for one in found if one.kind is AlertKind.DANGER] == [NOW]


@pytest.mark.parametrize("field", ["anything_else", "name", "city"])
@pytest.mark.parametrize(
    ("words", "kind", "is_held"),
    [
        ("He is not breathing", DangerKind.NOW, False),
        ("I want to die", DangerKind.SELF, False),
        ("He hits me every night", DangerKind.HARM, True),
        ("She stopped drinking and is hallucinating", DangerKind.WITHDRAWAL, False),
    ],
)
def test_every_answer_in_somebody_s_own_words_is_read(
    source: int, field: str, words: str, kind: DangerKind, *, is_held: bool
) -> None:
    send(source, **{"message": "Please call.", field: words})
    callback = the(Callback)
    assert (callback.danger, callback.is_held) == (kind, is_held)


def test_a_message_may_be_one_word_and_other_answers_of_one_are_chosen(source: int) -> None:
    send(source, message="Help", subject="Overdose")
    assert the(Callback).danger is None
    send(source, message="Overdose")
    assert the(Callback).danger is DangerKind.NOW


def test_what_a_field_is_called_is_nobody_s_words(source: int) -> None:
    send(source, **{"Are you having thoughts of suicide?": "no", "message": "Please call."})
    assert the(Callback).danger is None


def test_a_second_form_raises_a_danger_and_never_lowers_it(source: int) -> None:
    send(source, message="I want to die")
    send(source, message="Please call.", at=NOW + MINUTE)
    assert the(Callback).danger is DangerKind.SELF
    send(source, message="I took all my pills", at=NOW + 2 * MINUTE)
    callback = the(Callback)
    assert (callback.danger, callback.danger_at) == (DangerKind.NOW, NOW + 2 * MINUTE)


def test_under_review_danger_is_shown_first(source: int) -> None:
    for phone, message in (("911", "Please call."), ("912", "I want to die")):
        send(source, phone=phone, message=message)
    with transaction() as session:
        supervisor = add_advisor(session, 1, role=AdvisorRole.SUPERVISOR, now=NOW)
        shown = listed_ids(session, supervisor, WorkKind.FORM)
        found = [review_queue.find_submission_to_review(session, one, supervisor) for one in shown]
    assert [one and one.danger for one in found] == [DangerKind.SELF, None]
