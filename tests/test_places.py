from __future__ import annotations

import pytest

from rag.places import (
    cities,
    city_left_unsaid,
    is_elsewhere,
    is_of_another_city,
    is_of_the_wider_place,
    is_under_another_city,
    small_places,
    tells_of_another_place,
)


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("大周鎮的黨委書記是哪一位？", {"大周"}),
        ("石固镇和大周镇的产值各是多少？", {"石固", "大周"}),
        ("鄢陵县陈化店镇有多少贫困户？", {"陈化店"}),
        # cities and counties, and words that only end alike
        ("长葛市的书记是谁？", set()),
        ("2020年新农村建设投了多少？", set()),
        ("乡镇卫生院改造了多少家？", set()),
        ("老师如果下乡去教书，每月补多少？", set()),
        ("柴郡的第一大镇叫什么？", set()),
        ("哪个村实施了乡村振兴战略？", set()),
        ("Who is the secretary of Dazhou town?", set()),
    ],
)
def test_towns_and_villages_are_known_by_their_names(question: str, places: set[str]) -> None:
    assert small_places(question) == places


def test_a_text_is_about_a_town_that_it_names_in_either_script() -> None:
    assert is_elsewhere("大周镇的书记是谁？", ("市委书记尹俊营", "在市委全会上的讲话"))
    assert not is_elsewhere("大周镇的书记是谁？", ("书记张三", "大周鎮黨委工作報告"))
    assert not is_elsewhere("长葛市的书记是谁？", ("市委书记尹俊营",))


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("襄城县2020年上半年一般公共预算收入完成多少？", ("襄城",)),
        ("許昌市襄城縣有多少人？", ("襄城",)),
        ("2023年石陂县跟永桐县的GDP哪个大？", ("石陂", "永桐")),
        ("许昌党政考察团去洛阳市考察学习，会上加了哪些议程？", ("许昌", "洛阳")),
        ("2022年底许昌市政府的秘书长叫什么名字？", ("许昌",)),
        ("許昌全市（不是長葛）有多少家高新技術企業？", ("许昌",)),
        ("河南省许昌市的市长是谁？", ("许昌",)),
        ("What was Changshu's GDP in the first half of 2020?", ("常熟",)),
        ("How many projects did Changge and Xi'an sign?", ("长葛", "西安")),
        ("Which company in Suzhou signed?", ()),  # 苏州 or 宿州
        ("When was Xuchang University founded?", ()),
        ("What did Liu Jian say about Debian and Futian?", ()),
        ("Lanzhou, Shenyang and Luohe", ("兰州", "沈阳", "漯河")),
        # what is only called after a place, and offices
        ("北京大学和南京路在哪里？", ()),
        ("河南日报几号发的稿？", ()),
        ("常务副市长是谁？", ()),
        ("专访市委统战部副部长王幸福的是哪位记者？", ()),
        ("哪个区最大？“五个强市”是什么？", ()),
        ("哪五种病可以在许昌、漯河、长葛跨市直接结算？", ("许昌", "漯河", "长葛")),
        ("许昌晨报几号发的稿？", ()),
    ],
)
def test_cities_and_counties_are_known_by_their_names(question: str, named: tuple[str, ...]) -> None:
    assert cities(question) == named


REPORT = "长葛市今年上半年……" * 20 + "襄城县也来学习。"
BUDGET = ("一般公共预算收入完成18.3亿元，增长6.6%；", "在市委全会上的讲话")


def test_a_report_on_one_city_is_not_about_one_that_it_hardly_names() -> None:
    assert is_of_another_city("襄城县2020年上半年一般公共预算收入完成多少？", BUDGET, REPORT)
    assert is_of_another_city("洛阳市2020年上半年一般公共预算收入完成多少？", BUDGET, REPORT)
    assert not is_of_another_city("长葛市2020年上半年一般公共预算收入完成多少？", BUDGET, REPORT)
    assert not is_of_another_city("2020年上半年一般公共预算收入完成多少？", BUDGET, REPORT)
    assert is_of_another_city("What was Changshu's budget revenue in the first half of 2020?", BUDGET, REPORT)
    assert not is_of_another_city(
        "What was Changge's budget revenue in the first half of 2020?", BUDGET, REPORT
    )


def test_a_passage_that_names_the_city_is_about_it_and_a_document_that_names_none_may_be() -> None:
    asked = "襄城县预算收入多少？"
    assert not is_of_another_city(asked, ("襄城縣完成18.3億元", ""), REPORT)
    assert not is_of_another_city(asked, BUDGET, "一般公共预算收入完成18.3亿元，增长6.6%；")


