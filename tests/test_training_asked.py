"""What the reader learns from questions over whole folders: the evidence is right, what seems to be it is wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from fakes import FakeEmbedder

from index.building import build
from index.settings import IndexSettings
from index.store import open_index
from rag.evaluation.gold import Quote, read_gold
from rag.retrieval import Retriever
from rag.settings import RetrievalSettings
from rag.training.asked import FOLDER, asked_examples
from rag.training.examples import Example

DOCUMENTS = {
    "2022.txt": "许昌市2022年政府工作报告\n\n全市新增城镇就业4.8万人。全市生产总值3746.9亿元。市长刘涛作了报告。",
    "2023.txt": "许昌市2023年政府工作报告\n\n全市新增城镇就业5.1万人。全市生产总值目标为4100亿元。",
    "county.txt": "長葛市公報\n\n長葛市新增城鎮就業0.9萬人。許昌市新增城镇就业5.1万人。",
}
JOBS = {
    "id": "jobs",
    "question": "许昌市2023年新增城镇就业多少人？",
    "answers": ["5.1万"],
    "evidence": [{"doc": "2023.txt", "quote": "新增城镇就业5.1万人"}],
    "lures": [{"doc": "2022.txt", "quote": "新增城镇就业4.8万人"}],
}
BOTH_YEARS = {
    "id": "both",
    "question": "2022年和2023年各新增城镇就业多少人？",
    "all_of": [["4.8万"], ["5.1万"]],
    "evidence": [
        {"doc": "2022.txt", "quote": "就业4.8万人"},
        {"doc": "2023.txt", "quote": "就业5.1万人"},
    ],
}
COUNTY = {
    "id": "county",
    "question": "長葛市新增城鎮就業",
    "answers": ["0.9万人"],
    "evidence": [{"doc": "county.txt", "quote": "就業0.9萬人"}],
}
NOBODY = {"id": "nobody", "question": "许昌市2023年生产总值实际完成多少？", "answers": []}


def examples_of(tmp_path: Path, *rows: dict[str, object]) -> list[list[Example]]:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    embedder = FakeEmbedder()
    build([folder], tmp_path / "index", embedder.identity.fingerprint, lambda: embedder, IndexSettings())
    index = open_index(tmp_path / "index")
    try:
        retriever = Retriever(index, embedder, RetrievalSettings())
        return list(asked_examples(gold, index.tables, retriever))
    finally:
        index.close()


def wrong_texts(examples: Sequence[Example]) -> str:
    return "".join(example.text for example in examples if not example.right)


def test_the_evidence_is_right_and_its_span_has_the_unit_that_the_set_left_out(tmp_path: Path) -> None:
    (examples,) = examples_of(tmp_path, JOBS)
    right = [example for example in examples if example.right]
    assert right and all("2023年政府工作报告" in example.text for example in right)
    assert all(example.span and example.text[slice(*example.span)] == "5.1万人" for example in right)


def test_what_seems_to_answer_is_wrong_and_what_may_answer_too_is_left_out(tmp_path: Path) -> None:
    (examples,) = examples_of(tmp_path, JOBS)
    assert "4.8万人" in wrong_texts(examples)
    assert "5.1万人" not in wrong_texts(examples)


def test_nothing_answers_what_has_no_answer(tmp_path: Path) -> None:
    (examples,) = examples_of(tmp_path, NOBODY)
    assert "4100亿元" in wrong_texts(examples)
    assert not any(example.right for example in examples)


def test_a_question_that_takes_two_sentences_teaches_nothing(tmp_path: Path) -> None:
    assert examples_of(tmp_path, BOTH_YEARS) == []


def test_traditional_script_is_shown_as_the_program_shows_it(tmp_path: Path) -> None:
    (examples,) = examples_of(tmp_path, COUNTY)
    right = next(example for example in examples if example.right)
    assert right.question == "长葛市新增城镇就业"
    assert right.span and right.text[slice(*right.span)] == "0.9万人"


@pytest.mark.parametrize("gold", sorted(FOLDER.glob("*.jsonl")), ids=lambda path: path.stem)
def test_the_sets_say_what_their_documents_say(gold: Path) -> None:
    documents = {path.name: path.read_text(encoding="utf-8") for path in gold.with_suffix("").iterdir()}
    for question in read_gold(gold).questions:
        quotes = (*question.evidence, *question.lures)
        assert quotes and all(one.quote in documents[one.doc] for one in quotes), question.id
        answers = {answer for group in question.groups for answer in group}
        assert all(any(said(one, answers) for one in question.evidence) for _ in question.groups), question.id
        assert not any(said(one, answers) for one in question.lures), question.id


def said(quote: Quote, answers: set[str]) -> bool:
    text = "".join(quote.quote.split())
    return any("".join(answer.split()) in text for answer in answers)
