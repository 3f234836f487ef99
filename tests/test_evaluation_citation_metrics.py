from __future__ import annotations

import pytest
from evaluation_records import answered, refused

from rag.evaluation.citation_metrics import citation_scores, is_grounded
from rag.evaluation.quotes import GoldItem, Place

ITEMS = [GoldItem((Place("d", 10, 20),)), GoldItem((Place("d", 100, 120),))]


def test_citations_by_hand() -> None:
    answer = answered(
        "q",
        ["合同金额3400万元。", "被撤下的话。"],
        supported=[True, False],
        citations=[("d", 5, 21, "合同金额3400万元"), ("e", 5, 21, "别处")],
    )
    scores = citation_scores(answer, ITEMS)
    assert scores["citation_precision"] == (1, 2)
    assert scores["citation_recall"] == (1, 2)
    assert scores["cited_sentences"] == (1, 1), "a withheld sentence is no part of the answer"
    assert scores["grounded_sentences"] == (1, 1)


def test_half_of_the_shorter_must_be_shared() -> None:
    for start, counted in ((15, 1), (16, 0)):
        answer = answered("q", ["甲。"], citations=[("d", start, start + 10, "甲")])
        assert citation_scores(answer, ITEMS[:1])["citation_precision"] == (counted, 1)


def test_an_answer_without_citations() -> None:
    scores = citation_scores(answered("q", ["甲。"]), ITEMS)
    assert scores["cited_sentences"] == (0, 1)
    assert scores["grounded_sentences"] == (0, 1)
    assert scores["citation_recall"] == (0, 2)
    assert "citation_precision" not in scores, "of no citations, no share is right"


def test_refusals_have_no_part() -> None:
    assert citation_scores(refused("q"), ITEMS) == {}


def test_without_gold_items_only_the_sentences_are_looked_at() -> None:
    answer = answered("q", ["甲。"], citations=[("d", 0, 5, "甲乙丙")])
    assert citation_scores(answer, []) == {"cited_sentences": (1, 1), "grounded_sentences": (1, 1)}


@pytest.mark.parametrize(
    ("sentence", "quote", "question"),
    [
        ("新增就业5.04万人。", "新增城鎮就業50,400人", "新增就业多少人？"),
        ("2023年新增5.04万人。", "新增城鎮就業5.04萬人", "2023年新增多少？"),
        ("开进了东湖翡翠小区。", "流动车开进东湖翡翠小区", "开进了哪里？"),
        ("史根治。", "市委书记史根治主持会议", "谁主持？"),
        ("出自《商君书》。", "战国的《商君书》说", "出自哪本书？"),
        ("The plan has 62 projects in Xuchang.", "计划实施园林绿化项目62项", "How many?"),
        ("三億六千二百萬元。", "申請撥款三億六千\n二百萬元，擴建街市", "要花多少錢？"),
        ("2300万元。", "参展客商签订购销合同 2300\n\n万元。", "签了多少购销合同？"),
    ],
)
def test_what_the_quote_holds_is_grounded(sentence: str, quote: str, question: str) -> None:
    assert is_grounded(sentence, [quote], question)


@pytest.mark.parametrize(
    ("sentence", "quote", "question"),
    [
        ("新增就业5.04万人。", "新增就业5.4万人", "新增就业多少人？"),
        ("占地28亩。", "占地2.8万亩", "占地多少？"),
        ("开进了西湖翡冷小区。", "流动车开进东湖翡翠小区", "开进了哪里？"),
        ("张三丰。", "市委书记史根治主持会议", "谁主持？"),
        ("出自《论语》。", "战国的《商君书》说", "出自哪本书？"),
        ("The plan has 63 projects.", "计划实施园林绿化项目62项", "How many?"),
    ],
)
def test_what_the_quote_does_not_hold_is_not(sentence: str, quote: str, question: str) -> None:
    assert not is_grounded(sentence, [quote], question)


def test_several_quotes_may_hold_it_together() -> None:
    assert is_grounded("分别为367亿元和380亿元。", ["完成367亿元", "完成380亿元"], "各是多少？")
    assert not is_grounded("分别为367亿元和380亿元。", ["完成367亿元"], "各是多少？")


def test_a_number_is_in_the_quote_though_its_line_broke_within_it() -> None:
    assert is_grounded("1347个。", ["新建公共充电桩13\n47个"], "建了多少？")
    assert not is_grounded("1347个。", ["新建公共充电桩13个，47个"], "建了多少？")


def test_of_a_calculation_the_figures_have_to_stand_in_the_quotes() -> None:
    told = ["完成367亿元", "完成380亿元"]
    assert is_grounded("相差：380亿元 − 367亿元 = 13亿元。", told, "相差多少？")
    assert not is_grounded("相差：390亿元 − 367亿元 = 23亿元。", told, "相差多少？")
    assert not is_grounded("相差：380亿元 − 366亿元 = 14亿元。", told, "相差多少？")
    assert not is_grounded("共13亿元。", told, "相差多少？")
