"""Which year a sentence is about, as what stands nearest to it tells: its words, its headings, its day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from index.dating import DAYS_OF_A_MONTH, UNDATED, Dateline, years_meant
from index.folding import fold
from rag.indicators import PLANNED, heads_a_plan
from rag.numbers import placed_numbers
from rag.years import without_bases, without_the_year_before, years

# 直到2020年底才改用现址: a year that a sentence without a figure tells beside its matter.
_ASIDE = re.compile(r"(?:直到|早在|(?<![始扩重新改发诞产])(?:建|成立|创办|创建|出生|生)于)\s*(?:19|20)\d\d年")
# 第二名是去年的冠军、溪东镇的柳大兰: who somebody was before.
_OF_FORMER_HONOURS = re.compile(
    "(?<=[是为由被胜过、])(?:去年|前年|[上前]一?届)的?(?:[冠亚季]军|第[一二三]名|得主|状元|获奖者)(?=[、,])"
)
# 只改造了1.1万户，今年继续办结
_NEXT_STEP = re.compile(
    r"[,;。]\s*(?:(?:计划|力争|预计|确保)?(?:今年|明年)(?:将|要|继续|力争|计划|再|内|底前)"
    r"|(?:将|要|预计|推迟|延期?)[在于到至](?:今年|明年))[^,;。]*"
)
# 主要是两艘散货船推迟到今年交付, 预计推迟到2024年8月开放
_PUT_OFF = re.compile(r"[^,;。]*(?:推迟|延期?|顺延|拖)[在于到至](?:今年|明年|(?:19|20)\d\d年)[^,;。]*")
_YEAR = r"(?:(?:19|20)\d\d|(?<!\d)1[01]\d|[一二][〇零一二三四五六七八九]{3})"
_MONTH = r"\s*(\d{1,2}|[一二三四五六七八九十]{1,2})\s*"
_WHOLE_DAY = re.compile(
    rf"{_YEAR}(?:\s*年{_MONTH}月\s*[\d一二三四五六七八九十]{{1,3}}\s*日|[-.]{_MONTH}[-.]\d{{1,2}}(?!\d))"
)
_WHOLE_MONTH = re.compile(rf"{_YEAR}\s*年{_MONTH}月")
# The year of a report to the people's congress is that in which it was given, and it mostly tells of the one before.
_REPORT = re.compile(r"(?:政府|施政)(?:工作)?(?:总)?报告|人民代表大会(?!常)|人代会")
_YEAR_OF_A_REPORT = re.compile(rf"{_YEAR}年(?!度)[^,。;\d]{{0,10}}?(?:政府|施政)(?:工作)?(?:总)?报告")
# So does what looks back on a year when it is over.
_LOOKS_BACK = re.compile(rf"{_REPORT.pattern}|统计公报|年度?报告?(?=$|\W)|年报|总结|预算执行|决算")
_PLAN_END = re.compile('(十[二三四五]五)[”"’』」]*(?:规划)?期?末')
_PLAN_ENDS = {"十二五": 2015, "十三五": 2020, "十四五": 2025, "十五五": 2030}
_AHEAD = re.compile(
    rf"{PLANNED.pattern}|确保|预计|有望|打算|今后|下一步|将达|左右|(?<=[\d%人个家亩元户名项所台件吨])以上"
    r"|[将要](?=[新建实推完打加培提增开])|\b(?:will|plans?|aims?|targets?)\b"
)
# 超额完成年度目标任务, 向上争取资金12.3亿元, 主要建设…
_NOT_AHEAD = re.compile(
    "向上争取|争取(?:到|了|上级|中央|省级|资金)|(?:完成|超过|超额|达到|实现|占|[高低好]于|未达|离)[^,。;]{0,8}?(?:目标|预期|计划)"
    "|(?:行动|攻坚|培育|提升)计划|[主需重必][要]|\\b(?:exceeded|met|missed|beat)[a-z ]{0,12}targets?\\b"
)
_OF_A_DAY = re.compile(r"\d{1,2}日|[昨今当][日天]|近日|日前|本月|连日|\b(?:yesterday|today|recently)\b")
_LATE_IN_A_YEAR = re.compile(r"(?<!\d)(?:[7-9]|1[0-2])月")
_OF_SEVERAL_YEARS = re.compile(
    '[一二两三四五六七八九十近过几数\\d][个]?年[来间前后里]|[近过]去?[几三五十两]年|十[一二三四五]五[”"’』」]*(?:期间|时期|以来)|以来'
)
# Of what was told before: 2009年他回到家乡。第二年…
_OF_A_LATER_YEAR = re.compile(
    "[次翌同当]年|第[二三四五]年|[一二两三四五六七八九十几数\\d][个]?年[前后]|世纪|年代|改革开放|解放|建国|曾经|最初"
    "|\\b(?:following|previous|next|same) year\\b|\\b(?:years?|decades?) (?:ago|later|earlier)\\b"
    "|\\b(?:at the time|once)\\b"
)
# Sentences of several years, or of some other time that is told without a number.
_OF_OTHER_TIMES = re.compile(
    f"{_OF_SEVERAL_YEARS.pattern}|十[一二三四五]五|[上前]一?年|[次翌同当历每]年|第[二三]年"
    f"|累计|过去|{_OF_A_LATER_YEAR.pattern}"
)
# In a text that nobody dated: of the day that it was written, or of some day after the one that is named.
_OF_SOME_DAY = re.compile(
    "现有|现已|目前|如今|现在|现任|至今|后来|此后|之后|第[二三四五六七八九十\\d]+[届次期]"
)
_HAS_A_TIME_OF_ITS_OWN = re.compile(
    f"{_OF_A_DAY.pattern}|{_OF_SOME_DAY.pattern}|{_OF_A_LATER_YEAR.pattern}|现[有在任]|截[至止]|[上下]半年|季度|\\d{{1,2}}月|累计"
)
_MONTHS_THAT_LOOK_BACK = (1, 2)
"""Papers of these tell what the year before brought, and what this one is to bring."""
_LAST_MONTH_OF_REPORTS = 6
_FIRST_MONTH_OF_PLANS = 10
_CLAUSE_END = re.compile("[。；;，,]")
_JUST_BEFORE = 60
"""Characters before a sentence in which a year that is named is its own as well: 2015年他回到家乡。承包了200亩地。"""


@dataclass(frozen=True)
class _Told:
    """A sentence where it stands.

    Attributes:
        sentence: itself.
        headings: above it, the outermost first.
        around: other texts that say what it is about.
        written: when it was.
    """

    sentence: str
    headings: Sequence[str]
    around: Sequence[str]
    written: Dateline

    def own_years(self) -> set[int]:
        """Return the years that the sentence itself is about: named, meant by 去年, or the last ones of plans."""
        plan_ends = {_PLAN_ENDS[plan] for plan in _PLAN_END.findall(fold(self.sentence))}
        return years(self.sentence) | years_meant(self.sentence, self.written.year) | plan_ends

    def years_aside(self) -> set[int]:
        """Return the years that it tells beside its matter: what comes next, who won before, since when it is so.

        The last only of a sentence without a figure.
        """
        text, beside = _parted(self.sentence)
        aside = years_meant(beside, self.written.year) - years_meant(text, self.written.year)
        aside |= years(" ".join(_PUT_OFF.findall(beside))) - years(text)
        if all(dated for _, _, _, dated in placed_numbers(self.sentence)):
            aside |= years(" ".join(_ASIDE.findall(text)))
        return aside

    def years_of(self, heading: str) -> set[int]:
        """Return the years that one of the headings tells that it is of; that of a day where it names no other.

        2023年统计公报 市统计局2024年4月2日 is of 2023; 2018年政府工作报告 (2018年1月4日) of 2018, and mostly of 2017.
        """
        matter, of_the_document = _matter_years(heading), years(heading)
        if matter or not of_the_document:
            return matter or years_meant(heading, self.written.year)
        text = fold(heading)
        named = [*_WHOLE_DAY.findall(text), *((month, "") for month in _WHOLE_MONTH.findall(text))]
        months = {_month_number(month or other) for month, other in named} or {self.written.month or 0}
        if _looks_back(min(months), report=_REPORT.search(text) is not None):
            return {one for year in of_the_document for one in self.years_looked_at(year)}
        return of_the_document

    def years_of_its_day(self) -> set[int]:
        """Return the years that it may be of, as the day tells that it was written on; empty where none is known.

        Where there are two, the earlier is the likelier.
        """
        if self.written.year is None:
            return set()
        report = any(_LOOKS_BACK.search(fold(heading)) for heading in self.headings)
        if _looks_back(self.written.month or 0, report=report):
            return self.years_looked_at(self.written.year)
        return {self.written.year}

    def years_looked_at(self, year: int) -> set[int]:
        """Return the years that it may be about, if written at the beginning of one, or looking back on the last.

        Where neither it nor its headings tell, the last words before it that do: 2022年，全市…。粮食总产量103.4万吨。
        """
        text = without_the_year_before(self.sentence)
        if _OF_SEVERAL_YEARS.search(text):
            return {year}
        planned = heads_a_plan(self.headings)
        if planned is not None:
            return {year} if planned else {year - 1}
        text = _NOT_AHEAD.sub("", text)
        if _AHEAD.search(text) or (_OF_A_DAY.search(text) and not _LATE_IN_A_YEAR.search(text)):
            return {year}
        both = {year - 1, year}
        return both & self.years_before() or both

    def years_before(self, characters: int | None = None) -> set[int]:
        """Return the years that the last clause before it names that names any: 去年，全市…。其中，青溪区64.2亿元。"""
        before = self.before() if characters is None else self.before()[-characters:]
        for clause in reversed(_CLAUSE_END.split(before)):
            named = years(clause) | years_meant(clause, self.written.year)
            if named:
                return named
        return set()

    def years_just_before(self) -> set[int]:
        """The same of what stands just before it; empty where it tells when it is of itself: 截至8月底…"""
        if _HAS_A_TIME_OF_ITS_OWN.search(fold(self.sentence)):
            return set()
        return self.years_before(_JUST_BEFORE)

    def before(self) -> str:
        """Return what stands before it, folded, without the years that are only compared with."""
        for text in self.around:
            before, found, _ = text.partition(self.sentence)
            if found and before:
                return without_bases(before)
        return ""


def is_of_another_year(
    asked: Set[int],
    sentence: str,
    headings: Sequence[str],
    around: Sequence[str],
    written: Dateline = UNDATED,
) -> bool:
    """Whether a sentence is about another year than was asked for; what stands nearest decides.

    A year that it only tells beside its matter (直到2020年底才改用现址) does not, where it has no figure of that year.
    A report to the people's congress and what is written in January may be about the year before. Where no year is
    named at all, what is told of a known day is of the year of that day.

    Args:
        asked: the years that the question asks about.
        sentence: the sentence itself.
        headings: above it, the outermost first.
        around: other texts that say what it is about.
        written: when it was: what 今年 and 去年 in it mean.
    """
    if not asked:
        return False
    told = _Told(sentence, headings, around, written)
    own = told.own_years()
    if asked & own:
        return False
    if own <= told.years_aside():
        own = set()
    if own:
        return True
    for heading in reversed(headings):
        named = told.years_of(heading)
        if named:  # that of its day stands farther off than 去年 in the sentence before
            return not asked & named and not (not _matter_years(heading) and asked & told.years_just_before())
    # A year that its neighbours only compare with is theirs as little as its own.
    around = [without_bases(text) for text in around]
    of_its_day = told.years_of_its_day()
    if of_its_day and asked & told.years_just_before():
        return False
    if of_its_day and not _OF_A_LATER_YEAR.search(fold(sentence)):
        if asked & of_its_day and not years(told.before()[-_JUST_BEFORE:]) - asked:
            return False
        if not any(map(years, around)):
            next_year = {max(of_its_day) + 1} if (written.month or 0) >= _FIRST_MONTH_OF_PLANS else set()
            return not asked & (of_its_day | next_year)
    return speaks_of_other_years(asked, around)


def goes_without_saying(
    asked: Set[int], sentence: str, headings: Sequence[str], around: Sequence[str], written: Dateline
) -> bool:
    """Whether a sentence that names no year is of the one year asked about all the same, as when it was written tells.

    What a newspaper reports is of its own year, and in January and February of the year before, unless it looks ahead
    or tells of a day; so is, until June, what a report on a year tells. Where nobody said when it was written, only
    the text around it can tell.

    Args:
        asked: the years that the question asks about.
        sentence: the sentence itself.
        headings: above it.
        around: other texts that say what it is about.
        written: when it was.
    """
    text = without_the_year_before(sentence)
    if len(asked) != 1 or years(sentence) or _OF_OTHER_TIMES.search(text):
        return False
    if any(asked & years(heading) or _matter_years(heading) for heading in headings):
        return False  # the reader sees it there
    if written.year is None:
        named = years(" ".join((*map(without_bases, around), *headings)))
        return named == asked and not _OF_SOME_DAY.search(text)
    meant = years_meant(_parted(sentence)[0], written.year)
    of_its_day = _Told(sentence, headings, around, written).years_of_its_day()
    return asked == (meant or {min(of_its_day)})


def speaks_of_other_years(asked: Set[int], texts: Iterable[str]) -> bool:
    """Whether a sentence is about other years than the question asks for.

    ``texts`` are the sentence, the chunk around it and the headings above it. A sentence is about other years when
    years are named there, but none that was asked for; where none are named, nothing is known, and so not other.
    """
    if not asked:
        return False
    named = [years(text) for text in texts]
    return any(named) and not any(asked & found for found in named)


def _parted(sentence: str) -> tuple[str, str]:
    """Part from the rest of a sentence, folded, who won before, what was put off until when, and what comes next.

    What comes next does so after a figure of what was done.

    The rest comes first: 只改造了1.1万户; 今年继续办结.
    """
    text = fold(sentence)
    beside = "".join((*_OF_FORMER_HONOURS.findall(text), *_PUT_OFF.findall(text)))
    text = _PUT_OFF.sub("", _OF_FORMER_HONOURS.sub("", text))
    for match in _NEXT_STEP.finditer(text):
        if any(not dated for _, _, _, dated in placed_numbers(text[: match.start()])):
            return text[: match.start()] + text[match.end() :], beside + match.group()
    return text, beside


def _matter_years(heading: str) -> set[int]:
    """Return the years that a heading names, without those of days and of reports to the people's congress."""
    text = _WHOLE_DAY.sub("", fold(heading))
    if _REPORT.search(text):
        text = _YEAR_OF_A_REPORT.sub("", _WHOLE_MONTH.sub("", text))
    return years(text)


def _looks_back(month: int, *, report: bool) -> bool:
    return month <= _LAST_MONTH_OF_REPORTS if report else month in _MONTHS_THAT_LOOK_BACK


def _month_number(written: str) -> int:
    return int(written) if written.isdigit() else DAYS_OF_A_MONTH.get(written, 0)
