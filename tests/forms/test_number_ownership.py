"""A number is dialed only where every word of its field's name is the sender's own phone."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.contact_rules.number_policy import NumberPolicy
from leads.forms import label_vocabulary, number_ownership, vendor_examples, vendor_recipes
from leads.intake.form_explanation import FormExplanation, FormOutcome, explain_form
from tests.support.form_answers import GIVEN, GIVEN_FOR_THEM, NUMBER, read, typed

DATA = Path(__file__).parent / "data"
STRANGERS = (DATA / "strangers.txt").read_text("utf-8").split()
OWN = "(315) 555-0199"
PLACES: tuple[str, ...] = (
    "{} phone", "{}'s phone number", "Phone number of the {}", "Phone ({})", "{}_phone", "phone_{}",
    "Best number to reach your {}", "Your {}'s mobile", "What number can we call for the {}?",
    "Teléfono del {}", "telefono_{}", "Celular de su {}", "Número de teléfono de mi {}", "Tel. {}",
)  # fmt: skip
words = st.one_of(
    st.sampled_from(STRANGERS),
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12),
    st.text("áéíóúñабвгд", min_size=3, max_size=9),
).filter(lambda word: not number_ownership.is_own_phone_section(word))


@st.composite
def bodies_with_an_unknown_word(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw a body whose only number stands under a name with an unknown word somewhere in it."""
    word = draw(words)
    name = draw(st.sampled_from(PLACES)).format(word)
    other = {"name": "Ana", "message": "please help"}
    shape = draw(
        st.sampled_from(
            (
                {**other, name: GIVEN_FOR_THEM},
                typed((name, "tel", GIVEN_FOR_THEM), ("Your name", "text", "Ana")),
                {"fields": [{"key": name, "label": "Phone", "type": "tel",
                             "value": GIVEN_FOR_THEM}]},
                {**other, word: {"name": "Leo", "phone": GIVEN_FOR_THEM}},
                {"data": {word: {"contact": {"phone": GIVEN_FOR_THEM}}}},
                {**other, f"{word}[phone]": GIVEN_FOR_THEM},
                {"sections": [{"title": f"About the {word}",
                               "fields": [{"label": "Phone", "value": GIVEN_FOR_THEM}]}]},
                {"data": [{"role": word, "name": "Leo", "phone": GIVEN_FOR_THEM}]},
            )
        )
    )  # fmt: skip
    blank = draw(st.sampled_from(({}, {"phone": ""}, {"Your phone": None}, {"Teléfono": " "})))
    if not isinstance(shape, dict) or not draw(st.booleans()):
        return word, {**blank, **shape}
    return word, {**shape, **blank}


@given(
    st.text("0123456789abcdef", min_size=7, max_size=7), st.sampled_from(("Phone", "Leo's phone"))
)
def test_the_id_that_a_tool_made_up_says_nothing_of_whose_number_it_is(
    made_up: str, title: str
) -> None:
    field = {"id": f"field_{made_up}", "type": "tel", "title": title, "value": OWN}
    request = read({"form": {"id": "1"}, "fields": {field["id"]: field}}, kind="elementor")
    assert bool(request.phone) == (title == "Phone")


SIBLINGS: tuple[tuple[str, str], ...] = (
    ("section", "About the {}"), ("About", "my {}"), ("party", "{}"), ("seccion", "Datos de {}"),
    ("Whose phone is this?", "the {}'s"), ("Phone number is", "My {}'s"), ("phone_note", "{}"),
    ("Contact is", "{}"), ("El teléfono es", "de mi {}"), ("person", "the {}"),
    ("Number in use by", "my {}"), ("phone_user", "{}"), ("whosephone", "{}"),
    ("Who answers?", "{}"),
    ("message", "Please help. This is my {}'s phone"),
    ("notes", "The number above is the {} desk"), ("notes", "the number belongs to my {}"),
    ("Comments", "I am using a {}'s phone, call soon"), ("mensaje", "este celular es de mi {}"),
)  # fmt: skip
"""What stands beside the number and says whose it is, with a word for that."""
strangers = st.one_of(
    st.sampled_from(
        [word for word in STRANGERS if not number_ownership.is_own_phone_section(word)]
    ),
    st.text("bcdfghjklmnpqrstvwxz", min_size=4, max_size=12),
)


