"""Whether a source is about the hospital, the school or the bridge whose number a question names, and no other.

市第二人民医院 and 市人民医院 are two, and so are 二桥 and 三桥. And whether a source takes back what was said of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.dating import DAYS_OF_A_MONTH
from index.folding import fold
from rag.numbers import numbers
from rag.terms import letters

# “市第二人民医院…34%”应为“市第一人民医院…34%”
_CORRECTED = (
    re.compile(
        "[“「](?P<was>[^”」]{2,80})[”」](?:有误|系误|不实)?[,，]?应(?:当)?(?:更正|改|系)?为?[“「](?P<should>[^”」]{2,80})[”」]"
    ),
    # 热线应为9600513，误为9600315
    re.compile(
        "应(?:当)?(?:是|为)[“「]?(?P<should>[^”」,，。;；]{2,40})[”」]?[,，]\\s*(?:误|错)(?:为|作|写成?|登为|印成?)"
        "[“「]?(?P<was>[^”」,，。;；]{2,40})"
    ),
    re.compile(
        "(?:误|错)(?:为|作|写成?|登为|印成?)[“「]?(?P<was>[^”」,，。;；]{2,40})[”」]?[,，]\\s*应(?:当)?(?:更正|改)?(?:是|为)"
        "[“「]?(?P<should>[^”」,，。;；]{2,40})"
    ),
)
# 市第二人民医院 and 市人民医院 are two, so are 市一中 and 市二中. 第一、第二人民医院 names both.
_NUMBERED = re.compile(
    r"(?:市区|(?P<level>[省市县区]))?(?P<numbers>第(?:\d{1,2}|[一二三四五六七八九十]{1,2})"
    r"(?:[、和及与]第?(?:\d{1,2}|[一二三四五六七八九十]{1,2}))*)"
    "(?P<kind>人民医院|医院|实验中学|实验小学|高级中学|中学|小学|幼儿园|水厂|污水处理厂)"
    r"|(?:市区|(?P<of>[省市县区]))?(?<!第\d)(?<!第\d\d)(?P<plain>人民医院)(?![路街站东西南北])"
    r"|(?<![\da-z.第前后这那一])(?P<of_many>\d{1,2}|[一二三四五六七八九十]{1,2})(?P<kind_of_many>桥|号线|号桥|号井|号楼)"
    "|(?P<owner>(?<!全)(?<!本)[市县区])(?P<short>[一二三四五六七八九十]{1,2})中(?![学国心央部医小型间等期旬层年院队全标考招奖午级段秋])"
)
_ASKS_WHICH_OF_THEM = re.compile("哪一?[家所个]")
# 在省人民医院专家指导下 tells of the one that it is about and not of that.
_BYSTANDER = re.compile("(?:[在与由从和跟同对经到向往]|对口)[^，,。；;]{0,6}$")
_SHORTEST_TAKEN_BACK = 6


@dataclass(frozen=True)
class _Numbered:
    """A hospital or the like that is told from others by its number; ``number`` is 0 of 人民医院 without one."""

    level: str
    number: int
    kind: str
    bystander: bool  # named beside another one that a text is about

    def may_be(self, other: _Numbered) -> bool:
        """Whether both may be the same: one of them may leave out whose it is."""
        levels = {self.level, other.level} - {""}
        return (self.kind, self.number) == (other.kind, other.number) and len(levels) < 2


def is_another_of_that_kind(question: str, texts: Sequence[str], before: str = "") -> bool:
    """Whether a question names a hospital or a school by its number, and the first text that names any another one.

    Args:
        question: as it was asked.
        texts: the source, and what stands above it, the nearest first.
        before: what precedes the source: it may say which one that is about, not that it is about another one.
    """
    if _ASKS_WHICH_OF_THEM.search(fold(question)):
        return False
    for asked in _numbered(question):
        of_that_kind = [
            # A heading on two places may name the hospital of one alone.
            [
                replace(one, level=one.level if place == 0 else "")
                for one in _numbered(text)
                if one.kind == asked.kind and not one.bystander
            ]
            for place, text in enumerate(texts)
        ]
        if any(asked.may_be(one) for told in (*of_that_kind, _numbered(before)) for one in told):
            continue
        if any(of_that_kind):
            return True
    return False


def taken_back(text: str) -> frozenset[str]:
    """Return what a text corrects, in letters and digits: of “进出口总额83.6亿元”应为“进出口总额63.8亿元” the first."""
    said = (letters(match["was"]) for match in _corrections(text))
    return frozenset(words for words in said if len(words) >= _SHORTEST_TAKEN_BACK)


def is_corrected_away(question: str, said: str, source: str) -> bool:
    """Whether a source takes back what ``said`` says, or what was said of the thing that a question names."""
    figures = {number.key for number in numbers(said)} - {number.key for number in numbers(question)}
    for match in _corrections(source):
        was, should = ({number.key for number in numbers(match[name])} for name in ("was", "should"))
        if figures and figures <= was - should:
            return True
        if not is_another_of_that_kind(question, [match["was"]]) and is_another_of_that_kind(
            question, [match["should"]]
        ):
            return True
    return False


def _corrections(text: str) -> list[re.Match[str]]:
    folded = fold(text)
    return [match for form in _CORRECTED for match in form.finditer(folded)]


def _numbered(text: str) -> list[_Numbered]:
    folded, found = fold(text), list[_Numbered]()
    for match in _NUMBERED.finditer(folded):
        level = match["level"] or match["of"] or match["owner"] or ""
        kind = match["kind"] or match["plain"] or match["kind_of_many"] or "中学"
        written = match["numbers"] or match["short"] or match["of_many"] or ""
        numbers_of_it = re.findall(r"\d+|[一二三四五六七八九十]+", written)
        bystander = _BYSTANDER.search(folded[: match.start()]) is not None
        for number in numbers_of_it or [""]:
            value = int(number) if number.isdigit() else DAYS_OF_A_MONTH.get(number, 0)
            found.append(_Numbered(level, value, kind, bystander))
    return found
