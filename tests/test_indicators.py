from __future__ import annotations

import pytest

from rag.indicators import (
    asks_for_a_plan,
    is_another_indicator,
    is_how_many_there_are,
    is_only_planned,
    is_only_preliminary,
    told_as_planned,
)

CLUSTER = "其中,硅碳新材料産業集群規模達到450億元,躋身全省戰略性新興産業集群之列。"
GROSS = "上半年，预计生产总值完成380亿元，增长12%；"


@pytest.mark.parametrize(
    ("question", "source", "another"),
    [
        ("許昌市2023年的地區生產總值是多少億元？", CLUSTER, True),
        ("许昌2023年GDP多少？", CLUSTER, True),
        ("What was Xuchang's gross domestic product?", CLUSTER, True),
        ("长葛2021年上半年的生产总值是多少？", GROSS, False),
        ("What was Changge's GDP?", GROSS, False),
        ("“十四五”末长葛经济总量要到多少？", "经济总量突破1000亿元。", False),
        ("产业集群规模达到多少？", CLUSTER, False),
        ("2020年长葛光出口占了多少？", "进出口总额达到11亿元。", True),
        ("2020年长葛出口多少？", "进出口总值247.8亿元，其中出口181.3亿元。", False),
        ("2020年长葛进出口总额多少？", "进出口总额达到11亿元。", False),
        ("城镇居民人均可支配收入是多少？", "规模以上工业增加值185亿元。", True),
        ("城镇居民人均可支配收入是多少？", "城镇居民人均可支配收入达到33185元。", False),
    ],
)
def test_the_figure_of_an_indicator_stands_with_its_name(question: str, source: str, another: bool) -> None:
    assert is_another_indicator(question, source) == another


@pytest.mark.parametrize(
    ("question", "before", "another"),
    [
        (
            "襄城县2021年的生产总值是多少？",
            "分县区看，长葛市生产总值612.8亿元，增长9.4%；禹州市487.1亿元；",
            False,
        ),
        (
            "襄城县2021年的生产总值是多少？",
            "全市生产总值1698.3亿元。分县区看，长葛市389.5亿元，增长8.8%；",
            False,
        ),
        ("襄城县2021年固定资产投资是多少？", "分县区看，长葛市生产总值612.8亿元，增长9.4%；", True),
        ("襄城县2021年的生产总值是多少？", "固定资产投资增长9%。分县区看，长葛市389.5亿元；", True),
        ("襄城县2021年的生产总值是多少？", "", True),
    ],
)
@pytest.mark.parametrize(
    "source", ["襄城县176.9亿元，增长7.7%。", "襄城县实现176.9亿元。", "襄城县增长7.7%居首。"]
)
def test_a_figure_in_a_list_is_of_what_the_list_began_with(
    question: str, before: str, another: bool, source: str
) -> None:
    assert is_another_indicator(question, source, before) == another


def test_what_the_budget_was_at_first_is_of_what_it_came_to() -> None:
    before = "全市一般公共预算收入101.3亿元，下降3.3%。其中税收收入64.2亿元；非税收入37.1亿元。"
    asked = "2022年一般公共预算收入的年初预算是多少？"
    assert not is_another_indicator(asked, "年初预算为111.1亿元，后调减为101.1亿元。", before)
    assert is_another_indicator(asked, "年初预算为111.1亿元。", "固定资产投资增长9%。")


@pytest.mark.parametrize(
    "source",
    [
        "截至2021年末，全市金融机构存款余额612.8亿元。",
        "实际利用外资12.3亿元。",
        "第一产业35.3亿元。",
        "城镇新增就业12450人。",
        "2021年，长葛市",
    ],
)
def test_only_the_figure_of_a_place_is_one_of_a_list(source: str) -> None:
    assert is_another_indicator("长葛市的生产总值是多少？", source, "2021年，长葛市生产总值增长8.8%。")


