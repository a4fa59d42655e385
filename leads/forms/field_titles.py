"""Field titles: what a form asked, where that stands apart from the answers.

Many tools list their questions, each with an id, and beside them the answers, each with the id of
its question, as Typeform, SurveyMonkey and Google Forms do, and Wufoo in its FieldStructure. Both
are told by how they refer to each other and not by what a tool calls them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from leads.forms.body_decoding import Tree
from leads.forms.compound_fields import with_plain_names
from leads.forms.field_sections import children_with_headings, read_stated_section
from leads.forms.form_field import FormField, text_of

DEFINITION_LISTS = frozenset(
    {
        "fields", "questions", "fieldstructure", "schema", "columns", "elements", "controls",
        "formfields", "labels",
        "inputs", "components", "subfields", "fieldlabels", "fieldnames", "questionlabels",
        "titles", "headers", "questiontext", "questiontexts", "questiontitles", "fieldtitles",
    }
)  # fmt: skip
"""The names of lists in which tools define their fields.

Lists of other things have ids and titles, too: those count where several answers refer to them.
"""
IDS = (
    "id", "key", "ref", "fieldid", "questionid", "name", "apiname", "slug", "code", "qid",
    "itemid", "columnid", "uuid", "uid", "guid",
)  # fmt: skip
ID_NAMES = frozenset(IDS)
TITLES = (
    "title", "label", "heading", "question", "questiontext", "text", "displayname", "caption",
    "prompt", "questiontitle", "pregunta", "etiqueta", "titulo", "name",
)  # fmt: skip
TYPES = ("type", "fieldtype", "questiontype")
ANSWER_NAMES = frozenset(
    {"value", "values", "answer", "answers", "response", "responses", "valor", "respuesta"}
)
CHOICES = ("choices", "options")
NO_DEFINITION_LISTS = frozenset({*CHOICES, *ANSWER_NAMES, "results", "result", "submission"})
QUESTION_MAPS = ("field", "question", "column", "item", "element")
"""Names of a map in which an answer says which question it answers."""
TELLS_OF_SOMEBODY = re.compile(r"phone|email|mobile|firstname|lastname|telefono|correo")
"""Names of what a map about a person holds; that of a question holds none of these."""
NUMBER_OR_ADDRESS = re.compile(r"(?:\d\D{0,3}){7}|@")
LEAST_REFERENCES, DEEPEST = 2, 2
LENGTH_OF_LABEL = len("label-")
SHORTEST_MADE_UP = 4  # characters of an id
WITH_PREFIX = re.compile(r"[^\W\d_]{1,12}[_\-](\w[\w\-]*)")  # `field_` before the id of a field


@dataclass(frozen=True)
class FormQuestion:
    """What a form asks under an id.

    `title` has the words of both where two questions have the same id, `section` is the title of
    those around it.
    `is_id_made_up`: the id is the tool's, and nobody meant anything by it.
    """

    title: str
    type: str = ""
    section: str = ""
    options: tuple[tuple[str, str], ...] = ()
    is_id_made_up: bool = False


@dataclass(frozen=True)
class FormQuestions:
    """The questions that a body lists apart from the answers, and where it lists them."""

    by_id: Mapping[str, FormQuestion] = field(default_factory=dict)
    places: frozenset[int] = frozenset()

    def find_id(self, key: str) -> str:
        """Return the id of a question that a key is, or has behind a word; none for any other."""
        if key in self.by_id:
            return key
        prefixed = WITH_PREFIX.fullmatch(key) if self.by_id else None
        return prefixed[1] if prefixed and prefixed[1] in self.by_id else ""

    def find_answered_id(self, node: Mapping[str, Any], key: str) -> str:
        """Return the id of the question that a map answers: it has the id, or is called so."""
        if not self.by_id:
            return ""
        named = with_plain_names(node)
        inner = (named[name] for name in QUESTION_MAPS if isinstance(named.get(name), Mapping))
        parts = (*map(with_plain_names, inner), named)
        ids = (one for part in parts for one in _ids_of(part).values() if one in self.by_id)
        return next(ids, "") or self.find_id(key)

    def are_answered_in(self, node: Mapping[str, Any]) -> bool:
        """Whether a map has a list of answers to questions, so that it is no answer itself."""
        lists = (value for value in node.values() if isinstance(value, list) and self.by_id)
        inner = (child for listed in lists for child in listed if isinstance(child, Mapping))
        return any(self.find_answered_id(child, "") for child in inner)


@dataclass(frozen=True)
class _Definition:
    """A map that may define a question: its ids by the name of each, and what it asks.

    `places` are where its own ids stand, `skipped` what holds nobody's answer.
    """

    ids: Mapping[str, str]
    question: FormQuestion
    places: frozenset[int]
    skipped: frozenset[int] = frozenset()


@dataclass
class _Search:
    """What a body has: lists of definitions, and where each id stands that may refer to one."""

    lists: list[tuple[str, list[_Definition]]] = field(default_factory=list)
    places_by_id: dict[str, set[int]] = field(default_factory=dict)

    def note_ids(self, ids: Iterable[str], node: Any) -> None:
        """Note that ids stand in a part of the body."""
        for one in ids:
            self.places_by_id.setdefault(one, set()).add(id(node))
            if prefixed := WITH_PREFIX.fullmatch(one):
                self.places_by_id.setdefault(prefixed[1], set()).add(id(node))

    def note_definitions(self, name: str, definitions: list[_Definition], most: int) -> None:
        """Note a list of definitions, which is one where most of its parts define a question."""
        if definitions and (name in DEFINITION_LISTS or 2 * len(definitions) >= most):
            self.lists.append((name, definitions))

    def is_answered(self, definition: _Definition) -> bool:
        """Whether one of the ids of a definition stands outside it."""
        places = (self.places_by_id.get(one, set()) for one in definition.ids.values())
        return any(known - definition.places for known in places)


def find_form_questions(tree: Tree) -> FormQuestions:
    """Return the questions that a body lists apart from the answers."""
    search = _Search()
    _search_part(tree, "", "", search)
    by_id: dict[str, FormQuestion] = {}
    skipped: set[int] = set()
    for name, definitions in search.lists:
        least = 1 if name in DEFINITION_LISTS else min(LEAST_REFERENCES, len(definitions))
        if sum(map(search.is_answered, definitions)) < least:
            continue
        made_up = _names_of_made_up_ids(definitions)
        for one in definitions:
            skipped |= one.skipped
            for id_name, key in one.ids.items():
                question = replace(one.question, is_id_made_up=id_name in made_up)
                by_id[key] = _question_of_both(by_id.get(key), question)
    return FormQuestions(by_id, frozenset(skipped))


def add_field_titles(items: Iterable[FormField], questions: FormQuestions) -> Iterator[FormField]:
    """Yield the answers with titles, from the body's questions where an answer has none."""
    for item in items:
        key = questions.find_id(item.key)
        yield with_title(item, questions.by_id[key]) if key else item


