"""What the reader learns from: spans that are answers, and wrong texts that are wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from index.building import build
from index.folding import to_simplified
from index.settings import IndexSettings
from index.store import Index, open_index
from rag.evaluation.gold import split_of
from rag.retrieval import Retriever
from rag.settings import RetrievalSettings
from rag.training.examples import (
    Question,
    SpanExamples,
    article_of,
    cross_lingual_questions,
    read_questions,
    statute_examples,
)

DOCUMENTS = {
    "jobs": (
        "许昌就业",
        "许昌市2022年新增城镇就业4.8万人。许昌市2023年新增城镇就业5.1万人。全市召开了就业工作会议。",
    ),
    "green": (
        "许昌绿化",
        "今年中心城区计划实施园林绿化项目六大类62项。将新增绿化面积861.47亩。会议由刘涛主持。",
    ),
    "books": ("东湖社区", "图书流动服务车开进东湖翡翠小区。工作人员解答借阅问题。居民办理了借书证。"),
}
JOBS = Question("许昌市2023年新增城镇就业多少人？", ("5.1万人",), "jobs")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("training")
    lines = [{"id": name, "title": title, "text": text} for name, (title, text) in DOCUMENTS.items()]
    file = folder / "passages.jsonl"
    file.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8")
    embedder = FakeEmbedder()
    build([file], folder / "index", embedder.identity.fingerprint, lambda: embedder, IndexSettings())
    opened = open_index(folder / "index")
    yield opened
    opened.close()


def examples_of(index: Index, seed: int) -> SpanExamples:
    return SpanExamples(index.tables, Retriever(index, FakeEmbedder(), RetrievalSettings()), seed)


@pytest.mark.parametrize("seed", range(8))
def test_the_span_of_the_right_text_is_the_answer_in_either_script(index: Index, seed: int) -> None:
    right, *_ = examples_of(index, seed).of(JOBS)
    assert right.right
    assert right.span is not None
    assert to_simplified(right.text[slice(*right.span)]) == "5.1万人"


@pytest.mark.parametrize("seed", range(8))
def test_no_wrong_text_holds_the_answer_unless_the_question_was_changed(index: Index, seed: int) -> None:
    _, *wrong = examples_of(index, seed).of(JOBS)
    assert wrong
    for example in wrong:
        assert not example.right
        assert example.span is None
        if "2023年" in example.question and "许昌" in to_simplified(example.question):
            assert "5.1" not in example.text


def test_the_same_seed_gives_the_same_examples(index: Index) -> None:
    assert examples_of(index, 3).of(JOBS) == examples_of(index, 3).of(JOBS)


def test_a_question_whose_answer_does_not_stand_in_its_document_teaches_nothing(index: Index) -> None:
    assert examples_of(index, 0).of(Question("多少人？", ("9.9万人",), "jobs")) == []


def test_a_quantity_is_asked_for_by_its_clause(index: Index) -> None:
    made = [example for seed in range(12) for example in examples_of(index, seed).cloze("green")]
    right = [example for example in made if example.right]
    assert right
    for example in right:
        assert example.span is not None
        assert "多少" in example.question
        assert to_simplified(example.text[slice(*example.span)]) in ("62项", "861.47亩")
        assert example.text[slice(*example.span)] not in example.question


@settings(max_examples=20)
@given(seed=st.integers(min_value=0, max_value=10_000))
def test_spans_lie_in_their_text(index: Index, seed: int) -> None:
    for example in (*examples_of(index, seed).of(JOBS), *examples_of(index, seed).cloze("jobs")):
        if example.span is not None:
            start, end = example.span
            assert 0 <= start < end <= len(example.text)


def test_only_questions_with_an_answer_and_a_document_are_read(tmp_path: Path) -> None:
    rows = [
        {"id": "0", "question": "一", "answers": ["甲"], "passage_ids": ["jobs"]},
        {"id": "1", "question": "二", "answers": [], "passage_ids": ["jobs"]},
        {"id": "2", "question": "三", "answers": ["乙"], "passage_ids": []},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    assert read_questions(file) == [Question("一", ("甲",), "jobs")]


def test_questions_in_two_languages_are_read_of_the_articles_to_learn_from(tmp_path: Path) -> None:
    articles = [f"City_{number}" for number in range(40)]
    rows = [
        {
            "id": article,
            "question": f"{article}多大？",
            "question_en": f"How large is {article}?",
            "answers": ["甲"],
            "passage_ids": [f"{article}_3"],
        }
        for article in articles
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    found = cross_lingual_questions(file)
    learned = {article for article in articles if split_of(article) == "dev"}
    assert 0 < len(learned) < len(articles)
    assert {article_of(question.document) for question in found} == learned
    assert len(found) == 2 * len(learned)
    assert {question.text for question in found if question.document == f"{min(learned)}_3"} == {
        f"{min(learned)}多大？",
        f"How large is {min(learned)}?",
    }


def test_statutes_that_are_cited_are_right_and_others_found_are_wrong(index: Index, tmp_path: Path) -> None:
    passages = tmp_path / "passages.jsonl"
    passages.write_text(
        "".join(
            f"{json.dumps({'id': name, 'title': title, 'text': text}, ensure_ascii=False)}\n"
            for name, (title, text) in DOCUMENTS.items()
        ),
        encoding="utf-8",
    )
    train = tmp_path / "train.json"
    asked = [
        {"问题": "新增就业多少人？", "相关法规": ["许昌就业"]},
        {"问题": "别的？", "相关法规": ["没有这条"]},
    ]
    train.write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    retriever = Retriever(index, FakeEmbedder(), RetrievalSettings())
    (group,) = statute_examples(train, passages, retriever, index.tables.titles(), 0)
    assert [example.text.split("\n")[0] for example in group if example.right] == ["许昌就业"]
    assert all("许昌就业" not in example.text for example in group if not example.right)
    assert all(example.span is None for example in group)
