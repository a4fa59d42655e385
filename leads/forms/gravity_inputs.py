"""Gravity Forms' fields and their parts, which it names by numbers, the same in every form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from leads.forms.form_field import FormField, text_of

NAME = (2, 3, 4, 6, 8)  # prefix, first, middle, last, suffix
ADDRESS = {1: "street", 2: "street", 3: "city", 4: "state", 5: "zip", 6: "country"}
TICK, WORDING, REVISION = 1, 2, 3
LONGEST_PART = 3  # digits: inputs count up to 999


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
    if (
        set(texts) <= {TICK, WORDING, REVISION}
        and {TICK, WORDING} <= set(texts)
        and texts[TICK] in ("", "1")
    ):
        return [FormField(field, label=texts[WORDING], type="consent", value=texts[TICK])]
    if set(texts) == set(ADDRESS):
        return [FormField(ADDRESS[part], value=text, group=field) for part, text in texts.items()]
    return [FormField(field, value=[text for text in texts.values() if text])]
