"""Where gold evidence stands in the indexed documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from index.folding import fold
from index.tables import Tables
from rag.errors import GoldError
from rag.evaluation.gold import GoldQuestion, Quote


@dataclass(frozen=True)
class Place:
    """A span of a document's original text; the whole document where it has no ends."""

    doc: str
    start: int | None = None
    end: int | None = None

    def is_within(self, doc: str, start: int, end: int) -> bool:
        """Whether a passage from ``start`` to ``end`` holds all of it; of a whole document, any part does."""
        if self.start is None or self.end is None:
            return doc == self.doc
        return doc == self.doc and start <= self.start and self.end <= end

    def overlap(self, doc: str, start: int, end: int) -> float:
        """Return how much of the shorter of the two lies in the other, from 0 to 1."""
        if doc != self.doc:
            return 0.0
        if self.start is None or self.end is None:
            return 1.0
        shared = min(end, self.end) - max(start, self.start)
        shorter = min(end - start, self.end - self.start)
        return max(0.0, shared / shorter) if shorter > 0 else 0.0


@dataclass(frozen=True)
class GoldItem:
    """One thing to be found: a quote, wherever it stands, or a document. Without a place it cannot be found."""

    places: tuple[Place, ...]

    def is_within(self, doc: str, start: int, end: int) -> bool:
        """Whether a passage holds it whole, at any of its places."""
        return any(place.is_within(doc, start, end) for place in self.places)

    def overlap(self, doc: str, start: int, end: int) -> float:
        """Return the largest :meth:`Place.overlap`."""
        return max((place.overlap(doc, start, end) for place in self.places), default=0.0)


@dataclass(frozen=True)
class GoldItems:
    """The gold items of every question, by its id, and the evidence that is in none of the documents."""

    by_question: dict[str, tuple[GoldItem, ...]]
    not_found: tuple[tuple[str, Quote], ...]


class QuotePlaces:
    """Finds where quotes stand in the documents of an index; the last documents are kept at hand."""

    def __init__(self, tables: Tables) -> None:
        self.known = frozenset(tables.document_ids())
        self._squeezed = lru_cache(maxsize=64)(lambda doc: _squeezed(tables.document(doc).text))

    def of(self, item: Quote) -> tuple[Place, ...]:
        """Return the places of a quote, in reading order; none where its document is not there or lacks it."""
        if item.doc not in self.known:
            return ()
        text, offsets = self._squeezed(item.doc)
        return tuple(Place(item.doc, start, end) for start, end in _occurrences(text, offsets, item.quote))


def locate(questions: Sequence[GoldQuestion], tables: Tables) -> GoldItems:
    """Find the gold items of the answerable questions in the documents of an index.

    A quote stands wherever the document has the same text after folding and without white space, which includes
    every exact copy. Quotes that stand at the same places are one item. Evidence goes before ``passage_ids``. What is
    not found stays an item that nothing can find, so that a gap in the index does not flatter the figures.

    Raises:
        GoldError: the index holds none of the documents that the gold set names.
    """
    places = QuotePlaces(tables)
    known = places.known
    named = {doc for question in questions for doc in question.cited_documents}
    if named and not named & known:
        raise GoldError(
            f"the index holds none of the gold set's documents ({min(named)}, …); "
            "index them, or name their index with --index"
        )

    found: dict[str, tuple[GoldItem, ...]] = {}
    missing: list[tuple[str, Quote]] = []
    for question in questions:
        items: list[GoldItem] = []
        if question.answerable and question.evidence:
            for quote in question.evidence:
                items.append(GoldItem(places.of(quote)))
                if not items[-1].places:
                    missing.append((question.id, quote))
        elif question.answerable:
            items = [GoldItem((Place(doc),) if doc in known else ()) for doc in question.passage_ids]
            missing += [(question.id, Quote(doc, "")) for doc in question.passage_ids if doc not in known]
        found[question.id] = tuple(_distinct(items))
    return GoldItems(found, tuple(missing))


def _distinct(items: Iterable[GoldItem]) -> Iterator[GoldItem]:
    seen: set[frozenset[Place]] = set()
    for item in items:
        places = frozenset(item.places)
        if not places or places not in seen:
            yield item
        seen.add(places)


def _occurrences(text: str, offsets: list[int], quote: str) -> Iterator[tuple[int, int]]:
    wanted, _ = _squeezed(quote)
    position = text.find(wanted) if wanted else -1
    while position >= 0:
        yield offsets[position], offsets[position + len(wanted) - 1] + 1
        position = text.find(wanted, position + 1)


def _squeezed(text: str) -> tuple[str, list[int]]:
    """Return folded text without white space, and for each of its characters the offset it comes from.

    Folding goes character by character, of quote and document alike: only so do offsets survive it.
    """
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        for folded in _folded(character):
            characters.append(folded)
            offsets.append(offset)
    return "".join(characters), offsets


@cache
def _folded(character: str) -> str:
    return "".join(fold(character).split())
