"""Comparing texts by what they say: whatever the script, the width, the punctuation or the way a number is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.characters import IDEOGRAPHS
from index.folding import fold
from rag.numbers import placed_numbers

_SEGMENT = re.compile(f"[{IDEOGRAPHS}]|\\d+(?:[.,]\\d+)*|[^\\W\\d_{IDEOGRAPHS}]+")
_SMALL = {character: str(value) for value, character in enumerate("零一二三四五六七八九十")} | {"两": "2"}
_SMALL_ENGLISH = {
    word: str(value)
    for value, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
}
_COUNTERS = frozenset(
    "个個名家位次项起年月日号点岁元亩户人套所条座种样倍米届期天周分层批场件支只本辆台张篇艘间处类大方"
)


def segments(text: str) -> list[str]:
    """Return the units of character F1: each Chinese character, each Latin word and number, no punctuation.

    As `mixed_segmentation(rm_punc=True)` of CMRC 2018's script (Cui et al. 2019, "A span-extraction dataset for
    Chinese machine reading comprehension"), after folding: NFKC, simplified script, lower case.
    """
    return _SEGMENT.findall(fold(text))


def value_tokens(text: str) -> list[str]:
    """Return the segments of ``text`` with every number by its value: 5.04万 and 50400 are the same token."""
    return list(_value_tokens(text))


def holds(text: str, wanted: str) -> bool:
    """Whether ``text`` says ``wanted``: its tokens stand in ``text`` one after the other, numbers by value.

    Words and numbers are whole: 2.8万亩 does not hold 8万亩, nor "party" "art". Small numbers in words (三个, four)
    count as numbers where ``wanted`` is more than a bare 1, which 一 says too often without counting. A bare
    number is also held by that many percent, as gold sets leave the sign to the question; a percentage needs its sign.
    """
    said, needed = value_tokens(text), value_tokens(wanted)
    if not needed:
        # Nothing but symbols: compared as they stand.
        return bool(wanted.strip()) and fold(wanted.strip()) in fold(text)
    if _stand_in(said, needed):
        return True
    if len(needed) == 1 and f"{needed[0]}%" in said:
        return True
    return needed != ["#1"] and _stand_in(_small_numbers_read(said), _small_numbers_read(needed))


def holds_plainly(text: str, wanted: str) -> bool:
    """Whether ``wanted`` stands in ``text`` letter by letter, after folding and without spaces and separators.

    The rule of RGB's script evalue.py, which published accuracies follow, after folding.
    """
    return _plain(wanted) in _plain(text)


def _value_tokens(text: str) -> Iterator[str]:
    folded = fold(text)
    position = 0
    for number, start, end, _ in placed_numbers(text):
        yield from _SEGMENT.findall(folded[position:start])
        yield f"#{number.value.normalize():f}{'%' if number.percent else ''}"
        position = end
    yield from _SEGMENT.findall(folded[position:])


def _small_numbers_read(tokens: Sequence[str]) -> list[str]:
    """Read 三 before a counter, and four, as numbers."""
    read = []
    for token, following in zip(tokens, [*tokens[1:], ""], strict=False):
        if token in _SMALL and following in _COUNTERS:
            read.append(f"#{_SMALL[token]}")
        else:
            read.append(f"#{_SMALL_ENGLISH[token]}" if token in _SMALL_ENGLISH else token)
    return read


def _stand_in(said: Sequence[str], needed: Sequence[str]) -> bool:
    return any(said[start : start + len(needed)] == needed for start in range(len(said) - len(needed) + 1))


def _plain(text: str) -> str:
    return re.sub(r"[\s,]", "", fold(text))
