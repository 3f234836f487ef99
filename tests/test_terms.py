"""Words that are looked for letter by letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.terms import holds, quoted_terms, stands_in


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("3400万元", "现场签约合同金额3400 万元。"),
        ("3400萬元；", "现场签约合同金额３４００万元。"),
        ("1,481起", "共计受理涉企纠纷案件1481起"),
        ("8.0%", "2020年，全市生产总值是2015年的1.6倍，年均增长8.0%；"),
        ("5", "完成2、5、6三项"),
        ("東湖翡翠小區", "流动服务车开进东湖翡翠小区。"),
    ],
)
def test_words_stand_in_a_text_whatever_the_script_the_spaces_and_the_punctuation(
    words: str, text: str
) -> None:
    assert stands_in(words, text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("400万元", "现场签约合同金额3400万元。"),
        ("1", "年均增长1.6倍"),
        ("34", "现场签约合同金额3400万元。"),
        ("6亿", "1.6亿"),
        ("3400万元", "现场签约合同金额2300万元。"),
        ("", "现场签约合同金额3400万元。"),
        ("。", "现场签约合同金额3400万元。"),
    ],
)
def test_a_part_of_a_number_and_nothing_at_all_do_not(words: str, text: str) -> None:
    assert not stands_in(words, text)


@given(st.text(), st.text())
def test_any_text_can_be_compared(words: str, text: str) -> None:
    assert stands_in(words, text) in (True, False)


def test_a_text_holds_the_terms_that_a_question_quotes() -> None:
    terms = quoted_terms("「雙千億」目標靠哪個園區？")
    assert holds("争取早日实现“双千亿”目标", terms)
    assert not holds("推进产业园建设", terms)


def test_a_long_term_may_be_short_for_a_name() -> None:
    fund = quoted_terms("Who heads the housing provident fund center (公积金中心)?")
    assert holds("市住房公积金管理中心主任", fund)
    assert not holds("青阳长江铁路大桥", quoted_terms("How long is it (青阳长江大桥)?"))
    assert not holds("公积金政策；市行政服务中心", fund)
    assert not holds("长江二号大桥", quoted_terms("How long is the Yangtze bridge (长江大桥)?"))
    assert not holds("跨长江第二公路大桥", quoted_terms("How long is it (跨长江大桥)?"))


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("What was the revenue of Zhongpin Food (众品食业) in 2022?", {"众品食业"}),
        ("Which company was listed on the New Third Board（新三板）?", {"新三板"}),
        ("许昌全市（不是長葛）有多少家？", set()),
        ("What is the GDP (nominal)?", set()),
        ("How much did the 澜江三桥 bridge cost, in 澜州 and in 望林县?", {"澜江三桥"}),
        ("What was the 地区生产总值 of Xuchang in 2019?", set()),
        ("2019年 GDP 同比增长多少", set()),
    ],
)
def test_chinese_words_beside_english_ones_are_such_terms(question: str, terms: set[str]) -> None:
    assert quoted_terms(question) == terms
