from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from fakes import ScriptedGenerator
from hypothesis import example, given
from hypothesis import strategies as st

from rag.conversation import Exchange, standalone_question
from rag.errors import GeneratorError
from rag.generators.base import Message, TextStream

GOLD = [
    json.loads(line)
    for line in (Path(__file__).parent / "gold" / "seeds.jsonl").read_text(encoding="utf-8").splitlines()
]

JOBS = Exchange("许昌市2023年新增城镇就业多少人？", "2023年许昌市新增城镇就业5.04万人[1]。")
EXAM = Exchange("2020年长葛高考一本上线多少人？", "2020年长葛全市一本上线709人[44]。")
MEETING = Exchange("谁主持了6月3日的全市领导干部会议？", "市委书记史根治主持[2]。")
FAIR = Exchange("长葛市食品行业产销对接会现场签约合同金额是多少？", "现场签约合同金额为3400万元。")
METRO = Exchange("许昌地铁2号线什么时候开通？", "资料中没有找到这个问题的答案。")
GREENING = Exchange("今年中心城区计划实施多少个园林绿化项目？", "62项[1]。")
PEOPLE = Exchange("长葛的人口是多少？", "资料中没有找到这个问题的答案。")
CONFERENCE = Exchange("2022年12月28日的许昌市委经济工作会议是谁主持的？", "史根治主持[1]。")
COMPANY = Exchange("长葛天健食品的总经理叫什么？", "袁高磊[1]。")
SECRETARY = Exchange("许昌市委书记史根治在会上讲了什么？", "讲了经济工作[1]。")
VILLAGE = Exchange("长葛市后河镇王买村有多少人？", "资料中没有找到这个问题的答案。")
TOWN = Exchange("长葛的大周镇要争创全国千强镇的多少强？", "100强[1]。")
TWO_CITIES = Exchange("许昌和长葛2020年的高新技术企业各有多少家？", "分别是400家和90家。")
TWO_YEARS = Exchange("长葛2020年上半年和2021年上半年的生产总值各是多少？", "367亿元和380亿元。")
TWO_LEADERS = Exchange("谁出席了市委经济工作会议？", "市委书记史根治、市长刘涛出席[1]。")
REPORT = Exchange("尹俊营讲话里的“三不相信”精神是什么？", "不相信有完成不了的任务。")
GDP_HANT = Exchange("許昌市2023年的地區生產總值是多少億元？", "資料中沒有找到這個問題的答案。")
GREENING_EN = Exchange("How many urban greening projects did Xuchang plan for 2023?", "62 [1].")
GDP_EN = Exchange("What was Changge's GDP?", "781亿 [1].")
MEETING_EN = Exchange(
    "Who chaired the meeting of 3 June in Xuchang?", "Party Secretary 史根治 chaired it [1]."
)
MAYOR_EN = Exchange(
    "Which vice mayor inspected Xuchang's landscaping projects on 13 March 2023?", "Yang Zhaohui [1]."
)
MAYOR_TOPIC = "The vice mayor that inspected Xuchang's landscaping projects on 13 March 2023"
HISTORIES = [JOBS, EXAM, MEETING, FAIR, METRO, TWO_CITIES, REPORT, GREENING_EN, MAYOR_EN]


