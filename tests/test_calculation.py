from __future__ import annotations

import pytest
from checking import evidence_of

from rag.calculation import calculated
from rag.citing import CheckedSentence
from rag.evidence import Evidence
from rag.parts import Calculation, calculation_of

HALF_2020 = "上半年全市生产总值完成367亿元，增速降幅比一季度收窄9.9个百分点。"
HALF_2021 = "上半年，预计生产总值完成380亿元，增长12%。"
APART = "长葛2020年上半年和2021年上半年的生产总值相差多少？"
GROWTH = "2020年和2021年的增速相差多少？"
SIGNED = "2020年和2021年一共签了多少个项目？"
TOGETHER = "长葛2020年上半年和2021年上半年的生产总值一共是多少？"


# What is to be calculated.


@pytest.mark.parametrize(
    ("question", "operation", "first", "second"),
    [
        (
            APART,
            "difference",
            "长葛2020年上半年的生产总值是多少？",
            "长葛2021年上半年的生产总值是多少？",
        ),
        (
            "長葛市和許昌市2022年的生產總值差多少億元？",
            "difference",
            "長葛市2022年的生產總值是多少億元？",
            "許昌市2022年的生產總值是多少億元？",
        ),
        (
            "2021年的财政收入比2020年增加了多少亿元？",
            "difference",
            "2021年的财政收入是多少亿元？",
            "2020年的财政收入是多少亿元？",
        ),
        (
            "长葛市2021年的产值是2020年的几倍？",
            "ratio",
            "长葛市2021年的产值是多少？",
            "长葛市2020年的产值是多少？",
        ),
        (
            "2021年许昌市和长葛市的产值相差多少？",
            "difference",
            "2021年许昌市的产值是多少？",
            "2021年长葛市的产值是多少？",
        ),
        (
            "2022年许昌市老旧小区改造，年初计划和年底实际相差多少个？",
            "difference",
            "2022年许昌市老旧小区改造，年初计划是多少个？",
            "2022年许昌市老旧小区改造，年底实际是多少个？",
        ),
        (
            "2020、2021两年长葛一共新增就业多少人？",
            "sum",
            "2020年长葛新增就业多少人？",
            "2021年长葛新增就业多少人？",
        ),
        (
            "2023年空气优良天数，许昌比长葛多几天？",
            "difference",
            "许昌2023年空气优良天数是几天？",
            "长葛2023年空气优良天数是几天？",
        ),
        (
            "許昌市2024年的PM2.5平均濃度比2023年降了多少微克？",
            "difference",
            "許昌市2024年的PM2.5平均濃度是多少微克？",
            "許昌市2023年的PM2.5平均濃度是多少微克？",
        ),
        (
            "许昌市的新增就业比长葛市多多少人？",
            "difference",
            "许昌市的新增就业是多少人？",
            "长葛市的新增就业是多少人？",
        ),
        (
            "2023年琅灣的水產品總產量比汐州多多少？",
            "difference",
            "2023年琅灣的水產品總產量是多少？",
            "2023年汐州的水產品總產量是多少？",
        ),
        (
            "台风给琅湾造成的直接经济损失比定澜多多少？",
            "difference",
            "台风给琅湾造成的直接经济损失是多少？",
            "台风给定澜造成的直接经济损失是多少？",
        ),
        ("2020年和2021年一共签了多少合同？", "sum", "2020年签了多少合同？", "2021年签了多少合同？"),
        (
            "2021年上半年和下半年的新增就业合计是多少人",
            "sum",
            "2021年上半年的新增就业是多少人",
            "2021年下半年的新增就业是多少人",
        ),
        (
            "許昌市的綠道里程是長葛市的幾倍？",
            "ratio",
            "許昌市的綠道里程是多少？",
            "長葛市的綠道里程是多少？",
        ),
    ],
)
def test_two_figures_are_asked_for_instead_of_what_comes_of_them(
    question: str, operation: str, first: str, second: str
) -> None:
    found = calculation_of(question)
    assert found is not None
    assert (found.operation, found.first.question, found.second.question) == (operation, first, second)


@pytest.mark.parametrize(
    "question",
    [
        "长葛2020年上半年和2021年上半年的生产总值各是多少？",
        "2020—2022年和前三年相比，增长了多少？",
        "2022年的生产总值比上年增长多少？",  # the document says so itself
        "长葛市和禹州市哪个的生产总值更高？",
        "许昌的生产总值比全省平均高多少？",
        "三个产业集聚区一共有多少家企业？",
        "差多少？",
        "2020年和2021年相差多少？",
        "2023年旅游收入，许昌相比长葛多多少？",
        "今年全市旅游收入，国庆比同期增加多少？",
        "2023年的收入比2022年提高了几个百分点？",
        "2024年的浓度比2023年下降了多少？",
        "长葛市和许昌市相差多少公里？",
        "2020年和2021年的贸易顺差多少亿元？",
        "2021年的财政收入相比2020年增加了多少亿元？",
        "许昌市、长葛市和禹州市一共有多少家企业？",
        "2016年和2020年之间一共签了多少个项目？",
        "2020年和2021年这两年一共签了多少个项目？",
        "长葛市和许昌市一共参加了哪几个会议？",
        "2020年和2021年的产值相差多少？主要原因是什么？",
        "",
    ],
)
def test_nothing_else_is_calculated(question: str) -> None:
    assert calculation_of(question) is None


