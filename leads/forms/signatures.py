"""Proof that a submission comes from where its source says, by the secrets the source was given."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from leads.errors import BadSignature

TOLERANCE = timedelta(minutes=5)  # Standard Webhooks, "Verifying signatures"


def verify(kind: str, secrets: Iterable[str], headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
    """Accept a request that proves it knows one of the source's secrets; a source without secrets accepts all.

    A `standard_webhooks` source wants Standard Webhooks' signature over the body; any other one takes that
    or the secret itself in `Authorization: Bearer`. Header names are lower case.
    Raises BadSignature, whatever nonsense the headers hold.
    """
    secrets = tuple(secrets)
    if not secrets:
        return
    if any(_is_signed(secret, headers, body, now) for secret in secrets):
        return
    if kind != "standard_webhooks" and any(_is_bearer(secret, headers) for secret in secrets):
        return
    msg = "The request is not signed with this source's secret."
    raise BadSignature(msg)


def delivery_id(headers: Mapping[str, str]) -> str | None:
    """Return the sender's id of this delivery, the same whenever it is repeated."""
    return headers.get("webhook-id") or headers.get("svix-id")


def _is_bearer(secret: str, headers: Mapping[str, str]) -> bool:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return bool(secret) and scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), secret.encode())


def _is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    given = headers.get("webhook-signature") or headers.get("svix-signature", "")
    stamp = headers.get("webhook-timestamp") or headers.get("svix-timestamp", "")
    message_id = delivery_id(headers)
    if not secret or not message_id or not _is_recent(stamp, now):
        return False
    wanted = hmac.digest(_key(secret), f"{message_id}.{stamp}.".encode() + body, hashlib.sha256)
    encoded = base64.b64encode(wanted)
    return any(
        hmac.compare_digest(part.removeprefix("v1,").encode(), encoded)
        for part in given.split(" ")
        if part.startswith("v1,")
    )


def _is_recent(stamp: str, now: datetime) -> bool:
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):  # noqa: PLR2004 - no date has more digits
        return False
    try:
        sent_at = datetime.fromtimestamp(int(stamp), UTC)
    except (OverflowError, ValueError, OSError):
        return False
    return abs(now - sent_at) <= TOLERANCE


def _key(secret: str) -> bytes:
    """Return the key: base64 behind `whsec_`, the plain text otherwise."""
    if not secret.startswith("whsec_"):
        return secret.encode()
    coded = secret.removeprefix("whsec_").rstrip("=")
    try:
        return base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
    except ValueError:
        return secret.encode()
