"""Form fields: what every form tool's body comes down to.

There is one answer after the other, and the event that the body reports.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

SUBMISSION, TEST, PARTIAL, UPDATED, DELETED, OTHER = (
    "submission",
    "test",
    "partial",
    "updated",
    "deleted",
    "other",
)


@dataclass(frozen=True)
class FormField:
    """One answer: what the tool calls the field, what people read beside it, and what was given.

    `group` is the path to the field from outside; answers that belong together share it. `section`:
    the titles that people read above it. `value` is text, a number, a truth value, None, or a list
    of these. `is_key_an_id`: its tool made the key up, and nobody meant anything by it.
    """

    key: str
    label: str = ""
    type: str = ""
    value: Any = None
    options: tuple[tuple[str, str], ...] = ()
    group: str = ""
    section: str = ""
    is_key_an_id: bool = False

    @property
    def path(self) -> str:
        """The field's path in the body."""
        return f"{self.group}.{self.key}" if self.group else self.key

    @property
    def title(self) -> str:
        """What people call the field."""
        return self.label or self.path

    @functools.cached_property
    def is_blank(self) -> bool:
        """Whether nothing was given."""
        return all(
            value is None or (isinstance(value, str) and not value.strip()) for value in self.values
        )

    @functools.cached_property
    def values(self) -> list[Any]:
        """The values that were given, as a list."""
        return self.value if isinstance(self.value, list) else [self.value]

    def with_option_labels(self) -> FormField:
        """Return the field with the words that a person ticked instead of the tool's ids."""
        words = dict(self.options)
        if not words:
            return self
        return replace(
            self, value=[words.get(str(value), value) for value in self.values if value is not None]
        )


@dataclass(frozen=True)
class ParsedSubmission:
    """One submission as its tool means it.

    Both are sentences: `thin` says why nobody's number can be in it, `doubt` why a person has to
    see whether it is a request.
    """

    items: tuple[FormField, ...]
    event: str = SUBMISSION
    vendor_id: str = ""
    campaign: str = ""
    page_url: str = ""
    thin: str = ""
    doubt: str = ""


def text_of(value: Any) -> str:
    """Return a value as text, the items of a list one after the other."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(filter(None, (text_of(one) for one in value)))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def is_single_value(value: Any) -> bool:
    """Whether a value is text, a number, a truth value or nothing, and holds no others."""
    return not isinstance(value, (Mapping, list))