def test_the_parts_by_level_are_of_what_the_paragraph_began_with() -> None:
    question = "2017年汀西区的一般公共预算收入是多少？"
    parts = "分级次看，市本级27.15亿元，东陵区19.86亿元，汀西区15.02亿元。"
    income = "全市一般公共预算收入86.42亿元。其中税收收入58.94亿元；非税收入27.48亿元，增长5.4%。"
    assert not is_another_indicator(question, parts, income)
    assert is_another_indicator(question, parts, "全市政府性基金收入63.7亿元。其中土地收入57.2亿元。")
    assert is_another_indicator(question, parts, f"{income}全市政府性基金收入63.7亿元。")
    assert not is_another_indicator(question, parts, f"2017年，{income}")
    assert is_another_indicator(question, parts, "全市一般公共预算收入86亿元。一般公共预算支出210亿元。")


def test_income_alone_is_that_of_the_budget_that_the_heading_names() -> None:
    question, figure = "市本级的一般公共预算收入是多少？", "收入24.3亿元，增长5.1%；支出88.9亿元，增长3.4%。"
    assert not is_another_indicator(question, figure, "", "（二）市本级一般公共预算")
    assert is_another_indicator(question, figure, "", "（四）政府性基金预算执行情况")
    assert is_another_indicator(question, "税收增长5.1%。", "", "（二）市本级一般公共预算收入")


def test_the_money_of_reinforced_dams_is_no_fixed_investment() -> None:
    assert not is_another_indicator("水库除险加固投入多少万元？", "除险加固工程共花费3200万元。")


def test_a_figure_that_names_its_own_indicator_is_of_no_list() -> None:
    before = "长葛市生产总值612.8亿元；"
    assert is_another_indicator("襄城县的生产总值是多少？", "襄城县固定资产投资176.9亿元。", before)


PLAN = "省委省政府即将出台文件，计划将160项省辖市级经济社会管理权限赋予长葛市等9个示范县市。"
DONE = "被省政府赋予156项省辖市级经济社会管理权限。"


@pytest.mark.parametrize(
    ("question", "source", "planned"),
    [
        ("省里最后实际赋予长葛多少项权限？", PLAN, True),
        ("省里最后实际赋予长葛多少项权限？", DONE, False),
        ("铸造业2018年最后做到了多少产值？", "力争铸造产值突破100亿元。", True),
        ("最后一批权限计划赋予多少项？", PLAN, False),
        ("省里计划赋予长葛多少项权限？", PLAN, False),
        ("全年实际完成几项？", "力争完成5项，实际完成7项。", False),
        ("全年实际完成投资多少？", "确保完成投资10亿元。", True),
        ("全年实际完成投资多少？", "预计全年完成投资10亿元。", True),
        ("二期实际是几月动的工？", "二期7月动工，比计划推迟一个月。", False),
    ],
)
def test_a_plan_is_no_answer_to_what_was_done(question: str, source: str, planned: bool) -> None:
    assert is_only_planned(question, source, source) == planned


@pytest.mark.parametrize(
    ("question", "headings", "planned"),
    [
        ("2024年改造了128个老旧小区，没错吧？", ("政府工作报告", "二、2024年重点工作", "（三）民生"), True),
        ("改造了多少个老旧小区？", ("2023年工作情况和2024年工作打算", "二、2024年工作安排"), True),
        ("改造了多少个老旧小区？", ("2023年工作情况和2024年工作打算", "一、2023年工作情况"), False),
        ("改造了多少个老旧小区？", ("重点工作完成情况",), False),
        ("改造了多少个老旧小区？", ("政府工作报告",), False),
        ("2024年改造多少个老旧小区？", ("二、2024年重点工作",), False),
        ("计划改造了多少个老旧小区？", ("二、2024年重点工作",), False),
        ("How many old compounds were renovated in 2023?", ("三、2023年重点工作",), True),
        ("How many old compounds were renovated in 2023?", ("一、2023年工作回顾",), False),
        ("How many old compounds were scheduled for renovation?", ("三、2023年重点工作",), False),
        ("How many old compounds will be renovated in 2023?", ("三、2023年重点工作",), False),
    ],
)
def test_what_was_done_is_not_told_under_the_heading_of_a_plan(
    question: str, headings: tuple[str, ...], planned: bool
) -> None:
    done = "改造老旧小区105个，新增学位9000个。"
    assert is_only_planned(question, "105个", done, headings) == planned
    assert not is_only_planned(question, "105个", "已改造老旧小区105个，完成投资3亿元。", headings)


