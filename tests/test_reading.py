"""What the second reader is shown."""

from __future__ import annotations

import pytest

from rag.reading import Unread, as_read, shown

REPORT = "政府工作報告 > 一、二〇二二年工作回顧"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (REPORT, "政府工作报告 > 一、2022年工作回顾"),
        ("二○二一—二○三五年", "2021—2035年"),
        ("一九四九年", "1949年"),
        ("一二三四人", "一二三四人"),
    ],
)
def test_it_reads_simplified_characters_and_years_in_figures(text: str, read: str) -> None:
    assert as_read(text) == read


def test_a_question_and_its_text_are_shown_alike() -> None:
    sentence = Unread(REPORT, "公共預算收入96.3億元。")
    assert shown("二〇二二年收入多少？", sentence) == (
        "2022年收入多少？",
        "政府工作报告 > 一、2022年工作回顾\n公共预算收入96.3亿元。",
    )
