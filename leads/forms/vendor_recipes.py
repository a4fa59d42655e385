"""Vendor recipes: what each form tool's bodies look like, as data: one file a kind in `vendors`."""

from __future__ import annotations

import functools
import re
import tomllib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from leads.forms.body_decoding import Tree
from leads.forms.call_questions import asks_about_calls
from leads.forms.events import detect_submission_event
from leads.forms.field_sections import children_with_headings
from leads.forms.field_titles import add_field_titles, find_form_questions
from leads.forms.form_field import OTHER, FormField, ParsedSubmission, text_of
from leads.forms.generic_reader import field_from_description, find_form_fields
from leads.forms.gravity_inputs import join_consent_inputs, join_gravity_inputs
from leads.forms.label_vocabulary import match_field_role
from leads.forms.owner_answers import tells_whose_number
from leads.forms.shown_labels import add_shown_labels
from leads.i18n.messages import Message, MessageKey
from leads.person_facts import PERSON_FACTS

VENDORS = Path(__file__).parent / "vendors"
EVENTS = ("test", "deleted", "partial", "updated", OTHER)
MOST_LAYERS = 200  # maps to look at for a body that another tool has wrapped

OWN_FIELD_NAMES = frozenset(
    {fact.name for fact in PERSON_FACTS if fact.is_own_name}
    | {"consent_text", "page_url", "campaign"}
)
"""Our own field names that mean what they say wherever they stand.

`name` and `id` are not among them, which may be the form's.
"""


@dataclass(frozen=True)
class Vendor:
    """One form tool: its name, how to set it up, and where its bodies hold what."""

    kind: str
    title: str
    steps: tuple[str, ...]
    match: ParsedResult | None
    paths: Mapping[str, tuple[ParsedResult, ...]]
    keep: re.Pattern[str] | None
    drop: frozenset[str]
    numbered: bool
    has_id_keys: bool
    repeats_options: bool
    thin_reason: str
    other_reason: str


@functools.cache
def vendor_kinds() -> tuple[str, ...]:
    """Return every kind a source can have, `generic` first."""
    return (
        "generic",
        *sorted(path.stem for path in VENDORS.glob("*.toml") if path.stem != "generic"),
    )


@functools.cache
def load_vendor(kind: str) -> Vendor:
    """Return what is known of a kind of tool; for an unknown kind, that of `generic`."""
    path = VENDORS / f"{kind if kind in vendor_kinds() else 'generic'}.toml"
    known = tomllib.loads(path.read_text("utf-8"))
    match = known.get("match")
    return Vendor(
        kind=kind,
        title=known["title"],
        steps=tuple(known["steps"]),
        match=jmespath.compile(match) if match else None,
        paths={name: tuple(map(jmespath.compile, _as_list(known.get(name, [])))) for name in PATHS},
        keep=re.compile(known["keep"]) if "keep" in known else None,
        drop=frozenset(known.get("drop", ())),
        numbered=known.get("numbered", False),
        has_id_keys=known.get("has_id_keys", False),
        repeats_options=known.get("repeats_options", False),
        thin_reason=_vendor_reason(known, "thin_reason"),
        other_reason=_vendor_reason(known, "other_reason"),
    )


def _vendor_reason(known: Mapping[str, Any], which: str) -> str:
    return Message(MessageKey(known[which])) if which in known else ""


EMPTY_MATCHES: tuple[Any, ...] = (None, False, "", "false", "0", [], {})
PATHS = ("distinct", "id", "items", "maps", "labels", "shown", "campaign", "page", "thin", *EVENTS)
"""The expressions a recipe may have.

`items` finds lists of {key, label, type, value}, `maps` maps from key to value, `labels` what
`items` or `maps` do not say themselves, by key, and `shown` a text of all labels and answers. What
`distinct` finds no other tool sends.
"""


def parse_submission(tree: Tree, kind: str) -> ParsedSubmission:
    """Return a body's answers by its kind's recipe, or where that does not fit, as any tool's.

    A body that can only come from another tool is read as that tool's.
    """
    known, body = _match_recipe(tree, kind)
    detected = detect_submission_event(tree)
    items = () if body is None else tuple(_extract_recipe_fields(known, body))
    if body is None or all(item.is_blank for item in items):
        items = tuple(
            item
            for item in join_consent_inputs(find_form_fields(tree))
            if item.key not in load_vendor("generic").drop
        )
        event = next(
            (
                event
                for layer in _iterate_body_layers(tree)
                if (event := _recipe_event(known, layer))
            ),
            detected.event,
        )
        return ParsedSubmission(
            items,
            event=event,
            thin=_missing_number_reason(known, tree, event),
            doubt=detected.doubt,
        )
    return ParsedSubmission(
        items=tuple(
            add_field_titles(
                (*items, *_find_own_named_fields(tree, items)), find_form_questions(tree)
            )
        ),
        event=_recipe_event(known, body) or detected.event,
        doubt=detected.doubt,
        vendor_id=_recipe_text(known, "id", body),
        campaign=_recipe_text(known, "campaign", body),
        page_url=_recipe_text(known, "page", body),
    )


