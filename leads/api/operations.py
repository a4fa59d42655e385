"""Operations: every address of the read API, what may be asked there, and what is answered.

The document that describes the API and the routes are both made of these.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from leads.api.problems import ApiProblemError, Problem
from leads.api.records import (
    CallbackRecord,
    HelplineRecord,
    LeadRecord,
    PageOf,
    RecordReader,
)
from leads.config import parsing
from leads.errors import BadConfiguration
from leads.models.enums import ApiScope, CallbackState, LeadState

PREFIX = "/api/v1"
USUAL_PAGE, MOST_IN_PAGE = 50, 100
MOST_ID = 2**53  # that JSON keeps whole
LONGEST_PERIOD = timedelta(days=366)
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class Parameter:
    """Something that may be asked; `schema` as JSON Schema has it."""

    name: str
    schema: Mapping[str, Any]
    description: str
    is_required: bool = False


@dataclass(frozen=True)
class ApiAnswer:
    """What is answered: a record, some of them with where the next page begins, or figures."""

    content: Any
    next_cursor: str | None = None
    is_page: bool = False


@dataclass(frozen=True)
class Asked:
    """What one request asked."""

    values: Mapping[str, str]

    def whole_number(self, name: str, usual: int, *, most: int) -> int:
        """Return a number from 1 on; raises ApiProblemError for any other."""
        said = self.values.get(name, str(usual))
        if not (said.isascii() and said.isdecimal() and len(said) <= len(str(most))):
            raise ApiProblemError(Problem.BAD_PARAMETER, f"{name} must be 1 to {most}.")
        if not 1 <= int(said) <= most:
            raise ApiProblemError(Problem.BAD_PARAMETER, f"{name} must be 1 to {most}.")
        return int(said)

    def word(self, name: str, words: type[Word]) -> Word | None:
        """Return one of these words; None where nothing was asked."""
        said = self.values.get(name)
        if said is None:
            return None
        if said not in set(words):
            told = f"{name} must be one of: {', '.join(words)}."
            raise ApiProblemError(Problem.BAD_PARAMETER, told)
        return words(said)

    def page(self) -> PageOf:
        """Return which page is asked for."""
        limit = self.whole_number("limit", USUAL_PAGE, most=MOST_IN_PAGE)
        return PageOf(limit, parse_cursor(self.values.get("cursor", "")))

    def parsed(self, name: str, parse: Callable[[str, str], Any]) -> Any:
        """Return what a parser of the command line's makes of a parameter; None for nothing."""
        try:
            return parse(name, self.values[name]) if name in self.values else None
        except BadConfiguration as refusal:
            raise ApiProblemError(Problem.BAD_PARAMETER, str(refusal)) from None


@dataclass(frozen=True)
class Operation:
    """One address. `record`: the dataclass that is answered, alone or in a page; None: figures."""

    path: str
    summary: str
    scope: ApiScope | None
    read: Callable[[RecordReader, Asked], ApiAnswer]
    record: type[Any] | None
    is_page: bool = False
    parameters: Sequence[Parameter] = ()

    @property
    def address(self) -> str:
        """Its whole path, with a name in braces where an id stands."""
        return PREFIX + self.path


def make_cursor(last_id: int) -> str:
    """Return where the page after a record begins, for nobody to read."""
    return base64.urlsafe_b64encode(str(last_id).encode()).decode().rstrip("=")


def parse_cursor(cursor: str) -> int:
    """Return after which record a page begins; raises ApiProblemError for what is no cursor."""
    if not cursor:
        return 0
    try:
        told = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        last_id = int(told.decode("ascii"))
    except (ValueError, binascii.Error):
        last_id = -1
    if not 0 <= last_id <= MOST_ID:
        raise ApiProblemError(Problem.BAD_PARAMETER, "cursor is not one that was given out.")
    return last_id


def _list_helplines(reader: RecordReader, _asked: Asked) -> ApiAnswer:
    return ApiAnswer(reader.list_helplines(), is_page=True)


def _list_callbacks(reader: RecordReader, asked: Asked) -> ApiAnswer:
    page = asked.page()
    found = reader.list_callbacks(
        page,
        state=asked.word("state", CallbackState),
        received_since=asked.parsed("received_since", parsing.parse_instant),
    )
    return _page_answer(found, page)


