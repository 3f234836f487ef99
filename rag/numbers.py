"""Numbers in Chinese and English text, as values that can be compared.

1,481 = 1481 = 一千四百八十一; 5.04万 = 50400 = 50.4 thousand; 2.8万亩 is not 28亩; 7.7% is not 7.7.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

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
    r"(?P<compound>\d+亿\d{1,4}万(?:\d{4}(?![\d年]))?|\d+[万亿]\d{4}(?![\d年万亿,.]))"
    r"|(?P<arabic>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
    # PDFs set "3400 万元"; a lone 千 or 百 must touch its number, and not begin a unit or a word.
    r"(?: ?(?P<scale>[百千]?[万亿]{1,3}(?!众)|(?<! )[百千](?![米克瓦伏卡兆帕赫姓货]))"
    r"|\s*(?P<english>" + "|".join(_ENGLISH) + r")\b)?"
    r"(?P<percent>\s*(?:%|percent\b|per cent\b))?"
    r"|(?<![几数])(?P<chinese>(?:百分之)?[零〇一二两三四五六七八九十百千][零〇一二两三四五六七八九十百千万亿]{0,40}"
    # 八点三十 is a time of day, not 8.3.
    r"(?:点[零〇一二三四五六七八九]{1,20}(?![零〇一二三四五六七八九十])[万亿]{0,2})?)"
    r"|\b(?P<month>" + "|".join(_MONTHS) + r")\b"
)
_POWER = re.compile(r"(?<=m)[23](?![\d.])")
"""The 2 of m2, which is how ㎡ and m² fold."""
_DATE_UNIT = re.compile(r"\s*[年月日号]")
_NOT_A_NUMBER = re.compile(
    "一[些个下般切直定起样致并方面步体系线流批带路]|[一二三四五六七八九十]+[是要、]|万一|千方百计"
)


@dataclass(frozen=True)
class Number:
    """A number where it stands: its value, whether it is a percentage, and how it is written."""

    value: Decimal
    percent: bool
    text: str

    @property
    def key(self) -> tuple[Decimal, bool]:
        """What two numbers have in common that say the same."""
        return self.value, self.percent


def numbers(text: str) -> list[Number]:
    """Return the numbers of ``text`` in reading order, dates as their parts.

    Chinese numerals count from two characters on (十二, 百分之五): one alone cannot be told from words (一定, 一方面).
    """
    return list(_numbers(fold(unicodedata.normalize("NFKC", text))))


class Placed(NamedTuple):
    """A number, and where it stands in the folded text."""

    number: Number
    start: int
    end: int
    dated: bool  # whether it is the year, month or day of a date


def placed_numbers(text: str) -> Iterator[Placed]:
    """Yield the numbers of ``text`` in reading order, with their places in ``fold(text)``."""
    folded = fold(text)
    position = 0
    for number in numbers(text):
        start = folded.find(number.text, position)
        if start >= 0:
            position = start + len(number.text)
            yield Placed(number, start, position, _DATE_UNIT.match(folded, position) is not None)


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
        elif match.group("compound"):
            yield Number(_compound_value(written).normalize(), False, written)
        elif not _POWER.match(text, match.start()):
            value = Decimal(match.group("arabic").replace(",", ""))
            for character in match.group("scale") or "":
                value *= _LARGE.get(character) or Decimal(_UNITS[character])
            value *= _ENGLISH.get(match.group("english") or "", Decimal(1))
            yield Number(value.normalize(), bool(match.group("percent")), written)


def _compound_value(text: str) -> Decimal:
    """Return the value of digits with units inside: 1亿2000万."""
    parts = re.findall(r"(\d+)([万亿]?)", text)
    return sum((Decimal(digits) * _LARGE.get(unit, Decimal(1)) for digits, unit in parts), Decimal(0))


def _chinese_value(text: str) -> Decimal | None:
    """Return the value of Chinese numerals (二〇三五 digit by digit, 一千四百八十一 by units), or None."""
    whole, _, fraction = text.removeprefix("百分之").partition("点")
    if fraction:
        digits = fraction.rstrip("万亿")
        before = _whole_value(whole)
        if before is None:
            return None
        value = before + Decimal("0." + "".join(str(_DIGITS[character]) for character in digits))
        for character in fraction[len(digits) :]:
            value *= _LARGE[character]
        return value.normalize()
    found = _whole_value(whole)
    return None if found is None else found.normalize()


def _whole_value(text: str) -> Decimal | None:
    if (len(text) > 2 or set(text) & set("零〇")) and all(c in _DIGITS and c != "两" for c in text):
        return Decimal("".join(str(_DIGITS[character]) for character in text))
    total = section = digit = Decimal(0)
    unit = Decimal(10)  # what a last digit is a tenth of: 一百五 is 150, 一百零五 is 105
    for character in text:
        if character in _DIGITS:
            if digit:
                # 两三百 is no one number; 十四五 is a name that begins with 14.
                return total + section + digit if total + section else None
            digit = Decimal(_DIGITS[character])
            unit = unit if digit else Decimal(10)
        elif character in _UNITS:
            unit = Decimal(_UNITS[character])
            section += (digit or Decimal(1)) * unit
            digit = Decimal(0)
        else:
            unit = _LARGE[character]
            section += digit
            if character == "亿":
                total = (total + section) * unit
            else:
                total += section * unit
            section = digit = Decimal(0)
            if not total:
                return None
    return total + section + digit * unit / 10
