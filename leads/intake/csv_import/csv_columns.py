"""CSV columns: which column of another system's file is which of ours.

Pure.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from leads.forms.label_vocabulary import (
    ANYBODY,
    SOMEBODY_ELSE,
    answer_owner,
    has_number_owner_phrase,
    is_from_third_party_submitter,
    match_field_role,
    plain_words,
)

FIRST_NAME, LAST_NAME = "first_name", "last_name"
ROLES_OF_FORMS = ("phone", "name", FIRST_NAME, LAST_NAME, "email", "message")
MISSPELLED = 0.8  # of the letters are the same

ColumnPlaces = Mapping[str, tuple[int, ...]]
"""Where each of our columns stands, the first choice first; nowhere where it is missing."""


def plain_column_names(header: Sequence[str]) -> list[str]:
    """Return the names of a header in the spelling of our own."""
    return ["_".join(name.strip().lower().split()) for name in header]


def find_column_places(header: Sequence[str], columns: Iterable[str]) -> ColumnPlaces:
    """Return the places of our columns in a header, by our names, or by those of other systems.

    `first_name` and `last_name` stand for a name that is missing.
    """
    names = plain_column_names(header)
    exact = {column: names.index(column) for column in columns if column in names}
    places: dict[str, list[int]] = {column: [place] for column, place in exact.items()}
    for place, written in enumerate(header):
        if names[place] in exact:
            continue
        column = _column_of_another_system(written)
        if column and (column == "phone" or column not in places):
            places.setdefault(column, []).append(place)
    own = [place for place in places.get("phone", ()) if not _stands_below_another(header, place)]
    if own:
        places["phone"] = own
    if "closed_at" not in places and "close_reason" not in exact:
        places.pop("close_reason", None)  # "Outcome" says nothing of an end where no end is told
    if "name" in exact or (FIRST_NAME not in places and LAST_NAME not in places):
        places.pop(FIRST_NAME, None)
        places.pop(LAST_NAME, None)
    return {column: tuple(where) for column, where in places.items()}


def _stands_below_another(header: Sequence[str], place: int) -> bool:
    """Whether a column follows one of somebody else, as "Phone 2" behind "Respondent"."""
    for written in reversed(header[:place]):
        if _column_of_another_system(written) in ("name", FIRST_NAME, LAST_NAME, "phone"):
            return False
        role = match_field_role(written)
        is_name = role is not None and role.role in ("name", FIRST_NAME, LAST_NAME)
        is_anothers = is_name and answer_owner(written) == SOMEBODY_ELSE
        if is_anothers or has_number_owner_phrase("adversaries", written):
            return True
    return False


def find_misspelled_columns(header: Sequence[str], missing: Iterable[str]) -> list[str]:
    """Return the missing columns that one in the header may be, misspelled."""
    unknown = [written for written in header if not _column_of_another_system(written)]
    known = {name for name in plain_column_names(unknown) if name}
    return [
        column
        for column in missing
        if any(SequenceMatcher(None, column, name).ratio() >= MISSPELLED for name in known)
    ]


def says_over(name: str, cell: str) -> bool:
    """Whether a column that is none of ours says that there is nobody to be rung any more."""
    over, words = _column_words()["over"], " ".join(plain_words(name))
    if re.search(over["status_columns"], words):
        return bool(re.search(over["statuses"], " ".join(plain_words(cell))))
    return bool(re.search(over["columns"], words)) and cell.strip().lower() not in (
        "", "0", "no", "n", "false", "falso",
    )  # fmt: skip


@functools.lru_cache(maxsize=4096)
def is_status_column(name: str) -> bool:
    """Whether a column keeps in what state a request is elsewhere."""
    words = " ".join(plain_words(name))
    return bool(re.search(_column_words()["over"]["status_columns"], words))


@functools.lru_cache(maxsize=4096)
def keeps_refusals(name: str) -> bool:
    """Whether a column keeps a status, a reason, tags or what was agreed to: no words about it."""
    words = " ".join(plain_words(name))
    is_listed = bool(re.search(_column_words()["stop"]["told_in"], words))
    is_of_end = _column_of_another_system(name) == "close_reason"
    return is_status_column(name) or is_listed or is_of_end


@functools.lru_cache(maxsize=4096)
def is_stop_column(name: str) -> bool:
    """Whether the whole name of a column says that somebody stopped us, or when."""
    return bool(re.fullmatch(_column_words()["stop"]["columns"], " ".join(plain_words(name))))


@functools.lru_cache(maxsize=4096)
def is_stop_reason_column(name: str) -> bool:
    """Whether a column tells why, how or to whom somebody said that we must stop."""
    return bool(re.fullmatch(_column_words()["stop"]["reasons"], " ".join(plain_words(name))))


def _column_of_another_system(written: str) -> str:
    said = "".join(plain_words(written))
    numbered = "".join(re.findall(r"[a-z0-9]+", written.lower()))
    column = _columns_by_name().get(said) or _columns_by_name().get(numbered)
    if column:
        return column
    role = match_field_role(written)
    is_theirs = answer_owner(written) <= ANYBODY and not is_from_third_party_submitter(written)
    is_known = role is not None and role.is_all and role.role in ROLES_OF_FORMS and is_theirs
    return role.role if role and is_known else ""


@functools.cache
def _columns_by_name() -> Mapping[str, str]:
    words = _column_words()
    ours = {column: names for column, names in words.items() if isinstance(names, list)}
    return {name.replace(" ", ""): column for column, names in ours.items() for name in names}


@functools.cache
def _column_words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "columns.toml").read_text("utf-8"))
