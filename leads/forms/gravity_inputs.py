"""Gravity Forms tells fields by number and the parts of a field by a second one, the same in every form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from leads.forms.form_field import Item, text_of

NAME = (2, 3, 4, 6, 8)  # prefix, first, middle, last, suffix
ADDRESS = {1: "street", 2: "street", 3: "city", 4: "state", 5: "zip", 6: "country"}
TICK, WORDING, REVISION = 1, 2, 3


def named_inputs(items: Iterable[Item]) -> list[Item]:
    """Join the parts of names, addresses and consents; every other field stays as it is."""
    whole: list[Item] = []
    parts: dict[str, dict[int, Item]] = {}
    for item in items:
        field, _, part = item.key.partition(".")
        if not item.group and field.isdecimal() and part.isdecimal() and len(part) <= 3:  # noqa: PLR2004 - inputs count up to 999
            parts.setdefault(field, {})[int(part)] = item
        else:
            whole.append(item)
    for field, inputs in parts.items():
        whole.extend(_joined(field, {part: text_of(item.value) for part, item in inputs.items()}))
    return whole


def _joined(field: str, texts: Mapping[int, str]) -> list[Item]:
    if set(texts) <= set(NAME):
        return [Item(field, type="full_name", value=" ".join(texts[part] for part in sorted(texts) if texts[part]))]
    if set(texts) <= {TICK, WORDING, REVISION} and {TICK, WORDING} <= set(texts) and texts[TICK] in ("", "1"):
        return [Item(field, label=texts[WORDING], type="consent", value=texts[TICK])]
    if set(texts) == set(ADDRESS):
        return [Item(ADDRESS[part], value=text, group=field) for part, text in texts.items()]
    return [Item(field, value=[text for text in texts.values() if text])]
