"""What a figure measures: money is not answered in kilometres, an investment not with the taxes that were paid."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from index.characters import IDEOGRAPHS
from index.folding import fold
from rag.numbers import Number, numbers, placed_numbers

Dimension = Literal["money", "area", "length", "weight", "share", "ratio", "count"]

DIMENSION_NAMES: dict[Dimension, str] = {
    "money": "an amount of money",
    "area": "an area",
    "length": "a length",
    "weight": "a weight",
    "share": "a percentage",
    "ratio": "how many times",
    "count": "a number of things",
}

# The first that fits counts: 平方公里 is an area.
_UNITS: tuple[tuple[Dimension, str], ...] = (
    ("area", r"个?平方|亩|公顷|square|hectares?\b|mu\b|m2"),
    ("length", r"公里|千米|米|km\b|kilomet|met(?:er|re)s?\b"),
    ("weight", r"吨|公斤|千克|tons?\b|tonnes?\b"),
    ("money", r"元|人民币|美元|块钱|yuan|rmb|dollars?\b"),
    ("share", r"%|个百分点|percent|per cent"),
    ("ratio", r"倍|times\b"),
    ("count", r"[个名人家位项户件套辆台座所条种次场间处部]"),
)
_FOLLOWING = tuple((dimension, re.compile(rf"\s*[余多]?[万亿]?\s*(?:{unit})")) for dimension, unit in _UNITS)
_ASKED = tuple(
    # 工业增加值 总额 亿元
    (
        dimension,
        re.compile(
            rf"(?:多少|(?<![第哪这那前后好十百千])几)\s*[百千]?[万亿]?(?:{unit})|(?<=[{IDEOGRAPHS}])\s+[万亿]?(?:{unit})\W*$"
        ),
    )
    for dimension, unit in _UNITS
)
_ASKED_OTHERWISE: tuple[tuple[Dimension, re.Pattern[str]], ...] = (
    (
        "share",
        re.compile(
            r"百分之几|百分之多少|(?:(?<!汇)率|增速|比重|占比)各?(?:是|为|达到?)了?多少"
            r"|[涨升降跌增减高低快慢落长]了?(?:多少|几)个(?:百分)?点"
            r"|\bwhat (?:percentage|percent|share)\b|\bhow many per ?cent\b"
        ),
    ),
    ("length", re.compile(r"\bhow (?:long is|many (?:km|kilomet))|\bin (?:km|kilomet)")),
    (
        "money",
        re.compile(
            r"多少(?:块钱|钱|人民币|罚金|奖金|[存贷善捐]款|工资|学费|保费)"
            r"|(?:金额|投资额?|投入|资金|费用|预算|经费|票价|造价|生产总值|产值|销售额|收入|税收|gdp)"
            r"(?:一共|总共|各)?(?:是|为|有|达到?|完成)?了?多少(?=[百千]?[万亿]?元|[?？,，。]|$)"
            r"|\b(?:cost|price|budget|fare)\b|\bhow much (?:money|did it cost)\b|\bhow many (?:yuan|dollars)\b"
        ),
    ),
    ("area", re.compile(r"\bhow many (?:square|hectares|mu\b)")),
)
# What money is paid or earned for. What is spent (花, 支出) may be any of the first ones.
_PURPOSES: dict[str, re.Pattern[str]] = {
    "investment": re.compile(
        r"投资|投入|注资|斥资|耗资|造价|投(?=了|资|下|多少|\d)|\binvest(?:ed|ing|ment|ments|s)?\b"
    ),
    "tax": re.compile(r"税|\btax(?:es)?\b"),
    "loan": re.compile(r"贷款|放贷|授信|\bloans?\b"),
    "contract": re.compile(r"合同|签约|订单|签订|\bcontracts?\b"),
    "sales": re.compile(r"营收|营业收入|销售|成交|票房|\b(?:sales|revenue)\b"),
    "output": re.compile(r"产值|\boutput\b"),
    "profit": re.compile(r"利润|盈利|净利|\bprofits?\b"),
    "donation": re.compile(r"捐|\bdonat\w+"),
    "wages": re.compile(r"工资|月薪|年薪|薪酬|\b(?:wages?|salary|salaries)\b"),
    "subsidy": re.compile(r"补贴|补助|奖励|奖补|\bsubsid\w+"),
}
_AVERAGE = re.compile(r"平均|人均|\baverage\b|\bper (?:capita|head|person)\b")
# 60平方米的两居室, and 9元 of 每平方米每月9元
_MEASURES = "平方米|平米|立方米|千瓦时|公里|公斤|千克|[亩吨方度斤]"
_FOR_EACH = re.compile(f"每(?:{_MEASURES})(?=[^，,。;；]{{0,6}}?\\d[\\d.,]*万?元)")
_SO_MUCH = re.compile(f"\\d\\s*(?:{_MEASURES}|平(?!方|均))")
_SAYS_EACH = re.compile(r"每|/|／|\b(?:per|each|a)\b")
_SIDE_BY_SIDE, _COMPARED = re.compile("[、和与及;；/]"), re.compile("比|于|较|同期|[增减升降]")
_CLAUSE_END = re.compile(r"[，、;；。！？!?：:\n]|,(?!\d{3})")


def asked_dimension(question: str) -> Dimension | None:
    """Return what the figure measures that a question asks for; None where it does not say."""
    return next(iter(_asked_dimensions(question)), None)


def _asked_dimensions(question: str) -> list[Dimension]:
    """Return all that the figures measure which a question asks for; the first is what it asks for above all."""
    folded = fold(question)
    return [dimension for dimension, pattern in (*_ASKED_OTHERWISE, *_ASKED) if pattern.search(folded)]


def dimensions(text: str, besides: str = "") -> frozenset[Dimension | None]:
    """Return what the figures of ``text`` measure; None is among them where one does not say.

    Dates are left out, and figures that ``besides`` has as well.
    """
    folded = fold(text)
    repeated = {number.key for number in numbers(besides)}
    found: set[Dimension | None] = set()
    for number, _, end, dated in placed_numbers(text):
        if number.key in repeated or dated:
            continue
        found.add(dimension_at(folded, number, end))
    return frozenset(found)


def dimension_at(folded: str, number: Number, end: int) -> Dimension | None:
    """Return what a number measures by the unit that follows it, at ``end`` of a folded text; None where none does."""
    if number.percent:
        return "share"
    return next((dimension for dimension, pattern in _FOLLOWING if pattern.match(folded, end)), None)


def figures_side_by_side(text: str) -> set[Decimal]:
    """Return the figures of one measure that a text puts side by side, the measure that has most of them.

    What is only compared with (增长5.2%，高于全省0.5个百分点) does not count.
    """
    folded, found = fold(text), dict[Dimension | None, set[Decimal]]()
    last = 0
    for number, start, end, dated in placed_numbers(text):
        between, last = folded[last:start], end
        if dated or _COMPARED.search(between) or (found and not _SIDE_BY_SIDE.search(between)):
            continue
        found.setdefault(dimension_at(folded, number, end), set()).add(number.value)
    return max(found.values(), key=len, default=set())


def measures_something_else(question: str, text: str) -> Dimension | None:
    """Return what the question asks for where all figures of ``text`` measure something else; None otherwise."""
    wanted, stated = asked_dimension(question), dimensions(text, besides=question)
    return wanted if wanted is not None and stated and not stated & {wanted, None} else None


def is_paid_for_something_else(question: str, said: str, source: str) -> bool:
    """Whether ``said`` answers with money that its source names as paid or earned for another purpose than asked about.

    3000万元 of 全年纳税3000万元 are no answer to how much was invested. Where the question names no one purpose, or the
    clause with the figure none, nothing is known, and the answer is False.
    """
    asked = _purposes(fold(question))
    asked_dimensions = _asked_dimensions(question)
    if len(asked) != 1 or (asked_dimensions and "money" not in asked_dimensions):
        return False
    named = [
        _purposes(fold(clause))
        for clause in clauses_that_hold(question, said, source)
        if dimensions(clause) & {"money"}
    ]
    return bool(named) and all(purposes and not purposes & asked for purposes in named)


def is_no_average(question: str, said: str, source: str) -> bool:
    """Whether an average is asked for, the source has one, and ``said`` answers with another figure of it."""
    if not (_AVERAGE.search(fold(question)) and _AVERAGE.search(fold(source))):
        return False
    holding = clauses_that_hold(question, said, source)
    return bool(holding) and not any(_AVERAGE.search(fold(clause)) for clause in holding)


def is_for_each(question: str, said: str, source: str) -> bool:
    """Whether a question asks what so much of something costs, and ``said`` gives what each unit of it does.

    9元 of 每平方米每月9元 is not the rent of a flat of 60平方米.
    """
    asked = fold(question)
    if not _SO_MUCH.search(asked) or _SAYS_EACH.search(asked) or _SAYS_EACH.search(fold(said)):
        return False
    holding = clauses_that_hold(question, said, source)
    return bool(holding) and all(_FOR_EACH.search(fold(clause)) for clause in holding)


def clauses_of(text: str) -> list[str]:
    """Return the clauses of ``text``; 3,400 is not parted."""
    return _CLAUSE_END.split(text)


def clauses_that_hold(question: str, said: str, source: str) -> list[str]:
    """Return the clauses of a source with a figure that ``said`` has and the question has not."""
    brought_up = {number.key for number in numbers(question)}
    answered = {number.key for number in numbers(said)} - brought_up
    return [clause for clause in clauses_of(source) if answered & {number.key for number in numbers(clause)}]


def _purposes(folded: str) -> set[str]:
    return {purpose for purpose, pattern in _PURPOSES.items() if pattern.search(folded)}
