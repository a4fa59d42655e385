"""Generic reader: find the answers in a body of which nothing is known but that it is a form."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from leads.forms.body_decoding import Tree
from leads.forms.call_questions import asks_about_calls
from leads.forms.compound_fields import has_name_parts, join_name_or_phone_parts, with_plain_names
from leads.forms.consent_shapes import (
    field_from_permission,
    is_contact_group,
    is_unticked,
)
from leads.forms.field_sections import children_with_headings, read_stated_section
from leads.forms.field_titles import FormQuestions, add_field_titles, find_form_questions
from leads.forms.form_field import FormField, is_single_value, text_of
from leads.forms.joined_answers import field_from_answer, read_table
from leads.forms.label_vocabulary import (
    SOMEBODY_ELSE,
    answer_owner,
    has_consent_phrase,
    match_field_role,
    plain_words,
)
from leads.forms.number_ownership import is_own_phone_name
from leads.forms.yes_no_answers import parse_yes_no
from leads.free_text.refusals import read_contact_limit

KEYS = (
    "key",
    "name",
    "columnid",
    "fieldname",
    "slug",
    "ref",
    "id",
    "field",
    "fieldid",
    "variable",
    "attribute",
    "k",
    "nombre",
    "campo",
    "clave",
)
LABELS = (
    "label", "title", "question", "questiontext", "questiontitle", "questionlabel", "heading",
    "rowtext", "text",
    "columnname", "fieldlabel", "fieldtitle", "displayname", "prompt", "caption", "q", "etiqueta",
    "pregunta", "titulo",
)  # fmt: skip
VALUES = (
    "value", "values", "answer", "answers", "stringvalue", "response", "fieldvalue", "userdata",
    "answertext",
    "answervalue", "val", "valor", "respuesta",
)  # fmt: skip
QUESTIONS = frozenset({"rowtext", "question", "questiontext", "heading", "pregunta"})
LEAST_DIGITS = 7  # of a number
LONGEST_TITLE = 100  # characters of a section's: each answer in it keeps them
PAIRS = {"v": "k", "a": "q", "text": "rowtext"}
"""Short names for a value, and the name that has to stand beside each."""
TYPES = ("type", "fieldtype", "answertype", "questiontype")
OPTIONS = ("options", "choices")
QUESTION_MAPS = ("question", "field")
"""Names of a map that holds the question beside the answer."""
KINDS_OF_A_NUMBER = ("label", "type", "kind")
SECTIONS = (
    "heading",
    "title",
    "label",
    "section",
    "sectiontitle",
    "question",
    "questiontext",
    "titulo",
    "seccion",
    "header",
    "legend",
    "caption",
    "sectionname",
    "encabezado",
    "leyenda",
)
RELATIONS = (
    "relationship", "relation", "relationtype", "contacttype", "role", "partytype", "persontype",
    "parentesco", "relacion", "rol",
)  # fmt: skip
"""Names of what says, in a list of people, who each of them is."""
KINDS_OF_PEOPLE = ("type", "kind", "tipo")
"""The same where the list is called one of people; lists of other things have kinds as well."""
PEOPLE_LISTS = frozenset(
    {
        "contacts",
        "contactos",
        "familiares",
        "people",
        "persons",
        "family",
        "relatives",
        "members",
        "household",
    }
)
"""Names of lists of people, of each of whom the list says who they are."""
PRIMARY_FLAGS = ("primary", "isprimary", "default", "preferred")
CONTACT_FIELD_NAME = re.compile(
    r"phone|e-?mail|\btel\b|mobile|(first|last)_?name|telefono|teléfono|correo", re.IGNORECASE
)
"""Names that show that a map holds several answers, and describes none."""
WAY_NAME = re.compile(
    r"(?<![a-z])(phone|e-?mail|tel|mobile|cell|telefono|teléfono|celular|correo)", re.IGNORECASE
)
"""Names of ways to reach somebody, at the start of a word."""
SLASHED_NAME = re.compile(r"[^\W\d][\w.\-]*(/[^\W\d][\w.\-]*)+")
MOST_DESCRIPTION, MOST_AT_THE_TOP = 14, 6  # what describes one answer has no more parts than this


@dataclass(frozen=True)
class FieldLocation:
    """A place in a body: the path to it, its own name, and the titles of the sections around it."""

    group: str = ""
    key: str = ""
    section: str = ""
    is_listed: bool = False

    @property
    def path(self) -> str:
        """The path to the place, its own name included."""
        return ".".join(filter(None, (self.group, self.key)))

    def child_location(self, node: Mapping[str, Any], name: str) -> FieldLocation:
        """Return the place of a map's value with a name, which may be a path of its own."""
        *within, key = split_slashed_name(name)
        group = ".".join(filter(None, (self.group, self.key, *within)))
        return FieldLocation(group, key, f"{self.section} {self._section_title(node)}".strip())

    def _section_title(self, node: Mapping[str, Any]) -> str:
        if not self.is_listed:
            return ""
        named = with_plain_names(node)
        title = _first_scalar_text(named, SECTIONS) or _name_of_another(named)
        is_of_people = PEOPLE_LISTS.intersection(plain_words(self.key))
        who = _first_scalar_text(named, RELATIONS + (KINDS_OF_PEOPLE if is_of_people else ()))
        return f"{title[:LONGEST_TITLE]} {who[:LONGEST_TITLE]}".strip()


