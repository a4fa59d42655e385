"""What is none of Twilio's requests is refused before it costs anything, and never fails."""

from __future__ import annotations

import pytest
from httpx2 import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from leads.config.settings import load_settings
from notifications.twilio import signed_requests, webhooks
from tests.conftest import NOW
from tests.support.twilio_double import SID, TOKEN

URL = "https://desk.example"
LONG_NUMBER = "9" * 23
ACCOUNT = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "PUBLIC_URL": URL}


def post(path: str, told: dict[str, str], *, signature: str | None = None) -> Response:
    """Post as Twilio does, with its signature unless another one is given."""
    routes = webhooks.twilio_webhook_routes(load_settings(ACCOUNT), now=lambda: NOW)
    signed = RequestValidator(TOKEN).compute_signature(URL + path, told)
    headers = {"X-Twilio-Signature": signed if signature is None else signature}
    return TestClient(Starlette(routes=routes)).post(path, data=told, headers=headers)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/hooks/alerts/{LONG_NUMBER}/pressed", 200),
        ("/hooks/alerts/1/pressed", 200),
        (f"/hooks/sms/{LONG_NUMBER}/status", 404),
        (f"/hooks/voice/abc/party/{LONG_NUMBER}/offer", 404),
        (f"/hooks/voice/abc/party/{LONG_NUMBER}", 404),
    ],
)
def test_a_number_larger_than_any_of_ours_is_nobodys(
    database: str,
    path: str,
    status: int,
) -> None:
    told = {"CallSid": "CA1", "To": "+13155550142", "Digits": "1", "MessageStatus": "sent"}
    assert post(path, told).status_code == status


@pytest.mark.parametrize(
    ("told", "signature"),
    [
        ({"CallSid": "CA1"}, ""),
        ({"CallSid": "CA1"}, "bm8="),
        ({"CallSid": "x" * signed_requests.LARGEST_FORM}, None),
        ({f"f{n}": "" for n in range(signed_requests.MOST_FIELDS + 1)}, None),
    ],
)
def test_what_is_not_signed_or_too_large_is_refused(
    told: dict[str, str], signature: str | None
) -> None:
    refused = post("/hooks/voice/abc/offer", told, signature=signature)
    assert (refused.status_code, refused.text) == (403, "The signature is not Twilio's.")


STEP = "/hooks/voice/abc/offer"
TOLD = {"CallSid": "CA1", "Digits": "1"}


@pytest.mark.parametrize(
    ("signed_url", "signed", "token", "sent", "headers"),
    [
        (f"{URL}{STEP}", TOLD, "f" * 32, TOLD, {}),
        (f"{URL}{STEP}", TOLD, "", TOLD, {}),
        (f"{URL}/hooks/voice/abc/accept", TOLD, TOKEN, TOLD, {}),
        (f"{URL}{STEP}?a=1", TOLD, TOKEN, TOLD, {}),
        (f"https://evil.example{STEP}", TOLD, TOKEN, TOLD, {"Host": "evil.example"}),
        (f"https://evil.example{STEP}", TOLD, TOKEN, TOLD, {"X-Forwarded-Host": "evil.example"}),
        (f"{URL}{STEP}", TOLD, TOKEN, {**TOLD, "Digits": "2"}, {}),
        (f"{URL}{STEP}", TOLD, TOKEN, {**TOLD, "More": ""}, {}),
        (f"{URL}{STEP}", TOLD, TOKEN, {"CallSid": "CA1"}, {}),
        (f"{URL}{STEP}", {}, TOKEN, TOLD, {}),
    ],
)
def test_a_signature_of_something_else_vouches_for_nothing(
    signed_url: str,
    signed: dict[str, str],
    token: str,
    sent: dict[str, str],
    headers: dict[str, str],
) -> None:
    routes = webhooks.twilio_webhook_routes(load_settings(ACCOUNT), now=lambda: NOW)
    signature = RequestValidator(token).compute_signature(signed_url, signed)
    asked = {"X-Twilio-Signature": signature, **headers}
    client = TestClient(Starlette(routes=routes), raise_server_exceptions=False)
    assert client.post(STEP, data=sent, headers=asked).status_code == 403
