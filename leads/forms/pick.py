"""From fields to what we need of them: who to ring, where, when and how safely."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from leads import phone
from leads.errors import BadSubmission
from leads.forms.decode import Pairs

NAMES: dict[str, tuple[str, ...]] = {
    "name": ("name", "full_name", "your_name"),
    "first_name": ("first_name", "firstname", "given_name"),
    "last_name": ("last_name", "lastname", "family_name", "surname"),
    "phone": ("phone", "phone_number", "phonenumber", "telephone", "tel", "mobile", "mobile_phone", "cell_phone"),
    "email": ("email", "email_address", "e_mail"),
    "message": ("message", "comments", "comment"),
    "for_whom": ("for_whom",),
    "any_hour": ("any_hour",),
    "best_time": ("best_time",),
    "safe_to_call": ("safe_to_call",),
    "safe_to_voicemail": ("safe_to_voicemail",),
    "safe_to_text": ("safe_to_text",),
    "consent": ("consent",),
    "consent_text": ("consent_text",),
    "page_url": ("page_url",),
    "campaign": ("campaign",),
    "city": ("city",),
    "region": ("region", "state"),
    "zip": ("zip", "zip_code", "postal_code"),
    "language": ("language",),
    "id": ("id",),
}
"""Our own field names, and for the plainest of them what others call the same thing. Other tools: recipes."""

FIELD_OF = {alias: name for name, aliases in NAMES.items() for alias in aliases}

YES_OR_NO = frozenset({"any_hour", "safe_to_call", "safe_to_voicemail", "safe_to_text", "consent"})
TRUE = frozenset(
    {"true", "yes", "y", "on", "ok", "okay", "checked", "agree", "agreed", "accept", "accepted", "si", "sí"}
)
FALSE = frozenset({"false", "no", "n", "off", "none", "never", "unchecked", "decline", "declined"})
LONGEST_ID = 200
NEGATION = re.compile(r"(please |i )*(do not|don[\u2019']?t|not|never|unsafe|give no|no acepto|no doy)\b")
AGREEING = ("i agree", "i consent", "i accept", "i give", "acepto", "estoy de acuerdo", "doy mi consentimiento")

WHOM = {
    "self": "self", "myself": "self", "me": "self", "for myself": "self",
    "loved_one": "loved_one", "loved one": "loved_one", "someone i love": "loved_one", "family": "loved_one",
    "professional": "professional", "as a professional": "professional",
}  # fmt: skip


@dataclass(frozen=True)
class FormRequest:
    """A request to be rung, as read from one submission. None means: never said."""

    phone: str | None
    name: str = ""
    email: str = ""
    message: str = ""
    for_whom: str = ""
    any_hour: bool | None = None
    best_time: str = ""
    safe_to_call: bool | None = None
    safe_to_voicemail: bool | None = None
    safe_to_text: bool | None = None
    consent: bool | None = None
    consent_text: str = ""
    page_url: str = ""
    campaign: str = ""
    city: str = ""
    region: str = ""
    zip: str = ""
    language: str = ""
    vendor_id: str | None = None
    phone_as_given: str = ""
    unknown: dict[str, list[Any]] = field(default_factory=dict)


def pick(fields: Pairs, *, region: str) -> FormRequest:
    """Read the fields, with numbers meant as in `region`. What is not understood is kept under `unknown`.

    Raises BadSubmission when there are no fields at all; a missing or unusable number is `phone=None`.
    """
    found, unknown = _sort_out(fields)
    if not found and not unknown:
        msg = "There are no fields in it."
        raise BadSubmission(msg)

    def text(name: str) -> str:
        return _text(found.get(name))

    given = text("phone")
    return FormRequest(
        phone=phone.normalise(given, region) if given else None,
        phone_as_given=given,
        name=text("name") or f"{text('first_name')} {text('last_name')}".strip(),
        for_whom=WHOM.get(text("for_whom").lower(), text("for_whom")),
        consent=_consent(found.get("consent")),
        vendor_id=_id(text("id")) or None,
        any_hour=_truth(found.get("any_hour")),
        safe_to_call=_truth(found.get("safe_to_call")),
        safe_to_voicemail=_truth(found.get("safe_to_voicemail")),
        safe_to_text=_truth(found.get("safe_to_text")),
        email=text("email"),
        message=text("message"),
        best_time=text("best_time"),
        consent_text=text("consent_text"),
        page_url=text("page_url"),
        campaign=text("campaign"),
        city=text("city"),
        region=text("region"),
        zip=text("zip"),
        language=text("language"),
        unknown=unknown,
    )


def _sort_out(fields: Pairs) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The first non-empty value of a known name counts, beside the number before elsewhere; the rest is kept as well.

    An `id` counts only where it stands beside the number or around it: a form and a page have ids of their own.
    """
    found: dict[str, Any] = {}
    unknown: dict[str, list[Any]] = {}
    home = next((label for label, value in fields if _name(label) == "phone" and value not in (None, "")), "")
    for label, sent in sorted(fields, key=lambda field: _way(field[0]) != _way(home)):
        value = sent.strip() if isinstance(sent, str) else sent
        name = _name(label)
        if name == "id" and not home.startswith(_way(label)):
            name = None
        if name and found.get(name) in (None, ""):
            found[name] = value
        elif value not in (None, "") and (name is None or (name not in YES_OR_NO and found[name] != value)):
            unknown.setdefault(label, []).append(value)
    return found, unknown


def _way(label: str) -> str:
    """Return the way to a field, such as `data.fields.`; nothing for an outermost one."""
    return label.removesuffix(label.rpartition(".")[2])


def _name(label: str) -> str | None:
    """Return which of our fields a label means, by its last part where it tells the way to it."""
    return FIELD_OF.get(_plain(label)) or FIELD_OF.get(_plain(label.rpartition(".")[2]))


def _plain(label: str) -> str:
    return re.sub(r"[\s\-]+", "_", label.strip().lower())


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _id(text: str) -> str:
    """Databases index short texts only."""
    return text if len(text) <= LONGEST_ID else hashlib.sha256(text.encode()).hexdigest()


def _truth(value: Any, unsure: Callable[[str], bool | None] = lambda _text: None) -> bool | None:
    """Read a truth value: words and numbers. Words that are neither yes nor no say nothing."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value != 0
    words = str(value).strip().lower()
    if not words:
        return None
    if words.isdecimal():
        return any(int(digit) for digit in words)
    return _yes_or_no(words, unsure)


def _yes_or_no(words: str, unsure: Callable[[str], bool | None]) -> bool | None:
    if NEGATION.match(words):
        return False
    first = next(iter(re.findall(r"[^\W_]{2,}|\b[yn]\b", words)), "")
    if first in TRUE:
        return True
    return False if first in FALSE else unsure(words)


def _consent(value: Any) -> bool | None:
    """A ticked box often sends its own label."""
    return _truth(value, lambda words: True if words.startswith(AGREEING) else None)
