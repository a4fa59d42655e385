"""What a row of a CSV file says of a request, read as a form of named answers is read.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from leads import phone_numbers
from leads.contact_rules.stated_places import read_stated_place
from leads.forms.call_questions import says_not_allowed
from leads.forms.consent import DATE, forbids_calls
from leads.forms.form_field import FormField, ParsedSubmission
from leads.forms.owner_answers import gives_number_to_another
from leads.forms.request import FormRequest
from leads.forms.request_extraction import extract_request
from leads.forms.yes_no_answers import parse_consent_answer
from leads.free_text.refusals import is_stop_wording
from leads.intake.csv_import.csv_columns import (
    is_status_column,
    is_stop_column,
    is_stop_reason_column,
    keeps_refusals,
    says_over,
)
from leads.person_facts import PERSON_FACTS, FactKind

OWN_COLUMNS = ("phone", "phone_extension", "name", "email", "message")
TEXT_FACTS = [
    fact.name
    for fact in PERSON_FACTS
    if fact.kind in (FactKind.TEXT, FactKind.CHOICE) and fact.name not in OWN_COLUMNS
]
SCIENTIFIC = re.compile(r"\+?(?P<first>\d)[.,](?P<rest>\d+)[eE]\+?(?P<shift>\d{1,2})")


def dialable_cell_number(cell: str, region: str) -> str | None:
    """Return the number in a cell as it can be dialed, also as a spreadsheet rewrote it.

    1.3155550142E+10 is read only where no digit is missing. Meta writes p: before each number.
    """
    bare = cell.strip().removeprefix("p:")
    written = SCIENTIFIC.fullmatch(bare)
    if written is None:
        return phone_numbers.normalize_phone(bare, region)
    digits, shift = written["first"] + written["rest"], int(written["shift"])
    if len(written["rest"]) < shift or digits[shift + 1 :].strip("0"):
        return None
    return phone_numbers.normalize_phone(digits[: shift + 1], region)


def read_row_request(
    cells: Mapping[str, str], others: Mapping[str, str], *, number: str, region: str, campaign: str
) -> FormRequest:
    """Return the request that a row makes: our columns as they are, the others as answers.

    A file cannot agree to anything in somebody's name: only a refusal counts.
    """
    request = FormRequest(
        phone=number,
        phone_as_given=cells["phone"],
        phone_extension=phone_numbers.split_extension(cells["phone"]).extension,
        name=cells["name"],
        email=cells["email"],
        message=cells["message"],
        campaign=campaign,
    )
    answered = {name: cell for name, cell in others.items() if cell}
    if is_stop_wording(cells["close_reason"]):
        answered["close_reason"] = cells["close_reason"]
    if not answered and not cells["message"]:
        return request
    items = [FormField("phone", value=number), FormField("message", value=cells["message"])]
    items += [FormField(name, value=cell) for name, cell in answered.items()]
    read = extract_request(ParsedSubmission(tuple(items)), region=region, mapping={})
    told = {**answered, "message": cells["message"]}
    limits = [*read.limits, *_limits_of_columns(told, name=cells["name"])]
    is_refused = read.consent is False or says_stop(answered)
    return replace(
        request,
        consent=False if is_refused else None,
        consent_text=read.consent_text if read.consent is False else "",
        safe_to_call=False if read.safe_to_call is False else None,
        safe_to_voicemail=False if read.safe_to_voicemail is False else None,
        safe_to_text=False if read.safe_to_text is False else None,
        cautions=read.cautions,
        limits=list(dict.fromkeys(limits)),
        unknown=read.unknown,
        **_facts_of_columns(read, answered),
    )


def _facts_of_columns(read: FormRequest, answered: Mapping[str, str]) -> dict[str, Any]:
    """Return what the other columns say of a person and of when to call, by fact.

    A column in which a request stands in some state ("Estado: abierto") names no place.
    """
    facts = {fact: getattr(read, fact) for fact in TEXT_FACTS}
    statuses = {cell for name, cell in answered.items() if is_status_column(name)}
    if facts["region"] in statuses and not read_stated_place(facts["region"]).is_understood:
        facts["region"] = ""
    return facts


def says_stop(others: Mapping[str, str]) -> bool:
    """Whether a column of a row says that the person must not be called at all."""
    return any(_is_stop(name, cell) for name, cell in others.items() if cell)


def _is_stop(name: str, cell: str) -> bool:
    if is_stop_reason_column(name):
        return parse_consent_answer(cell) is not False
    if forbids_calls(name) or is_stop_column(name):
        is_said = parse_consent_answer(cell) is True or DATE.match(cell) or says_not_allowed(cell)
        return bool(is_said) or is_stop_wording(cell)
    return keeps_refusals(name) and is_stop_wording(cell)


def _limits_of_columns(others: Mapping[str, str], *, name: str) -> list[str]:
    """Return the columns that speak against a call to whoever has this name."""
    return [
        f"{column}: {cell}"
        for column, cell in others.items()
        if says_over(column, cell)
        or _is_stop(column, cell)
        or gives_number_to_another(FormField(column, value=cell), own_names=(name,))
    ]