@given(strangers, st.sampled_from(SIBLINGS), st.booleans(), st.booleans())
def test_no_number_is_dialed_beside_an_answer_that_says_whose_it_is_with_an_unknown_word(
    word: str,
    sibling: tuple[str, str],
    is_first: bool,
    is_nested: bool,
) -> None:
    question, answer = sibling
    said, own = {question: answer.format(word)}, {"phone": GIVEN_FOR_THEM}
    fields = {**said, **own} if is_first else {**own, **said}
    told = _explain({"data": {**said, "fields": own}} if is_nested else fields)
    assert told.outcome is FormOutcome.NEEDS_REVIEW
    assert told.reading["phone"] is None


@given(bodies_with_an_unknown_word())
def test_no_number_is_dialed_from_a_field_whose_name_has_an_unknown_word(
    drawn: tuple[str, Any],
) -> None:
    told = _explain(drawn[1])
    assert told.outcome is FormOutcome.NEEDS_REVIEW
    assert told.reading["phone"] is None


@given(bodies_with_an_unknown_word(), st.booleans())
def test_beside_the_senders_own_number_it_is_never_the_one_that_is_dialed(
    drawn: tuple[str, Any],
    is_first: bool,
) -> None:
    own = {"My own phone": OWN}
    body = {**own, **drawn[1]} if is_first else {**drawn[1], **own}
    told = _explain(body)
    assert told.outcome is not FormOutcome.ADMIT or told.reading["phone"] == "+13155550199"


@pytest.mark.parametrize(
    "label",
    [
        "If you are calling for someone else, their number", "Number of the person who needs help",
        "Emergency contact phone", "Parent/guardian phone", "Patient phone", "Phone (if different)",
        "Respondent's cell", "Teléfono del agresor", "Tel. de la víctima", "School phone",
        "Case manager number", "Contact person phone", "Contact's phone", "Message phone",
        "Teléfono de él", "CASA phone", "Group home phone", "First responder phone", "Call us at",
        "Phone number that called you", "Phone 2nd contact",
        "Contacto 2 teléfono", "contact_3_phone",
        "Phone (text only)", "Number if no answer", "Campus phone", "Your campus phone",
        "Dorm phone", "lo_phone", "s_phone", "Client phone", "clientphone",
        "Mandated reporter phone",
        "Your reporter's phone", "телефон мужа", "丈夫电话 phone",
        "Blocked number phone", "Phones you blocked", "Anonymous caller phone",
        "Phone you receive calls from", "Phone that texts you", "Teléfono de anónimo",
        "lo_phone_number", "lo_best_phone", "phone_lo", "s_mobile_phone", "la_phone_number",
        "Your customer phone", "Usual visitor phone", "Night caller phone", "My lead phone",
        "User you want us to contact phone", "Caller in question phone",
        "Contact we should call phone", "Contact in your home phone", "Contacto de trabajo tel",
        "No contact phone", "Phone without permission to call", "Text number only",
        "gf_phone", "Teléfono en caso de no contestar", "Teléfono solo WhatsApp",
        "Phone for messages", "Phone used by", "WhatsApp only",
        "Residence phone", "Residential telephone", "House phone", "Billing phone",
    ],
)  # fmt: skip
def test_a_number_that_may_be_anothers_waits_and_the_reviewer_sees_whose_it_is_said_to_be(
    label: str,
) -> None:
    for fields in ({label: GIVEN}, {"phone": "", label: GIVEN}, typed((label, "tel", GIVEN))):
        request = read(fields)
        assert request.phone is None
        shown = {row["label"] or row["key"] for row in request.fields if row["value"]}
        assert label in shown


LABELS = (DATA / "ordinary_labels.txt").read_text("utf-8").splitlines()


def _ordinary_bodies(label: str) -> Iterator[Any]:
    said = {"name": "Ana Ruiz", "email": "ana@example.org", "message": "please help"}
    yield {**said, label: GIVEN}
    yield {"data": {"attributes": {**said, label: GIVEN}}}
    yield {"fields": [{"id": "c3d4", "title": label, "type": "phone", "value": GIVEN}]}
    yield {"pages": [{"questions": [{"heading": label, "answers": [{"text": GIVEN}]}]}]}


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.soak)])
def test_at_least_97_of_100_ordinary_bodies_go_straight_through(every: int) -> None:
    told = [
        (label, _explain(body))
        for number, label in enumerate(LABELS)  # each in another shape
        for body in itertools.islice(_ordinary_bodies(label), number % every, None, every)
    ]
    waiting = [label for label, one in told if one.reading.get("phone") != NUMBER]
    assert len(LABELS) > 300
    assert len(waiting) <= 0.03 * len(told), waiting


