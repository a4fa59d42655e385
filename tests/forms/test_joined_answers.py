"""Bodies that list their questions apart from the answers: each answer is read with its question.

Whatever a tool calls the lists, a refusal is heard and another's number is not dialed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.errors import BadSubmission
from tests.support.form_answers import GIVEN, NUMBER, read

OTHER = "(315) 555-0177"


@dataclass(frozen=True)
class Asked:
    """A question with the id that a tool made up, another one, and the answer that was given."""

    id: str
    ref: str
    title: str
    kind: str
    answer: Any

    @property
    def said(self) -> str:
        """The answer in words, as tools send it that know no truth values."""
        return {True: "Yes", False: "No"}.get(self.answer, self.answer)


NAME = Asked("JwWggjAKtOkA", "01HX-7a2", "What is your name?", "short_text", "Ana")
PHONE = Asked("SMEUb7VJz92Q", "01HY-9c1", "Your phone number", "phone_number", GIVEN)
MAY_CALL = Asked("KoJxDM3c6x8h", "01HZ-3b4", "May we call you?", "yes_no", answer=True)
MAY_NOT_CALL = replace(MAY_CALL, answer=False)
THEIRS = Asked("PNe8ZKBK8C2Q", "01JA-5d6", "Respondent's phone", "phone_number", OTHER)
Form = tuple[Asked, ...]


def _typeform(form: Form) -> Any:
    def answer(one: Asked) -> dict[str, Any]:
        kind = {"short_text": "text", "yes_no": "boolean"}.get(one.kind, one.kind)
        return {
            "type": kind, kind: one.answer,
            "field": {"id": one.id, "type": one.kind, "ref": one.ref},
        }  # fmt: skip

    asked = [{"id": a.id, "ref": a.ref, "title": a.title, "type": a.kind} for a in form]
    definition = {"id": "lT4Z3j", "title": "Ask for a call", "fields": asked}
    return {"form_response": {"definition": definition, "answers": list(map(answer, form))}}


def _typeform_group(form: Form) -> Any:
    body = _typeform(form)
    fields = body["form_response"]["definition"]["fields"]
    group = {"id": "g", "title": "About you", "type": "group", "properties": {"fields": fields}}
    body["form_response"]["definition"]["fields"] = [group]
    return body


def _survey_monkey(form: Form) -> Any:
    asked = [{"id": a.id, "headings": [{"heading": a.title}]} for a in form]
    answers = [{"id": a.id, "answers": [{"text": a.said}]} for a in form]
    return {
        "pages": [{"id": "1", "questions": answers}],
        "survey": {"pages": [{"questions": asked}]},
    }


def _choices(form: Form) -> Any:
    """Return a form whose choices are known by their ids alone."""
    asked = [
        {"id": a.id, "heading": a.title,
         "answers": {"choices": [{"id": "c1", "text": "Yes"}, {"id": "c2", "text": "No"}]}}
        for a in form
    ]  # fmt: skip
    answers = [
        {"question_id": a.id,
         "answers": [{"text": a.said} if isinstance(a.answer, str)
                     else {"choice_id": "c1" if a.answer else "c2"}]}
        for a in form
    ]  # fmt: skip
    return {"details": {"questions": asked}, "responses": answers}


def _google_forms(form: Form) -> Any:
    items = [
        {"itemId": f"i{a.id}", "title": a.title, "questionItem": {"question": {"questionId": a.id}}}
        for a in form
    ]
    answers = {
        a.id: {"questionId": a.id, "textAnswers": {"answers": [{"value": a.said}]}} for a in form
    }
    return {"form": {"items": items}, "response": {"answers": answers}}


def _jotform(form: Form) -> Any:
    asked = {a.id: {"qid": a.id, "text": a.title, "type": a.kind} for a in form}
    return {"questions": asked, "content": {"answers": {a.id: {"answer": a.said} for a in form}}}


def _qualtrics(form: Form) -> Any:
    given = {a.id: a.answer if isinstance(a.answer, str) else 2 - a.answer for a in form}
    words = {a.id: a.said for a in form if not isinstance(a.answer, str)}
    asked = {a.id: {"questionText": a.title} for a in form}
    return {"result": {"values": given, "labels": words}, "questions": asked}


def _template(form: Form) -> Any:
    blocks = [{"uuid": a.id, "payload": {"label": a.title}} for a in form]
    return {"template": {"blocks": blocks}, "responses": [{"uuid": a.id, "response": a.said}
                                                          for a in form]}  # fmt: skip


SHAPES: dict[str, Callable[[Form], Any]] = {
    "Typeform": _typeform,
    "Typeform by ref": lambda form: json.loads(
        json.dumps(_typeform(form)).replace('"id": ', '"k": ')
    ),
    "Typeform's group": _typeform_group,
    "Typeform in a text": lambda form: {"payload": json.dumps(_typeform(form))},
    "SurveyMonkey": _survey_monkey,
    "choices by id": _choices,
    "Google Forms": _google_forms,
    "Jotform": _jotform,
    "Qualtrics": _qualtrics,
    "a template": _template,
    "a word before the id": lambda form: {
        "form": {"fields": [{"id": a.id, "label": a.title} for a in form]},
        "entry": {f"field_{a.id}": a.answer for a in form},
    },
    "columns and cells": lambda form: {
        "columns": [{"id": a.id, "title": a.title} for a in form],
        "row": {"cells": [{"columnId": a.id, "value": a.said} for a in form]},
    },
    "columns and a row": lambda form: {
        "columns": [a.title for a in form], "rows": [[a.said for a in form]],
    },
    "headers and values": lambda form: {
        "headers": [{"name": a.title} for a in form], "values": [a.answer for a in form],
    },
    "titles by id": lambda form: {
        "question_text": {a.id: a.title for a in form}, "submission": {a.id: a.said for a in form},
    },
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_an_answer_is_read_with_the_question_that_stands_apart_from_it(shape: str) -> None:
    request = read(SHAPES[shape]((NAME, PHONE, MAY_CALL)))
    assert (request.phone, request.name) == (NUMBER, "Ana")
    assert not request.is_refused


@pytest.mark.parametrize("shape", SHAPES)
def test_a_no_is_heard_whose_question_stands_apart_from_it(shape: str) -> None:
    request = read(SHAPES[shape]((NAME, PHONE, MAY_NOT_CALL)))
    assert (request.phone, request.is_refused) == (NUMBER, True)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_number_of_another_is_not_dialed_whose_title_stands_apart(shape: str) -> None:
    assert read(SHAPES[shape]((NAME, THEIRS))).phone is None
    assert read(SHAPES[shape]((NAME, THEIRS, PHONE))).phone == NUMBER


@pytest.mark.parametrize("kind", ["generic", "typeform"])
def test_a_number_of_which_nothing_is_told_but_its_type_is_shown_to_a_person(kind: str) -> None:
    body = _typeform((NAME, PHONE))
    del body["form_response"]["definition"]
    request = read(body, kind=kind)
    assert (request.phone, request.suggested_phone) == (None, NUMBER)


def test_the_title_of_a_group_says_whose_number_is_in_it() -> None:
    body = _typeform_group((NAME, PHONE))
    body["form_response"]["definition"]["fields"][0]["title"] = "Emergency contact"
    for kind in ("generic", "typeform"):
        assert read(body, kind=kind).phone is None


def test_a_table_of_two_people_is_not_mixed() -> None:
    rows = [["Ana", GIVEN], ["Leo", OTHER]]
    with pytest.raises(BadSubmission):
        read({"headers": ["Name", "Phone"], "rows": rows})


WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=9)
IDS = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=8, max_size=8)


@given(
    names=st.lists(WORDS, min_size=3, max_size=3, unique=True),
    ids=st.lists(IDS, min_size=3, max_size=3, unique=True),
    title=st.sampled_from(["title", "label", "text", "caption", "prompt"]),
    refers=st.sampled_from(["question_id", "fieldId", "field", "question", "column_id"]),
    is_last=st.booleans(),
)
def test_questions_and_answers_are_joined_by_id_whatever_a_tool_calls_them(
    names: list[str], ids: list[str], title: str, refers: str, *, is_last: bool
) -> None:
    form, questions, answers = names
    asked = (NAME, THEIRS, MAY_NOT_CALL)
    told = {questions: [{"id": key, title: a.title} for key, a in zip(ids, asked, strict=True)]}
    said = [
        {refers: key if "id" in refers.lower() else {"id": key}, "value": a.said}
        for key, a in zip(ids, asked, strict=True)
    ]
    parts = [(form, told), (answers, said)]
    request = read(dict(reversed(parts) if is_last else parts))
    assert request.phone is None
    assert request.suggestions == [] or request.is_refused
    labels = {row["label"]: row["value"] for row in request.fields}
    assert labels["Respondent's phone"] == OTHER
    assert labels["May we call you?"] == "No"
