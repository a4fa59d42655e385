"""Compound fields: names and numbers that come in parts are joined.

An area code, a prefix and a line are one number.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from leads import phone_numbers
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import (
    answer_owner,
    cache_short_texts,
    match_field_role,
    plain_words,
    split_phone_part,
)

FIRST, MIDDLE, LAST = ("first", "firstname", "given", "givenname"), ("middle", "middlename"), (
    "last", "lastname", "family", "familyname", "surname",
)  # fmt: skip
WHOLE_NUMBER = (
    "full", "e164", "formatted", "international", "internationalformat", "internationalnumber",
    "complete", "raw",
)  # fmt: skip
WHOLE_NAME = (*WHOLE_NUMBER, "fullname", "firstandlast")
AROUND_A_NAME = {"middleinitial", "prefix", "suffix", "title", "honorific", "initials"}
AROUND_A_NUMBER = {
    "extension",
    "ext",
    "national",
    "valid",
    "countryname",
    "primary",
    "isprimary",
    "default",
    "verified",
}
EXTENSIONS = ("extension", "ext")
KIND_OF_A_NUMBER = ("label", "type", "kind")
UNKNOWN_COUNTRY = "(+?)"
"""The mark in a number whose country is stated but not understood: it cannot be dialed."""
COUNTRY, AREA, EXCHANGE, LOCAL, LINE = (
    (
        "countrycallingcode",
        "dialcode",
        "callingcode",
        "countrycode",
        "code",
        "country",
        "countryshortname",
    ),
    ("area", "areacode"),
    ("prefix", "exchange"),
    ("phone", "number", "nationalnumber"),
    ("line", "linenumber", "suffix"),
)
NUMBERED = re.compile(r"(?P<base>.*[^\W\d_])[ _.\-]*(?P<part>[123])")
NUMBERS = {"number", "nationalnumber"}
NAMED_LINE = re.compile(r"\s*([^\W\d][\w ]{1,20}?)\s*[=:]\s*(\S[^\n]*)?")
MOST_PARTS = 8
MOST_AREAS = 5  # area codes: each is tried with every number beside it
IN_THREE = [3, 3, 4]  # digits of an American number's parts
DIGITS = re.compile(r"\(?\d{1,8}\)?")
OF_ANY_NUMBER = frozenset(
    {"phone", "number", "telephone", "tel", "telefono", "numero", "your", "contact", "su", "tu"}
)


def join_name_or_phone_parts(node: Mapping[str, Any]) -> str | None:
    """Return the one text that the parts of a name or number make; None for any other map."""
    parts = with_plain_names(node)
    if not parts or any(isinstance(value, (Mapping, list)) for value in parts.values()):
        return None
    if set(parts) <= {*FIRST, *MIDDLE, *LAST, *WHOLE_NAME, *AROUND_A_NAME} and set(parts) & {
        *FIRST,
        *LAST,
        *WHOLE_NAME,
    }:
        name = [
            _first_part_text(parts, FIRST),
            _first_part_text(parts, MIDDLE),
            _first_part_text(parts, LAST),
        ]
        return " ".join(filter(None, name)) or _first_part_text(parts, WHOLE_NAME)
    around = {*AROUND_A_NUMBER, *KIND_OF_A_NUMBER}
    known = {*WHOLE_NUMBER, *COUNTRY, *AREA, *EXCHANGE, *LOCAL, *LINE, *around}
    if set(parts) <= known and len(parts) > 1 and set(parts) & {*WHOLE_NUMBER, *AREA, *NUMBERS}:
        number = _first_part_text(parts, WHOLE_NUMBER) or _join_phone_parts(parts)
        extension = _first_part_text(parts, EXTENSIONS)
        return f"{number} ext. {extension}" if number and extension.isdecimal() else number
    return None


def has_name_parts(node: Mapping[str, Any]) -> bool:
    """Whether the parts of a map are those of a name."""
    parts = with_plain_names(node)
    given = [text_of(value) for name, value in parts.items() if name in {*FIRST, *LAST}]
    return any(given) and not any(re.search(r"[\d@/]", text) for text in given)


def with_plain_names(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return a map whose names are without capital letters and signs."""
    return {_plain_part_name(name): value for name, value in node.items()}


@cache_short_texts
def _plain_part_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def join_named_lines(items: Iterable[FormField]) -> tuple[FormField, ...]:
    """Join the parts of names that stand in one text, a line each, such as `first = Ana`."""
    return tuple(
        replace(item, value=whole) if (whole := _join_lines_of_text(item.value)) else item
        for item in items
    )


def _join_lines_of_text(value: Any) -> str | None:
    if not isinstance(value, str) or "\n" not in value.strip():
        return None
    written = [line for line in value.splitlines() if line.strip()]
    lines = [NAMED_LINE.fullmatch(line) for line in written[: MOST_PARTS + 1]]
    if not all(lines) or len(lines) > MOST_PARTS:
        return None
    return join_name_or_phone_parts({line[1]: line[2] or "" for line in lines if line})


