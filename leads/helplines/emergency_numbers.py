"""Emergency numbers: the crisis line of a helpline, and its counties' ten-digit numbers.

911 dialed from here sends help to the place that is registered for our number. A county's
emergency services have a ten-digit number besides, which whoever keeps the list asks them for.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from leads import phone_numbers
from leads.database.bulk_rows import insert_rows
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadConfiguration, BadFile
from leads.forms.label_vocabulary import plain_words
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.helplines import Brand, EmergencyNumber
from leads.people.permissions import Permission, actor_of, require_permission

COLUMNS = {
    "county": ("county", "condado"),
    "state": ("state", "estado"),
    "name": ("name", "nombre"),
    "number": ("number", "numero"),
}
"""The columns of a file, and what it may call them, without accents."""
MOST_NUMBERS = 20_000
LONGEST_TEXT = 120  # characters
STATE_LETTERS = 2
LARGEST_FILE = 5_000_000  # bytes


@dataclass(frozen=True)
class EmergencyEntry:
    """One row of the list, as it is shown and read."""

    county: str
    state: str
    name: str
    number: str  # E.164


@dataclass(frozen=True)
class HelplineEmergency:
    """A helpline's crisis line and its counties' numbers."""

    brand_id: int
    brand: str
    crisis_line: str
    entries: tuple[EmergencyEntry, ...]


def list_emergency_numbers(session: Session, supervisor: Advisor) -> list[HelplineEmergency]:
    """Return the numbers of every helpline. Supervisors only."""
    require_permission(supervisor, Permission.SEE_SOURCES)
    in_order = col(EmergencyNumber.state), col(EmergencyNumber.county), col(EmergencyNumber.name)
    entries: dict[int, list[EmergencyEntry]] = {}
    for row in session.exec(select(EmergencyNumber).order_by(*in_order)):
        entry = EmergencyEntry(row.county, row.state, row.name, row.phone)
        entries.setdefault(row.brand_id, []).append(entry)
    return [
        HelplineEmergency(brand.id, brand.name, brand.crisis_line, tuple(entries.get(brand.id, ())))
        for brand in session.exec(select(Brand).order_by(col(Brand.id)))
    ]


def set_crisis_line(
    session: Session, brand_id: int, supervisor: Advisor, number: str, *, now: datetime
) -> None:
    """Set whom a helpline's advisors bring into a call in a crisis.

    Raises BadConfiguration for what is no ten-digit number: short ones do not work from everywhere.
    """
    require_permission(supervisor, Permission.SET_EMERGENCY_NUMBERS, (Brand, brand_id))
    brand = session.get_one(Brand, brand_id, with_for_update=True)
    brand.crisis_line = _require_phone(number)
    session.add(brand)
    record_event(session, brand, "set_crisis_line", actor=actor_of(supervisor), now=now)
    wake_after_commit(session, Wakeup.DESK)


def replace_emergency_numbers(
    session: Session, brand_id: int, supervisor: Advisor, content: bytes, *, now: datetime
) -> int:
    """Replace a helpline's list with a CSV file's, and return how many numbers it has.

    Its first line names the columns county, state, name and number. Raises BadFile with the line
    for a file that cannot be read whole: a list that is half there would be trusted.
    """
    require_permission(supervisor, Permission.SET_EMERGENCY_NUMBERS, (Brand, brand_id))
    entries = _read_entries(content)
    brand = session.get_one(Brand, brand_id, with_for_update=True)
    session.exec(delete(EmergencyNumber).where(col(EmergencyNumber.brand_id) == brand_id))
    rows = [
        {
            "brand_id": brand_id,
            "county": entry.county,
            "state": entry.state,
            "name": entry.name,
            "phone": entry.number,
        }
        for entry in entries
    ]
    insert_rows(session, EmergencyNumber, rows)
    actor = actor_of(supervisor)
    record_event(session, brand, "set_emergency_numbers", actor=actor, now=now, count=len(entries))
    wake_after_commit(session, Wakeup.DESK)
    return len(entries)


def _read_entries(content: bytes) -> Sequence[EmergencyEntry]:
    if len(content) > LARGEST_FILE:
        raise BadFile(Phrase("This file is too large."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(Phrase("Save the file as UTF-8.")) from None
    lines = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    written = {" ".join(plain_words(name or "")): name for name in lines.fieldnames or ()}
    names = {
        column: written[word]
        for column, words in COLUMNS.items()
        for word in words
        if word in written
    }
    if len(names) < len(COLUMNS):
        msg = Phrase("The first row has to name the columns county, state, name and number.")
        raise BadFile(msg)
    entries = list(dict.fromkeys(_parse_lines(lines, names)))
    if not 1 <= len(entries) <= MOST_NUMBERS:
        raise BadFile(Phrase("The file has no numbers, or more than {most}.", most=MOST_NUMBERS))
    return entries


def _parse_lines(lines: csv.DictReader[str], names: Mapping[str, str]) -> Iterator[EmergencyEntry]:
    for line in lines:
        county, state, name, number = (
            (line.get(names[column]) or "").strip()[:LONGEST_TEXT] for column in COLUMNS
        )
        if not any((county, state, name, number)):
            continue
        try:
            phone = _require_phone(number)
        except BadConfiguration as refusal:
            raise _bad_line(lines.line_num, refusal.args[0]) from None
        if not county or len(state) != STATE_LETTERS or not state.isalpha():
            why = Phrase("Enter the county and the two-letter state code.")
            raise _bad_line(lines.line_num, why)
        yield EmergencyEntry(county, state.upper(), name or county, phone)


def _bad_line(number: int, why: str) -> BadFile:
    return BadFile(Phrase("Row {number}: {why} Nothing was changed.", number=number, why=why))


def _require_phone(number: str) -> str:
    phone = phone_numbers.normalize_possible_phone(number)
    if phone is None or (phone.startswith("+1") and len(phone) != len("+15125550100")):
        raise BadConfiguration(
            Phrase("Enter a ten-digit number: 911 and 988 do not work from here.")
        )
    return phone
