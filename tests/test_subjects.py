from __future__ import annotations

import pytest

from index.lexical import LexicalIndex
from rag.subjects import (
    is_another_item,
    is_another_thing,
    is_of_another_event,
    is_of_another_phase,
    is_of_another_rank,
    is_of_many,
    is_of_the_whole,
    is_under_another,
    is_what_it_was_before,
    named_things,
)

PROJECTS = "实施总投资48.6亿元的11个城建项目，完成投资17亿元，加快长社路改造。"
SCHOOLS = "颍川路学校、第十五小学开工建设。"
FOOD = "已形成众品集团、紫米食业等龙头企业，带动40家食品企业，全市食品行业全年销售额50亿元以上。"
LEXICAL = LexicalIndex.build([PROJECTS, SCHOOLS, FOOD])


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("长葛颍川路学校建设总投资是多少？", (("颍川路", "学"),)),
        ("東湖社區的圖書流動車開進了哪個小區？", (("东湖", "社"),)),
        ("众品食业股份有限公司一年卖多少？", (("品食业", ""),)),
        # what asks for one, or names none
        ("李婉华毕业于什么学校？", ()),
        ("一共建了几个小区？", ()),
        ("How many schools were built?", ()),
    ],
)
def test_schools_companies_and_the_like_are_known_by_their_names(
    question: str, names: tuple[tuple[str, str], ...]
) -> None:
    assert tuple((thing.name, thing.after) for thing in named_things(question)) == names


def test_a_source_that_has_nothing_of_a_name_that_the_documents_know_is_about_another_thing() -> None:
    asked = "长葛颍川路学校建设总投资是多少？"
    assert is_another_thing(asked, (PROJECTS, "", ""), LEXICAL)
    assert not is_another_thing(asked, (SCHOOLS, "", ""), LEXICAL)
    assert not is_another_thing(asked, (PROJECTS, "", "颍川路建设"), LEXICAL)


def test_what_stands_under_the_name_of_one_is_not_told_of_another() -> None:
    cost = "工程总投资约2亿元。"
    headings = ("许昌北海抽水站启用", "低洼地区排水")
    lexical = LexicalIndex.build([cost, "北海抽水站与七贤抽水站联合运作。", *headings])
    asked = "七賢抽水站的總投資是多少？"
    assert is_under_another(asked, cost, headings, lexical)
    assert not is_under_another(asked, "七贤抽水站总投资1亿元。", headings, lexical)
    assert not is_under_another(asked, cost, ("七贤抽水站启用",), lexical)
    assert not is_under_another(asked, cost, ("颍川路学校开工",), lexical)
    assert not is_under_another("北海抽水站的总投资是多少？", cost, headings, lexical)
    assert not is_under_another(asked, cost, ("加快抽水站建设", "城区新建抽水站"), lexical)
    assert not is_under_another("北孩抽水站的总投资是多少？", cost, headings, lexical)  # misspelt


def test_what_only_stands_before_such_a_word_is_no_name() -> None:
    lexical = LexicalIndex.build([PROJECTS, "会要求加快改造。", "开发区改革。"])
    assert not is_another_thing("2022年6月许昌开会要求开发区改革什么？", (PROJECTS, "", ""), lexical)


def test_a_name_that_no_document_knows_may_be_misspelt() -> None:
    assert not is_another_thing("长葛颖穿路学校建设总投资是多少？", (PROJECTS, "", ""), LEXICAL)


@pytest.mark.parametrize(
    ("question", "said", "of_the_whole"),
    [
        ("What was the sales revenue of Zhongpin Food (众品食业) in 2022?", "50亿元以上", True),
        ("众品集团全年销售额多少？", "全年销售额50亿元以上。", True),
        ("众品集团带动了多少家企业？", "40家", False),
        ("全市食品公司全年销售额多少？", "50亿元以上", False),
        ("食品行业全年销售额多少？", "50亿元以上", False),
    ],
)
def test_what_is_said_of_a_whole_city_is_not_said_of_a_company(
    question: str, said: str, of_the_whole: bool
) -> None:
    assert is_of_the_whole(question, said, FOOD) is of_the_whole


MANY = "大改造项目144个，完成投资168亿元，四达电力石墨基项目完成投资2亿元。"


@pytest.mark.parametrize(
    ("question", "said", "source", "of_many"),
    [
        ("后河镇四达电力的那个石墨基项目一共投了多少钱？", "168亿元", MANY, True),
        ("后河镇四达电力的那个石墨基项目一共投了多少钱？", "2亿元", MANY, False),
        ("大改造项目144个，完成投资多少？", "168亿元", MANY, False),
        ("大改造项目完成投资多少？", "168亿元", MANY, False),
        (
            "“三农”补短板项目库，已经谋划的那些项目总投资是多少？",
            "91亿元",
            "建立“三农”补短板项目库，目前已谋划项目131个，总投资91亿元。",
            False,
        ),
        (
            "百菲萨除尘灰项目总投资多少亿元？",
            "51亿元",
            "32个工业重点项目完成投资51亿元，百菲萨除尘灰项目开工。",
            True,
        ),
        (
            "How much is Befesa (百菲萨) investing?",
            "51亿元",
            "32个工业重点项目完成投资51亿元，百菲萨开工。",
            True,
        ),
        ("长葛完成投资多少亿元？", "51亿元", "32个工业重点项目完成投资51亿元。", False),
    ],
)
def test_what_many_projects_cost_is_not_what_one_does(
    question: str, said: str, source: str, of_many: bool
) -> None:
    assert is_of_many(question, said, source) is of_many