@pytest.mark.parametrize(
    ("previous", "asked", "expected"),
    [
        # another year
        (JOBS, "那2022年呢？", "许昌市2022年新增城镇就业多少人？"),
        (JOBS, "2022年？", "许昌市2022年新增城镇就业多少人？"),
        (JOBS, "那2023年上半年呢？", "许昌市2023年上半年新增城镇就业多少人？"),
        (EXAM, "二〇一九年呢", "二〇一九年长葛高考一本上线多少人？"),
        (PEOPLE, "那2020年呢？", "2020年长葛的人口是多少？"),
        (GREENING, "2022年呢？", "2022年中心城区计划实施多少个园林绿化项目？"),
        (JOBS, "and in 2020?", "许昌市2020年新增城镇就业多少人？"),
        (GREENING_EN, "and in 2020?", "How many urban greening projects did Xuchang plan for 2020?"),
        (GREENING_EN, "What about 2019?", "How many urban greening projects did Xuchang plan for 2019?"),
        (CONFERENCE, "那2023年呢？", "2023年的许昌市委经济工作会议是谁主持的？"),
        (GDP_EN, "And in 2020?", "What was Changge's GDP in 2020?"),
        # another place
        (JOBS, "那长葛市呢？", "长葛市2023年新增城镇就业多少人？"),
        (EXAM, "禹州呢？", "2020年禹州高考一本上线多少人？"),
        (JOBS, "那曲市呢？", "那曲市2023年新增城镇就业多少人？"),
        (JOBS, "那全省呢？", "全省2023年新增城镇就业多少人？"),
        (JOBS, "那長葛呢？", "長葛2023年新增城鎮就業多少人？"),
        (GDP_HANT, "那长葛市呢？", "长葛市2023年的地区生产总值是多少亿元？"),
        (GDP_HANT, "那2022年呢？", "許昌市2022年的地區生產總值是多少億元？"),
        (PEOPLE, "許昌呢？", "許昌的人口是多少？"),
        (TOWN, "那后河镇呢？", "长葛的后河镇要争创全国千强镇的多少强？"),
        (TOWN, "那後河鎮呢？", "長葛的後河鎮要爭創全國千強鎮的多少強？"),
        (GREENING_EN, "what about Changge?", "How many urban greening projects did Changge plan for 2023?"),
        # both
        (JOBS, "那2022年长葛的呢？", "长葛2022年新增城镇就业多少人？"),
        # something of the same shape
        (EXAM, "那二本呢？", "2020年长葛高考二本上线多少人？"),
        (MEETING, "那3月10日的呢？", "谁主持了3月10日的全市领导干部会议？"),
        (METRO, "那3号线呢？", "许昌地铁3号线什么时候开通？"),
        (JOBS, "那农村劳动力转移就业的呢？", "许昌市2023年农村劳动力转移就业多少人？"),
        # another measure
        (JOBS, "增长率呢？", "许昌市2023年新增城镇就业的增长率是多少？"),
        (JOBS, "那增长率是多少？", "许昌市2023年新增城镇就业的增长率是多少？"),
        (JOBS, "2022年的增长率呢？", "许昌市2022年新增城镇就业的增长率是多少？"),
        (PEOPLE, "面积呢？", "长葛的面积是多少？"),
        (GREENING, "面积呢？", "今年中心城区计划实施园林绿化项目，面积是多少？"),
        # a part of it
        (FAIR, "其中签约的有多少？", "长葛市食品行业产销对接会现场签约合同金额，其中签约的有多少？"),
        (EXAM, "那女生呢？", "2020年长葛高考一本上线，那女生呢？"),
        # pronouns
        (MEETING, "他还讲了什么？", "6月3日的全市领导干部会议，史根治还讲了什么？"),
        (MEETING, "他還講了什麼？", "6月3日的全市領導幹部會議，史根治還講了什麼？"),
        (MEETING, "他是哪年上任的？", "史根治是哪年上任的？"),
        (REPORT, "他是哪年上任的？", "尹俊营是哪年上任的？"),
        (MEETING_EN, "When did he become secretary?", "When did 史根治 become secretary?"),
        (MAYOR_EN, "What else did he say?", "What else did Yang Zhaohui say?"),
        (PEOPLE, "它的面积是多少？", "长葛的面积是多少？"),
        (JOBS, "该市有多少所学校？", "许昌市有多少所学校？"),
        (JOBS, "那里的市长是谁？", "许昌市的市长是谁？"),
        (METRO, "它的票价是多少？", "许昌地铁2号线的票价是多少？"),
        (EXAM, "这比上一年多了几个？", "2020年长葛高考一本上线比上一年多了几个？"),
        # continuation
        (JOBS, "为什么？", "许昌市2023年新增城镇就业，为什么？"),
        (MEETING, "谁参加了？", "6月3日的全市领导干部会议，谁参加了？"),
        (MEETING, "在哪里？", "6月3日的全市领导干部会议，在哪里？"),
        (MEETING, "還有呢？", "誰主持了6月3日的全市領導幹部會議，還有呢？"),
        (JOBS, "同比增长多少？", "许昌市2023年新增城镇就业同比增长多少？"),
        (GREENING_EN, "Why?", "The urban greening projects that Xuchang planned for 2023: why?"),
        (MEETING_EN, "When was that?", "The meeting of 3 June in Xuchang: when was that?"),
    ],
)
def test_a_follow_up_is_completed_from_the_previous_question(
    previous: Exchange, asked: str, expected: str
) -> None:
    assert standalone_question(asked, [previous]) == expected


