"""The files that questions come in, read as rows of text: .txt, .jsonl, .csv and .xlsx."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Literal, get_args

from index.encodings import SAVE_AS_UTF8, decode_text
from index.errors import DocumentError
from rag.errors import QuestionFileError
from rag.generators.base import one_line

Format = Literal["txt", "csv", "xlsx", "jsonl"]
FORMATS: tuple[Format, ...] = get_args(Format)

_BY_SUFFIX: dict[str, Format] = {
    ".txt": "txt",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_DELIMITERS = ",;\t"
_NO_DELIMITER = "\x1f"
_SAMPLE = 200
_AGREEING = 0.8
"""The share of rows that must have as many cells as the first one for a character to be what separates them."""

_LINE_ENDS = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class SourceRow:
    """A row of a file that is not blank.

    Attributes:
        number: of the row as editors and spreadsheets count it, from 1.
        cells: its texts; one for a file of lines.
        problem: why it cannot be used.
    """

    number: int
    cells: tuple[str, ...]
    problem: str | None = None


def format_of(name: str, raw: bytes) -> Format:
    """Return the format of a file by its name, and by its first character where the name says nothing.

    Raises:
        QuestionFileError: the name says that it is something else.
    """
    suffix = Path(name).suffix.lower()
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if suffix == ".xls":
        raise QuestionFileError(f"{name} is an old Excel file: save it as .xlsx")
    if suffix:
        raise QuestionFileError(
            f"{name}: questions are read from .txt .csv .xlsx .jsonl; if it is one of these, say so with --format"
        )
    return "jsonl" if decode_lines(raw, name).lstrip().startswith("{") else "txt"


def decode_lines(raw: bytes, name: str) -> str:
    """Decode a text file. Bytes that are none in its encoding become lone surrogates, in the lines that have them.

    Raises:
        QuestionFileError: it is binary, or mostly in no encoding that is known.
    """
    try:
        return decode_text(raw)[0]
    except DocumentError as error:
        whole, end, torn = raw.rpartition(b"\n")
        if end and b"\0" not in raw:
            # Half a character at the end is what a writer leaves that was stopped.
            with suppress(DocumentError):
                text, encoding = decode_text(whole)
                return f"{text}\n{torn.decode(encoding, 'surrogateescape')}"
            lines = raw.decode("utf-8", "surrogateescape").split("\n")
            if 2 * sum(map(is_broken, lines)) < len(lines):
                return "\n".join(lines)
        raise QuestionFileError(f"{name}: {error}") from error


def is_broken(text: str) -> bool:
    """Whether a text cannot be written as UTF-8."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def mended(text: str) -> str:
    """Return a text with U+FFFD in the place of what is no character."""
    return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)


def line_rows(text: str, format: Literal["txt", "jsonl"]) -> Iterator[SourceRow]:
    """Yield the lines that are not blank."""
    # In JSON, other line ends than these may stand inside of a string.
    lines = _LINE_ENDS.split(text) if format == "txt" else text.split("\n")
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _row(number, (line.strip(),))


def csv_rows(text: str, is_name: Callable[[str], bool], *, tabs: bool = False) -> list[SourceRow]:
    """Return the rows of a CSV file whose delimiter (comma, semicolon, tab) is found out.

    Quotation marks that do not match are taken as they stand, so that one of them does not swallow the rows after it.

    Args:
        text: the whole file.
        is_name: whether a cell is what a header says; a first row that has one decides about the delimiter.
        tabs: whether cells are separated by tabs, whatever the text looks like.
    """
    lines = io.StringIO(text, newline="").readlines()
    delimiter = "\t" if tabs else ""
    first = 1
    told = re.fullmatch(r'"?sep=(.)"?\s*', lines[0]) if lines else None
    if told:  # Excel's way to say it
        delimiter, first = told[1], 2
        lines = lines[1:]
    records = _csv_records(lines, delimiter or _delimiter(lines, is_name))
    rows = [_row(number, cells, problem) for number, (cells, problem) in enumerate(records, first)]
    return [row for row in rows if any(cell.strip() for cell in row.cells)]


