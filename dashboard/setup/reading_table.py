"""The reading table: what was understood of a submission, in words.

It is the same wherever somebody looks at a submission.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from dashboard import copyable, page_text, plain_table
from dashboard.language import _
from leads import person_facts
from leads.i18n.translatable import Phrase
from leads.intake.hand_entry import NAMED_TIME_FIELD
from leads.intake.hand_entry_labels import ANSWER_LABELS, QUESTION_LABELS

YES_NO_UNASKED = {True: Phrase("yes"), False: Phrase("no"), None: Phrase("not asked")}
READING_LABELS = {
    "name": person_facts.READING_LABELS["name"],
    "phone": person_facts.READING_LABELS["phone"],
    "phone_as_given": Phrase("Number as entered"),
    "suggested_phone": Phrase("Looks like a number"),
    "suggestions": Phrase("Looks like a number"),
    **person_facts.READING_LABELS,
    "campaign": Phrase("Campaign"),
    "no_dial": Phrase("Someone else's number, never called"),
}
"""The labels of what is read from a form.

`campaign` and those before it are in the order in which people look for them.
"""


def draw_submission_reading(reading: Mapping[str, Any]) -> None:
    """Draw what was understood of a submission."""
    field, read_as = _("Field"), _("Read as")
    understood = [
        {field: _(label), read_as: answer_text(reading[name], name)}
        for name, label in _answered_fields(reading)
    ]
    if understood:
        _draw_titled_table(_("How we read it"), understood)
    else:
        st.write(_("Nothing could be read."))


def draw_form_fields(fields: Sequence[tuple[str, str]]) -> None:
    """Draw the form's own fields, if there are any, as they are called there."""
    lines = [
        {_("Field"): field_label(label), _("Value"): answer_text(value, label)}
        for label, value in fields
    ]
    if lines:
        _draw_titled_table(_("Form fields"), lines)


def answer_text(value: object, name: str = "") -> str:
    """Return an answer in words."""
    if name == "suggestions" and isinstance(value, list):
        return "\n".join(f"{one['number']}: “{one['label']}”" for one in value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return _(YES_NO_UNASKED[value])
    if name == NAMED_TIME_FIELD:
        return _named_time_text(str(value))
    fact, entered = person_facts.FACTS_BY_NAME.get(name), ANSWER_LABELS.get(name, {})
    answer = entered.get(str(value), str(value))
    return _spell_label(fact.answer_label(answer) if fact else answer)


def field_label(name: str) -> str:
    """Return what a field of a form is called: in our words where the form is ours."""
    fact = person_facts.FACTS_BY_NAME.get(name)
    return _spell_label(QUESTION_LABELS.get(name) or (fact and fact.reading_label) or name)


def _spell_label(label: str) -> str:
    """Return a label of ours in the viewer's language, and what somebody wrote as they wrote it."""
    return _(label) if isinstance(label, Phrase) else label


def _named_time_text(written: str) -> str:
    try:
        named = datetime.fromisoformat(written)
    except ValueError:
        return written
    return f"{page_text.day_text(named.date())}, {page_text.time_of_day_text(named.time())}"


def draw_raw_body(body: str) -> None:
    """Draw what arrived, letter for letter."""
    st.caption(_("Received data"))
    copyable.draw_long_text(_("Received data"), body)


def _draw_titled_table(title: str, rows: Sequence[Mapping[str, str]]) -> None:
    st.caption(title)
    plain_table.draw_plain_table(title, rows)


def _answered_fields(reading: Mapping[str, Any]) -> list[tuple[str, Phrase]]:
    return [
        (name, label)
        for name, label in READING_LABELS.items()
        if reading.get(name) not in (None, "", [])
        and not (name == "suggested_phone" and reading.get("suggestions"))
    ]
