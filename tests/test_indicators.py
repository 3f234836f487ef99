from __future__ import annotations

import pytest

from rag.indicators import is_another_indicator, is_only_planned

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
        ("城镇居民人均可支配收入是多少？", "规模以上工业增加值185亿元。", True),
        ("城镇居民人均可支配收入是多少？", "城镇居民人均可支配收入达到33185元。", False),
    ],
)
def test_the_figure_of_an_indicator_stands_with_its_name(question: str, source: str, another: bool) -> None:
    assert is_another_indicator(question, source) == another


PLAN = "省委省政府即将出台文件，计划将160项省辖市级经济社会管理权限赋予长葛市等9个示范县市。"
DONE = "被省政府赋予156项省辖市级经济社会管理权限。"


@pytest.mark.parametrize(
    ("question", "source", "planned"),
    [
        ("省里最后实际赋予长葛多少项权限？", PLAN, True),
        ("省里最后实际赋予长葛多少项权限？", DONE, False),
        ("省里计划赋予长葛多少项权限？", PLAN, False),
        ("全年实际完成几项？", "力争完成5项，实际完成7项。", False),
    ],
)
def test_a_plan_is_no_answer_to_what_was_done(question: str, source: str, planned: bool) -> None:
    assert is_only_planned(question, source) == planned
