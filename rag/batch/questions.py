"""Files of questions: what is to be asked, and the rows that cannot be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.folding import fold
from rag.batch.columns import ID_NAMES, QUESTION_NAMES, Choice, find_columns, is_name, simple_name
from rag.batch.sources import (
    Format,
    SourceRow,
    csv_rows,
    decode_lines,
    format_of,
    is_broken,
    line_rows,
    xlsx_rows,
)
from rag.choices import Choices, first_problem
from rag.conversation import Exchange
from rag.errors import QuestionError, QuestionFileError
from rag.pipeline import AskOptions, readable_question
from rag.prompting import detect_language

_SHOWN_OF_BAD = 200
_REPEATED_NAMED = 5
_NO_OPTIONS = AskOptions()
_OPTION_FIELDS = ("history", *Choices.model_fields)


@dataclass(frozen=True)
class BatchQuestion:
    """A question to be asked.

    Attributes:
        id: the file's, or the number of the row; no two are alike.
        question: as it was written, on one line.
        row: where it stands in the file, as editors and spreadsheets count, from 1.
        history: the conversation before it, the oldest exchange first.
        options: what was chosen for it.
        extra: the row's other columns, by name.
    """

    id: str
    question: str
    row: int
    history: tuple[Exchange, ...] = ()
    options: AskOptions = _NO_OPTIONS
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> object:
        """What two questions have in common that are answered once.

        The language is part of it: a question in the other script gets its answer in its own.
        """
        return fold(self.question), detect_language(self.question), self.history, self.options


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be asked; ``reason`` says why in one line."""

    id: str
    question: str
    row: int
    reason: str
    extra: dict[str, str] = field(default_factory=dict)


Row = BatchQuestion | BadRow


@dataclass(frozen=True)
class QuestionList:
    """What a file of questions holds.

    Attributes:
        rows: in the order of the file.
        columns: names of the other columns, in the order of the file.
        notes: what the user should know of how it was read, a line each.
    """

    rows: tuple[Row, ...]
    columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Changes when, and only when, something else is to be asked or kept."""
        text = json.dumps([self.columns, [asdict(row) for row in self.rows]], default=_plain, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """Return what JSON has no form for in one that is always the same."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def read_questions(
    raw: bytes,
    name: str,
    *,
    format: Format | None = None,
    choice: Choice | None = None,
    sheet: str | None = None,
) -> QuestionList:
    """Read a file of questions.

    Args:
        raw: the file.
        name: its name, from which the format is told; what errors call it.
        format: of the file; told from the name, else from the first character, when not given.
        choice: which columns or fields are meant; guessed when not given.
        sheet: of an .xlsx file; the first one when not given.

    Raises:
        QuestionFileError: it cannot be read, holds no question, or does not say where they are.
    """
    format = format or format_of(name, raw)
    choice = choice or Choice()
    if format == "xlsx":
        found = _of_table(xlsx_rows(raw, name, sheet), choice, name, strict=False)
    elif format == "csv":
        tabs = name.lower().endswith(".tsv")
        found = _of_table(csv_rows(decode_lines(raw, name), is_name, tabs=tabs), choice, name, strict=True)
    elif format == "jsonl":
        found = _of_json(list(line_rows(decode_lines(raw, name), "jsonl")), choice)
    else:
        found = _of_lines(line_rows(decode_lines(raw, name), "txt"))
    if not found.rows:
        raise QuestionFileError(f"{name} holds no question: put one in each row")
    return _with_ids(found)