@pytest.mark.parametrize(
    ("previous", "asked", "expected"),
    [
        (JOBS, "去年呢？", "许昌市2023年新增城镇就业，去年呢？"),
        (TWO_CITIES, "那禹州呢？", "许昌和长葛2020年的高新技术企业，那禹州呢？"),
        (TWO_YEARS, "2019年呢？", "长葛2020年上半年和2021年上半年的生产总值，2019年呢？"),
        (COMPANY, "那禹州呢？", "长葛天健食品的总经理，那禹州呢？"),
        (SECRETARY, "那长葛市呢？", "许昌市委书记史根治在会上讲了，那长葛市呢？"),
        (VILLAGE, "禹州市呢？", "长葛市后河镇王买村，禹州市呢？"),
        (MAYOR_EN, "and in 2022?", f"{MAYOR_TOPIC}: and in 2022?"),
        (MEETING_EN, "and his deputy?", "The meeting of 3 June in Xuchang: and his deputy?"),
        (TWO_LEADERS, "他讲了什么？", "市委经济工作会议，他讲了什么？"),
        (MEETING, "她呢？", "6月3日的全市领导干部会议，她呢？"),
        (JOBS, "what about Changge?", "许昌市2023年新增城镇就业: what about Changge?"),
    ],
)
def test_where_the_choice_would_be_a_guess_the_follow_up_stays_beside_the_topic(
    previous: Exchange, asked: str, expected: str
) -> None:
    assert standalone_question(asked, [previous]) == expected


@pytest.mark.parametrize(
    "question",
    [gold["question"] for gold in GOLD if gold["type"] != "followup"],
    ids=lambda question: question[:20],
)
def test_gold_questions_stand_alone(question: str) -> None:
    for exchange in HISTORIES:
        assert standalone_question(question, [exchange]) == question


@pytest.mark.parametrize(
    ("gold_id", "expected"),
    [
        ("seeds-022", "许昌市2023年农村劳动力转移就业多少人？"),
        ("seeds-032", "长葛市食品行业产销对接会，展示品鉴搞完以后，客商又签了多少购销合同？"),
        ("seeds-081", "2020年长葛高考一本上线比上一年多了几个？"),
        ("seeds-115", "2023年许昌中心城区计划实施园林绿化项目，加起来能多出多少亩绿地？"),
        ("seeds-130", "6月3日的許昌全市領導幹部會議，具體工作又是誰部署的？"),
        ("seeds-135", "长葛两个产业集聚区的亩均税收，全省平均才多少？"),
    ],
)
def test_gold_follow_ups(gold_id: str, expected: str) -> None:
    gold = next(gold for gold in GOLD if gold["id"] == gold_id)
    history = [Exchange(**exchange) for exchange in gold["history"]]
    assert standalone_question(gold["question"], history) == expected