@pytest.mark.parametrize(
    ("question", "of_a_plan"),
    [
        ("引黄工程2023年全年一共能抽多少水？", True),
        ("2022年新增产能多少万吨？", False),
        ("2022年全年能源消费多少？", False),
        ("2022年新增智能制造企业多少家？", False),
        ("2022年全年开展职业技能培训多少人次？", False),
        ("2022年太阳能发电多少？", False),
        ("招商最后到位多少钱？我要的是完成数，不是年初定的那个目标", False),
        ("What did it cost in total, as opposed to the budget estimate?", False),
    ],
)
def test_what_can_be_done_in_a_year_is_asked_of_a_plan(question: str, of_a_plan: bool) -> None:
    assert asks_for_a_plan(question) == of_a_plan


@pytest.mark.parametrize(
    ("question", "said", "source", "there_are"),
    [
        (
            "2023年许昌新冒出来多少家高新技术企业？不是总数",
            "473家，1万家",
            "高新技術企業數量達到473家,“上雲”企業突破1萬家。",
            True,
        ),
        ("2021年新增首次申报高新技术企业多少家？", "70家", "新增高新技术企业18家，总数达到70家以上；", True),
        ("2021年新增首次申报高新技术企业多少家？", "18家", "新增高新技术企业18家，总数达到70家以上；", False),
        ("2020年优良天数增加多少天？", "53天", "优良天数达到246天，增加53天。", False),
        ("2020年优良天数增加多少天？", "246天", "优良天数达到246天，增加53天。", True),
        ("许昌有多少家高新技术企业？", "473家", "全市高新技术企业数量达到473家。", False),
        ("新能源汽车产量多少？", "5万辆", "新能源汽车产量达到5万辆。", False),
    ],
)
def test_how_many_were_added_is_told_from_how_many_there_are(
    question: str, said: str, source: str, there_are: bool
) -> None:
    assert is_how_many_there_are(question, said, source) == there_are


def test_the_clause_with_the_figure_tells_whether_it_is_planned() -> None:
    asked = "铸造业2018年最后做到了多少产值？"
    mixed = "完成剩余19家小铸造厂搬迁，力争铸造产值突破100亿元。"
    assert is_only_planned(asked, "100亿元", mixed)
    assert not is_only_planned(asked, "19家", mixed)
    assert not is_only_planned(
        "茶园实际面积是多少？", "19.8万亩", "茶园面积19.8万亩，离年初确定的目标差2000亩。"
    )


@pytest.mark.parametrize(
    ("question", "said", "source", "planned"),
    [
        ("2018年最后做到了多少产值？", "100亿元", "力争铸造产值达到100亿元。", True),
        ("2018年实际完成投资多少？", "30亿元", "2018年计划完成投资30亿元。", True),
        ("大桥最后花了多少钱？", "3.2亿元", "大桥计划投资2亿元，最后花了3.2亿元。", False),
        ("2021年生产总值最终是多少？", "3655亿元", "生产总值3655亿元，超出预期目标。", False),
        ("2024年实际利用省外资金的目标是多少？", "350亿元", "力争引进省外资金350亿元。", False),
    ],
)
def test_a_plan_to_complete_something_is_still_a_plan(
    question: str, said: str, source: str, planned: bool
) -> None:
    assert is_only_planned(question, said, source) == planned