FRESH = [json.loads(line) for line in (DATA / "fresh_bodies.jsonl").read_text("utf-8").splitlines()]
"""Ordinary bodies of sites and tools, and bodies for which nobody may be rung just like that."""


def _explain_fresh(case: dict[str, str]) -> FormExplanation:
    return explain_form(case["body"].encode(), case["type"], (case["kind"], "US", {}))


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.soak)])
def test_fresh_ordinary_bodies_go_straight_through(every: int) -> None:
    ordinary = [case for case in FRESH[::every] if case["expected"] == "own"]
    told = [(case["body"], _explain_fresh(case)) for case in ordinary]
    waiting = [body for body, one in told if one.outcome is not FormOutcome.ADMIT or _is_held(one)]
    assert (len(told) > 60, waiting) == (True, [])
    asked_at = [case.get("phone", NUMBER) for case in ordinary]
    assert [one.reading["phone"] for _body, one in told] == asked_at


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.soak)])
def test_of_fresh_harmful_bodies_none_is_rung(every: int) -> None:
    told = [(case, _explain_fresh(case)) for case in FRESH[::every] if case["expected"] != "own"]
    rung = [case["body"] for case, one in told if _may_do_harm(case["expected"], one)]
    assert (len(told) > 60, rung) == (True, [])


def _may_do_harm(expected: str, told: FormExplanation) -> bool:
    if told.outcome is not FormOutcome.ADMIT:
        return False
    if expected == "held":
        return not _is_held(told)
    return expected == "review" or told.reading["phone"] != NUMBER


def _is_held(told: FormExplanation) -> bool:
    said = told.reading
    return bool(said["limits"]) or said["consent"] is False or said["safe_to_call"] is False


def test_every_vendors_example_goes_straight_through() -> None:
    outcomes = {}
    for kind in vendor_recipes.vendor_kinds():
        content_type, body = vendor_examples.example_post(kind)
        outcomes[kind] = explain_form(body, content_type, (kind, "US", {})).outcome
    waiting = [kind for kind, outcome in outcomes.items() if outcome is FormOutcome.NEEDS_REVIEW]
    assert waiting == []


def test_the_vocabulary_is_written_as_names_are_read() -> None:
    vocabulary = label_vocabulary._load_vocabulary()["own_phone"]  # noqa: SLF001 - the data itself
    for name, entries in vocabulary.items():
        assert [one for one in entries if " ".join(label_vocabulary.plain_words(one)) != one] == []
        assert len(set(entries)) == len(entries), name


def test_what_a_supervisor_confirmed_for_a_source_vouches_and_nothing_takes_its_place() -> None:
    fields = {"Veteran phone": GIVEN, "phone": GIVEN_FOR_THEM}
    mapping = {"phone": "Veteran phone"}
    assert read(fields, mapping=mapping).phone == NUMBER
    assert read({**fields, "Veteran phone": ""}, mapping=mapping).phone is None