@pytest.mark.parametrize(
    "question",
    [
        "那曲市的常住人口是多少？",
        "那英是哪里人？",
        "那坡县有多少人口？",
        "那达慕大会什么时候举行？",
        "那些年我们一起追的女孩是谁演的？",
        "那篇讲许昌全力拼经济的网页，责任编辑是哪位？",
        "这几年许昌市的经济增长了多少？",
        "这次人口普查许昌有多少人？",
        "这边风景独好是谁说的？",
        "其他市领导有谁参加了6月3日的会议？",
        "其实许昌的支柱产业是什么？",
        "应该怎样推进城市更新？",
        "该怎么申请技能培训补贴？",
        "我市今年计划实施多少个园林绿化项目呢？",
        "2022年许昌的GDP是多少呢？",
        "许昌市2022年新增城镇就业呢？",
        "许昌呢绒厂什么时候建成？",
        "谁是史根治？",
        "许昌在哪里？",
        "为什么许昌要打造五个强市？",
        "什么是增长率？",
        "什么时候召开市委全会？",
        "还有多少个村没有通公交车？",
        "人口最多的城市是哪个？",
        "增长率最高的产业集群是哪个？",
        "他山之石可以攻玉出自哪里？",
        "他汀类药物有哪些？",
        "吉他协会什么时候成立的？",
        "刘涛说他要推进哪些工作？",
        "後河鎮王買村的支書，他叫什麼？",
        "当地时间几点开会？",
        "会议由谁主持？",
        "许昌 2022 绿色矿山",
        "How many projects did Changge sign in 2020?",
        "Is it true that Xuchang plans 62 projects?",
        "How long does it take to get from Xuchang to Zhengzhou?",
        "How many reporters are there in Xuchang?",
        "Which company said it signed 4 million yuan of orders?",
        "How many companies said they would invest?",
        "And what is the population of Changge?",
        "What did Changge do for its schools?",
        "Why did Xuchang rank first?",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question: str) -> None:
    generator = ScriptedGenerator(lambda messages: "许昌市2023年新增城镇就业多少人？")
    for exchange in HISTORIES:
        assert standalone_question(question, [exchange], generator) == question
    assert not generator.calls


def test_only_the_last_exchange_gives_the_topic() -> None:
    assert standalone_question("那2019年呢？", [JOBS, EXAM]) == "2019年长葛高考一本上线多少人？"


def test_a_completed_follow_up_can_be_followed_again() -> None:
    first = standalone_question("那长葛市呢？", [JOBS])
    second = standalone_question("2020年呢？", [JOBS, Exchange(first, "1.4万人。")])
    assert second == "长葛市2020年新增城镇就业多少人？"


def test_an_empty_previous_question_is_no_topic() -> None:
    assert standalone_question("那2022年呢？", [Exchange(" ", "")]) == "那2022年呢？"


def test_what_would_be_too_long_stays_as_asked() -> None:
    long = Exchange("许昌市" + "新增城镇就业" * 170 + "多少人？", "")
    assert standalone_question("为什么？", [long]) == "为什么？"


WORDS = st.sampled_from(
    [
        *"呢？他的和那(\\\n\u2028 ",
        *(
            "该市",
            "许昌市",
            "长葛",
            "2023年",
            "2022年",
            "多少",
            "人口",
            "增长率",
            "史根治",
            "3月10日",
            "二本",
            "[1]",
        ),
        *("what about ", "it ", "he ", " in 2020", "and "),
    ]
)
TEXTS = st.text(max_size=60) | st.lists(WORDS, max_size=12).map("".join)


@example("A", [Exchange("?", "")], "")
@given(TEXTS, st.lists(st.builds(Exchange, TEXTS, TEXTS), max_size=4), TEXTS)
def test_whatever_is_asked_gives_one_short_line(question: str, history: list[Exchange], reply: str) -> None:
    assert standalone_question(question, []) == question
    generator = ScriptedGenerator(lambda messages: reply)
    for completed in (
        standalone_question(question, history),
        standalone_question(question, history, generator),
    ):
        if completed != question:
            assert len(completed.splitlines()) == 1
            assert len(completed) <= 1000
    assert standalone_question(question, history) == standalone_question(question, history)


@pytest.mark.parametrize(
    ("previous", "asked", "reply"),
    [
        (EXAM, "那女生呢？", "2020年长葛高考一本上线的女生有多少人？"),
        (MEETING, "他们说了什么？", "6月3日的全市领导干部会议上，参加会议的领导说了什么？"),
        (
            GREENING_EN,
            "And the area?",
            "What is the area of the urban greening projects Xuchang did plan for 2023?",
        ),
    ],
)
def test_what_the_generator_completes_with_words_of_the_conversation_is_taken(
    previous: Exchange, asked: str, reply: str
) -> None:
    history = [Exchange("哪些领导参加会议？", "史根治参加会议。"), previous]
    assert standalone_question(asked, history, ScriptedGenerator({asked: f" {reply}\n"})) == reply


@pytest.mark.parametrize(
    "reply",
    [
        "2020年长葛高考一本上线300人，女生有多少人？",  # a number that nobody named
        "2020年长葛高考一本上线44人，女生有多少人？",  # the number of a citation
        "2021年长葛高考一本上线的女生有多少人？",  # another year
        "2020年长葛高考一本上线的女生刘慧敏是谁？",  # a name that nobody named
        "2020年禹州高考一本上线的女生有多少人？",  # another place
        "2020年长葛高考一本上线的女生有多少人？\n709人",
        "2020年长葛高考一本上线有多少人？",  # the follow-up is gone
        "那女生呢？",
        "女生有多少人？" + "2020年长葛高考一本上线，女生有多少人？" * 4,
        "",
    ],
)
def test_what_the_generator_makes_up_is_not_taken(reply: str) -> None:
    generator = ScriptedGenerator({"那女生呢？": reply})
    assert standalone_question("那女生呢？", [EXAM], generator) == "2020年长葛高考一本上线，那女生呢？"
    assert len(generator.calls) == 1


def test_a_generator_that_repeats_the_previous_question_is_not_taken() -> None:
    generator = ScriptedGenerator({"那高考呢？": EXAM.question})
    assert standalone_question("那高考呢？", [EXAM], generator) == "2020年长葛高考一本上线，那高考呢？"


def test_a_generator_that_answers_instead_is_not_taken() -> None:
    ranked = Exchange("长葛在全国工业百强县市中排第几？", "第44位。")
    generator = ScriptedGenerator({"这个项目前一年排第几？": "长葛在全国工业百强县市中项目前一年排第44位。"})
    completed = standalone_question("这个项目前一年排第几？", [ranked], generator)
    assert completed == "长葛在全国工业百强县市中，这个项目前一年排第几？"


def test_a_generator_is_asked_only_where_rules_do_not_suffice() -> None:
    generator = ScriptedGenerator({})
    assert standalone_question("那2022年呢？", [JOBS], generator) == "许昌市2022年新增城镇就业多少人？"
    assert not generator.calls


class FailingGenerator(ScriptedGenerator):
    def stream(
        self, messages: Sequence[Message], max_tokens: int, *, grammar: str | None = None
    ) -> TextStream:
        yield "2020年"
        raise GeneratorError("the model's server does not answer")


def test_a_failing_generator_does_not_break_asking() -> None:
    generator = FailingGenerator({})
    assert standalone_question("那女生呢？", [EXAM], generator) == "2020年长葛高考一本上线，那女生呢？"


def test_the_generator_is_shown_the_last_exchange_in_the_script_of_the_follow_up() -> None:
    generator = ScriptedGenerator({"那女學員呢？": ""})
    standalone_question("那女學員呢？", [JOBS, EXAM], generator)
    [messages] = generator.calls
    assert messages[0]["role"] == "system"
    assert "2020年長葛高考一本上線多少人？" in messages[-1]["content"]
    assert "許昌" not in messages[-1]["content"]
    assert "改寫" in messages[0]["content"]
