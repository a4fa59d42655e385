"""Submission events: what a body reports, where its tool says so in words that all tools use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leads.forms.body_decoding import Tree
from leads.forms.form_field import DELETED, OTHER, PARTIAL, SUBMISSION, TEST, UPDATED
from leads.forms.label_vocabulary import plain_words
from leads.i18n.messages import Message, MessageKey

NAMES_AN_EVENT = frozenset(
    {
        "event",
        "eventtype",
        "eventname",
        "triggertype",
        "triggerevent",
        "webhookevent",
        "leadaction",
        "evento",
    }
)
MAY_NAME_AN_EVENT = frozenset({"type", "trigger", "action", "topic"})
"""Names of event fields that people give to their own questions as well."""
STATUS = frozenset(
    {
        "status",
        "responsestatus",
        "submissionstatus",
        "entrystatus",
        "leadstatus",
        "completionstatus",
        "mode",
    }
)
ENVELOPES = frozenset(
    {
        "meta",
        "metadata",
        "event",
        "webhook",
        "data",
        "payload",
        "body",
        "submission",
        "entry",
        "response",
        "record",
    }
)
DEEPEST_ENVELOPE = 3

VERBS = {
    "updated": UPDATED, "update": UPDATED, "edited": UPDATED, "edit": UPDATED, "changed": UPDATED,
    "change": UPDATED,
    "modified": UPDATED, "merged": UPDATED, "deleted": DELETED, "delete": DELETED,
    "removed": DELETED,
    "canceled": DELETED, "cancelled": DELETED, "trashed": DELETED, "trash": DELETED,
    "partial": PARTIAL,
    "abandoned": PARTIAL, "incomplete": PARTIAL, "draft": PARTIAL, "started": PARTIAL,
    "unfinished": PARTIAL,
    "abandonment": PARTIAL, "test": TEST, "testing": TEST, "ping": TEST,
    "unsubscribe": OTHER, "unsubscribed": OTHER, "spam": OTHER,
    "eliminado": DELETED, "borrado": DELETED, "actualizado": UPDATED, "prueba": TEST,
    "parcial": PARTIAL,
}  # fmt: skip
STATUSES = {
    **{
        word: event
        for word, event in VERBS.items()
        if word not in ("change", "started", "testing", "ping")
    },
    "in_progress": PARTIAL,
    "in-progress": PARTIAL,
}
RECORD_NOUNS = frozenset(
    {
        "form", "forms", "submission", "submissions", "response", "responses", "entry", "entries",
        "lead", "leads",
        "contact", "contacts", "record", "invitee", "appointment", "booking", "registration",
        "webhook", "answer",
        "respondent", "event", "person", "customer", "customers", "profile", "user", "row", "item",
        "subscriber",
    }
)  # fmt: skip
CREATION_WORDS = frozenset(
    {
        "created", "create", "new", "submitted", "submit", "completed", "complete", "received",
        "receive", "added",
        "add", "sent", "send", "finished", "subscribe", "subscribed", "insert", "inserted",
        "generate", "scheduled",
        "schedule", "captured", "capture", "signup", "optin", "filled", "success", "done",
        "posted", "post", "live",
        "final", "requested", "fill", "converted", "conversion", "triggered", "opted",
    }
)  # fmt: skip
NEUTRAL_EVENT_WORDS = frozenset(
    {
        "web", "website", "site", "page", "landing", "us", "a", "the", "after", "gform", "wpforms",
        "gtm", "mail",
        "elementor", "frm", "formsubmission", "hook", "hooks", "http", "call", "back", "ask",
        "help", "message",
        "inquiry", "enquiry", "request", "callback", "application", "questionnaire", "survey",
        "quiz", "intake",
        "opt", "in", "popup", "leadgen", "zap", "demo", "on",
    }
)  # fmt: skip
"""Words that change nothing in the name of an event."""
REQUEST_WORDS = RECORD_NOUNS | CREATION_WORDS | NEUTRAL_EVENT_WORDS
SUBMITTED = frozenset({"submit", "submitted", "submission"})
OTHER_KINDS = frozenset({"call", "calls", "sms", "voicemail", "profile", "upemail"})
"""Events of telephone and mailing systems that are no form: whole texts, spelled as here."""
SYSTEM_EVENT_VERBS = frozenset(
    {
        "created", "create", "updated", "update", "deleted", "delete", "completed", "received",
        "added", "paid",
        "failed", "inbound", "outbound", "opened", "clicked", "viewed", "assigned", "refunded",
        "answered", "missed",
        "ended",
    }
)  # fmt: skip
COMMERCE_WORDS = frozenset(
    {
        "purchase", "order", "invoice", "payment", "charge", "refund", "subscription", "checkout",
        "opportunity",
        "deal", "task", "note", "sms", "voicemail", "chat", "status", "cart",
    }
)  # fmt: skip

FLAGS: tuple[tuple[frozenset[str], bool, str], ...] = (
    (
        frozenset(
            {
                "istest",
                "testmode",
                "istestsubmission",
                "test",
                "testing",
                "ispreview",
                "istestlead",
                "sandbox",
                "prueba",
                "esprueba",
            }
        ),
        True,
        TEST,
    ),
    (frozenset({"livemode"}), False, TEST),
    (frozenset({"deleted", "isdeleted", "trashed", "istrashed"}), True, DELETED),
    (frozenset({"partial", "ispartial", "draft", "isdraft", "isincomplete"}), True, PARTIAL),
    (
        frozenset({"iscomplete", "iscompleted", "completed", "finished", "isfinished"}),
        False,
        PARTIAL,
    ),
    (frozenset({"spam", "isspam"}), True, OTHER),
)
"""Names of truth values, the value that counts, and the event that it reports."""
MACHINE_WRITTEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*")
COMPOUND_EVENT_NAME = re.compile(r"[._:/]|[a-z][A-Z]")
SHOWABLE_EVENT_NAME = re.compile(r"(?!.*\d{5})[A-Za-z0-9._-]{1,40}")


@dataclass(frozen=True)
class DetectedEvent:
    """The event that a body reports of a submission.

    `doubt`: a sentence that says why a person has to see whether it is a request.
    """

    event: str = SUBMISSION
    doubt: str = ""


def detect_submission_event(tree: Tree) -> DetectedEvent:
    """Return the event that a body reports: that a form was sent, where nothing says otherwise.

    People's own answers may be among these words: a word counts only where a tool would put it and
    as a tool would write it. What might be either is left to a person.
    """
    detected = list(_find_submission_events(tree))
    sure = next((one for one in detected if one.event != SUBMISSION), None)
    return sure or next(iter(detected), DetectedEvent())


def _find_submission_events(tree: Any, depth: int = 0) -> Iterator[DetectedEvent]:
    while isinstance(tree, list) and len(tree) == 1:
        tree = tree[0]
    if not isinstance(tree, dict):
        return
    yield from filter(
        None, (_event_from_flag(_letters_only(name), value) for name, value in tree.items())
    )
    yield from filter(
        None,
        (
            _event_from_text_field(_letters_only(name), value)
            for name, value in tree.items()
            if isinstance(value, str)
        ),
    )
    inner = (
        child for name, child in tree.items() if _letters_only(name) in ENVELOPES or len(tree) == 1
    )
    for child in inner if depth < DEEPEST_ENVELOPE else ():
        yield from _find_submission_events(child, depth + 1)


def _letters_only(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _event_from_flag(name: str, value: Any) -> DetectedEvent | None:
    wanted = next(((counts, event) for names, counts, event in FLAGS if name in names), None)
    if wanted is None or not isinstance(value, (str, int)):
        return None
    counts, event = wanted
    words = ("1", "true") if counts else ("0", "false")
    in_words = ("yes" if counts else "no",) if name.startswith("is") or name == "testmode" else ()
    return (
        _make_detected_event(event, name.removeprefix("is"))
        if str(value).strip().lower() in words + in_words
        else None
    )


def _event_from_text_field(name: str, text: str) -> DetectedEvent | None:
    if name in STATUS:
        event = STATUSES.get(text.strip().lower(), "")
    elif name in NAMES_AN_EVENT | MAY_NAME_AN_EVENT:
        event = _event_from_words(name, text.strip()) or (
            OTHER if _is_foreign_event(name, text.strip()) else ""
        )
    else:
        return None
    return _make_detected_event(event, text.strip()) if event else None


def _event_from_words(name: str, text: str) -> str:
    """Return the event that a text names by a verb alone, or beside nothing but its record."""
    said = plain_words(text)
    verbs = [VERBS[word] for word in said if word in VERBS]
    around = RECORD_NOUNS - {"event"} if name in NAMES_AN_EVENT else ()
    is_one_word = bool(MACHINE_WRITTEN.fullmatch(text)) and not set(said).isdisjoint(around)
    if not verbs or not (is_one_word or set(said) <= RECORD_NOUNS | CREATION_WORDS | set(VERBS)):
        return ""
    is_partial_treatment = len(said) == 1 and name in MAY_NAME_AN_EVENT and verbs[0] == PARTIAL
    return OTHER if is_partial_treatment else verbs[-1]


def _is_foreign_event(name: str, text: str) -> bool:
    """Whether the tool seems to report an event that is no form, in words people hardly write."""
    words = set(plain_words(text))
    is_joined = bool(MACHINE_WRITTEN.fullmatch(text) and COMPOUND_EVENT_NAME.search(text))
    if name == "action":
        return False  # the sites' own software writes what it likes there
    if words <= REQUEST_WORDS or words & SUBMITTED:
        return text in OTHER_KINDS
    if name in MAY_NAME_AN_EVENT:
        return text in OTHER_KINDS or (is_joined and bool(words & SYSTEM_EVENT_VERBS))
    return is_joined or (
        bool(words & COMMERCE_WORDS)
        and words <= COMMERCE_WORDS | SYSTEM_EVENT_VERBS | REQUEST_WORDS
    )


def _make_detected_event(event: str, text: str) -> DetectedEvent:
    return _doubtful_event(text) if event == OTHER else DetectedEvent(event)


def _doubtful_event(word: str) -> DetectedEvent:
    return DetectedEvent(
        doubt=Message(MessageKey.TOOL_CALLS_IT, word=word)
        if SHOWABLE_EVENT_NAME.fullmatch(word)
        else Message(MessageKey.MAY_BE_SOMETHING_ELSE)
    )
