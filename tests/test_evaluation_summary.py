from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from evaluation_records import answered, refused, score

from rag.errors import EvaluationError
from rag.evaluation.answering import Record
from rag.evaluation.figures import METRICS
from rag.evaluation.gold import GoldQuestion
from rag.evaluation.quotes import GoldItem, Place
from rag.evaluation.retrieval_metrics import Ranking
from rag.evaluation.scoring import read_scores, score_answers, score_line
from rag.evaluation.summary import summarise

QUESTIONS = [
    GoldQuestion("a", "多少？", groups=(("62",),), references=("62",), type="number", passage_ids=("d",)),
    GoldQuestion("b", "谁？", groups=(("甲",),), references=("甲",), type="person", passage_ids=("d",)),
    GoldQuestion("c", "Who?", type="unanswerable", lang="en"),
    GoldQuestion("d", "谁？", groups=(("乙",),), references=("乙",), type="person", passage_ids=("e",)),
]
ITEMS = {
    "a": (GoldItem((Place("d"),)),),
    "b": (GoldItem((Place("d"),)),),
    "c": (),
    "d": (GoldItem((Place("e"),)),),
}


def record(name: str, answer: object) -> Record:
    return Record(name, answer, None, "f", "c", 100.0)  # type: ignore[arg-type]


RECORDS = [
    record(
        "a", answered("a", ["62项。"], citations=[("d", 0, 9, "共62项")], passages=[("x", 0, 9), ("d", 0, 9)])
    ),
    record("b", answered("b", ["丙。"], citations=[("x", 0, 9, "丙说")], passages=[("x", 0, 9)])),
    record("c", refused("c")),
    record("d", refused("d")),
]


def test_all_figures_by_hand() -> None:
    summary = summarise(score_answers(QUESTIONS, RECORDS, ITEMS), {}, 100.0, 0)
    values = {name: figure.value for name, figure in summary.overall.items()}
    assert values["answered_wrong"] == 1 / 4
    assert values["answer_accuracy"] == 2 / 4
    assert values["answer_rate"] == 2 / 4
    assert values["selective_accuracy"] == 1 / 2
    assert values["refusal_unanswerable"] == 1
    assert values["false_refusal"] == 1 / 3
    assert values["contains"] == 1 / 3, "the refusal counts as not right"
    assert values["f1_bag"] == pytest.approx((2 * 1 / (2 + 1)) / 3)
    assert values["hit@1"] == 0
    assert values["hit@3"] == 1 / 3
    assert values["mrr"] == pytest.approx(0.5 / 3)
    assert values["citation_precision"] == 1 / 2
    assert values["citation_recall"] == 1 / 2
    assert values["cited_sentences"] == 1
    assert values["total_s_p50"] == 2.5
    assert values["memory_mb"] == 100
    assert list(summary.overall) == [name for name in METRICS if name in summary.overall]
    assert summary.overall["answer_accuracy"].n == 4
    assert summary.overall["refusal_unanswerable"].n == 1
    assert summary.outcomes["all"]["all"] == {
        "right": 1,
        "rightly refused": 1,
        "wrongly refused": 1,
        "wrong": 1,
    }


def test_parts_by_type_language_and_document() -> None:
    scores = score_answers(QUESTIONS, RECORDS, ITEMS)
    twice = [*scores, *(replace(one, id=f"{one.id}2") for one in scores)]
    summary = summarise(twice, {}, None, 0)
    assert summary.parts["type"]["person"]["answer_accuracy"].value == 0
    assert summary.parts["type"]["person"]["answer_accuracy"].n == 4
    assert summary.parts["language"]["en"]["refusal_unanswerable"].value == 1
    assert list(summary.parts["document"]) == ["d"], "fewer than three questions say nothing"
    assert summary.parts["document"]["d"]["answered_wrong"].value == 0.5
    assert summary.outcomes["language"]["en"] == {"rightly refused": 2}


def test_retrievers_are_means_over_questions() -> None:
    rankings = {
        "lexical": {"a": Ranking((frozenset({0}),), 1), "b": Ranking((frozenset(), frozenset({0})), 1)},
    }
    figures = summarise([score("a")], rankings, None, 0).retrievers["lexical"]
    assert figures["hit@1"].value == 0.5
    assert figures["mrr"].value == 0.75
    assert figures["hit@20"].n == 2


def test_everything_is_written_as_json() -> None:
    summary = summarise(score_answers(QUESTIONS, RECORDS, ITEMS), {}, None, 0)
    written = json.loads(json.dumps(summary.to_json()))
    assert set(written["overall"]["answered_wrong"]) == {"value", "low", "high", "n"}
    assert written["by"]["type"]["number"]["answer_accuracy"]["value"] == 1
    assert written["risk_coverage"][-1]["coverage"] == 0.5


def test_scores_survive_being_written(tmp_path: Path) -> None:
    scores = score_answers(QUESTIONS, RECORDS, ITEMS)
    path = tmp_path / "scores.jsonl"
    path.write_text("".join(f"{score_line(one)}\n" for one in scores), encoding="utf-8")
    assert list(read_scores(path).values()) == scores


@pytest.mark.parametrize("content", [None, "{}\n", "not JSON\n"])
def test_a_folder_without_a_run_says_how_to_make_one(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "scores.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError, match="rag eval"):
        read_scores(tmp_path / "scores.jsonl")
