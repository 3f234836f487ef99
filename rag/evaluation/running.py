"""One evaluation from the gold set to the report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.durable import held
from index.store import current_generation, open_tables, read_manifest
from rag.errors import EvaluationError
from rag.evaluation.answering import Record, answer_all, write_lines
from rag.evaluation.benchmarks import find_benchmark, read_benchmark, searched_passages
from rag.evaluation.cases import cases
from rag.evaluation.gold import GoldQuestion, GoldSet, Split, read_gold, selected
from rag.evaluation.manifest import RunManifest, describe_run, question_fingerprint
from rag.evaluation.plots import standalone
from rag.evaluation.quotes import GoldItems, locate
from rag.evaluation.report import Run, drawings, html_report
from rag.evaluation.report_markdown import markdown_report
from rag.evaluation.retrieving import rank_all
from rag.evaluation.scoring import QuestionScore, score_answers, score_line, score_retrieval
from rag.evaluation.summary import summarise
from rag.opening import build_index, fetch_models, open_assistant
from rag.progress import Progress
from rag.settings import Settings

_LOCK = ".lock"


@dataclass(frozen=True)
class Choices:
    """What one evaluation is asked to do.

    Attributes:
        gold: a gold set, or a benchmark's folder or questions file.
        out: folder for everything that is written.
        index_dir: the index to ask; for a benchmark, the one to build; ``None`` leaves it to the settings, or for a
            benchmark to ``out``.
        types: of question; all when empty.
        split: development or test half; both when ``None``.
        limit: the size of the sample; everything when ``None``.
        retrievers: whether each retriever is also tried alone.
        answers: whether questions are answered at all.
        fresh: whether answers that are there are given again.
        seed: of all resampling.
    """

    gold: Path
    out: Path
    index_dir: Path | None = None
    types: tuple[str, ...] = ()
    split: Split | None = None
    limit: int | None = None
    retrievers: bool = False
    answers: bool = True
    fresh: bool = False
    seed: int = 0


def evaluate(choices: Choices, settings: Settings, downloads: Progress, progress: Progress) -> Run:
    """Answer a gold set, score it, and report.

    Writes ``manifest.json``, ``records.jsonl``, ``scores.jsonl``, ``metrics.json``, ``report.html``, ``report.md`` and
    ``plots/``.

    Args:
        choices: what is asked for.
        settings: the whole tree; ``index_dir`` is where the index is.
        downloads: receives the progress of fetching models, in bytes.
        progress: receives the progress of the work, in items.

    Raises:
        GoldError: the gold set cannot be used.
        WenyuanError: an index or a model is missing, nothing can be answered, or another process is writing ``out``.
    """
    benchmark = find_benchmark(choices.gold)
    if benchmark is None:
        gold = read_gold(choices.gold)
    else:
        loaded = read_benchmark(benchmark)
        gold = loaded.gold
        settings = settings.model_copy(update={"index_dir": choices.index_dir or choices.out / "index"})
    questions = selected(gold.questions, types=choices.types, split=choices.split, limit=choices.limit)
    with _alone_in(choices.out):
        if benchmark is not None:
            own = settings.index_dir.with_name(f"{settings.index_dir.name}-passages.jsonl")
            passages = searched_passages(loaded, own)
            _keep_other_documents(settings.index_dir, passages)
            build_index([passages], settings, downloads=downloads, progress=progress)
        if choices.answers:
            fetch_models(settings, downloads)
        manifest = _manifest(choices, gold, settings, downloads)
        items = _items(questions, settings)

        retrievers = {}
        if choices.retrievers or not choices.answers:
            retrievers = rank_all(questions, items.by_question, settings, progress)
        records: list[Record] = []
        if choices.answers:
            records = answer_all(
                questions,
                {question.id: question_fingerprint(manifest, question) for question in questions},
                manifest.code.fingerprint,
                choices.out / "records.jsonl",
                lambda: open_assistant(settings),
                progress,
                fresh=choices.fresh,
            )
            scores = score_answers(questions, records, items.by_question)
        else:
            scores = score_retrieval(questions, retrievers["product"])
        memory = max((record.memory_mb for record in records if record.memory_mb), default=None)
        summary = summarise(scores, retrievers if choices.retrievers else {}, memory, choices.seed)
        run = Run(
            gold.name,
            manifest,
            summary,
            tuple(cases(questions, records, scores)) if choices.answers else (),
            _seconds(scores),
            tuple(_notes(choices, questions, gold, items, records, manifest, benchmark is not None)),
            len(questions),
        )
        _write(choices.out, run, scores)
        return run


@contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    """Make a folder, and keep other evaluations out of it."""
    out.mkdir(parents=True, exist_ok=True)
    refusal = EvaluationError(
        f"another process is evaluating into {out}: wait until it has finished, or choose another --out"
    )
    with held(out / _LOCK, refusal):
        yield


def _manifest(choices: Choices, gold: GoldSet, settings: Settings, downloads: Progress) -> RunManifest:
    return describe_run(
        settings,
        gold=gold.path,
        gold_sha256=gold.sha256,
        selection={"types": list(choices.types), "split": choices.split, "limit": choices.limit},
        seed=choices.seed,
        answers=choices.answers,
        downloads=downloads,
    )


def _items(questions: Sequence[GoldQuestion], settings: Settings) -> GoldItems:
    folder = current_generation(settings.index_dir)
    assert folder is not None  # it was described
    tables = open_tables(folder)
    try:
        return locate(questions, tables)
    finally:
        tables.close()


def _keep_other_documents(index_dir: Path, passages: Path) -> None:
    """Refuse to replace the documents of an index that is somebody's own."""
    folder = current_generation(index_dir)
    if folder is None:
        return
    roots = read_manifest(folder).roots
    if roots != (str(passages.resolve()),):
        raise EvaluationError(
            f"the index at {index_dir} holds {roots[0] if roots else 'other documents'}, not {passages}; "
            "name another folder with --index"
        )


