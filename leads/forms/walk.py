"""Reading a body of which nothing is known but that it is a form: find the answers wherever they stand."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from leads import phone
from leads.forms.decode import Tree
from leads.forms.item import Item, text_of

KEYS = (
    "key",
    "name",
    "column_id",
    "fieldName",
    "field_name",
    "slug",
    "ref",
    "id",
    "field",
    "field_id",
    "fieldId",
    "variable",
)
LABELS = ("label", "title", "question", "text", "column_name", "fieldLabel", "field_label", "displayName", "prompt")
VALUES = ("value", "values", "answer", "answers", "string_value", "response", "fieldValue", "field_value", "userData")
TYPES = ("type", "fieldType", "field_type", "answer_type")
OPTIONS = ("options", "choices")
CONTACT = re.compile(r"phone|e-?mail|\btel\b|mobile|(first|last)_?name|telefono|teléfono|correo", re.IGNORECASE)
"""A map with one of these holds several answers, and describes none."""
MOST_DESCRIPTION = 14  # what describes one answer has no more parts than this

FIRST, MIDDLE, LAST = ("first", "firstname", "given", "givenname"), ("middle", "middlename"), (
    "last", "lastname", "family", "familyname", "surname",
)  # fmt: skip
WHOLE = ("full", "e164", "fullname", "formatted", "international", "internationalformat", "firstandlast", "complete")
AROUND_A_NAME = {"middleinitial", "prefix", "suffix", "title", "honorific", "initials"}
UNKNOWN_COUNTRY = "(+?)"
"""Stands in a number whose country is stated, but not understood: it cannot be dialled."""
COUNTRY, AREA, LOCAL = (
    ("dialcode", "callingcode", "countrycode", "code", "country", "countryshortname"),
    ("area", "areacode"),
    ("phone", "number"),
)


def items_of(tree: Tree) -> list[Item]:
    """Return the answers in a body, the outermost first."""
    found: list[Item] = []
    levels: deque[tuple[str, str, Any, bool]] = deque([("", "", tree, False)])
    while levels:
        group, key, node, is_listed = levels.popleft()
        row = as_row(node, key, group, is_listed=is_listed)
        if row is not None:
            found.append(row)
        elif isinstance(node, dict):
            inner = f"{group}.{key}" if group else key
            levels.extend((inner, name, child, False) for name, child in node.items())
        elif isinstance(node, list) and any(isinstance(child, (dict, list)) for child in node):
            levels.extend((group, key, child, True) for child in node)
        else:
            found.append(Item(key, value=node, group=group))
    return found


def as_row(node: Any, key: str, group: str, *, is_listed: bool = False) -> Item | None:
    """Return the answer that a map describes, `{label, type, value}` by whatever names; None if it is no such map."""
    if not isinstance(node, Mapping):
        return None
    whole = compound(node)
    if whole is not None and key:
        return Item(key, type="full_name" if _is_name(node) else "", value=whole, group=group)
    if any(CONTACT.search(name) for name in node):
        return None
    value_at = next((name for name in VALUES if name in node), None)
    keyed, titled = _first(node, KEYS), _first(node, LABELS)
    if value_at is None or len(node) > MOST_DESCRIPTION or not (keyed or titled or key):
        return None
    value = flat_value(node[value_at])
    if value is NotImplemented:
        return None
    options = tuple(_options(node))
    row = Item(
        keyed or (titled if is_listed else "") or key or titled, titled, _first(node, TYPES), value, options, group
    )
    return row.chosen()


def flat_value(value: Any) -> Any:
    """Return a value without depth: text, or a list of texts; NotImplemented where it is a form of its own."""
    if isinstance(value, Mapping):
        whole = compound(value)
        inner = next((value[name] for name in ("value", "answer", "label", "text", "name") if name in value), None)
        return whole if whole is not None else inner if _is_plain(inner) and inner is not None else NotImplemented
    if isinstance(value, list):
        flat = [flat_value(one) for one in value]
        return NotImplemented if any(one is NotImplemented or isinstance(one, list) for one in flat) else flat
    return value


def compound(node: Mapping[str, Any]) -> str | None:
    """Return the one text that the parts of a name or of a number make; None if the map is something else."""
    parts = {re.sub(r"[^a-z0-9]", "", name.lower()): value for name, value in node.items()}
    if not parts or not all(_is_plain(value) for value in parts.values()):
        return None
    if set(parts) <= {*FIRST, *MIDDLE, *LAST, *WHOLE, *AROUND_A_NAME} and set(parts) & {*FIRST, *LAST, *WHOLE}:
        name = [_part(parts, FIRST), _part(parts, MIDDLE), _part(parts, LAST)]
        return " ".join(filter(None, name)) or _part(parts, WHOLE)
    known = {*WHOLE, *COUNTRY, *AREA, *LOCAL, "extension", "ext", "national", "valid", "countryname"}
    if set(parts) <= known and len(parts) > 1 and set(parts) & {*WHOLE, *AREA, "number"}:
        return _part(parts, WHOLE) or _number(parts)
    return None


def _is_name(node: Mapping[str, Any]) -> bool:
    parts = {re.sub(r"[^a-z]", "", name.lower()): text_of(value) for name, value in node.items()}
    given = [text for name, text in parts.items() if name in {*FIRST, *LAST}]
    return any(given) and not any(re.search(r"[\d@/]", text) for text in given)


def _number(parts: Mapping[str, Any]) -> str:
    local, country = f"{_part(parts, AREA)} {_part(parts, LOCAL)}".strip(), _part(parts, COUNTRY)
    if not local or local.startswith("+") or not country:
        return local
    region = phone.stated_region(country)
    return f"+{phone.calling_code(region)} {local}" if region else f"{country} {UNKNOWN_COUNTRY} {local}"


def _part(parts: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := text_of(parts.get(name)))), "")


def _options(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    listed = _first_list(node)
    for option in listed:
        if isinstance(option, Mapping):
            known = text_of(option.get("id", option.get("value")))
            words = _first(option, ("text", "label", "name", "title"))
            if known and words:
                yield known, words


def _first_list(node: Mapping[str, Any]) -> list[Any]:
    return next((node[name] for name in OPTIONS if isinstance(node.get(name), list)), [])


def _first(node: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = (node.get(name) for name in names)
    return next((text for value in found if _is_plain(value) and (text := text_of(value))), "")


def _is_plain(value: Any) -> bool:
    return not isinstance(value, (Mapping, list))
