"""What `rag eval` and `rag compare` say in the terminal. Figures go to stdout, all else to stderr."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rag.display import printable
from rag.evaluation.compare import Comparison, better
from rag.evaluation.figures import METRICS
from rag.evaluation.report import Run, bounds, in_words, shown
from rag.evaluation.statistics import Figure

_SHOWN = (
    "answered_wrong",
    "answer_accuracy",
    "answer_rate",
    "selective_accuracy",
    "refusal_unanswerable",
    "false_refusal",
    "f1_bag",
    "citation_precision",
    "grounded_sentences",
    "hit@1",
    "hit@5",
    "mrr",
    "first_token_s_p50",
    "total_s_p50",
)
_MOST_FLIPS = 40
_FILE_WIDTH = 160


def show_run(run: Run, out: Path) -> None:
    """Print the main figures, and where the rest is."""
    console, aside = _consoles()
    for note in run.notes:
        aside.print(Text(printable(note), "yellow"))
    aside.print(Text(in_words(run)))
    table = Table(box=None, pad_edge=False)
    table.add_column("figure")
    for heading in ("value", "95% interval", "n"):
        table.add_column(heading, justify="right")
    for name in _SHOWN:
        figure = run.summary.overall.get(name)
        if figure is not None:
            metric = METRICS[name]
            table.add_row(metric.label, shown(figure, metric), bounds(figure, metric), str(figure.n))
    console.print(table)
    aside.print(Text(f"report: {out / 'report.html'}", "dim"))


def show_comparison(comparison: Comparison) -> None:
    """Print every figure of both runs, and the questions that flipped."""
    console, aside = _consoles()
    if comparison.left_out:
        aside.print(
            Text(f"{comparison.left_out} questions are in one of the runs only, and are left out", "yellow")
        )
    for note in comparison.notes:
        aside.print(Text(note, "yellow"))
    table = Table(box=None, pad_edge=False)
    table.add_column("figure")
    for heading in ("A", "B", "B - A", "95% interval", "gained", "lost", "p", "n"):
        table.add_column(heading, justify="right")
    for row in comparison.rows:
        metric = METRICS[row.metric]
        colour = {None: "", True: "green", False: "red"}[better(row)]
        table.add_row(
            metric.label,
            shown(Figure(row.a, None, None, 0), metric),
            shown(Figure(row.b, None, None, 0), metric),
            Text(_signed(row.difference.value, metric.unit), colour),
            f"{_signed(row.difference.low, metric.unit)} to {_signed(row.difference.high, metric.unit)}",
            "" if row.gained is None else str(row.gained),
            "" if row.lost is None else str(row.lost),
            "" if row.p is None else f"{row.p:.3f}",
            str(row.difference.n),
        )
    console.print(table)
    for flip in comparison.flips[:_MOST_FLIPS]:
        sign, colour = ("+", "green") if flip.gained else ("-", "red")
        became = f"{flip.outcome_a or ''} → {flip.outcome_b or ''}"
        console.print(Text(f"{sign} {printable(flip.id)}  {became}  {printable(flip.question)}", colour))
    if len(comparison.flips) > _MOST_FLIPS:
        console.print(f"… and {len(comparison.flips) - _MOST_FLIPS} more: --json has them all")
    aside.print(
        Text("p: exact McNemar, each figure on its own; of twenty figures one is below 0.05 by chance", "dim")
    )


def _signed(value: float, unit: str) -> str:
    return f"{100 * value:+.1f}" if unit == "share" else f"{value:+.2f}"


def _consoles() -> tuple[Console, Console]:
    data = Console(highlight=False, soft_wrap=True)
    if not data.is_terminal:
        data.width = _FILE_WIDTH  # a file has no right edge that tables would have to keep to
    return data, Console(stderr=True, highlight=False, soft_wrap=True)
