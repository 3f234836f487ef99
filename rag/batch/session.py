"""One run of ``rag batch``: what is left is asked, and everything that is known is written."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from index.errors import WenyuanError
from index.store import current_generation, missing_index, read_manifest
from rag.batch.journal import Journal, Record, journal_path, open_journal
from rag.batch.meter import Meter, readable_time
from rag.batch.plan import Plan
from rag.batch.questions import BatchQuestion, QuestionList
from rag.batch.run import run_batch
from rag.batch.writing import json_line, write_answers, writer_for
from rag.display import printable, waiting
from rag.errors import BatchError
from rag.opening import fetch_models, models_fingerprint, open_assistant
from rag.progress import RichProgress, SilentProgress
from rag.settings import Settings

WORKERS_OF_A_SERVER = 8
"""Servers answer together what arrives together; a model in this process answers one question at a time."""

_FAILURES_SHOWN = 20


def answer_questions(
    questions: QuestionList,
    output: Path | None,
    settings: Settings,
    *,
    workers: int | None = None,
    restart: bool = False,
    quiet: bool = False,
) -> bool:
    """Answer what is not answered yet, write everything, and say on stderr how it went.

    Args:
        questions: what was read.
        output: the file of answers; stdout, as JSON lines in the order of the questions, when not given.
        settings: the whole tree.
        workers: how many questions are asked at once; as suits the generator when not given.
        restart: forget what was answered before.
        quiet: only say what failed.

    Returns:
        Whether no row failed.

    Raises:
        BatchError: the batch cannot be begun, gone on with or written.
        WenyuanError: the models or the index cannot be used, or the generator is gone.
    """
    plan = Plan(questions.rows)
    if output is not None:
        writer_for(output)
    if not quiet:
        for note in questions.notes:
            click.echo(printable(note), err=True)
    if workers is None:
        workers = WORKERS_OF_A_SERVER if settings.generation.adapter == "openai" else 1
    fetch_models(settings, SilentProgress() if quiet else RichProgress("bytes"))
    index = _index_fingerprint(settings)
    made_from = {
        "questions": questions.fingerprint,
        "settings": _settings_fingerprint(settings),
        "models": models_fingerprint(settings),
        "documents": index,
    }
    with _place(output) as file, open_journal(file, made_from, restart=restart) as journal:
        printer = _Printer(plan, journal) if output is None else None
        to_ask = plan.to_ask(journal)
        lines = printer is not None and sys.stdout.isatty()
        meter = Meter(plan.counts(journal), len(to_ask), quiet=quiet or not to_ask, lines=lines)
        try:
            if to_ask:
                _ask(plan, journal, to_ask, settings, index, meter, workers, printer)
        except BaseException:
            # What is answered can be read now; what is left is asked by the next run.
            with suppress(WenyuanError, OSError):
                if output is not None and plan.counts(journal).left < len(plan.rows):
                    write_answers(output, plan, journal, questions.columns)
            _say_how_it_went(plan, journal, meter, output, quiet)
            raise
        if printer is not None:
            printer.print_known()
        if output is not None:
            write_answers(output, plan, journal, questions.columns)
        return _say_how_it_went(plan, journal, meter, output, quiet)


def read_file(questions: str, output: Path | None) -> bytes:
    """Return the bytes of a file of questions, stdin for ``-``.

    Raises:
        BatchError: it cannot be read, or the answers would overwrite it.
    """
    if questions == "-":
        return sys.stdin.buffer.read()
    path = Path(questions)
    own = () if output is None else (output, journal_path(output))
    if any(file.exists() and path.exists() and file.samefile(path) for file in own):
        raise BatchError(f"the answers would overwrite {path}: choose another file with -o")
    try:
        return path.read_bytes()
    except OSError as error:
        raise BatchError(
            f"{path} cannot be read ({error.strerror or error}): name a file of questions"
        ) from error


def _ask(
    plan: Plan,
    journal: Journal,
    to_ask: list[BatchQuestion],
    settings: Settings,
    index: str,
    meter: Meter,
    workers: int,
    printer: _Printer | None,
) -> None:
    counts = plan.counts(journal)
    before = {question.row: journal.outcome(question.row) for question in to_ask}

    def done(record: Record) -> None:
        rows = plan.rows_of(record.row)
        counts.add(before[record.row], -rows)
        counts.add(record.outcome, rows)
        meter.asked(counts)
        if printer is not None:
            printer.print_known()

    with waiting("loading the models"):
        assistant = open_assistant(settings)
    with assistant:
        if _digest(assistant.index.manifest.model_dump(mode="json")) != index:
            raise BatchError("the index was rebuilt just now: run the same command again")
        with meter:
            run_batch(assistant, to_ask, journal, workers=workers, done=done)


class _Printer:
    """Prints answers as JSON lines in the order of the questions, each as soon as those before it are there."""

    def __init__(self, plan: Plan, journal: Journal) -> None:
        self._plan = plan
        self._journal = journal
        self._next = 0

    def print_known(self) -> None:
        rows = self._plan.rows
        while self._next < len(rows) and self._plan.outcome(rows[self._next], self._journal) is not None:
            click.echo(json_line(self._plan.result(rows[self._next], self._journal)))
            self._next += 1


def _say_how_it_went(plan: Plan, journal: Journal, meter: Meter, output: Path | None, quiet: bool) -> bool:
    """Print the summary and the rows that failed; return whether there are none."""
    counts = plan.counts(journal)
    failed = [row for row in plan.rows if plan.outcome(row, journal) == "failed"]
    for row in failed[:_FAILURES_SHOWN]:
        error = plan.result(row, journal).record.error or ""
        name = "" if row.id == str(row.row) else f" ({row.id})"
        click.echo(printable(f"row {row.row}{name} failed: {error}"), err=True)
    if len(failed) > _FAILURES_SHOWN:
        click.echo(f"… and {len(failed) - _FAILURES_SHOWN} more failed", err=True)
    if quiet and not failed:
        return True
    parts = [f"{counts.answered} answered", f"{counts.refused} refused", f"{counts.failed} failed"]
    if counts.left:
        parts.append(f"{counts.left} left")
    if plan.copies:
        parts.append(f"{plan.copies} of them asked twice and answered once")
    rate = meter.per_minute
    cost = f" in {readable_time(meter.seconds)}, {rate:.1f} questions/min" if rate else ""
    where = "" if output is None else f"{printable(str(output))}: "
    click.echo(f"{where}{', '.join(parts)}{cost}", err=True)
    return not failed


@contextmanager
def _place(output: Path | None) -> Iterator[Path]:
    """Yield the file of answers; where they go to stdout, one whose journal is thrown away at the end."""
    if output is not None:
        yield output
        return
    with tempfile.TemporaryDirectory(prefix="rag-batch-") as folder:
        yield Path(folder) / "answers.jsonl"


def _index_fingerprint(settings: Settings) -> str:
    folder = current_generation(settings.index_dir)
    if folder is None:
        raise missing_index(settings.index_dir)
    return _digest(read_manifest(folder).model_dump(mode="json"))


def _settings_fingerprint(settings: Settings) -> str:
    """Return what the answers depend on; how fast they come, and from which address, changes nothing in them."""
    return _digest(
        {
            "language": settings.answer_language,
            "retrieval": settings.retrieval.model_dump(mode="json"),
            "generation": settings.generation.model_dump(
                mode="json",
                include={"adapter", "context_tokens", "max_tokens", "least_confidence", "second_reader"},
            ),
        }
    )


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
