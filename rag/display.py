"""What the terminal shows. Answers go to stdout, all else to stderr."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from rag.answers import Answer
from rag.pipeline import AskOptions, Assistant, DraftText, DraftWithdrawn, PassagesFound
from rag.settings import ModelSettings, Settings

if TYPE_CHECKING:
    from index.building import BuildReport
    from rag.doctor import Finding

_CONTEXT_CHARS = 40
_RELATED_PASSAGES = 3
_RELATED_CHARS = 90
_SKIPPED_LINES = 20

_LABELS = {
    "zh": ("来源", "可能相关，但不是答案", "检索中…", "阅读中…", "核对中…"),
    "zh-Hant": ("來源", "可能相關，但不是答案", "檢索中…", "閱讀中…", "核對中…"),
    "en": ("Sources", "Possibly related, not an answer", "searching…", "reading…", "checking…"),
}


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show on a terminal that something is going on."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield


def show_answer(assistant: Assistant, question: str, options: AskOptions) -> None:
    """Ask, show the draft dimmed while it is written, and leave the checked answer with its sources."""
    console = Console(highlight=False, soft_wrap=True)
    sources, related, searching, reading, checking = _LABELS[assistant.language(question)]
    answer: Answer | None = None
    with Live(
        Text(searching, "dim"), console=Console(stderr=True), transient=True, refresh_per_second=12
    ) as live:
        draft = ""
        for event in assistant.stream(question, options=options):
            if isinstance(event, Answer):
                answer = event
            elif isinstance(event, PassagesFound):
                live.update(Text(reading, "dim"))
            elif isinstance(event, DraftText):
                draft += event.text
                live.update(Text(f"{printable(draft)}  {checking}", "dim italic"))
            elif isinstance(event, DraftWithdrawn):
                draft = ""
                live.update(Text(reading, "dim"))
    assert answer is not None  # a stream ends with an answer
    if answer.refused:
        _show_refusal(console, answer, related)
        return
    console.print(Text(printable(answer.answer), "bold"))
    console.print(Text(f"\n{sources}", "dim"))
    for citation in answer.citations:
        before, quote, after = assistant.context(citation, _CONTEXT_CHARS)
        place = Text(f"[{citation.n}] ", "bold cyan")
        place.append(printable(citation.doc), "cyan")
        if citation.title and citation.title not in citation.doc:
            place.append(f"  {printable(citation.title)}", "dim")
        if written := assistant.written(citation):
            place.append(f"  {written.removeprefix('--')}", "dim")
        place.append(f"  ({citation.start}–{citation.end})", "dim")
        console.print(place)
        line = Text("    ")
        line.append(_last_line(printable(before)), "dim")
        line.append(printable(quote).replace("\n", " "), "bold black on yellow")
        line.append(printable(after).partition("\n")[0], "dim")
        console.print(line)


def show_build(report: BuildReport, settings: Settings) -> None:
    """Say what indexing did, with a line for each skipped file."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    size = f"{report.documents} documents, {report.chunks} chunks, {report.sentences} sentences"
    if not report.written:
        console.print(f"{settings.index_dir} is up to date: {size}")
        return
    for skipped in report.skipped[:_SKIPPED_LINES]:
        console.print(Text(f"skipped {printable(skipped.id)}: {printable(skipped.reason)}", "yellow"))
    if len(report.skipped) > _SKIPPED_LINES:
        console.print(Text(f"… and {len(report.skipped) - _SKIPPED_LINES} more skipped", "yellow"))
    changes = [
        f"{len(names)} {what}"
        for names, what in ((report.added, "new"), (report.changed, "changed"), (report.removed, "removed"))
        if names
    ]
    done = f"{', '.join(changes) or 'rebuilt'}; {report.embedded} vectors computed, {report.reused} kept"
    # Text, not markup: a folder may have [ ] in its name.
    console.print(Text(f"{settings.index_dir}: {size} ({done})"))


def show_models(settings: ModelSettings) -> None:
    """List the presets, where they stand and under which licence they are."""
    from rag.models import known_models, status
    from rag.progress import format_bytes

    table = Table(box=None, pad_edge=False)
    for heading in ("model", "kind", "size", "state", "licence"):
        table.add_column(heading)
    for name, spec in known_models().items():
        found = status(name, settings)
        colour = {"ready": "green", "damaged": "red"}.get(found.state, "yellow")
        table.add_row(
            name, spec.kind, format_bytes(spec.installed_bytes), Text(found.state, colour), spec.licence
        )
    Console(highlight=False, soft_wrap=True).print(table)
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(f"cache: {settings.cache}", "dim"))


def show_findings(findings: Sequence[Finding]) -> None:
    """Print what the doctor found, a line each, with the mend under what is wrong."""
    console = Console(highlight=False, soft_wrap=True)
    for finding in findings:
        line = Text("ok   " if finding.ok else "MEND ", "green" if finding.ok else "bold red")
        line.append(f"{finding.what}: {printable(finding.state)}", "")
        console.print(line)
        if finding.mend:
            console.print(Text(f"     {finding.mend}", "yellow"))


def printable(text: str) -> str:
    """Drop control characters: neither a document nor the model may steer the terminal."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf"))


def _show_refusal(console: Console, answer: Answer, related: str) -> None:
    console.print(Text(printable(answer.answer), "yellow"))
    if not answer.passages:
        return
    console.print(Text(f"\n{related}", "dim"))
    for passage in answer.passages[:_RELATED_PASSAGES]:
        text = " ".join(printable(passage.text).split())
        shown = text if len(text) <= _RELATED_CHARS else text[: _RELATED_CHARS - 1] + "…"
        console.print(Text(f"  {printable(passage.doc)}  {shown}", "dim"))


def _last_line(text: str) -> str:
    return text.rpartition("\n")[2]
