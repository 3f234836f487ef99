"""Choosing the sentences that the generator gets to read.

On a CPU the prompt is most of the wait, and a small model reads a short prompt better. Measured on the 96
answerable development questions of tests/gold/seeds.jsonl, on which the weights were chosen: the three to six
sentences chosen here (about 230 tokens) hold evidence for 98% of them, and all that is needed for 89%. With a second
reader to put them in order three sentences do as well as five: of 160 questions 98% have evidence among 2.9 sentences
(180 characters) that it helped to choose, 98% among 4.6 (280 characters) without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from index.characters import is_ideograph
from index.chunking import Chunk
from index.cleaning import CleanText
from index.dating import years_meant
from index.embedding import Vectors
from index.lexical import LexicalIndex
from index.tables import Sentence
from rag.asked import read_question
from rag.document_kinds import is_of_another_kind
from rag.enumerations import enumerates
from rag.indicators import asks_for_what_was, heads_a_plan
from rag.injection import withheld
from rag.numbered import taken_back
from rag.periods import OFTEN_UNSAID, periods, speaks_of_other_periods
from rag.places import is_of_another_city, is_under_another_city
from rag.reading import Reader, Reading, read_under_headings
from rag.retrieval import Passage, Retriever
from rag.subjects import is_another_thing, is_under_another
from rag.terms import holds, letters, quoted_terms
from rag.year_told import is_of_another_year, speaks_of_other_years
from rag.years import asks_for_a_year, base_year, compares_with_the_year_before, years, years_of_matter

_COVERAGE_WEIGHT = 0.2
_PASSAGE_WEIGHT = 0.5
_HEADING_WEIGHT = 0.15
_OTHER_YEAR_PENALTY = 0.3
_KIND_WEIGHT = 0.15
_UNIT_WEIGHT = 0.1
_OTHER_MATTER_PENALTY = 1.0
"""For a sentence that no answer could rest on: it is read only where there is nothing better."""
_PLANNED_PENALTY = 0.3
_UNNAMED_PERIOD_PENALTY = 0.08
"""For a sentence that does not name the part of the year; 0.03 to 0.12 do the same on the development questions."""
_WITHOUT_TERM_PENALTY = 0.3
"""Where other passages hold the term that the question quotes."""
_FEWEST_SENTENCES = 3
_MOST_SENTENCES = 6
_WIDEST_GAP = 0.25
"""How far below the best score a sentence may be: each one that does not answer may mislead a small model."""
_READ_SENTENCES = 12
"""How many of the best the second reader reads."""
_RELEVANCE_WEIGHT = 0.05
"""Of the second reader's log-odds; 0.03 to 0.08 choose as well."""
_FEWEST_READ = 2
_WIDEST_GAP_READ = 0.3

_BEFORE_CHARS = 400
_HEADING_TOKENS = 20
_NUMBER_TOKENS = 4


