"""Finding passages: chunk vectors, sentence vectors and BM25, joined by a weighted sum of their scores.

Where there is a second reader, it puts the best of them in order.

The sum is of the scores as they are (Bruch, Gai and Ingber 2023, "An analysis of fusion functions for hybrid
retrieval", ACM TOIS 42(1), found sums above reciprocal ranks). They are not scaled to the question: how high BM25 gets
says how much the words of a question can tell, and how far cosines lie apart, how much the embedder can.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from index.chunking import Chunk
from index.cleaning import CleanText
from index.embedding import Embedder, Vectors
from index.folding import search_tokens
from index.rows import Rows
from index.store import Index
from index.structure import is_telling
from index.tables import EVERYTHING, Scope, Sentence, StoredChunk
from rag.injection import addresses_reader
from rag.names import person_names
from rag.reading import Reader, Reading, Unread, read_under_headings
from rag.settings import RetrievalSettings
from rag.year_told import goes_without_saying
from rag.years import years_of_matter

_DUPLICATE_OVERLAP = 0.9
_TEXTS_KEPT = 32
_HEADING_CHARS = 28
_HEADING_END_CHARS = 24
_BEGINNING_CHARS = 60
_SAYS_WHEN_OR_WHETHER = re.compile(
    r"(?:19|20)\d\d|十[二三四五六]五|今年|明年|去年|下一?步|目标|目標|任务|任務|计划|計劃|打算|安排|回顾|回顧|重点工作|重點工作"
)
# What a newspaper page has around its headlines: 第一版 要闻 责任编辑：葛涛.
_EDITORS = "(?:责任|責任|实习|實習|美术|美術|本版)?(?:编辑|編輯|校对|校對|[责責美]编|[责責美]編|值班主任)"
_OF_THE_PAGE = re.compile(
    r"(?:^|\s+|(?<=日))(?:(?:第[一二三四五六七八九十\d]{1,3}|[A-D]\d{1,2})版(?:[:：]\S{2,4})?"
    rf"|{_EDITORS}(?:\s*[:：]\s*\S{{2,4}}(?:[、，]\S{{2,4}})*|\s+\S{{2,3}}))(?=\s|$)"
)
# 琅湾日报 特别报道 2023年11月27日星期一第11941期 and the headline
_PAPER_AND_DAY = re.compile(
    r"(?P<paper>[^\s\d]{1,6}(?:[报報](?![告导導])|[訊讯]))(?:\s*[^\s\d]{1,8}\d{0,2}(?=\s)){0,2}\s*"
    r"(?P<day>(?:民[国國]\s*)?\d{2,4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)"
    r"(?:\s*[（(]?星期[一二三四五六日天][）)]?)?(?:\s*(?:逢[週周].{0,4})?总?(?:出版)?第\s*\d+\s*期)?(?:\s*今日.{1,4}版)?\s*(?![，,、])"
)
_SAYS_WHEN = re.compile(r"(?:19|20)\d\d\s*年|\d\s*月\s*\d")


@dataclass(frozen=True)
class RetrieverScore:
    """Where one retriever put a chunk: rank from 1, and its own score (cosine, or BM25)."""

    rank: int
    score: float


@dataclass(frozen=True)
class Passage:
    """A retrieved chunk, or several neighbours of one document put together.

    ``fused`` is the fused score, ``score`` the same with what the second reader added to it; ``retrievers`` holds, by
    name (``chunks``, ``sentences``, ``lexical``), what each retriever said of the best of its chunks, and ``readings``
    what the second reader said of the sentences that it read, by row. Neighbours may stand in different sections:
    ``sections`` holds the row of the first sentence of each with the headings above it, in reading order. ``beginning``
    is how the document begins.
    """

    chunk: Chunk
    title: str
    score: float
    fused: float
    retrievers: dict[str, RetrieverScore]
    rows: tuple[int, ...]  # rows of the chunks in it, in reading order
    readings: Mapping[int, Reading] = field(default_factory=dict)
    sections: tuple[tuple[int, tuple[str, ...]], ...] = ()
    beginning: str = ""

    @property
    def headline(self) -> str:
        """What to call the passage's source: the document's title, or its article's where that is a mere file name."""
        return _headline(self.title, self.chunk.headings)

    def headline_of(self, sentence: Sentence) -> str:
        """The same of one of its sentences, which may stand in the next article."""
        return _headline(self.title, self.headings_above(sentence))

    def headings_above(self, sentence: Sentence) -> tuple[str, ...]:
        """Return the headings that one of its sentences stands under, the outermost first."""
        above = self.chunk.headings
        for row, headings in self.sections:
            if row <= sentence.row:
                above = headings
        return above

    def heading_of(self, sentence: Sentence) -> str:
        """Return what one of its sentences stands under, short enough for a model; see :func:`short_heading`.

        Empty where that is orders to the reader.
        """
        above = self.headings_above(sentence) or (self.title,)
        if above == (self.title,) and not is_telling(self.title) and _PAPER_AND_DAY.match(self.beginning):
            above = (self.beginning.replace("\n", " "),)  # a page that is named 03.txt
        return short_heading(above)

    def surroundings(self, sentence: Sentence) -> tuple[str, str, str]:
        """Return the texts that say what one of its sentences is about, the nearest first."""
        return sentence.text, self.chunk.text, " ".join((*self.headings_above(sentence), self.title))

    def unread(self, sentence: Sentence, years: Set[int]) -> Unread:
        """Return one of its sentences for the second reader; ``years`` are those that the question asks about."""
        headings, around = self.headings_above(sentence), self.surroundings(sentence)[1:]
        known = goes_without_saying(years, sentence.text, headings, around, self.chunk.dateline)
        without = next(iter(years)) if known else None
        beginning, written = f"{self.title} {self.beginning}", self.chunk.dateline.year
        return Unread(self.heading_of(sentence), sentence.text, without, beginning, written)


