"""Content erasure: a row loses what is of some classes, and stays.

Figures, ids and what protects the person's number are what a row is kept for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Column
from sqlmodel import SQLModel

from leads.i18n.messages import Message
from leads.models.fields import MessageText, SealedMessageText
from leads.models.requests import Submission
from leads.privacy.data_classes import DataClass, columns_of_class

KEPT_OF_READING = ("campaign",)  # figures are read by it, and it is the advertisement's
NO_NUMBERS: Mapping[str, str] = {}


def erase_content(
    row: SQLModel,
    classes: Collection[DataClass],
    *,
    placeholders: Mapping[str, str] = NO_NUMBERS,
) -> bool:
    """Empty a row's columns of these classes; returns whether there was anything in them.

    `placeholders`: what stands in place of each of the person's numbers from now on.
    """
    is_changed = False
    for column in columns_of_class(type(row), classes):
        before = getattr(row, column.name)
        after = _emptied_value(row, column, before, placeholders)
        if before != after:
            setattr(row, column.name, after)
            is_changed = True
    return is_changed


def _emptied_value(
    row: Any, column: Column[Any], value: Any, placeholders: Mapping[str, str]
) -> Any:
    if column.name == "phone":
        return value if value in placeholders.values() else placeholders.get(value, "")
    if isinstance(row, Submission) and column.name == "reading":
        return {name: value[name] for name in KEPT_OF_READING if value.get(name)}
    if isinstance(row, Submission) and column.name == "body_sha256":
        return f"erased-{row.id}"  # of a short form, the words can be found by trying
    if isinstance(column.type, MessageText | SealedMessageText):
        return value if isinstance(value, Message) and not value.values else ""
    if column.nullable:
        return None
    return type(value)()