@pytest.mark.parametrize(
    "fields",
    [
        {"section": "Information about the person who hurt you", "phone": GIVEN},
        {"About": "him", "Phone": GIVEN}, {"respondent": True, "phone": GIVEN},
        {"is_abuser": "yes", "phone": GIVEN}, {"role": "Alleged perpetrator", "phone": GIVEN},
        {"contact2": {"phone": GIVEN}}, {"2nd contact": {"phone": GIVEN}},
        {"person_2": {"phone": GIVEN}},
        {"lead 2": {"phone": GIVEN}, "phone": ""}, {"caller_3": {"mobile": GIVEN}},
        {"No calls": {"phone": GIVEN}}, {"Numbers you blocked": {"phone": GIVEN}},
        {"recommended": {"phone": GIVEN}}, {"safe": {"phone": GIVEN}}, {"work": {"phone": GIVEN}},
        {"about": {"phone": GIVEN}}, {"no": {"phone": GIVEN}}, {"resource": {"phone": GIVEN}},
        {"Teléfono del usuario": GIVEN}, {"Número del contacto": GIVEN}, {"Work lead phone": GIVEN},
        {"Phone number for the contact": GIVEN}, {"work lead": {"phone": GIVEN}},
        {"p2_phone": GIVEN}, {"person2_tel": GIVEN}, {"phone_of_user": GIVEN},
        {"person": {"kind": "abuser", "phone": GIVEN}}, {"category": "Suspect", "phone": GIVEN},
        {"Phone number is": "My husband's", "Phone": GIVEN}, {"phone": GIVEN, "phone_note": "Mom"},
        {"phone": GIVEN, "message": "I borrowed this phone from a stranger"},
        {"phone": GIVEN, "mensaje": "puse el número de mi esposo"},
        {"sections": [{"name": "His details", "fields": [{"name": "phone", "value": GIVEN}]}]},
        {"user phone": GIVEN, "relationship to user": "mother"},
        {"user": {"phone": GIVEN}, "relationshipToUser": "Mother"},
        {"Caller phone": GIVEN, "How are you related to the caller?": "her sister"},
        {"Contact phone": GIVEN, "Your relationship with this contact": "husband"},
        {"Teléfono del usuario": GIVEN, "Parentesco con el usuario": "madre"},
        {"Teléfono de contacto": GIVEN, "Relación con el contacto": "hijo"},
        {"Regular user phone": GIVEN}, {"Safe contact phone": GIVEN}, {"Home contact phone": GIVEN},
        {"details": {"Number of your safe contact": GIVEN}}, {"safe_contact": {"phone": GIVEN}},
        {"Teléfono de su contacto seguro": GIVEN}, {"usuario habitual teléfono": GIVEN},
        {"phone": GIVEN, "message": "My dealer's number is above"},
        {"phone": GIVEN, "message": "Front desk number"},
        {"phone": GIVEN, "message": "Escribo por mi hermano, ese es su teléfono"},
        {"phone": GIVEN, "mensaje": "Aquí está su número"},
    ],
)  # fmt: skip
def test_a_number_that_an_answer_gives_to_somebody_else_waits(fields: dict[str, Any]) -> None:
    assert read(fields).phone is None


@pytest.mark.parametrize(
    "fields",
    [
        {"section": "Your information"}, {"seccion": "Sus datos"}, {"section": "footer"},
        {"about": "me"}, {"role": "Family member"}, {"relationship": "wife"}, {"veteran": "yes"},
        {"person": "Ana Ruiz", "name": "Ana Ruiz"}, {"abuser": "no"}, {"phone_note": "cell"},
        {"Phone is": "a landline"}, {"Whose phone is it?": "Mine"}, {"El teléfono es": "mío"},
        {"message": "My husband's phone is off. This is my work phone, it's the best number."},
        {"mensaje": "Este es mi celular. El teléfono de mi hijo no contesta."},
        {"message": "My number is above, please call"}, {"mensaje": "ese es mi número"},
        {"mensaje": "Perdí su número, por favor llámenme"},
    ],
)  # fmt: skip
def test_a_number_that_the_answers_leave_the_senders_is_rung(fields: dict[str, Any]) -> None:
    assert read({"phone": GIVEN, **fields}).phone == NUMBER


@pytest.mark.parametrize(
    "fields",
    [
        {"Your phone": "", "Tom's name": "Tom", "Phone": GIVEN},
        {"Name": "Ana", "Phone": GIVEN, "Who should we call?": "My son"},
        {"Nombre": "Ana", "Teléfono": GIVEN, "¿A quién llamamos?": "A mi mamá"},
    ],
)
def test_a_number_beside_a_blank_own_field_or_another_person_to_call_waits(
    fields: dict[str, str],
) -> None:
    request = read(fields)
    assert (request.phone, request.suggested_phone) == (None, NUMBER)


ASKED_AS_PHONE = {"label": "Phone", "type": "phone", "value": GIVEN}
NAMED = {"label": "Name", "value": "Ana Ruiz"}


def typeform_with(*questions: dict[str, Any]) -> dict[str, Any]:
    asked = [{"id": "n1", "type": "short_text", "title": "Name"}, *questions]
    answers = [{"type": "phone_number", "phone_number": NUMBER, "field": {"id": "p1"}}]
    return {"form_response": {"token": "t", "definition": {"fields": asked}, "answers": answers}}


