"""Whom a form's answer would rather talk to, where it carries such a field."""

from __future__ import annotations

import pytest

from leads.forms.wished_gender import find_wished_gender
from tests.support.form_answers import read


@pytest.mark.parametrize(
    ("answer", "gender"),
    [
        ("A woman, please", "woman"),
        ("Female", "woman"),
        ("una mujer", "woman"),
        ("hombre", "man"),
        ("Male counselor", "man"),
        ("A man or a woman", ""),
        ("No preference", ""),
        ("", ""),
    ],
)
def test_an_answer_names_one_or_neither(answer: str, gender: str) -> None:
    assert find_wished_gender(answer) == gender


def test_a_field_that_a_supervisor_mapped_is_read_and_so_is_one_of_our_own_name() -> None:
    fields = {"phone": "+13155550142", "language": "es", "wished_skill": "Families"}
    mapped = read(
        {**fields, "Who should call?": "Una mujer"}, mapping={"wished_gender": "Who should call?"}
    )
    assert mapped.wished_gender == "woman"
    assert mapped.wished_skill == "Families"
    assert mapped.language == "es"
    assert read({**fields, "wished_gender": "man"}).wished_gender == "man"
