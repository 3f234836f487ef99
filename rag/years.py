"""Which years a question asks about, and which a passage speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable

from index.folding import fold

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=\s*(?:年|[-—–~至到/.]\s*\d)|(?:[^\d\w.,%]|$))")
_CHINESE_YEAR = re.compile("[一二][〇零一二三四五六七八九]{3}(?=年)")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")


def years(text: str) -> set[int]:
    """Return the calendar years that ``text`` names (2023年, 2021—2030年, 二〇三五年, in 2023)."""
    folded = fold(text)
    written = [match.group(1) for match in _YEAR.finditer(folded)]
    written += [match.group().translate(_DIGITS) for match in _CHINESE_YEAR.finditer(folded)]
    return {int(year) for year in written}


def speaks_of_other_years(asked: set[int], texts: Iterable[str]) -> bool:
    """Whether a sentence is about other years than the question asks for.

    ``texts`` are the sentence, the chunk around it and the headings above it. A sentence is about other years when
    years are named there, but none that was asked for; where none are named, nothing is known, and so not other.
    """
    if not asked:
        return False
    named = [years(text) for text in texts]
    return any(named) and not any(asked & found for found in named)
