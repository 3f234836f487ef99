"""The figure beside the one that was asked for, in the same sentence, is no answer."""

from __future__ import annotations

import pytest
from checking import check, evidence_of
from hypothesis import given
from hypothesis import strategies as st

from rag.labels import is_labelled_otherwise

PIGS = "生猪存栏量达到 43 万头、出栏 80 万头，恢复至常年水平。"
JOBS = "新增城鎮就業5.04萬人,農村勞動力轉移就業2.1萬人,完成適老化改造2766戶。"
COUNTIES = "分县区看，长葛市完成投资108.7亿元，襄城县89.4亿元，禹州市78.2亿元。"
YEARS = "2020年空气优良天数228天，2021年241天。"
STAGES = "草案一上调至2.48元，草案二上调至2.55元。"


@pytest.mark.parametrize(
    ("question", "said", "source", "otherwise"),
    [
        ("长葛 2021年政府工作报告 生猪出栏 目标", "43万头", PIGS, True),
        ("长葛 2021年政府工作报告 生猪出栏 目标", "80万头", PIGS, False),
        ("2021年长葛的生猪存栏要达到多少？", "43万头", PIGS, False),
        # Both labels end in 就業, and name 城镇 and 农村.
        ("許昌2023年農村勞動力轉移就業多少人？", "5.04萬人", JOBS, True),
        ("許昌2023年農村勞動力轉移就業多少人？", "2.1萬人", JOBS, False),
        ("許昌2023年新增城鎮就業多少人？", "5.04萬人", JOBS, False),
        ("許昌2023年農村勞動力轉移就業多少人？", "2766戶", JOBS, True),
        ("长葛市完成投资多少？", "89.4亿元", COUNTIES, True),
        ("襄城县完成投资多少？", "89.4亿元", COUNTIES, False),
        ("禹州市完成投资多少？", "108.7亿元", COUNTIES, True),
        ("三地分别完成投资多少？", "108.7亿元", COUNTIES, False),
        ("2021年优良天数多少天？", "228天", YEARS, True),
        ("2021年优良天数多少天？", "241天", YEARS, False),
        ("西院区总投资多少？", "6亿元", "西院区总投资13.5亿元，其中申请专项债券6亿元。", True),
        ("西院区总投资多少？", "13.5亿元", "西院区总投资13.5亿元，其中申请专项债券6亿元。", False),
        ("西院区申请了多少专项债券？", "6亿元", "西院区总投资13.5亿元，其中申请专项债券6亿元。", False),
        ("市级预备费实际用掉多少？", "5260万元", "市级预备费7500万元，实际动支5260万元。", False),
        ("丰泽奖学金2022年帮了多少新生？", "104名", "奖学金今年资助大学新生136名，去年资助104名。", False),
        # 我市 and 全市 are one, a part is told after the whole, and a label may follow its figure.
        ("全市高新技术企业有多少家", "320家", "我市高新技术企业320家，全市科技型中小企业1500家。", False),
        ("全年接待游客多少人次", "1200万人次", "接待国内外旅游者1200万人次，其中入境游客3万人次。", False),
        ("受灾群众有多少人", "3.2万人", "洪灾造成3.2万人受灾，转移安置群众2000人。", False),
        # What was raised, and what it was before, have one label.
        ("补助标准提高到多少？", "15万元", "每台补助标准由10万元提高到15万元。", False),
        ("最低收多少钱？", "2.48元", STAGES, False),
        ("How many pigs?", "43万头", PIGS, False),
        ("长葛 生猪出栏", "80万头", "没有数字。", False),
    ],
)
def test_a_figure_is_of_what_its_label_says(question: str, said: str, source: str, otherwise: bool) -> None:
    assert is_labelled_otherwise(question, said, source) is otherwise


def test_two_figures_that_were_both_asked_for_are_both_right() -> None:
    assert not is_labelled_otherwise("生猪存栏和出栏各要达到多少？", "存栏43万头，出栏80万头", PIGS)


def test_the_wrong_one_of_two_figures_is_withheld() -> None:
    items = evidence_of((PIGS,))
    (sentence,) = check("答案：43万头[1]。", "长葛2021年生猪出栏目标是多少？", items)
    assert "the source gives this figure for something else" in sentence.problems
    (sentence,) = check("答案：80万头[1]。", "长葛2021年生猪出栏目标是多少？", items)
    assert sentence.supported


def test_a_long_label_is_read_in_no_time() -> None:
    # Took half a minute when the words before a figure were matched in every way.
    assert not is_labelled_otherwise("投资多少", "5亿元", "投资" + "达到" * 2000 + "的人5亿元，投资6亿元")


@pytest.mark.parametrize("question", ["哪个县完成投资最多？", "谁捐款最多？", "为什么投资下降了？"])
def test_labels_are_looked_at_where_a_figure_is_asked_for(question: str) -> None:
    items = evidence_of(("云泽县50亿元，临江县完成投资30亿元。",))
    (sentence,) = check("答案：云泽县，50亿元[1]。", question, items)
    assert "the source gives this figure for something else" not in sentence.problems


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=80))
def test_any_texts_can_be_compared(question: str, said: str, source: str) -> None:
    is_labelled_otherwise(question, said, source)
