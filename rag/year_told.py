"""Which year a sentence is about, as what stands nearest to it tells: its words, its headings, its day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set

from index.dating import UNDATED, Dateline, years_meant
from index.folding import fold
from rag.indicators import PLANNED, heads_a_plan
from rag.numbers import placed_numbers
from rag.years import without_bases, without_comparisons, years

# 直到2020年底才改用现址: a year that a sentence without a figure tells beside its matter.
_ASIDE = re.compile(r"(?:直到|早在|(?<![始扩重新改发诞产])(?:建|成立|创办|创建|出生|生)于)\s*(?:19|20)\d\d年")
# 只改造了1.1万户，今年继续办结
_NEXT_STEP = re.compile(
    r"[,;。]\s*(?:(?:计划|力争|预计|确保)?(?:今年|明年)(?:将|要|继续|力争|计划|再|内|底前)"
    r"|(?:将|要|预计|推迟|延期?)[在于到至](?:今年|明年))[^,;。]*"
)
_WHOLE_DAY = re.compile(
    r"(?:(?:19|20)\d\d|(?<!\d)1[01]\d)(?:\s*年\s*(\d{1,2})\s*月\s*\d{1,2}\s*日|-(\d{1,2})-\d{1,2})"
)
# The year of a report to the people's congress is that in which it was given, and it mostly tells of the one before.
_REPORT = re.compile(r"(?:政府|施政)(?:工作)?报告|代表大会|人代会")
_YEAR_OF_A_REPORT = re.compile(
    r"(?:(?:19|20)\d\d|(?<!\d)1[01]\d)年(?:度)?[^,。;\d]{0,10}?(?:政府|施政)(?:工作)?报告"
)
_PLAN_END = re.compile('(十[二三四五]五)[”"’』」]*(?:规划)?期?末')
_PLAN_ENDS = {"十二五": 2015, "十三五": 2020, "十四五": 2025, "十五五": 2030}
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
_LATE_IN_A_YEAR = re.compile(r"(?<!\d)(?:[7-9]|1[0-2])月")
_MONTHS_THAT_LOOK_BACK = (1, 2)
"""Papers of these tell what the year before brought, and what this one is to bring."""
_LAST_MONTH_OF_REPORTS = 6
_CLAUSE_END = re.compile("[。；;，,]")
_JUST_BEFORE = 60
"""Characters before a sentence in which a year that is named is its own as well: 2015年他回到家乡。承包了200亩地。"""


def is_of_another_year(
    asked: Set[int],
    sentence: str,
    headings: Sequence[str],
    around: Sequence[str],
    written: Dateline = UNDATED,
) -> bool:
    """Whether a sentence is about another year than was asked for; what stands nearest decides.

    A year that it only tells beside its matter (直到2020年底才改用现址) does not, where it has no figure of that year.
    A report to the people's congress and what is written in January may be about the year before.

    Args:
        asked: the years that the question asks about.
        sentence: the sentence itself.
        headings: above it, the outermost first.
        around: other texts that say what it is about, the text that it stands in first.
        written: when it was: what 今年 and 去年 in it mean.
    """
    if not asked:
        return False
    own = _own_years(sentence, written)
    if asked & own:
        return False
    if own and own <= _told_aside(sentence, written):
        own = set()
    for named in (
        own,
        *(_told_by(heading, headings, sentence, around, written) for heading in reversed(headings)),
    ):
        if named:
            return not asked & named
    of_its_day = _of_its_day(sentence, headings, around, written)
    if asked & of_its_day and not years(_before(sentence, around)[-_JUST_BEFORE:]) - asked:
        return False
    if of_its_day and not any(map(years, around)):
        return not asked & of_its_day
    return speaks_of_other_years(asked, around)


def goes_without_saying(
    asked: Set[int], sentence: str, headings: Sequence[str], around: Sequence[str], written: Dateline
) -> bool:
    """Whether a sentence that names no year is of the one year asked about all the same, as when it was written tells.

    What a newspaper reports is of its own year, and in January and February of the year before, unless it looks ahead
    or tells of a day. So is what a report to the people's congress tells. Where nobody said when it was written, only
    the text around it can tell.

    Args:
        asked: the years that the question asks about.
        sentence: the sentence itself.
        headings: above it.
        around: other texts that say what it is about.
        written: when it was.
    """
    text = without_comparisons(sentence)
    if len(asked) != 1 or years(sentence) or _OF_OTHER_TIMES.search(text):
        return False
    if any(asked & years(heading) or _matter_years(heading) for heading in headings):
        return False  # the reader sees it there
    (year,) = asked
    if written.year is None:
        named = years(" ".join((*map(without_bases, around), *headings)))
        return named == asked and not _OF_SOME_DAY.search(text)
    meant = years_meant(_NEXT_STEP.sub("", fold(sentence)), written.year)
    return meant == asked if meant else min(_of_its_day(sentence, headings, around, written)) == year


def speaks_of_other_years(asked: Set[int], texts: Iterable[str]) -> bool:
    """Whether a sentence is about other years than the question asks for.

    ``texts`` are the sentence, the chunk around it and the headings above it. A sentence is about other years when
    years are named there, but none that was asked for; where none are named, nothing is known, and so not other.
    """
    if not asked:
        return False
    named = [years(text) for text in texts]
    return any(named) and not any(asked & found for found in named)


def _own_years(sentence: str, written: Dateline) -> set[int]:
    """Return the years that a sentence itself is about: named, meant by 去年, or the last ones of plans."""
    plan_ends = {_PLAN_ENDS[plan] for plan in _PLAN_END.findall(fold(sentence))}
    return years(sentence) | years_meant(sentence, written.year) | plan_ends


def _told_aside(sentence: str, written: Dateline) -> set[int]:
    """Return the years that a sentence tells beside its matter: in a next step; without a figure, since when."""
    next_steps = " ".join(_NEXT_STEP.findall(fold(sentence)))
    aside = years_meant(next_steps, written.year)
    if aside & years_meant(_NEXT_STEP.sub("", fold(sentence)), written.year):
        aside = set()
    if all(dated for _, _, _, dated in placed_numbers(sentence)):
        aside |= years(" ".join(_ASIDE.findall(fold(sentence))))
    return aside


def _told_by(
    heading: str, headings: Sequence[str], sentence: str, around: Sequence[str], written: Dateline
) -> set[int]:
    """Return the years that one of the ``headings`` above a sentence tells that it is of.

    That of a day counts only where it names no other:
    2023年统计公报 市统计局2024年4月2日 is of 2023; 2018年政府工作报告 (2018年1月4日) of 2018, and mostly of 2017.
    """
    matter = _matter_years(heading)
    if matter:
        return matter
    of_the_document = years(heading)
    if not of_the_document:
        return years_meant(heading, written.year)
    text = fold(heading)
    months = {int(month or other) for month, other in _WHOLE_DAY.findall(text)}
    if _looks_back(months or {_month(written)}, report=_REPORT.search(text) is not None):
        return {one for year in of_the_document for one in _years_looked_at(year, sentence, headings, around)}
    return of_the_document


def _matter_years(heading: str) -> set[int]:
    """Return the years that a heading names, without those of days and of reports to the people's congress."""
    return years(_YEAR_OF_A_REPORT.sub("", _WHOLE_DAY.sub("", fold(heading))))


