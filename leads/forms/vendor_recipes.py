"""What each form tool's bodies look like, as data: one file for each kind in `vendors`."""

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
from leads.forms.events import told_by
from leads.forms.field_titles import with_titles
from leads.forms.form_field import OTHER, Entry, Item, text_of
from leads.forms.generic_reader import as_row, items_of
from leads.forms.gravity_inputs import named_inputs

VENDORS = Path(__file__).parent / "vendors"
EVENTS = ("test", "deleted", "partial", "updated", OTHER)
MOST_LAYERS = 200  # maps to look at for a body that another tool has wrapped

OUR_OWN = frozenset(
    {
        "phone", "for_whom", "any_hour", "best_time", "safe_to_call", "safe_to_voicemail", "safe_to_text", "consent",
        "consent_text", "page_url", "campaign",
    }
)  # fmt: skip
"""Our own names that mean what they mean wherever they stand; `name` or `id` may be the form's."""


@dataclass(frozen=True)
class Vendor:
    """One form tool: what it is called, how to set it up, and where its bodies hold what."""

    kind: str
    title: str
    steps: tuple[str, ...]
    match: ParsedResult | None
    paths: Mapping[str, tuple[ParsedResult, ...]]
    keep: re.Pattern[str] | None
    drop: frozenset[str]
    numbered: bool
    thin_reason: str
    other_reason: str


@functools.cache
def kinds() -> tuple[str, ...]:
    """Return every kind a source can have, `generic` first."""
    return ("generic", *sorted(path.stem for path in VENDORS.glob("*.toml") if path.stem != "generic"))


@functools.cache
def vendor(kind: str) -> Vendor:
    """Return what is known of a kind; of one that is not known, what is known of `generic`."""
    path = VENDORS / f"{kind if kind in kinds() else 'generic'}.toml"
    known = tomllib.loads(path.read_text("utf-8"))
    match = known.get("match")
    return Vendor(
        kind=kind,
        title=known["title"],
        steps=tuple(known["steps"]),
        match=jmespath.compile(match) if match else None,
        paths={name: tuple(map(jmespath.compile, _listed(known.get(name, [])))) for name in PATHS},
        keep=re.compile(known["keep"]) if "keep" in known else None,
        drop=frozenset(known.get("drop", ())),
        numbered=known.get("numbered", False),
        thin_reason=known.get("thin_reason", ""),
        other_reason=known.get("other_reason", ""),
    )


NOTHING: tuple[Any, ...] = (None, False, "", "false", "0", [], {})
PATHS = ("distinct", "id", "items", "maps", "labels", "campaign", "page", "thin", *EVENTS)
"""The expressions a recipe may have. `items` finds lists of {key, label, type, value}, `maps` maps from key to value,
`labels` what `items` or `maps` do not say themselves, by key. What `distinct` finds no other tool sends."""


def read_entry(tree: Tree, kind: str) -> Entry:
    """Return a body's answers: by its kind's recipe, or as of an unknown tool where the recipe does not fit.

    A body that can only come from another tool is read as that tool's.
    """
    known, body = _recipe(tree, kind)
    told = told_by(tree)
    items = () if body is None else tuple(_items(known, body))
    if body is None or all(item.is_blank for item in items):
        items = with_titles((item for item in items_of(tree) if item.key not in vendor("generic").drop), tree)
        event = next((event for layer in _layers(tree) if (event := _event(known, layer))), told.event)
        return Entry(items, event=event, thin=_thin(known, tree, event), doubt=told.doubt)
    return Entry(
        items=with_titles((*items, *_our_own(tree, items)), tree),
        event=_event(known, body) or told.event,
        doubt=told.doubt,
        vendor_id=_text(known, "id", body),
        campaign=_text(known, "campaign", body),
        page_url=_text(known, "page", body),
    )


def _recipe(tree: Tree, kind: str) -> tuple[Vendor, Tree | None]:
    """Return what fits the body, and the part of it that is the tool's own; None where the recipe does not fit."""
    known = vendor(kind)
    own = _layer(known, tree) if known.match else None
    if own is not None:
        return known, own
    other = _recognised(tree)
    if other:
        return other, _layer(other, tree)
    return known, None if known.match else tree


def _layer(known: Vendor, tree: Tree) -> Tree | None:
    return next((layer for layer in _layers(tree) if _finds(known.match, layer)), None)


def _recognised(tree: Tree) -> Vendor | None:
    layers = [layer for layer in _layers(tree) if not _tells_nothing(layer)]
    others = (vendor(kind) for kind in kinds())
    return next(
        (one for one in others for layer in layers for path in one.paths["distinct"] if _finds(path, layer)), None
    )


