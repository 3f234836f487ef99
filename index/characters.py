"""Character classes of Chinese text, shared by cleaning, sentence splitting and search."""

from __future__ import annotations

import re

IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007\U00020000-\U0003134f"
"""Inside of a regular-expression class: Chinese characters, 〇 included."""

OPENING = "“‘《〈「『【〔（［｛"
CLOSING = "”’》〉」』】〕）］｝"
SENTENCE_END = "。！？!?…"
"""Characters that end a sentence wherever they stand (an ASCII full stop needs its surroundings)."""

CLAUSE_END = "，、；：,;:"
PUNCTUATION = "。！？…，、；：·～—" + OPENING + CLOSING
"""Full-width punctuation: no space belongs beside it in running text."""

_IDEOGRAPH = re.compile(f"[{IDEOGRAPHS}]")


def is_ideograph(character: str) -> bool:
    """Whether ``character`` (of length 1) is a Chinese character."""
    return _IDEOGRAPH.match(character) is not None


def has_ideograph(text: str) -> bool:
    """Whether there is a Chinese character in ``text``."""
    return _IDEOGRAPH.search(text) is not None


def display_width(text: str) -> int:
    """Columns that ``text`` takes in print: Chinese characters and full-width punctuation count two."""
    return sum(2 if ord(character) > 0x2E7F or character in PUNCTUATION else 1 for character in text)
