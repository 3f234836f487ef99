"""Hospitals, schools and bridges that are told apart by a number, and corrections."""

from __future__ import annotations

import pytest

from rag.numbered import is_another_of_that_kind, is_corrected_away, taken_back


@pytest.mark.parametrize(
    ("question", "texts", "another"),
    [
        ("许昌市第二人民医院2024年医疗收入多少？", ("市人民医院2024年医疗收入14.62亿元。",), True),
        ("许昌市第二人民医院2024年医疗收入多少？", ("2024年医疗收入14.62亿元。", "市人民医院晒账本"), True),
        ("许昌市第二人民医院2024年医疗收入多少？", ("2024年医疗收入14.62亿元。", "医院晒账本"), False),
        ("许昌市人民医院2024年医疗收入多少？", ("市人民医院2024年医疗收入14.62亿元。",), False),
        ("人民医院有多少张床位？", ("县人民医院开放床位380张。",), False),
        ("许昌市人民医院有多少张床位？", ("县人民医院开放床位380张。",), True),
        ("市一中的上线率是多少？", ("市第一中学97.2%，云栎县第一中学61.7%。",), False),
        ("市二中的上线率是多少？", ("市第一中学97.2%，第一实验中学91.5%。",), True),
        ("第二中学和第一中学谁高？", ("市第一中学97.2%。",), True),
        ("这家医院有多少张床位？", ("市人民医院床位1400张。",), False),
    ],
)
def test_hospitals_and_schools_are_told_apart_by_their_numbers(
    question: str, texts: tuple[str, ...], another: bool
) -> None:
    assert is_another_of_that_kind(question, texts) is another


def test_what_a_correction_takes_back_of_one_hospital_is_no_answer_for_it() -> None:
    told = "公告中，“市第二人民医院耗材采购比例34%”应为“市第一人民医院耗材采购比例34%”。"
    assert is_corrected_away("市第二人民医院的耗材采购比例是多少？", "34%", told)
    assert not is_corrected_away("市第一人民医院的耗材采购比例是多少？", "34%", told)
    assert not is_corrected_away(
        "市第二人民医院的耗材采购比例是多少？", "34%", "市第二人民医院耗材采购比例34%。"
    )


@pytest.mark.parametrize(
    "text",
    [
        "更正：热力服务热线应为9600513，误为9600315。",
        "更正：热力服务热线误登为9600315，应为9600513。",
        "“热力服务热线9600315”应为“热力服务热线9600513”。",
    ],
)
def test_what_is_corrected_is_known_however_it_is_worded(text: str) -> None:
    (was,) = taken_back(text)
    assert "9600315" in was
    assert is_corrected_away("热力服务热线是多少？", "9600315", text)
    assert not is_corrected_away("热力服务热线是多少？", "9600513", text)


def test_of_a_correction_the_corrected_figure_is_the_answer() -> None:
    told = "更正：昨日一版《经济稳中有进》一文中，“进出口总额83.6亿元”应为“进出口总额63.8亿元”。"
    asked = "上半年进出口总额是多少？"
    assert is_corrected_away(asked, "83.6亿元", told)
    assert not is_corrected_away(asked, "63.8亿元", told)
    assert taken_back(told) == {"进出口总额836亿元"}
    assert taken_back("进出口总额83.6亿元。") == frozenset()


@pytest.mark.parametrize(
    ("question", "texts", "another"),
    [
        ("市二中投入多少？", ("学校贯彻党的二十届三中全会精神，投入300万元。", "市二中操场改造"), False),
        ("市二中录取多少人？", ("全市统一中招考试后，学校录取800人。",), False),
        ("市第2人民医院有多少张床位？", ("市第二人民医院床位900张。",), False),
        ("市第2人民医院有多少张床位？", ("市人民医院床位1400张。",), True),
        ("市第一人民医院有多少张床位？", ("市第一、第二人民医院分别有床位1400张、900张。",), False),
        ("市人民医院做了多少台手术？", ("在省人民医院专家指导下，医院完成手术3000台。",), False),
        ("市第一人民医院在哪里？", ("位于人民医院路12号",), False),
        ("市第二人民医院由哪家医院托管？", ("2019年起由市人民医院托管。",), False),
        ("许昌市区第二小学有多少学生？", ("市第二小学有1000人。",), False),
        ("襄城县人民医院有多少张床位？", ("床位380张。", "许昌市人民医院对口帮扶襄城县"), False),
    ],
)
def test_what_only_looks_like_another_hospital_or_school_is_none(
    question: str, texts: tuple[str, ...], another: bool
) -> None:
    assert is_another_of_that_kind(question, texts) is another


def test_what_precedes_a_sentence_may_say_which_one_it_is_about() -> None:
    asked, told = "岚江二桥对货车怎样限行？", ("早晚高峰禁止货车上桥。", "岚江三桥概算调整")
    assert is_another_of_that_kind(asked, told)
    assert not is_another_of_that_kind(asked, told, "既然三桥推迟，应对岚江二桥实行单双号限行。")
    assert not is_another_of_that_kind(
        "岚江三桥主跨多少米？", ("主跨560米。", "岚江三桥合龙"), "岚江二桥已通车。"
    )


@pytest.mark.parametrize(
    ("question", "heading", "another"),
    [
        ("岚江三桥开通头一天跑了多少车？", "昨日，三桥通行车辆3.12万辆；岚江二桥4.9万辆。", False),
        ("沔江三桥主跨多少米？", "沔江二桥开工", True),
        ("沔江三桥主跨多少米？", "沔江三桥合龙", False),
        ("沔江大桥主跨多少米？", "沔江二桥开工", False),
        ("地铁2号线多长？", "地铁3号线开通", True),
        ("桥有多长？", "沔江三桥合龙", False),
    ],
)
def test_bridges_and_lines_are_told_apart_by_their_numbers(
    question: str, heading: str, another: bool
) -> None:
    assert is_another_of_that_kind(question, ("主跨560米。", heading)) is another
