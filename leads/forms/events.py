"""What a body tells of, where its tool says so in words that all tools use."""

from __future__ import annotations

from typing import Any

from leads.forms.decode import Tree
from leads.forms.item import DELETED, PARTIAL, SUBMISSION, TEST, UPDATED
from leads.forms.words import tokens

SAYS = (
    "event",
    "event_type",
    "eventType",
    "event_name",
    "eventName",
    "type",
    "trigger",
    "triggerType",
    "action",
    "topic",
)
THINGS = frozenset(
    {
        "form", "submission", "response", "entry", "lead", "contact", "record", "invitee", "appointment", "booking",
        "registration", "webhook", "answer", "respondent", "submissions", "entries", "responses", "contacts", "leads",
    }
)  # fmt: skip
VERBS = {
    "updated": UPDATED, "update": UPDATED, "edited": UPDATED, "changed": UPDATED, "modified": UPDATED,
    "deleted": DELETED, "delete": DELETED, "removed": DELETED, "canceled": DELETED, "cancelled": DELETED,
    "trashed": DELETED, "partial": PARTIAL, "abandoned": PARTIAL, "incomplete": PARTIAL, "draft": PARTIAL,
    "started": PARTIAL, "test": TEST, "ping": TEST,
}  # fmt: skip
FLAGS = ("is_test", "isTest", "test_mode", "testMode", "is_test_submission")


def event_of(tree: Tree) -> str:
    """Return what happened to the submission; that it was sent, where nothing says otherwise.

    A word counts only beside what it happened to, as in `form.updated`: a form may have an answer "partial".
    """
    if not isinstance(tree, dict):
        return SUBMISSION
    if any(_is_on(tree.get(flag)) for flag in FLAGS) or tree.get("test") is True:
        return TEST
    for name in SAYS:
        said = tokens(tree[name]) if isinstance(tree.get(name), str) and " " not in tree[name].strip() else ()
        verbs = [VERBS[word] for word in said if word in VERBS]
        if verbs and THINGS.intersection(said):
            return verbs[-1]
    return SUBMISSION


def _is_on(value: Any) -> bool:
    return value is True or (isinstance(value, (str, int)) and str(value).lower() in ("1", "true", "yes"))
