"""A form tool's own kind of post, with its kind of proof: what is sent to see whether a source takes it."""

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
from leads.forms.signatures import EPOCH, Delivery, Scheme
from leads.forms.vendor_recipes import VENDORS, kinds

Prover = Callable[[Scheme, str, Delivery, datetime], Delivery]


@functools.cache
def example(kind: str) -> tuple[str, bytes]:
    """Return a content type and a body as this tool sends them; the one in it is nobody."""
    path = VENDORS / f"{kind if kind in kinds() else 'generic'}.http"
    head, _, body = path.read_bytes().partition(b"\n\n")
    return head.decode().removeprefix("Content-Type: "), body


def proven(kind: str, secret: str, delivery: Delivery, *, now: datetime, delivery_id: str) -> Delivery:
    """Return the delivery with the proof that a tool of this kind adds, as proofs.toml says; else with a bearer token.

    `delivery.urls` holds the one address it is sent to.
    """
    if not signatures.signs(kind):
        return _with(delivery, {"authorization": f"Bearer {secret}"})
    scheme = signatures.schemes_of(kind)[0]
    return _PROVERS[scheme.way](scheme, secret, _with(delivery, {scheme.id: delivery_id} if scheme.id else {}), now)


def _signed(scheme: Scheme, secret: str, delivery: Delivery, now: datetime) -> Delivery:
    time = str(round((now - EPOCH).total_seconds() * (1000 if scheme.unit == "ms" else 1))) if scheme.time else ""
    key = signatures.keys(scheme, secret)[0]
    signature = signatures.sign(scheme, secret, key, delivery, time=time, url=delivery.urls[0]).decode()
    if scheme.part:
        return _with(delivery, {scheme.header: f"{scheme.time}={time},{scheme.part}={signature}"})
    stamped = _with(delivery, {scheme.time: time} if scheme.time else {})
    return _with(stamped, {scheme.header: scheme.prefix + signature, **scheme.when})


def _vouched_for(scheme: Scheme, secret: str, delivery: Delivery, _now: datetime) -> Delivery:
    claims = {"sha256": hashlib.sha256(delivery.body).hexdigest()}
    signed = b".".join(_coded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    token = signed + b"." + _coded(hmac.digest(secret.encode(), signed, scheme.hash))
    return _with(delivery, {scheme.header: token.decode()})


def _held_in_body(scheme: Scheme, secret: str, delivery: Delivery, _now: datetime) -> Delivery:
    body = json.dumps({**json.loads(delivery.body), scheme.header: secret}).encode()
    return replace(delivery, body=body)


_PROVERS: dict[str, Prover] = {"signature": _signed, "token": _vouched_for, "field": _held_in_body}


def _with(delivery: Delivery, headers: dict[str, str]) -> Delivery:
    return replace(delivery, headers={**delivery.headers, **headers})


def _coded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")
