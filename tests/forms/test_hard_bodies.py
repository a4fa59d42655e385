"""Bodies of tools that nobody listed: the right number is found, or a person looks.

Nobody else is ever rung.
"""

from __future__ import annotations

import json
import zlib
from typing import Any
from urllib.parse import urlencode

import pytest

from leads.forms import form_reading
from leads.intake.form_explanation import explain_form
from tests.support.form_answers import FORM, GIVEN, NUMBER, THEIRS, read

OTHER = "(315) 555-0177"

RUNG: dict[str, Any] = {
    "SurveyMonkey": {
        "pages": [
            {
                "questions": [
                    {"id": "11", "heading": "What is your name?",
                     "answers": [{"row_id": "0", "text": "Ana"}]},
                    {"id": "12", "heading": "Phone number", "answers": [{"text": GIVEN}]},
                    {"id": "13", "heading": "Spouse's phone", "answers": [{"text": OTHER}]},
                ]
            }
        ]
    },
    "a question in rows": {
        "questions": [
            {"heading": "Emergency contact", "answers": [{"row_text": "Phone", "text": OTHER}]},
            {
                "heading": "About you",
                "answers": [{"row_text": "Name", "text": "Ana"},
                            {"row_text": "Phone", "text": GIVEN}],
            },
        ]
    },
    "Wufoo": {
        "Field1": "Ana",
        "Field3": "3155550142",
        "Field4": OTHER,
        "FieldStructure": json.dumps(
            {
                "Fields": [
                    {"Title": "Name", "ID": "Field1",
                     "SubFields": [{"ID": "Field1", "Label": "First"}]},
                    {"Title": "Your phone", "ID": "Field3"},
                    {"Title": "Doctor's phone", "Type": "phone", "ID": "Field4"},
                ]
            }
        ),
    },
    "questions by id": {
        "answers": {"q0": OTHER, "q1": "Ana", "q2": GIVEN},
        "questions": {"q0": "Sponsor's phone", "q1": "Your name", "q2": "Your phone"},
    },
    "involve.me": {
        "answers": [{"question_text": "Your phone", "answer": GIVEN},
                    {"question_text": "Your name", "answer": "Ana"}],
    },
    "Pipedrive": {
        "name": "Ana",
        "phone": [{"label": "work", "value": OTHER},
                  {"label": "home", "value": GIVEN, "primary": True}],
    },
    "numbers by kind": {
        "name": "Ana",
        "phones": [{"type": "fax", "number": OTHER}, {"type": "mobile", "number": GIVEN}],
    },
    "Keap": {"first": "Ana",
             "phone_numbers": [{"field": "PHONE1", "number": GIVEN, "type": "Mobile"}]},
    "CallTrackingMetrics": {"name": "Ana", "caller_number": GIVEN, "tracking_number": OTHER,
                            "form": {"name": "Help"}},
    "sections": {
        "sections": [
            {"title": "Emergency contact", "fields": [{"label": "Phone", "value": OTHER}]},
            {"title": "About you",
             "fields": [{"label": "Name", "value": "Ana"}, {"label": "Phone", "value": GIVEN}]},
        ]
    },
    "contacts by type": {
        "contacts": [{"type": "emergency", "phone": OTHER},
                     {"type": "self", "name": "Ana", "phone": GIVEN}]
    },
    "pairs": {"fields": [["Phone", GIVEN], ["Name", "Ana"]]},
    "k and v": [{"k": "phone", "v": GIVEN}, {"k": "name", "v": "Ana"}],
    "q and a": {"answers": [{"q": "Phone", "a": GIVEN}, {"q": "Name", "a": "Ana"}]},
    "capitals": {"Fields": [{"Label": "Name", "Value": "Ana"}, {"Label": "Phone", "Value": GIVEN}]},
    "etiqueta y valor": {"campos": [{"etiqueta": "Celular", "valor": GIVEN},
                                    {"etiqueta": "Nombre", "valor": "Ana"}]},
    "KoboToolbox": {"group_ab1cd23/Name": "Ana", "group_ab1cd23/Phone_Number": GIVEN,
                    "group_kin/Phone_Number": OTHER, "meta/instanceID": "uuid:1"},
    "ODK": {"grp_contact/nombre": "Ana", "grp_contact/telefono": GIVEN},
    "Duda": {"dmform-0": "Ana", "label-dmform-0": "Name", "dmform-1": OTHER,
             "label-dmform-1": "Sponsor phone", "dmform-2": GIVEN, "label-dmform-2": "Phone"},
    "an incident": {"reporter_name": "Ana", "reporter_phone": GIVEN, "subject_phone": OTHER},
    "words without a sign between them": {"fullname": "Ana", "contactnumber": GIVEN},
    "edges and nodes": {
        "name": "Ana",
        "values": {"edges": [{"node": {"field": {"label": "Phone"}, "value": GIVEN}}]},
    },
    "a question of its own": {
        "name": "Ana",
        "answers": [{"field": {"title": "Your phone", "type": "text"}, "text": GIVEN}],
    },
    "a dealer": {"dealer": {"phone": OTHER}, "customer": {"name": "Ana", "phone": GIVEN}},
    "numbers that are none": {
        "name": "Ana", "insurance": {"member_id": "3155550177", "phone": "(315) 555-0188"},
        "created": 1770384000,
        "contact": {"fax": OTHER, "mobile": GIVEN},
    },
    "the office first": {"name": "Ana", "office_phone": OTHER, "phone": GIVEN},
    "work first": {"name": "Ana", "Work phone": OTHER, "Phone": GIVEN},
    "a table": {"headers": ["Name", "Phone"], "rows": [["Ana", GIVEN]]},
    "another area code": {"name": "Ana", "spouse_area_code": "212", "spouse_phone": "555-0177",
                          "phone": GIVEN},
}  # fmt: skip


