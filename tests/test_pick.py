"""From any form's answers to who is to be rung: never a guess, never somebody else."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads import forms, wording
from leads.errors import BadSubmission
from leads.forms import FormRequest

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
NUMBER, THEIRS = "+13155550142", "+13155550177"
GIVEN, GIVEN_FOR_THEM = "(315) 555-0142", "(315) 555-0177"
UNHURRIED = settings(deadline=None)


def read(fields: Any, *, region: str = "US", **how: Any) -> FormRequest:
    return forms.read(json.dumps(fields).encode(), JSON, region=region, **how)


def typed(*rows: tuple[str, str, Any]) -> dict[str, Any]:
    """Return a form as tools send it that tell the label and the type of each field."""
    return {"fields": [{"key": f"k{n}", "label": a, "type": b, "value": c} for n, (a, b, c) in enumerate(rows)]}


def test_our_own_field_names_are_understood_in_a_body_of_every_kind() -> None:
    words = {
        "name": "Jordan Reyes",
        "email": "jordan@example.org",
        "message": "I want to stop drinking.",
        "for_whom": "self",
        "best_time": "evening",
        "consent_text": "Call me back.",
        "page_url": "https://example.org/help",
        "campaign": "search",
        "city": "Syracuse",
        "region": "NY",
        "zip": "13202",
        "language": "es",
    }
    ticked = {"any_hour": True, "safe_to_call": True, "safe_to_voicemail": False, "safe_to_text": False}
    sent = {**words, **ticked, "consent": True, "phone": GIVEN, "id": "f-1"}
    for kind in forms.KINDS:
        request = read(sent, kind=kind)
        rows = [(row["key"], row["value"]) for row in request.fields]
        assert rows == [(name, str(value)) for name, value in sent.items()]
        assert request == FormRequest(
            **words,
            **ticked,
            consent=True,
            phone=NUMBER,
            phone_as_given=GIVEN,
            vendor_id="f-1",
            fields=request.fields,
        )


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        *((said, True) for said in (True, "true", "Yes", "YES, please", "on", "y", "ok", "checked", "sí", 1, 2, 1.0)),
        *((said, True) for said in ("1", "2", " yes ", "¡Sí!", "[x] yes", "1" * 5000)),
        *((said, False) for said in (False, "false", "No", "no, never", "off", "n", "never", 0, 0.0, "0", "00")),
        *((said, False) for said in ("Do not call", "not safe", "don't", "Please don't call", "unsafe")),
        *((said, None) for said in (None, "maybe", "ask me first", "²", "✓")),
    ],
)
@pytest.mark.parametrize("field", ["any_hour", "safe_to_call", "safe_to_voicemail", "safe_to_text", "consent"])
def test_truth_is_read_from_words_and_numbers(field: str, said: Any, *, meant: bool | None) -> None:
    assert getattr(read({"name": "Jordan", field: said}), field) is meant


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"first_name": "Jordan", "last_name": "Reyes"}, "Jordan Reyes"),
        ({"Last Name": "Reyes"}, "Reyes"),
        ({"firstname": "Jordan"}, "Jordan"),
        ({"first-name": "J.", "name": "Jordan Reyes"}, "Jordan Reyes"),
        ({"full_name": "", "name": " Jordan "}, "Jordan"),
        ({"nombre": "Jordan", "apellidos": "Reyes"}, "Jordan Reyes"),
        ({"name": {"first": "Jordan", "last": "Reyes"}}, "Jordan Reyes"),
        ({"q3_yourName": {"prefix": "Dr", "first": "Jordan", "middle": "", "last": "Reyes"}}, "Jordan Reyes"),
        ({"Name": {"First": "Jordan", "FirstAndLast": "Jordan Reyes", "Last": "Reyes"}}, "Jordan Reyes"),
        ({"contact": {"firstName": "Jordan", "lastName": "Reyes"}}, "Jordan Reyes"),
        ({"What should we call you?": "Jordan"}, "Jordan"),
        ({"Nombre y apellidos": "Jordan Reyes"}, "Jordan Reyes"),
        ({"company_name": "Elm Bakery", "form_name": "Help", "username": "jr", "page": {"name": "Home"}, "x": "y"}, ""),
        ({"pages": {"first": 1, "last": 9}, "links": {"first": "https://a.example", "last": "https://b.example"}}, ""),
        ({"block": "65a3f0c2-1111-4222-8333-944455556666", "1": "3fae9c20"}, ""),
    ],
)
def test_a_name_is_found_whole_or_in_parts(fields: dict[str, Any], name: str) -> None:
    assert read({"phone": GIVEN, **fields}).name == name


@pytest.mark.parametrize(
    ("given_number", "region", "number"),
    [
        ("(315) 555-0142", "US", NUMBER),
        ("1.315.555.0142 ext. 7", "US", NUMBER),
        ("tel:+1-315-555-0142", "US", NUMBER),
        (3155550142, "US", NUMBER),
        (3155550142.0, "US", NUMBER),
        ("+44 20 7946 0958", "US", "+442079460958"),
        ("+44 (0)20 7946 0958", "US", "+442079460958"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("044 668 18 00", "CH", "+41446681800"),
        ("+1 315 555 0142", "CH", NUMBER),
        ({"full": GIVEN}, "US", NUMBER),
        ({"area": "315", "phone": "555-0142"}, "US", NUMBER),
        ({"country": "1", "area": "315", "phone": "555-0142"}, "CH", NUMBER),
        ({"countryCode": "+1", "number": "3155550142"}, "CH", NUMBER),
        ({"countryCode": "US", "number": "3155550142", "e164": NUMBER}, "CH", NUMBER),
        ([GIVEN], "US", NUMBER),
        (["", None, "n/a", GIVEN], "US", NUMBER),
    ],
)
def test_a_number_is_meant_as_in_its_sources_country(given_number: Any, region: str, number: str) -> None:
    assert read({"phone": given_number}, region=region).phone == number


@pytest.mark.parametrize(
    "written", ["call me", "911", "12", "555-0142", "(315) 555-01", "9" * 400, "+999 1", "+", True]
)
def test_an_unusable_number_is_kept_as_it_was_given(written: Any) -> None:
    request = read({"phone": written})
    assert (request.phone, request.phone_as_given) == (None, str(written))


@UNHURRIED
@given(st.integers(1_200_000_000, 1_999_999_999), st.sampled_from(["", "000", "123"]))
def test_a_unix_time_is_never_a_number_in_the_united_states(seconds: int, fraction: str) -> None:
    assert read({"phone": f"{seconds}{fraction}"}).phone is None


@pytest.mark.parametrize("region", ["GB", "DE", "BR"])
@pytest.mark.parametrize("name", ["createdOn", "x", "token", "phone_verified_at", "phone_updated_at", "score", "1"])
def test_a_unix_time_elsewhere_is_at_most_a_suggestion(name: str, region: str) -> None:
    for value in (1770384000, "1770384000", 1573240303):
        assert read({"name": "Jordan", name: value}, region=region).phone is None


@pytest.mark.parametrize(
    "fields",
    [
        {"17": GIVEN},
        {"answer": GIVEN},
        {"message": "Please ring 315-555-0142 after five."},
        {"Preferred contact": GIVEN},
        [{"id": "a", "value": GIVEN}, {"id": "b", "value": "x"}],
    ],
)
def test_the_look_of_a_value_only_suggests_a_number(fields: Any) -> None:
    request = read(fields)
    assert (request.phone, request.suggested_phone) == (None, NUMBER)


@pytest.mark.parametrize("fields", [{"phone": GIVEN, "x": GIVEN_FOR_THEM}, {"ip": "203.0.113.142", "id": "3155550142"}])
def test_nothing_is_suggested_where_there_is_a_number_or_none_at_all(fields: dict[str, str]) -> None:
    assert read(fields).suggested_phone is None


@pytest.mark.parametrize(
    "label",
    [
        "Phone", "phone_number", "your-phone", "tel-630", "Mobile", "Cell phone number", "q13_phoneNumber", "WhatsApp",
        "What is the best number to reach you at?", "Best phone number to call you back?", "Home phone",
        "Teléfono", "Número de teléfono", "Teléfono móvil", "Celular", "¿A qué teléfono podemos llamarle?",
        "PHONE_NUMBER",
        "form_fields.phone", "contact__phone", "field:phone_1a2b", "Phone (we never share it)", "Numéro de téléphone",
        "mf-telephone", "userPhone", "Daytime telephone", "Phone:", "Phone *", "Contact number",
    ],
)  # fmt: skip
def test_a_field_for_a_number_is_known_by_its_words(label: str) -> None:
    assert read({label: GIVEN, "x": GIVEN_FOR_THEM}).phone == NUMBER
    assert read(typed((label, "text", GIVEN), ("x", "text", GIVEN_FOR_THEM))).phone == NUMBER


@pytest.mark.parametrize(
    "label",
    ["Fax", "Fax number", "Phone ID", "phone_verified_at", "Insurance phone number", "Policy number", "Account number",
     "Preferred contact method", "Phone type", "IP address", "Tracking phone number", "Destination number"],
)  # fmt: skip
def test_what_is_no_field_for_a_number_is_not_taken_for_one(label: str) -> None:
    assert read({label: GIVEN, "name": "Jordan"}).phone is None
    assert read({label: GIVEN_FOR_THEM, "Telephone": GIVEN}).phone == NUMBER


@pytest.mark.parametrize(
    "whose",
    [
        "Spouse", "Patient", "Emergency contact", "Loved one", "Friend", "Referring doctor", "Parent", "Guardian",
        "Husband",
        "Next of kin", "Employer", "Son or daughter", "Sponsor", "Policy holder", "Alternate contact",
        "Significant other",
    ],
)  # fmt: skip
def test_only_who_fills_out_the_form_is_rung(whose: str) -> None:
    first = {f"{whose}'s name": "Leo", f"{whose}'s phone": GIVEN_FOR_THEM, f"{whose}'s email": "leo@example.org"}
    own = {"name": "Ana", "phone": GIVEN, "email": "ana@example.org"}
    for fields in ({**first, **own}, {**own, **first}, {whose: {"phone": GIVEN_FOR_THEM, "name": "Leo"}, **own}):
        request = read(fields)
        assert (request.phone, request.name, request.email) == (NUMBER, "Ana", "ana@example.org")
        assert request.no_dial == [THEIRS]
    alone = read(first)
    assert (alone.phone, alone.suggested_phone, alone.name, alone.no_dial) == (None, None, "", [THEIRS])


@pytest.mark.parametrize(
    ("theirs", "own"),
    [
        ("Teléfono del paciente", "Su teléfono"),
        ("Teléfono de su ser querido", "Tu teléfono"),
        ("Contacto de emergencia (teléfono)", "Teléfono"),
        ("telefono_esposa", "telefono"),
        ("Phone number of the person who needs help", "Your phone number"),
        ("Client phone", "Your phone"),
        ("Alternate phone", "Phone"),
        ("Other phone", "Mobile"),
    ],
)
def test_the_submitters_own_number_goes_before_any_other(theirs: str, own: str) -> None:
    assert read({theirs: GIVEN_FOR_THEM, own: GIVEN}).phone == NUMBER
    assert read({theirs: GIVEN_FOR_THEM, own: ""}).phone_as_given in ("", GIVEN_FOR_THEM)


@pytest.mark.parametrize("group", ["company", "location", "owner", "assigned_to", "brand"])
def test_a_number_of_the_company_or_its_staff_is_not_the_submitters(group: str) -> None:
    staff = {group: {"name": "Sam", "phone": GIVEN_FOR_THEM, "city": "Miami"}}
    request = read({**staff, "name": "Ana", "phone": GIVEN})
    assert (request.phone, request.name, request.city) == (NUMBER, "Ana", "")
    assert read({**staff, "name": "Ana"}).phone is None


def test_a_declared_type_does_not_make_a_friends_number_the_submitters() -> None:
    request = read(typed(("Friend's phone", "tel", GIVEN_FOR_THEM), ("How to reach you", "tel", GIVEN)))
    assert (request.phone, request.no_dial) == (NUMBER, [THEIRS])


def test_a_fax_is_none_whatever_its_type() -> None:
    assert read(typed(("Fax", "tel", GIVEN_FOR_THEM), ("Phone", "tel", GIVEN))).phone == NUMBER
    assert read(typed(("Fax", "tel", GIVEN))).phone is None


def test_a_record_that_also_has_a_value_is_no_single_answer() -> None:
    request = read({"deal": {"name": "Ana", "phone": GIVEN, "value": 100}})
    assert (request.phone, request.name, request.unknown) == (NUMBER, "Ana", {"deal.value": [100]})


def test_a_number_shared_with_somebody_else_may_be_rung() -> None:
    request = read({"phone": GIVEN, "emergency_phone": GIVEN})
    assert (request.phone, request.no_dial) == (NUMBER, [])


def test_the_first_number_that_can_be_dialled_counts() -> None:
    assert read({"phone": "  ", "mobile": GIVEN}).phone == NUMBER
    assert read({"phone": "n/a", "mobile": GIVEN}).phone == NUMBER
    assert read({"phone": GIVEN, "mobile": GIVEN_FOR_THEM}).phone == NUMBER


def test_a_mapping_goes_before_everything() -> None:
    fields = {"phone": GIVEN_FOR_THEM, "Where to?": GIVEN, "Who?": "Ana", "name": "Form", "ok": "Sure thing", "no": "7"}
    mapping = {"phone": "Where to?", "name": "who?", "consent": "ok", "id": "no"}
    request = read(fields, mapping=mapping)
    assert (request.phone, request.name, request.consent, request.vendor_id) == (NUMBER, "Ana", True, "7")
    by_label = read(typed(("Where to?", "text", GIVEN), ("P", "tel", GIVEN_FOR_THEM)), mapping={"phone": "Where to?"})
    by_key = read(typed(("Where to?", "text", GIVEN), ("P", "tel", GIVEN_FOR_THEM)), mapping={"phone": "k0"})
    assert by_label.phone == by_key.phone == NUMBER


def test_a_mapped_field_left_empty_is_not_replaced_by_another_one() -> None:
    assert read({"phone": GIVEN_FOR_THEM, "a": ""}, mapping={"phone": "a"}).phone is None
    assert read({"phone": GIVEN}, mapping={"phone": "a"}).phone == NUMBER  # another form of the same site


def test_a_declared_type_goes_before_a_name() -> None:
    rows = typed(("Where did you hear of us?", "tel", GIVEN), ("phone", "text", GIVEN_FOR_THEM))
    assert read(rows).phone == NUMBER


@pytest.mark.parametrize(
    ("fields", "email"),
    [
        ({"Email": "a@example.org"}, "a@example.org"),
        ({"Correo electrónico": "a@example.org"}, "a@example.org"),
        ({"User Email": "a@example.org"}, "a@example.org"),
        ({"4": "a@example.org"}, "a@example.org"),
        ({"site": {"admin_email": "x@example.org"}, "to": "y@example.org"}, ""),
        ({"notification_email": "x@example.org", "mail": "a@example.org"}, "a@example.org"),
        ({"email": "none", "e-mail": "a@example.org"}, "a@example.org"),
    ],
)
def test_an_address_is_known_by_its_words_or_its_look(fields: dict[str, Any], email: str) -> None:
    assert read({"phone": GIVEN, **fields}).email == email


@pytest.mark.parametrize(
    "label",
    ["message", "Comments", "How can we help?", "your-message", "Anything else we should know?", "Mensaje",
     "textarea-890",
     "¿En qué podemos ayudarle?", "Tell us about your situation", "Cuéntenos", "description", "Notes"],
)  # fmt: skip
def test_what_they_wrote_is_the_message(label: str) -> None:
    assert read({"phone": GIVEN, label: "Hello"}).message == "Hello"


def test_a_long_text_is_the_message_where_no_field_is_called_so() -> None:
    medicines = ("Current medicines", "textarea", "None")
    assert read(typed(("Phone", "tel", GIVEN), medicines)).message == "None"
    both = read(typed(("Phone", "tel", GIVEN), medicines, ("Message", "textarea", "Hello")))
    assert (both.message, both.unknown) == ("Hello", {"Current medicines": ["None"]})


WORDS = "I agree to be called back at this number."


@pytest.mark.parametrize(
    ("fields", "consent", "words"),
    [
        ({"phone": GIVEN}, None, ""),
        ({"consent": "I agree to be called."}, True, "I agree to be called."),
        ({"consent": "Estoy de acuerdo"}, True, "Estoy de acuerdo"),
        ({"consent": "agreed"}, True, ""),
        ({"consent": "I do not agree"}, False, "I do not agree"),
        ({"consent": "I don't consent"}, False, "I don't consent"),
        ({"consent": ""}, False, ""),
        ({"consent": None}, None, ""),
        ({WORDS: "on"}, True, WORDS),
        ({WORDS: ""}, False, WORDS),
        ({WORDS: False}, False, WORDS),
        ({WORDS: []}, False, WORDS),
        ({"checkbox-1": WORDS}, True, WORDS),
        ({"q20_iAgree": [WORDS]}, True, WORDS),
        ({"gdpr-agreement": "on"}, True, "gdpr-agreement"),
        ({"acceptance-108": "1"}, True, "acceptance-108"),
        ({"tcpa_consent": True}, True, "tcpa_consent"),
        ({"Acepto que me llamen": "Sí"}, True, "Acepto que me llamen"),
        ({"I accept the privacy policy": "on"}, True, "I accept the privacy policy"),
        ({"I accept the privacy policy": "on", WORDS: ""}, False, WORDS),
        ({"I accept the privacy policy": "", WORDS: "on"}, True, WORDS),
        ({"May we call you?": "No", WORDS: "on"}, False, "May we call you?"),
        ({"do_not_call": True}, False, "do_not_call"),
        ({"do_not_call": False}, None, ""),
        ({"newsletter_consent": False, "Subscribe to our newsletter": "no"}, None, ""),
        ({"newsletter_consent": True}, None, ""),
        ({"sms_consent": False}, None, ""),
        ({"I agree to receive text messages": False}, None, ""),
        ({"I agree to marketing calls": False}, None, ""),
        ({"consent_timestamp": 1770384000, "consent_version": 2, "consent_ip": "203.0.113.9"}, None, ""),
        ({"privacy_policy_url": "https://example.org/privacy"}, None, ""),
        ({"message": "I agree that I need help. Please call me."}, None, ""),
        ({"Do you agree that it got worse?": "It is hard to say"}, None, ""),
        ({"Do you consent to us leaving a voicemail?": "No"}, None, ""),
        (typed((WORDS, "legal", True)), True, WORDS),
        (typed((WORDS, "checkbox", None)), False, WORDS),
        (typed((WORDS, "acceptance", "")), False, WORDS),
        (typed((WORDS, "textarea", "yes")), None, ""),
        (typed(("Privacy", "checkboxes", [WORDS])), True, f"Privacy: {WORDS}"),
        (typed(("Are you a veteran?", "yes_no", False)), None, ""),
    ],
)
def test_only_a_field_that_asks_for_consent_gives_or_refuses_it(
    fields: dict[str, Any], *, consent: bool | None, words: str
) -> None:
    request = read({"x": "y", **fields})
    assert (request.consent, request.consent_text) == (consent, words)


@pytest.mark.parametrize("language", ["en", "es"])
def test_our_own_wording_is_never_taken_for_a_refusal(language: str) -> None:
    assert read({"consent": wording.consent(language, brand="Harbor Line")}).consent is not False


def test_the_words_of_what_was_chosen_stand_in_the_place_of_ids() -> None:
    options = [{"id": "o1", "text": "Detox"}, {"id": "o2", "text": WORDS}]
    fields = [
        {"key": "a", "label": "What for?", "type": "DROPDOWN", "value": ["o1"], "options": options},
        {"key": "b", "label": None, "type": "CHECKBOXES", "value": ["o2"], "options": options[1:]},
    ]
    request = read({"fields": fields, "phone": GIVEN})
    assert request.unknown == {"What for?": ["Detox"]}
    assert (request.consent, request.consent_text) == (True, WORDS)


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"Is it safe to call this number?": "No"}, "safe_to_call", False),
        ({"Is it OK to leave a voicemail?": "Yes"}, "safe_to_voicemail", True),
        ({"¿Podemos dejar un mensaje?": "No"}, "safe_to_voicemail", False),
        ({"Is it safe to text you?": "no"}, "safe_to_text", False),
        ({"When is the best time to call?": "In the evening"}, "best_time", "In the evening"),
        ({"Mejor hora para llamar": "por la tarde"}, "best_time", "por la tarde"),
        ({"Who is this for?": "A loved one"}, "for_whom", "loved_one"),
        ({"Who needs help?": "Myself"}, "for_whom", "self"),
        ({"¿Para quién?": "Un ser querido"}, "for_whom", "loved_one"),
        ({"City": "Syracuse"}, "city", "Syracuse"),
        ({"address": {"City": "Syracuse", "line1": "x"}}, "city", "Syracuse"),
        ({"location": {"city": "Miami", "name": "Agency"}}, "city", ""),
        ({"State / Province": "New York"}, "region", "New York"),
        ({"Código postal": "13202"}, "zip", "13202"),
        ({"tracking": {"utm_campaign": "spring"}}, "campaign", "spring"),
        ({"Preferred language": "Spanish"}, "language", "Spanish"),
    ],
)
def test_wishes_and_places_are_known_by_their_words(fields: dict[str, Any], name: str, value: Any) -> None:
    assert getattr(read({"phone": GIVEN, **fields}), name) == value


def test_what_is_not_understood_is_kept_once() -> None:
    sent = [("phone", GIVEN), ("Mobile", GIVEN_FOR_THEM), ("phone", GIVEN), ("Why?", "x"), ("n", "0"), ("Why?", "y")]
    request = forms.read(urlencode([*sent, ("blank", "")]).encode(), FORM, region="US")
    assert request.phone == NUMBER
    assert request.unknown == {"Mobile": [GIVEN_FOR_THEM], "Why?": ["x", "y"], "n": ["0"]}


def test_the_outer_of_two_equal_names_counts() -> None:
    nested = {"contact": {"name": "inner", "tags": ["a", {"deep": True}]}, "name": "outer"}
    request = read(nested)
    assert request.name == "outer"
    assert request.unknown == {"contact.name": ["inner"], "contact.tags": ["a"], "contact.tags.deep": [True]}


def test_what_is_shown_of_a_long_form_is_bounded() -> None:
    request = read({f"field {n}": "x" * 5000 for n in range(201)})
    assert (len(request.fields), max(len(row["value"]) for row in request.fields)) == (200, 500)


@pytest.mark.parametrize(
    "people",
    [
        [{"name": "Ana", "phone": GIVEN}, {"name": "Leo", "phone": GIVEN_FOR_THEM}],
        {"leads": [{"name": "Ana", "phone": GIVEN}, {"name": "Leo", "phone": GIVEN_FOR_THEM}]},
    ],
)
def test_a_list_of_people_is_for_a_person_to_sort_out(people: Any) -> None:
    with pytest.raises(BadSubmission, match="several people"):
        read(people)


def test_several_numbers_of_one_person_are_no_list_of_people() -> None:
    phones = [{"value": GIVEN, "label": "mobile"}, {"value": GIVEN_FOR_THEM, "label": "home"}]
    assert read({"person": {"name": "Ana", "phones": phones}}).phone == NUMBER


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ({"is_test": True}, "test"),
        ({"test": True}, "test"),
        ({"is_test": "false"}, "submission"),
        ({"event": "form.test"}, "test"),
        ({"type": "submission.updated"}, "updated"),
        ({"eventType": "FORM_RESPONSE_DELETED"}, "deleted"),
        ({"event": "invitee.canceled"}, "deleted"),
        ({"event_type": "form_response_partial"}, "partial"),
        ({"event": "form_submission"}, "submission"),
        ({"type": "partial", "event": "test", "test": "yes"}, "submission"),
        ({"type": "contact.created"}, "submission"),
        ({"event": "I updated my form response"}, "submission"),
    ],
)
def test_what_happened_is_told_by_words_that_mean_nothing_else(body: dict[str, Any], event: str) -> None:
    assert read({"phone": GIVEN, **body}).event == event


def test_the_same_request_has_one_hash_whatever_its_ids_times_and_order() -> None:
    said = {"phone": GIVEN, "name": "Ana", "message": "Hello", "colour": "green"}
    first = forms.content_hash(read({**said, "id": "1", "created_at": "2026-03-03T17:00:00Z", "ip": "203.0.113.1"}))
    again = {
        "colour": "Green ",
        "message": " Hello",
        "name": "ana",
        "phone": NUMBER,
        "id": "2",
        "submitted": 1770384000,
    }
    again["seen"] = "2026-03-04T09:00:00+00:00"
    assert forms.content_hash(read(again)) == first
    assert forms.content_hash(read({"body": again})) == first
    for change in ({"phone": GIVEN_FOR_THEM}, {"name": "Leo"}, {"message": "Hi"}, {"colour": "red"}, {"consent": "no"}):
        assert forms.content_hash(read({**said, **change})) != first


def test_readings_of_earlier_versions_can_still_be_acted_on() -> None:
    assert FormRequest(**json.loads(f'{{"phone": "{NUMBER}", "name": "Ana"}}')) == FormRequest(phone=NUMBER, name="Ana")
