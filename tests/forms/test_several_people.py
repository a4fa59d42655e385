"""One body, several people: never mixed, nobody passed over, and one is never taken for two."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from leads.errors import BadSubmission
from leads.forms import form_reading
from tests.support.form_answers import FORM, GIVEN, GIVEN_FOR_THEM, NUMBER, read

ANA = {"name": "Ana Ruiz", "phone": GIVEN}
LEO: dict[str, Any] = {"name": "Leo Park", "phone": GIVEN_FOR_THEM}
LEO_BY_MAIL = {"name": "Leo Park", "email": "leo@example.org", "message": "me, too"}


@pytest.mark.parametrize(
    "body",
    [
        [ANA, LEO],
        [ANA, LEO_BY_MAIL],
        {"leads": [ANA, {**LEO, "phone": GIVEN}]},
        {"entries": [LEO_BY_MAIL, ANA]},
        {"lead1": ANA, "lead2": LEO},
        {"lead_1": ANA, "lead_2": LEO_BY_MAIL},
        {"contact": ANA, "caller": LEO},
        {"people": [ANA, LEO]},
        {"data": {"contacts": [ANA, LEO]}},
        {"name_1": "Ana", "phone_1": GIVEN, "name_2": "Leo", "phone_2": GIVEN_FOR_THEM},
        {**ANA, "email": "ana@example.org", "name2": "Leo", "email2": "leo@example.org"},
        {"name": ["Ana Ruiz", "Leo Park"], "phone": GIVEN},
        {"name": "Ana", "phone": GIVEN, "email": ["ana@example.org", "leo@example.org"]},
        [{"first_name": "Ana", "phone": GIVEN}, {"first_name": "Leo", "email": "leo@example.org"}],
        {"Your name": "Ana Ruiz", "Contact name": "Leo Park", "Contact phone": GIVEN},
        {"first_name": "Ana", "contact_first_name": "Leo", "contact_phone": GIVEN},
        {"Nombre": "Ana Ruiz", "Nombre de contacto": "Leo Park", "Teléfono de contacto": GIVEN},
        {
            "Name": "Ana Ruiz",
            "User name": "Leo Park",
            "Caller's name": "Leo Park",
            "Caller's phone": GIVEN,
        },
        {"visitor name": "Ana Ruiz", "customer name": "Leo Park", "customer phone": GIVEN},
        {"reporter name": "Ana Ruiz", "user name": "Leo Park", "user phone": GIVEN},
        {"Your name": "Ana Ruiz", "Name": "Leo Park", "Phone": GIVEN},
        {"Submitted by": "Ana Ruiz", "First name": "Leo", "Last name": "Park", "Phone": GIVEN},
        {"Requester": "Ana Ruiz", "Requester phone": "", "Name": "Leo Park", "Phone": GIVEN},
        {"Llenado por": "Ana Ruiz", "Nombre": "Leo Park", "Teléfono": GIVEN},
        {"caller": {"name": "Ana Ruiz"}, "user": LEO},
        {"customer": {"name": "Ana Ruiz", "phone": ""}, "contact": LEO},
    ],
)
def test_several_people_are_for_a_person_to_sort_out(body: Any) -> None:
    with pytest.raises(BadSubmission, match="several people"):
        read(body)


@pytest.mark.parametrize(
    "body",
    [
        [ANA, ANA],
        {"lead": ANA, "contact": {"name": "Ana", "phone": NUMBER}},
        {**ANA, "contact": {"name": "ana ruiz", "email": "ana@example.org"}},
        {**ANA, "phone_2": GIVEN_FOR_THEM, "email": "ana@example.org"},
        {**ANA, "children": [{"name": "Bo"}, {"name": "Cy"}]},
        {**ANA, "people_in_the_house": [LEO, {"name": "Bo", "phone": "(315) 555-0155"}]},
        {**ANA, "items": [{"name": "Detox"}, {"name": "Housing"}]},
        {"name_1": "Ana", "name_2": "Ruiz", "phone": GIVEN},
        {"Name": "Ana Ruiz", "Contact name": "Ana", "Contact phone": GIVEN},
        {"Name": "Ana Ruiz", "Contact name": "Leo Park", "Phone": GIVEN},
        {"Contact name": "Ana Ruiz", "Contact phone": GIVEN},
        {"customer": ANA, "dealer": LEO},
        {"Your name": "Ana Ruiz", "Name": "Ana", "Phone": GIVEN},
        {"Name": "Ana Ruiz", "What is your preferred name?": "Annie", "Phone": GIVEN},
        {"Submitted by": "website", "Name": "Ana Ruiz", "Phone": GIVEN},
        {"Your name": "Ana Ruiz", "Your phone": GIVEN, "Name": "Leo Park"},
        {**ANA, "Your insurance": "Blue Cross", "What is your city?": "New York"},
    ],
)
def test_one_person_is_not_taken_for_several(body: Any) -> None:
    assert read(body).phone == NUMBER


def test_two_addresses_of_a_form_that_was_sent_for_two_are_seen_in_every_encoding() -> None:
    emails = [("email", "ana@example.org"), ("email", "leo@example.org")]
    form = urlencode([("name", "Ana"), *emails, ("tel", GIVEN)])
    with pytest.raises(BadSubmission, match="several people"):
        form_reading.read_form_request(form.encode(), FORM, region="US")


@pytest.mark.parametrize(
    "beside",
    [
        {"Whose phone is this?": "My mother's"},
        {"Whose number is this?": "mine and my husband's"},
        {"Phone belongs to": "My son"},
        {"Phone owner": "Leo Park"},
        {"Is this your own phone?": "No, my sister's"},
        {"¿De quién es este teléfono?": "De mi esposo"},
        {"¿Este número es suyo?": "No"},
        {"Is the number above yours?": "No"},
        {"¿Teléfono propio?": "No"},
        {"number_owner": "grandson"},
        {"person": {"type": "defendant"}},
        {"role": "abuser"},
        {"contact_type": "Emergency contact"},
        {"Relationship": "Alleged offender"},
        {"Tipo de persona": "Agresor"},
    ],
)
def test_a_number_that_an_answer_gives_to_somebody_else_waits(beside: dict[str, Any]) -> None:
    request = read({**ANA, **beside})
    assert (request.phone, request.suggested_phone) == (None, NUMBER)


@pytest.mark.parametrize(
    "beside",
    [
        {"Whose phone is this?": "Mine"},
        {"Whose phone is this?": GIVEN},
        {"Do you have your own car?": "No"},
        {"Whose phone is this?": "Ana"},
        {"Phone owner": "ana ruiz"},
        {"Is this your own phone?": "Yes"},
        {"¿De quién es este teléfono?": "Es mío"},
        {"role": "parent"},
        {"Relationship": "Wife of the offender, and I want out"},
        {"contact_type": "individual"},
        {"phone_type": "mobile"},
        {"Relationship to abuser": "Spouse"},
    ],
)
def test_a_number_that_an_answer_leaves_with_its_sender_is_rung(beside: dict[str, str]) -> None:
    assert read({**ANA, **beside}).phone == NUMBER
