"""Reading a body of which nothing is known but that it is a form: find the answers wherever they stand."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from leads.forms.body_decoding import Tree
from leads.forms.compound_fields import by_plain_name, compound, is_a_name
from leads.forms.form_field import Item, text_of
from leads.forms.label_vocabulary import role_of, tokens
from leads.forms.yes_no_answers import truth

KEYS = ("key", "name", "columnid", "fieldname", "slug", "ref", "id", "field", "fieldid", "variable", "attribute", "k")
LABELS = (
    "label", "title", "question", "questiontext", "questiontitle", "questionlabel", "heading", "rowtext", "text",
    "columnname", "fieldlabel", "fieldtitle", "displayname", "prompt", "caption", "q", "etiqueta",
    "pregunta", "titulo",
)  # fmt: skip
VALUES = (
    "value", "values", "answer", "answers", "stringvalue", "response", "fieldvalue", "userdata", "answertext",
    "answervalue", "val", "valor", "respuesta",
)  # fmt: skip
QUESTIONS = frozenset({"rowtext", "question", "questiontext", "heading", "pregunta"})
LEAST_DIGITS = 7  # of a number
LONGEST_TITLE = 100  # characters of a section's: each answer in it keeps them
PAIRS = {"v": "k", "a": "q", "text": "rowtext"}
"""What holds the value only beside a name of the same kind."""
TYPES = ("type", "fieldtype", "answertype", "questiontype")
OPTIONS = ("options", "choices")
ASKED = ("question", "field")
"""What may hold the question as a map of its own, beside the answer."""
KINDS_OF_A_NUMBER = ("label", "type", "kind")
SECTIONS = ("heading", "title", "label", "section", "sectiontitle", "question", "questiontext", "titulo", "seccion")
RELATIONS = ("relationship", "relation", "contacttype", "type", "role", "kind", "parentesco", "relacion", "tipo")
RELATED = frozenset(
    {"contacts", "contactos", "familiares", "people", "persons", "family", "relatives", "members", "household"}
)
"""Lists of people in which it is said of each who they are."""
PRIMARY = ("primary", "isprimary", "default", "preferred")
CONTACT = re.compile(r"phone|e-?mail|\btel\b|mobile|(first|last)_?name|telefono|teléfono|correo", re.IGNORECASE)
"""A map with one of these holds several answers, and describes none."""
MOST_DESCRIPTION, MOST_AT_THE_TOP = 14, 6  # what describes one answer has no more parts than this


@dataclass(frozen=True)
class Place:
    """Where something stands: the way to it, its own name, and the titles of the sections around it."""

    group: str = ""
    key: str = ""
    section: str = ""
    is_listed: bool = False

    def inside(self, node: Mapping[str, Any], name: str) -> Place:
        """Return the place of what a map calls by a name."""
        group = f"{self.group}.{self.key}" if self.group and self.key else self.group or self.key
        return Place(group, name, f"{self.section} {self._title(node)}".strip())

    def _title(self, node: Mapping[str, Any]) -> str:
        if not self.is_listed:
            return ""
        named = by_plain_name(node)
        title = _first(named, SECTIONS)[:LONGEST_TITLE]
        return (
            f"{title} {_first(named, RELATIONS)[:LONGEST_TITLE]}" if RELATED.intersection(tokens(self.key)) else title
        )


def items_of(tree: Tree) -> list[Item]:
    """Return the answers in a body, the outermost first."""
    found: list[Item] = []
    levels: deque[tuple[Place, Any]] = deque([(Place(), tree)])
    while levels:
        place, node = levels.popleft()
        row = as_row(node, place.key, place.group, is_listed=place.is_listed)
        if row is not None:
            found.append(replace(row, section=place.section))
        elif isinstance(node, dict):
            levels.extend((place.inside(node, name), child) for name, child in node.items())
        elif isinstance(node, list) and any(isinstance(child, (dict, list)) for child in node):
            found.extend(_pairs(node, place)) if _are_pairs(node) else levels.extend(
                (replace(place, is_listed=True), child) for child in sorted(node, key=_is_secondary)
            )
        else:
            found.append(Item(place.key, value=node, group=place.group, section=place.section))
    return found


def as_row(node: Any, key: str, group: str, *, is_listed: bool = False) -> Item | None:
    """Return the answer that a map describes, `{label, type, value}` by whatever names; None if it is no such map."""
    if not isinstance(node, Mapping):
        return None
    whole, named = compound(node), by_plain_name(node)
    if whole is not None and key:
        is_name = is_a_name(node)
        return Item(key if is_name else _of_kind(key, named), type="full_name" * is_name, value=whole, group=group)
    most = MOST_DESCRIPTION if group or key else MOST_AT_THE_TOP
    holds_several = any(CONTACT.search(name) for name in node) or len(node) > most
    return None if holds_several else _described(named, key, group, is_listed=is_listed)


def _described(named: Mapping[str, Any], key: str, group: str, *, is_listed: bool) -> Item | None:
    is_one_of_several = is_listed and _is_contact(key)
    value_at = _value_name(named) or ("number" if is_one_of_several and "number" in named else "")
    value = flat_value(named[value_at]) if value_at else NotImplemented
    around = {name: beside for name, beside in named.items() if name != value_at}
    keyed, titled = _first(around, KEYS), _first(around, LABELS) or _asked(around)
    if value is NotImplemented or not (keyed or titled or key):
        return None
    if is_one_of_several:
        return Item(_of_kind(key, named), value=value, group=group)
    called = keyed or (titled if is_listed else "") or key or titled
    return Item(called, titled, _first(named, TYPES), value, tuple(_options(named)), group).chosen()


def flat_value(value: Any) -> Any:
    """Return a value without depth: text, or a list of texts; NotImplemented where it is a form of its own."""
    if isinstance(value, Mapping):
        if _answers_for_itself(by_plain_name(value)):
            return NotImplemented
        whole = compound(value)
        inner = next((value[name] for name in ("value", "answer", "label", "text", "name") if name in value), None)
        return whole if whole is not None else inner if _is_plain(inner) and inner is not None else NotImplemented
    if isinstance(value, list):
        flat = [flat_value(one) for one in value]
        return NotImplemented if any(one is NotImplemented or isinstance(one, list) for one in flat) else flat
    return value


def _answers_for_itself(named: Mapping[str, Any]) -> bool:
    """Whether a map is another question's answer rather than one of the choices of this one."""
    if _asked(named) or QUESTIONS.intersection(named):
        return True
    given = text_of(next((named[name] for name in VALUES if _is_plain(named.get(name)) and name in named), None))
    return bool(_first(named, LABELS)) and ("@" in given or sum(map(str.isdigit, given)) >= LEAST_DIGITS)