def _match_recipe(tree: Tree, kind: str) -> tuple[Vendor, Tree | None]:
    """Return the tool whose recipe fits a body, and the part of the body that is the tool's own.

    The part is None where no recipe fits.
    """
    known = load_vendor(kind)
    own = _find_matching_layer(known, tree) if known.match else None
    if own is not None:
        return known, own
    other = _recognize_vendor(tree)
    if other:
        return other, _find_matching_layer(other, tree)
    return known, None if known.match else tree


def _find_matching_layer(known: Vendor, tree: Tree) -> Tree | None:
    return next(
        (layer for layer in _iterate_body_layers(tree) if _has_match(known.match, layer)), None
    )


def _recognize_vendor(tree: Tree) -> Vendor | None:
    layers = [layer for layer in _iterate_body_layers(tree) if not _has_no_distinct_name(layer)]
    others = (load_vendor(kind) for kind in vendor_kinds())
    return next(
        (
            vendor
            for vendor in others
            for layer in layers
            for path in vendor.paths["distinct"]
            if _has_match(path, layer)
        ),
        None,
    )


def _has_no_distinct_name(layer: Tree) -> bool:
    """Whether a body has none of the names by which a tool's bodies are told apart.

    Most bodies then need not be searched for each tool.
    """
    return isinstance(layer, dict) and _distinct_names().isdisjoint(layer)


@functools.cache
def _distinct_names() -> frozenset[str]:
    paths = (path for kind in vendor_kinds() for path in load_vendor(kind).paths["distinct"])
    return frozenset(name for path in paths for name in _expression_root_names(path.parsed))


