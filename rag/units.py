"""What a figure measures: money is not answered in kilometres, nor a length in items."""

from __future__ import annotations

import re
from typing import Literal

from index.folding import fold
from rag.numbers import numbers

Dimension = Literal["money", "area", "length", "weight", "share", "count"]

DIMENSION_NAMES: dict[Dimension, str] = {
    "money": "an amount of money",
    "area": "an area",
    "length": "a length",
    "weight": "a weight",
    "share": "a percentage",
    "count": "a number of things",
}

# The first that fits counts: 平方公里 is an area.
_UNITS: tuple[tuple[Dimension, str], ...] = (
    ("area", r"平方|亩|公顷|square|hectares?\b|mu\b|m2"),
    ("length", r"公里|千米|米|km\b|kilomet|met(?:er|re)s?\b"),
    ("weight", r"吨|公斤|千克|tons?\b|tonnes?\b"),
    ("money", r"元|美元|块钱|yuan|rmb|dollars?\b"),
    ("share", r"%|个百分点|percent|per cent"),
    ("count", r"[个名人家位项户件套辆台座所条种次场间处部]"),
)
_FOLLOWING = tuple((dimension, re.compile(rf"\s*[余多]?[万亿]?\s*(?:{unit})")) for dimension, unit in _UNITS)
_ASKED = tuple(
    (dimension, re.compile(rf"(?:多少|(?<![第哪])几)\s*[百千]?[万亿]?(?:{unit})"))
    for dimension, unit in _UNITS
)
_ASKED_OTHERWISE: tuple[tuple[Dimension, re.Pattern[str]], ...] = (
    (
        "money",
        re.compile(
            r"多少(?:块)?钱|(?:金额|投资额?|投入|资金|费用|预算|经费|票价|造价)(?:一共|总共)?(?:是|为|有|达|了)?多少(?![个项家人次%])"
            r"|\b(?:cost|price|budget|fare)\b|\bhow much (?:money|did it cost)\b|\bhow many (?:yuan|dollars)\b"
        ),
    ),
    (
        "share",
        re.compile(r"百分之几|百分之多少|\bwhat (?:percentage|percent|share)\b|\bhow many per ?cent\b"),
    ),
    ("length", re.compile(r"\bhow (?:long is|many (?:km|kilomet))|\bin (?:km|kilomet)")),
    ("area", re.compile(r"\bhow many (?:square|hectares|mu\b)")),
)


def asked_dimension(question: str) -> Dimension | None:
    """Return what the figure measures that a question asks for; None where it does not say."""
    folded = fold(question)
    for dimension, pattern in (*_ASKED_OTHERWISE, *_ASKED):
        if pattern.search(folded):
            return dimension
    return None


def dimensions(text: str) -> frozenset[Dimension]:
    """Return what the figures of ``text`` measure, as far as it says."""
    folded = fold(text)
    found: set[Dimension] = set()
    position = 0
    for number in numbers(folded):
        start = folded.find(number.text, position)
        position = start + len(number.text)
        if number.percent:
            found.add("share")
            continue
        found.update(
            next(([dimension] for dimension, pattern in _FOLLOWING if pattern.match(folded, position)), [])
        )
    return frozenset(found)
