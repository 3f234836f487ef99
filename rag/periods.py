"""Which part of a year a question asks about, and which a passage speaks of: a half-year's figure is not the year's."""

from __future__ import annotations

import re
from collections.abc import Iterable

from index.folding import fold

_WHOLE = re.compile(
    r"全年|整年|(?<!半)年底|年末|\b(?:whole|full|entire) (?:of (?:the )?)?(?:year|20\d\d)|\bfull-year"
)

# 前八个月, but not 提前八个月
_FIRST = "(?<![提目此以之当届])前[{0}]"


def _quarter(numerals: str, english: str, first: str, last: str) -> re.Pattern[str]:
    """Match a quarter and its months; its end (三季度末) is the end of all until then, and 四季度假区 is none."""
    return re.compile(
        rf"(?<!前)(?<![-—–~至到、一])[{numerals}]季度(?![末假])|(?<!\d){first}\s*[-—–~至到]\s*{last}\s*月"
        rf"|{english} quarter|\bq{numerals[-1]}\b"
    )


# "2023年中心城区" and "2022年中央经济工作会议" speak of no middle of a year, "2021-6月" of one month.
_PARTS = {
    "first half": re.compile(
        rf"上半年|{_FIRST.format('六6')}个?月|(?<!\d)1月?\s*[-—–~至到]\s*6\s*月"
        r"|年中(?![心央国原秋小等学考标])|first half|mid-?year"
    ),
    "second half": re.compile(r"下半年|second half"),
    "first quarter": re.compile(
        rf"(?<!前)[一1]季度|第一季度|{_FIRST.format('三3')}个?月|(?<!\d)1月?\s*[-—–~至到]\s*3\s*月|first quarter"
    ),
    "second quarter": _quarter("二2", "second", "4", "6"),
    "third quarter": _quarter("三3", "third", "7", "9"),
    "fourth quarter": _quarter("四4", "fourth", "10", "12"),
    "three quarters": re.compile(
        rf"前三个?季度|{_FIRST.format('九9')}个?月|[一1]\s*[-—–~至到]\s*[三3]季度"
        r"|(?<!\d)1月?\s*[-—–~至到]\s*9\s*月|first three quarters"
    ),
}
_UNTIL_MONTH = re.compile(
    r"(?:截至|截止到?|到)\s*(?:目前|(?P<month>\d{1,2})\s*月)|(?:今年|年初)以来|(?<!\d)1月?\s*[-—–~至到]\s*(?P<last>\d{1,2})\s*月"
    rf"|{_FIRST.format('四五七八十4578')}个?月|{_FIRST.format('十1')}[一01]个?月|(?<!十)一[至到—-][二三四五七八九十]月"
)
# "53% of the year's target is done" speaks of a part of the year.
_TARGET = re.compile(r"(?:年度|全年)[^,。;]{0,8}(?:目标|任务|计划)")
_SHARE_OF_TARGET = re.compile(
    rf"(?:完成|占|达到?)[^,。;]{{0,6}}{_TARGET.pattern}[^,。;]{{0,4}}?的?\s*\d{{1,2}}(?:\.\d+)?\s*%"
)
_LAST_MONTH = 12
OFTEN_UNSAID = frozenset(("second quarter", "third quarter", "fourth quarter"))
"""Parts of a year that what is told of a day or a month in them need not name."""


def periods(text: str) -> frozenset[str]:
    """Return the parts of a year that ``text`` names: ``year``, ``first half``, ``part``…"""
    folded = fold(text)
    found = {name for name, pattern in _PARTS.items() if pattern.search(folded)}
    if _SHARE_OF_TARGET.search(folded):
        found.add("part")
    for match in _UNTIL_MONTH.finditer(folded):
        month = match.group("month") or match.group("last")
        if month is None or int(month) < _LAST_MONTH:
            found.add("part")
    if _WHOLE.search(_TARGET.sub("", folded)):
        found.add("year")
    return frozenset(found)


def speaks_of_other_periods(asked: frozenset[str], texts: Iterable[str]) -> bool:
    """Whether a sentence is about another part of the year than the question asks about.

    ``texts`` are the sentence and what stands around it, the nearest first: the nearest that names a part of a year
    decides; where none does, nothing is known, and so not other. "Until July" answers no question about a whole year,
    and may answer one about a half.
    """
    if not asked:
        return False
    for text in texts:
        named = periods(text)
        if named:
            halves = asked - {"year"}
            return not (asked & named or (halves and "part" in named))
    return False
