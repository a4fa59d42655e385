"""What form tools ask an address before they trust it, and what they are answered. Pure, and no submission."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leads.forms.signatures import Delivery

LOOKS = ("GET", "HEAD", "OPTIONS")
BRINGS = ("POST", "PUT", "PATCH")
"""The methods of those who only look, and of those who bring something: some tools let their users choose."""

LARGEST = 1000  # bytes: no question is longer, and whatever is longer is somebody's submission
EMPTY: tuple[Any, ...] = ({}, [], {"test": True})
ECHOED = re.compile(r"[!-~]{1,500}")
"""What we repeat to a stranger, and only as plain text."""

SIGNED = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""What we sign for a stranger. No form can be written with these letters, nor anything else that tools sign."""

SIGNED_FOR = {"linkedin": ("linkedin", "generic"), "zoom": ("generic",)}
"""Whose questions want a signature, and the kinds of source that give it."""

UNSIGNED = "Give this source its secret first: without it the address cannot be confirmed."


@dataclass(frozen=True)
class Answer:
    """What to answer, and nothing else to do."""

    body: bytes = b'{"status":"received"}'
    content_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(
    delivery: Delivery, query: Mapping[str, str], *, kind: str, secrets: Sequence[str], token: str
) -> Answer | None:
    """Return what a handshake or an empty probe is answered; None for anything that somebody may have filled out.

    `token` is the source's own: it, or a secret, is what Meta calls the verify token. Where an answer must be
    signed, the first secret signs it.
    """
    if delivery.method in LOOKS:
        return _looked(delivery, query, kind=kind, secrets=secrets, token=token)
    if not delivery.body:
        return _probed(delivery.headers)
    asked = _json(delivery.body)
    if any(asked == empty for empty in EMPTY):
        return _probed(delivery.headers)
    match asked:
        case {"type": "url_verification", "challenge": str(challenge), **others} if _is_plain(others, "token"):
            return _echo(challenge)
        case {"event": "endpoint.url_validation", "payload": {"plainToken": str(code), **more}, **others} if (
            not more and _is_plain(others, "event_ts") and kind in SIGNED_FOR["zoom"]
        ):
            return _signed(code, secrets, "plainToken", "encryptedToken")
    return None


def _looked(delivery: Delivery, query: Mapping[str, str], *, kind: str, secrets: Sequence[str], token: str) -> Answer:
    """Answer those who only look: something, always."""
    if delivery.method == "OPTIONS":
        return Answer(headers={"Allow": ", ".join((*LOOKS, *BRINGS))})
    if query.get("hub.mode") == "subscribe" and "hub.challenge" in query:
        given = query.get("hub.verify_token", "").encode()
        if any(hmac.compare_digest(given, known.encode()) for known in (*secrets, token) if known):
            return _echo(query["hub.challenge"]) or Answer()
        return _refused("The verify token is wrong.", 403)
    if "challengeCode" in query and kind in SIGNED_FOR["linkedin"]:
        return _signed(query["challengeCode"], secrets, "challengeCode", "challengeResponse") or Answer()
    return Answer()


def _probed(headers: Mapping[str, str]) -> Answer:
    """Answer an empty delivery; who sends a secret with it wants to see that again."""
    secret = headers.get("x-hook-secret", "")
    return Answer(headers={"X-Hook-Secret": secret} if ECHOED.fullmatch(secret) else {})


def _echo(challenge: str) -> Answer | None:
    return Answer(challenge.encode(), "text/plain") if ECHOED.fullmatch(challenge) else None


def _signed(code: str, secrets: Sequence[str], asked: str, answered: str) -> Answer | None:
    if not SIGNED.fullmatch(code):
        return None
    if not secrets:
        return _refused(UNSIGNED, 400)
    signature = hmac.digest(secrets[0].encode(), code.encode(), hashlib.sha256).hex()
    return Answer(json.dumps({asked: code, answered: signature}).encode())


def _is_plain(others: Mapping[Any, Any], name: str) -> bool:
    """Whether nothing else was sent than one more word or number."""
    return not set(others) - {name} and re.fullmatch(r"[A-Za-z0-9]{0,64}", str(others.get(name, ""))) is not None


def _refused(sentence: str, status: int) -> Answer:
    return Answer(sentence.encode(), "text/plain", status)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if len(body) <= LARGEST else None
    except (ValueError, RecursionError):
        return None