@dataclass(frozen=True)
class Evidence:
    """One sentence under the number that the prompt gives it.

    Attributes:
        number: from 1.
        sentence: as it is indexed.
        passage: that it stands in.
        score: what it counts without a second reader.
        of_another: whether it is about another city, school, company or the like than the question names, or stands in
            another kind of document.
        reading: what the second reader, if there is one, says of it.
    """

    number: int
    sentence: Sentence
    passage: Passage
    score: float
    of_another: bool = False
    reading: Reading | None = None

    @property
    def worth(self) -> float:
        """What it counts: its score, and the weighted log-odds that it answers."""
        return self.score + (_RELEVANCE_WEIGHT * self.reading.relevance if self.reading else 0.0)

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings that the sentence stands under, the outermost first."""
        return self.passage.headings_above(self.sentence)

    @property
    def headline(self) -> str:
        """What to call its source; see :attr:`Passage.headline`."""
        return self.passage.headline_of(self.sentence)

    @property
    def heading(self) -> str:
        """The same in one short line."""
        return self.passage.heading_of(self.sentence)


@dataclass(frozen=True)
class AskedTime:
    """The years, and the parts of a year, that a question is about, and the year that it compares them with."""

    years: frozenset[int]
    periods: frozenset[str]
    base: int | None = None

    @classmethod
    def of(cls, question: str) -> AskedTime:
        """Read them off a question; both may be empty."""
        return cls(frozenset(years_of_matter(question)), periods(question), base_year(question))

    def is_of_another_year(self, sentence: Sentence, passage: Passage) -> bool:
        """Whether a sentence is about another year."""
        around = passage.surroundings(sentence)
        headings, written = passage.headings_above(sentence), passage.chunk.dateline
        return is_of_another_year(self.years, sentence.text, headings, around, written)

    def is_of_another_period(self, sentence: Sentence) -> bool:
        """Whether a sentence is about another part of a year."""
        return speaks_of_other_periods(self.periods, [sentence.text])

    def names_the_period(self, sentence: Sentence) -> bool:
        """Whether a sentence names the part of a year that is asked about, if one is."""
        parts = self.periods - {"year"}
        return not parts or bool(parts & periods(sentence.text))

    def period_is_unsaid(self, sentence: Sentence, passage: Passage) -> bool:
        """Whether a part of a year is asked about, and neither a sentence nor what stands around it names one.

        A figure without one is mostly the year's. A question about a whole year needs no such word.
        """
        parts = self.periods - {"year"} - OFTEN_UNSAID
        return bool(parts) and not any(periods(text) - {"year"} for text in passage.surroundings(sentence))

    def years_around(self, sentence: Sentence, passage: Passage) -> frozenset[int]:
        """Return all years that a sentence may be about: named in it or around it, or that it was written in."""
        written = passage.chunk.dateline.year
        around = years(" ".join(passage.surroundings(sentence))) | years_meant(sentence.text, written)
        return frozenset(around | ({written} if written else set()))

    def is_foretold(self, passage: Passage) -> bool:
        """Whether the whole of a year is asked about, and a passage was written before that year was over."""
        if "year" not in self.periods or len(self.years) != 1:
            return False
        year, _, day = passage.chunk.dateline.date.partition("-")
        return year == str(*self.years) and "01" <= day[:2] < "12"

    def is_compared_in(self, sentence: Sentence, passage: Passage) -> bool:
        """Whether a sentence compares with the year that the question compares with, if it does with one."""
        if self.base is None or self.base in years(sentence.text):
            return True
        written = passage.chunk.dateline.year
        of = (self.years - {self.base}) or (frozenset() if written is None else frozenset({written}))
        return self.base + 1 in of and compares_with_the_year_before(sentence.text)

    def is_not_of(self, sentence: Sentence, passage: Passage) -> bool:
        """Whether a sentence is about another time."""
        return self.is_of_another_year(sentence, passage) or self.is_of_another_period(sentence)


@dataclass(frozen=True)
class _Section:
    """The sentences of a passage under the same headings, each with its cosine to the question."""

    passage: Passage
    headings: tuple[str, ...]
    sentences: Sequence[tuple[Sentence, float]]
    document: CleanText

    @property
    def named_in(self) -> tuple[str, ...]:
        """The texts that name what they are about: all of the passage, their own headings, and its title."""
        return (self.passage.chunk.text, *self.headings, self.passage.title)

    @property
    def years_of_its_day(self) -> frozenset[int]:
        """The year that they were written in and the one before, which need not be named; empty where not known."""
        written = self.passage.chunk.dateline.year
        return frozenset(() if written is None else (written, written - 1))

    @property
    def is_planned(self) -> bool:
        """Whether their headings call them a plan."""
        return heads_a_plan(self.headings) or False

    def is_of_another(self, question: str, lexical: LexicalIndex) -> bool:
        """Whether they are about another city or thing, or in another kind of document, than the question says."""
        return (
            is_of_another_city(question, self.named_in, self.document.text)
            or is_under_another_city(question, self.named_in[1:], self.document.text)
            or is_another_thing(question, self.named_in, lexical)
            or is_of_another_kind(question, (self.passage.title, *self.headings), self.passage.chunk.text)
        )


def _sections(passage: Passage, vector: Vectors, retriever: Retriever) -> Iterator[_Section]:
    """Part the sentences of a passage by their headings; orders to the reader are left out."""
    document = retriever.document_text(passage.chunk.doc_id)
    orders = withheld(passage.chunk.text, _before(passage.chunk, document))
    found = retriever.sentences(passage, vector)
    for headings, sentences in groupby(found, key=lambda item: passage.headings_above(item[0])):
        yield _Section(
            passage, headings, [item for item in sentences if item[0].text not in orders], document
        )


def choose_evidence(
    question: str,
    vector: Vectors,
    passages: Sequence[Passage],
    retriever: Retriever,
    lexical: LexicalIndex,
    token_budget: int,
) -> list[Evidence]:
    """Return the sentences that bear most on the question, at most ``token_budget`` tokens of them.

    Passages count as they were fused: with what the second reader says of one sentence of each, the evidence held all
    that is needed for 90% of the development questions, not 91%.

    A sentence counts by its cosine to the question, by the share of the question's words it has, by how well its
    passage and its headings match, by whether it has what is asked for (a number, a date, a name), and by whether its
    passage holds the term that the question quotes; the best are read by the second reader, if there is one, and count
    by what it says as well. Sentences come passage by
    passage in reading order, the passage with the best sentence first. Orders to the reader are never among
    them, see :mod:`rag.injection`.
    """
    best = max((passage.fused for passage in passages), default=0.0)
    asked, asked_time = read_question(question), AskedTime.of(question)
    asked_years = set() if asks_for_a_year(question) else years(question)
    # The items of “九大行动” often stand in other passages than its name.
    terms = quoted_terms(question) if asked.items is None else frozenset()
    sections = [section for passage in passages for section in _sections(passage, vector, retriever)]
    of_what_was = asks_for_what_was(question)
    corrected = frozenset().union(*(taken_back(passage.chunk.text) for passage in passages))
    holding = [holds(" ".join(section.named_in), terms) for section in sections]
    scored: list[tuple[float, Sentence, Passage, bool]] = []
    for section, holds_them in zip(sections, holding, strict=True):
        passage = section.passage
        heading = lexical.coverage(question, " ".join((passage.title, *section.headings)))
        around = _PASSAGE_WEIGHT * (passage.fused - best) + _HEADING_WEIGHT * heading
        if any(holding) and not holds_them:
            around -= _WITHOUT_TERM_PENALTY
        of_another = section.is_of_another(question, lexical)
        planned = of_what_was and section.is_planned
        for sentence, cosine in section.sentences:
            score = cosine + _COVERAGE_WEIGHT * lexical.coverage(question, sentence.text) + around
            is_list = asked.items is not None and enumerates(question, sentence.text)
            score += _KIND_WEIGHT * (is_list or asked.may_stand_in(sentence.text))
            score += _UNIT_WEIGHT * asked.is_counted_in(sentence.text)
            all_texts = (*passage.surroundings(sentence), section.document.text)
            if not asked_years & section.years_of_its_day and speaks_of_other_years(asked_years, all_texts):
                score -= _OTHER_YEAR_PENALTY
            elsewhere = of_another or is_under_another(question, sentence.text, section.named_in[1:], lexical)
            if elsewhere or asked_time.is_not_of(sentence, passage):
                score -= _OTHER_MATTER_PENALTY
            if planned:
                score -= _PLANNED_PENALTY
            if corrected and any(
                words in letters(sentence.text) for words in corrected - taken_back(sentence.text)
            ):
                score -= _OTHER_MATTER_PENALTY
            if not asked_time.names_the_period(sentence):
                score -= _UNNAMED_PERIOD_PENALTY
            scored.append((score, sentence, passage, elsewhere))
    scored.sort(key=lambda item: (-item[0], item[1].row))
    best_scored = [
        Evidence(rank, sentence, passage, score, of_another)
        for rank, (score, sentence, passage, of_another) in enumerate(scored[:_READ_SENTENCES], 1)
    ]
    return _chosen(read(question, best_scored, retriever.reader), token_budget)


def read(question: str, evidence: Sequence[Evidence], reader: Reader | None) -> list[Evidence]:
    """Have the second reader, if there is one, read each sentence under its heading.

    What it has read already, while the passages were put in order, is not read again.
    """
    if reader is None:
        return list(evidence)
    known = {row: reading for item in evidence for row, reading in item.passage.readings.items()}
    unread = [item for item in evidence if item.sentence.row not in known]
    asked = years_of_matter(question)
    found = read_under_headings(
        reader, question, [item.passage.unread(item.sentence, asked) for item in unread]
    )
    known.update(zip((item.sentence.row for item in unread), found, strict=True))
    return [replace(item, reading=known[item.sentence.row]) for item in evidence]


def _chosen(candidates: Sequence[Evidence], token_budget: int) -> list[Evidence]:
    """Return the best of the candidates, numbered in the order in which they are to be read."""
    ranked = sorted(candidates, key=lambda item: -item.worth)
    was_read = any(item.reading for item in ranked)
    fewest, gap = (_FEWEST_READ, _WIDEST_GAP_READ) if was_read else (_FEWEST_SENTENCES, _WIDEST_GAP)
    chosen: dict[str, list[Evidence]] = {}
    headings: set[tuple[str, str]] = set()
    used = 0
    for rank, item in enumerate(ranked[:_MOST_SENTENCES]):
        if rank >= fewest and item.worth < ranked[0].worth - gap:
            break
        passage = item.passage.chunk.id
        cost = estimated_tokens(item.sentence.text) + _NUMBER_TOKENS
        if (passage, item.heading) not in headings:
            cost += _HEADING_TOKENS
        if used + cost > token_budget and chosen:
            continue
        used += cost
        headings.add((passage, item.heading))
        chosen.setdefault(passage, []).append(item)
    in_order = (item for items in chosen.values() for item in sorted(items, key=lambda one: one.sentence.row))
    return [replace(item, number=place) for place, item in enumerate(in_order, 1)]


def the_best(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the two best sentences, in their order, for a second try with less to be misled by."""
    kept = sorted(evidence, key=lambda item: -item.worth)[:2]
    return sorted(kept, key=lambda item: item.number)


