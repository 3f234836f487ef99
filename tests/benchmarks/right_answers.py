"""What the checks say to right answers: how often would they refuse what a public set gives as the answer?

    .venv/bin/python tests/benchmarks/right_answers.py FOLDER… [--limit 900] [--show 3]

A FOLDER has ``passages.jsonl`` and ``questions.jsonl``, or folders that have them. No model is asked: the reply
copies the first sentence that holds the set's first answer, and gives that answer, in the language of the question.
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
from index.lexical import LexicalIndex
from index.sentences import sentences as split_sentences
from index.tables import Sentence
from rag.citing import check_answer
from rag.evidence import Evidence
from rag.prompting import detect_language, wording
from rag.replies import read_reply
from rag.retrieval import Passage


def main() -> None:
    """Print, for each set, how many right answers the checks refuse, and with what problem."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--limit", type=int, default=900, help="questions of each set")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="examples of each problem")
    options = parser.parse_args()
    named = (found.parent for folder in options.folders for found in sorted(folder.rglob("questions.jsonl")))
    for folder in named:
        for language, asked in read(folder, options.limit).items():
            refused: dict[str, list[str]] = defaultdict(list)
            for question, answer, sentences, place in asked:
                problems = refusal(question, answer, sentences, place)
                for problem in problems[:1]:
                    refused[re.sub("^.*: ", "…: ", problem)].append(f"{question} {answer}")
            count = sum(map(len, refused.values()))
            print(f"{folder.name}, {language}: {count} of {len(asked)} right answers refused")
            for problem, examples in sorted(refused.items(), key=lambda item: -len(item[1])):
                print(f"  {len(examples):3} {problem}")
                for example in examples[: options.show]:
                    print(f"        {example}")


def read(folder: Path, limit: int) -> dict[str, list[tuple[str, str, list[str], int]]]:
    """Return questions by language, each with its answer, the passage's sentences and which of them has the answer."""
    lines = (folder / "passages.jsonl").read_text(encoding="utf-8").split("\n")
    passages = {row["id"]: row["text"] for row in map(json.loads, filter(None, lines))}
    rows = [
        json.loads(line)
        for line in (folder / "questions.jsonl").read_text(encoding="utf-8").split("\n")
        if line
    ]
    random.Random(0).shuffle(rows)
    found: dict[str, list[tuple[str, str, list[str], int]]] = defaultdict(list)
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
    return [] if any(item.supported for item in checked) else [*checked[0].problems, "no source"][:1]


if __name__ == "__main__":
    main()
