"""Questions with two parts: two years, two places, or two questions in one, each answered on its own.

A small model that is asked for two figures at once mostly gives one of them, and one search for both finds the
passages of one. Only what can be told apart by its form is taken apart; a question that compares, adds up or chooses
is left whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.characters import IDEOGRAPHS
from rag.asked import asks
from rag.follow_ups import simple

_MOST_PARTS = 3
_YEAR = r"(?:19|20)\d\d年"
_TIME = (
    rf"(?:{_YEAR})?(?:上半年|下半年|[一二三四]季度|年底|\d{{1,2}}月(?:份|\d{{1,2}}日)?)|{_YEAR}(?:底|末|初)?"
)
_PLACE = f"(?:(?![的和与及跟])[{IDEOGRAPHS}]){{2,5}}?(?:省|市|县|区|镇|乡)"
_JOINED = "|".join(
    rf"(?P<{kind}_first>{what})\s*(?:和|与|及|以及|跟|、)\s*(?P<{kind}_second>{what})"
    for kind, what in (("time", _TIME), ("place", _PLACE))
)
_COORDINATION = re.compile(_JOINED)
_EACH = re.compile("分别|各自|各(?=是|有|为|多少|几|达|增|完成|实现)")
_TOGETHER = re.compile("一共|总共|合计|共计|相差|相比|差多少|[高低多少]出?多少|哪个|谁更|变化|都")
_NAMES_ITS_MATTER = re.compile(rf"{_PLACE}|{_YEAR}|《[^》]+》")
_LEANS = re.compile("[这该其他她它此又还也]")
_TOPIC = re.compile("^(?P<topic>[^：:？?。]{2,24})[：:]")


@dataclass(frozen=True)
class Part:
    """A question of its own; ``label`` says which part of the whole it is, empty where that needs no saying."""

    label: str
    question: str


def parts_of(question: str) -> tuple[Part, ...]:
    """Take a question apart; one that has no parts, or cannot be taken apart, is its only part."""
    found = _coordinated(question) or _questions(question)
    return found if 1 < len(found) <= _MOST_PARTS else (Part("", question),)


def _coordinated(question: str) -> tuple[Part, ...]:
    """Take apart 2020年和2021年的生产总值各是多少."""
    words = simple(question)
    joined = list(_COORDINATION.finditer(words))
    if len(joined) != 1 or not _EACH.search(words) or _TOGETHER.search(words):
        return ()
    match = joined[0]
    kind = "time" if match["time_first"] else "place"
    first = question[slice(*match.span(f"{kind}_first"))]
    second = question[slice(*match.span(f"{kind}_second"))]
    year = re.match(_YEAR, simple(first))
    if kind == "time" and year and not re.match(_YEAR, simple(second)):
        second = question[match.start() : match.start() + year.end()] + second
    before, after = question[: match.start()], question[match.end() :]
    return tuple(Part(label, _without_each(f"{before}{label}{after}")) for label in (first, second))


def _without_each(question: str) -> str:
    match = _EACH.search(simple(question))
    return question[: match.start()] + question[match.end() :] if match else question


def _questions(question: str) -> tuple[Part, ...]:
    """Take apart two questions that follow one another, where each says what it is about."""
    words = simple(question)
    if _EACH.search(words) or _LEANS.search(words):
        return ()
    topic = _TOPIC.match(words)
    pieces = [piece.strip() for piece in re.findall("[^？?]+[？?]*", question)]
    if not all(asks(piece) for piece in pieces):
        return ()
    if topic is not None:
        name = question[slice(*topic.span("topic"))]
        return tuple(Part("", piece if not n else f"{name}：{piece}") for n, piece in enumerate(pieces))
    if not all(_NAMES_ITS_MATTER.search(simple(piece)) for piece in pieces):
        return ()
    return tuple(Part("", piece) for piece in pieces)
