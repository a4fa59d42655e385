"""A CSV file as people's tools save it: characters, delimiter, lines, and rejected lines.

Pure.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leads.errors import BadFile
from leads.forms.form_reading import CHARACTERS_AN_ANSWER
from leads.free_text.normalization import spelled_length
from leads.i18n.translatable import Phrase, list_phrases, translate
from leads.intake.csv_import.csv_columns import (
    FIRST_NAME,
    LAST_NAME,
    ColumnPlaces,
    find_column_places,
    find_misspelled_columns,
    plain_column_names,
)
from leads.intake.csv_import.csv_text import decode_csv_text
from leads.spreadsheet_cells import escape_formula, unescape_formula

DELIMITERS = ",;\t|"
LONGEST_CELL = 20_000  # characters; a longer one is a quotation mark that was never closed
MOST_COLUMNS = 350  # as of a form; looking for ours among more takes long
LONGEST_HEADER = 25_000  # characters
BYTE_ORDER_MARK = "\ufeff"
ADDED_COLUMNS = {
    "en": ("line", "reason"),
    "es": ("línea_del_archivo", "motivo_del_rechazo"),
}
"""What we call the columns that a file of rejected rows has besides, in each language."""
NAMES_ADDED = frozenset(name for names in ADDED_COLUMNS.values() for name in names)
NAMED_DELIMITER = re.compile(r'"?sep=(?P<delimiter>.)"?[\s,;|]*', re.IGNORECASE)
MOST_LINES_ABOVE = 15  # titles and blank lines over the names of the columns


@dataclass(frozen=True, slots=True)
class CsvLine:
    """One record of the file, by the number of the line it begins on as an editor shows it.

    `problem` says why it cannot be read.
    """

    number: int
    cells: tuple[str, ...]
    problem: str = ""
    is_short: bool = False  # empty cells were left out at its end


@dataclass(frozen=True)
class CsvTable:
    """A whole file; `places` says where each column of ours stands."""

    header: tuple[str, ...]
    columns: tuple[str, ...]
    places: ColumnPlaces
    lines: tuple[CsvLine, ...]
    delimiter: str
    mark: str = ""

    def known_cells(self, line: CsvLine) -> dict[str, str]:
        """Return the known columns of a line, without blanks around them.

        A column that is missing is empty.
        """
        cells = {name: self._first_filled(line, name) for name in self.columns}
        if FIRST_NAME in self.places or LAST_NAME in self.places:
            parts = (self._first_filled(line, part) for part in (FIRST_NAME, LAST_NAME))
            cells["name"] = " ".join(filter(None, parts)) or cells["name"]
        return cells

    def other_cells(self, line: CsvLine) -> dict[str, str]:
        """Return the columns of a line that are none of ours, without blanks around them."""
        ours = {place for places in self.places.values() for place in places}
        return {
            name.strip(): unescape_formula(line.cells[place].strip())
            for place, name in enumerate(self.header)
            if place not in ours and name.strip() and not _is_added_column(name)
        }

    def _first_filled(self, line: CsvLine, name: str) -> str:
        filled = (
            unescape_formula(line.cells[place].strip()) for place in self.places.get(name, ())
        )
        return next(filter(None, filled), "")

    def count_characters(self, line: CsvLine) -> int:
        """Return how much there is to be read of a line, as of a form: its filled cells."""
        filled = (pair for pair in zip(self.header, line.cells, strict=True) if pair[1].strip())
        return sum(
            CHARACTERS_AN_ANSWER + spelled_length(name) + spelled_length(cell)
            for name, cell in filled
        )

    def verbatim_cells(self, line: CsvLine) -> dict[str, str]:
        """Return every column of a line as it stands in the file.

        What we ourselves add to a file of rejected rows is left out.
        """
        return {
            name: unescape_formula(cell)
            for name, cell in zip(self.header, line.cells, strict=True)
            if not _is_added_column(name)
        }


def read_csv_table(
    content: bytes, *, columns: Mapping[str, Phrase], needed: Sequence[str]
) -> CsvTable:
    """Return the table of a file of which one of the first lines names the columns.

    `columns` are our columns, each with what its reader calls it.
    Titles and blank lines may stand above it. A column may be missing, unless one of the file may
    be it, misspelled. Raises BadFile with a sentence that quotes nothing from the file but the
    names of columns that we know.
    """
    text = decode_csv_text(content)
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    cursor = _RewindableLines(list(io.StringIO(text.removeprefix(mark), newline="")))
    delimiter, start = _find_header(cursor, columns, needed)
    header = _read_header(cursor, delimiter, start)
    if _is_too_large(header):
        raise BadFile(Phrase("The table has more than {count} columns.", count=MOST_COLUMNS))
    places = find_column_places(header, columns)
    _require_known_columns(header, places, columns, needed)
    lines = _without_last_delimiter(list(_read_csv_lines(cursor, delimiter, len(header))), header)
    return CsvTable(header, tuple(columns), places, lines, delimiter, mark)


def rejected_rows_csv(
    sheet: CsvTable, lines: Sequence[tuple[CsvLine, str]], *, language: str
) -> str:
    """Return a CSV file of only these lines of a table, each with its number and the reason.

    What we add is said in a language, and left out where such a file is imported again.
    """
    kept_places = [place for place, name in enumerate(sheet.header) if not _is_added_column(name)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=sheet.delimiter, lineterminator="\r\n")
    named = (escape_formula(sheet.header[place]) for place in kept_places)
    writer.writerow([*named, *ADDED_COLUMNS[language]])
    width = len(sheet.header)
    for line, reason in lines:
        given = (escape_formula(cell) for cell in line.cells)
        cells = [*given, *[""] * (width - len(line.cells))]
        writer.writerow(
            [
                *(cells[place] for place in kept_places),
                line.number,
                translate(language, reason),
                *cells[width:],
            ]
        )
    return sheet.mark + out.getvalue()


def _is_added_column(name: str) -> bool:
    return plain_column_names([name])[0] in NAMES_ADDED


class _RewindableLines:
    """Hands out physical lines, and can go back to one that a stray quotation mark swallowed."""

    def __init__(self, lines: list[str]) -> None:
        self.lines, self.at = lines, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at >= len(self.lines):
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1]


def _find_header(
    cursor: _RewindableLines, columns: Iterable[str], needed: Sequence[str]
) -> tuple[str, int]:
    """Return the sign between cells, and the line that names the columns; the first, if none does.

    Excel's `sep=;` names the sign itself.
    """
    named = NAMED_DELIMITER.fullmatch(cursor.lines[0].strip()) if cursor.lines else None
    first = 1 if named else 0
    signs = named["delimiter"] if named else DELIMITERS
    lines = range(first, max(min(len(cursor.lines), first + MOST_LINES_ABOVE), first + 1))
    best, most = (signs[0], first), (0, 0)
    for start in lines:
        for sign in signs:
            header = _read_header(cursor, sign, start)
            if _is_too_large(header):
                continue
            places = find_column_places(header, columns)
            there = (sum(name in places for name in needed), len(places))
            if there > most:
                best, most = (sign, start), there
    return best


def _is_too_large(header: Sequence[str]) -> bool:
    return len(header) > MOST_COLUMNS or sum(map(len, header)) > LONGEST_HEADER


def _read_header(cursor: _RewindableLines, delimiter: str, start: int) -> tuple[str, ...]:
    cursor.at = start
    try:
        return tuple(next(csv.reader(cursor, delimiter=delimiter), ()))
    except csv.Error:
        return ()


def _require_known_columns(
    header: Sequence[str],
    places: ColumnPlaces,
    columns: Mapping[str, Phrase],
    needed: Sequence[str],
) -> None:
    def named(names: Iterable[str]) -> str:
        return list_phrases(*(columns[name] for name in names))

    missing = [name for name in columns if name not in places]
    if len(missing) == len(columns):
        raise BadFile(Phrase("The first row must name the columns: {names}.", names=named(columns)))
    if without := [name for name in missing if name in needed]:
        raise BadFile(Phrase("Missing columns in the first row: {names}.", names=named(without)))
    if misspelled := find_misspelled_columns(header, missing):
        raise BadFile(
            Phrase(
                "One column name may be a misspelling of {names}: correct it or rename the column.",
                names=named(misspelled),
            )
        )
    names = plain_column_names(header)
    if twice := [name for name in columns if names.count(name) > 1]:
        raise BadFile(Phrase("Duplicate columns: {names}.", names=named(twice)))


def _read_csv_lines(cursor: _RewindableLines, delimiter: str, width: int) -> Iterator[CsvLine]:
    """Yield every record that is not blank, as wide as the header.

    A record that cannot be read costs its own line and not those after it. They are read strictly,
    or a forgotten quotation mark would join two people's rows into one. Some programs write a
    backslash before a quotation mark.
    """
    reader = csv.reader(cursor, delimiter=delimiter, strict=True)
    while cursor.at < len(cursor.lines):
        start = cursor.at
        cells, problem = _read_record_cells(reader, width)
        if problem and '\\"' in cursor.lines[start]:
            cursor.at = start
            escaping = csv.reader(
                cursor, delimiter=delimiter, strict=True, escapechar="\\", doublequote=False
            )
            cells, problem = _read_record_cells(escaping, width)
        if problem and (not cells or cursor.at > start + 1):
            cursor.at = start + 1
            cells = [cursor.lines[start].rstrip("\r\n")]
        if any(cell.strip() for cell in cells):
            is_short = not problem and len(cells) < width
            padded = (*cells, *[""] * (width - len(cells))) if is_short else tuple(cells)
            yield CsvLine(start + 1, padded, problem, is_short=is_short)


def _without_last_delimiter(lines: list[CsvLine], header: Sequence[str]) -> tuple[CsvLine, ...]:
    """Return the lines without the delimiter that some programs write at the end of each.

    Where only some lines end so, a cell may have been torn in two: those are told.
    """
    width = len(header)
    if not all(len(line.cells) == width + 1 and not line.cells[width].strip() for line in lines):
        return tuple(lines)
    return tuple(
        CsvLine(line.number, line.cells[:width], _record_problem(line.cells[:width], width))
        for line in lines
    )


def _read_record_cells(reader: Iterator[list[str]], width: int) -> tuple[list[str], str]:
    """Return a record's cells, and what is wrong with them."""
    try:
        cells = next(reader, [])
    except csv.Error:
        return [], Phrase("Its quotation marks do not match, or a cell is too long.")
    return cells, _record_problem(cells, width)


def _record_problem(cells: Sequence[str], width: int) -> str:
    if any("\x00" in cell for cell in cells):
        return Phrase("It contains an invalid character (NUL).")
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return Phrase("A cell is longer than {count} characters.", count=LONGEST_CELL)
    if len(cells) > width:
        return Phrase(
            "It has {count} cells; the first row has {width}.", count=len(cells), width=width
        )
    return ""
