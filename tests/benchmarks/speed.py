"""Speed on this machine: help, opening, indexing, and from question to first and last words; peak memory.

    .venv/bin/python tests/benchmarks/speed.py [--generator qwen2.5-coder-0.5b] [--questions 15]

Prints medians with minimum and maximum. A warm question is one asked of an assistant that has answered before in that
language. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from gold import SEEDS, read_gold

import rag
from index.store import open_index

_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
RAG = Path(sys.executable).parent / "rag"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--generator", action="append", help="one or more presets; both by default")
    parser.add_argument("--questions", type=int, default=15)
    options = parser.parse_args()
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    report("rag --help, s", [seconds([str(RAG), "--help"]) for _ in range(5)])
    with tempfile.TemporaryDirectory() as folder:
        settings = rag.load_settings(index_dir=Path(folder) / "index")
        started = time.perf_counter()
        built = rag.build_index([SEEDS], settings)
        taken = time.perf_counter() - started
        print(
            f"indexing: {built.chunks} chunks and their {built.sentences} sentences in {taken:.1f} s, "
            f"{built.chunks / taken:.1f} chunks/s (the model's loading included)"
        )
        report("opening the index, s", [opening(settings.index_dir) for _ in range(5)])
        for generator in options.generator or ["qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"]:
            questions(generator, settings.index_dir, options.questions)
            one_process(generator, settings.index_dir)


def questions(generator: str, index_dir: Path, count: int) -> None:
    """Time warm questions in simplified Chinese, the answerable ones of the gold set spread evenly."""
    settings = rag.load_settings(index_dir=index_dir, generation={"model": generator})
    asked = [item.question for item in read_gold() if item.evidence and item.lang == "zh"]
    asked = asked[:: max(1, len(asked) // count)][:count]
    with rag.open_assistant(settings) as assistant:
        assistant.ask(asked[-1])
        answers = [assistant.ask(question) for question in asked]
    report(f"{generator}: question to first words, s", [answer.timings.first_token_s for answer in answers])
    report(f"{generator}: question to last words, s", [answer.timings.total_s for answer in answers])
    report(f"{generator}: retrieval, s", [answer.timings.retrieve_s for answer in answers])
    report(f"{generator}: prompt tokens", [answer.timings.prompt_tokens for answer in answers])
    report(f"{generator}: written tokens", [answer.timings.answer_tokens for answer in answers])


def one_process(generator: str, index_dir: Path) -> None:
    """Time `rag ask` as a whole process, and its peak memory."""
    question = "长葛市食品行业产销对接会现场签约合同金额是多少？"
    command = [str(RAG), "ask", question, "--index", str(index_dir), "--generator", generator]
    report(f"{generator}: rag ask as a process, s", [seconds(command) for _ in range(3)])
    # From a small process: a child inherits the peak of the one it was forked from.
    measured = subprocess.run(
        [sys.executable, "-c", _PEAK, *command], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    print(f"{generator}: peak memory of rag ask: {int(measured.stdout) / 1e6:.2f} GB")


def opening(index_dir: Path) -> float:
    """Return the seconds that opening an index takes."""
    started = time.perf_counter()
    open_index(index_dir).close()
    return time.perf_counter() - started


def seconds(command: Sequence[str]) -> float:
    """Return the seconds that a command takes."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def report(what: str, values: Sequence[float]) -> None:
    """Print a median with its range."""
    print(
        f"{what}: median {statistics.median(values):.2f} "
        f"(minimum {min(values):.2f}, maximum {max(values):.2f}, n {len(values)})"
    )


if __name__ == "__main__":
    main()
