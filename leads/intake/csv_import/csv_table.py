"""A CSV file as people's tools save it: characters, delimiter, lines, and rejected lines.

Pure.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from leads.errors import BadFile
from leads.i18n.translatable import Phrase

DELIMITERS = ",;\t|"
LONGEST_CELL = 20_000  # characters; a longer one is a quotation mark that was never closed
BYTE_ORDER_MARK = "\ufeff"
LINE, REASON = "line", "reason"


@dataclass(frozen=True, slots=True)
class CsvLine:
    """One record of the file, by the number of the line it begins on as an editor shows it.

    `problem` says why it cannot be read.
    """

    number: int
    cells: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True)
class CsvTable:
    """A whole file; `names` says in which place each known column stands."""

    header: tuple[str, ...]
    names: Mapping[str, int]
    lines: tuple[CsvLine, ...]
    delimiter: str
    mark: str = ""

    def known_cells(self, line: CsvLine) -> dict[str, str]:
        """Return the known columns of a line, without blanks around them.

        A column that is missing is empty.
        """
        return {
            name: line.cells[place].strip() if place >= 0 else ""
            for name, place in self.names.items()
        }

    def verbatim_cells(self, line: CsvLine) -> dict[str, str]:
        """Return every column of a line as it stands in the file.

        The columns that we ourselves add to a file of rejected rows are left out.
        """
        return {
            name: cell
            for name, cell in zip(self.header, line.cells, strict=True)
            if name not in (LINE, REASON)
        }


def read_csv_table(content: bytes, *, columns: Sequence[str], needed: Sequence[str]) -> CsvTable:
    """Return the table of a file whose first line names the columns.

    It is read as UTF-8, or as what Excel makes of it. A column may be missing if every other one is
    known: else one of them might be it, misspelled. Raises BadFile with a sentence that quotes
    nothing from the file but the names of columns that we know.
    """
    text = _decode_csv_text(content)
    mark, text = (
        (BYTE_ORDER_MARK, text.removeprefix(BYTE_ORDER_MARK))
        if text.startswith(BYTE_ORDER_MARK)
        else ("", text)
    )
    cursor = _RewindableLines(list(io.StringIO(text, newline="")))
    delimiter = max(
        DELIMITERS,
        key=lambda sign: len(set(columns) & set(_column_names(_read_header(cursor, sign)))),
    )
    header = _read_header(cursor, delimiter)
    header_names = _column_names(header)
    _require_known_columns(header_names, columns, needed)
    names = {name: header_names.index(name) if name in header_names else -1 for name in columns}
    return CsvTable(
        header, names, tuple(_read_csv_lines(cursor, delimiter, len(header))), delimiter, mark
    )


def rejected_rows_csv(sheet: CsvTable, lines: Sequence[tuple[CsvLine, str]]) -> str:
    """Return the same table with only these lines, each with its number and the reason."""
    kept_places = [
        place
        for place, name in enumerate(_column_names(sheet.header))
        if name not in (LINE, REASON)
    ]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=sheet.delimiter, lineterminator="\r\n")
    writer.writerow([*(sheet.header[place] for place in kept_places), LINE, REASON])
    width = len(sheet.header)
    for line, reason in lines:
        cells = [*line.cells, *[""] * (width - len(line.cells))]
        writer.writerow(
            [*(cells[place] for place in kept_places), line.number, reason, *cells[width:]]
        )
    return sheet.mark + out.getvalue()


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


def _decode_csv_text(content: bytes) -> str:
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in (
        ("utf-16",) if utf_16 else ("utf-8", "cp1252")
    ):  # Excel still writes the last one
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(Phrase("This is not a text file: save the table as CSV (UTF-8)."))


def _read_header(cursor: _RewindableLines, delimiter: str) -> tuple[str, ...]:
    cursor.at = 0
    try:
        return tuple(next(csv.reader(cursor, delimiter=delimiter), ()))
    except csv.Error:
        return ()


def _column_names(header: Sequence[str]) -> list[str]:
    return ["_".join(name.strip().lower().split()) for name in header]


def _require_known_columns(
    header_names: Sequence[str], columns: Sequence[str], needed: Sequence[str]
) -> None:
    missing = [name for name in columns if name not in header_names]
    if len(missing) == len(columns):
        raise BadFile(
            Phrase("The first line must name the columns: {names}.", names=",".join(columns))
        )
    without = [
        name for name in missing if name in needed or set(header_names) - {*columns, LINE, REASON}
    ]
    if without:
        raise BadFile(
            Phrase("Columns are missing in the first line: {names}.", names=", ".join(without))
        )
    twice = [name for name in columns if header_names.count(name) > 1]
    if twice:
        raise BadFile(Phrase("Columns are there twice: {names}.", names=", ".join(twice)))


def _read_csv_lines(cursor: _RewindableLines, delimiter: str, width: int) -> Iterator[CsvLine]:
    """Yield every record that is not blank.

    A record that cannot be read costs its own line and not those after it. They are read strictly,
    or a forgotten quotation mark would join two people's rows into one.
    """
    reader = csv.reader(cursor, delimiter=delimiter, strict=True)
    while cursor.at < len(cursor.lines):
        start = cursor.at
        cells, problem = _read_record_cells(reader, width)
        if problem and (not cells or cursor.at > start + 1):
            cursor.at = start + 1
            cells = [cursor.lines[start].rstrip("\r\n")]
        if any(cell.strip() for cell in cells):
            yield CsvLine(start + 1, tuple(cells), problem)


def _read_record_cells(reader: Iterator[list[str]], width: int) -> tuple[list[str], str]:
    """Return a record's cells, and what is wrong with them."""
    try:
        cells = next(reader, [])
    except csv.Error:
        return [], Phrase("Its quotation marks do not match, or a cell is too long.")
    return cells, _record_problem(cells, width)


def _record_problem(cells: Sequence[str], width: int) -> str:
    if any("\x00" in cell for cell in cells):
        return Phrase("It holds a character that no text has (NUL).")
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return Phrase("A cell is longer than {count} characters.", count=LONGEST_CELL)
    if len(cells) != width:
        return Phrase(
            "It has {count} cells where the first line has {width}.", count=len(cells), width=width
        )
    return ""
