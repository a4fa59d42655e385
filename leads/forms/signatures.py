"""Signatures: proof that a submission comes from where its source says.

The secrets that the source was given prove it.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import itertools
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from leads.errors import BadSignature
from leads.forms.body_decoding import decompress_body
from leads.i18n.messages import Message, MessageKey

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOT_SIGNED = Message(MessageKey.BAD_SIGNATURE)
LONGEST_TIME = 13  # digits: enough for milliseconds until 2286


@dataclass(frozen=True)
class InboundDelivery:
    """One request of a form tool, as it came. Header names are lower case.

    `urls` are the addresses that the sender may have used: only the sender knows what it calls us.
    """

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    urls: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class ProofScheme:
    """One way in which a tool proves its deliveries; proofs.toml says what the words mean."""

    header: str
    way: str = "signature"
    part: str = ""
    prefix: str = ""
    message: str = "{body}"
    hash: str = "sha256"
    keyed: bool = True
    encoding: str = "hex"
    key: str = "text"
    time: str = ""
    unit: str = "s"
    tolerance: int = 300
    id: str = ""
    when: Mapping[str, str] = field(default_factory=dict)
    unescaped: str = ""


class ProvenPart(StrEnum):
    """What a proof vouches for."""

    BODY = "body"
    BODY_AND_ADDRESS = "body_and_address"


def verify_delivery(
    kind: str, secrets: Iterable[str], delivery: InboundDelivery, *, now: datetime
) -> ProvenPart:
    """Accept a delivery that proves that it knows one of the source's secrets.

    Returns what the proof vouches for: what else came with the request may be anybody's. A source
    without secrets accepts all. Which proofs count follows from the source's kind. Raises
    BadSignature for any other, whatever nonsense the headers hold.
    """
    secrets = tuple(secrets)
    sent = [delivery, *_decompressed_deliveries(delivery)]
    if not secrets:
        return ProvenPart.BODY_AND_ADDRESS
    proven = {
        part
        for variant in sent
        for secret in filter(None, secrets)
        for part in _parts_proven_by_secret(kind, secret, variant, now)
    }
    if proven:
        return max(proven, key=list(ProvenPart).index)
    timed = (scheme for scheme in accepted_schemes(kind) if scheme.time)
    ages = (
        _signature_age(*by, now=now) for by in itertools.product(timed, filter(None, secrets), sent)
    )
    late = next(filter(None, ages), None)
    raise BadSignature(_clock_mismatch_message(late) if late else NOT_SIGNED)


def delivery_id(headers: Mapping[str, str]) -> str | None:
    """Return the sender's id of a delivery, the same whenever the delivery is repeated."""
    return headers.get("webhook-id") or headers.get("svix-id")


def accepted_schemes(kind: str) -> tuple[ProofScheme, ...]:
    """Return the signature schemes that a source of this kind accepts."""
    accepted = _load_proof_settings()["kinds"].get(
        kind, _load_proof_settings()["other_kinds"]["accept"]
    )
    return tuple(_load_proof_schemes()[name] for name in accepted)


def _parts_proven_by_secret(
    kind: str, secret: str, delivery: InboundDelivery, now: datetime
) -> Iterator[ProvenPart]:
    """Yield what each proof that fits vouches for.

    A secret that is only shown signs nothing: the tool adds it to whatever address its page was
    opened with, and a link with answers in it is anybody's to send.
    """
    for scheme in accepted_schemes(kind):
        if _CHECK_BY_WAY[scheme.way](scheme, secret, delivery, now):
            yield _part_covered_by(scheme)
    may_be_shown = kind not in _load_proof_settings()["shown"]["never"]
    if may_be_shown and _has_secret_in_headers(secret, delivery.headers):
        yield ProvenPart.BODY


def _part_covered_by(scheme: ProofScheme) -> ProvenPart:
    return ProvenPart.BODY_AND_ADDRESS if "{url}" in scheme.message else ProvenPart.BODY


def _decompressed_deliveries(delivery: InboundDelivery) -> list[InboundDelivery]:
    """Return the delivery with its body decompressed, if it is compressed.

    Some senders sign a body before they compress it.
    """
    plain = decompress_body(delivery.body)
    return [] if plain in (None, delivery.body) else [replace(delivery, body=plain)]


