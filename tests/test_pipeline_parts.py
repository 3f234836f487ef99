"""Questions in several parts, and calculations from two of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import ASK_SIGNED, GREENING, REPLIES, Open, OpenScripted, drafts, everything
from test_retrieval import index_of

from rag.answers import Answer
from rag.pipeline import (
    PassagesFound,
)

BOTH = "许昌日报：长葛市食品行业产销对接会现场签约合同金额是多少？今年中心城区计划实施园林绿化项目多少项？"
GREENED = f"依据：{GREENING}\n答案：六大类62项[1]。"


def test_each_part_of_a_question_is_searched_and_answered_on_its_own(opened: Open) -> None:
    assistant, generator = opened({"签约合同金额是多少": REPLIES[ASK_SIGNED], "多少项": GREENED})
    events = list(assistant.stream(BOTH))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.answer == "现场签约合同金额3400万元[1]。六大类62项[2]。"
    assert ["3400" in citation.quote for citation in answer.citations] == [True, False]
    assert len(generator.calls) == 2
    assert sum(isinstance(event, PassagesFound) for event in events) == 1
    first_two = [passage.text for passage in answer.passages[:2]]
    assert any("3400万元" in text for text in first_two)
    assert any("62项" in text for text in first_two)


def test_a_question_of_which_one_part_has_no_answer_is_refused(opened: Open) -> None:
    assistant, _ = opened(
        {"签约合同金额是多少": REPLIES[ASK_SIGNED], "多少项": "依据：无\n答案：资料中没有相关内容。"}
    )
    answer = assistant.ask(BOTH)
    assert answer.refused
    assert not answer.citations


def test_the_answer_says_which_part_is_which(opened: Open) -> None:
    assistant, _ = opened(everything)
    answer = assistant.ask("长葛市和许昌市分别是怎么推进园林绿化的？")
    labels = [sentence.text.partition("：")[0] for sentence in answer.sentences if sentence.supported]
    assert "长葛市" in labels and "许昌市" in labels


HALVES = {
    "长葛2020年上半年的生产总值": "依据：上半年全市生产总值完成367亿元\n答案：367亿元[1]。",
    "长葛2021年上半年的生产总值": "依据：上半年，预计生产总值完成380亿元\n答案：380亿元[1]。",
}
ASK_APART = "长葛2020年上半年和2021年上半年的生产总值相差多少？"


@pytest.fixture
def open_halves(opened: Open, tmp_path: Path) -> OpenScripted:
    """Open an assistant over two sentences of the speeches in `seeds/`, each in a document of its own."""
    halves = {"2020": "上半年全市生产总值完成367亿元。", "2021": "上半年，预计生产总值完成380亿元。"}
    documents = {f"{year}.txt": f"长葛{year}年上半年工作\n\n{text}" for year, text in halves.items()}
    return lambda script: opened(script, index=index_of(tmp_path, documents))


def test_a_difference_is_calculated_from_two_cited_figures(
    open_halves: OpenScripted,
) -> None:
    assistant, _ = open_halves(HALVES)
    events = list(assistant.stream(ASK_APART))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.answer == (
        "2020年上半年：367亿元[1]。2021年上半年：380亿元[2]。相差：380亿元 − 367亿元 = 13亿元[1][2]。"
    )
    assert (
        drafts(events) == "2020年上半年：367亿元。2021年上半年：380亿元。相差：380亿元 − 367亿元 = 13亿元。"
    )
    assert "367亿元" in answer.citations[0].quote
    assert "380亿元" in answer.citations[1].quote


def test_where_one_figure_is_missing_the_question_is_asked_as_it_is(
    open_halves: OpenScripted,
) -> None:
    declined = "依据：无\n答案：资料中没有相关内容。"
    assistant, generator = open_halves(
        {"长葛2020年上半年的": HALVES["长葛2020年上半年的生产总值"], "长葛20": declined}
    )
    events = list(assistant.stream(ASK_APART))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert (answer.refused, answer.reason, answer.confidence) == (True, "not_in_passages", None)
    assert drafts(events) == ""
    assert generator.calls[-1][-1]["content"].endswith(ASK_APART)
