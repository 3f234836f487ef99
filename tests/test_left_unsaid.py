from __future__ import annotations

import pytest
from checking import check, evidence_of

from rag.asked import left_unsaid, read_question
from rag.citing import CheckedSentence

LAUNCHED = (
    "3月13日，市委常委、常务副市长张庆一，副市长张飞、杨朝晖参加会议，打造经济强市、创新强市、开放强市。"
)


def checked(question: str, answer: str) -> CheckedSentence:
    (sentence,) = check(f"依据：{LAUNCHED}\n答案：{answer}[1]。", question, evidence_of((LAUNCHED,)))
    return sentence


@pytest.mark.parametrize(
    ("question", "answer", "problem"),
    [
        ("谁参加了会议？", "常务副市长", "a person was asked for"),
        ("会议是哪天开的？", "3月", "a day was asked for"),
        ("要打造哪三个强市？", "经济强市、创新强市", "3 things were asked for"),
        ("有几位副市长参加会议？", "副市长参加", "a number was asked for"),
        ("How many mayors came in 2023?", "The mayors came in 2023", "a number was asked for"),
        ("2023 how much for three schools?", "For three schools in 2023", "a number was asked for"),
        ("两个会都到场的许昌副市长是哪几位？", "许昌副市长是张庆一。", "several answers were asked for"),
        ("首先要打造的两个强市分别是什么？", "经济强市", "several answers were asked for"),
        ("参加会议的两位分别是哪些人？", "张庆一，常务副市长", "several answers were asked for"),
        ("常务副市长和副市长分别叫什么名字？", "副市长，杨朝晖", "several answers were asked for"),
    ],
)
def test_an_answer_without_what_was_asked_for_is_none(question: str, answer: str, problem: str) -> None:
    assert problem in checked(question, answer).problems


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("谁参加了会议？", "常务副市长张庆一"),
        ("会议是哪天开的？", "3月13日"),
        ("要打造哪三个强市？", "经济强市、创新强市、开放强市"),
        ("会议是谁主办的？", "市委"),
        ("首先要打造的两个强市分别是什么？", "经济强市、创新强市"),
    ],
)
def test_an_answer_with_it_stands(question: str, answer: str) -> None:
    assert checked(question, answer).supported


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many projects were signed in 2020?", "161 projects were signed in 2020"),
        ("How many schools were built in 2020?", "Three schools were built in 2020"),
        ("2020年签约了多少个项目？", "161个"),
        ("3月12日的会议有几位副市长参加？", "3位"),
        ("计划62项，完成了多少项？", "62项"),
    ],
)
def test_another_number_than_those_of_the_question_is_one(question: str, answer: str) -> None:
    assert left_unsaid(read_question(question), question, answer) is None


@pytest.mark.parametrize(
    "question",
    [
        "为什么国外疫情对长葛的冲击会更大？",
        "家长托关系也要送来长葛念书，图的啥？",
        "長葛是如何推進復工的？",
        "Why did it grow?",
    ],
)
def test_an_explanation_is_asked_for(question: str) -> None:
    assert read_question(question).explanation


@pytest.mark.parametrize(
    "question", ["签约金额是多少？", "How many came?", "How much did it cost?", "谁主持会议？"]
)
def test_a_figure_or_a_name_is_no_explanation(question: str) -> None:
    assert not read_question(question).explanation


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("许昌这边有几个单位的负责人参加？", "我市18个相关单位负责同志参会。"),
        ("有多少家企业参加？", "四十一家供方企业参会。"),
        ("哪天登出来的？", "来源:河南日报 | 2024-01-18 09:13:07"),
        ("会议是什么时候开的？", "3月10日，省商务厅自贸办调研组莅许。"),
        ("是谁作宣讲报告的？", "市委宣讲团成员刘顺兴作专题宣讲报告。"),
        ("誰作宣講報告？", "市委宣講團成員劉順興作專題宣講報告。"),
    ],
)
def test_a_sentence_that_may_hold_the_answer_is_told(question: str, text: str) -> None:
    assert read_question(question).may_stand_in(text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("许昌这边有几个单位的负责人参加？", "会上，市商务局负责同志汇报了有关情况。"),
        ("有多少家企业参加？", "3月10日，产销对接会举行。"),  # a date counts nothing
        ("会议是什么时候开的？", "会议强调，要加快建设生态强市。"),
        ("是谁作宣讲报告的？", "报告站位高、思路清、落点实。"),
        ("长葛为什么受影响更大？", "会议有18个单位参加。"),
    ],
)
def test_a_sentence_without_it_is_told_as_well(question: str, text: str) -> None:
    assert not read_question(question).may_stand_in(text)


@pytest.mark.parametrize(
    ("question", "text", "counted"),
    [
        ("有几个单位参加？", "我市18个相关单位参会。", True),
        ("空气优良的天数有多少天？", "优良天数达到 246 天，增加 53 天。", True),
        ("完成了多少亿元？", "完成生产总值 781 亿元。", True),
        ("有几个单位参加？", "会议于3月10日举行。", False),
        ("有多少亩？", "签约合同金额3400万元。", False),
        ("谁主持会议？", "18个单位参会。", False),
    ],
)
def test_the_measure_word_of_the_question_is_looked_for(question: str, text: str, counted: bool) -> None:
    assert read_question(question).is_counted_in(text) is counted


@pytest.mark.parametrize(
    ("question", "answer", "unsaid"),
    [
        ("女王的国葬将在哪里举行？", "当地时间19日", True),
        ("女王的国葬将在哪里举行？", "女王的国葬将于9月19日上午11时举行", True),
        ("女王的国葬将在哪里举行？", "威斯敏斯特教堂", False),
        ("女王的国葬将在哪里举行？", "9月19日在伦敦举行", False),
        ("Where will the funeral be held?", "On 19 September", True),
        ("Where will the funeral be held?", "In London on 19 September", False),
        ("签约仪式何时何地举行？", "9月19日", False),  # the half of it
        ("中医院在哪儿？", "松涛路66号", False),
        ("他哪里知道会议是哪天？", "9月19日", False),
    ],
)
def test_a_time_does_not_say_where(question: str, answer: str, unsaid: bool) -> None:
    said = left_unsaid(read_question(question), question, answer)
    assert (said == "a place was asked for") is unsaid