@pytest.mark.parametrize("tool", RUNG)
def test_the_submitter_is_found_in_a_body_of_any_shape(tool: str) -> None:
    request = read(RUNG[tool])
    assert (request.phone, request.name) == (NUMBER, "Ana")


SEEN_FIRST: dict[str, Any] = {
    "a section about another": {
        "sections": [{"title": "Emergency contact", "fields": [{"label": "Phone", "value": OTHER}]}]
    },
    "a row about another": {
        "questions": [{"heading": "Next of kin", "answers": [{"row_text": "Phone", "text": OTHER}]}]
    },
    "a relative": {
        "name": "Ana",
        "contacts": [{"relationship": "Spouse", "name": "Leo", "phone": OTHER}],
    },
    "un pariente": {"nombre": "Ana", "contactos": [{"parentesco": "esposo", "telefono": OTHER}]},
    "two of a kind": {"phones": [{"value": GIVEN}, {"value": OTHER}]},
    "two of a name": {
        "answers": [{"label": "Phone", "value": GIVEN}, {"label": "Phone", "value": OTHER}]
    },
    "choices of a question": {"1": GIVEN, "options": [{"id": "1", "label": "Phone"}]},
    "two titles for an id": {
        "q1": GIVEN,
        "fields": [{"id": "q1", "label": "Phone"}, {"id": "q1", "label": "Member"}],
    },
    "a chat": {
        "conversation": [{"role": "bot", "text": "Your phone?"}, {"role": "user", "text": GIVEN}]
    },
    "parts of another's": {
        "emergency_phone_area": "315",
        "emergency_phone_prefix": "555",
        "emergency_phone_line": "0177",
    },
    "parts of a fax": {"fax_area": "315", "fax_prefix": "555", "fax_line": "0177"},
    "parts of what is no phone": {"ssn1": "315", "ssn2": "555", "ssn3": "0142"},
    "an area code between two": {
        "area_code": "315",
        "Cell phone": "555-0142",
        "Home phone": "555-0177",
    },
    "an area code of another's": {"spouse_area_code": "315", "phone": "555-0142"},
    "a path to another's": {"_id": 1, "group_victim/phone": OTHER},
    "a path to a respondent's": {"respondent/phone_1": OTHER, "meta/instanceID": "uuid:1"},
    "an order": {"Order number": "3155550177", "phone": ""},
    "a card": {"Phone number on the back of your insurance card": OTHER},
}


@pytest.mark.parametrize("what", SEEN_FIRST)
def test_where_it_is_not_clear_whose_number_it_is_a_person_looks_first(what: str) -> None:
    assert read(SEEN_FIRST[what]).phone is None


