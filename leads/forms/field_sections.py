"""Field sections: the heading that an answer stands below, and whose its own map says it is.

Many tools list headings between their fields, or name in each field the section that it is in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from leads.forms.compound_fields import with_plain_names
from leads.forms.form_field import is_single_value, text_of
from leads.forms.label_vocabulary import (
    SOMEBODY_ELSE,
    answer_owner,
    asks_for_another,
    cache_short_texts,
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
    "holder", "dueno", "titular", "role", "relation", "relationship", "relationtype", "who",
    "whom", "target", "party", "partytype", "contacttype", "persontype", "rol", "relacion",
    "parentesco", "quien", "persona",
)  # fmt: skip
"""Names in the map of an answer of what it stands below, or of who has it."""
NAMES_OF_PEOPLE = (
    "owner", "whose", "belongsto", "person", "persona", "holder", "dueno", "titular", "who",
    "whom", "target", "party",
)  # fmt: skip
"""Of these, the names of a map about somebody, who may be a kind of person."""
PARTS_OF_A_FORM = ("parent", "block", "container", "panel", "tab", "subform", "step", "row")
"""Names there of a map that describes what it stands below; a text may be an id."""
NO_NOTES = frozenset({*ANSWERS, "options", "choices", "validation", "validations", "url", "href"})
"""Names there of what tells of nobody's phone: the answer, and what else might be answered."""
DEEPEST_NOTE = 3
LONGEST_TITLE = 100  # characters: each answer in a section keeps them


def read_stated_section(node: Mapping[str, Any], *, called: Collection[str]) -> str:
    """Return the section that an answer's own map names, and what in it tells of another.

    Forms say so under any name and at any depth, as `{"parent": {"label": "Next of kin"}}` does.
    `called`: what the answer is called, which is read by itself.
    """
    named = with_plain_names(node)
    titles = [text for name in SECTION_NAMES for text in _titles_in(named.get(name))]
    people = (named[name] for name in NAMES_OF_PEOPLE if isinstance(named.get(name), Mapping))
    titles.extend(text for one in people for text in _texts_of(with_plain_names(one), TYPES))
    parts = (named[name] for name in PARTS_OF_A_FORM if isinstance(named.get(name), Mapping))
    titles.extend(text for part in parts for text in _titles_in(part))
    beside = {name: value for name, value in named.items() if name not in SECTION_NAMES}
    notes = filter(_tells_of_another, _texts_within(beside))
    there = dict.fromkeys(text for text in (*titles, *notes) if text not in called)
    return " ".join(text[:LONGEST_TITLE] for text in there)


def _titles_in(said: Any) -> list[str]:
    """Return the titles that a text, a map or a list of either gives."""
    if isinstance(said, list):
        return [text for one in said for text in _titles_in(one)]
    if isinstance(said, Mapping):
        named = with_plain_names(said)
        return _texts_of(named, SECTION_NAMES) or _texts_of(named, TITLES)[:1]
    return [said.strip()] if isinstance(said, str) and said.strip() else []


def _texts_within(said: Any, depth: int = DEEPEST_NOTE) -> Iterator[str]:
    """Yield the texts in a part of an answer's map, but for the answer itself."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping) and depth:
        for name, value in with_plain_names(said).items():
            yield from _texts_within(value, depth - 1) if name not in NO_NOTES else ()
    elif isinstance(said, list) and depth:
        for one in said:
            yield from _texts_within(one, depth - 1)


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


@cache_short_texts
def _tells_of_another(text: str) -> bool:
    kinds = ("adversaries", "contacts")
    is_anothers = answer_owner(text) == SOMEBODY_ELSE or asks_for_another(text)
    return is_anothers or any(has_number_owner_phrase(kind, text) for kind in kinds)