def xlsx_rows(raw: bytes, name: str, sheet: str | None = None) -> list[SourceRow]:
    """Return the rows of a sheet, formulas by the values that were saved with them.

    Args:
        raw: the file.
        name: what errors call it.
        sheet: name or number (from 1) of the sheet; the first one when not given.

    Raises:
        QuestionFileError: it is no .xlsx file, or has no such sheet.
    """
    import openpyxl

    try:
        # It warns of validations and styles that it does not keep; nothing is kept here.
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
            titles = [found.title for found in book.worksheets]
            title = _sheet_title(titles, sheet, name)
            found = book[title]
            found.reset_dimensions()  # some programs write wrong ones, and cells outside would be left out
            rows = [
                _row(number, tuple(_cell_text(cell.value) for cell in cells), _cell_problem(cells))
                for number, cells in enumerate(found.iter_rows(), 1)
            ]
            book.close()
    except QuestionFileError:
        raise
    except Exception as error:  # whatever zip, XML and number parsers raise on a file that is something else
        encrypted = raw.startswith(b"\xd0\xcf\x11\xe0")
        reason = "it has a password, or is an old .xls" if encrypted else one_line(error, 80)
        if isinstance(error, zipfile.BadZipFile) and not encrypted:
            reason = "it is none, or broken"
        raise QuestionFileError(
            f"{name} cannot be read as .xlsx ({reason}): save it as .xlsx anew"
        ) from error
    return [row for row in rows if any(cell.strip() for cell in row.cells)]


def _row(number: int, cells: tuple[str, ...], problem: str | None = None) -> SourceRow:
    if any(map(is_broken, cells)):
        problem = f"not valid text: {SAVE_AS_UTF8}"
        cells = tuple(map(mended, cells))
    return SourceRow(number, cells, problem)


def _csv_records(lines: Sequence[str], delimiter: str) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Yield the cells of each record, and what is wrong with it."""
    position = 0
    while position < len(lines):
        rest = map(lines.__getitem__, range(position, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        read = 0
        try:
            for cells in reader:
                read = reader.line_num
                yield tuple(cells), None
            return
        except csv.Error:
            position += read
            yield _plain_cells(lines[position], delimiter)
            position += 1


def _plain_cells(line: str, delimiter: str) -> tuple[tuple[str, ...], str | None]:
    """Split a line without giving quotation marks a meaning."""
    line = line.rstrip("\r\n")
    try:
        [cells] = csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE) if line else [[]]
    except (csv.Error, ValueError):  # a cell beyond the reader's limit
        return (
            line[:_SAMPLE],
        ), "it cannot be read as CSV: a cell is too long, or a quotation mark is missing"
    return tuple(cells), None


def _delimiter(lines: Sequence[str], is_name: Callable[[str], bool]) -> str:
    """Return the character with which rows have equally many cells, at least two; one that never occurs if none."""
    best = (False, 0.0, 0, _NO_DELIMITER)
    for delimiter in _DELIMITERS:
        counts: list[int] = []
        headed = False
        for cells, _ in _csv_records(lines[:_SAMPLE], delimiter):
            if not any(cells):
                continue
            if not counts:
                headed = any(map(is_name, cells))
            counts.append(len(cells))
        if not counts or counts[0] < 2:
            continue
        agreeing = counts.count(counts[0]) / len(counts)
        if headed or agreeing >= _AGREEING:
            best = max(best, (headed, agreeing, counts[0], delimiter))
    return best[-1]


def _sheet_title(titles: Sequence[str], wanted: str | None, name: str) -> str:
    if not titles:
        raise QuestionFileError(f"{name} has no sheet with cells")
    if wanted is None:
        return titles[0]
    if wanted in titles:
        return wanted
    if wanted.isdecimal() and 1 <= int(wanted) <= len(titles):
        return titles[int(wanted) - 1]
    raise QuestionFileError(f"{name} has no sheet {wanted!r}: choose one of {', '.join(titles)} with --sheet")


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _cell_problem(cells: Iterable[object]) -> str | None:
    if any(getattr(cell, "data_type", None) == "e" for cell in cells):
        return "a formula of the row has an error for its value: mend it in the spreadsheet"
    return None
