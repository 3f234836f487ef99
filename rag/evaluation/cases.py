"""Single questions as the report shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.evaluation.answer_metrics import said
from rag.evaluation.answering import Record
from rag.evaluation.gold import GoldQuestion
from rag.evaluation.refusal_metrics import Outcome
from rag.evaluation.scoring import QuestionScore


@dataclass(frozen=True)
class Case:
    """A question, what was right, and what was said and quoted."""

    id: str
    type: str
    lang: str
    question: str
    gold: str
    answer: str
    quotes: tuple[str, ...]
    outcome: Outcome


def cases(
    questions: Sequence[GoldQuestion], records: Sequence[Record], scores: Sequence[QuestionScore]
) -> list[Case]:
    """Return every question that was asked, in order."""
    found = []
    for question, record, score in zip(questions, records, scores, strict=True):
        answer = record.answer
        if score.outcome is None:
            continue
        found.append(
            Case(
                question.id,
                question.type,
                question.lang,
                _with_history(question),
                _gold(question),
                _answer(record),
                tuple(citation.quote for citation in answer.citations) if answer else (),
                score.outcome,
            )
        )
    return found


def _with_history(question: GoldQuestion) -> str:
    asked = [exchange.question for exchange in question.history] + [question.question]
    return " → ".join(asked)


def _answer(record: Record) -> str:
    if record.answer is None:
        return record.error or ""
    return record.answer.answer if record.answer.refused else said(record.answer)


def _gold(question: GoldQuestion) -> str:
    if not question.answerable:
        return "(to be refused)"
    return " + ".join(" | ".join(group) for group in question.groups)
