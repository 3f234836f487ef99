"""Examples from questions that were asked of whole folders: gold sets, read as the program reads for an answer.

What misleads the reader most is in the next document: the same figure of another year or county, the plan beside the
result, the second trial beside the first. So the wrong sentences are those that are nearest to the question in all the
folder, and those that whoever wrote the set names as seeming to answer (``lures``), under the headings, and with or
without the year in the question, as :mod:`rag.retrieval` would show them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.tables import Sentence, Tables
from rag.evaluation.gold import GoldQuestion, read_gold
from rag.evaluation.quotes import GoldItem, QuotePlaces, locate
from rag.reading import as_read, shown
from rag.retrieval import Passage, Retriever
from rag.training.examples import Example, span_of
from rag.years import years_of_matter

FOLDER = Path(__file__).with_name("asked")
"""Each set a file ``NAME.jsonl`` beside the folder ``NAME`` of its documents."""

_EVERYTHING = 1_000
_NEAREST = 5
"""Sentences of a question that do not answer."""
_TIMES_RIGHT = 2
"""A right sentence counts so often, for the wrong ones are many."""
# Sets take 98.6亿 for an answer as well; the reader is to say 98.6亿元.
_UNIT = re.compile(r"(?<=[\d万亿])[万亿]?(?:公里|公斤|公顷|平方公里|平方米|[元人名户个吨亩米家件次所辆倍])")


@dataclass(frozen=True)
class _Read:
    """A sentence where it stands, and how near its words are to the question's."""

    sentence: Sentence
    passage: Passage
    cosine: float

    def overlaps(self, items: Sequence[GoldItem]) -> bool:
        place = self.passage.chunk.doc_id, self.sentence.start, self.sentence.end
        return any(item.overlap(*place) > 0 for item in items)


def asked_examples(gold: Path, tables: Tables, retriever: Retriever) -> Iterator[list[Example]]:
    """Yield the examples of each question of a gold set over its documents.

    A sentence answers where it holds all of the answer and overlaps the evidence. One that holds an answer and is not
    the evidence may be right or wrong, and is left out. Questions whose answer no single sentence holds (most
    comparisons, some lists) are left out as well: the program asks them part by part.

    Raises:
        GoldError: the set cannot be read, or is of other documents.
    """
    questions = read_gold(gold).questions
    evidence = locate(questions, tables).by_question
    places = QuotePlaces(tables)
    for question in questions:
        read = _all_read(retriever, question.question)
        lures = [GoldItem(places.of(lure)) for lure in question.lures]
        yield from filter(None, [_examples(question, read, evidence[question.id], lures)])


def _all_read(retriever: Retriever, question: str) -> list[_Read]:
    """Return the sentences of what is found, the nearest first."""
    vector = retriever.embed(question)
    found = [
        _Read(sentence, passage, cosine)
        for passage in retriever.retrieve(question, vector, top_k=_EVERYTHING)
        for sentence, cosine in retriever.sentences(passage, vector)
    ]
    return sorted(found, key=lambda one: -one.cosine)


def _examples(
    question: GoldQuestion, read: Sequence[_Read], evidence: Sequence[GoldItem], lures: Sequence[GoldItem]
) -> list[Example]:
    """Return what answers first, then what seems to, then what is near; nothing if no sentence answers as it should."""
    groups = [[as_read(text) for text in group] for group in question.groups]
    right: list[Example] = []
    seeming: list[Example] = []
    near: list[Example] = []
    years = years_of_matter(question.question)
    for one in read:
        unread = one.passage.unread(one.sentence, years)
        asked, text = shown(question.question, unread)
        begin = text.rindex(as_read(one.sentence.text))
        spans = [span_of(text[begin:], group) for group in groups]
        if groups and all(spans) and one.overlaps(evidence):
            right.append(_answering(asked, text, begin, [span for span in spans if span]))
        elif any(span_of(text, group) for group in groups) or one.overlaps(evidence):
            continue
        elif one.overlaps(lures):
            seeming.append(Example(asked, text, False))
        elif len(near) < _NEAREST:
            near.append(Example(asked, text, False))
    if question.answerable and not right:
        return []
    return [*right * _TIMES_RIGHT, *seeming, *near]


def _answering(asked: str, text: str, begin: int, spans: Sequence[tuple[int, int]]) -> Example:
    """Return an example whose text answers from the first of the spans to the last, counted from ``begin``."""
    start, end = begin + min(start for start, _ in spans), begin + max(end for _, end in spans)
    unit = _UNIT.match(text, end)
    return Example(asked, text, True, (start, unit.end() if unit else end))