def _find_callback(reader: RecordReader, asked: Asked) -> ApiAnswer:
    return _record_answer(reader.find_callback(asked.whole_number("id", 1, most=MOST_ID)))


def _list_leads(reader: RecordReader, asked: Asked) -> ApiAnswer:
    page = asked.page()
    return _page_answer(reader.list_leads(page, state=asked.word("state", LeadState)), page)


def _find_lead(reader: RecordReader, asked: Asked) -> ApiAnswer:
    return _record_answer(reader.find_lead(asked.whole_number("id", 1, most=MOST_ID)))


def _read_report(reader: RecordReader, asked: Asked) -> ApiAnswer:
    first: date | None = asked.parsed("from", parsing.parse_date)
    last: date | None = asked.parsed("to", parsing.parse_date)
    if first is None or last is None or not timedelta() <= last - first <= LONGEST_PERIOD:
        told = f"from and to must be days, {LONGEST_PERIOD.days} at most from one to the other."
        raise ApiProblemError(Problem.BAD_PARAMETER, told)
    zone: str = asked.parsed("zone", lambda _name, said: parsing.parse_time_zone(said)) or "UTC"
    helpline = None
    if "helpline_id" in asked.values:
        helpline = reader.find_helpline(asked.whole_number("helpline_id", 1, most=MOST_ID))
        if helpline is None:
            raise ApiProblemError(Problem.BAD_PARAMETER, "helpline_id names none of yours.")
    elif reader.brand_ids:
        told = "helpline_id is needed: this token is for some helplines alone."
        raise ApiProblemError(Problem.BAD_PARAMETER, told)
    return ApiAnswer(reader.read_report(first=first, last=last, zone=zone, helpline=helpline))


def _page_answer(found: Sequence[Any], page: PageOf) -> ApiAnswer:
    is_full = len(found) == page.limit
    return ApiAnswer(found, make_cursor(found[-1].id) if is_full else None, is_page=True)


def _record_answer(found: object) -> ApiAnswer:
    if found is None:
        raise ApiProblemError(Problem.NOT_FOUND)
    return ApiAnswer(found)


ID = Parameter("id", {"type": "integer", "minimum": 1}, "The record's id.", is_required=True)
PAGING = (
    Parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST_IN_PAGE, "default": USUAL_PAGE},
        "How many records a page has at most.",
    ),
    Parameter(
        "cursor",
        {"type": "string"},
        "The next_cursor of the page before; it is good for the same other parameters alone.",
    ),
)
OPERATIONS = (
    Operation(
        "/helplines", "List the helplines.", None, _list_helplines, HelplineRecord, is_page=True
    ),
    Operation(
        "/callbacks",
        "List callbacks, oldest first.",
        ApiScope.CALLBACKS,
        _list_callbacks,
        CallbackRecord,
        is_page=True,
        parameters=(
            Parameter("state", {"enum": [*CallbackState]}, "Only those in this state."),
            Parameter(
                "received_since",
                {"type": "string", "format": "date-time"},
                "Only those received since an instant.",
            ),
            *PAGING,
        ),
    ),
    Operation(
        "/callbacks/{id}",
        "Read a callback.",
        ApiScope.CALLBACKS,
        _find_callback,
        CallbackRecord,
        parameters=(ID,),
    ),
    Operation(
        "/leads",
        "List people, in the order in which they first asked.",
        ApiScope.LEADS,
        _list_leads,
        LeadRecord,
        is_page=True,
        parameters=(Parameter("state", {"enum": [*LeadState]}, "Only these."), *PAGING),
    ),
    Operation(
        "/leads/{id}",
        "Read a person; name, phone and email are null without the scope leads:personal.",
        ApiScope.LEADS,
        _find_lead,
        LeadRecord,
        parameters=(ID,),
    ),
    Operation(
        "/report",
        "Read the figures of a period, as the command `report --json` has them.",
        ApiScope.REPORT,
        _read_report,
        None,
        parameters=(
            Parameter(
                "from", {"type": "string", "format": "date"}, "The first day.", is_required=True
            ),
            Parameter("to", {"type": "string", "format": "date"}, "The last.", is_required=True),
            Parameter("zone", {"type": "string", "default": "UTC"}, "Whose days are meant."),
            Parameter("helpline_id", {"type": "integer", "minimum": 1}, "Of one helpline alone."),
        ),
    ),
)
