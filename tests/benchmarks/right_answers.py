"""What the checks say to right answers, and to the figures that stand beside a right one.

    .venv/bin/python tests/benchmarks/right_answers.py SET… [--limit 900] [--show 3]

A SET is a gold set (``NAME.jsonl``, over the folder NAME beside it, or over ``seeds/``), or a folder with
``passages.jsonl`` and ``questions.jsonl``, or with folders that have them. No model is asked: the reply copies the
first sentence that holds the set's first answer, and gives that answer, in the language of the question. Where that is
one figure, each other figure of the sentence that is of its measure is given as well: it is wrong, and should be
refused. Headings and dates are left out, so that sets which name years have right answers refused that the program
would not refuse.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from index.chunking import Chunk
from index.cleaning import clean
from index.folding import fold
from index.lexical import LexicalIndex
from index.sentences import sentences as split_sentences
from index.tables import Sentence
from rag.citing import check_answer
from rag.evidence import Evidence
from rag.numbers import numbers, placed_numbers
from rag.prompting import detect_language, wording
from rag.replies import read_reply
from rag.retrieval import Passage
from rag.terms import stands_in
from rag.units import dimension_at

ROOT = Path(__file__).parent.parent.parent
BEFORE = 3
"""Sentences before the one that answers which are read with it."""
_UNIT = re.compile(r"\s*[万亿]?[^\W\d]{0,2}|")
Asked = tuple[str, str, list[str], int]
"""A question, its answer, sentences, and which of them holds the answer."""


def main() -> None:
    """Print, for each set, how many right answers the checks refuse, and with what problem."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET")
    parser.add_argument("--limit", type=int, default=900, help="questions of each set")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="examples of each problem")
    options = parser.parse_args()
    for path in options.sets:
        folders = (
            [path]
            if path.suffix == ".jsonl"
            else [one.parent for one in sorted(path.rglob("questions.jsonl"))]
        )
        for folder in folders:
            reading = read_gold_set if folder.suffix == ".jsonl" else read
            report(folder.stem, reading(folder, options.limit), options.show)


def report(name: str, by_language: dict[str, list[Asked]], show: int) -> None:
    for language, asked in by_language.items():
        refused: dict[str, list[str]] = defaultdict(list)
        beside, refused_beside = 0, 0
        for question, answer, sentences, place in asked:
            for problem in refusal(question, answer, sentences, place)[:1]:
                refused[re.sub("^.*: ", "…: ", problem)].append(f"{question} {answer}")
            for figure in figures_beside(question, answer, sentences[place]):
                beside += 1
                refused_beside += bool(refusal(question, figure, sentences, place))
        count = sum(map(len, refused.values()))
        print(f"{name}, {language}: {count} of {len(asked)} right answers refused", end="")
        print(f", {refused_beside} of {beside} figures beside a right one" if beside else "")
        for problem, examples in sorted(refused.items(), key=lambda item: -len(item[1])):
            print(f"  {len(examples):3} {problem}")
            for example in examples[:show]:
                print(f"        {example}")


def read_gold_set(path: Path, limit: int) -> dict[str, list[Asked]]:
    """Return the questions of a gold set as :func:`read` does; those of several things are left out."""
    folder = path.with_suffix("") if path.with_suffix("").is_dir() else ROOT / "seeds"
    documents: dict[str, list[str]] = {}
    found: dict[str, list[Asked]] = defaultdict(list)
    for row in list(map(json.loads, path.read_text(encoding="utf-8").splitlines()))[:limit]:
        for quoted in row.get("evidence") or []:
            document = folder / str(quoted["doc"])
            if not (row.get("answers") and document.is_file()):
                continue
            if quoted["doc"] not in documents:
                documents[quoted["doc"]] = split_sentences(clean(document.read_text(encoding="utf-8")).text)
            sentences = documents[quoted["doc"]]
            quote = re.sub(r"\s", "", quoted["quote"])
            places = (n for n, sentence in enumerate(sentences) if quote in re.sub(r"\s", "", sentence))
            place = next(places, None)
            # What is counted, or worded anew, is no answer to copy.
            if place is not None and stands_in(row["answers"][0], sentences[place]):
                around = sentences[max(0, place - BEFORE) : place + 1]
                found["all"].append((row["question"], row["answers"][0], around, len(around) - 1))
    return found


def figures_beside(question: str, answer: str, sentence: str) -> list[str]:
    """Return the other figures of a sentence that are of the measure of the one that an answer is, with their units."""
    folded, brought_up = fold(sentence), {number.key for number in numbers(question)}
    answered = {number.key for number in numbers(answer)} - brought_up
    figures = [
        (number.key, dimension_at(folded, number, end), f"{number.text}{_UNIT.match(folded, end)[0]}")
        for number, _, end, dated in placed_numbers(sentence)
        if not dated
    ]
    mine = [dimension for key, dimension, _ in figures if key in answered]
    if len(mine) != 1:
        return []
    return [text for key, dimension, text in figures if key not in answered and dimension == mine[0]]


def read(folder: Path, limit: int) -> dict[str, list[Asked]]:
    """Return questions by language, each with its answer, the passage's sentences and which of them has the answer."""
    lines = (folder / "passages.jsonl").read_text(encoding="utf-8").split("\n")
    passages = {row["id"]: row["text"] for row in map(json.loads, filter(None, lines))}
    rows = [
        json.loads(line)
        for line in (folder / "questions.jsonl").read_text(encoding="utf-8").split("\n")
        if line
    ]
    random.Random(0).shuffle(rows)
    found: dict[str, list[Asked]] = defaultdict(list)
    for row in rows[:limit]:
        for document in row["passage_ids"][:1]:
            sentences = split_sentences(passages[document])
            for language, question, answer in _asked(row):
                places = (n for n, sentence in enumerate(sentences) if row["answers"][0] in sentence)
                place = next(places, None)
                if place is not None:
                    found[language].append((question, answer, sentences, place))
    return found


def _asked(row: dict[str, list[str] | str]) -> Iterator[tuple[str, str, str]]:
    if row["answers"]:
        yield "Chinese", str(row["question"]), row["answers"][0]
        if row.get("answers_en"):
            yield "English", str(row["question_en"]), row["answers_en"][0]


def refusal(question: str, answer: str, sentences: list[str], place: int) -> list[str]:
    """Return what the checks object to in the answer; empty where they let it pass."""
    evidence = []
    whole = "".join(sentences)
    passage = Passage(Chunk("1:0", "1.txt", 0, len(whole), (), whole), "", 1.0, 1.0, {}, (0,))
    for number, text in enumerate(sentences, 1):
        evidence.append(Evidence(number, Sentence(number - 1, number - 1, 0, len(text), text), passage, 1.0))
    words = wording(detect_language(question))
    reply = f"{words.evidence}{sentences[place]}\n{words.answer}{answer}[{place + 1}]。"
    checked = check_answer(
        read_reply(reply, words, finished=True), question, evidence, LexicalIndex.build(sentences), words
    )
    if any(item.supported for item in checked):
        return []
    return [*(problem for item in checked for problem in item.problems), "no source"][:1]


if __name__ == "__main__":
    main()
