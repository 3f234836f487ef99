"""Gold sets: questions with what a right answer holds and where it stands.

One JSON object a line: ``{"id", "question", "answers", "all_of", "evidence", "passage_ids", "history", "type",
"lang", "documents"}``. Only ``id``, ``question`` and one of ``answers`` and ``all_of`` are needed; empty ``answers``
mean that refusing is right. ``documents`` (ids) restricts what may be searched for this question.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from rag.conversation import Exchange
from rag.errors import GoldError
from rag.prompting import detect_language

Split = Literal["dev", "test"]

_DEV_NUMBERS = 84
"""The first questions of the seeds set were looked at while the program was written; all of them are development."""


@dataclass(frozen=True)
class Quote:
    """Words of a document that answer a question."""

    doc: str
    quote: str


@dataclass(frozen=True)
class GoldQuestion:
    """One question and what is known of its answer.

    Attributes:
        id: unique in its set.
        question: as it is asked.
        groups: a right answer holds one text of each group; empty where refusing is right.
        references: whole answers to compare with; the groups' first texts joined where there are several groups.
        evidence: quotes that answer it.
        lures: quotes that only seem to answer it, for training.
        passage_ids: ids of the documents that answer it, in sets whose documents are passages.
        history: the conversation before it, the oldest first.
        type: what kind of question it is.
        lang: its language.
        documents: the only ones that may be searched for it; all of them when ``None``.
    """

    id: str
    question: str
    groups: tuple[tuple[str, ...], ...] = ()
    references: tuple[str, ...] = ()
    evidence: tuple[Quote, ...] = ()
    lures: tuple[Quote, ...] = ()
    passage_ids: tuple[str, ...] = ()
    history: tuple[Exchange, ...] = ()
    type: str = "answerable"
    lang: str = "zh"
    documents: frozenset[str] | None = None

    @property
    def answerable(self) -> bool:
        """Whether the documents answer it; where not, the right behaviour is to refuse."""
        return bool(self.groups)

    @property
    def cited_documents(self) -> tuple[str, ...]:
        """The documents that answer it, each once."""
        return tuple(dict.fromkeys([*(quote.doc for quote in self.evidence), *self.passage_ids]))


@dataclass(frozen=True)
class GoldSet:
    """The questions of one file, and which file that was."""

    name: str
    path: Path
    sha256: str
    questions: tuple[GoldQuestion, ...]


class _Quote(BaseModel):
    doc: str = Field(min_length=1)
    quote: str = Field(pattern=r"\S")


class _Exchange(BaseModel):
    question: str
    answer: str


class GoldRow(BaseModel):
    """A line as it is written; keys that are not known are passed over."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str = Field(min_length=1)
    question: str = Field(pattern=r"\S")
    answers: list[str] | None = None
    all_of: list[list[str]] = Field(default=[], validation_alias=AliasChoices("all_of", "answer_groups"))
    evidence: list[_Quote] = []
    lures: list[_Quote] = []
    passage_ids: list[str] = []
    negative_ids: list[str] = []
    history: list[_Exchange] = []
    type: str | None = None
    lang: str | None = None
    documents: list[str] | None = None
    question_en: str | None = None
    answers_en: list[str] = []


def read_gold(path: Path) -> GoldSet:
    """Read a gold set.

    Raises:
        GoldError: the file cannot be read, or a line cannot be used; the message names the line and the field.
    """
    rows, digest = read_rows(path)
    return GoldSet(path.stem, path, digest, tuple(to_question(row) for row in rows))


