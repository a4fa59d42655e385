"""How form tools sign what they send.

Each written down from its own documentation, apart from what checks it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime

from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEXT_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
Headers = dict[str, str]
Sender = Callable[[str, bytes, datetime, str], Headers]
"""Secret, body, time of sending and the address it is sent to; the headers that go with it."""


def keyed(secret: str, signed: bytes) -> hmac.HMAC:
    return hmac.new(secret.encode(), signed, "sha256")


def standard_webhooks(
    secret: str, body: bytes, at: datetime, _url: str, *, brand: str = "webhook"
) -> Headers:
    return {
        f"{brand}-id": "msg_1",
        f"{brand}-timestamp": _seconds(at),
        f"{brand}-signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }


def svix(secret: str, body: bytes, at: datetime, url: str) -> Headers:
    return standard_webhooks(secret, body, at, url, brand="svix")


def typeform(secret: str, body: bytes, _at: datetime, _url: str) -> Headers:
    return {"Typeform-Signature": "sha256=" + _base64(keyed(secret, body).digest())}


def webflow(secret: str, body: bytes, at: datetime, _url: str) -> Headers:
    signed = _milliseconds(at).encode() + b":" + body
    return {
        "x-webflow-timestamp": _milliseconds(at),
        "x-webflow-signature": keyed(secret, signed).hexdigest(),
    }


def hubspot_v1(secret: str, body: bytes, _at: datetime, _url: str) -> Headers:
    signature = hashlib.sha256(secret.encode() + body).hexdigest()
    return {"X-HubSpot-Signature": signature, "X-HubSpot-Signature-Version": "v1"}


def hubspot_v2(secret: str, body: bytes, _at: datetime, url: str) -> Headers:
    signature = hashlib.sha256(f"{secret}POST{url}".encode() + body).hexdigest()
    return {"X-HubSpot-Signature": signature, "X-HubSpot-Signature-Version": "v2"}


def hubspot_v3(secret: str, body: bytes, at: datetime, url: str) -> Headers:
    signed = f"POST{url}".encode() + body + _milliseconds(at).encode()
    signature = _base64(keyed(secret, signed).digest())
    return {"X-HubSpot-Request-Timestamp": _milliseconds(at), "X-HubSpot-Signature-v3": signature}


def meta(secret: str, body: bytes, _at: datetime, _url: str) -> Headers:
    return {"X-Hub-Signature-256": "sha256=" + keyed(secret, body).hexdigest()}


def linkedin(secret: str, body: bytes, _at: datetime, _url: str) -> Headers:
    return {"X-LI-Signature": keyed(secret, b"hmacsha256=" + body).hexdigest()}


def tally(secret: str, body: bytes, _at: datetime, _url: str) -> Headers:
    return {"Tally-Signature": _base64(keyed(secret, body).digest())}


def wpforms(secret: str, body: bytes, at: datetime, _url: str) -> Headers:
    return {"X-WPForms-Webhook-Signature": f"t={_seconds(at)},v={_signed_at(secret, body, at)}"}


def formspree(secret: str, body: bytes, at: datetime, _url: str) -> Headers:
    return {"Formspree-Signature": f"t={_seconds(at)},v1={_signed_at(secret, body, at)}"}


def netlify(secret: str, body: bytes, _at: datetime, _url: str) -> Headers:
    claims = {"iss": "netlify", "sha256": hashlib.sha256(body).hexdigest()}
    signed = ".".join(
        _segment(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)
    )
    return {"X-Webhook-Signature": f"{signed}.{_segment(keyed(secret, signed.encode()).digest())}"}


def callrail(secret: str, body: bytes, _at: datetime, _url: str) -> Headers:
    return {"Signature": _base64(hmac.new(secret.encode(), body, "sha1").digest())}


def opnform(secret: str, body: bytes, _at: datetime, _url: str) -> Headers:
    return {"X-Webhook-Signature": "sha256=" + keyed(secret, body).hexdigest()}


SENDERS: dict[str, tuple[str, Sender]] = {
    "standard_webhooks": ("standard_webhooks", standard_webhooks),
    "svix": ("standard_webhooks", svix),
    "typeform": ("typeform", typeform),
    "webflow": ("webflow", webflow),
    "hubspot_v1": ("hubspot", hubspot_v1),
    "hubspot_v2": ("hubspot", hubspot_v2),
    "hubspot_v3": ("hubspot", hubspot_v3),
    "meta": ("meta", meta),
    "linkedin": ("linkedin", linkedin),
    "tally": ("tally", tally),
    "wpforms": ("wpforms", wpforms),
    "formspree": ("formspree", formspree),
    "netlify": ("netlify", netlify),
    "callrail": ("callrail", callrail),
    "generic, standard": ("generic", standard_webhooks),
    "jotform, by github's way": ("jotform", meta),
    "generic, by opnform's way": ("generic", opnform),
}
"""Every way to sign, and the kind of source that takes it."""

HUBSPOT_SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
PUBLISHED: dict[str, tuple[str, str, bytes, Headers, str, float]] = {
    # github.com/standard-webhooks/standard-webhooks, libraries/python/tests
    "standard webhooks": (
        "standard_webhooks",
        SECRET,
        b'{"test": 2432232314}',
        {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        "",
        1614265330,
    ),
    # docs.github.com, validating webhook deliveries
    "github": (
        "meta",
        "It's a Secret to Everybody",
        b"Hello, World!",
        {
            "X-Hub-Signature-256": "sha256="
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        },
        "",
        0,
    ),
    # developers.hubspot.com, validating requests; the third one is in hubspot-api-python's tests
    "hubspot v1": (
        "hubspot",
        HUBSPOT_SECRET,
        (
            b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
            b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,'
            b'"changeSource":"CRM",'
            b'"changeFlag":"NEW","appId":54321}]'
        ),
        {
            "X-HubSpot-Signature": "232db2615f3d666fe21a8ec971ac7b54"
            "02d33b9a925784df3ca654d05f4817de",
            "X-HubSpot-Signature-Version": "v1",
        },
        "",
        0,
    ),
    "hubspot v2": (
        "hubspot",
        HUBSPOT_SECRET,
        b'{"example_field":"example_value"}',
        {
            "X-HubSpot-Signature": "9569219f8ba981ffa6f6f16aa0f48637"
            "d35d728c7e4d93d0d52efaa512af7900",
            "X-HubSpot-Signature-Version": "v2",
        },
        "https://www.example.com/webhook_uri",
        0,
    ),
    "hubspot v3": (
        "hubspot",
        HUBSPOT_SECRET,
        b"{'example_field':'example_value'}",
        {
            "X-HubSpot-Request-Timestamp": "1693657560000",
            "X-HubSpot-Signature-v3": "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=",
        },
        "https://www.example.com/webhook_uri",
        1693657560,
    ),
}
"""What the makers themselves give as examples.

Kind, secret, body, headers, address, time of sending.
"""


def _signed_at(secret: str, body: bytes, at: datetime) -> str:
    return keyed(secret, f"{_seconds(at)}.".encode() + body).hexdigest()


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def _milliseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _base64(signature: bytes) -> str:
    return base64.b64encode(signature).decode()


def _segment(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")
