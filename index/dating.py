"""When and where a text was written, as far as it says so, and which years 今年 and 去年 then mean.

A wrong date is worse than none: only what the text states counts, a date on a line of its own above an article, a
masthead, a newspaper's dateline (新华社北京3月13日电). A dateline without its year gets it from another date on the
same page, or from the words 2023年第10次 beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby, product

from index.folding import DIGITS_OF_A_YEAR, ZEROS
from index.structure import Section, is_article_start, is_running

DATING_VERSION = 4
"""Raised whenever the same text would be dated otherwise; a part of the index manifest."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]*\.?"
_FULL_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)\s*(?:年|[-./])\s*(?P<month>\d{1,2})\s*(?:月|[-./])\s*(?P<day>\d{1,2})(?!\d)"
    rf"|(?P<chinese_year>{DIGITS_OF_A_YEAR})年(?P<chinese_month>[一二三四五六七八九十]{{1,2}})月(?P<chinese_day>[一二三四五六七八九十]{{1,3}})日"
    r"|民[国國]\s*(?P<republic_year>\d{1,3})\s*年\s*(?P<republic_month>\d{1,2})\s*月\s*(?P<republic_day>\d{1,2})\s*日"
    rf"|(?P<english_month>{_MONTH})\s+(?P<english_day>\d{{1,2}})(?:st|nd|rd|th)?,\s*(?P<english_year>(?:19|20)\d\d)"
    rf"|(?<!\d)(?P<british_day>\d{{1,2}})\s+(?P<british_month>{_MONTH})\s+(?P<british_year>(?:19|20)\d\d)",
    re.IGNORECASE,
)
_MASTHEAD = re.compile(
    r"((?:19|20)\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*[（(]?\s*星\s*期\s*[一二三四五六日天]"
)
_DATELINE = re.compile(
    r"(?P<source>[（(]?(?:新[华華]社|中新社)(?P<agency_place>[^\d\s，。（）()发發摄攝者]{0,8}?)|本[报報](?P<paper_place>[^\d\s，。（）()讯訊者]{2,6})(?=\d)|本[报報][讯訊])?"
    r"\s*(?:[（(][^（）()]{1,40}[）)])?\s*"
    r"(?:(?P<year>(?:19|20)\d\d)年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日"
)
_ENGLISH_DATELINE = re.compile(
    rf"(?P<place>[A-Z][A-Z .'-]{{2,30}}),\s*(?P<month>(?i:{_MONTH}))\s+(?P<day>\d{{1,2}})\b",
)
_NTH_OF_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年\s*第\s*[\d一二三四五六七八九十百]+\s*[次期号號]")
_SENTENCE_END = re.compile("[。！？]")
_OPENING_LINES = 8
_LINE_CHARS = 60
_LEAP_YEAR = 2000
BEFORE_THE_REPUBLIC = 1911
"""The year before the first one of the calendar of the Republic of China: 民國107年 is 2018."""
_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")} | dict.fromkeys(ZEROS, 0)
_ONES = ["", *"一二三四五六七八九"]
DAYS_OF_A_MONTH = {
    tens + ones: number
    for number, (tens, ones) in enumerate(product(["", "十", "二十", "三十"], _ONES))
    if number
}
"""What a month or its day is called in Chinese, with its number: 二十八 is 28."""

_RELATIVE = (
    (0, r"(?<!如)[今本]年|\bthis year\b"),
    (-1, r"(?<!除)去年|\blast year\b"),
    (-2, r"(?<![目之以年])前年(?![产產均])"),
    (1, r"(?<![说說证證表])明年|\bnext year\b"),
)
# What another year's figure is only compared with: 比去年增长5%, 打破自己去年创下的纪录.
_COMPARED = r"(?<![比较較与與和同跟于於超])(?<![破过過]自己)"
_RELATIVE_YEARS = tuple(
    (offset, re.compile(f"{_COMPARED}(?:{words})", re.IGNORECASE)) for offset, words in _RELATIVE
)
RELATIVE_YEARS = {"今年": 0, "本年": 0, "去年": -1, "前年": -2, "明年": 1}
"""What names a year by how far it is from that of writing."""
# Not 日本年产, 现今年轻人, 过去年均, 大前年 and 文明年.
_SPELLED_OUT = re.compile(
    f"《[^》]*》|{_COMPARED}(?:(?<![如现当古至])今年(?![轻代])|(?<![日样基资成标文剧课版])本年(?![级鉴轻])"
    "|(?<![过除失])去年(?!均)|(?<![大从生目之以])前年|(?<![文清三昆黎光透声说證证表])明年(?!均))"
)


