"""What a form asked, where that stands apart from what was answered: Wufoo's FieldStructure and its like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from leads.forms.body_decoding import Tree
from leads.forms.compound_fields import by_plain_name
from leads.forms.form_field import Item, text_of

LISTS = frozenset(
    {
        "fields", "questions", "fieldstructure", "schema", "columns", "elements", "controls", "formfields", "labels",
        "inputs", "components", "subfields", "fieldlabels", "fieldnames", "questionlabels", "titles", "headers",
    }
)  # fmt: skip
"""Where tools list what they ask. Lists of other things have ids and titles, too."""
IDS = ("id", "key", "ref", "fieldid", "questionid", "name", "apiname", "slug", "code")
TITLES = ("title", "label", "heading", "question", "questiontext", "text", "displayname", "name")
TYPES = ("type", "fieldtype", "questiontype")
ANSWERED = frozenset({"value", "values", "answer", "answers", "response"})
Titles = dict[str, tuple[str, str]]
"""The title and the type of a field, by its id; an empty title where two fields have the same id."""


def with_titles(items: Iterable[Item], tree: Tree) -> tuple[Item, ...]:
    """Give each answer without a title the one that stands elsewhere in the body under its key."""
    known: Titles = {}
    for key, title, kind in _definitions(tree, "", ""):
        before = known.get(key, (title, ""))[0]
        known[key] = (title if title.startswith(before or " ") else "", kind)
    return tuple(_titled(item, *known.get(item.key, ("", ""))) for item in items)


def _titled(item: Item, title: str, kind: str) -> Item:
    if not title or item.label or text_of(item.value) == title or title == item.key:
        return item
    return replace(item, label=title, type=item.type or kind)


def _definitions(node: Any, name: str, around: str) -> Iterator[tuple[str, str, str]]:
    """Yield id, title and type of all that the form asks. Parts of a question are called by its title, too."""
    if isinstance(node, Mapping):
        inner = by_plain_name(node)
        if name in LISTS and all(isinstance(value, str) for value in node.values()):
            yield from ((key, title.strip(), "") for key, title in node.items())
            return
        for below, child in inner.items():
            yield from _definitions(child, below, around if below == "subfields" else "")
    elif isinstance(node, list):
        for child in node:
            yield from _definition(child, around) if name in LISTS and isinstance(child, Mapping) else ()
            title = _text(by_plain_name(child), TITLES) if isinstance(child, Mapping) else ""
            yield from _definitions(child, "", title)


def _definition(node: Mapping[str, Any], around: str) -> Iterator[tuple[str, str, str]]:
    parts = by_plain_name(node)
    title = _text(parts, TITLES)
    if title and not ANSWERED & set(parts):
        said = f"{around} {title}".strip()
        ids = dict.fromkeys(text for name in IDS if (text := _text(parts, (name,))))
        yield from ((key, said, _text(parts, TYPES)) for key in ids)


def _text(parts: Mapping[str, Any], names: Iterable[str]) -> str:
    found = (parts.get(name) for name in names)
    return next((text for one in found if not isinstance(one, (Mapping, list)) and (text := text_of(one))), "")
