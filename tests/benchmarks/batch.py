"""Questions a minute of `rag batch`, one at a time and several at once; and whether the answers are the same.

    .venv/bin/python tests/benchmarks/batch.py [--generator qwen2.5-coder-0.5b] [--workers 1 2 4] [--questions 24]
    .venv/bin/python tests/benchmarks/batch.py --slots 4 --workers 1 4
    RAG_GENERATION__ADAPTER=openai RAG_GENERATION__BASE_URL=… .venv/bin/python tests/benchmarks/batch.py --workers 1 8

With --slots, llama.cpp's own server runs the model here with so many questions in one batch, and is asked as any
other server is. Every line has its questions asked anew; the model and its prompt's front are warm. Run it on a quiet
machine.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gold import SEEDS, read_gold

import rag
from rag.batch.journal import open_journal
from rag.batch.questions import BatchQuestion
from rag.batch.run import run_batch
from rag.models import resolve
from rag.settings import GenerationSettings, ModelSettings

_KEY = "benchmark"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--generator")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--questions", type=int, default=24)
    parser.add_argument("--slots", type=int, help="start llama.cpp's server with so many, and ask it")
    options = parser.parse_args()
    gold = read_gold()
    step = max(1, len(gold) // options.questions)
    questions = [
        BatchQuestion(one.id, one.question, row)
        for row, one in enumerate(gold[::step][: options.questions], 1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        chosen = rag.load_settings(index_dir=Path(folder) / "index", generation={"model": options.generator})
        rag.build_index([SEEDS], chosen)
        with _server(chosen, options.slots) as generation:
            settings = chosen.model_copy(update={"generation": generation})
            measure(settings, questions, options.workers, Path(folder))


def measure(settings: rag.Settings, questions: list[BatchQuestion], workers: list[int], folder: Path) -> None:
    print(f"{settings.generation.model} by {settings.generation.adapter}, {len(questions)} questions")
    first: list[str] | None = None
    with rag.open_assistant(settings) as assistant:
        for question in questions[:2]:
            assistant.ask(question.question)
        for count in workers:
            with open_journal(folder / f"{count}-{time.time_ns()}.jsonl", {}) as journal:
                started = time.perf_counter()
                run_batch(assistant, questions, journal, workers=count)
                taken = time.perf_counter() - started
                records = [journal.read(question.row) for question in questions]
            answers = [record.answer.answer if record.answer else "" for record in records]
            first = first or answers
            same = sum(map(str.__eq__, first, answers))
            failed = sum(record.answer is None for record in records)
            print(
                f"{count} at once: {60 * len(questions) / taken:.1f} questions/min ({taken:.1f} s), {failed} failed, "
                f"{same} answers as in the first line",
                flush=True,
            )


@contextmanager
def _server(settings: rag.Settings, slots: int | None) -> Iterator[GenerationSettings]:
    """Yield how the generator is reached; with ``slots``, a server that is started here."""
    if slots is None:
        yield settings.generation
        return
    import xllamacpp

    from rag.generators.llamacpp import _parameters

    model = resolve(settings.generation.model, "generator", ModelSettings()).path
    parameters = _parameters(settings.generation, model)
    parameters.n_parallel = slots
    parameters.n_ctx = slots * settings.generation.context_tokens
    parameters.api_keys = [_KEY]
    os.environ[settings.generation.api_key_variable] = _KEY
    server = xllamacpp.Server(parameters)
    yield settings.generation.model_copy(
        update={"adapter": "openai", "base_url": f"{server.listening_address}/v1"}
    )
    del server


if __name__ == "__main__":
    main()
