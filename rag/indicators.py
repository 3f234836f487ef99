"""Whether a sentence is about the indicator that a question asks for, and about what was done where that is asked.

Statistical reports put many figures side by side; the size of an industry is no answer to the gross product. Each
indicator is always named where its figure stands, so that a sentence that does not name it has another figure.
"""

from __future__ import annotations

import re

from index.folding import fold

# What a question may call it, and what a sentence with its figure does.
_INDICATORS = tuple(
    (re.compile(asked), re.compile(named))
    for asked, named in (
        ("生产总值|经济总量|(?<![a-z])gdp(?![a-z])|gross (?:domestic|regional) product", "生产总值|总量|gdp"),
        ("工业增加值", "增加值"),
        ("固定资产投资|fixed[- ]asset investment", "固定资产|投资"),
        ("社会消费品零售|retail sales", "零售"),
        ("公共预算收入", "预算收入|财政收入"),
        ("可支配收入|disposable income", "收入"),
        ("进出口", "进出口|外贸|出口"),
        ("(?:常住|户籍)人口", "人口"),
    )
)
_DONE = re.compile("实际|最终|到底完成|究竟完成")
_PLANNED = re.compile("计划|拟(?=[在于将建投出])|力争|目标|预期|即将|争取")
_ASKS_FOR_A_PLAN = re.compile(
    rf"{_PLANNED.pattern}|预计|打算|任务|(?<!主)要|将|\b(?:plan|target|aim|goal|expect|forecast|will|intend)"
)
_HAPPENED = re.compile("已|完成|实现|达到|累计|获批|建成|实际|最终|被")


def is_another_indicator(question: str, source: str) -> bool:
    """Whether a question names an indicator, and ``source`` does not."""
    asked, text = fold(question), fold(source)
    return any(wanted.search(asked) and not named.search(text) for wanted, named in _INDICATORS)


def asks_for_a_plan(question: str) -> bool:
    """Whether a question asks for what is to be, not for what was."""
    return _ASKS_FOR_A_PLAN.search(fold(question)) is not None


def is_only_planned(question: str, source: str) -> bool:
    """Whether a question asks for what was done in the end, and ``source`` tells a plan and nothing else."""
    text = fold(source)
    return bool(_DONE.search(fold(question)) and _PLANNED.search(text) and not _HAPPENED.search(text))
