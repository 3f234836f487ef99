"""Examples for the reader: a question, a text, and where in the text the answer stands, if it stands there.

The negatives are what decides: sentences that the program's own retrieval puts first and that do not hold the answer,
above all those of the same document; and the right text with another year or another subject in the question, since a
figure of another year or town is the mistake that costs the most.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from index.folding import search_tokens, to_simplified, to_traditional
from index.tables import Sentence, Tables
from rag.evaluation.gold import read_rows, split_of
from rag.reading import as_read
from rag.retrieval import Retriever

_ALL = 1_000_000
_NEGATIVES = 3
_SEARCHED_CHUNKS = 8
_SAME_DOCUMENT_BONUS = 0.05
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?=\s*年)")
_YEARS_APART = (1, 1, 2, 3, 5, 10)
_HEADING_SHARE = 0.6
_SIMPLIFIED_SHARE = 0.6
_MIXED_SCRIPT_SHARE = 0.1
_CLOZE_SHARE = 0.5
_QUANTITY = re.compile(
    r"(?<![\d.,])\d[\d,.]*(?P<unit>[万亿]?(?:[个人名位次年月日元米亩户所条座种家件部场届艘架台间项岁公里平方]))"
)
_CLAUSE_END = re.compile("[，。；！？,;]")
_SHORTEST_CLAUSE = 8


@dataclass(frozen=True)
class Example:
    """A question and a text; ``span`` is where the answer stands in the text, None where it does not.

    ``right`` says whether the text answers, which may be known without a span.
    """

    question: str
    text: str
    right: bool
    span: tuple[int, int] | None = None

    def begun_with(self, words: str) -> Example:
        """Return the example with words before its text; the answer stands where it stood."""
        span = self.span and (self.span[0] + len(words), self.span[1] + len(words))
        return replace(self, text=words + self.text, span=span)


@dataclass(frozen=True)
class Question:
    """A question of a set, its accepted answers, and the document that holds one."""

    text: str
    answers: tuple[str, ...]
    document: str


def read_questions(path: Path) -> list[Question]:
    """Read the answerable questions of a ``questions.jsonl``."""
    return [
        Question(row.question, tuple(row.answers), row.passage_ids[0])
        for row in read_rows(path)[0]
        if row.answers and row.passage_ids
    ]


class SpanExamples:
    """Makes examples of questions whose answers are spans of their document (SQuAD's form)."""

    def __init__(self, tables: Tables, retriever: Retriever, seed: int) -> None:
        self._retriever = retriever
        self._random = random.Random(seed)
        self._titles = tables.titles()
        self._other_titles = sorted({title for title in self._titles.values() if 2 <= len(title) <= 8})
        self._sentences: dict[str, list[Sentence]] = defaultdict(list)
        self._places: dict[int, tuple[str, int]] = {}
        for document in self._titles:
            for stored in tables.chunks_of(document, _ALL):
                for sentence in tables.sentences(stored.row):
                    self._places[sentence.row] = document, len(self._sentences[document])
                    self._sentences[document].append(sentence)

    def of(self, question: Question) -> list[Example]:
        """Return the examples of one question: one right text, wrong ones, and the right text to a changed question."""
        place = self._answering(question)
        if place is None:
            return []
        text = self._window(question.document, place, self._width())
        span = span_of(text, question.answers)
        if span is None:
            return []
        examples = [self._finished(Example(question.text, text, True, span), question.document)]
        changed = self._changed(question, text)
        if changed is not None:
            examples.append(self._finished(Example(changed, text, False), question.document))
        for document, near in self._negatives(question)[: _NEGATIVES + 1 - len(examples)]:
            wrong = self._window(document, near, self._width(), without=question.answers)
            examples.append(self._finished(Example(question.text, wrong, False), document))
        return examples

    def cloze(self, document: str) -> list[Example]:
        """Return examples that ask for the quantity of a clause, 全长多少公里; none where there is no such clause."""
        sentences = self._sentences[document]
        places = [place for place, item in enumerate(sentences) if _QUANTITY.search(item.text)]
        if not places or self._random.random() > _CLOZE_SHARE:
            return []
        place = self._random.choice(places)
        sentence = sentences[place].text
        found = self._random.choice(list(_QUANTITY.finditer(sentence)))
        starts = [0, *(match.end() for match in _CLAUSE_END.finditer(sentence, 0, found.start()))]
        ending = _CLAUSE_END.search(sentence, found.end())
        clause = sentence[starts[-1] : ending.start() if ending else len(sentence)]
        if len(clause) < _SHORTEST_CLAUSE:
            return []
        asked = clause.replace(found.group(), f"多少{found.group('unit')}", 1) + "？"
        if self._titles[document] not in asked:
            asked = f"{self._titles[document]}{asked}"
        text = self._window(document, place, self._width())
        span = span_of(text, (found.group(),))
        if span is None:
            return []
        examples = [self._finished(Example(asked, text, True, span), document, heading=True)]
        others = [other for other in places if other != place and abs(other - place) > 1]
        if others:
            wrong = self._window(document, self._random.choice(others), 1)
            examples.append(self._finished(Example(asked, wrong, False), document))
        return examples

    @property
    def documents(self) -> list[str]:
        """The documents' ids."""
        return list(self._sentences)

    def _answering(self, question: Question) -> int | None:
        """Return the place of the sentence that answers: of those that hold the answer, the nearest in words."""
        asked = set(search_tokens(question.text))
        best: tuple[int, int] | None = None
        for place, sentence in enumerate(self._sentences[question.document]):
            if span_of(sentence.text, question.answers) is not None:
                shared = len(asked & set(search_tokens(sentence.text)))
                if best is None or shared > best[0]:
                    best = shared, place
        return None if best is None else best[1]

    def _negatives(self, question: Question) -> list[tuple[str, int]]:
        """Return places of sentences without the answer, one that looks most like the question first."""
        vector = self._retriever.embed(question.text)
        passages = self._retriever.retrieve(question.text, vector, top_k=_SEARCHED_CHUNKS)
        scored = [
            (cosine + _SAME_DOCUMENT_BONUS * (passage.chunk.doc_id == question.document), sentence)
            for passage in passages
            for sentence, cosine in self._retriever.sentences(passage, vector)
            if len(sentence.text) >= _SHORTEST_CLAUSE and span_of(sentence.text, question.answers) is None
        ]
        scored.sort(key=lambda item: -item[0])
        if not scored:
            return []
        nearest = [sentence for _, sentence in scored[1 : 4 * _NEGATIVES]]
        self._random.shuffle(nearest)
        return [self._places[sentence.row] for sentence in (scored[0][1], *nearest)]

    def _width(self) -> int:
        return self._random.choices((1, 2, 3, 6), weights=(4, 2, 2, 3))[0]

    def _window(self, document: str, place: int, width: int, without: Sequence[str] = ()) -> str:
        """Return up to ``width`` sentences around the one at ``place``; none but it holds one of ``without``."""
        sentences = self._sentences[document]
        first = max(0, place - self._random.randrange(width))
        last = min(len(sentences), first + width)
        if without:
            while first < place and span_of(sentences[first].text, without) is not None:
                first += 1
            stops = [n for n in range(place + 1, last) if span_of(sentences[n].text, without) is not None]
            last = stops[0] if stops else last
            if any(span_of(sentences[n].text, without) is not None for n in range(first, place)):
                first = place
        return "".join(sentence.text for sentence in sentences[first:last])

    def _changed(self, question: Question, right: str) -> str | None:
        """Return the question about another year or subject than the text's; None where the text names neither."""
        for year in _YEAR.findall(question.text):
            other = str(int(year) + self._random.choice(_YEARS_APART) * self._random.choice((-1, 1)))
            if year in right and other not in right:
                return question.text.replace(year, other)
        title = self._titles[question.document]
        if len(title) >= 2 and title in question.text and title in right:
            other = self._random.choice(self._other_titles)
            return None if other in right else question.text.replace(title, other)
        return None

    def _finished(self, example: Example, document: str, *, heading: bool = False) -> Example:
        """Put some under their title, and most into simplified script or a mixture, as people's documents come."""
        if heading or self._random.random() < _HEADING_SHARE:
            example = example.begun_with(f"{self._titles[document]}\n")
        if self._random.random() < _SIMPLIFIED_SHARE:
            return _in_script(example, to_simplified(example.question), to_simplified(example.text))
        if self._random.random() < _MIXED_SCRIPT_SHARE:
            return _in_script(example, to_simplified(example.question), to_traditional(example.text))
        return example


def statute_examples(
    train: Path, passages: Path, retriever: Retriever, titles: dict[str, str], seed: int
) -> Iterator[list[Example]]:
    """Yield the examples of each of LeCoQA's training questions: cited articles against others found for it."""
    chance = random.Random(seed)
    by_title = {row["title"]: row for row in _rows(passages)}
    for row in json.loads(train.read_text(encoding="utf-8")):
        cited = [by_title[title] for title in row["相关法规"] if title in by_title]
        if not cited:
            continue
        ids = {article["id"] for article in cited}
        found = [item.chunk for item in retriever.retrieve(row["问题"]) if item.chunk.doc_id not in ids]
        # The first ones found are often right as well, only not cited.
        wrong = chance.sample(found[2:], min(_NEGATIVES, len(found[2:])))
        yield [
            *(Example(row["问题"], f"{item['title']}\n{item['text']}", True) for item in cited[:2]),
            *(Example(row["问题"], f"{titles[chunk.doc_id]}\n{chunk.text}", False) for chunk in wrong),
        ]


def cross_lingual_questions(path: Path) -> list[Question]:
    """Read the questions of XQuAD in Chinese and in English, both over Chinese texts, of the articles to learn from."""
    found = []
    for row in read_rows(path)[0]:
        if row.passage_ids and split_of(article_of(row.passage_ids[0])) == "dev":
            answers, document = tuple(row.answers or ()), row.passage_ids[0]
            found += [Question(text, answers, document) for text in (row.question, row.question_en) if text]
    return found


def article_of(passage_id: str) -> str:
    """Return the article that one of XQuAD's passages is from: ``Super_Bowl_50`` of ``Super_Bowl_50_0``.

    Its questions are split by article; the benchmarks are run on those that nothing was learned from.
    """
    return passage_id.rpartition("_")[0]


def _in_script(example: Example, question: str, text: str) -> Example:
    # Of 1,000 characters OpenCC makes two out of one, or one out of two, in fewer than one.
    same_length = len(text) == len(example.text)
    return replace(example, question=question, text=text) if same_length else example


def example_under(question: str, text: str, above: str, answer: str | None) -> Example:
    """Return a question with a text under its heading, as the reader is shown it; right where ``answer`` is given."""
    text = as_read(text)
    span = None if answer is None else span_of(text, (as_read(answer),))
    example = Example(as_read(question), text, answer is not None, span)
    return example.begun_with(as_read(f"{above}\n"))


def span_of(text: str, answers: Sequence[str]) -> tuple[int, int] | None:
    """Return where the longest of the answers stands in the text."""
    for answer in sorted(answers, key=len, reverse=True):
        start = text.find(answer)
        if answer and start >= 0:
            return start, start + len(answer)
    return None


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
