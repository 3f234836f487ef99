"""Follow-ups that point at nothing and lack a topic of their own: recognising them, and naming the topic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fakes import ScriptedGenerator

from index.folding import fold, is_traditional
from rag.conversation import Exchange, standalone_question

CONVERSATIONS = [
    json.loads(line)
    for line in (Path(__file__).parent / "gold" / "follow_ups.jsonl").read_text(encoding="utf-8").splitlines()
]

FAIR = Exchange("长葛市食品行业产销对接会有多少家供方企业参会？", "41家[1]。")
SCHOOL = Exchange("长葛陈寔路学校投资多少？", "4.5亿元[1]。")
GARDENS = Exchange("长葛2020年新建了多少处绿地游园？", "29处[1]。")
TAX = Exchange("长葛两个产业集聚区的亩均税收是多少？", "28.96万元/亩[1]。")
COMPANIES = Exchange("许昌2024年力争新增多少家规上工业企业？", "180家[1]。")
WEEKLY = Exchange("市政府2023年第10次周交办会议交办了几个方面的工作？", "七个方面[1]。")
ZONE = Exchange("经开区全区领导干部会议是哪天召开的？", "3月12日[1]。")
SPENDING = Exchange("长葛2020年全年的民生支出占多少？", "")
TOWN = Exchange("长葛的大周镇要争创千强镇的前多少名？", "")
RANK = Exchange("长葛2020年在全国工业百强县市中排第几？", "第44位[1]。")
CITIES_HANT = Exchange("許昌2023年新增公辦學位多少個？", "1.5萬個[1]。")
PROJECTS_EN = Exchange("How many projects did Changge sign in 2020?", "49 [1].")
FAIR_EN = Exchange("How many suppliers attended the Changge food fair?", "41 [1].")
MEETING_EN = Exchange("Who chaired the meeting of 3 June in Xuchang?", "Shi Genzhi [1].")
HISTORIES = [FAIR, SCHOOL, GARDENS, TAX, COMPANIES, WEEKLY, ZONE, RANK, CITIES_HANT, PROJECTS_EN, MEETING_EN]


def ids(conversation: dict[str, Any]) -> str:
    return str(conversation["id"])


def holds_what_it_needs(completed: str, conversation: dict[str, Any]) -> bool:
    said = fold(completed).replace(" ", "")
    return all(
        any(fold(word).replace(" ", "") in said for word in alternatives)
        for alternatives in conversation["needs"]
    )


def test_most_follow_ups_hold_what_is_needed_and_all_keep_the_script() -> None:
    follow_ups = [item for item in CONVERSATIONS if item["needs"]]
    complete = 0
    for item in follow_ups:
        completed = standalone_question(item["question"], [Exchange(**one) for one in item["history"]])
        complete += holds_what_it_needs(completed, item)
        assert is_traditional(completed) == (item["lang"] == "zh-Hant"), completed
    assert complete / len(follow_ups) >= 0.75


EXAM = Exchange("2020年高考，长葛哪个学生上了清华？", "张甲申。")


@pytest.mark.parametrize("conversation", [item for item in CONVERSATIONS if not item["needs"]], ids=ids)
def test_after_an_unrelated_exchange_a_question_stays_as_it_is(conversation: dict[str, Any]) -> None:
    history = [Exchange(**exchange) for exchange in conversation["history"]]
    assert standalone_question(conversation["question"], history) == conversation["question"]


@pytest.mark.parametrize(
    ("previous", "asked", "expected"),
    [
        # it goes on with something
        (FAIR, "需方又来了多少家？", "长葛市食品行业产销对接会，需方又来了多少家？"),
        (GARDENS, "农贸市场又建了几个？", "长葛2020年新建了绿地游园，农贸市场又建了几个？"),
        (GARDENS, "加起来有多少亩绿地？", "长葛2020年新建了绿地游园，加起来有多少亩绿地？"),
        (GARDENS, "另外还改造了多少小区？", "长葛2020年新建了绿地游园，另外还改造了多少小区？"),
        (FAIR, "除了企业还有谁？", "长葛市食品行业产销对接会供方企业参会，除了企业还有谁？"),
        # it has nothing but words that fit any topic
        (GARDENS, "一共花了多少钱？", "长葛2020年新建了绿地游园，一共花了多少钱？"),
        (SCHOOL, "能收多少学生？", "长葛陈寔路学校投资，能收多少学生？"),
        (SCHOOL, "完工了没有？", "长葛陈寔路学校投资，完工了没有？"),
        (SCHOOL, "由哪个部门验收？", "长葛陈寔路学校投资，由哪个部门验收？"),
        (SCHOOL, "主要招收哪里的学生？", "长葛陈寔路学校投资，主要招收哪里的学生？"),
        (SCHOOL, "评了几次奖？", "长葛陈寔路学校投资，评了几次奖？"),
        (RANK, "第一是谁？", "长葛2020年在全国工业百强县市中，第一是谁？"),
        (RANK, "2019年排第几？", "长葛2020年在全国工业百强县市中，2019年排第几？"),
        (RANK, "为什么这么高？", "长葛2020年在全国工业百强县市中，为什么这么高？"),
        # who does the like
        (EXAM, "那考上北大的是谁呀？", "2020年高考，考上北大的是谁呀？"),
        (EXAM, "那没考上的又是谁？", "2020年高考，没考上的又是谁？"),
        # a place, but not what is asked of it
        (TAX, "全省平均才多少？", "长葛两个产业集聚区的亩均税收，全省平均才多少？"),
        (TAX, "在许昌排第几？", "长葛两个产业集聚区的亩均税收，在许昌排第几？"),
        (TAX, "高于全省平均水平吗？", "长葛两个产业集聚区的亩均税收，高于全省平均水平吗？"),
        # another part of the same year, another town of the same city
        (SPENDING, "那上半年呢？", "长葛2020年上半年的民生支出占多少？"),
        (SPENDING, "只看下半年呢？", "长葛2020年下半年的民生支出占多少？"),
        (Exchange("长葛上半年的民生支出占多少？", ""), "那全年呢？", "长葛全年的民生支出占多少？"),
        (Exchange("长葛2020年的民生支出占多少？", ""), "上半年呢？", "长葛2020年上半年的民生支出占多少？"),
        (TOWN, "那后河镇呢？", "长葛的后河镇要争创千强镇的前多少名？"),
        # the same is asked of something else, or of the same occasion
        (COMPANIES, "创新平台打算新增多少？", "许昌2024年力争新增规上工业企业，创新平台打算新增多少？"),
        (WEEKLY, "安全稳定方面提了什么要求？", "市政府2023年第10次周交办会议，安全稳定方面提了什么要求？"),
        (ZONE, "会上提出了几个“着力”？", "经开区全区领导干部会议，会上提出了几个“着力”？"),
        (ZONE, "党工委书记对此怎么说？", "经开区全区领导干部会议，党工委书记对此怎么说？"),
        # English
        (FAIR_EN, "And how many buyers?", "How many buyers attended the Changge food fair?"),
        (
            Exchange("How many highly specialised companies does Xuchang aim to add in 2024?", ""),
            "And how many industrial companies above designated size?",
            "How many industrial companies above designated size does Xuchang aim to add in 2024?",
        ),
        (
            PROJECTS_EN,
            "And how many companies took part?",
            "The projects that Changge signed in 2020: and how many companies took part?",
        ),
        (FAIR_EN, "In total?", "The suppliers that attended the Changge food fair: in total?"),
        (MEETING_EN, "Who else was there?", "The meeting of 3 June in Xuchang: who else was there?"),
        (MEETING_EN, "And who planned it?", "The meeting of 3 June in Xuchang: and who planned it?"),
        (PROJECTS_EN, "Total investment?", "The projects that Changge signed in 2020: total investment?"),
        (
            PROJECTS_EN,
            "What is the provincial average?",
            "The projects that Changge signed in 2020: what is the provincial average?",
        ),
        (
            PROJECTS_EN,
            "How many of them were finished?",
            "The projects that Changge signed in 2020: how many of them were finished?",
        ),
        (
            Exchange("How many new parks will Changge build?", "29."),
            "By when?",
            "The new parks that Changge will build: by when?",
        ),
    ],
)
def test_a_question_without_a_topic_gets_the_previous_one(
    previous: Exchange, asked: str, expected: str
) -> None:
    assert standalone_question(asked, [previous]) == expected


@pytest.mark.parametrize(
    ("previous", "asked"),
    [(FAIR, "需方又来了多少家？"), (SCHOOL, "完工了没有？"), (FAIR_EN, "And how many buyers?")],
)
def test_the_topic_is_named_without_waiting_for_a_generator(previous: Exchange, asked: str) -> None:
    generator = ScriptedGenerator({})
    assert standalone_question(asked, [previous], generator) == standalone_question(asked, [previous])
    assert not generator.calls


@pytest.mark.parametrize(
    "question",
    [
        # words that continue, inside others
        "那曲的市长是谁？",
        "那英唱的是什么歌？",
        "那长葛市管教育的是谁？",
        "人才有哪些优惠政策？",
        "什么时候才有地铁？",
        "又好又快发展是谁提出的？",
        "还款期限是多久？",
        "再就业培训补贴多少钱？",
        "就业形势怎么样？",
        "第一产业增加值是多少？",
        "第一书记是谁？",
        "“又多了一项技能”是谁说的？",
        # short, but with a subject of their own
        "谁负责招商引资？",
        "主要农作物有哪些？",
        "一共有多少贫困村？",
        "高铁站什么时候建成？",
        "一共有多少个村实现了村村通公交？",
        "平均每亩税收28.96万元的是哪两个产业集聚区？",
        "具体负责防汛工作的部门是哪个？",
        "農村改廁怎麼做？",
        "总投资315亿元的是哪些项目？",
        # a place and what is asked of it
        "全市有多少人？",
        "全省亩均税收是多少？",
        "全省人均收入是多少？",
        "许昌有多少人？",
        "许昌市场监管局做了什么？",
        "长葛市2020年GDP多少？",
        "谁主持了6月3日的会议？",
        "What is GDP?",
        "Who is the mayor?",
        "Which company was the first to list?",
        "How long is the railway in total?",
        "Who else besides Shi Genzhi spoke?",
        "Is it possible to borrow books?",
        "How many cards were issued by the library?",
        "你能做什么？",
        "谢谢",
        "Thanks!",
    ],
)
def test_a_question_with_a_topic_of_its_own_is_left_as_it_is(question: str) -> None:
    for exchange in HISTORIES:
        assert standalone_question(question, [exchange]) == question


def test_the_same_question_word_makes_a_follow_up_only_after_the_like_was_asked() -> None:
    asked = "创新平台打算新增多少？"
    assert standalone_question(asked, [TAX]) == asked


def test_requirements_are_asked_of_a_meeting_only_after_one() -> None:
    asked = "安全稳定方面提了什么要求？"
    assert standalone_question(asked, [TAX]) == asked


def test_earlier_follow_ups_are_completed_before_they_give_a_topic() -> None:
    typed = [Exchange("许昌2023年高新技术企业有多少家？", "473家。"), Exchange("那长葛呢？", "52家。")]
    assert standalone_question("2020年呢？", typed) == "长葛2020年高新技术企业有多少家？"


def test_a_long_conversation_does_not_pile_up_its_follow_ups() -> None:
    history = [GARDENS]
    for asked in ("农贸市场又建了几个？", "一共花了多少钱？", "目前完工了几处？", "总投资多少？"):
        history.append(Exchange(standalone_question(asked, history), ""))
    assert standalone_question("还要多少钱？", history).startswith("长葛2020年新建了绿地游园，")
    assert len(history[-1].question) < 50


def test_a_completed_english_follow_up_gives_its_topic_on() -> None:
    first = standalone_question("Total investment?", [PROJECTS_EN])
    second = standalone_question("And who signed them?", [PROJECTS_EN, Exchange(first, "31.5 billion.")])
    assert second == "The projects that Changge signed in 2020: and who signed them?"


def test_characters_of_both_scripts_do_not_change_the_script_of_the_conversation() -> None:
    assert (
        standalone_question("全省一共才多少？", [CITIES_HANT]) == "許昌2023年新增公辦學位，全省一共才多少？"
    )


def test_a_question_of_who_or_when_gives_its_occasion_as_the_topic() -> None:
    for previous in ("许昌市委全会是哪天召开的？", "许昌市委全会由谁主持？", "许昌市委全会是谁主持的？"):
        completed = standalone_question("都有哪些人参加？", [Exchange(previous, "")])
        assert completed == "许昌市委全会，都有哪些人参加？"


@pytest.mark.parametrize(
    ("asked", "topic"),
    [
        ("How many parks did Changge build?", "The parks that Changge built"),
        ("How many permits did Xuchang carry over?", "The permits that Xuchang carried over"),
        ("How many plans did Xuchang approve?", "The plans that Xuchang approved"),
        ("How many trips did Xuchang plan?", "The trips that Xuchang planned"),
        ("How many 5G stations will Changge add?", "The 5G stations that Changge will add"),
        (
            "How many books did the mobile library bring to Donghu?",
            "The books that the mobile library brought to Donghu",
        ),
        ("How much tax do Changge's two clusters pay?", "The tax that Changge's two clusters pay"),
        ("How much did Changge invest in its schools?", "What Changge invested in its schools"),
        ("When did the library open?", "The library opened"),
        ("Which firms were the city's largest?", "The firms that were the city's largest"),
    ],
)
def test_an_english_topic_is_a_phrase_that_reads_on(asked: str, topic: str) -> None:
    assert standalone_question("Why?", [Exchange(asked, "")]) == f"{topic}: why?"
