"""Right, wrong or refused."""

from __future__ import annotations

from typing import Literal

from rag.answers import Answer
from rag.evaluation.answer_metrics import can_be_judged, is_right, said
from rag.evaluation.gold import GoldQuestion

Outcome = Literal[
    "right", "rightly refused", "wrongly refused", "wrong", "answered unanswerable", "failed", "not judged"
]
OUTCOMES: tuple[Outcome, ...] = (
    "right",
    "rightly refused",
    "wrongly refused",
    "wrong",
    "answered unanswerable",
    "failed",
    "not judged",
)

_GOOD: frozenset[Outcome] = frozenset({"right", "rightly refused"})
_WRONG: frozenset[Outcome] = frozenset({"wrong", "answered unanswerable"})


def outcome(question: GoldQuestion, answer: Answer | None) -> Outcome:
    """Return what became of a question; ``None`` for an answer means that asking failed.

    An unanswerable question counts right only when it was refused. Where the gold answers are too long to stand in an
    answer, an answer is not judged.
    """
    if answer is None:
        return "failed"
    if answer.refused:
        return "wrongly refused" if question.answerable else "rightly refused"
    if not question.answerable:
        return "answered unanswerable"
    if not can_be_judged(question):
        return "not judged"
    return "right" if is_right(question, said(answer)) else "wrong"


def refusal_scores(question: GoldQuestion, became: Outcome) -> dict[str, float]:
    """Return the 0 or 1 of each figure that a question has part in.

    ``answer_accuracy``: right answers and right refusals, over all questions. ``answered_wrong``: answers that are
    wrong, over all questions; the one a reader cannot see. ``selective_accuracy``: right, over what was answered, which
    means nothing without ``answer_rate`` beside it.
    """
    answered = became in ("right", "wrong", "answered unanswerable", "not judged")
    scores = {"answer_rate": float(answered), "failed": float(became == "failed")}
    if question.answerable:
        scores["false_refusal"] = float(became == "wrongly refused")
    else:
        scores["refusal_unanswerable"] = float(became == "rightly refused")
    if can_be_judged(question):
        scores["answer_accuracy"] = float(became in _GOOD)
        scores["answered_wrong"] = float(became in _WRONG)
        if answered:
            scores["selective_accuracy"] = float(became == "right")
    return scores
