"""The documents that the reader is trained on, and what is made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.folding import to_simplified
from rag.training.written import WrittenExamples, read_all, read_written

_DOCUMENT = """# 临河市2023年政府工作报告
## 一、2022年工作回顾 > （一）经济运行稳中有进
1 全市生产总值完成1386.4亿元、增长5.2%，一般公共预算收入达到92.7亿元。
2 新增规上工业企业47家。
## 三、2023年重点工作
3 2023年主要预期目标是：生产总值增长6%左右。

--
1 | 1386.4亿元 | 临河市2022年生产总值是多少？ | 临河 2022 GDP
x 1 | 临河市2021年生产总值是多少？
x 3 | 2023年全年生产总值實際增長多少？
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "written.txt"
    written.write_text(_DOCUMENT, encoding="utf-8")
    return written


def test_what_answers_is_right_and_has_the_answer_as_its_span(path: Path) -> None:
    (document,) = read_written(path)
    asked = [group for group in WrittenExamples(0).of(document) if any(item.right for item in group)]
    assert [group[0].question for group in asked] == ["临河市2022年生产总值是多少？", "临河 2022 GDP"]
    for group in asked:
        right, *wrong = group
        assert right.span is not None and right.text[slice(*right.span)] == "1386.4亿元"
        assert right.text.startswith(
            (
                "临河市2023年政府工作报告 > 一、2022年工作回顾 > （一）经济运行稳中有进\n",
                "一、2022年工作回顾 > （一）经济运行稳中有进\n",
            )
        )
        assert wrong and not any(item.right or item.span for item in wrong)


def test_what_only_seems_to_answer_is_wrong_and_shown_as_the_program_reads_it(path: Path) -> None:
    (document,) = read_written(path)
    lures = [group for group in WrittenExamples(0).of(document) if not any(item.right for item in group)]
    assert [group[0].question for group in lures] == [
        "临河市2021年生产总值是多少？",
        "2023年全年生产总值实际增长多少？",
    ]
    assert "1386.4亿元" in lures[0][0].text and "6%" in lures[1][0].text


@pytest.mark.parametrize(
    "line",
    [
        "1 | 1386亿元整 | 临河市2022年生产总值是多少？",
        "9 | 47家 | 新增规上工业企业多少家？",
        "2 | 47家 | ",
        "x 二 | 新增规上工业企业多少家？",
    ],
)
def test_a_line_that_cannot_be_used_is_named(path: Path, line: str) -> None:
    path.write_text(_DOCUMENT + line, encoding="utf-8")
    with pytest.raises(ValueError, match=r"written\.txt:12: "):
        read_written(path)


def test_all_that_was_written_can_be_read_and_asks_much_in_vain() -> None:
    documents = read_all()
    assert len({document.title for document in documents}) > 150
    facts = sum(len(fact.questions) for document in documents for fact in document.facts)
    lures = sum(len(lure.questions) for document in documents for lure in document.lures)
    assert facts > 5000 and lures > 3000
    seeds = ("许昌", "长葛", "禹州", "漯河")
    named = [one.title for one in documents if any(name in to_simplified(one.title) for name in seeds)]
    assert not named, "the towns of the seeds are not to be learned"
