from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from evaluation_records import score

from rag.errors import EvaluationError, GateError
from rag.evaluation.compare import better, compare_runs
from rag.evaluation.gates import Gate, check_gates, read_gates
from rag.evaluation.scoring import QuestionScore, score_line
from rag.evaluation.statistics import Figure


def write(folder: Path, scores: Sequence[QuestionScore]) -> Path:
    folder.mkdir()
    lines = "".join(f"{score_line(one)}\n" for one in scores)
    (folder / "scores.jsonl").write_text(lines, encoding="utf-8")
    return folder


def run(rights: Sequence[int]) -> list[QuestionScore]:
    return [
        replace(
            score(
                f"q{number}",
                "right" if right else "wrong",
                answer_accuracy=right,
                answered_wrong=1 - right,
                f1_bag=right / 2,
            ),
            costs={"total_s": 1.0 + number + right},
        )
        for number, right in enumerate(rights)
    ]


def test_what_flipped_and_whether_it_was_chance(tmp_path: Path) -> None:
    # Ten questions: two lost, eight gained, so p = 2 * (1 + 10 + 45) / 1024; twenty unchanged.
    before = [1, 1] + [0] * 8 + [1] * 20
    after = [0, 0] + [1] * 8 + [1] * 20
    found = compare_runs(write(tmp_path / "a", run(before)), write(tmp_path / "b", run(after)))
    rows = {row.metric: row for row in found.rows}
    accuracy = rows["answer_accuracy"]
    assert (accuracy.a, accuracy.b) == (pytest.approx(22 / 30), pytest.approx(28 / 30))
    assert accuracy.difference.value == pytest.approx(6 / 30)
    assert (accuracy.gained, accuracy.lost) == (8, 2)
    assert accuracy.p == pytest.approx(2 * 56 / 1024)
    assert rows["answered_wrong"].difference.value == pytest.approx(-6 / 30)
    assert better(rows["answered_wrong"]) == better(accuracy), "less that is wrong is better"
    assert rows["f1_bag"].p is None, "no yes or no"
    assert rows["total_s_p50"].difference.n == 30
    assert [(flip.id, flip.gained) for flip in found.flips] == [
        *(("q0", False), ("q1", False)),
        *((f"q{number}", True) for number in range(2, 10)),
    ]
    assert (found.flips[0].outcome_a, found.flips[0].outcome_b) == ("right", "wrong")


def test_a_run_beside_itself_shows_nothing(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", run([1, 0, 1]))
    found = compare_runs(folder, folder)
    assert not found.flips
    for row in found.rows:
        assert (row.difference.value, row.difference.low, row.difference.high) == (0, 0, 0)
        assert row.p in (None, 1.0)
        assert better(row) is None


def test_only_questions_of_both_runs_count(tmp_path: Path) -> None:
    a, b = run([1, 0, 1]), run([1, 1, 1, 1])
    b[2] = replace(b[2], question="asked otherwise")
    found = compare_runs(write(tmp_path / "a", a), write(tmp_path / "b", b))
    assert found.questions == 2
    assert found.left_out == 2
    with pytest.raises(EvaluationError, match="no question in common"):
        compare_runs(tmp_path / "a", write(tmp_path / "c", [score("other")]))


def test_runs_that_only_searched_flip_in_hit_at_5(tmp_path: Path) -> None:
    a = [score("q", **{"hit@5": 0.0, "mrr": 0.1})]
    b = [score("q", **{"hit@5": 1.0, "mrr": 0.5})]
    found = compare_runs(write(tmp_path / "a", a), write(tmp_path / "b", b))
    assert [flip.gained for flip in found.flips] == [True]


FIGURES = {"answer_accuracy": Figure(0.75, 0.6, 0.9, 20), "auroc": Figure(None, None, None, 0)}


def test_gates_that_are_kept_and_missed() -> None:
    check_gates(read_gates(["answer_accuracy=0.75"], ["answer_accuracy=.75"]), FIGURES)
    with pytest.raises(GateError, match=r"answer_accuracy is 0\.75 .*n = 20.*below 0\.8"):
        check_gates([Gate("answer_accuracy", 0.8, at_least=True)], FIGURES)
    with pytest.raises(GateError, match=r"above 0\.5"):
        check_gates([Gate("answer_accuracy", 0.5, at_least=False)], FIGURES)
    for name in ("auroc", "hit@5"):
        with pytest.raises(GateError, match=f"{name} was not measured"):
            check_gates([Gate(name, 0.0, at_least=True)], FIGURES)


@pytest.mark.parametrize(
    "text", ["answer_accuracy", "answer_accuracy=", "answer_accuracy=high", "accuracy=0.5"]
)
def test_a_gate_that_cannot_be_read_says_how_to_write_one(text: str) -> None:
    with pytest.raises(GateError, match="answer_accuracy"):
        read_gates([text], [])