TYPEFORM_PHONE = {"id": "p1", "type": "phone_number", "title": "Phone"}
TALLY = {"eventType": "FORM_RESPONSE"}


@pytest.mark.parametrize(
    "body",
    [
        [NAMED, {"type": "section", "label": "The person you worry about"}, ASKED_AS_PHONE],
        [NAMED, {"heading": "The other driver"}, ASKED_AS_PHONE],
        [NAMED, {"type": "control_head", "text": "El agresor", "value": ""}, ASKED_AS_PHONE],
        [NAMED, {"type": "html", "content": "Now about your abuser"}, ASKED_AS_PHONE],
        {"fields": {"a": NAMED, "b": {"type": "step", "title": "His data"}, "c": ASKED_AS_PHONE}},
        [NAMED, {**ASKED_AS_PHONE, "section": "About him"}],
        [NAMED, {**ASKED_AS_PHONE, "fieldset": "Veteran"}],
        [NAMED, {**ASKED_AS_PHONE, "placeholder": "his number"}],
        [NAMED, {**ASKED_AS_PHONE, "parent": "respondent"}],
        [NAMED, {"title": "Spouse details", "value": ""}, ASKED_AS_PHONE],
        [["Name", "Ana"], ["Emergency contact", ""], ["Phone", GIVEN]],
        {"blocks": [{"header": "Emergency contact", "inputs": [ASKED_AS_PHONE]}]},
        {"name": "Ana Ruiz", "phone": {"value": GIVEN, "owner": "abuser"}},
        {"name": "Ana Ruiz", "phones": [{"number": GIVEN, "whose": "him"}]},
        typeform_with({"id": "s", "type": "statement", "title": "Who hurt her?"}, TYPEFORM_PHONE),
        {**TALLY, "data": {"fields": [{"type": "HEADING", "label": "About him", "value": None},
                                      {**ASKED_AS_PHONE, "key": "q1"}]}},
    ],
)  # fmt: skip
def test_a_number_below_a_heading_about_another_waits(body: Any) -> None:
    assert read(body).phone is None


PLACES_OF_A_PERSON = (
    {"parent": {"label": "{}"}}, {"block": {"id": "b1", "title": "{}"}}, {"step": {"name": "{}"}},
    {"section": {"heading": "{}"}}, {"fieldset": {"legend": "{}"}}, {"group": [{"label": "{}"}]},
    {"relation": "{}"}, {"role": "{}"}, {"who": "{}"}, {"person": {"relationship": "{}"}},
    {"target": "{}"}, {"contact_type": "{}"}, {"belongs_to": {"type": "{}"}},
)  # fmt: skip
"""What a field's own map says of whose it is, where every word of it has to be understood."""


def _filled_in(part: Any, word: str) -> Any:
    if isinstance(part, dict):
        return {name: _filled_in(value, word) for name, value in part.items()}
    return [_filled_in(one, word) for one in part] if isinstance(part, list) else part.format(word)


@given(strangers, st.sampled_from(PLACES_OF_A_PERSON))
def test_no_number_is_dialed_whose_own_map_says_in_an_unknown_word_whose_it_is(
    word: str, place: dict[str, Any]
) -> None:
    body = {"fields": [NAMED, {**ASKED_AS_PHONE, **_filled_in(place, word)}]}
    told = _explain(body)
    assert told.outcome is FormOutcome.NEEDS_REVIEW
    assert told.reading["phone"] is None


@given(
    st.text("abcdefghijklmnopqrstuvwxyz_", min_size=3, max_size=12).filter(
        lambda name: name.replace("_", "") not in ("options", "choices", "validation", "url")
    ),
    st.sampled_from(
        ("Emergency contact", "next-of-kin", "my mom's phone", "of your sponsor", "Landlord",
         "El agresor", "Who should we call if we cannot reach you?", "Celular de mi esposo")
    ),
    st.integers(0, 2),
)  # fmt: skip
def test_a_known_word_for_another_anywhere_in_a_fields_map_makes_it_wait(
    name: str, said: str, depth: int
) -> None:
    inner: Any = said
    for _ in range(depth):
        inner = {name: inner}
    body = {"fields": [NAMED, {**ASKED_AS_PHONE, f"z{name}": inner}]}
    assert read(body).phone is None


