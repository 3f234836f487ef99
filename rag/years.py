"""Which years a question asks about, and which a passage speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from functools import lru_cache

from index.dating import Dateline, years_meant
from index.folding import fold
from rag.indicators import PLANNED
from rag.numbers import numbers, placed_numbers

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
_CLAIMED = re.compile(
    "(?<!不)是(?:[在于从])?(?:19|20)\\d\\d年(?!全年|的)[^,。?]{2,24}的(?:[吧吗]|对吗|对吧|没错吧)\\W*$"
)
_ASKS_FOR_A_FIGURE = re.compile("多少|几|(?:元|人|亩|吨|个|家|%)[^,。?]{0,4}是")
_SINCE = re.compile(r"[自从]?(?<![\d—–~至到-])(?:19|20)\d\d年以来(?![到至])")
_YEAR_BEFORE = re.compile(
    r"(?:[比较]|同比|与)[上去]年|[上去]年同期|同比|\b(?:year[- ]on[- ]year|last year|previous year)\b"
)
# 直到2020年底才改用现址: a year that a sentence without a figure tells beside its matter.
_ASIDE = re.compile(r"(?:直到|早在|(?<![始扩重新改发诞产])(?:建|成立|创办|创建|出生|生)于)\s*(?:19|20)\d\d年")
# 106年 of the Republic as well.
_ANY_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d|1[01]\d)年")
_COMPARES = re.compile(
    "(?<!占)比(?![重例率值])|较|[增减](?:长|少|幅|速)|增加(?!值)|下降|提[高升]|降|差|以来|[从自]|年起|基础上|基期|扩大|多了|少了|翻|恢复|相对"
)
_DAY = re.compile(r"\d{1,2}月\d{1,2}日")
_WHOLE_DAY = re.compile(r"(?:19|20)\d\d(?:\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日|-\d{1,2}-\d{1,2})")
_PLAN_END = re.compile('(十[二三四五]五)[”"’』」]*(?:规划)?期?末')
_PLAN_ENDS = {"十二五": 2015, "十三五": 2020, "十四五": 2025, "十五五": 2030}
_LONGEST_RANGE = 40
_STRAY_COMMAS = re.compile(r"^[\s，,、]+|[\s，,、]+(?=[，,、？?])")
_AHEAD = re.compile(
    rf"{PLANNED.pattern}|确保|预计|有望|打算|今后|下一步|将达|左右|以上"
    r"|[将要](?=[新建实推完打加培提增开])|\b(?:will|plans?|aims?|targets?)\b"
)
_OF_A_DAY = re.compile(r"\d{1,2}日|[昨今当][日天]|近日|日前|本月|连日|\b(?:yesterday|today|recently)\b")
# Sentences of several years, or of some other time that is told without a number.
_OF_OTHER_TIMES = re.compile(
    "[一二两三四五六七八九十近过几数\\d][个]?年[来间前后里]|[近过]去?[几三五十两]年|十[一二三四五]五|[上前]一?年|[次翌同当往历每]年|第[二三]年"
    "|世纪|年代|改革开放|解放|建国|以来|累计|过去|曾经|最初"
)
# In a text that nobody dated: of the day that it was written, or of some day after the one that is named.
_OF_SOME_DAY = re.compile(
    "现有|现已|目前|如今|现在|现任|至今|后来|此后|之后|第[二三四五六七八九十\\d]+[届次期]"
)
_MONTHS_THAT_LOOK_BACK = (1, 2)
"""Reports and papers of these tell what the year before brought, and what this one is to bring."""
_CHINESE = ("〇零", *"一二三四五六七八九")
_DIGITS = str.maketrans({form: str(digit) for digit, forms in enumerate(_CHINESE) for form in forms})


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

    Nor with the one that a claim is about: of 是2012年列入国家级非遗的吧？ the right year may be another.

    Nor does one count that only says since when (1994年以来最难的一年), where the question names another.
    """
    asked = _OF_A_DOCUMENT.sub("", fold(question))
    if not _ASKS_FOR_A_FIGURE.search(asked):
        asked = _CLAIMED.sub("", asked)
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


