from __future__ import annotations

import pytest
from checking import check, evidence_of
from hypothesis import given
from hypothesis import strategies as st

from rag.periods import periods, speaks_of_other_periods

HALF = "上半年，民生支出达到24.5亿元，占一般公共预算支出的80.1%。"
YEAR = "全年民生支出42.9亿元，占一般公共预算支出的77.6%。"
GREENING = "今年中心城区计划实施园林绿化项目六大类62项。"
WORDS = [
    *(
        "上半年",
        "下半年",
        "年中",
        "年底",
        "全年",
        "前6个月",
        "1—6月",
        "1-12月",
        "到",
        "截至",
        "目前",
        "99月",
        "٣月",
    ),
    *(
        "完成",
        "目标",
        "的",
        "53%",
        "first half",
        "whole year",
        "2023",
        "心",
        "\n",
        "前",
        "一季度",
        "前三季度",
    ),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HALF, {"first half"}),
        (YEAR, {"year"}),
        ("长葛2020年上半年和2021年上半年的生产总值各是多少？", {"first half"}),
        ("年中定的要完成几项 全年实际完成几项", {"first half", "year"}),
        ("前六个月", {"first half"}),
        ("前6个月", {"first half"}),
        ("１－６月", {"first half", "part"}),
        ("2020年1—6月份", {"first half", "part"}),
        ("1至6月", {"first half", "part"}),
        ("上半年底", {"first half"}),
        ("做好下半年工作", {"second half"}),
        ("下半年開工", {"second half"}),
        ("一季度", {"first quarter"}),
        ("二季度集中开工", {"second quarter"}),
        ("2023年第三季度", {"third quarter"}),
        ("in the fourth quarter", {"fourth quarter"}),
        ("Q2 2023", {"second quarter"}),
        ("7至9月", {"third quarter"}),
        ("前三季度", {"three quarters"}),
        ("一至三季度", {"three quarters"}),
        ("1—9月", {"three quarters", "part"}),
        ("1-11月", {"part"}),
        ("1月至8月", {"part"}),
        ("前8个月", {"part"}),
        ("前十一个月", {"part"}),
        ("一至八月", {"part"}),
        ("前三个月", {"first quarter"}),
        ("前三个季度", {"three quarters"}),
        ("截至目前，已开工26个。", {"part"}),
        ("截止7月底", {"part"}),
        ("据统计，今年以来，新增城镇就业 5070 人", {"part"}),
        ("2022年底", {"year"}),
        ("年末", {"year"}),
        ("長葛2020年整年", {"year"}),
        ("What was Changge's GDP for the whole of 2021?", {"year"}),
        ("for the full year", {"year"}),
        ("in the FIRST HALF of 2020", {"first half"}),
        ("the first three quarters", {"three quarters"}),
    ],
)
def test_parts_of_a_year_are_found_however_they_are_written(text: str, expected: set[str]) -> None:
    assert periods(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "许昌市2023年新增城镇就业多少人？",
        "1—12月",
        "截至12月底",
        "7—12月",
        "提前三个月完工",
        "此前8个月",
        "三季度末",
        "四季度假区",
        "市委十三届十一次全会",
    ],
)
def test_what_names_no_part_of_a_year(text: str) -> None:
    assert periods(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        GREENING,
        "2023年中心城區新增綠道多少公里？",
        "2022年中央经济工作会议",
        "2021年中国农业",
        "2020年中小企业",
    ],
)
def test_the_middle_of_a_year_is_not_cut_out_of_other_words(text: str) -> None:
    assert periods(text) == set()


def test_june_of_a_year_is_not_its_first_half() -> None:
    assert "first half" not in periods("2021-6月")


@pytest.mark.parametrize(
    "text", ["已完成全年目标任务的53%。", "完成年度投资计划的 60.5%", "占全年计划53%", "達到全年任務的 48%"]
)
def test_a_share_of_the_years_target_is_a_part_of_the_year(text: str) -> None:
    assert periods(text) == {"part"}


def test_a_target_for_a_year_is_no_figure_of_the_year() -> None:
    assert periods("确保完成全年目标任务") == set()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("2020年全年民生支出多少？", HALF),
        ("2020年全年民生支出多少？", "截至目前，民生支出10亿元。"),
        ("2020年上半年民生支出多少？", YEAR),
        ("2020年上半年民生支出多少？", "下半年，民生支出24.5亿元。"),
        ("2020年下半年民生支出多少？", HALF),
        ("What was spent in the whole of 2020?", HALF),
        ("2020年三季度开工项目总投资多少？", "2020年二季度开工项目总投资24.5亿元。"),
    ],
)
def test_another_part_of_the_year_is_told_from_the_one_asked_for(asked: str, sentence: str) -> None:
    assert speaks_of_other_periods(periods(asked), [sentence])


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("2020年全年民生支出多少？", YEAR),
        ("2020年全年民生支出多少？", "民生支出42.9亿元。"),  # nothing is known
        ("2020年上半年民生支出多少？", HALF),
        ("2020年上半年民生支出多少？", "截至7月，民生支出24.5亿元。"),
        ("上半年和全年民生支出各是多少？", HALF),
        ("上半年和全年民生支出各是多少？", YEAR),
        ("民生支出多少？", HALF),
        ("今年全年计划实施多少项园林绿化项目？", GREENING),
    ],
)
def test_what_may_be_the_part_asked_for_is_no_other(asked: str, sentence: str) -> None:
    assert not speaks_of_other_periods(periods(asked), [sentence])


def test_the_nearest_text_that_names_a_part_decides() -> None:
    year = frozenset({"year"})
    assert speaks_of_other_periods(year, ["民生支出24.5亿元。", "上半年工作回顾", "全年工作"])
    assert not speaks_of_other_periods(year, ["民生支出42.9亿元。", "全年工作回顾", "上半年工作"])
    assert not speaks_of_other_periods(year, [])


@pytest.mark.parametrize(
    ("sentence", "amount", "supported"), [(YEAR, "42.9亿元", True), (HALF, "24.5亿元", False)]
)
def test_the_figure_of_a_half_year_does_not_answer_for_the_year(
    sentence: str, amount: str, supported: bool
) -> None:
    reply = f"依据：{sentence}\n答案：{amount}[1]。"
    (checked,) = check(reply, "长葛全年民生支出多少亿元？", evidence_of((sentence,)))
    assert checked.supported == supported
    assert ("the source is about another part of the year" in checked.problems) != supported


@given(st.text() | st.lists(st.sampled_from(WORDS)).map("".join))
def test_any_text_is_read_and_speaks_of_no_other_part_than_its_own(text: str) -> None:
    assert not speaks_of_other_periods(periods(text), [text])
    assert not speaks_of_other_periods(frozenset(), [text])
