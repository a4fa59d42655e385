"""What Jotform asked counts, though it tells it only in one text with all the answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.forms.form_field import FormField
from leads.forms.request import FormRequest
from leads.forms.shown_labels import add_shown_labels
from tests.support.form_answers import GIVEN, NUMBER, read

NAME: dict[str, Any] = {"q3_name": {"first": "Ana", "last": "Ruiz"}}
PHONE: dict[str, Any] = {"q4_phoneNumber": {"full": GIVEN}}
SHOWN = f"Name:Ana Ruiz, Phone Number:{GIVEN}"


def _read_jotform(answers: dict[str, Any], pretty: str) -> FormRequest:
    body = {"formID": "1", "submissionID": "2", "rawRequest": json.dumps(answers)}
    return read({**body, "pretty": pretty}, kind="jotform")


@pytest.mark.parametrize(
    "asked", ["Sponsor's Phone Number", "Emergency contact phone", "Teléfono de su mamá"]
)
def test_a_field_that_was_renamed_is_the_sponsors(asked: str) -> None:
    assert _read_jotform({**NAME, **PHONE}, f"Name:Ana Ruiz, {asked}:{GIVEN}").phone is None


@pytest.mark.parametrize(
    ("key", "asked", "answer"),
    [
        ("q6_mayWe", "May we call you?", "No"),
        ("q6_typeA6", "How should we contact you?", "Email"),
        ("q6_isIt", "Is it safe to call you at this number?", "No"),
        ("q6_puede", "¿Podemos llamarle?", "No"),
    ],
)
def test_a_refusal_counts_whose_question_stands_in_the_text_only(
    key: str, asked: str, answer: str
) -> None:
    answers = {**NAME, **PHONE, "q5_message": "Yes, please: a bed, and soon", key: answer}
    pretty = f"{SHOWN}, Message:Yes, please: a bed, and soon, {asked}:{answer}"
    request = _read_jotform(answers, pretty)
    is_refused = request.consent is False or request.safe_to_call is False
    assert is_refused or request.limits


def test_an_agreement_stays_one_and_a_text_that_does_not_fit_says_nothing() -> None:
    agreed = {**NAME, **PHONE, "q6_typeA6": "Yes"}
    assert _read_jotform(agreed, f"{SHOWN}, May we call you?:Yes").consent is True
    for pretty in ("", "Name, Phone", "Name:Ana Ruiz, Phone: nobody, reads: this"):
        assert _read_jotform({**NAME, **PHONE}, pretty).phone == NUMBER


def test_the_label_behind_an_answer_of_several_parts_is_found() -> None:
    address = {"q9_address": {"addr_line1": "1 Main St", "city": "Syracuse", "state": "NY"}}
    pretty = f"Name:Ana Ruiz, Address:1 Main St Syracuse NY, {{}}:{GIVEN}"
    answers = {**NAME, **address, **PHONE}
    assert _read_jotform(answers, pretty.format("Phone")).phone == NUMBER
    assert _read_jotform(answers, pretty.format("Landlord")).phone is None


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=5), st.text())
def test_whatever_the_text_is_every_answer_stays_as_it_was(
    asked: list[tuple[str, str]], rest: str
) -> None:
    items = [FormField(f"q{at}", value=value) for at, (_label, value) in enumerate(asked)]
    shown = ", ".join(f"{label}:{value}" for label, value in asked) + rest
    labelled = list(add_shown_labels(items, shown))
    assert [(one.key, one.value) for one in labelled] == [(one.key, one.value) for one in items]