def test_an_estimate_that_was_published_before_makes_no_estimate_of_the_figure() -> None:
    told = "全市直接经济损失为7.43亿元，此前公布的6.8亿元是初步统计数。"
    assert not is_only_preliminary("最终核定的直接经济损失是多少？", "7.43亿元", told)
    assert is_only_preliminary("最终核定的损失是多少？", "6.8亿元", "据初步统计，全市损失6.8亿元。")


def test_what_was_settled_after_the_first_estimate_is_no_estimate() -> None:
    asked = "最后受灾人数是多少？"
    assert is_only_preliminary(asked, "200人", "据初步统计，受灾200人。")
    assert not is_only_preliminary(asked, "312人", "初步统计200人，最终核定312人。")
    assert not is_only_preliminary("最后一季度受灾人数是多少？", "200人", "据初步统计，受灾200人。")


def test_what_a_budget_allots_is_asked_for_as_a_plan() -> None:
    asked, source = "2024年“三公”经费预算里，公务接待那块安排了多少？", "公务接待费2890万元。"
    assert not is_only_planned(asked, "2890万元", source, ("二、2024年预算草案",))


@pytest.mark.parametrize(
    ("question", "said", "planned"),
    [
        ("许昌2024年市级预备费实际用掉了多少？", "7,500万元", True),
        ("许昌2024年市级预备费实际用掉了多少？", "5,260万元", False),
        ("许昌2024年市级预备费是多少？", "7,500万元", False),
    ],
)
def test_what_was_set_aside_is_not_what_was_spent_of_it(question: str, said: str, planned: bool) -> None:
    told = "2024年市级预备费7,500万元，实际动支5,260万元，其中汛期抢险3,480万元；余额收回总预算。"
    assert is_only_planned(question, said, told) == planned


def test_what_was_completed_may_be_followed_by_what_actually_arrived() -> None:
    told = "完成投资30亿元，实际到位资金5亿元。"
    assert not is_only_planned("2024年实际完成投资多少？", "30亿元", told)


@pytest.mark.parametrize(
    ("question", "said", "told"),
    [
        ("实际招了多少名硕士生？", "300人", "计划招生1200人，实际招生1185人，其中硕士生300人。"),
        ("事故最终造成多少人死亡？", "3人", "该车核载19人，实际载客35人，事故造成3人死亡。"),
        ("一般公共预算收入实际是多少？", "24.3亿元", "收入24.3亿元，剔除因素后实际同口径增长8.2%。"),
        ("工程最后花了多少钱？", "2.3亿元", "工程概算2亿元，总造价2.3亿元，实际工期18个月。"),
    ],
)
def test_what_is_actual_of_something_else_makes_no_plan_of_a_figure(
    question: str, said: str, told: str
) -> None:
    assert not is_only_planned(question, said, told)


@pytest.mark.parametrize(
    ("text", "heading", "read"),
    [
        ("2023年全市新建学校40所。", "2024年工作打算", "2023年全市新建学校40所。"),
        ("2024年全市新建学校40所。", "2024年工作打算", "计划2024年全市新建学校40所。"),
        ("目前，全市有充电站40家。", "二、重点工作", "目前，全市有充电站40家。"),
        ("3.5万套住房开工。", "二、重点工作", "计划3.5万套住房开工。"),
        ("（三）新建食堂40家。", "二、重点工作", "（三）计划新建食堂40家。"),
        ("会议有120人参会。", "文旅工作会议召开 部署下一步工作", "会议有120人参会。"),
        ("Completed 40 canteens.", "二、重点工作", "Completed 40 canteens."),
    ],
)
def test_a_fact_under_the_heading_of_a_plan_is_told_as_one(text: str, heading: str, read: str) -> None:
    assert told_as_planned("新建多少？", text, ("政府工作报告", heading)) == read
