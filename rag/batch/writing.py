"""The answers of a batch as a file: .jsonl for programs, .csv and .xlsx for spreadsheets, .html to read."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from rag.answers import Answer
from rag.batch.journal import Journal
from rag.batch.plan import Plan, Result
from rag.errors import BatchError

Writer = Callable[[BinaryIO, Plan, Journal, Sequence[str]], None]

_OUTPUT_COLUMNS = ("answer", "refused", "reason", "sources", "searched", "seconds", "error")

# What spreadsheets take for the beginning of a formula, the full-width forms of East Asian versions included.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?")
_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_CELL = 32_767
_WIDTHS = {"question": 40, "answer": 60, "sources": 60, "error": 30}


def writer_for(output: Path) -> Writer:
    """Return what writes files with the ending of ``output``.

    Raises:
        BatchError: nothing does.
    """
    found = _WRITERS.get(output.suffix.lower())
    if found is None:
        raise BatchError(f"{output}: answers are written as {' '.join(_WRITERS)}, or to stdout with -o -")
    return found


def write_answers(output: Path, plan: Plan, journal: Journal, columns: Sequence[str]) -> None:
    """Write what is answered so far, in the order of the questions; ``output`` is replaced whole or not at all.

    Args:
        output: the file; its ending says in which format.
        plan: the rows.
        journal: what became of them.
        columns: names of the input's other columns, which tables keep.

    Raises:
        BatchError: the file cannot be written; what was there before is untouched, and so is the journal.
    """
    writer = writer_for(output)
    temporary = output.with_name(f".{output.name}.new")
    try:
        try:
            with temporary.open("wb") as file:
                writer(file, plan, journal, columns)
                file.flush()
                os.fsync(file.fileno())
            # Before the file has its name: a crash in between must not make it look like somebody else's.
            journal.note_written(temporary)
            temporary.replace(output)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    except OSError as error:
        raise BatchError(
            f"{output} cannot be written ({error.strerror or error}); the answers are kept in {journal.path}: "
            "make room and run the same command"
        ) from error


def json_line(result: Result) -> str:
    """Return a result as one line: the shape of ``rag ask --json``, or ``id``, ``row``, ``question``, ``error``."""
    if result.record.answer is not None:
        return result.record.answer.model_dump_json()
    row = result.row
    error = {"id": row.id, "row": row.row, "question": row.question, "error": result.record.error}
    return json.dumps(error, ensure_ascii=False)


def neutral(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: one that begins like it gets a ``'`` before it."""
    return f"'{text}" if _is_formula(text) else text


def _is_formula(text: str) -> bool:
    return bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text)


def _write_jsonl(file: BinaryIO, plan: Plan, journal: Journal, columns: Sequence[str]) -> None:
    for result in plan.results(journal):
        file.write(json_line(result).encode() + b"\n")


def _write_csv(file: BinaryIO, plan: Plan, journal: Journal, columns: Sequence[str]) -> None:
    """Write CSV that Excel opens with its Chinese right, thanks to the byte order mark."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        csv.writer(text).writerows(map(neutral, cells) for cells in _table(plan.results(journal), columns))
    finally:
        text.detach()


def _write_xlsx(file: BinaryIO, plan: Plan, journal: Journal, columns: Sequence[str]) -> None:
    """Write a sheet in which every cell is text, whatever it looks like."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("answers")
    sheet.freeze_panes = "A2"
    for number, name in enumerate(_header(columns), 1):
        width = _WIDTHS.get(name, 16)
        sheet.column_dimensions[get_column_letter(number)].width = width
    for number, texts in enumerate(_table(plan.results(journal), columns)):
        cells = []
        for text in texts:
            cell = WriteOnlyCell(sheet, _ILLEGAL_IN_XML.sub("", text)[:_LONGEST_CELL])
            cell.data_type = "s"
            # So that it stays text also when somebody edits it.
            cell.quotePrefix = _is_formula(text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    book.save(file)


def _table(results: Iterable[Result], columns: Sequence[str]) -> Iterator[list[str]]:
    """Yield a header and a row of texts for each result."""
    yield _header(columns)
    for result in results:
        kept = [result.row.extra.get(name, "") for name in columns]
        yield [result.row.id, result.row.question, *kept, *_outcome(result)]


def _header(columns: Sequence[str]) -> list[str]:
    own = ("id", "question", *_OUTPUT_COLUMNS)
    names: list[str] = []
    for name in columns:
        # A gold set has answers of its own.
        while name in own or name in names:
            name = f"{name} (input)"
        names.append(name)
    return ["id", "question", *names, *_OUTPUT_COLUMNS]


def _outcome(result: Result) -> list[str]:
    answer = result.record.answer
    if answer is None:
        return [""] * (len(_OUTPUT_COLUMNS) - 1) + [result.record.error or ""]
    return [
        answer.answer,
        "yes" if answer.refused else "no",
        answer.reason or "",
        _sources(answer),
        answer.standalone_question or "",
        f"{answer.timings.total_s:.1f}",
        "",
    ]


def _sources(answer: Answer) -> str:
    """Return the citations, a line each."""
    return "\n".join(
        f"[{one.n}] {one.doc} ({one.start}–{one.end}): {' '.join(one.quote.split())}"
        for one in answer.citations
    )


def _write_html(file: BinaryIO, plan: Plan, journal: Journal, columns: Sequence[str]) -> None:
    from rag.batch.report import report

    for part in report(plan, journal, columns):
        file.write(part.encode())


_WRITERS: dict[str, Writer] = {
    ".jsonl": _write_jsonl,
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".html": _write_html,
}
