"""A cited place in its document, ready to be shown: the original characters, and which of them only lay it out."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from index.store import Index
from index.structure import is_telling
from index.tables import StoredDocument
from rag.errors import SourceGoneError

_WHOLE_DOCUMENT = 24_000
_WINDOW = 8_000


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Piece(_Part):
    """A run of original characters.

    ``layout`` marks what cleaning drops or reads as one space: line breaks inside sentences, spaces inside words,
    page numbers. A reader is shown the text without it; all pieces in a row are the original text, unchanged.
    """

    text: str
    layout: Literal["", "dropped", "space"] = ""


class SourceView(_Part):
    """A span of a document with its surroundings; ``before + quote + after`` is the original text, in order."""

    doc: str
    title: str
    format: str
    headings: tuple[str, ...] = Field(description="What the span stands under, outermost first.")
    date: str | None = Field(
        description="When it was written, where that is stated: 2023-03-13, 2023, or --03-13 without a year."
    )
    start: int
    end: int
    characters: int = Field(description="Length of the whole document.")
    first: int = Field(description="Offset of the first character shown.")
    last: int = Field(description="Offset after the last character shown.")
    before: list[Piece]
    quote: list[Piece]
    after: list[Piece]


def source_view(index: Index, doc: str, start: int, end: int, quote: str | None = None) -> SourceView:
    """Return the surroundings of the span ``[start, end)`` of a document.

    Args:
        index: the opened index.
        doc: the document's id.
        start: offset of the span in the original text.
        end: offset after its last character.
        quote: the text that was cited; when the document has changed since and the span moved, it is found again.

    Raises:
        SourceGoneError: the document is no longer in the index, or no longer holds the text.
    """
    try:
        document = index.tables.document(doc)
    except KeyError:
        raise SourceGoneError(f"{doc} is no longer among the indexed documents") from None
    length = len(document.text)
    if quote is not None and document.text[start:end] != quote:
        start = document.text.find(quote) if quote else -1
        end = start + len(quote)
    if not 0 <= start < end <= length:
        raise SourceGoneError(f"{doc} has changed and no longer holds this text")
    chunk = index.tables.chunk_at(doc, start)
    headings = chunk.headings if chunk else ()
    first, last = (0, length) if length <= _WHOLE_DOCUMENT else _window(document.text, start, end)
    return SourceView(
        doc=doc,
        title=_title(document, headings),
        format=document.meta.get("format", ""),
        headings=headings,
        date=(chunk.dateline.date or None) if chunk else None,
        start=start,
        end=end,
        characters=length,
        first=first,
        last=last,
        before=_pieces(document, first, start),
        quote=_pieces(document, start, end),
        after=_pieces(document, end, last),
    )


def _title(document: StoredDocument, headings: tuple[str, ...]) -> str:
    """Return the document's title, or the article's where that is a mere file name."""
    return document.title if is_telling(document.title) or not headings else headings[0]


def _window(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the part of a long text to show: some thousand characters around the span, cut at line ends.

    Where no line ends for long, it is cut inside of one: a whole book may be a single line.
    """
    first, last = max(0, start - _WINDOW), min(len(text), end + _WINDOW)
    line_begin = text.rfind("\n", max(0, first - _WINDOW), first) + 1
    line_end = text.find("\n", last, last + _WINDOW)
    if line_begin or first <= _WINDOW:
        first = line_begin
    if line_end >= 0 or len(text) - last <= _WINDOW:
        last = line_end if line_end >= 0 else len(text)
    return first, last


def _pieces(document: StoredDocument, start: int, end: int) -> list[Piece]:
    """Cut the original text ``[start, end)`` where its layout role changes."""
    clean = document.clean
    first, last = clean.cleaned_span(start, end)
    roles = np.full(end - start, 1, dtype=np.int8)  # dropped
    kept = clean.offsets[first:last] - start
    roles[kept] = 0
    for place, character in zip(kept, clean.text[first:last], strict=True):
        if character == " " and document.text[start + int(place)].isspace():
            roles[place] = 2
    pieces: list[Piece] = []
    names: tuple[Literal["", "dropped", "space"], ...] = ("", "dropped", "space")
    edges = [0, *(np.flatnonzero(np.diff(roles)) + 1).tolist(), end - start]
    for begin, stop in pairwise(edges):
        if begin < stop:
            role = names[int(roles[begin])]
            pieces.append(Piece(text=document.text[start + begin : start + stop], layout=role))
    return pieces
