"""Examples from documents that were written for the purpose, in :data:`FOLDER`.

Encyclopedias, statutes and web pages are not what people have in their folders, and their questions are whole
sentences. The towns, people and figures of these reports, newspaper pages and notices are made up; each fact is asked
in several forms (whole, in keywords, in other words than the document's, with a typo, in English, in traditional
script), and beside the facts stand questions that a sentence seems to answer and nothing in the document does: another
year, county or indicator, the plan for the result.

A file holds documents: ``# title``, ``## heading > heading``, sentences under their numbers, ``--``, and then lines
``numbers | answer | question | question …`` for what sentences answer, and ``x numbers | question | question …`` for
what they only seem to.

``python -m rag.training.written FOLDER`` writes the documents that the reader is not trained on, and ``gold.jsonl``
with their questions, for :mod:`rag.training.confidence` and for ``rag eval``.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from index.folding import search_tokens, to_simplified
from rag.retrieval import short_heading
from rag.training.claims import another, claim
from rag.training.examples import Example, example_under

FOLDER = Path(__file__).with_name("written")

_WITHOUT_TITLE_SHARE = 0.15
_NEAREST = 3
_CLAIM_SHARE = 0.7
_FALSE_CLAIM_SHARE = 0.5
_DOCUMENTS_A_HELD_OUT_ONE = 12
_SENTENCE = re.compile(r"(\d+) (.+)")


@dataclass(frozen=True)
class Fact:
    """What sentences answer: their numbers, the answer in their words, and the forms in which it is asked."""

    sentences: tuple[int, ...]
    answer: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Lure:
    """Questions that nothing in the document answers, and the sentences that seem to."""

    sentences: tuple[int, ...]
    questions: tuple[str, ...]


@dataclass
class WrittenDocument:
    """A document; ``sentences`` has each sentence's heading and text under its number."""

    title: str
    sentences: dict[int, tuple[str, str]] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    lures: list[Lure] = field(default_factory=list)

    @property
    def is_held_out(self) -> bool:
        """Whether the reader is not to learn from it, which its title decides."""
        digest = hashlib.sha256(self.title.encode()).digest()
        return int.from_bytes(digest[:8], "big") % _DOCUMENTS_A_HELD_OUT_ONE == 0

    @property
    def text(self) -> str:
        """The document as people have it."""
        lines, last = [self.title], ""
        for heading, text in self.sentences.values():
            lines += [] if heading == last else ["", *heading.split(" > ")]
            lines.append(text)
            last = heading
        return "\n".join(lines) + "\n"


def read_all() -> list[WrittenDocument]:
    """Read all that was written, in the order of the files' names."""
    return [document for path in sorted(FOLDER.glob("*.txt")) for document in read_written(path)]


def read_written(path: Path) -> list[WrittenDocument]:
    """Read the documents of a file.

    Raises:
        ValueError: a line cannot be used; the message names it.
    """
    documents: list[WrittenDocument] = []
    heading, asked = "", False
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.startswith("# "):
            documents.append(WrittenDocument(line[2:].strip()))
            heading, asked = "", False
        elif line.startswith("## "):
            heading = line[3:].strip()
        elif line.strip() == "--":
            asked = True
        elif line.strip():
            try:
                _add(documents[-1], heading, line, asked=asked)
            except (ValueError, IndexError) as error:
                raise ValueError(f"{path}:{number}: {error}") from error
    return documents


def _add(document: WrittenDocument, heading: str, line: str, *, asked: bool) -> None:
    if not asked:
        found = _SENTENCE.fullmatch(line.strip())
        if found is None or int(found[1]) != len(document.sentences) + 1:
            raise ValueError("not the next sentence under its number")
        document.sentences[int(found[1])] = heading, found[2]
        return
    cells = [cell.strip() for cell in line.removeprefix("x ").split("|")]
    numbers = tuple(int(one) for one in cells[0].split(","))
    if not all(cells) or not all(one in document.sentences for one in numbers):
        raise ValueError("an empty cell, or a sentence that is not there")
    if line.startswith("x "):
        document.lures.append(Lure(numbers, tuple(cells[1:])))
        return
    if not all(cells[1] in document.sentences[one][1] for one in numbers):
        raise ValueError("the answer does not stand in the sentence")
    document.facts.append(Fact(numbers, cells[1], tuple(cells[2:])))


