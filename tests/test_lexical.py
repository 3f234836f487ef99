"""What search by words finds, without any model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.chunking import chunk
from index.cleaning import clean
from index.lexical import LexicalIndex
from index.settings import ChunkingSettings

TEXTS = [
    "图书流动服务车开进东湖翡翠小区",
    "長葛市舉行食品行業產銷對接會，現場簽約合同金額3,400萬元",
    "市政府召开常务会议，研究常务工作和会议安排",
    "",
    "The mobile library visits every district once a month",
    "——",
]


@pytest.fixture
def lexical() -> LexicalIndex:
    return LexicalIndex.build(TEXTS)


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("图书车去了哪个小区？", 0),
        ("圖書流動服務車", 0),
        ("产销对接会签约多少？", 1),
        ("3400", 1),
        ("常务会议", 2),
        ("LIBRARY", 4),
    ],
)
def test_the_text_with_the_questions_words_comes_first_in_either_script(
    lexical: LexicalIndex, question: str, row: int
) -> None:
    assert lexical.top(question, 3)[0][0] == row


def test_rows_are_those_of_the_list_though_some_texts_have_no_words(lexical: LexicalIndex) -> None:
    scores = lexical.scores("library")
    assert scores.shape == (len(TEXTS),)
    assert np.flatnonzero(scores).tolist() == [4]


@pytest.mark.parametrize("question", ["", "？？", "量子色动力学", "\x00", "xylophone"])
def test_a_question_without_a_known_word_finds_nothing(lexical: LexicalIndex, question: str) -> None:
    assert lexical.top(question, 10) == []
    assert not lexical.scores(question).any()


def test_only_texts_with_a_word_of_the_question_are_found_and_the_best_stand_first(
    lexical: LexicalIndex,
) -> None:
    found = lexical.top("市政府研究图书工作", 10)
    assert {row for row, _ in found} == {0, 2}
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert lexical.top("市政府研究图书工作", 1) == found[:1]


def test_a_search_of_some_rows_finds_no_other_and_scores_as_before(lexical: LexicalIndex) -> None:
    found = lexical.top("市政府研究图书工作", 10)
    assert [row for row, _ in found] == [2, 0]
    assert lexical.top("市政府研究图书工作", 1, [0, 1, 3]) == found[1:]
    assert lexical.top("市政府研究图书工作", 10, np.array([2, 0])) == found
    assert lexical.top("市政府研究图书工作", 10, {1, 3, 4}) == []
    assert lexical.top("市政府研究图书工作", 10, []) == []
    assert lexical.top("市政府研究图书工作", 10, [-6, -4, 6, 100]) == []  # no such rows


def test_equal_texts_come_in_the_order_of_their_rows() -> None:
    lexical = LexicalIndex.build(["别的事情", "借阅图书", "借阅图书", "借阅图书"])
    assert [row for row, _ in lexical.top("图书", 3)] == [1, 2, 3]


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    lexical = LexicalIndex.build(["会议 翡翠", "会议 工作", "会议 安排"])
    assert lexical.rarity("翡翠") > lexical.rarity("会议") > 0
    assert lexical.rarity("没有的词") > lexical.rarity("翡翠")


def test_coverage_runs_from_nothing_to_everything() -> None:
    lexical = LexicalIndex.build(["会议翡翠", "会议工作", "会议安排"])
    assert lexical.coverage("翡翠", "東湖翡翠小區") == 1
    assert lexical.coverage("翡翠", "会议工作") == 0
    assert lexical.coverage("？", "会议工作") == 0
    part = lexical.coverage("会议，翡翠", "翡翠")
    assert 0.5 < part < 1  # 翡翠 is the rarer half


def test_a_saved_index_scores_the_same_when_it_is_opened_again(lexical: LexicalIndex, tmp_path: Path) -> None:
    lexical.save(tmp_path / "lexical")
    opened = LexicalIndex.load(tmp_path / "lexical", len(TEXTS))
    for question in ("图书车去了哪个小区？", "常务会议", "library", "没有"):
        assert np.array_equal(opened.scores(question), lexical.scores(question))
        assert opened.rarity("图书") == lexical.rarity("图书")


def test_an_index_of_texts_without_any_word_can_be_built_saved_and_asked(tmp_path: Path) -> None:
    LexicalIndex.build(["——", "。"]).save(tmp_path / "lexical")
    assert LexicalIndex.load(tmp_path / "lexical", 2).top("图书", 5) == []


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ("许昌市图书馆的图书流动服务车开进了哪个小区？", "东湖翡翠小区"),
        ("長葛食品行業產銷對接會後簽訂購銷合同多少萬元？", "购销合同2300万元"),
        ("胖东来 出圈", "“胖東來”在網上頻頻出圈"),
        ("中心城区计划实施园林绿化项目多少项？", "六大类62项"),
    ],
)
def test_the_passage_that_answers_is_among_the_first_three_of_the_seeds(
    seed_texts: dict[str, str], question: str, phrase: str
) -> None:
    texts = [
        piece.text for text in seed_texts.values() for piece in chunk("doc", clean(text), ChunkingSettings())
    ]
    found = LexicalIndex.build(texts).top(question, 3)
    assert any(phrase in texts[row] for row, _ in found)