def test_a_short_article_is_about_the_city_of_its_headline() -> None:
    headings = ("鹽埕北斗抽水站啟用 高雄強化低窪地區排水",)
    article = f"{headings[0]}。工程总经费约2亿元。"
    asked = "臺南捷運藍線的工程總經費要多少？"
    assert is_under_another_city(asked, headings, article)
    assert is_under_another_city("How much did Changde spend?", headings, article)
    assert not is_under_another_city("高雄北斗抽水站的總經費要多少？", headings, article)
    assert not is_under_another_city("北斗抽水站的總經費要多少？", headings, article)
    assert not is_under_another_city(asked, headings, f"{article}臺南捷運也開工。")
    assert not is_under_another_city(asked, ("捷運開工",), article)


def test_a_county_is_called_by_its_city_as_well_and_a_headline_may_name_no_city() -> None:
    bulletin = "鄢陵县2022年统计公报"
    assert not is_under_another_city(
        "许昌鄢陵县2022年常住人口多少？", (bulletin,), f"{bulletin}。人口59万人。"
    )
    clearing = "棚户区改造提速 示范区先行"
    assert not is_under_another_city("2022年许昌棚户区改造开工多少套？", (clearing,), f"{clearing}。5300套。")


@pytest.mark.parametrize("text", ["位于都市圈的核心区", "平台南侧的公园", "适宜都市人居住", "創新發展模式"])
def test_no_city_is_cut_out_of_other_words(text: str) -> None:
    assert cities(text) == ()


def test_all_of_a_city_is_not_a_county_of_it() -> None:
    asked = "2022年2月宜昌集中开工那天，宜都市的开工项目总投资是多少？"
    assert is_of_the_wider_place(asked, "同一天，宜昌全市举行集中开工，222个项目总投资991亿元。")
    assert not is_of_the_wider_place(asked, "宜昌全市222个项目开工，宜都有40个项目在列，总投资268.7亿元。")
    assert not is_of_the_wider_place(asked, "40个项目在列，总投资268.7亿元。")
    assert not is_of_the_wider_place("宜昌全市开工项目总投资是多少？", "宜昌全市222个项目总投资991亿元。")
    assert not is_of_the_wider_place("总投资是多少？", "宜昌全市222个项目总投资991亿元。")
    assert not is_of_the_wider_place("许昌市与郑州市签约项目多少个？", "许昌全市签约项目161个。")
    assert not is_of_the_wider_place("长葛市生产总值在许昌市排第几？", "长葛全市总量居第二。")
    assert not is_of_the_wider_place(
        "宜昌全市在宜都动工当天有多少个项目？", "宜昌全市222个项目总投资991亿元。"
    )


def test_a_passage_in_english_names_its_city_in_pinyin() -> None:
    document = "Xuchang is a city in Henan. " * 12
    assert not is_of_another_city("How many projects did Changge sign?", ("Changge signed 15.", ""), document)
    assert not is_of_another_city("长葛签了多少个项目？", ("Changge signed 15 projects.", ""), document)
    assert is_of_another_city("How many projects did Changge sign?", ("It signed 15 projects.", ""), document)


def test_a_document_that_says_how_it_stands_among_the_places_of_a_city_is_not_about_that_city() -> None:
    speech = (
        "全市高新技术企业占许昌总数的三分之一。农民收入位居许昌市前列。主要指标高于全省、许昌平均水平。"
        "高新技术产业增加值偏低，居许昌第9位。" + "长葛市要走在许昌市前列。许昌市委要求。" * 10
    )
    growth = ("市委研究确定了今年的主要经济指标，其中生产总值增长目标为7.5%以上", "紧盯起步开局")
    assert is_of_another_city("许昌市生产总值增长目标是多少？", growth, speech)
    assert not is_of_another_city("长葛市生产总值增长目标是多少？", growth, speech)
    assert not is_of_another_city("生产总值增长目标是多少？", growth, speech)
    assert not is_of_another_city("许昌市占全省多少？", ("我市总量占许昌总数的三分之一", ""), speech)
    assert not is_of_another_city("许昌市生产总值增长目标是多少？", growth, "许昌市委决定。" * 20)
    own = "许昌市第七届人民代表大会。许昌第一高级中学。许昌平均气温15度。全省、许昌市劳动模范。" * 5
    assert not is_of_another_city("许昌市生产总值增长目标是多少？", growth, own)


def test_who_holds_an_office_of_a_city_is_said_where_the_city_is_named() -> None:
    filler = "各县区和市直各部门要抢抓机遇。" * 45
    page = (
        f"许昌市委书记史根治主持会议。{filler}许昌市市长刘涛出席。{filler}禹州市举办技能培训。"
        + "禹州市委" * 5
    )
    report = f"长葛市今年上半年生产总值居许昌市第一位。{filler}" * 5
    chaired = ("市委书记史根治主持并讲话", "全市领导干部会议召开")
    assert is_of_another_city("禹州市委书记是谁？", chaired, page)
    assert is_of_another_city("禹州市的市长叫什么？禹州市长是哪位？", chaired, page)
    assert not is_of_another_city("许昌市委书记是谁？", chaired, page)
    assert not is_of_another_city("禹州市委书记是谁？", ("禹州市委书记黄河主持", ""), page)
    assert not is_of_another_city("禹州的技能培训是谁举办的？", chaired, page)
    assert not is_of_another_city("许昌市长期护理保险报销比例是多少？", chaired, page)
    assert not is_of_another_city("长葛市委书记是谁？", chaired, report + "许昌市" * 5)


