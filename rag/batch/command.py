"""The command `rag batch`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rag.cli import (
    embedder_option,
    generator_option,
    index_option,
    language_option,
    main,
    question_settings,
    top_k_option,
)

if TYPE_CHECKING:
    from rag.batch.sources import Format


@main.command(
    "batch",
    epilog="""
\b
Examples:
  rag batch questions.txt -o answers.html          a report to read
  rag batch questions.xlsx -o answers.xlsx --question-column 提问
  rag batch questions.csv -o answers.csv           the same again goes on where it was stopped
  cat questions.txt | rag batch - -o - | jq -r .answer
""",
)
@click.argument("questions", metavar="QUESTIONS", type=click.Path(allow_dash=True))
@click.option(
    "--out",
    "-o",
    "output",
    metavar="ANSWERS",
    required=True,
    type=click.Path(allow_dash=True),
    help="A .jsonl, .csv, .xlsx or .html file; - prints JSON lines as they come, and cannot be gone on with.",
)
@click.option(
    "--format",
    type=click.Choice(["txt", "csv", "xlsx", "jsonl"]),
    help="Of QUESTIONS.  [default: by its ending; of stdin by its first character]",
)
@click.option(
    "--question-column",
    metavar="NAME",
    help="Column or field of the questions, or its number.  [default: question, 问题, 提问, …]",
)
@click.option(
    "--id-column",
    metavar="NAME",
    help="Column or field of the ids, or its number.  [default: id, 编号, 序号, …; else the row's number]",
)
@click.option(
    "--header/--no-header", default=None, help="Whether a table's first row holds names.  [default: guessed]"
)
@click.option("--sheet", metavar="NAME", help="Sheet of an .xlsx file, or its number.  [default: the first]")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="Questions asked at once.  [default: 8 for a server (adapter openai), else 1]",
)
@click.option("--restart", is_flag=True, help="Answer everything again, and replace ANSWERS.")
@index_option
@embedder_option
@generator_option
@top_k_option
@language_option
@click.option("--quiet", "-q", is_flag=True, help="Only errors.")
def batch(
    questions: str,
    output: str,
    format: Format | None,
    question_column: str | None,
    id_column: str | None,
    header: bool | None,
    sheet: str | None,
    workers: int | None,
    restart: bool,
    index_dir: Path | None,
    embedder: str | None,
    generator: str | None,
    top_k: int | None,
    lang: str | None,
    quiet: bool,
) -> None:
    """Answer all QUESTIONS of a .txt, .csv, .xlsx or .jsonl file, or of stdin (-), into ANSWERS.

    A line or a row is a question; JSONL may also give "id", "history", "documents", "top_k" and "language". Equal
    questions are answered once. Each answer is kept in ANSWERS.journal at once: interrupted or killed, the same command
    goes on with the next question. A row that fails is written with its error and does not stop the others; the same
    command tries it again. Exit code 1 when rows failed.
    """
    from rag.batch.columns import Choice
    from rag.batch.questions import read_questions
    from rag.batch.session import answer_questions, read_file

    settings = question_settings(index_dir, embedder, top_k, generator, lang)
    file = None if output == "-" else Path(output)
    found = read_questions(
        read_file(questions, file),
        "stdin" if questions == "-" else questions,
        format=format,
        choice=Choice(question_column, id_column, header),
        sheet=sheet,
    )
    try:
        whole = answer_questions(found, file, settings, workers=workers, restart=restart, quiet=quiet)
    except KeyboardInterrupt:
        if file is not None:
            raise
        click.echo("rag: interrupted; what is printed is whole, the rest must be asked again", err=True)
        sys.exit(130)
    if not whole:
        sys.exit(1)