@pytest.mark.parametrize(
    "body",
    [
        [{"type": "section", "label": "Your contact information"}, NAMED, ASKED_AS_PHONE],
        [{"type": "heading", "label": "About the veteran"}, {"type": "heading", "label": "You"},
         NAMED, ASKED_AS_PHONE],
        [NAMED, ASKED_AS_PHONE, {"type": "section", "label": "Your loved one"}],
        [NAMED, {"type": "html", "content": "We respond within minutes"}, ASKED_AS_PHONE],
        [NAMED, {**ASKED_AS_PHONE, "section": "Step 1", "placeholder": "(555) 555-5555"}],
        [NAMED, {**ASKED_AS_PHONE, "description": "A counselor will call you.", "group": "g1"}],
        {"name": "Ana Ruiz", "phone": {"value": GIVEN, "owner": "me"}},
        [NAMED, {**ASKED_AS_PHONE, "parent": {"label": "Your details"}, "role": "self"}],
        [NAMED, {**ASKED_AS_PHONE, "step": {"title": "Step 2 of 3"}, "page": {"title": "Page 1"}}],
        [NAMED, {**ASKED_AS_PHONE, "validation": {"message": "Enter a phone"}, "parent": "s1"}],
        typeform_with(TYPEFORM_PHONE, {"id": "s", "type": "statement", "title": "Your partner"}),
    ],
)  # fmt: skip
def test_a_number_below_a_heading_about_the_sender_is_rung(body: Any) -> None:
    assert read(body).phone == NUMBER


@pytest.mark.parametrize(
    "fields",
    [
        {"Respondent name": "Leo Park", "Phone": GIVEN, "Name": "Ana", "Phone 2": GIVEN_FOR_THEM},
        {"Nombre del agresor": "Leo", "Teléfono": GIVEN, "Nombre": "Ana", "Celular": ""},
        {"Name": "Ana", "Phone": "", "Respondent": "Leo Park", "Phone 2": GIVEN},
        {"Name": "Ana", "Phone": "call me", "Patient": "Leo Park", "Mobile": GIVEN},
        {"Child": "Leo Park", "Phone": GIVEN, "Parent": "Ana Ruiz", "Cell": GIVEN_FOR_THEM},
    ],
)
def test_of_several_own_phones_the_one_below_anothers_name_waits(fields: dict[str, str]) -> None:
    assert read(fields).phone is None


CONTACTS = (
    "Emergency contact", "--- Emergency contact ---", "Emergency contact name", "sponsor_name",
    "Sponsor's name", "Landlord", "Case manager", "Probation officer", "Attorney name",
    "Referring provider", "Next of kin", "Contacto de emergencia", "Nombre del padrino",
    "Trabajadora social", "Persona de confianza",
)  # fmt: skip


@pytest.mark.parametrize("contact", CONTACTS)
def test_a_phone_below_a_contact_waits_where_the_contact_has_no_other(contact: str) -> None:
    for said in ("Bea", "Bea Moss", ""):
        for phone in ("Phone", "Cell", "Teléfono"):
            assert read({"Name": "Ana", contact: said, phone: GIVEN}).phone is None
    assert read({"Name": "Ana", contact: "Bea", "Your phone": GIVEN}).phone == NUMBER
    assert read({"Name": "Ana", "Phone": GIVEN, contact: "Bea"}).phone == NUMBER
    assert read({contact: "Bea", "Name": "Ana", "Phone": GIVEN}).phone == NUMBER
    theirs = {contact: "Bea", "Emergency contact phone": GIVEN_FOR_THEM}
    assert read({"Name": "Ana", **theirs, "Phone": GIVEN}).phone == NUMBER


@pytest.mark.parametrize(
    "fields",
    [
        {"Sponsor": "No"}, {"Case manager": "none"}, {"Referral": "Google"}, {"Guardian": "Yes"},
        {"Do you have a sponsor?": "Bea"}, {"Patient name": "Leo"}, {"Age of your son": "19"},
    ],
)  # fmt: skip
def test_a_phone_below_what_names_no_contact_is_rung(fields: dict[str, str]) -> None:
    assert read({"Name": "Ana", **fields, "Phone": GIVEN}).phone == NUMBER


