"""Field sections: the heading that an answer stands below, and whose its own map says it is.

Many tools list headings between their fields, or name in each field the section that it is in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from leads.forms.compound_fields import with_plain_names
from leads.forms.form_field import is_single_value, text_of
from leads.forms.label_vocabulary import (
    SOMEBODY_ELSE,
    answer_owner,
    has_number_owner_phrase,
    plain_words,
)

HEADING_TYPES = frozenset(
    {
        "section", "heading", "header", "head", "subheading", "break", "pagebreak",
        "sectionbreak", "fieldset", "legend", "step", "seccion", "encabezado",
    }
)  # fmt: skip
NOTE_TYPES = frozenset({"statement", "html", "static", "content", "display", "note", "notice"})
"""Types of texts between the fields, which stand above them only where they tell of another."""
HEADINGS = frozenset({"heading", "subheading", "section", "sectiontitle", "seccion", "encabezado"})
TITLES = (
    "title", "label", "heading", "subheading", "section", "sectiontitle", "text", "caption",
    "content", "question", "name", "titulo", "etiqueta", "seccion", "encabezado",
)  # fmt: skip
TYPES = ("type", "fieldtype", "questiontype", "elementtype", "kind", "tipo")
ANSWERS = ("value", "values", "answer", "answers", "response", "valor", "respuesta")
SECTION_NAMES = (
    "section", "sectiontitle", "sectionname", "sectionlabel", "sectionheading", "fieldset",
    "fieldsettitle", "legend", "group", "groupname", "grouptitle", "grouplabel", "pagetitle",
    "pagename", "steptitle", "stepname", "seccion", "owner", "whose", "belongsto", "person",
    "holder", "dueno", "titular",
)  # fmt: skip
"""Names in the map of an answer of what it stands below, or of who has it."""
NOTE_NAMES = (
    "page", "step", "tab", "panel", "block", "category", "parent", "parentlabel", "path",
    "description", "desc", "sublabel", "subtitle", "hint", "help", "helptext", "tooltip",
    "placeholder", "instructions", "note", "about", "for", "subject", "role", "relation",
    "relationship", "party", "contacttype", "descripcion", "ayuda", "nota", "rol", "parentesco",
)  # fmt: skip
"""Names of what may say there whose it is, among much that says nothing of it."""
LONGEST_TITLE = 100  # characters: each answer in a section keeps them


def read_stated_section(node: Mapping[str, Any]) -> str:
    """Return the section that an answer's own map names, and what in it tells of another."""
    named = with_plain_names(node)
    titles = _texts_of(named, SECTION_NAMES)
    notes = filter(_tells_of_another, _texts_of(named, NOTE_NAMES))
    return " ".join(text[:LONGEST_TITLE] for text in (*titles, *notes))


def children_with_headings(listed: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Yield each part of a list with the title of the heading that stands above it in the list."""
    title = ""
    for child in listed:
        heading = _read_heading(child) if isinstance(child, Mapping) else None
        title = title if heading is None else heading
        yield title, child


def _read_heading(node: Mapping[str, Any]) -> str | None:
    """Return the title of a map that is a heading in a form; None for any other."""
    named = with_plain_names(node)
    kinds = {word for text in _texts_of(named, TYPES) for word in plain_words(text)}
    is_heading = not HEADING_TYPES.isdisjoint(kinds) or (named and HEADINGS.issuperset(named))
    is_alone = all(is_single_value(value) or not value for value in named.values())
    is_answer = any(text_of(named[name]) for name in ANSWERS if name in named)
    title = next(iter(_texts_of(named, TITLES)), "")
    is_heading = is_heading or (not NOTE_TYPES.isdisjoint(kinds) and _tells_of_another(title))
    return title[:LONGEST_TITLE] if is_heading and is_alone and not is_answer else None


def _texts_of(named: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    values = (named[name] for name in names if isinstance(named.get(name), str))
    return [text for value in values if (text := value.strip())]


def _tells_of_another(text: str) -> bool:
    is_anothers = answer_owner(text) == SOMEBODY_ELSE
    return is_anothers or has_number_owner_phrase("adversaries", text)
