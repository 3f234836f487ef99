"""Answers over seeds/ on the gold set: right, wrong and refused, counted and listed.

    .venv/bin/python tests/benchmarks/answers.py [--generator qwen2.5-coder-0.5b] [--every 4]

An answer is right when it holds one of the gold set's texts (of each group, for lists). Read the list too: a right text
in a wrong sentence counts here. The program was developed with these questions, so this is no held-out test.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import Counter
from pathlib import Path

from gold import SEEDS, read_gold

import rag
from rag.progress import RichProgress


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--generator", default="qwen2.5-coder-1.5b")
    parser.add_argument("--every", type=int, default=1, help="only each n-th question")
    options = parser.parse_args()
    questions = read_gold()[:: options.every]
    counts: Counter[str] = Counter()
    first: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        settings = rag.load_settings(
            index_dir=Path(folder) / "index", generation={"model": options.generator}
        )
        rag.build_index([SEEDS], settings, progress=RichProgress("items"))
        with rag.open_assistant(settings) as assistant:
            for question in questions:
                answer = assistant.ask(question.question, question_id=question.id)
                outcome = (
                    ("refused, rightly" if answer.refused else "answered, unanswerable")
                    if not question.accepted
                    else "refused, answerable"
                    if answer.refused
                    else "right"
                    if question.is_right(answer.answer)
                    else "wrong"
                )
                counts[outcome] += 1
                first.append(answer.timings.first_token_s)
                print(f"{question.id}\t{outcome}\t{question.question}\t{answer.answer}", flush=True)
    print(
        f"{options.generator}, {len(questions)} questions, first words after {statistics.median(first):.1f} s (median)"
    )
    for outcome, count in counts.most_common():
        print(f"{outcome}\t{count}")


if __name__ == "__main__":
    main()
