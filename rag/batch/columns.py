"""Which column of a table holds the questions, and which their ids."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rag.batch.sources import SourceRow
from rag.errors import QuestionFileError

QUESTION_NAMES = (
    *(
        "question",
        "questions",
        "问题",
        "問題",
        "提问",
        "提問",
        "问句",
        "問句",
        "query",
        "queries",
        "q",
        "问",
        "問",
    ),
    *("question text", "question_text", "题目", "題目", "题干", "題幹", "prompt", "text", "文本", "input"),
)
"""What a column or a field of questions is called, the surest first."""

ID_NAMES = (
    *(
        "id",
        "qid",
        "question id",
        "question_id",
        "编号",
        "編號",
        "序号",
        "序號",
        "题号",
        "題號",
        "问题编号",
        "問題編號",
    ),
    *("no", "nr", "number", "key", "#", "号", "號", "index"),
)

_TITLE_ROWS = 5
_MOSTLY = 0.5
_NEARLY_ALL = 0.8


@dataclass(frozen=True)
class Choice:
    """What the user said about a table or the fields of JSONL; ``None`` is guessed.

    Attributes:
        question: name or number (from 1) of the column of questions.
        id: name or number of the column of ids.
        header: whether the first row holds names.
    """

    question: str | None = None
    id: str | None = None
    header: bool | None = None


@dataclass(frozen=True)
class Columns:
    """Where things are in a table.

    Attributes:
        question: column of the questions, from 0.
        id: column of the ids, if there is one.
        names: of all columns, no two alike.
        rows: the rows below the header.
        header_width: how many names the header has; 0 when there is none.
        note: what was guessed and may be wrong, for the user.
    """

    question: int
    id: int | None
    names: tuple[str, ...]
    rows: tuple[SourceRow, ...]
    header_width: int
    note: str | None = None


def find_columns(rows: Sequence[SourceRow], choice: Choice, source: str) -> Columns:
    """Find the questions in a table.

    Args:
        rows: those of the table that are not blank; at least one.
        choice: what the user said.
        source: what errors call the file.

    Raises:
        QuestionFileError: there is no such column, or several could be meant.
    """
    header = _header(rows, choice)
    below = list(rows) if header is None else list(rows[header + 1 :])
    width = max(len(row.cells) for row in rows)
    names = _names(() if header is None else rows[header].cells, width)
    keys = [simple_name(name) for name in names] if header is not None else [""] * width
    identifier = _chosen(choice.id, names, source, "--id-column") if choice.id else _named(keys, ID_NAMES)
    header_width = 0 if header is None else len(rows[header].cells)
    note: str | None = None
    question = (
        _chosen(choice.question, names, source, "--question-column")
        if choice.question
        else _named(keys, QUESTION_NAMES)
    )
    if question is None:
        question = _guessed(below, names, identifier, source)
        if header is None and choice.header is None and _looks_headed(below, question):
            header_width = len(below[0].cells)
            names, below = _names(below[0].cells, width), below[1:]
            keys = [simple_name(name) for name in names]
            identifier = identifier if choice.id else _named(keys, ID_NAMES)
        if width > 1:
            note = f"the questions seem to be in {names[question]!r}; --question-column says otherwise"
    return Columns(question, identifier, names, tuple(below), header_width, note)


def is_name(cell: str) -> bool:
    """Whether a header says this of questions or ids."""
    return simple_name(cell) in {*QUESTION_NAMES, *ID_NAMES}


def simple_name(name: str) -> str:
    """Return a column's name as it is compared: ``问题（必填）*`` is 问题."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"\([^)]*\)|[\s:*.。]+$|^[\s*]+", "", folded).strip(" :*.")


def _header(rows: Sequence[SourceRow], choice: Choice) -> int | None:
    """Return which row holds the names; a title may stand above it."""
    if choice.header is False:
        return None
    wanted = {simple_name(name) for name in (choice.question, choice.id) if name and not name.isdecimal()}
    for number, row in enumerate(rows[:_TITLE_ROWS]):
        keys = {simple_name(cell) for cell in row.cells}
        filled = sum(bool(cell.strip()) for cell in row.cells)
        # A title stands alone in its row; in a file of one column, only the first row can be the header.
        told = keys & {*QUESTION_NAMES, *wanted} or (filled > 1 and keys & {*ID_NAMES})
        if told and (number == 0 or filled > 1):
            return number
        if filled > 1:
            break
    return 0 if choice.header else None


def _names(cells: Sequence[str], width: int) -> tuple[str, ...]:
    names: list[str] = []
    for number in range(width):
        plain = (cells[number].strip() if number < len(cells) else "") or f"column {number + 1}"
        name, copy = plain, 1
        while name in names:
            copy += 1
            name = f"{plain} ({copy})"
        names.append(name)
    return tuple(names)


def _named(keys: Sequence[str], known: Sequence[str]) -> int | None:
    return next((keys.index(name) for name in known if name in keys), None)


def _chosen(wanted: str, names: Sequence[str], source: str, option: str) -> int:
    for number, name in enumerate(names):
        if name == wanted or simple_name(name) == simple_name(wanted):
            return number
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return int(wanted) - 1
    raise QuestionFileError(
        f"{source} has no column {wanted!r}: choose one of {', '.join(names)} with {option}"
    )


def _guessed(rows: Sequence[SourceRow], names: Sequence[str], identifier: int | None, source: str) -> int:
    """Return the column that has question marks, or the only one."""
    columns = [number for number in range(len(names)) if number != identifier]
    if len(columns) == 1:
        return columns[0]
    shares = {number: _asking(rows, number) for number in columns}
    best = max(columns, key=lambda number: shares[number])
    if shares[best] < _MOSTLY or list(shares.values()).count(shares[best]) > 1:
        raise QuestionFileError(
            f"{source} does not say which column holds the questions: choose one of {', '.join(names)} "
            "with --question-column"
        )
    return best


def _asking(rows: Sequence[SourceRow], column: int) -> float:
    cells = [row.cells[column].strip() for row in rows if column < len(row.cells)]
    cells = [cell for cell in cells if cell]
    return sum(cell[-1] in "?？" for cell in cells) / len(cells) if cells else 0.0


def _looks_headed(rows: Sequence[SourceRow], question: int) -> bool:
    """Whether all rows but the first ask something; in one column alone, that is no reason to leave it out."""
    if len(rows) < 2 or max(len(row.cells) for row in rows) == 1:
        return False
    return not _asking(rows[:1], question) and _asking(rows[1:], question) >= _NEARLY_ALL