class _Exchange(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    question: str
    answer: str = ""


class _Fields(Choices):
    """The fields of a line of JSONL that mean something, under their own names."""

    question: str
    id: str | int | float | None = None
    history: list[_Exchange] = Field(default=[])


def _of_lines(rows: Iterable[SourceRow]) -> QuestionList:
    return QuestionList(tuple(_checked("", row.cells[0], row) for row in rows))


def _of_table(rows: Sequence[SourceRow], choice: Choice, name: str, *, strict: bool) -> QuestionList:
    """Read the rows of a table; with ``strict``, none may have more cells than the header."""
    if not rows:
        return QuestionList(())
    columns = find_columns(rows, choice, name)
    own = (columns.question, columns.id)
    others = [
        number
        for number in range(len(columns.names))
        if number not in own and any(number < len(row.cells) and row.cells[number] for row in columns.rows)
    ]
    if strict and columns.header_width:
        others = [number for number in others if number < columns.header_width]
    found: list[Row] = []
    for row in columns.rows:
        cells = row.cells + ("",) * (len(columns.names) - len(row.cells))
        extra = {columns.names[number]: cells[number] for number in others}
        if strict and columns.header_width and any(cells[columns.header_width :]) and not row.problem:
            row = replace(
                row,
                problem=f"it has {len(row.cells)} cells and the header {columns.header_width}: "
                "put a text with commas into quotation marks",
            )
        identifier = "" if columns.id is None else cells[columns.id].strip()
        found.append(_checked(identifier, cells[columns.question], row, extra=extra))
    notes = (columns.note,) if columns.note else ()
    return QuestionList(tuple(found), tuple(columns.names[number] for number in others), notes)


def _of_json(rows: Iterable[SourceRow], choice: Choice) -> QuestionList:
    found = [_json_row(row, choice) for row in rows]
    return QuestionList(tuple(found), tuple(dict.fromkeys(name for row in found for name in row.extra)))


def _json_row(row: SourceRow, choice: Choice) -> Row:
    line = row.cells[0]
    if row.problem:
        return _bad("", line, row)
    record = _record(line)
    if record is None:
        return _bad("", line, replace(row, problem="no whole JSON object: write one in each line"))
    question_name = _field(record, choice.question, QUESTION_NAMES)
    id_name = _field(record, choice.id, ID_NAMES)
    extra = {
        name: _text(value)
        for name, value in record.items()
        if name not in {question_name, id_name, *_OPTION_FIELDS}
    }
    fields: dict[str, Any] = {name: record[name] for name in _OPTION_FIELDS if record.get(name) is not None}
    if question_name is not None:
        fields["question"] = record[question_name]
    if id_name is not None:
        fields["id"] = record[id_name]
    try:
        read = _Fields.model_validate(fields)
    except ValidationError as error:
        shown = line if question_name is None else _text(record[question_name])
        identifier = "" if id_name is None else _text(record[id_name])
        return _bad(identifier, shown, replace(row, problem=first_problem(error)), extra)
    history = tuple(Exchange(one.question, one.answer) for one in read.history)
    identifier = "" if read.id is None else str(read.id).strip()
    return _checked(identifier, read.question, row, history, read.options(), extra)


def _record(line: str) -> dict[str, Any] | None:
    """Return the object in a line of JSONL; none where there is none, or it cannot be written again."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    return None if is_broken(json.dumps(record, ensure_ascii=False)) else record


def _field(record: dict[str, Any], chosen: str | None, known: Sequence[str]) -> str | None:
    if chosen:
        return chosen if chosen in record else None
    names = {simple_name(name): name for name in reversed(record)}
    return next((names[name] for name in known if name in names), None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _checked(
    identifier: str,
    question: str,
    row: SourceRow,
    history: tuple[Exchange, ...] = (),
    options: AskOptions = _NO_OPTIONS,
    extra: dict[str, str] | None = None,
) -> Row:
    """Return a row as a question where it can be asked."""
    if row.problem:
        return _bad(identifier, question, row, extra)
    try:
        asked = readable_question(question)
    except QuestionError as error:
        return _bad(identifier, question, replace(row, problem=str(error)), extra)
    return BatchQuestion(identifier, asked, row.number, history, options, extra or {})


def _bad(identifier: str, question: str, row: SourceRow, extra: dict[str, str] | None = None) -> BadRow:
    shown = question if len(question) <= _SHOWN_OF_BAD else question[: _SHOWN_OF_BAD - 1] + "…"
    return BadRow(identifier, shown, row.number, row.problem or "it cannot be asked", extra or {})


def _with_ids(found: QuestionList) -> QuestionList:
    """Give every row an id of its own: that of the file, else its number; a repeated one gets -2, -3 and so on."""
    taken = {row.id for row in found.rows if row.id}
    used: set[str] = set()
    repeated: dict[str, None] = {}
    rows: list[Row] = []
    for row in found.rows:
        identifier = row.id or str(row.row)
        if identifier in used or (not row.id and identifier in taken):
            if row.id:
                repeated[row.id] = None
            copy = 2
            while f"{identifier}-{copy}" in taken or f"{identifier}-{copy}" in used:
                copy += 1
            identifier = f"{identifier}-{copy}"
        used.add(identifier)
        rows.append(replace(row, id=identifier))
    notes = found.notes
    if repeated:
        named = ", ".join(list(repeated)[:_REPEATED_NAMED]) + (
            ", …" if len(repeated) > _REPEATED_NAMED else ""
        )
        notes += (f"some ids occur more than once ({named}): -2, -3 … was added to the later ones",)
    return QuestionList(tuple(rows), found.columns, notes)