def read_rows(path: Path) -> tuple[list[GoldRow], str]:
    """Return the lines of a gold set as they are written, and the file's sha256.

    Raises:
        GoldError: see :func:`read_gold`.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise GoldError(f"{path}: no such file; name a gold set (.jsonl) or a folder of one") from error
    except (OSError, UnicodeDecodeError) as error:
        raise GoldError(f"{path} cannot be read as UTF-8 text: {error}") from error
    rows: list[GoldRow] = []
    seen: dict[str, int] = {}
    # Not splitlines(): JSON strings may hold U+2028, which it takes for the end of a line.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        row = _row(line, f"{path}, line {number}")
        if row.id in seen:
            raise GoldError(
                f'{path}, line {number}, field id: "{row.id}" is already in line {seen[row.id]}; '
                "give every question its own"
            )
        seen[row.id] = number
        rows.append(row)
    if not rows:
        raise GoldError(f"{path}: no questions in it; write one JSON object a line")
    return rows, hashlib.sha256(raw).hexdigest()


def to_question(row: GoldRow) -> GoldQuestion:
    """Return a line as a question; what it does not say is worked out from the rest."""
    groups = _groups(row.answers or [], row.all_of)
    return GoldQuestion(
        id=row.id,
        question=row.question,
        groups=groups,
        references=_references(row.answers or [], row.all_of),
        evidence=tuple(Quote(item.doc, item.quote) for item in row.evidence),
        lures=tuple(Quote(item.doc, item.quote) for item in row.lures),
        passage_ids=tuple(dict.fromkeys(row.passage_ids)),
        history=tuple(Exchange(turn.question, turn.answer) for turn in row.history),
        type=row.type or ("answerable" if groups else "unanswerable"),
        lang=row.lang or detect_language(row.question),
        documents=frozenset(row.documents) if row.documents is not None else None,
    )


def split_of(question_id: str) -> Split:
    """Return which part of its set a question belongs to, the same for ever.

    Of the seeds set, the first 84 are development; of all others two in five, by the hash of the id.
    """
    prefix, _, number = question_id.rpartition("-")
    if prefix == "seeds" and number.isdecimal() and int(number) <= _DEV_NUMBERS:
        return "dev"
    return "dev" if _hashed(question_id) % 5 < 2 else "test"


def selected(
    questions: Iterable[GoldQuestion],
    *,
    types: Sequence[str] = (),
    split: Split | None = None,
    limit: int | None = None,
) -> list[GoldQuestion]:
    """Return some of the questions, in their order.

    ``limit`` takes a sample by the hash of the ids: it is spread over the set, and a larger one holds a smaller one,
    so that answers that are there already are used again.

    Raises:
        GoldError: none is left, or a type does not occur.
    """
    kept = list(questions)
    known = dict.fromkeys(question.type for question in kept)
    for name in types:
        if name not in known:
            raise GoldError(f'no question is of type "{name}"; there are: {", ".join(known)}')
    kept = [q for q in kept if (not types or q.type in types) and (split is None or split_of(q.id) == split)]
    if not kept:
        raise GoldError("no question is left; choose another --only or --split")
    if limit is not None and limit < len(kept):
        sample = {question.id for question in sorted(kept, key=lambda q: _hashed(q.id))[:limit]}
        kept = [question for question in kept if question.id in sample]
    return kept


def _row(line: str, where: str) -> GoldRow:
    try:
        raw = json.loads(line)
    except ValueError as error:
        raise GoldError(f"{where}: not JSON ({error}); write one object a line") from error
    if not isinstance(raw, dict):
        raise GoldError(f"{where}: not an object; write one object a line")
    try:
        row = GoldRow.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise GoldError(f"{where}, field {field}: {_plain(first['type'], first['msg'])}") from error
    if row.answers is None and not row.all_of:
        raise GoldError(f"{where}, field answers: it is missing; write [] where refusing is right")
    if any(not group for group in row.all_of):
        raise GoldError(f"{where}, field all_of: an empty group; name at least one text in each")
    if any(not text.strip() for text in [*(row.answers or []), *(t for group in row.all_of for t in group)]):
        raise GoldError(f"{where}, field answers: an empty text; every answer would hold it")
    return row


def _plain(kind: str, message: str) -> str:
    if kind == "missing":
        return "it is missing"
    if kind in ("string_pattern_mismatch", "string_too_short"):
        return "it is empty"
    return message[0].lower() + message[1:]


def _groups(answers: Sequence[str], all_of: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    if all_of:
        return tuple(tuple(group) for group in all_of)
    return (tuple(answers),) if answers else ()


def _references(answers: Sequence[str], all_of: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return whole answers: with several groups, no single text is one."""
    if len(all_of) > 1:
        return ("、".join(group[0] for group in all_of),)
    return tuple(all_of[0]) if all_of else tuple(answers)


def _hashed(question_id: str) -> int:
    """Return the hash of an id; forms of one question ("17@0.4", "17@en") stay together."""
    return int(hashlib.sha256(question_id.partition("@")[0].encode()).hexdigest(), 16)
