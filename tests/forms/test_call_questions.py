"""Who is asked about being called is called only where the answer is understood as a yes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.form_answers import GIVEN, read

QUESTIONS: tuple[str, ...] = (
    "OK to call?", "opt_status", "call_status", "calls_enabled", "phone_ok", "May we phone you?",
    "Call permission", "How may we reach you?", "Preferred contact method", "no_phone",
    "do_not_call", "stop_calls", "¿Podemos llamarle?", "Permiso para llamar", "sin_llamadas",
    "Estado de llamadas", "¿Cómo prefiere que le contactemos?", "callok", "optstatus", "nocalls",
    "Best time to call", "Does a call upset anybody?", "Call screening",
    "¿Le incomoda una llamada?",
)  # fmt: skip
words = st.text("bcdfghjklmnpqrstvwxz", min_size=5, max_size=12)
"""Without a vowel, so that nothing that somebody may understand is drawn."""


def _may_be_rung(fields: dict[str, Any]) -> bool:
    read_request = read({"name": "Ana", "phone": GIVEN, **fields})
    refused = read_request.consent is False or read_request.safe_to_call is False
    return not (refused or read_request.limits)


@given(st.sampled_from(QUESTIONS), words, st.booleans())
def test_nobody_is_rung_on_an_answer_that_is_not_understood(
    question: str,
    word: str,
    is_nested: bool,
) -> None:
    assert not _may_be_rung({"prefs": {question: word}} if is_nested else {question: word})


@given(words, st.sampled_from(("Would a call {} you?", "{}_calls", "¿Le {} una llamada?")))
def test_a_yes_to_a_question_about_calls_with_an_unknown_word_is_no_agreement(
    word: str, question: str
) -> None:
    assert not _may_be_rung({question.format(word): "yes"})


@pytest.mark.parametrize(
    "fields",
    [
        {"opt_status": "OUT"}, {"opt_status": "0ut"}, {"textonly": "x"}, {"callok": "no"},
        {"no_phone": "Y"}, {"Preferred": "None"}, {"OK to call?": "hmm"},
        {"communication": {"call": {"status": "disabled"}}}, {"callable": "no"},
        {"notifications": {"phone": "disabled", "email": "enabled"}}, {"stop_calls": "true"},
        {"contact": {"by_phone": "no"}}, {"privacy": {"calls": "deny"}}, {"by_phone": "No"},
        {"channels": [{"channel": "call", "state": "suspended"}]}, {"allowed": ["text", "email"]},
        {"phone": {"value": GIVEN, "call_ok": "no"}}, {"Contact method": "0"}, {"Calls": "Off"},
        {"How would you like to be contacted?": "I wouldn't"}, {"do_not_call": "at work"},
        {"Permiso de llamada": "pendiente"}, {"Medio preferido": "WhatsApp"},
        {"message": "pls no ring ring, txt"}, {"message": "hablar por teléfono no"},
        {"message": "dont fone me"}, {"message": "calls no, texts yes"},
        {"message": "STOP"}, {"Comments": "Stop."}, {"mensaje": "cancelar"}, {"notes": "remove"},
    ],
)  # fmt: skip
def test_a_refusal_in_any_shape_is_held(fields: dict[str, Any]) -> None:
    assert not _may_be_rung(fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"opt_status": "IN"}, {"no_phone": "no"}, {"do_not_call": ""}, {"call_status": "enabled"},
        {"OK to call?": "Sure, mornings are best"}, {"Preferred": "Morning"}, {"Call me": "ASAP"},
        {"How to reach you": "315-555-0142"}, {"Best way to reach you": "cell phone after 3"},
        {"communication": {"call": {"status": "enabled"}}}, {"contact": {"status": "open"}},
        {"Contact by email": "No"}, {"text_ok": "no"}, {"Have you called us before?": "No"},
        {"Reason for contact": "Detox"}, {"Phone No": GIVEN}, {"not_contacted": True},
        {"¿Podemos llamarle?": "a cualquier hora"}, {"Llamadas": "activado"},
        {"consent_to_contact": ["I agree to be contacted by phone, text or email."]},
        {"message": "no one answers when I call"}, {"message": "no phone signal at work, call me"},
        {"Reason for calling": "Quit"}, {"message": "help me stop"}, {"Goal": "stop"},
    ],
)  # fmt: skip
def test_what_refuses_nothing_holds_nobody(fields: dict[str, Any]) -> None:
    assert _may_be_rung(fields)