# The formula.


def said(text: str, source: Evidence, *problems: str) -> list[CheckedSentence]:
    return [CheckedSentence(text, (source,), problems)]


def result_of(question: str, first: str, second: str) -> str | None:
    calculation = calculation_of(question)
    assert calculation is not None
    one, other = evidence_of((HALF_2020, HALF_2021))
    sentence = calculated(calculation, said(first, one), said(second, other))
    return sentence.text if sentence else None


@pytest.mark.parametrize(
    ("question", "first", "second", "formula"),
    [
        (APART, "367亿元。", "380亿元。", "相差：380亿元 − 367亿元 = 13亿元。"),
        (
            APART,
            "2020年上半年为367亿元。",
            "2021年上半年，生产总值380亿元。",
            "相差：380亿元 − 367亿元 = 13亿元。",
        ),
        (TOGETHER, "367亿元。", "380.5亿元。", "合计：367亿元 + 380.5亿元 = 747.5亿元。"),
        (GROWTH, "增长7.7%。", "增长12%。", "相差：12% − 7.7% = 4.3个百分点。"),
        (SIGNED, "签约161个项目。", "签约80个。", "合计：161个 + 80个 = 241个。"),
        (SIGNED, "5.04万个。", "1,400个。", "合计：5.04万个 + 1,400个 = 5.18万个。"),
        (APART, "截至2022年6月为3.67亿元。", "3.8亿元。", "相差：3.8亿元 − 3.67亿元 = 1300万元。"),
        (APART, "3.5亿元。", "9000万元。", "相差：3.5亿元 − 9000万元 = 2.6亿元。"),
        ("许昌市的绿道是长葛市的几倍？", "18.85公里。", "6公里。", "倍数：18.85公里 ÷ 6公里 = 约3.14倍。"),
        ("许昌市的绿道是长葛市的几倍？", "18公里。", "6公里。", "倍数：18公里 ÷ 6公里 = 3倍。"),
        ("许昌市的绿道是长葛市的几倍？", "6公里。", "8公里。", "倍数：6公里 ÷ 8公里 = 0.75倍。"),
    ],
)
def test_the_formula_shows_both_figures(question: str, first: str, second: str, formula: str) -> None:
    assert result_of(question, first, second) == formula


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("367亿元。", "380亩。"),  # of different things
        ("367亿元。", "12%。"),
        ("367亿元。", "约380亿元。"),  # only about so much
        ("367亿元。", "380余亿元。"),
        ("367亿元。", "380亿元，增长12%。"),  # which of the two?
        ("367亿元。", "资料的说法是：“稳步增长。”"),
        ("367亿元。", "突破380亿元。"),
        ("367亿元。", "380亿元以上。"),
        ("367亿元。", "减少380亿元。"),
        ("367亿元。", "380亿港元。"),
        ("12.5亿千瓦时。", "10亿千瓦时。"),
        ("367亿元。", "28.96万元/亩。"),
    ],
)
def test_figures_that_do_not_go_together_are_not_calculated_with(first: str, second: str) -> None:
    assert result_of(APART, first, second) is None


def test_a_decrease_is_not_taken_for_an_increase() -> None:
    assert result_of(GROWTH, "下降5.2%。", "增长12%。") is None


@pytest.mark.parametrize("operation", ["一共", "是几倍"])
def test_shares_are_not_added_up_nor_divided(operation: str) -> None:
    question = {"一共": "2020年和2021年的增速合计是多少？", "是几倍": "2020年的增速是2021年的几倍？"}[
        operation
    ]
    assert result_of(question, "增长7.7%。", "增长12%。") is None


def test_a_sentence_about_both_is_not_counted_twice() -> None:
    both = evidence_of(("2020年和2021年共签约161个项目。",))[0]
    calculation = calculation_of(SIGNED)
    assert calculation is not None
    assert calculated(calculation, said("161个。", both), said("161个。", both)) is None


def test_almost_nothing_is_no_multiple() -> None:
    assert result_of("许昌市的绿道是长葛市的几倍？", "3公里。", "5000公里。") is None


def test_nothing_is_divided_by_nothing() -> None:
    assert result_of("许昌市的绿道是长葛市的几倍？", "6公里。", "0公里。") is None


def test_a_figure_that_did_not_hold_up_is_not_calculated_with() -> None:
    one, other = evidence_of((HALF_2020, HALF_2021))
    withheld = said("390亿元。", other, "390亿: not in the source")
    calculation = calculation_of(APART)
    assert isinstance(calculation, Calculation)
    assert calculated(calculation, said("367亿元。", one), withheld) is None


def test_the_result_rests_on_both_sources() -> None:
    one, other = evidence_of((HALF_2020, HALF_2021))
    calculation = calculation_of(APART)
    assert calculation is not None
    sentence = calculated(calculation, said("367亿元。", one), said("380亿元。", other))
    assert sentence is not None
    assert sentence.evidence == (one, other)
    assert sentence.supported