@pytest.mark.parametrize(
    "fields",
    [
        {"Name": "Ana", "Phone": GIVEN, "Respondent": "Leo Park", "Phone 2": GIVEN_FOR_THEM},
        {"Name": "Ana", "Loved one's name": "Leo Park", "Phone": GIVEN},
        {"Loved one's name": "Leo Park", "Name": "Ana", "Phone": GIVEN, "Mobile": ""},
    ],
)
def test_below_the_senders_name_or_alone_an_own_phone_is_rung(fields: dict[str, str]) -> None:
    assert read(fields).phone == NUMBER


@pytest.mark.parametrize(
    "fields",
    [
        {"phone": GIVEN, "relationship to user": "mother"},
        {"Your phone": GIVEN, "Relationship to the patient": "wife"},
        {"user phone": GIVEN, "relationship to user": "self"},
        {"user phone": GIVEN, "relationship to user": ""},
        {"contact phone": GIVEN, "name": "Ana Ruiz", "Relationship to contact": "Ana Ruiz"},
        {"your contact number": GIVEN}, {"contact phone": GIVEN}, {"Your contact phone": GIVEN},
        {"contact phone": GIVEN, "relationship": "mother"}, {"Safe phone": GIVEN},
        {"Teléfono seguro de contacto": GIVEN}, {"Home phone": GIVEN}, {"userPhone": GIVEN},
        {"Caller's best phone number": GIVEN}, {"Visitor contact number": GIVEN},
        {"new_lead_phone": GIVEN}, {"A qué número lo llamamos": GIVEN}, {"Phone__c": GIVEN},
        {"customer_mobile": GIVEN}, {"lead-phone": GIVEN},
    ],
)  # fmt: skip
def test_a_relationship_to_nobody_of_the_numbers_leaves_it_the_senders(
    fields: dict[str, str],
) -> None:
    assert read(fields).phone == NUMBER


def test_who_is_to_be_called_may_be_the_sender() -> None:
    for answer in ("Me", "Myself", "Ana", "yo", ""):
        fields = {"Name": "Ana", "Phone": GIVEN, "Who should we call?": answer}
        assert read(fields).phone == NUMBER


def test_the_name_of_somebody_unknown_is_not_put_beside_the_senders_number() -> None:
    request = read({"Abuser name": "Tom", "Respondent email": "t@example.org", "Your phone": GIVEN})
    assert request.phone == NUMBER
    assert request.name == ""
    assert request.email == ""
    assert request.unknown["Abuser name"] == ["Tom"]


def _explain(body: Any) -> FormExplanation:
    return explain_form(json.dumps(body).encode(), "application/json", ("generic", "US", {}))


@pytest.mark.parametrize(
    ("given_number", "start"),
    [
        ("1-900-555-0142", "It is a premium-rate number (United States)"),
        ("+44 70 1234 5678", "It is a personal number with paid call forwarding"),
        ("+52 55 1234 5678", "It is an international number (Mexico"),
        ("1-800-555-0142", "It is a toll-free number, so we cannot tell where they are"),
        ("(315) 555-XXXX", "The phone number cannot be dialed."),
        ("(315) 555-0142 or ask Bo", "The phone number cannot be dialed."),
    ],
)
def test_why_a_number_in_their_own_field_waits_is_said_truly(given_number: str, start: str) -> None:
    told = _explain({"name": "Ana", "phone": given_number})
    assert told.outcome is FormOutcome.NEEDS_REVIEW
    assert str(told.why[0]).startswith(start)


def test_the_number_of_whoever_reports_goes_before_a_number_that_may_be_anybodys() -> None:
    assert read({"phone": GIVEN_FOR_THEM, "reporter_phone": GIVEN}).phone == NUMBER
    assert read({"phone": GIVEN_FOR_THEM, "reporter_phone": ""}).phone is None


def test_a_mapping_finds_a_field_by_its_path_with_slashes() -> None:
    fields = {"group_kin/phone_1": GIVEN, "group_kin/name": "Ana"}
    assert read(fields, mapping={"phone": "group_kin/phone_1"}).phone == NUMBER
    assert read(fields, mapping={"phone": "group_kin.phone_1"}).phone == NUMBER


