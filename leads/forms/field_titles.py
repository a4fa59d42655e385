"""Field titles: what a form asked, where that stands apart from the answers.

Wufoo's FieldStructure is an example.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from leads.forms.body_decoding import Tree
from leads.forms.compound_fields import with_plain_names
from leads.forms.form_field import FormField, text_of

DEFINITION_LISTS = frozenset(
    {
        "fields", "questions", "fieldstructure", "schema", "columns", "elements", "controls",
        "formfields", "labels",
        "inputs", "components", "subfields", "fieldlabels", "fieldnames", "questionlabels",
        "titles", "headers",
    }
)  # fmt: skip
"""The names of lists in which tools define their fields.

Lists of other things have ids and titles, too.
"""
IDS = ("id", "key", "ref", "fieldid", "questionid", "name", "apiname", "slug", "code")
TITLES = ("title", "label", "heading", "question", "questiontext", "text", "displayname", "name")
TYPES = ("type", "fieldtype", "questiontype")
ANSWER_NAMES = frozenset({"value", "values", "answer", "answers", "response"})
Titles = dict[str, tuple[str, str]]
"""The title and the type of each field, by the field's id.

The title is empty where two fields have the same id.
"""


def add_field_titles(items: Iterable[FormField], tree: Tree) -> tuple[FormField, ...]:
    """Return the answers with titles, from the body's definitions where an answer has none."""
    known: Titles = {}
    for key, title, kind in _find_field_definitions(tree, "", ""):
        before = known.get(key, (title, ""))[0]
        known[key] = (title if title.startswith(before or " ") else "", kind)
    return tuple(_with_missing_title(item, *known.get(item.key, ("", ""))) for item in items)


def _with_missing_title(item: FormField, title: str, kind: str) -> FormField:
    if not title or item.label or text_of(item.value) == title or title == item.key:
        return item
    return replace(item, label=title, type=item.type or kind)


def _find_field_definitions(node: Any, name: str, around: str) -> Iterator[tuple[str, str, str]]:
    """Yield id, title and type of each field that the body defines.

    The parts of a question are called by its title, too.
    """
    if isinstance(node, Mapping):
        inner = with_plain_names(node)
        if name in DEFINITION_LISTS and all(isinstance(value, str) for value in node.values()):
            yield from ((key, title.strip(), "") for key, title in node.items())
            return
        yield from _read_labels_beside_fields(node)
        for below, child in inner.items():
            yield from _find_field_definitions(child, below, around if below == "subfields" else "")
    elif isinstance(node, list):
        for child in node:
            yield from (
                _read_field_definition(child, around)
                if name in DEFINITION_LISTS and isinstance(child, Mapping)
                else ()
            )
            title = (
                _first_definition_text(with_plain_names(child), TITLES)
                if isinstance(child, Mapping)
                else ""
            )
            yield from _find_field_definitions(child, "", title)


def _read_labels_beside_fields(node: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the fields of a map whose titles stand beside them, as `label-dmform-0` in Duda."""
    for name, title in node.items():
        key = name.removeprefix("label-").removeprefix("label_")
        if key != name and key in node and isinstance(title, str):
            yield key, title.strip(), ""


def _read_field_definition(node: Mapping[str, Any], around: str) -> Iterator[tuple[str, str, str]]:
    parts = with_plain_names(node)
    title = _first_definition_text(parts, TITLES)
    if title and not ANSWER_NAMES & set(parts):
        said = f"{around} {title}".strip()
        ids = dict.fromkeys(
            text for name in IDS if (text := _first_definition_text(parts, (name,)))
        )
        yield from ((key, said, _first_definition_text(parts, TYPES)) for key in ids)


def _first_definition_text(parts: Mapping[str, Any], names: Iterable[str]) -> str:
    values = (parts.get(name) for name in names)
    return next(
        (
            text
            for value in values
            if not isinstance(value, (Mapping, list)) and (text := text_of(value))
        ),
        "",
    )
