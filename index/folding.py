"""Folded text: the form in which Chinese is matched, whatever its script, width or case."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Protocol

from index.characters import IDEOGRAPHS, is_ideograph

FOLDING_VERSION = 2
"""Raised whenever the same text would fold or tokenise otherwise; a part of the index manifest."""

ZEROS = "〇零○◯OＯoｏ"
"""How 〇 is typed."""

_CACHED_CHARS = 1000
"""Sentences and chunks are folded again and again; whole documents would fill the memory."""

_TOKEN = re.compile(f"[{IDEOGRAPHS}]+|\\d+(?:[.,]\\d+)*%?|[^\\W\\d_{IDEOGRAPHS}]+")
# OpenCC finds 换发 in 转换发展, and takes the hair for it.
_DEVELOPMENT = re.compile("(?<![头毛理])发展(?![示览现])")
DIGITS_OF_A_YEAR = f"[一二][{ZEROS}一二三四五六七八九]{{3}}"
_AND = "[-—–~至到、和与及]"
YEAR_IN_WORDS = re.compile(
    rf"{DIGITS_OF_A_YEAR}(?=\s*年(?!级)|{_AND}{DIGITS_OF_A_YEAR})|(?<={_AND}){DIGITS_OF_A_YEAR}"
)
"""二〇二三年, and both of 二〇二一至二〇二三学年."""
_TYPED_ZEROS = str.maketrans(dict.fromkeys(ZEROS.replace("零", ""), "〇"))
_INNER_SPACE = re.compile(f"(?<=[{IDEOGRAPHS}])\\s+(?=[{IDEOGRAPHS}])")


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@lru_cache(maxsize=2)
def _converter(direction: str) -> _Converter:
    import opencc

    converter: _Converter = opencc.OpenCC(direction)
    return converter


def to_simplified(text: str) -> str:
    """Convert traditional characters to simplified ones (OpenCC's t2s); the rest stays."""
    return _converter("t2s").convert(text)


def to_traditional(text: str) -> str:
    """Convert simplified characters to traditional ones (OpenCC's s2t); the rest stays."""
    return _converter("s2t").convert(_DEVELOPMENT.sub("發展", text))


def is_traditional(text: str) -> bool:
    """Whether Chinese text is written in traditional script: more of it changes towards simplified than back."""
    to_simple = sum(a != b for a, b in zip(text, to_simplified(text), strict=False))
    to_complex = sum(a != b for a, b in zip(text, to_traditional(text), strict=False))
    return to_simple > to_complex


def fold(text: str) -> str:
    """Fold for matching: NFKC, simplified script, lower case, 二〇二三年 for 二○二三年, 什么 for 甚麼.

    Not for display: offsets may shift.
    """
    return _fold_cached(text) if len(text) <= _CACHED_CHARS else _fold(text)


def _fold(text: str) -> str:
    text = YEAR_IN_WORDS.sub(lambda match: match.group().translate(_TYPED_ZEROS), text)
    return to_simplified(unicodedata.normalize("NFKC", text)).lower().replace("甚么", "什么")


@lru_cache(maxsize=16384)
def _fold_cached(text: str) -> str:
    return _fold(text)


def search_tokens(text: str) -> list[str]:
    """Return the search tokens of ``text``: character bigrams of Chinese runs, whole Latin words and numbers.

    Bigrams beat word segmentation for Chinese retrieval without a domain dictionary, and need none
    (Nie, Gao, Zhang and Zhou 2000, "On the use of words and n-grams for Chinese information retrieval").
    A run of one character is a token itself. Numbers lose their thousands separators.
    """
    tokens: list[str] = []
    for match in _TOKEN.finditer(_INNER_SPACE.sub("", fold(text))):
        run = match.group()
        if is_ideograph(run[0]):
            tokens.extend([run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)])
        else:
            tokens.append(run.replace(",", "") if run[0].isdigit() else run)
    return tokens