def split_slashed_name(name: str) -> list[str]:
    """Return the groups in a name of KoboToolbox or ODK, as `group_contact/phone`, and the rest.

    The slash between words, as in `Phone/WhatsApp`, makes no groups.
    """
    is_path = SLASHED_NAME.fullmatch(name) and re.search(r"[\d_]", name)
    return name.split("/") if is_path and not is_own_phone_name(name) else [name]


def find_form_fields(tree: Tree) -> list[FormField]:
    """Return the answers in a body, the outermost first."""
    fields: list[FormField] = []
    questions = find_form_questions(tree)
    levels: deque[tuple[FieldLocation, Any]] = deque([(FieldLocation(), tree)])
    while levels:
        place, node = levels.popleft()
        if id(node) in questions.places:
            continue
        row = _read_row(node, place, questions)
        if row is not None:
            fields.append(row)
            fields.extend(_questions_beside_number(node, row))
        elif isinstance(node, dict):
            answers, used = read_table(node, place.path)
            fields.extend(answers)
            rest = {name: child for name, child in node.items() if name not in used}
            under = zip(rest, children_with_headings(rest.values()), strict=True)
            levels.extend(
                (_below_heading(place.child_location(node, name), title), child)
                for name, (title, child) in under
            )
        elif isinstance(node, list) and any(isinstance(child, (dict, list)) for child in node):
            fields.extend(_fields_from_pairs(node, place)) if _is_list_of_pairs(
                node
            ) else levels.extend(
                (replace(_below_heading(place, title), is_listed=True), child)
                for title, child in sorted(
                    children_with_headings(node), key=lambda one: _is_not_marked_primary(one[1])
                )
            )
        else:
            fields.append(
                FormField(place.key, value=node, group=place.group, section=place.section)
            )
    return list(add_field_titles(fields, questions))


def _read_row(node: Any, place: FieldLocation, questions: FormQuestions) -> FormField | None:
    """Return the one answer that a part of a body is; None where it holds several, or is a text."""
    if not isinstance(node, Mapping) or questions.are_answered_in(node):
        return None
    is_inner = place.key or place.is_listed
    joined = field_from_answer(node, place.key, place.group, questions) if is_inner else None
    row = joined or field_from_description(node, place.key, place.group, is_listed=place.is_listed)
    if row is None:
        return None
    stated = read_stated_section(node, called=(row.key, row.label))
    sections = (place.section, row.section, stated)
    return replace(row, section=" ".join(filter(None, sections)))


def _below_heading(place: FieldLocation, title: str) -> FieldLocation:
    return replace(place, section=f"{place.section} {title}".strip()) if title else place


def _name_of_another(named: Mapping[str, Any]) -> str:
    """Return a section's name where it tells of somebody else; any other may be the form's."""
    name = _first_scalar_text(named, ("name",))
    return name if answer_owner(name) == SOMEBODY_ELSE else ""


def _questions_beside_number(node: Mapping[str, Any], row: FormField) -> Iterator[FormField]:
    """Yield what stands beside a number in its own map and says whether it may be called."""
    if sum(map(str.isdigit, text_of(row.value))) < LEAST_DIGITS:
        return
    for name, value in node.items():
        is_asked = asks_about_calls(name) or has_consent_phrase("asks", name)
        if is_single_value(value) and (is_asked or read_contact_limit(name)):
            yield FormField(name, value=value, group=row.path)


def field_from_description(
    node: Any, key: str, group: str, *, is_listed: bool = False
) -> FormField | None:
    """Return the answer that a map describes, as `{label, type, value}` or with like names.

    None if the map describes no answer.
    """
    if not isinstance(node, Mapping):
        return None
    named = with_plain_names(node)
    if (permission := field_from_permission(named, key, group)) is not None:
        return permission
    whole = None if is_contact_group(key) else join_name_or_phone_parts(node)
    if whole is not None and key:
        is_name = has_name_parts(node)
        return FormField(
            key if is_name else _name_with_contact_kind(key, named),
            type="full_name" * is_name,
            value=whole,
            group=group,
        )
    most = MOST_DESCRIPTION if group or key else MOST_AT_THE_TOP
    holds_several = any(CONTACT_FIELD_NAME.search(name) for name in node) or len(node) > most
    return (
        None if holds_several else _field_from_named_parts(named, key, group, is_listed=is_listed)
    )