@pytest.mark.parametrize(
    "fields",
    [
        {"phone_area": "315", "phone_prefix": "555", "phone_line": "0142"},
        {"phone": {"area": "315", "prefix": "555", "line": "0142"}},
        {"Phone Areacode": "315", "Phone Prefix": "555", "Phone Line": "0142"},
        {"phone1": "315", "phone2": "555", "phone3": "0142"},
        {"Phone.1": "315", "Phone.2": "555", "Phone.3": "0142"},
        {"phone": ["315", "555", "0142"]},
        {"area_code": "315", "phone": "555-0142"},
        {"Area Code": "(315)", "Phone Number": "5550142"},
        {"work_phone": OTHER, "area_code": "315", "phone": "555-0142"},
        {"country_code": "1", "area_code": "315", "phone": "5550142"},
        {"area_code": "315", "phone": GIVEN},
    ],
)
def test_the_parts_of_a_number_are_joined(fields: Any) -> None:
    assert read(fields).phone == NUMBER


def test_the_parts_of_a_gravity_field_are_joined_where_a_person_said_that_it_is_the_phone() -> None:
    entry = {
        "form_id": "1",
        "date_created": "2026-01-01",
        "5.1": "315",
        "5.2": "555",
        "5.3": "0142",
    }
    assert read(entry, kind="gravity_forms", mapping={"phone": "5"}).phone == NUMBER
    assert read(entry, kind="gravity_forms").phone is None
    assert read({"Lada": "55", "Teléfono": "1234 5678"}, region="MX").phone == "+525512345678"


def test_a_field_without_a_label_is_a_phone_only_where_somebody_says_so() -> None:
    def sent(*, mapping: dict[str, str] | None = None, **fields: str) -> str | None:
        body = urlencode(fields).encode()
        return form_reading.read_form_request(
            body, FORM, kind="elementor", region="US", mapping=mapping
        ).phone

    assert sent(**{"No Label field_1": GIVEN}) is None
    assert sent(**{"No Label field_1": GIVEN}, mapping={"phone": "No Label field_1"}) == NUMBER
    typed = {
        f"fields[field_1][{name}]": said
        for name, said in {"id": "field_1", "type": "tel", "value": GIVEN}.items()
    }
    assert sent(**typed, **{"fields[field_1][title]": ""}) == NUMBER


@pytest.mark.parametrize(
    "label",
    [
        "Contact #", "Phone #", "Tel. #", "Callback #", "Contact No.", "Your number", "My number",
        "Su número",
        "Tu número",
        "Mi número", "Número de celular", "Cel.", "Telf.", "Teléfono de contacto",
        "¿Cuál es su número?",
        "Número de WhatsApp",
        "¿A qué número le llamamos?", "Déjanos tu número", "Nro. de teléfono", "Teléfono de casa",
    ],
)  # fmt: skip
def test_more_words_for_a_number(label: str) -> None:
    assert read({label: GIVEN, "Nombre": "Ana"}).phone == NUMBER


@pytest.mark.parametrize(
    "label",
    [
        "Número de póliza", "Número de seguro social", "Número de empleado", "Su número de miembro",
        "Your member number", "Number",
        "Your account number", "Teléfono de su trabajadora social", "Celular de una vecina",
        "Teléfono de mi cuñada",
        "Teléfono de su jefa",
        "ICE phone", "NOK phone", "PCP phone", "Landlord phone", "Reference 1 phone", "Nurse phone",
        "Social worker's phone",
        "Probation officer phone", "Interpreter phone", "Stepmother phone", "Mother-in-law phone",
        "Caregiver phone",
        "Niece cell",
        "Manager phone", "Rehab phone", "Minor's phone", "Beneficiary phone",
    ],
)  # fmt: skip
def test_more_words_for_what_must_not_be_rung(label: str) -> None:
    assert read({label: OTHER, "name": "Ana"}).phone is None
    both = read({label: OTHER, "Phone": GIVEN})
    assert (both.phone, THEIRS in both.no_dial or label in both.unknown) == (NUMBER, True)


