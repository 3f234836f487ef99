"""The second reader as others see it: what it is shown, and what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from index.dating import RELATIVE_YEARS, years_spelled_out
from index.folding import to_simplified
from rag.indicators import TOLD_AS_PLAN, TOLD_AS_TARGET, told_as_planned
from rag.periods import periods
from rag.places import city_left_unsaid
from rag.years import with_figures, without_year, years

# How a statistical bulletin begins; whether a first estimate will do is for rag.indicators to say.
_BY_FIRST_ESTIMATE = re.compile("^(?:根据|经|据)?初步(?:核算|统计|测算)(?:结果)?[，,]\\s*", re.MULTILINE)
# And that what was planned will not do. What grew in real terms (实际增长) grew otherwise than 名义增长.
_ACTUALLY = re.compile("实际上?(?=是|为|有|多少|收|完成|达|做|花|投了|建了|招了)")
_WHOLE_YEAR = re.compile("全年的?(?![无不开营龄级])")
_PART_OF_A_YEAR = re.compile(
    r"\d月(?!\s*\d{1,2}\s*日)|[一二三四五六七八九十]月(?![一二三四五六七八九十])|前.{1,3}(?:月|季度)|当月|月末|期间"
)
# Not 民营经济, 重工业, 地方财政收入 and 提前三个月.
_ECONOMY = (
    "(?<![营字域体洋色环型村有游化台空间下济制会区部])经济(?=增速|增长率|增长速度|增幅|增长了?(?:多少|几)|总量)(?:总量)?"
    "|(?<![A-Za-z])(?<![a-z] )GDP(?![A-Za-z])(?! [a-z])"
)
_TOLD_AS_PLANNED = re.compile(f"^(?:{TOLD_AS_PLAN}|{TOLD_AS_TARGET})")
_MONTHS = "(?<![提目此以之当届开])前(?:{0}个|{1}个?)月"
_IN_OTHER_WORDS = tuple(
    (re.compile(asked), told, re.compile(other) if other else None)
    for asked, told, other in (
        (_ECONOMY, "地区生产总值", ""),
        (_ECONOMY, "生产总值", ""),
        (
            "(?:规(?:上|模以上)|(?<![重轻学部术型乡造机方以上]))工业(?=增速|增幅|增长)",
            "规模以上工业增加值",
            "(?<!规模以上)工业增加值",
        ),
        ("(?<![共方总级央税])财政收入", "一般公共预算收入", "财政总?收入"),
        ("(?<!城镇)新增就业", "城镇新增就业", ""),
        (_MONTHS.format("六", "6"), "上半年", ""),
        (_MONTHS.format("三", "3"), "一季度", ""),
        (_MONTHS.format("九", "9"), "前三季度", ""),
    )
)
"""What a question may call it; the words for it of a text that has them; what that has where they are another thing."""


@dataclass(frozen=True)
class Reading:
    """What a second reader says of a text: the log-odds that it answers, and the words of it that would answer."""

    relevance: float
    words: str


class Reader(Protocol):
    """A second reader."""

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return what each text says to the question."""
        ...


@dataclass(frozen=True)
class Unread:
    """A sentence to be read.

    Attributes:
        heading: that it stands under, short.
        text: of the sentence.
        without: the year that the reader is not to look for in it, see :func:`rag.year_told.goes_without_saying`.
        beginning: of its document, with the title: whose newspaper or report it is.
        written: the year that it was written in, if known: what 今年 means.
    """

    heading: str
    text: str
    without: int | None = None
    beginning: str = ""
    written: int | None = None


def shown(question: str, sentence: Unread) -> tuple[str, str]:
    """Return question and text as the reader is shown them, the text under its heading; see :func:`as_read`.

    Above the heading stands the city that is asked about, where the sentence is of that city and does not say so:
    全市常住人口292.3万人 under 人口 is to the reader of some city or other (log-odds of −0.4; 3.2 under 明山 > 人口).
    The question is put in the words of the text, where the words for something are many: 经济增速, 前六个月. It is
    asked without 实际 (完成多少; −0.6 for −3.0), unless the text has it too, and without 全年 (3.2 for 0.1) of a text
    that speaks of no part of a year. Where it names a year, 今年 and 去年 of the text are put in figures
    (为什么没法按2025年底通车 over 今年底通车目标因溶洞处治推迟: 3.1 for −3.6). What the heading alone calls a plan is
    told as one (投资目标 over 目标是完成投资30亿元: 3.5 for −7.1; 新建了多少家 over 计划新建40家: −3.5 for 3.5).
    """
    asked = question if sentence.without is None else without_year(question, sentence.without)
    told = told_as_planned(question, sentence.text, sentence.heading.split(" > "))
    text = f"{sentence.heading}\n{told}"
    if sentence.written is not None and years(asked):
        text = years_spelled_out(text, sentence.written)
    city = city_left_unsaid(question, text, sentence.beginning)
    asked, text = as_read(asked), as_read(f"{city} > {text}" if city else text)
    if "实际" not in text:
        asked = _ACTUALLY.sub("", asked)
    for otherwise, told, other in _IN_OTHER_WORDS:
        if told in text and not (otherwise.search(text.replace(told, "")) or (other and other.search(text))):
            asked = otherwise.sub(told, asked)
    if not periods(text) - {"year"} and not _PART_OF_A_YEAR.search(sentence.text):
        asked = _WHOLE_YEAR.sub("", asked)
    return asked, text


def as_read(text: str) -> str:
    """Return a text as the reader reads it best: simplified, with years in figures, and not as a first estimate.

    二〇二二年 above a sentence is to it another year than the 2022年 of the question (log-odds of −3.8 that it
    answers, and 3.7 with figures), 初步核算 in a bulletin no figure at all (−3.5, and 0.0 without).
    """
    return _BY_FIRST_ESTIMATE.sub("", with_figures(to_simplified(text)))


def read_under_headings(reader: Reader, question: str, sentences: Sequence[Unread]) -> list[Reading]:
    """Return what each sentence says to the question, as it was searched.

    A year in the question and none in the sentence is another matter to the reader. Of 28 sentences that held the
    answer, with the year beside them, it found the answer in 14, and in 22 when asked without the year; of 85 that did
    not hold it in 2, asked either way.
    """
    pairs = [shown(question, sentence) for sentence in sentences]
    found: dict[tuple[str, str], Reading] = {}
    for asked in dict.fromkeys(asked for asked, _ in pairs):
        texts = list(dict.fromkeys(text for other, text in pairs if other == asked))
        found.update(zip(((asked, text) for text in texts), reader.read(asked, texts), strict=True))
    return [_as_written(found[pair], sentence) for pair, sentence in zip(pairs, sentences, strict=True)]


def _as_written(reading: Reading, sentence: Unread) -> Reading:
    """Return a reading with words of the sentence as it is: 今年9月底, where 2025年9月底 was read."""
    words, text = reading.words, as_read(sentence.text)
    if not words or words in text:
        return reading
    words = _TOLD_AS_PLANNED.sub("", words)
    for relative in RELATIVE_YEARS:
        spelled = relative if sentence.written is None else years_spelled_out(relative, sentence.written)
        if words not in text and words.replace(spelled, relative) in text:
            words = words.replace(spelled, relative)
    return replace(reading, words=words) if words in text else reading