def _headline(title: str, headings: Sequence[str]) -> str:
    return title if is_telling(title) or not headings else headings[0]


def short_heading(headings: Sequence[str]) -> str:
    """Return some headings, from the outermost to the innermost, in one short line.

    The first and the last are kept, and of those between them what says when the text is of, or whether it tells what
    was done or what is planned. Each is cut off where it is long; of a title as speeches have, with who spoke and when
    after it, the end is kept.
    """
    between = [heading for heading in headings[1:-1] if _SAYS_WHEN_OR_WHETHER.search(heading)]
    parts = dict.fromkeys((headings[0], *between[-1:], headings[-1]))
    return " > ".join(_cut_off(part) for part in parts if not addresses_reader(part))


def _cut_off(heading: str) -> str:
    """Return a heading's beginning and, where a person or a day is named after it, its end.

    The number of a newspaper page and its editors are left out; after the name of the paper and its day comes the
    headline.
    """
    heading = _OF_THE_PAGE.sub("", heading).strip() or heading
    above = _PAPER_AND_DAY.match(heading)
    if above:
        headline = heading[above.end() :][:_HEADING_CHARS]
        return f"{above['paper']} {above['day']} {headline}".strip()
    rest = heading[_HEADING_CHARS:]
    if not rest or not (_SAYS_WHEN.search(rest) or person_names(rest)):
        return heading[:_HEADING_CHARS]
    if len(rest) <= _HEADING_END_CHARS:
        return heading
    return f"{heading[:_HEADING_CHARS]}…{heading[-_HEADING_END_CHARS:]}"


