"""Gravity Forms' fields and their parts, which it names by numbers, the same in every form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import has_consent_phrase

NAME = (2, 3, 4, 6, 8)  # prefix, first, middle, last, suffix
ADDRESS = {1: "street", 2: "street", 3: "city", 4: "state", 5: "zip", 6: "country"}
TICK, WORDING, REVISION = 1, 2, 3
NUMBERED_PART = re.compile(r"(?:input_)?(?P<field>\d{1,6})[._](?P<part>[1-3])")
NO_TICK = frozenset({"", "0", "false", "no", "off"})
TICKED = frozenset({"1", "true", "yes", "on", "checked"})
LONGEST_PART = 3  # digits: inputs count up to 999


def join_consent_inputs(items: Iterable[FormField]) -> list[FormField]:
    """Join the tick, the wording and the revision of consents, however their numbers are written.

    The wording is sent whether or not the box was ticked.
    """
    rest: list[FormField] = []
    parts: dict[tuple[str, str], dict[int, FormField]] = {}
    for item in items:
        named = NUMBERED_PART.fullmatch(item.key)
        if named:
            parts.setdefault((item.group, named["field"]), {})[int(named["part"])] = item
        else:
            rest.append(item)
    for (group, field), inputs in parts.items():
        texts = {part: text_of(item.value) for part, item in inputs.items()}
        is_consent = _is_consent(texts) and has_consent_phrase("asks", texts[WORDING])
        joined = FormField(
            field, label=texts.get(WORDING, ""), type="consent", value=texts.get(TICK), group=group
        )
        rest.extend([joined] if is_consent else inputs.values())
    return rest


def join_gravity_inputs(items: Iterable[FormField]) -> list[FormField]:
    """Join the parts of names, addresses and consents; every other field stays as it is."""
    whole: list[FormField] = []
    parts: dict[str, dict[int, FormField]] = {}
    for item in items:
        field, _, part = item.key.partition(".")
        if not item.group and field.isdecimal() and part.isdecimal() and len(part) <= LONGEST_PART:
            parts.setdefault(field, {})[int(part)] = item
        else:
            whole.append(item)
    for field, inputs in parts.items():
        whole.extend(
            _join_inputs_of_field(
                field, {part: text_of(item.value) for part, item in inputs.items()}
            )
        )
    return whole


def _join_inputs_of_field(field: str, texts: Mapping[int, str]) -> list[FormField]:
    if set(texts) <= set(NAME):
        return [
            FormField(
                field,
                type="full_name",
                value=" ".join(texts[part] for part in sorted(texts) if texts[part]),
            )
        ]
    if _is_consent(texts):
        return [FormField(field, label=texts[WORDING], type="consent", value=texts[TICK])]
    if set(texts) == set(ADDRESS):
        return [FormField(ADDRESS[part], value=text, group=field) for part, text in texts.items()]
    return [FormField(field, value=[text for text in texts.values() if text])]


def _is_consent(texts: Mapping[int, str]) -> bool:
    return (
        set(texts) <= {TICK, WORDING, REVISION}
        and {TICK, WORDING} <= set(texts)
        and texts[TICK].lower() in NO_TICK | TICKED
    )