@pytest.mark.parametrize(
    ("question", "source", "another"),
    [
        ("小镇头一期要投多少钱？", "小镇总投资6.5亿元。", True),
        ("小镇一期要投多少钱？", "二期工程投资2.7亿元。", True),
        ("小镇一期要投多少钱？", "一、二期工程分别投资3亿元和5亿元。", False),
        ("项目二期投资多少？", "2期投资3亿元。", False),
        ("项目分三期建设，总投资多少？", "项目总投资30亿元。", False),
        ("面对“三期叠加”，2015年生产总值增长多少？", "生产总值增长9%。", False),
        ("地铁19号线一期有多少个车站？", "全线设10座车站。", False),
        ("在哪一期节目？", "第二期节目播出。", False),
        ("这一期培训班有多少人？", "培训班有30人。", False),
        ("同期增长多少？", "增长9%。", False),
    ],
)
def test_one_phase_of_a_project_is_not_another_nor_the_whole(
    question: str, source: str, another: bool
) -> None:
    assert is_of_another_phase(question, [source]) == another


@pytest.mark.parametrize(
    ("question", "texts", "another"),
    [
        ("一等座要多少钱？", ("二等座票价初步测算为22元。",), True),
        ("一等座要多少钱？", ("一等座35元，二等座22元。",), False),
        ("一审是哪位法官判的？", ("法官俞明轩说，法院不予采纳。", "合同案二审宣判"), True),
        ("一审判了几年？", ("一审判处三年。", "二审宣判"), False),
        ("要多少钱？", ("二等座票价22元。",), False),
        ("一等座要多少钱？", ("票价22元。",), False),
        ("二等奖有多少名？", ("设一、二、三等奖，分别为1名、2名、3名。",), False),
        ("一等座要多少钱？", ("二等座票价200元，一等票价320元。",), False),
    ],
)
def test_a_second_class_or_trial_is_not_the_first(
    question: str, texts: tuple[str, ...], another: bool
) -> None:
    assert is_of_another_rank(question, texts) is another


@pytest.mark.parametrize(
    ("question", "source", "another"),
    [
        ("卸魚區擴建是哪一天動工的？", "卸魚區擴建工程於10月21日啟用。", True),
        ("大桥哪天通车？", "大桥2020年11月8日动工。", True),
        ("大桥哪天通车？", "大桥2020年11月8日动工，计划2023年5月建成通车。", False),
        ("大桥哪天动工？", "大桥9月29日通车，2020年11月8日动工。", False),
        ("会议哪天开的？", "大桥2020年11月8日动工。", False),
        ("1号线什么时候通车？", "1号线2009年6月6日开工，2013年12月28日开通试运营。", False),
        ("水库何时动工？", "水库始建于1958年，1960年建成。", False),
        ("产业园哪天开工的？", "12月18日，产业园正式启动建设，建成后可年产30万套。", False),
    ],
)
def test_when_something_was_begun_is_not_when_it_was_finished(
    question: str, source: str, another: bool
) -> None:
    assert is_of_another_event(question, source) is another


@pytest.mark.parametrize(
    ("question", "said", "before"),
    [
        ("改线之后估计要花多少钱？", "66亿元", True),
        ("改线之后估计要花多少钱？", "73.5亿元", False),
        ("改线后从66亿元变成多少？", "73.5亿元", False),
        ("原来估计要花多少钱？", "66亿元", False),
        ("估计要花多少钱？", "估算投资从66亿元调整到73.5亿元", False),
    ],
)
def test_a_figure_that_was_changed_is_given_as_it_is_now(question: str, said: str, before: bool) -> None:
    source = "绕行后长度由41.3公里增加到44.7公里，估算投资从66亿元调整到73.5亿元，力争明年8月动工。"
    assert is_what_it_was_before(question, said, source) is before


@pytest.mark.parametrize(
    ("question", "said", "source"),
    [
        ("2015年城镇化率是多少？", "47.6%", "城镇化率从2015年的47.6%提高到2020年的53.6%。"),
        ("五年前城镇化率是多少？", "47.6%", "城镇化率从47.6%提高到53.6%。"),
    ],
)
def test_the_first_figure_is_asked_for_with_its_time(question: str, said: str, source: str) -> None:
    assert not is_what_it_was_before(question, said, source)


def test_one_item_of_a_list_does_not_answer_for_a_thing_that_another_names() -> None:
    first = "（一）机械厂宿舍自2023年秋季起划入纸坊小学学区。"
    second = "（二）滨江大道以南的望沔花园，划入第二实验小学学区。"
    asked = "我家买在望沔花园，小孩对口哪所小学？"
    assert is_another_item(asked, first, f"{first}\n{second}")
    assert not is_another_item(asked, second, f"{first}\n{second}")
    assert not is_another_item("机械厂宿舍对口哪所小学？", first, f"{first}\n{second}")
    assert not is_another_item(asked, "小区划入纸坊小学学区。", f"{first}\n{second}")