def _seconds(scores: Sequence[QuestionScore]) -> dict[str, list[float]]:
    names = {"first_token_s": "first words", "total_s": "last words"}
    return {
        label: [score.costs[name] for score in scores if name in score.costs] for name, label in names.items()
    }


def _notes(
    choices: Choices,
    questions: Sequence[GoldQuestion],
    gold: GoldSet,
    items: GoldItems,
    records: Sequence[Record],
    manifest: RunManifest,
    benchmark: bool,
) -> list[str]:
    notes = []
    if len(questions) < len(gold.questions):
        chosen = [
            *([f"type {', '.join(choices.types)}"] if choices.types else []),
            *([f"split {choices.split}"] if choices.split else []),
            *([f"a sample of {choices.limit}"] if choices.limit else []),
        ]
        notes.append(
            f"{len(questions):,} of the set's {len(gold.questions):,} questions: {'; '.join(chosen)}."
        )
    if any("@" in question.id for question in questions) and benchmark:
        notes.append(
            "Each question is asked in several forms. Figures over all of them resample forms as if they were "
            "questions, so their intervals are too narrow; those by type are not."
        )
    if items.not_found:
        name, quote = items.not_found[0]
        notes.append(
            f"{len(items.not_found):,} pieces of evidence are not in the index, and count as not found; "
            f"the first is of {name}: {quote.doc} “{quote.quote[:60]}”."
        )
    other = sum(record.code != manifest.code.fingerprint for record in records)
    if other:
        notes.append(
            f"{other:,} of {len(records):,} answers were given by another state of the program, and used again; "
            "answer anew with --fresh."
        )
    return notes


def _write(out: Path, run: Run, scores: Sequence[QuestionScore]) -> None:
    write_lines(out / "manifest.json", [run.manifest.model_dump_json(indent=1)])
    write_lines(out / "scores.jsonl", (score_line(score) for score in scores))
    write_lines(out / "metrics.json", [_metrics(run)])
    folder = out / "plots"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    for name, (_, _, svg) in drawings(run).items():
        write_lines(folder / f"{name}.svg", [standalone(svg)])
    write_lines(out / "report.html", [html_report(run)])
    write_lines(out / "report.md", [markdown_report(run)])


def _metrics(run: Run) -> str:
    figures = {
        "gold": run.name,
        "questions": run.questions,
        "notes": run.notes,
        "run": run.manifest.model_dump(mode="json"),
        **run.summary.to_json(),
    }
    return json.dumps(figures, ensure_ascii=False, indent=1)
