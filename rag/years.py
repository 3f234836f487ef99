"""Which years a question asks about, and which a passage speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from index.folding import fold

_YEAR = re.compile(
    r"(?<!\d)((?:19|20)\d\d)"
    r"(?=\s*(?:年|[-—–~至到/]\s*\d|[和与及]\s*(?:19|20)\d\d)"
    r"|\.(?:0?[1-9]|1[0-2])(?![\d%万亿元])|[.,](?!\d)|[^\d\w.,%]|$)"  # 2023.6 is a date, 1999.57亿元 is not
)
_CHINESE_YEAR = re.compile(
    "[一二][〇零一二三四五六七八九]{3}(?=年|[-—–~至到、和与及][一二][〇零一二三四五六七八九]{3})"
)
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")


def years(text: str) -> set[int]:
    """Return the calendar years that ``text`` names (2023年, 2021—2030年, 二〇三五年, in 2023)."""
    return set(_years(text))


@lru_cache(maxsize=1024)
def _years(text: str) -> frozenset[int]:
    folded = fold(text)
    written = [match.group(1) for match in _YEAR.finditer(folded)]
    written += [match.group().translate(_DIGITS) for match in _CHINESE_YEAR.finditer(folded)]
    return frozenset(int(year) for year in written)


def speaks_of_other_years(asked: set[int], texts: Iterable[str]) -> bool:
    """Whether a sentence is about other years than the question asks for.

    ``texts`` are the sentence, the chunk around it and the headings above it. A sentence is about other years when
    years are named there, but none that was asked for; where none are named, nothing is known, and so not other.
    """
    if not asked:
        return False
    named = [years(text) for text in texts]
    return any(named) and not any(asked & found for found in named)
