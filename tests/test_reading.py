"""What the second reader is shown."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from index.folding import to_simplified
from rag.reading import Reading, Unread, as_read, read_under_headings, shown

REPORT = "政府工作報告 > 一、二〇二二年工作回顧"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (REPORT, "政府工作报告 > 一、2022年工作回顾"),
        ("二○二一—二○三五年", "2021—2035年"),
        ("一九四九年", "1949年"),
        ("一二三四人", "一二三四人"),
        ("统计公报\n初步核算，全年地区生产总值1358.3亿元", "统计公报\n全年地区生产总值1358.3亿元"),
    ],
)
def test_it_reads_simplified_characters_years_in_figures_and_no_first_estimate(text: str, read: str) -> None:
    assert as_read(text) == read


def test_a_question_and_its_text_are_shown_alike() -> None:
    sentence = Unread(REPORT, "公共預算收入96.3億元。")
    assert shown("二〇二二年收入多少？", sentence) == (
        "2022年收入多少？",
        "政府工作报告 > 一、2022年工作回顾\n公共预算收入96.3亿元。",
    )


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("桐泽2019年经济增速是多少？", "桐泽2019年地区生产总值增速是多少？"),
        ("前六个月经济增长了多少？", "上半年地区生产总值增长了多少？"),
        ("前6月经济总量多大？", "上半年地区生产总值多大？"),
        ("上半年GDP", "上半年地区生产总值"),
        ("上半年地区生产总值实际是多少？", "上半年地区生产总值是多少？"),
        ("上半年實際利用外資多少？", "上半年实际利用外资多少？"),
        ("上半年工资实际增长多少？", "上半年工资实际增长多少？"),
        ("上半年民营经济增速", "上半年民营经济增速"),
        ("提前六个月完工的是哪一个？", "提前六个月完工的是哪一个？"),
        ("What was its GDP in the first half?", "What was its GDP in the first half?"),
        ("经济增长的动力是什么？", "经济增长的动力是什么？"),
    ],
)
def test_a_question_is_put_in_the_words_of_the_text(question: str, asked: str) -> None:
    sentence = "上半年地区生产总值658.3亿元，增长6.8%。"
    assert shown(question, Unread("公报", sentence))[0] == asked
    if "实际是" not in question:
        assert shown(question, Unread("公报", "工业增长6.8%。"))[0] == to_simplified(question)


def test_the_gross_product_need_not_be_of_a_region() -> None:
    assert shown("去年GDP多少？", Unread("公报", "实现生产总值658.3亿元。"))[0] == "去年生产总值多少？"


def test_the_whole_of_a_year_goes_without_saying_where_no_part_of_one_is_told() -> None:
    asked = "2020年全年桐泽社会消费品零售总额多少亿元？"
    retail = "社会消费品零售总额502.6亿元。"
    assert shown(asked, Unread("2020年工作回顾", retail))[0] == asked.replace("全年", "")
    assert shown(asked, Unread("2020年上半年经济运行情况", retail))[0] == asked
    for part in ("前8个月，", "1月至8月，", "8月份", "前十个月", "春节期间"):
        assert shown(asked, Unread("2020年", part + retail))[0] == asked
    assert "全年龄" in shown("全年龄段友好型城市有几个？", Unread("2020年", retail))[0]


@pytest.mark.parametrize(
    ("sentence", "asked"),
    [
        ("一般公共预算收入96.3亿元。", "一般公共预算收入多少？"),
        ("财政收入130亿元，其中一般公共预算收入96.3亿元。", "财政收入多少？"),
        ("财政总收入130亿元，其中一般公共预算收入96.3亿元。", "财政收入多少？"),
        ("税收收入66.1亿元。", "财政收入多少？"),
    ],
)
def test_a_text_with_the_words_of_the_question_is_asked_in_them(sentence: str, asked: str) -> None:
    assert shown("财政收入多少？", Unread("公报", sentence))[0] == asked


@pytest.mark.parametrize(
    ("sentence", "above"),
    [
        ("年末全市常住人口292.3万人。", "许昌 > 人口"),
        ("许昌常住人口292.3万人。", "人口"),
        ("全县常住人口29.3万人。", "人口"),
        ("全省常住人口9872万人。", "人口"),
        ("长葛市常住人口69.3万人。", "人口"),
    ],
)
def test_whose_newspaper_it_is_says_of_which_city_a_sentence_is(sentence: str, above: str) -> None:
    asked = "许昌市常住人口有多少？"
    assert shown(asked, Unread("人口", sentence, beginning="许昌日报 第二版"))[1] == f"{above}\n{sentence}"
    for other in (
        "南阳日报 第二版",
        "许昌市建安区2022年政府工作报告",
        "漯河市党政代表团到许昌市考察",
        "许昌市人民医院决算",
    ):
        assert shown(asked, Unread("人口", sentence, beginning=other))[1] == f"人口\n{sentence}"


def test_a_text_that_tells_what_was_actual_is_asked_for_it() -> None:
    reserve = Unread("预算", "市级预备费7500万元，实际动支5260万元。")
    assert "实际" in shown("预备费实际用掉了多少？", reserve)[0]


@pytest.mark.parametrize(
    ("question", "written", "read"),
    [
        ("为什么没法按2025年底通车？", 2025, "此前公布的2025年底通车目标因溶洞处治推迟，比去年慢。"),
        ("为什么没法按今年底通车？", 2025, "此前公布的今年底通车目标因溶洞处治推迟，比去年慢。"),
        ("为什么没法按2025年底通车？", None, "此前公布的今年底通车目标因溶洞处治推迟，比去年慢。"),
    ],
)
def test_this_year_is_the_one_in_which_a_text_was_written(
    question: str, written: int | None, read: str
) -> None:
    told = "此前公布的今年底通车目标因溶洞处治推迟，比去年慢。"
    assert shown(question, Unread("通车时间调整", told, written=written))[1] == f"通车时间调整\n{read}"


def test_a_question_may_name_the_city_without_its_kind() -> None:
    told = Unread("一、2022年工作回顾", "常住人口438.2万人。", beginning="许昌市政府工作报告")
    assert shown("2022年许昌的常住人口是多少？", told)[1].startswith("许昌 > ")


@pytest.mark.parametrize(
    ("question", "heading", "told", "read"),
    [
        (
            "投资目标是多少？",
            "二、2024年工作安排",
            "2．快速路完成投资30亿元。",
            "2.目标是快速路完成投资30亿元。",
        ),
        ("打算新建多少家？", "二、2024年工作安排", "新建食堂40家。", "计划新建食堂40家。"),
        ("新建了多少家？", "二、2024年工作安排", "新建食堂40家。", "计划新建食堂40家。"),
        ("新建了多少家？", "一、2024年工作回顾", "新建食堂40家。", "新建食堂40家。"),
        ("新建了多少家？", "二、2024年工作安排", "已新建食堂40家。", "已新建食堂40家。"),
        ("新建多少家？", "二、2024年工作安排", "力争新建食堂40家。", "力争新建食堂40家。"),
        ("建什么？", "二、2024年工作安排", "新建一批食堂。", "新建一批食堂。"),
    ],
)
def test_what_only_its_heading_calls_a_plan_is_told_as_one(
    question: str, heading: str, told: str, read: str
) -> None:
    shown_text = shown(question, Unread(f"政府工作报告 > {heading}", told))[1]
    assert shown_text.partition("\n")[2].replace("．", ".") == read


def test_the_words_of_a_reading_are_those_of_the_sentence() -> None:
    class Copies:
        def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
            return [Reading(3.0, text.partition("\n")[2].rstrip("。")) for text in texts]

    under_a_plan = Unread("报告 > 二、2024年工作安排", "新建食堂40家。")
    this_year = Unread("通车", "今年9月底通车。", written=2025)
    read = read_under_headings(Copies(), "2025年通车吗？", [this_year, under_a_plan])
    assert [one.words for one in read] == ["今年9月底通车", "新建食堂40家"]
