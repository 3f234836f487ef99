"""Every retriever on every set, paired with BM25: ``python tests/benchmarks/retrievers.py FOLDER``.

FOLDER holds the public sets, each a folder with ``passages.jsonl`` and ``questions.jsonl``; one that is not there is
left out. Indexes are made where they are missing, and what was scored before is not searched again (delete OUT for
that). ``--ablations`` measures instead, on our own questions, what the structure of the text, its headings and the size
of chunks are worth.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import click
from public import ROOT, SEEDS_GOLD, figure, short

import index.building
import index.chunking
from index.chunking import Chunk
from index.folding import to_traditional
from index.store import open_index
from index.structure import Section
from rag.evaluation.benchmarks import read_benchmark
from rag.evaluation.gold import GoldQuestion, read_gold, read_rows, selected, split_of, to_question
from rag.evaluation.quotes import locate
from rag.evaluation.retrieval_metrics import retrieval_scores
from rag.evaluation.retrieving import rank_all
from rag.evaluation.statistics import mean, paired_difference
from rag.opening import build_index
from rag.progress import RichProgress
from rag.settings import Settings, load_settings
from rag.training.examples import article_of

EMBEDDERS = ("embeddinggemma-300m", "multilingual-e5-small")
COLUMNS = {
    "lexical": "BM25",
    "chunks": "chunk vectors",
    "sentences": "sentence vectors",
    "merged": "joined",
    "product": "joined, put in order",
}
DEPTHS = (1, 5)
SEED = 0

Scores = Mapping[str, Mapping[str, Mapping[str, float]]]
"""By retriever and question: hit@1, hit@5 and so on."""


@dataclass(frozen=True)
class Searched:
    """A set of questions over an index."""

    name: str
    questions: tuple[GoldQuestion, ...]
    passages: Path
    index: str


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/retrievers"), show_default=True)
@click.option(
    "--indexes", type=click.Path(path_type=Path), default=Path(".wenyuan/public"), show_default=True
)
@click.option("--embedder", "embedders", multiple=True, default=EMBEDDERS, show_default=True)
@click.option("--set", "names", multiple=True, help="Only sets whose name begins so.")
@click.option("--sample", type=int, default=300, show_default=True, help="Questions of each set at most.")
@click.option("--ablations", is_flag=True)
def main(
    folder: Path,
    out: Path,
    indexes: Path,
    embedders: tuple[str, ...],
    names: tuple[str, ...],
    sample: int,
    ablations: bool,
) -> None:
    """Search every set that is there, and print the table in Markdown."""
    out.mkdir(parents=True, exist_ok=True)
    if ablations:
        ablate(out, indexes, embedders[0])
        return
    head = ["hit@1 / hit@5", "embedder", "n", *COLUMNS.values(), "above BM25 at hit@5"]
    click.echo(f"| {' | '.join(head)} |\n{'|---' * len(head)}|")
    for searched in sets(folder, sample):
        if names and not searched.name.startswith(names):
            continue
        for embedder in embedders:
            kept = out / f"{searched.name}-{embedder}-{sample}.json"
            settings = load_settings(
                index_dir=indexes / embedder / searched.index, index={"embedding": {"model": embedder}}
            )
            click.echo(row(searched.name, embedder, scored(searched, settings, kept)))


def sets(folder: Path, sample: int) -> Iterator[Searched]:
    """Yield the sets that are there."""
    own = read_gold(SEEDS_GOLD).questions
    for split in ("dev", "test"):
        yield Searched(f"seeds {split}", tuple(selected(own, split=split)), ROOT / "seeds", "seeds")
    for name in ("dureader_robust", "lecoqa", "cmrc2018", "rgb_zh", "xquad_zh"):
        if not (folder / name).is_dir():
            continue
        benchmark = read_benchmark(folder / name / "questions.jsonl")
        questions = [question for question in benchmark.gold.questions if question.passage_ids]
        if name == "rgb_zh":  # each question once, over the passages of all
            questions = [to_question(line) for line in read_rows(benchmark.gold.path)[0]]
        if name == "xquad_zh":
            # The second reader learned from the other articles.
            questions = [
                question
                for question in questions
                if question.lang == "en" and split_of(article_of(question.passage_ids[0])) == "test"
            ]
        chosen = tuple(selected(questions, limit=sample))
        shown = {"rgb_zh": "rgb_zh, pooled", "xquad_zh": "xquad, English questions"}.get(name, name)
        yield Searched(shown, chosen, benchmark.passages, name)
        if name == "cmrc2018":
            other = tuple(replace(one, question=to_traditional(one.question)) for one in chosen)
            yield Searched("cmrc2018, traditional questions", other, benchmark.passages, name)


def scored(searched: Searched, settings: Settings, kept: Path) -> Scores:
    """Search, or return what is kept of an earlier search."""
    if not kept.exists():
        progress = RichProgress("items")
        if not (settings.index_dir / "CURRENT").exists():
            build_index([searched.passages], settings, progress=progress)
        with closing(open_index(settings.index_dir)) as opened:
            items = locate(searched.questions, opened.tables).by_question
        rankings = rank_all(searched.questions, items, settings, progress)
        found = {name: retrieval_scores(ranking, DEPTHS) for name, ranking in rankings.items()}
        kept.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    read: Scores = json.loads(kept.read_text(encoding="utf-8"))
    return read


def row(name: str, embedder: str, scores: Scores) -> str:
    """Return the line of one set: each retriever, and how far the last one is above BM25, question by question."""
    cells = []
    for column in COLUMNS:
        values = {depth: [one[f"hit@{depth}"] for one in scores[column].values()] for depth in DEPTHS}
        cells.append(" / ".join(figure(vars(mean(values[depth], SEED))) for depth in DEPTHS))
    pairs = {
        column: [(one["hit@5"], 1.0) for one in scores[column].values()] for column in ("lexical", "product")
    }
    above = paired_difference(pairs["lexical"], pairs["product"], SEED)
    difference = f"{signed(above.value)} ({signed(above.low)} to {signed(above.high)})"
    return f"| {name} | {embedder} | {len(pairs['product'])} | {' | '.join([*cells, difference])} |"


def signed(value: float) -> str:
    """Return a difference with its sign: ``+.12``, ``−.03``."""
    return ("−" if value < -0.004 else "+") + short(abs(value))


def ablate(out: Path, indexes: Path, embedder: str) -> None:
    """Print what is found on our own questions without structure, without headings, and with other chunks."""
    own = read_gold(SEEDS_GOLD).questions
    searched = Searched("seeds", tuple(own), ROOT / "seeds", "seeds")
    variants: dict[str, tuple[int, AbstractContextManager[object]]] = {
        "as it is": (320, nullcontext()),
        "no articles and sections": (320, patch.object(index.chunking, "sections", _one_section)),
        "no headings": (320, patch.object(index.building, "chunk", _without_headings)),
        "chunks of 160 characters": (160, nullcontext()),
        "chunks of 640 characters": (640, nullcontext()),
    }
    head = ["hit@1 / hit@5", *COLUMNS.values()]
    click.echo(f"| {' | '.join(head)} |\n{'|---' * len(head)}|")
    for name, (size, changed) in variants.items():
        settings = load_settings(
            index_dir=indexes / embedder / f"seeds-{name.replace(' ', '-')}",
            index={"embedding": {"model": embedder}, "chunking": {"chunk_chars": size}},
        )
        with changed:
            scores = scored(searched, settings, out / f"ablation-{name}-{embedder}.json")
        cells = [
            " / ".join(
                short(sum(one[f"hit@{depth}"] for one in scores[column].values()) / len(scores[column]))
                for depth in DEPTHS
            )
            for column in COLUMNS
        ]
        click.echo(f"| {name} | {' | '.join(cells)} |")


def _one_section(text: str) -> list[Section]:
    return [Section(0, len(text), 0, ())] if text else []


_chunk = index.building.chunk


def _without_headings(*given: object) -> list[Chunk]:
    return [replace(piece, headings=()) for piece in _chunk(*given)]  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