@pytest.mark.parametrize(
    "fields",
    [
        {"Student phone": THEIRS, "Parent phone": GIVEN},
        {"Client cell": THEIRS, "Referral phone": GIVEN},
    ],
)
def test_a_form_for_a_client_says_why_a_person_has_to_look(fields: dict[str, str]) -> None:
    request = read(fields)
    assert (request.phone, request.suggested_phone) == (None, THEIRS)
    assert request.reason.startswith("Someone may have filled out the form for a client")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Is it safe to call you if your partner is home?", "No"),
        ("Is it safe to call when your husband is around?", "Only mornings"),
        ("Is it safe to contact you when others are around?", ["No"]),
        ("Is it OK to text if your partner checks your phone?", False),
        ("Can you talk freely?", "no"),
        ("Does anyone else have access to this phone?", "Yes"),
        ("Is the abuser living with you?", "Yes"),
        ("¿Es seguro llamarle si su pareja está en casa?", "No"),
        ("¿Alguien más revisa su teléfono?", "A veces"),
    ],
)
def test_what_may_endanger_them_is_shown_to_the_advisor_and_nothing_is_left_or_sent(
    question: str, answer: Any
) -> None:
    request = read(
        {"phone": GIVEN, "safe_to_text": "yes", "safe_to_voicemail": "yes", question: answer}
    )
    assert (request.phone, request.safe_to_call) == (NUMBER, None)
    assert (request.safe_to_voicemail, request.safe_to_text) == (False, False)
    assert [caution.startswith(question) for caution in request.cautions] == [True]
    assert question in request.unknown  # what the advisor's card shows


@pytest.mark.parametrize(
    ("question", "answer", "safe"),
    [
        ("Is it safe to call you if your partner is home?", "Yes", None),
        ("Does anyone else have access to this phone?", "No", None),
        ("Can you talk freely?", "", None),
        ("Is it safe to call you at home?", "No", False),
        ("Would it be dangerous if we call?", "Yes", False),
        ("Is it unsafe to call?", "No", None),
    ],
)
def test_no_caution_where_nothing_is_to_be_feared_or_no_call_is_made(
    question: str, answer: str, *, safe: bool | None
) -> None:
    request = read({"phone": GIVEN, "safe_to_text": "yes", question: answer})
    assert request.safe_to_call == safe
    assert request.safe_to_text is True
    assert request.cautions == []


def test_what_can_be_read_in_one_way_only_is_read() -> None:
    deflate = zlib.compressobj(wbits=-15)
    sent = json.dumps({"phone": GIVEN, "name": "Ana Ñúñez"}, ensure_ascii=False).encode()
    bodies: tuple[bytes | str, ...] = (
        deflate.compress(sent) + deflate.flush(),
        f'{{"phone":"{GIVEN}","name":"Ana","message":"one\ntwo\tthree"}}',
        f'{{"phone":"{GIVEN}","name":"Ana","phone":"{GIVEN}"}}',
        '{"name":"Ana","phone":"&#43;1&nbsp;315&nbsp;555&#8209;0142"}',
        '{"name":"Ana","phone":"%2B1%20(315)%20555-0142"}',
        "phone=%252B13155550142&name=Ana%2520Ruiz",
        "name%3DAna%26phone%3D3155550142",
        '{"name":"Ana","phone":{"callingCode":"1","nationalNumber":"3155550142"}}',
        '[{"name":"phone","value":"3155550142"},{"name":"full_name","value":"Ana"}]',
    )
    for body in bodies:
        content = body.encode() if isinstance(body, str) else body
        request = form_reading.read_form_request(content, "", region="US")
        assert (request.phone, request.name[:3]) == (NUMBER, "Ana"), body


def test_an_address_and_a_sentence_with_signs_stay_as_they_were_written() -> None:
    page = "https://example.org/help?a=1&copy=2&q=a%20b"
    request = read({"phone": GIVEN, "page_url": page, "message": "100% sure & safe; 5%20 off"})
    assert (request.page_url, request.message) == (page, "100% sure & safe; 5%20 off")


@pytest.mark.parametrize(
    "body",
    [
        '<?xml version="1.0"?><lead><name>Ana</name><phone>3155550142</phone></lead>',
        "Nombre: Ana\nTeléfono: (315) 555-0142\n",
        'a:2:{s:4:"name";s:3:"Ana";s:5:"phone";s:10:"3155550142";}',
        '{"name":"Ana","phone":"3155550142","interest":,"message":"hi"}',
        '{"phone":"3155550142","phone":"3155550177"}',
    ],
)
def test_of_what_cannot_be_read_the_number_in_it_is_shown(body: str) -> None:
    told = explain_form(body.encode(), "", ("generic", "US", {}))
    assert (told.outcome, told.reading["suggested_phone"]) == ("needs_review", NUMBER)
    assert told.reading["phone"] is None


