"""Whoever says that they are a child: the advisor reads it before the call."""

from __future__ import annotations

import json

import pytest

from leads.forms import form_reading


def cautions_of(**fields: str) -> list[str]:
    body = json.dumps({"phone": "315-555-0142", **fields}).encode()
    request = form_reading.read_form_request(body, "application/json", kind="generic", region="US")
    assert request.phone == "+13155550142"
    assert request.limits == []
    assert request.safe_to_call is None
    return request.cautions


@pytest.mark.parametrize(
    ("fields", "caution"),
    [
        ({"age": "13"}, "age 13"),
        ({"Edad": "17"}, "Edad 17"),
        ({"How old are you?": "9"}, "How old are you? 9"),
        ({"message": "I am 13. Please call."}, "message I am 13"),
        ({"message": "im 15yo"}, "message im 15"),
        ({"message": "I'm 16 and scared"}, "message I'm 16"),
        ({"message": "I'm 15. 5 days clean"}, "message I'm 15"),
        ({"message": "I'm 15, 315-555-0142"}, "message I'm 15"),
        ({"message": "That is what he said. I'm 15"}, "message I'm 15"),
        ({"message": "like I said I'm 15, help"}, "message I'm 15"),
        ({"message": "Hola, tengo 15 años"}, "message tengo 15 años"),
        ({"message": "soy menor de edad"}, "message soy menor de edad"),
    ],
)
def test_a_child_is_called_and_the_advisor_reads_it(fields: dict[str, str], caution: str) -> None:
    assert cautions_of(**fields) == [caution]


@pytest.mark.parametrize(
    "fields",
    [
        {"age": "31"},
        {"Age of child": "13"},
        {"message": "I am 13 days sober"},
        {"message": "I'm 12 weeks pregnant"},
        {"message": "Im 16.5 weeks"},
        {"message": "I am 10, 5 days clean"},
        {"message": "I'm 15, 000 in debt"},
        {"message": "I'm 15,000 in debt"},
        {"message": "tengo 15 años sobria"},
        {"message": "tengo 15 años bebiendo"},
        {"message": "tengo 15 años tomando"},
        {"message": "tengo 3 hijos"},
        {"message": "my son is 16"},
        {"message": "my son says I'm 15"},
        {"message": 'mi hijo dice: "tengo 15 años"'},
        {"message": "I am 45 and tired"},
    ],
)
def test_any_other_number_warns_of_nothing(fields: dict[str, str]) -> None:
    assert cautions_of(**fields) == []
