"""Whether a sentence has the things that a question counts: the five of “五个强市”, the four of “四个深化”."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from index.characters import IDEOGRAPHS
from index.folding import fold

_CLAUSE = re.compile("[,;。:!?()\n]")
_AROUND_SEMICOLONS = re.compile("[。:!?()\n]")
_SIDE_BY_SIDE = re.compile(r"、|(?<=\S)(?:以及|和|与|及)(?=\S)|\band\b")
_NAMES_SIDE_BY_SIDE = re.compile(
    rf"{_SIDE_BY_SIDE.pattern}|(?<=[{IDEOGRAPHS}])(?<![者员])\s+(?=[{IDEOGRAPHS}]{{2,4}}(?:\W|$))"
)
# 事关城市形象品位，事关群众生活品质
_LEADS_EACH = re.compile(
    "事关|关系到|涉及|有利于|有助于|坚持|必须|聚焦|围绕|突出|强化|着力|狠抓|抓好|严把|确保|加快|推进"
)
_ORDINAL_LEAD = re.compile(r"(?:^|[,;。:\n])\s*第?[一二三四五六七八九十][是要、,]")
_IN_QUOTES = re.compile("[“「『][^”」』]+[”」』]")
_NUMERALS = "两二三四五六七八九十"
# “十四五” is a name, not ten of something.
_NAMED = re.compile(
    f'[“「『"‘][^”」』"’]{{0,10}}?(?<!第)(?!十[一二三四五]个?五)(?P<count>[{_NUMERALS}])(?P<measure>[个大项条种类]?)(?P<what>[^”」』"’]{{1,6}})[”」』"’]'
)
# 嚴把四道關，是哪四道
_NAMED_BARE = re.compile(
    f"(?P<count>[{_NUMERALS}])(?P<measure>[个大项条种类道])(?P<what>[{IDEOGRAPHS}]{{1,4}}?),?(?:分别|具体)?是?哪(?P=count)"
)
_VALUES = {"两": 2} | {numeral: value for value, numeral in enumerate("二三四五六七八九十", 2)}


@dataclass(frozen=True)
class NamedCount:
    """So many things that a question names together: 4, “深化” and “四个深化”, folded."""

    count: int
    what: str
    name: str


def named_count(question: str) -> NamedCount | None:
    """Return what a question names together, “四个深化” or 四道关，是哪四道; None where it names nothing so."""
    named = _NAMED.search(fold(question)) or _NAMED_BARE.search(fold(question))
    if named is None:
        return None
    name = f"{named['count']}{named['measure']}{named['what']}"
    return NamedCount(_VALUES[named["count"]], named["what"], name)


def lists(text: str, count: int, *, of_names: bool = False) -> bool:
    """Whether ``text`` has ``count`` things side by side: 甲、乙和丙; 一是…二是…; “甲”“乙”; 事关甲，事关乙.

    Names may have no more than a space between them: 记者 王利辉 高伟山.
    """
    folded = fold(text)
    beside = _NAMES_SIDE_BY_SIDE if of_names else _SIDE_BY_SIDE
    side_by_side = max(len(beside.findall(clause)) + 1 for clause in _CLAUSE.split(folded))
    alike = max(Counter(_LEADS_EACH.findall(folded)).values(), default=0)
    return (
        max(side_by_side, alike, len(_ORDINAL_LEAD.findall(folded)), len(_IN_QUOTES.findall(text))) >= count
    )


def enumerates(question: str, text: str) -> bool:
    """Whether ``text`` is where the things stand that a question names together: “五个强市”, 四道关.

    It has exactly so many side by side, or parted by semicolons, and each is one by its name (经济强市、创新强市…
    for “五个强市”), or their common name stands next to them (政治引领、政企联动、助企服务和监督执纪“四个深化”).
    """
    named = named_count(question)
    if named is None:
        return False
    clauses = [clause for clause in _CLAUSE.split(fold(text)) if clause.strip('”」』"’ ')]
    for place, clause in enumerate(clauses):
        beside = clauses[max(0, place - 1) : place + 2]
        for items in (clause.split("、"), _SIDE_BY_SIDE.split(clause)):
            if len(items) == named.count and (
                all(named.what in item for item in items) or any(named.name in other for other in beside)
            ):
                return True
    # 五个必须（必须…；必须…；…）
    groups = (part.split(";") for part in _AROUND_SEMICOLONS.split(fold(text)))
    return any(len(items) == named.count and all(named.what in item for item in items) for items in groups)
