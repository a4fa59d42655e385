"""FormRequest: what one submission asks for, and the hash by which a repetition is recognized."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from leads.forms.form_field import SUBMISSION, text_of
from leads.forms.label_vocabulary import plain_words
from leads.i18n.messages import message_as_data, message_from_data
from leads.person_facts import PERSON_FACTS


@dataclass(frozen=True)
class FormRequest:
    """A request to be rung, as read from one submission.

    None means: never said. `suggested_phone` stands in a field that is not known to be theirs, or
    was guessed from the look of a value: a person has to confirm it. `suggestions` are that number
    and others, with what their fields are called. `no_dial` are the numbers of other people in the
    form. `cautions` are what an advisor has to know before the call, `limits` the answers that
    speak against one. `reason` says why no number can be in it, `event` what the body reports.
    """

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
    wished_gender: str = ""
    wished_skill: str = ""
    vendor_id: str | None = None
    phone_as_given: str = ""
    phone_extension: str = ""
    unknown: dict[str, list[Any]] = field(default_factory=dict)
    event: str = SUBMISSION
    suggested_phone: str | None = None
    suggestions: list[dict[str, Any]] = field(default_factory=list)
    no_dial: list[str] = field(default_factory=list)
    reason: str = ""
    fields: list[dict[str, str]] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        """Whether something in the request speaks against a call."""
        return self.consent is False or self.safe_to_call is False or bool(self.limits)

    @property
    def own_words(self) -> str:
        """Everything that the submitter may have written in their own words, a line an answer.

        Whoever needs help writes so in whatever field is there, be it for a name or a place. An
        answer of one word is chosen from a list, except where it is the whole message.
        """
        besides = (text_of(value) for values in self.unknown.values() for value in values)
        said = (self.name, self.city, self.region, self.best_time, self.for_whom, *besides)
        written = (answer for answer in said if " " in answer.strip())
        return "\n".join(filter(None, (self.message, *written)))

    def as_reading(self) -> dict[str, Any]:
        """Return the request as a submission's reading keeps it, with the reason by its key."""
        return {**vars(self), "reason": message_as_data(self.reason)}

    @classmethod
    def from_reading(cls, reading: Mapping[str, Any]) -> Self:
        """Return the request that a reading keeps, of this version or an earlier one."""
        known = {name: value for name, value in reading.items() if name in cls.__dataclass_fields__}
        return cls(**{"phone": None, **known, "reason": message_from_data(reading.get("reason"))})


HASHED_FIELDS = (*(fact.name for fact in PERSON_FACTS if fact.is_hashed), "event")
DELIVERY_METADATA_WORDS = frozenset(
    {
        "id", "ids", "uuid", "guid", "token", "timestamp", "created", "submitted", "updated",
        "received", "sent", "ip",
        "agent", "nonce", "signature", "attempt", "landed", "duration", "captcha", "recaptcha",
        "serial", "key",
        "url", "referrer", "referer", "entry", "sequence", "gclid", "fbclid", "utm", "session",
        "cookie", "version",
    }
)  # fmt: skip
TIMESTAMP_TEXT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*|1\d{9}(\d{3})?(\.\d+)?", re.DOTALL)


def content_hash(request: FormRequest) -> str:
    """Return the SHA-256 of who asked for what.

    The same form sent again has the same hash, under whatever ids and times.
    """
    said: dict[str, Any] = {
        name: _casefolded_text(getattr(request, name)) for name in HASHED_FIELDS
    }
    said["phone"] = request.phone or _casefolded_text(request.phone_as_given)
    said["besides"] = sorted(_other_answers(request))
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _other_answers(request: FormRequest) -> list[list[str]]:
    """Return the answers that are no field of ours, each under the last part of its name.

    A body may be wrapped in another one. What only describes the delivery, such as ids and times,
    is left out.
    """
    return [
        [_casefolded_text(label.rpartition(".")[2]), _casefolded_text(value)]
        for label, values in request.unknown.items()
        for value in values
        if not DELIVERY_METADATA_WORDS.intersection(plain_words(label.rpartition(".")[2]))
        and not TIMESTAMP_TEXT.fullmatch(text_of(value))
    ]


def _casefolded_text(value: Any) -> str:
    return " ".join(text_of(value).casefold().split())