def is_only_compared_with(question: str, said: str, source: str) -> bool:
    """Whether a source names the one year of a question only to compare with it, and ``said`` is not what it was then.

    41万 of 107年…612万人次，較106年的587萬人次成長4.3%，其中…41萬人次 is no answer for 106年.
    """
    asked, text = fold(question), fold(source)
    named = set(_ANY_YEAR.findall(asked))
    if len(named) != 1 or _COMPARES.search(asked):
        return False
    (year,) = named
    compared = list(
        re.finditer(
            rf"(?:较|比|相[比较]于?|低于|高于|[与和同跟](?={year}年(?:全年|同期)?相比)){year}年(?:同期|全年)?"
            r"(?P<figure>[的之(（]{0,2}(?:实际)?(?:完成|实现)?\d[\d.,]*\s*[余多]?[万亿]*%?)?",
            text,
        )
    )
    if not compared or len(compared) != len(re.findall(rf"(?<!\d){year}年", text)):
        return False
    then = {number.key for match in compared for number in numbers(match["figure"] or "")}
    brought_up = {number.key for number in numbers(question)}
    return not {number.key for number in numbers(said)} - brought_up <= then


def is_of_another_year(
    asked: Set[int],
    sentence: str,
    headings: Sequence[str],
    around: Iterable[str],
    written: int | None = None,
) -> bool:
    """Whether a sentence is about another year than was asked for; what stands nearest decides.

    A year that it only tells beside its matter (直到2020年底才改用现址) does not, where it has no figure of that year.

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
    if asked & own:
        return False
    if own and own <= _told_aside(sentence):
        own = set()
    for named in (own, *map(_years_told, reversed(headings))):
        if named:
            return not asked & named
    return speaks_of_other_years(asked, around)


def _told_aside(sentence: str) -> set[int]:
    """Return the years that a sentence without a figure tells beside its matter."""
    if any(not dated for _, _, _, dated in placed_numbers(sentence)):
        return set()
    return years(" ".join(_ASIDE.findall(fold(sentence))))


def _years_told(heading: str) -> set[int]:
    """Return the years that a heading names; that of a day counts only where it names no other.

    2023年统计公报 市统计局2024年4月2日 is of 2023.
    """
    return years(_WHOLE_DAY.sub("", fold(heading))) or years(heading)


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
    """Return a question without a year that it names: 新增城镇就业多少人？ of 2023年新增城镇就业多少人？

    Where the year is a part of something else (2008年以前, 1990年代, 2023年报), the question stays as it is.
    """
    part_of_more, named = _named_in_a_question(year)
    return question if part_of_more.search(question) else _STRAY_COMMAS.sub("", named.sub("", question))


@lru_cache(maxsize=64)
def _named_in_a_question(year: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    digits = f"(?:{year}|{''.join(f'[{_CHINESE[int(digit)]}]' for digit in str(year))})"
    name = rf"(?<!\d){digits}"
    part_of_more = re.compile(
        rf"(?:自从?|[从從比较較]){name}|{name}年?(?:[代报報鉴鑑级級前起间間来來]|[后後](?!勤)|[以之][前后後来來]|[开開]始)"
        rf"|[〔《\-/.—–]{digits}|{digits}\s*[-/.—–]\d|{digits}[〕》]"
        rf"|\b(?:since|before|after|until|early|late|mid)[ -]{digits}",
        re.IGNORECASE,
    )
    # 2023年年底 and 2023年底, but 2023年初中 and 2023年中央.
    end_of_year = (
        "年(?:底(?![薪層层价價])|末|初(?![中级級一二三])|[终終](?![止身端])"
        "|中(?![央国國心原小等学學考标標秋医醫]))"
    )
    named = re.compile(
        rf"(?:[今本去前明]年)?[（(]\s*{name}\s*年?\s*[）)]"
        rf"|(?:截[至止]到?|直到|[在到至于])?{name}\s*(?:(?={end_of_year})|年(?:度(?![假夏过過量]))?的?)"
        rf"|\b(?:(?:in|of|for|during|by|as of)\s+(?:the year\s+)?)?{name}(?:'s)?\b",
        re.IGNORECASE,
    )
    return part_of_more, named


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
    text = fold(sentence)
    if len(asked) != 1 or any(map(years, (sentence, *headings))) or _OF_OTHER_TIMES.search(text):
        return False
    (year,) = asked
    if written.year is None:
        return years(_BASE.sub("", fold(" ".join(around)))) == asked and not _OF_SOME_DAY.search(text)
    meant = years_meant(sentence, written.year)
    if meant:
        return meant == asked
    if int(written.date[5:7] or 12) not in _MONTHS_THAT_LOOK_BACK:
        return year == written.year
    tells_of_now = bool(_AHEAD.search(text) or _OF_A_DAY.search(text))
    return year == (written.year if tells_of_now else written.year - 1)
