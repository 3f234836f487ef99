from __future__ import annotations

import pytest

from index.folding import to_traditional
from index.lexical import LexicalIndex
from rag.abbreviations import spelled_out

REPORT = LexicalIndex.build(["社会消费品零售总额84.1亿元，增长1.6%。", "规模以上工业增加值增长7.2%。"])
WITH_ITS_OWN = LexicalIndex.build(["规上工业企业74户，社零总额增长2.3%，PM2.5浓度35微克。"])


@pytest.mark.parametrize(
    ("question", "spelled"),
    [
        ("上半年社零总额是多少？", "上半年社会消费品零售总额是多少？"),
        ("社零和固投各是多少亿？", "社会消费品零售总额和固定资产投资各是多少亿？"),
        ("许昌规上工业企业多少家？", "许昌规模以上工业企业多少家？"),
        ("社零额是多少？", "社会消费品零售总额是多少？"),
        ("供销社零售额是多少？", "供销社零售额是多少？"),
        ("成果巩固投入资金多少？", "成果巩固投入资金多少？"),
        ("环保法规上企业要怎么做？", "环保法规上企业要怎么做？"),
        ("2018年PM2.5年均浓度", "2018年细颗粒物年均浓度"),
        ("PM2.55和SPM2.5", "PM2.55和SPM2.5"),
        ("What was the PM2.5 of 2018?", "What was the PM2.5 of 2018?"),
    ],
)
def test_abbreviations_that_the_documents_lack_are_spelled_out(question: str, spelled: str) -> None:
    assert spelled_out(question, REPORT) == spelled
    assert spelled_out(to_traditional(question), REPORT) == to_traditional(spelled)


def test_what_the_documents_write_themselves_stays() -> None:
    question = "规上工业企业多少户，社零总额增长多少，PM2.5浓度多少？"
    assert spelled_out(question, WITH_ITS_OWN) == question
