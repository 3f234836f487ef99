"""Mending text that was pulled out of documents, with the way back to every original character.

What PDF extraction does to Chinese pages: ``的 奋 斗 路`` (letter spacing set as spaces), lines broken inside
sentences, sentences broken by columns and pages with blank lines between, hyphenated Latin words, page numbers
and running heads. Cleaning only ever drops characters, or turns white space into one space or a line break, so
each cleaned character keeps the offset of the original character it is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from index.characters import (
    CLOSING,
    IDEOGRAPHS,
    PUNCTUATION,
    SENTENCE_END,
    display_width,
    is_ideograph,
)

CLEANING_VERSION = 6
"""Raised whenever the same text would be cleaned otherwise; a part of the index manifest."""

STRUCTURAL_START = re.compile(
    r"#{1,6}\s|本\s*报\s*讯|本\s*報\s*訊|第[一二三四五六七八九十百零\d]+[章节節条條编編部]"
    r"|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]|\d{1,2}[.、．]\s*\D|[-*+•●■◆▲]\s|>\s|\|"
)
"""What starts a new paragraph whatever stands before it."""

_BREAKS = "\n\r\f\v\u2028\u2029\x85"
_LINE = re.compile(f"[^{_BREAKS}]*")
_BREAK = re.compile(f"\r\n|[{_BREAKS}]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffe]")
_SOFT_HYPHENS = "\u00ad\ufffe"
_SPACE_RUN = re.compile(r"[^\S\n]+")
_PAGE_NUMBER = re.compile(
    r"[-—–·\s]*(?:第\s*)?\d{1,4}\s*(?:页|頁)?(?:\s*[/／,，]?\s*(?:共\s*)?\d{1,4}\s*(?:页|頁)?)?[-—–·\s]*|Page\s+\d+(?:\s+of\s+\d+)?",
    re.IGNORECASE,
)
_PAGE_NUMBER_CHARS = 40
# What a number alone on its line counts: 10 / 件民生实事.
_COUNTED = re.compile(
    "[件所个個项項家名位条條座处處人户戶万萬亿億元米亩畝吨噸年月日天号號级級大种種类類届屆次台辆輛部场場%％]"
)
_FEWEST_PAGE_NUMBERS, _LONGEST_PAGE_NUMBER, _MOST_PAGES_BETWEEN, _SHORTEST_PROSE = 2, 3, 9, 15
_RUNNING_TEXT = re.compile("[。，；！？,;]|[.!?](?:\\s|$)")
_CLAUSE = re.compile("[，。；]")
# Of a table, a list of posts or of hotlines.
_BEGINS_AN_ENTRY = re.compile(r"(?:19|20)\d\d[.年]\d|\d{1,2}月\d{1,2}日|0\d{2,3}-\d")
_ENTRY_CHARS, _FEWEST_IDEOGRAPHS = 12, 2
_CAPTION_END = re.compile(
    r"[摄攝]$|[(（]\s*(?:[下上][转轉接]第.{1,6}版|[^（(]{0,4}[记記]者[^）)]{1,20})\s*[)）]$"
)
_TERMINAL = re.compile(f"[{re.escape(SENTENCE_END)}；;：:.]$")
# 汀西区以1 / 09亿元: typesetting does not part the digits of a number, cutting lines at so many characters does.
_NUMBER_BEGUN = re.compile(rf"(?P<before>[{IDEOGRAPHS}，。、；：（“”》])\s?(?P<digits>\d[\d,]*(?:\.\d*)?)$")
_REST_OF_NUMBER = re.compile(
    rf"(?!(?:19|20)\d\d\s*年)(?P<digits>\.?\d[\d,]*(?:\.\d+)?)\s*(?P<after>[%％‰℃。{IDEOGRAPHS}])"
)
# 推迟到2026年12 / 月, also where the line is a headline's and no prose.
_DATE_BEGUN = re.compile(r"\d年\s?\d{1,2}(?P<month>月\s?\d{1,2})?$")
_MONTH_UNIT, _DAY_UNIT = re.compile("月(?![票季薪租饼球])"), re.compile("[日号號]")
_BEGINS_ANEW = "。；：”》"  # there may begin an item of a list, or a footnote: only a year is put together
_CLOCK_AND_CALENDAR = {"月": 12, "日": 31, "号": 31, "时": 24, "点": 24}
_LONGEST_WHOLE_NUMBER = 8
_NARROWEST_PROSE = 40
_EDGE_COLUMNS = 2
_CLOSERS = "".join(CLOSING) + "\"')]}"
_INDENT_COLUMNS = 4
_FULL_LINE = 0.7
_HEADING_CHARS = 45


@dataclass(frozen=True)
class CleanText:
    """Cleaned text and, for each of its characters, the offset of that character in the original.

    ``offsets`` has shape ``(len(text),)``, int32, strictly increasing.
    """

    text: str
    offsets: npt.NDArray[np.int32]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Map the non-empty cleaned span ``[start, end)`` to its span in the original text."""
        return int(self.offsets[start]), int(self.offsets[end - 1]) + 1

    def cleaned_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a span of the original text to the cleaned characters that lie inside it (may be empty)."""
        return int(np.searchsorted(self.offsets, start)), int(np.searchsorted(self.offsets, end))


@dataclass(frozen=True)
class _Line:
    text: str  # stripped, without invisible characters
    offsets: Sequence[int]  # where each character of the text stands in the original
    block: int  # lines without a blank line between them share a block


def clean(text: str) -> CleanText:
    """Clean ``text`` (see the module's description); empty or blank text gives empty cleaned text."""
    lines = _lines(text)
    blocks: dict[int, list[_Line]] = {}
    for line in lines:
        blocks.setdefault(line.block, []).append(line)

    characters: list[str] = []
    offsets: list[int] = []
    for number, line in enumerate(lines):
        if number:
            _emit_break(lines[number - 1], line, blocks, text, characters, offsets)
        for character, offset in _mended(line):
            characters.append(character)
            offsets.append(offset)
    return CleanText("".join(characters), np.asarray(offsets, dtype=np.int32))


def _emit_break(
    before: _Line,
    after: _Line,
    blocks: dict[int, list[_Line]],
    text: str,
    characters: list[str],
    offsets: list[int],
) -> None:
    """Add what stands between two lines: nothing, a space, a line break or a paragraph break."""
    break_at = before.offsets[-1] + 1
    while text[break_at] not in _BREAKS:
        break_at += 1
    if _continues(before, after, blocks):
        first, last = after.text[0], before.text[-1]
        if last == "-" and len(before.text) > 1 and before.text[-2].isalpha() and first.islower():
            characters.pop()  # a hyphenated Latin word
            offsets.pop()
        elif not (
            text[before.offsets[-1] + 1] in _SOFT_HYPHENS
            or is_ideograph(last)
            or is_ideograph(first)
            or last in PUNCTUATION
            or first in PUNCTUATION
            or _parts_a_number(before, after, blocks[before.block])
        ):
            characters.append(" ")
            offsets.append(break_at)
        return
    characters.append("\n")
    offsets.append(break_at)
    if before.block != after.block:
        last_break = after.offsets[0] - 1
        while text[last_break] not in _BREAKS:
            last_break -= 1
        characters.append("\n")
        offsets.append(last_break)


def _lines(text: str) -> list[_Line]:
    """Split into non-blank lines without page furniture; blank lines and furniture end a block."""
    raw: list[tuple[Sequence[int], str]] = []
    pages: list[list[int]] = [[]]
    position = 0
    while True:
        match = _LINE.match(text, position)
        assert match is not None  # the pattern matches the empty string
        offsets, stripped = _visible(match.group(), position)
        if stripped:
            pages[-1].append(len(raw))
        raw.append((offsets, stripped))
        position = match.end()
        if position >= len(text):
            break
        separator = _BREAK.match(text, position)
        assert separator is not None  # a line ends at a break or at the end of the text
        if separator.group() == "\f":
            pages.append([])
        position = separator.end()

    furniture = _furniture(raw, pages)
    lines: list[_Line] = []
    block = 0
    for number, (offsets, stripped) in enumerate(raw):
        if not stripped or number in furniture:
            block += 1
        else:
            lines.append(_Line(stripped, offsets, block))
    return lines


def _visible(line: str, start: int) -> tuple[Sequence[int], str]:
    """Return what is to be seen of a line that stands at ``start``, stripped, and the offset of each character."""
    offsets: Sequence[int] = range(start, start + len(line))
    if _INVISIBLE.search(line):
        kept = [i for i, character in enumerate(line) if not _INVISIBLE.match(character)]
        offsets = [start + i for i in kept]
        line = "".join(line[i] for i in kept)
    stripped = line.strip()
    indent = len(line) - len(line.lstrip())
    return offsets[indent : indent + len(stripped)], stripped


def _furniture(raw: Sequence[tuple[Sequence[int], str]], pages: Sequence[Sequence[int]]) -> set[int]:
    """Find page numbers, and heads and feet that recur on at least three pages and half of all."""
    found: set[int] = set()
    for page in pages:
        for number in (*page[:1], *page[-1:]):
            alone = all(
                not 0 <= other < len(raw) or not raw[other][1] or other not in page
                for other in (number - 1, number + 1)
            )
            if alone and len(pages) > 1 and _is_page_number(raw[number][1]):
                found.add(number)
    for number, (_, stripped) in enumerate(raw):
        decorated = stripped[:1] in "-—–·" and stripped[-1:] in "-—–·" and len(stripped) > 2
        if (decorated or stripped.startswith(("第", "Page"))) and _is_page_number(stripped):
            found.add(number)
    if len(pages) == 1:
        found.update(_numbers_between_prose([stripped for _, stripped in raw]))
    edges = [{_numberless(raw[number][1]): number for number in (*page[:2], *page[-2:])} for page in pages]
    counts = Counter(key for edge in edges for key in edge)
    for edge in edges:
        found.update(number for key, number in edge.items() if counts[key] >= max(3, len(pages) / 2))
    return found


def _numbers_between_prose(lines: Sequence[str]) -> list[int]:
    """Return which lines number the pages of a text that has no form feeds: 3 alone between paragraphs, later 6.

    Each stands between blank lines, after a line of prose and before one, or at the end, and they rise.
    """
    found = [
        number
        for number, line in enumerate(lines)
        if line.isascii()
        and line.isdecimal()
        and len(line) <= _LONGEST_PAGE_NUMBER
        and not any((*lines[max(0, number - 1) : number], *lines[number + 1 : number + 2]))
    ]
    values = [int(lines[number]) for number in found]
    if len(found) < _FEWEST_PAGE_NUMBERS or not all(
        0 < second - first <= _MOST_PAGES_BETWEEN for first, second in pairwise(values)
    ):
        return []
    for number in found:
        before = next(filter(None, reversed(lines[:number])), "")
        after = next(filter(None, lines[number + 1 :]), None)
        if any(
            len(line) < _SHORTEST_PROSE and not _RUNNING_TEXT.search(line)
            for line in (before, after or before)
        ):
            return []
        if after is not None and _COUNTED.match(after):
            return []
    return found


def _is_page_number(line: str) -> bool:
    return len(line) <= _PAGE_NUMBER_CHARS and _PAGE_NUMBER.fullmatch(line) is not None


def _numberless(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _continues(before: _Line, after: _Line, blocks: dict[int, list[_Line]]) -> bool:
    """Whether the sentence at the end of ``before`` goes on in ``after``."""
    block = blocks[before.block]
    if _parts_a_number(before, after, block) or _parts_a_date(before, after):
        return True
    if _is_terminal(before.text) or STRUCTURAL_START.match(after.text) or before.text.startswith("#"):
        return False
    if not (_is_full(before, block) or _is_full_of_figures(before, after, block)):
        return False
    if before.block == after.block:
        if after.text[0].islower():
            return True
        return len(block) > 1 and _is_running(block)
    if not _is_running(block) or not _is_running(blocks[after.block]):
        return False
    if len(block) > 1:
        return True
    if len(before.text) > _HEADING_CHARS or re.search("[。！？]", before.text):
        return True
    # A short single line is a heading, unless the text is set with a blank line after every line.
    difference = _width(before) - _width(after)
    return abs(difference) <= _INDENT_COLUMNS or (difference > 0 and _is_terminal(after.text))


def _parts_a_number(before: _Line, after: _Line, block: Sequence[_Line]) -> bool:
    """Whether the break between two lines of Chinese prose stands inside a number.

    Lines that are cut at so many characters all reach the edge; cells of a table and items of a list do not.
    """
    if before.block != after.block or not (
        (begun := _NUMBER_BEGUN.search(before.text)) and (rest := _REST_OF_NUMBER.match(after.text))
    ):
        return False
    widest, longest = max(map(_width, block)), max(len(line.text) for line in block)
    lost = _indent(before, block) + _EDGE_COLUMNS
    # Cut at so many columns, or so many characters, of which digits are narrower.
    at_the_edge = _width(before) >= widest - lost or 2 * len(before.text) >= 2 * longest - lost
    if widest < _NARROWEST_PROSE or not at_the_edge:
        return False
    if not any(_RUNNING_TEXT.search(line.text) for line in block):
        return False
    first, second, unit = begun["digits"], rest["digits"], rest["after"]
    if "." in first and "." in second:
        return False
    whole = f"{first}{second}".replace(",", "")
    if begun["before"] in _BEGINS_ANEW:
        return unit == "年" and re.fullmatch(r"(?:19|20)\d\d", whole) is not None
    if len(whole.partition(".")[0]) > _LONGEST_WHOLE_NUMBER:
        return False
    return unit not in _CLOCK_AND_CALENDAR or float(whole) <= _CLOCK_AND_CALENDAR[unit]


def _parts_a_date(before: _Line, after: _Line) -> bool:
    """Whether the break between two lines stands between a month, or a day of one with its year, and its unit."""
    begun = _DATE_BEGUN.search(before.text) if before.block == after.block else None
    return begun is not None and bool((_DAY_UNIT if begun["month"] else _MONTH_UNIT).match(after.text))


def _is_terminal(line: str) -> bool:
    if _CAPTION_END.search(line):
        return True
    return _TERMINAL.search(line.rstrip(_CLOSERS)) is not None


def _is_running(block: Sequence[_Line]) -> bool:
    """Whether a block is running text: punctuated, or too many lines for a headline."""
    return len(block) > 3 or any(_RUNNING_TEXT.search(line.text) for line in block)


def _is_full(line: _Line, block: Sequence[_Line]) -> bool:
    """Whether the line reaches the column's edge; a paragraph's first line may have lost its indent."""
    return _width(line) + _indent(line, block) >= _FULL_LINE * max(map(_width, block))


def _is_full_of_figures(before: _Line, after: _Line, block: Sequence[_Line]) -> bool:
    """Whether a line of prose only looks short, since digits are narrow and it was cut at so many characters.

    742509人，石矶县658127人，望林县 goes on with 501833人.
    """
    longest = max(len(line.text) for line in block)
    goes_on = after.text[0].isdigit() or before.text[-1].isdigit() or before.text[-1] in "，、∶"
    return (
        goes_on
        and not _BEGINS_AN_ENTRY.match(after.text)
        and len(re.findall(f"[{IDEOGRAPHS}]", after.text[:_ENTRY_CHARS])) >= _FEWEST_IDEOGRAPHS
        and _CLAUSE.search(before.text) is not None
        and before.text[-1] not in _CLOSERS
        and len(before.text) + _indent(before, block) // 2 >= _FULL_LINE * longest
    )


def _indent(line: _Line, block: Sequence[_Line]) -> int:
    """Return how many columns a line may have lost at its beginning, where it begins a paragraph."""
    position = bisect_left([other.offsets[0] for other in block], line.offsets[0])
    first = position == 0 or _is_terminal(block[position - 1].text)
    return _INDENT_COLUMNS if first else 0


def _width(line: _Line) -> int:
    """Columns without letter spacing, which makes justified lines look longer than they are."""
    return display_width("".join(character for character, _ in _mended(line)))


def _mended(line: _Line) -> list[tuple[str, int]]:
    """Return the characters that stay of a line, with their offsets."""
    kept: list[tuple[str, int]] = []
    text = line.text
    position = 0
    for run in _SPACE_RUN.finditer(text):
        kept.extend((text[i], line.offsets[i]) for i in range(position, run.start()))
        if _is_meaningful_space(text, run.start(), run.end()):
            kept.append((" ", line.offsets[run.start()]))
        position = run.end()
    kept.extend((text[i], line.offsets[i]) for i in range(position, len(text)))
    return kept


def _is_meaningful_space(text: str, start: int, end: int) -> bool:
    """Whether the white space at ``[start, end)`` parts words, rather than being letter spacing."""
    left, right = text[start - 1], text[end]
    run_left = _run_length(text, start, -1)
    run_right = _run_length(text, end, 1)
    if right in PUNCTUATION:
        return False
    if left in PUNCTUATION:
        return left in CLOSING and run_right > 1
    if run_left and run_right:
        return run_left > 1 and run_right > 1
    if run_left or run_right:
        other = right if run_left else left
        wide = end - start > 1 or text[start] == "\t"
        return not (other.isdigit() or other in "%％℃+") or (wide and (run_left > 1 or run_right > 1))
    return True


def _run_length(text: str, position: int, step: int) -> int:
    """Length of the run of Chinese characters that ends before, or starts at, ``position`` (3 at most)."""
    length = 0
    index = position - 1 if step < 0 else position
    while length < 3 and 0 <= index < len(text) and is_ideograph(text[index]):
        length += 1
        index += step
    return length
