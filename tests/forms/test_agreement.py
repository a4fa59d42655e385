"""What they agreed to: a refusal in any shape beats an agreement in any shape."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leads.forms import form_reading
from leads.forms.form_field import SUBMISSION
from leads.forms.request import FormRequest
from leads.forms.vendor_examples import example_post
from leads.forms.vendor_recipes import vendor_kinds
from tests.support.form_answers import FORM, GIVEN, NUMBER, read

FAULTS = Path(__file__).parent / "data" / "faults"
GROUPS = (
    "consent-shapes", "conditional-yes", "safe-ways", "hidden-field-beside-a-box",
    "unfinished-or-spam",
)  # fmt: skip
READ = ("phone", "consent", "safe_to_call")

AGREEMENTS: tuple[dict[str, Any], ...] = (
    {"consent": True},
    {"I agree to be called about my request": "on"},
    {"May we call you?": "Yes"},
    {"consent_to_contact": {"granted": True}},
    {"Consents": [{"Type": "phone", "Grant": True}]},
    {"safe_to_call": "yes"},
    {"contact_permissions": {"phone": True, "email": True}},
    {"Acepto que me llamen": "Sí"},
)
REFUSALS: tuple[dict[str, Any], ...] = (
    {"do_not_call": "yes"}, {"DNC": "Y"}, {"opted_out": True}, {"unsubscribed": "true"},
    {"opted_out_at": "2026-10-01T10:00:00Z"}, {"contact": {"do_not_call": True}},
    {"calls": "never"}, {"Request a call?": "No thanks"}, {"Grant": False}, {"Phone OK?": "☐"},
    {"may_we_call_you": "no"}, {"Can we call you?": "No, text me"}, {"call_ok": "n"},
    {"contact_by_phone": "", "contact_by_email": "on"}, {"phone_optin": "", "sms_optin": "yes"},
    {"Contact method: Phone": None, "Contact method: Email": "checked"},
    {"contact_by_phone": "No"}, {"phone_consent": False}, {"permission_to_call": "refused"},
    {"preferred_contact": "SMS"}, {"preferredContactMethod": "text_message"},
    {"¿Cómo prefiere que le contactemos?": "Correo electrónico"}, {"Medio de contacto": "Correo"},
    {"How would you like to be contacted?": "By letter"}, {"contact_preference": "not by phone"},
    {"How should we contact you?": ["Email", "Text", "Not phone"]},
    {"opt_in": {"calls": "no", "email": "yes"}}, {"call_consents": ["Email", "Text"]},
    {"privacy": {"consent": {"calls": "no"}}}, {"calls_consent": {"status": "withdrawn"}},
    {"permissions": [{"type": "call", "granted": "no"}, {"type": "sms", "granted": "yes"}]},
    {"data": {"consents": [{"name": "voice", "value": False}]}}, {"subscriptions": {"calls": 0}},
    {"communication_preferences": {"phone": "No", "text": "Yes"}}, {"TCPA calls": "declined"},
    {"I agree to be contacted": "Yes - text messages only"}, {"Text me only": True},
    {"I do not want to be called": "yes"}, {"Do not call me": ["Do not call me"]},
    {"Please do not contact me by": ["Phone", "Mail"]}, {"opt_outs": ["voice", "email"]},
    {"No contactar por": "Teléfono"}, {"do_not_contact": {"phone": True, "email": False}},
    {"dnd_settings": {"Call": {"status": "active"}}}, {"Unsafe ways to contact me": "Calls"},
    {"Safe ways to contact me": ["Text to cell phone"]}, {"Safe ways to contact me": "None"},
    {"ways[]": ["Text", "Letter"]}, {"formas[]": ["Texto", "Carta"]}, {"choices[]": ["Text"]},
    {"options": ["Text", "Email"]}, {"opciones": "Correo"},
    {"Do not allow Phone Calls": "Do Not Allow"}, {"Do not allow calls": "Allow on weekends"},
    {"safe_contact": {"phone": False, "text": True}}, {"Formas seguras de contacto": "Mensaje"},
    {"question": "May we call you?", "answer": "Not by phone"},
    {"message": "I can't take phone calls at my house. Please email."},
    {"comments": "No me llamen, mi esposo revisa mi teléfono"}, {"best_time": "text only plz"},
)  # fmt: skip
"""One refusal each, of the same kinds as the handed ones, in other words and shapes."""
ORDINARY: tuple[dict[str, Any], ...] = (
    {}, {"preferred_contact": "Phone"}, {"preferred_contact": "Phone or text"},
    {"preferred_contact": "Any"}, {"Preferred contact method": "Cell phone"},
    {"Preferred contact time": "Evening"}, {"How did you hear about us?": "Email"},
    {"Safe ways to contact me": ["Phone", "Text"]}, {"do_not_call": "no"}, {"opted_out": False},
    {"consent": ["phone", "email"]}, {"consent": {"phone": True, "sms": False}},
    {"consent": {"granted": True, "text": "I agree to be called"}},
    {"Please do not contact me by": ["Mail"]}, {"Do not contact me by email": "yes"},
    {"contact_by_phone": "on", "contact_by_email": ""}, {"contact_by_phone": "", "by_email": ""},
    {"newsletter": False}, {"marketing_consent": {"email": False}}, {"sms_opt_in": "no"},
    {"utm_medium": "email"}, {"contact_source": "text"}, {"contact_type": "lead"},
    {"message": "call or text, either"}, {"best_time": "not before noon"},
    {"emergency_contact_method": "email"}, {"unsubscribe_url": "https://example.com/u"},
    {"opt_out_text": "Reply STOP to opt out"}, {"Can we text you?": "no"},
    {"I agree to receive calls and texts. Msg rates apply. Reply STOP to opt out.": "on"},
    {"consent": "I agree to be called, even if I am on a Do Not Call list. I can opt out."},
    {"phones": [{"type": "mobile", "number": GIVEN, "active": False}]}, {"call_recording": "no"},
    {"status": "active"}, {"progress": 40}, {"spam_score": 0.2}, {"honeypot": ""},
    {"message": "I am in a draft-dodging mood"}, {"state": "Partial"}, {"is_complete": True},
    {"ways[]": ["Call", "Text"]}, {"options": ["Meditation", "Email"]}, {"options": ["Detox"]},
    {"Do not allow Phone Calls": "Allow"}, {"donotphone": "Allow"}, {"Do not bulk email": "Allow"},
    {"No permitir llamadas": "Permitir"}, {"options": ["Phone", "Text"]},
    {"Have you completed treatment?": "No"}, {"Employment status": "On hold"},
)  # fmt: skip
UNFINISHED_OR_SPAM: tuple[dict[str, Any], ...] = (
    {"saved_for_later": True}, {"submit_status": "not submitted"}, {"held_for_moderation": 1},
    {"isPartial": 1}, {"autosave": True}, {"complete": False}, {"is_submitted": "false"},
    {"entry": {"status": "incomplete"}}, {"submission_status": "in_progress"},
    {"event": "form.abandoned"}, {"status": "borrador"}, {"meta": {"is_draft": True}},
    {"entry_status": "partially_completed"}, {"is_spam": True}, {"akismet": "spam"},
    {"flags": ["spam"]}, {"is_bot": True}, {"_gotcha": "https://example.com"},
    {"marked_as_spam": "yes"}, {"status": {"name": "Spam"}}, {"is_human": False},
    {"lead_quality": "junk"}, {"disposition": "spam"}, {"trash": "1"}, {"is_test_data": 1},
    {"type": "submission.quarantined"}, {"moderation_status": "held"},
)  # fmt: skip


def is_free_to_ring(request: FormRequest) -> bool:
    refusal = request.consent is False or request.safe_to_call is False or request.limits
    return request.phone is not None and request.event == SUBMISSION and not refusal


def faults() -> Iterator[Any]:
    for group in GROUPS:
        for path in sorted((FAULTS / group).glob("*.json")):
            yield pytest.param(path, id=f"{group}/{path.stem}")


@pytest.mark.parametrize("path", list(faults()))
def test_a_body_that_was_found_wrong_in_the_field_is_read_right(path: Path) -> None:
    case = json.loads(path.read_text("utf-8"))
    body, expected = path.with_suffix(".body").read_bytes(), case["expected"]
    request = form_reading.read_form_request(
        body, case["content_type"], kind=case["kind"], region=case["region"]
    )
    assert {name: getattr(request, name) for name in READ if name in expected} == {
        name: expected[name] for name in READ if name in expected
    }
    if "admitted" not in expected["state"] or "held" in expected:
        assert not is_free_to_ring(request)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_a_refusal_beside_any_agreement_is_a_refusal(refusal: dict[str, Any]) -> None:
    for agreement in AGREEMENTS:
        request = read({"phone": GIVEN, "name": "Ana", **agreement, **refusal})
        assert not is_free_to_ring(request), agreement


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_where_a_refusal_stands_does_not_matter(refusal: dict[str, Any]) -> None:
    dice = random.Random(str(refusal))
    for _ in range(5):
        fields = list({**dice.choice(AGREEMENTS), "phone": GIVEN, "name": "Ana", **refusal}.items())
        dice.shuffle(fields)
        wrapped = dice.choice([dict(fields), {"data": dict(fields)}, {"form": dict(fields)}])
        assert not is_free_to_ring(read(wrapped)), wrapped


@pytest.mark.parametrize("fields", ORDINARY, ids=str)
def test_an_ordinary_form_goes_straight_through(fields: dict[str, Any]) -> None:
    assert is_free_to_ring(read({"phone": GIVEN, "name": "Ana", **fields}))


def test_the_examples_of_all_tools_go_straight_through() -> None:
    requests = [
        form_reading.read_form_request(body, kind_of_text, kind=kind, region="US")
        for kind in vendor_kinds()
        for kind_of_text, body in [example_post(kind)]
    ]
    assert [request.limits for request in requests if request.limits] == []
    assert all(request.safe_to_call is not False for request in requests)


@pytest.mark.parametrize("fields", UNFINISHED_OR_SPAM, ids=str)
def test_what_its_tool_calls_unfinished_or_spam_rings_nobody(fields: dict[str, Any]) -> None:
    request = read({"phone": GIVEN, "name": "Ana", **fields})
    assert request.phone is None or request.event != SUBMISSION


@pytest.mark.parametrize(
    ("sent", "consent"),
    [
        ("consent=0&consent=1", True),
        ("consent=true&consent=false", True),
        ("consent=off&consent=on", True),
        ("consent%5Bphone%5D=0&consent%5Bphone%5D=1", True),
        ("consent=0", False),
        ("consent=yes&consent=no", False),
        ("consent=no&consent=yes", False),
        ("consent%5Bphone%5D=0&consent%5Bemail%5D=1", False),
        ("consent%5B%5D=email&consent%5B%5D=text", False),
        ("do_not_call=0&do_not_call=1", False),
        ("do_not_call=0", None),
    ],
)
def test_a_hidden_value_beside_a_box_is_no_second_answer(sent: str, *, consent: bool) -> None:
    body = f"name=Ana&phone=3155550142&{sent}".encode()
    request = form_reading.read_form_request(body, FORM, region="US")
    assert (request.phone, request.consent) == (NUMBER, consent)


@pytest.mark.parametrize(
    "fields",
    [
        {"9.1": "", "9.2": "I agree to be called.", "9.3": "4"},
        {"input_9_1": "0", "input_9_2": "I agree to be called.", "input_9_3": "4"},
        {"fields": [{"label": "I agree to be called", "checked": False}]},
        {"consent": {"text": "I agree to be called", "checked": False}},
        {"answers": [{"question": "Consent", "answer": {"text": "Call me", "checked": False}}]},
    ],
)
def test_the_wording_beside_an_unticked_box_is_no_agreement(fields: dict[str, Any]) -> None:
    assert read({"phone": GIVEN, "name": "Ana", **fields}).consent is False


def test_a_limit_is_quoted_with_its_question() -> None:
    request = read({"phone": GIVEN, "Preferred contact": "Text", "message": "Hello. Do not call!"})
    assert request.limits == ["Preferred contact: Text", "message: Hello. Do not call!"]


def test_discreet_is_a_caution_and_no_refusal() -> None:
    request = read({"phone": GIVEN, "How can we safely contact you?": "Please be discreet"})
    assert is_free_to_ring(request)
    assert request.cautions == ["How can we safely contact you? Please be discreet"]
