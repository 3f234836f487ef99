"""Which years a question asks about, and which a passage speaks of."""

from __future__ import annotations

import re
from functools import lru_cache

from index.dating import BEFORE_THE_REPUBLIC, years_meant
from index.folding import YEAR_IN_WORDS, ZEROS, fold
from rag.numbers import numbers

_YEAR = re.compile(
    r"(?<!\d)((?:19|20)\d\d)"
    r"(?=\s*(?:年|[-—–~至到/]\s*\d|[和与及]\s*(?:19|20)\d\d)"
    r"|\.(?:0?[1-9]|1[0-2])(?![\d%万亿元])|[.,](?!\d)|[^\d\w.,%]|$)"  # 2023.6 is a date, 1999.57亿元 is not
)
# 民國107年, and 107年度 or 海嵐縣106年 without the name: of the Republic's calendar; 100年一遇 and 110年历史 are none.
_OF_THE_REPUBLIC = re.compile(
    r"民国\s*(\d{1,3})\s*年|(?:(?<![^\s,。;:、(（「])|(?<=[县市省府国较比自至到及和~-]))(1[01]\d)"
    r"(?=年(?!来(?![访自到])|前(?!.{1,2}季|.个?月)|[后间以之内里老古期]|一遇|未遇|的?(?:历史|校庆|时间)|周年)"
    r"|年?[、及和至到~-]1[01]\d年)"
)
_RANGE = re.compile(r"(?<!\d)((?:19|20)\d\d)年?\s*[-—–~至到]+\s*((?:19|20)\d\d)\s*年")
# The year of a report, a speech or a meeting is that of the document, not of what it tells.
_OF_A_DOCUMENT = re.compile(
    r"(?<!\d)(?:19|20)\d\d年(?!度)(?:\d{1,2}月)?(?:\d{1,2}日)?的?[^,，。;；?？\d]{0,8}?(?:报告|讲话|致辞|会议|大会|全会|常务会|公报|规划|纲要)"
    r"|\b(?:per|in|according to|under|from) (?:the )?(?:19|20)\d\d (?:[a-z]+ ){0,2}(?:report|speech)\b"
)
# 2023年初说, 2023年政府工作报告里; but 2023年初中, and 2020年1月成立的公司
_BEGINNING_OF_A_YEAR = re.compile(
    r"(?<!\d)(?:19|20)\d\d年(?:年?初(?![中级一二三])|(?:[12]|一|二)月(?!.{0,6}的))|(?<!\d)(?:19|20)\d\d年(?:\d{1,2}月)?(?:\d{1,2}日)?[^,。;?\d]{0,10}?(?:报告|讲话|两会|人代会)"
)
_BASE = re.compile(
    r"(?:(?<!占)比起?|较|相[比较]于)\s*((?:19|20)\d\d)\s*年|[与和同跟]\s*((?:19|20)\d\d)\s*年(?:全年|同期|[上下]半年)?相比"
    r"|\b(?:than|compared (?:with|to)|over|from) (?:(?:that|those) )?(?:in )?((?:19|20)\d\d)\b(?! to\b)"
)
_CLAIMED = re.compile(
    "(?<!不)是(?:[在于从])?(?:19|20)\\d\\d年(?!全年|的)[^,。?]{2,24}的(?:[吧吗]|对吗|对吧|没错吧)"
    "(?:[,;][^,。?]{2,16})?\\W*$"
)
_ASKS_FOR_A_YEAR = re.compile(r"哪一?年(?![级級龄齡度代])|\b(?:which|what) year\b")
_ASKS_FOR_A_FIGURE = re.compile("多少|几|(?:元|人|亩|吨|个|家|%)[^,。?]{0,4}是")
_SINCE = re.compile(r"[自从]?(?<![\d—–~至到-])(?:19|20)\d\d年以来(?![到至])")
_YEAR_BEFORE = re.compile(
    r"(?:[比较]|同比|与)[上去]年|[上去]年同期|同比|\b(?:year[- ]on[- ]year|last year|previous year)\b"
)
# 106年 of the Republic as well.
_ANY_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d|1[01]\d)年")
_COMPARES = re.compile(
    "(?<!占)比(?![重例率值])|较|[增减](?:长|少|幅|速)|增加(?!值)|下降|提[高升]|降|差|以来|[从自]|年起|基础上|基期|扩大|多了|少了|翻|恢复|相对"
)
_DAY = re.compile(r"\d{1,2}月\d{1,2}日")
_LONGEST_RANGE = 40
_STRAY_COMMAS = re.compile(r"^[\s，,、]+|[\s，,、]+(?=[，,、？?])")
_CHINESE = (ZEROS, *"一二三四五六七八九")
_DIGITS = str.maketrans({form: str(digit) for digit, forms in enumerate(_CHINESE) for form in forms})


def years(text: str) -> set[int]:
    """Return the calendar years that ``text`` names (2023年, 2021—2030年, 二〇三五年, in 2023; 2018 of 民國107年)."""
    return set(_years(text))


@lru_cache(maxsize=1024)
def _years(text: str) -> frozenset[int]:
    folded = fold(text)
    written = [match.group().translate(_DIGITS) for match in YEAR_IN_WORDS.finditer(folded)]
    folded = with_figures(folded)
    written += [match.group(1) for match in _YEAR.finditer(folded)]
    between = {
        year
        for match in _RANGE.finditer(folded)
        for year in range(int(match.group(1)), min(int(match.group(2)), int(match.group(1)) + _LONGEST_RANGE))
    }
    republic = {
        BEFORE_THE_REPUBLIC + int(match.group(1) or match.group(2))
        for match in _OF_THE_REPUBLIC.finditer(folded)
    }
    return frozenset({int(year) for year in written} | between | republic)


def asks_for_a_year(question: str) -> bool:
    """Whether a question asks for a year, so that another one than it names may answer it."""
    return _ASKS_FOR_A_YEAR.search(fold(question)) is not None


def years_of_matter(question: str) -> set[int]:
    """Return the years that a question asks about, without those that only say which report or meeting is meant.

    Nor with the one that a claim is about: of 是2012年列入国家级非遗的吧？ the right year may be another.

    2023年初说去年有两件事没办完 and 2023年政府工作报告里去年的收入 ask about 2022.

    Nor does one count that only says since when (1994年以来最难的一年), where the question names another, nor any where
    it asks for a year (2020年讲的目标要到哪一年达到？).
    """
    folded = fold(question)
    if _ASKS_FOR_A_YEAR.search(folded):
        return set()
    asked = _OF_A_DOCUMENT.sub("", folded)
    named = years(folded)
    if len(named) == 1 and _BEGINNING_OF_A_YEAR.search(folded):
        meant = years_meant(folded, *named)
        if meant:
            return meant
    if not _ASKS_FOR_A_FIGURE.search(asked):
        asked = _CLAIMED.sub("", asked)
    others = years(_SINCE.sub("", asked))
    return others if others - {base_year(question)} else years(asked)


def with_figures(text: str) -> str:
    """Return ``text`` with its years in figures, as long as before: 2022年 for 二〇二二年."""
    return YEAR_IN_WORDS.sub(lambda match: match.group().translate(_DIGITS), text)


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


def without_the_year_before(text: str) -> str:
    """Return ``text``, folded, without what names the year before only to compare with it: 比上年, 同比, last year."""
    return _YEAR_BEFORE.sub("", fold(text))


def without_bases(text: str) -> str:
    """Return ``text``, folded, without the years that it only compares with: 比2022年增长6.5%."""
    return _BASE.sub("", fold(text))


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
