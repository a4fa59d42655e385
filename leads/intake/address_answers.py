"""Answers in the address: what a form tool writes behind the question mark, beside or for a body.

Pure.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any
from urllib.parse import parse_qsl

from leads.forms.form_field import SUBMISSION, FormField
from leads.forms.owner_answers import gives_number_to_another
from leads.forms.request import FormRequest
from leads.i18n.messages import Message, MessageKey

HANDSHAKE_PARAMETERS = frozenset(
    {"hub.mode", "hub.challenge", "hub.verify_token", "challengeCode"}
)  # of a handshake, not of a person
TECHNICAL_PARAMETERS = frozenset(
    {"_", "t", "ts", "time", "timestamp", "cb", "cachebust", "nocache", "rand", "v", "test", "ping"}
)
"""What keeps pages out of caches, or says that somebody only looks whether we are there."""

TECHNICAL_VALUE = re.compile(r"1\d{9}(\d{3})?|[a-z0-9.]{0,6}", re.IGNORECASE)
BARE_ANSWER = re.compile(r"[\d@\s]")  # what a word without a value may still say
CAMPAIGN_PARAMETERS = re.compile(r"utm_\w+|gclid|fbclid|msclkid")
MAY_DIFFER = frozenset(
    {
        "page_url", "campaign", "language", "consent_text", "phone_as_given", "suggested_phone",
        "suggestions",
    }
)  # fmt: skip
"""Facts of which the body's count where the address has another: no person gave two answers."""

DECIDE_THE_CALL = ("phone", "reason", "no_dial")


def holds_answers(query: str) -> bool:
    """Whether anybody may have answered something in a query: nothing that may be is passed over.

    A handshake, a campaign and what keeps pages out of caches are no answers.
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    return any(_is_answer(name, value.strip() or name) for name, value in pairs if name or value)


def _is_answer(name: str, value: str) -> bool:
    if name in HANDSHAKE_PARAMETERS or CAMPAIGN_PARAMETERS.fullmatch(name):
        return False
    is_blank = value == name and not BARE_ANSWER.search(name)
    is_technical = name.lower() in TECHNICAL_PARAMETERS and TECHNICAL_VALUE.fullmatch(value)
    return not (is_blank or is_technical)


def arrival_hash(body: bytes, query: str) -> str:
    """Return the SHA-256 by which the very same arrival is known again."""
    return hashlib.sha256(body + b"?" + query.encode() if query else body).hexdigest()


def combine_requests(in_body: FormRequest, in_query: FormRequest) -> FormRequest:
    """Return body and address read as one submission; a person decides where they disagree.

    An id in the address is often the form's own, the same for everybody: it tells nobody apart.
    """
    values = {
        field.name: _combine_values(getattr(in_body, field.name), getattr(in_query, field.name))
        for field in fields(FormRequest)
    }
    values |= {"vendor_id": in_body.vendor_id, "event": in_body.event}
    together = FormRequest(**values)
    if not _parts_disagree(in_body, in_query):
        return together
    return replace(
        together,
        phone=None,
        event=SUBMISSION,
        suggested_phone=in_body.phone or in_query.phone or together.suggested_phone,
        reason=Message(MessageKey.ADDRESS_SAYS_OTHERWISE),
    )


def _parts_disagree(in_body: FormRequest, in_query: FormRequest) -> bool:
    """Whether the two parts say different things of the person, or of whom may be rung."""
    if in_body.event != in_query.event or (in_query.phone or "") in in_body.no_dial:
        return True
    number = {request.phone for request in (in_body, in_query) if request.phone}
    is_unclear = any(
        request.phone is None and (request.reason or request.phone_as_given)
        for request in (in_body, in_query)
    )
    if len(number) > 1 or (number and is_unclear) or _gives_number_away(in_body, in_query):
        return True
    said = {field.name for field in fields(FormRequest)} - MAY_DIFFER - {"event", *DECIDE_THE_CALL}
    said.discard("vendor_id")
    return any(_answers_differ(getattr(in_body, name), getattr(in_query, name)) for name in said)


def _gives_number_away(in_body: FormRequest, in_query: FormRequest) -> bool:
    """Whether the part without the number says that it is anybody's but the sender's."""
    names = [request.name for request in (in_body, in_query) if request.name]
    rows = (row for request in (in_body, in_query) if not request.phone for row in request.fields)
    answers = (FormField(row["key"], row["label"], value=row["value"]) for row in rows)
    return any(
        gives_number_to_another(item, own_names=names) for item in answers if not item.is_blank
    )


def _answers_differ(one: Any, other: Any) -> bool:
    if isinstance(one, bool) and isinstance(other, bool):
        return one is not other
    if isinstance(one, str) and isinstance(other, str):
        plain = [" ".join(text.casefold().split()) for text in (one, other)]
        return all(plain) and plain[0] != plain[1]
    return False


def _combine_values(one: Any, other: Any) -> Any:
    """Return what both parts say of one fact; a no counts before a yes."""
    if isinstance(one, bool) and isinstance(other, bool):
        return one and other
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *(entry for entry in other if entry not in one)]
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {**other, **one}
    return other if one in (None, "") else one