def _expression_root_names(node: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names at which an expression enters a body."""
    if node["type"] == "field":
        yield node["value"]
    both = node["type"] in ("or_expression", "and_expression", "comparator")
    for below in node["children"] if both else node["children"][:1]:
        yield from _expression_root_names(below)


def _extract_recipe_fields(known: Vendor, body: Tree) -> Iterator[FormField]:
    labels = {
        text_of(row.get("key")): {**row, "section": heading}
        for heading, row in children_with_headings(_recipe_rows(known, "labels", body))
    }
    fields = list(
        {
            (item.path, item.label): item
            for item in reversed(list(_find_recipe_fields(known, body)))
        }.values()
    )[::-1]
    fields = [_with_label_row(item, labels) for item in fields]
    if known.numbered:
        fields = join_gravity_inputs(fields)
    fields = [item for item in fields if not _is_dropped_field(known, item)]
    kept = [item for item in fields if _is_kept_field(known, item)]
    kept = list(add_shown_labels(kept, _recipe_text(known, "shown", body)))
    yield from kept if _has_tools_names(known, kept) else fields


def _find_recipe_fields(known: Vendor, body: Tree) -> Iterator[FormField]:
    rows = list(_recipe_rows(known, "items", body))
    rows = _without_repeated_options(rows) if known.repeats_options else rows
    for heading, row in children_with_headings(rows):
        yield from (
            replace(
                item,
                is_key_an_id=known.has_id_keys,
                section=f"{heading} {item.section}".strip(),
            )
            for item in _fields_from_recipe_row(row)
        )
    for path in known.paths["maps"]:
        node = _search_expression(path, body)
        yield from find_form_fields(node) if isinstance(node, dict) else ()


def _without_repeated_options(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Leave out the rows that say again of one option of a question whether it was chosen.

    Their keys are those of the question with the option's id behind. A box that stands alone stays.
    """
    rows = list(rows)
    asked = {text_of(row.get("key")) for row in rows if row.get("options")}
    return [
        row
        for row in rows
        if row.get("options") or text_of(row.get("key")).rpartition("_")[0] not in asked
    ]


def _fields_from_recipe_row(row: Mapping[str, Any]) -> Iterator[FormField]:
    """Yield the answer that a row of `items` describes, or its parts where it has parts."""
    key, label = text_of(row.get("key")), text_of(row.get("label"))
    item = field_from_description(
        {"options": [], **row, "name": key or label, "value": row.get("value")}, key or label, ""
    )
    if item is not None:
        yield replace(
            item, key=key or label, label=label, type=text_of(row.get("type"))
        ).with_option_labels()
        return
    yield from (
        replace(part, group=_join_group_path(key or label, part.group))
        for part in find_form_fields(row.get("value") or {})
    )


def _with_label_row(item: FormField, labels: Mapping[str, Mapping[str, Any]]) -> FormField:
    row = labels.get(item.key)
    if row is None:
        return item
    return replace(
        item,
        key=text_of(row.get("name")) or item.key,
        is_key_an_id=item.is_key_an_id and not row.get("name"),
        label=item.label or text_of(row.get("label")),
        type=text_of(row.get("type")) or item.type,
        section=f"{row['section']} {item.section}".strip(),
    )


def _is_dropped_field(known: Vendor, item: FormField) -> bool:
    return not known.drop.isdisjoint((item.path, _outermost_name(item)))


def _is_kept_field(known: Vendor, item: FormField) -> bool:
    is_kept = not known.keep or known.keep.search(_outermost_name(item)) is not None
    is_own = _own_name_spelling(item.key) in OWN_FIELD_NAMES or _is_message(item.key)
    return is_kept or is_own or asks_about_calls(item.key) or tells_whose_number(item.key)


def _has_tools_names(known: Vendor, kept: Iterable[FormField]) -> bool:
    """Whether answers stand under the names that a tool gives them, and not all under others.

    Where its owner chose the names, nobody knows which of them are answers: all may be.
    """
    return not known.keep or any(known.keep.search(_outermost_name(item)) for item in kept)


def _outermost_name(item: FormField) -> str:
    return item.path.partition(".")[0]


def _is_message(key: str) -> bool:
    said = match_field_role(key)
    return said is not None and said.is_all and said.role == "message"


def _find_own_named_fields(tree: Tree, items: Iterable[FormField]) -> Iterator[FormField]:
    """Yield the answers under our own names that stand beside the tool's own answers."""
    if isinstance(tree, dict):
        there = {item.key for item in items}
        beside = {
            name: value
            for name, value in tree.items()
            if _own_name_spelling(name) in OWN_FIELD_NAMES and name not in there
        }
        yield from (item for item in find_form_fields(beside) if not item.group)


def _own_name_spelling(key: str) -> str:
    return re.sub(r"[\s\-]+", "_", key.strip().lower())


def _recipe_event(known: Vendor, body: Tree) -> str:
    return next(
        (event for event in EVENTS if any(_has_match(path, body) for path in known.paths[event])),
        "",
    )


def _missing_number_reason(known: Vendor, tree: Tree, event: str) -> str:
    if event == OTHER:
        return known.other_reason
    is_thin = any(
        _has_match(path, layer)
        for path in known.paths["thin"]
        for layer in _iterate_body_layers(tree)
    )
    return known.thin_reason if is_thin else ""


def _recipe_text(known: Vendor, name: str, body: Tree) -> str:
    values = (_search_expression(path, body) for path in known.paths[name])
    return next(
        (text for value in values if not isinstance(value, dict) and (text := text_of(value))), ""
    )


def _recipe_rows(known: Vendor, name: str, body: Tree) -> Iterator[Mapping[str, Any]]:
    for path in known.paths[name]:
        rows = _search_expression(path, body)
        yield from (
            (row for row in rows or () if isinstance(row, dict)) if isinstance(rows, list) else ()
        )


def _iterate_body_layers(tree: Tree) -> Iterator[Tree]:
    """Yield the body and the maps in it, the outermost first.

    Zapier and others wrap what they pass on.
    """
    waiting: deque[Any] = deque([tree])
    for _ in range(MOST_LAYERS):
        if not waiting:
            return
        layer = waiting.popleft()
        yield layer
        below = layer.values() if isinstance(layer, dict) else layer
        waiting.extend(child for child in below if isinstance(child, dict))


def _has_match(path: ParsedResult | None, tree: Any) -> bool:
    return path is not None and _search_expression(path, tree) not in EMPTY_MATCHES


def _search_expression(path: ParsedResult, tree: Any) -> Any:
    """Return what an expression finds in a body, and nothing where it fails on it.

    Bodies are not always what they seem.
    """
    try:
        return path.search(tree)
    except (JMESPathError, TypeError, ValueError):
        return None


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _join_group_path(group: str, below: str) -> str:
    return f"{group}.{below}" if below else group
