"""Examples in the dress of reports: the same question, and right or wrong as before."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.training.examples import Example
from rag.training.reports import Reports

TEXT = "全市新增城镇就业5.1万人。农村劳动力转移就业2.1万人。“放心。”他说。"
START = TEXT.index("2.1万人")
RIGHT = Example("农村劳动力转移就业多少人？", TEXT, True, (START, START + len("2.1万人")))


@given(seed=st.integers(min_value=0, max_value=10_000))
def test_the_answer_stands_where_the_example_says(seed: int) -> None:
    dressed = Reports(seed).dressed(RIGHT)
    assert dressed.question == RIGHT.question
    assert dressed.right
    assert dressed.span is not None
    assert dressed.text[slice(*dressed.span)] == "2.1万人"


@given(seed=st.integers(min_value=0, max_value=10_000))
def test_a_wrong_text_stays_wrong_and_without_an_answer(seed: int) -> None:
    wrong = Example("签约多少万元？", TEXT, False)
    dressed = Reports(seed).dressed(wrong)
    assert (dressed.right, dressed.span) == (False, None)


def test_sentences_run_together_under_headlines_and_after_bylines() -> None:
    texts = [Reports(seed).dressed(RIGHT).text for seed in range(60)]
    assert any("5.1万人，农村" in text for text in texts)
    assert any("5.1万人；农村" in text for text in texts)
    assert any(text.startswith("本报讯（记者") for text in texts)
    assert any(" > " in text.split("\n")[0] for text in texts)
    assert all("“放心。”" in text for text in texts)


@pytest.mark.parametrize("text", ["新增就业5.1万人。", "2022年新增就业4.8万人。"])
def test_no_headline_dates_a_figure_that_the_text_leaves_undated(text: str) -> None:
    asked = Example("2023年新增就业多少人？", text, False)
    texts = [Reports(seed).dressed(asked).text for seed in range(200)]
    headlines = [text.split("\n")[0] for text in texts if "\n" in text]
    assert headlines
    assert not any(re.search("20[012][0-9]年", line) for line in headlines)


def test_a_headline_of_another_year_does_not_make_a_dated_text_wrong() -> None:
    asked = Example("2023年新增就业多少人？", "2023年新增就业5.1万人。", True, (9, 14))
    texts = {Reports(seed).dressed(asked).text for seed in range(200)}
    assert any(re.search("20(?!23)[012][0-9]年", text.split("\n")[0]) for text in texts)


def test_the_same_seed_dresses_alike() -> None:
    assert Reports(7).dressed(RIGHT) == Reports(7).dressed(RIGHT)
