"""CSV import: bring in requests from another system with their own times.

They become history, or callbacks that are still open.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session

from leads import phone_numbers
from leads.database.transactions import transaction
from leads.errors import BadSubmission, LostRace
from leads.forms.form_reading import MOST_CHARACTERS_READ
from leads.i18n import languages
from leads.i18n.translatable import Phrase
from leads.intake.csv_import import (
    closed_requests,
    csv_row,
    csv_table,
    open_requests,
    row_request,
)
from leads.intake.csv_import.closed_requests import ImportItem
from leads.intake.csv_import.csv_row import PastRequest
from leads.intake.csv_import.csv_table import CsvLine, CsvTable
from leads.intake.csv_import.source_lookup import SourceLookup
from leads.models.advisors import Advisor
from leads.people.permissions import Operator, Permission, require_permission, served_helplines

BATCH, BATCH_OPEN = (
    200,
    50,
)  # rows in one transaction: a running desk waits a quarter of a second for its turn
MOST_IN_BATCH = 200_000  # characters: about a second of reading, until the bar moves again
IMPORTED_DIFFERENTLY = Phrase(
    "This request was already imported with different details; the existing record was not changed."
)
UNSTORABLE = Phrase("It could not be saved because the request was just changed. Import it again.")


NOT_DIALED = Phrase("The phone number cannot be dialed.")
UNLISTED_AREA_CODE = Phrase(
    "This area code is not on any list yet. If it is right, send it through a form and "
    "confirm it on the work list."
)
TOO_LONG = Phrase("It is too long to be read: leave out the columns you do not need.")
NO_NUMBER = Phrase("There is no phone number.")
CUT_IN_TWO = Phrase(
    "It is shorter than the first row, and the next row may be part of it: put cells with "
    "several lines in quotation marks."
)


@dataclass(frozen=True)
class RejectedRow:
    """A row that was not taken, by its line in the file; the reason quotes nothing from the row."""

    line: int
    reason: str


@dataclass(frozen=True)
class ImportResult:
    """What came of an import.

    `rejected_csv` is a table of the rejected rows, to correct and import again; empty without any.
    """

    added: int
    repeated: int  # rows that an earlier import brought, or the same file twice
    rejected: tuple[RejectedRow, ...]
    rejected_csv: str
    elsewhere: int  # rows added whose source is not set up here: its name is kept as their campaign
    held: int = 0  # open rows added that a person decides about, for a refusal in them
    stopped: int = 0  # rows added whose person wants no calls: on the list of stops


def import_csv_rows(
    content: bytes,
    *,
    actor: Advisor | Operator,
    brand_name: str = "",
    language: str = languages.DEFAULT_LANGUAGE,
    now: datetime,
    progress: Callable[[int, int], object] | None = None,
) -> ImportResult:
    """Take every good row of a CSV file, and report the others.

    `progress` is told how many of how many are done. `language`: of the table of rejected rows.

    What is over becomes history and can cause no call; what is still open is admitted like a form,
    by the same rules. Supervisors only. Importing a file again adds nothing. Many rows share a
    transaction; if it is cut off, import the file again. Raises BadFile where no table can be
    found, BadConfiguration where there is no such brand.
    """
    require_permission(actor, Permission.IMPORT_FILE)
    table = csv_table.read_csv_table(
        content, columns=csv_row.COLUMN_TITLES, needed=csv_row.REQUIRED_COLUMNS
    )
    signposts = SourceLookup(brand_name, helplines=served_helplines(actor), now=now)
    rows, rejected = _parse_past_requests(table, now)
    added = repeated = elsewhere = held = stopped = 0
    done, total = len(rejected), len(table.lines)
    for batch in _past_request_batches(rows):
        items, unclear = _build_import_items(table, batch, signposts)
        taken = _store_batch(items, now)
        added, repeated = added + len(taken.added), repeated + len(taken.repeated)
        elsewhere += sum(bool(item.request.campaign) for item in taken.added)
        held += sum(item.is_held for item in taken.added)
        stopped += sum(item.past.is_opt_out for item in taken.added)
        rejected += [*unclear, *taken.rejected]
        done += len(batch)
        if progress:
            progress(done, total)
    rejected.sort(key=lambda row: row[0].number)
    rejected_rows = tuple(RejectedRow(line.number, reason) for line, reason in rejected)
    return ImportResult(
        added,
        repeated,
        rejected_rows,
        csv_table.rejected_rows_csv(table, rejected, language=language) if rejected else "",
        elsewhere,
        held,
        stopped,
    )


def _parse_past_requests(
    table: CsvTable, now: datetime
) -> tuple[list[tuple[CsvLine, PastRequest]], list[tuple[CsvLine, str]]]:
    """Return the requests in the file's lines, and each line that cannot be read with its reason.

    What is over comes first, then the open requests in the order received, so that they meet their
    past.
    """
    rows, bad = [], []
    for line, next_line in itertools.zip_longest(table.lines, table.lines[1:]):
        is_cut = line.is_short and next_line and _may_be_rest_of_row(table, next_line, now)
        try:
            past = _past_request_of_line(table, line, now)
        except BadSubmission as problem:
            bad.append((line, problem.args[0]))
            continue
        if is_cut:
            bad.append((line, CUT_IN_TWO))
        else:
            rows.append((line, past))
    return sorted(rows, key=lambda row: (row[1].closed_at is None, row[1].received_at)), bad


def _may_be_rest_of_row(table: CsvTable, line: CsvLine, now: datetime) -> bool:
    """Whether a short line, which no row can begin with, may belong to the row above it."""
    if not line.is_short:
        return False
    try:
        _past_request_of_line(table, line, now)
    except BadSubmission:
        return True
    return False


def _past_request_batches(
    rows: Sequence[tuple[CsvLine, PastRequest]],
) -> Iterator[Sequence[tuple[CsvLine, PastRequest]]]:
    over = sum(past.closed_at is not None for _, past in rows)
    for start, end, size in ((0, over, BATCH), (over, len(rows), BATCH_OPEN)):
        batch: list[tuple[CsvLine, PastRequest]] = []
        characters = 0
        for line, past in rows[start:end]:
            batch.append((line, past))
            characters += sum(map(len, line.cells))
            if len(batch) == size or characters >= MOST_IN_BATCH:
                yield batch
                batch, characters = [], 0
        if batch:
            yield batch


def _past_request_of_line(table: CsvTable, line: CsvLine, now: datetime) -> PastRequest:
    if line.problem:
        raise BadSubmission(line.problem)
    if table.count_characters(line) > MOST_CHARACTERS_READ:
        raise BadSubmission(TOO_LONG)
    return csv_row.parse_past_request(
        table.known_cells(line), says_stop=row_request.says_stop(table.other_cells(line)), now=now
    )


def _build_import_items(
    table: CsvTable, rows: Sequence[tuple[CsvLine, PastRequest]], signposts: SourceLookup
) -> tuple[list[ImportItem], list[tuple[CsvLine, str]]]:
    items, bad = [], []
    for line, past in rows:
        try:
            items.append(_build_import_item(table, line, past, signposts))
        except BadSubmission as problem:
            bad.append((line, problem.args[0]))
    return items, bad


def _build_import_item(
    table: CsvTable, line: CsvLine, past: PastRequest, signposts: SourceLookup
) -> ImportItem:
    cells = table.known_cells(line)
    source, campaign = signposts.resolve_source(cells["source"])
    number = _number_of_cell(cells["phone"], source.region)
    request = row_request.read_row_request(
        cells, table.other_cells(line), number=number, region=source.region, campaign=campaign
    )
    refusals = request.limits if request.is_refused else ()
    return ImportItem(
        line,
        past,
        request,
        source_id=source.id,
        brand_id=source.brand_id,
        body=json.dumps(table.verbatim_cells(line), ensure_ascii=False).encode(),
        delivery_id=_import_id(*cells.values(), *refusals),
        request_id=_import_id(number, past.received_at.isoformat()),
    )


def _number_of_cell(text: str, region: str) -> str:
    """Return the number in a cell as it is dialed; raises BadSubmission with what is wrong.

    Whoever imports a file vouches for it: area codes that are known to be new are taken.
    """
    number = row_request.dialable_cell_number(text, region)
    unlisted = None if number else phone_numbers.normalize_unlisted_phone(text, region)
    if unlisted and phone_numbers.area_code_of(unlisted) in phone_numbers.new_area_codes():
        return unlisted
    if number is None:
        reason = NOT_DIALED if text else NO_NUMBER
        raise BadSubmission(UNLISTED_AREA_CODE if unlisted else reason)
    return number


def _import_id(*words: str) -> str:
    return "import:" + hashlib.sha256(json.dumps(words).encode()).hexdigest()[:40]


@dataclass(frozen=True)
class _BatchResult:
    added: tuple[ImportItem, ...] = ()
    repeated: tuple[ImportItem, ...] = ()
    rejected: tuple[tuple[CsvLine, str], ...] = ()


def _store_batch(items: Sequence[ImportItem], now: datetime) -> _BatchResult:
    """Store a batch of rows; where one of them cannot be stored, each row is stored alone."""
    try:
        with transaction() as session:
            return _store_new_items(session, items, now)
    except (DBAPIError, LostRace) as problem:
        if isinstance(problem, DBAPIError) and problem.connection_invalidated:
            raise
    parts = [_store_item_alone(item, now) for item in items]
    return _BatchResult(
        *(
            tuple(itertools.chain(*column))
            for column in zip(*map(_batch_result_parts, parts), strict=True)
        )
    )


def _store_item_alone(item: ImportItem, now: datetime) -> _BatchResult:
    """Store one row, with a second try if another transaction stored the same at that instant.

    The second try finds what the other one stored.
    """
    for is_last in (False, True):
        try:
            with transaction() as session:
                return _store_new_items(session, [item], now)
        except (IntegrityError, DataError, LostRace):
            continue
        except OperationalError:
            if is_last:
                raise
    return _BatchResult(rejected=((item.line, UNSTORABLE),))


def _batch_result_parts(taken: _BatchResult) -> tuple[tuple[object, ...], ...]:
    return taken.added, taken.repeated, taken.rejected


def _store_new_items(session: Session, items: Sequence[ImportItem], now: datetime) -> _BatchResult:
    fresh, repeated = _partition_seen_items(
        items, closed_requests.find_delivered_ids_locked(session, items)
    )
    known = closed_requests.find_imported_requests(session, fresh)
    fresh = closed_requests.tell_people_apart(fresh, known)
    over, changed = _partition_seen_items(
        [item for item in fresh if item.past.closed_at], known, by="request_id"
    )
    closed_requests.store_closed_requests(session, over, now=now)
    closed_requests.apply_past_opt_outs(session, changed, now=now)  # a stop is never too late
    still_open = [item for item in fresh if not item.past.closed_at]
    closed_requests.apply_past_opt_outs(session, still_open, now=now)
    open_requests.admit_open_requests(session, still_open, known, now=now)
    return _BatchResult(
        (*over, *still_open),
        tuple(repeated),
        tuple((item.line, IMPORTED_DIFFERENTLY) for item in changed),
    )


def _partition_seen_items(
    items: Sequence[ImportItem], seen: Collection[str], *, by: str = "delivery_id"
) -> tuple[list[ImportItem], list[ImportItem]]:
    """Return the items that are new, and those whose id was seen before.

    It was seen in this file or an earlier one.
    """
    new: dict[str, ImportItem] = {}
    old = []
    for item in items:
        name = getattr(item, by)
        if name in seen or name in new:
            old.append(item)
        else:
            new[name] = item
    return list(new.values()), old
