"""Follow-ups, and what the asker may choose."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import ASK_SIGNED, REPLIES, Open

from rag.answers import Answer
from rag.assembling import answer_passage
from rag.conversation import Exchange
from rag.errors import QuestionError
from rag.pipeline import (
    AskOptions,
    PassagesFound,
    QuestionCompleted,
)
from rag.prompting import Language, front, wording

TALKED = [Exchange("长葛市2022年的合同金额是多少？", "没有相关内容。")]
ASK_YEAR = "2023年呢？"
COMPLETED = "长葛市2023年的合同金额是多少？"


def test_a_follow_up_is_completed_searched_and_answered_as_a_whole_question(opened: Open) -> None:
    assistant, generator = opened({COMPLETED: REPLIES[ASK_SIGNED]})
    events = list(assistant.stream(ASK_YEAR, history=TALKED))
    assert events[0] == QuestionCompleted(COMPLETED)
    assert isinstance(events[1], PassagesFound)
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert (answer.question, answer.standalone_question) == (ASK_YEAR, COMPLETED)
    (call,) = generator.calls
    assert call[-1]["content"].rpartition("\n")[2].endswith(COMPLETED)
    assert [passage.doc for passage in answer.passages] == [
        passage.doc for passage in assistant.ask(COMPLETED).passages
    ]


def test_a_question_that_stands_alone_is_left_as_it_is_in_a_conversation(opened: Open) -> None:
    assistant, generator = opened(REPLIES)
    events = list(assistant.stream(ASK_SIGNED, history=TALKED))
    assert not any(isinstance(event, QuestionCompleted) for event in events)
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.standalone_question is None
    assert len(generator.calls) == 1


def test_a_follow_up_is_answered_in_the_language_in_which_it_was_typed(opened: Open) -> None:
    assistant, _ = opened(lambda _: "Evidence: none\nAnswer: The passages do not say.")
    answer = assistant.ask("and in 2023?", history=[Exchange("长葛市2022年的合同金额是多少？", "3400万元。")])
    assert answer.answer == wording("en").refusal


def test_only_the_chosen_documents_are_searched(opened: Open, seeds: Path) -> None:
    assistant, _ = opened(lambda _: "答案：资料中没有相关内容。")
    other = next(seeds.glob("004_*.txt")).name
    answer = assistant.ask(ASK_SIGNED, options=AskOptions(documents=frozenset({other, "never.txt"})))
    assert {passage.doc for passage in answer.passages} == {other}


@pytest.mark.parametrize("documents", [frozenset(), frozenset({"never.txt"})], ids=["none", "unknown"])
def test_without_a_document_to_search_nothing_is_found_and_nothing_generated(
    opened: Open, documents: frozenset[str]
) -> None:
    assistant, generator = opened(REPLIES)
    answer = assistant.ask(ASK_SIGNED, options=AskOptions(documents=documents))
    assert (answer.refused, answer.reason, answer.passages) == (True, "no_passages", [])
    assert generator.calls == []


def test_the_asker_can_choose_how_many_passages_are_read(opened: Open) -> None:
    assistant, _ = opened(REPLIES)
    assert len(assistant.ask(ASK_SIGNED).passages) > 2
    assert len(assistant.ask(ASK_SIGNED, options=AskOptions(top_k=1)).passages) == 1


@pytest.mark.parametrize("language", ["zh", "zh-Hant", "en"])
def test_the_asker_can_choose_the_language_against_question_and_settings(
    opened: Open, language: Language
) -> None:
    assistant, generator = opened(
        lambda _: f"{wording(language).answer}{wording(language).sentinel}", answer_language="zh"
    )
    answer = assistant.ask("When does metro line 2 open?", options=AskOptions(language=language))
    assert answer.answer == wording(language).refusal
    assert generator.fronts[-1] == front(language)


def test_passages_can_be_found_without_generating_anything(opened: Open) -> None:
    assistant, generator = opened(REPLIES)
    asked, passages = assistant.find(f" {ASK_SIGNED}\n")
    assert asked == ASK_SIGNED
    assert [answer_passage(passage) for passage in passages] == assistant.ask(ASK_SIGNED).passages
    calls = len(generator.calls)
    assert assistant.find(ASK_YEAR, history=TALKED)[0] == COMPLETED
    # Only a model could complete this one: it is searched as it is.
    assistant.find("他还提到了哪些数字？", history=[Exchange("会议说了什么？", "张三和李四讲了话。")])
    assert len(generator.calls) == calls
    chosen = assistant.find(ASK_SIGNED, options=AskOptions(documents=frozenset(), top_k=1))
    assert chosen == (ASK_SIGNED, [])


@pytest.mark.parametrize("question", ["", " \n", "许" * 1001])
def test_passages_of_a_question_that_is_none_are_not_found(opened: Open, question: str) -> None:
    assistant, _ = opened(REPLIES)
    with pytest.raises(QuestionError):
        assistant.find(question)