def _field_from_named_parts(
    named: Mapping[str, Any], key: str, group: str, *, is_listed: bool
) -> FormField | None:
    is_one_of_several = is_listed and _is_phone_or_email_name(key)
    value_at = _answer_value_name(named) or (
        "number" if is_one_of_several and "number" in named else ""
    )
    value = flatten_answer(named[value_at]) if value_at else NotImplemented
    around = {name: beside for name, beside in named.items() if name != value_at}
    keyed, titled = (
        _first_scalar_text(around, KEYS),
        _first_scalar_text(around, LABELS) or _nested_question_text(around),
    )
    if value is NotImplemented or not (keyed or titled or key):
        return None
    if is_one_of_several:
        return FormField(_name_with_contact_kind(key, named), value=value, group=group)
    called = keyed or (titled if is_listed else "") or key or titled
    return FormField(
        called,
        titled,
        _first_scalar_text(named, TYPES),
        value,
        tuple(_read_option_labels(named)),
        group,
    ).with_option_labels()


def flatten_answer(value: Any) -> Any:
    """Return a value without depth: text, or a list of texts.

    NotImplemented where the value is a form of its own.
    """
    if isinstance(value, Mapping):
        if _is_another_question(with_plain_names(value)) or _holds_a_person(value):
            return NotImplemented
        whole = join_name_or_phone_parts(value)
        if is_unticked(with_plain_names(value)):
            return False
        inner = next(
            (value[name] for name in ("value", "answer", "label", "text", "name") if name in value),
            None,
        )
        return (
            whole
            if whole is not None
            else inner
            if is_single_value(inner) and inner is not None
            else NotImplemented
        )
    if isinstance(value, list):
        flat = [flatten_answer(one) for one in value]
        return (
            NotImplemented
            if any(one is NotImplemented or isinstance(one, list) for one in flat)
            else flat
        )
    return value


def _holds_a_person(node: Mapping[str, Any]) -> bool:
    """Whether a map holds somebody's name and a way to reach them, which are several answers."""
    ways = sum(bool(WAY_NAME.search(name) and node[name]) for name in node)
    return bool(ways) and sum(map(is_single_value, node.values())) > ways


def _is_another_question(named: Mapping[str, Any]) -> bool:
    """Whether a map is another question's answer rather than one of the choices of this one."""
    if _nested_question_text(named) or QUESTIONS.intersection(named):
        return True
    given = text_of(
        next(
            (named[name] for name in VALUES if is_single_value(named.get(name)) and name in named),
            None,
        )
    )
    return bool(_first_scalar_text(named, LABELS)) and (
        "@" in given or sum(map(str.isdigit, given)) >= LEAST_DIGITS
    )


def _answer_value_name(named: Mapping[str, Any]) -> str:
    """Return the name under which a map holds the answer it describes."""
    plain = next((name for name in VALUES if name in named), "")
    paired = next((name for name, other in PAIRS.items() if name in named and other in named), "")
    beside_a_question = "text" if "text" in named and _nested_question_text(named) else ""
    return plain or paired or beside_a_question


def _nested_question_text(named: Mapping[str, Any]) -> str:
    """Return the question's text, where it stands in a map of its own."""
    inner: Mapping[str, Any] = next(
        (named[name] for name in QUESTION_MAPS if isinstance(named.get(name), Mapping)), {}
    )
    return _first_scalar_text(with_plain_names(inner), (*LABELS, "name"))


def _name_with_contact_kind(key: str, named: Mapping[str, Any]) -> str:
    """Name one of several numbers or addresses by its kind.

    One that the tool marks as the main one keeps the field's own name.
    """
    kind = _first_scalar_text(named, KINDS_OF_A_NUMBER)
    is_main = _is_marked_primary(named) and "fax" not in plain_words(kind)
    return key if is_main or not kind else f"{key} {kind}"


def _is_marked_primary(named: Mapping[str, Any]) -> bool:
    return any(
        parse_yes_no(named[name]) is True
        for name in PRIMARY_FLAGS
        if is_single_value(named.get(name)) and name in named
    )


def _is_not_marked_primary(node: Any) -> bool:
    return not (isinstance(node, Mapping) and _is_marked_primary(with_plain_names(node)))


def _is_phone_or_email_name(key: str) -> bool:
    said = match_field_role(key)
    return said is not None and said.is_all and said.role in ("phone", "email")


def _is_list_of_pairs(node: list[Any]) -> bool:
    """Whether a list holds names and values, two by two."""
    return all(
        isinstance(pair, list)
        and len(pair) == 2  # noqa: PLR2004 - a pair
        and isinstance(pair[0], str)
        and is_single_value(pair[1])
        for pair in node
    )


def _fields_from_pairs(node: list[Any], place: FieldLocation) -> Iterator[FormField]:
    group = f"{place.group}.{place.key}" if place.group else place.key
    yield from (
        FormField(name, value=value, group=group, section=place.section) for name, value in node
    )


def _read_option_labels(named: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    listed: list[Any] = next(
        (named[name] for name in OPTIONS if isinstance(named.get(name), list)), []
    )
    for option in listed:
        if isinstance(option, Mapping):
            known = text_of(option.get("id", option.get("value")))
            words = _first_scalar_text(option, ("text", "label", "name", "title"))
            if known and words:
                yield known, words


def _first_scalar_text(node: Mapping[str, Any], names: tuple[str, ...]) -> str:
    values = (node.get(name) for name in names)
    return next(
        (text for value in values if is_single_value(value) and (text := text_of(value))), ""
    )
