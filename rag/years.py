"""Which years a question asks about, and which a passage speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from functools import lru_cache

from index.dating import Dateline, years_meant
from index.folding import fold

_YEAR = re.compile(
    r"(?<!\d)((?:19|20)\d\d)"
    r"(?=\s*(?:年|[-—–~至到/]\s*\d|[和与及]\s*(?:19|20)\d\d)"
    r"|\.(?:0?[1-9]|1[0-2])(?![\d%万亿元])|[.,](?!\d)|[^\d\w.,%]|$)"  # 2023.6 is a date, 1999.57亿元 is not
)
_CHINESE_DIGITS = "[一二][〇零一二三四五六七八九]{3}"
_CHINESE_YEAR = re.compile(f"{_CHINESE_DIGITS}(?=年|[-—–~至到、和与及]{_CHINESE_DIGITS})")
_RANGE = re.compile(r"(?<!\d)((?:19|20)\d\d)年?\s*[-—–~至到]+\s*((?:19|20)\d\d)\s*年")
# The year of a report, a speech or a meeting is that of the document, not of what it tells.
_OF_A_DOCUMENT = re.compile(
    r"(?<!\d)(?:19|20)\d\d年(?:\d{1,2}月)?(?:\d{1,2}日)?的?[^,，。;；?？\d]{0,8}?(?:报告|讲话|致辞|会议|大会|全会|常务会|公报|规划|纲要)"
)
_BASE = re.compile(
    r"(?:(?<!占)比起?|较|相[比较]于)\s*((?:19|20)\d\d)\s*年|[与和同跟]\s*((?:19|20)\d\d)\s*年(?:全年|同期|[上下]半年)?相比"
    r"|\b(?:than|compared (?:with|to)|over|from) (?:(?:that|those) )?(?:in )?((?:19|20)\d\d)\b(?! to\b)"
)
_SINCE = re.compile(r"[自从]?(?<![\d—–~至到-])(?:19|20)\d\d年以来(?![到至])")
_YEAR_BEFORE = re.compile(
    r"(?:[比较]|同比|与)[上去]年|[上去]年同期|同比|\b(?:year[- ]on[- ]year|last year|previous year)\b"
)
_DAY = re.compile(r"\d{1,2}月\d{1,2}日")
_PLAN_END = re.compile('(十[二三四五]五)[”"’』」]*(?:规划)?期?末')
_PLAN_ENDS = {"十二五": 2015, "十三五": 2020, "十四五": 2025, "十五五": 2030}
_LONGEST_RANGE = 40
_STRAY_COMMAS = re.compile(r"^[\s，,、]+|[\s，,、]+(?=[，,、？?])")
_AHEAD = re.compile(
    r"力争|争取|确保|目标|计划|预期|即将|打算|今后|下一步|[将要](?=[新建实推完打加培提增开])|\b(?:will|plans?|aims?|targets?)\b"
)
_MONTHS_THAT_LOOK_BACK = (1, 2)
"""Reports and papers of these tell what the year before brought, and what this one is to bring."""
_MONTHS_AFTER_A_YEAR = 3
_CHINESE = ("〇零", *"一二三四五六七八九")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")


def years(text: str) -> set[int]:
    """Return the calendar years that ``text`` names (2023年, 2021—2030年, 二〇三五年, in 2023)."""
    return set(_years(text))


@lru_cache(maxsize=1024)
def _years(text: str) -> frozenset[int]:
    folded = fold(text)
    written = [match.group(1) for match in _YEAR.finditer(folded)]
    written += [match.group().translate(_DIGITS) for match in _CHINESE_YEAR.finditer(folded)]
    between = {
        year
        for match in _RANGE.finditer(folded)
        for year in range(int(match.group(1)), min(int(match.group(2)), int(match.group(1)) + _LONGEST_RANGE))
    }
    return frozenset({int(year) for year in written} | between)


def years_of_matter(question: str) -> set[int]:
    """Return the years that a question asks about, without those that only say which report or meeting is meant.

    Nor does one count that only says since when (1994年以来最难的一年), where the question names another.
    """
    asked = _OF_A_DOCUMENT.sub("", fold(question))
    others = years(_SINCE.sub("", asked))
    return others if others - {base_year(question)} else years(asked)


def days(text: str) -> frozenset[str]:
    """Return the days of a year that ``text`` names: 3月13日."""
    return frozenset(_DAY.findall(fold(text).replace(" ", "")))


def base_year(question: str) -> int | None:
    """Return the year that a question compares with: 2017 of 比2017年多了多少; None where it names none, or several."""
    found = {int(year) for match in _BASE.findall(fold(question)) for year in match if year}
    return found.pop() if len(found) == 1 else None


def compares_with_the_year_before(text: str) -> bool:
    """Whether ``text`` compares a figure with that of the year before it."""
    return _YEAR_BEFORE.search(fold(text)) is not None


def is_of_another_year(
    asked: Set[int],
    sentence: str,
    headings: Sequence[str],
    around: Iterable[str],
    written: int | None = None,
) -> bool:
    """Whether a sentence is about another year than was asked for; what stands nearest decides.

    Args:
        asked: the years that the question asks about.
        sentence: the sentence itself.
        headings: above it, the outermost first.
        around: other texts that say what it is about.
        written: the year that it was written in, where that is known: what 今年 and 去年 in it mean.
    """
    if not asked:
        return False
    own = years(sentence) | years_meant(sentence, written) | _plan_ends(sentence)
    for named in (own, *map(years, reversed(headings))):
        if named:
            return not asked & named
    return speaks_of_other_years(asked, around)


def _plan_ends(text: str) -> set[int]:
    """Return the last years of the plans for five years whose end is named: 2025 of “十四五”末."""
    return {_PLAN_ENDS[plan] for plan in _PLAN_END.findall(fold(text))}


def speaks_of_other_years(asked: Set[int], texts: Iterable[str]) -> bool:
    """Whether a sentence is about other years than the question asks for.

    ``texts`` are the sentence, the chunk around it and the headings above it. A sentence is about other years when
    years are named there, but none that was asked for; where none are named, nothing is known, and so not other.
    """
    if not asked:
        return False
    named = [years(text) for text in texts]
    return any(named) and not any(asked & found for found in named)


def without_year(question: str, year: int) -> str:
    """Return a question without a year that it names: 新增城镇就业多少人？ of 2023年新增城镇就业多少人？"""
    return _STRAY_COMMAS.sub("", _named_in_a_question(year).sub("", question))


@lru_cache(maxsize=64)
def _named_in_a_question(year: int) -> re.Pattern[str]:
    name = f"(?<!\\d)(?:{year}|{''.join(f'[{_CHINESE[int(digit)]}]' for digit in str(year))})"
    return re.compile(
        rf"(?:[今本去前明]年)?[（(]\s*{name}\s*年?\s*[）)]"
        rf"|(?:截至|截止|在|到|至)?{name}\s*(?:年度?的?(?![底末初终終中])|(?=年[底末初终終中]))"
        rf"|\b(?:(?:in|of|for|during|by|as of)\s+(?:the year\s+)?)?{name}(?:'s)?\b",
        re.IGNORECASE,
    )


def goes_without_saying(
    asked: Set[int], sentence: str, headings: Sequence[str], around: Iterable[str], written: Dateline
) -> bool:
    """Whether a sentence that names no year is of the one year asked about all the same, as when it was written tells.

    What a newspaper reports is of its own year, and in January and February of the year before, unless it looks ahead
    or tells of a day. Where nobody said when it was written, only the text around it can tell.

    Args:
        asked: the years that the question asks about.
        sentence: the sentence itself.
        headings: above it.
        around: other texts that say what it is about.
        written: when it was.
    """
    if len(asked) != 1 or any(map(years, (sentence, *headings))):
        return False
    (year,) = asked
    if written.year is None:
        return years(" ".join(around)) == asked
    meant = years_meant(sentence, written.year)
    if meant:
        return meant == asked
    month = int(written.date[5:7] or 12)
    tells_of_now = _AHEAD.search(fold(sentence)) is not None or bool(days(sentence))
    if year == written.year:
        return tells_of_now or month not in _MONTHS_THAT_LOOK_BACK
    return year == written.year - 1 and month <= _MONTHS_AFTER_A_YEAR and not tells_of_now
