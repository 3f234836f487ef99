from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.parts import parts_of


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "长葛2020年上半年和2021年上半年的生产总值各是多少？",
            [
                ("2020年上半年", "长葛2020年上半年的生产总值是多少？"),
                ("2021年上半年", "长葛2021年上半年的生产总值是多少？"),
            ],
        ),
        (
            "长葛2020年上半年和下半年的生产总值各是多少？",
            [
                ("2020年上半年", "长葛2020年上半年的生产总值是多少？"),
                ("2020年下半年", "长葛2020年下半年的生产总值是多少？"),
            ],
        ),
        (
            "许昌的常务副市长，2022年12月和2023年3月分别是谁？",
            [
                ("2022年12月", "许昌的常务副市长，2022年12月是谁？"),
                ("2023年3月", "许昌的常务副市长，2023年3月是谁？"),
            ],
        ),
        (
            "许昌市的常务副市长，2022年12月底和2023年3月中旬分别是谁？",
            [
                ("2022年12月底", "许昌市的常务副市长，2022年12月底是谁？"),
                ("2023年3月中旬", "许昌市的常务副市长，2023年3月中旬是谁？"),
            ],
        ),
        (
            "高新技术企业的数量，2020年底的长葛和2023年的许昌全市，分别是多少家？",
            [
                ("2020年底的长葛", "高新技术企业的数量，2020年底的长葛，是多少家？"),
                ("2023年的许昌全市", "高新技术企业的数量，2023年的许昌全市，是多少家？"),
            ],
        ),
        (
            "長葛市與禹州市的市長分別是誰？",
            [("長葛市", "長葛市的市長是誰？"), ("禹州市", "禹州市的市長是誰？")],
        ),
        (
            "长葛食品加工业：2021年要培育成多少亿级的集群？2023年全行业一年实际卖多少？",
            [
                ("", "长葛食品加工业：2021年要培育成多少亿级的集群？"),
                ("", "长葛食品加工业：2023年全行业一年实际卖多少？"),
            ],
        ),
        (
            "长葛市食品行业产销对接会签了多少钱？许昌市园林绿化项目有多少项？",
            [
                ("", "长葛市食品行业产销对接会签了多少钱？"),
                ("", "许昌市园林绿化项目有多少项？"),
            ],
        ),
    ],
)
def test_a_question_with_two_parts_is_taken_apart(question: str, parts: list[tuple[str, str]]) -> None:
    assert [(part.label, part.question) for part in parts_of(question)] == parts


@pytest.mark.parametrize(
    "question",
    [
        "长葛市食品行业产销对接会现场签约合同金额是多少？",
        "2020年和2021年一共签了多少合同？",  # one figure
        "2020年和2021年的生产总值相差多少？",
        "长葛市和禹州市哪个的生产总值更高？",
        "长葛市和禹州市的市长都出席了什么会议？",
        "王幸福说要坚持“四个深化”，是哪四个？",
        "市委全会讲话和政府工作报告说的不一样，分别是多少？",
        "2023年3月13日的会上谁讲了话？",
        "《许昌市和长葛市规划》是哪年印发的？",
        "2020—2022年和前三年相比，增长了多少？",
        "葡萄籽能长期吃吗？有什么副作用？",  # the second means what the first names
        "采写《掌握技能好就业》的记者是谁？这位记者2023年3月又报道了哪位副市长？",
        "什么是集体商标？我可以注册集体商标吗？",
        "真的吗？",
        "签了多少？真的？",
        "",
    ],
)
def test_any_other_question_is_left_whole(question: str) -> None:
    assert [(part.label, part.question) for part in parts_of(question)] == [("", question)]


@given(
    st.lists(
        st.sampled_from(
            [
                "2020年",
                "2021年",
                "上半年",
                "和",
                "长葛市",
                "许昌市",
                "各",
                "分别",
                "是多少",
                "？",
                "：",
                "谁",
                "?",
            ]
        ),
        max_size=12,
    ).map("".join)
)
def test_no_part_is_empty(question: str) -> None:
    parts = parts_of(question)
    assert 1 <= len(parts) <= 3
    if len(parts) > 1:
        assert all(part.question.strip() for part in parts)