def beside(sentence: Sentence, passage: Passage, characters: int) -> str:
    """Return a sentence with at most ``characters`` of its passage before and after it, and what it stands under."""
    _, text, above = passage.surroundings(sentence)
    start = text.find(sentence.text)
    near = text if start < 0 else text[max(0, start - characters) : start + len(sentence.text) + characters]
    return f"{near} {above}"


def preceding(sentence: Sentence, passage: Passage) -> str:
    """Return what stands before a sentence in its section of a passage; empty where it cannot be found there."""
    text, found, _ = passage.chunk.text.partition(sentence.text)
    above = passage.headings_above(sentence)[-1:]
    if not found:
        return ""
    return text.rpartition(above[0])[2] if above else text


def estimated_tokens(text: str) -> int:
    """Estimate the tokens of ``text`` without a tokenizer: 0.75 a Chinese character, 0.3 any other."""
    chinese = sum(is_ideograph(character) for character in text)
    return round(0.75 * chinese + 0.3 * (len(text) - chinese)) + 1


def _before(chunk: Chunk, document: CleanText) -> str:
    """Return what stands just before a chunk in the cleaned text of its document."""
    start, _ = document.cleaned_span(chunk.start, chunk.end)
    return document.text[max(0, start - _BEFORE_CHARS) : start]
