"""Handshakes: what form tools ask an address before they trust it, and the answers.

Pure. A handshake is no submission.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leads.forms.signatures import InboundDelivery

LOOKUP_METHODS = ("GET", "HEAD", "OPTIONS")
DELIVERY_METHODS = ("POST", "PUT", "PATCH")
"""The methods of those who only look, and of those who bring something.

Some tools let their users choose.
"""

LARGEST = 1000  # bytes: no question is longer, and whatever is longer is somebody's submission
EMPTY_PROBES: tuple[Any, ...] = ({}, [], {"test": True})
ECHOABLE_TEXT = re.compile(r"[!-~]{1,500}")
"""A text that we repeat to a stranger, and only as plain text."""

SIGNABLE_CODE = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""A code that we sign for a stranger.

No form can be written with these letters, nor anything else that tools sign.
"""

KINDS_SIGNING_FOR = {"linkedin": ("linkedin", "generic"), "zoom": ("generic",)}
"""The tools whose handshakes want a signature, with the kinds of source that give it."""

UNSIGNED = "Add this source's secret first: without it the address cannot be confirmed."


@dataclass(frozen=True)
class HandshakeReply:
    """The answer to a handshake; there is nothing else to do."""

    body: bytes = b'{"status":"received"}'
    content_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def answer_handshake(
    delivery: InboundDelivery,
    query: Mapping[str, str],
    *,
    kind: str,
    secrets: Sequence[str],
    token: str,
) -> HandshakeReply | None:
    """Return the answer to a handshake or an empty probe.

    None for anything that somebody may have filled out. `token` is the source's own: it, or a
    secret, is what Meta calls the verify token. Where an answer must be signed, the first secret
    signs it.
    """
    if delivery.method in LOOKUP_METHODS:
        return _answer_lookup_request(delivery, query, kind=kind, secrets=secrets, token=token)
    if not delivery.body:
        return _answer_empty_probe(delivery.headers)
    asked = _parse_short_json(delivery.body)
    if any(asked == empty for empty in EMPTY_PROBES):
        return _answer_empty_probe(delivery.headers)
    match asked:
        case {"type": "url_verification", "challenge": str(challenge), **others} if (
            _has_only_plain_extra(others, "token")
        ):
            return _echo_challenge(challenge)
        case {
            "event": "endpoint.url_validation",
            "payload": {"plainToken": str(code), **more},
            **others,
        } if (
            not more
            and _has_only_plain_extra(others, "event_ts")
            and kind in KINDS_SIGNING_FOR["zoom"]
        ):
            return _sign_challenge(code, secrets, "plainToken", "encryptedToken")
    return None


def _answer_lookup_request(
    delivery: InboundDelivery,
    query: Mapping[str, str],
    *,
    kind: str,
    secrets: Sequence[str],
    token: str,
) -> HandshakeReply:
    """Return the answer to a request that brings nothing, such as GET; there always is one."""
    if delivery.method == "OPTIONS":
        return HandshakeReply(headers={"Allow": ", ".join((*LOOKUP_METHODS, *DELIVERY_METHODS))})
    if query.get("hub.mode") == "subscribe" and "hub.challenge" in query:
        given = query.get("hub.verify_token", "").encode()
        if any(hmac.compare_digest(given, known.encode()) for known in (*secrets, token) if known):
            return _echo_challenge(query["hub.challenge"]) or HandshakeReply()
        return _refuse_handshake("The verify token is wrong.", 403)
    if "challengeCode" in query and kind in KINDS_SIGNING_FOR["linkedin"]:
        return (
            _sign_challenge(query["challengeCode"], secrets, "challengeCode", "challengeResponse")
            or HandshakeReply()
        )
    return HandshakeReply()


def _answer_empty_probe(headers: Mapping[str, str]) -> HandshakeReply:
    """Return the answer to an empty delivery; a secret that came with it is sent back."""
    secret = headers.get("x-hook-secret", "")
    return HandshakeReply(
        headers={"X-Hook-Secret": secret} if ECHOABLE_TEXT.fullmatch(secret) else {}
    )


def _echo_challenge(challenge: str) -> HandshakeReply | None:
    return (
        HandshakeReply(challenge.encode(), "text/plain")
        if ECHOABLE_TEXT.fullmatch(challenge)
        else None
    )


def _sign_challenge(
    code: str, secrets: Sequence[str], asked: str, answered: str
) -> HandshakeReply | None:
    if not SIGNABLE_CODE.fullmatch(code):
        return None
    if not secrets:
        return _refuse_handshake(UNSIGNED, 400)
    signature = hmac.digest(secrets[0].encode(), code.encode(), hashlib.sha256).hex()
    return HandshakeReply(json.dumps({asked: code, answered: signature}).encode())


def _has_only_plain_extra(others: Mapping[Any, Any], name: str) -> bool:
    """Whether a question came with no more than one other word or number."""
    return (
        not set(others) - {name}
        and re.fullmatch(r"[A-Za-z0-9]{0,64}", str(others.get(name, ""))) is not None
    )


def _refuse_handshake(sentence: str, status: int) -> HandshakeReply:
    return HandshakeReply(sentence.encode(), "text/plain", status)


def _parse_short_json(body: bytes) -> Any:
    try:
        return json.loads(body) if len(body) <= LARGEST else None
    except (ValueError, RecursionError):
        return None
