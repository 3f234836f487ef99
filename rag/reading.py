"""The second reader as others see it: what it is shown, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from index.folding import to_simplified


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


def read_under_headings(reader: Reader, question: str, sentences: Sequence[tuple[str, str]]) -> list[Reading]:
    """Return what each sentence says to the question.

    Args:
        reader: who reads.
        question: as it was searched.
        sentences: of each the heading that it stands under, and its text.
    """
    # It learned from more simplified than traditional text, and from texts under their headings.
    texts = [to_simplified(f"{heading}\n{text}") for heading, text in sentences]
    return reader.read(to_simplified(question), texts) if texts else []
