"""Vendor examples: a form tool's own kind of post with its kind of proof, to test a source with."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from leads.forms import signatures
from leads.forms.signatures import EPOCH, InboundDelivery, ProofScheme
from leads.forms.vendor_recipes import VENDORS, vendor_kinds

Prover = Callable[[ProofScheme, str, InboundDelivery, datetime], InboundDelivery]


@functools.cache
def example_post(kind: str) -> tuple[str, bytes]:
    """Return a content type and a body as a tool of this kind sends them; its person is made up."""
    path = VENDORS / f"{kind if kind in vendor_kinds() else 'generic'}.http"
    head, _, body = path.read_bytes().partition(b"\n\n")
    return head.decode().removeprefix("Content-Type: "), body


def add_vendor_proof(
    kind: str, secret: str, delivery: InboundDelivery, *, now: datetime, delivery_id: str
) -> InboundDelivery:
    """Return a delivery with the proof that a tool of this kind adds, as proofs.toml says.

    Where the tool has none, it is a bearer token. `delivery.urls` holds the one address it is sent
    to.
    """
    if not signatures.has_vendor_proof(kind):
        return _add_headers(delivery, {"authorization": f"Bearer {secret}"})
    scheme = signatures.accepted_schemes(kind)[0]
    return _PROVERS[scheme.way](
        scheme, secret, _add_headers(delivery, {scheme.id: delivery_id} if scheme.id else {}), now
    )


def _add_signature(
    scheme: ProofScheme, secret: str, delivery: InboundDelivery, now: datetime
) -> InboundDelivery:
    time = (
        str(round((now - EPOCH).total_seconds() * (1000 if scheme.unit == "ms" else 1)))
        if scheme.time
        else ""
    )
    key = signatures.possible_signing_keys(scheme, secret)[0]
    signature = signatures.compute_proof_signature(
        scheme, secret, key, delivery, time=time, url=delivery.urls[0]
    ).decode()
    if scheme.part:
        return _add_headers(
            delivery, {scheme.header: f"{scheme.time}={time},{scheme.part}={signature}"}
        )
    stamped = _add_headers(delivery, {scheme.time: time} if scheme.time else {})
    return _add_headers(stamped, {scheme.header: scheme.prefix + signature, **scheme.when})


def _add_jwt(
    scheme: ProofScheme, secret: str, delivery: InboundDelivery, _now: datetime
) -> InboundDelivery:
    claims = {"sha256": hashlib.sha256(delivery.body).hexdigest()}
    signed = b".".join(
        _encode_base64url(json.dumps(part).encode())
        for part in ({"alg": "HS256", "typ": "JWT"}, claims)
    )
    token = signed + b"." + _encode_base64url(hmac.digest(secret.encode(), signed, scheme.hash))
    return _add_headers(delivery, {scheme.header: token.decode()})


def _add_secret_to_body(
    scheme: ProofScheme, secret: str, delivery: InboundDelivery, _now: datetime
) -> InboundDelivery:
    body = json.dumps({**json.loads(delivery.body), scheme.header: secret}).encode()
    return replace(delivery, body=body)


_PROVERS: dict[str, Prover] = {
    "signature": _add_signature,
    "token": _add_jwt,
    "field": _add_secret_to_body,
}


def _add_headers(delivery: InboundDelivery, headers: dict[str, str]) -> InboundDelivery:
    return replace(delivery, headers={**delivery.headers, **headers})


def _encode_base64url(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")