def _value_name(named: Mapping[str, Any]) -> str:
    """Return the name under which a map holds the answer it describes."""
    plain = next((name for name in VALUES if name in named), "")
    paired = next((name for name, other in PAIRS.items() if name in named and other in named), "")
    beside_a_question = "text" if "text" in named and _asked(named) else ""
    return plain or paired or beside_a_question


def _asked(named: Mapping[str, Any]) -> str:
    """Return the question that stands in a map of its own."""
    inner: Mapping[str, Any] = next((named[name] for name in ASKED if isinstance(named.get(name), Mapping)), {})
    return _first(by_plain_name(inner), (*LABELS, "name"))


def _of_kind(key: str, named: Mapping[str, Any]) -> str:
    """Name one of several numbers or addresses by its kind, unless the tool says that it is the main one."""
    kind = _first(named, KINDS_OF_A_NUMBER)
    is_main = _is_main(named) and "fax" not in tokens(kind)
    return key if is_main or not kind else f"{key} {kind}"


def _is_main(named: Mapping[str, Any]) -> bool:
    return any(truth(named[name]) is True for name in PRIMARY if _is_plain(named.get(name)) and name in named)


def _is_secondary(node: Any) -> bool:
    return not (isinstance(node, Mapping) and _is_main(by_plain_name(node)))


def _is_contact(key: str) -> bool:
    said = role_of(key)
    return said is not None and said.is_all and said.role in ("phone", "email")


def _are_pairs(node: list[Any]) -> bool:
    """Whether a list holds names and values, two by two."""
    return all(
        isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) and _is_plain(one[1])  # noqa: PLR2004 - a pair
        for one in node
    )


def _pairs(node: list[Any], place: Place) -> Iterator[Item]:
    group = f"{place.group}.{place.key}" if place.group else place.key
    yield from (Item(name, value=value, group=group, section=place.section) for name, value in node)


def _options(named: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    listed: list[Any] = next((named[name] for name in OPTIONS if isinstance(named.get(name), list)), [])
    for option in listed:
        if isinstance(option, Mapping):
            known = text_of(option.get("id", option.get("value")))
            words = _first(option, ("text", "label", "name", "title"))
            if known and words:
                yield known, words


def _first(node: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = (node.get(name) for name in names)
    return next((text for value in found if _is_plain(value) and (text := text_of(value))), "")


def _is_plain(value: Any) -> bool:
    return not isinstance(value, (Mapping, list))
