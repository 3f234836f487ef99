"""What a small model writes is taken apart: the copied sentence, the answer, the marks."""

from __future__ import annotations

import pytest
from checking import SIGNED, check, evidence_of

from rag.prompting import Language, wording
from rag.replies import read_reply, without_marks


def test_a_second_copy_and_the_labels_of_a_second_answer_are_no_answer() -> None:
    for end, next_one in (("\n", "\n"), ("", "\n"), ("", "")):
        reply = (
            f"依据：本报讯（记者 胡晨）\n答案：胡晨[1]。{end}依据：副市长杨朝晖[1]{next_one}答案：杨朝晖[1]。"
        )
        said = read_reply(reply, wording("zh"), finished=True)
        assert (said.quote, said.answer) == ("本报讯（记者 胡晨）", "胡晨[1]。\n杨朝晖[1]。")


def test_words_like_the_labels_inside_an_answer_stay() -> None:
    said = read_reply(
        "依据：法律依据：民法典第十条\n答案：法律依据是民法典[1]。", wording("zh"), finished=True
    )
    assert said.answer == "法律依据是民法典[1]。"


def test_a_reply_is_its_copied_sentence_and_its_answer() -> None:
    reply = read_reply(f"依据：{SIGNED}\n答案：3400万元[1]。", wording("zh"), finished=True)
    assert (reply.quote, reply.answer, reply.declined) == (SIGNED, "3400万元[1]。", False)


def test_a_reply_without_labels_is_all_answer() -> None:
    reply = read_reply("3400万元[1]。", wording("zh"), finished=True)
    assert (reply.quote, reply.answer, reply.declined) == ("", "3400万元[1]。", False)


@pytest.mark.parametrize(
    ("language", "reply"),
    [
        ("zh", "依据：无\n答案：资料中没有相关内容。"),
        ("zh", "资料中没有相关内容"),
        ("zh", "依据：无。\n答案：无法确定。"),
        ("zh-Hant", "依據：無\n答案：資料中沒有相關內容。"),
        ("zh-Hant", "依据：无\n答案：资料中没有相关内容。"),  # the model slipped into the other script
        ("en", "Evidence: none\nAnswer: The passages do not say."),
        ("en", "the passages do not say when"),
        ("en", "资料中没有相关内容。"),  # … or into the language of the passages
    ],
)
def test_the_words_for_no_answer_are_understood_in_every_language(language: Language, reply: str) -> None:
    assert read_reply(reply, wording(language), finished=True).declined


def test_an_answer_that_cites_is_one_although_nothing_was_copied() -> None:
    reply = read_reply("依据：无\n答案：3400万元[1]。", wording("zh"), finished=True)
    assert (reply.quote, reply.answer, reply.declined) == ("", "3400万元[1]。", False)


@pytest.mark.parametrize("language", ["zh", "zh-Hant", "en"])
def test_the_examples_of_the_prompt_are_read_as_they_are_meant(language: Language) -> None:
    words = wording(language)
    # The first example shows how to decline; models that imitate the last one must not learn to.
    for number, (_, said) in enumerate(words.examples):
        assert read_reply(said, words, finished=True).declined == (number == 0), said


@pytest.mark.parametrize("reply", ["", "  \n", f"依据：{SIGNED[:20]}", f"依据：{SIGNED}\n答案："])
def test_a_reply_cut_off_before_its_answer_is_no_answer(reply: str) -> None:
    assert read_reply(reply, wording("zh"), finished=False).declined


def test_copied_words_are_the_answer_when_the_model_writes_no_other() -> None:
    reply = read_reply("依据：3400万元[3]。", wording("zh"), finished=True)
    assert (reply.answer, reply.declined) == ("3400万元[3]。", False)


def test_repeating_a_number_of_the_question_is_no_answer_unless_one_was_asked_for() -> None:
    items = evidence_of(("强制解散新民会，称为「105人事件」，共逮捕105人。",))
    (sentence,) = check("答案：105人事件[1]。", "105人事件指的是什么？", items)
    assert sentence.problems == ("it only repeats the question",)
    (sentence,) = check("答案：105人[1]。", "原定逮捕105人，逮捕了多少人？", items)
    assert sentence.supported


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("长葛市食品行业产销对接会是在哪家酒店办的？", "长葛市食品行业产销对接会"),
        ("许昌2023年要积极申请设立哪个综合保税区？", "许昌"),
        ("Why did Xuchang warn that times would not be easy?", "Because times would not be easy"),
        ("What type of facilities does Xuchang want?", "Xuchang wanted facilities of that type"),
    ],
)
def test_repeating_the_question_is_no_answer(question: str, answer: str) -> None:
    items = evidence_of(("长葛市举行食品行业产销对接会，许昌积极申建综合保税区。",))
    (sentence,) = check(f"答案：{answer}[1]。", question, items)
    assert sentence.problems == ("it only repeats the question",)


@pytest.mark.parametrize(
    "reply",
    [
        f"依据:{SIGNED}\n答案:3400万元[1]。",
        f"依據：{SIGNED}\n答案：3400万元[1]。",
        f"\n依据： {SIGNED}\n\n答案： 3400万元[1]。\n",
        f"依据：{SIGNED} 答案：3400万元[1]。",
    ],
)
def test_small_slips_in_the_labels_are_forgiven(reply: str) -> None:
    read = read_reply(reply, wording("zh"), finished=True)
    assert (read.quote, read.answer, read.declined) == (SIGNED, "3400万元[1]。", False)


def test_the_labels_words_inside_of_the_copied_sentence_do_not_end_it() -> None:
    copied = "试卷第3题的标准答案：乙。"
    reply = read_reply(f"依据：{copied}\n答案：乙[1]。", wording("zh"), finished=True)
    assert (reply.quote, reply.answer) == (copied, "乙[1]。")


def test_marks_do_not_stay_in_the_copied_sentence() -> None:
    assert read_reply(f"依据：[1]{SIGNED}\n答案：3400万元。", wording("zh"), finished=True).quote == SIGNED


@pytest.mark.parametrize(
    "text",
    ["共62项[3]", "共62项 [3]", "共62项【3】", "共62项［1，3］", "共62项[1][3]", "共62项[3", "共62项【"],
)
def test_citation_marks_are_taken_out_whole_or_just_begun(text: str) -> None:
    assert without_marks(text) == "共62项"


def test_brackets_that_are_no_marks_stay() -> None:
    assert without_marks("许政〔2023〕12号文件[附件]") == "许政〔2023〕12号文件[附件]"