def test_a_helplines_own_policy_counts_in_what_is_said_of_a_body() -> None:
    body, source = b'{"phone": "+52 55 1234 5678"}', ("generic", "US", dict[str, str]())
    calls_mexico = NumberPolicy.of_helpline(("US", "MX"), (), source_region="US")
    assert explain_form(body, "", source).outcome is FormOutcome.NEEDS_REVIEW
    assert explain_form(body, "", source, policy=calls_mexico).outcome is FormOutcome.ADMIT


@pytest.mark.parametrize("beside", ["pharmacist", "Pharmacist name", "technician", "counsellor"])
def test_a_customers_number_beside_who_serves_them_is_anothers(beside: str) -> None:
    assert read({beside: "Jo Lee, RPh", "customer_phone": GIVEN}).phone != NUMBER


def test_a_customer_who_fills_out_a_form_is_its_sender() -> None:
    assert read({"customer_name": "Al Kim", "customer_phone": GIVEN}).phone == NUMBER
    assert read({"name": "Al Kim", "order_number": "A 12", "customer_phone": GIVEN}).phone == NUMBER


NAMED_SO = ("Ana Ruiz", "Bo Lee", "Cy Diaz")
OTHERS = ("Mother", "Patient", "Child", "Loved one", "Spouse", "Sponsor", "Teen", "Nephew")


def test_a_phone_beside_nobody_but_others_waits() -> None:
    orders = itertools.permutations(("{a}'s name", "Phone", "{b}'s name"))
    rung = []
    for order, (one, other) in itertools.product(orders, itertools.permutations(OTHERS, 2)):
        keys = [key.format(a=one, b=other) for key in order]
        body = {
            key: GIVEN if key == "Phone" else name for key, name in zip(keys, NAMED_SO, strict=True)
        }
        rung += [body] if read(body).phone else []
    assert rung == []


@pytest.mark.parametrize(
    "fields",
    [
        {"Patient name": "Bo Lee", "Relationship to patient": "mother", "Phone": GIVEN},
        {"Nombre de la madre": "Ana", "Teléfono": GIVEN, "Nombre del niño": "Luis"},
        {"Father's name": "Joe", "Father's phone": GIVEN_FOR_THEM, "Student's name": "Kim",
         "Phone": GIVEN},
        {"Loved one's name": "Bo Lee", "Phone": GIVEN, "Email": "a@example.org"},
        *({who: "Leo Park", "Phone": GIVEN} for who in ("Spouse", "my_son", "Esposo", "Loved one")),
        {"Phone": GIVEN, "Husband's name": "leo", "email": "a@example.org"},
        {"heading": "Spouse", "Name": "Leo", "Phone": GIVEN},
    ],
)  # fmt: skip
def test_nobody_knows_whose_phone_stands_beside_anothers_name_alone(
    fields: dict[str, str],
) -> None:
    assert read(fields).phone is None


@pytest.mark.parametrize(
    "fields",
    [
        {"Name": "Ana", "Phone": GIVEN, "Patient name": "Bo"}, {"Phone": GIVEN},
        {"Patient name": "Bo", "Your name": "Ana", "Phone": GIVEN},
        {"Student name": "Kim", "Phone": GIVEN}, {"Patient name": "Bo", "Your phone": GIVEN},
        {"First name": "Ana", "Phone": GIVEN, "Child's name": ""},
        {"Mother's name": "", "Name": "Ana", "Phone": GIVEN},
        {"Phone": GIVEN, "Email": "a@example.org"}, {"applicant_name": "Kim", "Phone": GIVEN},
        {"Phone": GIVEN, "company_name": "Acme", "Form name": "Contact"},
        {"Name": "Ana", "Spouse": "Leo Park", "Phone": GIVEN}, {"Spouse": "no", "Phone": GIVEN},
        {"Loved one": "my brother", "Phone": GIVEN}, {"Husband": "Leo", "Your phone": GIVEN},
        {"Insurance": "Blue Cross", "Phone": GIVEN}, {"Children": "2", "Phone": GIVEN},
        {"Spouse": "", "Phone": GIVEN}, {"Parent": "Yes", "Phone": GIVEN},
    ],
)  # fmt: skip
def test_beside_the_senders_own_name_a_phone_is_theirs(fields: dict[str, str]) -> None:
    assert read(fields).phone == NUMBER
