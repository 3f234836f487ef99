"""Words that are looked for letter by letter, whatever the punctuation, the script and the spaces.

Terms that a question sets in quotation marks are such words: 「雙千億」目標 is no other target. Of the questions of
cmrc2018 (244), DRCD (311) and RGB (33) with such a term, every answering passage holds it. So are Chinese words in
brackets after English ones: Zhongpin Food (众品食业).
"""

from __future__ import annotations

import re

from index.characters import IDEOGRAPHS, has_ideograph
from index.folding import fold
from rag.years import with_figures

_QUOTED = re.compile('[“「『"‘]([^“”「」『』"‘’]{2,16})[”」』"’]')
_GIVEN = re.compile(f"[A-Za-z]\\s*[（(]([{IDEOGRAPHS}]{{2,16}})[）)]")
# Which bridge an English question asks about without brackets: the 澜江三桥. Not what, the 地区生产总值.
_AMONG_ENGLISH = re.compile(
    f"\\b[Tt]he (?![{IDEOGRAPHS}]*(?:总值|收入|增加值|人口|投资|零售|支出))([{IDEOGRAPHS}]{{3,16}})"
    "(?<![市县縣区區省镇鎮乡鄉村])(?=[\\s,.?'’]|$)"
)
_SHORTEST_SHORTENED, _SHORTEST_HALF = 5, 2
# 长江大桥 is neither 长江二号大桥 nor 长江铁路大桥.
_OF_A_BODY = re.compile("(?:中心|公司|[局厅委会院校所站队]|集团|银行|大学)$")
_LEFT_OUT = "[^\\W\\d一二三四五六七八九十新老东西南北]{1,4}"
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)[^\w.]+(?=\d)")
_UNSPOKEN = re.compile(r"(?<!\d)\.|\.(?!\d)|[^\w. ]|_|(?<!\d) | (?!\d)")


def quoted_terms(question: str) -> frozenset[str]:
    """Return the Chinese terms in quotation marks, or beside English, folded and without spaces and punctuation."""
    terms = (*_QUOTED.findall(question), *_GIVEN.findall(question), *_AMONG_ENGLISH.findall(question))
    return frozenset(letters(term) for term in terms if has_ideograph(term))


def holds(text: str, terms: frozenset[str]) -> bool:
    """Whether ``text`` has all of the terms, a long one perhaps with more in it: 公积金中心 is 公积金管理中心."""
    said = letters(text)
    return all(term in said or _is_shortened(term, said) for term in terms)


def _is_shortened(term: str, said: str) -> bool:
    """Whether a long term is left of a name in ``said`` that has some more characters at one place within it."""
    if len(term) < _SHORTEST_SHORTENED or not _OF_A_BODY.search(term):
        return False
    halves = ((term[:place], term[place:]) for place in range(_SHORTEST_HALF, len(term) - _SHORTEST_HALF + 1))
    return any(re.search(f"{re.escape(one)}{_LEFT_OUT}{re.escape(other)}", said) for one, other in halves)


def stands_in(words: str, text: str) -> bool:
    """Whether ``text`` has the words; of a longer number no part counts: 400万元 does not stand in 3400万元.

    A year counts in either form: 2022年, 二〇二二年.
    """
    looked_for = _spoken(words)
    start = r"(?<![\d.])" if looked_for[:1].isdecimal() else ""
    end = r"(?![\d.])" if looked_for[-1:].isdecimal() else ""
    found = re.search(f"{start}{re.escape(looked_for)}{end}", _spoken(text))
    return bool(looked_for) and found is not None


def _spoken(text: str) -> str:
    """Return the letters, digits and decimal points of ``text``, folded, with a space between two numbers."""
    return _UNSPOKEN.sub("", _BETWEEN_NUMBERS.sub(" ", _THOUSANDS.sub("", with_figures(fold(text)))))


def letters(text: str) -> str:
    """Return the letters and digits of ``text``, folded: names are compared so."""
    return "".join(character for character in fold(text) if character.isalnum())
