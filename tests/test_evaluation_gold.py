from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from rag.conversation import Exchange
from rag.errors import GoldError
from rag.evaluation.gold import GoldQuestion, Quote, read_gold, selected, split_of

GOLD = Path(__file__).parent / "gold" / "seeds.jsonl"


def write(path: Path, *rows: Any) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_every_field_of_the_design_is_read(tmp_path: Path) -> None:
    row = {
        "id": "a",
        "question": "那2021年呢？",
        "answers": ["5.04万", "50400"],
        "evidence": [{"doc": "x.txt", "quote": "5.04萬人"}],
        "passage_ids": ["p1", "p1"],
        "history": [{"question": "2020年多少人？", "answer": "4万人。"}],
        "documents": ["x.txt"],
        "type": "followup",
        "lang": "zh",
        "a key of somebody else": 1,
    }
    assert read_gold(write(tmp_path / "g.jsonl", row)).questions == (
        GoldQuestion(
            id="a",
            question="那2021年呢？",
            groups=(("5.04万", "50400"),),
            references=("5.04万", "50400"),
            evidence=(Quote("x.txt", "5.04萬人"),),
            passage_ids=("p1",),
            history=(Exchange("2020年多少人？", "4万人。"),),
            type="followup",
            lang="zh",
            documents=frozenset({"x.txt"}),
        ),
    )


def test_what_a_line_does_not_say_is_worked_out(tmp_path: Path) -> None:
    path = write(
        tmp_path / "g.jsonl",
        "﻿" + json.dumps({"id": 1, "question": "Who?", "answers": ["Anna"]}),
        "",
        {"id": "2", "question": "誰主持會議？", "answers": []},
        {"id": "3", "question": "哪些？", "all_of": [["甲", "甲方"], ["乙"]]},
    )
    first, second, third = read_gold(path).questions
    assert (first.id, first.type, first.lang) == ("1", "answerable", "en")
    assert (second.type, second.lang, second.answerable) == ("unanswerable", "zh-Hant", False)
    assert third.groups == (("甲", "甲方"), ("乙",))
    assert third.references == ("甲、乙",)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", ["line 2", "not JSON"]),
        ("[]", ["line 2", "not an object"]),
        ('{"question": "？", "answers": []}', ["line 2", "field id", "missing"]),
        ('{"id": "b", "answers": []}', ["line 2", "field question", "missing"]),
        ('{"id": "b", "question": " ", "answers": []}', ["line 2", "field question", "empty"]),
        ('{"id": "b", "question": "？"}', ["line 2", "field answers", "missing", "[]"]),
        ('{"id": "b", "question": "？", "answers": "x"}', ["line 2", "field answers", "list"]),
        ('{"id": "b", "question": "？", "answers": [" "]}', ["line 2", "field answers", "empty"]),
        ('{"id": "b", "question": "？", "all_of": [[]]}', ["line 2", "field all_of", "empty"]),
        (
            '{"id": "b", "question": "？", "answers": ["x"], "evidence": [{"doc": "d"}]}',
            ["line 2", "field evidence.0.quote", "missing"],
        ),
        ('{"id": "a", "question": "？", "answers": []}', ["line 2", "field id", "line 1"]),
    ],
)
def test_a_bad_line_is_one_message_with_its_line_and_field(
    tmp_path: Path, line: str, words: list[str]
) -> None:
    path = write(tmp_path / "g.jsonl", {"id": "a", "question": "？", "answers": []}, line)
    with pytest.raises(GoldError) as caught:
        read_gold(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    for word in words:
        assert word in message


@pytest.mark.parametrize("content", [None, b"", b"\n\n", b"\xff\xfe\x00"])
def test_a_file_that_holds_nothing_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "g.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(GoldError, match=r"g\.jsonl"):
        read_gold(path)


def test_the_seeds_set_can_be_read() -> None:
    gold = read_gold(GOLD)
    assert gold.sha256 == hashlib.sha256(GOLD.read_bytes()).hexdigest()
    assert {question.type for question in gold.questions if not question.answerable} == {"unanswerable"}


def test_the_split_is_fixed() -> None:
    assert {split_of(f"seeds-{number:03}") for number in range(1, 85)} == {"dev"}
    # The rule, written out: the first 84 of the seeds are dev, and of the others those whose hash mod 5 is below 2.
    for name in ("seeds-085", "seeds-150", "cmrc-84", "x"):
        rest = int(hashlib.sha256(name.encode()).hexdigest(), 16) % 5
        assert split_of(name) == ("dev" if rest < 2 else "test")
    assert split_of("q@0.4") == split_of("q@en") == split_of("q"), "forms of a question stay together"


def test_a_larger_sample_holds_a_smaller_one_in_the_order_of_the_set() -> None:
    questions = [GoldQuestion(f"q{number}", "？", type="a" if number % 2 else "b") for number in range(50)]
    small, large = (selected(questions, limit=limit) for limit in (7, 20))
    assert len(small) == 7
    assert set(small) < set(large)
    assert large == [question for question in questions if question in set(large)]
    assert {question.type for question in selected(questions, types=["b"], limit=5)} == {"b"}


def test_dev_and_test_make_up_the_whole() -> None:
    questions = [GoldQuestion(f"q{number}", "？") for number in range(50)]
    dev, test = selected(questions, split="dev"), selected(questions, split="test")
    assert sorted(q.id for q in [*dev, *test]) == sorted(q.id for q in questions)
    assert len(dev) < len(test)


def test_a_type_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(GoldError, match=r'"why".*number'):
        selected([GoldQuestion("q", "？", type="number")], types=["why"])
