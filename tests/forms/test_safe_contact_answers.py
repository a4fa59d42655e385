"""When in doubt nobody is rung by mistake: a person looks first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.form_answers import GIVEN, NUMBER, THEIRS, read


@pytest.mark.parametrize(
    "fields",
    [
        *(
            {question: "No"}
            for question in (
                "¿Es seguro llamarle?", "¿Es seguro llamarte?", "¿Podemos llamarle?",
                "¿Es seguro que lo llamemos?",
                "Is it okay to call this number?", "OK to call?", "ok_to_call",
                "Is this a safe phone number?",
                "Is it safe for us to phone you?", "Is it safe to contact you at this number?",
                "Is it safe to call or text?", "Is it OK to text or call?",
                "Is it safe to call you at any time?",
                "Is it safe to call and leave a message?", "Is this phone number safe?",
                "isItSafeToCall",
            )
        ),
        *(
            {"Is it safe to call you?": answer}
            for answer in (
                "It is not safe", "Text only", "I'd rather you text", "Yes, but only by text",
                "only by email",
                "Ask first",
                "text is ok", "OK to text", "x", False, 0, ["No"],
            )
        ),
        {"can_call": False},
        {"safe_to_call": True, "Is it okay to call?": "No"},
        {"Preferred method of contact": "Email only"},
        {"Preferred method of contact": "Email"},
        {"contact_preference": "no_calls"},
        {"How should we contact you?": "Please don't call"},
        {"disallowed_channels": "voice"},
        {"phone_safe": "false"},
        {"Any safety concerns about calling?": "Yes, my husband"},
        {"¿Tiene preocupaciones de seguridad?": "Sí"},
        {"Would there be a problem if we call?": "Yes"},
    ],
)  # fmt: skip
def test_whoever_may_not_be_safe_to_call_is_not_rung(fields: dict[str, Any]) -> None:
    request = read({"phone": GIVEN, **fields})
    assert (request.phone, request.safe_to_call) == (NUMBER, False)


@pytest.mark.parametrize(
    ("fields", "safe"),
    [
        *(
            ({"Is it safe to call you?": answer}, True)
            for answer in ("Yes", "YES, please", "Yes, safe", "Sure, no problem", "It's safe",
                           "Anytime", "✓", True, 1)
        ),
        ({"¿Es seguro llamarle?": "Sí"}, True),
        ({"Is it safe to call or text?": "Both"}, True),
        ({"can_call": "yes"}, True),
        ({"Is it safe to call you?": ""}, None),
        ({"Is it safe to call you?": None}, None),
        ({"Is it safe to text?": "No"}, None),
        ({"Is this a safe number to text?": "No"}, None),
        ({"Is it safe to contact you by email?": "No"}, None),
        ({"When is it safe to call?": "Not before noon"}, None),
        ({"Best time that it is safe to call": "Only evenings"}, None),
        ({"safe_to_call_time": "evenings only"}, None),
        ({"Preferred method of contact": "Phone or email"}, None),
        ({"message": "The doctor has no phone."}, None),
    ],
)  # fmt: skip
def test_a_clear_yes_is_a_yes_and_other_questions_are_not_about_calls(
    fields: dict[str, Any], *, safe: bool | None
) -> None:
    assert read({"phone": GIVEN, **fields}).safe_to_call is safe


@pytest.mark.parametrize(
    "label", ["Safe phone number", "What number is it safe to call?", "Safe number to call"]
)
def test_a_number_that_is_safe_to_call_is_a_number(label: str) -> None:
    request = read({label: GIVEN})
    assert (request.phone, request.safe_to_call) == (NUMBER, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"dnd": True},
        {"opt_out": True},
        {"phone_opt_out": "yes"},
        {"HasOptedOutOfCalls": "1"},
        {"No quiero que me llamen": True},
        {"do_not_call": "X"},
        {"Do not call": ["Do not call"]},
        *(
            {"consent": said}
            for said in ("opt out", "opted_out", "Opt-out", "withdrawn", "revoked", "unticked")
        ),
        {"May we call you?": "No"},
        {"Do you consent to be called?": "no"},
        {"I agree to be contacted by phone, email or text": False},
        {"¿Desea que lo llamemos?": "No"},
        *({"consent": said} for said in ("pending", "expired", "Pendiente", "👎", "👎🏽")),
        *({"Consentimiento": said} for said in ("Revocado", "rechazado", "Denegada")),
        {"May we call you?": "por favor no"},
        {"May we call you?": "certainly not"},
        {"consents": {"contact": {"phone": {"given": "N"}}}},
        {"opt_outs": {"call": True}},
        {"donotphone": True},
        *({"Do not allow Phone Calls": said} for said in ("Do Not Allow", "Not allowed", "yes")),
        {"donotphone": "Do Not Allow"},
        {"No permitir llamadas": "No permitir"},
        {"Autoriza llamadas": "No"},
        {"Calls authorized": "No"},
        {"checkboxes": {"You may call me": "", "You may email me": "on"}},
    ],
)
def test_whoever_refuses_calls_is_not_rung(fields: dict[str, Any]) -> None:
    assert read({"phone": GIVEN, **fields}).consent is False


@pytest.mark.parametrize(
    "fields",
    [
        {"May we call you?": "Yes"},
        {"Deseo que me llamen": "sí"},
        {"consent": "opted_in"},
        *({"I agree to be called": mark} for mark in ("X", "✓", "☑")),
        {"Do you agree to our terms and privacy policy?": "yes"},
        {"Do you consent?": "yes"},
        {"Privacy": "on"},
        {"I agree to be called. I can opt out at any time.": "on"},
        {"May we call you or your family?": "Yes"},
        *(
            {"May we call you?": said}
            for said in (
                "Of course!",
                "by all means",
                "Go ahead",
                "please do",
                "Please",
                "fine by me",
                "👍🏽",
                "That's fine, thanks",
                "Por supuesto",
                "con mucho gusto",
                "Adelante",
                "cómo no",
            )
        ),
    ],
)
def test_whoever_agrees_has_agreed(fields: dict[str, Any]) -> None:
    assert read({"phone": GIVEN, **fields}).consent is True


@pytest.mark.parametrize("answer", ["no", "yes", False])
@pytest.mark.parametrize(
    "label",
    [
        "Do you accept Medicaid?", "May we contact you by email?", "May we contact your family?",
        "May we contact your doctor?", "Do you authorize us to contact your insurance?",
        "Do you consent to sharing information with your probation officer?",
        "Do you accept my insurance?",
        "Have you accepted that you have a problem?", "Do you have privacy at home?",
        "Are you under a plea agreement?",
        "Do you have permission from your employer to take leave?", "email_opt_out",
        "HasOptedOutOfEmail",
    ],
)  # fmt: skip
def test_a_question_about_something_else_is_none_for_consent(label: str, answer: Any) -> None:
    request = read({"phone": GIVEN, label: answer})
    assert (request.consent, request.consent_text) == (None, "")


def test_when_somebody_may_be_called_is_no_question_for_consent() -> None:
    request = read({"phone": GIVEN, "When may we call you?": "no preference"})
    assert request.consent is None
    assert request.best_time == "no preference"
    assert request.name == ""


def test_one_number_that_must_not_be_called_does_not_refuse_calls_to_another() -> None:
    request = read({"Home phone (do not call)": "(315) 555-0177", "Cell": GIVEN})
    assert request.phone == NUMBER
    assert request.consent is None
    assert request.no_dial == ["+13155550177"]
    assert read({"Home phone (do not call)": GIVEN}).phone is None


@pytest.mark.parametrize("region", ["GB", "DE", "BR"])
@pytest.mark.parametrize(
    "label",
    ["phone_at", "phone_time", "phone_ts", "whatsapp_at", "Phone date", "phone time",
     "Teléfono_fecha",
     "mobile_app_time", "phone_session", "callrail_phone_session", "phone_calls", "is_mobile",
     "device_mobile"],
)  # fmt: skip
def test_a_time_is_never_rung(label: str, region: str) -> None:
    for time in ("1770384000", 1770384000, "1770384000123", "2026-02-06", "2026-02-06T13:20:00Z"):
        assert read({"name": "T", label: time}, region=region).phone is None


def test_bare_digits_are_a_number_where_nothing_speaks_against_it() -> None:
    assert read({"Best phone to reach you": "3155550142"}).phone == NUMBER
    assert read({"phone": "2079460958"}, region="GB").phone == "+442079460958"
    assert read({"Best phone to reach you": "020 7946 0958"}, region="GB").phone == "+442079460958"


@pytest.mark.parametrize(
    "fields",
    [
        {"client_name": "Bo", "client_phone": THEIRS, "caller_name": "Ana", "caller_phone": GIVEN},
        {"Client phone": THEIRS, "Client name": "Bo", "Phone": GIVEN, "Name": "Ana"},
        {"Student phone": THEIRS, "Student name": "Bo", "Your phone": GIVEN, "Your name": "Ana"},
        {"Phone 2": THEIRS, "Phone": GIVEN, "name": "Ana"},
        {"phone2": THEIRS, "phone1": GIVEN, "name": "Ana"},
        {"Old phone number": THEIRS, "New phone number": GIVEN, "name": "Ana"},
        {"helpline_phone": THEIRS, "phone": GIVEN, "name": "Ana"},
        {"Cell phone": GIVEN, "Home phone": THEIRS, "name": "Ana"},
    ],
)
def test_who_fills_out_the_form_is_rung_at_the_number_for_it(fields: dict[str, Any]) -> None:
    request = read(fields)
    assert (request.phone, request.name) == (NUMBER, "Ana")


@pytest.mark.parametrize(
    "fields",
    [
        {"client": {"name": "Bo", "phone": THEIRS}, "referrer": {"name": "Ana", "phone": GIVEN}},
        {"Student phone": THEIRS, "Parent phone": GIVEN},
        *(
            {"phone": "", label: GIVEN}
            for label in (
                "helpline_phone", "support_phone", "our_phone_number", "site_phone",
                "header_phone", "center_phone",
                "call_us_at", "campaign_phone", "displayed_phone", "Practice phone", "EC Phone",
                "Old phone number",
            )
        ),
    ],
)  # fmt: skip
def test_where_only_anothers_number_is_given_nobody_is_rung(fields: dict[str, Any]) -> None:
    request = read(fields)
    assert (request.phone, request.suggested_phone != NUMBER) == (None, True)
    assert NUMBER in request.no_dial


@pytest.mark.parametrize("whose", ["Client phone", "student_phone", "Veteran's cell", "Member tel"])
def test_who_may_be_either_is_suggested_with_the_name_of_the_field(whose: str) -> None:
    request = read({whose: GIVEN, "Emergency contact phone": THEIRS, "Parent phone": ""})
    assert (request.phone, request.suggested_phone) == (None, NUMBER)
    assert [(one["number"], one["label"]) for one in request.suggestions] == [
        (NUMBER, whose),
        (THEIRS, "Emergency contact phone"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"phone": {"countryCode": "MX", "number": "55 1234 5678"}},
        {"country_code": "+52", "phone": "5512345678"},
        {"phone_country_code": "52", "phone": "5512345678"},
        {"phone_country": "MX", "phone": "5512345678"},
        {"contact": {"phone_country": "Mexico", "phone": "5512345678"}},
        {"phone": {"code": "52", "phone": "5512345678"}},
        {"phone": "5512345678", "phone[country]": "MX"},
        {"phone": {"countryShortName": "MX", "phone": "5512345678"}},
        {"phone": ["+52", "5512345678"]},
    ],
)
def test_a_number_is_meant_as_in_the_country_that_is_stated_for_it(fields: dict[str, Any]) -> None:
    assert read(fields).phone == "+525512345678"


@pytest.mark.parametrize(
    "fields",
    [
        {"phone": {"country": "Ruritania", "number": "55 1234 5678"}},
        {"phone": "5512345678", "phone_country": "Ruritania"},
        {"phone": "5512345678", "country": "MX"},
        {"phone": GIVEN, "country_code": "+41", "name": "Ana"},
    ],
)
def test_a_country_that_does_not_fit_leaves_a_number_to_a_person(fields: dict[str, Any]) -> None:
    request = read(fields)
    assert (request.phone, bool(request.phone_as_given)) == (None, True)


@pytest.mark.parametrize("country", ["US", "USA", "United States", "+1", "1", "CA", ""])
@pytest.mark.parametrize("name", ["country", "country_code", "phone_country"])
def test_a_number_of_the_stated_country_is_rung(name: str, country: str) -> None:
    assert read({"phone": GIVEN, name: country}).phone == NUMBER
    assert read({"phone": "+1 315 555 0142", name: "MX"}).phone == NUMBER


@pytest.mark.parametrize(
    "label",
    ["asset_name", "popup_name", "offer_name", "quiz_name", "post_name", "utm_name", "channel_name",
     "service_name",
     "category_name", "rep_name", "coach_name", "Treatment center name", "some_new_name"],
)  # fmt: skip
def test_the_name_of_something_is_not_theirs(label: str) -> None:
    fields = {"first_name": "Ana", "last_name": "Ruiz", "phone": GIVEN, label: "Rehab Landing"}
    assert read(fields).name == "Ana Ruiz"
    if label != "some_new_name":
        assert read({"phone": GIVEN, label: "Rehab Landing"}).name == ""


@pytest.mark.parametrize("label", ["Tfno", "Tlf.", "¿A qué número podemos llamarte?"])
def test_a_number_is_known_by_what_people_in_spain_call_it(label: str) -> None:
    assert read({label: GIVEN}).phone == NUMBER


@pytest.mark.parametrize("written", ["3155550142.0", "315-555-0142 (cell)", "315-555-0142 (Home)"])
def test_a_note_behind_a_number_is_no_part_of_it(written: str) -> None:
    request = read({"phone": written})
    assert (request.phone, request.phone_as_given) == (NUMBER, written)


@pytest.mark.parametrize("asked", ["OK to contact me by", "Safe to call", "ok_to_contact"])
@pytest.mark.parametrize(
    ("ways", "is_refused"),
    [("Call, Text", False), ("Phone", False), ("Text", True), ("Email only", True)],
)
def test_a_way_of_contact_is_no_refusal_where_a_call_is_among_them(
    asked: str, ways: str, *, is_refused: bool
) -> None:
    assert read({"phone": "(315) 555-0142", asked: ways}).is_refused is is_refused


@pytest.mark.parametrize(
    "beside",
    [
        {"suppression": {"calls": "yes"}},
        {"suppressed": {"phone": True}},
        {"suppressions": ["calls"]},
        {"choices": ["email: accepted", "phone: declined"]},
        {"prefs": "calls: refused; email: ok"},
        {"preferencias": ["llamadas: rechazado"]},
    ],
)
def test_a_state_beside_the_name_of_a_way_is_a_refusal(beside: dict[str, object]) -> None:
    request = read({"person": {"name": "Ana", "phone": "(315) 555-0142"}, **beside})
    assert request.is_refused or request.phone is None


@pytest.mark.parametrize(
    ("place", "is_held"),
    [
        ({"city": "overseas"}, True),
        ({"region": "outside the US"}, True),
        ({"city": "Currently abroad, in Europe"}, True),
        ({"ciudad": "fuera del país"}, True),
        ({"estado": "en el extranjero"}, True),
        ({"city": "Paris"}, False),
        ({"city": "Seaside", "state": "OR"}, False),
        ({"city": "Africa, Indiana", "message": "I was abroad last year"}, True),
        ({"city": "Salem", "message": "I was abroad last year"}, False),
    ],
)
def test_who_is_somewhere_abroad_is_asked_when_to_call(
    place: dict[str, str], *, is_held: bool
) -> None:
    request = read({"name": "Ana", "phone": "(315) 555-0142", **place})
    assert bool(request.limits) is is_held