def _signature_age(
    scheme: ProofScheme, secret: str, delivery: InboundDelivery, *, now: datetime
) -> timedelta | None:
    """Return the age of a delivery's signature if it is correct; negative if it is of the future.

    The time is not checked here: a correct signature that is too old has an age too.
    """
    sent_at = _parse_signature_time(scheme, _read_signature_header(scheme, delivery.headers)[1])
    return (
        now - sent_at
        if sent_at is not None and _has_correct_signature(scheme, secret, delivery)
        else None
    )


def _clock_mismatch_message(age: timedelta) -> Message:
    key = MessageKey.SIGNED_AHEAD if age < timedelta() else MessageKey.SIGNED_LONG_AGO
    return Message(key, minutes=round(abs(age) / timedelta(minutes=1)))


def has_vendor_proof(kind: str) -> bool:
    """Whether a tool of this kind proves its submissions in a way of its own."""
    return kind in _load_proof_settings()["kinds"]


def compute_proof_signature(
    scheme: ProofScheme, secret: str, key: bytes, delivery: InboundDelivery, *, time: str, url: str
) -> bytes:
    """Return the signature that a scheme wants for a delivery."""
    message = _build_signed_message(scheme, secret, delivery, time, url)
    digest = (
        hmac.digest(key, message, scheme.hash)
        if scheme.keyed
        else hashlib.new(scheme.hash, message).digest()
    )
    return base64.b64encode(digest) if scheme.encoding == "base64" else digest.hex().encode()


def possible_signing_keys(scheme: ProofScheme, secret: str) -> list[bytes]:
    """Return the keys that a secret may stand for.

    What follows `whsec_` is base64. Without that the secret may be either: senders read it as text,
    the reference libraries do not.
    """
    if scheme.key == "text":
        return [secret.encode()]
    coded = secret.removeprefix("whsec_").rstrip("=")
    try:
        decoded = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
    except ValueError:
        decoded = b""
    return (
        [decoded]
        if decoded and coded != secret.rstrip("=")
        else [key for key in (decoded, secret.encode()) if key]
    )


def _has_recent_signature(
    scheme: ProofScheme, secret: str, delivery: InboundDelivery, now: datetime
) -> bool:
    sent_at = (
        _parse_signature_time(scheme, _read_signature_header(scheme, delivery.headers)[1])
        if scheme.time
        else now
    )
    is_recent = sent_at is not None and abs(now - sent_at) <= timedelta(seconds=scheme.tolerance)
    return is_recent and _has_correct_signature(scheme, secret, delivery)


def _has_correct_signature(scheme: ProofScheme, secret: str, delivery: InboundDelivery) -> bool:
    """Whether a signature fits the request, whenever it was made."""
    signatures, time = _read_signature_header(scheme, delivery.headers)
    if not all(delivery.headers.get(name, word) == word for name, word in scheme.when.items()):
        return False
    urls = _possible_signed_urls(scheme, delivery.urls) if "{url}" in scheme.message else ("",)
    wanted = [
        compute_proof_signature(scheme, secret, key, delivery, time=time, url=url)
        for key in possible_signing_keys(scheme, secret)
        for url in urls
    ]
    return any(_is_equal_constant_time(given, one) for given in signatures for one in wanted)


def _has_valid_jwt(
    scheme: ProofScheme, secret: str, delivery: InboundDelivery, _now: datetime
) -> bool:
    """Whether a JSON web token (RFC 7515, HS256) vouches for this body.

    Nothing in it is read before it is proven.
    """
    signed, _, signature = delivery.headers.get(scheme.header, "").rpartition(".")
    expected = base64.urlsafe_b64encode(
        hmac.digest(secret.encode(), _header_bytes(signed), scheme.hash)
    )
    if not _is_equal_constant_time(signature, expected.rstrip(b"=")):
        return False
    coded = signed.rpartition(".")[2]
    try:
        claims = json.loads(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)))
    except (ValueError, RecursionError):
        return False
    claimed = claims.get("sha256") if isinstance(claims, dict) else None
    return isinstance(claimed, str) and _is_equal_constant_time(
        claimed, hashlib.sha256(delivery.body).hexdigest().encode()
    )


