"""Differences, sums and ratios of two figures: the figures are asked for one by one, and the program calculates.

A small model that is asked by how much one figure is above another makes up the result. Here it only reads: each
figure is answered, checked and cited like any other answer, and the formula shows both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from index.folding import fold
from rag.citing import CheckedSentence
from rag.numbers import Number, numbers, placed_numbers
from rag.parts import Calculation, Operation

_SCALES = (("亿", Decimal(100_000_000)), ("万", Decimal(10_000)))
_UNIT = re.compile(
    r"\s*(微克(?:/立方米|每立方米)?|毫克|毫米|个百分点|平方公里|平方米|立方米|公里|千米|米|亩|公顷|美元|元|人次|人|户|家|个|项|名|件|套|辆|台|座|所|条|种|次|场|天|吨|倍)"
)
_WORD = re.compile(r"\s*[^\W\d]")
_END_OF_UNIT = re.compile("[的以之，。；、）)]|$")
# What makes a figure no exact amount, before and after it.
_BEFORE = re.compile(
    r"(?:(?<![签合公预])约|(?<!最)近|超过?|逾|大约|将近|不足|突破|[不未]到|[不未]达|[不未]低于|不少于|至少|最多"
    r"|下降|减少|降低|降幅|回落|下滑|负|[-−－])[^，。；,;\d]{0,2}$"
)
_AFTER = re.compile(r"\s*(?:[余多/每]|[^，。；,;\d]{0,3}?(?:以上|左右|以下|上下))")
_PLACES = Decimal("0.01")
_NAMES: dict[Operation, str] = {"difference": "相差", "sum": "合计", "ratio": "倍数"}


@dataclass(frozen=True)
class Figure:
    """A figure as an answer states it."""

    number: Number
    unit: str

    @property
    def written(self) -> str:
        """How the answer writes it, with its unit."""
        return f"{self.number.text}{self.unit}"


def calculated(
    calculation: Calculation, first: Sequence[CheckedSentence], second: Sequence[CheckedSentence]
) -> CheckedSentence | None:
    """Return the formula as a sentence that rests on the sources of both figures; None where it cannot be had.

    Args:
        calculation: what was asked.
        first: the checked sentences that answer its first question.
        second: those that answer its second.
    """
    one = figure_in(first, calculation.first.question)
    other = figure_in(second, calculation.second.question)
    if one is None or other is None:
        return None
    sources = {item.sentence.row: item for item in (*one[1].evidence, *other[1].evidence)}
    if len(sources) < len(one[1].evidence) + len(other[1].evidence):
        return None  # a sentence about both may speak of the two together
    result = formula(calculation.operation, one[0], other[0])
    if result is None:
        return None
    return CheckedSentence(f"{_NAMES[calculation.operation]}：{result}。", tuple(sources.values()), ())


def figure_in(sentences: Sequence[CheckedSentence], question: str) -> tuple[Figure, CheckedSentence] | None:
    """Return the one figure that answers ``question``; None where there is none, or more than one.

    A figure that is only about so much, that is a decrease, or whose unit is not known, cannot be calculated with.
    """
    asked = {number.key for number in numbers(question)}
    found = []
    for sentence in sentences:
        if not sentence.supported:
            continue
        text = fold(sentence.text)
        for number, start, end, dated in placed_numbers(text):
            if number.key in asked or dated:
                continue
            unit = _UNIT.match(text, end)
            if unit is None and _WORD.match(text, end) and not _END_OF_UNIT.match(text, end):
                return None
            after = unit.end() if unit else end
            if _BEFORE.search(text[max(0, start - 6) : start]) or _AFTER.match(text, after):
                return None
            found.append((Figure(number, unit[1] if unit else ""), sentence))
    different = {(figure.number.key, figure.unit) for figure, _ in found}
    return found[0] if len(different) == 1 else None


def formula(operation: Operation, first: Figure, second: Figure) -> str | None:
    """Return the formula with its result; None where the two do not go together.

    A difference is taken from the larger figure; a ratio is of the first to the second.
    """
    if first.unit != second.unit or first.number.percent != second.number.percent:
        return None
    one, other = first.number.value, second.number.value
    if operation == "ratio":
        if not other or first.number.percent:
            return None
        times = _short(one / other)
        return None if times.endswith("约0") else f"{first.written} ÷ {second.written} = {times}倍"
    if operation == "sum":
        if first.number.percent:
            return None
        return f"{first.written} + {second.written} = {_amount(one + other, first, second)}"
    larger, smaller = (first, second) if one >= other else (second, first)
    return f"{larger.written} − {smaller.written} = {_amount(abs(one - other), first, second)}"


def _amount(value: Decimal, first: Figure, second: Figure) -> str:
    """Write a value as its figures are written: with 亿 or 万 where one of them is, or in percentage points."""
    if first.number.percent:
        return f"{_short(value)}个百分点"
    if any(figure.number.text.endswith(("亿", "万")) for figure in (first, second)):
        for character, scale in _SCALES:
            if abs(value) >= scale:
                return f"{_exact(value / scale)}{character}{first.unit}"
    return f"{_exact(value)}{first.unit}"


def _exact(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _short(value: Decimal) -> str:
    """Round to two places; “约” says so where that changed it."""
    rounded = value.quantize(_PLACES)
    return _exact(rounded) if rounded == value else f"约{_exact(rounded)}"