REPORT_ON_XUCHANG = ("政府工作报告 2024年1月16日在许昌市第八届人民代表大会第三次会议上", "二、2024年主要目标")


@pytest.mark.parametrize(
    ("question", "sentence", "before", "another"),
    [
        ("襄城县给2024年定的GDP增长目标是百分之几？", "地区生产总值增长6%左右。", "", True),
        ("襄城县给2024年定的GDP增长目标是百分之几？", "襄城县地区生产总值增长6%左右。", "", False),
        ("襄城县给2024年定的GDP增长目标是百分之几？", "增长6%左右。", "襄城县生产总值", False),
        ("許昌市給2024年定的目標是百分之幾？", "地区生产总值增长6%左右。", "", False),
        ("许畅市给2024年定的目标是百分之几？", "地区生产总值增长6%左右。", "", False),  # misspelt
        ("GDP增长目标是百分之几？", "地区生产总值增长6%左右。", "", False),
        ("苏州市的目标是百分之几？", "地区生产总值增长6%左右。", "", True),
        # no cities, and those that one only has to do with
        ("建成区绿化覆盖率是多少？", "城市绿化覆盖率达40.2%。", "", False),
        ("从上海引进的芯片项目投资多少？", "芯片项目投资3亿元。", "", False),
        ("与郑州市的快速路何时通车？", "快速路10月通车。", "", False),
    ],
)
def test_a_report_on_one_place_tells_of_another_only_where_it_names_that(
    question: str, sentence: str, before: str, another: bool
) -> None:
    assert tells_of_another_place(question, (sentence, before), REPORT_ON_XUCHANG) is another
    assert not tells_of_another_place(question, (sentence, before), ("许昌日报 2024年1月16日",))


def test_what_is_told_of_all_the_city_is_not_of_one_of_its_counties() -> None:
    everywhere, page = ("2021年全市加装电梯164部。", "襄城县的投资只增长1.7%。"), ("许昌晚报",)
    county = "现在我代表县人民政府作报告。过去一年，在许昌市委、市政府的领导下，"
    assert not tells_of_another_place(
        "鄢陵县的生产总值是多少？", ("完成120亿元。", ""), ("政府工作报告",), county
    )
    city = "市审计局报告——2024年8月27日在许昌市第七届人大常委会第二十二次会议上"
    audit = ("市本级预算执行情况的审计报告",)
    assert tells_of_another_place("鄢陵县的收入是多少？", ("市本级收入148亿元。", ""), audit, city)
    assert tells_of_another_place("2021年襄城县加装了多少部电梯？", everywhere, page)
    assert not tells_of_another_place("2021年许昌市加装了多少部电梯？", everywhere, page)
    assert not tells_of_another_place("襄城县占全市的多少？", everywhere, page)
    for own in ("全县花木面积达60万亩，是全市最大的花木基地。", "小麦52万亩，占全市的五分之一。"):
        assert not tells_of_another_place("襄城县种了多少亩？", (own, ""), page)
    assert not tells_of_another_place("2021年襄城县加装了多少部电梯？", ("全市164部，襄城县12部。", ""), page)


def test_a_newspaper_of_one_city_does_not_tell_of_another_that_it_does_not_name() -> None:
    page = "琅湾日报 要闻·综合02版 2023年10月21日。全市受灾人口43.7万人，直接经济损失9.24亿元。"
    told = ("直接经济损失9.24亿元。",)
    assert is_of_another_city("台风在定澜市造成的损失有多大？", told, page)
    assert not is_of_another_city("台风在琅湾市造成的损失有多大？", told, page)
    assert not is_of_another_city("台风在定澜市造成的损失有多大？", ("定澜市损失0.87亿元。",), page)
    assert is_of_another_city("台风在定澜市造成的损失有多大？", told, page.replace("日报", "晨報"))
    assert not is_of_another_city("台风在鸥屿县造成的损失有多大？", told, page), (
        "it may be a county of that city"
    )


@pytest.mark.parametrize(
    ("question", "beginning", "city"),
    [
        ("许昌的市中医医院床位是多少？", "13 许昌日报 2024年", "许昌"),
        ("疫情每天新增多少例？", "疫情每日报告", ""),
        ("有多少人??", "??日报 2024年", ""),
        ("文明山庄有多少人？", "关于明山日报的通知", ""),
    ],
)
def test_whose_newspaper_it_is_is_read_from_its_name(question: str, beginning: str, city: str) -> None:
    assert city_left_unsaid(question, "床位750张。", beginning) == city