def _has_secret_in_body(
    scheme: ProofScheme, secret: str, delivery: InboundDelivery, _now: datetime
) -> bool:
    """Whether the secret is a field of the JSON body, whatever capital letters its name has."""
    try:
        fields = json.loads(delivery.body)
    except (ValueError, RecursionError):
        return False
    named = fields.items() if isinstance(fields, dict) else ()
    return any(
        name.lower() == scheme.header
        and isinstance(value, str)
        and _is_equal_constant_time(value, secret.encode())
        for name, value in named
    )


_CHECK_BY_WAY = {
    "signature": _has_recent_signature,
    "token": _has_valid_jwt,
    "field": _has_secret_in_body,
}


def _has_secret_in_headers(secret: str, headers: Mapping[str, str]) -> bool:
    """Whether the secret itself is in a header, in one of the ways that form tools send it."""
    word, _, credentials = headers.get("authorization", "").partition(" ")
    name, colon, value = secret.partition(":")
    pairs = [
        (headers.get(header, ""), secret) for header in _load_proof_settings()["shown"]["headers"]
    ]
    if word.lower() == "bearer":
        pairs.append((credentials, secret))
    if word.lower() == "basic" and colon:
        pairs.append((credentials, base64.b64encode(secret.encode()).decode()))
    if colon and value.strip():
        pairs.append((headers.get(name.strip().lower(), ""), value.strip()))
    return any(_is_equal_constant_time(given.strip(), wanted.encode()) for given, wanted in pairs)


def _read_signature_header(
    scheme: ProofScheme, headers: Mapping[str, str]
) -> tuple[list[str], str]:
    """Return the signatures that the headers give, and the time that they sign."""
    given = headers.get(scheme.header, "")
    if not scheme.part:
        signatures = [
            word.removeprefix(scheme.prefix)
            for word in given.split()
            if word.startswith(scheme.prefix)
        ]
        return signatures, headers.get(scheme.time, "")
    parts = [part.strip().partition("=")[::2] for part in given.split(",")]
    return [value for name, value in parts if name == scheme.part], dict(parts).get(scheme.time, "")


def _parse_signature_time(scheme: ProofScheme, time: str) -> datetime | None:
    if not (time.isascii() and time.isdecimal() and len(time) <= LONGEST_TIME):
        return None
    unit = timedelta(milliseconds=1) if scheme.unit == "ms" else timedelta(seconds=1)
    try:
        return EPOCH + int(time) * unit
    except OverflowError:
        return None


def _possible_signed_urls(scheme: ProofScheme, urls: Iterable[str]) -> Iterable[str]:
    """Return each address as it is written, and as senders write it that leave some unescaped."""
    plain = {f"%{ord(letter):02X}": letter for letter in scheme.unescaped}
    written = [
        re.sub("%[0-9A-Fa-f]{2}", lambda code: plain.get(code[0].upper(), code[0]), url)
        for url in urls
    ]
    return dict.fromkeys((*urls, *written))


def _build_signed_message(
    scheme: ProofScheme, secret: str, delivery: InboundDelivery, time: str, url: str
) -> bytes:
    values = {
        "body": delivery.body,
        "id": _header_bytes(delivery.headers.get(scheme.id, "")),
        "method": _header_bytes(delivery.method),
        "php_json": _form_as_php_json(delivery.body) if "{php_json}" in scheme.message else b"",
        "secret": secret.encode(),
        "time": _header_bytes(time),
        "url": _header_bytes(url),
    }
    return re.sub(rb"{(\w+)}", lambda name: values[name[1].decode()], scheme.message.encode())


def _form_as_php_json(body: bytes) -> bytes:
    """Return form-encoded fields as the JSON that PHP's json_encode writes."""
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return json.dumps(fields, separators=(",", ":")).replace("/", "\\/").encode()


def _is_equal_constant_time(given: str, wanted: bytes) -> bool:
    """Whether a signature is the wanted one, compared in constant time."""
    return hmac.compare_digest(_header_bytes(given), wanted)


def _header_bytes(text: str) -> bytes:
    """Return a header's bytes as they were on the wire."""
    return text.encode("latin-1", "xmlcharrefreplace")


@functools.cache
def _load_proof_settings() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "proofs.toml").read_text("utf-8"))


@functools.cache
def _load_proof_schemes() -> dict[str, ProofScheme]:
    return {name: ProofScheme(**words) for name, words in _load_proof_settings()["scheme"].items()}
