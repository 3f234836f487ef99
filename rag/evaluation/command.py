"""The commands `rag eval` and `rag compare`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from rag.cli import embedder_option, generator_option, index_option, main, question_settings

if TYPE_CHECKING:
    from rag.evaluation.gold import Split

_GATES_HELP = "; repeatable. Exit code 1 where it is missed."


@main.command(
    "eval",
    epilog="""
\b
Examples:
  rag eval tests/gold/seeds.jsonl --out runs/seeds
  rag eval my-questions.jsonl --out runs/mine --index ~/indexes/work --retrievers
  rag eval my-questions.jsonl --out runs/mine --min answer_accuracy=0.8 --max answered_wrong=0.05
  rag eval ~/benchmarks/rgb_zh --out runs/rgb --limit 300 --only "noise 0.4"
""",
)
@click.argument("gold", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the figures, the records and the report; answers that are there already are used again.",
)
@index_option
@embedder_option
@generator_option
@click.option("--only", multiple=True, metavar="TYPE", help="Only questions of this type; repeatable.")
@click.option(
    "--split", type=click.Choice(["dev", "test"]), help="Only this part of the set, by the hash of the ids."
)
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="Only a sample of this size, the same each time."
)
@click.option("--retrievers", is_flag=True, help="Also measure BM25 and the vectors, each alone.")
@click.option("--retrieval-only", is_flag=True, help="Answer nothing; measure what is found.")
@click.option(
    "--min", "least", multiple=True, metavar="NAME=NUMBER", help=f"Least value of a figure{_GATES_HELP}"
)
@click.option(
    "--max", "most", multiple=True, metavar="NAME=NUMBER", help=f"Largest value of a figure{_GATES_HELP}"
)
@click.option("--fresh", is_flag=True, help="Answer everything again.")
@click.option("--seed", type=int, default=0, help="Of the resampling.  [default: 0]")
@click.option("--quiet", "-q", is_flag=True, help="Only errors.")
def evaluate_command(
    gold: Path,
    out: Path,
    index_dir: Path | None,
    embedder: str | None,
    generator: str | None,
    only: tuple[str, ...],
    split: Literal["dev", "test"] | None,
    limit: int | None,
    retrievers: bool,
    retrieval_only: bool,
    least: tuple[str, ...],
    most: tuple[str, ...],
    fresh: bool,
    seed: int,
    quiet: bool,
) -> None:
    """Answer the questions of GOLD and measure answers, citations, refusals, retrieval and cost.

    GOLD is JSONL, a question a line: {"id", "question", "answers", "evidence": [{"doc", "quote"}], …}, empty answers
    where refusing is right; or a benchmark's folder with passages.jsonl and questions.jsonl, which gets an index of
    its own (in --out, or at --index). Writes metrics.json, records.jsonl, report.html and report.md into --out. An
    interrupted run goes on where it stopped.
    """
    from rag.evaluation.display import show_run
    from rag.evaluation.gates import check_gates, read_gates
    from rag.evaluation.running import Choices, evaluate
    from rag.progress import RichProgress, SilentProgress

    gates = read_gates(least, most)  # before hours of work for nothing
    settings = question_settings(index_dir, embedder, None, generator, None)
    part: Split | None = split
    choices = Choices(
        gold,
        out,
        index_dir=index_dir,
        types=only,
        split=part,
        limit=limit,
        retrievers=retrievers,
        answers=not retrieval_only,
        fresh=fresh,
        seed=seed,
    )
    downloads = SilentProgress() if quiet else RichProgress("bytes")
    progress = SilentProgress() if quiet else RichProgress("items")
    run = evaluate(choices, settings, downloads, progress)
    if not quiet:
        show_run(run, out)
    check_gates(gates, run.summary.overall)


@main.command(
    "compare",
    epilog="""
\b
Examples:
  rag compare runs/before runs/after
  rag compare runs/before runs/after --min answer_accuracy=0.8
  rag compare runs/before runs/after --json
""",
)
@click.argument("run_a", type=click.Path(file_okay=False, path_type=Path))
@click.argument("run_b", type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option(
    "--min", "least", multiple=True, metavar="NAME=NUMBER", help=f"Least value in RUN_B{_GATES_HELP}"
)
@click.option(
    "--max", "most", multiple=True, metavar="NAME=NUMBER", help=f"Largest value in RUN_B{_GATES_HELP}"
)
@click.option("--seed", type=int, default=0, help="Of the resampling.  [default: 0]")
def compare_command(
    run_a: Path, run_b: Path, as_json: bool, least: tuple[str, ...], most: tuple[str, ...], seed: int
) -> None:
    """Compare two runs of `rag eval` question by question: is RUN_B better than RUN_A, or was it chance?

    Differences come with a paired bootstrap interval, yes-or-no figures with the exact McNemar test, and with the
    questions that flipped.
    """
    from rag.evaluation.compare import compare_runs
    from rag.evaluation.gates import check_gates, read_gates

    gates = read_gates(least, most)
    comparison = compare_runs(run_a, run_b, seed)
    if as_json:
        click.echo(json.dumps(comparison.to_json(), ensure_ascii=False, indent=1))
    else:
        from rag.evaluation.display import show_comparison

        show_comparison(comparison)
    check_gates(gates, comparison.figures_b)
