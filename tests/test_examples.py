from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from fakes import FakeEmbedder

from index.building import build
from index.settings import IndexSettings
from index.store import Index, open_index
from rag import examples
from rag.examples import example_questions


def asked_of(tmp_path: Path, texts: Mapping[str, str], count: int) -> list[str]:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    build([folder], tmp_path / "index", "fake-1", FakeEmbedder, IndexSettings())
    index = open_index(tmp_path / "index")
    try:
        return example_questions(index, count)
    finally:
        index.close()


def clause(question: str) -> re.Pattern[str]:
    """The clause that a question was made of, with its figure."""
    what, _, counted = question.removesuffix("？").rpartition("多少")
    return re.compile(rf"{re.escape(what)}\d[\d.,]*[万亿]?{re.escape(counted)}")


def holders(index: Index, question: str) -> set[str]:
    texts = {name: index.tables.document(name).clean.text for name in index.tables.document_ids()}
    return {name for name, text in texts.items() if clause(question).search(text)}


def test_a_document_answers_each_question(seed_index: Index) -> None:
    questions = example_questions(seed_index, 12)
    assert len(questions) == 12
    for question in questions:
        assert holders(seed_index, question), question
        assert "\n" not in question


@pytest.mark.parametrize("count", [0, 1, 3, 20])
def test_there_are_no_more_than_wanted_and_none_twice(seed_index: Index, count: int) -> None:
    questions = example_questions(seed_index, count)
    assert len(questions) == len(set(questions)) == count


def test_the_questions_are_about_different_documents_in_turn(seed_index: Index) -> None:
    about = [holders(seed_index, question) for question in example_questions(seed_index, 4)]
    assert about[0] != about[1]
    assert about[:2] == about[2:]


def test_the_same_clause_in_two_documents_is_asked_once(tmp_path: Path) -> None:
    text = "项目介绍，现场签约合同金额3400万元，掌声响起。"
    assert asked_of(tmp_path, {"a.txt": text, "b.txt": text}, 5) == ["现场签约合同金额多少元？"]


def test_what_leans_on_its_context_is_not_asked(tmp_path: Path) -> None:
    text = "其中农村居民可支配收入23000元，同比增加的农村居民收入1200元，参加活动的全体职工约300人。"
    assert asked_of(tmp_path, {"a.txt": text}, 5) == []


def test_headlines_are_asked_about_where_there_are_no_figures(tmp_path: Path) -> None:
    texts = {
        "a.md": "# 东湖社区办起图书馆\n\n居民可以在家门口看书了。\n",
        "b.md": "# Urban greening in Xuchang\n\nParks were opened in every district of the city.\n",
    }
    assert asked_of(tmp_path, texts, 5) == [
        "“东湖社区办起图书馆”讲了什么？",
        "What does “Urban greening in Xuchang” say?",
    ]


def test_a_corpus_with_nothing_to_ask_about_has_no_examples(tmp_path: Path) -> None:
    assert asked_of(tmp_path, {"a.txt": "居民可以在家门口看书了。"}, 5) == []


def test_no_more_is_read_than_the_questions_need(seed_index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    about = examples._about_figures

    def counting(index: Index, document: str) -> Iterator[str]:
        for question in about(index, document):
            read.append(document)
            yield question

    monkeypatch.setattr(examples, "_about_figures", counting)
    assert len(example_questions(seed_index, 2)) == 2
    assert len(read) == 2
