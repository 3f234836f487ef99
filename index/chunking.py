"""Cutting documents into chunks that keep their place in the original."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from index.characters import SENTENCE_END
from index.cleaning import CleanText
from index.dating import UNDATED, Dateline, datelines
from index.settings import ChunkingSettings
from index.structure import Section, sections

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

_SEPARATORS = [
    "\n\n",
    "\n",
    "(?:[。！？…]+|[!?]+)[”’」』）》)\"']*",
    "\\.[\"')\\]]*\\s+",
    "[；;]",
    "[，,：:]",
    "、",  # last: what is told side by side stays together
    "\\s",
    "",
]
_SENTENCE_END = re.compile(f"[{SENTENCE_END}]")
_LEAD_CHARS = 40


@dataclass(frozen=True)
class Chunk:
    """A passage of one document, the unit of retrieval.

    ``start`` and ``end`` are offsets into the document's original text, ``text`` is the cleaned text that stands
    there, ``headings`` the headings it stands under, outermost first, ``dateline`` when and where its article was
    written.
    """

    id: str
    doc_id: str
    start: int
    end: int
    headings: tuple[str, ...]
    text: str
    dateline: Dateline = UNDATED


def chunk(doc_id: str, clean: CleanText, settings: ChunkingSettings, stated_date: str = "") -> list[Chunk]:
    """Cut a cleaned document into chunks of at most ``settings.chunk_chars`` cleaned characters.

    One that takes in a short heading or tail may be ``settings.min_chars`` longer.
    A chunk stays inside one article, prefers to stay inside one section, and ends at a sentence where it can.
    Together the chunks hold every non-space character of the document once. ``stated_date`` is what the document's
    format says of when it was written.
    """
    found: list[Chunk] = []
    divided = sections(clean.text)
    dated = dict(zip(divided, datelines(clean.text, divided, stated_date), strict=True))
    for start, end, section in _packed(clean.text, divided, settings):
        piece = clean.text[start:end]
        start += len(piece) - len(piece.lstrip())
        end -= len(piece) - len(piece.rstrip())
        if start >= end:
            continue
        original_start, original_end = clean.original_span(start, end)
        headings = dict.fromkeys(section.headings + _lead(clean.text, start))
        found.append(
            Chunk(
                id=f"{doc_id}:{original_start}-{original_end}",
                doc_id=doc_id,
                start=original_start,
                end=original_end,
                headings=tuple(headings),
                text=clean.text[start:end],
                dateline=dated[section],
            )
        )
    return found


def _packed(
    text: str, divided: Sequence[Section], settings: ChunkingSettings
) -> Iterator[tuple[int, int, Section]]:
    """Yield the spans of chunks: sections cut to size, then small neighbours of one article put together."""
    pending: tuple[int, int, Section] | None = None
    for start, end, section in _pieces(text, divided, settings):
        if pending is not None:
            # A heading line goes with what follows it, a short section's sentences with no other section's.
            first = pending[1] - pending[0] < settings.min_chars and (
                pending[2] is section or not _SENTENCE_END.search(text, pending[0], pending[1])
            )
            tail = end - start < settings.min_chars and text[start - 1] != "\n"
            fits = end - pending[0] <= settings.chunk_chars + settings.min_chars
            if (first or tail) and fits and pending[2].article == section.article:
                pending = (pending[0], end, section if first else pending[2])
                continue
            yield pending
        pending = (start, end, section)
    if pending is not None:
        yield pending


def _pieces(
    text: str, divided: Sequence[Section], settings: ChunkingSettings
) -> Iterator[tuple[int, int, Section]]:
    splitter = _splitter(settings.chunk_chars)
    for section in divided:
        position = section.start
        for piece in splitter.split_text(text[section.start : section.end]):
            yield position, position + len(piece), section
            position += len(piece)


@lru_cache(maxsize=4)
def _splitter(chunk_chars: int) -> RecursiveCharacterTextSplitter:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        separators=_SEPARATORS,
        is_separator_regex=True,
        keep_separator="end",
        strip_whitespace=False,
        chunk_size=chunk_chars,
        chunk_overlap=0,
    )


def _lead(text: str, start: int) -> tuple[str, ...]:
    """Return the first sentence of the paragraph that the chunk begins in the middle of, where it is a short one.

    Reports open long paragraphs with what they are about (一要强化创新驱动，激发高质量发展新动力。), and a chunk from
    further down does not say so itself.
    """
    paragraph_start = text.rfind("\n", 0, start) + 1
    if paragraph_start == start:
        return ()
    lead = re.split("[。！？；\n]", text[paragraph_start:start], maxsplit=1)[0]
    return (lead,) if 4 <= len(lead) <= _LEAD_CHARS else ()
