"""The ``rag`` command. Data goes to stdout, everything else to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from index.errors import WenyuanError

if TYPE_CHECKING:
    from rag.settings import Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])

_EXAMPLES = """
\b
Examples:
  rag index seeds                           index a folder
  rag ask "谁主持了6月3日的全市领导干部会议？"    ask it
  rag ask "How many urban greening projects did Xuchang plan for 2023?" --json
  rag batch questions.txt -o answers.html   ask many questions
  rag chat                                  ask in the browser, and check each answer
  rag doctor                                what is missing, and how to mend it
"""


class _Group(click.Group):
    """Prints what the user can mend as one line, with exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WenyuanError as error:
            click.echo(f"rag: {error}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("rag: interrupted; nothing is lost, run the same command to go on", err=True)
            ctx.exit(130)
        except OSError as error:
            # A full disk, a folder that may not be written, a closed pipe: the user's to mend.
            if isinstance(error, BrokenPipeError):
                sys.stderr.close()
                ctx.exit(1)
            where = f" ({error.filename})" if error.filename else ""
            click.echo(f"rag: {error.strerror or error}{where}", err=True)
            ctx.exit(1)


def index_option(command: _Command) -> _Command:
    """Add --index."""
    return click.option(
        "--index",
        "index_dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Index folder.  [default: .wenyuan/index]",
    )(command)


def embedder_option(command: _Command) -> _Command:
    """Add --embedder."""
    return click.option(
        "--embedder",
        metavar="NAME",
        help="embeddinggemma-300m (default), multilingual-e5-small (light), a folder, or a hub id.",
    )(command)


def generator_option(command: _Command) -> _Command:
    """Add --generator."""
    return click.option(
        "--generator",
        metavar="NAME",
        help="qwen2.5-coder-1.5b (default), qwen2.5-coder-0.5b (fast), a .gguf file, a folder, or a hub id.",
    )(command)


def top_k_option(command: _Command) -> _Command:
    """Add --top-k."""
    return click.option(
        "--top-k", type=click.IntRange(1, 100), help="Passages to choose evidence from.  [default: 12]"
    )(command)


def language_option(command: _Command) -> _Command:
    """Add --lang."""
    return click.option(
        "--lang",
        type=click.Choice(["auto", "zh", "zh-Hant", "en"]),
        help="Language of the answer.  [default: auto, the question's]",
    )(command)


@click.group(
    cls=_Group,
    epilog=_EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="wenyuan", prog_name="rag")
def main() -> None:
    """Ask your own documents: every sentence of the answer is checked against, and cited to, its source.

    Everything runs on this machine. Settings come from options, from RAG_… environment variables, and from
    wenyuan.toml in the working folder.
    """


@main.command(
    epilog="""
\b
Examples:
  rag index ~/reports
  rag index notes.md minutes/ --index ~/indexes/work
"""
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@index_option
@embedder_option
@click.option(
    "--chunk-chars", type=click.IntRange(50, 4000), help="Longest chunk, in characters.  [default: 320]"
)
@click.option("--quiet", "-q", is_flag=True, help="Only errors.")
def index(
    paths: tuple[Path, ...],
    index_dir: Path | None,
    embedder: str | None,
    chunk_chars: int | None,
    quiet: bool,
) -> None:
    """Build or update the index so that it holds exactly the documents at PATHS.

    Reads .txt .md .html .pdf .docx, and documents as .jsonl ({"id", "title", "text"} a line). Unchanged documents
    cost nothing; deleted ones are dropped. Questions can be asked meanwhile.
    """
    from rag.display import show_build
    from rag.opening import build_index
    from rag.progress import RichProgress, SilentProgress
    from rag.settings import load_settings

    settings = load_settings(
        index_dir=index_dir,
        index={"embedding": {"model": embedder}, "chunking": {"chunk_chars": chunk_chars}},
    )
    downloads = SilentProgress() if quiet else RichProgress("bytes")
    progress = SilentProgress() if quiet else RichProgress("items")
    report = build_index(list(paths), settings, downloads=downloads, progress=progress)
    if not quiet:
        show_build(report, settings)


@main.command(
    epilog="""
\b
Examples:
  rag ask "长葛市食品行业产销对接会现场签约合同金额是多少？"
  rag ask "東湖社區的圖書流動車開進了哪個小區？" --generator qwen2.5-coder-0.5b
  rag ask "Who chaired the meeting?" --json | jq .citations
  rag ask "新增城镇就业多少人？" --since 2020 --until 2020-08
"""
)
@click.argument("question")
@index_option
@embedder_option
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option(
    "--document", "documents", metavar="ID", multiple=True, help="Ask this document only; repeatable."
)
@click.option("--since", metavar="DAY", help="Ask what was written from then on: 2020, 2020-08, 2020-08-17.")
@click.option(
    "--until", metavar="DAY", help="Ask what was written up to then. What bears no date is left out."
)
@top_k_option
@generator_option
@language_option
def ask(
    question: str,
    index_dir: Path | None,
    embedder: str | None,
    as_json: bool,
    documents: tuple[str, ...],
    since: str | None,
    until: str | None,
    top_k: int | None,
    generator: str | None,
    lang: str | None,
) -> None:
    """Answer QUESTION from the indexed documents, or say that they do not hold the answer."""
    from rag.choices import read_choices
    from rag.display import show_answer, waiting
    from rag.errors import QuestionError
    from rag.opening import fetch_models, open_assistant
    from rag.pipeline import readable_question
    from rag.progress import RichProgress

    readable_question(question)  # before the models are loaded for nothing
    options = read_choices({"documents": documents or None, "since": since, "until": until})
    settings = question_settings(index_dir, embedder, top_k, generator, lang)
    fetch_models(settings, RichProgress("bytes"))
    with waiting("loading the models"):
        assistant = open_assistant(settings)
    with assistant:
        if unknown := set(documents).difference(assistant.index.tables.document_ids()):
            raise QuestionError(
                f"--document {min(unknown)}: there is no such document; `rag ask … --json` names them"
            )
        if as_json:
            click.echo(assistant.ask(question, options=options).model_dump_json(indent=2))
        else:
            show_answer(assistant, question, options)


@main.group()
def models() -> None:
    """List, fetch and verify the models. They are shared by all projects of this user."""


@models.command("list")
def models_list() -> None:
    """List the models that come with a checksum, and which of them are on this machine."""
    from rag.display import show_models
    from rag.settings import load_settings

    show_models(load_settings().models)


@models.command("fetch")
@click.argument("names", nargs=-1)
def models_fetch(names: tuple[str, ...]) -> None:
    """Fetch NAMES (by default the embedder and the generator in use), verified; resumes where it stopped."""
    from rag.models import fetch, known_models
    from rag.progress import RichProgress
    from rag.settings import load_settings

    settings = load_settings()
    for name in names or [name for name in settings.models_in_use() if name in known_models()]:
        files = fetch(name, settings.models, RichProgress("bytes"))
        click.echo(f"{files.name}\t{files.path}")


@models.command("verify")
@click.argument("names", nargs=-1)
def models_verify(names: tuple[str, ...]) -> None:
    """Compare every file of NAMES (by default all that are here) with its checksum."""
    from rag.models import known_models, status, verify
    from rag.progress import RichProgress
    from rag.settings import load_settings

    settings = load_settings().models
    failed = False
    here = [name for name in known_models() if status(name, settings).state in ("ready", "damaged")]
    for name in names or here:
        result = verify(name, settings, RichProgress("bytes"))
        failed = failed or not result.ok
        click.echo(f"{name}\t{'ok' if result.ok else result.problem}")
    if failed:
        sys.exit(1)


@main.command()
@index_option
def doctor(index_dir: Path | None) -> None:
    """Say what is installed, found and missing, and the command that mends each."""
    from rag.display import show_findings
    from rag.doctor import examine
    from rag.settings import load_settings

    findings = examine(load_settings(index_dir=index_dir))
    show_findings(findings)
    if not all(finding.ok for finding in findings):
        sys.exit(1)


def question_settings(
    index_dir: Path | None, embedder: str | None, top_k: int | None, generator: str | None, lang: str | None
) -> Settings:
    """Return the settings with the options on top that the commands which ask have in common."""
    from rag.settings import load_settings

    return load_settings(
        index_dir=index_dir,
        answer_language=lang,
        index={"embedding": {"model": embedder}},
        retrieval={"top_k": top_k},
        generation={"model": generator},
    )


# The commands of one topic each; what they need is imported when they run.
import rag.batch.command  # noqa: E402
import rag.evaluation.command  # noqa: E402, F401