def _tells_nothing(layer: Tree) -> bool:
    """Whether nothing here is distinct of any tool: most bodies need not be searched for each of them."""
    return isinstance(layer, dict) and _telling().isdisjoint(layer)


@functools.cache
def _telling() -> frozenset[str]:
    paths = (path for kind in kinds() for path in vendor(kind).paths["distinct"])
    return frozenset(name for path in paths for name in _first_names(path.parsed))


def _first_names(node: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names at which an expression enters a body."""
    if node["type"] == "field":
        yield node["value"]
    both = node["type"] in ("or_expression", "and_expression", "comparator")
    for below in node["children"] if both else node["children"][:1]:
        yield from _first_names(below)


def _items(known: Vendor, body: Tree) -> Iterator[Item]:
    labels = {text_of(row.get("key")): row for row in _rows(known, "labels", body)}
    found = list({(item.path, item.label): item for item in reversed(list(_found(known, body)))}.values())[::-1]
    found = [_labelled(item, labels) for item in found]
    if known.numbered:
        found = named_inputs(found)
    yield from (item for item in found if _is_kept(known, item))


def _found(known: Vendor, body: Tree) -> Iterator[Item]:
    for row in _rows(known, "items", body):
        yield from _from_row(row)
    for path in known.paths["maps"]:
        node = _search(path, body)
        yield from items_of(node) if isinstance(node, dict) else ()


def _from_row(row: Mapping[str, Any]) -> Iterator[Item]:
    """Yield the answer that a row of `items` describes, or the parts of it where it has parts."""
    key, label = text_of(row.get("key")), text_of(row.get("label"))
    item = as_row({"options": [], **row, "name": key or label, "value": row.get("value")}, key or label, "")
    if item is not None:
        yield replace(item, key=key or label, label=label, type=text_of(row.get("type"))).chosen()
        return
    yield from (replace(part, group=_joined(key or label, part.group)) for part in items_of(row.get("value") or {}))


def _labelled(item: Item, labels: Mapping[str, Mapping[str, Any]]) -> Item:
    row = labels.get(item.key)
    if row is None:
        return item
    return replace(
        item,
        key=text_of(row.get("name")) or item.key,
        label=item.label or text_of(row.get("label")),
        type=text_of(row.get("type")) or item.type,
    )


def _is_kept(known: Vendor, item: Item) -> bool:
    outermost = item.path.partition(".")[0]
    if item.path in known.drop or outermost in known.drop:
        return False
    return not known.keep or bool(known.keep.search(outermost)) or _own_name(item.key) in OUR_OWN


def _our_own(tree: Tree, items: Iterable[Item]) -> Iterator[Item]:
    """Yield what stands beside the tool's own answers under one of our names."""
    if isinstance(tree, dict):
        there = {item.key for item in items}
        beside = {name: value for name, value in tree.items() if _own_name(name) in OUR_OWN and name not in there}
        yield from (item for item in items_of(beside) if not item.group)


def _own_name(key: str) -> str:
    return re.sub(r"[\s\-]+", "_", key.strip().lower())


def _event(known: Vendor, body: Tree) -> str:
    return next((event for event in EVENTS if any(_finds(path, body) for path in known.paths[event])), "")


def _thin(known: Vendor, tree: Tree, event: str) -> str:
    if event == OTHER:
        return known.other_reason
    is_thin = any(_finds(path, layer) for path in known.paths["thin"] for layer in _layers(tree))
    return known.thin_reason if is_thin else ""


def _text(known: Vendor, name: str, body: Tree) -> str:
    found = (_search(path, body) for path in known.paths[name])
    return next((text for value in found if not isinstance(value, dict) and (text := text_of(value))), "")


def _rows(known: Vendor, name: str, body: Tree) -> Iterator[Mapping[str, Any]]:
    for path in known.paths[name]:
        found = _search(path, body)
        yield from (row for row in found or () if isinstance(row, dict)) if isinstance(found, list) else ()


def _layers(tree: Tree) -> Iterator[Tree]:
    """Yield the body and the maps in it, the outermost first: Zapier and others wrap what they pass on."""
    waiting: deque[Any] = deque([tree])
    for _ in range(MOST_LAYERS):
        if not waiting:
            return
        layer = waiting.popleft()
        yield layer
        below = layer.values() if isinstance(layer, dict) else layer
        waiting.extend(child for child in below if isinstance(child, dict))


def _finds(path: ParsedResult | None, tree: Any) -> bool:
    return path is not None and _search(path, tree) not in NOTHING


def _search(path: ParsedResult, tree: Any) -> Any:
    """Bodies are not always what they seem: an expression that stumbles over one has found nothing."""
    try:
        return path.search(tree)
    except (JMESPathError, TypeError, ValueError):
        return None


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _joined(group: str, below: str) -> str:
    return f"{group}.{below}" if below else group
