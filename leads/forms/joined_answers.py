"""Joined answers: answers that do not say what was asked, beside the questions that do.

An answer holds the id of its question, or stands at its place: in the row of a table as far from
the first as its title stands in the columns.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from leads.forms.compound_fields import join_name_or_phone_parts, with_plain_names
from leads.forms.consent_shapes import is_unticked
from leads.forms.field_titles import (
    IDS,
    QUESTION_MAPS,
    TELLS_OF_SOMEBODY,
    TITLES,
    TYPES,
    FormQuestion,
    FormQuestions,
    first_text,
    nested_text,
    with_title,
)
from leads.forms.form_field import FormField, text_of

ANSWERS = (
    "value", "values", "answer", "answers", "response", "responses", "text", "valor", "respuesta",
    "simpletext",
)  # fmt: skip
ABOUT_AN_ANSWER = frozenset(
    {*IDS, *TYPES, *QUESTION_MAPS, "kind", "index", "order", "position", "number", "page"}
)
COLUMNS = (
    "columns", "headers", "header", "fields", "questions", "columnnames", "fieldnames", "titles",
)  # fmt: skip
ROWS = frozenset(
    {
        "rows", "row", "values", "cells", "data", "answers", "responses", "record", "records",
        "entry", "submission", "response", "result",
    }
)  # fmt: skip
LEAST_COLUMNS, MOST_ROWS = 2, 100


def field_from_answer(
    node: Mapping[str, Any], key: str, group: str, questions: FormQuestions
) -> FormField | None:
    """Return the answer of a map that refers to a question, with the question's title.

    None where it refers to none, or where it holds several answers.
    """
    named = with_plain_names(node)
    kind = _declared_type(named)
    asked = questions.find_answered_id(node, key)
    if not asked:
        return _field_from_unknown_question(named, kind, group)
    name = next((one for one in (*ANSWERS, kind) if one in named), "")
    given = named[name] if name else _without_what_is_about_it(named)
    if _holds_several_answers(given):
        return None
    question = questions.by_id[asked]
    values = [_words_of_choice(value, question) for value in _each_value(given)]
    value = values[0] if len(values) == 1 else values or None
    return with_title(FormField(asked, type=kind, value=value, group=group), question)


def _field_from_unknown_question(
    named: Mapping[str, Any], kind: str, group: str
) -> FormField | None:
    """Return an answer that stands under the name of its own type: what was asked is not told."""
    asked = (named[name] for name in QUESTION_MAPS if isinstance(named.get(name), Mapping))
    ids = first_text(with_plain_names(next(asked, {})), IDS)
    if not ids or kind not in named or _holds_several_answers(named[kind]):
        return None
    values = list(_each_value(named[kind]))
    return FormField(ids, type=kind, value=values, group=group, is_key_an_id=True)


def read_table(node: Mapping[str, Any], group: str) -> tuple[list[FormField], frozenset[str]]:
    """Return the answers of a table, and the names in the map under which it stands.

    It has titles in one list, and in another, as long, an answer for each. Both are empty where a
    map holds no table.
    """
    named = {"".join(filter(str.isalnum, name.lower())): name for name in node}
    columns = next((named[one] for one in COLUMNS if one in named), None)
    titles = _column_titles(node[columns]) if columns else []
    if len(titles) < LEAST_COLUMNS:
        return [], frozenset()
    rows = {
        name: [row for row in _table_rows_in(node[name]) if len(row) == len(titles)]
        for plain, name in named.items()
        if plain in ROWS and name != columns
    }
    answers = [
        FormField(title, value=value, group=group)
        for row in itertools.islice(itertools.chain(*rows.values()), MOST_ROWS)
        for title, value in zip(titles, row, strict=True)
    ]
    used = frozenset(name for name, found in rows.items() if found)
    return answers, used | {columns} if columns and used else used


def _column_titles(columns: Any) -> list[str]:
    """Return the title of each column; nothing where one has none."""
    listed = columns if isinstance(columns, list) else []
    titles = [
        nested_text(with_plain_names(one), TITLES) if isinstance(one, Mapping) else one
        for one in listed
    ]
    is_titled = all(isinstance(title, str) and title.strip() for title in titles)
    return titles if is_titled else []


def _table_rows_in(value: Any) -> Iterator[list[Any]]:
    """Yield the rows of a table: a list of answers, or each of a list of such lists."""
    if not isinstance(value, list):
        return
    if not any(isinstance(one, (Mapping, list)) for one in value):
        yield value
        return
    for row in value:
        cells = next(filter(None, _cells_of(row)), [])
        if not any(isinstance(one, (Mapping, list)) for one in cells):
            yield cells


def _cells_of(row: Any) -> Iterator[list[Any]]:
    if isinstance(row, list):
        yield row
    elif isinstance(row, Mapping):
        yield from (value for value in row.values() if isinstance(value, list))


def _declared_type(named: Mapping[str, Any]) -> str:
    """Return the type that an answer says it has, as the names of a map are written."""
    return "".join(filter(str.isalnum, first_text(named, TYPES).lower()))


def _without_what_is_about_it(named: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in named.items() if name not in ABOUT_AN_ANSWER}


def _holds_several_answers(given: Any) -> bool:
    """Whether what was given is a form of its own, of somebody's name and number."""
    if isinstance(given, list):
        return any(map(_holds_several_answers, given))
    if not isinstance(given, Mapping) or join_name_or_phone_parts(given) is not None:
        return False
    named = with_plain_names(given)
    is_about_somebody = sum(TELLS_OF_SOMEBODY.search(name) is not None for name in named) > 1
    return is_about_somebody or any(map(_holds_several_answers, named.values()))


def _each_value(given: Any) -> Iterator[Any]:
    """Yield the values that stand in what was given, however deep."""
    if isinstance(given, list):
        yield from itertools.chain(*map(_each_value, given))
    elif not isinstance(given, Mapping):
        yield given
    elif (whole := join_name_or_phone_parts(given)) is not None:
        yield whole
    elif is_unticked(named := with_plain_names(given)):
        yield False
    else:
        chosen = next((named[name] for name in (*ANSWERS, "label") if name in named), None)
        rest = (value for name, value in named.items() if name not in ABOUT_AN_ANSWER)
        yield from _each_value(chosen if chosen is not None else list(rest) or list(named.values()))


def _words_of_choice(value: Any, question: FormQuestion) -> Any:
    return dict(question.options).get(text_of(value), value)
