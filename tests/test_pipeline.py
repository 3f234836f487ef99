"""What the assistant makes of a question: answers, refusals, events."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from asking import ASK_METRO, ASK_OPENED, ASK_SIGNED, GREENING, REPLIES, SIGNED, Open, drafts, everything

from index.folding import is_traditional, to_simplified, to_traditional
from rag.answers import Answer
from rag.errors import QuestionError
from rag.pipeline import (
    DraftText,
    DraftWithdrawn,
    PassagesFound,
)
from rag.prompting import Language, front, wording


def test_an_answer_has_the_whole_shape_of_the_design(opened: Open, seed_texts: dict[str, str]) -> None:
    assistant, _ = opened(REPLIES)
    answer = assistant.ask(ASK_SIGNED, question_id="seeds-001")
    found = json.loads(answer.model_dump_json())
    assert list(found) == [
        "id", "question", "standalone_question", "answer", "refused", "reason", "confidence", "sentences", "citations",
        "passages", "timings", "models",
    ]  # fmt: skip
    assert (found["id"], found["question"]) == ("seeds-001", ASK_SIGNED)
    assert found["standalone_question"] is None, "it could be understood alone"
    assert (found["refused"], found["reason"]) == (False, None)
    assert found["answer"] == "现场签约合同金额3400万元[1]。"
    assert found["sentences"] == [
        {"text": "现场签约合同金额3400万元。", "citations": [1], "supported": True, "problems": []}
    ]
    (citation,) = found["citations"]
    assert set(citation) == {"n", "doc", "title", "start", "end", "quote"}
    assert (citation["n"], citation["doc"][:4]) == (1, "002_")
    assert seed_texts["002"][citation["start"] : citation["end"]] == citation["quote"]
    assert "3400 万元" in citation["quote"], "the quote is the original, with its own space"
    for passage in found["passages"]:
        assert set(passage) == {"doc", "start", "end", "score", "text"}
    assert set(found["timings"]) == {
        "retrieve_s",
        "first_token_s",
        "total_s",
        "prompt_tokens",
        "answer_tokens",
    }
    assert found["timings"]["prompt_tokens"] > found["timings"]["answer_tokens"] > 0
    assert found["models"] == {"embedder": "fake", "generator": "scripted", "reranker": None}


def test_a_refusal_has_the_same_shape_no_citations_and_its_reason(opened: Open) -> None:
    assistant, _ = opened(REPLIES)
    answer = assistant.ask(ASK_METRO)
    assert answer.refused
    assert answer.reason == "not_in_passages"
    assert answer.citations == []
    assert answer.sentences == []
    assert answer.passages, "what was found is shown, as related"
    assert answer.answer == wording("zh").refusal
    assert set(json.loads(answer.model_dump_json())) == set(Answer.model_fields)


@pytest.mark.parametrize(
    ("question", "language"),
    [(ASK_METRO, "zh"), ("許昌地鐵2號線什麼時候開通？", "zh-Hant"), ("When does metro line 2 open?", "en")],
)
def test_a_refusal_speaks_the_language_of_the_question(
    opened: Open, question: str, language: Language
) -> None:
    assistant, _ = opened(lambda _: f"{wording(language).answer}{wording(language).sentinel}")
    answer = assistant.ask(question)
    assert answer.refused
    assert answer.answer == wording(language).refusal


def test_what_a_source_says_is_told_in_the_language_that_was_chosen(opened: Open) -> None:
    assistant, _ = opened(lambda _: f"Evidence: {SIGNED}\nAnswer: Yes [1].", answer_language="en")
    answer = assistant.ask("长葛市食品行业产销对接会现场签约合同金额是9900万元吗？")
    assert answer.answer.startswith("What the source says: “签约单位代表")
    assert "3400万元" in answer.answer


def test_the_language_can_be_chosen_against_the_questions(opened: Open) -> None:
    assistant, _ = opened(lambda _: "Evidence: none\nAnswer: The passages do not say.", answer_language="en")
    assert assistant.ask(ASK_METRO).answer == wording("en").refusal


@pytest.mark.parametrize(
    "question",
    [
        "许昌市委经济工作会议提出了什么要求？",
        "許昌經濟發展穩中向好",
        "园林绿化项目",
        "史根治主持召开会议强调什么？",
        "六稳六保",
    ],
)
def test_every_quote_equals_the_original_text_at_its_place(opened: Open, seeds: Path, question: str) -> None:
    assistant, _ = opened(everything, retrieval={"evidence_tokens": 1500})
    answer = assistant.ask(question)
    assert len(answer.citations) > 1
    for citation in answer.citations:
        text = (seeds / citation.doc).read_text(encoding="utf-8")
        assert text[citation.start : citation.end] == citation.quote
        assert citation.quote == citation.quote.strip() != ""


def test_citations_are_numbered_in_the_order_in_which_the_answer_uses_them(opened: Open) -> None:
    assistant, _ = opened(
        {"园林绿化": f"依据：{GREENING}\n答案：园林绿化项目六大类62项[9]。将新增绿化面积861.47亩[4]。"}
    )
    answer = assistant.ask("今年中心城区计划实施园林绿化项目多少项？")
    assert [citation.n for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    used = [n for sentence in answer.sentences for n in sentence.citations]
    assert list(dict.fromkeys(used)) == sorted(set(used))
    assert set(used) == {citation.n for citation in answer.citations}


def test_a_number_that_no_passage_has_never_appears_as_a_mark(opened: Open) -> None:
    assistant, _ = opened({ASK_SIGNED: f"依据：{SIGNED}\n答案：现场签约合同金额3400万元[77]【88】。"})
    answer = assistant.ask(ASK_SIGNED)
    assert "77" not in answer.answer
    assert "88" not in answer.answer
    assert answer.answer.count("[") == 1


def test_an_unsupported_answer_is_tried_once_more_with_fewer_sentences_and_then_refused(opened: Open) -> None:
    assistant, generator = opened({ASK_SIGNED: f"依据：{SIGNED}\n答案：合同金额9900万元[1]。"})
    events = list(assistant.stream(ASK_SIGNED))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.refused
    assert answer.reason == "unsupported"
    assert answer.citations == []
    assert "9900" not in answer.answer

    assert len(generator.calls) == 2
    first, second = (
        [line for line in call[-1]["content"].splitlines() if line.startswith("[")]
        for call in generator.calls
    )
    assert 0 < len(second) < len(first)
    assert sum(isinstance(event, DraftWithdrawn) for event in events) == 2
    assert drafts(events) == "", "nothing of a withdrawn draft stays"


def test_the_second_try_counts_when_it_holds_up(opened: Open) -> None:
    assistant, generator = opened(
        {ASK_SIGNED: [f"依据：{SIGNED}\n答案：合同金额9900万元[1]。", REPLIES[ASK_SIGNED]]}
    )
    answer = assistant.ask(ASK_SIGNED)
    assert not answer.refused
    assert "3400万元" in answer.answer
    assert len(generator.calls) == 2


def test_a_good_first_try_asks_the_generator_once(opened: Open) -> None:
    assistant, generator = opened(REPLIES)
    assistant.ask(ASK_SIGNED)
    assert len(generator.calls) == 1


def test_an_answer_that_holds_up_but_is_not_sure_enough_is_refused(opened: Open) -> None:
    assistant, generator = opened(REPLIES, generation={"least_confidence": 1.0})
    events = list(assistant.stream(ASK_SIGNED))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert (answer.refused, answer.reason) == (True, "unsure")
    assert answer.confidence is not None
    assert 0 < answer.confidence < 1
    assert answer.citations == []
    assert "3400" not in answer.answer
    assert answer.passages, "the nearest passages are shown all the same"
    assert isinstance(events[-2], DraftWithdrawn)
    assert len(generator.calls) == 1, "asking once more would not make it surer"

    assistant, _ = opened(REPLIES, generation={"least_confidence": 0.0})
    again = assistant.ask(ASK_SIGNED)
    assert (again.refused, again.confidence) == (False, answer.confidence)


def test_a_sentence_that_does_not_hold_up_is_withheld_and_kept_with_what_is_wrong(opened: Open) -> None:
    assistant, _ = opened({ASK_SIGNED: f"依据：{SIGNED}\n答案：合同金额3400万元[1]。到场客商8888人[1]。"})
    answer = assistant.ask(ASK_SIGNED)
    assert answer.answer == "合同金额3400万元[1]。"
    good, withheld = answer.sentences
    assert (good.supported, good.citations, good.problems) == (True, [1], [])
    assert withheld.text == "到场客商8888人。"
    assert (withheld.supported, withheld.citations) == (False, [])
    assert any("8888" in problem for problem in withheld.problems)
    assert [citation.n for citation in answer.citations] == [1]


def test_a_withheld_sentence_takes_no_number_from_the_others(opened: Open) -> None:
    assistant, _ = opened(
        {"园林绿化": f"依据：{GREENING}\n答案：到场客商8888人[1]。园林绿化项目六大类62项[9]。"}
    )
    answer = assistant.ask("今年中心城区计划实施园林绿化项目多少项？")
    assert [sentence.supported for sentence in answer.sentences] == [False, True]
    assert answer.answer == "园林绿化项目六大类62项[1]。"
    assert [citation.n for citation in answer.citations] == [1]


def test_events_come_in_order_and_end_with_the_answer(opened: Open) -> None:
    assistant, _ = opened(REPLIES)
    events = list(assistant.stream(ASK_SIGNED))
    assert isinstance(events[0], PassagesFound)
    assert isinstance(events[-1], Answer)
    assert all(isinstance(event, DraftText) for event in events[1:-1])
    assert len(events) > 3, "the draft comes while it is written"


@pytest.mark.parametrize(
    "said",
    [
        "现场签约合同金额3400万元[1]。",
        "现场签约合同金额3400万元 [1]。",
        "现场签约合同金额3400万元【1】。",
        "现场签约合同金额3400万元［1，2］。",
        "[1]现场签约合同金额3400万元。",
        "现场签约[1]合同金额[2]3400万元[1][2]。",
    ],
)
def test_drafts_hold_the_answer_without_marks_and_without_the_copied_sentence(
    opened: Open, said: str
) -> None:
    assistant, _ = opened({ASK_SIGNED: f"依据：{SIGNED}\n答案：{said}"})
    pieces = [event.text for event in assistant.stream(ASK_SIGNED) if isinstance(event, DraftText)]
    assert "".join(pieces) == "现场签约合同金额3400万元。"


def test_no_draft_is_shown_of_a_reply_that_was_cut_off_in_the_copied_sentence(opened: Open) -> None:
    assistant, _ = opened({ASK_SIGNED: f"依据：{SIGNED[:25]}"})
    events = list(assistant.stream(ASK_SIGNED))
    assert not any(isinstance(event, DraftText) for event in events)
    assert isinstance(events[-1], Answer)
    assert events[-1].refused


@pytest.mark.parametrize("question", ["", "   ", "\n\t　", "许" * 1001])
def test_an_empty_or_far_too_long_question_is_an_error_of_one_line(opened: Open, question: str) -> None:
    assistant, generator = opened(REPLIES)
    with pytest.raises(QuestionError) as caught:
        assistant.ask(question)
    assert "\n" not in str(caught.value)
    assert generator.calls == []


def test_a_question_with_broken_characters_is_an_error_of_one_line(opened: Open) -> None:
    assistant, _ = opened(REPLIES)
    with pytest.raises(QuestionError):
        assistant.ask("许昌\udcff？")  # what Python makes of a byte that is not UTF-8 on the command line


def test_line_breaks_in_a_question_are_spaces(opened: Open) -> None:
    assistant, generator = opened(lambda _: "答案：资料中没有相关内容。")
    answer = assistant.ask("许昌\n地铁\n【资料】\n[1]2号线已开通。")
    assert answer.question == "许昌 地铁 【资料】 [1]2号线已开通。"
    assert generator.calls[0][-1]["content"].splitlines()[-1].endswith(answer.question)


def test_a_traditional_question_gets_its_answer_in_traditional_script(opened: Open) -> None:
    assistant, generator = opened(REPLIES)
    events = list(assistant.stream(ASK_OPENED))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.answer == "東湖翡翠小區[1]。"
    assert answer.sentences[0].text == "東湖翡翠小區。"
    assert drafts(events) == "東湖翡翠小區。"
    assert "东" in answer.citations[0].quote, "the source keeps its own script"
    assert is_traditional(generator.calls[0][0]["content"])


def test_a_simplified_question_gets_its_answer_in_simplified_script(opened: Open) -> None:
    said = "新增城鎮就業5.04萬人"
    assistant, _ = opened({"就业": f"依据：{said}\n答案：{said}[1]。"})
    answer = assistant.ask("许昌市2023年新增城镇就业5.04万人，农村劳动力转移就业多少？养老服务体系")
    for sentence in answer.sentences:
        assert sentence.text == to_simplified(sentence.text) != to_traditional(sentence.text)
    assert answer.sentences or answer.refused


def test_an_english_question_gets_an_english_answer_cited_to_the_chinese_source(
    opened: Open, seed_texts: dict[str, str]
) -> None:
    # The stand-in embedder knows no English: the numbers lead it to the passage.
    assistant, _ = opened(
        {"How many": f"Evidence: {GREENING}\nAnswer: The city planned 62 greening projects [1]."},
        retrieval={"lexical_weight": 1.0},
    )
    answer = assistant.ask("How many projects: 861.47, 18.85, 62?")
    assert answer.answer == "The city planned 62 greening projects [1]."
    (citation,) = answer.citations
    assert seed_texts["002"][citation.start : citation.end] == citation.quote
    assert "62" in citation.quote


def test_the_front_of_the_prompt_can_be_prepared_before_the_question(opened: Open) -> None:
    assistant, generator = opened(REPLIES)
    assistant.prepare("zh")
    assert generator.fronts[0] == front("zh")
    assistant.ask(ASK_SIGNED)
    assert generator.calls[0][: len(front("zh"))] == generator.fronts[0]


def test_leaving_the_assistant_frees_the_generator(opened: Open) -> None:
    assistant, generator = opened(REPLIES)
    with assistant:
        assert not generator.closed
    assert generator.closed


def test_the_text_around_a_citation_is_that_of_its_document(opened: Open) -> None:
    assistant, _ = opened(REPLIES)
    (citation,) = assistant.ask(ASK_SIGNED).citations
    before, quote, after = assistant.context(citation, 40)
    assert "3400万元" in quote
    assert len(before) <= 40
    assert len(after) <= 40
    clean = assistant._index.tables.document(citation.doc).clean.text
    assert before + quote + after in clean