def test_of_several_people_none_is_suggested() -> None:
    people = [{"name": "Ana", "phone": GIVEN}, {"name": "Leo", "phone": OTHER}]
    told = explain_form(json.dumps(people).encode(), "", ("generic", "US", {}))
    assert (told.outcome, told.reading) == ("needs_review", {})


@pytest.mark.parametrize(
    ("fields", "extension"),
    [
        ({"phone": f"{GIVEN} ext. 204"}, "204"),
        ({"phone": f"{GIVEN} ext."}, ""),
        ({"phone": GIVEN, "ext": "204"}, "204"),
        ({"phone": GIVEN, "Extensión": "204"}, "204"),
        ({"phone": GIVEN, "extension": "ask for Bo"}, ""),
        ({"phone": {"number": GIVEN, "country": "US", "extension": "204"}}, "204"),
        ({"phone": GIVEN, "office": {"ext": "204"}}, ""),
        ({"phone": GIVEN, "Spouse's extension": "204"}, ""),
    ],
)
def test_an_extension_is_read_beside_the_number(fields: Any, extension: str) -> None:
    request = read(fields)
    assert (request.phone, request.phone_extension) == (NUMBER, extension)


@pytest.mark.parametrize("part", ["step2", "step_2", "page-2", "part 1", "Step 2 of 3", "paso_1"])
@pytest.mark.parametrize("asked", ["{}_phone", "{} Your phone", "{}-mobile", "{}_telefono"])
def test_where_in_a_form_a_field_stands_says_nothing_of_whose_phone_it_is(
    part: str, asked: str
) -> None:
    assert read({"name": "Ana", asked.format(part): GIVEN}).phone == NUMBER


@pytest.mark.parametrize(
    "name", ["step_phone", "Step phone", "stepPhone", "step mother phone", "page_phone",
             "step2_son_phone", "business_phone", "busPhone", "office_phone", "company phone"]
)  # fmt: skip
def test_a_part_of_a_family_and_a_companys_phone_wait(name: str) -> None:
    request = read({"name": "Ana", name: GIVEN})
    assert (request.phone, [one["number"] for one in request.suggestions]) == (None, [NUMBER])


LINKED = '<a href="tel:+13155550142">(315) 555-0142</a>'


@pytest.mark.parametrize(
    "written",
    [
        LINKED, f"<p>{LINKED}</p>", f" {LINKED}\n",
        "<a target=_blank href='tel:3155550142'>3155550142</a>",
        "&lt;a href=&quot;tel:+13155550142&quot;&gt;315-555-0142&lt;/a&gt;",
        "<strong>315-555-0142</strong>", "315-555-0142<br/>", '<td class="v">315-555-0142</td>',
    ],
)  # fmt: skip
def test_a_number_that_was_written_for_a_page_is_read(written: str) -> None:
    request = read(
        {"name": "Ana", "phone": written, "email": '<a href="mailto:a@b.org">a@b.org</a>'}
    )
    assert (request.phone, request.email) == (NUMBER, "a@b.org")


@pytest.mark.parametrize(
    "written",
    [
        '<a href="tel:+13155550177">(315) 555-0142</a>', '<a href="tel:+13155550142">Call</a>',
        f"{LINKED} or {LINKED.replace('42', '77')}", '<a href="https://x.example/3155550142">x</a>',
    ],
)  # fmt: skip
def test_a_link_that_shows_another_number_than_its_own_waits(written: str) -> None:
    assert read({"name": "Ana", "phone": written}).phone is None


@pytest.mark.parametrize("around", ["answers", "response", "values", "answer"])
@pytest.mark.parametrize("beside", [{"state": "complete"}, {"type": "submission"}, {}, {"id": "7"}])
def test_a_form_within_a_submission_keeps_all_its_answers(
    around: str, beside: dict[str, str]
) -> None:
    said = {"name": "Ana Ruiz", "phone": GIVEN}
    request = read({"submission": {**beside, around: said}})
    assert (request.phone, request.name) == (NUMBER, "Ana Ruiz")