def join_split_phone_numbers(items: Sequence[FormField], region: str) -> tuple[FormField, ...]:
    """Join the fields that only together make a number of `region`."""
    for joined in (*_find_three_part_numbers(items), *_find_numbered_number_parts(items)):
        text = " ".join(text_of(item.value) for item in joined[1:])
        if phone_numbers.normalize_phone(text, region):
            items = _replace_by_joined_field(items, joined, text)
    for area in itertools.islice(list(_find_area_codes(items)), MOST_AREAS):
        items = _join_area_code(items, area, region)
    return tuple(items)


def are_parts_of_one_number(texts: Sequence[str]) -> bool:
    """Whether a list holds the parts of one number rather than several numbers."""
    lengths = [sum(map(str.isdigit, text)) for text in texts]
    return all(map(DIGITS.fullmatch, texts)) and lengths in (
        IN_THREE,
        [3, 7],
        [1, *IN_THREE],
        [1, 3, 7],
    )


def _find_three_part_numbers(items: Iterable[FormField]) -> Iterator[list[FormField]]:
    """Yield the three fields that are parts of one number, behind a field that stands for it."""
    parts_by_number: dict[tuple[str, tuple[str, ...]], dict[str, FormField]] = {}
    for item in items:
        rest, part = split_phone_part(item.key) or split_phone_part(item.label) or ((), "")
        if part and DIGITS.fullmatch(text_of(item.value)):
            parts_by_number.setdefault((item.group, rest), {}).setdefault(part, item)
    for (group, rest), parts in parts_by_number.items():
        name = " ".join(rest) or group.rpartition(".")[2]
        if {"area", "prefix", "line"} <= set(parts) and _is_phone_label(name):
            area = parts["area"]
            whole = replace(area, key=name, label=" ".join(plain_words(area.label)[: len(rest)]))
            yield [whole, area, parts["prefix"], parts["line"]]


def _find_numbered_number_parts(items: Iterable[FormField]) -> Iterator[list[FormField]]:
    parts_by_base: dict[tuple[str, str], list[FormField]] = {}
    for item in items:
        numbered = NUMBERED.fullmatch(item.key)
        if numbered and DIGITS.fullmatch(text_of(item.value)):
            parts_by_base.setdefault((item.group, numbered["base"]), []).append(item)
    for (_, base), parts in parts_by_base.items():
        lengths = [sum(map(str.isdigit, text_of(item.value))) for item in parts]
        if lengths == IN_THREE and (_is_phone_label(base) or _is_phone_label(parts[0].label)):
            yield [replace(parts[0], key=base), *parts]


def _replace_by_joined_field(
    items: Sequence[FormField], joined: Sequence[FormField], text: str
) -> Sequence[FormField]:
    whole, first, *rest = joined
    dropped = {id(item) for item in rest}
    return [
        replace(whole, value=text) if item is first else item
        for item in items
        if id(item) not in dropped
    ]


def _find_area_codes(items: Iterable[FormField]) -> Iterator[FormField]:
    for item in items:
        _, part = split_phone_part(item.key) or split_phone_part(item.label) or ((), "")
        if part == "area" and DIGITS.fullmatch(text_of(item.value)):
            yield item


def _join_area_code(
    items: Sequence[FormField], area: FormField, region: str
) -> Sequence[FormField]:
    """Put an area code before the one number beside it that is a number only with it."""
    fitting = [item for item in items if _needs_area_code(item, area, region)]
    meant = [
        item for item in fitting if _distinguishing_words(item) == _distinguishing_words(area)
    ] or fitting
    if len(meant) != 1:
        return items
    text = f"{text_of(area.value)} {text_of(meant[0].value)}"
    return [
        replace(item, value=text) if item is meant[0] else item
        for item in items
        if item is not area
    ]


def _needs_area_code(item: FormField, area: FormField, region: str) -> bool:
    if (
        item is area
        or item.group != area.group
        or not (_is_phone_label(item.key) or _is_phone_label(item.label))
    ):
        return False
    if answer_owner(f"{item.key} {item.label}") != answer_owner(
        f"{area.key} {area.label}"
    ) and _distinguishing_words(area):
        return False
    text = text_of(item.value)
    return not text.startswith("+") and bool(
        phone_numbers.normalize_phone(f"{text_of(area.value)} {text}", region)
    )


def _distinguishing_words(item: FormField) -> frozenset[str]:
    said = itertools.chain(
        *((split_phone_part(text) or (plain_words(text), ""))[0] for text in (item.key, item.label))
    )
    return frozenset(said) - OF_ANY_NUMBER


def _is_phone_label(name: str) -> bool:
    said = match_field_role(name)
    return said is not None and said.role == "phone"


def _join_phone_parts(parts: Mapping[str, Any]) -> str:
    local = " ".join(
        filter(None, (_first_part_text(parts, names) for names in (AREA, EXCHANGE, LOCAL, LINE)))
    )
    country = _first_part_text(parts, COUNTRY)
    if not local or local.startswith("+") or not country:
        return local
    region = phone_numbers.parse_region(country)
    return (
        f"+{phone_numbers.calling_code(region)} {local}"
        if region
        else f"{country} {UNKNOWN_COUNTRY} {local}"
    )


def _first_part_text(parts: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := text_of(parts.get(name)))), "")
