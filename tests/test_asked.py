"""What a question asks for: a number, a time, so many things, whether, several answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.asked import Asked, read_question
from rag.units import asked_dimension

KINDS = ("number", "time", "day", "person", "yes_or_no", "parts")
WORDS = [
    *("谁", "誰", "哪", "几", "幾", "第几", "哪八个", "什么", "多少", "是否", "吗？", "吧", "分别", "各多少"),
    *(
        "“十四五”",
        "“三个",
        "「九大",
        "”",
        "个字",
        "项",
        "两",
        "10",
        "１２",
        "٣",
        "年",
        "月",
        "主办",
        "叫什么名字",
    ),
    *("how many ", "Who ", "which day ", "Can you ", ", right?", "\n", "　"),
]


def kinds(question: str) -> set[str]:
    asked = read_question(question)
    return {kind for kind in KINDS if getattr(asked, kind)}


# How many, how much.


@pytest.mark.parametrize(
    "question",
    [
        "长葛市食品行业产销对接会现场签约合同金额是多少？",
        "2023年許昌替多少戶人家做了適老化改造？",
        "许昌 2023 新建绿色矿山 目标几个",
        "2023年许昌市中心要新添几公里绿道",
        "新增幾家高新技術企業？",
        "许昌 2022年全年 GDP增速 百分之几",
        "How many urban greening projects did Xuchang plan for 2023?",
        "HOW MUCH did the contracts come to?",
        "食品行业产销对接会 现场签约合同金额",
        "2023年許昌新增城鎮就業人數？",
        "魏都区森林覆盖率是",
    ],
)
def test_a_number_is_asked_for(question: str) -> None:
    assert read_question(question).number


@pytest.mark.parametrize(
    "question",
    [
        "3月13日的重点工作周交办会议是第几次？",  # the third is not how many
        "许昌的常务副市长是哪几位？",
        "哪几家企业作了产品推介？",
        "許昌想把自己打造成哪三種旅遊目的地？",
        "How did the library reach the compound?",
    ],
)
def test_no_number_is_asked_for(question: str) -> None:
    assert not read_question(question).number


def test_some_ten_kilometres_ask_for_no_number() -> None:
    asked = read_question("徒步十几公里给人送药的护士是谁？")
    assert asked.person
    assert not asked.number
    assert asked.unit is None
    assert read_question("徒步几公里？").number


@pytest.mark.parametrize("question", ["他今年三十几岁？", "会议是十几号召开的？", "捐款的人里谁最多？"])
def test_how_old_which_day_and_who_are_asked_for(question: str) -> None:
    asked = read_question(question)
    assert asked.number or asked.person


def test_how_many_years_is_a_number() -> None:
    for question in ("元世祖在位几年？", "工程要在几年内完成？"):
        assert read_question(question).number, question
        assert not read_question(question).time, question


# When.


@pytest.mark.parametrize(
    "question",
    [
        "《全力以赴拼经济 铆足干劲开新局》是哪天登出来的？",
        "長葛市委十三屆十一次全會是哪一天開的？",
        "共青团禹州市委的育婴和产后护理班是几月几号开的？",
        "許昌市委八屆六次全會是幾月幾號召開的？",
        "会议是几月几日召开的？",
        "On which day was the conference held?",
        "What date was the meeting?",
    ],
)
def test_a_day_is_asked_for(question: str) -> None:
    assert read_question(question).day


@pytest.mark.parametrize(
    "question",
    [
        "许昌地铁2号线什么时候开通？",
        "许昌新一轮的儿童发展规划管到哪一年？",
        "長葛二高教學樓何時建好？",
        "When will line 2 of the metro open?",
    ],
)
def test_of_a_time_a_year_or_a_month_is_enough(question: str) -> None:
    asked = read_question(question)
    assert asked.time
    assert not asked.day


@pytest.mark.parametrize("question", ["许昌地铁2号线的票价是多少？", "3月13日的会议谁参加了？"])
def test_a_number_of_a_line_or_a_date_is_no_question_about_time(question: str) -> None:
    assert not kinds(question) & {"time", "day"}


@pytest.mark.parametrize(
    "question", ["慈禧太后出生于西元几年？", "杜充在几年接任东京留守？", "他生於西元幾年?"]
)
def test_which_year_may_be_asked_by_counting(question: str) -> None:
    asked = read_question(question)
    assert asked.time
    assert not asked.number


@pytest.mark.parametrize(
    "question",
    [
        "图书馆营业时间",  # from one hour to another
        "活动持续时间",
        "基础教育攻坚要多长时间",
        "如何提高办事效率",
        "怎样增加农民收入",
        "哪些措施带动了农民收入",
        "为什么推迟开工时间",
    ],
)
def test_what_only_ends_like_keywords_asks_for_no_figure_and_no_time(question: str) -> None:
    assert kinds(question) & {"number", "time"} == set()


# So many things.


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("許昌想把自己打造成哪三種旅遊目的地？", 3),
        ("许昌要打造的“五个强市”具体是哪五个？", 5),
        ("“两个确保”是哪两个？", 2),
        ("厂里有点官司想问问，一个星期里挑哪两天去好？", 2),
        ("会议部署了哪10项工作？", 10),
        ("會議部署了哪１２項工作？", 12),
        ("2024年許昌要抓牢的「九大行動」，分別叫什麼？", 9),
        ("基层党建“五个一”工作推进机制 具体五项", 5),
        ("王幸福说的“四个深化”是什么？", 4),
        ("尹俊营讲话里的“三不相信”精神是什么？", 3),
    ],
)
def test_so_many_things_are_asked_for(question: str, count: int) -> None:
    assert read_question(question).items == count


@pytest.mark.parametrize(
    "question",
    [
        "“十四五”规划具体包括哪些内容？",  # the name of a five-year plan
        "按2021年政府工作报告，“十三五”期间有哪些成绩？",
        "「十四五」規劃分別提出了什麼？",
        "许昌经开区2023年经济工作的主题是哪八个字？",  # eight characters are one thing
        "6月3日的會議把哪項改革當成全面深化改革的「一號工程」？",
        "图书流动车开进了哪一个小区？",
        "哪1项改革是“一号工程”？",
        "“五个强市”的目标要投入多少亿元？",  # nobody asks for the five
        "市委全会是哪一天开的？",
        "哪几家企业作了产品推介？",
    ],
)
def test_no_certain_number_of_things_is_asked_for(question: str) -> None:
    assert read_question(question).items is None


def test_a_name_with_a_number_in_it_asks_for_one_thing_where_one_is_asked_for() -> None:
    assert read_question("“四·五天安门事件”在哪一年爆发？").items is None
    assert read_question("“四项机制”具体包括哪些？").items == 4


def test_of_a_longer_number_no_part_counts_things() -> None:
    assert read_question("「第168場演唱會」具體叫什麼？").items is None


# Whether.


@pytest.mark.parametrize(
    "question",
    [
        "2022年12月28日的许昌市委经济工作会议是不是市长刘涛主持的？",
        "2023年许昌中心城区的园林绿化项目，是要求3月31日以前大部分完工吧？",
        "听说2023年许昌“上云”的企业都破10万家了，是真的吧？",
        "石喜萍在禹州那个培训班上学的是电焊，没错吧？",
        "這場會議是市長劉濤主持的嗎？",
        "会议是否提到了地铁",
        "有没有提到票价？",
        "The reform has to be finished by the end of September, right?",
        "Liu Tao chaired the meeting, didn't he?",
        "Did Liu Tao chair the meeting?",
        "Was it the mayor?",
        "Is the meeting over?",
        "Can the company keep its land?",
    ],
)
def test_whether_something_is_so_is_asked(question: str) -> None:
    assert read_question(question).yes_or_no


@pytest.mark.parametrize(
    "question",
    [
        "会议是否明确了什么目标？",
        "有没有说是谁主持的会议？",
        "你知道许昌市长是谁吗？",
        "能不能告诉我签约金额是多少？",
        "會議有沒有說哪天完工？",
        "你们为什么要学习吧台经济？",
        "Can you tell me who chaired the meeting?",
        "Do you know how many projects were planned?",
        "What did the meeting decide?",
        "Which island is it?",
    ],
)
def test_a_question_word_makes_it_more_than_yes_or_no(question: str) -> None:
    assert not read_question(question).yes_or_no


# Several answers.


@pytest.mark.parametrize(
    "question",
    [
        "长葛2020年上半年和2021年上半年的生产总值各是多少？",
        "许昌的常务副市长，2022年12月和2023年3月分别是谁？",
        "2022年和2023年新增就業各有多少？",
        "2021年要培育成多少亿级的集群？2023年全行业一年实际卖多少？",
        "“无废城市”试点任务 年中定的要完成几项 全年实际完成几项",
        "采写《掌握技能好就业》的本报记者是谁？这位记者2023年3月又报道了哪位副市长去调研？",
        "How many kilometres of greenway and how many mu of green land?",
        "What was the GDP in 2020 and 2021, respectively?",
        "What share of spending went to people's livelihood in the first half, and what share in the whole of 2020?",
    ],
)
def test_several_answers_are_asked_for(question: str) -> None:
    assert read_question(question).parts


@pytest.mark.parametrize(
    "question",
    [
        "长葛2020年上半年的生产总值是多少？",
        "哪几家企业各自的产品最多？",
        "3月13日的周交办会议是第几次，多少人参加？",
        "图书流动服务车开进了哪个小区？那一天有多少册图书？",
        "How many urban greening projects did Xuchang plan for 2023?",
        "What did the mayor say and do at the meeting?",
        "What is the company's main product and who is its founder?",
        "What is the name of the river that rises in Qinghai and which flows through Henan?",
    ],
)
def test_one_answer_is_enough(question: str) -> None:
    assert not read_question(question).parts


def test_some_ten_firms_are_no_second_answer_that_is_asked_for() -> None:
    assert not read_question("十几家企业签约合同金额是多少？").parts
    assert asked_dimension("徒步十几公里给人送药的护士是谁？") is None


# Whatever is asked.


@pytest.mark.parametrize("question", ["", "？", "许昌", "那农村劳动力转移就业的呢？", "Xuchang"])
def test_what_asks_for_nothing_certain_asks_for_nothing(question: str) -> None:
    assert read_question(question) == Asked()


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("谁主持了会议？", "誰主持了會議？"),
        ("新增几户？", "新增幾戶？"),
        ("“九大行动”分别叫什么？", "「九大行動」分別叫什麼？"),
        ("会议是几月几号开的？", "會議是幾月幾號開的？"),
        ("会议是刘涛主持的吗？", "會議是劉濤主持的嗎？"),
        ("两年各有多少家？", "兩年各有多少家？"),
    ],
)
def test_the_script_makes_no_difference(simplified: str, traditional: str) -> None:
    assert read_question(simplified) == read_question(traditional)
    assert read_question(simplified) != Asked()


@given(st.text() | st.lists(st.sampled_from(WORDS)).map("".join))
def test_any_text_is_read(text: str) -> None:
    asked = read_question(text)
    assert asked.items is None or asked.items > 1
    assert asked == read_question(f"  {text}\n")


def test_what_something_is_meant_for_is_a_reason() -> None:
    assert read_question("图书流动服务车进小区，图的是个啥呀？").explanation
    assert read_question("开展这个活动图个什么？").explanation
    assert not read_question("图书馆有多少册书？").explanation
