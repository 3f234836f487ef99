from __future__ import annotations

import pytest
from evaluation_records import answered, refused

from rag.answers import Answer
from rag.evaluation.gold import GoldQuestion
from rag.evaluation.refusal_metrics import Outcome, outcome, refusal_scores

ANSWERABLE = GoldQuestion("q", "？", groups=(("62",),))
UNANSWERABLE = GoldQuestion("q", "？")
LONG = GoldQuestion("q", "？", groups=(("字" * 50,),))


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        (ANSWERABLE, answered("q", ["62项。"]), "right"),
        (ANSWERABLE, answered("q", ["63项。"]), "wrong"),
        (ANSWERABLE, answered("q", ["62项。"], supported=[False]), "wrong"),
        (ANSWERABLE, refused("q"), "wrongly refused"),
        (ANSWERABLE, None, "failed"),
        (UNANSWERABLE, answered("q", ["62项。"]), "answered unanswerable"),
        (UNANSWERABLE, refused("q"), "rightly refused"),
        (LONG, answered("q", ["字。"]), "not judged"),
        (LONG, refused("q"), "wrongly refused"),
    ],
)
def test_what_becomes_of_a_question(question: GoldQuestion, answer: Answer | None, expected: Outcome) -> None:
    assert outcome(question, answer) == expected


def test_what_each_outcome_counts_in() -> None:
    assert refusal_scores(ANSWERABLE, "right") == {
        "answer_rate": 1,
        "failed": 0,
        "false_refusal": 0,
        "answer_accuracy": 1,
        "answered_wrong": 0,
        "selective_accuracy": 1,
    }
    assert refusal_scores(ANSWERABLE, "wrongly refused") == {
        "answer_rate": 0,
        "failed": 0,
        "false_refusal": 1,
        "answer_accuracy": 0,
        "answered_wrong": 0,
    }
    assert refusal_scores(UNANSWERABLE, "answered unanswerable") == {
        "answer_rate": 1,
        "failed": 0,
        "refusal_unanswerable": 0,
        "answer_accuracy": 0,
        "answered_wrong": 1,
        "selective_accuracy": 0,
    }
    assert refusal_scores(UNANSWERABLE, "rightly refused")["answer_accuracy"] == 1
    assert refusal_scores(ANSWERABLE, "failed")["answer_accuracy"] == 0


def test_what_cannot_be_judged_has_no_part_in_right_and_wrong() -> None:
    assert refusal_scores(LONG, "not judged") == {"answer_rate": 1, "failed": 0, "false_refusal": 0}
    assert refusal_scores(LONG, "wrongly refused") == {"answer_rate": 0, "failed": 0, "false_refusal": 1}
