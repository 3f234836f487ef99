"""Asking the questions of a gold set, so that an interruption costs nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rag.answers import Answer
from rag.errors import EvaluationError, WenyuanError
from rag.evaluation.cost import peak_memory_mb
from rag.evaluation.gold import GoldQuestion
from rag.pipeline import AskOptions, Assistant
from rag.progress import Progress, phase

_MOST_FAILURES = 3
"""Failures in a row after which it is not the questions that are at fault."""


@dataclass(frozen=True)
class Record:
    """What was answered to one question, or why nothing was.

    Attributes:
        id: of the question.
        answer: ``None`` where asking failed.
        error: why, in one line.
        fingerprint: of the question and all that decides its answer.
        code: fingerprint of the code that answered.
        memory_mb: the most memory that the process had taken until then.
    """

    id: str
    answer: Answer | None
    error: str | None
    fingerprint: str
    code: str
    memory_mb: float | None

    def to_json(self) -> str:
        """Return a line: the answer in the one shape that answers have everywhere, and ``eval`` beside it."""
        own = {
            "fingerprint": self.fingerprint,
            "code": self.code,
            "memory_mb": self.memory_mb,
            "error": self.error,
        }
        shape = self.answer.model_dump(mode="json") if self.answer else {}
        return json.dumps({"id": self.id, **shape, "eval": own}, ensure_ascii=False)


def read_records(path: Path) -> dict[str, Record]:
    """Return the records in a file by question, the last of each; none where there is no file.

    A line that was cut off, as the last one may be, counts as not there.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return {}
    records: dict[str, Record] = {}
    for line in lines:
        record = _record(line)
        if record is not None:
            records[record.id] = record
    return records


def answer_all(
    questions: Sequence[GoldQuestion],
    fingerprints: Mapping[str, str],
    code: str,
    path: Path,
    open_assistant: Callable[[], Assistant],
    progress: Progress,
    *,
    fresh: bool = False,
) -> list[Record]:
    """Answer every question that has no answer yet under the same fingerprint; return the records of all, in order.

    Each record is on the disk before the next question is asked. A question that cannot be asked is recorded with its
    error, and asked again the next time.

    Args:
        questions: the ones to answer.
        fingerprints: of each question, by its id.
        code: fingerprint of the code that answers.
        path: the file of records; added to.
        open_assistant: loads the models; only called when something has to be answered.
        progress: counts questions.
        fresh: answer everything again.

    Raises:
        WenyuanError: the models cannot be had, or three questions in a row fail.
    """
    known = {} if fresh else read_records(path)
    done = {
        question.id: known[question.id]
        for question in questions
        if question.id in known
        and known[question.id].answer is not None
        and known[question.id].fingerprint == fingerprints[question.id]
    }
    missing = [question for question in questions if question.id not in done]
    if missing:
        with open_assistant() as assistant, phase(progress, "answering", len(questions)):
            progress.advance(len(done))
            failures = 0
            for question in missing:
                record = _asked(assistant, question, fingerprints[question.id], code)
                failures = 0 if record.error is None else failures + 1
                if failures >= _MOST_FAILURES:
                    raise EvaluationError(
                        f"{failures} questions in a row failed, the last one: {record.error}"
                    )
                _append(path, record.to_json())
                done[question.id] = record
                progress.advance(1)
        _compact(path)
    return [done[question.id] for question in questions]


def _asked(assistant: Assistant, question: GoldQuestion, fingerprint: str, code: str) -> Record:
    answer, error = None, None
    try:
        answer = assistant.ask(
            question.question,
            question_id=question.id,
            history=question.history,
            options=AskOptions(documents=question.documents),
        )
    except WenyuanError as failed:
        error = str(failed)
    return Record(question.id, answer, error, fingerprint, code, peak_memory_mb())


def _record(line: str) -> Record | None:
    try:
        raw: dict[str, Any] = json.loads(line)
        own = raw.pop("eval")
        answer = Answer.model_validate(raw) if len(raw) > 1 else None
        return Record(
            str(raw["id"]), answer, own["error"], own["fingerprint"], own["code"], own.get("memory_mb")
        )
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
        return None


def _append(path: Path, line: str) -> None:
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")  # the run before was cut off inside of a line
        file.write(line.encode("utf-8", "replace") + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _compact(path: Path) -> None:
    """Drop records that newer ones of the same question have replaced."""
    write_lines(path, (record.to_json() for record in read_records(path).values()))


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("w", encoding="utf-8", errors="replace") as file:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
