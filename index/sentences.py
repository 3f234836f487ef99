"""Sentences of cleaned text: the unit that is scored, chosen as evidence and cited."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.characters import CLOSING, IDEOGRAPHS

_LONG_SENTENCE = 100
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs|etc|e\.g|i\.e|approx|Fig|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug"
    r"|Sep|Sept|Oct|Nov|Dec)|\b[A-Z])\.$"
)
_END = re.compile(
    "(?P<cjk>[。！？…]+|[!?]+)[" + re.escape(CLOSING) + "\"')\\]]*"
    "|(?P<latin>\\.[\"')\\]]*)(?=\\s|$|[" + IDEOGRAPHS + "])"
    "|\n+"
)
_CLAUSE = re.compile("[；;]")
_ENDS_A_QUOTE = re.compile("[。！？!?…][”」』]$")
_SAYS_WHO_SPOKE = re.compile(
    "[^。！？!?…“”「」『』\n]{1,30}?(?:(?<!小)[说說]道?|表示|(?<!情况)(?<!情況)(?<![的目])介[绍紹]|告[诉訴]记者|告訴記者|[讲講]道|感慨|坦言)"
    "(?=[。！!]|$)"
)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans ``(start, end)`` of the sentences of ``text``, without white space at their ends.

    A sentence ends at 。！？… (with the quotes and brackets that close after them), at a Latin full stop, or at
    a line break. One of more than 100 characters, as reports have, also ends at ； so that a citation stays short.
    “…很有意义！”参加培训的丁宁说。 is one: what was said is of no use without who said it.
    """
    spans: list[tuple[int, int]] = []
    for start, end in _split(text):
        if end - start > _LONG_SENTENCE:
            spans.extend(_clauses(text, start, end))
        else:
            spans.append((start, end))
    return spans


def sentences(text: str) -> list[str]:
    """Return the sentences of ``text``; see :func:`sentence_spans`."""
    return [text[start:end] for start, end in sentence_spans(text)]


def _split(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(text):
        if match.group("latin") and _ABBREVIATION.search(text[start : match.start() + 1]):
            continue
        if _ENDS_A_QUOTE.search(match[0]) and _SAYS_WHO_SPOKE.match(text, match.end()):
            continue
        yield from _stripped(text, start, match.end())
        start = match.end()
    yield from _stripped(text, start, len(text))


def _clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    position = start
    for match in _CLAUSE.finditer(text, start, end):
        yield from _stripped(text, position, match.end())
        position = match.end()
    yield from _stripped(text, position, end)


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if start < end:
        yield start, end
