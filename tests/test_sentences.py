"""What a citation points at: sentences, whole and not too long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.cleaning import clean
from index.sentences import sentence_spans, sentences

marks_and_words = st.text(st.sampled_from("图书流动服务车。！？…；;，”’」）\"')].ab A1 \n"), max_size=200)


@given(marks_and_words)
def test_sentences_stand_in_order_and_together_hold_everything_but_white_space(text: str) -> None:
    spans = sentence_spans(text)
    position = 0
    for start, end in spans:
        assert position <= start < end <= len(text)
        assert text[position:start].strip() == ""
        assert text[start:end] == text[start:end].strip()
        position = end
    assert text[position:].strip() == ""


@given(marks_and_words)
def test_no_sentence_goes_over_a_line_break(text: str) -> None:
    assert not any("\n" in sentence for sentence in sentences(text))


def test_a_sentence_ends_with_the_quote_or_bracket_that_closes_after_it() -> None:
    assert sentences("“听了报告我们深受鼓舞。”会议在掌声中结束。（记者 王平！）完") == [
        "“听了报告我们深受鼓舞。”",
        "会议在掌声中结束。",
        "（记者 王平！）",
        "完",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "“听了报告我们深受鼓舞。”聂广军表示。",
        "我学会了电焊，成就感满满!”参加培训的帖文峰说。",
        "「很有意義！」參加培訓的丁寧說。",
    ],
)
def test_what_was_said_and_who_said_it_are_one_sentence(text: str) -> None:
    assert sentences(f"会场很热闹。{text}第二天天气很好。") == ["会场很热闹。", text, "第二天天气很好。"]


def test_a_sentence_on_something_else_stays_one_of_its_own() -> None:
    assert len(sentences("“梦想成真！”这是一部获奖小说。")) == 2
    assert len(sentences("“把企业当亲人。”客商们认真听取了园区负责人的情况介绍。")) == 2


def test_who_spoke_in_the_next_sentence_is_another_sentence() -> None:
    assert sentences(
        "“我们深受鼓舞。”聂广军走上台，先鞠了一躬，又看了看大家，停了好一会儿，这才慢慢地开口说。"
    ) == [
        "“我们深受鼓舞。”",
        "聂广军走上台，先鞠了一躬，又看了看大家，停了好一会儿，这才慢慢地开口说。",
    ]


def test_repeated_end_marks_end_one_sentence() -> None:
    assert sentences("真的吗？！是的……就这样。") == ["真的吗？！", "是的……", "就这样。"]


@pytest.mark.parametrize(
    "text",
    [
        "新增绿化面积861.47亩、绿道18.85公里。",
        "五星好评率95.56%。",
        "See www.example.com for the list.",
        "Dr. Wang met Mr. Li and J. Smith in Oct. 2023.",
        "Version 3.11.2 is out.",
    ],
)
def test_decimal_points_addresses_and_abbreviations_do_not_end_a_sentence(text: str) -> None:
    assert sentences(text) == [text]


def test_english_sentences_end_at_full_stops() -> None:
    assert sentences('He said "yes." Then he left. All was quiet.') == [
        'He said "yes."',
        "Then he left.",
        "All was quiet.",
    ]


def test_a_full_stop_between_latin_and_chinese_ends_a_sentence() -> None:
    assert sentences("采用 Python.工作人员说明。") == ["采用 Python.", "工作人员说明。"]


def test_a_long_sentence_is_cut_at_semicolons_and_a_short_one_is_not() -> None:
    short = "要肯定成绩；要突出重点；要夯实责任。"
    assert sentences(short) == [short]
    clause = "要突出重点、集中攻坚，确保各项工作落到实处、取得实效，不断迈上新的台阶"
    long = f"{clause}；{clause}；{clause}。"
    assert sentences(long) == [f"{clause}；", f"{clause}；", f"{clause}。"]


def test_the_sentence_with_the_number_can_be_cited_alone(seed_texts: dict[str, str]) -> None:
    found = sentences(clean(seed_texts["002"]).text)
    assert "展示品鉴活动结束后，参展客商签订购销合同2300万元。" in found
    assert "“产销对接会结束后，我们直接签了400万元的订单！" in found


def test_hardly_a_sentence_of_the_seeds_is_too_long_to_quote(seed_texts: dict[str, str]) -> None:
    lengths = [len(s) for text in seed_texts.values() for s in sentences(clean(text).text)]
    assert sum(length > 200 for length in lengths) <= len(lengths) * 0.02


def test_the_seeds_are_not_cut_inside_words(seed_texts: dict[str, str]) -> None:
    for text in seed_texts.values():
        for sentence in sentences(clean(text).text):
            assert not re.match("[，、；。！？”’》）]", sentence), sentence
