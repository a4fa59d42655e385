"""From any form's answers to who is to be rung: never a guess, never somebody else."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.errors import BadSubmission
from leads.forms import form_reading
from leads.forms.request import FormRequest, content_hash
from leads.i18n import languages
from tests.support.form_answers import (
    FORM,
    GIVEN,
    GIVEN_FOR_THEM,
    JSON,
    NUMBER,
    THEIRS,
    read,
    typed,
)

UNHURRIED = settings(deadline=None)


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
    ticked = {
        "any_hour": True,
        "safe_to_call": True,
        "safe_to_voicemail": False,
        "safe_to_text": False,
    }
    sent = {**words, **ticked, "consent": True, "phone": GIVEN, "id": "f-1"}
    for kind in form_reading.KINDS:
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
        *(
            (said, True)
            for said in (
                True,
                "true",
                "Yes",
                "YES, please",
                "on",
                "y",
                "ok",
                "checked",
                "sí",
                1,
                2,
                1.0,
            )
        ),
        *((said, True) for said in ("1", "2", " yes ", "¡Sí!", "[x] yes", "1" * 5000)),
        *(
            (said, False)
            for said in (False, "false", "No", "no, never", "off", "n", "never", 0, 0.0, "0", "00")
        ),
        *(
            (said, False)
            for said in ("Do not call", "not safe", "don't", "Please don't call", "unsafe")
        ),
        *((said, True) for said in ("✓", "☑", "✔️", " X ")),
        *((said, False) for said in ("✗", "unticked", "opted_out", "withdrawn")),
        *((said, None) for said in (None, "maybe", "ask me first", "²", "No preference")),
    ],
)
@pytest.mark.parametrize(
    "field", ["any_hour", "safe_to_call", "safe_to_voicemail", "safe_to_text", "consent"]
)
def test_truth_is_read_from_words_and_numbers(field: str, said: Any, *, meant: bool | None) -> None:
    hesitations = ("maybe", "ask me first")
    doubts = {"safe_to_call": (*hesitations, "²", " X ", "No preference"), "consent": hesitations}
    is_in_doubt = said in doubts.get(field, ())
    assert getattr(read({"name": "Jordan", field: said}), field) is (
        False if is_in_doubt else meant
    )


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
        (
            {"q3_yourName": {"prefix": "Dr", "first": "Jordan", "middle": "", "last": "Reyes"}},
            "Jordan Reyes",
        ),
        (
            {"Name": {"First": "Jordan", "FirstAndLast": "Jordan Reyes", "Last": "Reyes"}},
            "Jordan Reyes",
        ),
        ({"contact": {"firstName": "Jordan", "lastName": "Reyes"}}, "Jordan Reyes"),
        ({"What should we call you?": "Jordan"}, "Jordan"),
        ({"Nombre y apellidos": "Jordan Reyes"}, "Jordan Reyes"),
        (
            {
                "company_name": "Elm Bakery",
                "form_name": "Help",
                "username": "jr",
                "page": {"name": "Home"},
                "x": "y",
            },
            "",
        ),
        (
            {
                "pages": {"first": 1, "last": 9},
                "links": {"first": "https://a.example", "last": "https://b.example"},
            },
            "",
        ),
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
        ("0044 20 7946 0958", "US", "+442079460958"),
        ("001 (315) 555-0142", "US", NUMBER),
        ("\uff13\uff11\uff15 555 0142", "US", NUMBER),
        ("https://wa.me/13155550142", "US", NUMBER),
        ("044 55 1234 5678", "MX", "+525512345678"),
        ("+52 1 55 1234 5678", "US", "+525512345678"),
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
def test_a_number_is_meant_as_in_its_sources_country(
    given_number: Any, region: str, number: str
) -> None:
    assert read({"phone": given_number}, region=region).phone == number


@pytest.mark.parametrize(
    "written",
    [
        "call me",
        "911",
        "+1 900 555 0142",
        "12",
        "555-0142",
        "(315) 555-01",
        "9" * 400,
        "+999 1",
        "+",
        True,
    ],
)
def test_an_unusable_number_is_kept_as_it_was_given(written: Any) -> None:
    request = read({"phone": written})
    assert (request.phone, request.phone_as_given) == (None, str(written))


@UNHURRIED
@given(st.integers(1_200_000_000, 1_999_999_999), st.sampled_from(["", "000", "123"]))
def test_a_unix_time_is_never_a_number_in_the_united_states(seconds: int, fraction: str) -> None:
    assert read({"phone": f"{seconds}{fraction}"}).phone is None


@pytest.mark.parametrize("region", ["GB", "DE", "BR"])
@pytest.mark.parametrize(
    "name", ["createdOn", "x", "token", "phone_verified_at", "phone_updated_at", "score", "1"]
)
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


@pytest.mark.parametrize(
    "fields", [{"phone": GIVEN, "x": GIVEN_FOR_THEM}, {"ip": "203.0.113.142", "id": "3155550142"}]
)
def test_nothing_is_suggested_where_there_is_a_number_or_none_at_all(
    fields: dict[str, str],
) -> None:
    assert read(fields).suggested_phone is None


@pytest.mark.parametrize(
    "label",
    [
        "Phone", "phone_number", "your-phone", "tel-630", "Mobile", "Cell phone number",
        "q13_phoneNumber", "WhatsApp",
        "What is the best number to reach you at?", "Best phone number to call you back?",
        "Home phone",
        "Teléfono", "Número de teléfono", "Teléfono móvil", "Celular",
        "¿A qué teléfono podemos llamarle?",
        "PHONE_NUMBER",
        "form_fields.phone", "contact__phone", "field:phone_1a2b", "Phone (we never share it)",
        "Numéro de téléphone",
        "mf-telephone", "userPhone", "Daytime telephone", "Phone:", "Phone *", "Contact number",
    ],
)  # fmt: skip
def test_a_field_for_a_number_is_known_by_its_words(label: str) -> None:
    assert read({label: GIVEN, "x": GIVEN_FOR_THEM}).phone == NUMBER
    assert read(typed((label, "text", GIVEN), ("x", "text", GIVEN_FOR_THEM))).phone == NUMBER


@pytest.mark.parametrize(
    "label",
    ["Fax", "Fax number", "Phone ID", "phone_verified_at", "Insurance phone number",
     "Policy number", "Account number",
     "Preferred contact method", "Phone type", "IP address", "Tracking phone number",
     "Destination number"],
)  # fmt: skip
def test_what_is_no_field_for_a_number_is_not_taken_for_one(label: str) -> None:
    assert read({label: GIVEN, "name": "Jordan"}).phone is None
    assert read({label: GIVEN_FOR_THEM, "Telephone": GIVEN}).phone == NUMBER


@pytest.mark.parametrize(
    "whose",
    [
        "Spouse", "Patient", "Emergency contact", "Loved one", "Friend", "Referring doctor",
        "Parent", "Guardian",
        "Husband",
        "Next of kin", "Employer", "Son or daughter", "Sponsor", "Policy holder",
        "Alternate contact",
        "Significant other",
    ],
)  # fmt: skip
def test_only_who_fills_out_the_form_is_rung(whose: str) -> None:
    first = {
        f"{whose}'s name": "Leo",
        f"{whose}'s phone": GIVEN_FOR_THEM,
        f"{whose}'s email": "leo@example.org",
    }
    own = {"name": "Ana", "phone": GIVEN, "email": "ana@example.org"}
    for fields in (
        {**first, **own},
        {**own, **first},
        {whose: {"phone": GIVEN_FOR_THEM, "name": "Leo"}, **own},
    ):
        request = read(fields)
        assert request.phone == NUMBER
        assert request.name == "Ana"
        assert request.email == "ana@example.org"
        assert request.no_dial == [THEIRS]
    alone = read(first)
    assert alone.phone is None
    assert alone.suggested_phone is None
    assert alone.name == ""
    assert alone.no_dial == [THEIRS]


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
    assert request.phone == NUMBER
    assert request.name == "Ana"
    assert request.city == ""
    assert read({**staff, "name": "Ana"}).phone is None


def test_a_declared_type_does_not_make_a_friends_number_the_submitters() -> None:
    request = read(
        typed(("Friend's phone", "tel", GIVEN_FOR_THEM), ("How to reach you", "tel", GIVEN))
    )
    assert (request.phone, request.no_dial) == (NUMBER, [THEIRS])


def test_a_fax_is_none_whatever_its_type() -> None:
    assert read(typed(("Fax", "tel", GIVEN_FOR_THEM), ("Phone", "tel", GIVEN))).phone == NUMBER
    assert read(typed(("Fax", "tel", GIVEN))).phone is None


def test_a_record_that_also_has_a_value_is_no_single_answer() -> None:
    request = read({"deal": {"name": "Ana", "phone": GIVEN, "value": 100}})
    assert request.phone == NUMBER
    assert request.name == "Ana"
    assert request.unknown == {"deal.value": [100]}


def test_a_number_shared_with_somebody_else_may_be_rung() -> None:
    request = read({"phone": GIVEN, "emergency_phone": GIVEN})
    assert (request.phone, request.no_dial) == (NUMBER, [])


def test_the_first_number_that_can_be_dialed_counts() -> None:
    assert read({"phone": "  ", "mobile": GIVEN}).phone == NUMBER
    assert read({"phone": "n/a", "mobile": GIVEN}).phone == NUMBER
    assert read({"phone": GIVEN, "mobile": GIVEN_FOR_THEM}).phone == NUMBER


def test_a_mapping_goes_before_everything() -> None:
    fields = {
        "phone": GIVEN_FOR_THEM,
        "Where to?": GIVEN,
        "Who?": "Ana",
        "name": "Form",
        "ok": "Sure thing",
        "no": "7",
    }
    mapping = {"phone": "Where to?", "name": "who?", "consent": "ok", "id": "no"}
    request = read(fields, mapping=mapping)
    assert request.phone == NUMBER
    assert request.name == "Ana"
    assert request.consent is True
    assert request.vendor_id == "7"
    by_label = read(
        typed(("Where to?", "text", GIVEN), ("P", "tel", GIVEN_FOR_THEM)),
        mapping={"phone": "Where to?"},
    )
    by_key = read(
        typed(("Where to?", "text", GIVEN), ("P", "tel", GIVEN_FOR_THEM)), mapping={"phone": "k0"}
    )
    assert by_label.phone == by_key.phone == NUMBER


OF_A_PERSON = (
    "contact", "visitor", "user", "customer", "client", "guest", "person", "student", "lead",
    "field", "hidden", "form",
    "page", "account",
)  # fmt: skip


@pytest.mark.parametrize(
    "key", [*(f"{word}_id" for word in OF_A_PERSON), "contactId", "Lead ID", "formID"]
)
def test_the_id_of_a_person_or_a_form_is_not_that_of_a_submission(key: str) -> None:
    assert read({"phone": GIVEN, key: "7f3a"}).vendor_id is None


@pytest.mark.parametrize(
    "group",
    [
        "data",
        "contact",
        "contacts",
        "lead",
        "person",
        "customer",
        "user",
        "merges",
        "form",
        "profile",
    ],
)
def test_beside_a_persons_number_stands_the_persons_id(group: str) -> None:
    assert read({group: {"id": "7f3a", "phone": GIVEN}}).vendor_id is None
    assert read({"data": {group: {"id": "7f3a", "phone": GIVEN}}}).vendor_id is None
    assert read({group: {"submission_id": "7f3a", "phone": GIVEN}}).vendor_id == "7f3a"


@pytest.mark.parametrize(
    "name",
    ["contact-form", "form01", "form_3", "ContactForm7", "hero", "callback", "wpforms-form-12"],
)
def test_the_name_of_a_form_is_not_the_id_of_a_submission(name: str) -> None:
    assert read({"phone": GIVEN, "id": name}).vendor_id is None
    assert (
        read(
            {"phone": GIVEN, "id": name, "contact_id": "4"}, mapping={"id": "contact_id"}
        ).vendor_id
        == "4"
    )


@pytest.mark.parametrize(
    ("fields", "own"),
    [
        ({"id": 12}, "12"),
        ({"id": "a", "submission_id": "s"}, "s"),
        ({"id": "f-1", "entry_id": "55", "event_id": "ev_1"}, "55"),
        ({"id": "f-1", "event_id": "ev_1"}, "f-1"),
        ({"event_id": "ev_1", "contact_id": "c"}, "ev_1"),
        ({"form_submission_id": "9", "form_id": "3"}, "9"),
        ({"Response ID": "R_x"}, "R_x"),
        ({"contact": {"id": "c9", "phone": GIVEN}, "id": "s-1"}, "s-1"),
        ({"submission": {"id": "s-1", "phone": GIVEN}}, "s-1"),
        ({"body": {"id": "s-1", "phone": GIVEN}}, "s-1"),
    ],
)
def test_the_id_of_a_submission_is_known_by_its_name_and_place(
    fields: dict[str, Any], own: str
) -> None:
    there = {} if any(isinstance(value, dict) for value in fields.values()) else {"phone": GIVEN}
    assert read({**there, **fields}).vendor_id == own


def test_a_mapped_field_left_empty_is_not_replaced_by_another_one() -> None:
    assert read({"phone": GIVEN_FOR_THEM, "a": ""}, mapping={"phone": "a"}).phone is None
    assert (
        read({"phone": GIVEN}, mapping={"phone": "a"}).phone == NUMBER
    )  # another form of the same site


def test_a_declared_type_goes_before_a_name_and_says_nothing_of_whose_phone_it_is() -> None:
    rows = typed(("How to reach you", "tel", GIVEN), ("phone", "text", GIVEN_FOR_THEM))
    assert read(rows).phone == NUMBER
    rows = typed(("Where did you hear of us?", "tel", GIVEN_FOR_THEM), ("phone", "text", GIVEN))
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
    ["message", "Comments", "How can we help?", "your-message", "Anything else we should know?",
     "Mensaje",
     "textarea-890",
     "¿En qué podemos ayudarle?", "Tell us about your situation", "Cuéntenos", "description",
     "Notes",
     "What's going on?", "¿Qué está pasando?"],
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
        (
            {"consent_timestamp": 1770384000, "consent_version": 2, "consent_ip": "203.0.113.9"},
            None,
            "",
        ),
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
    assert (
        read({"consent": languages.default_consent_text(language, brand="Harbor Line")}).consent
        is not False
    )


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
def test_wishes_and_places_are_known_by_their_words(
    fields: dict[str, Any], name: str, value: Any
) -> None:
    assert getattr(read({"phone": GIVEN, **fields}), name) == value


def test_what_is_not_understood_is_kept_once() -> None:
    sent = [
        ("phone", GIVEN),
        ("Mobile", GIVEN_FOR_THEM),
        ("phone", GIVEN),
        ("Why?", "x"),
        ("n", "0"),
        ("Why?", "y"),
    ]
    request = form_reading.read_form_request(
        urlencode([*sent, ("blank", "")]).encode(), FORM, region="US"
    )
    assert request.phone == NUMBER
    assert request.unknown == {"Mobile": [GIVEN_FOR_THEM], "Why?": ["x", "y"], "n": ["0"]}


def test_the_outer_of_two_equal_names_counts() -> None:
    nested = {"contact": {"name": "inner", "tags": ["a", {"deep": True}]}, "name": "outer"}
    request = read(nested)
    assert request.name == "outer"
    assert request.unknown == {
        "contact.name": ["inner"],
        "contact.tags": ["a"],
        "contact.tags.deep": [True],
    }


def test_what_is_shown_of_a_long_form_is_bounded() -> None:
    lengths = [600] * 3 + [1] * 60 + [0] * 138
    request = read({f"field {n}": "x" * length for n, length in enumerate(lengths)})
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
        (
            {"type": "partial", "event": "test", "test": "yes"},
            "test",
        ),  # nothing but the name of an event
        ({"type": "contact.created"}, "submission"),
        ({"event": "I updated my form response"}, "submission"),
    ],
)
def test_what_happened_is_told_by_words_that_mean_nothing_else(
    body: dict[str, Any], event: str
) -> None:
    assert read({"phone": GIVEN, **body}).event == event


@pytest.mark.parametrize(
    ("event", "bodies"),
    [
        (
            "deleted",
            [
                {"event": "deleted"}, {"action": "delete"}, {"status": "trash"}, {"deleted": True},
                {"trashed": "true"},
                {"is_deleted": 1}, {"data": {"status": "deleted"}},
                {"meta": {"action": "delete", "object": "person"}},
            ],
        ),
        (
            "updated",
            [
                {"event": "updated"}, {"action": "update"}, {"action": "edit"},
                {"event": "Entry Updated"},
                {"event": "Form Updated"}, {"event": "entry_edit"}, {"event": "updated.person"},
                {"type": "update"},
                {"meta": {"action": "updated", "object": "person"}},
                {"event": {"type": "submission.updated"}},
                *({"event": f"{thing}.updated"} for thing in ("person", "customer", "profile",
                                                              "user", "row", "item")),
            ],
        ),
        (
            "partial",
            [
                {"isComplete": False}, {"status": "partial"}, {"status": "incomplete"},
                {"status": "draft"},
                {"response_status": "partial"}, {"partial": True}, {"is_partial": True},
                {"Finished": "0"},
                {"completed": False}, {"event": "abandoned"}, {"response": {"isComplete": "no"}},
                {"estado_envio": "incompleto"}, {"estado_del_formulario": "Borrador"},
                {"estadoRespuesta": "parcial"}, {"form_progress": "in progress"},
                {"is_draft": "on"}, {"is_complete": "off"}, {"wpforms_partial": 1},
                {"hs_form_status": "PARTIAL"}, {"wpforms_status": "abandoned"},
                {"gf_entry_status": "partial"}, {"Estatus": "Incompleto"},
                {"save_and_continue": True}, {"formulario_completo": "no"},
            ],
        ),
        (
            "test",
            [
                {"webhook_test": True}, {"test": "true"}, {"test": 1}, {"Test": True},
                {"event": "test"}, {"event": "ping"},
                {"type": "test"},
                {"event": "TEST_EVENT"}, {"mode": "test"}, {"livemode": False},
                {"meta": {"isTest": True}},
                {"testing": True}, {"is_preview": True}, {"body": {"is_test": "yes"}},
                {"mode": "preview"}, {"test_mode": "on"}, {"modo": "prueba"},
                {"environment": "sandbox"}, {"env": "staging"}, {"testMode": "enabled"},
                {"form_mode": "test mode"}, {"is_test": "Y"},
            ],
        ),
    ],
)  # fmt: skip
def test_what_is_no_new_submission_is_known_wherever_tools_say_so(
    event: str, bodies: list[dict[str, Any]]
) -> None:
    told = [(body, read({"phone": GIVEN, "name": "Ana", **body}).event) for body in bodies]
    assert told == [(body, event) for body in bodies]


@pytest.mark.parametrize(
    "body",
    [
        {"event": "purchase.created"}, {"type": "invoice.paid"}, {"event": "invoice.paid"},
        {"type": "InboundMessage"},
        {"type": "OpportunityStatusUpdate"}, {"type": "call"}, {"event": "call"},
        {"event": "page_view"},
        {"type": "unsubscribe"}, {"type": "profile"}, {"event": "contact.unsubscribed"},
        {"type": "partial"},
        {"spam": True}, {"is_spam": "yes"}, {"status": "spam"}, {"event": "Invoice Paid"},
        {"event": "orders/paid"}, {"lead": {"status": "unfinished", "source": "web"}},
        {"contact": {"entry_status": "draft", "name": "Ana"}}, {"flags": {"spam": True}},
        {"recaptcha": "failed"}, {"captcha_result": "fail"}, {"spam_check": "fail"},
        {"spamScore": 99}, {"recaptcha_score": "0.1"}, {"bot_probability": "85%"},
        {"hcaptcha": {"score": 0.9}}, {"fraud_score": "75"}, {"reCaptchaV3Score": 0.3},
        {"reCAPTCHA": "Failed"}, {"captcha": "invalid"}, {"g-recaptcha-status": "expired"},
        {"turnstile_verified": "false"}, {"hcaptcha": {"success": False}},
        {"captcha_valid": 0}, {"recaptcha": {"status": "not verified"}}, {"bot_check": "positive"},
        {"captcha": "fallido"}, {"wpforms_spam": 1},
        {"gf_is_spam": "on"}, {"progress": "in progress"}, {"progreso": "en progreso"},
        {"Progress": "37%"}, {"percent_complete": 40}, {"completion_percentage": "45%"},
        {"avance": "50 %"}, {"completion_rate": 0.5}, {"spam": "likely"}, {"quarantine": True},
        {"verified_human": False}, {"hs_form_status": "spam"},
    ],
)  # fmt: skip
def test_what_may_be_no_request_is_for_a_person_to_see(body: dict[str, Any]) -> None:
    request = read({"phone": GIVEN, **body})
    assert request.event == "submission"
    assert request.phone is None
    assert request.suggested_phone == NUMBER
    assert request.phone_as_given == GIVEN
    assert re.search("check (what|whether)", request.reason)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("purchase.created", "calls this “purchase.created”:"),
        ("page_view." * 5, "may not be a request"),
        ("Invoice <paid>", "may not be a request"),
        ("page_view.3155550142", "may not be a request"),
    ],
)
def test_a_strange_word_is_shown_where_it_is_short_and_harmless(word: str, told: str) -> None:
    assert told in read({"phone": GIVEN, "event": word}).reason


@pytest.mark.parametrize(
    "body",
    [
        {"type": "Alcohol"}, {"status": "married"}, {"event": "Family weekend"},
        {"action": "Call me back"},
        {"topic": "Alcohol and drugs"}, {"trigger": "Stress"}, {"type": "Partial hospitalization"},
        {"type": "partial_hospitalization"}, {"type": "drug_test"}, {"type": "new_patient"},
        {"type": "family_member"},
        {"type": "LovedOne"}, {"type": "Call"}, {"event": "Wedding"}, {"event": "self-harm"},
        {"status": "Employed"},
        {"status": "active"}, {"completed": "No"}, {"trigger": "A change at work"},
        {"type": "call_me_back"},
        {"action": "frm_entries_create"},
        {"action": "elementor_pro_forms_send_form"},
        {"data": {"type": "Detox", "status": "single"}}, {"message": "deleted"}, {"type": "Email"},
        {"mode": "Phone"},
        {"type": "message"}, {"event": "Purchase of drugs"}, {"event": {"name": "Family weekend"}},
        {"event": "FORM_RESPONSE"}, {"event": "lead"}, {"event": "contact form"}, {"event": "new"},
        {"type": "lead"},
        {"event": "created"}, {"event": "submitted"}, {"event": "completed"}, {"event": "received"},
        {"event": "form_response"}, {"event": "generate_lead"}, {"event": "gform_after_submission"},
        {"event": "Lead"},
        {"type": "subscribe"}, {"event": "customers/create"}, {"event_type": "form.submit"},
        {"deleted": False},
        {"livemode": True}, {"isComplete": True}, {"Finished": "1"}, {"status": "complete"},
        {"spam": "false"}, {"flags": {"spam": False}},
        {"event": ""}, {"type": None}, {"triggerEvent": "BOOKING_CREATED"},
        {"event": "CompleteRegistration"},
        {"event": "callback_requested"}, {"eventType": "optIn"}, {"event": "popup.converted"},
        {"spam_score": 0}, {"hcaptcha_score": 0.02}, {"recaptchaScore": "90"}, {"score": 12},
        {"event": "form_fill"}, {"recaptcha": "passed"}, {"recaptcha_score": "0.9"},
        {"g-recaptcha-response": "03AGdBq24PBCbwiDRaS"}, {"captcha": "7"}, {"captcha": "true"},
        {"spam_check": "passed"}, {"spam_check": "false"}, {"is_spam": "off"},
        {"captcha_passed": "true"}, {"recaptcha": {"success": True, "score": 0.9}},
        {"test_mode": "off"}, {"mode": "live"}, {"environment": "production"}, {"progress": "100"},
        {"progress": "Slow"}, {"estado_envio": "completo"}, {"env": "prod"}, {"modo": "Llamada"},
        {"are_you_a_robot": "no"}, {"turnstile": "success"}, {"hs_lead_status": "IN_PROGRESS"},
        {"percent_complete": 100}, {"completion_rate": "1"}, {"progress": "60 days sober"},
        {"wpforms_status": "published"},
    ],
)  # fmt: skip
def test_peoples_own_words_are_not_taken_for_a_tools(body: dict[str, Any]) -> None:
    request = read({"phone": GIVEN, "name": "Ana", **body})
    assert request.event == "submission"
    assert request.phone == NUMBER
    assert request.reason == ""


def test_a_state_that_may_be_anybodys_is_looked_at() -> None:
    request = read({"phone": GIVEN, "name": "Ana", "status": "In progress"})
    assert request.phone is None
    assert request.suggested_phone == NUMBER
    assert request.reason


@pytest.mark.parametrize("header", [FORM, JSON])
def test_two_numbers_under_one_name_are_for_a_person_to_choose_from(header: str) -> None:
    form = urlencode([("phone", GIVEN), ("name", "Ana"), ("phone", GIVEN_FOR_THEM)])
    body = form if header == FORM else json.dumps({"phone": [GIVEN, GIVEN_FOR_THEM], "name": "Ana"})
    request = form_reading.read_form_request(body.encode(), header, region="US")
    assert request.phone is None
    assert request.suggested_phone == NUMBER
    assert request.phone_as_given == GIVEN
    assert request.unknown == {"phone": [GIVEN_FOR_THEM]}
    assert "several phone numbers under one name" in request.reason


@pytest.mark.parametrize("again", [NUMBER, "315-555-0142", "", "n/a"])
def test_one_number_that_comes_twice_is_rung(again: str) -> None:
    form = urlencode([("phone", GIVEN), ("phone", again)])
    assert form_reading.read_form_request(form.encode(), FORM, region="US").phone == NUMBER


def test_the_same_request_has_one_hash_whatever_its_ids_times_and_order() -> None:
    said = {"phone": GIVEN, "name": "Ana", "message": "Hello", "colour": "green"}
    first = content_hash(
        read({**said, "id": "1", "created_at": "2026-03-03T17:00:00Z", "ip": "203.0.113.1"})
    )
    again = {
        "colour": "Green ",
        "message": " Hello",
        "name": "ana",
        "phone": NUMBER,
        "id": "2",
        "submitted": 1770384000,
    }
    again["seen"] = "2026-03-04T09:00:00+00:00"
    assert content_hash(read(again)) == first
    assert content_hash(read({"body": again})) == first
    for change in (
        {"phone": GIVEN_FOR_THEM},
        {"name": "Leo"},
        {"message": "Hi"},
        {"colour": "red"},
        {"consent": "no"},
    ):
        assert content_hash(read({**said, **change})) != first


def test_readings_of_earlier_versions_can_still_be_acted_on() -> None:
    assert FormRequest(**json.loads(f'{{"phone": "{NUMBER}", "name": "Ana"}}')) == FormRequest(
        phone=NUMBER, name="Ana"
    )
