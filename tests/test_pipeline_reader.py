"""What the second reader changes: refusals, and answers in the words of the source."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest
from asking import ASK_SIGNED, REPLIES, SIGNED, Open, Script, drafts
from fakes import ScriptedGenerator

from index.folding import to_traditional
from rag.answers import Answer
from rag.pipeline import (
    Assistant,
)
from rag.reading import Reading


class Finding:
    """A second reader that finds that texts answer with what a pattern matches, so relevant, and others not."""

    def __init__(self, pattern: str, relevance: float) -> None:
        self._pattern = pattern
        self._relevance = relevance
        self.texts: list[str] = []

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        self.texts.extend(texts)
        found = (re.search(self._pattern, text) for text in texts)
        return [Reading(self._relevance, match.group()) if match else Reading(-6.0, "") for match in found]


OpenRead = Callable[[Script, Finding], tuple[Assistant, ScriptedGenerator]]


@pytest.fixture
def opened_with(opened: Open) -> OpenRead:
    """Open an assistant with a second reader, which refuses what is not sure enough."""
    return lambda script, reader: opened(script, reader=reader, generation={"least_confidence": 0.75})


@pytest.mark.parametrize(("relevance", "refused"), [(3.0, False), (-6.0, True)])
def test_an_answer_whose_source_does_not_answer_for_the_second_reader_is_refused(
    opened_with: OpenRead, relevance: float, refused: bool
) -> None:
    assistant, _ = opened_with(lambda _: REPLIES[ASK_SIGNED], Finding("3400万元", relevance))
    answer = assistant.ask(ASK_SIGNED)
    assert answer.refused is refused
    assert answer.reason == ("unsure" if refused else None)


@pytest.mark.parametrize(
    "reply", ["依据：无\n答案：资料中没有相关内容。", f"依据：{SIGNED}\n答案：合同金额9900万元[1]。"]
)
def test_where_the_generator_fails_the_source_answers_in_its_own_words(
    opened_with: OpenRead, seed_texts: dict[str, str], reply: str
) -> None:
    assistant, generator = opened_with({ASK_SIGNED: reply}, Finding("签约单位代表", 6.0))
    events = list(assistant.stream(ASK_SIGNED))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert (answer.refused, answer.reason) == (False, None)
    assert answer.answer == f"资料的说法是：“{SIGNED}”[1]"
    (citation,) = answer.citations
    assert seed_texts["002"][citation.start : citation.end] == citation.quote
    assert "3400 万元" in citation.quote
    assert answer.confidence is not None
    assert answer.confidence >= 0.65
    assert drafts(events) == f"资料的说法是：“{SIGNED}”", "what stays of the draft is what the answer says"
    assert len(generator.calls) == 1


def test_an_answer_that_is_sure_enough_stays_in_its_own_short_words(opened_with: OpenRead) -> None:
    assistant, _ = opened_with(lambda _: REPLIES[ASK_SIGNED], Finding("3400万元", 3.0))
    assert assistant.ask(ASK_SIGNED).answer == "现场签约合同金额3400万元[1]。"


def test_an_answer_that_is_not_sure_enough_gives_way_to_a_sentence_that_is(opened_with: OpenRead) -> None:
    assistant, _ = opened_with(lambda _: REPLIES[ASK_SIGNED], Finding("签约单位代表", 2.0))
    assert assistant.ask(ASK_SIGNED).answer == f"资料的说法是：“{SIGNED}”[1]"


@pytest.mark.parametrize(("sure", "quoted"), [(0.7, True), (0.95, False)])
def test_a_sentence_that_is_clearly_surer_than_the_answer_is_quoted_instead(
    opened_with: OpenRead, monkeypatch: pytest.MonkeyPatch, sure: float, quoted: bool
) -> None:
    monkeypatch.setattr("rag.pipeline.confidence", lambda signals: sure)
    assistant, _ = opened_with(lambda _: REPLIES[ASK_SIGNED], Finding("3400万元", 6.0))
    answer = assistant.ask(ASK_SIGNED)
    assert answer.answer.startswith("资料的说法是：“") is quoted
    assert "合同金额3400万元" in re.sub(r"\s", "", answer.citations[0].quote)


def test_where_the_second_reader_prefers_another_sentence_that_one_answers(opened_with: OpenRead) -> None:
    misread = "依据：参展客商签订购销合同2300万元。\n答案：2300万元[1]。"
    assistant, generator = opened_with(lambda _: misread, Finding("签约单位代表", 6.0))
    events = list(assistant.stream(ASK_SIGNED))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.answer == f"资料的说法是：“{SIGNED}”[1]"
    assert drafts(events) == f"资料的说法是：“{SIGNED}”", "the misreading is withdrawn"
    assert len(generator.calls) == 1


def test_the_second_reader_reads_no_sentence_twice(opened_with: OpenRead) -> None:
    reader = Finding("3400万元", 3.0)
    assistant, _ = opened_with(lambda _: REPLIES[ASK_SIGNED], reader)
    answer = assistant.ask(ASK_SIGNED)
    assert not answer.refused
    assert answer.models.reranker == "wenyuan-reader"
    assert len(reader.texts) == len(set(reader.texts)) > len(answer.passages)


def test_where_the_source_is_not_sure_either_the_generator_gets_a_second_try(opened_with: OpenRead) -> None:
    declined = "依据：无\n答案：资料中没有相关内容。"
    assistant, generator = opened_with({ASK_SIGNED: [declined, REPLIES[ASK_SIGNED]]}, Finding("3400万", -1.2))
    answer = assistant.ask(ASK_SIGNED)
    assert len(generator.calls) == 2
    assert answer.answer == "现场签约合同金额3400万元[1]。"


def test_a_part_of_a_question_may_be_answered_by_its_source(opened_with: OpenRead) -> None:
    question = f"{ASK_SIGNED}长葛市的图书流动车开进了哪个小区？"
    replies = {
        "长葛市食品行业": REPLIES[ASK_SIGNED],
        "哪个小区": "依据：无\n答案：资料中没有相关内容。",
    }
    assistant, _ = opened_with(replies, Finding("3400万元|开进东湖翡翠小区", 9.0))
    events = list(assistant.stream(question))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.answer.startswith("现场签约合同金额3400万元[1]。资料的说法是：“")
    assert "东湖翡翠小区" in re.sub(r"\s", "", answer.citations[1].quote)
    shown = "".join(sentence.text for sentence in answer.sentences if sentence.supported)
    assert drafts(events) == shown, "the first part stays when the second is withdrawn"


def test_a_source_is_quoted_in_the_script_of_the_question(opened_with: OpenRead) -> None:
    question = to_traditional(ASK_SIGNED)
    assistant, _ = opened_with(lambda _: "依據：無\n答案：資料中沒有相關內容。", Finding("签约单位代表", 6.0))
    answer = assistant.ask(question)
    assert not answer.refused
    assert answer.answer.startswith("資料的說法是：“簽約單位代表")
    assert "签约单位代表" in answer.citations[0].quote
