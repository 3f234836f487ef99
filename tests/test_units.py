from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.asked import left_unsaid, read_question
from rag.units import (
    Dimension,
    asked_dimension,
    dimensions,
    is_for_each,
    is_paid_for_something_else,
)


@pytest.mark.parametrize(
    ("question", "dimension"),
    [
        ("长葛市食品行业产销对接会现场签约合同金额是多少？", "money"),
        ("后河镇四达电力的那个石墨基项目一共投了多少钱？", "money"),
        ("許昌市2023年的地區生產總值是多少億元？", "money"),
        ("郑许市域铁路许昌段的票价是几块钱？", "money"),
        ("What is the total budget for the 62 landscaping projects?", "money"),
        ("加起来能多出多少亩绿地？", "area"),
        ("2023年许昌市中心要新添几公里绿道", "length"),
        ("zhengzhou-xuchang suburban railway, total length in km", "length"),
        ("许昌 2022年全年 GDP增速 百分之几", "share"),
        ("许昌市2023年新增城镇就业多少人？", "count"),
        ("投资项目有多少个？", "count"),
        ("长葛2020年上半年的生产总值是多少？", "money"),
        ("“十三五”期间年均增速是多少？", "share"),
        ("亩均税收是全省平均数的几倍？", "ratio"),
        ("2023年的生产总值增长多少？", None),  # an amount, or a percentage
        ("这是第几次会议？", None),
        ("谁主持了会议？", None),
        ("春运期间许昌投入多少辆客车？", "count"),
        ("一共投了多少人民币？", "money"),
        ("长葛 2020年全年 规模以上工业增加值 总额 亿元", "money"),
        ("许昌 带头人", None),
        ("固定资产投资涨了几个点？", "share"),
        ("设了几个点位？", "count"),
        ("How many companies have annual sales of over 100 million yuan?", None),
        ("How much do residents pay per ton?", None),
        ("Under the fare notice, beyond how many kilometres does the surcharge apply?", "length"),
        ("会计被罚了多少罚金？", "money"),
        ("买手机能领多少补贴？", None),  # it may be a share of the price
        ("What percentage of the budget was spent?", "share"),
        ("建成面积多少个平方公里？", "area"),
        ("这几所学校的占地面积是多少？", None),
        ("汇率是多少？", None),
        ("How many projects were signed?", None),
    ],
)
def test_what_is_measured_is_read_off_the_question(question: str, dimension: Dimension | None) -> None:
    assert asked_dimension(question) == dimension


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("现场签约合同金额3400万元。", {"money"}),
        ("新增绿化面积861.47亩、绿道18.85公里、立体绿化10公里。", {"area", "length"}),
        ("建成面积12平方公里。", {"area"}),
        ("增长7.7%，下降百分之五。", {"share"}),
        ("新增城镇就业5.04万人，培训1,481人次。", {"count"}),
        ("20余公里", {"length"}),
        ("The total length is 75.6 km.", {"length"}),
        ("2023年3月13日", set()),
        ("3400万", {None}),
        ("3000万人民币", {"money"}),
        ("12个平方公里", {"area"}),
        ("没有数字", set()),
    ],
)
def test_what_figures_measure_is_read_off_the_text(text: str, expected: set[Dimension | None]) -> None:
    assert dimensions(text) == expected


@pytest.mark.parametrize(
    ("question", "answer", "problem"),
    [
        ("那个项目一共投了多少钱？", "19项", "an amount of money was asked for"),
        ("What is the budget for the 62 projects?", "861.47亩", "an amount of money was asked for"),
        ("新增绿地多少亩？", "18.85公里", "an area was asked for"),
        (
            "What is the budget for the 62 projects in 2023?",
            "The budget for the 62 projects in 2023 is 861.47亩 + 10公里",
            "an amount of money was asked for",
        ),
        ("增速是百分之几？", "380亿元", "a percentage was asked for"),
        ("长葛2020年上半年的生产总值是多少？", "2015年的1.6倍", "an amount of money was asked for"),
        ("那个项目一共投了多少钱？", "3000万元", None),
        ("那个项目一共投了多少钱？", "3000万", None),
        ("有多少人？", "61名学员", None),
        ("项目投资多少亿元？", "62个项目共投资3.4亿", None),
        ("签了多少亿元？", "2023年3月13日签了3.4亿元", None),
        ("生产总值增长多少？", "12%", None),
    ],
)
def test_a_figure_of_another_kind_is_no_answer(question: str, answer: str, problem: str | None) -> None:
    assert left_unsaid(read_question(question), question, answer) == problem


@pytest.mark.parametrize(
    ("question", "said", "for_each"),
    [
        ("租60平方米的两居室，一个月房租是多少？", "9元", True),
        ("租60平方米的两居室，一个月房租是多少？", "每平方米9元", False),
        ("人才公寓每平方米多少钱？", "9元", False),
        ("人才公寓一平多少钱？", "9元", False),
        ("人才公寓的租金标准是多少？", "9元", False),
        ("租60平方米的两居室押金多少？", "1000元", False),
        ("租60平方米的两居室一个月多少钱？", "9元/平方米", False),
        ("What is the rent of 60平方米?", "9 yuan per square metre", False),
    ],
)
def test_what_something_costs_for_each_unit_is_not_what_it_costs(
    question: str, said: str, for_each: bool
) -> None:
    source = "人才公寓每平方米每月9元，约为市场租金的六成，押金1000元。"
    assert is_for_each(question, said, source) is for_each


@given(st.text(alphabet="0123456789万亿元人亩公里%年.，第几多少个"))
def test_any_text_can_be_read(text: str) -> None:
    dimensions(text)
    asked_dimension(text)


GRAPHITE = "比如，后河镇四达电力的石墨基项目，获得国家专利 19 项，全年纳税 3000 万元。"
FAIR = "长葛市举行食品行业产销对接会，签约项目12个，现场签约合同金额1,300万元，企业获得贷款200万元"


@pytest.mark.parametrize(
    ("question", "said", "source", "is_other_money"),
    [
        ("四达电力的石墨基项目投资了多少万元？", "3000万元", GRAPHITE, True),
        ("后河镇的石墨基项目一共投了多少钱？", "全年纳税3000万元", GRAPHITE, True),
        ("How much was invested in the graphite project?", "30 million yuan", GRAPHITE, True),
        ("四达电力全年纳税多少？", "3000万元", GRAPHITE, False),
        ("四达电力的石墨基项目获得多少项专利？", "19项", GRAPHITE, False),
        # 签约 is named by the question, 花 fits anything
        ("对接会签约合同金额多少？", "1300万元", FAIR, False),
        ("对接会上企业贷款多少？", "1300万元", FAIR, True),
        ("对接会上花了多少钱？", "1300万元", FAIR, False),
        # no money was asked for
        (
            "商品房销售面积跌了百分之几？",
            "22.8%",
            "房地产开发投资18.9亿元；商品房销售面积29.2万平方米，下降22.8%。",
            False,
        ),
        ("建了几公里公路，投资几亿元？", "建了20公里，投资3亿元", "建成公路20公里，全年纳税3亿元。", True),
        # two purposes in the question, or none beside the figure: nothing is known
        ("对接会上投资和税收各多少？", "1300万元", FAIR, False),
        ("陈寔路学校投资多少？", "4.5亿元", "总投资情况是，陈寔路学校4.5亿元", False),
    ],
)
def test_money_is_not_what_was_asked_for_where_the_source_names_it_for_something_else(
    question: str, said: str, source: str, is_other_money: bool
) -> None:
    assert is_paid_for_something_else(question, said, source) == is_other_money