def with_title(item: FormField, question: FormQuestion) -> FormField:
    """Return an answer with what its question says, as far as the answer does not say it."""
    title = question.title
    if not title or text_of(item.value) == title or title == item.key:
        return item
    is_id = item.is_key_an_id or question.is_id_made_up
    if item.label:
        return replace(item, is_key_an_id=is_id) if item.label == title else item
    return replace(
        item,
        label=title,
        type=item.type or question.type,
        section=f"{item.section} {question.section}".strip(),
        is_key_an_id=is_id,
        options=item.options or question.options,
    ).with_option_labels()


def _question_of_both(before: FormQuestion | None, question: FormQuestion) -> FormQuestion:
    """Return the one question of an id; where two have it, nobody knows which was asked."""
    if before is None or question.title.startswith(before.title or " "):
        return question
    return replace(question, title=f"{before.title} {question.title}")


def _search_part(node: Any, name: str, around: str, search: _Search) -> None:
    """Note the lists of questions in a part of a body, and the ids that may refer to one.

    `around` is the title of the question or the page of which it is a part.
    """
    if isinstance(node, Mapping):
        _search_map(node, name, around, search)
    elif isinstance(node, list):
        listed = [child for child in node if isinstance(child, Mapping)]
        read = (
            _read_definition(child, name, f"{around} {heading}".strip())
            for heading, child in children_with_headings(listed)
            if name not in NO_DEFINITION_LISTS
        )
        search.note_definitions(name, [one for one in read if one], len(listed))
        for child in node:
            is_map = isinstance(child, Mapping)
            title = first_text(with_plain_names(child), TITLES) if is_map else ""
            _search_part(child, "", f"{around} {title}".strip(), search)


def _search_map(node: Mapping[str, Any], name: str, around: str, search: _Search) -> None:
    inner = with_plain_names(node)
    search.note_ids((*node, *_ids_of(inner).values()), node)
    search.note_definitions("labels", list(_read_labels_beside_fields(node)), 0)
    if name not in NO_DEFINITION_LISTS:
        search.note_definitions(name, _read_definitions_by_id(node, name, around), len(node))
    for below, child in inner.items():
        _search_part(child, below, around, search)


def _read_labels_beside_fields(node: Mapping[str, Any]) -> Iterator[_Definition]:
    """Yield the fields of a map whose titles stand beside them, as `label-dmform-0` in Duda."""
    for name, title in node.items():
        key = name[LENGTH_OF_LABEL:] if name.startswith(("label-", "label_")) else ""
        if key in node and isinstance(title, str):
            yield _Definition({"": key}, FormQuestion(title.strip()), frozenset())


def _read_definitions_by_id(node: Mapping[str, Any], name: str, around: str) -> list[_Definition]:
    """Return the questions that a map defines, each under its id; none of any other map."""
    if name in DEFINITION_LISTS and all(isinstance(value, str) for value in node.values()):
        place = frozenset({id(node)})
        return [
            _Definition({"": key}, FormQuestion(title.strip()), place)
            for key, title in node.items()
        ]
    is_one_alone = len(node) == 1 and name not in DEFINITION_LISTS
    if is_one_alone or not all(isinstance(child, Mapping) for child in node.values()):
        return []
    read = [_read_definition(child, name, around, key=key) for key, child in node.items()]
    return [replace(one, places=one.places | {id(node)}) for one in read if one and all(read)]


