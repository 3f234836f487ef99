from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rag.errors import GoldError
from rag.evaluation.benchmarks import find_benchmark, own_passages, read_benchmark, searched_passages


def folder(path: Path, *rows: dict[str, Any], suffix: str = "") -> Path:
    path.mkdir(exist_ok=True)
    (path / f"passages{suffix}.jsonl").write_text('{"id": "p", "text": "文"}\n', encoding="utf-8")
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (path / f"questions{suffix}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return path


PLAIN = {"id": "q", "question": "谁？", "answers": ["甲"], "passage_ids": ["p"]}


def test_a_folder_is_found_by_itself_or_by_its_questions(tmp_path: Path) -> None:
    path = folder(tmp_path / "set", PLAIN)
    folder(path, PLAIN, suffix="_dev")
    assert find_benchmark(path) == path / "questions.jsonl"
    assert find_benchmark(path / "questions_dev.jsonl") == path / "questions_dev.jsonl"
    benchmark = read_benchmark(path / "questions_dev.jsonl")
    assert benchmark.passages == path / "passages_dev.jsonl"
    assert benchmark.gold.name == "set_dev"


def test_a_gold_set_is_no_benchmark(tmp_path: Path) -> None:
    assert find_benchmark(tmp_path / "gold.jsonl") is None
    (tmp_path / "questions.jsonl").write_text(json.dumps(PLAIN), encoding="utf-8")
    assert find_benchmark(tmp_path / "questions.jsonl") is None, "its passages are not there"


def test_a_folder_without_the_two_files_says_which_they_are(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"questions\.jsonl and passages\.jsonl"):
        find_benchmark(tmp_path)


def test_empty_answers_are_to_be_refused(tmp_path: Path) -> None:
    row = {"id": "q", "question": "谁？", "answers": [], "passage_ids": ["p"], "is_impossible": True}
    (question,) = read_benchmark(folder(tmp_path / "set", row) / "questions.jsonl").gold.questions
    assert (question.type, question.answerable) == ("unanswerable", False)


# By evalue.py of RGB: ceil(5 * noise) negatives; where there are too few of one kind, the other fills up.
POSITIVE, NEGATIVE = ["+1", "+2", "+3", "+4", "+5", "+6"], ["-1", "-2", "-3", "-4", "-5", "-6"]


@pytest.mark.parametrize(
    ("positive", "negative", "noise", "expected"),
    [
        (POSITIVE, NEGATIVE, 0.0, ["+1", "+2", "+3", "+4", "+5"]),
        (POSITIVE, NEGATIVE, 0.2, ["+1", "+2", "+3", "+4", "-1"]),
        (POSITIVE, NEGATIVE, 0.4, ["+1", "+2", "+3", "-1", "-2"]),
        (POSITIVE, NEGATIVE, 0.6, ["+1", "+2", "-1", "-2", "-3"]),
        (POSITIVE, NEGATIVE, 0.8, ["+1", "-1", "-2", "-3", "-4"]),
        (POSITIVE, NEGATIVE, 1.0, ["-1", "-2", "-3", "-4", "-5"]),
        (POSITIVE[:2], NEGATIVE, 0.0, ["+1", "+2", "-1", "-2", "-3"]),
        (POSITIVE, NEGATIVE[:2], 0.8, ["+1", "+2", "+3", "-1", "-2"]),
        (POSITIVE, NEGATIVE[:2], 1.0, ["-1", "-2"]),
    ],
)
def test_own_passages_are_those_of_the_published_script(
    positive: list[str], negative: list[str], noise: float, expected: list[str]
) -> None:
    assert own_passages(positive, negative, noise) == expected


def test_a_question_with_negatives_is_asked_at_every_noise_ratio(tmp_path: Path) -> None:
    row = {
        "id": "q",
        "question": "多少人？",
        "answers": ["12人", "十人"],
        "answer_groups": [["12人"], ["十人"]],
        "passage_ids": POSITIVE,
        "negative_ids": NEGATIVE,
    }
    questions = read_benchmark(folder(tmp_path / "set", row) / "questions.jsonl").gold.questions
    assert [q.id for q in questions] == ["q@0", "q@0.2", "q@0.4", "q@0.6", "q@0.8", "q@1"]
    assert [q.type for q in questions] == [
        "noise 0",
        "noise 0.2",
        "noise 0.4",
        "noise 0.6",
        "noise 0.8",
        "noise alone",
    ]
    assert questions[2].documents == frozenset({"+1", "+2", "+3", "-1", "-2"})
    assert questions[2].passage_ids == ("+1", "+2", "+3")
    assert questions[2].groups == (("12人",), ("十人",)), "every group needs its hit"
    assert not questions[-1].answerable
    assert questions[-1].documents == frozenset(NEGATIVE[:5])


def test_only_passages_that_are_searched_are_indexed(tmp_path: Path) -> None:
    path = folder(tmp_path / "set", {**PLAIN, "passage_ids": ["p"], "negative_ids": ["n"]})
    lines = [json.dumps({"id": name, "text": "文"}) for name in ("p", "n", "nobody's")]
    (path / "passages.jsonl").write_text("\n".join(lines), encoding="utf-8")
    found = searched_passages(read_benchmark(path / "questions.jsonl"), tmp_path / "out" / "own.jsonl")
    assert [json.loads(line)["id"] for line in found.read_text("utf-8").splitlines()] == ["p", "n"]
    folder(path, PLAIN)
    whole = searched_passages(read_benchmark(path / "questions.jsonl"), tmp_path / "own.jsonl")
    assert whole == path / "passages.jsonl"
    assert not (tmp_path / "own.jsonl").exists()


def test_the_english_twin_is_a_type_of_its_own(tmp_path: Path) -> None:
    row = {**PLAIN, "question_en": "Who?", "answers_en": ["A"]}
    chinese, english = read_benchmark(folder(tmp_path / "set", row) / "questions.jsonl").gold.questions
    assert (english.id, english.question, english.type, english.lang) == (
        "q@en",
        "Who?",
        "cross-lingual",
        "en",
    )
    assert english.groups == (("A", "甲"),), "an answer in the words of the source is right as well"
    assert english.passage_ids == chinese.passage_ids == ("p",)
