"""The second reader as others see it: what it is shown, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from index.folding import to_simplified
from rag.years import without_year


@dataclass(frozen=True)
class Reading:
    """What a second reader says of a text: the log-odds that it answers, and the words of it that would answer."""

    relevance: float
    words: str


class Reader(Protocol):
    """A second reader."""

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return what each text says to the question."""
        ...


@dataclass(frozen=True)
class Unread:
    """A sentence to be read.

    Attributes:
        heading: that it stands under, short.
        text: of the sentence.
        without: the year that the reader is not to look for in it, see :func:`rag.year_told.goes_without_saying`.
    """

    heading: str
    text: str
    without: int | None = None


def read_under_headings(reader: Reader, question: str, sentences: Sequence[Unread]) -> list[Reading]:
    """Return what each sentence says to the question, as it was searched.

    A year in the question and none in the sentence is another matter to the reader. Of 28 sentences that held the
    answer, with the year beside them, it found the answer in 14, and in 22 when asked without the year; of 85 that did
    not hold it in 2, asked either way.
    """
    found: dict[Unread, Reading] = {}
    for year in dict.fromkeys(sentence.without for sentence in sentences):
        asked = [sentence for sentence in dict.fromkeys(sentences) if sentence.without == year]
        # It learned from more simplified than traditional text, and from texts under their headings.
        texts = [to_simplified(f"{one.heading}\n{one.text}") for one in asked]
        complete = question if year is None else without_year(question, year)
        found.update(zip(asked, reader.read(to_simplified(complete), texts), strict=True))
    return [found[sentence] for sentence in sentences]
