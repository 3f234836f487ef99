"""What an answer leaves unsaid of what was asked for, and which sentences may say it."""

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
    "question", ["市十五届人大五次会议闭幕时间", "許昌全市領導幹部會議召開日期？", "招才引智大会的举办时间是"]
)
def test_keywords_ask_for_a_time(question: str) -> None:
    assert read_question(question).time
    assert left_unsaid(read_question(question), question, "会议闭幕") == "a time was asked for"


def test_什么时间_asks_for_a_time() -> None:
    assert read_question("会议什么时间召开？").time
    assert (
        left_unsaid(read_question("他什么时间为好友画像？"), "他什么时间为好友画像？", "画了数幅肖像")
        == "a time was asked for"
    )


@pytest.mark.parametrize(
    "answer",
    ["20世纪中叶。", "金朝", "进入战国时代后", "5时30分", "建文二年", "白垩纪中期", "第二次世界大战时"],
)
def test_a_time_may_be_told_without_a_date(answer: str) -> None:
    question = "这是什么时候开始的？"
    assert left_unsaid(read_question(question), question, answer) is None


@pytest.mark.parametrize("answer", ["市人大代表", "长葛市", "3400万元", "全市领导干部会议"])
def test_what_tells_no_time_is_none(answer: str) -> None:
    question = "这是什么时候开始的？"
    assert left_unsaid(read_question(question), question, answer) == "a time was asked for"


@pytest.mark.parametrize("answer", ["伽利略", "荀子", "雪莱。", "是奥丁。", "由中本聪发明的"])
def test_a_short_new_word_may_be_a_name(answer: str) -> None:
    assert left_unsaid(read_question("这是谁发明的？"), "这是谁发明的？", answer) is None


WHO = "谁获得了女子单人滑金牌？"


@pytest.mark.parametrize(
    "answer",
    [
        "市长。",
        "许昌市",
        "市委宣传部",
        "有关部门",
        "现场的专家",
        "产销对接会",
        "众品集团",
        "3名市民",
        "女子单人滑金牌",
        "这次会议由有关部门负责同志共同主持召开。",
    ],
)
def test_an_office_a_body_or_a_place_is_no_name(answer: str) -> None:
    assert left_unsaid(read_question(WHO), WHO, answer) == "a person was asked for"


def test_reporters_may_be_named_with_spaces() -> None:
    question = "那篇消息署名的是哪两位记者？"
    asked = read_question(question)
    assert asked.person
    assert left_unsaid(asked, question, "王利辉 高伟山") is None
    assert left_unsaid(asked, question, "王利辉") == "2 things were asked for"
    assert read_question("牵头的“俊涛同志”姓什么？").person


def test_several_persons_are_more_than_one() -> None:
    question = "两个会都到场的许昌副市长是哪几位？"
    asked = read_question(question)
    assert left_unsaid(asked, question, "张庆一") == "several answers were asked for"
    assert left_unsaid(asked, question, "卢希望、张飞、杨朝晖") is None


@pytest.mark.parametrize(
    ("question", "answer", "missing"),
    [
        ("2021年计划总数要达到多少家以上？", "70家以上、80家以上、6家以上。", "one figure was asked for"),
        ("2021年计划总数要达到多少家以上？", "70家以上。", None),
        ("签约金额多少？", "3,400万元", None),
        ("完成得怎么样，投资多少？", "投资17亿元、占计划的57.3%。", None),
        ("哪两个数字？", "70家、80家", None),
        ("高新技术企业多少家，占比多少？", "35家、6.6%", None),
    ],
)
def test_figures_side_by_side_do_not_say_which_one_it_is(
    question: str, answer: str, missing: str | None
) -> None:
    assert left_unsaid(read_question(question), question, answer) == missing


@pytest.mark.parametrize(
    ("question", "answer", "missing"),
    [
        ("现场一共办了多少张借阅证？", "一辆载有千余册图书的流动服务车", "something else is counted"),
        ("现场一共办了多少张借阅证？", "办了120张", None),
        ("现场一共办了多少张借阅证？", "120", None),
        ("图书流动服务车载有多少册图书？", "一千余册", None),
        ("多少人参加？", "1426名", None),
    ],
)
def test_books_are_no_answer_to_how_many_cards(question: str, answer: str, missing: str | None) -> None:
    assert left_unsaid(read_question(question), question, answer) == missing


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
    "text", ["新南威尔士殖民地建立于1788", "清朝初年设县", "20世纪90年代以来", "公投在春天举行"]
)
def test_a_sentence_may_tell_a_time_without_a_date(text: str) -> None:
    assert read_question("那是什么时候？").may_stand_in(text)


@pytest.mark.parametrize("text", ["曾为两支球队效力", "占有五分之一", "三次获奖"])
def test_a_sentence_may_hold_a_number_in_words(text: str) -> None:
    assert read_question("一共有多少？").may_stand_in(text)


def test_a_sentence_without_a_town_does_not_say_in_which_one_it_is() -> None:
    asked = read_question("市新殡仪馆要迁到哪个镇？")
    without, named = "完成市新殡仪馆迁建及配套项目建设。", "市新殡仪馆迁往石固鎮。"
    assert asked.cannot_stand_in(without)
    assert not asked.may_be_answered_from(without, "市新殡仪馆", "")
    assert not asked.cannot_stand_in(named)
    assert not read_question("市新殡仪馆何时完成？").cannot_stand_in("2021年完成市新殡仪馆迁建。")


def test_words_of_a_source_are_found_in_either_script() -> None:
    question = "哪位議員沒有參與表決？"
    source = "湯家輝議員申報利益，沒有參與表決。"
    assert read_question(question).may_be_answered_from(source, "汤家辉", question)


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


@pytest.mark.parametrize(
    ("answer", "somebody"), [("船長為意大利人", False), ("河南人", False), ("馬可", True)]
)
def test_where_somebody_comes_from_is_not_who_it_is(answer: str, somebody: bool) -> None:
    question = "首航的「海上星辰號」船長叫甚麼名字？"
    assert (left_unsaid(read_question(question), question, answer) is None) is somebody


def test_three_things_that_are_asked_for_respectively_need_no_figures() -> None:
    question = "许昌2024年说要做强的三个产业分别是？"
    assert left_unsaid(read_question(question), question, "锂电材料、绿色食品、文旅康养") is None
    assert left_unsaid(read_question(question), question, "锂电材料") == "several answers were asked for"