@dataclass(frozen=True)
class Dateline:
    """When and where a text was written; empty where it does not say so.

    ``date`` is of ISO 8601 and as exact as the text: ``2023-03-13``, or ``2023``, or ``--03-13`` where it leaves the
    year open.
    """

    date: str = ""
    place: str = ""

    @property
    def year(self) -> int | None:
        """The year, where it is known."""
        return int(self.date[:4]) if self.date[:4].isdigit() else None

    @property
    def month(self) -> int | None:
        """The month of a known year, where it is known."""
        return int(self.date[5:7]) if self.year and self.date[5:7] else None


UNDATED = Dateline()


@dataclass(frozen=True)
class _Opening:
    """What the first lines of an article say of when and where it was written."""

    above: date | None = None  # on a line of its own
    full: date | None = None  # in the dateline
    month_day: tuple[int, int] | None = None  # there, without a year
    place: str = ""


def datelines(text: str, divided: Sequence[Section], stated: str = "") -> list[Dateline]:
    """Return the dateline of each section, one for all sections of an article.

    Args:
        text: cleaned.
        divided: its sections.
        stated: the date that the document's format gives, where it gives one: in ISO 8601, maybe shortened, or as
            people write it.
    """
    articles = [list(parts) for _, parts in groupby(divided, key=lambda section: section.article)]
    paper = any(_begins_news(line) for line in text.split("\n"))
    openings = [_opening(text[parts[0].start : parts[-1].end], paper=paper) for parts in articles]
    whole = _document_date(text, stated, openings)
    known = whole or next((one.above or one.full for one in openings if one.above or one.full), None)
    found: list[Dateline] = []
    for parts, opening in zip(articles, openings, strict=True):
        written = opening.above or opening.full
        if written is None and opening.month_day and known:
            written = _nearest(*opening.month_day, known)
        if written:
            stands = written.isoformat()
        elif opening.month_day:
            stands = "--{:02d}-{:02d}".format(*opening.month_day)
        elif whole:
            stands = whole.isoformat()
        elif days(stated):
            stands = stated
        else:
            stands = str(known.year) if known and paper else ""
        found.extend([Dateline(stands, opening.place)] * len(parts))
    return found


def days(stated: str) -> tuple[date, date] | None:
    """Return the first and the last day that an ISO date, whole or shortened (2023-03, 2023), covers.

    None where it is no date, or one without a year.
    """
    match = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", stated)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    try:
        first = date(year, month or 1, day or 1)
        if day:
            return first, first
        following = date(year + 1, 1, 1) if month in (None, 12) else date(year, (month or 0) + 1, 1)
    except ValueError:
        return None
    return first, following - timedelta(days=1)


def years_meant(text: str, written: int | None) -> set[int]:
    """Return the years that 今年, 去年, 前年 and 明年 mean in a text that was ``written`` in a year.

    A year that is only compared with (比去年增长5%) is not what the text is about, and left out.
    """
    if written is None:
        return set()
    return {written + offset for offset, pattern in _RELATIVE_YEARS if pattern.search(text)}


def years_spelled_out(text: str, written: int) -> str:
    """Return a text that was ``written`` in a year with that in the place of 今年, and so on: 2023年底 for 去年底.

    Titles (《今年夏天》) stay as they are, and years that are only compared with.
    """
    return _SPELLED_OUT.sub(lambda match: _named(match, written), text)


def _named(match: re.Match[str], written: int) -> str:
    offset = RELATIVE_YEARS.get(match.group())
    return match.group() if offset is None else f"{written + offset}年"


