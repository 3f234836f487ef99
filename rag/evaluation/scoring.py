"""The scores of each question: what every figure is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import EvaluationError
from rag.evaluation.answer_metrics import answer_scores, said
from rag.evaluation.answering import Record
from rag.evaluation.citation_metrics import citation_scores
from rag.evaluation.cost import costs
from rag.evaluation.gold import GoldQuestion
from rag.evaluation.quotes import GoldItem
from rag.evaluation.refusal_metrics import Outcome, outcome, refusal_scores
from rag.evaluation.retrieval_metrics import Ranking, ranking, retrieval_scores

Pair = tuple[float, float]
"""A numerator and a denominator."""

QUESTION_DEPTHS = (1, 3, 5, 10)


@dataclass(frozen=True)
class QuestionScore:
    """What one question adds to every figure.

    Attributes:
        id: of the question.
        question: as it was asked.
        type: of the question.
        lang: of the question.
        documents: that answer it.
        outcome: what became of it; ``None`` where nothing was answered.
        confidence: of the answer; ``None`` without one.
        scores: numerator and denominator by figure; a figure that it has no part in is not there.
        costs: seconds and tokens by name.
    """

    id: str
    question: str
    type: str
    lang: str
    documents: tuple[str, ...]
    outcome: Outcome | None
    confidence: float | None
    scores: dict[str, Pair]
    costs: dict[str, float] = field(default_factory=dict)


def score_answers(
    questions: Sequence[GoldQuestion],
    records: Sequence[Record],
    items: Mapping[str, tuple[GoldItem, ...]],
) -> list[QuestionScore]:
    """Score every question by its record."""
    retrieval = retrieval_scores(
        {
            question.id: ranking(_passages(record), items.get(question.id, ()))
            for question, record in zip(questions, records, strict=True)
        },
        QUESTION_DEPTHS,
    )
    return [
        _scored(question, record, items.get(question.id, ()), retrieval.get(question.id, {}))
        for question, record in zip(questions, records, strict=True)
    ]


def score_retrieval(
    questions: Sequence[GoldQuestion], rankings: Mapping[str, Ranking]
) -> list[QuestionScore]:
    """Score every question by what was found alone."""
    retrieval = retrieval_scores(rankings, QUESTION_DEPTHS)
    return [
        QuestionScore(
            question.id,
            question.question,
            question.type,
            question.lang,
            question.cited_documents,
            None,
            None,
            _pairs(retrieval.get(question.id, {})),
        )
        for question in questions
    ]


def score_line(score: QuestionScore) -> str:
    """Return a score as a line of ``scores.jsonl``."""
    return json.dumps(asdict(score), ensure_ascii=False)


def read_scores(path: Path) -> dict[str, QuestionScore]:
    """Return what :func:`score_line` wrote, by question.

    Raises:
        EvaluationError: there is no such file, or it was not written by an evaluation.
    """
    try:
        lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line]
        scores = [_from_json(json.loads(line)) for line in lines]
    except FileNotFoundError as error:
        raise EvaluationError(f"{path.parent} holds no finished run; make one with `rag eval`") from error
    except (ValueError, KeyError, TypeError) as error:
        raise EvaluationError(f"{path} cannot be read; run `rag eval` into that folder again") from error
    return {score.id: score for score in scores}


def _scored(
    question: GoldQuestion,
    record: Record,
    items: Sequence[GoldItem],
    retrieval: Mapping[str, float],
) -> QuestionScore:
    answer = record.answer
    became = outcome(question, answer)
    shares = {**refusal_scores(question, became), **retrieval}
    if question.answerable:
        shares.update(answer_scores(question, said(answer) if answer else ""))
    scores = _pairs(shares)
    if answer is not None:
        scores.update(citation_scores(answer, items if question.answerable else ()))
    return QuestionScore(
        question.id,
        question.question,
        question.type,
        question.lang,
        question.cited_documents,
        became,
        answer.confidence if answer is not None and not answer.refused else None,
        scores,
        costs(answer) if answer is not None else {},
    )


def _passages(record: Record) -> list[tuple[str, int, int]]:
    if record.answer is None:
        return []
    return [(passage.doc, passage.start, passage.end) for passage in record.answer.passages]


def _pairs(shares: Mapping[str, float]) -> dict[str, Pair]:
    return {name: (value, 1.0) for name, value in shares.items()}


def _from_json(raw: dict[str, Any]) -> QuestionScore:
    return QuestionScore(
        **{
            **raw,
            "documents": tuple(raw["documents"]),
            "scores": {name: (pair[0], pair[1]) for name, pair in raw["scores"].items()},
        }
    )
