"""Questions whether one can talk on this phone: a no in any words of theirs holds the call."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from leads.forms.request import FormRequest
from tests.support.form_answers import GIVEN, NUMBER, read, typed

FIT = ("safe", "private", "okay", "confidential", "comfortable", "secure", "alright", "possible")
QUESTIONS = (
    "Is it {} to talk on this phone?", "Is this number {}?", "Is it {} if we ring you?",
    "Would a phone conversation be {} for you?", "Is speaking on this line {}?", "phone_is_{}",
    "Is this a {} phone?", "Are calls {}?", "{}_to_talk", "Is this cell {} to use?",
)  # fmt: skip
IN_SPANISH = (
    "¿Es seguro hablar por este teléfono?", "¿Puede hablar con privacidad?", "¿Su línea es segura?",
    "¿Puede hablar a solas en este número?", "¿Es privado este celular?", "telefono_seguro",
    "¿Está bien que hablemos por este número?",
    "¿Puede contestar este teléfono y hablar libremente?",
    "¿Se siente cómodo hablando por teléfono?",
)  # fmt: skip
NOES: tuple[Any, ...] = ("No", "no", False, "Not really", "No, never", "nope", ["No"])


def _is_held(request: FormRequest) -> bool:
    refused = request.consent is False or request.safe_to_call is False
    return request.phone is None or refused or bool(request.limits)


def test_a_no_to_whether_talking_is_safe_or_private_holds_the_call_in_any_words() -> None:
    asked = [
        *(question.format(fit) for question, fit in itertools.product(QUESTIONS, FIT)),
        *IN_SPANISH,
        "Are you alone when you use this phone?", "Can you speak freely?",
        "Do you have privacy to talk?",
         "Is the line yours alone, and private?", "Are you able to talk on this number?",
    ]  # fmt: skip
    told = itertools.product(asked, NOES)
    rung = [(a, no) for a, no in told if not _is_held(read({"phone": GIVEN, "name": "A", a: no}))]
    assert rung == []


@pytest.mark.parametrize("answer", ["Sometimes", "Not always", "hmm", "a veces", "It depends"])
@pytest.mark.parametrize("question", ["Is it private to talk on this phone?", IN_SPANISH[0]])
def test_what_is_no_clear_yes_holds_it_too(question: str, answer: str) -> None:
    assert _is_held(read({"phone": GIVEN, question: answer}))


@pytest.mark.parametrize(
    "question",
    [
        "Is anyone monitoring your phone?", "Does he check your phone?", "Is this line tapped?",
        "Could somebody be listening when you talk on the phone?", "¿Alguien revisa su celular?",
        "¿Está vigilado su teléfono?",
    ],
)  # fmt: skip
def test_a_phone_that_somebody_watches_is_not_rung_and_nothing_is_left_on_it(question: str) -> None:
    watched = read({"phone": GIVEN, "safe_to_voicemail": "yes", question: "Yes, my husband"})
    assert _is_held(watched)
    assert watched.safe_to_voicemail is False
    assert not _is_held(read({"phone": GIVEN, "name": "Ana", question: "No"}))


LISTENERS = ("anyone", "somebody else", "other people", "your husband", "they", "another person")
SENSES = (
    "Could {} overhear us?", "Can {} hear this call?", "Would {} listen to our conversation?",
    "Might {} see that we called?", "Could {} read your call log?",
    "Will {} notice the phone ring?",
    "Does {} stand close enough to hear what you say?", "Are {} in the room when you talk?",
    "Can the call be heard by {}?", "can_{}_overhear",
)  # fmt: skip
LISTENERS_IN_SPANISH = (
    "¿Alguien podría oírnos?", "¿Puede otra persona escuchar la llamada?",
    "¿Su pareja ve quién le llama?", "¿Hay gente cerca cuando habla?",
)  # fmt: skip


def test_a_call_that_somebody_may_hear_or_see_waits_and_one_that_nobody_can_does_not() -> None:
    asked = [ask.format(who) for ask, who in itertools.product(SENSES, LISTENERS)]
    told = [(ask, read({"phone": GIVEN, "name": "A", ask: "Yes"})) for ask in asked]
    assert [ask for ask, one in told if not _is_held(one)] == []
    calm = [(ask, read({"phone": GIVEN, "name": "A", ask: "No"})) for ask in asked]
    assert [ask for ask, one in calm if _is_held(one)] == []
    for question in LISTENERS_IN_SPANISH:
        assert _is_held(read({"phone": GIVEN, question: "Sí"})), question
        assert not _is_held(read({"phone": GIVEN, question: "No"})), question


@pytest.mark.parametrize("answer", ["Not sure", "Maybe", "I don't know", "A veces", True, "no sé"])
def test_whoever_does_not_know_whether_somebody_hears_is_not_called(answer: Any) -> None:
    assert _is_held(read({"phone": GIVEN, "Could anyone overhear us?": answer}))


@pytest.mark.parametrize(
    "question",
    ["Can you talk without being overheard?", "Can you speak so that nobody hears you?",
     "When you talk, is it private?", "Will you be alone when we call?",
     "Are you on your own when the phone rings?", "¿Tiene privacidad cuando habla por teléfono?"],
)  # fmt: skip
def test_a_question_for_the_contrary_is_read_the_other_way_around(question: str) -> None:
    assert _is_held(read({"phone": GIVEN, question: "No"}))
    assert not _is_held(read({"phone": GIVEN, question: "Yes"}))


@pytest.mark.parametrize(
    "fields",
    [
        {"Did someone you know hear about us on the radio?": "Yes"}, {"Do you hear voices?": "Yes"},
        {"Has anyone in your family read our guide?": "Yes"},
        {"How did you hear of us?": "A friend"},
        {"Have others noticed your drinking?": "Yes"}, {"Can others hear your voicemail?": "No"},
    ],
)  # fmt: skip
def test_what_is_heard_or_seen_of_something_else_holds_nobody(fields: dict[str, Any]) -> None:
    request = read({"name": "Ana", "phone": GIVEN, **fields})
    assert (request.phone, _is_held(request)) == (NUMBER, False)


@pytest.mark.parametrize("value", [[], "", None, False])
@pytest.mark.parametrize("label", ["Ok if we call?", "May we phone you?", "Is it safe to call?"])
def test_a_box_about_calls_that_was_left_empty_is_a_no(label: str, value: Any) -> None:
    assert _is_held(read(typed(("Phone", "tel", GIVEN), (label, "checkbox", value))))
    assert not _is_held(read(typed(("Phone", "tel", GIVEN), (label, "checkbox", True))))


@pytest.mark.parametrize(
    "fields",
    [
        {"contact": {"phone": "", "email": "yes"}}, {"checkbox_phone": "", "checkbox_text": "Text"},
        {"contact_by_phone": "", "contact_by_mail": "x"}, {"reach": {"call": None, "text": True}},
        {"contact_by_phone": "", "contact_by_email": "email"},
    ],
)  # fmt: skip
def test_a_way_left_empty_beside_another_that_was_chosen_is_refused(fields: dict[str, Any]) -> None:
    assert _is_held(read({"name": "Ana", "phone": GIVEN, **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        {"Is it private to talk on this phone?": "Yes"}, {"Is this a safe number?": "yes, always"},
        {"Is it okay to leave a voicemail on this phone?": "No"}, {"May we text you?": "No"},
        {"Are you comfortable in groups?": "No"}, {"Is housing safe?": "No"},
        {"Is it private to talk on this phone?": "After 5pm"}, {"¿Puede hablar libremente?": "Sí"},
        {"Do you have a private room?": "no"}, {"Is your insurance plan private?": "No"},
        {"contact": {"phone": "yes", "email": ""}},
        {"checkbox_phone": "Phone", "checkbox_text": ""},
        {"safe_to_call": "yes", "safe_to_voicemail": "", "safe_to_text": ""},
        {"contact_by_phone": "on", "contact_by_voicemail": "", "contact_by_text": "on"},
        {"Have you called a program before?": "No"}, {"Able to travel?": "No"},
    ],
)  # fmt: skip
def test_what_refuses_no_call_holds_nobody(fields: dict[str, Any]) -> None:
    request = read({"name": "Ana", "phone": GIVEN, **fields})
    assert (request.phone, _is_held(request)) == (NUMBER, False)