class Retriever:
    """Searches one opened index."""

    def __init__(
        self, index: Index, embedder: Embedder, settings: RetrievalSettings, reader: Reader | None = None
    ) -> None:
        self.reader = reader
        self._index = index
        self._embedder = embedder
        self._settings = settings
        self._titles = index.tables.titles()
        self._texts: dict[str, CleanText] = {}

    def embed(self, question: str) -> Vectors:
        """Return the question's vector, shape ``(1, dimension)``."""
        return self._embedder.embed_queries([question])

    def retrieve(
        self,
        question: str,
        vector: Vectors | None = None,
        *,
        scope: Scope = EVERYTHING,
        top_k: int | None = None,
    ) -> list[Passage]:
        """Return the passages that fit the question, the best first, without duplicates, neighbours merged.

        Args:
            question: as it is searched.
            vector: the question's, where it is known already.
            scope: what is searched; all when not given.
            top_k: how many passages at most; ``settings.top_k`` when not given.
        """
        if vector is None:
            vector = self.embed(question)
        rankings = self.rankings(question, vector, scope)
        if top_k is None:
            top_k = self._settings.top_k
        passages = self.passages(self.fused(question, vector, rankings), rankings, top_k)
        return self.reranked(question, vector, passages)[:top_k]

    @property
    def reranks(self) -> bool:
        """Whether a second reader puts the passages in order."""
        return self.reader is not None and self._settings.rerank_depth > 0

    def passages(
        self,
        ranked: Sequence[tuple[int, float]],
        rankings: Mapping[str, Sequence[tuple[int, float]]],
        top_k: int,
    ) -> list[Passage]:
        """Make passages of the best of the ranked chunks, without doubles among them.

        As many chunks as ``top_k`` says, or as the second reader puts in order, if that is more.
        """
        depth = max(top_k, self._settings.rerank_depth) if self.reranks else top_k
        kept: list[tuple[StoredChunk, float]] = []
        seen: list[set[str]] = []
        for row, score in ranked:
            if len(kept) >= depth:
                break
            stored = self._index.tables.chunk(row)
            words = set(search_tokens(stored.chunk.text))
            if not any(_says_nothing_new(words, other) for other in seen):
                seen.append(words)
                kept.append((stored, score))
        return self._merged(kept, rankings)

    def reranked(self, question: str, vector: Vectors, passages: Sequence[Passage]) -> list[Passage]:
        """Return the passages, the first of them in the order that the second reader gives them.

        It reads the sentence of each that is nearest to the question; the log-odds that it answers are added, weighted,
        to the score. What is not read counts as the least of what is.
        """
        if self.reader is None:
            return list(passages)
        depth, weight = self._settings.rerank_depth, self._settings.rerank_weight
        read, others = passages[:depth], passages[depth:]
        nearest = [max(self.sentences(passage, vector), key=lambda item: item[1])[0] for passage in read]
        years = years_of_matter(question)
        unread = [passage.unread(one, years) for passage, one in zip(read, nearest, strict=True)]
        readings = read_under_headings(self.reader, question, unread)
        least = min((reading.relevance for reading in readings), default=0.0)
        ordered = [
            replace(passage, score=passage.score + weight * reading.relevance, readings={one.row: reading})
            for passage, one, reading in zip(read, nearest, readings, strict=True)
        ]
        ordered += [replace(passage, score=passage.score + weight * least) for passage in others]
        return sorted(ordered, key=lambda passage: -passage.score)

    def rankings(
        self, question: str, vector: Vectors, scope: Scope = EVERYTHING
    ) -> dict[str, list[tuple[int, float]]]:
        """Return what each retriever finds alone in the scope: chunk rows with scores, the best first."""
        depth = self._settings.dense_depth
        rows = self._index.tables.rows_of(scope) if scope.bounded else None
        chunks = rows.chunks if rows else None
        sentences = rows.sentences if rows else None
        return {
            "chunks": self._index.vectors.search_chunks(vector, depth, chunks),
            "sentences": self._best_sentences(vector, depth, sentences),
            "lexical": self._index.lexical.top(question, self._settings.lexical_depth, chunks),
        }

    def fused(
        self, question: str, vector: Vectors, rankings: Mapping[str, Sequence[tuple[int, float]]]
    ) -> list[tuple[int, float]]:
        """Join what the retrievers found: chunk rows with the weighted sums of their scores, the best first.

        A chunk that one retriever found gets its score of every one. Equal scores are ordered by row.
        """
        rows = sorted({row for ranking in rankings.values() for row, _ in ranking})
        if not rows:
            return []
        chunks = self._index.vectors.chunk_similarities(vector, rows)
        lexical = self._index.lexical.scores(question)[rows]
        share = self._settings.chunk_weight
        scores = []
        for row, cosine, points in zip(rows, chunks, lexical.tolist(), strict=True):
            stored = self._index.tables.chunk(row)
            sentences = self._index.vectors.sentence_similarities(
                vector, stored.first_sentence, stored.last_sentence
            )
            dense = share * cosine + (1 - share) * max(sentences, default=cosine)
            scores.append((row, dense + self._settings.lexical_weight * points))
        return sorted(scores, key=lambda item: -item[1])

    def sentences(self, passage: Passage, vector: Vectors) -> list[tuple[Sentence, float]]:
        """Return the sentences of a passage in reading order, each with its cosine to the question."""
        found: list[tuple[Sentence, float]] = []
        for row in passage.rows:
            stored = self._index.tables.chunk(row)
            scores = self._index.vectors.sentence_similarities(
                vector, stored.first_sentence, stored.last_sentence
            )
            found.extend(zip(self._index.tables.sentences(row), scores, strict=True))
        return found

    def document_text(self, document_id: str) -> CleanText:
        """Return the cleaned text of a whole document."""
        text = self._texts.get(document_id)
        if text is None:
            text = self._index.tables.document(document_id).clean
            # Replaced, not changed: other threads may be reading it.
            self._texts = dict([(document_id, text), *self._texts.items()][:_TEXTS_KEPT])
        return text

    def _best_sentences(self, vector: Vectors, depth: int, rows: Rows | None) -> list[tuple[int, float]]:
        """Rank chunks by the best of their sentences."""
        best: dict[int, float] = {}
        for sentence_row, score in self._index.vectors.search_sentences(vector, 4 * depth, rows):
            best.setdefault(self._index.tables.chunk_of_sentence(sentence_row), score)
        return list(best.items())[:depth]

    def _merged(
        self,
        kept: Sequence[tuple[StoredChunk, float]],
        rankings: Mapping[str, Sequence[tuple[int, float]]],
    ) -> list[Passage]:
        """Put kept chunks that follow one another together; a merged passage has the best score of its parts."""
        places = {
            name: {row: RetrieverScore(rank, score) for rank, (row, score) in enumerate(ranking, 1)}
            for name, ranking in rankings.items()
        }
        groups: list[list[tuple[StoredChunk, float]]] = []
        for item in sorted(kept, key=lambda entry: entry[0].row):
            last = groups[-1][-1][0] if groups else None
            if last is not None and _continues(last, item[0]):
                groups[-1].append(item)
            else:
                groups.append([item])
        passages = [self._passage(group, places) for group in groups]
        return sorted(passages, key=lambda passage: -passage.score)

    def _passage(
        self, group: Sequence[tuple[StoredChunk, float]], places: dict[str, dict[int, RetrieverScore]]
    ) -> Passage:
        first, last = group[0][0].chunk, group[-1][0].chunk
        rows = tuple(stored.row for stored, _ in group)
        merged = Chunk(
            id=f"{first.doc_id}:{first.start}-{last.end}",
            doc_id=first.doc_id,
            start=first.start,
            end=last.end,
            headings=first.headings,
            text="\n".join(stored.chunk.text for stored, _ in group),
            dateline=first.dateline,
        )
        retrievers = {
            name: min((ranks[row] for row in rows if row in ranks), key=lambda place: place.rank)
            for name, ranks in places.items()
            if any(row in ranks for row in rows)
        }
        score = max(score for _, score in group)
        sections = tuple((stored.first_sentence, stored.chunk.headings) for stored, _ in group)
        return Passage(
            merged,
            self._titles[first.doc_id],
            score,
            score,
            retrievers,
            rows,
            sections=sections,
            beginning=self._index.tables.beginning(first.doc_id, _BEGINNING_CHARS),
        )


def _continues(first: StoredChunk, second: StoredChunk) -> bool:
    """Whether a chunk follows another in its document, and was written with it."""
    return (
        first.row + 1 == second.row
        and first.chunk.doc_id == second.chunk.doc_id
        and first.chunk.dateline == second.chunk.dateline
    )


def _says_nothing_new(words: set[str], others: set[str]) -> bool:
    """Whether of the words of a text another has nearly all: a page indexed twice, or a repeated paragraph.

    A short text whose words a longer one has as well does not stand in for that.
    """
    if any(word[0].isdigit() for word in words - others):
        return False  # reports of two years may differ in nothing but their figures
    return len(words & others) >= _DUPLICATE_OVERLAP * len(words) > 0