def _read_definition(
    node: Mapping[str, Any], name: str, around: str, *, key: str = ""
) -> _Definition | None:
    """Return the question that a map defines; None where it holds an answer or is about a person.

    The parts of a question are called by its title, too.
    """
    parts = with_plain_names(node)
    title = nested_text(parts, TITLES)
    ids = {**_nested_ids(parts), **({"": key} if key else {})}
    if not title or set(ids.values()) <= {title} or _holds_answer(parts):
        return None
    is_part = name == "subfields" and around
    question = FormQuestion(
        f"{around} {title}" if is_part else title,
        first_text(parts, TYPES),
        ""
        if is_part
        else f"{around} {read_stated_section(node, called=(title, *ids.values()))}".strip(),
        tuple(_read_choices(parts)),
    )
    places = frozenset(map(id, (node, *_inner_maps(parts))))
    return _Definition(ids, question, places, frozenset({id(node)}))


def _holds_answer(parts: Mapping[str, Any]) -> bool:
    """Whether a map holds an answer, or what only is known of a person."""
    answers = (parts[name] for name in ANSWER_NAMES & set(parts))
    is_answered = any(
        not isinstance(given, Mapping) or _list_of_choices(with_plain_names(given)) is None
        for given in answers
    )
    is_about_somebody = any(map(TELLS_OF_SOMEBODY.search, parts))
    is_reference = not _ids_of(parts) and any(
        isinstance(parts.get(name), Mapping) for name in QUESTION_MAPS
    )
    beside = (value for name, value in parts.items() if name not in (*IDS, *TITLES, *TYPES))
    texts = (text_of(value) for value in beside if isinstance(value, str))
    return (
        is_answered
        or is_about_somebody
        or is_reference
        or any(map(NUMBER_OR_ADDRESS.search, texts))
    )


def _names_of_made_up_ids(definitions: Iterable[_Definition]) -> frozenset[str]:
    """Return the names of the ids that the tool made up: all of one length, and none is a word."""
    ids_by_name: dict[str, list[str]] = {}
    for one in definitions:
        for name, key in one.ids.items():
            ids_by_name.setdefault(name, []).append(key)
    return frozenset(name for name, ids in ids_by_name.items() if _are_made_up(ids))


def _are_made_up(ids: list[str]) -> bool:
    if all(map(str.isdecimal, ids)):
        return True
    are_alike = len(ids) > 1 and len(set(map(len, ids))) == 1 and len(ids[0]) >= SHORTEST_MADE_UP
    return are_alike and all(map(_is_no_word, ids))


def _is_no_word(text: str) -> bool:
    """Whether a text has digits or capital letters among its others, as no word has."""
    return any(map(str.isdecimal, text)) or not (text.islower() or text.istitle())


def _read_choices(parts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the ids of a question's choices, each with its words."""
    lists = (_list_of_choices(part) for part in (parts, *map(with_plain_names, _inner_maps(parts))))
    for choice in next(filter(None, lists), ()):
        named = with_plain_names(choice) if isinstance(choice, Mapping) else {}
        words = first_text(named, TITLES)
        known = (text_of(named.get(name)) for name in (*IDS, "value"))
        yield from ((one, words) for one in known if one and words and one != words)


def _list_of_choices(parts: Mapping[str, Any]) -> list[Any] | None:
    return next((parts[name] for name in CHOICES if isinstance(parts.get(name), list)), None)


def nested_text(parts: Mapping[str, Any], names: Iterable[str], depth: int = DEEPEST) -> str:
    """Return the first text of these names in a map, or in the maps within it."""
    text = first_text(parts, names)
    if text or not depth:
        return text
    inner = (nested_text(with_plain_names(one), names, depth - 1) for one in _inner_maps(parts))
    return next(filter(None, inner), "")


def _nested_ids(parts: Mapping[str, Any], depth: int = DEEPEST) -> dict[str, str]:
    inner = (with_plain_names(one) for one in _inner_maps(parts) if depth)
    ids = {name: key for one in inner for name, key in _nested_ids(one, depth - 1).items()}
    return ids | _ids_of(parts)


def _inner_maps(parts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the maps in a map, and those that stand alone in a list."""
    named = (value for name, value in parts.items() if name not in CHOICES)
    ones = (value[0] if isinstance(value, list) and len(value) == 1 else value for value in named)
    return [one for one in ones if isinstance(one, Mapping)]


def _ids_of(parts: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: text
        for name, value in parts.items()
        if name in ID_NAMES and not isinstance(value, (Mapping, list)) and (text := text_of(value))
    }


def first_text(parts: Mapping[str, Any], names: Iterable[str]) -> str:
    """Return the first text in a map of plain names under one of these names."""
    values = (parts.get(name) for name in names)
    return next(
        (
            text
            for value in values
            if not isinstance(value, (Mapping, list)) and (text := text_of(value))
        ),
        "",
    )
