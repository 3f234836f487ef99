"""Public question sets as folders: ``passages.jsonl`` (the documents) and ``questions.jsonl``.

What a set asks for is read from the fields of its questions, not from its name:

* ``negative_ids``: the noise protocol of RGB (Chen et al. 2024, "Benchmarking large language models in
  retrieval-augmented generation", AAAI), as its script evalue.py selects passages: five a question, its own positive
  ones first in the file and its own negative ones, at noise ratios 0, 0.2, 0.4, 0.6 and 0.8; and noise alone, which
  has to be refused. The product's retrieval works inside these five.
* ``question_en``: the same question in English over the same passages, as its own type.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from rag.errors import GoldError
from rag.evaluation.gold import GoldQuestion, GoldRow, GoldSet, read_rows, to_question

_PASSAGES_A_QUESTION = 5
_NOISE_RATIOS = (0.0, 0.2, 0.4, 0.6, 0.8)
_QUESTIONS = "questions"
_PASSAGES = "passages"


@dataclass(frozen=True)
class Benchmark:
    """A gold set with the documents that it is asked over."""

    gold: GoldSet
    passages: Path


def find_benchmark(path: Path) -> Path | None:
    """Return the questions file of a benchmark, where ``path`` is one: its folder, or its questions file itself.

    ``questions_dev.jsonl`` goes with the ``passages_dev.jsonl`` beside it.

    Raises:
        GoldError: a folder without the two files.
    """
    if path.is_dir():
        questions = path / f"{_QUESTIONS}.jsonl"
        if not questions.is_file() or not _passages_of(questions).is_file():
            raise GoldError(
                f"{path}: a folder of a benchmark holds {_QUESTIONS}.jsonl and {_PASSAGES}.jsonl; "
                "name a gold set (.jsonl) otherwise"
            )
        return questions
    return path if path.stem.startswith(_QUESTIONS) and _passages_of(path).is_file() else None


def read_benchmark(questions: Path) -> Benchmark:
    """Read a benchmark by its questions file.

    Raises:
        GoldError: see :func:`rag.evaluation.gold.read_gold`.
    """
    rows, digest = read_rows(questions)
    variants = [question for row in rows for question in _variants(row)]
    suffix = questions.stem.removeprefix(_QUESTIONS)
    gold = GoldSet(questions.resolve().parent.name + suffix, questions, digest, tuple(variants))
    return Benchmark(gold, _passages_of(questions))


def searched_passages(benchmark: Benchmark, path: Path) -> Path:
    """Return a file with the passages that the questions may search: all, or where each has its own, only those.

    Of RGB's 7,337 passages its protocol reads fewer than half; the others need not be embedded. Such a file is written
    to ``path``.

    Raises:
        GoldError: the passages cannot be read.
    """
    wanted: set[str] = set()
    for question in benchmark.gold.questions:
        if question.documents is None:
            return benchmark.passages
        wanted |= question.documents
    try:
        lines = benchmark.passages.read_text(encoding="utf-8").split("\n")
        kept = [line for line in lines if line.strip() and str(json.loads(line)["id"]) in wanted]
    except (ValueError, KeyError, TypeError) as error:
        raise GoldError(
            f"{benchmark.passages} cannot be read; write one JSON object with an id a line"
        ) from error
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    return path


def own_passages(positive: list[str], negative: list[str], noise: float) -> list[str]:
    """Return the passages of one question at a noise ratio, as RGB's evalue.py selects them; 1 is noise alone.

    Where one kind is short the other fills up, except that noise alone stays noise.
    """
    noisy = math.ceil(_PASSAGES_A_QUESTION * noise)
    telling = _PASSAGES_A_QUESTION - noisy
    if noise < 1:
        if noisy > len(negative):
            noisy = len(negative)
            telling = _PASSAGES_A_QUESTION - noisy
        elif telling > len(positive):
            telling = len(positive)
            noisy = _PASSAGES_A_QUESTION - telling
    return positive[:telling] + negative[:noisy]


def _variants(row: GoldRow) -> Iterator[GoldQuestion]:
    question = to_question(row)
    if row.negative_ids and row.passage_ids:
        yield from _noise_variants(question, row)
        return
    yield question
    if row.question_en:
        yield replace(
            question,
            id=f"{question.id}@en",
            question=row.question_en,
            # An answer in the words of the source is right as well.
            groups=((*row.answers_en, *(row.answers or ())),) if row.answers_en else (),
            references=tuple(row.answers_en),
            type="cross-lingual",
            lang="en",
        )


def _noise_variants(question: GoldQuestion, row: GoldRow) -> Iterator[GoldQuestion]:
    for noise in _NOISE_RATIOS:
        documents = own_passages(row.passage_ids, row.negative_ids, noise)
        yield replace(
            question,
            id=f"{question.id}@{noise:g}",
            type=f"noise {noise:g}",
            documents=frozenset(documents),
            passage_ids=tuple(doc for doc in documents if doc in set(row.passage_ids)),
        )
    yield replace(
        question,
        id=f"{question.id}@1",
        type="noise alone",
        documents=frozenset(own_passages(row.passage_ids, row.negative_ids, 1)),
        groups=(),
        references=(),
        passage_ids=(),
    )


def _passages_of(questions: Path) -> Path:
    return questions.with_name(questions.name.replace(_QUESTIONS, _PASSAGES, 1))