def _of_its_day(sentence: str, headings: Sequence[str], around: Sequence[str], written: Dateline) -> set[int]:
    """Return the years that a sentence may be of, as the day tells that it was written on; empty where none is known.

    Where there are two, the earlier is the likelier.
    """
    if written.year is None:
        return set()
    report = any(_REPORT.search(fold(heading)) for heading in headings)
    if not _looks_back({_month(written)}, report=report):
        return {written.year}
    return _years_looked_at(written.year, sentence, headings, around)


def _looks_back(months: Set[int], *, report: bool) -> bool:
    if report:
        return min(months) <= _LAST_MONTH_OF_REPORTS
    return bool(months & set(_MONTHS_THAT_LOOK_BACK))


def _years_looked_at(year: int, sentence: str, headings: Sequence[str], around: Sequence[str]) -> set[int]:
    """Return the years that a sentence may be about that was written at the beginning of one, or for its congress.

    Where neither it nor its headings tell, the last words before it that do: 2022年，全市…。粮食总产量103.4万吨。
    """
    text = without_comparisons(sentence)
    if _OF_OTHER_TIMES.search(text):
        return {year}
    planned = heads_a_plan(headings)
    if planned is not None:
        return {year} if planned else {year - 1}
    if _AHEAD.search(text) or (_OF_A_DAY.search(text) and not _LATE_IN_A_YEAR.search(text)):
        return {year}
    both = {year - 1, year}
    for clause in reversed(_CLAUSE_END.split(_before(sentence, around))):
        named = both & (years(clause) | years_meant(clause, year))
        if named:
            return named
    return both


def _month(written: Dateline) -> int:
    """Return the month that a text was written in; 12 where it does not say so, and 0 where nothing is known."""
    return int(written.date[5:7] or 12) if written.year else 0


def _before(sentence: str, around: Sequence[str]) -> str:
    """Return what stands before a sentence, without the years that are only compared with."""
    for text in around:
        before, found, _ = text.partition(sentence)
        if found and before:
            return without_bases(before)
    return ""
