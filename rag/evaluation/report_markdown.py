"""The report as Markdown, with the plots as files beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.evaluation.figures import METRICS
from rag.evaluation.report import (
    METHOD,
    RETRIEVER_COLUMNS,
    TABLE_COLUMNS,
    WRONG,
    Run,
    bounds,
    drawings,
    in_words,
    shown,
    subtitle,
    title,
)
from rag.evaluation.retrieving import RETRIEVERS
from rag.evaluation.summary import Figures

_MOST_CASES = 50


def markdown_report(run: Run) -> str:
    """Return the report; plots are expected in ``plots/`` beside it."""
    summary = run.summary
    lines = [f"# {_plain(title(run))}", "", _plain(subtitle(run)), "", in_words(run), ""]
    lines += [f"> {_plain(note)}\n" for note in run.notes]
    lines += ["| figure | value | 95% interval | n |", "|---|--:|--:|--:|"]
    for name, figure in summary.overall.items():
        metric = METRICS[name]
        lines.append(
            f"| {metric.label} | {shown(figure, metric)} | {bounds(figure, metric)} | {figure.n:,} |"
        )
    lines.append("")
    for name, (heading, text, _) in drawings(run).items():
        lines += [
            f"## {_plain(heading)}",
            "",
            f"![{_plain(heading)}](plots/{name}.svg)",
            "",
            _plain(text),
            "",
        ]
    for part, found in summary.parts.items():
        names = [name for name in TABLE_COLUMNS if any(name in figures for figures in found.values())]
        if found and names:
            lines += [f"## By {part}", "", *_table(part, found, names, {}), ""]
    if summary.retrievers:
        lines += [
            "## Retrievers",
            "",
            *_table("retriever", summary.retrievers, RETRIEVER_COLUMNS, RETRIEVERS),
            "",
        ]
    wrong = [case for case in run.cases if case.outcome in WRONG]
    if wrong:
        lines += [
            f"## Answered and wrong ({len(wrong):,})",
            "",
            "| question | gold | answer | quoted |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| {_plain(case.question)} ({_plain(case.id)}) | {_plain(case.gold)} | {_plain(case.answer)} | "
            f"{_plain(' / '.join(case.quotes))} |"
            for case in wrong[:_MOST_CASES]
        ]
        lines += ["", *([f"… and {len(wrong) - _MOST_CASES} more.", ""] if len(wrong) > _MOST_CASES else [])]
    lines += ["## How it was measured", "", *(f"- {line}" for line in METHOD), ""]
    return "\n".join(lines)


def _table(
    first: str, found: Mapping[str, Figures], names: Sequence[str], labels: Mapping[str, str]
) -> list[str]:
    lines = [
        f"| {first} | n | " + " | ".join(METRICS[name].label for name in names) + " |",
        "|---" + "|--:" * (len(names) + 1) + "|",
    ]
    for key, figures in found.items():
        questions = max((figure.n for figure in figures.values()), default=0)
        cells = []
        for name in names:
            metric, figure = METRICS[name], figures.get(name)
            interval = bounds(figure, metric)
            cells.append(shown(figure, metric) + (f" ({interval})" if interval else ""))
        lines.append(f"| {_plain(labels.get(key, key))} | {questions:,} | " + " | ".join(cells) + " |")
    return lines


def _plain(text: str) -> str:
    """Return text that means nothing to Markdown or HTML, on one line."""
    joined = " ".join(text.split())
    for character in "\\`*_[]<>|#":
        joined = joined.replace(character, f"\\{character}")
    return joined