class WrittenExamples:
    """Makes examples of written documents; what it draws depends on the seed alone."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def of(self, document: WrittenDocument) -> Iterator[list[Example]]:
        """Yield a list for each question: first the sentence that answers, or seems to, and then another one."""
        for fact in document.facts:
            for question in (*fact.questions, *self._claims(document, fact)):
                right = self._random.choice(fact.sentences)
                others = [one for one in document.sentences if one not in fact.sentences]
                yield [
                    self._example(document, question, right, fact.answer),
                    *(
                        self._example(document, question, one)
                        for one in self._near(document, question, others)
                    ),
                ]
        for lure in document.lures:
            for question in (*lure.questions, *self._unfounded_claims(document, lure)):
                yield [self._example(document, question, self._random.choice(lure.sentences))]

    def _claims(self, document: WrittenDocument, fact: Fact) -> list[str]:
        """Return one of the questions as a claim that is true or false, or none."""
        if self._random.random() > _CLAIM_SHARE:
            return []
        value: str | None = fact.answer
        if self._random.random() < _FALSE_CLAIM_SHARE:
            value = another(fact.answer, [one.answer for one in document.facts], self._random)
        return self._claimed(fact.questions, value)

    def _unfounded_claims(self, document: WrittenDocument, lure: Lure) -> list[str]:
        """Return one of the questions as the claim that what its sentence says of another matter is the answer."""
        if self._random.random() > _CLAIM_SHARE:
            return []
        said = [fact.answer for fact in document.facts if set(fact.sentences) & set(lure.sentences)]
        return self._claimed(lure.questions, self._random.choice(said) if said else None)

    def _claimed(self, questions: tuple[str, ...], value: str | None) -> list[str]:
        if value is None:
            return []
        claims = (claim(to_simplified(one), to_simplified(value), self._random) for one in questions)
        found = [one for one in claims if one is not None]
        return [self._random.choice(found)] if found else []

    def _near(self, document: WrittenDocument, question: str, numbers: list[int]) -> list[int]:
        """Return one of the sentences that share most words with the question; none where there are none."""
        asked = set(search_tokens(question))
        nearest = sorted(
            numbers, key=lambda one: -len(asked & set(search_tokens(document.sentences[one][1])))
        )
        return [self._random.choice(nearest[:_NEAREST])] if nearest else []

    def _example(
        self, document: WrittenDocument, question: str, number: int, answer: str | None = None
    ) -> Example:
        """Return the question with a sentence as the reader is shown it: simplified, under its headings."""
        heading, text = document.sentences[number]
        levels = [document.title, *(level for level in heading.split(" > ") if level)]
        if len(levels) > 1 and self._random.random() < _WITHOUT_TITLE_SHARE:
            levels = levels[1:]  # some pages have none
        return example_under(question, text, short_heading(levels), answer)


def gold_rows(number: int, document: WrittenDocument) -> Iterator[dict[str, object]]:
    """Yield a row of a gold set for each question of a document; ``number`` names it, and its file."""
    asked = [(fact.questions, [fact.answer], fact.sentences) for fact in document.facts]
    asked += [(lure.questions, [], ()) for lure in document.lures]
    for place, (questions, answers, sentences) in enumerate(asked):
        for form, question in enumerate(questions):
            quotes = [document.sentences[one][1] for one in sentences]
            yield {
                "id": f"written-{number:02}-{place:02}-{form}",
                "question": question,
                "answers": answers,
                "evidence": [{"doc": f"{number:02}.txt", "quote": quote} for quote in quotes],
                "type": "answerable" if answers else "unanswerable",
            }


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(path_type=Path))
def main(folder: Path) -> None:
    """Write the documents that the reader is not trained on to FOLDER/documents, and FOLDER/gold.jsonl."""
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, object]] = []
    for number, document in enumerate((one for one in read_all() if one.is_held_out), 1):
        (folder / "documents" / f"{number:02}.txt").write_text(document.text, encoding="utf-8")
        rows += gold_rows(number, document)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "gold.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
