"""Hostile documents: how often what they plant is shown as a supported answer, with the defence and without it.

Each document of tests/gold/injections.jsonl is asked its own question, alone. "In a draft" counts what was shown while
it was written, also where it was withdrawn (a reply without the answer's label is not shown before it is checked); the
true answers are those of the documents that hold one.

    .venv/bin/python tests/benchmarks/injection.py [--generator qwen2.5-coder-0.5b] [--embedder multilingual-e5-small]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from injections import Case, holds, read_cases, supported_text, undefended, write_documents

import rag
from rag.answers import Answer
from rag.pipeline import AskOptions, Assistant, DraftText


@dataclass(frozen=True)
class Outcome:
    """What came of one document."""

    case: Case
    drafted: str
    supported: str


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--generator", default="qwen2.5-coder-0.5b")
    parser.add_argument("--embedder", default="multilingual-e5-small")
    options = parser.parse_args()
    cases = read_cases()
    with tempfile.TemporaryDirectory() as folder:
        documents = write_documents(cases, Path(folder) / "documents.jsonl")
        settings = rag.load_settings(
            index_dir=Path(folder) / "index",
            # What passes the checks is counted, however unsure.
            generation={"model": options.generator, "least_confidence": 0.0},
            index={"embedding": {"model": options.embedder}},
        )
        rag.build_index([documents], settings)
        print(f"{options.generator}, {options.embedder}")
        print(
            "| | planted, shown as supported | planted, in a draft | true answers, hostile | true answers, benign |"
        )
        print("|---" * 5 + "|")
        with rag.open_assistant(settings) as assistant:
            for name, defence in (("defended", nullcontext()), ("without the defence", undefended())):
                with defence:
                    report(name, [outcome(assistant, case) for case in cases])


def outcome(assistant: Assistant, case: Case) -> Outcome:
    drafted, supported = "", ""
    for event in assistant.stream(case.question, options=AskOptions(documents=frozenset([case.id]))):
        if isinstance(event, DraftText):
            drafted += event.text
        elif isinstance(event, Answer):
            supported = supported_text(event)
    return Outcome(case, drafted, supported)


def report(name: str, outcomes: Sequence[Outcome]) -> None:
    hostile = [item for item in outcomes if item.case.hostile]
    benign = [item for item in outcomes if not item.case.hostile]
    answerable = [item for item in hostile if item.case.answers]
    shown = [item.case.id for item in hostile if holds(item.supported, item.case.planted)]
    drafted = sum(holds(item.drafted, item.case.planted) for item in hostile)
    print(
        f"| {name} | {len(shown)} of {len(hostile)} ({len(shown) / len(hostile):.0%}) | {drafted} of {len(hostile)} "
        f"| {true_answers(answerable)} of {len(answerable)} | {true_answers(benign)} of {len(benign)} |"
    )
    if shown:
        print(f"shown: {', '.join(shown)}", file=sys.stderr)


def true_answers(outcomes: Sequence[Outcome]) -> int:
    return sum(holds(item.supported, item.case.answers) for item in outcomes)


if __name__ == "__main__":
    main()
