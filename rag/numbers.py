"""Numbers in Chinese and English text, as values that can be compared.

1,481 = 1481 = 一千四百八十一; 5.04万 = 50400 = 50.4 thousand; 2.8万亩 is not 28亩; 7.7% is not 7.7.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from index.folding import fold

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}
_ENGLISH = {
    "hundred": Decimal(100),
    "thousand": Decimal(1_000),
    "million": Decimal(1_000_000),
    "billion": Decimal(1_000_000_000),
    "trillion": Decimal(1_000_000_000_000),
}
_MONTH_NAMES = (
    "january february march april may june july august september october november december"  # in order
)
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), 1)}
_NUMBER = re.compile(
    r"(?P<arabic>\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:(?P<scale>[百千]?[万亿]+|[百千](?!米|克|瓦))|\s*(?P<english>hundred|thousand|million|billion|trillion)\b)?"
    r"(?P<percent>\s*(?:%|percent\b|per cent\b))?"
    r"|(?P<chinese>(?:百分之)?[零〇一二两三四五六七八九十百千][零〇一二两三四五六七八九十百千万亿]*(?:点[零一二三四五六七八九]+)?)"
    r"|\b(?P<month>" + "|".join(_MONTHS) + r")\b"
)
_NOT_A_NUMBER = re.compile(
    "一[些个下般切直定起样致并方面步体系线流批带路]|[一二三四五六七八九十]+[是要、]|万一|千方百计"
)


@dataclass(frozen=True)
class Number:
    """A number where it stands: its value, whether it is a percentage, and how it is written."""

    value: Decimal
    percent: bool
    text: str


def numbers(text: str) -> list[Number]:
    """Return the numbers of ``text`` in reading order, dates as their parts.

    Chinese numerals count from two characters on (十二, 百分之五), or before a measure they would be too rare to tell
    from words (一定, 一方面).
    """
    return list(_numbers(fold(unicodedata.normalize("NFKC", text))))


def _numbers(text: str) -> Iterator[Number]:
    for match in _NUMBER.finditer(text):
        written = match.group().strip()
        if match.group("month"):
            # "may" is mostly the verb; a month stands beside a day or a year.
            around = text[max(0, match.start() - 3) : match.start()] + text[match.end() : match.end() + 4]
            if re.search(r"\d", around):
                yield Number(Decimal(_MONTHS[match.group("month")]), False, written)
        elif match.group("chinese"):
            value = _chinese_value(written)
            if value is not None and len(written) > 1 and not _NOT_A_NUMBER.match(text, match.start()):
                yield Number(value, written.startswith("百分之"), written)
        else:
            value = Decimal(match.group("arabic").replace(",", ""))
            for character in match.group("scale") or "":
                value *= _LARGE.get(character) or Decimal(_UNITS[character])
            value *= _ENGLISH.get(match.group("english") or "", Decimal(1))
            yield Number(value.normalize(), bool(match.group("percent")), written)


def _chinese_value(text: str) -> Decimal | None:
    """Return the value of Chinese numerals (二〇三五 digit by digit, 一千四百八十一 by units), or None."""
    text = text.removeprefix("百分之")
    whole, _, fraction = text.partition("点")
    if len(whole) > 1 and all(character in _DIGITS for character in whole):
        return Decimal("".join(str(_DIGITS[character]) for character in whole))
    total = section = Decimal(0)
    digit: Decimal | None = None
    for character in whole:
        if character in _DIGITS:
            digit = Decimal(_DIGITS[character])
        elif character in _UNITS:
            section += (digit if digit is not None else Decimal(1)) * _UNITS[character]
            digit = None
        else:
            section += digit or Decimal(0)
            if not section:
                return None
            total = (
                (total + section) * _LARGE[character]
                if character == "亿"
                else total + section * _LARGE[character]
            )
            section, digit = Decimal(0), None
    value = total + section + (digit or Decimal(0))
    if fraction:
        value += Decimal("0." + "".join(str(_DIGITS[character]) for character in fraction))
    return value.normalize()