def _document_date(text: str, stated: str, openings: Sequence[_Opening]) -> date | None:
    """Return the date of the document as a whole: the format's, its only masthead's, or that of its first lines."""
    given = _first_date(stated)
    if given:
        return given
    mastheads = {match.groups() for match in _MASTHEAD.finditer(text)}
    if len(mastheads) == 1:
        return _valid(*map(int, mastheads.pop()))
    return openings[0].above if openings else None


def _begins_news(line: str) -> bool:
    """Whether a line begins an article of a newspaper or an agency."""
    begins = _DATELINE.match(line)
    return is_article_start(line) or bool(begins and begins["source"]) or bool(_ENGLISH_DATELINE.match(line))


def _opening(article: str, *, paper: bool) -> _Opening:
    """Read the lines above an article's running text, and how that begins.

    Outside of a newspaper, running text that begins with a date (6月1日起施行) tells of that day; it was not written
    then.
    """
    found = _Opening()
    for line in _first_lines(article):
        running = is_running(line) or len(line) > _LINE_CHARS
        # A masthead is the page's, not its first article's.
        above = None if running or found.above or _MASTHEAD.search(line) else _first_date(line)
        if above:
            found = replace(found, above=above)
            continue
        dateline = _dateline(line) if paper else None
        if dateline:
            return replace(dateline, above=found.above)
        if running:
            break
    return found


def _dateline(line: str) -> _Opening | None:
    """Read a dateline at the beginning of a line; None where there is none."""
    english = _ENGLISH_DATELINE.match(line)
    if english:
        month_day = _month_number(english["month"]), int(english["day"])
        return _Opening(month_day=month_day, place=english["place"].strip().title())
    begins = _DATELINE.match(line)
    if not begins:
        return None
    month, day = int(begins["month"]), int(begins["day"])
    place = (begins["agency_place"] or begins["paper_place"] or "").strip()
    first_sentence = _SENTENCE_END.split(line, maxsplit=1)[0]
    year = begins["year"] or _only(_NTH_OF_YEAR.findall(first_sentence))
    if year:
        return _Opening(full=_valid(int(year), month, day), place=place)
    if _valid(_LEAP_YEAR, month, day) is None:
        return None
    return _Opening(month_day=(month, day), place=place)


def _first_lines(article: str) -> Iterator[str]:
    lines = (line.strip().lstrip("#").strip() for line in article.split("\n"))
    for _, line in zip(range(_OPENING_LINES), filter(None, lines), strict=False):
        yield line


def _first_date(line: str) -> date | None:
    for match in _FULL_DATE.finditer(line):
        parts = match.groupdict()
        if parts["year"]:
            found = _valid(int(parts["year"]), int(parts["month"]), int(parts["day"]))
        elif parts["chinese_year"]:
            year = int("".join(str(_DIGITS[digit]) for digit in parts["chinese_year"]))
            month, day = (DAYS_OF_A_MONTH.get(parts[part], 0) for part in ("chinese_month", "chinese_day"))
            found = _valid(year, month, day)
        elif parts["republic_year"]:
            year = BEFORE_THE_REPUBLIC + int(parts["republic_year"])
            found = _valid(year, int(parts["republic_month"]), int(parts["republic_day"]))
        elif parts["english_year"]:
            month = _month_number(parts["english_month"])
            found = _valid(int(parts["english_year"]), month, int(parts["english_day"]))
        else:
            month = _month_number(parts["british_month"])
            found = _valid(int(parts["british_year"]), month, int(parts["british_day"]))
        if found:
            return found
    return None


def _month_number(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _only(found: Iterable[str]) -> str | None:
    different = set(found)
    return different.pop() if len(different) == 1 else None


def _nearest(month: int, day: int, known: date) -> date | None:
    """Return the day of a month in the year that puts it nearest to a known date."""
    candidates = [_valid(known.year + offset, month, day) for offset in (-1, 0, 1)]
    return min(filter(None, candidates), key=lambda one: abs(one - known), default=None)
